import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceCommand } from '../../../../ui/api/schema.ts';
import { parametersIn, withCommand } from '../../../../ui/pages/device/command-list.ts';

const command = (id: string, status: DeviceCommand['status']) => ({ id, status }) as DeviceCommand;

test('parameters are a JSON object, or nothing at all', () => {
  assert.deepEqual(parametersIn(' '), {});
  assert.deepEqual(parametersIn('{"speed": {"rpm": 1}}'), { speed: { rpm: 1 } });
  for (const typed of ['[1]', 'null', '1', '"a"', '{a: 1}', '{']) assert.equal(parametersIn(typed), undefined, typed);
});

test('a command that has come further stays in its place, a new one stands first', () => {
  const known = [command('b', 'sent'), command('a', 'queued')];
  assert.deepEqual(withCommand(known, command('a', 'sent')), [command('b', 'sent'), command('a', 'sent')]);
  assert.deepEqual(
    withCommand(known, command('c', 'queued')).map(({ id }) => id),
    ['c', 'b', 'a'],
  );
});
