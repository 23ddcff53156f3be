import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../../src/store/sqlite.ts';
import { fakeClock } from '../support/accounts.ts';
import {
  type ApplianceOptions,
  eventually,
  personWith,
  spawnAppliance,
  startAppliance,
  temporaryDirectory,
} from '../support/appliance.ts';
import type { Json } from '../support/json.ts';
import { type Talk, talk } from '../support/mqtt-talk.ts';

const ROUNDS = 5;

/** An appliance in a process of its own, to be killed and started again on the same data. */
function killable(): { start(): Promise<{ url: string; kill(): Promise<void> }> } & Disposable {
  const directory = temporaryDirectory();
  const config = join(directory.path, 'config.json');
  writeFileSync(config, JSON.stringify({ mqtt: { shared_topics: ['#'] } }));
  const children: ChildProcess[] = [];
  return {
    start: async () => {
      const { child, ready, exited } = await spawnAppliance(['--config', config, '--data-dir', directory.path]);
      children.push(child);
      const kill = async () => {
        child.kill('SIGKILL');
        await exited;
      };
      return { url: ready.mqtt, kill };
    },
    [Symbol.dispose]: () => {
      for (const child of children) child.kill('SIGKILL');
      directory[Symbol.dispose]();
    },
  };
}

test('killed, the appliance has every session, what waits in it, what was in flight, and what is retained', async () => {
  using world = killable();
  const first = await world.start();
  const away = await talk(first.url, { clientId: 'away', clean: false });
  await away.subscribe(['away/#', 2], ['other/+', 1]);
  using sender = await talk(first.url, { clientId: 'sender', clean: false });
  for (const [index, qos] of ([1, 2, 2] as const).entries()) await sender.publish('away/x', `flight ${index}`, { qos });
  const flying = [];
  for (let index = 0; index < 3; index++) flying.push(await away.receive({ answered: false }));
  away.send({ cmd: 'pubrec', messageId: flying[2]?.messageId ?? 0 });
  await away.next('pubrel');
  away.socket.destroy();
  await away.closed;
  for (const qos of [1, 2] as const) await sender.publish('other/x', `waits ${qos}`, { qos });
  await sender.publish('kept/x', 'gone', { qos: 1, retain: true });
  await sender.publish('kept/x', 'last', { qos: 1, retain: true });
  await sender.publish('kept/y', 'cleared', { qos: 1, retain: true });
  await sender.publish('kept/y', '', { qos: 1, retain: true });
  const once = { cmd: 'publish', topic: 'away/once', payload: 'once', qos: 2, messageId: 77, retain: false } as const;
  sender.send({ ...once, dup: false });
  await sender.next('pubrec');
  await first.kill();

  const second = await world.start();
  const back = await talk(second.url, { clientId: 'away', clean: false });
  assert.equal(back.sessionPresent, true);
  const { messageId = 0 } = await back.next('pubrel');
  assert.equal(messageId, flying[2]?.messageId);
  back.send({ cmd: 'pubcomp', messageId });
  const seen = [await back.receive(), await back.receive()];
  assert.deepEqual(
    seen.map(({ messageId, text, dup }) => [messageId, text, dup]),
    flying.slice(0, 2).map(({ messageId, text }) => [messageId, text, true]),
  );
  const texts = [];
  for (let index = 0; index < 3; index++) texts.push((await back.receive()).text);
  assert.deepEqual(texts, ['waits 1', 'waits 2', 'once']);

  using resumed = await talk(second.url, { clientId: 'sender', clean: false });
  assert.equal(resumed.sessionPresent, true);
  resumed.send({ ...once, dup: true });
  await resumed.next('pubrec');
  resumed.send({ cmd: 'pubrel', messageId: 77 });
  await resumed.next('pubcomp');
  await resumed.publish('other/x', 'still subscribed', { qos: 1 });
  assert.equal((await back.receive()).text, 'still subscribed');
  await back.nothing();
  using reader = await talk(second.url);
  await reader.subscribe('kept/#');
  assert.deepEqual(await reader.receive().then(({ text, retain }) => [text, retain]), ['last', true]);
  await reader.nothing();
  await back.disconnect();
  await second.kill();
});

