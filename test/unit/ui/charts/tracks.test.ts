import assert from 'node:assert/strict';
import { test } from 'node:test';
import { align } from '../../../../ui/charts/align.ts';
import { exponentOf, inUnits } from '../../../../ui/charts/exponent.ts';
import { edgesOf, gapsOf, hatched, isSilentAtEnd } from '../../../../ui/charts/gaps.ts';
import { extentOf, readingAt, runsOf, statisticsOf, valueAxis } from '../../../../ui/charts/reading.ts';
import { addLive, addPoints, copyOf, emptyTrack, replaceEnd, type Track, trim } from '../../../../ui/charts/track.ts';
import { axisLabels } from '../../../../ui/charts/value-ticks.ts';

const MINUTE = 60_000;
const iso = (ms: number) => new Date(ms).toISOString();

/** Single samples of a number, at these moments (ms); each value is its place. */
function samples(times: readonly number[]): Track {
  const track = emptyTrack('raw', 'number');
  addPoints(
    track,
    times.map((t, value) => ({ t: iso(t), value })),
  );
  return track;
}

/** Minutes of a number; each has 10 samples around its place. */
function minutes(places: readonly number[]): Track {
  const track = emptyTrack('1m', 'number');
  addPoints(
    track,
    places.map((place) => ({
      t: iso(place * MINUTE),
      avg: place,
      min: place - 1,
      max: place + 2,
      count: 10,
      first: place,
      last: place,
    })),
  );
  return track;
}

const every = (step: number, count: number, from = 0) =>
  Array.from({ length: count }, (_, place) => from + place * step);

test('a pause of a few times the usual step is a gap, a late sample is not', () => {
  const times = [...every(1_000, 20), 21_900, ...every(1_000, 20, 60_000)];
  assert.deepEqual(gapsOf(samples(times)), [{ from: 21_900, to: 60_000 }]);
});

test('a series that sends by exception, in bursts, has no gap at each pause', () => {
  const bursts = every(60_000, 20).flatMap((start) => every(500, 8, start));
  assert.deepEqual(gapsOf(samples(bursts)), []);
});

test('a device that came to send more often had no gaps before, and one gap in between is seen', () => {
  const slow = every(30_000, 20);
  const fast = every(1_000, 300, 600_000);
  assert.deepEqual(gapsOf(samples([...slow, ...fast])), []);
  assert.deepEqual(gapsOf(samples([...slow, ...every(1_000, 300, 1_600_000)])), [{ from: 570_000, to: 1_600_000 }]);
});

test('two or three samples alone say nothing of gaps', () => {
  assert.deepEqual(gapsOf(samples([0, 1_000, 900_000])), []);
});

test('a missing interval is a gap from the end of the one before', () => {
  assert.deepEqual(gapsOf(minutes([0, 1, 2, 3, 5, 6, 7])), [{ from: 4 * MINUTE, to: 5 * MINUTE }]);
});

test('a series that sends every five minutes has no gap in every minute', () => {
  assert.deepEqual(gapsOf(minutes([0, 5, 10, 15, 20, 25])), []);
  assert.equal(gapsOf(minutes([0, 5, 10, 15, 20, 25, 90, 95])).length, 1);
});

test('before its first and after its last sample a series has nothing', () => {
  const track = samples(every(1_000, 30, 60_000));
  assert.deepEqual(edgesOf(track, { from: 0, to: 200_000 }), [
    { from: 0, to: 60_000 },
    { from: 89_000, to: 200_000 },
  ]);
  assert.deepEqual(edgesOf(track, { from: 59_000, to: 91_000 }), []);
  assert.deepEqual(edgesOf(samples([]), { from: 0, to: 9 }), [{ from: 0, to: 9 }]);
});

test('time is hatched within any series, but at the edges only where none has anything', () => {
  const short = samples([...every(1_000, 20, 50_000), ...every(1_000, 20, 100_000)]);
  const long = samples(every(1_000, 100, 20_000));
  assert.deepEqual(hatched([short, long], { from: 0, to: 130_000 }), [
    { from: 69_000, to: 100_000 },
    { from: 0, to: 20_000 },
    { from: 119_000, to: 130_000 },
  ]);
});

test('tracks of different steps share one axis: undefined where the line goes on, null where it breaks', () => {
  const [x, ...y] = align([samples([0, 10, 20, 30, 100, 110]), samples([5, 20])]);
  assert.deepEqual([...x], [0, 5, 10, 20, 30, 65, 100, 110]);
  assert.deepEqual([...(y[0] ?? [])], [0, undefined, 1, 2, 3, null, 4, 5]);
  assert.deepEqual([...(y[1] ?? [])], [undefined, 0, undefined, 1, undefined, undefined, undefined, undefined]);
});

test('a live sample goes to the end, an old one and one twice do not', () => {
  const track = samples([0, 1_000]);
  assert.equal(addLive(track, 2_000, 7), true);
  assert.equal(addLive(track, 2_000, 8), false);
  assert.equal(addLive(track, 1_500, 8), false);
  assert.equal(addLive(track, 3_000, 'a state'), false);
  assert.deepEqual(
    [track.t, track.y],
    [
      [0, 1_000, 2_000],
      [0, 1, 7],
    ],
  );
});

test('a live sample changes the interval that is under way, and begins the next', () => {
  const track = minutes([1]);
  addLive(track, MINUTE + 30_000, 12);
  assert.deepEqual([track.y, track.low, track.high, track.count], [[2], [0], [12], [11]]);
  addLive(track, 3 * MINUTE + 5, 4);
  assert.deepEqual(
    [track.t, track.y, track.count],
    [
      [MINUTE, 3 * MINUTE],
      [2, 4],
      [11, 1],
    ],
  );
});

