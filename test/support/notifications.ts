import assert from 'node:assert/strict';
import { type AlarmPlant, alarmPlant, RULE, rule } from './alarms.ts';
import { type ApplianceOptions, eventually, type Person } from './appliance.ts';
import type { Json } from './json.ts';

/** Quick enough for a test, and allowed to speak to it. */
export const NOTIFY_FLAGS = {
  'notify.allow_local_webhooks': true,
  'notify.retry_base_s': 0.05,
  'notify.gather_s': 0.5,
  'notify.max_attempts': 4,
  'http.public_url': 'https://plant.example/',
};

export const SECRET = 'a secret of the webhook';
const ALL = ['raised', 'severity_changed', 'acknowledged', 'cleared', 'escalated'] as const;

/** Makes a channel. @returns as the API shows it */
export async function makeChannel(person: Person, body: object): Promise<Json> {
  const answer = await person.call('POST', '/notification-channels', { name: 'programs', ...body });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

export const webhookTo = (url: string, more: object = {}) => ({
  kind: 'webhook',
  config: { url },
  secrets: { signing_secret: SECRET },
  ...more,
});

/** An appliance with one rule, that tells by these channels of all that happens. */
export async function notifyPlant(
  options: ApplianceOptions = {},
  channels: (person: Person) => Promise<readonly string[]> = async () => [],
): Promise<AlarmPlant> {
  const plant = await alarmPlant({ ...options, flags: { ...NOTIFY_FLAGS, ...options.flags } });
  tellBy(plant, await channels(plant.person));
  return plant;
}

/** Has the plant's rule tell by these channels of all that happens. */
export function tellBy(plant: AlarmPlant, channels: readonly string[], more: object = {}): void {
  const notifications = channels.map((id) => ({ channel_id: id, on: ALL }));
  plant.rules.set(RULE, rule(RULE, { notifications, ...more }));
}

/** Waits until nothing waits to be sent any more. @returns all, the oldest first */
export const settled = (person: Person, atLeast = 1, withinMs = 15_000): Promise<Json[]> =>
  eventually(async () => {
    const { items } = await person.get('/notifications?limit=500');
    const waits = items.some(({ state }: Json) => state === 'pending');
    return items.length >= atLeast && !waits ? items.toReversed() : undefined;
  }, withinMs);

/** A mail server on this machine, as a channel names it. */
export const serverAt = (port: number, more: object = {}) => ({
  host: '127.0.0.1',
  port,
  security: 'none',
  from: 'Plant <plant@x.example>',
  sign_in: 'none',
  ...more,
});

/** A channel that mails to Anna. @param server - null: the appliance's own */
export const mailTo = (server: object | null, more: object = {}) => ({
  kind: 'email',
  config: { addresses: ['anna@x.example'], server },
  ...more,
});
