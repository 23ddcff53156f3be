import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSeals } from '../../../src/audit/chain.ts';
import { prune } from '../../../src/audit/pruning.ts';
import { createTrail } from '../../../src/audit/trail.ts';
import { auditedStore, entry, SECRET } from '../../support/audit.ts';

const DAY_MS = 86_400_000;

function pruned(
  world: ReturnType<typeof auditedStore>,
  limits: { retention_days: number; max_entries: number },
  isTrusted = true,
) {
  const seals = createSeals(SECRET);
  const trail = createTrail({ seals, clock: world.clock, onFault: () => {} });
  return world.store.system('keep the audit', (sql) =>
    prune(sql, { seals, trail, limits }, isTrusted ? world.clock.now() : null),
  ).removed;
}

const names = (world: ReturnType<typeof auditedStore>) =>
  world.audit.listAll({}, { limit: 500 }).items.map(({ action, target }) => target.name || action);

test('what is too old goes, says so, and what is left still holds', () => {
  using world = auditedStore();
  for (const name of ['old 1', 'old 2']) world.audit.note(entry(name));
  world.clock.advance(10 * DAY_MS);
  for (const name of ['new 1', 'new 2']) world.audit.note(entry(name));
  assert.equal(pruned(world, { retention_days: 5, max_entries: 1_000 }), 3);
  assert.deepEqual(names(world), ['audit.prune', 'new 2', 'new 1']);
  assert.equal(world.audit.listAll({}, { limit: 1 }).items[0]?.content.details?.removed, 3);
  const { faults, firstSeq, lastSeq } = world.verify();
  assert.deepEqual([faults, firstSeq, lastSeq], [[], 4, 6]);
  assert.equal(pruned(world, { retention_days: 5, max_entries: 1_000 }), 0);
});

test('an older beginning than the one that was sealed is found, and so is a later one', () => {
  using world = auditedStore();
  for (const name of ['old 1', 'old 2']) world.audit.note(entry(name));
  world.clock.advance(10 * DAY_MS);
  for (const name of ['new 1', 'new 2']) world.audit.note(entry(name));
  pruned(world, { retention_days: 5, max_entries: 1_000 });
  world.forge((db) => db.exec('delete from audit_entries where seq = 4'));
  const [fault] = world.verify().faults;
  assert.deepEqual([fault?.reason, fault?.fromSeq, fault?.toSeq], ['missing', 4, 4]);
});

test('what is too much goes from the old end, a part at a time', () => {
  using world = auditedStore();
  world.store.system('keep the audit', (sql) => {
    const trail = createTrail({ seals: createSeals(SECRET), clock: world.clock, onFault: () => {} });
    trail.write(
      sql,
      Array.from({ length: 1_999 }, (_, index) => entry(`n${index}`)),
    );
  });
  const limits = { retention_days: 5, max_entries: 1_000 };
  const removed = [pruned(world, limits), pruned(world, limits), pruned(world, limits), pruned(world, limits)];
  assert.deepEqual(removed, [500, 500, 13, 0]);
  const { faults, entries } = world.verify();
  assert.deepEqual([faults, entries], [[], 990]);
});

test('the newest entry stays however old it is, and nothing goes by its age while the clock is in doubt', () => {
  using world = auditedStore();
  world.audit.note(entry('a'));
  world.clock.advance(1_000 * DAY_MS);
  assert.equal(pruned(world, { retention_days: 5, max_entries: 1_000 }, false), 0);
  assert.equal(pruned(world, { retention_days: 5, max_entries: 1_000 }), 1);
  assert.deepEqual(names(world), ['audit.prune', 'a']);
  assert.deepEqual(world.verify().faults, []);
});

test('an audit that was tampered with is kept as it is', () => {
  using world = auditedStore();
  world.audit.note(entry('a'));
  world.clock.advance(1_000 * DAY_MS);
  world.forge((db) => db.exec('update audit_ends set last_seq = 7'));
  assert.equal(pruned(world, { retention_days: 5, max_entries: 1_000 }), 0);
});

test('by mistake, too, nothing that is in the audit is changed or removed', () => {
  using world = auditedStore();
  world.audit.note(entry('a'));
  const run = (sql: string) => () => world.store.system('keep the audit', (db) => db.run(sql));
  assert.throws(run("update main.audit_entries set action = 'x'"), /not changed/);
  assert.throws(run('delete from main.audit_entries'), /stays/);
  assert.deepEqual(world.verify().faults, []);
});
