import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  countFresh,
  countsOf,
  dropVoid,
  dueChannels,
  dueRows,
  gather,
  hold,
  listRows,
  release,
  worstOf,
} from '../../../src/notify/outbox-rows.ts';
import type { Report, Transition } from '../../../src/rules/rules.ts';
import { type AlarmStore, addChannel, alarmStore, CHANNEL } from '../../support/alarm-store.ts';
import { change, PARENT, RULE, rule } from '../../support/alarms.ts';
import { type QueryPlan, watchPlans } from '../../support/query-plans.ts';

const DIGEST = '44444444-4444-4444-8444-444444444444';
const DAY_MS = 86_400_000;

/** Of these indexes each has as many rows as there is to be done: what is over is in none of them. */
const OF_NOW = /alarms_(open|standing|suppressible|escalating)|notifications_due/;
/** All that a factory, or one of its rules, ever had; or all that was raised before a time. */
const HISTORIES = [
  /^SCAN (main\.)?(alarms|alarm_events|notifications)\b/,
  /INDEX (sqlite_autoindex_)?(alarms|alarm_events|notifications)\w* \(factory_id=\?\)/,
  /alarms_by_end \(factory_id=\? AND rule_id=\?\)/,
  /alarms_by_time \(factory_id=\? AND raised_at<\?\)/,
];

/** Statements that look through a history, which in ten years has half a million alarms; the least of an index is one step. */
const throughHistory = (plans: readonly QueryPlan[]): string[] =>
  plans.flatMap(({ sql, steps }) =>
    steps
      .filter((step) => !OF_NOW.test(step) && HISTORIES.some((history) => history.test(step)))
      .filter((step) => !(sql.includes('select min(') && step.includes('COVERING INDEX alarms_by_end')))
      .map((step) => `${step}: ${sql}`),
  );

const report = ({ now, devices }: AlarmStore, ruleId: string, transitions: Transition[]): Report => {
  const [deviceId = ''] = devices;
  return { factoryId: 1, ruleId, ruleVersion: 1, deviceId, since: now - 500, until: now, transitions };
};

/** An alarm that a channel tells of, and one that suppresses it. */
async function alarmsOf(world: AlarmStore): Promise<string> {
  const { alarms, rules, scope, now } = world;
  addChannel(world);
  const notifications = [{ channel_id: CHANNEL, on: ['raised', 'cleared', 'escalated'] }] as const;
  rules.set(
    RULE,
    rule(RULE, {
      notifications,
      suppressed_by: [PARENT],
      escalation: [{ after_seconds: 1, channel_id: CHANNEL }],
    }),
  );
  rules.set(PARENT, rule(PARENT));
  await alarms.apply(1, [report(world, RULE, [change(now - 400, 'high')])]);
  const [alarm] = alarms.list(scope, {}, { limit: 1 }).items;
  assert.ok(alarm);
  return alarm.id;
}

test('nothing that is asked of alarms looks through all that there ever were', async () => {
  using world = alarmStore();
  const { alarms, store, scope, devices, now } = world;
  const plans = watchPlans(store);
  const id = await alarmsOf(world);
  const [deviceId = ''] = devices;
  alarms.shelve(scope, id, { by: 'Ada', until: now + 1_000, isOneShot: false, reason: 'pump' });
  alarms.unshelve(scope, id, 'Ada');
  await alarms.apply(1, [report(world, PARENT, [change(now - 300, 'low'), change(now - 200, null)])]);
  world.now += 5_000;
  await alarms.look();
  for (const filter of [{}, { deviceId }, { statuses: ['active', 'cleared'] as const }, { ruleId: RULE }]) {
    alarms.list(scope, filter, { limit: 10 });
  }
  alarms.counts(scope);
  alarms.notes(scope, [id]);
  alarms.openOn(scope, deviceId);
  alarms.known(1, now - DAY_MS);
  await alarms.quality(scope, now - 30 * DAY_MS, now);
  await alarms.ruleEnded(scope, { id: RULE, version: 1 }, 'rule_removed');
  alarms.acknowledge(scope, id, { by: 'Ada', comment: null });
  await alarms.deviceEnded(scope, deviceId, 'device_retired');
  assert.ok(plans.length > 50);
  assert.deepEqual(world.faults, []);
  assert.deepEqual([...new Set(throughHistory(plans))], []);
});

