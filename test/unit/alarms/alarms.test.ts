import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type Alarm, moveAlarms } from '../../../src/alarms/alarms.ts';
import type { Report, Transition } from '../../../src/rules/rules.ts';
import { type AlarmStore, alarmStore } from '../../support/alarm-store.ts';
import { change, PARENT, RULE, rule } from '../../support/alarms.ts';

const report = (deviceId: string, since: number, until: number, transitions: Transition[]): Report => ({
  factoryId: 1,
  ruleId: RULE,
  ruleVersion: 1,
  deviceId,
  since,
  until,
  transitions,
});

const all = ({ alarms, scope }: AlarmStore): Alarm[] => alarms.list(scope, {}, { limit: 500 }).items;
const first = (world: AlarmStore): Alarm => {
  const [alarm] = all(world);
  assert.ok(alarm);
  return alarm;
};
const kinds = ({ alarms, scope }: AlarmStore, { id }: Alarm) => alarms.events(scope, id).map(({ kind }) => kind);
const said = { by: 'Ada', comment: null };

test('what people may do with an alarm, and what it comes to, is as ISA-18.2 has it', async () => {
  const ways = {
    active: { acknowledge: 'acknowledged', close: 'conflict', clears: 'cleared' },
    acknowledged: { acknowledge: 'conflict', close: 'conflict', clears: 'closed' },
    cleared: { acknowledge: 'closed', close: 'closed', clears: 'cleared' },
    closed: { acknowledge: 'conflict', close: 'conflict', clears: 'closed' },
  } as const;
  for (const [status, way] of Object.entries(ways)) {
    for (const [act, expected] of Object.entries(way)) {
      using world = alarmStore();
      const { alarms, scope, devices, now } = world;
      const [device = ''] = devices;
      const clear = () => alarms.apply(1, [report(device, now - 100, now - 50, [change(now - 60, null)])]);
      await alarms.apply(1, [report(device, now - 200, now - 100, [change(now - 150, 'high')])]);
      const { id } = first(world);
      if (status !== 'active' && status !== 'cleared') alarms.acknowledge(scope, id, said);
      if (status === 'cleared' || status === 'closed') await clear();
      assert.equal(first(world).status, status);
      let outcome: string;
      try {
        if (act === 'acknowledge') alarms.acknowledge(scope, id, said);
        else if (act === 'close') alarms.close(scope, id, said);
        else await clear();
        outcome = first(world).status;
      } catch (error) {
        outcome = (error as { code: string }).code;
      }
      assert.equal(outcome, expected, `${act} of one that is ${status}`);
    }
  }
});

test('events are neither changed nor removed, and an open alarm stays', async () => {
  using world = alarmStore();
  const { alarms, store, scope, devices, now } = world;
  await alarms.apply(1, [report(devices[0] ?? '', now - 200, now, [change(now - 150, 'high')])]);
  const { id } = first(world);
  const run = (text: string) => store.system('seed', (sql) => sql.run(text));
  assert.throws(() => run(`update main.alarm_events set kind = 'cleared'`), /is not changed/);
  assert.throws(() => run('delete from main.alarm_events'), /stays/);
  assert.throws(() => run('delete from main.alarms'), /an open alarm stays/);
  await alarms.ruleEnded(scope, { id: RULE, version: 1 }, 'rule_removed');
  alarms.acknowledge(scope, id, said);
  run('delete from main.alarms');
  assert.deepEqual(alarms.events(scope, id), []);
});

test('an alarm cannot be raised twice, whoever tries', async () => {
  using world = alarmStore();
  const { alarms, store, devices, now } = world;
  await alarms.apply(1, [report(devices[0] ?? '', now - 200, now, [change(now - 150, 'high')])]);
  assert.throws(
    () =>
      store.system('seed', (sql) =>
        sql.run(
          `insert into main.alarms (factory_id, id, number, rule_id, rule_version, rule_name, device_id, severity, status,
             message, course, raised_at, recorded_at, suppressed_by, escalation)
           select factory_id, 'other', 2, rule_id, rule_version, rule_name, device_id, severity, status, message, course,
             raised_at, recorded_at, suppressed_by, escalation from alarms`,
        ),
      ),
    /UNIQUE/,
  );
});

