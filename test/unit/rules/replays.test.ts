import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../../src/core/errors.ts';
import type { ReplayOutcome, ReplayTask } from '../../../src/rules/rules.ts';
import { createReplays } from '../../../src/rules/rules.ts';
import { withCode } from '../../support/errors.ts';
import { scopeOf } from '../../support/history-model.ts';
import { watchOf } from '../../support/rules.ts';

const scope = scopeOf(1);
const watch = watchOf({ parameter: 't', operator: 'gt', value: 1 });
const device = (id: string) => ({ id, key: id.toUpperCase(), series: [] });
const asking = (...ids: string[]) => ({ watch, from: 0, to: 1_000, devices: ids.map(device) });
const nothing: ReplayOutcome = { firings: [], isTruncated: false, samples: 1, incomplete: [] };
const firing = {
  raisedAt: 1,
  clearedAt: 2,
  severity: 'high',
  mayBeEarlier: false,
  changes: [
    { at: 1, severity: 'high', parameter: 't', value: 2 },
    { at: 2, severity: null, parameter: 't', value: 0 },
  ],
} as const;

/** Replays whose devices are done when a test says so. */
function world() {
  const asked: {
    task: ReplayTask;
    signal: AbortSignal;
    done: PromiseWithResolvers<ReplayOutcome>;
    fraction: number;
  }[] = [];
  const unreadable: (readonly string[])[] = [];
  let now = 0;
  const replays = createReplays({
    run: (task, signal) => {
      const done = Promise.withResolvers<ReplayOutcome>();
      signal.addEventListener('abort', () => done.reject(new AppError('unavailable', 'cancelled')));
      const one = { task, signal, done, fraction: 0.5 };
      asked.push(one);
      return { outcome: done.promise, fraction: () => one.fraction };
    },
    outages: () => [[1, 2]],
    unreadable: (files) => unreadable.push(files),
    monotonic: () => now,
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const finish = async (outcome: ReplayOutcome = nothing) => {
    asked.at(-1)?.done.resolve(outcome);
    await turn();
  };
  return { replays, asked, unreadable, turn, finish, pass: (ms: number) => (now += ms) };
}

test('devices are replayed one after the other, with progress over all, and what is left of the bounds', async () => {
  const { replays, asked, finish } = world();
  const { id } = replays.start(scope, asking('a', 'b'));
  const look = () => {
    const { status, progress, devices } = replays.get(scope, id);
    return [status, progress, devices.map((each) => each.device.key)];
  };
  assert.deepEqual(look(), ['running', 0.25, []]);
  assert.equal(asked.length, 1);
  await finish({ ...nothing, firings: [firing] });
  assert.deepEqual(look(), ['running', 0.75, ['A']]);
  assert.deepEqual(asked[1]?.task.bounds, { firings: 9_999, changes: 19_998 });
  assert.deepEqual(asked[1]?.task.outages, [[1, 2]]);
  const ended = replays.ended(scope, id);
  await finish();
  assert.equal((await ended).status, 'done');
  assert.deepEqual(look(), ['done', 1, ['A', 'B']]);
});

test('one that is cancelled ends its device and begins no other', async () => {
  const { replays, asked, turn } = world();
  const { id } = replays.start(scope, asking('a', 'b'));
  const ended = replays.ended(scope, id);
  replays.cancel(scope, id);
  assert.equal(asked[0]?.signal.aborted, true);
  assert.equal((await ended).status, 'cancelled');
  await turn();
  assert.equal(asked.length, 1);
});

test('one that fails says why, and has verified what could not be read', async () => {
  const { replays, asked, unreadable } = world();
  const { id } = replays.start(scope, asking('a', 'b'));
  const faults = [{ pointer: 'factories/1/x.parquet', message: 'broken' }];
  asked[0]?.done.reject(new AppError('unreadable', 'cannot be read', { faults }));
  const { status, error, devices } = await replays.ended(scope, id);
  assert.deepEqual([status, error?.code, error?.faults, devices], ['failed', 'unreadable', [], []]);
  assert.deepEqual(unreadable, [['factories/1/x.parquet']]);
});

test('a factory has four replays running, and those of others are none of its business', async () => {
  const { replays, finish } = world();
  const ids = Array.from({ length: 4 }, () => replays.start(scope, asking('a')).id);
  assert.throws(() => replays.start(scope, asking('a')), withCode('too_many'));
  const { id } = replays.start(scopeOf(2), asking('b'));
  assert.throws(() => replays.get(scope, id), withCode('not_found'));
  assert.throws(() => replays.cancel(scope, id), withCode('not_found'));
  replays.cancel(scope, ids[0] ?? '');
  await finish();
  replays.start(scope, asking('a'));
});

test('a replay of more than fifty devices is refused', () => {
  const { replays } = world();
  const many = Array.from({ length: 51 }, (_, place) => `d${place}`);
  assert.throws(() => replays.start(scope, asking(...many)), withCode('invalid_input'));
});

test('what has ended is kept for ten minutes, and the newest thirty-two', async () => {
  const { replays, finish, pass } = world();
  const first = replays.start(scope, asking('a')).id;
  await finish();
  pass(599_000);
  assert.equal(replays.get(scope, first).status, 'done');
  pass(2_000);
  assert.throws(() => replays.get(scope, first), withCode('not_found'));
  const ids: string[] = [];
  for (let count = 0; count < 33; count++) {
    ids.push(replays.start(scope, asking('a')).id);
    await finish();
  }
  assert.throws(() => replays.get(scope, ids[0] ?? ''), withCode('not_found'));
  assert.equal(replays.get(scope, ids[1] ?? '').status, 'done');
});
