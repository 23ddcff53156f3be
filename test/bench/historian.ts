/**
 * The historian beside InfluxDB 1.x and VictoriaMetrics: the same telemetry into each, what it takes on disk when
 * nothing changes any more, how fast it goes in, how soon questions are answered over HTTP, and memory.
 *
 *   npm run --silent bench:historian -- [--runs 3] [--scale 1] [--set walks,skab,month,noise]
 *     [--subject factoryops,influxdb,victoria-metrics] [--skab directory]
 *
 * JSON goes to stdout, a table to stderr. The telemetry is made, and the questions are put, by this process, on the
 * same machine. Peers are Debian's packages `influxdb` and `victoria-metrics`; one that is not installed is left out.
 * What goes into FactoryOps and InfluxDB is on disk when it has been acknowledged; VictoriaMetrics flushes at the end.
 */
import { parseArgs } from 'node:util';
import { createTemplate, type Template } from './factoryops.ts';
import type { Figures } from './flood.ts';
import { startAppliance } from './historian/appliance.ts';
import { type DataSet, pointsOf } from './historian/data-set.ts';
import type { HistorianSubject } from './historian/historian-subject.ts';
import { findInfluxDb, startInfluxDb } from './historian/influxdb.ts';
import { month, noise, walks } from './historian/made-up.ts';
import { type Agreed, askAll } from './historian/questions.ts';
import { skab, skabDirectory } from './historian/skab.ts';
import { findVictoriaMetrics, startVictoriaMetrics } from './historian/victoria-metrics.ts';
import { processFigures } from './process-figures.ts';
import { describeMachine, describeVersions, formatTable, type ScenarioResult, summarise } from './results.ts';

const MIB = 1_048_576;
const SETS = ['walks', 'skab', 'month', 'noise'];
const SUBJECTS = ['factoryops', 'influxdb', 'victoria-metrics'];

const say = (text: string) => process.stderr.write(`${text}\n`);

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new Error(`--${name} takes a number above 0, not "${text}"`);
}

/** Names of a list from the command line. @throws {Error} for one that there is not */
function namesOf(option: string, text: string, known: readonly string[]): string[] {
  const names = text.split(',');
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  throw new Error(`--${option} knows ${known.join(', ')}, not "${unknown}"`);
}

function setOf(name: string, directory: string, nowMs: number, scale: number): DataSet | undefined {
  if (name === 'walks') return walks(nowMs, scale);
  if (name === 'month') return month(nowMs, scale);
  if (name === 'noise') return noise(nowMs, scale);
  return skab(directory, nowMs, scale);
}

/** One run of one subject, from an empty directory. */
async function measure(start: () => Promise<HistorianSubject>, set: DataSet, agreed: Agreed): Promise<Figures> {
  await using subject = await start();
  const points = pointsOf(set);
  const peak = () => Math.round(processFigures(subject.pid).peakRssBytes / MIB);
  const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()];
  await subject.load(set);
  const seconds = (performance.now() - startedAt) / 1_000;
  const loader = process.cpuUsage(cpuBefore);
  const cpuSeconds = processFigures(subject.pid).cpuSeconds;
  const loadPeakMib = peak();
  const settled = await subject.settle();
  const [settledPeakMib, settledCpuSeconds] = [peak(), processFigures(subject.pid).cpuSeconds];
  const answers = await askAll(subject, set, agreed);
  return {
    points,
    load_points_per_second: Math.round(points / seconds),
    load_cpu_s_per_million_points: Number(((cpuSeconds * 1e6) / points).toFixed(2)),
    /** Of this process while it made and sent the telemetry: what the subject could not have of the machine. */
    loader_cores: Number(((loader.user + loader.system) / 1e6 / seconds).toFixed(2)),
    settle_s: Number(settled.seconds.toFixed(1)),
    settle_cpu_s: Number((settledCpuSeconds - cpuSeconds).toFixed(1)),
    bytes_per_point: Number((settled.sampleBytes / points).toFixed(3)),
    rollup_bytes_per_point: settled.rollupBytes === null ? null : Number((settled.rollupBytes / points).toFixed(3)),
    directory_bytes_per_point: Number((settled.directoryBytes / points).toFixed(3)),
    files: settled.files,
    ...answers,
    rss_mib: Math.round(processFigures(subject.pid).rssBytes / MIB),
    load_peak_rss_mib: loadPeakMib,
    settled_peak_rss_mib: settledPeakMib,
    peak_rss_mib: peak(),
  };
}

function startersOf(names: readonly string[], template: Template) {
  const [influxDb, victoriaMetrics] = [findInfluxDb(), findVictoriaMetrics()];
  const starters = new Map<string, () => Promise<HistorianSubject>>();
  starters.set('factoryops', () => startAppliance(template));
  if (influxDb !== undefined) starters.set('influxdb', () => startInfluxDb(influxDb.path));
  if (victoriaMetrics !== undefined) {
    starters.set('victoria-metrics', () => startVictoriaMetrics(victoriaMetrics.path));
  }
  for (const name of names.filter((each) => !starters.has(each))) {
    say(`${name} is not installed (apt-get install ${name}): its side of the comparison is skipped`);
  }
  const versions = { influxdb: influxDb?.version ?? null, victoria_metrics: victoriaMetrics?.version ?? null };
  return { starters: [...starters].filter(([name]) => names.includes(name)), versions };
}

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    scale: { type: 'string', default: '1' },
    set: { type: 'string', default: SETS.join(',') },
    subject: { type: 'string', default: SUBJECTS.join(',') },
    skab: { type: 'string' },
  },
});
// Hours of the factory's calendar are then those of the peers.
process.env.TZ = 'UTC';
const runs = Math.ceil(positive('runs', values.runs));
const scale = positive('scale', values.scale);
const directory = skabDirectory(values.skab);
const sets = namesOf('set', values.set, SETS);
using template = createTemplate();
const { starters, versions } = startersOf(namesOf('subject', values.subject, SUBJECTS), template);
const startedAt = new Date().toISOString();
const results: ScenarioResult[] = [];
for (const name of sets) {
  const figures = new Map<string, Figures[]>(starters.map(([subject]) => [subject, []]));
  for (let run = 1; run <= runs; run++) {
    const set = setOf(name, directory, Date.now(), scale);
    if (set === undefined) {
      say('../shared/data/skab is not there: that set is skipped');
      break;
    }
    const agreed: Agreed = new Map();
    // In turn, so that a slow minute of the machine meets all of them.
    for (const [subject, start] of starters) {
      say(`${name}, ${pointsOf(set).toLocaleString('en-US')} points, run ${run} of ${runs}: ${subject}`);
      figures.get(subject)?.push(await measure(start, set, agreed));
    }
  }
  for (const [subject, list] of figures) if (list.length > 0) results.push(summarise(name, subject, list));
}
say(`\n${formatTable(results)}`);
const report = {
  started_at: startedAt,
  machine: describeMachine(),
  versions: { ...describeVersions(null), ...versions },
  runs,
  scale,
  sets: results,
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
