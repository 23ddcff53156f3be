import assert from 'node:assert/strict';
import { test } from 'node:test';
import { variedDevices } from '../../../../ui/pages/rules/applied-devices.ts';

const device = (key: string, ...tags: string[]) => ({ id: `id of ${key}`, key, tags });
const keysOf = (devices: readonly { readonly key: string }[]) => devices.map(({ key }) => key);

test('of many devices some of each sort are asked what they send, however many there are of one', () => {
  const furnaces = Array.from({ length: 1_000 }, (_, place) => device(`F${place}`));
  const all = [...furnaces, device('line1-press2'), device('line1-pump7'), device('M1', 'motor'), device('M2')];
  assert.deepEqual(keysOf(variedDevices(all, 7)), ['F0', 'line1-press2', 'line1-pump7', 'M1', 'M2', 'F1', 'F2']);
});

test('the device that is looked at is asked before all, and none twice', () => {
  const all = [device('F1'), device('F2'), device('F3')];
  assert.deepEqual(keysOf(variedDevices(all, 16, 'id of F3')), ['F3', 'F1', 'F2']);
  assert.deepEqual(keysOf(variedDevices(all, 2, 'id of another')), ['F1', 'F2']);
  assert.deepEqual(variedDevices([], 2), []);
});
