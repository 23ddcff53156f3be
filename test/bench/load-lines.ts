import type { Latencies } from './latencies.ts';
import type { LoadConnection } from './load-connection.ts';
import { type StampSource, walkingValues } from './load-messages.ts';
import type { LoadTarget } from './load-protocol.ts';

/** Makes the lines of one device, one at each call. */
function createLines(device: string, index: number, metrics: readonly string[], nextStamp: StampSource): () => string {
  const variants = walkingValues(index).map(
    (values) => `bench,device=${device} ${metrics.map((metric, at) => `${metric}=${values[at]}`).join(',')} `,
  );
  let sequence = 0;
  return () => `${variants[sequence++ % variants.length]}${nextStamp()}\n`;
}

/** What is sent, and where to. */
export interface LineOptions {
  readonly target: LoadTarget & { readonly kind: 'lines' };
  readonly devices: readonly string[];
  readonly metrics: readonly string[];
}

/**
 * Sends lines of all devices in turn, as a collector does: a request for each `linesPerRequest`, as soon as they are
 * there, whether the one before has been answered or not. A refusal (later, uncaught) ends the process.
 */
export function createLineSender(
  { target: { url, linesPerRequest }, devices, metrics }: LineOptions,
  stampsOfDevice: () => StampSource,
  latencies: Latencies,
): LoadConnection {
  const sources = devices.map((device, index) => createLines(device, index, metrics, stampsOfDevice()));
  const outstanding = new Set<Promise<void>>();
  let lines: string[] = [];
  let [sent, acknowledged] = [0, 0];

  const send = async (body: string, count: number) => {
    const writtenAt = performance.now();
    const answer = await fetch(url, { method: 'POST', body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text.slice(0, 500)}`);
    acknowledged += count;
    latencies.record(performance.now() - writtenAt);
  };
  const flush = () => {
    if (lines.length === 0) return;
    const request = send(lines.join(''), lines.length);
    lines = [];
    outstanding.add(request);
    void request.then(() => outstanding.delete(request));
  };
  return {
    flood: () => {
      throw new Error('line protocol is sent at a rate only');
    },
    publishOne: () => {
      lines.push(sources[sent++ % sources.length]?.() ?? '');
      if (lines.length >= linesPerRequest) flush();
    },
    stop: () => undefined,
    drain: async () => {
      flush();
      await Promise.all(outstanding);
    },
    close: () => undefined,
    get sent() {
      return sent;
    },
    get acknowledged() {
      return acknowledged;
    },
  };
}
