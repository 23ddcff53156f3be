import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { Device, Replay } from '../../../../ui/api/schema.ts';
import { rootOf } from '../../../../ui/pages/rules/condition-draft.ts';
import type { ReplayApi, ReplayQuestion } from '../../../../ui/pages/rules/replay-runs.ts';
import { bandsOf, limitsOf, parametersOf, ruleLimits, versionLimits } from '../../../../ui/pages/rules/rule-overlay.ts';
import { shownRule } from '../../../support/shown-rule.ts';

// The clock of the page counts on a document, and ticks for as long as the page is open.
Object.assign(globalThis, { document: { hidden: false, addEventListener: () => {} } });
mock.timers.enable({ apis: ['setInterval'] });
const { ApiError } = await import('../../../../ui/api/client.ts');
const { createReplayRuns } = await import('../../../../ui/pages/rules/replay-runs.ts');
mock.timers.reset();

const question = (value: number, deviceId = 'lathe'): ReplayQuestion => ({
  rule: { name: 'Hot', severity: 'high', condition: { parameter: 't', operator: 'gt', value } },
  deviceId,
  from: 0,
  to: 1_000,
});
const replay = (id: string, status: Replay['status'] = 'done', progress = 1): Replay => ({
  id,
  status,
  progress,
  error: status === 'failed' ? 'the disk is gone' : null,
  from: new Date(0).toISOString(),
  to: new Date(1_000).toISOString(),
  devices: [],
});

/** An API that answers when it is told to. */
function fakeApi() {
  const started: { readonly value: unknown; readonly answer: (replay: Replay) => void }[] = [];
  const cancelled: string[] = [];
  let looks: Replay[] = [];
  const api: ReplayApi = {
    start: ({ rule }) =>
      new Promise((answer) => started.push({ value: (rule.condition as { value?: unknown }).value, answer })),
    look: async (id) => looks.shift() ?? replay(id, 'running', 0.9),
    cancel: async (id) => void cancelled.push(id),
  };
  return { api, started, cancelled, willSee: (...replays: Replay[]) => (looks = replays) };
}

/** Lets timers and promises run. */
const pass = (ms = 15) => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (holds: () => boolean) => {
  for (let tries = 0; tries < 300 && !holds(); tries++) await pass(10);
  assert.ok(holds(), 'it came to pass');
};

test('while a number is typed it is asked once, for the number that was meant', async () => {
  const { api, started } = fakeApi();
  const runs = createReplayRuns(api, 5);
  for (const value of [8, 80, 8]) runs.ask(question(value));
  runs.ask(question(85));
  assert.equal(runs.state.value.phase, 'waiting');
  await until(() => started.length > 0);
  assert.deepEqual(
    started.map(({ value }) => value),
    [85],
  );
  runs.close();
});

test('what runs is cancelled when the rule is edited, and its answer is not shown', async () => {
  const { api, started, cancelled } = fakeApi();
  const runs = createReplayRuns(api, 1);
  runs.ask(question(80));
  await until(() => started.length === 1);
  started[0]?.answer(replay('first', 'running', 0.2));
  await until(() => runs.state.value.progress === 0.2);
  runs.ask(question(85));
  assert.deepEqual(cancelled, ['first']);
  await until(() => started.length === 2);
  // Edited before the API has said its id: it is cancelled as soon as that is known.
  runs.ask(question(90));
  started[1]?.answer(replay('second', 'running'));
  await until(() => cancelled.length === 2);
  assert.deepEqual(cancelled, ['first', 'second']);
  await until(() => started.length === 3);
  started[2]?.answer(replay('third'));
  await until(() => runs.state.value.phase === 'done');
  assert.equal(runs.state.value.replay?.id, 'third');
});

test('progress is shown, the answer of before stays, and one for another device does not', async () => {
  const { api, started, willSee } = fakeApi();
  const runs = createReplayRuns(api, 1);
  runs.ask(question(80));
  await until(() => started.length === 1);
  willSee(replay('a', 'running', 0.5), replay('a', 'done'));
  started[0]?.answer(replay('a', 'running', 0));
  await until(() => runs.state.value.progress === 0.5);
  await until(() => runs.state.value.phase === 'done');
  runs.ask(question(85));
  assert.equal(runs.state.value.replay?.id, 'a');
  runs.ask(question(85, 'mill'));
  assert.equal(runs.state.value.replay, undefined);
  runs.close();
});

