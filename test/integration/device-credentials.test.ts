import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MqttClient } from 'mqtt';
import { fakeClock } from '../support/accounts.ts';
import { eventually, type Person, type RunningAppliance, startAppliance } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';

interface Secret {
  readonly id: string;
  readonly username: string;
  readonly password: string;
}

const HOUR_S = 3_600;
/** Sign-ins of devices alone: nothing comes in without. */
const flags = { 'mqtt.anonymous': 'never' };

async function done(person: Person, method: string, path: string, body?: object): Promise<Json> {
  const answer = await person.call(method, path, body);
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const make = (person: Person, name: string, devices: readonly string[]): Promise<Secret> =>
  done(person, 'POST', '/device-credentials', { name, devices });
const rotate = (person: Person, { id }: Secret, keepOldS: number): Promise<Secret> =>
  done(person, 'POST', `/device-credentials/${id}/rotate`, { keep_old_s: keepOldS });
const only = async (person: Person): Promise<Json> => (await person.get('/device-credentials')).items[0];

const signInAs = (running: RunningAppliance, { username, password }: Secret) => running.connect({ username, password });
const isRefused = (running: RunningAppliance, secret: Secret, why: string) =>
  assert.rejects(signInAs(running, secret), /Not authorized|Bad username or password/i, why);

const publish = (client: MqttClient, key: string) =>
  Promise.race([
    client.publishAsync(`factories/vpc/devices/${key}/telemetry`, '{"metrics":{"t":1}}', { qos: 1 }),
    new Promise((_, reject) => client.once('close', () => reject(new Error(`cut off with a message of ${key}`)))),
  ]);
/** Settles when the broker has ended the connection. */
const ended = (client: MqttClient) => eventually(() => !client.connected || undefined, 15_000);
/** A message of a device that its sender may not speak for ends the connection. */
async function isCutFor(client: MqttClient, key: string): Promise<void> {
  const end = ended(client);
  publish(client, key).catch(() => {});
  await end;
}

test('a pattern speaks for the devices whose keys fit, those to come too, and for no other', async () => {
  await using running = await startAppliance({ flags });
  const person = await running.signIn();
  const secret = await make(person, 'hall', ['press-*', 'meter.a', '*-spare']);
  const client = await signInAs(running, secret);
  for (const key of ['press-', 'press-77', 'press-a.b_c', 'meter.a', 'x-spare', '-spare']) await publish(client, key);
  const keys = (await person.get('/devices?q=press-')).items.map(({ key }: Json) => key);
  for (const key of ['press-', 'press-77', 'press-a.b_c']) assert.ok(keys.includes(key), key);
  for (const key of ['press', 'a-press-1', 'meterxa', 'meter.a1', 'spare']) {
    await isCutFor(await signInAs(running, secret), key);
    assert.deepEqual((await person.get(`/devices?key=${key}`)).items, [], key);
  }
});

test('while old and new password overlap both sign in; then the new one alone, and who is in with the old one goes', async () => {
  const clock = fakeClock(Date.now());
  await using running = await startAppliance({ flags, clock });
  const person = await running.signIn();
  const first = await make(person, 'gw', ['*']);
  const before = await signInAs(running, first);
  const second = await rotate(person, first, HOUR_S);
  assert.notEqual(second.password, first.password);
  assert.equal(second.username, first.username);
  const old = await signInAs(running, first);
  const fresh = await signInAs(running, second);
  for (const client of [before, old, fresh]) await publish(client, 'M01');
  assert.equal(Date.parse((await only(person)).old_valid_until), clock.now() + HOUR_S * 1_000);

  const end = Promise.all([ended(old), ended(before)]);
  clock.advance(HOUR_S * 1_000 - 1);
  await signInAs(running, first);
  clock.advance(1);
  await isRefused(running, first, 'its time is over');
  await end;
  await publish(fresh, 'M01');
  await signInAs(running, second);
  assert.equal((await only(await running.signIn())).old_valid_until, null);
});

test('a third password ends the first, whatever it was promised', async () => {
  await using running = await startAppliance({ flags });
  const person = await running.signIn();
  const first = await make(person, 'gw', ['*']);
  const end = ended(await signInAs(running, first));
  const second = await rotate(person, first, 30 * 24 * HOUR_S);
  const third = await rotate(person, second, HOUR_S);
  await end;
  await isRefused(running, first, 'there are never more than two');
  await signInAs(running, second);
  await signInAs(running, third);
});

test('a new password without overlap cuts off who is in with the old one, and lets it in no more', async () => {
  await using running = await startAppliance({ flags });
  const person = await running.signIn();
  const first = await make(person, 'gw', ['*']);
  const bystander = await signInAs(running, await make(person, 'other', ['*']));
  const client = await signInAs(running, first);
  const end = ended(client);
  const second = await rotate(person, first, 0);
  await end;
  await isRefused(running, first, 'the old password');
  await publish(await signInAs(running, second), 'M01');
  await publish(bystander, 'M02');
});

test('a credential that is revoked while it is connected is cut off at once, and refused from then on', async () => {
  await using running = await startAppliance({ flags });
  const person = await running.signIn();
  const secret = await make(person, 'gw', ['*']);
  const clients = [await signInAs(running, secret), await signInAs(running, secret)];
  const ends = clients.map(ended);
  await done(person, 'DELETE', `/device-credentials/${secret.id}`);
  await Promise.all(ends);
  await isRefused(running, secret, 'revoked');
  assert.deepEqual((await person.get('/device-credentials')).items, []);
  assert.equal((await person.call('DELETE', `/device-credentials/${secret.id}`)).status, 404);
});

test('other devices end its connections, which come back with the new rights and the same password', async () => {
  await using running = await startAppliance({ flags });
  const person = await running.signIn();
  const secret = await make(person, 'gw', ['M01']);
  const client = await signInAs(running, secret);
  await publish(client, 'M01');
  const end = ended(client);
  const changed = await done(person, 'PATCH', `/device-credentials/${secret.id}`, { devices: ['M02', 'M02', 'M03'] });
  assert.deepEqual(changed.devices, ['M02', 'M03']);
  await end;
  const again = await signInAs(running, secret);
  await publish(again, 'M02');
  await isCutFor(again, 'M01');
});

test('when it last signed in is said, and never the password', async () => {
  const clock = fakeClock(Date.now());
  await using running = await startAppliance({ flags, clock });
  const person = await running.signIn();
  const secret = await make(person, 'gw', ['*']);
  assert.equal((await only(person)).used_at, null);
  await isRefused(running, { ...secret, password: 'wrong' }, 'a wrong password');
  assert.equal((await only(person)).used_at, null);
  await signInAs(running, secret);
  const used = await eventually(async () => (await only(person)).used_at ?? undefined);
  assert.equal(Date.parse(used), clock.now());
  assert.ok(!JSON.stringify(await person.get('/device-credentials')).includes(secret.password));
});
