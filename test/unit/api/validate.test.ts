import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { parse } from '../../../src/api/validate.ts';
import { AppError } from '../../../src/core/errors.ts';

const schema = z.strictObject({
  minutes: z.int().min(1).max(60),
  reason: z.string().trim().min(1).max(5),
  ids: z.array(z.uuid()).min(2).max(3),
  severity: z.enum(['low', 'high']),
  until: z.iso.datetime(),
  above: z.number().gt(0).lt(10),
  isOn: z.boolean(),
  kind: z.literal('mail'),
  own: z.string({ error: 'say who' }).min(3, 'too short a name'),
});
const GOOD = {
  minutes: 5,
  reason: 'known',
  ids: ['11111111-1111-4111-8111-111111111111', '11111111-1111-4111-8111-111111111112'],
  severity: 'low',
  until: '2026-11-29T12:00:00Z',
  above: 1,
  isOn: true,
  kind: 'mail',
  own: 'Anna',
};

const faultsOf = (more: object): readonly { pointer: string; message: string }[] => {
  try {
    parse(schema, { ...GOOD, ...more }, 'body');
    return [];
  } catch (error) {
    assert.ok(error instanceof AppError);
    return error.faults;
  }
};

test('what is wrong is said in plain words, in those of the schema where it has some', () => {
  const cases: readonly (readonly [member: keyof typeof GOOD, value: unknown, words: string])[] = [
    ['minutes', 0, 'at least 1'],
    ['minutes', 61, 'at most 60'],
    ['minutes', 1.5, 'say it as a whole number'],
    ['minutes', '5', 'say it as a number'],
    ['minutes', undefined, 'it is missing'],
    ['reason', ' ', 'it is empty'],
    ['reason', 'too long', 'at most 5 characters'],
    ['reason', 7, 'say it as text'],
    ['reason', null, 'say it as text'],
    ['ids', [GOOD.ids[0]], 'at least 2'],
    ['ids', 5, 'say it as a list'],
    ['severity', 'huge', 'say one of: low, high'],
    ['until', 'tomorrow', 'not a time such as 2026-11-29T12:00:00Z'],
    ['above', 0, 'more than 0'],
    ['above', 10, 'less than 10'],
    ['isOn', 1, 'say true or false'],
    ['kind', 'sms', 'say mail'],
    ['own', 5, 'say who'],
    ['own', 'A', 'too short a name'],
  ];
  for (const [member, value, message] of cases) {
    assert.deepEqual(faultsOf({ [member]: value }), [{ pointer: `/${member}`, message }], `${member} ${value}`);
  }
  assert.deepEqual(faultsOf({ ids: [GOOD.ids[0], 'x'] }), [{ pointer: '/ids/1', message: 'not an id' }]);
  assert.deepEqual(faultsOf({ more: 1 }), [{ pointer: '/more', message: 'unknown key' }]);
  assert.deepEqual(faultsOf({}), []);
});