test('nothing that is asked of messages looks through all that are kept', async () => {
  using world = alarmStore();
  const { store, scope, now } = world;
  const alarmId = await alarmsOf(world);
  const plans = watchPlans(store);
  const channels = store.systemRead('drain outbox', (sql) => dueChannels(sql, now));
  const none = { ordinary: false, urgent: false };
  assert.deepEqual(channels, [{ factoryId: 1, channelId: CHANNEL }]);
  store.write(scope, (sql) => {
    countFresh(sql, CHANNEL, now);
    dueRows(sql, CHANNEL, now, none, none, 20);
    hold(sql, CHANNEL, now, now + 1_000);
    release(sql, CHANNEL, now);
    gather(sql, CHANNEL, DIGEST, now, true);
    dropVoid(sql, DIGEST);
    assert.deepEqual(countsOf(sql, DIGEST), [{ kind: 'raised', severity: 'high', count: 1 }]);
    assert.deepEqual(worstOf(sql, DIGEST, 10), [alarmId]);
  });
  const ofDigests = plans.filter(({ sql }) => /digest_id = \?/.test(sql) && !sql.startsWith('update'));
  assert.ok(ofDigests.every(({ steps }) => steps.some((step) => step.includes('notifications_of_digest'))));
  // What comes earlier of an alarm is looked for among its own messages, not among all that wait.
  const { steps: ofDue } = plans.find(({ sql }) => sql.startsWith('select id, is_urgent')) ?? { steps: [] };
  const earlier = ofDue.filter((_, index) => ofDue[index - 1]?.startsWith('CORRELATED'));
  assert.ok(earlier.length > 0 && earlier.every((step) => step.includes('notifications_of_alarm')));
  const filters = [
    {},
    { channelId: CHANNEL },
    { alarmId },
    { channelId: CHANNEL, alarmId },
    { states: ['dead'] as const },
  ];
  const found = filters.map((filter) => store.read(scope, (sql) => listRows(sql, filter, { limit: 10 })).length);
  assert.deepEqual(found, [2, 2, 1, 1, 0]);
  assert.deepEqual([...new Set(throughHistory(plans))], []);
});

test('the quality of alarms is read in pieces, though few of those that cleared had stood for long', async () => {
  using world = alarmStore();
  const { alarms, store, scope, now } = world;
  const id = await alarmsOf(world);
  store.write(scope, (sql) =>
    sql.run(
      `with recursive n(n) as (select 1 union all select n + 1 from n where n < 2500)
       insert into main.alarms (factory_id, id, number, rule_id, rule_version, rule_name, device_id, severity, status, message,
         course, raised_at, cleared_at, recorded_at, suppressed_by, escalation)
       select current_factory(), id || n, number + n, rule_id, 1, rule_name, device_id, severity, 'closed', message, course,
         ?1 - n * 60000, ?1 - n * 60000 + iif(n = 2400, 2 * ?2, 1000), ?1, '[]', '[]' from alarms, n where id = ?3`,
      now - 10 * DAY_MS,
      DAY_MS,
      id,
    ),
  );
  const plans = watchPlans(store);
  const { alarms: count, stale } = await alarms.quality(scope, now - 30 * DAY_MS, now - 9 * DAY_MS);
  assert.deepEqual([count, stale.value], [2_500, 1]);
  assert.equal(plans.filter(({ sql }) => sql.includes('order by a.cleared_at')).length, 3);
});
