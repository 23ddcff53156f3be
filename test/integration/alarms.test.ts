import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alarms } from '../../src/alarms/alarms.ts';
import { alarmPlant, change, PARENT, RULE, rule } from '../support/alarms.ts';
import { eventually, type Person, personWith, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { join, publishTo } from '../support/isolation-world.ts';
import type { Json } from '../support/json.ts';
import { openStream } from '../support/sse.ts';

const kinds = (alarm: Json): string[] => alarm.events.map(({ kind }: Json) => kind);
const act = async (person: Person, id: string, what: string, body: object = {}): Promise<Json> => {
  const answer = await person.call('POST', `/alerts/${id}/${what}`, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
};
const newest = async (person: Person): Promise<Json> => (await person.get('/alerts?limit=1')).items[0];
const oneOf = async (person: Person, query = ''): Promise<Json[]> => (await person.get(`/alerts${query}`)).items;

test('what a rule reports is an alarm with a number and a sentence, and goes its way to closed', async () => {
  await using plant = await alarmPlant();
  const { person } = plant;
  const device = await plant.device('M01');
  await person.call('PATCH', `/devices/${device}/parameters/temperature`, {
    unit: '°C',
    decimals: 1,
    display_name: 'Bearing temperature',
  });
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high'), change(t + 2_000, 'critical', 91)]);
  const raised = await newest(person);
  assert.equal(raised.number, 1);
  assert.equal(raised.message, 'Bearing hot: Bearing temperature is 82.4 °C');
  assert.deepEqual([raised.status, raised.severity, raised.value], ['active', 'critical', 82.44]);
  assert.deepEqual([raised.device_key, raised.rule_id, raised.rule_version], ['M01', RULE, 1]);
  assert.equal(Date.parse(raised.raised_at), t + 1_000);
  assert.equal((await person.get('/dashboard/summary')).alarms.critical, 1);

  const known = await act(person, raised.id, 'acknowledge', { comment: 'on my way' });
  assert.deepEqual([known.status, known.acknowledged_by], ['acknowledged', 'VPC Admin']);
  assert.equal((await person.call('POST', `/alerts/${raised.id}/acknowledge`, {})).status, 409);
  assert.equal((await person.call('POST', `/alerts/${raised.id}/close`, {})).status, 409);
  await act(person, raised.id, 'comment', { comment: 'bearing greased' });
  await plant.report(device, t + 5_000, t + 9_000, [change(t + 8_000, null, 70)]);
  const closed = await person.get(`/alerts/${raised.id}`);
  assert.equal(closed.status, 'closed');
  assert.equal(Date.parse(closed.cleared_at), t + 8_000);
  assert.deepEqual(kinds(closed), ['raised', 'severity_changed', 'acknowledged', 'commented', 'cleared', 'closed']);
  assert.deepEqual(closed.events[2].data, { comment: 'on my way' });
  assert.equal((await person.get('/dashboard/summary')).alarms.critical, 0);

  await plant.report(device, t + 9_000, t + 12_000, [change(t + 10_000, 'high'), change(t + 11_000, null)]);
  const second = await newest(person);
  assert.deepEqual([second.number, second.status], [2, 'cleared']);
  assert.equal((await act(person, second.id, 'acknowledge')).status, 'closed');
});

test('a report that is given twice, at once or later, raises nothing twice', async () => {
  using directory = temporaryDirectory();
  const t = Date.now() - 60_000;
  let device: string;
  {
    await using plant = await alarmPlant({ dataDir: directory.path });
    device = await plant.device('M01');
    const report = () => plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
    await Promise.all([report(), report()]);
    await report();
    assert.equal((await oneOf(plant.person)).length, 1);
  }
  await using plant = await alarmPlant({ dataDir: directory.path });
  assert.deepEqual(plant.alarms.known(1, 0), [
    { ruleId: RULE, deviceId: device, transitions: [change(t + 1_000, 'high')] },
  ]);
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  const [alarm, ...others] = await oneOf(plant.person);
  assert.deepEqual([alarm?.number, others], [1, []]);
  assert.deepEqual(kinds(await plant.person.get(`/alerts/${alarm?.id}`)), ['raised']);
});

test('what one message more says of the very moment of a raise is what the alarm says', async () => {
  await using plant = await alarmPlant();
  const { person, rules } = plant;
  rules.set(RULE, rule(RULE));
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 5_000, 'medium', 75.12)]);
  await plant.report(device, t, t + 5_000, [change(t + 5_000, 'critical', 95.34)]);
  const { id, severity, value, message } = await newest(person);
  assert.deepEqual([severity, value, /is 95\.34\b/.test(message)], ['critical', 95.34, true], message);
  // Whoever was told of the first hears of this.
  const { events } = await person.get(`/alerts/${id}`);
  assert.deepEqual(kinds({ events }), ['raised', 'corrected', 'severity_changed']);
  const { from, to, value: seen } = events[2].data;
  assert.deepEqual([from, to, seen], ['medium', 'critical', 95.34]);
  await plant.report(device, t, t + 5_000, [change(t + 5_000, 'low', 70)]);
  assert.deepEqual(kinds(await person.get(`/alerts/${id}`)).slice(3), ['corrected']);
});

