import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listOf, portions, shortestInterval } from '../../../../ui/charts/question.ts';
import { moved, serves, surroundings } from '../../../../ui/charts/strip.ts';
import { axisLabels, gutterOf } from '../../../../ui/charts/value-ticks.ts';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-11-23T14:32:00Z');

test('a strip shows much more time than the charts, and none that has not been', () => {
  const strip = surroundings({ from: NOW - HOUR, to: NOW }, NOW);
  assert.deepEqual(strip, { from: NOW - 24 * HOUR, to: NOW });
  const past = surroundings({ from: NOW - 901 * HOUR, to: NOW - 900 * HOUR }, NOW);
  assert.ok(past.to > NOW - 900 * HOUR && past.to < NOW);
});

test('a strip serves until its window leaves it, or fills it, or cannot be seen any more', () => {
  const strip = { from: 0, to: 24 * HOUR };
  assert.equal(serves(strip, { from: 23 * HOUR, to: 24 * HOUR }), true);
  assert.equal(serves(strip, { from: -1, to: HOUR }), false);
  assert.equal(serves(strip, { from: 0, to: 24 * HOUR }), false);
  assert.equal(serves(strip, { from: HOUR, to: HOUR + 60_000 }), false);
});

test('a window keeps its length while it is moved, and stops at the ends of its strip', () => {
  const strip = { from: 0, to: 100_000 };
  const window = { from: 10_000, to: 30_000 };
  assert.deepEqual(moved(window, 'window', 500_000, strip), { from: 80_000, to: 100_000 });
  assert.deepEqual(moved(window, 'window', -500_000, strip), { from: 0, to: 20_000 });
  assert.deepEqual(moved(window, 'start', 90_000, strip), { from: 29_000, to: 30_000 });
  assert.deepEqual(moved(window, 'end', 5_000, strip), { from: 10_000, to: 35_000 });
});

test('the shortest interval is chosen that a chart can show, for each series and for all', () => {
  const interval = (hours: number, series = 1) => shortestInterval({ from: NOW - hours * HOUR, to: NOW }, series);
  assert.deepEqual(
    [interval(24), interval(72), interval(74), interval(24 * 180), interval(24 * 365 * 2)],
    ['1m', '1m', '15m', '1h', '1d'],
  );
  assert.equal(interval(24, 100), '15m');
  assert.equal(interval(24 * 365 * 20), '1w');
});

test('a request carries a hundred parameters at most, and no address that is too long', () => {
  const asked = (count: number, length: number) =>
    portions(
      Array.from({ length: count }, (_, place) => ({ name: `${place}`.padEnd(length, 'é'), kind: 'number' as const })),
    );
  assert.deepEqual(
    asked(250, 3).map((portion) => portion.length),
    [100, 100, 50],
  );
  assert.equal(asked(40, 128).flat().length, 40);
  assert.ok(asked(40, 128).every((portion) => portion.length <= 6));
  assert.equal(listOf(['a,b', 'c']), 'a\\,b,c');
});

test('the value axis has as many decimals as its step needs, and no more digits than fit', () => {
  assert.deepEqual(axisLabels([7.5, 10, 12.5]), ['7.5', '10.0', '12.5']);
  assert.deepEqual(axisLabels([0, 20, 40]), ['0', '20', '40']);
  assert.deepEqual(axisLabels([-0.05, 0, 0.05]), ['-0.05', '0.00', '0.05']);
  assert.deepEqual(axisLabels([0, 500_000, 1_000_000]), ['0', '500K', '1M']);
  assert.deepEqual(axisLabels([10_000_000, 10_000_001]), ['10,000,000', '10,000,001']);
});

test('the value axis is as wide as in every chart, and wider where a number would be cut off', () => {
  assert.equal(gutterOf(['0', '1,000']), gutterOf(null));
  assert.ok(gutterOf(['1.04e300']) > gutterOf(null));
});
