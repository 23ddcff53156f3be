import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { test } from 'node:test';
import { ruleRunRoutes } from '../../../src/api/routes/rule-runs.ts';
import { AppError } from '../../../src/core/errors.ts';
import type { CataloguedDevice } from '../../../src/devices/devices.ts';
import { explain } from '../../../src/rules/explain.ts';
import { compile } from '../../../src/rules/fold.ts';
import { definitionSchema, type Explanation, type ReplayRecord } from '../../../src/rules/rules.ts';
import { setUpOwner } from '../../support/accounts.ts';
import { testApi } from '../../support/api.ts';
import { eventually } from '../../support/appliance.ts';

const [RULE, OTHER, DEVICE, RETIRED] = [1, 2, 3, 4].map((n) => `00000000-0000-4000-8000-00000000000${n}`) as [
  string,
  string,
  string,
  string,
];
const MONDAY = Date.UTC(2027, 0, 11);
const parameter = {
  name: 'running',
  kind: 'boolean',
  seriesId: 1,
  displayName: 'Runs',
  unit: null,
  decimals: null,
  lowLimit: null,
  highLimit: null,
  isKpi: false,
  also: [],
} as const;
const device = (id: string, standing: CataloguedDevice['standing']): CataloguedDevice => ({
  id,
  key: `key of ${id.at(-1)}`,
  name: '',
  createdAt: 0,
  standing,
  tags: [],
  parameters: [parameter],
});
const DEVICES = [device(DEVICE, 'active'), device(RETIRED, 'retired'), device(OTHER, 'active')];

const definition = (members: object = {}) =>
  definitionSchema.parse({
    name: 'Stands still',
    severity: 'high',
    device_ids: [DEVICE, RETIRED],
    condition: {
      all: [
        { parameter: 'running', operator: 'eq', value: false, for_seconds: 60 },
        { parameter: 'x', operator: 'changed' },
      ],
    },
    ...members,
  });

function explanationOf(): Explanation {
  const fold = compile(definition(), { timezone: 'UTC', outages: [] });
  const state = fold.start(MONDAY);
  fold.apply(state, MONDAY, [{ parameter: 'running', value: false }], []);
  return explain(fold, state, MONDAY + 12_000);
}

