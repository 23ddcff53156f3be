import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';

// The clock of the page counts on a document, and ticks for as long as the page is open.
Object.assign(globalThis, { document: { hidden: false, addEventListener: () => {} } });
mock.timers.enable({ apis: ['setInterval'] });
const { forgetHistory } = await import('../../../../ui/charts/history.ts');
const { createTrendModel } = await import('../../../../ui/charts/trend-model.ts');
const { createView } = await import('../../../../ui/charts/view.ts');
mock.timers.reset();

const NOW = Date.parse('2026-11-23T14:32:00Z');
const HOUR = 3_600_000;
const YESTERDAY = { kind: 'absolute', from: NOW - 30 * HOUR, to: NOW - 29 * HOUR } as const;
const LIVE = { kind: 'relative', spanMs: HOUR } as const;
const SERIES = {
  deviceId: 'd',
  deviceName: 'Press',
  parameter: 'p',
  kind: 'number',
  label: 'p',
  unit: null,
  decimals: null,
  lowLimit: null,
  highLimit: null,
  conversion: undefined,
  sentUnit: null,
} as const;

/** Lets answers arrive, which take some turns of the event loop. */
async function settle() {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

/** A model over an appliance that has these samples (ms); its answers wait for `line.open`. */
function testModel(context: TestContext, range: Parameters<typeof createView>[0]['range'], stored: number[]) {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW });
  forgetHistory();
  const line = { open: Promise.resolve(), asked: 0 };
  context.mock.method(globalThis, 'fetch', async (url: string) => {
    line.asked++;
    const query = new URL(url, 'http://x').searchParams;
    const [from, to] = [Date.parse(query.get('from') ?? ''), Date.parse(query.get('to') ?? '')];
    const points = stored
      .filter((t) => t >= from && t < to)
      .map((t) => ({ t: new Date(t).toISOString(), value: t - NOW }));
    await line.open;
    return Response.json({ interval: 'raw', next_cursor: null, series: [{ parameter: 'p', points }] });
  });
  const now = () => Date.now();
  const view = createView({ range, now, timezone: () => 'UTC', onRange: () => {} });
  const model = createTrendModel({ view, now });
  model.setSeries([SERIES]);
  const load = async () => {
    model.load(true);
    context.mock.timers.tick(1);
    await settle();
  };
  return { model, line, load, times: () => model.trackOf(SERIES)?.t.map((t) => (t - NOW) / 1_000) };
}

test('a past that was looked at is still whole after the chart was live', async (context) => {
  const past = Array.from({ length: 1_000 }, (_, place) => YESTERDAY.from + place * 1_000);
  const { model, line, load, times } = testModel(context, YESTERDAY, past);
  await load();
  model.view.take(LIVE);
  model.takeLive('d', 'p', NOW, 1);
  model.tick();
  model.view.take(YESTERDAY);
  await load();
  assert.equal(line.asked, 1, 'the second time it is known');
  assert.equal(times()?.length, 1_000);
});

test('what comes while history is fetched is not lost with its answer', async (context) => {
  const { model, line, load, times } = testModel(context, LIVE, [NOW - 5_000]);
  await load();
  const answer = Promise.withResolvers<void>();
  line.open = answer.promise;
  await load();
  model.takeLive('d', 'p', NOW - 1_000, 7);
  model.takeLive('d', 'other', NOW - 1_000, 7);
  answer.resolve();
  await settle();
  assert.deepEqual(times(), [-5, -1]);
});

test('samples that a device sends late are fetched, all at once', async (context) => {
  const stored = [NOW - 200_000, NOW - 1_000];
  const { model, line, load, times } = testModel(context, LIVE, stored);
  await load();
  stored.splice(1, 0, NOW - 160_000, NOW - 150_000);
  for (const t of [NOW - 160_000, NOW - 150_000]) model.takeLive('d', 'p', t, 1);
  context.mock.timers.tick(2_100);
  context.mock.timers.tick(1);
  await settle();
  assert.deepEqual(times(), [-200, -160, -150, -1]);
  assert.equal(line.asked, 2);
});

test('samples older than the newest, of which the stream says nothing, are there within minutes', async (context) => {
  const stored = [NOW - 1_000];
  const { model, load, times } = testModel(context, LIVE, stored);
  await load();
  stored.unshift(NOW - 160_000);
  context.mock.timers.tick(5 * 60_000);
  await model.refreshEnd();
  context.mock.timers.tick(1);
  await settle();
  assert.deepEqual(times(), [-160, -1]);
});

test('a hidden tab, in which nobody ticks, does not fill the memory', async (context) => {
  const { model, load, times } = testModel(context, { kind: 'relative', spanMs: 60_000 }, [NOW - 1_000]);
  await load();
  for (let second = 0; second < 5_000; second++) {
    context.mock.timers.tick(1_000);
    model.takeLive('d', 'p', Date.now(), second);
  }
  assert.ok((times()?.length ?? 0) < 1_000, `${times()?.length} samples`);
});

test('what is fetched and what comes live are shown in the units of the series, whatever they are by then', async (context) => {
  const { model, load } = testModel(context, LIVE, [NOW - 3_000, NOW - 1_000]);
  const fahrenheit = { ...SERIES, unit: '°F', conversion: { unit: '°F', scale: 1.8, offset: 32 } };
  await load();
  assert.deepEqual(model.trackOf(fahrenheit)?.y, [-5_368, -1_768]);
  model.takeLive('d', 'p', NOW, 100);
  assert.deepEqual(model.trackOf(fahrenheit)?.y, [-5_368, -1_768, 212], 'before the next tick, too');
  model.tick();
  assert.equal(model.trackOf(fahrenheit), model.trackOf({ ...fahrenheit }), 'made once');
  assert.deepEqual(model.trackOf(fahrenheit)?.y, [-5_368, -1_768, 212]);
  assert.deepEqual(model.trackOf(SERIES)?.y, [-3_000, -1_000, 100]);
  const kelvin = { ...SERIES, unit: 'K', conversion: { unit: 'K', scale: 1, offset: 273 } };
  assert.deepEqual(model.trackOf(kelvin)?.y, [-2_727, -727, 373]);
  assert.deepEqual(model.trackOf(kelvin)?.count, [1, 1, 1], 'counts are no measurements');
});
