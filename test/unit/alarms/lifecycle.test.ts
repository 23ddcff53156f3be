import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Alarm, moveAlarms } from '../../../src/alarms/alarms.ts';
import type { Report, Transition } from '../../../src/rules/rules.ts';
import { type AlarmStore, addChannel, alarmStore, CHANNEL } from '../../support/alarm-store.ts';
import { change, PARENT, RULE, rule } from '../../support/alarms.ts';

const report = (deviceId: string, since: number, transitions: Transition[], ruleId = RULE): Report => ({
  ...{ factoryId: 1, ruleId, ruleVersion: 1, deviceId, since, until: since + 100, transitions },
});
const all = ({ alarms, scope }: AlarmStore): Alarm[] => alarms.list(scope, {}, { limit: 500 }).items.toReversed();
const kinds = ({ alarms, scope }: AlarmStore, id = '') => alarms.events(scope, id).map(({ kind }) => kind);
const said = { by: 'Ada', comment: null };

/** A rule that tells everything, and one whose alarms explain its own. */
function telling(count = 1): AlarmStore {
  const world = alarmStore(count);
  addChannel(world);
  const on = ['raised', 'severity_changed', 'acknowledged', 'cleared'] as const;
  world.rules.set(PARENT, rule(PARENT));
  world.rules.set(RULE, rule(RULE, { suppressed_by: [PARENT], notifications: [{ channel_id: CHANNEL, on }] }));
  return world;
}
/** What is told, or will be. */
const told = ({ store, scope }: AlarmStore) =>
  store
    .read(scope, (sql) =>
      sql.all<{ kind: string }>(`select kind from notifications where state <> 'suppressed' order by seq`),
    )
    .map(({ kind }) => kind);
const send = ({ store, scope }: AlarmStore) =>
  store.write(scope, (sql) =>
    sql.run(`update main.notifications set state = 'sent' where factory_id = current_factory() and state = 'pending'`),
  );
const shelving = (world: AlarmStore, isOneShot = false) => ({
  by: 'Ada',
  until: world.now + 60_000,
  reason: 'known',
  isOneShot,
});

test('what somebody has acknowledged is to be looked at again if it has been worse since, in however many reports that comes', async () => {
  const courses = { back: ['critical', 'low'], over: ['critical', null] } as const;
  for (const [way, severities] of Object.entries(courses)) {
    for (const atOnce of [true, false]) {
      using world = alarmStore(1);
      const { alarms, scope, devices, rules, now } = world;
      const [device = ''] = devices;
      rules.set(RULE, rule(RULE, { escalation: [{ after_seconds: 60, channel_id: PARENT }] }));
      await alarms.apply(1, [report(device, now - 500, [change(now - 450, 'low')])]);
      alarms.acknowledge(scope, all(world)[0]?.id ?? '', said);
      const changes = severities.map((severity, index) => change(now - 300 + index * 100 + 1, severity));
      if (atOnce) await alarms.apply(1, [{ ...report(device, now - 300, changes), until: now }]);
      else for (const each of changes) await alarms.apply(1, [report(device, each.at - 1, [each])]);
      const [alarm] = all(world);
      assert.deepEqual(
        [alarm?.status, alarm?.acknowledgedAt, alarm?.escalatesAt],
        [way === 'over' ? 'cleared' : 'active', null, now + 60_000],
        `${way}, at once: ${atOnce}`,
      );
    }
  }
});

test('who is told that an alarm is not over is told once, however much of it was otherwise', async () => {
  using world = telling();
  const { alarms, devices, now } = world;
  const [device = ''] = devices;
  await alarms.apply(1, [report(device, now - 500, [change(now - 450, 'low'), change(now - 420, null)])]);
  await alarms.apply(1, [report(device, now - 500, [change(now - 460, 'low')])]);
  assert.deepEqual(told(world), ['raised', 'cleared', 'raised']);
});

test('an alarm that is raised behind the end of a one-shot shelf is on none, in the same report too', async () => {
  using world = telling();
  const { alarms, scope, devices, now } = world;
  const [device = ''] = devices;
  const heard = new Map<string, Alarm>();
  alarms.onNews(({ alarm }) => heard.set(alarm.id, alarm));
  await alarms.apply(1, [report(device, now - 500, [change(now - 450, 'low')])]);
  alarms.shelve(scope, all(world)[0]?.id ?? '', shelving(world, true));
  await alarms.apply(1, [report(device, now - 400, [change(now - 350, null), change(now - 340, 'high')])]);
  const [, next] = all(world);
  assert.deepEqual([next?.shelvedUntil, next?.isQuiet, kinds(world, next?.id)], [null, 0, ['raised']]);
  assert.equal(heard.get(next?.id ?? '')?.shelvedUntil, null, 'that is what is heard of it last');
});

test('what comes to a device with another one is explained by what stands there, and all that happens to it is heard', async () => {
  using world = telling(2);
  const { alarms, scope, store, devices, now } = world;
  const [part = '', whole = ''] = devices;
  await alarms.apply(1, [
    report(part, now - 500, [change(now - 450, 'low'), change(now - 420, null)]),
    report(whole, now - 500, [change(now - 450, 'low')], PARENT),
  ]);
  const [alarm] = all(world);
  alarms.shelve(scope, alarm?.id ?? '', shelving(world));
  const heard: string[] = [];
  alarms.onNews(({ events }) => heard.push(...events.map(({ kind }) => kind)));
  const before = alarms.openOn(scope, part);
  store.write(scope, (sql) => {
    moveAlarms(sql, part, whole, now);
    sql.run('delete from main.devices where factory_id = current_factory() and id = ?', part);
  });
  alarms.deviceMerged(scope, whole, before);
  assert.deepEqual(heard, ['unshelved', 'suppressed']);
  assert.equal(all(world)[0]?.suppression, 'parent');
});

