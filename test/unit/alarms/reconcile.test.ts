import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Change, type Occurrence, reconcile } from '../../../src/alarms/reconcile.ts';
import type { Severity, Transition } from '../../../src/rules/rules.ts';

const at = (ms: number, severity: Severity | null): Transition => ({ at: ms, severity, parameter: 'p', value: ms });

interface Recorded extends Occurrence {
  isWithdrawn: boolean;
}

/** The rows of one rule on one device, as `record` keeps them. */
function book() {
  let rows: Recorded[] = [];
  let ids = 0;
  const settle = (row: Recorded) => row;
  return {
    rows: () => rows,
    history: () =>
      rows
        .filter(({ isWithdrawn }) => !isWithdrawn)
        .flatMap(({ course }) => course)
        .toSorted((one, other) => one.at - other.at),
    apply: (since: number, until: number, transitions: readonly Transition[]): Change[] => {
      const known = rows
        .filter(({ isWithdrawn, course }) => {
          const last = course.at(-1);
          return !isWithdrawn && (last?.severity !== null || last.at > since);
        })
        .toSorted((one, other) => (one.course[0]?.at ?? 0) - (other.course[0]?.at ?? 0));
      const changes = reconcile(known, { since, until, transitions });
      for (const change of changes) {
        if (change.kind === 'raised') {
          rows.push({ id: `${ids++}`, course: change.course, courseSince: null, isSettled: false, isWithdrawn: false });
        } else {
          rows = rows.map((row) => {
            if (row.id !== change.id) return row;
            return settle(
              change.kind === 'withdrawn' ? { ...row, isWithdrawn: true } : { ...row, course: change.course },
            );
          });
        }
        const open = rows.filter(({ isWithdrawn, course }) => !isWithdrawn && course.at(-1)?.severity !== null);
        assert.ok(open.length <= 1, 'two alarms are open at once');
      }
      return changes;
    },
  };
}

const SEVERITY = fc.constantFrom<(Severity | null)[]>('low', 'high', null);

/** A history of one rule on one device: what it says is each time something else. */
const HISTORY = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), SEVERITY), { maxLength: 14 }).map((steps) => {
  const seen: Transition[] = [];
  for (const [ms, severity] of steps.toSorted(([one], [other]) => one - other)) {
    const last = seen.at(-1);
    if (last?.at === ms || (last?.severity ?? null) === severity) continue;
    seen.push(at(ms, severity));
  }
  return seen;
});

const within = (history: readonly Transition[], since: number, until: number) =>
  history.filter((transition) => transition.at > since && transition.at <= until);
const plain = (history: readonly Transition[]) => history.map(({ at: ms, severity }) => [ms, severity]);

test('what is recorded is always what the last reports say, however the past was corrected', () => {
  const run = fc.array(fc.tuple(HISTORY, fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 40 })), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(run, (reports) => {
      const kept = book();
      let reached = 0;
      let truth: readonly Transition[] = [];
      for (const [next, from, to] of reports) {
        // A fold begins again somewhere, and goes on to where it had been at least.
        const since = Math.min(from, reached);
        const until = Math.max(reached, to, since);
        const before = within(truth, -1, since);
        const state = before.at(-1)?.severity ?? null;
        const fresh: Transition[] = [];
        for (const transition of within(next, since, until)) {
          const last = fresh.length > 0 ? fresh.at(-1)?.severity : state;
          if (transition.severity !== last) fresh.push(transition);
        }
        truth = [...before, ...fresh];
        reached = until;
        kept.apply(since, until, fresh);
        assert.deepEqual(plain(kept.history()), plain(truth));
        assert.deepEqual(kept.apply(since, until, fresh), [], 'the same report again changes nothing');
      }
    }),
    { numRuns: 2_000 },
  );
});

test('whatever reports say, alarms do not overlap, never two are open, and a repetition changes nothing', () => {
  const wild = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 }), HISTORY), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(wild, (reports) => {
      const kept = book();
      for (const [since, length, history] of reports) {
        const transitions = within(history, since, since + length);
        kept.apply(since, since + length, transitions);
        assert.deepEqual(kept.apply(since, since + length, transitions), []);
        let last: number | null = null;
        let severity: Severity | null = null;
        for (const transition of kept.history()) {
          assert.ok(last === null || transition.at >= last);
          assert.notEqual(transition.severity, severity);
          ({ at: last, severity } = transition);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a span told in pieces is the same as the span told at once', () => {
  fc.assert(
    fc.property(HISTORY, fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 6 }), (history, cuts) => {
      const [whole, pieces] = [book(), book()];
      whole.apply(0, 41, history);
      let since = 0;
      for (const until of [...cuts.toSorted((one, other) => one - other), 41]) {
        pieces.apply(since, until, within(history, since, until));
        since = until;
      }
      assert.deepEqual(plain(pieces.history()), plain(whole.history()));
      assert.equal(pieces.rows().length, whole.rows().length);
    }),
  );
});

