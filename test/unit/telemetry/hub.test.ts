import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLiveHub, type ValuesEvent } from '../../../src/telemetry/hub.ts';
import { createLiveState, type LiveDevice } from '../../../src/telemetry/live.ts';

/** A hub with one factory, two devices and a clock that the test moves. */
function createWorld(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let now = 1_000_000;
  const state = createLiveState();
  const hub = createLiveHub(state, { now: () => now });
  const devices = ['A', 'B'].map((key) => {
    const device = state.addDevice(1, key);
    state.addSeries(device, key.charCodeAt(0), 'x', 'number');
    return device;
  });
  let version = 0;
  const commit = (values: Partial<Record<'A' | 'B', number>>) => {
    version++;
    const touched = new Set<LiveDevice>();
    for (const [key, value] of Object.entries(values)) {
      const device = devices.find((candidate) => candidate.key === key);
      const series = device?.series.get('x');
      if (device === undefined || series === undefined) continue;
      Object.assign(series, { value, ts: now, version });
      device.version = version;
      touched.add(device);
    }
    hub.touched(touched);
  };
  const wait = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 10) {
      now += 10;
      t.mock.timers.tick(10);
    }
  };
  return { hub, commit, wait };
}

const shown = (events: readonly ValuesEvent[]) =>
  events.map(({ device, values }) => `${device.key}=${values[0]?.value}`);

test('the first change of a device is sent at once, and of a flood the newest, four times a second', (t) => {
  const { hub, commit, wait } = createWorld(t);
  const events: ValuesEvent[] = [];
  hub.subscribe(1, (event) => events.push(event));
  commit({ A: 1 });
  wait(10);
  assert.deepEqual(shown(events), ['A=1']);
  for (let n = 2; n <= 1_000; n++) {
    commit({ A: n });
    wait(10);
  }
  assert.ok(events.length >= 40 && events.length <= 42, `${events.length} events in ten seconds`);
  wait(250);
  assert.equal(shown(events).at(-1), 'A=1000');
});

test('a device that publishes every 250 ms, with jitter, is never held back', (t) => {
  const { hub, commit, wait } = createWorld(t);
  const events: ValuesEvent[] = [];
  hub.subscribe(1, (event) => events.push(event));
  const jitter = [0, 30, -40, 10, 0, -20, 40, -10, -10];
  for (let n = 0; n < 200; n++) {
    commit({ A: n });
    wait(20);
    assert.equal(events.length, n + 1, `message ${n}`);
    wait(230 + (jitter[n % jitter.length] ?? 0));
  }
});

test('whoever comes back with the version of any event gets every change since, of every device', (t) => {
  const { hub, commit, wait } = createWorld(t);
  const events: ValuesEvent[] = [];
  hub.subscribe(1, (event) => events.push(event));
  commit({ A: 1, B: 1 });
  wait(10);
  commit({ A: 2 });
  wait(200);
  commit({ B: 2 });
  wait(50);
  // A=2 has been sent, B=2 is still held back: a client cut off now must get B=2 when it returns.
  const last = events.at(-1);
  assert.deepEqual(shown(events), ['A=1', 'B=1', 'A=2', 'B=2'].slice(0, events.length));
  commit({ B: 3 });
  assert.ok(last !== undefined);
  const missed = shown(hub.since(1, last.seenVersion));
  assert.ok(missed.includes('B=3'), missed.join());
});

test('another factory hears nothing, and one that left neither', (t) => {
  const { hub, commit, wait } = createWorld(t);
  const foreign: ValuesEvent[] = [];
  const own: ValuesEvent[] = [];
  hub.subscribe(2, (event) => foreign.push(event));
  const leave = hub.subscribe(1, (event) => own.push(event));
  commit({ A: 1 });
  wait(10);
  leave();
  commit({ A: 2 });
  wait(500);
  assert.deepEqual([shown(own), shown(foreign)], [['A=1'], []]);
  assert.deepEqual(hub.since(2, 0), []);
});
