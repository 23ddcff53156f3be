import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import type { Answer, HistorianSubject, Window } from './historian-subject.ts';
import { bodyOf, findProgram, LINES_PER_LIVE_REQUEST, postAll, startPeer } from './peer.ts';
import { filesBelow, untilQuiet } from './settling.ts';

const QUIET_MS = 20_000;

export const findVictoriaMetrics = () => findProgram('victoria-metrics', ['--version']);

interface Reply {
  readonly data: {
    readonly result: readonly {
      readonly metric: { readonly rollup: string };
      readonly values: readonly [at: number, value: string][];
    }[];
  };
}

function answerOf(text: string): Answer {
  const { data }: Reply = JSON.parse(text);
  const maxima = data.result.filter(({ metric }) => metric.rollup === 'max').flatMap(({ values }) => values);
  return { steps: maxima.length, sumOfMaxima: maxima.reduce((sum, [, value]) => sum + Number(value), 0) };
}

/** VictoriaMetrics, single node: a metric for each parameter, a label for the device. */
export async function startVictoriaMetrics(path: string): Promise<HistorianSubject> {
  const port = await freePort();
  const http = `http://127.0.0.1:${port}`;
  const args = (directory: string) => [
    `-httpListenAddr=127.0.0.1:${port}`,
    `-storageDataPath=${join(directory, 'storage')}`,
    '-retentionPeriod=12',
  ];
  const peer = await startPeer(path, args, `${http}/health`);
  const write = `${http}/write?precision=ms`;
  const storage = join(peer.directory, 'storage');
  const internal = (name: string) => bodyOf(`${http}/internal/${name}`);

  /** Its windows are (t - step, t]: asked for a millisecond earlier they are those of the others. Answers are not cached. */
  const query = async (selector: string, { fromMs, toMs, stepMs }: Window) => {
    const asked = new URLSearchParams({
      query: `rollup(${selector}[${stepMs}ms]) keep_metric_names`,
      start: String((fromMs + stepMs - 1) / 1_000),
      end: String((toMs - 1) / 1_000),
      step: `${stepMs}ms`,
      nocache: '1',
    });
    return answerOf(await bodyOf(`${http}/api/v1/query_range?${asked}`));
  };
  return {
    name: 'victoria-metrics',
    pid: peer.pid,
    live: { kind: 'lines', url: write, linesPerRequest: LINES_PER_LIVE_REQUEST },
    load: async (set) => {
      await postAll(write, set);
      await internal('force_flush');
    },
    settle: async () => {
      await internal('force_merge');
      const samples = () => filesBelow(join(storage, 'data'));
      const { state, seconds } = await untilQuiet(samples, QUIET_MS);
      return {
        sampleBytes: state.bytes,
        rollupBytes: null,
        directoryBytes: filesBelow(storage).allottedBytes,
        files: state.files,
        seconds,
      };
    },
    storedPoints: async () => null,
    series: (device, parameter, window) => query(`bench_${parameter}{device="${device}"}`, window),
    wall: (devices, parameters, window) =>
      query(`{__name__=~"bench_(${parameters.join('|')})",device=~"${devices.join('|')}"}`, window),
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  };
}
