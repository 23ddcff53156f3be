import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, type Person, personWith, type RunningAppliance, startAppliance } from '../support/appliance.ts';
import { join, publishTo } from '../support/isolation-world.ts';
import type { Json } from '../support/json.ts';

const MISSING = '3f0f7f5e-7f0e-4b6f-9f62-0f6e1de0a009';
const HOT = { parameter: 'temperature', operator: 'gt', value: 80, hysteresis: 3, for_seconds: 60 };

let running: RunningAppliance;
let owner: Person;
before(async () => {
  running = await startAppliance();
  owner = await running.signIn();
});
after(() => running[Symbol.asyncDispose]());

async function deviceOf(key: string): Promise<string> {
  await publishTo(running, 'vpc', key, 'temperature');
  return (await owner.get(`/devices?key=${key}`)).items[0].id;
}

async function channelOf(): Promise<string> {
  const body = { kind: 'mqtt', name: 'programs', config: { topic: 'alarms' } };
  const answer = await owner.call('POST', '/notification-channels', body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body.id;
}

async function make(more: object = {}): Promise<Json> {
  const body = { name: 'Bearing hot', severity: 'high', condition: HOT, ...more };
  const answer = await owner.call('POST', '/rules', body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

const faultsOf = (body: Json): Record<string, string> =>
  Object.fromEntries(body.errors.map(({ pointer, message }: Json) => [pointer, message]));

test('a rule is made, shown, listed, changed in part, and removed', async () => {
  const channel = await channelOf();
  const device = await deviceOf('M01');
  const condition = {
    all: [
      HOT,
      {
        any: [
          { parameter: 'running', operator: 'eq', value: true },
          { parameter: 'vibration', aggregate: 'avg', window_seconds: 300, operator: 'gt', value: 4.5 },
        ],
      },
    ],
  };
  const definition = {
    name: 'Bearing hot, said in full',
    guidance: 'Open the cooling valve.',
    is_active: true,
    device_ids: [device],
    tags: ['line 1'],
    severity: 'high',
    condition,
    levels: [{ severity: 'critical', condition: { ...HOT, value: 90 } }],
    cooldown_seconds: 600,
    keep_firing_seconds: 0,
    schedule: {
      timezone: 'factory',
      windows: [{ days: [1, 2, 3, 4, 5], from: '06:00', to: '22:00' }],
      from_date: null,
      to_date: null,
    },
    suppressed_by: [],
    note_required: true,
    notifications: [{ channel_id: channel, on: ['raised', 'cleared', 'escalated'] }],
    escalation: [{ after_seconds: 900, channel_id: channel }],
  };
  const made = await make(definition);
  const { id, version, created_at, created_by, updated_at, updated_by, fault, ...said } = made;
  assert.deepEqual(said, definition);
  assert.deepEqual([version, created_by, updated_by, updated_at], [1, 'VPC Admin', 'VPC Admin', created_at]);
  assert.equal(fault, null);
  assert.deepEqual(await owner.get(`/rules/${id}`), made);
  assert.deepEqual((await owner.get('/rules?q=SAID in full')).items, [made]);

  const { status, body: changed } = await owner.call('PATCH', `/rules/${id}`, { is_active: false, guidance: '' });
  assert.equal(status, 200);
  assert.deepEqual(changed, { ...made, is_active: false, guidance: '', version: 2, updated_at: changed.updated_at });
  assert.equal((await owner.call('PATCH', `/rules/${id}`, { is_active: false })).body.version, 2);
  const listed = async (query: string): Promise<string[]> =>
    (await owner.get(`/rules?limit=500&${query}`)).items.map((rule: Json) => rule.id);
  assert.equal((await listed('is_active=true')).includes(id), false);
  assert.equal((await listed('is_active=false')).includes(id), true);

  assert.equal((await owner.call('DELETE', `/rules/${id}`)).status, 204);
  assert.equal((await owner.call('GET', `/rules/${id}`)).status, 404);
  assert.equal((await owner.call('DELETE', `/rules/${id}`)).status, 404);
});

test('how a rule was can be looked up, after it is gone too', async () => {
  const { id } = await make();
  await owner.call('PATCH', `/rules/${id}`, { condition: { ...HOT, value: 85 } });
  await owner.call('PATCH', `/rules/${id}`, { name: 'Renamed' });
  await owner.call('DELETE', `/rules/${id}`);
  const first = await owner.get(`/rules/${id}/versions?limit=2`);
  const second = await owner.get(`/rules/${id}/versions?limit=2&cursor=${first.next_cursor}`);
  assert.equal(second.next_cursor, null);
  assert.deepEqual(
    [...first.items, ...second.items].map(({ version, name, condition, made_by }) => [
      version,
      name,
      condition.value,
      made_by,
    ]),
    [
      [3, 'Renamed', 85, 'VPC Admin'],
      [2, 'Bearing hot', 85, 'VPC Admin'],
      [1, 'Bearing hot', 80, 'VPC Admin'],
    ],
  );
  assert.deepEqual(await owner.get(`/rules/${id}/versions/2`), first.items[1]);
  for (const path of [`/rules/${id}/versions/4`, `/rules/${id}/versions/x`, `/rules/${MISSING}/versions`]) {
    assert.equal((await owner.call('GET', path)).status, 404, path);
  }
});

test('every fault of a rule is named at once, at its place, in plain words', async () => {
  const { status, body } = await owner.call('POST', '/rules', {
    name: '',
    severity: 'high',
    condition: { all: [HOT, { parameter: 'temperature', operator: 'gt' }, { parameter: 'x', operator: 'is' }] },
    schedule: { timezone: 'factory', windows: [{ days: [8], from: '06:00', to: '22:00' }] },
    colour: 'red',
  });
  assert.equal(status, 422);
  const { '/colour': colour, '/condition/all/2/operator': operator, ...faults } = faultsOf(body);
  assert.deepEqual(faults, {
    '/name': 'give the rule a name, such as "Bearing hot"',
    '/condition/all/1/value':
      'say the limit as a number, such as 80, or name another parameter to compare with (other_parameter)',
    '/schedule/windows/0/days/0': 'say days as numbers: 1 for Monday to 7 for Sunday',
  });
  assert.match(operator ?? '', /^unknown operator "is": use gt, gte, .* or occurrences$/);
  assert.match(colour ?? '', /^unknown here: a rule has name, /);
});

test('a change that does not go with what stays is refused, and nothing has changed', async () => {
  const rule = await make({ levels: [{ severity: 'critical', condition: { ...HOT, value: 90 } }] });
  const { status, body } = await owner.call('PATCH', `/rules/${rule.id}`, { severity: 'critical', name: 'x' });
  assert.equal(status, 422);
  assert.deepEqual(faultsOf(body), {
    '/levels/0/severity': 'critical is there already: each severity has one condition',
  });
  assert.deepEqual(await owner.get(`/rules/${rule.id}`), rule);
});

test('a body that is deeper, wider or longer than any rule is refused, and the appliance goes on', async () => {
  const send = async (text: string) => {
    const answer = await fetch(`${running.ready.http}/api/v1/rules`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${owner.token}`, 'Content-Type': 'application/json' },
      body: text,
    });
    return { status: answer.status, body: (await answer.json()) as Json };
  };
  const around = (condition: string) => `{"name":"x","severity":"low","condition":${condition}}`;
  const depth = 50_000;
  const deep = await send(around(`${'{"all":['.repeat(depth)}{}${']}'.repeat(depth)}`));
  assert.equal(deep.status, 422);
  assert.match(faultsOf(deep.body)['/condition'] ?? '', /at most 8 deep/);
  const wide = await send(around(`{"any":[${Array.from({ length: 100_000 }, () => '{}').join()}]}`));
  assert.equal(wide.status, 422);
  assert.match(faultsOf(wide.body)['/condition'] ?? '', /at most 50 comparisons/);
  assert.equal((await send(around(`"${'x'.repeat(1_100_000)}"`))).status, 413);
  await make();
});

test('ids in a rule are those of its factory: a missing one is named', async () => {
  const device = await deviceOf('M02');
  const parent = await make();
  const body = { name: 'x', severity: 'low', condition: HOT, suppressed_by: [parent.id, MISSING] };
  const refused = await owner.call('POST', '/rules', { ...body, device_ids: [device, MISSING] });
  assert.equal(refused.status, 422);
  assert.deepEqual(faultsOf(refused.body), {
    '/device_ids/1': 'no device of this factory has this id',
    '/suppressed_by/1': 'no rule of this factory has this id',
  });
  const child = await make({ suppressed_by: [parent.id] });
  const turned = await owner.call('PATCH', `/rules/${parent.id}`, { suppressed_by: [child.id] });
  assert.deepEqual(faultsOf(turned.body), {
    '/suppressed_by/0': 'the two rules would suppress each other in turn',
  });
});

test('a rule follows a device that becomes a part of another', async () => {
  const [part, whole] = [await deviceOf('old-plc'), await deviceOf('new-plc')];
  const { id } = await make({ device_ids: [part] });
  const merged = await owner.call('POST', `/devices/${part}/merge`, { into: whole });
  assert.equal(merged.status, 200, JSON.stringify(merged.body));
  const { device_ids, version } = await owner.get(`/rules/${id}`);
  assert.deepEqual([device_ids, version], [[whole], 2]);
});

test('who may change rules: admins, and whoever has the permission; all of the factory may read them', async () => {
  const { http } = running.ready;
  const { id } = await make();
  const rights = [
    ['viewer', [], false],
    ['operator', ['devices'], false],
    ['viewer', ['rules'], true],
    ['admin', [], true],
  ] as const;
  for (const [index, [role, permissions, mayChange]] of rights.entries()) {
    const { token } = await join(http, owner, `rules-${index}@vpc.com`, { role, permissions });
    const person = personWith(http, token);
    assert.equal((await person.get(`/rules/${id}`)).id, id);
    const body = { name: `by ${index}`, severity: 'low', condition: HOT };
    assert.equal((await person.call('POST', '/rules', body)).status, mayChange ? 201 : 403, role);
    const changed = await person.call('PATCH', `/rules/${id}`, { name: `by ${index}` });
    assert.equal(changed.status, mayChange ? 200 : 403, role);
    if (mayChange) assert.equal(changed.body.updated_by, `rules-${index}@vpc.com`);
  }
});

test('a factory goes with its rules and all their versions', async () => {
  const factory = await owner.call('POST', '/factories', { name: 'Gone', slug: 'gone', timezone: 'UTC' });
  const other = await running.signIn();
  const entered = await other.call('POST', '/auth/switch-factory', { factory_id: factory.body.id });
  const inside = personWith(running.ready.http, entered.body.access_token);
  const { id } = (await inside.call('POST', '/rules', { name: 'x', severity: 'low', condition: HOT })).body;
  await inside.call('PATCH', `/rules/${id}`, { name: 'y' });
  const removed = await owner.call('DELETE', `/factories/${factory.body.id}?confirm=gone`);
  assert.equal(removed.status, 204, JSON.stringify(removed.body));
  assert.equal((await owner.call('GET', `/rules/${id}/versions`)).status, 404);
});

test('devices have tags, by which they are found', async () => {
  const [press, oven] = [await deviceOf('press'), await deviceOf('oven')];
  const tag = (id: string, tags: unknown) => owner.call('PATCH', `/devices/${id}`, { tags });
  const tagged = await tag(press, [' line 1', 'heiß']);
  assert.deepEqual([tagged.status, tagged.body.tags, tagged.body.name], [200, ['line 1', 'heiß'], 'press']);
  await tag(oven, ['line 1']);
  const found = async (name: string): Promise<string[]> =>
    (await owner.get(`/devices?tag=${encodeURIComponent(name)}`)).items.map(({ key }: Json) => key);
  assert.deepEqual(await found('line 1'), ['oven', 'press']);
  assert.deepEqual(await found('heiß'), ['press']);
  assert.deepEqual(await found('line'), []);
  await owner.call('PATCH', `/devices/${press}`, { name: 'Press 1' });
  assert.deepEqual((await owner.get(`/devices/${press}`)).tags, ['line 1', 'heiß'], 'a new name leaves them');
  const SAY = 'say a tag in 1 to 64 letters, digits, spaces and . _ -, such as "line 1"';
  const refused = await tag(press, ['ok', 'a/b', 5]);
  assert.deepEqual([refused.status, faultsOf(refused.body)], [422, { '/tags/1': SAY, '/tags/2': SAY }]);
  assert.deepEqual(faultsOf((await tag(press, ['a', 'a '])).body), { '/tags': 'a tag is named twice' });
  const many = Array.from({ length: 21 }, (_, index) => `t${index}`);
  assert.deepEqual(faultsOf((await tag(press, many)).body), { '/tags': 'at most 20 tags' });
  assert.equal((await tag(press, [])).status, 200);
  assert.deepEqual(await found('heiß'), []);
});

test('rules, their versions and tags are there again after a restart', async () => {
  await using first = await startAppliance();
  const person = await first.signIn();
  const { body } = await person.call('POST', '/rules', { name: 'Lasting', severity: 'low', condition: HOT });
  await publishTo(first, 'vpc', 'M01', 'temperature');
  const { id } = (await person.get('/devices?key=M01')).items[0];
  await person.call('PATCH', `/devices/${id}`, { tags: ['line 1'] });
  await first.appliance.stop();
  await using second = await startAppliance({ dataDir: first.config.data_dir });
  const again = await second.signIn();
  assert.deepEqual(await again.get(`/rules/${body.id}`), body);
  assert.equal((await again.get(`/rules/${body.id}/versions`)).items.length, 1);
  const found = await eventually(async () => (await again.get('/devices?tag=line 1')).items[0]);
  assert.equal(found.key, 'M01');
});

test('channels that a rule tells by have to be there, and stay there while it does', async () => {
  const channel = await channelOf();
  const notifications = [
    { channel_id: channel, on: ['raised'] },
    { channel_id: MISSING, on: ['cleared'] },
  ];
  const escalation = [{ after_seconds: 60, channel_id: MISSING }];
  const body = { name: 'told of', severity: 'low', condition: HOT, notifications, escalation };
  const refused = await owner.call('POST', '/rules', body);
  assert.equal(refused.status, 422);
  assert.deepEqual(faultsOf(refused.body), {
    '/notifications/1/channel_id': 'no channel of this factory has this id',
    '/escalation/0/channel_id': 'no channel of this factory has this id',
  });
  const rule = await make({ name: 'told of', notifications: notifications.slice(0, 1) });
  const wrong = await owner.call('PATCH', `/rules/${rule.id}`, { escalation });
  assert.deepEqual(Object.keys(faultsOf(wrong.body)), ['/escalation/0/channel_id']);
  const kept = await owner.call('DELETE', `/notification-channels/${channel}`);
  assert.deepEqual([kept.status, /told of/.test(kept.body.detail)], [409, true]);
  await owner.call('PATCH', `/rules/${rule.id}`, { notifications: [] });
  assert.equal((await owner.call('DELETE', `/notification-channels/${channel}`)).status, 204);
});
