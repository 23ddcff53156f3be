/**
 * How fast the API answers while devices send, and what answering costs the devices. A thousand devices are known, fifty
 * connections send 2,000 messages a second (QoS 1). Each request alone, on 1 and on 10 connections, as fast as answers come;
 * then all together, 200 a second whether answers come or not.
 *
 *   npm run --silent bench:api -- [--runs 3] [--seconds 3]
 *
 * JSON goes to stdout, a table and the progress to stderr. The peer is plain Koa with constant texts of the same sizes, on
 * the same machine, while the same messages come in: what is not more than its time is HTTP itself.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { configure, fillPlant, type PlantRequests, type Requests, requestsOf } from './api-plant.ts';
import { createTemplate, type FactoryOps, startFactoryOps, type Template } from './factoryops.ts';
import type { Figures } from './flood.ts';
import { hammer } from './hammer.ts';
import { startKoaPeer } from './koa-peer.ts';
import { startLoad } from './load.ts';
import { loadDevices, METRICS } from './load-protocol.ts';
import { type Paced, type Stream, sendPaced } from './paced-requests.ts';
import { processFigures } from './process-figures.ts';
import { describeMachine, describeVersions, formatTable, type ScenarioResult, summarise } from './results.ts';

const MESSAGES_PER_SECOND = 2_000;
const SENDING = 50;
const SETTLE_MS = 500;
const CONNECTIONS = [1, 10];
/** Of one user no more than ten attempts are judged at the same time, those of the measurement before among them. */
const LOGIN_CONNECTIONS = [1, 4];
/** So many times as long as the others: a second has 200 requests, and one sign-in. */
const MIXED_TIMES = 4;
const MIB = 1_048_576;
const PEERS = ['list', 'live'] as const;

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '3' }, seconds: { type: 'string', default: '3' } },
});
const [runs, seconds] = [Number(values.runs), Number(values.seconds)];
if (!(runs >= 1 && seconds > 0)) throw new Error('--runs and --seconds take numbers above 0');
const say = (text: string) => process.stderr.write(`${text}\n`);

/** Does `work` while devices send. @returns its figures, and how soon messages were acknowledged meanwhile */
async function whileDevicesSend(program: FactoryOps, work: () => Promise<Figures>): Promise<Figures> {
  using load = await startLoad({
    target: { kind: 'mqtt', port: program.mqttPort, qos: 1, window: 1 },
    devices: loadDevices(SENDING),
    metrics: METRICS,
    stamps: 'sending',
    messagesPerSecond: MESSAGES_PER_SECOND,
    originMs: Date.now(),
  });
  load.start();
  await delay(SETTLE_MS);
  load.mark();
  const [before, beganAt] = [processFigures(program.pid), performance.now()];
  const figures = await work();
  const [after, elapsedS] = [processFigures(program.pid), (performance.now() - beganAt) / 1_000];
  const { acknowledged, seconds: measuredS, ackP50Ms, ackP99Ms } = await load.stop('drain');
  return {
    ...figures,
    messages_per_second: Math.round(acknowledged / measuredS),
    puback_p50_ms: ackP50Ms,
    puback_p99_ms: ackP99Ms,
    cpu_cores: Number(((after.cpuSeconds - before.cpuSeconds) / elapsedS).toFixed(2)),
    rss_mib: Math.round(after.rssBytes / MIB),
  };
}

/** What people look at, a second: 200 requests, and one sign-in, which costs 19 MiB and a thread for a while. */
const mixOf = ({ list, live, history, rest, login }: PlantRequests) => [
  { name: 'list', perSecond: 10, requests: list },
  { name: 'live', perSecond: 130, requests: live },
  { name: 'history', perSecond: 50, requests: history },
  { name: 'rest', perSecond: 10, requests: rest },
  { name: 'login', perSecond: 1, requests: login },
];

/** Rates are of what was answered in the end, over the time in which requests were sent. */
function mixedFigures(paced: Paced, span: number): Record<string, Figures> {
  return Object.fromEntries(
    [...paced].map(([name, { latencies, busy }]) => [
      name,
      {
        requests_per_second: Number((latencies.count / span).toPrecision(3)),
        busy_per_second: Number((busy / span).toPrecision(3)),
        p50_ms: latencies.percentile(0.5),
        p99_ms: latencies.percentile(0.99),
      },
    ]),
  );
}

type Keep = (scenario: string, subject: string, figures: Figures) => void;