test('a fresh end replaces what was guessed, and keeps what came after it', () => {
  const track = samples([0, 1_000, 2_000, 9_000]);
  replaceEnd(track, samples([1_000, 1_500, 2_000, 3_000]));
  assert.deepEqual(track.t, [0, 1_000, 1_500, 2_000, 3_000, 9_000]);
  assert.deepEqual(track.y, [0, 0, 1, 2, 3, 3]);
});

test('a track that follows live does not grow for ever', () => {
  const track = samples(every(1_000, 4_000));
  trim(track, 2_000_000);
  assert.equal(track.t[0], 2_000_000);
  assert.equal(track.y.length, track.t.length);
});

test('what is trimmed or added to a copy is still, and not yet, in the original', () => {
  const original = samples([0, 1_000, 2_000]);
  const copy = copyOf(original);
  trim(copy, 1_500);
  addLive(copy, 3_000, 3);
  assert.deepEqual(original.t, [0, 1_000, 2_000]);
});

test('points of another kind, from before a reset, are left out', () => {
  const track = emptyTrack('raw', 'number');
  addPoints(track, [
    { t: iso(0), value: 1 },
    { t: iso(1_000), value: 'idle' },
  ]);
  assert.deepEqual(track.y, [1]);
});

test('the nearest number is read, the state that holds, and nothing in a gap', () => {
  const track = samples([0, 1_000, 2_000, 3_000, 4_000, 60_000]);
  const gaps = gapsOf(track);
  assert.equal(readingAt(track, 1_400, gaps, 500)?.value, 1);
  assert.equal(readingAt(track, 1_600, gaps, 500)?.value, 2);
  assert.equal(readingAt(track, 30_000, gaps, 500), undefined);
  assert.equal(readingAt(track, 70_000, gaps, 500), undefined);
  const states = emptyTrack('raw', 'state');
  addPoints(states, [
    { t: iso(0), value: 'idle' },
    { t: iso(9_000), value: 'running' },
  ]);
  assert.equal(readingAt(states, 8_000, [], 1)?.value, 'idle');
  assert.equal(readingAt(states, 99_000, [], 1)?.value, 'running');
});

test('intervals count by their samples', () => {
  const track = minutes([0, 1, 2, 4, 5]);
  track.count[1] = 30;
  assert.deepEqual(statisticsOf(track, { from: 0, to: 4 * MINUTE }), {
    min: -1,
    average: (0 * 10 + 1 * 30 + 2 * 10 + 4 * 10) / 60,
    max: 6,
    samples: 60,
    gaps: 1,
  });
  assert.equal(statisticsOf(track, { from: 10 * MINUTE, to: 11 * MINUTE }).average, undefined);
});

test('the axis holds the envelope, and a limit where it does not flatten the data', () => {
  const extent = extentOf([minutes([0, 1, 2])], { from: MINUTE, to: 2 * MINUTE });
  assert.deepEqual(extent, [-1, 4]);
  const [low, high] = valueAxis([0, 10], [20, 1_000]);
  assert.ok(low < 0 && high > 20 && high < 25);
  assert.deepEqual(valueAxis([0, 0], []), [-0.5, 0.5]);
  assert.equal(valueAxis(undefined, []).length, 2);
});

test('a state lasts until the next, a gap, or the end', () => {
  const track = emptyTrack('raw', 'state');
  const states = ['a', 'a', 'b', 'b', 'a'];
  addPoints(
    track,
    states.map((value, place) => ({ t: iso(place * 10), value })),
  );
  assert.deepEqual(runsOf(track, [{ from: 30, to: 40 }], 55), [
    { from: 0, to: 20, state: 'a' },
    { from: 20, to: 30, state: 'b' },
    { from: 40, to: 55, state: 'a' },
  ]);
});

test('a device that pauses after a burst is not silent yet, one that has stopped is', () => {
  const burst = samples(every(200, 5));
  assert.equal(isSilentAtEnd(burst, { from: -60_000, to: 3_800 }), false);
  assert.equal(isSilentAtEnd(burst, { from: -60_000, to: 60_000 }), true);
  const slow = samples(every(60_000, 20));
  assert.equal(isSilentAtEnd(slow, { from: 0, to: 19 * 60_000 + 90_000 }), false);
  assert.equal(isSilentAtEnd(samples([]), { from: 0, to: 60_000 }), false);
});

test('the largest numbers there are have a drawing and labels', () => {
  const track = emptyTrack('raw', 'number');
  addPoints(track, [
    { t: iso(0), value: -1.7e308 },
    { t: iso(1_000), value: 1.7e308 },
  ]);
  const content = {
    window: { from: 0, to: 1_000 },
    lines: [{ track, place: 0 }],
    limits: [{ value: 1e308, label: 'high', side: 'high' as const }],
  };
  const exponent = exponentOf(content);
  assert.equal(exponent, 308);
  const { lines, limits } = inUnits(content, exponent);
  assert.deepEqual(lines[0]?.track.y, [-1.7, 1.7]);
  assert.equal(limits[0]?.value, 1);
  assert.deepEqual(axisLabels([-1.5, 0, 1.5], exponent), ['-1.5e308', '0', '1.5e308']);
});

test('ordinary numbers are drawn as they are', () => {
  const content = { window: { from: 0, to: 60_000 }, lines: [{ track: samples([0, 1_000]), place: 0 }], limits: [] };
  assert.equal(exponentOf(content), 0);
  assert.equal(inUnits(content, 0), content);
  assert.equal(exponentOf({ ...content, lines: [] }), 0);
});
