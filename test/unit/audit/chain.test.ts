import assert from 'node:assert/strict';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSeals } from '../../../src/audit/chain.ts';
import type { Connection } from '../../../src/store/sqlite.ts';
import { auditedStore, entry } from '../../support/audit.ts';

const ENTRIES = 12;

/** An audit of twelve entries, the first of which says that it begins. */
function filled() {
  const world = auditedStore();
  for (let index = 2; index <= ENTRIES; index += 1) world.audit.note(entry(`act ${index} – ünïcode �`));
  world.close();
  return world;
}

const seqs = fc.integer({ min: 1, max: ENTRIES });

/** Runs a forgery on a fresh copy each time. */
function forged(world: ReturnType<typeof filled>, forge: (db: Connection) => void) {
  copyFileSync(`${world.directory}/as-written.db`, world.file);
  world.forge(forge);
  return world.verify();
}

function original() {
  const world = filled();
  // Into one file, so that a copy is whole.
  world.forge((db) => db.pragma('journal_mode = delete'));
  copyFileSync(world.file, `${world.directory}/as-written.db`);
  return world;
}

test('an audit that nobody has touched is as it was written', () => {
  using world = original();
  const report = world.verify();
  assert.deepEqual(report.faults, []);
  assert.deepEqual([report.entries, report.firstSeq, report.lastSeq], [ENTRIES, 1, ENTRIES]);
});

test('any byte of any entry that is changed is found, at that entry', () => {
  using world = original();
  const texts = [
    ...['id', 'action', 'actor_kind', 'actor_id', 'actor_name', 'address', 'request_id'],
    ...['target_kind', 'target_id', 'target_name', 'content', 'before_hash', 'hash'],
  ];
  fc.assert(
    fc.property(
      seqs,
      fc.constantFrom(...texts),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (seq, column, place, flip) => {
        const { faults } = forged(world, (db) => {
          const bytes = db
            .prepare<[number], Buffer>(`select cast(${column} as blob) from audit_entries where seq = ?`)
            .pluck()
            .get(seq);
          assert.ok(bytes);
          const changed = Buffer.from(bytes.length === 0 ? [flip] : bytes);
          if (bytes.length > 0) changed[place % bytes.length] = (changed[place % bytes.length] ?? 0) ^ flip;
          const type = column.endsWith('hash') ? '?' : 'cast(? as text)';
          // Also what SQLite itself would refuse.
          db.pragma('ignore_check_constraints = on');
          db.prepare(`update audit_entries set ${column} = ${type} where seq = ?`).run(changed, seq);
        });
        assert.equal(faults[0]?.fromSeq, seq);
        assert.equal(faults[0]?.reason, 'altered');
      },
    ),
    { numRuns: 150 },
  );
});

test('a number of an entry that is changed is found, at that entry', () => {
  using world = original();
  fc.assert(
    fc.property(seqs, fc.constantFrom('at', 'factory_id'), fc.integer({ min: -5, max: 5 }), (seq, column, by) => {
      fc.pre(by !== 0);
      const { faults } = forged(world, (db) =>
        db.prepare(`update audit_entries set ${column} = coalesce(${column}, 0) + ? where seq = ?`).run(by, seq),
      );
      assert.deepEqual([faults[0]?.fromSeq, faults[0]?.reason], [seq, 'altered']);
    }),
    { numRuns: 40 },
  );
});

test('entries that are taken out, at either end or between, are named as missing', () => {
  using world = original();
  fc.assert(
    fc.property(seqs, seqs, (one, other) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      const { faults } = forged(world, (db) =>
        db.prepare('delete from audit_entries where seq between ? and ?').run(from, to),
      );
      assert.deepEqual([faults[0]?.fromSeq, faults[0]?.toSeq, faults[0]?.reason], [from, to, 'missing']);
    }),
    { numRuns: 60 },
  );
});

test('two entries that change places are found, at the earlier of them', () => {
  using world = original();
  fc.assert(
    fc.property(seqs, seqs, (one, other) => {
      fc.pre(one !== other);
      const { faults } = forged(world, (db) => {
        const move = db.prepare('update audit_entries set seq = ? where seq = ?');
        for (const [to, from] of [
          [-1, one],
          [one, other],
          [other, -1],
        ])
          move.run(to, from);
      });
      assert.deepEqual([faults[0]?.fromSeq, faults[0]?.reason], [Math.min(one, other), 'altered']);
    }),
    { numRuns: 40 },
  );
});

test('whoever computes the whole chain anew, without the key, is found at the first entry that they touched', () => {
  using world = original();
  const forger = createSeals(Buffer.alloc(32, 8));
  fc.assert(
    fc.property(seqs, (seq) => {
      const { faults } = forged(world, (db) => {
        db.prepare("update audit_entries set action = 'test.other' where seq = ?").run(seq);
        let before = Buffer.alloc(0);
        for (let index = 1; index <= ENTRIES; index += 1) {
          const row = db.prepare('select * from audit_entries where seq = ?').get(index) as Record<string, never>;
          if (index < seq) {
            before = row.hash ?? before;
            continue;
          }
          const fields = {
            ...{ seq: row.seq, id: row.id, at: row.at, factoryId: row.factory_id, factorySlug: row.factory_slug },
            ...{ action: row.action, actorKind: row.actor_kind, actorId: row.actor_id, actorName: row.actor_name },
            ...{ address: row.address, requestId: row.request_id, targetKind: row.target_kind },
            ...{ targetId: row.target_id, targetName: row.target_name, content: row.content },
          } as unknown as Parameters<typeof forger.entry>[1];
          const hash = forger.entry(before, fields);
          db.prepare('update audit_entries set before_hash = ?, hash = ? where seq = ?').run(before, hash, index);
          before = Buffer.from(hash);
        }
        const ends = { firstSeq: 1, beforeHash: Buffer.alloc(0), lastSeq: ENTRIES, lastHash: before };
        db.prepare('update audit_ends set last_hash = ?, seal = ?').run(before, forger.ends(ends));
      });
      assert.deepEqual([faults[0]?.fromSeq, faults[0]?.reason], [seq, 'altered']);
    }),
    { numRuns: 15 },
  );
});