/** Publishes numbers from `next` on with QoS 2, and goes on with the one that was not finished, until it is cut off. */
async function publishNumbers(sender: Talk, state: { next: number; unfinished: number | null }): Promise<void> {
  try {
    for (;;) {
      const number = state.unfinished ?? state.next;
      const messageId = (number % 60_000) + 1;
      const dup = state.unfinished !== null;
      state.unfinished = number;
      sender.send({ cmd: 'publish', topic: 'count/x', payload: String(number), qos: 2, messageId, dup, retain: false });
      await sender.next('pubrec');
      sender.send({ cmd: 'pubrel', messageId });
      await sender.next('pubcomp');
      state.unfinished = null;
      state.next = number + 1;
    }
  } catch {}
}

test(`killed ${ROUNDS} times while numbers go through it with QoS 2, each arrives exactly once and in order`, async () => {
  using world = killable();
  const arrived: number[] = [];
  /** What the client has taken and not released, as a client keeps it across connections. */
  const held = new Map<number, string>();
  const state = { next: 0, unfinished: null as number | null };
  const readOn = async (reader: Talk) => {
    let at = 0;
    for (;;) {
      const packet = reader.packets[at];
      if (packet === undefined) {
        if (reader.socket.closed) return;
        await new Promise((resolve) => setTimeout(resolve, 1));
        continue;
      }
      at++;
      if (packet.cmd === 'publish') {
        const messageId = packet.messageId ?? 0;
        if (!held.has(messageId)) {
          held.set(messageId, packet.payload.toString());
          arrived.push(Number(packet.payload));
        }
        reader.send({ cmd: 'pubrec', messageId });
      }
      if (packet.cmd === 'pubrel') {
        held.delete(packet.messageId ?? 0);
        reader.send({ cmd: 'pubcomp', messageId: packet.messageId ?? 0 });
      }
    }
  };
  for (let round = 0; round <= ROUNDS; round++) {
    const running = await world.start();
    const reader = await talk(running.url, { clientId: 'reader', clean: false });
    if (round === 0) await reader.subscribe('count/#');
    const reading = readOn(reader);
    if (round === ROUNDS) {
      await eventually(() => (arrived.length >= state.next && held.size === 0 ? true : undefined), 20_000);
      reader.socket.destroy();
    } else {
      const sender = await talk(running.url, { clientId: 'sender', clean: false });
      const publishing = publishNumbers(sender, state);
      const target = state.next + 5 + round * 3;
      await eventually(() => (state.next >= target ? true : undefined), 20_000);
      await running.kill();
      await publishing;
    }
    await reading;
    if (round === ROUNDS) await running.kill();
  }
  assert.ok(state.next > 30);
  assert.deepEqual(
    arrived.slice(0, state.next),
    Array.from({ length: state.next }, (_unused, index) => index),
  );
  assert.ok(arrived.length <= state.next + 1, `${arrived.length} arrived of ${state.next}`);
});

async function withCredential(options: ApplianceOptions = {}, devices = ['M01']) {
  const running = await startAppliance(options);
  const person = await running.signIn();
  const { body } = await person.call('POST', '/device-credentials', { name: 'gw', devices });
  const login = { clientId: 'gw', username: body.username as string, password: Buffer.from(body.password) };
  return { running, person, id: body.id as string, login };
}
const COMMANDS = 'factories/vpc/devices/M01/commands';

test('a command whose time is over is not delivered any more, also over a restart; others are', async () => {
  using directory = temporaryDirectory();
  const clock = fakeClock(Date.now());
  const options = { clock, dataDir: directory.path };
  const { running, login } = await withCredential(options);
  const gone = await talk(running.ready.mqtt, { ...login, clean: false });
  await gone.subscribe([COMMANDS, 1]);
  await gone.publish('factories/vpc/devices/M01/telemetry', '{"metrics":{"n":1}}', { qos: 1 });
  const send = (payload: string, expiresAt?: number) =>
    running.appliance.publish({ topic: COMMANDS, payload, qos: 1, ...(expiresAt && { expiresAt }) });
  assert.deepEqual(await send('in flight', clock.now() + 60_000), { sent: 1, queued: 0 });
  await gone.receive({ answered: false });
  gone.socket.destroy();
  await gone.closed;
  await eventually(async () => ((await send('over', clock.now() + 60_000)).queued === 1 ? true : undefined));
  await send('in time', clock.now() + 600_000);
  await send('keeps');
  await running[Symbol.asyncDispose]();
  clock.advance(61_000);
  await using again = await startAppliance({ ...options, seeded: false });
  using back = await talk(again.ready.mqtt, { ...login, clean: false });
  assert.deepEqual([(await back.receive()).text, (await back.receive()).text], ['in time', 'keeps']);
  await back.nothing();
});