test('late samples correct what was said, and nothing that was said vanishes', async () => {
  await using plant = await alarmPlant();
  const { person } = plant;
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 10_000, [change(t + 5_000, 'high')]);
  await plant.report(device, t, t + 10_000, [change(t + 4_000, 'high', 80.13)]);
  const moved = await person.get(`/alerts/${(await newest(person)).id}`);
  // As if the samples had come in order: the moment, what it was then, and the words.
  assert.deepEqual([moved.value, /is 80\.13\b/.test(moved.message)], [80.13, true], moved.message);
  assert.deepEqual([Date.parse(moved.raised_at), moved.corrected], [t + 4_000, 'changed']);
  assert.deepEqual(moved.events[1].data, {
    what: 'raise_moved',
    was: new Date(t + 5_000).toISOString(),
    now: new Date(t + 4_000).toISOString(),
  });
  await plant.report(device, t, t + 10_000, []);
  const withdrawn = await person.get(`/alerts/${moved.id}`);
  assert.deepEqual([withdrawn.status, withdrawn.corrected], ['cleared', 'withdrawn']);
  assert.deepEqual(kinds(withdrawn), ['raised', 'corrected', 'corrected', 'cleared']);
  await plant.report(device, t, t + 20_000, [change(t + 15_000, 'high')]);
  await plant.report(device, t, t + 20_000, [
    change(t + 1_000, 'low'),
    change(t + 2_000, null),
    change(t + 15_000, 'high'),
  ]);
  const missed = await newest(person);
  assert.deepEqual([missed.number, missed.corrected, missed.status], [3, 'inserted', 'cleared']);
});

test('what came and went hours before anybody could know of it is history, and asks for nothing', async () => {
  await using plant = await alarmPlant();
  const device = await plant.device('M01');
  const hour = 3_600_000;
  const [t, now] = [Date.now() - 5 * hour, Date.now()];
  await plant.report(device, t, t + 2_000, [change(t + 1_000, 'high')]);
  assert.deepEqual([(await newest(plant.person)).status], ['active'], 'it may hold still');
  await plant.report(device, t, t + 2 * hour, [change(t + 1_000, 'high'), change(t + hour, null)]);
  const history = await plant.person.get(`/alerts/${(await newest(plant.person)).id}`);
  assert.deepEqual([history.status, history.events.at(-1).data], ['closed', { because: 'historic' }]);
  await plant.report(device, t + 2 * hour, now, [change(t + 3 * hour, 'high'), change(now - 60_000, null)]);
  assert.deepEqual([(await newest(plant.person)).status], ['cleared'], 'that it ended is news');
});

test('an acknowledged alarm that becomes more severe has to be acknowledged again', async () => {
  await using plant = await alarmPlant();
  const { person } = plant;
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'medium')]);
  const { id } = await newest(person);
  await act(person, id, 'acknowledge');
  await plant.report(device, t + 5_000, t + 6_000, [change(t + 5_500, 'low')]);
  assert.equal((await person.get(`/alerts/${id}`)).status, 'acknowledged');
  await plant.report(device, t + 6_000, t + 7_000, [change(t + 6_500, 'critical')]);
  const worse = await person.get(`/alerts/${id}`);
  assert.deepEqual([worse.status, worse.acknowledged_at], ['active', null]);
});

