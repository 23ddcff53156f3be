/**
 * History that comes and goes as files, while the appliance works: rows a second, memory, and what it does to telemetry
 * (QoS 1, from PUBLISH to PUBACK) and to charts meanwhile.
 *
 *   npm run --silent bench:transfer -- [--runs 3] [--rows 10000000] [--rate 500]
 *
 * JSON goes to stdout, a table and the progress to stderr. The peer is Debian's `sqlite3`, which imports the same file into
 * a table, and exports that, in a process of its own and with nothing else to do; without it that side is left out.
 */
import { execFileSync } from 'node:child_process';
import { createWriteStream, openSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createTemplate, type FactoryOps, startFactoryOps, type Template } from './factoryops.ts';
import type { Figures } from './flood.ts';
import { createLatencies } from './latencies.ts';
import { startLoad } from './load.ts';
import { forgetPeakRss, processFigures } from './process-figures.ts';
import { describeMachine, describeVersions, type ScenarioResult, summarise } from './results.ts';
import { signIn } from './sign-in.ts';

const SERIES = 50;
const STEP_MS = 10_000;
const PART_BYTES = 8_388_608;
const QUIET_MS = 15_000;
const CHART_EVERY_MS = 200;
const POLL_MS = 200;
const DAY_MS = 86_400_000;
const MIB = 1_048_576;
const METRICS = ['p0', 'p1', 'p2', 'p3', 'p4'];
const DEVICES = Array.from({ length: 50 }, (_, i) => `live-${i}`);

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    rows: { type: 'string', default: '10000000' },
    rate: { type: 'string', default: '500' },
  },
});
const [runs, rows, rate] = [Number(values.runs), Number(values.rows), Number(values.rate)];
if (!(runs >= 1 && rows >= SERIES && rate > 0)) throw new Error('--runs, --rows and --rate take numbers above 0');
const say = (text: string) => process.stderr.write(`${text}\n`);

/** Days that are over, so that they end up in files. @returns the first instant, and the one after the last */
async function writeFile(file: string): Promise<{ from: number; to: number }> {
  const steps = Math.ceil(rows / SERIES);
  const to = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS;
  const from = to - steps * STEP_MS;
  async function* lines() {
    yield 'device,parameter,unit,t,value\r\n';
    for (let step = 0; step < steps; step++) {
      const t = new Date(from + step * STEP_MS).toISOString();
      let text = '';
      for (let series = 0; series < SERIES; series++) {
        text += `old-${series % 10},q${Math.floor(series / 10)},,${t},${((step * 7 + series * 13) % 2_000) / 100}\r\n`;
      }
      yield text;
    }
  }
  await pipeline(lines, createWriteStream(file));
  return { from, to };
}

interface World {
  readonly program: FactoryOps;
  readonly headers: Readonly<Record<string, string>>;
}

async function ask({ program, headers }: World, method: string, path: string, body?: unknown) {
  const isBytes = body instanceof Uint8Array;
  const type = isBytes ? 'application/octet-stream' : 'application/json';
  const answer = await fetch(`${program.http}/api/v1${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': type }) },
    ...(body === undefined ? {} : { body: isBytes ? new Uint8Array(body) : JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text.slice(0, 500)}`);
  return text === '' ? null : JSON.parse(text);
}

/** Does `work` while devices send and somebody looks at a chart. */
async function meanwhile(world: World, chart: string, work: () => Promise<Figures>): Promise<Figures> {
  using load = await startLoad({
    target: { kind: 'mqtt', port: world.program.mqttPort, qos: 1, window: 1 },
    devices: DEVICES,
    metrics: METRICS,
    stamps: 'sending',
    messagesPerSecond: rate,
    originMs: Date.now(),
  });
  load.start();
  await delay(3_000);
  load.mark();
  forgetPeakRss(world.program.pid);
  const charts = createLatencies();
  let isOver = false;
  const looking = (async () => {
    while (!isOver) {
      const startedAt = performance.now();
      await ask(world, 'GET', chart);
      charts.record(performance.now() - startedAt);
      await delay(CHART_EVERY_MS);
    }
  })();
  const figures = await work().finally(() => {
    isOver = true;
  });
  await looking;
  const { ackP50Ms, ackP99Ms } = await load.stop('drain');
  return {
    ...figures,
    ack_p50_ms: ackP50Ms,
    ack_p99_ms: ackP99Ms,
    chart_p50_ms: charts.percentile(0.5),
    chart_p99_ms: charts.percentile(0.99),
    peak_rss_mib: Math.round(processFigures(world.program.pid).peakRssBytes / MIB),
  };
}

const perSecond = (count: number, startedAt: number, endedAt = performance.now()) =>
  Math.round(count / ((endedAt - startedAt) / 1_000));

/** @returns the number of the import */
async function upload(world: World, file: string): Promise<string> {
  const { id } = await ask(world, 'POST', '/imports', { file_name: 'bench.csv' });
  const descriptor = openSync(file, 'r');
  const { size } = statSync(file);
  const part = Buffer.alloc(PART_BYTES);
  for (let at = 0; at < size; at += PART_BYTES) {
    const length = readSync(descriptor, part, 0, PART_BYTES, at);
    const isLast = at + length >= size;
    await ask(world, 'PUT', `/imports/${id}/content?offset=${at}&last=${isLast}`, part.subarray(0, length));
  }
  return id;
}

async function until(world: World, id: string, state: string): Promise<void> {
  for (;;) {
    const job = await ask(world, 'GET', `/imports/${id}`);
    if (job.state === state) return;
    if (job.state === 'failed') throw new Error(job.error);
    await delay(POLL_MS);
  }
}

