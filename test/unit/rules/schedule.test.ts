import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import type { Schedule, ScheduleWindow } from '../../../src/rules/condition.ts';
import { scheduleAt } from '../../../src/rules/schedule.ts';

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const schedule = (windows: readonly ScheduleWindow[], rest: Partial<Schedule> = {}): Schedule => ({
  timezone: 'factory',
  windows,
  from_date: null,
  to_date: null,
  ...rest,
});
const at = (text: string) => Temporal.ZonedDateTime.from(text).epochMilliseconds;
const berlin = (text: string) => at(`${text}[Europe/Berlin]`);

/** The spans in which it applies, in hours, walked from boundary to boundary. */
function spans(each: Schedule, from: number, to: number): number[] {
  const asked = scheduleAt(each, 'Europe/Berlin');
  const hours: number[] = [];
  for (let ms = from; ms < to; ) {
    const { applies, until } = asked(ms);
    assert.ok(until > ms, 'a boundary lies ahead');
    if (applies) hours.push((Math.min(until, to) - ms) / 3_600_000);
    ms = until;
  }
  return hours;
}

test('a window applies from its first minute until its last is over', () => {
  const asked = scheduleAt(schedule([{ days: [1, 2, 3, 4, 5], from: '06:00', to: '22:00' }]), 'Europe/Berlin');
  assert.deepEqual(asked(berlin('2026-01-05T05:59:59.999')).applies, false);
  assert.deepEqual(asked(berlin('2026-01-05T05:00')).until, berlin('2026-01-05T06:00'));
  assert.deepEqual(asked(berlin('2026-01-05T06:00')).applies, true);
  assert.deepEqual(asked(berlin('2026-01-05T21:59:59.999')).until, berlin('2026-01-05T22:00'));
  assert.deepEqual(asked(berlin('2026-01-05T22:00')).applies, false);
  assert.deepEqual(asked(berlin('2026-01-09T22:00')).until, berlin('2026-01-12T06:00'), 'over the weekend');
});

test('a window across midnight belongs to the day on which it begins', () => {
  const asked = scheduleAt(schedule([{ days: [5], from: '22:00', to: '06:00' }]), 'Europe/Berlin');
  assert.equal(asked(berlin('2026-01-09T23:00')).applies, true, 'Friday night');
  assert.equal(asked(berlin('2026-01-10T05:59')).applies, true, 'Saturday morning');
  assert.equal(asked(berlin('2026-01-10T23:00')).applies, false, 'Saturday night');
  assert.equal(asked(berlin('2026-01-09T05:00')).applies, false, 'Friday morning');
});

test('on the days of 23 and 25 hours the clock on the wall counts', () => {
  const night = schedule([{ days: EVERY_DAY, from: '22:00', to: '06:00' }]);
  const hours = (day: string) => spans(night, berlin(`${day}T12:00`), berlin(`${day}T12:00`) + 86_400_000);
  assert.deepEqual(hours('2026-03-27'), [8]);
  assert.deepEqual(hours('2026-03-28'), [7], 'the clock goes forward');
  assert.deepEqual(hours('2026-10-24'), [9], 'and back');
});

test('a beginning that the clock skips is the moment at which it goes on', () => {
  const skipped = schedule([{ days: EVERY_DAY, from: '02:30', to: '04:00' }]);
  const asked = scheduleAt(skipped, 'Europe/Berlin');
  assert.equal(asked(berlin('2026-03-29T03:15')).applies, false);
  assert.equal(asked(berlin('2026-03-29T03:30')).applies, true);
  // Of an hour that comes twice it begins in the first.
  assert.equal(asked(at('2026-10-25T02:30+02:00[Europe/Berlin]')).applies, true);
});

test('first and last day bound it, without windows too', () => {
  const days = schedule([], { from_date: '2026-01-10', to_date: '2026-01-11' });
  assert.deepEqual(
    spans(days, berlin('2026-01-01T00:00'), berlin('2026-02-01T00:00')).reduce((sum, each) => sum + each, 0),
    48,
  );
  const nights = schedule([{ days: EVERY_DAY, from: '22:00', to: '06:00' }], { to_date: '2026-01-10' });
  const asked = scheduleAt(nights, 'Europe/Berlin');
  assert.equal(asked(berlin('2026-01-11T05:00')).applies, true, 'the window that began on the last day');
  assert.equal(asked(berlin('2026-01-11T23:00')).applies, false);
});

test('a zone of its own goes before the factory’s, and no schedule always applies', () => {
  const tokyo = scheduleAt(
    schedule([{ days: EVERY_DAY, from: '06:00', to: '07:00' }], { timezone: 'Asia/Tokyo' }),
    'UTC',
  );
  assert.equal(tokyo(at('2026-01-05T06:30[Asia/Tokyo]')).applies, true);
  assert.equal(scheduleAt(null, 'UTC')(0).applies, true);
});

test('whoever asks instant by instant hears what the boundaries say', () => {
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30))
    .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
  const windows = fc.array(fc.record({ days: fc.subarray(EVERY_DAY, { minLength: 1 }), from: time, to: time }), {
    maxLength: 3,
  });
  const zones = fc.constantFrom('Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/Sao_Paulo');
  const around = fc.constantFrom('2026-03-29', '2026-10-25', '2026-04-05', '2026-07-01');
  fc.assert(
    fc.property(windows, zones, around, (each, zone, day) => {
      const start = Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds - 86_400_000;
      const walked = scheduleAt(schedule(each, { timezone: zone }), 'UTC');
      for (let ms = start; ms < start + 3 * 86_400_000; ms += 900_000) {
        const fresh = scheduleAt(schedule(each, { timezone: zone }), 'UTC')(ms);
        assert.equal(walked(ms).applies, fresh.applies);
        assert.ok(walked(ms).until > ms);
      }
    }),
    { numRuns: 20 },
  );
});