test('a rule may ask for a note, and several alarms are acknowledged at once, each for itself', async () => {
  await using plant = await alarmPlant();
  const { person, rules } = plant;
  rules.set(PARENT, rule(PARENT, { note_required: true }));
  const t = Date.now() - 60_000;
  const [one, other] = [await plant.device('M01'), await plant.device('M02')];
  await plant.report(one, t, t + 5_000, [change(t + 1_000, 'high')]);
  await plant.report(other, t, t + 5_000, [change(t + 1_000, 'high')], PARENT);
  const [needsNote, plain] = await oneOf(person);
  const refused = await person.call('POST', `/alerts/${needsNote?.id}/acknowledge`, {});
  assert.deepEqual([refused.status, refused.body.errors[0].pointer], [422, '/comment']);
  const unseen = { comment: '\u200b\u2060 \u00ad\ufeff' };
  for (const act of ['acknowledge', 'comment']) {
    const { status, body } = await person.call('POST', `/alerts/${needsNote?.id}/${act}`, unseen);
    assert.deepEqual([status, body.errors[0].pointer], [422, '/comment'], act);
  }
  const missing = '33333333-3333-4333-8333-333333333333';
  const bulk = { ids: [needsNote?.id, plain?.id, missing] };
  const { body } = await person.call('POST', '/alerts/acknowledge', bulk);
  assert.deepEqual(
    body.items.map(({ outcome }: Json) => outcome),
    ['invalid_input', 'acknowledged', 'not_found'],
  );
  const again = await person.call('POST', '/alerts/acknowledge', { ...bulk, comment: 'seen' });
  assert.deepEqual(
    again.body.items.map(({ outcome }: Json) => outcome),
    ['acknowledged', 'conflict', 'not_found'],
  );
});

test('what is shelved is out of the way until its time, or until it clears, and those to come with it', async () => {
  let now = Date.now();
  await using plant = await alarmPlant({ clock: { now: () => now } });
  const { alarms } = plant;
  const person = await plant.lasting();
  const device = await plant.device('M01');
  const t = now - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  const first = await newest(person);
  const far = { until: new Date(now + 8 * 86_400_000).toISOString(), reason: 'x' };
  assert.equal((await person.call('POST', `/alerts/${first.id}/shelve`, far)).status, 422);
  const none = await person.call('POST', `/alerts/${first.id}/shelve`, { minutes: 0, reason: '' });
  assert.deepEqual(none.body.errors, [
    { pointer: '/minutes', message: 'at least 1' },
    { pointer: '/reason', message: 'it is empty' },
  ]);
  const shelved = await act(person, first.id, 'shelve', { minutes: 10, reason: 'sensor is changed' });
  assert.equal(Date.parse(shelved.shelved_until), now + 600_000);
  assert.equal((await person.get('/dashboard/summary')).alarms.high, 0);
  assert.deepEqual(await oneOf(person, '?shelved=false'), []);
  await plant.report(device, t + 5_000, t + 9_000, [change(t + 6_000, null), change(t + 7_000, 'high')]);
  const second = await newest(person);
  assert.notEqual(second.id, first.id);
  assert.equal(second.shelved_until, shelved.shelved_until);
  assert.equal((await person.get('/alarm-shelves')).items[0].reason, 'sensor is changed');
  now += 600_001;
  await alarms.look();
  assert.equal((await person.get('/dashboard/summary')).alarms.high, 1);
  assert.ok(kinds(await person.get(`/alerts/${second.id}`)).includes('unshelved'));

  await act(person, second.id, 'shelve', { minutes: 60, one_shot: true, reason: 'once' });
  await plant.report(device, t + 9_000, t + 12_000, [change(t + 10_000, null), change(t + 11_000, 'high')]);
  assert.equal((await newest(person)).shelved_until, null);
  assert.deepEqual((await person.get('/alarm-shelves')).items, []);
  const third = await newest(person);
  await act(person, third.id, 'shelve', { minutes: 60, reason: 'again' });
  assert.equal((await act(person, third.id, 'unshelve')).shelved_until, null);
  assert.equal((await person.call('POST', `/alerts/${third.id}/unshelve`)).status, 409);
});

