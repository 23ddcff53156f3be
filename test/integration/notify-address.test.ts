import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import pino from 'pino';
import { createVault } from '../../src/accounts/accounts.ts';
import { change } from '../support/alarms.ts';
import { type Person, temporaryDirectory } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';
import { makeChannel, notifyPlant, SECRET, settled, tellBy, webhookTo } from '../support/notifications.ts';
import { httpReceiver } from '../support/receivers.ts';

/** As chat services give them out: whoever has the address may post. */
const PATH = '/services/T024BE7LH/B024BE7LQ/hD8sK2pQ0vXn4Zr7';
const TOKEN = 'q7Rw4tYz';
const ADDRESS = `${PATH}?token=${TOKEN}`;
const HIDDEN = ['T024BE7LH', 'B024BE7LQ', 'hD8sK2pQ0vXn4Zr7', TOKEN];

const hasNone = (text: string, what: string) => {
  for (const one of HIDDEN) assert.equal(text.includes(one), false, `${what} holds ${one}: ${text.slice(0, 2_000)}`);
};

/** Every byte of every file, journals and backups included. */
function searchFiles(directory: string): void {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.ok(files.some(({ name }) => name === 'control.db'));
  for (const { parentPath, name } of files) {
    const bytes = readFileSync(join(parentPath, name));
    for (const one of HIDDEN) assert.equal(bytes.includes(one), false, `${name} holds ${one}`);
  }
}

const testOf = async (person: Person, { id }: Json): Promise<Json> =>
  (await person.call('POST', `/notification-channels/${id}/test`)).body;

test('what follows the origin of a webhook is in no file, log or answer, whatever the other side repeats', async () => {
  let written = '';
  const log = pino(
    { level: 'trace' },
    new Writable({
      write: (chunk, _encoding, done) => {
        written += String(chunk);
        done();
      },
    }),
  );
  await using echo = await httpReceiver(({ path }, count) =>
    count % 2 === 1
      ? { status: 404, body: `{"error":"cannot POST ${path}, nor ${path.replaceAll('/', '\\/')}"}` }
      : { status: 302, headers: { Location: `https://moved.example${path}&again=1` } },
  );
  await using plant = await notifyPlant({ log });
  const { person, running } = plant;
  const channel = await makeChannel(person, webhookTo(`${echo.url}${ADDRESS}`));
  assert.deepEqual([channel.config, channel.secrets], [{ url: `${echo.url}/…` }, ['signing_secret']]);
  for (const status of ['404', '302']) {
    const outcome = JSON.stringify(await testOf(person, channel));
    assert.match(outcome, new RegExp(`HTTP ${status}.*•••`));
    hasNone(outcome, 'the answer of a test');
  }
  const silent = await makeChannel(person, webhookTo(`http://127.0.0.1:9${ADDRESS}`));
  const odd = await person.call('POST', '/notification-channels', {
    name: 'x',
    ...webhookTo(`ftp://127.0.0.1${ADDRESS}`),
  });
  assert.equal(odd.status, 422);
  hasNone(JSON.stringify(odd.body), 'a refusal');
  tellBy(plant, [channel.id, silent.id]);
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  hasNone(JSON.stringify(await settled(person, 2)), 'a message');
  await person.call('PATCH', `/notification-channels/${channel.id}`, { config: { url: `${echo.url}${ADDRESS}&b=1` } });
  await person.call('DELETE', `/notification-channels/${silent.id}`);
  for (const path of ['/notification-channels', `/notification-channels/${channel.id}`, '/audit?limit=500']) {
    hasNone(JSON.stringify(await person.get(path)), path);
  }
  assert.equal(echo.received.at(0)?.path, ADDRESS);
  searchFiles(running.config.data_dir);
  assert.match(written, /notification-channels/);
  hasNone(written, 'the log');
});

test('what an answer repeats of an address is not shown where its end cuts through it either', async () => {
  await using long = await httpReceiver(({ path }) => ({ status: 404, body: `${'x'.repeat(470)} ${path}` }));
  await using plant = await notifyPlant();
  const channel = await makeChannel(plant.person, webhookTo(`${long.url}${ADDRESS}`));
  const [{ detail }] = (await testOf(plant.person, channel)).results;
  assert.match(detail, /^HTTP 404 x{470} $/);
});