test('what a device has taken over is not what its rule says of it, though it was raised at the same moment', async () => {
  using world = alarmStore(2);
  const { alarms, store, scope, devices, now } = world;
  const [part = '', whole = ''] = devices;
  const raise = change(now - 450, 'low');
  await alarms.apply(1, [report(part, now - 500, [raise]), report(whole, now - 500, [raise])]);
  await alarms.apply(1, [report(whole, now - 500, [raise, change(now - 440, null), change(now - 430, 'low')])]);
  store.write(scope, (sql) => moveAlarms(sql, part, whole, now));
  await alarms.apply(1, [report(whole, now - 500, [raise])]);
  assert.deepEqual(
    all(world).map(({ status, isWithdrawn, clearedAt }) => [status, isWithdrawn, clearedAt === null]),
    [
      ['cleared', 0, false],
      ['active', 0, true],
      ['cleared', 1, false],
    ],
  );
});

test('an alarm that comes back is told of as it is then, and not of what led to it', async () => {
  using world = telling();
  const { alarms, devices, now } = world;
  const [device = ''] = devices;
  await alarms.apply(1, [report(device, now - 500, [change(now - 450, 'low')], PARENT)]);
  await alarms.apply(1, [report(device, now - 500, [change(now - 440, 'low')])]);
  await alarms.apply(1, [
    report(device, now - 400, [change(now - 350, null)], PARENT),
    report(device, now - 400, [change(now - 350, 'critical')]),
  ]);
  assert.deepEqual(told(world), ['raised']);
});

test('who was told of an alarm is told when it has become worse while it was kept from people', async () => {
  using world = telling();
  const { alarms, scope, devices, now } = world;
  const [device = ''] = devices;
  await alarms.apply(1, [report(device, now - 500, [change(now - 450, 'low')])]);
  send(world);
  const { id = '' } = all(world)[0] ?? {};
  alarms.shelve(scope, id, shelving(world));
  alarms.unshelve(scope, id, 'Ada');
  assert.deepEqual(told(world), ['raised'], 'nothing is new');
  alarms.shelve(scope, id, shelving(world));
  await alarms.apply(1, [report(device, now - 400, [change(now - 350, 'critical')])]);
  alarms.unshelve(scope, id, 'Ada');
  assert.deepEqual(told(world), ['raised', 'severity_changed']);
});

test('an alarm that turns out to stand is told of, though it seemed to be over when it was no more kept from people', async () => {
  using world = telling();
  const { alarms, scope, devices, now } = world;
  const [device = ''] = devices;
  const window = { deviceIds: [device], tags: [], startsAt: now, endsAt: null, reason: 'cleaning' };
  const { id } = alarms.windows.add(scope, window, 'Ada');
  await alarms.apply(1, [report(device, now - 500, [change(now - 450, 'low'), change(now - 420, null)])]);
  alarms.windows.remove(scope, id);
  await alarms.look();
  assert.deepEqual(told(world), []);
  await alarms.apply(1, [report(device, now - 500, [change(now - 450, 'low')])]);
  assert.deepEqual(told(world), ['raised']);
});

test('who was told that an alarm is over is told that it is not once it comes back, though somebody knows of it', async () => {
  using world = telling();
  const { alarms, scope, devices, now } = world;
  const [device = ''] = devices;
  await alarms.apply(1, [report(device, now - 500, [change(now - 450, 'low'), change(now - 420, null)])]);
  alarms.acknowledge(scope, all(world)[0]?.id ?? '', said);
  send(world);
  await alarms.apply(1, [report(device, now - 500, [change(now - 440, 'low')], PARENT)]);
  await alarms.apply(1, [report(device, now - 500, [change(now - 450, 'low')])]);
  assert.deepEqual(told(world), ['raised', 'cleared', 'acknowledged']);
  await alarms.apply(1, [report(device, now - 400, [change(now - 350, null)], PARENT)]);
  assert.deepEqual(told(world), ['raised', 'cleared', 'acknowledged', 'raised']);
});

test('what is closed by hand while it stands explains nothing any more', async () => {
  using world = telling();
  const { alarms, scope, devices, rules, now } = world;
  const [device = ''] = devices;
  await alarms.apply(1, [
    report(device, now - 500, [change(now - 450, 'low')], PARENT),
    report(device, now - 500, [change(now - 450, 'low')]),
  ]);
  rules.delete(PARENT);
  alarms.close(scope, all(world)[0]?.id ?? '', { by: 'Ada', comment: 'the line was taken down' });
  assert.equal(all(world)[1]?.suppression, null);
  assert.deepEqual(told(world), ['raised']);
});

test('an alarm that turns out not to be over comes back to the shelf on which others are by then', async () => {
  using world = telling();
  const { alarms, scope, devices, now } = world;
  const [device = ''] = devices;
  const first = [change(now - 450, 'low'), change(now - 420, null)];
  await alarms.apply(1, [report(device, now - 500, [...first, change(now - 410, 'low'), change(now - 405, null)])]);
  const [unseen, closed] = all(world);
  alarms.acknowledge(scope, closed?.id ?? '', said);
  alarms.shelve(scope, unseen?.id ?? '', shelving(world));
  await alarms.apply(1, [report(device, now - 500, [...first, change(now - 410, 'low')])]);
  assert.deepEqual(kinds(world, closed?.id).slice(-2), ['corrected', 'shelved']);
  assert.deepEqual(told(world), []);
});
