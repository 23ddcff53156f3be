import { setTimeout as delay } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import type { ApiRequest } from '../api-plant.ts';
import { createTemplate, type FactoryOps, startFactoryOps } from '../factoryops.ts';
import type { Figures } from '../flood.ts';
import { sendPaced } from '../paced-requests.ts';
import { readEvents } from '../read-events.ts';
import { signIn } from '../sign-in.ts';

/** Requests are sent from the moment at which the first device trips. */
const SECONDS = 3;
const PER_SECOND = 20;
/** Messages that are sent together: all of the plant within one second. */
const [BURST, BURSTS_PER_SECOND] = [20, 50];
const SETTLES_WITHIN_MS = 60_000;
const [CALM, HOT] = [50, 150];
const PATHS = ['/devices?limit=50', '/alerts?status=active&limit=50', '/auth/me'];

const deviceKey = (place: number) => `T${String(place).padStart(4, '0')}`;

/** All devices say the same within a second. */
async function sayAll(client: MqttClient, devices: number, value: number): Promise<void> {
  const sent: Promise<unknown>[] = [];
  for (let place = 0; place < devices; place += BURST) {
    for (let each = place; each < Math.min(place + BURST, devices); each++) {
      const payload = JSON.stringify({ metrics: { temperature: value } });
      sent.push(client.publishAsync(`factories/vpc/devices/${deviceKey(each)}/telemetry`, payload, { qos: 1 }));
    }
    await delay(1_000 / BURSTS_PER_SECOND);
  }
  await Promise.all(sent);
}

/** Of the alarms that the stream has told of: how many stand. */
class Standing {
  readonly #open = new Set<string>();
  take(data: string): void {
    const { id, status } = JSON.parse(data) as { id: string; status: string };
    if (status === 'active') this.#open.add(id);
    else this.#open.delete(id);
  }
  async until(count: number): Promise<void> {
    for (const deadline = performance.now() + SETTLES_WITHIN_MS; this.#open.size !== count; await delay(5)) {
      if (performance.now() > deadline) throw new Error(`${this.#open.size} alarms stand, not ${count}`);
    }
  }
}

async function answering(subject: FactoryOps, token: string): Promise<{ p50: number; p99: number; max: number }> {
  const headers = { Authorization: `Bearer ${token}` };
  const streams = PATHS.map((path) => {
    const requests: ApiRequest[] = [{ method: 'GET', path: `/api/v1${path}`, headers }];
    return { name: path, perSecond: PER_SECOND, requests };
  });
  const answered = await sendPaced(subject.http, streams, SECONDS);
  const paced = [...answered.values()].map(({ latencies }) => latencies);
  const worst = (share: number) => Math.max(...paced.map((latencies) => latencies.percentile(share) ?? Number.NaN));
  return { p50: worst(0.5), p99: worst(0.99), max: worst(1) };
}

async function run(subject: FactoryOps, token: string, client: MqttClient, devices: number, standing: Standing) {
  const sides: Figures = {};
  for (const [side, value] of [
    ['calm', CALM],
    ['trips', HOT],
  ] as const) {
    const saying = sayAll(client, devices, value);
    const settled = saying.then(() => standing.until(value === HOT ? devices : 0));
    settled.catch(() => undefined);
    const { p50, p99, max } = await answering(subject, token);
    await settled;
    Object.assign(sides, { [`${side}_api_p50_ms`]: p50, [`${side}_api_p99_ms`]: p99, [`${side}_api_max_ms`]: max });
  }
  await sayAll(client, devices, CALM);
  await standing.until(0);
  return sides;
}

/**
 * The API while all devices trip within one second: how long it takes to answer three questions of a page, each the worst
 * of the three, from when they were due. The peer is the same with the same messages when none of them trips.
 */
export async function measureTrips(devices: number, runs: number): Promise<Figures[]> {
  using template = createTemplate();
  await using subject = await startFactoryOps(template.copy());
  const token = await signIn(subject.http);
  const answer = await fetch(`${subject.http}/api/v1/rules`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({
      name: 'bench',
      severity: 'high',
      condition: { parameter: 'temperature', operator: 'gt', value: (CALM + HOT) / 2 },
    }),
  });
  if (answer.status !== 201) throw new Error(`the rule was refused: ${await answer.text()}`);
  const { id }: { id: string } = JSON.parse(await answer.text());
  const client = await connectAsync(`mqtt://127.0.0.1:${subject.mqttPort}`);
  const end = new AbortController();
  const standing = new Standing();
  const reading = readEvents(subject.http, token, end.signal, (name, data) => {
    if (name === 'alarm' && data.includes(id)) standing.take(data);
  });
  reading.catch(() => undefined);
  await sayAll(client, devices, CALM);
  const list: Figures[] = [];
  for (let each = 0; each < runs; each++) list.push(await run(subject, token, client, devices, standing));
  await client.endAsync();
  end.abort();
  await reading;
  return list;
}
