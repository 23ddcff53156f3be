import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Alarm } from '../../../../ui/api/schema.ts';
import { bySeverity, matching } from '../../../../ui/pages/alarms/alarm-order.ts';
import { countdown, shareLeft } from '../../../../ui/pages/alarms/countdown.ts';
import { dayAt } from '../../../../ui/pages/alarms/days.ts';
import { eventWords } from '../../../../ui/pages/alarms/event-words.ts';
import { momentRange, momentWindow } from '../../../../ui/pages/alarms/moment.ts';
import { extended, kept, NOTHING, toggled, toggledAll } from '../../../../ui/pages/alarms/selection.ts';
import { EMPTY_DRAFT, readDraft, windowState } from '../../../../ui/pages/alarms/window-draft.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const alarm = (more: Partial<Alarm>): Alarm => ({
  id: 'a',
  number: 1,
  rule_id: 'r',
  rule_name: 'Bearing hot',
  rule_version: 1,
  device_id: 'd',
  device_key: 'M01',
  severity: 'high',
  status: 'active',
  message: 'Bearing hot: temperature is 82.4 °C',
  parameter: 'temperature',
  value: 82.4,
  guidance: null,
  raised_at: '2026-11-22T10:00:00.000Z',
  cleared_at: null,
  cleared_because: null,
  recorded_at: '2026-11-22T10:00:00.000Z',
  acknowledged_at: null,
  acknowledged_by: null,
  closed_at: null,
  shelved_until: null,
  suppression: null,
  is_chattering: false,
  corrected: null,
  assignee: null,
  ...more,
});

test('the worst alarm stands first, and of equal ones the newest', () => {
  const list = [
    alarm({ id: 'low', severity: 'low', raised_at: '2026-11-22T12:00:00.000Z' }),
    alarm({ id: 'old', severity: 'critical', raised_at: '2026-11-22T09:00:00.000Z' }),
    alarm({ id: 'new', severity: 'critical', raised_at: '2026-11-22T11:00:00.000Z' }),
    alarm({ id: 'high', severity: 'high' }),
  ];
  assert.deepEqual(
    list.toSorted(bySeverity).map(({ id }) => id),
    ['new', 'old', 'high', 'low'],
  );
});

test('an alarm is found by every word typed, in message, rule, device or number', () => {
  const list = [alarm({ id: 'one', number: 12 }), alarm({ id: 'other', device_key: 'M02', device_id: 'e', number: 3 })];
  const found = (q: string, more: object = {}) =>
    matching(list, { q, severities: [], device: '', ...more }).map(({ id }) => id);
  assert.deepEqual(found('hot m02'), ['other']);
  assert.deepEqual(found('#12'), ['one']);
  assert.deepEqual(found('BEARING'), ['one', 'other']);
  assert.deepEqual(found('hot cold'), []);
  assert.deepEqual(found('', { device: 'e' }), ['other']);
  assert.deepEqual(found('', { severities: ['low'] }), []);
});

test('a range goes from the row chosen last to this one, either way, and adds to what was chosen', () => {
  const order = ['a', 'b', 'c', 'd', 'e'];
  const from = toggled(toggled(NOTHING, 'a'), 'd');
  assert.deepEqual([...extended(from, order, 'b').ids].toSorted(), ['a', 'b', 'c', 'd']);
  assert.deepEqual([...extended(NOTHING, order, 'c').ids], ['c']);
  const gone = { ids: new Set(['a']), anchor: 'gone' };
  assert.deepEqual([...extended(gone, order, 'c').ids], ['a', 'c']);
  assert.deepEqual([...toggled(from, 'd').ids], ['a']);
});

test('what is chosen is always among what is listed', () => {
  const letters = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1 });
  fc.assert(
    fc.property(letters, letters, fc.array(fc.nat(5)), (first, second, steps) => {
      let selection = NOTHING;
      for (const step of steps) {
        const id = first[step % first.length] ?? '';
        selection = step % 2 === 0 ? toggled(selection, id) : extended(selection, first, id);
      }
      const left = kept(selection, second);
      assert.ok([...left.ids].every((id) => second.includes(id)));
      assert.deepEqual([...toggledAll(NOTHING, second).ids], second);
      assert.equal(toggledAll(toggledAll(NOTHING, second), second).ids.size, 0);
    }),
  );
});

test('what is left is counted to the second, and a day or more in days', () => {
  assert.equal(countdown(22 * MINUTE + 40_000), '0:22:40');
  assert.equal(countdown(HOUR + 47 * MINUTE + 12_000), '1:47:12');
  assert.equal(countdown(76 * HOUR), '3 d 4 h');
  assert.equal(countdown(-5), '0:00:00');
  assert.equal(shareLeft(0, 100, 25), 0.75);
  assert.equal(shareLeft(0, 100, 250), 0);
});

test('a day begins at midnight of the factory, and has as many hours as it has', () => {
  assert.equal(dayAt('2026-03-29', 0, 'Europe/Berlin'), '2026-03-28T23:00:00.000Z');
  assert.equal(dayAt('2026-03-29', 1, 'Europe/Berlin'), '2026-03-29T22:00:00.000Z');
  assert.equal(dayAt('', 0, 'UTC'), undefined);
});

