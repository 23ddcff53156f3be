import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { openHistoryEngine, writeAnswer } from '../../../src/historian/historian.ts';
import { planHistory } from '../../../src/historian/history-request.ts';
import { openDatabase } from '../../../src/store/sqlite.ts';
import { createQueryPool } from '../../../src/workers/workers.ts';
import { withCode } from '../../support/errors.ts';
import { batchOf, hotHistory, NOW, seriesOf } from '../../support/hot-history.ts';

const LIMITS = { query_threads: 1, query_queue: 2, query_timeout_s: 20 };

const task = planHistory(1, 'Asia/Kolkata', {
  series: [{ seriesId: 1, parameter: 'p1', kind: 'number' }],
  from: NOW,
  to: NOW + 60_000,
  interval: '1m',
});

/** A pool over a database with two samples; `await using` closes it. */
function testPool(limits: Partial<typeof LIMITS> = {}) {
  const hot = hotHistory();
  const samples = [1, 2].map((value) => ({ seriesId: 1, ts: NOW + value, value }));
  hot.writer.commit(batchOf(samples, [seriesOf(1)]));
  const pool = createQueryPool({ place: { hotDb: hot.file }, limits: { ...LIMITS, ...limits } });
  return {
    pool,
    hot,
    [Symbol.asyncDispose]: async () => {
      await pool.close();
      hot[Symbol.dispose]();
    },
  };
}

const POINT = [NOW, 1.5, 1, 2, 2, 1, 2];

test('a query is answered by a thread, and what is committed before it is in the answer', async () => {
  await using world = testPool();
  const answer = await world.pool.run('history', task);
  assert.deepEqual([...(answer.series[0]?.numbers ?? [])], POINT);
  world.hot.writer.commit(batchOf([{ seriesId: 1, ts: NOW + 3, value: 3 }]));
  const next = await world.pool.run('history', task);
  assert.equal(next.series[0]?.numbers[4], 3);
});

test('a thread writes an answer down as it is written anywhere', async () => {
  await using world = testPool();
  for (const format of ['json', 'csv'] as const) {
    const devices = [{ id: '3f0f7f5e-7f0e-4b6f-9f62-0f6e1de0a001', key: 'Öfen' }];
    const form = { format, devices, clockInDoubt: [] };
    const { bytes, nextCursor } = await world.pool.run('history_text', { ...task, form });
    assert.equal(bytes.byteLength, bytes.buffer.byteLength, 'the memory is its own');
    const here = writeAnswer({ ...task, form }, await world.pool.run('history', task));
    assert.deepEqual([Buffer.from(bytes).toString(), nextCursor], [Buffer.from(here.bytes).toString(), null]);
    assert.match(Buffer.from(bytes).toString(), format === 'json' ? /"avg":1.5,/ : /^Öfen,p1,.*,1.5,/m);
  }
});

test('more queries than threads and places in the queue are refused as busy, the others are answered', async () => {
  await using world = testPool();
  const accepted = Array.from({ length: 3 }, () => world.pool.run('history', task));
  assert.deepEqual([world.pool.running, world.pool.waiting], [1, 2]);
  await assert.rejects(world.pool.run('history', task), withCode('busy'));
  assert.equal((await Promise.all(accepted)).length, 3);
  assert.deepEqual([world.pool.running, world.pool.waiting], [0, 0]);
});

test('a query over its time is given up, one that found no thread in time is refused as busy', async () => {
  await using world = testPool({ query_timeout_s: 0.001 });
  const outcomes = [world.pool.run('history', task), world.pool.run('history', task)];
  await Promise.all([
    assert.rejects(outcomes[0] ?? Promise.resolve(), withCode('unavailable')),
    assert.rejects(outcomes[1] ?? Promise.resolve(), withCode('busy')),
  ]);
});

test('aborting rejects at once, running or waiting, and the queries behind are answered', async () => {
  await using world = testPool();
  const controllers = [new AbortController(), new AbortController()];
  const aborted = controllers.map(({ signal }) => world.pool.run('history', task, signal));
  const behind = world.pool.run('history', task);
  for (const controller of controllers) controller.abort();
  assert.deepEqual([world.pool.running, world.pool.waiting], [1, 1], 'the one that waited has left the queue');
  for (const outcome of aborted) await assert.rejects(outcome, withCode('unavailable'));
  assert.deepEqual([...((await behind).series[0]?.numbers ?? [])], POINT);
  await assert.rejects(world.pool.run('history', task, AbortSignal.abort()), withCode('unavailable'));
});

test('a thread that does not notice the abort is ended, and the queries behind it get a new one', async () => {
  await using world = testPool();
  // A lock that is held keeps the thread inside SQLite for five seconds: it cannot look at anything.
  const locked = openDatabase(`${world.hot.file}.locked`, { journal: 'delete' });
  locked.exec('begin exclusive');
  const pool = createQueryPool({ place: { hotDb: locked.name }, limits: LIMITS, cancelGraceMs: 0 });
  const controller = new AbortController();
  const aborted = pool.run('history', task, controller.signal);
  await setTimeout(300);
  controller.abort();
  const behind = pool.run('history', task);
  const failure = assert.rejects(behind, withCode('internal'));
  await assert.rejects(aborted, withCode('unavailable'));
  await setTimeout(50);
  assert.deepEqual([pool.running, pool.waiting], [1, 0], 'the one behind has a thread');
  locked.exec('rollback');
  locked.close();
  // It finds no tables there, but it is answered.
  await failure;
  await pool.close();
});

test('a running query stops when it is cancelled', async () => {
  await using world = testPool();
  const engine = await openHistoryEngine({ hotDb: world.hot.file });
  let asked = 0;
  const cancelled = () => asked++ > 0;
  const long = { ...task, from: NOW - 1_000_000, to: NOW + 1_000_000 };
  world.hot.writer.commit(batchOf([NOW - 600_000, NOW + 600_000].map((ts) => ({ seriesId: 1, ts, value: 1 }))));
  await assert.rejects(engine.query(long, cancelled), withCode('unavailable'));
  assert.equal(asked, 2);
  engine.close();
});

test('an error of a task is its own, and does not end the pool', async () => {
  await using world = testPool();
  await assert.rejects(world.pool.run('history', { ...task, timezone: 'No/Where' }), withCode('internal'));
  assert.equal((await world.pool.run('history', task)).series.length, 1);
});

test('a database that is not there yet fails the query, and the next one tries again', async () => {
  await using world = testPool();
  const missing = createQueryPool({ place: { hotDb: `${world.hot.file}.missing` }, limits: LIMITS });
  await assert.rejects(missing.run('history', task), withCode('internal'));
  await assert.rejects(missing.run('history', task), withCode('internal'));
  await missing.close();
});

test('closing rejects what runs, what waits and what comes', async () => {
  await using world = testPool();
  const outcomes = [world.pool.run('history', task), world.pool.run('history', task)];
  const rejections = outcomes.map((outcome) => assert.rejects(outcome, withCode('unavailable')));
  await world.pool.close();
  await Promise.all(rejections);
  await assert.rejects(world.pool.run('history', task), withCode('unavailable'));
});
