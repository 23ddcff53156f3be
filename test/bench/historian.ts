/**
 * The historian beside InfluxDB 1.x and VictoriaMetrics: the same telemetry into each, what it takes on disk when
 * nothing changes any more, how fast it goes in, how soon questions are answered over HTTP, and memory.
 *
 *   npm run --silent bench:historian -- [--runs 3] [--scale 1] [--set walks,skab,month,noise,sealing]
 *     [--subject factoryops,influxdb,victoria-metrics] [--question hour,month,wall,walls] [--background-rate 2000]
 *     [--skab directory]
 *
 * JSON goes to stdout, a table and the progress to stderr. The telemetry is made, and the questions are put, by this
 * process, on the same machine. Peers are Debian's packages `influxdb` and `victoria-metrics`; one that is not installed
 * is left out. What goes into FactoryOps and InfluxDB is on disk when it has been acknowledged; VictoriaMetrics flushes
 * at the end.
 *
 * The questions are put twice: when everything is at rest, and (`_under_load_`) while the set's devices go on sending,
 * from a process of its own, `--background-rate` messages a second of one sample and five parameters. FactoryOps takes
 * them as devices send them: by MQTT (QoS 1), a connection for each device, every message durable before its PUBACK.
 * The peers take the same points at the same rate as a collector sends them: by line protocol, a hundred messages in a
 * request (20 requests a second), which is easier for them than a request for each message. InfluxDB answers a request
 * when it is on disk, VictoriaMetrics when it is in memory. `under_load_messages_per_second` is what was acknowledged.
 *
 * Memory is the resident set of the subject's process (mapped files too), the most of each phase by the kernel's own
 * count. `sealing` is of FactoryOps alone: what sealing costs ingest (see `historian/sealing.ts`).
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { createTemplate, type Template } from './factoryops.ts';
import type { Figures } from './flood.ts';
import { startAppliance } from './historian/appliance.ts';
import { type DataSet, pointsOf } from './historian/data-set.ts';
import type { HistorianSubject } from './historian/historian-subject.ts';
import { findInfluxDb, startInfluxDb } from './historian/influxdb.ts';
import { month, noise, walks } from './historian/made-up.ts';
import { measure } from './historian/measure.ts';
import { type Agreed, QUESTIONS } from './historian/questions.ts';
import { measureSealing, type SealingCost } from './historian/sealing.ts';
import { skab, skabDirectory } from './historian/skab.ts';
import { findVictoriaMetrics, startVictoriaMetrics } from './historian/victoria-metrics.ts';
import { describeMachine, describeVersions, formatTable, type ScenarioResult, summarise } from './results.ts';

const SETS = ['walks', 'skab', 'month', 'noise', 'sealing'];
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
    question: { type: 'string', default: QUESTIONS.join(',') },
    'background-rate': { type: 'string', default: '2000' },
    skab: { type: 'string' },
  },
});
// Hours of the factory's calendar are then those of the peers.
process.env.TZ = 'UTC';
const runs = Math.ceil(positive('runs', values.runs));
const scale = positive('scale', values.scale);
const backgroundRate = positive('background-rate', values['background-rate']);
const directory = skabDirectory(values.skab);
const sets = namesOf('set', values.set, SETS);
const questions = namesOf('question', values.question, QUESTIONS);
const subjects = namesOf('subject', values.subject, SUBJECTS);
using template = createTemplate();
const { starters, versions } = startersOf(subjects, template);

/** All runs of all subjects with one set. */
async function compare(name: string): Promise<ScenarioResult[]> {
  const figures = new Map<string, Figures[]>(starters.map(([subject]) => [subject, []]));
  for (let run = 1; run <= runs; run++) {
    const set = setOf(name, directory, Date.now(), scale);
    if (set === undefined) {
      say('../shared/data/skab is not there: that set is skipped');
      return [];
    }
    const agreed: Agreed = new Map();
    // In turn, so that a slow minute of the machine meets all of them.
    for (const [subject, start] of starters) {
      say(`${name}, ${pointsOf(set).toLocaleString('en-US')} points, run ${run} of ${runs}: ${subject}`);
      const options = { set, questions, agreed, backgroundRate, say: (text: string) => say(`  ${text}`) };
      figures.get(subject)?.push(await measure(start, options));
    }
  }
  return [...figures].map(([subject, list]) => summarise(name, subject, list));
}

const startedAt = new Date().toISOString();
/** Of what else the machine has to do. */
const loadAverageBefore = loadavg();
const results: ScenarioResult[] = [];
let sealing: SealingCost | null = null;
for (const name of sets) {
  if (name !== 'sealing') {
    results.push(...(await compare(name)));
  } else if (subjects.includes('factoryops')) {
    sealing = await measureSealing(template, { runs, scale, say });
    results.push(...sealing.results);
  } else {
    say('sealing is of factoryops alone: that set is skipped');
  }
}
say(`\n${formatTable(results)}`);
if (sealing !== null) {
  const { rateRatio, cpuRatio } = sealing;
  say(`with sealing, ingest reaches ${rateRatio} of its rate without, and takes ${cpuRatio} times the processor time`);
}
const report = {
  started_at: startedAt,
  machine: { ...describeMachine(), load_average_before: loadAverageBefore },
  versions: { ...describeVersions(null), ...versions },
  runs,
  scale,
  background_rate: backgroundRate,
  sets: results,
  sealing: sealing && {
    rate_ratio: sealing.rateRatio,
    rate_ratio_by_pair: sealing.rateRatioByPair,
    cpu_ratio: sealing.cpuRatio,
  },
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
