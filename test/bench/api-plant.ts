import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { FactoryOps } from './factoryops.ts';
import { startLoad } from './load.ts';
import { loadDevices, METRICS } from './load-protocol.ts';
import { signIn } from './sign-in.ts';

const HOUR_MS = 3_600_000;
const FILL_PER_SECOND = 10_000;
/** Connections that fill at the same time: a device has one, and an appliance takes so many. */
const FILLING = 500;

/** What is asked of. */
export const DEVICES = 1_000;
/** Those that have sent every second of the last hour; all others have sent every minute. */
const BUSY_DEVICES = 20;

/** A request, ready to be sent. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Requests of one kind, to be sent in turn. */
export type Requests = readonly ApiRequest[];

/** What a person's browser asks for. */
export interface PlantRequests {
  /** All devices: two pages. */
  readonly list: Requests;
  /** The same as the overview shows them, with their newest values. */
  readonly overview: Requests;
  readonly live: Requests;
  /** An hour by the minute. */
  readonly history: Requests;
  /** What pages ask beside that. */
  readonly rest: Requests;
  /** The last to be asked: of many sessions of one user the oldest end. */
  readonly login: Requests;
}

/** As much of `GET /storage` as is looked at. */
interface Storage {
  readonly factories: readonly { readonly levels: readonly { readonly newest: string | null }[] }[];
}

const SEALED_WITHIN_MS = 300_000;
/** What is newer is in memory; see `recent-minutes.ts`. */
const UNSEALED_MS = 23 * 60_000;

/** Waits until what was filled is sealed, but for the newest. */
async function sealed({ http }: FactoryOps): Promise<void> {
  const headers = { Authorization: `Bearer ${await signIn(http)}` };
  const until = Date.now() - UNSEALED_MS;
  for (const deadline = Date.now() + SEALED_WITHIN_MS; Date.now() < deadline; await delay(1_000)) {
    const answer = await fetch(`${http}/api/v1/storage`, { headers });
    const { factories } = (await answer.json()) as Storage;
    const newest = factories.flatMap(({ levels }) => levels.map((level) => Date.parse(level.newest ?? '')));
    if (newest.some((at) => at >= until)) return;
  }
  throw new Error('what was filled is not sealed after five minutes');
}

/** Publishes `messages` of these devices, spread over the last hour, device by device in turn. */
async function fill(program: FactoryOps, devices: readonly string[], messages: number): Promise<void> {
  const now = Date.now();
  using load = await startLoad({
    target: { kind: 'mqtt', port: program.mqttPort, qos: 1, window: 1 },
    devices,
    metrics: METRICS,
    stamps: { fromMs: now - HOUR_MS, stepMs: HOUR_MS / messages },
    messagesPerSecond: FILL_PER_SECOND,
    originMs: now,
  });
  load.start();
  load.mark();
  await delay((messages / FILL_PER_SECOND) * 1_000);
  await load.stop('drain');
}

/** Tokens that last for all runs, and one user who may ask as much as can be answered. */
export function configure(dataDir: string): void {
  const most = 1_000_000;
  const settings = {
    log: { level: 'warn' },
    accounts: { access_token_s: 86_400 },
    limits: {
      user_requests_per_s: most,
      factory_requests_per_s: most,
      user_heavy_queries: most,
      factory_heavy_queries: most,
    },
  };
  writeFileSync(join(dataDir, 'factoryops.config.json'), JSON.stringify(settings));
}

/** A thousand devices with an hour of history, as an appliance has it that runs for long: files, and the newest minutes. */
export async function fillPlant(program: FactoryOps): Promise<void> {
  const devices = loadDevices(DEVICES);
  const [others, busy] = [devices.slice(0, -BUSY_DEVICES), devices.slice(-BUSY_DEVICES)];
  for (let first = 0; first < others.length; first += FILLING) {
    const some = others.slice(first, first + FILLING);
    await fill(program, some, some.length * 60);
  }
  await fill(program, busy, BUSY_DEVICES * 3_600);
  await sealed(program);
}

/** Signs in and looks at the plant. @throws {Error} when it is not as it was filled */
export async function requestsOf({ http }: FactoryOps): Promise<PlantRequests> {
  const headers = { Authorization: `Bearer ${await signIn(http)}` };
  const get = (path: string): ApiRequest => ({ method: 'GET', path: `/api/v1${path}`, headers });
  const ask = async (path: string) => {
    const answer = await fetch(http + get(path).path, { headers });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return JSON.parse(await answer.text());
  };
  const page = await ask('/devices?limit=500');
  const next = await ask(`/devices?limit=500&cursor=${page.next_cursor}`);
  const overview = await ask('/dashboard/devices?limit=500');
  const busy = new Set(loadDevices(DEVICES).slice(-BUSY_DEVICES));
  const all: { id: string; key: string }[] = [...page.items, ...next.items];
  const ids = all.filter(({ key }) => busy.has(key)).map(({ id }) => id);
  if (ids.length !== BUSY_DEVICES) throw new Error(`${ids.length} busy devices are listed, not ${BUSY_DEVICES}`);
  const aMinute = 60_000;
  // From a whole minute, as charts by the minute are drawn: of a cut one the samples have to be read.
  const begin = Math.ceil((Date.now() - HOUR_MS) / aMinute) * aMinute;
  const hour = `from=${new Date(begin).toISOString()}&interval=1m`;
  const login: ApiRequest = {
    method: 'POST',
    path: '/api/v1/auth/login',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: 'admin@vpc.com', password: 'Admin@123' }),
  };
  return {
    list: [get('/devices?limit=500'), get(`/devices?limit=500&cursor=${page.next_cursor}`)],
    overview: [get('/dashboard/devices?limit=500'), get(`/dashboard/devices?limit=500&cursor=${overview.next_cursor}`)],
    live: all.filter((_, index) => index % 10 === 0).map(({ id }) => get(`/devices/${id}/kpis/live`)),
    history: ids.map((id) => get(`/devices/${id}/kpis/history?${hour}`)),
    rest: [
      ...['/dashboard/summary', '/auth/me', '/clock', '/connection-info', '/rejects'].map(get),
      ...ids.map((id) => get(`/devices/${id}/parameters`)),
    ],
    login: [login],
  };
}