test('when one report cannot be stored, the others are, and what goes with them is', async () => {
  using world = alarmStore(3);
  const { alarms, store, devices, now, faults } = world;
  const reports = devices.map((device) => report(device, now - 200, now, [change(now - 150, 'high')]));
  const [, bad] = reports;
  // Something that the schema refuses.
  if (bad !== undefined)
    reports[1] = { ...bad, transitions: [{ ...change(now - 150, 'high'), severity: 'worst' as 'high' }] };
  let stored = 0;
  await alarms.apply(1, reports, (sql) => {
    stored = sql.get<{ n: number }>('select count(*) as n from alarms')?.n ?? 0;
  });
  assert.equal(stored, 2);
  assert.equal(faults.length, 1);
  assert.equal(store.read(world.scope, (sql) => sql.all('select id from alarms')).length, 2);
});

test('what goes with reports is stored with the last of them, or not at all', async () => {
  using world = alarmStore();
  const { alarms, devices, now, scope } = world;
  const failing = alarms.apply(1, [report(devices[0] ?? '', now - 200, now, [change(now - 150, 'high')])], () => {
    throw new Error('the disk is full');
  });
  await assert.rejects(failing, /the disk is full/);
  assert.deepEqual(alarms.list(scope, {}, { limit: 10 }).items, []);
  await alarms.apply(1, [report(devices[0] ?? '', now - 200, now, [change(now - 150, 'high')])], () => {});
  assert.equal(all(world).length, 1);
});

test('a course of very many changes is kept at both ends, and told once', async () => {
  using world = alarmStore();
  const { alarms, devices, scope } = world;
  const [device = ''] = devices;
  const t = world.now - 3_000_000;
  const course = Array.from({ length: 2_500 }, (_, index) => change(t + 1 + index, index % 2 === 0 ? 'low' : 'high'));
  for (let at = 0; at < course.length; at += 500) {
    await alarms.apply(1, [report(device, t + at, t + at + 500, course.slice(at, at + 500))]);
  }
  const alarm = first(world);
  assert.ok(JSON.parse(alarm.course).length <= 101);
  assert.deepEqual([alarm.raisedAt, alarm.severity, alarm.events], [t + 1, 'high', 1_000]);
  assert.equal(alarm.unlisted, 1_500);
  const before = alarms.events(scope, alarm.id).length;
  await alarms.apply(1, [report(device, t, t + 2_500, course)]);
  assert.equal(alarms.events(scope, alarm.id).length, before);
  await alarms.apply(1, [report(device, t + 2_500, t + 3_000, [change(t + 2_600, null)])]);
  assert.equal(first(world).status, 'cleared');
  assert.equal(kinds(world, alarm).at(-1), 'cleared', 'that it clears is always written down');
});