async function world(
  explanation: Explanation | null = explanationOf(),
  members: object = {},
  outcome: Promise<ReplayRecord> = new Promise(() => {}),
) {
  const cancelled: string[] = [];
  const started = Promise.withResolvers<void>();
  const record: ReplayRecord = { id: RULE, status: 'running', progress: 0, from: 0, to: 1, devices: [], error: null };
  const made = { version: 3, createdAt: 0, createdBy: '', updatedAt: 0, updatedBy: '' };
  const routes = ruleRunRoutes({
    rules: {
      get: (_, id) => {
        if (id !== RULE) throw new AppError('not_found', 'not found');
        return { id, definition: definition(members), ...made };
      },
    },
    catalogue: {
      devices: () => DEVICES.filter(({ standing }) => standing === 'active'),
      all: () => DEVICES,
      device: (_, id) => DEVICES.find((each) => each.id === id),
      changed: () => {},
    },
    replays: {
      start: () => {
        started.resolve();
        return record;
      },
      get: () => record,
      ended: () => outcome,
      cancel: (_, id) => void cancelled.push(id),
    },
    clock: { now: () => MONDAY },
    faultOf: () => undefined,
    explain: async () => explanation ?? undefined,
  });
  const api = await testApi({ routes });
  const token = (await setUpOwner(api.accounts)).accessToken;
  const ask = (device: string, id = RULE) => api.call('GET', `/rules/${id}/explain?device_id=${device}`, { token });
  return {
    api,
    token,
    ask,
    cancelled,
    started: started.promise,
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

test('an explanation says in words and figures why a rule does not fire', async () => {
  await using it = await world();
  const { status, json } = await it.ask(DEVICE);
  assert.equal(status, 200, JSON.stringify(json));
  const { levels, ...rest } = json;
  assert.deepEqual(rest, {
    rule_id: RULE,
    rule_version: 3,
    device_id: DEVICE,
    is_active: true,
    text: 'No alarm: nothing has come of x since the rule watches',
    severity: null,
    now: '2027-01-11T00:00:12.000Z',
    folded_until: '2027-01-11T00:00:00.000Z',
    schedule: { applies: true, until: null },
    cooldown_until: null,
    kept_until: null,
    looks_again_at: '2027-01-11T00:01:00.000Z',
  });
  const [{ severity, holds, condition }] = levels;
  assert.deepEqual([severity, holds, condition.kind, condition.members.length], ['high', false, 'all', 2]);
  assert.deepEqual(condition.members[0], {
    kind: 'leaf',
    holds: false,
    text: 'Runs is off, 12 s old: off for 12 of 60 s',
    leaf: { parameter: 'running', operator: 'eq', value: false, for_seconds: 60 },
    value: false,
    sampled_at: '2027-01-11T00:00:00.000Z',
    since: '2027-01-11T00:00:00.000Z',
    holds_from: '2027-01-11T00:01:00.000Z',
    usual: null,
    filled_at: null,
  });
});

test('a rule that is switched off says so, and one that has not begun asks for a moment', async () => {
  await using off = await world(null, { is_active: false });
  const { json } = await off.ask(DEVICE);
  assert.deepEqual([json.is_active, json.text, json.levels], [false, 'No alarm: the rule is switched off', []]);
  await using early = await world(null);
  const { status, json: problem } = await early.ask(DEVICE);
  assert.deepEqual([status, /does not watch the device yet/.test(problem.detail)], [503, true]);
});

test('what a rule does not watch is refused with the reason', async () => {
  await using it = await world();
  const refused = async (device: string) => {
    const { status, json } = await it.ask(device);
    return [status, json.errors[0].pointer, json.errors[0].message];
  };
  assert.deepEqual(await refused(OTHER), [
    422,
    '/device_id',
    'the rule does not watch key of 2: it is for other devices',
  ]);
  const retired = 'the rule does not watch key of 4: the device takes no part (retired)';
  assert.deepEqual(await refused(RETIRED), [422, '/device_id', retired]);
  assert.deepEqual(await refused(RULE), [422, '/device_id', 'there is no such device']);
  assert.equal((await it.ask(DEVICE, OTHER)).status, 404);
});

test('a client that waits for a replay and goes away cancels it', async () => {
  await using it = await world();
  const leaving = new AbortController();
  const body = { from: '2027-01-01T00:00:00Z', to: '2027-01-02T00:00:00Z' };
  const asked = it.api.call('POST', `/rules/${RULE}/replay`, { json: body, token: it.token, signal: leaving.signal });
  asked.catch(() => undefined);
  await it.started;
  leaving.abort();
  await assert.rejects(asked);
  await eventually(() => it.cancelled[0]);
  assert.deepEqual(it.cancelled, [RULE]);
});

test('a client that goes away while it takes a replay that has ended cancels nothing: it may be forgotten by then', async () => {
  const changes = [{ at: 0, severity: 'high', parameter: 'x'.repeat(128), value: null }] as const;
  const firing = { raisedAt: 0, clearedAt: 1, severity: 'high', mayBeEarlier: false, changes } as const;
  // More than lies in the buffers between the two.
  const done = { firings: Array(40_000).fill(firing), isTruncated: false, samples: 1, incomplete: [] };
  const devices = [{ ...done, device: { id: DEVICE, key: 'D' } }];
  const record: ReplayRecord = { id: RULE, status: 'done', progress: 1, from: 0, to: 1, devices, error: null };
  await using it = await world(null, {}, Promise.resolve(record));
  const headers = { Authorization: `Bearer ${it.token}`, 'Content-Type': 'application/json' };
  const asked = request({ port: it.api.port, path: `/api/v1/rules/${RULE}/replay`, method: 'POST', headers });
  asked.end(JSON.stringify({ from: '2027-01-01T00:00:00Z', to: '2027-01-02T00:00:00Z' }));
  const [answer]: IncomingMessage[] = await once(asked, 'response');
  assert.equal(answer?.statusCode, 200);
  answer?.destroy();
  // The next answer is behind whatever the server makes of that.
  assert.equal((await it.ask(DEVICE)).status, 503);
  assert.deepEqual(it.cancelled, []);
});
