import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { createSeals } from '../../../src/audit/chain.ts';
import { createTrail } from '../../../src/audit/trail.ts';
import { auditedStore, entry, SECRET } from '../../support/audit.ts';

const ROUND_MS = 10_000;
const DAY_MS = 86_400_000;
const LIMITS = { retention_days: 5, max_entries: 1_000 };

test('each round it keeps the head beside the database, and removes what is too old', (context) => {
  context.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  using world = auditedStore();
  world.audit.start(LIMITS);
  world.audit.note(entry('old'));
  world.clock.advance(10 * DAY_MS);
  world.audit.note(entry('new'));
  rmSync(world.headFile);
  context.mock.timers.tick(ROUND_MS);
  assert.match(readFileSync(world.headFile, 'utf8'), /^head 4 /);
  const { items } = world.audit.listAll({}, { limit: 10 });
  assert.deepEqual(
    items.map(({ action, target }) => target.name || action),
    ['audit.prune', 'new'],
  );
  assert.deepEqual(world.verify().faults, []);
});

test('however much is written between two rounds, the next one brings it back to its bound, and so does each after it', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  using world = auditedStore();
  world.audit.start(LIMITS);
  const settled = async () => {
    context.mock.timers.tick(ROUND_MS);
    for (let step = 0; step < 10; step += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      context.mock.timers.tick(20);
    }
  };
  // The first round goes through it, too: nothing is removed meanwhile.
  await settled();
  const trail = createTrail({ seals: createSeals(SECRET), clock: world.clock, onFault: () => {} });
  for (const _ of [1, 2]) {
    world.store.system('keep the audit', (sql) =>
      trail.write(
        sql,
        Array.from({ length: 3_000 }, (_entry, index) => entry(`n${index}`)),
      ),
    );
    await settled();
    const { entries, faults } = world.verify();
    assert.ok(entries >= 990 && entries <= 1_000, String(entries));
    assert.deepEqual(faults, []);
  }
});

test('what was tampered with is logged without anybody asking', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  using world = auditedStore();
  world.audit.start(LIMITS);
  world.audit.note(entry('a'));
  world.forge((db) => db.exec("update audit_entries set actor_name = 'x' where seq = 2"));
  context.mock.timers.tick(ROUND_MS);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(world.found, ['entry 2 is not as it was written']);
});

test('whoever asks while it is gone through gets the same answer, and at the end nobody waits in vain', async () => {
  using world = auditedStore();
  for (let index = 0; index < 250; index += 1) world.audit.note(entry(`n${index}`));
  const [one, other] = await Promise.all([world.audit.verify(), world.audit.verify()]);
  assert.equal(one, other);
  assert.equal(one.entries, 251);
  const waiting = world.audit.verify();
  world.audit.stop();
  await assert.rejects(waiting, /stopping/);
});

test('at the end the head is kept, so that no entry is missed when the database alone is put back', () => {
  using world = auditedStore();
  world.audit.note(entry('a'));
  world.close();
  assert.ok(existsSync(world.headFile));
  assert.match(readFileSync(world.headFile, 'utf8'), /^head 2 /);
});
