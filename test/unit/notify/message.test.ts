import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { messageOf, type Place, type Subject, type ToldAlarm, testSubject } from '../../../src/notify/message.ts';

const ALARM: ToldAlarm = {
  id: '11111111-1111-4111-8111-111111111111',
  number: 17,
  severity: 'high',
  status: 'active',
  message: 'Bearing hot: temperature is 82.4 °C',
  guidance: null,
  ruleName: 'Bearing hot',
  deviceId: '22222222-2222-4222-8222-222222222222',
  deviceKey: 'M01',
  deviceName: 'Pump north',
  parameter: 'temperature',
  value: '82.44',
  raisedAt: Date.UTC(2026, 2, 28, 23, 30),
  clearedAt: null,
  acknowledgedBy: null,
  isWithdrawn: false,
};
const PLACE: Place = {
  factoryName: 'Plant north',
  factorySlug: 'vpc',
  timezone: 'Europe/Berlin',
  publicUrl: 'https://plant.example/',
};
const about = (alarm: Partial<ToldAlarm> = {}, more: Partial<Subject> = {}): Subject => ({
  id: 'a-key',
  kind: 'raised',
  severity: 'high',
  alarms: [{ ...ALARM, ...alarm }],
  at: ALARM.raisedAt,
  step: null,
  counts: [],
  ...more,
});
const titleOf = (alarm: Partial<ToldAlarm>, more: Partial<Subject>) => messageOf(about(alarm, more), PLACE).title;

