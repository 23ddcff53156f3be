import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { eventually, startAppliance } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';

const DAY_MS = 86_400_000;
const BUDGET = 134_217_728;
const FIRST = Math.floor(Date.now() / DAY_MS) * DAY_MS - 20 * DAY_MS;
/** Nothing can compress them: a day takes 20 to 25 MB, and so eight far more than the budget. */
const [DAYS, SAMPLES, IN_MESSAGE] = [8, 100_000, 200];

const rawRemoved = (removed: readonly { level: string; reason: string; samples: number }[]): number =>
  removed
    .filter(({ level, reason }) => level === 'raw' && reason === 'budget')
    .reduce((sum, { samples }) => sum + samples, 0);

const rawOf = ({ factories }: Json) => factories[0].levels.find(({ level }: { level: string }) => level === 'raw');

/** What is in files and what has gone are all of these days. */
const isCounted = (report: Json, days: number): boolean =>
  rawOf(report).rows + rawRemoved(report.removed) === days * SAMPLES * 2;

test('far more telemetry than the budget has room for: the newest is whole, what was rolled up stays, all is counted', async () => {
  await using running = await startAppliance({
    flags: { 'historian.budget_bytes': BUDGET, 'historian.lateness_s': 1, 'mqtt.max_payload_bytes': 1_048_576 },
  });
  const person = await running.signIn();
  const client = await running.connect();
  const storage = () => person.get('/storage');
  for (let day = 0; day < DAYS; day++) {
    const start = FIRST + day * DAY_MS;
    const sent: Promise<unknown>[] = [];
    for (let at = 0; at < SAMPLES; at += IN_MESSAGE) {
      const samples = Array.from({ length: IN_MESSAGE }, (_, i) => ({
        timestamp: start + Math.floor(((at + i) * DAY_MS) / SAMPLES),
        metrics: { text: randomBytes(189).toString('base64'), n: at + i },
      }));
      const payload = JSON.stringify({ samples });
      sent.push(client.publishAsync('factories/vpc/devices/m/telemetry', payload, { qos: 1 }));
      if (sent.length >= 20) await Promise.all(sent.splice(0));
    }
    await Promise.all(sent);
    // Each day is sealed before the next one comes, as it would be in the course of things.
    await eventually(async () => {
      return isCounted(await storage(), day + 1) ? true : undefined;
    }, 60_000);
  }
  // A round, of which there is one in ten seconds, removes a day; the more the journals take, the more days have to go.
  const settled = await eventually(async () => {
    const report = await storage();
    return report.appliance.bytes <= BUDGET && isCounted(report, DAYS) ? report : undefined;
  }, 180_000);

  const raw = rawOf(settled);
  const [device] = (await person.get('/devices?key=m')).items;
  const ask = (interval: string) => {
    const range = `from=${new Date(FIRST).toISOString()}&to=${new Date(FIRST + DAYS * DAY_MS).toISOString()}`;
    return person.get(`/devices/${device.id}/kpis/history?parameters=n&interval=${interval}&${range}`);
  };
  const [daily] = (await ask('1d')).series;
  assert.deepEqual(
    daily.points.map(({ count, min, max }: { count: number; min: number; max: number }) => [count, min, max]),
    Array.from({ length: DAYS }, () => [SAMPLES, 0, SAMPLES - 1]),
    'every day is there by what was rolled up of it',
  );
  const keptDays = (FIRST + DAYS * DAY_MS - Date.parse(raw.oldest)) / DAY_MS;
  assert.ok(keptDays >= 1 && keptDays < DAYS, `single samples of ${keptDays} days are kept`);
  assert.equal(raw.rows, keptDays * SAMPLES * 2, 'the newest days are whole');
  assert.equal(rawRemoved(settled.removed), (DAYS - keptDays) * SAMPLES * 2, 'what went is counted');
});
