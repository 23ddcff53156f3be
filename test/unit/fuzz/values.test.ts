import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as z from 'zod';
import { hostileTexts, spoilt } from '../../fuzz/hostile.ts';
import { jsonOf, Known, ownObject, RawJson, resolved } from '../../fuzz/symbols.ts';
import { valuesOf } from '../../fuzz/values.ts';

const schemas = {
  Part: {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 5 },
      parts: { type: 'array', items: { $ref: '#/components/schemas/Part' } },
    },
    required: ['name'],
    additionalProperties: false,
  },
};
const machine = {
  type: 'object',
  properties: {
    id: { type: 'string', format: 'uuid' },
    made_at: { type: 'string', format: 'date-time' },
    slug: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,9}$' },
    speed: { type: ['number', 'null'], minimum: 0 },
    count: { type: 'integer', minimum: 1, maximum: 500 },
    kind: { enum: ['a', 'b'] },
    part: { anyOf: [{ $ref: '#/components/schemas/Part' }, { type: 'null' }] },
    pair: { type: 'array', prefixItems: [{ const: 1 }, { type: 'boolean' }] },
  },
  required: ['id', 'part'],
  additionalProperties: false,
};

const nothingKnown = { named: () => undefined };

test('values made from a schema are what the schema allows', () => {
  const validator = z.fromJSONSchema(
    JSON.parse(JSON.stringify({ ...machine, $defs: schemas }).replaceAll('#/components/schemas/', '#/$defs/')),
  );
  const property = fc.property(valuesOf(machine, schemas), (value) => {
    const json = JSON.parse(jsonOf(resolved(value, nothingKnown)));
    assert.ok(validator.safeParse(json).success, JSON.stringify(json));
  });
  fc.assert(property, { numRuns: 500 });
});

test('spoilt values can still be sent: with members missing, too many, or too large', () => {
  const property = fc.property(spoilt(fc.constant({ a: 1, b: [{ c: 'x' }] })), (value) => {
    const json = jsonOf(resolved(value, nothingKnown));
    return typeof json === 'string' && json.length > 0;
  });
  fc.assert(property, { numRuns: 300 });
  const some = fc.sample(spoilt(fc.constant({ a: 1, b: [] })), 200).map((value) => jsonOf(value));
  assert.ok(
    some.some((json) => json.startsWith('{"b":')),
    'a member is left out',
  );
  assert.ok(
    some.some((json) => json.includes('"__proto__":')),
    'a member is too much',
  );
  assert.ok(
    some.some((json) => json.includes('1e400')),
    'a number is too large',
  );
});

test('what stands for something else is put in when a request is sent', () => {
  const lookup = { named: (name: string, nth: number) => (name === 'id' ? `known-${nth}` : undefined) };
  const value = { id: new Known('id', 3, 'own'), list: [new Known('other', 0, 'own'), new RawJson('1e400')] };
  assert.equal(jsonOf(resolved(value, lookup)), '{"id":"known-3","list":["own",1e400]}');
  const odd = ownObject([['__proto__', { a: 1 }]]);
  assert.equal(jsonOf(resolved(odd, lookup)), '{"__proto__":{"a":1}}');
  assert.equal(({} as { a?: number }).a, undefined);
});

test('hostile texts can be sent as JSON, lone surrogates among them', () => {
  fc.assert(fc.property(hostileTexts, (text) => JSON.parse(jsonOf(text)) === text));
});