/** Reads an export to its end without keeping it. */
async function exportRange({ program, headers }: World, span: { from: number; to: number }, format: string) {
  const startedAt = performance.now();
  const range = new URLSearchParams({
    from: new Date(span.from).toISOString(),
    to: new Date(span.to).toISOString(),
    format,
  });
  const answer = await fetch(`${program.http}/api/v1/history/export?${range}`, { headers });
  if (!answer.ok || answer.body === null)
    throw new Error(`the export answered ${answer.status}: ${await answer.text()}`);
  let bytes = 0;
  await pipeline(
    answer.body,
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        bytes += chunk.length;
        done();
      },
    }),
  );
  return { rows, bytes, rows_per_second: perSecond(rows, startedAt) };
}

async function measureAppliance(template: Template, file: string, span: { from: number; to: number }) {
  const dataDir = template.copy();
  writeFileSync(
    join(dataDir, 'factoryops.config.json'),
    JSON.stringify({ log: { level: 'warn' }, accounts: { access_token_s: 86_400 } }),
  );
  try {
    await using program = await startFactoryOps(dataDir);
    const world = { program, headers: { Authorization: `Bearer ${await signIn(program.http)}` } };
    // The device has to be there to be looked at.
    await meanwhile(world, '/devices?limit=1', async () => ({}));
    const { items } = await ask(world, 'GET', `/devices?key=${DEVICES[0]}`);
    const chart = `/devices/${items[0].id}/kpis/history?parameters=p0&interval=1m`;
    const figures: Record<string, Figures> = {};
    const quiet = () =>
      meanwhile(world, chart, async () => {
        await delay(QUIET_MS);
        return {};
      });
    let before = await quiet();
    figures.nothing = before;
    /** What is sent meanwhile makes the chart dearer by itself: so it is compared with what was before, and what is after. */
    const step = async (name: string, work: () => Promise<Figures>) => {
      say(`  ${name}`);
      const during = await meanwhile(world, chart, work);
      const after = await quiet();
      const ratio = (of: string) =>
        Number(((2 * (during[of] ?? 0)) / ((before[of] ?? 0) + (after[of] ?? 0))).toFixed(2));
      figures[name] = { ...during, ack_p99_ratio: ratio('ack_p99_ms'), chart_p50_ratio: ratio('chart_p50_ms') };
      before = after;
    };
    let id = '';
    // It is examined at once, and would be so in the quiet that follows.
    await step('upload and examine', async () => {
      const startedAt = performance.now();
      id = await upload(world, file);
      const uploaded = performance.now();
      await until(world, id, 'ready');
      const [uploading, examining] = [perSecond(rows, startedAt, uploaded), perSecond(rows, uploaded)];
      return { rows, uploaded_rows_per_second: uploading, examined_rows_per_second: examining };
    });
    await step('import', async () => {
      await ask(world, 'POST', `/imports/${id}/start`, {});
      const startedAt = performance.now();
      await until(world, id, 'done');
      return { rows, rows_per_second: perSecond(rows, startedAt) };
    });
    await step('export csv', () => exportRange(world, span, 'csv'));
    await step('export parquet', () => exportRange(world, span, 'parquet'));
    return figures;
  } finally {
    template.drop(dataDir);
  }
}

/** @returns nothing without sqlite3 */
function measurePeer(directory: string, file: string): Record<string, Figures> {
  const database = join(directory, 'peer.db');
  const sqlite = (...commands: string[]) => execFileSync('sqlite3', [database, ...commands], { maxBuffer: 2 ** 30 });
  try {
    let startedAt = performance.now();
    sqlite('.mode csv', `.import ${file} samples`);
    const imported: Figures = { rows, rows_per_second: perSecond(rows, startedAt) };
    startedAt = performance.now();
    sqlite('.mode csv', `.output ${join(directory, 'peer.csv')}`, 'select * from samples');
    return { import: imported, 'export csv': { rows, rows_per_second: perSecond(rows, startedAt) } };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    say('sqlite3 is not installed (apt-get install sqlite3): its side of the comparison is skipped');
    return {};
  } finally {
    for (const name of ['peer.db', 'peer.csv']) rmSync(join(directory, name), { force: true });
  }
}

using template = createTemplate();
const directory = template.copy();
const file = join(directory, 'history.csv');
say(`writing ${rows.toLocaleString('en-US')} rows`);
const span = await writeFile(file);
const all = new Map<string, Figures[]>();
const keep = (subject: string, figures: Readonly<Record<string, Figures>>) => {
  for (const [scenario, each] of Object.entries(figures)) {
    const key = `${scenario}\n${subject}`;
    all.set(key, [...(all.get(key) ?? []), each]);
  }
};
for (let run = 1; run <= runs; run++) {
  say(`run ${run} of ${runs}: factoryops`);
  keep('factoryops', await measureAppliance(template, file, span));
  say(`run ${run} of ${runs}: sqlite3`);
  keep('sqlite3', measurePeer(directory, file));
}
const results = [...all].map(([key, list]): ScenarioResult => {
  const [scenario = '', subject = ''] = key.split('\n');
  return summarise(scenario, subject, list);
});
for (const { scenario, subject, median } of results) say(`${scenario}, ${subject}: ${JSON.stringify(median)}`);
process.stdout.write(
  `${JSON.stringify({ machine: describeMachine(), versions: describeVersions(null), rows, rate, results }, null, 2)}\n`,
);