test('the time that tells of an alarm has some of what came before it, and ends now while it stands', () => {
  const now = 1_000 * HOUR;
  const long = momentWindow(now - 10 * HOUR, now - 5 * HOUR, now);
  assert.deepEqual(long, { from: now - 11.5 * HOUR, to: now - 3.5 * HOUR });
  const short = momentWindow(now - HOUR, now - HOUR + 1_000, now);
  assert.deepEqual(short, { from: now - HOUR - 10 * MINUTE, to: now - HOUR + 10 * MINUTE + 1_000 });
  assert.deepEqual(momentRange(now - 20 * MINUTE, null, now), { kind: 'relative', spanMs: 30 * MINUTE });
  assert.equal(momentRange(now - 30 * 24 * HOUR, null, now).kind, 'absolute');
});

test('the window of an alarm always holds its beginning, and never the future', () => {
  const span = fc.integer({ min: 0, max: 400 * 24 * HOUR });
  fc.assert(
    fc.property(span, fc.option(span), (ago, length) => {
      const now = 2_000_000_000_000;
      const raisedAt = now - ago;
      const clearedAt = length === null ? null : Math.min(now, raisedAt + length);
      const { from, to } = momentWindow(raisedAt, clearedAt, now);
      assert.ok(from < raisedAt && to > raisedAt);
      assert.ok(to <= Math.max(now, raisedAt + MINUTE));
    }),
  );
});

test('what has happened to an alarm is said in words, with values, reasons and what people wrote', () => {
  const formats = {
    value: (parameter: string | null, value: unknown) => `${parameter}=${value}`,
    moment: (ms: number) => new Date(ms).toISOString().slice(11, 16),
  };
  const said = (kind: Parameters<typeof eventWords>[0]['kind'], data: Record<string, unknown>) =>
    eventWords({ kind, data }, formats);
  assert.deepEqual(said('raised', { severity: 'high', parameter: 't', value: 82 }), {
    what: 'Raised as high',
    detail: 'at t=82',
    said: '',
    severity: 'high',
  });
  assert.equal(said('severity_changed', { from: 'high', to: 'critical' }).what, 'Went from high to critical');
  assert.equal(said('cleared', { because: 'device_retired' }).detail, 'The device was retired');
  assert.equal(said('cleared', { because: 'something_new' }).detail, 'Something new');
  assert.equal(said('acknowledged', { comment: 'on my way' }).said, 'on my way');
  const shelved = said('shelved', { until: '2026-11-22T14:30:00Z', one_shot: false, reason: 'known' });
  assert.deepEqual([shelved.what, shelved.said], ['Shelved until 14:30', 'known']);
  assert.equal(said('assigned', { to: null }).what, 'Given to nobody');
  assert.equal(said('closed', { because: 'acknowledged' }).what, 'Closed by being acknowledged');
  assert.equal(said('corrected', { what: 'never heard of' }).what, 'Corrected by late samples');
});

test('a maintenance window says what is wrong with it field by field, and reads times as the factory has them', () => {
  const now = Date.parse('2026-11-22T10:00:00Z');
  const read = (more: Partial<typeof EMPTY_DRAFT>) => readDraft({ ...EMPTY_DRAFT, ...more }, now, 'Asia/Kolkata');
  assert.deepEqual(read({ start: 'at', end: 'at' }), {
    faults: {
      what: 'Choose a device or a tag.',
      startAt: 'Give a day and a time.',
      endAt: 'Give a day and a time.',
      reason: 'Say what is done: those who miss an alarm look here.',
    },
  });
  const right = { deviceIds: ['d'], reason: ' Oil ' };
  assert.deepEqual(read(right), {
    body: { device_ids: ['d'], tags: [], ends_at: '2026-11-22T14:00:00.000Z', reason: 'Oil' },
  });
  assert.deepEqual(read({ ...right, start: 'at', startAt: '2026-11-23T06:00', end: 'never' }), {
    body: { device_ids: ['d'], tags: [], starts_at: '2026-11-23T00:30:00.000Z', ends_at: null, reason: 'Oil' },
  });
  const early = read({ ...right, start: 'at', startAt: '2026-11-23T06:00', end: 'at', endAt: '2026-11-23T05:00' });
  assert.deepEqual(early, { faults: { endAt: 'It has to end after it begins.' } });
});

test('a window is planned, now or over', () => {
  const window = { starts_at: '2026-11-22T10:00:00Z', ends_at: '2026-11-22T12:00:00Z' };
  const at = (time: string) => windowState(window, Date.parse(`2026-11-22T${time}Z`));
  assert.deepEqual([at('09:59:59'), at('10:00:00'), at('12:00:00')], ['planned', 'now', 'over']);
  assert.equal(windowState({ ...window, ends_at: null }, Date.parse('2030-01-01T00:00:00Z')), 'now');
});
