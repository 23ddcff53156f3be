import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { createAddressGuard, isLocalAddress, type Resolve } from '../../../src/notify/address-guard.ts';
import { failureOf } from '../../../src/notify/channels/webhook.ts';
import { createSendRequest } from '../../../src/notify/guarded-request.ts';
import { httpReceiver } from '../../support/receivers.ts';

const LOCAL = [
  '127.0.0.1',
  '127.255.0.9',
  '0.0.0.0',
  '169.254.169.254',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:169.254.169.254',
  '64:ff9b::7f00:1',
  '64:ff9b::169.254.169.254',
  '2002:7f00:1::',
  '0:0:0:0:0:0:0:1',
  '::ffff:0:127.0.0.1',
  '64:ff9b:1::7f00:1',
  'not an address',
];
const ELSEWHERE = [
  '192.0.2.7',
  '10.1.2.3',
  '192.168.200.200',
  '172.16.9.9',
  '2001:db8::7',
  'fd00::7',
  '::ffff:10.1.2.3',
  '64:ff9b::a01:203',
];

const spellOut = (address: string): string => {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const words = (text: string) => (text === '' ? [] : text.split(':'));
  const [first, last] = [words(head), words(tail ?? '')];
  const filler = Array<string>(tail === undefined ? 0 : 8 - first.length - last.length).fill('0');
  return [...first, ...filler, ...last].join(':');
};

test('this machine and link-local addresses are told from all others, however they are written', () => {
  assert.deepEqual(
    LOCAL.filter((address) => !isLocalAddress(address)),
    [],
  );
  assert.deepEqual(
    ELSEWHERE.filter((address) => isLocalAddress(address)),
    [],
  );
  const own = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
  // Every group written out, in capitals.
  const spelledOut = own.filter((address) => address.includes(':')).map((address) => spellOut(address).toUpperCase());
  assert.deepEqual(
    [...own, ...spelledOut].filter((address) => !isLocalAddress(address)),
    [],
  );
  const cards = () => ({ eth0: [{ address: '2001:db8::5' }, { address: '192.168.7.7' }] });
  for (const address of [
    '2001:db8::5',
    '2001:DB8:0:0:0:0:0:5',
    '2001:db8::0005',
    '192.168.7.7',
    '::ffff:192.168.7.7',
  ]) {
    assert.equal(isLocalAddress(address, cards), true, address);
  }
  for (const address of ['2001:db8::6', '192.168.7.8']) assert.equal(isLocalAddress(address, cards), false, address);
});

const strict = (resolve?: Resolve, allowedHosts: readonly string[] | null = null) =>
  createAddressGuard({ allowsLocal: false, allowedHosts, ...(resolve && { resolve }) });
const POST = { method: 'POST', body: '{}' } as const;

test('nothing is sent to this machine, by any spelling of it', async () => {
  await using receiver = await httpReceiver();
  const send = createSendRequest(strict(), 2_000);
  for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0']) {
    await assert.rejects(send(`http://${host}:${receiver.port}/`, POST), /notify\.allow_local_webhooks/, host);
  }
  assert.equal(receiver.received.length, 0);
  await createSendRequest(createAddressGuard({ allowsLocal: true, allowedHosts: null }), 2_000)(receiver.url, POST);
  assert.equal(receiver.received.length, 1);
});

test('a name that stands for another address at the second look gets nothing either', async () => {
  await using receiver = await httpReceiver();
  let looks = 0;
  // Harmless when it is checked, this machine when it is connected to.
  const rebinding: Resolve = async () => [{ address: looks++ === 0 ? '192.0.2.7' : '127.0.0.1', family: 4 }];
  const send = createSendRequest(strict(rebinding), 300);
  const url = `http://rebound.example:${receiver.port}/`;
  // The first goes where it was looked up, and nowhere else.
  await assert.rejects(send(url, POST), /no answer|ENETUNREACH|EHOSTUNREACH|ECONNREFUSED|timed? ?out/i);
  assert.equal(looks, 1);
  await assert.rejects(send(url, POST), /notify\.allow_local_webhooks/);
  assert.equal(receiver.received.length, 0);
  const mixed: Resolve = async () => [
    { address: '192.0.2.7', family: 4 },
    { address: '::1', family: 6 },
  ];
  await assert.rejects(createSendRequest(strict(mixed), 300)(url, POST), /notify\.allow_local_webhooks/);
});

test('where hosts are named, no other one is sent to', async () => {
  const guard = strict(async () => [{ address: '192.0.2.7', family: 4 }], ['hooks.example', '192.0.2.9']);
  assert.equal(await guard.addressOf('HOOKS.example'), '192.0.2.7');
  assert.equal(await guard.addressOf('192.0.2.9'), '192.0.2.9');
  await assert.rejects(guard.addressOf('192.0.2.7'), /allowed_hosts/);
  await assert.rejects(guard.addressOf('other.example'), /allowed_hosts/);
  await assert.rejects(strict(undefined, []).addressOf('hooks.example'), /allowed_hosts/);
});

test('who cannot be reached by any of their addresses is told of in words', async () => {
  const nowhere: Resolve = async () => [
    { address: '127.0.0.1', family: 4 },
    { address: '127.0.0.2', family: 4 },
  ];
  const guard = createAddressGuard({ allowsLocal: true, allowedHosts: null, resolve: nowhere });
  await using receiver = await httpReceiver();
  const { port } = receiver;
  await receiver[Symbol.asyncDispose]();
  const failure = await createSendRequest(guard, 2_000)(`http://hooks.example:${port}/`, POST).catch(failureOf);
  assert.ok('detail' in failure);
  assert.match(failure.detail, /ECONNREFUSED 127\.0\.0\.1/);
});