test('each kind of news says in a line how bad it is, which alarm, and what has become of it', () => {
  assert.equal(titleOf({}, {}), '△ High: #17 Bearing hot: temperature is 82.4 °C');
  assert.equal(
    titleOf({}, { kind: 'severity_changed', severity: 'critical' }),
    '■ CRITICAL: #17 changed its severity: Bearing hot: temperature is 82.4 °C',
  );
  assert.match(titleOf({ acknowledgedBy: 'Anna' }, { kind: 'acknowledged' }), /#17 acknowledged by Anna: Bearing hot/);
  assert.match(titleOf({ acknowledgedBy: 'Anna' }, { kind: 'cleared' }), /#17 cleared: Bearing hot/);
  assert.match(titleOf({ isWithdrawn: true }, { kind: 'cleared' }), /#17 had not happened after all: Bearing hot/);
  assert.match(
    titleOf({}, { kind: 'escalated', step: 2 }),
    /#17 escalated, step 2: nobody has acknowledged it: Bearing hot/,
  );
});

test('of an alarm that has cleared before its raise could be told it is said, in a message of its own and in a digest', () => {
  const over = { clearedAt: ALARM.raisedAt + 60_000 };
  assert.equal(titleOf(over, {}), '△ High: #17 (cleared since) Bearing hot: temperature is 82.4 °C');
  assert.match(messageOf(about(over), PLACE).short, /#17 \(cleared since\)/);
  assert.match(messageOf(about(over), PLACE).variables[2] ?? '', /^#17 \(cleared since\)/);
  const { lines } = messageOf(
    about(over, { kind: 'digest', alarms: [ALARM, { ...ALARM, ...over, number: 18 }] }),
    PLACE,
  );
  assert.deepEqual(
    lines.filter((line) => line.startsWith('△')),
    [
      '△ High #17 Bearing hot: temperature is 82.4 °C (Pump north (M01))',
      '△ High #18 (cleared since) Bearing hot: temperature is 82.4 °C (Pump north (M01))',
    ],
  );
});

test('times are those of the factory, before and after its clocks are put forward', () => {
  const { lines, variables } = messageOf(about({ clearedAt: Date.UTC(2026, 2, 29, 1, 30) }), PLACE);
  assert.ok(lines.includes('Raised: 29 Mar 2026, 00:30:00 (Europe/Berlin)'), lines.join('\n'));
  assert.ok(lines.includes('Cleared: 29 Mar 2026, 03:30:00 (Europe/Berlin)'), lines.join('\n'));
  assert.equal(variables[4], '29 Mar 2026, 00:30:00 (Europe/Berlin)');
});

test('a link leads to the alarm, that of a digest to the list, and there is none where nobody has said the address', () => {
  const { url, short, variables } = messageOf(about(), PLACE);
  assert.equal(url, `https://plant.example/alarms/${ALARM.id}?factory=vpc`);
  assert.ok(short.endsWith(` Pump north (M01) ${url}`), short);
  assert.equal(variables[5], url);
  assert.equal(messageOf(about({}, { kind: 'digest' }), PLACE).url, 'https://plant.example/alarms?factory=vpc');
  const without = messageOf(about(), { ...PLACE, publicUrl: undefined });
  assert.deepEqual([without.url, without.variables[5], JSON.parse(without.json).url], [undefined, '-', null]);
});

test('a device is called by its name and its key, and once where they are the same', () => {
  const device = (alarm: Partial<ToldAlarm>) => messageOf(about(alarm), PLACE).variables[3];
  assert.equal(device({}), 'Pump north (M01)');
  for (const deviceName of ['', 'M01']) assert.equal(device({ deviceName }), 'M01');
});

test('a digest says how many of what there are, in words that count', () => {
  const digest = (count: number, raised: number) =>
    messageOf(
      about(
        {},
        {
          kind: 'digest',
          counts: [
            { kind: 'raised', severity: 'high', count: raised },
            { kind: 'cleared', severity: 'low', count: count - raised },
          ].filter((one) => one.count > 0) as Subject['counts'],
        },
      ),
      PLACE,
    );
  const { title, lines, alarmId, json } = digest(12, 10);
  assert.equal(title, '△ High: 12 messages in one: 10 alarms raised');
  assert.ok(lines.includes('△ High raised: 10') && lines.includes('○ Low cleared: 2'), lines.join('\n'));
  assert.ok(lines.includes('△ High #17 Bearing hot: temperature is 82.4 °C (Pump north (M01))'), lines.join('\n'));
  assert.deepEqual([alarmId, JSON.parse(json).alarm, JSON.parse(json).worst.length], [null, null, 1]);
  assert.equal(digest(1, 1).title, '△ High: 1 message in one: 1 alarm raised');
  assert.equal(digest(2, 0).title, '△ High: 2 messages in one: no alarm raised');
});

test('programs are told the value as it was, times in UTC, and the key', () => {
  const json = JSON.parse(messageOf(about({ value: '"open"', clearedAt: ALARM.raisedAt + 1 }), PLACE).json);
  assert.deepEqual([json.id, json.kind, json.at], ['a-key', 'raised', '2026-03-28T23:30:00.000Z']);
  assert.deepEqual([json.alarm.value, json.alarm.cleared_at], ['open', '2026-03-28T23:30:00.001Z']);
  assert.deepEqual(json.factory, { slug: 'vpc', name: 'Plant north', timezone: 'Europe/Berlin' });
  assert.equal(JSON.parse(messageOf(about({ value: null }), PLACE).json).alarm.value, null);
});

test('a test message names the factory, and no alarm', () => {
  const { title, alarmId, lines } = messageOf(testSubject('a-key', ALARM.raisedAt), PLACE);
  assert.equal(title, 'Plant north: test message: this channel works');
  assert.equal(alarmId, null);
  assert.ok(lines.includes('Time: 29 Mar 2026, 00:30:00 (Europe/Berlin)'));
});

test('whatever things are called, each form is on its lines, within its length, and text', () => {
  // Longer than is allowed, with line breaks, controls, and characters of two halves.
  const name = fc.string({ unit: fc.constantFrom('a', '\r', '\n', '\0', ' ', ' ', '𝛼', '🔥', '<'), maxLength: 500 });
  fc.assert(
    fc.property(name, name, name, fc.constantFrom('raised', 'digest', 'test'), (message, device, factory, kind) => {
      const subject = about({ message, deviceName: device, ruleName: message, guidance: device }, { kind });
      const told = messageOf(subject, { ...PLACE, factoryName: factory });
      assert.ok(told.title.length <= 200);
      assert.ok(told.short.length <= 320, told.short);
      for (const text of [told.title, told.short, ...told.lines, ...Object.values(told.variables)]) {
        assert.doesNotMatch(text, /[\p{Cc}\u2028\u2029]/u);
        assert.ok(text.isWellFormed(), text);
      }
      assert.ok(told.short.endsWith(told.url ?? ''));
      for (const variable of Object.values(told.variables)) assert.notEqual(variable.trim(), '');
      assert.equal(JSON.parse(told.json).id, 'a-key');
    }),
    { numRuns: 300 },
  );
});