test('who reads a channel and writes it back changes no address; another one is said whole', async () => {
  await using receiver = await httpReceiver();
  await using plant = await notifyPlant();
  const { person } = plant;
  const { id } = await makeChannel(person, webhookTo(`${receiver.url}/first/${TOKEN}`));
  const path = `/notification-channels/${id}`;
  const lastPath = async () => {
    assert.equal((await testOf(person, { id })).delivered, true);
    return receiver.received.at(-1)?.path;
  };
  const changedLast = async () => {
    const [entry] = (await person.get('/audit?limit=1')).items;
    return Object.keys(entry.changes[0].after);
  };
  const { config, name } = await person.get(path);
  const renamed = await person.call('PATCH', path, { name: `${name} again`, config });
  assert.deepEqual([renamed.status, renamed.body.config], [200, config]);
  assert.deepEqual(await changedLast(), ['name']);
  assert.equal(await lastPath(), `/first/${TOKEN}`);
  // As a client may write it that parses addresses.
  const parsed = { url: new URL(config.url).href };
  assert.equal((await person.call('PATCH', path, { config: parsed })).status, 200);
  assert.equal(await lastPath(), `/first/${TOKEN}`);
  for (const url of [`${config.url}/more`, 'https://other.example/…', `${receiver.url}/a?x=…`]) {
    const refused = await person.call('PATCH', path, { config: { url } });
    const { pointer, message } = refused.body.errors[0];
    assert.deepEqual([refused.status, pointer], [422, '/config/url'], url);
    assert.match(message, /whole address/);
  }
  const made = await person.call('POST', '/notification-channels', { name: 'x', ...webhookTo(config.url) });
  assert.deepEqual([made.status, made.body.errors[0].pointer], [422, '/config/url']);
  assert.equal(await lastPath(), `/first/${TOKEN}`);

  const moved = await person.call('PATCH', path, { config: { url: `${receiver.url}/second` } });
  assert.deepEqual([moved.status, moved.body.secrets], [200, ['signing_secret']]);
  assert.deepEqual(await changedLast(), ['secrets']);
  assert.equal(await lastPath(), '/second');
  const bare = await person.call('PATCH', path, { config: { url: receiver.url } });
  assert.deepEqual(bare.body.config, { url: receiver.url });
  assert.equal(await lastPath(), '/');
});

test('an address that was stored as it is goes on, and is nowhere to be read any more', async () => {
  await using receiver = await httpReceiver();
  using directory = temporaryDirectory();
  const { path: dataDir } = directory;
  const file = join(dataDir, 'control.db');
  // It takes pages of its own, which are free when it is gone.
  const long = `${ADDRESS}&state=${'x'.repeat(1_500)}&token=${TOKEN}`;
  let ids: string[];
  {
    await using plant = await notifyPlant({ dataDir });
    const urls = [`${receiver.url}/replaced`, `${receiver.url}`, 'https://lost.example/replaced'];
    const channels = await Promise.all(urls.map((url) => makeChannel(plant.person, webhookTo(url))));
    ids = channels.map(({ id }) => id);
  }
  {
    // As a version of before has left it: the address in `config`, the secret that signs alone sealed.
    const db = new Database(file);
    const vault = createVault(readFileSync(join(dataDir, 'secret.key')));
    const foreign = createVault(Buffer.alloc(32));
    const put = db.prepare('update notification_channels set config = ?, secrets = ? where id = ?');
    const sealed = (by: typeof vault, id = '') =>
      by.seal(JSON.stringify({ signing_secret: SECRET }), `notification channel ${id}`);
    const [known, origin, lost] = ids;
    put.run(JSON.stringify({ url: `${receiver.url}${long}` }), sealed(vault, known), known);
    put.run(JSON.stringify({ url: receiver.url }), sealed(vault, origin), origin);
    put.run(JSON.stringify({ url: 'https://lost.example/kept-as-it-is' }), sealed(foreign, lost), lost);
    db.close();
    assert.ok(readFileSync(file).includes(PATH));
  }
  await using plant = await notifyPlant({ dataDir, seeded: false });
  const { person } = plant;
  searchFiles(dataDir);
  const shown = await Promise.all(ids.map((id) => person.get(`/notification-channels/${id}`)));
  assert.deepEqual(
    shown.map(({ config }) => config.url),
    [`${receiver.url}/…`, receiver.url, 'https://lost.example/…'],
  );
  for (const channel of shown.slice(0, 2)) assert.equal((await testOf(person, channel)).delivered, true);
  assert.deepEqual(
    receiver.received.map(({ path }) => path),
    [long, '/'],
  );
  assert.ok(receiver.received.every(({ headers }) => headers['x-factoryops-signature'] !== undefined));
  // Its key is another one: it goes on when that is put back, or when all of it is said anew.
  const [, , lost] = shown;
  const path = `/notification-channels/${lost.id}`;
  assert.equal((await person.call('POST', `${path}/test`)).status, 503);
  const anew = { config: { url: `${receiver.url}/anew` }, secrets: { signing_secret: SECRET } };
  assert.equal((await person.call('PATCH', path, anew)).status, 200);
  assert.equal((await testOf(person, lost)).delivered, true);
  hasNone(JSON.stringify(await person.get('/audit?limit=500')), 'the audit');
});
