import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pickerText, readField, readTimeInput, shownField, timeInputText } from '../../../../ui/charts/time-input.ts';

const ZONE = 'Asia/Kolkata';
/** 14:32:08 in Kolkata. */
const NOW = Date.parse('2026-11-23T09:02:08Z');

const read = (text: string) => {
  const moment = readTimeInput(text, NOW, ZONE);
  return moment === undefined ? undefined : new Date(moment).toISOString().slice(0, 19);
};

test('times are read as people type them, by the clock on the wall', () => {
  assert.equal(read(' Now '), '2026-11-23T09:02:08');
  assert.equal(read('-3d'), '2026-11-20T09:02:08');
  assert.equal(read('now-90m'), '2026-11-23T07:32:08');
  assert.equal(read('22 Nov 2026 14:32'), '2026-11-22T09:02:00');
  assert.equal(read('22 november, 14:32'), '2026-11-22T09:02:00');
  assert.equal(read('2026-11-22T14:32:10'), '2026-11-22T09:02:10');
  assert.equal(read('2026-11-22'), '2026-11-21T18:30:00');
  assert.equal(read('yesterday 06:00'), '2026-11-22T00:30:00');
});

test('a time alone is the last one that was', () => {
  assert.equal(read('06:00'), '2026-11-23T00:30:00');
  assert.equal(read('18:00'), '2026-11-22T12:30:00');
});

test('what is no time is refused', () => {
  for (const text of ['', 'soon', '25:00', '12:75', '31 Feb 2026', '2026-13-01', '-3x', '22 Foo 2026', '- 0m']) {
    assert.equal(read(text), undefined, text);
  }
});

test('what a field shows is read as the same moment', () => {
  for (const moment of [NOW, NOW - 8_000, Date.parse('2026-01-01T00:00:00Z')]) {
    assert.equal(readTimeInput(timeInputText(moment, ZONE), NOW, ZONE), moment);
  }
  assert.equal(timeInputText(NOW - 8_000, ZONE), '23 Nov 2026 14:32');
  assert.equal(pickerText(NOW, ZONE), '2026-11-23T14:32');
});

test('a field that nobody has changed keeps its moment, in an hour that comes twice too', () => {
  const zone = 'Europe/Berlin';
  const second = Date.parse('2026-10-25T01:15:00.250Z');
  const field = shownField(second, zone);
  assert.equal(field.text, '25 Oct 2026 02:15');
  assert.equal(readField(field, NOW, zone), second);
  assert.equal(readField({ text: field.text }, NOW, zone), Date.parse('2026-10-25T00:15:00Z'));
});
