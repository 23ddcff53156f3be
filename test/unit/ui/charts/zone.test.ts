import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { momentOf, offsetAt, startOfDay, wallOf } from '../../../../ui/charts/zone.ts';

const at = (iso: string) => Date.parse(iso);
const wall = (iso: string) => Date.parse(`${iso}Z`);
const HOUR_MS = 3_600_000;

test('a zone with half an hour is as far ahead as it is', () => {
  assert.equal(offsetAt(at('2026-11-23T12:00:00Z'), 'Asia/Kolkata'), 5.5 * HOUR_MS);
});

test('the offset is that of the season', () => {
  assert.equal(offsetAt(at('2026-01-10T12:00:00Z'), 'Europe/Berlin'), HOUR_MS);
  assert.equal(offsetAt(at('2026-07-10T12:00:00Z'), 'Europe/Berlin'), 2 * HOUR_MS);
});

test('a wall time that is skipped in spring is an hour later', () => {
  const moment = momentOf(wall('2026-03-29T02:30:00'), 'Europe/Berlin');
  assert.equal(new Date(moment).toISOString(), '2026-03-29T01:30:00.000Z');
  assert.equal(wallOf(moment, 'Europe/Berlin'), wall('2026-03-29T03:30:00'));
});

test('of an hour that comes twice in autumn the first is meant', () => {
  const moment = momentOf(wall('2026-10-25T02:30:00'), 'Europe/Berlin');
  assert.equal(new Date(moment).toISOString(), '2026-10-25T00:30:00.000Z');
});

test('a day that the clocks make longer starts at its own midnight', () => {
  const evening = at('2026-10-25T20:00:00Z');
  assert.equal(new Date(startOfDay(evening, 'Europe/Berlin')).toISOString(), '2026-10-24T22:00:00.000Z');
  assert.equal(new Date(startOfDay(evening, 'Europe/Berlin', 1)).toISOString(), '2026-10-25T23:00:00.000Z');
});

test('every moment is found again by its wall time, save the second of an hour that comes twice', () => {
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu');
  const moments = fc.integer({ min: at('2020-01-01T00:00:00Z') / 1000, max: at('2030-01-01T00:00:00Z') / 1000 });
  fc.assert(
    fc.property(zones, moments, (zone, second) => {
      const moment = second * 1000;
      const found = momentOf(wallOf(moment, zone), zone);
      assert.equal(wallOf(found, zone), wallOf(moment, zone));
      assert.ok(found <= moment && moment - found <= HOUR_MS);
    }),
  );
});