test('an alarm that another one explains is suppressed as long as that one holds', async () => {
  await using plant = await alarmPlant();
  const { person, rules } = plant;
  rules.set(RULE, rule(RULE, { suppressed_by: [PARENT] }));
  rules.set(PARENT, rule(PARENT, { name: 'Power is off' }));
  const [device, other] = [await plant.device('M01'), await plant.device('M02')];
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  const child = await newest(person);
  assert.equal(child.suppression, null);
  await plant.report(device, t, t + 5_000, [change(t + 2_000, 'critical')], PARENT);
  assert.equal((await person.get(`/alerts/${child.id}`)).suppression, 'parent');
  await plant.report(other, t, t + 5_000, [change(t + 1_000, 'high')]);
  assert.equal((await newest(person)).suppression, null, 'it is on another device');
  assert.deepEqual((await person.get('/dashboard/summary')).alarms, { low: 0, medium: 0, high: 1, critical: 1 });
  assert.equal((await oneOf(person, '?suppressed=true')).length, 1);
  await plant.report(device, t + 5_000, t + 8_000, [change(t + 6_000, null)], PARENT);
  const back = await person.get(`/alerts/${child.id}`);
  assert.deepEqual([back.suppression, kinds(back)], [null, ['raised', 'suppressed', 'unsuppressed']]);
});

test('alarms of devices that are worked on are recorded, and come back when the work is done', async () => {
  let now = Date.now();
  await using plant = await alarmPlant({ clock: { now: () => now } });
  const { alarms } = plant;
  const person = await plant.lasting();
  const [device, other] = [await plant.device('M01'), await plant.device('M02')];
  const t = now - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  const before = await newest(person);
  const order = { device_ids: [device], ends_at: new Date(now + 3_600_000).toISOString(), reason: 'bearing' };
  const made = await person.call('POST', '/maintenance-windows', order);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  await alarms.look();
  assert.equal((await person.get(`/alerts/${before.id}`)).suppression, 'out_of_service');
  await plant.report(device, t + 5_000, t + 8_000, [change(t + 6_000, null), change(t + 7_000, 'high')]);
  await plant.report(other, t, t + 5_000, [change(t + 1_000, 'high')]);
  assert.deepEqual(
    (await oneOf(person)).map(({ suppression }) => suppression),
    [null, 'out_of_service', 'out_of_service'],
  );
  assert.equal((await person.get('/dashboard/summary')).alarms.high, 1);
  now += 3_600_001;
  await alarms.look();
  assert.equal((await person.get('/dashboard/summary')).alarms.high, 2);
  const wrong = await person.call('POST', '/maintenance-windows', { device_ids: [before.id], reason: 'x' });
  assert.equal(wrong.body.errors[0].pointer, '/device_ids/0');
  const open = await person.call('POST', '/maintenance-windows', { device_ids: [device], reason: 'out of service' });
  assert.equal(open.body.ends_at, null);
  await alarms.look();
  assert.equal((await person.get('/dashboard/summary')).alarms.high, 1);
  assert.equal((await person.call('DELETE', `/maintenance-windows/${open.body.id}`)).status, 204);
  await alarms.look();
  assert.equal((await person.get('/dashboard/summary')).alarms.high, 2);
});

test('work on a device goes on when it becomes a part of another, and when it gets the tag that is worked on', async () => {
  await using plant = await alarmPlant();
  const { person, alarms } = plant;
  const [part, whole, tagged] = [await plant.device('part'), await plant.device('whole'), await plant.device('tagged')];
  const t = Date.now() - 60_000;
  for (const device of [whole, tagged]) await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  // Written as some keyboards do: a letter, and its dots apart.
  const order = { device_ids: [part], tags: ['Bu\u0308ro'], reason: 'bearing' };
  const { body: window } = await person.call('POST', '/maintenance-windows', order);
  const suppressions = async () => {
    await alarms.look();
    return (await oneOf(person)).map(({ device_key: key, suppression }) => [key, suppression]);
  };
  assert.deepEqual(await suppressions(), [
    ['tagged', null],
    ['whole', null],
  ]);
  assert.equal((await person.call('PATCH', `/devices/${tagged}`, { tags: ['B\u00fcro'] })).status, 200);
  assert.equal((await person.call('POST', `/devices/${part}/merge`, { into: whole })).status, 200);
  assert.deepEqual((await person.get(`/maintenance-windows/${window.id}`)).device_ids, [whole]);
  assert.deepEqual(await suppressions(), [
    ['tagged', 'out_of_service'],
    ['whole', 'out_of_service'],
  ]);
});