const occurrence = (id: string, ...course: Transition[]): Occurrence => ({
  id,
  course,
  courseSince: null,
  isSettled: false,
});
const report = (since: number, until: number, ...transitions: Transition[]) => ({ since, until, transitions });

test('an alarm goes on where the last report left it', () => {
  const first = reconcile([], report(0, 5, at(3, 'low')));
  assert.deepEqual(first, [{ kind: 'raised', course: [at(3, 'low')], wasMissed: false }]);
  const [change] = reconcile([occurrence('a', at(3, 'low'))], report(5, 10, at(6, 'high'), at(8, null)));
  assert.deepEqual(change, {
    kind: 'altered',
    id: 'a',
    course: [at(3, 'low'), at(6, 'high'), at(8, null)],
    steps: [
      { kind: 'severity_changed', transition: at(6, 'high') },
      { kind: 'cleared', transition: at(8, null) },
    ],
  });
});

test('an alarm that had been raised earlier, and has cleared meanwhile, is told so in both', () => {
  const [change] = reconcile([occurrence('a', at(5, 'low'))], report(0, 10, at(4, 'low'), at(9, null)));
  assert.deepEqual(change?.kind === 'altered' && change.steps, [
    { kind: 'raise_moved', was: 5, now: 4 },
    { kind: 'cleared', transition: at(9, null) },
  ]);
});

test('two alarms that were one are one: the other is withdrawn into it', () => {
  const known = [occurrence('a', at(1, 'low'), at(5, null)), occurrence('b', at(7, 'low'))];
  assert.deepEqual(reconcile(known, report(0, 10, at(1, 'low'))), [
    { kind: 'withdrawn', id: 'b', into: 'a' },
    {
      kind: 'altered',
      id: 'a',
      course: [at(1, 'low')],
      steps: [{ kind: 'course_changed', was: [at(5, null)], now: [] }],
    },
  ]);
});

test('one alarm that was two is cut, and the second is one that had been missed', () => {
  const known = [occurrence('a', at(1, 'low'), at(9, null))];
  const changes = reconcile(known, report(0, 10, at(1, 'low'), at(5, null), at(7, 'low'), at(9, null)));
  assert.deepEqual(
    changes.map(({ kind }) => kind),
    ['altered', 'raised'],
  );
  assert.equal(changes[1]?.kind === 'raised' && changes[1].wasMissed, true);
});

test('one that had not happened is withdrawn', () => {
  assert.deepEqual(reconcile([occurrence('a', at(5, 'low'), at(6, null))], report(0, 10)), [
    { kind: 'withdrawn', id: 'a', into: null },
  ]);
});

test('what came to an end otherwise is not changed, and not raised again', () => {
  const settled = { ...occurrence('a', at(5, 'low'), at(6, null)), isSettled: true };
  assert.deepEqual(reconcile([settled], report(0, 10)), []);
  assert.deepEqual(reconcile([settled], report(0, 10, at(5, 'low'))), []);
  assert.equal(reconcile([settled], report(0, 10, at(7, 'low')))[0]?.kind, 'raised');
});

test('what was raised after such an end stays, though the rule knows nothing of that end', () => {
  const settled = { ...occurrence('a', at(5, 'low')), isSettled: true };
  const next = occurrence('b', at(7, 'low'));
  assert.deepEqual(reconcile([settled, next], report(0, 10, at(5, 'low'))), []);
  const cleared = at(9, null);
  assert.deepEqual(reconcile([settled, next], report(0, 10, at(5, 'low'), cleared)), [
    {
      kind: 'altered',
      id: 'b',
      course: [at(7, 'low'), cleared],
      steps: [{ kind: 'cleared', transition: cleared }],
    },
  ]);
  const worse = [at(5, 'low'), at(6, 'high')] as const;
  assert.deepEqual(reconcile([settled, occurrence('b', at(7, 'high'))], report(0, 10, ...worse)), []);
});

test('what is no longer in the course of an alarm is not told again', () => {
  const long = { ...occurrence('a', at(1, 'low'), at(9, 'high')), courseSince: 8 };
  assert.deepEqual(reconcile([long], report(0, 10, at(1, 'low'), at(4, 'high'), at(8, 'low'), at(9, 'high'))), []);
});
