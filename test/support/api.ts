import type { Route } from '../../src/api/route.ts';
import { createApi, type HealthCheck } from '../../src/api/server.ts';
import type { AssetFolder } from '../../src/core/assets.ts';
import { createMetrics } from '../../src/core/metrics.ts';
import { defaultConfig, silentLog, testAccounts } from './accounts.ts';

export interface TestApiOptions {
  readonly routes?: readonly Route[];
  readonly checks?: readonly HealthCheck[];
  readonly flags?: Record<string, unknown>;
  readonly pages?: AssetFolder;
}

/** An answer with its body read: parsed when it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into bodies of every shape
  readonly json: any;
}

/** For what is not about the audit. */
export const NO_AUDIT = { note: () => {}, refused: { note: () => {} } };

/** The real API on a free port of 127.0.0.1, over accounts with a fake clock; `await using` stops it. */
export async function testApi(options: TestApiOptions = {}) {
  const world = testAccounts();
  const metrics = createMetrics();
  const api = createApi({
    config: defaultConfig(options.flags),
    log: silentLog(),
    metrics,
    accounts: world.accounts,
    audit: NO_AUDIT,
    checks: options.checks ?? [],
    routes: options.routes ?? [],
    version: '0.0.0-test',
    checkReplies: true,
    streamRecheckMs: 20,
    ...(options.pages !== undefined && { pages: options.pages }),
  });
  const { http: port } = await api.start({ http: { port: 0, host: '127.0.0.1' } });
  const origin = `http://127.0.0.1:${port}`;

  /** Sends a request; `path` is below `/api/v1` unless it starts with `//`, which stands for the root. */
  const call = async (method: string, path: string, init: RequestInit & { json?: unknown; token?: string } = {}) => {
    const { json, token, ...rest } = init;
    const headers = new Headers(rest.headers);
    if (json !== undefined) headers.set('Content-Type', 'application/json');
    if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
    const url = origin + (path.startsWith('//') ? path.slice(1) : `/api/v1${path}`);
    const body = json === undefined ? (rest.body ?? null) : JSON.stringify(json);
    const response = await fetch(url, { ...rest, method, headers, body });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    } satisfies Answer;
  };

  return {
    ...world,
    api,
    metrics,
    origin,
    port,
    call,
    [Symbol.asyncDispose]: async () => {
      await api.stop();
      world[Symbol.dispose]();
    },
  };
}

/** The cookies that an answer sets, ready to be sent back. */
export const cookiesOf = (answer: Answer): string =>
  answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');
