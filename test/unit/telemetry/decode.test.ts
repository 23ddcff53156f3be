import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { decode } from '../../../src/telemetry/decode.ts';

const LIMIT = 262_144;
const decodeJson = (value: unknown) => decode(Buffer.from(JSON.stringify(value)), LIMIT);

/** Values that the contract accepts. */
const metricValue = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  fc.boolean(),
  fc.string({ maxLength: 256 }),
);
const metricName = fc
  .string({ minLength: 1, maxLength: 128, unit: 'grapheme' })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: names must not have them
  .filter((name) => name.length <= 128 && !/[\u0000-\u001f\u007f-\u009f]/.test(name));

test('whatever the contract accepts is decoded as it was sent', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(metricName, metricValue), { minLength: 1, maxLength: 20 }), (entries) => {
      const metrics = new Map(entries);
      const payload = `{"metrics":{${[...metrics].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}}`;
      const { samples, refusals } = decode(Buffer.from(payload), LIMIT);
      assert.deepEqual(refusals, []);
      const [sample] = samples;
      assert.deepEqual(new Map(sample?.names.map((name, index) => [name, sample.values[index]])), metrics);
    }),
  );
});

test('no payload makes it throw, and what is not stored is refused with a reason', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    fc.jsonValue().map((metrics) => Buffer.from(JSON.stringify({ metrics }))),
    fc.jsonValue().map((samples) => Buffer.from(JSON.stringify({ samples }))),
    fc.jsonValue().map((timestamp) => Buffer.from(JSON.stringify({ metrics: { x: 1 }, timestamp }))),
  );
  fc.assert(
    fc.property(anything, (payload) => {
      const { samples, refusals } = decode(payload, LIMIT);
      assert.ok(samples.length > 0 || refusals.length > 0);
      for (const { names, values, timestamp } of samples) {
        assert.ok(names.length > 0 && names.length === values.length);
        assert.ok(timestamp === undefined || Number.isSafeInteger(timestamp));
        for (const value of values) assert.ok(typeof value !== 'number' || Number.isFinite(value));
      }
    }),
  );
});

test('a stamp means the same in every form', () => {
  const instant = fc.integer({ min: Date.UTC(2001, 0, 1), max: Date.UTC(2090, 0, 1) });
  const offset = fc.integer({ min: -14 * 60, max: 14 * 60 });
  fc.assert(
    fc.property(instant, offset, (ms, minutes) => {
      const local = new Date(ms + minutes * 60_000).toISOString().slice(0, -1);
      const [sign, absolute] = [minutes < 0 ? '-' : '+', Math.abs(minutes)];
      const zone = `${String(Math.floor(absolute / 60)).padStart(2, '0')}:${String(absolute % 60).padStart(2, '0')}`;
      for (const timestamp of [
        ms,
        ms / 1000,
        new Date(ms).toISOString(),
        `${local}${sign}${zone}`,
        `${local}${sign}${zone.replace(':', '')}`,
      ]) {
        if (timestamp === ms / 1000 && ms / 1000 >= 1e11) continue;
        assert.equal(decodeJson({ metrics: { x: 1 }, timestamp }).samples[0]?.timestamp, ms, String(timestamp));
      }
    }),
  );
});

test('a number that cannot be an instant is no stamp', () => {
  for (const timestamp of [-1, 8.64e15 + 1, 2 ** 53, 1e300]) {
    assert.equal(decodeJson({ metrics: { x: 1 }, timestamp }).refusals[0]?.reason, 'bad_timestamp', String(timestamp));
  }
  assert.equal(decodeJson({ metrics: { x: 1 }, timestamp: 8.64e15 }).samples[0]?.timestamp, 8.64e15);
});

test('a calendar day that does not exist is no stamp', () => {
  for (const day of ['2026-02-29', '2026-04-31', '2026-13-01', '2026-00-10', '2026-06-00']) {
    const [refusal] = decodeJson({ metrics: { x: 1 }, timestamp: `${day}T00:00:00Z` }).refusals;
    assert.equal(refusal?.reason, 'bad_timestamp', day);
  }
  assert.equal(decodeJson({ metrics: { x: 1 }, timestamp: '2028-02-29T00:00:00Z' }).refusals.length, 0);
});

test('names from the prototype of objects are ordinary names', () => {
  const { samples } = decode(Buffer.from('{"metrics":{"__proto__":1,"constructor":2,"toString":3}}'), LIMIT);
  assert.deepEqual(samples[0]?.names, ['__proto__', 'constructor', 'toString']);
});

test('NaN within a text is text, and NaN as a value is refused by name', () => {
  const { samples, refusals } = decode(
    Buffer.from('{"metrics":{"a":"NaN \\" Infinity","b":NaN,"c":-Infinity,"d":1}}'),
    LIMIT,
  );
  assert.deepEqual(samples[0]?.values, ['NaN " Infinity', 1]);
  assert.deepEqual(
    refusals.map(({ parameter, reason }) => [parameter, reason]),
    [
      ['b', 'non_finite'],
      ['c', 'non_finite'],
    ],
  );
});

// Looking for the end anew from each quote takes 30 s and more.
test('a string of escaped quotes that never ends is refused at once', { timeout: 5_000 }, async () => {
  const start = 'NaN "';
  const payload = Buffer.from(start + '\\"'.repeat((LIMIT - start.length) / 2));
  assert.equal(decode(payload, LIMIT).refusals[0]?.reason, 'not_json');
  // The timeout is seen when the event loop gets its turn.
  await pause(1);
});