test('an alarm that nobody acknowledges escalates, each step once, through a restart and past a clock that was set', async () => {
  using directory = temporaryDirectory();
  let [now, passed] = [Date.now(), 0];
  const clocks = { clock: { now: () => now }, monotonic: () => passed };
  const pass = (ms: number) => {
    now += ms;
    passed += ms;
  };
  const escalation = [
    { after_seconds: 60, channel_id: RULE },
    { after_seconds: 300, channel_id: PARENT },
  ];
  const steps = async (person: Person, id: string) =>
    (await person.get(`/alerts/${id}`)).events
      .filter(({ kind }: Json) => kind === 'escalated')
      .map(({ data }: Json) => data.step);
  let id: string;
  {
    await using plant = await alarmPlant({ dataDir: directory.path, ...clocks });
    plant.rules.set(RULE, rule(RULE, { escalation }));
    const person = await plant.lasting();
    const device = await plant.device('M01');
    await plant.report(device, now - 5_000, now, [change(now - 1_000, 'high')]);
    ({ id } = await newest(person));
    await plant.alarms.look();
    // Somebody sets the clock: no time has passed by it.
    now += 1_800_000;
    await plant.alarms.look();
    assert.deepEqual(await steps(person, id), []);
    pass(61_000);
    await plant.alarms.look();
    await plant.alarms.look();
    assert.deepEqual(await steps(person, id), [1]);
  }
  await using plant = await alarmPlant({ dataDir: directory.path, ...clocks });
  const person = await plant.lasting();
  const device = await plant.device('M02');
  plant.rules.set(RULE, rule(RULE, { escalation }));
  await plant.alarms.look();
  assert.deepEqual(await steps(person, id), [1]);
  await act(person, id, 'shelve', { minutes: 60, reason: 'known' });
  pass(400_000);
  await plant.alarms.look();
  assert.deepEqual(await steps(person, id), [1], 'what is shelved does not escalate');
  await act(person, id, 'unshelve');
  await plant.alarms.look();
  assert.deepEqual(await steps(person, id), [1], 'it is counted anew from then on');
  pass(301_000);
  await plant.alarms.look();
  assert.deepEqual(await steps(person, id), [1, 2]);

  await plant.report(device, now - 5_000, now, [change(now - 1_000, 'high')]);
  const acknowledged = await newest(person);
  await act(person, acknowledged.id, 'acknowledge');
  pass(600_000);
  await plant.alarms.look();
  assert.deepEqual(await steps(person, acknowledged.id), []);
});

test('alarms of a rule that is not in use any more are cleared for good, and what is still reported of it is not recorded', async () => {
  await using plant = await alarmPlant();
  const { person, rules, alarms } = plant;
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  const alarm = await newest(person);
  await alarms.ruleEnded(plant.scope, { id: RULE, version: 1 }, 'rule_deactivated');
  const cleared = await person.get(`/alerts/${alarm.id}`);
  assert.deepEqual([cleared.status, cleared.cleared_because], ['cleared', 'rule_deactivated']);
  await plant.report(device, t, t + 9_000, [change(t + 1_000, 'high'), change(t + 6_000, 'critical')]);
  await plant.report(device, t + 5_000, t + 9_000, [change(t + 6_000, 'critical')]);
  assert.equal((await oneOf(person)).length, 1);
  rules.set(RULE, rule(RULE, { version: 2 }));
  await alarms.apply(1, [
    {
      factoryId: 1,
      ruleId: RULE,
      ruleVersion: 2,
      deviceId: device,
      since: t,
      until: t + 9_000,
      transitions: [change(t + 8_000, 'low')],
    },
  ]);
  assert.equal((await oneOf(person)).length, 2);
});

