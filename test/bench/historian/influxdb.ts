import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import type { Answer, HistorianSubject, Window } from './historian-subject.ts';
import { bodyOf, findProgram, LINES_PER_LIVE_REQUEST, postAll, startPeer } from './peer.ts';
import { filesBelow, untilQuiet } from './settling.ts';

/** It compacts what has been cold for five seconds, looking every second. */
const QUIET_MS = 20_000;

export const findInfluxDb = () => findProgram('influxd', ['version']);

/** Its defaults, but on loopback, without its own statistics, and with data cold after seconds instead of hours. */
const settings = (directory: string, port: number, backupPort: number) => `
reporting-disabled = true
bind-address = "127.0.0.1:${backupPort}"
[meta]
dir = "${directory}/meta"
[data]
dir = "${directory}/data"
wal-dir = "${directory}/wal"
query-log-enabled = false
cache-snapshot-write-cold-duration = "5s"
compact-full-write-cold-duration = "5s"
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:${port}"
log-enabled = false
`;

interface Reply {
  readonly results: readonly {
    readonly error?: string;
    readonly series?: readonly { readonly columns: readonly string[]; readonly values: readonly (number | null)[][] }[];
  }[];
}

/** Steps with samples, over all series: each has a column named `max…`. */
function answerOf(text: string): Answer {
  const { results }: Reply = JSON.parse(text);
  const [result] = results;
  if (result?.error !== undefined) throw new Error(`InfluxDB: ${result.error}`);
  const maxima = (result?.series ?? []).flatMap(({ columns, values }) =>
    values.flatMap((row) => row.filter((value, index) => value !== null && columns[index]?.startsWith('max'))),
  );
  return { steps: maxima.length, sumOfMaxima: maxima.reduce<number>((sum, value) => sum + Number(value), 0) };
}

/** InfluxDB 1.x: one measurement, a tag for the device, a field for each parameter. */
export async function startInfluxDb(path: string): Promise<HistorianSubject> {
  const [port, backupPort] = [await freePort(), await freePort()];
  const http = `http://127.0.0.1:${port}`;
  const configure = (directory: string) => {
    const file = join(directory, 'influxdb.conf');
    writeFileSync(file, settings(directory, port, backupPort));
    return ['-config', file];
  };
  const peer = await startPeer(path, configure, `${http}/ping`);
  const write = `${http}/write?db=bench&precision=ms`;
  const query = async (influxQl: string) => {
    const asked = new URLSearchParams({ db: 'bench', epoch: 'ms', q: influxQl });
    return answerOf(await bodyOf(`${http}/query?${asked}`));
  };
  const select = (parameters: readonly string[], { fromMs, toMs, stepMs }: Window, devices: string, by: string) => {
    const fields = parameters.map(
      (name) => `mean(${name}) as mean_${name}, min(${name}) as min_${name}, max(${name}) as max_${name}`,
    );
    return `select ${fields.join(', ')} from bench where ${devices} and time >= ${fromMs}ms and time < ${toMs}ms
      group by time(${stepMs}ms)${by}`;
  };
  try {
    await bodyOf(`${http}/query`, { method: 'POST', body: new URLSearchParams({ q: 'create database bench' }) });
  } catch (error) {
    await peer[Symbol.asyncDispose]();
    throw error;
  }
  return {
    name: 'influxdb',
    pid: peer.pid,
    live: { kind: 'lines', url: write, linesPerRequest: LINES_PER_LIVE_REQUEST },
    load: (set) => postAll(write, set),
    settle: async () => {
      const samples = () => filesBelow(peer.directory, /\.(tsm|wal)$/);
      const { state, seconds } = await untilQuiet(samples, QUIET_MS);
      const directoryBytes = filesBelow(peer.directory).allottedBytes;
      return { sampleBytes: state.bytes, rollupBytes: null, directoryBytes, files: state.files, seconds };
    },
    storedPoints: async () => null,
    series: (device, parameter, window) => query(select([parameter], window, `device = '${device}'`, '')),
    wall: (devices, parameters, window) =>
      query(select(parameters, window, `device =~ /^(${devices.join('|')})$/`, ', device')),
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  };
}