test('with a credential its session goes, and what waited in it; a new one of the same name begins anew', async () => {
  const { running, person, id, login } = await withCredential();
  await using _ = running;
  const first = await talk(running.ready.mqtt, { ...login, clean: false });
  await first.subscribe([COMMANDS, 1]);
  const removed = person.call('DELETE', `/device-credentials/${id}`);
  await Promise.all([first.closed, removed]);
  assert.deepEqual(await running.appliance.publish({ topic: COMMANDS, payload: 'x', qos: 1 }), { sent: 0, queued: 0 });
  const { body } = await person.call('POST', '/device-credentials', { name: 'gw', devices: ['M01'] });
  using second = await talk(running.ready.mqtt, { ...login, password: Buffer.from(body.password), clean: false });
  assert.equal(second.sessionPresent, false);
  await second.nothing();
});

test('with a factory its sessions and its bus go; one that takes the slug finds nothing of it', async () => {
  await using running = await startAppliance({ flags: { 'mqtt.factory_bus': true } });
  const owner = await running.signIn();
  const make = async () => {
    const { body: factory } = await owner.call('POST', '/factories', { name: 'Old', slug: 'old', timezone: 'UTC' });
    const inside = await running.signIn();
    const { body } = await inside.call('POST', '/auth/switch-factory', { factory_id: factory.id });
    const admin = personWith(running.ready.http, body.access_token);
    const { body: made } = await admin.call('POST', '/device-credentials', { name: 'gw', devices: ['*'] });
    const login = { username: made.username, password: Buffer.from(made.password), clientId: 'gw', clean: false };
    return { id: factory.id, connect: () => talk(running.ready.mqtt, login) };
  };
  const old = await make();
  const first = await old.connect();
  await first.subscribe('factories/old/bus/#');
  await first.publish('factories/old/bus/x', 'secret', { qos: 1, retain: true });
  assert.equal((await first.receive()).text, 'secret');
  assert.equal((await owner.call('POST', `/factories/${old.id}/archive`)).status, 200);
  await first.closed;
  assert.equal((await owner.call('DELETE', `/factories/${old.id}?confirm=old`)).status, 204);
  const taken = await make();
  using second = await taken.connect();
  assert.equal(second.sessionPresent, false);
  await second.subscribe('factories/old/bus/#');
  await second.nothing();
});

test('a device whose credential no longer covers a topic is not sent what waits for it, and its subscription is gone', async () => {
  using directory = temporaryDirectory();
  const { running, login } = await withCredential({ dataDir: directory.path }, ['M01', 'M02']);
  const first = await talk(running.ready.mqtt, { ...login, clean: false });
  await first.subscribe([COMMANDS, 1], ['factories/vpc/devices/M02/commands', 1]);
  await first.disconnect();
  for (const key of ['M01', 'M02']) {
    await running.appliance.publish({ topic: `factories/vpc/devices/${key}/commands`, payload: key, qos: 1 });
  }
  await running[Symbol.asyncDispose]();
  const db = openDatabase(join(directory.path, 'control.db'));
  db.exec(`update device_credentials set device_keys = '["M02"]'`);
  db.close();
  await using again = await startAppliance({ dataDir: directory.path, seeded: false });
  using back = await talk(again.ready.mqtt, { ...login, clean: false });
  assert.equal((await back.receive()).text, 'M02');
  const { sent } = await again.appliance.publish({ topic: COMMANDS, payload: 'x', qos: 1 });
  assert.equal(sent, 0);
  await back.nothing();
});

