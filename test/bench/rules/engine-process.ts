/**
 * The engine by itself, in a process of its own: so many devices that each send five parameters every second, in commits of
 * ten milliseconds, and so many rules that each apply to all of them. It goes as fast as it can; what counts is processor
 * time. One line of JSON goes to stdout.
 *
 *   node --expose-gc engine-process.ts <devices> <rules> <seconds> [plain]
 *
 * `plain`: only with rules that the peer (`engine-peer-process.ts`) knows as well.
 */
import { createEngine } from '../../../src/rules/engine.ts';
import type { EngineRows } from '../../../src/rules/engine-types.ts';
import type { Report } from '../../../src/rules/transition.ts';
import { PARAMETERS, plainConditions, plantConditions, signalOf, WARM_UP_SECONDS } from './plant.ts';

const [devices = 0, rules = 0, seconds = 0] = process.argv.slice(2).map(Number);
const COMMITS_PER_SECOND = 100;
const START = Date.UTC(2027, 0, 11);
const MIB = 1_048_576;

const heapMib = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / MIB;
};

/** Devices send one after the other within each second, each all of its parameters at once. */
function commitAt(second: number, commit: number): EngineRows {
  const first = Math.floor((commit * devices) / COMMITS_PER_SECOND);
  const last = Math.floor(((commit + 1) * devices) / COMMITS_PER_SECOND);
  const length = (last - first) * PARAMETERS.length;
  const [seriesIds, timestamps, values] = [new Int32Array(length), new Float64Array(length), new Float64Array(length)];
  let row = 0;
  for (let device = first; device < last; device++) {
    for (let parameter = 0; parameter < PARAMETERS.length; parameter++, row++) {
      seriesIds[row] = device * PARAMETERS.length + parameter;
      timestamps[row] = START + second * 1_000 + commit * 10;
      values[row] = signalOf(device, parameter, second);
    }
  }
  return { length, seriesIds, timestamps, values, texts: new Map() };
}

const now = (ms: number) => ({ monotonic: ms, wall: START + ms });
const before = heapMib();
const engine = createEngine({ latenessMs: 120_000, graceMs: 2_000, returnMs: 0, outages: [] });
engine.setFactory({ factoryId: 1, timezone: 'Europe/Berlin' });
for (let device = 0; device < devices; device++) {
  const series = PARAMETERS.map((parameter, place) => ({
    seriesId: device * PARAMETERS.length + place,
    parameter,
    kind: parameter === 'running' ? ('boolean' as const) : ('number' as const),
    newest: null,
  }));
  engine.setDevice({ factoryId: 1, id: `device-${device}`, tags: [], series }, now(0));
}
const isPlain = process.argv[5] === 'plain';
for (const [place, condition] of (isPlain ? plainConditions : plantConditions)(rules).entries()) {
  const watch = {
    severity: 'high',
    condition,
    levels: [],
    cooldown_seconds: isPlain || place % 2 === 0 ? 0 : 60,
    keep_firing_seconds: !isPlain && place % 3 === 0 ? 10 : 0,
    schedule: null,
  } as const;
  engine.setRule({ factoryId: 1, id: `rule-${place}`, version: 1, watch, deviceIds: [], tags: [] }, now(0));
}

let transitions = 0;
/** Kept only for comparison: they tell of a time again when it may have changed. */
const told: Report[] = [];
function hear(): void {
  for (const report of engine.reports()) {
    transitions += report.transitions.length;
    if (isPlain) told.push(report);
  }
}

/** Each once: what a report tells of its time replaces what was told of it before. */
function distinctTransitions(): number {
  const known = new Map<string, number[]>();
  for (const { ruleId, deviceId, since, transitions: list } of told) {
    const key = `${ruleId} ${deviceId}`;
    const before = known.get(key)?.filter((at) => at <= since) ?? [];
    known.set(key, [...before, ...list.map(({ at }) => at)]);
  }
  return [...known.values()].reduce((sum, list) => sum + list.length, 0);
}

function pass(second: number): void {
  for (let commit = 0; commit < COMMITS_PER_SECOND; commit++) {
    const at = now(second * 1_000 + commit * 10);
    engine.take(commitAt(second, commit), at);
    hear();
  }
  engine.passTime(now((second + 1) * 1_000));
  hear();
}

for (let second = 0; second < WARM_UP_SECONDS; second++) pass(second);
const [cpuBefore, startedAt] = [process.cpuUsage(), performance.now()];
for (let second = WARM_UP_SECONDS; second < WARM_UP_SECONDS + seconds; second++) pass(second);
const cpu = process.cpuUsage(cpuBefore);
const elapsed = (performance.now() - startedAt) / 1_000;

// What making the samples takes is not the engine's.
const madeBefore = process.cpuUsage();
let made = 0;
for (let second = 0; second < seconds; second++) {
  for (let commit = 0; commit < COMMITS_PER_SECOND; commit++) made += commitAt(second, commit).length;
}
const making = process.cpuUsage(madeBefore);
const cpuSeconds = (cpu.user + cpu.system - making.user - making.system) / 1e6;
const figures = {
  core_percent: Number(((cpuSeconds * 100) / seconds).toFixed(1)),
  samples_per_second: Math.round(made / elapsed),
  ns_per_evaluation: Math.round((cpuSeconds * 1e9) / (seconds * devices * rules)),
  instances: engine.figures.instances,
  heap_mib: Math.round(heapMib() - before),
  rss_mib: Math.round(process.memoryUsage().rss / MIB),
  transitions: isPlain ? distinctTransitions() : transitions,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