test('a failure is said, and asked again at once', async () => {
  let attempts = 0;
  const api: ReplayApi = {
    start: async () => {
      attempts++;
      if (attempts === 1) throw new ApiError(429, 'too_many', 'Too many at once.');
      if (attempts === 2) return replay('x', 'failed');
      return replay('y');
    },
    look: async (id) => replay(id),
    cancel: async () => {},
  };
  const runs = createReplayRuns(api, 1);
  runs.ask(question(80));
  await until(() => runs.state.value.phase === 'failed');
  assert.equal(runs.state.value.reason, 'Too many at once.');
  runs.again();
  await until(() => runs.state.value.reason === 'the disk is gone');
  runs.again();
  await until(() => runs.state.value.phase === 'done');
  assert.equal(runs.state.value.reason, undefined);
  runs.ask(undefined);
  assert.equal(runs.state.value.phase, 'none');
});

const root = rootOf({
  all: [
    { parameter: 'temperature', operator: 'gt', value: 80, hysteresis: 3 },
    { parameter: 'pressure', operator: 'between', low: 4, high: 6 },
    { parameter: 'flow', operator: 'lt', other_parameter: 'setpoint' },
    { parameter: 'power', aggregate: 'sum', window_seconds: 60, operator: 'gt', value: 900 },
    { parameter: 'running', operator: 'eq', value: true },
  ],
});

test('limits are drawn of comparisons with a fixed value, and where they are over', () => {
  assert.deepEqual(limitsOf([{ severity: 'high', when: root }]), [
    { parameter: 'temperature', severity: 'high', value: 80, side: 'high' },
    { parameter: 'temperature', severity: 'high', value: 77, side: 'high', isRelease: true },
    { parameter: 'pressure', severity: 'high', value: 4, side: 'high' },
    { parameter: 'pressure', severity: 'high', value: 6, side: 'low' },
  ]);
  assert.deepEqual(parametersOf([{ when: root }]), ['temperature', 'pressure', 'flow', 'setpoint', 'power', 'running']);
});

test('a firing is a band for each severity that it had, and goes on to the end while it stands', () => {
  const at = (second: number) => new Date(second * 1_000).toISOString();
  const change = (second: number, severity: 'high' | 'critical' | null) => ({
    at: at(second),
    severity,
    parameter: 't',
    value: 1,
  });
  const firing = {
    raised_at: at(1),
    may_be_earlier: false,
    cleared_at: at(5),
    severity: 'critical' as const,
    parameter: 't',
    value: 1,
    changes: [change(1, 'high'), change(3, 'critical'), change(5, null)],
  };
  const standing = { ...firing, raised_at: at(7), cleared_at: null, changes: [change(7, 'high')] };
  const band = { deviceId: 'lathe', parameter: null };
  assert.deepEqual(bandsOf({ device_id: 'lathe', firings: [firing, standing] }), [
    { ...band, id: `${at(1)} 0`, from: 1_000, to: 3_000, severity: 'high' },
    { ...band, id: `${at(1)} 1`, from: 3_000, to: 5_000, severity: 'critical' },
    { ...band, id: `${at(7)} 0`, from: 7_000, to: null, severity: 'high' },
  ]);
});

const device = (id: string, tags: readonly string[]): Device => ({
  id,
  key: id,
  name: id,
  status: 'online',
  standing: 'active',
  tags,
  last_seen_at: null,
  parameters_count: 1,
  created_at: new Date(0).toISOString(),
});
test('charts of a device show the limits of the rules that watch it, and not of those that rest', () => {
  const devices = [device('lathe', ['turning']), device('mill', [])];
  const rules = [shownRule({ tags: ['turning'] }), shownRule({ is_active: false }), shownRule({ tags: ['gone'] })];
  assert.deepEqual(ruleLimits(rules, devices), [
    { parameter: 't', severity: 'high', value: 80, side: 'high', deviceIds: new Set(['lathe']), rule: 'Hot' },
  ]);
});

test('an alarm has the limits of the version that raised it, on its device, whomever the rule is for now', () => {
  const {
    id: _,
    created_at,
    created_by,
    updated_at,
    updated_by,
    fault,
    ...then
  } = shownRule({ tags: ['turning'], is_active: false });
  assert.deepEqual(versionLimits({ ...then, made_at: '', made_by: '' }, 'mill'), [
    { parameter: 't', severity: 'high', value: 80, side: 'high', deviceIds: new Set(['mill']), rule: 'Hot' },
  ]);
});