test('alarms go with a device that is removed, are cleared when it is retired, and go over to the one that it becomes a part of', async () => {
  await using plant = await alarmPlant();
  const { person, running } = plant;
  await using stream = await openStream(running.ready.http, person.token);
  const t = Date.now() - 60_000;
  const devices: string[] = [];
  for (const key of ['gone', 'retired', 'part', 'whole']) {
    const device = await plant.device(key);
    devices.push(device);
    const before = key === 'part' ? [change(t + 200, 'low'), change(t + 300, null)] : [];
    await plant.report(device, t, t + 5_000, [...before, change(t + 1_000, 'high')]);
  }
  const [gone, retired, part, whole] = devices;
  assert.equal((await person.call('DELETE', `/devices/${gone}`)).status, 204);
  for (;;) {
    const { data } = await stream.next('alarm');
    if (data.device_id !== gone || data.status === 'active') continue;
    assert.deepEqual([data.status, data.cleared_because], ['cleared', 'device_removed']);
    break;
  }
  assert.deepEqual(
    (await oneOf(person)).map(({ device_key: key }) => key),
    ['whole', 'part', 'part', 'retired'],
  );
  assert.equal((await person.call('POST', `/devices/${retired}/retire`)).status, 200);
  const done = await eventually(async () => {
    const [alarm] = await oneOf(person, `?device_id=${retired}`);
    return alarm?.status === 'cleared' ? alarm : undefined;
  });
  assert.equal(done.cleared_because, 'device_retired');
  const merged = await person.call('POST', `/devices/${part}/merge`, { into: whole });
  assert.equal(merged.status, 200, JSON.stringify(merged.body));
  assert.deepEqual(
    (await oneOf(person, `?device_id=${whole}`)).map((alarm) => [alarm.status, alarm.cleared_because]),
    [
      ['active', null],
      ['cleared', 'device_merged'],
      ['cleared', null],
    ],
  );
  // What is reported of the one that remains does not touch what it has taken over.
  await plant.report(whole ?? '', t, t + 9_000, [change(t + 1_000, 'high'), change(t + 7_000, null)]);
  assert.deepEqual(
    (await oneOf(person, `?device_id=${whole}`)).map(({ status, corrected }) => [status, corrected]),
    [
      ['cleared', null],
      ['cleared', null],
      ['cleared', null],
    ],
  );
});

test('what an alarm of a merged device explained is explained no more', async () => {
  await using plant = await alarmPlant();
  const { person, rules } = plant;
  rules.set(RULE, rule(RULE, { suppressed_by: [PARENT] }));
  rules.set(PARENT, rule(PARENT));
  const [part, whole] = [await plant.device('part'), await plant.device('whole')];
  const t = Date.now() - 60_000;
  await plant.report(part, t, t + 5_000, [change(t + 1_000, 'high')], PARENT);
  await plant.report(part, t, t + 5_000, [change(t + 1_000, 'low'), change(t + 2_000, null)]);
  const child = await newest(person);
  assert.deepEqual([child.status, child.suppression], ['cleared', 'parent']);
  assert.equal((await person.call('POST', `/devices/${part}/merge`, { into: whole })).status, 200);
  const freed = await person.get(`/alerts/${child.id}`);
  assert.deepEqual([freed.suppression, freed.device_id, freed.events.at(-1).kind], [null, whole, 'unsuppressed']);
});

test('those who listen hear of each change: the stream, and by MQTT whoever may read the factory, and nobody else', async () => {
  await using plant = await alarmPlant();
  const { person, running } = plant;
  const device = await plant.device('M01');
  const key = await person.call('POST', '/api-keys', {
    name: 'reader',
    role: 'viewer',
    permissions: [],
    expires_at: null,
  });
  const reader = await running.connect({ username: 'api-key', password: key.body.secret });
  const heard: Json[] = [];
  reader.on('message', (topic, payload, { qos, retain }) => {
    heard.push({ topic, qos, retain, ...JSON.parse(payload.toString()) });
  });
  await reader.subscribeAsync('factories/vpc/alarms/#', { qos: 1 });
  const credential = await person.call('POST', '/device-credentials', { name: 'plc', devices: ['*'] });
  const { username, password } = credential.body;
  const plc = await running.connect({ username, password });
  const granted = await plc.subscribeAsync('factories/vpc/alarms/#', { qos: 1 }).catch(() => [{ qos: 128 }]);
  assert.equal(granted[0]?.qos, 128);
  await using stream = await openStream(running.ready.http, person.token);
  await stream.next('alarm_summary');

  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high'), change(t + 2_000, 'critical')]);
  const { data } = await stream.next('alarm');
  const { events: _, ...shown } = await person.get(`/alerts/${data.id}`);
  assert.deepEqual(data, shown);
  assert.equal((await stream.next('alarm_summary')).data.standing.critical, 1);
  await act(person, data.id, 'comment', { comment: 'between us' });
  await act(person, data.id, 'shelve', { minutes: 5, reason: 'known' });
  await act(person, data.id, 'acknowledge');
  await plant.report(device, t + 5_000, t + 8_000, [change(t + 7_000, null)]);
  await eventually(() => (heard.length >= 6 ? true : undefined));
  assert.deepEqual(
    heard.map(({ event }) => event.kind),
    ['raised', 'severity_changed', 'shelved', 'acknowledged', 'cleared', 'closed'],
  );
  assert.ok(
    heard.every(({ topic, qos, retain }) => topic === `factories/vpc/alarms/${data.id}` && qos === 1 && !retain),
  );
  assert.deepEqual([heard[2]?.status, heard[2]?.shelved_until !== null], ['active', true]);
});

