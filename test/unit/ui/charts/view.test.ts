import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOUR, type TimeRange } from '../../../../ui/charts/range.ts';
import { createView } from '../../../../ui/charts/view.ts';

const NOW = Date.parse('2026-11-23T14:32:00Z');

/** A view of the last hour, and what it has told the page. */
function testView(context: { mock: { timers: { enable(options: object): void } } }) {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW });
  const told: TimeRange[] = [];
  const view = createView({
    range: HOUR,
    now: () => Date.now(),
    timezone: () => 'UTC',
    onRange: (range) => told.push(range),
  });
  return { view, told };
}

test('many small steps are told once, and are one step back', (context) => {
  const { view, told } = testView(context);
  for (let step = 0; step < 5; step++) {
    view.zoom(0.9);
    context.mock.timers.tick(50);
  }
  assert.deepEqual(told, []);
  context.mock.timers.tick(500);
  assert.equal(told.length, 1);
  assert.equal(view.isLive.value, false);
  view.back();
  assert.deepEqual(view.range.value, HOUR);
  assert.equal(view.canGoBack.value, false);
});

test('each drag is a step back of its own', (context) => {
  const { view } = testView(context);
  const first = { from: NOW - 1_000_000, to: NOW - 500_000 };
  view.show(first);
  view.show({ from: NOW - 800_000, to: NOW - 600_000 });
  view.back();
  assert.deepEqual(view.window.value, first);
  view.back();
  assert.deepEqual(view.range.value, HOUR);
  view.back();
  assert.deepEqual(view.range.value, HOUR);
});

test('what the page hands back late does not undo what the hand has done meanwhile', (context) => {
  const { view, told } = testView(context);
  view.pan(-0.5);
  context.mock.timers.tick(500);
  view.pan(-0.5);
  const moved = view.range.value;
  view.take(told[0] ?? HOUR);
  assert.deepEqual(view.range.value, moved);
  context.mock.timers.tick(500);
  assert.deepEqual(told.at(-1), moved);
});

test('a range chosen elsewhere is taken, even one that was told before', (context) => {
  const { view, told } = testView(context);
  view.show({ from: NOW - 5_000, to: NOW });
  context.mock.timers.tick(1);
  view.take(HOUR);
  assert.deepEqual(view.range.value, HOUR);
  assert.equal(view.canGoBack.value, false);
  view.take(told[0] ?? HOUR);
  assert.equal(view.range.value.kind, 'absolute');
});

test('a live view moves with time, one that was zoomed stands still until it is live again', (context) => {
  const { view } = testView(context);
  context.mock.timers.tick(10_000);
  view.tick();
  assert.equal(view.window.value.to, NOW + 10_000);
  view.show({ from: NOW - 60_000, to: NOW });
  context.mock.timers.tick(10_000);
  view.tick();
  assert.equal(view.window.value.to, NOW);
  view.goLive();
  assert.deepEqual(view.range.value, HOUR);
  assert.equal(view.window.value.to, NOW + 20_000);
});
