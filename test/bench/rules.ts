/**
 * Rules, each part on its own:
 *
 * - replay: one rule over `--days` of one device at 1 Hz, sealed in Parquet, from the question to its answer out of the
 *   query thread. The peer is the same question as SQL, put to DuckDB on the same files with the same limits; it has to find
 *   as many alarms.
 * - engine: 1,000 devices that send five parameters each second, with 100 rules that each apply to all, in a process of its
 *   own; and the memory of 10,000 rule instances. The peer is json-rules-engine with plain limits and groups, which is what it
 *   knows, beside the engine with the same; both have to find as many transitions.
 * - alarms: from a sample to its alarm on the event stream, of the whole appliance while 1,000 devices send; with 100 rules
 *   and, for comparison, with one; the sample on the same stream is the peer.
 * - trips: what the API takes to answer while 1,000 devices trip within one second; the peer is the same with the same
 *   messages when none trips.
 *
 *   npm run --silent bench:rules -- [--runs 5] [--part replay,engine,alarms,trips] [--days 30] [--seconds 60]
 *
 * JSON goes to stdout, the progress to stderr. `core_percent` is processor time as a share of one core, what making the
 * samples takes not counted.
 */
import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Figures } from './flood.ts';
import { describeMachine, describeVersions, type ScenarioResult, summarise } from './results.ts';
import { measureAlarms } from './rules/alarm-latency.ts';
import { measureReplay } from './rules/replay.ts';
import { measureTrips } from './rules/trips.ts';

const PARTS = ['replay', 'engine', 'alarms', 'trips'];
/** Devices and rules: what the engine has to carry, and ten thousand instances. */
const PLANTS = [
  { name: '1,000 devices, 100 rules', devices: 1_000, rules: 100 },
  { name: '10,000 instances', devices: 100, rules: 100 },
] as const;

const say = (text: string) => process.stderr.write(`${text}\n`);

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    part: { type: 'string', default: PARTS.join(',') },
    days: { type: 'string', default: '30' },
    seconds: { type: 'string', default: '60' },
  },
});
const [runs, days, seconds] = [values.runs, values.days, values.seconds].map(Number) as [number, number, number];
if (!(runs >= 1 && days >= 1 && seconds >= 1))
  throw new Error('--runs, --days and --seconds take numbers of 1 and above');
const parts = values.part.split(',');

function engineRun(program: string, ...args: readonly (string | number)[]): Figures {
  const file = join(import.meta.dirname, 'rules', program);
  return JSON.parse(execFileSync(process.execPath, ['--expose-gc', file, ...args.map(String)], { encoding: 'utf8' }));
}

/** The engine and its peer in turn. */
function comparePlain(devices: number, rules: number): { readonly ours: Figures; readonly peer: Figures } {
  const ours = engineRun('engine-process.ts', devices, rules, Math.ceil(seconds / 6), 'plain');
  const peer = engineRun('engine-peer-process.ts', devices, rules, Math.ceil(seconds / 6));
  if (ours.transitions !== peer.transitions) {
    throw new Error(`the engine finds ${ours.transitions} transitions, its peer ${peer.transitions}`);
  }
  return { ours, peer };
}

const startedAt = new Date().toISOString();
const loadAverageBefore = loadavg();
const results: ScenarioResult[] = [];
if (parts.includes('replay')) {
  for (const { subject, runs: list } of await measureReplay({ days, parameters: 5, runs }, say)) {
    results.push(summarise('replay', subject, list));
  }
}
if (parts.includes('engine')) {
  for (const { name, devices, rules } of PLANTS) {
    const list = Array.from({ length: runs }, () => engineRun('engine-process.ts', devices, rules, seconds));
    say(`${name}: ${list.map(({ core_percent: percent }) => percent).join(', ')} % of a core`);
    results.push(summarise('engine', name, list));
  }
  const { devices, rules } = PLANTS[0];
  const pairs = Array.from({ length: runs }, () => comparePlain(devices, rules));
  say(`plain rules: ${pairs.map(({ ours, peer }) => `${ours.core_percent} (peer ${peer.core_percent})`).join(', ')} %`);
  for (const [name, side] of [
    ['plain rules', 'ours'],
    ['plain rules on json-rules-engine', 'peer'],
  ] as const) {
    results.push(
      summarise(
        'engine',
        name,
        pairs.map((pair) => pair[side]),
      ),
    );
  }
}
if (parts.includes('alarms')) {
  for (const rules of [1, 100]) {
    const list: Figures[] = [];
    for (let run = 0; run < runs; run++) list.push(await measureAlarms(seconds / 3, { devices: 1_000, rules }));
    say(`alarms with ${rules} rules: p99 ${list.map(({ alarm_p99_ms: ms }) => ms).join(', ')} ms`);
    results.push(summarise('alarms', `1,000 devices, ${rules} rules`, list));
  }
}
if (parts.includes('trips')) {
  const list = await measureTrips(1_000, runs);
  say(`the API while 1,000 devices trip: at most ${list.map(({ trips_api_max_ms: ms }) => ms).join(', ')} ms`);
  results.push(summarise('trips', '1,000 devices trip within a second', list));
}
const report = {
  started_at: startedAt,
  machine: { ...describeMachine(), load_average_before: loadAverageBefore },
  versions: describeVersions(null),
  runs,
  days,
  seconds,
  results,
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
