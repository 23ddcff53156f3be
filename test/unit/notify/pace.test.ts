import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createAllowance, MAX_REST_MS, quietUntil, retryAfterOf, waitBefore } from '../../../src/notify/pace.ts';

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const NIGHT = { from: '22:00', to: '06:00', days: EVERY_DAY };

test('waits double up to three hours, are anything below it, and never shorter than was asked for', () => {
  const bounds = [1, 2, 3, 11, 12, 40].map((attempts) => waitBefore(attempts, 5_000, 1));
  assert.deepEqual(bounds, [5_000, 10_000, 20_000, 5_120_000, 10_240_000, 10_800_000]);
  assert.equal(waitBefore(3, 5_000, 0), 0);
  assert.equal(waitBefore(1, 5_000, 0.5, 30), 32_500);
  assert.equal(waitBefore(1, 5_000, 0, 1e9), 6 * 3_600_000);
  assert.equal(waitBefore(40, 5_000, 1, Number.POSITIVE_INFINITY), MAX_REST_MS);
});

test('Retry-After is seconds or a date', () => {
  const now = Date.UTC(2026, 10, 29, 12);
  assert.equal(retryAfterOf('120', now), 120);
  assert.equal(retryAfterOf('Sun, 29 Nov 2026 12:00:30 GMT', now), 30);
  assert.equal(retryAfterOf('Sun, 29 Nov 2026 11:00:00 GMT', now), 0);
  const most = retryAfterOf('9'.repeat(400), now);
  assert.equal(waitBefore(1, 5_000, 0, most), 6 * 3_600_000);
  for (const header of ['soon', '-5', '', undefined, null]) assert.equal(retryAfterOf(header, now), undefined);
});

test('an allowance holds a minute and fills by and by, whatever the clock does', () => {
  const allowance = createAllowance(10, 0);
  assert.equal(allowance.left(0), 10);
  allowance.take(10, 0);
  assert.equal(allowance.left(5_999), 0);
  assert.equal(allowance.left(6_000), 1);
  assert.equal(allowance.left(-1e12), 1);
  assert.equal(allowance.left(-1e12 + 1e9), 10);
});

test('quiet hours end at their end, across midnight, weekends and changes of the clocks', () => {
  const berlin = (iso: string, hours = NIGHT) => {
    const until = quietUntil(Date.parse(iso), hours, 'Europe/Berlin');
    return until === undefined ? undefined : new Date(until).toISOString();
  };
  assert.equal(berlin('2026-11-29T20:59:59+01:00'), undefined);
  assert.equal(berlin('2026-11-29T22:00:00+01:00'), '2026-11-30T05:00:00.000Z');
  assert.equal(berlin('2026-11-30T05:59:30+01:00'), '2026-11-30T05:00:00.000Z');
  assert.equal(berlin('2026-11-30T06:00:00+01:00'), undefined);
  // The night of 25 October has an hour more, that of 28 March an hour less.
  assert.equal(berlin('2026-10-24T23:00:00+02:00'), '2026-10-25T05:00:00.000Z');
  assert.equal(berlin('2027-03-27T23:00:00+01:00'), '2027-03-28T04:00:00.000Z');
  const fridays = { ...NIGHT, days: [5] };
  assert.equal(berlin('2026-11-28T03:00:00+01:00', fridays), '2026-11-28T05:00:00.000Z');
  assert.equal(berlin('2026-11-28T23:00:00+01:00', fridays), undefined);
  const weekend = { from: '00:00', to: '00:00', days: [6, 7] };
  assert.equal(berlin('2026-11-28T12:00:00+01:00', weekend), '2026-11-29T23:00:00.000Z');
  // The minute that is not quiet is not passed over.
  const days = { from: '00:00', to: '23:59', days: EVERY_DAY };
  assert.equal(berlin('2026-11-30T10:07:30+01:00', days), '2026-11-30T22:59:00.000Z');
  assert.equal(berlin('2026-11-30T23:59:30+01:00', days), undefined);
  const kathmandu = quietUntil(Date.parse('2026-11-29T20:00:00Z'), NIGHT, 'Asia/Kathmandu');
  assert.equal(new Date(kathmandu ?? 0).toISOString(), '2026-11-30T00:15:00.000Z');
});

test('the end of quiet hours is the first moment that is not quiet', () => {
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map(([hours, minutes]) => `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`);
  const days = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 6 });
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/New_York', 'Australia/Lord_Howe');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20_000_000 }), time, time, days, zone, (minute, from, to, on, timezone) => {
      const at = Date.UTC(2026, 0, 1) + minute * 60_000;
      const hours = { from, to, days: on };
      const until = quietUntil(at, hours, timezone);
      if (until === undefined) return;
      assert.ok(until > at);
      assert.equal(quietUntil(until, hours, timezone), undefined);
      assert.notEqual(quietUntil(until - 60_000, hours, timezone), undefined);
    }),
    { numRuns: 300 },
  );
});