test('at the bounds the oldest message goes, and what is retained beyond is passed on, kept out and listed', async () => {
  await using running = await startAppliance({
    flags: {
      'mqtt.shared_topics': ['#'],
      'mqtt.max_queued_messages': 3,
      'mqtt.max_retained_messages': 2,
      'mqtt.max_retained_bytes': 1_000,
    },
  });
  const away = await talk(running.ready.mqtt, { clientId: 'away', clean: false });
  await away.subscribe(['q/#', 1]);
  await away.disconnect();
  using sender = await talk(running.ready.mqtt);
  for (let index = 0; index < 5; index++) await sender.publish('q/x', String(index), { qos: 1 });
  using back = await talk(running.ready.mqtt, { clientId: 'away', clean: false });
  const texts = [];
  for (let index = 0; index < 3; index++) texts.push((await back.receive()).text);
  assert.deepEqual(texts, ['2', '3', '4']);
  await back.nothing();

  await sender.subscribe('r/#');
  for (const topic of ['r/1', 'r/2', 'r/3']) {
    await sender.publish(topic, topic, { qos: 1, retain: true });
    assert.equal((await sender.receive()).text, topic);
  }
  await sender.publish('r/2', 'x'.repeat(2_000), { qos: 1, retain: true });
  using reader = await talk(running.ready.mqtt);
  await reader.subscribe('r/#');
  assert.deepEqual([(await reader.receive()).text, (await reader.receive()).text], ['r/1', 'r/2']);
  await reader.nothing();
  const { items } = await (await running.signIn()).get('/connection-log/unassigned');
  assert.equal(items.find(({ reason }: Json) => reason === 'not_retained').count, 2);
});

test('with as many sessions as are kept, the one that is away for the longest goes; none that is connected does', async () => {
  await using running = await startAppliance({ flags: { 'mqtt.max_sessions': 2, 'mqtt.shared_topics': ['#'] } });
  const connect = (clientId: string) => talk(running.ready.mqtt, { clientId, clean: false });
  await (await connect('a')).disconnect();
  using b = await connect('b');
  using c = await connect('c');
  assert.equal(c.sessionPresent, false);
  await assert.rejects(connect('a'), /3/);
  await c.disconnect();
  using a = await connect('a');
  assert.equal(a.sessionPresent, false);
  await b.nothing();
});

test('the status of a device is retained for its own credential and for readers of its factory, and told when it changes', async () => {
  const clock = fakeClock(Date.now());
  const { running, person, login } = await withCredential({ clock });
  await using _ = running;
  using device = await talk(running.ready.mqtt, login);
  const status = (key: string) => `factories/vpc/devices/${key}/status`;
  assert.deepEqual(await device.subscribe([status('M01'), 1], [status('M02'), 1], [status('+'), 1]), [1, 0x80, 0x80]);
  await device.publish('factories/vpc/devices/M01/telemetry', '{"metrics":{"n":1}}', { qos: 1 });
  const online = await device.receive();
  assert.deepEqual([online.topic, online.text, online.retain], [status('M01'), 'online', false]);
  const { body: key } = await person.call('POST', '/api-keys', {
    name: 'r',
    role: 'viewer',
    permissions: [],
    expires_at: null,
  });
  const password = Buffer.from(key.secret);
  using reader = await talk(running.ready.mqtt, { username: 'api-key', password, clientId: 'r' });
  await reader.subscribe([status('M01'), 1]);
  const kept = await reader.receive();
  assert.deepEqual([kept.topic, kept.text, kept.retain, kept.qos], [status('M01'), 'online', true, 0]);
  const { items } = await person.get('/devices?key=M01');
  assert.equal((await person.call('DELETE', `/devices/${items[0].id}`)).status, 204);
  assert.deepEqual(await reader.receive().then(({ text, retain }) => [text, retain]), ['', false]);
  using late = await talk(running.ready.mqtt, { username: 'api-key', password, clientId: 'late' });
  await late.subscribe([status('M01'), 1]);
  await late.nothing();
  await late.subscribe([status('+'), 0]);
  assert.deepEqual(await late.receive().then(({ text, retain }) => [text, retain]), ['offline', true]);
});
