import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createPlant, RECORDED_DEVICE, RECORDING_STEP_MS, readRecording } from '../../../src/simulator/simulator.ts';

const FILE = new URL('../../../src/simulator/recording/machine_temperature.csv', import.meta.url);
const ROWS = 22_695;
/** The second pass through 2014-01-07 02:00 to 02:55, after the recorder's clock went back. */
const REPEATED_FROM = 10_149;

/** Names the first row that differs: the difference of two lists of this length would take gigabytes to print. */
function assertSameValues(actual: ArrayLike<unknown>, expected: ArrayLike<unknown>): void {
  assert.equal(actual.length, expected.length);
  const row = Array.from(expected).findIndex((value, index) => actual[index] !== value);
  assert.equal(row, -1, `row ${row} is ${actual[row]}, not ${expected[row]}`);
}

test('the recording keeps all rows in file order, the twelve with colliding stamps included', () => {
  const lines = readFileSync(FILE, 'utf8').trimEnd().split('\n').slice(1);
  const { temperatures } = readRecording();
  assert.equal(temperatures.length, ROWS);
  assertSameValues(
    temperatures,
    lines.map((line) => Number(line.split(',')[1])),
  );
  assert.equal(new Set(lines.map((line) => line.split(',')[0])).size, ROWS - 12, 'the file itself has the trap');
  const firstPass = temperatures.slice(REPEATED_FROM - 12, REPEATED_FROM);
  const secondPass = temperatures.slice(REPEATED_FROM, REPEATED_FROM + 12);
  assert.notDeepEqual([...firstPass], [...secondPass]);
});

test('the labelled anomalies are rows of the recording, about a tenth of it', () => {
  const { anomalies } = readRecording();
  assert.equal(anomalies.length, 4);
  const rows = anomalies.reduce((sum, { firstRow, lastRow }) => sum + lastRow - firstRow + 1, 0);
  assert.equal(rows, 2_268);
});

test('the press plays every row, five minutes apart, at the row given for the instant given', () => {
  const recording = readRecording();
  const at = Date.UTC(2026, 10, 24);
  const [press] = createPlant({ devices: 1, recordingAt: { row: 0, at } }, recording);
  assert.equal(press?.key, RECORDED_DEVICE);
  const played = Array.from({ length: ROWS }, (_, row) => press?.metricsAt(at + row * RECORDING_STEP_MS).temperature);
  assertSameValues(
    played,
    [...recording.temperatures].map((value) => Math.round(value * 100) / 100),
  );
  assert.equal(press?.metricsAt(at + ROWS * RECORDING_STEP_MS).temperature, played[0], 'then it starts again');
  assert.equal(press?.metricsAt(at - RECORDING_STEP_MS).temperature, played.at(-1), 'and ended before');
});

test('a faster playback passes through the same values sooner', () => {
  const at = Date.UTC(2026, 10, 24);
  const [slow] = createPlant({ devices: 1, recordingAt: { row: 500, at } });
  const [fast] = createPlant({ devices: 1, recordingAt: { row: 500, at }, speed: 60 });
  for (let row = 0; row < 200; row++) {
    assert.equal(
      fast?.metricsAt(at + (row * RECORDING_STEP_MS) / 60).temperature,
      slow?.metricsAt(at + row * RECORDING_STEP_MS).temperature,
    );
  }
});

test('the recorded machine is not running while it is cold', () => {
  const recording = readRecording();
  const coldest = recording.temperatures.indexOf(Math.min(...recording.temperatures));
  const [press] = createPlant({ devices: 1, recordingAt: { row: coldest, at: 0 } }, recording);
  assert.deepEqual(
    { state: press?.metricsAt(0).state, running: press?.metricsAt(0).running },
    { state: 'stopped', running: false },
  );
  const hottest = recording.temperatures.indexOf(Math.max(...recording.temperatures));
  const [hot] = createPlant({ devices: 1, recordingAt: { row: hottest, at: 0 } }, recording);
  assert.equal(hot?.metricsAt(0).state, 'running');
});
