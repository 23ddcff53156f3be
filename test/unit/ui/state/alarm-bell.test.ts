import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alarm } from '../../../../ui/api/schema.ts';
import { createBell } from '../../../../ui/state/alarm-bell.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const alarm = (more: Partial<Alarm> = {}) =>
  ({
    id: 'a',
    severity: 'high',
    status: 'active',
    shelved_until: null,
    suppression: null,
    recorded_at: new Date(NOW - 1_000).toISOString(),
    ...more,
  }) as Alarm;
const counts = (high: number, critical: number) => ({ unacknowledged: { low: 9, medium: 9, high, critical } });

test('a new alarm that is high or critical rings once, and again only when it gets worse', () => {
  const bell = createBell();
  assert.equal(bell.alarm(alarm(), NOW), 'high');
  assert.equal(bell.alarm(alarm(), NOW), undefined, 'somebody has written a comment');
  assert.equal(bell.alarm(alarm({ severity: 'critical' }), NOW), 'critical');
  assert.equal(bell.alarm(alarm({ status: 'acknowledged', severity: 'critical' }), NOW), undefined);
  assert.equal(bell.alarm(alarm({ severity: 'critical' }), NOW), 'critical', 'it has to be acknowledged again');
});

test('what nobody is to be told of does not ring: low ones, shelved and suppressed ones, old ones', () => {
  const bell = createBell();
  for (const more of [
    { severity: 'medium' },
    { shelved_until: '2026-11-22T12:00:00Z' },
    { suppression: 'parent' },
    { status: 'cleared' },
  ] as const) {
    assert.equal(bell.alarm(alarm({ id: JSON.stringify(more), ...more }), NOW), undefined);
  }
  const old = alarm({ id: 'old', recorded_at: new Date(NOW - 3_600_000).toISOString() });
  assert.equal(bell.alarm(old, NOW), undefined);
  assert.equal(bell.alarm({ ...old, severity: 'critical' }, NOW), 'critical', 'it got worse before our eyes');
});

test('what came while nobody heard rings by the counts; the first counts do not', () => {
  const bell = createBell();
  assert.equal(bell.counts(counts(5, 1)), undefined);
  assert.equal(bell.counts(counts(5, 1)), undefined);
  assert.equal(bell.counts(counts(6, 1)), 'high');
  assert.equal(bell.counts(counts(6, 2)), 'critical');
  assert.equal(bell.counts(counts(0, 0)), undefined);
});
