/**
 * How much telemetry the appliance takes in, how soon it acknowledges and shows it, and what that costs; for the
 * protocol's part side by side with Mosquitto, which stores nothing. JSON goes to stdout, a table to stderr.
 *
 *   npm run --silent bench:ingest -- [--runs 3] [--seconds 4] [--scenario qos1-50,stream]
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createTemplate, startFactoryOps, type Template } from './factoryops.ts';
import { type Figures, flood } from './flood.ts';
import { findMosquitto, startMosquitto } from './mosquitto.ts';
import { processFigures } from './process-figures.ts';
import { describeMachine, describeVersions, formatTable, type ScenarioResult, summarise } from './results.ts';
import { stream } from './stream.ts';

const CONNECTIONS = [1, 50, 500];
const IDLE_MS = 10_000;
const SCENARIOS = [0, 1].flatMap((qos) => CONNECTIONS.map((connections) => `qos${qos}-${connections}`));
SCENARIOS.push('stream', 'idle');

const say = (text: string) => process.stderr.write(`${text}\n`);

/** Runs `measure` against an appliance on a fresh copy of the seeded data. */
async function onFactoryOps(
  template: Template,
  measure: (subject: Awaited<ReturnType<typeof startFactoryOps>>) => Promise<Figures>,
): Promise<Figures> {
  const dataDir = template.copy();
  try {
    await using subject = await startFactoryOps(dataDir);
    return await measure(subject);
  } finally {
    template.drop(dataDir);
  }
}

/** Resident memory after ten quiet seconds, and the time to the ready line, both on a directory that was used before. */
async function idle(template: Template): Promise<Figures> {
  return onFactoryOps(template, async (subject) => {
    await delay(IDLE_MS);
    const { rssBytes, cpuSeconds } = processFigures(subject.pid);
    return {
      ready_ms: Math.round(subject.readyAfterMs),
      rss_mib: Math.round(rssBytes / 1_048_576),
      cpu_s: cpuSeconds,
    };
  });
}

/** All runs of a scenario; the subjects take turns, so that a slow minute of the machine meets both. */
async function measure(scenario: string, runs: number, seconds: number, template: Template): Promise<ScenarioResult[]> {
  const own: Figures[] = [];
  const peer: Figures[] = [];
  const flooding = /^qos([01])-(\d+)$/.exec(scenario);
  const mosquitto = findMosquitto();
  for (let run = 0; run < runs; run++) {
    say(`${scenario}, run ${run + 1} of ${runs}`);
    if (flooding === null) {
      own.push(
        scenario === 'idle'
          ? await idle(template)
          : await onFactoryOps(template, (subject) => stream(subject, seconds)),
      );
      continue;
    }
    const qos = flooding[1] === '0' ? 0 : 1;
    const options = { qos, connections: Number(flooding[2]), seconds } as const;
    own.push(await onFactoryOps(template, (subject) => flood(subject, options)));
    if (mosquitto === undefined) continue;
    await using subject = await startMosquitto(mosquitto.path);
    peer.push(await flood(subject, options));
  }
  const results = [summarise(scenario, 'factoryops', own)];
  if (peer.length > 0) results.push(summarise(scenario, 'mosquitto', peer));
  return results;
}

/** A number above 0 from the command line. */
function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new Error(`--${name} takes a number above 0, not "${text}"`);
}

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    scenario: { type: 'string', default: SCENARIOS.join(',') },
  },
});
const runs = Math.ceil(positive('runs', values.runs));
const seconds = positive('seconds', values.seconds);
const scenarios = values.scenario.split(',');
const unknown = scenarios.find((scenario) => !SCENARIOS.includes(scenario));
if (unknown !== undefined) throw new Error(`there is no scenario "${unknown}"; there are ${SCENARIOS.join(', ')}`);

const mosquitto = findMosquitto();
if (mosquitto === undefined) say('Mosquitto is not installed: its side of the comparison is skipped');
using template = createTemplate();
const results: ScenarioResult[] = [];
const startedAt = new Date().toISOString();
for (const scenario of scenarios) results.push(...(await measure(scenario, runs, seconds, template)));
say(`\n${formatTable(results)}`);
const report = {
  started_at: startedAt,
  machine: describeMachine(),
  versions: describeVersions(mosquitto?.version ?? null),
  runs,
  seconds,
  scenarios: results,
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
