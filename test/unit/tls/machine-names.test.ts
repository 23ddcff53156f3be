import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalHost, isCertifiable } from '../../../src/core/host-names.ts';
import { covers, namesIn, namesOf } from '../../../src/tls/machine-names.ts';

test('names of a machine are its own, those configured and its addresses, each once and in one form', () => {
  const machine = {
    hostname: 'Press-7.Plant.Example',
    addresses: ['127.0.0.1', '::1', '192.168.1.20', 'FD00:0::2', 'fd00::2', 'fe80::1%eth0', 'febf::1'],
  };
  assert.deepEqual(namesOf(machine, ['Plant.Example', '10.0.0.1', '[fd00::3]', 'plant.example']), [
    'localhost',
    '127.0.0.1',
    '::1',
    'plant.example',
    '10.0.0.1',
    'fd00::3',
    'press-7.plant.example',
    'press-7',
    'press-7.local',
    '192.168.1.20',
    'fd00::2',
  ]);
});

test('what cannot stand in a certificate is left out', () => {
  assert.deepEqual(namesOf({ hostname: 'fließband 3', addresses: ['300.1.1.1'] }, []), [
    'localhost',
    '127.0.0.1',
    '::1',
  ]);
  for (const name of ['', 'a b', '300.1.1.1', '1.2.3', '-a', 'a..b', '*.*.a', 'http://a', 'a'.repeat(64)]) {
    assert.equal(isCertifiable(name), false, name);
  }
  for (const name of ['a', 'plant.example', '*.plant.example', '10.0.0.1', 'fd00::2', 'machine_7']) {
    assert.equal(isCertifiable(name), true, name);
  }
});

test('a machine with very many addresses still gets a certificate', () => {
  const addresses = Array.from({ length: 500 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  assert.equal(namesOf({ hostname: 'a', addresses }, []).length, 100);
});

test('the names in a certificate are read as they were written', () => {
  const text = 'DNS:localhost, DNS:"odd name", IP Address:127.0.0.1, IP Address:FD00:0:0:0:0:0:0:2, URI:http://x';
  assert.deepEqual(namesIn(text), ['localhost', 'odd name', '127.0.0.1', 'fd00::2']);
  assert.deepEqual(namesIn(undefined), []);
});

test('a certificate covers a name it holds, and by a star one label and no address', () => {
  const names = ['plant.example', '*.plant.example', 'fd00::2', '10.0.0.1'];
  for (const host of ['Plant.Example', 'a.plant.example', 'FD00::0:2', '10.0.0.1'])
    assert.ok(covers(names, host), host);
  for (const host of ['a.b.plant.example', 'example', '10.0.0.2']) assert.ok(!covers(names, host), host);
  assert.equal(canonicalHost('[FE80::1%eth0]'), 'fe80::1');
});
