import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTimezone } from '../../../../src/accounts/accounts.ts';
import { presetTimezone, timezones, utcOffset } from '../../../../ui/format/timezones.ts';

test('zones go by the names of today, each once, and all are known to the API', () => {
  const zones = timezones('UTC');
  assert.equal(new Set(zones).size, zones.length);
  assert.ok(zones.includes('Asia/Kolkata') && zones.includes('Europe/Kyiv'));
  assert.ok(!zones.includes('Asia/Calcutta'));
  assert.deepEqual(
    zones.filter((zone) => !isTimezone(zone)),
    [],
  );
});

test('a chosen zone that the browser does not list can be chosen all the same', () => {
  assert.ok(timezones('Etc/GMT+5').includes('Etc/GMT+5'));
});

test("the preset is the machine's zone, and the reader's where the machine runs on UTC", () => {
  assert.equal(presetTimezone('Europe/Berlin', 'America/Chicago'), 'Europe/Berlin');
  assert.equal(presetTimezone('Etc/UTC', 'Asia/Calcutta'), 'Asia/Kolkata');
  assert.equal(presetTimezone('UTC', 'Etc/UTC'), 'UTC');
});

test('the offset is that of the moment', () => {
  assert.equal(utcOffset(Date.UTC(2026, 0, 1), 'Asia/Kolkata'), 'UTC+05:30');
  assert.equal(utcOffset(Date.UTC(2026, 6, 1), 'Europe/Berlin'), 'UTC+02:00');
  assert.equal(utcOffset(Date.UTC(2026, 6, 1), 'UTC'), 'UTC+00:00');
});