test('one that is raised three times within a minute chatters, and so does one of ten times in an hour', async () => {
  using world = alarmStore();
  const { alarms, devices, now } = world;
  const [fast = '', slow = ''] = devices;
  const raises = (device: string, every: number, count: number) => {
    const begin = now - 3_000_000;
    const course = Array.from({ length: count }, (_, index) => [
      change(begin + 1 + index * every, 'high'),
      change(begin + 2 + index * every, null),
    ]).flat();
    return report(device, begin, now, course);
  };
  await alarms.apply(1, [raises(fast, 25_000, 4), raises(slow, 300_000, 10)]);
  const of = (device: string) => {
    const alarmsOf = all(world).filter(({ deviceId }) => deviceId === device);
    return alarmsOf.toReversed().map(({ isChattering }) => isChattering);
  };
  assert.deepEqual(of(fast), [0, 0, 1, 1]);
  assert.deepEqual(of(slow), [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
});

test('an alarm whose clear turns out to be wrong stands again, as acknowledged as it was', async () => {
  using world = alarmStore();
  const { alarms, devices, scope, now } = world;
  const [device = ''] = devices;
  await alarms.apply(1, [report(device, now - 200, now - 100, [change(now - 150, 'high')])]);
  alarms.acknowledge(scope, first(world).id, said);
  await alarms.apply(1, [report(device, now - 100, now - 50, [change(now - 60, null)])]);
  assert.equal(first(world).status, 'closed');
  await alarms.apply(1, [report(device, now - 100, now - 50, [])]);
  const alarm = first(world);
  assert.deepEqual([alarm.status, alarm.clearedAt, alarm.closedAt], ['acknowledged', null, null]);
  assert.equal(kinds(world, alarm).at(-1), 'corrected');
});

test('what came to an end while nobody was there is cleared at the start', async () => {
  using world = alarmStore();
  const { alarms, devices, rules, now } = world;
  await alarms.apply(1, [report(devices[0] ?? '', now - 200, now, [change(now - 150, 'high')])]);
  rules.delete(RULE);
  alarms.start();
  while (first(world).status === 'active') await new Promise((resolve) => setImmediate(resolve));
  await alarms.stop();
  assert.equal(first(world).clearedBecause, 'rule_removed');
});

test('an alarm that is closed by hand, because its rule has gone, needs a reason', async () => {
  using world = alarmStore();
  const { alarms, devices, rules, scope, now } = world;
  await alarms.apply(1, [report(devices[0] ?? '', now - 200, now, [change(now - 150, 'high')])]);
  const { id } = first(world);
  assert.throws(() => alarms.close(scope, id, said), { code: 'conflict' });
  rules.delete(RULE);
  assert.throws(() => alarms.close(scope, id, said), { code: 'invalid_input' });
  alarms.close(scope, id, { by: 'Ada', comment: 'the line was taken down' });
  assert.deepEqual([first(world).status, first(world).clearedBecause], ['closed', 'by_hand']);
});

test('what was on its way when a device left its rule raises no alarm', async () => {
  using world = alarmStore(1, { tagsOf: () => [] });
  const { alarms, devices, rules, now } = world;
  const onItsWay = report(devices[0] ?? '', now - 200, now, [change(now - 150, 'high')]);
  rules.set(RULE, rule(RULE, { isFor: (_device, tags) => tags.includes('line 1') }));
  await alarms.apply(1, [onItsWay]);
  assert.deepEqual(all(world), []);
  rules.set(RULE, rule());
  await alarms.apply(1, [onItsWay]);
  assert.equal(first(world).status, 'active');
});

test('an alarm that another had explained is shown when the rule of that one goes, or its device', async () => {
  for (const why of ['rule_removed', 'device_retired'] as const) {
    using world = alarmStore(1);
    const { alarms, scope, devices, rules, now } = world;
    const [device = ''] = devices;
    rules.set(PARENT, rule(PARENT));
    rules.set(RULE, rule(RULE, { suppressed_by: [PARENT] }));
    const raised = report(device, now - 200, now, [change(now - 150, 'high')]);
    await alarms.apply(1, [{ ...raised, ruleId: PARENT }, raised]);
    assert.equal(alarms.counts(scope).suppressed, 1);
    if (why === 'rule_removed') await alarms.ruleEnded(scope, { id: PARENT, version: 1 }, why);
    else await alarms.deviceEnded(scope, device, why);
    assert.equal(alarms.counts(scope).suppressed, 0, why);
  }
});

test('an alarm whose device had left the rule when nobody was there is cleared at the start, and can be closed', async () => {
  using world = alarmStore(2, { tagsOf: (_scope, id) => (id.endsWith('1') ? [] : ['line 1']) });
  const { alarms, scope, devices, rules, now } = world;
  for (const device of devices) await alarms.apply(1, [report(device, now - 200, now, [change(now - 150, 'high')])]);
  rules.set(RULE, rule(RULE, { isFor: (_device, tags) => tags.includes('line 1') }));
  const [stays, left] = all(world);
  alarms.start();
  while (alarms.get(scope, left?.id ?? '')?.status === 'active') await setImmediate();
  await alarms.stop();
  assert.deepEqual(
    [alarms.get(scope, left?.id ?? '')?.clearedBecause, alarms.get(scope, stays?.id ?? '')?.status],
    ['device_out_of_rule', 'active'],
  );
  alarms.close(scope, left?.id ?? '', said);
});

test('an alarm whose device has left its rule is closed by hand with a reason, though it has not cleared', async () => {
  using world = alarmStore(1);
  const { alarms, scope, devices, rules, now } = world;
  await alarms.apply(1, [report(devices[0] ?? '', now - 200, now, [change(now - 150, 'high')])]);
  rules.set(RULE, rule(RULE, { isFor: () => false }));
  alarms.close(scope, first(world).id, { by: 'Ada', comment: 'it is on another line now' });
  assert.equal(first(world).status, 'closed');
});

test('a shelf until the alarm clears ends however it clears', async () => {
  using world = alarmStore(1);
  const { alarms, scope, devices, now } = world;
  const [device = ''] = devices;
  await alarms.apply(1, [report(device, now - 200, now, [change(now - 150, 'high')])]);
  const alarm = first(world);
  const shelving = { by: 'Ada', until: now + 3_600_000, reason: 'once' };
  alarms.shelve(scope, alarm.id, { ...shelving, isOneShot: true });
  await alarms.ruleEnded(scope, { id: RULE, version: 0 }, 'rule_deactivated');
  assert.deepEqual(alarms.shelves(scope), []);
  assert.deepEqual(kinds(world, alarm).slice(-2), ['cleared', 'unshelved']);
  await alarms.apply(1, [report(device, now, now + 200, [change(now + 150, 'high')])]);
  const next = first(world);
  assert.equal(next.shelvedUntil, null);
  alarms.shelve(scope, next.id, { ...shelving, isOneShot: false });
  await alarms.deviceEnded(scope, device, 'device_retired');
  assert.equal(alarms.shelves(scope).length, 1, 'one for a time stays for that time');
});

test('maintenance goes over to the device that another becomes a part of, whoever is told of it', () => {
  using world = alarmStore(2);
  const { alarms, scope, store, devices, now } = world;
  const [part = '', whole = ''] = devices;
  const order = { deviceIds: [part, whole], tags: [], startsAt: now, endsAt: null, reason: 'cleaning' };
  alarms.windows.add(scope, order, 'Ada');
  const changes = store.write(scope, (sql) => {
    moveAlarms(sql, part, whole, now);
    return sql.all('select device_ids from maintenance_windows');
  });
  assert.deepEqual(changes, [{ device_ids: JSON.stringify([whole]) }]);
  alarms.deviceMerged(scope, whole, new Map());
  assert.deepEqual(alarms.windows.list(scope)[0]?.deviceIds, [whole]);
});

test('a shelf until the alarm clears ends with one that is closed by hand while it stands', async () => {
  using world = alarmStore(1);
  const { alarms, scope, devices, rules, now } = world;
  await alarms.apply(1, [report(devices[0] ?? '', now - 200, now, [change(now - 150, 'high')])]);
  alarms.shelve(scope, first(world).id, { by: 'Ada', until: now + 3_600_000, reason: 'once', isOneShot: true });
  rules.clear();
  alarms.close(scope, first(world).id, { by: 'Ada', comment: 'not watched any more' });
  assert.deepEqual(alarms.shelves(scope), []);
  assert.deepEqual(kinds(world, first(world)).slice(-3), ['cleared', 'closed', 'unshelved']);
});

test('alarms of a device that becomes a part of another leave its shelf, which goes with it', async () => {
  const heard: string[][] = [];
  using world = alarmStore(2);
  const { alarms, scope, store, devices, now } = world;
  const [part = '', whole = ''] = devices;
  alarms.onNews(({ events }) => heard.push(events.map(({ kind }) => kind)));
  await alarms.apply(1, [
    report(part, now - 200, now, [change(now - 190, 'high'), change(now - 180, null), change(now - 150, 'high')]),
  ]);
  const [standing, cleared] = all(world);
  alarms.shelve(scope, standing?.id ?? '', { by: 'Ada', until: now + 60_000, reason: 'known', isOneShot: false });
  const before = alarms.openOn(scope, part);
  heard.length = 0;
  store.write(scope, (sql) => {
    moveAlarms(sql, part, whole, now);
    sql.run('delete from main.devices where factory_id = current_factory() and id = ?', part);
  });
  alarms.deviceMerged(scope, whole, before);
  assert.deepEqual(
    heard.toSorted((one, other) => one.length - other.length),
    [['unshelved'], ['cleared', 'unshelved']],
  );
  for (const { id } of [standing, cleared] as Alarm[]) {
    const alarm = all(world).find((one) => one.id === id);
    assert.deepEqual([alarm?.status, alarm?.deviceId, alarm?.shelvedUntil], ['cleared', whole, null]);
  }
  alarms.acknowledge(scope, cleared?.id ?? '', said);
});

test('nothing becomes of alarms of a factory that is put away, until it is taken out again', async () => {
  using world = alarmStore(2);
  const { alarms, scope, store, devices, rules } = world;
  const [shelved = '', waiting = ''] = devices;
  rules.set(RULE, rule(RULE, { escalation: [{ after_seconds: 60, channel_id: PARENT }] }));
  for (const device of devices) {
    await alarms.apply(1, [report(device, world.now - 200, world.now, [change(world.now - 150, 'high')])]);
  }
  const of = (device: string) => all(world).find(({ deviceId }) => deviceId === device) as Alarm;
  const until = world.now + 60_000;
  alarms.shelve(scope, of(shelved).id, { by: 'Ada', until, reason: 'known', isOneShot: false });
  const archive = (at: number | null) =>
    store.system('change factory', (sql) => sql.run('update main.factories set archived_at = ?', at));
  archive(world.now);
  world.now += 120_000;
  await alarms.look();
  assert.deepEqual(kinds(world, of(shelved)), ['raised', 'shelved']);
  assert.deepEqual(kinds(world, of(waiting)), ['raised']);
  archive(null);
  await alarms.look();
  assert.deepEqual(kinds(world, of(shelved)), ['raised', 'shelved', 'unshelved']);
  assert.deepEqual(kinds(world, of(waiting)), ['raised', 'escalated']);
  assert.deepEqual(world.faults, []);
});

test('an escalation that is due after a fraction of a second is due at a whole millisecond', async () => {
  using world = alarmStore(1);
  const { alarms, rules, now } = world;
  rules.set(
    RULE,
    rule(RULE, { escalation: [1.0004, 2.0009].map((after_seconds) => ({ after_seconds, channel_id: PARENT })) }),
  );
  await alarms.apply(1, [report(world.devices[0] ?? '', now - 200, now, [change(now - 150, 'high')])]);
  world.now += 1_000;
  await alarms.look();
  world.now += 1_001;
  await alarms.look();
  assert.deepEqual(world.faults, []);
  assert.deepEqual(kinds(world, first(world)), ['raised', 'escalated', 'escalated']);
});

test('what turns out not to have happened does not escalate', async () => {
  using world = alarmStore(1);
  const { alarms, scope, devices, rules, now } = world;
  const [device = ''] = devices;
  rules.set(RULE, rule(RULE, { escalation: [{ after_seconds: 60, channel_id: PARENT }] }));
  await alarms.apply(1, [report(device, now - 200, now, [change(now - 150, 'high')])]);
  await alarms.apply(1, [report(device, now - 200, now, [])]);
  world.now += 120_000;
  await alarms.look();
  assert.deepEqual(kinds(world, first(world)), ['raised', 'corrected', 'cleared']);
  // Nor does it begin to once it is taken from a shelf.
  const until = world.now + 60_000;
  alarms.shelve(scope, first(world).id, { by: 'Ada', until, reason: 'once', isOneShot: false });
  alarms.unshelve(scope, first(world).id, 'Ada');
  world.now += 120_000;
  await alarms.look();
  assert.deepEqual(kinds(world, first(world)).slice(3), ['shelved', 'unshelved']);
});

test('a search finds what it looks for with any capital letters in it', async () => {
  using world = alarmStore(1);
  const { alarms, scope, rules, devices, now } = world;
  rules.set(RULE, rule(RULE, { name: 'Überdruck 100 %' }));
  await alarms.apply(1, [report(devices[0] ?? '', now - 200, now, [change(now - 150, 'high')])]);
  const found = (text: string) => alarms.list(scope, { text }, { limit: 10 }).items.length;
  assert.deepEqual(['überdruck', 'ÜBERDRUCK', '00 %', 'unterdruck', '0_%'].map(found), [1, 1, 1, 0, 0]);
});

test('a device that gets a tag is worked on with the others that have it, and no more once it has lost it', async () => {
  const tags: string[] = [];
  using world = alarmStore(1, { tagsOf: () => tags });
  const { alarms, scope, devices, now } = world;
  await alarms.apply(1, [report(devices[0] ?? '', now - 200, now, [change(now - 150, 'high')])]);
  const order = { deviceIds: [], tags: ['line 1'], startsAt: now, endsAt: null, reason: 'cleaning' };
  alarms.windows.add(scope, order, 'Ada');
  await alarms.look();
  assert.equal(first(world).suppression, null);
  tags.push('line 1');
  alarms.tagsChanged(scope);
  await alarms.look();
  assert.equal(first(world).suppression, 'out_of_service');
  tags.pop();
  alarms.tagsChanged(scope);
  await alarms.look();
  assert.equal(first(world).suppression, null);
});

test('what is history is closed once, also when more of it comes', async () => {
  using world = alarmStore(1);
  const { alarms, devices, now } = world;
  const [device = ''] = devices;
  const t = now - 5 * 3_600_000;
  await alarms.apply(1, [report(device, t, t + 5_000, [change(t + 1_000, 'high'), change(t + 4_000, null)])]);
  await alarms.apply(1, [report(device, t, t + 5_000, [change(t + 1_000, 'high'), change(t + 3_000, null)])]);
  assert.deepEqual(kinds(world, first(world)), ['raised', 'cleared', 'closed', 'corrected']);
});

test('old closed alarms go, their numbers are not given again, and open ones stay', async () => {
  using world = alarmStore();
  const { alarms, devices, now } = world;
  const [old = '', open = ''] = devices;
  const t = now - 4 * 365 * 86_400_000;
  await alarms.apply(1, [
    report(open, t, t + 10, [change(t + 1, 'high')]),
    report(old, t, t + 10, [change(t + 1, 'high'), change(t + 2, null)]),
  ]);
  await alarms.look();
  assert.deepEqual(
    all(world).map(({ number }) => number),
    [1],
  );
  await alarms.apply(1, [report(old, now - 10, now, [change(now - 1, 'high')])]);
  assert.equal(first(world).number, 3);
});

test('an alarm is not suppressed by itself, and one that is suppressed when it is raised is quiet', async () => {
  using world = alarmStore();
  const { alarms, devices, rules, now } = world;
  const [device = ''] = devices;
  rules.set(RULE, rule(RULE, { suppressed_by: [RULE, PARENT] }));
  rules.set(PARENT, rule(PARENT));
  await alarms.apply(1, [report(device, now - 200, now, [change(now - 150, 'high')])]);
  assert.deepEqual([first(world).suppression, first(world).isQuiet], [null, 0]);
  await alarms.apply(1, [report(device, now - 100, now, [change(now - 50, null)])]);
  await alarms.apply(1, [{ ...report(device, now - 200, now, [change(now - 40, 'high')]), ruleId: PARENT }]);
  await alarms.apply(1, [report(device, now - 30, now, [change(now - 20, 'high')])]);
  assert.deepEqual([first(world).suppression, first(world).isQuiet], ['parent', 1]);
});

test('a stop between two slices loses nothing: the same reports again complete what is there', async () => {
  using world = alarmStore(200);
  const { alarms, devices, now } = world;
  const reports = devices.map((device, index) => report(device, now - 500, now, [change(now - 400 + index, 'high')]));
  await alarms.apply(1, reports.slice(0, 77));
  await alarms.apply(1, reports);
  const numbers = all(world).map(({ number }) => number);
  assert.deepEqual(
    numbers,
    Array.from({ length: 200 }, (_, index) => 200 - index),
  );
});

test('of each rule on each device the newest alarm is known, however long ago it cleared', async () => {
  using world = alarmStore();
  const { alarms, devices, now } = world;
  const [device = ''] = devices;
  const day = 86_400_000;
  const times = [now - 9 * day, now - 8 * day] as const;
  for (const t of times) {
    await alarms.apply(1, [report(device, t - 1, t + 2_000, [change(t, 'high'), change(t + 1_000, null)])]);
  }
  const [course, ...others] = alarms.known(1, now - day);
  assert.deepEqual([course?.transitions.map(({ at }) => at), others], [[times[1], times[1] + 1_000], []]);
});

test('what had ended before the start is over when the alarms have stopped, and nothing is written behind that', async () => {
  using world = alarmStore(60);
  const { alarms, devices, rules, now } = world;
  const reports = devices.map((device) => report(device, now - 500, now, [change(now - 400, 'high')]));
  await alarms.apply(1, reports);
  rules.delete(RULE);
  alarms.start();
  await alarms.stop();
  assert.equal(all(world).filter(({ clearedBecause }) => clearedBecause === 'rule_removed').length, 60);
  assert.deepEqual(world.faults, []);
});

test('who has left the factory looks after no alarm any more', async () => {
  const names = new Map([
    ['ada', 'Ada'],
    ['bob', 'Bob'],
  ]);
  using world = alarmStore(2, { memberName: (_scope, id) => names.get(id) });
  const { alarms, devices, scope, now } = world;
  await alarms.apply(
    1,
    devices.map((device) => report(device, now - 500, now, [change(now - 400, 'high')])),
  );
  const [one, other] = all(world);
  assert.ok(one && other);
  alarms.assign(scope, one.id, 'Ada', 'ada');
  alarms.assign(scope, other.id, 'Ada', 'bob');
  names.delete('ada');
  world.now += 600_000;
  await alarms.look();
  assert.deepEqual(
    all(world).map(({ assigneeId, assigneeName }) => [assigneeId, assigneeName]),
    [
      [null, null],
      ['bob', 'Bob'],
    ],
  );
  const { kind, actor, data } = alarms.events(scope, one.id).at(-1) ?? {};
  assert.deepEqual([kind, actor, data], ['assigned', null, { to: null }]);
  assert.deepEqual(world.faults, []);
});