test('viewers look, operators act, and what people have done stands in the audit', async () => {
  await using plant = await alarmPlant();
  const { person, running } = plant;
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  const { id } = await newest(person);
  const { http } = running.ready;
  const viewer = personWith(http, (await join(http, person, 'viewer@vpc.example', { role: 'viewer' })).token);
  const known = await join(http, person, 'operator@vpc.example', { role: 'operator' });
  const operator = personWith(http, known.token);
  assert.equal((await viewer.get(`/alerts/${id}`)).id, id);
  assert.equal((await viewer.call('POST', `/alerts/${id}/acknowledge`, {})).status, 403);
  const assigned = await act(operator, id, 'assign', { user_id: known.id });
  assert.deepEqual(assigned.assignee, { id: known.id, name: 'operator@vpc.example' });
  assert.equal((await operator.call('POST', `/alerts/${id}/assign`, { user_id: device })).status, 422);
  await act(operator, id, 'acknowledge', { comment: 'seen' });
  const { items } = await person.get('/audit?limit=20');
  const acts = items.filter(({ action }: Json) => action.startsWith('alarm'));
  assert.deepEqual(
    acts.map(({ action, actor, target }: Json) => [action, actor.name, target.name]),
    ['alarm.acknowledge', 'alarm.assign'].map((action) => [
      action,
      'operator@vpc.example',
      '#1 Bearing hot: temperature is 82.44',
    ]),
  );
});

test('lists are narrowed by every filter, and go on page by page', async () => {
  await using plant = await alarmPlant();
  const { person } = plant;
  const t = Date.now() - 600_000;
  for (const [index, key] of ['A1', 'A2', 'B1'].entries()) {
    const device = await plant.device(key);
    const at = t + index * 60_000;
    await plant.report(device, at, at + 5_000, [
      change(at + 1_000, index === 2 ? 'low' : 'high'),
      change(at + 2_000, null),
    ]);
    await plant.report(device, at + 5_000, at + 9_000, [change(at + 6_000, 'high')]);
  }
  const count = async (query: string) => (await oneOf(person, query)).length;
  assert.equal(await count(''), 6);
  assert.equal(await count('?status=active'), 3);
  assert.equal(await count('?status=active,cleared&severity=low'), 1);
  assert.equal(await count('?q=b1'), 2);
  assert.equal(await count('?q=%234'), 1);
  assert.equal(await count(`?rule_id=${PARENT}`), 0);
  const b1 = (await newest(person)).device_id;
  for (const id of [b1, b1.toUpperCase()]) assert.equal(await count(`?device_id=${id}`), 2);
  assert.equal((await person.call('GET', `/devices/${b1.toUpperCase()}`)).status, 200);
  const { next_cursor: ofDevices } = await person.get('/devices?limit=1');
  const { next_cursor: ofAlarms } = await person.get('/alerts?limit=1');
  for (const path of [
    `/alerts?cursor=${ofDevices}`,
    `/notifications?cursor=${ofDevices}`,
    `/rules?cursor=${ofAlarms}`,
  ]) {
    const { status, body } = await person.call('GET', path);
    assert.deepEqual([status, body.errors?.[0]?.pointer], [422, '/cursor'], path);
  }
  assert.equal(await count(`?from=${new Date(t + 60_000).toISOString()}&to=${new Date(t + 120_000).toISOString()}`), 2);
  assert.equal((await person.call('GET', '/alerts?status=gone')).status, 422);
  const numbers: number[] = [];
  let cursor = '';
  do {
    const page: Json = await person.get(`/alerts?limit=4${cursor}`);
    numbers.push(...page.items.map(({ number }: Json) => number));
    cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
  } while (cursor !== '');
  assert.deepEqual(numbers, [6, 5, 4, 3, 2, 1]);
});