test('an end that is cut off together with the record of where it was is found', () => {
  using world = original();
  fc.assert(
    fc.property(fc.integer({ min: 1, max: ENTRIES - 1 }), fc.boolean(), (count, isOldEnd) => {
      const { faults } = forged(world, (db) => {
        if (isOldEnd) {
          const before = db.prepare('select hash from audit_entries where seq = ?').pluck().get(count);
          db.prepare('delete from audit_entries where seq <= ?').run(count);
          db.prepare('update audit_ends set first_seq = ?, before_hash = ?').run(count + 1, before);
        } else {
          db.prepare('delete from audit_entries where seq > ?').run(count);
          const last = db.prepare('select hash from audit_entries where seq = ?').pluck().get(count);
          db.prepare('update audit_ends set last_seq = ?, last_hash = ?').run(count, last);
        }
      });
      const [first] = faults;
      assert.equal(first?.reason, 'ends_altered');
      // By the file beside the database even how much is missing.
      if (!isOldEnd) assert.ok(faults.some((fault) => fault.reason === 'put_back' && fault.fromSeq === count + 1));
    }),
    { numRuns: 20 },
  );
});

test('an audit of which nothing is left is not one that has never begun', () => {
  using world = original();
  const wiped = forged(world, (db) => {
    db.exec(
      "delete from audit_entries; update audit_ends set first_seq = 1, before_hash = x'', last_seq = 0, last_hash = x'', seal = x''",
    );
  });
  assert.match(wiped.faults[0]?.message ?? '', /^the audit is empty/);
  rmSync(world.headFile);
  assert.deepEqual(
    world.verify().faults.map(({ reason }) => reason),
    ['ends_altered', 'ends_altered'],
    'also without the file beside it',
  );
  world.reopen();
  world.close();
  const again = world.verify();
  assert.deepEqual(
    again.faults.map(({ reason }) => reason),
    ['noted', 'noted'],
    'and the next start does not begin it as if it were the first',
  );
  const gone = forged(world, (db) => db.exec('delete from audit_ends'));
  assert.equal(gone.faults[0]?.reason, 'ends_altered');
});

test('a head that is removed, or is another one, is found, also after the next start', () => {
  using world = original();
  rmSync(world.headFile);
  const [fault, ...more] = world.verify().faults;
  assert.deepEqual([fault?.reason, fault?.toSeq, more.length], ['ends_altered', ENTRIES, 0]);
  assert.match(fault?.message ?? '', /audit\.head/);
  world.reopen();
  world.close();
  assert.deepEqual(
    world.verify().faults.map(({ reason, fromSeq }) => [reason, fromSeq]),
    [['noted', ENTRIES + 1]],
  );
  writeFileSync(world.headFile, `head 1 00 ${'0'.repeat(64)}\n`);
  assert.equal(world.verify().faults[0]?.reason, 'ends_altered');
});

test('entries of an older copy of the database do not hold beside newer ones', () => {
  using world = auditedStore();
  for (const name of ['a', 'b']) world.audit.note(entry(name));
  world.close();
  world.forge((db) => db.pragma('journal_mode = delete'));
  copyFileSync(world.file, `${world.directory}/older.db`);
  const first = world.reopen();
  for (const name of ['c', 'd']) first.audit.note(entry(name));
  world.close();
  const left = world.verify();
  assert.deepEqual([left.lastSeq, left.faults], [5, []]);

  // The database alone is put back: the file beside it knows better.
  world.forge((db) => db.pragma('journal_mode = delete'));
  copyFileSync(`${world.directory}/older.db`, world.file);
  const [older] = world.verify().faults;
  assert.deepEqual([older?.reason, older?.fromSeq, older?.toSeq], ['put_back', 4, 5]);

  // And what is written on from there says so for ever.
  const again = world.reopen();
  assert.match(world.found.join('\n'), /put back to an older copy: it ends with entry 3, and had come to entry 5/);
  for (const name of ['e', 'f', 'g']) again.audit.note(entry(name));
  world.close();
  const [noted] = world.verify().faults;
  assert.deepEqual([noted?.reason, noted?.fromSeq], ['noted', 4]);
});

test('what is cut off while the appliance runs is found with its next act, and its numbers are not given again', () => {
  using world = auditedStore();
  for (const name of ['a', 'b', 'c']) world.audit.note(entry(name));
  world.forge((db) => db.exec('delete from audit_entries where seq > 2'));
  world.audit.note(entry('d'));
  assert.deepEqual(world.found, ['entries 3 to 4 had been cut off the end of the audit']);
  const { faults } = world.verify();
  assert.deepEqual(
    faults.map(({ reason, fromSeq, toSeq }) => [reason, fromSeq, toSeq]),
    [
      ['missing', 3, 4],
      ['noted', 5, 5],
    ],
  );
});

test('a new key of the appliance does not make old entries good', () => {
  using world = original();
  world.reopen(Buffer.alloc(32, 9)).audit.note(entry('under the new key'));
  world.close();
  const { faults } = world.verify();
  assert.ok(faults.length > 0);
  // Neither the entries nor the file beside them are the new key's.
  assert.equal(world.found.length, 2);
});