/** Each request alone, on the appliance and on the peer. */
async function measureAlone(program: FactoryOps, requests: PlantRequests, keep: Keep): Promise<void> {
  const sizes: Record<string, number> = {};
  for (const [name, list] of Object.entries(requests) as [string, Requests][]) {
    if (name === 'rest') continue;
    for (const connections of name === 'login' ? LOGIN_CONNECTIONS : CONNECTIONS) {
      say(`  ${name}, ${connections} at once`);
      const figures = await whileDevicesSend(program, () => hammer(program.http, list, connections, seconds));
      sizes[name] = figures.bytes_per_answer ?? 0;
      keep(`${name} ×${connections}`, 'factoryops', figures);
    }
  }
  using peer = await startKoaPeer(Object.fromEntries(PEERS.map((name) => [name, sizes[name] ?? 0])));
  for (const name of PEERS) {
    const constant = [{ method: 'GET' as const, path: `/${name}`, headers: {} }];
    for (const connections of CONNECTIONS) {
      say(`  ${name}, ${connections} at once, plain Koa`);
      const figures = await whileDevicesSend(program, () => hammer(peer.http, constant, connections, seconds));
      const { requests_per_second = null, p50_ms = null, p99_ms = null, bytes_per_answer = null } = figures;
      keep(`${name} ×${connections}`, 'koa', { requests_per_second, p50_ms, p99_ms, bytes_per_answer });
    }
  }
}

/**
 * All together, and without the questions to the history, which one thread answers. Devices with nothing asked are measured
 * before and after, because the machine is not always as fast.
 */
async function measureMixed(program: FactoryOps, requests: PlantRequests, keep: Keep): Promise<void> {
  const span = seconds * MIXED_TIMES;
  const quiet = () => {
    say('  nothing asked');
    return whileDevicesSend(program, async () => {
      await delay(span * 1_000);
      return {};
    });
  };
  const mixed = async (streams: readonly Stream[]) => {
    let byName: Record<string, Figures> = {};
    const figures = await whileDevicesSend(program, async () => {
      const paced = await sendPaced(program.http, streams, span);
      byName = mixedFigures(paced, span);
      const asked = [...paced.values()].reduce((sum, { latencies }) => sum + latencies.count, 0);
      return { requests_per_second: Number((asked / span).toPrecision(3)) };
    });
    return { figures, byName };
  };
  const mix = mixOf(requests);
  let before = await quiet();
  for (const [name, streams] of [
    ['mixed, no history', mix.filter((stream) => stream.name !== 'history')],
    ['mixed', mix],
  ] as const) {
    say(`  ${name}`);
    const { figures, byName } = await mixed(streams);
    const after = await quiet();
    const ratio = (of: string) =>
      Number(((2 * (figures[of] ?? Number.NaN)) / ((before[of] ?? 0) + (after[of] ?? 0))).toFixed(2));
    const ratios = { puback_p50_ratio: ratio('puback_p50_ms'), puback_p99_ratio: ratio('puback_p99_ms') };
    keep('nothing asked', 'factoryops', before);
    keep(name, 'factoryops', { ...figures, ...ratios });
    for (const [stream, each] of Object.entries(byName)) keep(`${name}: ${stream}`, 'factoryops', each);
    before = after;
  }
  keep('nothing asked', 'factoryops', before);
}

/** One run, on an appliance of its own. */
async function measure(template: Template, keep: Keep): Promise<void> {
  const dataDir = template.copy();
  try {
    configure(dataDir);
    await using program = await startFactoryOps(dataDir);
    say('  making a thousand devices with an hour of history, which is sealed before it begins');
    await fillPlant(program);
    const requests = await requestsOf(program);
    await measureMixed(program, requests, keep);
    await measureAlone(program, requests, keep);
  } finally {
    template.drop(dataDir);
  }
}

using template = createTemplate();
const all = new Map<string, Figures[]>();
for (let run = 1; run <= runs; run++) {
  say(`run ${run} of ${runs}`);
  await measure(template, (scenario, subject, figures) => {
    say(`    ${scenario}, ${subject}: ${JSON.stringify(figures)}`);
    const key = `${scenario}\n${subject}`;
    all.set(key, [...(all.get(key) ?? []), figures]);
  });
}
const results = [...all].map(([key, list]): ScenarioResult => {
  const [scenario = '', subject = ''] = key.split('\n');
  return summarise(scenario, subject, list);
});
say(`\n${formatTable(results)}`);
const report = { machine: describeMachine(), versions: describeVersions(null), runs, seconds, results };
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
