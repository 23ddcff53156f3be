import { Agent, request } from 'node:http';
import type { ApiRequest, Requests } from './api-plant.ts';
import { createLatencies, type Latencies } from './latencies.ts';

const PACING_MS = 2;

/** Requests of one kind, so many a second. */
export interface Stream {
  readonly name: string;
  readonly perSecond: number;
  readonly requests: Requests;
}

/** What became of one stream's requests. */
export interface Answered {
  /** Of successes (ms). */
  readonly latencies: Latencies;
  /** Answers that said: not now (429 or 503). */
  busy: number;
}

/** By the name of the stream. */
export type Paced = ReadonlyMap<string, Answered>;

const BUSY: ReadonlySet<number> = new Set([429, 503]);

/** @returns whether it was answered, when the whole answer has been read; false when the server is busy */
function send(agent: Agent, origin: URL, { method, path, headers, body }: ApiRequest): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const { hostname, port } = origin;
    const outgoing = request({ agent, hostname, port, method, path, headers: { ...headers, ...length } }, (answer) => {
      const { statusCode = 0 } = answer;
      answer.resume();
      answer.on('error', reject);
      answer.on('end', () => {
        if (statusCode < 300 || BUSY.has(statusCode)) resolve(statusCode < 300);
        else reject(new Error(`${method} ${path} answered ${statusCode}`));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/**
 * Sends requests at fixed rates, whether answers come or not. Latencies are from when a request was due: a server that
 * stands still does not make the wait of those behind it disappear.
 *
 * @throws {Error} when an answer is neither a success nor says that the server is busy
 */
export async function sendPaced(http: string, streams: readonly Stream[], seconds: number): Promise<Paced> {
  // As many sockets as it takes: what one kind waits for must not hold up the others.
  const agent = new Agent({ keepAlive: true });
  const origin = new URL(http);
  const paced = new Map(
    streams.map(({ name }): [string, Answered] => [name, { latencies: createLatencies(), busy: 0 }]),
  );
  const sent = new Map<string, number>();
  const under = new Set<Promise<void>>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const startedAt = performance.now();

  const sendOne = ({ name, requests }: Stream, index: number, dueAt: number) => {
    const next = requests[index % requests.length];
    if (next === undefined) return;
    const sending = send(agent, origin, next)
      .then((isAnswered) => {
        const answered = paced.get(name);
        if (answered === undefined) return;
        if (isAnswered) answered.latencies.record(performance.now() - dueAt);
        else answered.busy += 1;
      })
      .catch(failed.reject)
      .finally(() => under.delete(sending));
    under.add(sending);
  };
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - startedAt;
    streams.forEach((stream, place) => {
      // Streams begin one after another, or all would be due at the same moments.
      const everyMs = 1_000 / stream.perSecond;
      const dueAt = (index: number) => (index + place / streams.length) * everyMs;
      let index = sent.get(stream.name) ?? 0;
      for (; dueAt(index) <= elapsedMs; index++) sendOne(stream, index, startedAt + dueAt(index));
      sent.set(stream.name, index);
    });
  }, PACING_MS);
  try {
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, seconds * 1_000);
    await Promise.race([promise, failed.promise]);
    clearInterval(timer);
    await Promise.race([Promise.all(under), failed.promise]);
  } finally {
    clearInterval(timer);
    agent.destroy();
  }
  return paced;
}
