import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** How long an answer may take. */
const WITHIN_MS = 30_000;
/** How long a stream is read. */
const STREAM_MS = 100;

/** A request as it goes over the wire: nothing in it is put right by a client. */
export interface WireRequest {
  readonly method: string;
  /** With its query, encoded, or badly encoded, already. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Of a stream only the beginning. */
  readonly body: Buffer;
}

/** A client that sends what `fetch` would not: bad escapes, bodies of GET, any header. */
export interface Client extends Disposable {
  /** @throws {Error} when there is no answer, or not within 30 s */
  send(message: WireRequest): Promise<WireAnswer>;
}

export function createClient(origin: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, timeout: 4_000 });
  const send = ({ method, path, headers, body }: WireRequest): Promise<WireAnswer> =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'Content-Length': String(body.length) };
      const { hostname, port } = new URL(origin);
      const outgoing = request({ agent, hostname, port, method, path, headers: { ...headers, ...length } });
      const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${WITHIN_MS} ms`)), WITHIN_MS);
      outgoing.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      outgoing.on('response', async (incoming) => {
        const parts: Buffer[] = [];
        const answer = () => ({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(parts),
        });
        incoming.on('data', (part: Buffer) => parts.push(part));
        if (incoming.headers['content-type']?.startsWith('text/event-stream')) {
          await delay(STREAM_MS);
          clearTimeout(timer);
          incoming.removeAllListeners('error').on('error', () => {});
          outgoing.destroy();
          resolve(answer());
          return;
        }
        incoming.on('error', reject);
        incoming.on('end', () => {
          clearTimeout(timer);
          resolve(answer());
        });
      });
      outgoing.end(body);
    });
  return { send, [Symbol.dispose]: () => agent.destroy() };
}
