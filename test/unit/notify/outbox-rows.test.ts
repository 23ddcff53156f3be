import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countsOf, dropVoid, gather, listRows, removeOld } from '../../../src/notify/outbox-rows.ts';
import { addChannel, alarmStore, CHANNEL } from '../../support/alarm-store.ts';
import { change, RULE, rule } from '../../support/alarms.ts';

const DIGEST = '44444444-4444-4444-8444-444444444444';

test('a digest counts no escalation of an alarm that somebody has acknowledged since', async () => {
  using world = alarmStore(2);
  const { alarms, rules, store, scope, devices, now } = world;
  addChannel(world);
  rules.set(RULE, rule(RULE, { escalation: [{ after_seconds: 1, channel_id: CHANNEL }] }));
  const of = { factoryId: 1, ruleId: RULE, ruleVersion: 1, since: now - 500, until: now };
  await alarms.apply(
    1,
    devices.map((deviceId) => ({ ...of, deviceId, transitions: [change(now - 400, 'high')] })),
  );
  world.now += 5_000;
  await alarms.look();
  store.write(scope, (sql) => gather(sql, CHANNEL, DIGEST, world.now, true));
  const counted = () => store.read(scope, (sql) => countsOf(sql, DIGEST));
  assert.deepEqual(counted(), [{ kind: 'escalated', severity: 'high', count: 2 }]);
  const [acknowledged, other] = alarms.list(scope, {}, { limit: 2 }).items;
  assert.ok(acknowledged && other);
  alarms.acknowledge(scope, acknowledged.id, { by: 'Ada', comment: null });
  assert.deepEqual(counted(), [{ kind: 'escalated', severity: 'high', count: 1 }]);
  store.write(scope, (sql) => dropVoid(sql, DIGEST));
  const answers = [acknowledged, other].map(({ id: alarmId }) =>
    store.read(scope, (sql) => listRows(sql, { alarmId }, { limit: 5 })).map(({ state, answer }) => [state, answer]),
  );
  assert.deepEqual(answers, [
    [['suppressed', 'the alarm has been acknowledged or closed meanwhile']],
    [['digested', null]],
  ]);
});

test('what nobody was told because the channel was switched off is kept no longer than what was sent', async () => {
  using world = alarmStore(1);
  const { alarms, rules, store, scope, devices, now } = world;
  addChannel(world);
  store.write(scope, (sql) => sql.run('update main.notification_channels set is_active = 0'));
  rules.set(RULE, rule(RULE, { notifications: [{ channel_id: CHANNEL, on: ['raised'] }] }));
  const of = { factoryId: 1, ruleId: RULE, ruleVersion: 1, deviceId: devices[0] ?? '', since: now - 500, until: now };
  await alarms.apply(1, [{ ...of, transitions: [change(now - 400, 'high')] }]);
  const [row] = store.read(scope, (sql) => listRows(sql, {}, { limit: 5 }));
  assert.deepEqual([row?.state, row?.settledAt], ['suppressed', now]);
  assert.equal(
    store.write(scope, (sql) => removeOld(sql, now + 31 * 86_400_000)),
    1,
  );
});