test('a thousand devices that trip at once are a thousand alarms, while the API goes on answering', async () => {
  await using plant = await alarmPlant();
  const { person, alarms } = plant;
  const t = Date.now() - 60_000;
  const client = await plant.running.connect({ clientId: 'gateway' });
  const sent = Array.from({ length: 1_000 }, (_, index) =>
    client.publishAsync(`factories/vpc/devices/D${index}/telemetry`, '{"metrics":{"temperature":20}}', { qos: 1 }),
  );
  await Promise.all(sent);
  const devices: string[] = [];
  for (let cursor = ''; devices.length < 1_000; ) {
    const page: Json = await person.get(`/devices?limit=500${cursor}`);
    devices.push(...page.items.map(({ id }: Json) => id));
    cursor = `&cursor=${page.next_cursor}`;
  }
  let longest = 0;
  let last = performance.now();
  const beat = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  last = performance.now();
  const also: number[] = [];
  const began = performance.now();
  await alarms.apply(
    1,
    devices.map((deviceId, index) => ({
      factoryId: 1,
      ruleId: RULE,
      ruleVersion: 1,
      deviceId,
      since: t,
      until: t + 5_000,
      transitions: [change(t + 1 + index, 'high')],
    })),
    (sql) => void also.push(sql.get<{ n: number }>('select count(*) as n from alarms')?.n ?? 0),
  );
  const took = performance.now() - began;
  clearInterval(beat);
  if (process.env.TEST_TIMES) console.log({ longest, took });
  assert.deepEqual(also, [1_000]);
  assert.equal((await person.get('/dashboard/summary')).alarms.high, 1_000);
  const { items } = await person.get('/alerts?limit=500');
  assert.deepEqual([items[0].number, items.length], [1_000, 500]);
});

test('the quality of alarms is judged by the limits of the standard', async () => {
  await using plant = await alarmPlant();
  const { person } = plant;
  const device = await plant.device('M01');
  const t = Date.now() - 3_600_000;
  const transitions = Array.from({ length: 12 }, (_, index) => [
    change(t + 1_000 + index * 10_000, 'high'),
    change(t + 6_000 + index * 10_000, null),
  ]).flat();
  await plant.report(device, t, t + 200_000, transitions);
  const quality = await person.get(`/alarm-quality?from=${new Date(t).toISOString()}`);
  assert.deepEqual(
    [quality.alarms, quality.peak_per_ten_minutes.value, quality.peak_per_ten_minutes.verdict],
    [12, 12, 'poor'],
  );
  assert.deepEqual([quality.chattering.value, quality.fleeting.value], [10, 2]);
  assert.deepEqual(quality.bad_actors[0], {
    rule_id: RULE,
    rule_name: 'Bearing hot',
    device_id: device,
    device_key: 'M01',
    count: 12,
    percent: 100,
  });
  assert.equal((await oneOf(person, '?limit=1'))[0]?.is_chattering, true);
  assert.equal((await person.call('GET', '/alarm-quality?from=2020-01-01T00:00:00Z')).status, 422);
});

test('alarms of a rule that people have written end when they put it out of use, and when they remove it', async () => {
  const opened = Promise.withResolvers<Alarms>();
  await using running = await startAppliance({
    rules: { opened: (desk) => opened.resolve(desk.alarms) },
  });
  const [alarms, person] = [await opened.promise, await running.signIn()];
  await publishTo(running, 'vpc', 'M01', 'temperature');
  const { items } = await person.get('/devices?key=M01');
  const condition = { parameter: 'temperature', operator: 'gt', value: 80 };
  const guidance = 'Look at it.';
  const { body: made } = await person.call('POST', '/rules', { name: 'Hot', severity: 'low', guidance, condition });
  const raise = async () => {
    const { version } = await person.get(`/rules/${made.id}`);
    const at = Date.now();
    const span = { since: at - 1, until: at, transitions: [change(at, 'low')] };
    await alarms.apply(1, [{ factoryId: 1, ruleId: made.id, ruleVersion: version, deviceId: items[0].id, ...span }]);
    return newest(person);
  };
  const ended = (id: string) =>
    eventually(async () => (await person.get(`/alerts/${id}`)).cleared_because ?? undefined);
  const first = await raise();
  assert.deepEqual([first.rule_name, first.guidance], ['Hot', guidance]);
  await person.call('PATCH', `/rules/${made.id}`, { is_active: false });
  assert.equal(await ended(first.id), 'rule_deactivated');
  assert.equal((await raise()).id, first.id, 'nothing is recorded of a rule that is not in use');
  await person.call('PATCH', `/rules/${made.id}`, { is_active: true });
  const second = await raise();
  assert.notEqual(second.id, first.id);
  await person.call('DELETE', `/rules/${made.id}`);
  assert.equal(await ended(second.id), 'rule_removed');
});
