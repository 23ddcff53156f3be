import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../../src/core/errors.ts';
import {
  createRules,
  definitionSchema,
  isSameWatch,
  type RuleChange,
  type RuleDefinition,
  watches,
} from '../../../src/rules/rules.ts';
import { setUpOwner, testAccounts } from '../../support/accounts.ts';

const MISSING = '3f0f7f5e-7f0e-4b6f-9f62-0f6e1de0a009';
const HOT = { parameter: 'temperature', operator: 'gt', value: 80 };
const definitionOf = (more: object = {}): RuleDefinition =>
  definitionSchema.parse({ name: 'Hot', severity: 'high', condition: HOT, ...more });

/** Two factories and their rules. */
async function testRules() {
  const world = testAccounts();
  await setUpOwner(world.accounts);
  world.accounts.factories.create({ name: 'South', slug: 'south', timezone: 'UTC' });
  const [north, south] = world.accounts.factories.list().map(({ scope }) => scope);
  if (north === undefined || south === undefined) throw new Error('two factories were made');
  const devices = new Set<string>();
  const { store, clock } = world;
  const rules = createRules({
    store,
    now: clock.now,
    hasDevice: (_scope, id) => devices.has(id),
    hasChannel: (_scope, id) => id !== MISSING,
  });
  const changes: RuleChange[] = [];
  rules.onChanged((_scope, change) => changes.push(change));
  return { ...world, north, south, rules, devices, changes };
}

const faultsOf = (fn: () => unknown): Record<string, string> => {
  try {
    fn();
    return {};
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid_input') throw error;
    return Object.fromEntries(error.faults.map(({ pointer, message }) => [pointer, message]));
  }
};
const hasCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

test('a change makes a version, and says who made it; the same once more makes none', async () => {
  using world = await testRules();
  const { rules, north, clock, changes } = world;
  const made = rules.create(north, definitionOf(), 'Ann');
  clock.advance(1_000);
  const changed = rules.update(north, made.id, (before) => ({ ...before, guidance: 'Open the valve' }), 'Ben');
  const reordered = Object.fromEntries(Object.entries(changed.definition).toReversed()) as unknown as RuleDefinition;
  assert.deepEqual(
    rules.update(north, made.id, () => reordered, 'Cem'),
    changed,
  );
  const rested = rules.setActive(north, made.id, false, 'Dora');
  assert.deepEqual(rules.get(north, made.id), rested);
  assert.deepEqual(
    [rested.version, rested.createdBy, rested.updatedBy, rested.createdAt, rested.updatedAt],
    [3, 'Ann', 'Dora', clock.now() - 1_000, clock.now()],
  );
  assert.deepEqual(
    rules.versions(north, made.id, { limit: 9, before: 9 }).map((one) => [one.version, one.madeBy]),
    [
      [3, 'Dora'],
      [2, 'Ben'],
      [1, 'Ann'],
    ],
  );
  assert.deepEqual(rules.version(north, made.id, 1).definition, made.definition);
  assert.deepEqual(rules.version(north, made.id, 2).definition, changed.definition);
  assert.deepEqual(
    changes.map(({ kind, rule, previous }) => [kind, rule.version, previous?.version]),
    [
      ['saved', 1, undefined],
      ['saved', 2, 1],
      ['saved', 3, 2],
    ],
  );
});

test('a rule that is removed leaves its versions, and those to whom it matters are told', async () => {
  using world = await testRules();
  const { rules, north, south, changes } = world;
  const rule = rules.create(north, definitionOf(), 'Ann');
  assert.throws(() => rules.remove(south, rule.id), hasCode('not_found'));
  rules.remove(north, rule.id);
  assert.deepEqual(changes.at(-1), { kind: 'removed', rule, previous: rule });
  assert.throws(() => rules.get(north, rule.id), hasCode('not_found'));
  assert.throws(() => rules.remove(north, rule.id), hasCode('not_found'));
  assert.deepEqual(rules.version(north, rule.id, 1).definition, rule.definition);
  assert.throws(() => rules.versions(south, rule.id, { limit: 9, before: 9 }), hasCode('not_found'));
  assert.throws(() => rules.version(south, rule.id, 1), hasCode('not_found'));
});

test('a version that was made is never changed', async () => {
  using world = await testRules();
  const { rules, north, store } = world;
  rules.create(north, definitionOf(), 'Ann');
  const rewrite = () =>
    store.write(north, (sql) =>
      sql.run(`update main.rule_versions set made_by = 'Eve' where factory_id = current_factory()`),
    );
  assert.throws(rewrite, /never changed/);
});

test('of one rule the newest thousand versions are kept', async () => {
  using world = await testRules();
  const { rules, north } = world;
  const { id } = rules.create(north, definitionOf(), 'Ann');
  for (let index = 0; index < 1_003; index++) rules.setActive(north, id, index % 2 === 1, 'Ann');
  const kept = rules.versions(north, id, { limit: 2_000, before: Number.MAX_SAFE_INTEGER });
  assert.deepEqual([kept.length, kept[0]?.version, kept.at(-1)?.version], [1_000, 1_004, 5]);
});

test('devices that the factory does not have are named; one that has gone since holds up no other change', async () => {
  using world = await testRules();
  const { rules, north, devices } = world;
  devices.add('d1').add('d2');
  const naming = (...device_ids: string[]) => ({ ...definitionOf(), device_ids });
  assert.deepEqual(
    faultsOf(() => rules.create(north, naming('d1', 'x', 'd2', 'y'), 'Ann')),
    {
      '/device_ids/1': 'no device of this factory has this id',
      '/device_ids/3': 'no device of this factory has this id',
    },
  );
  const { id } = rules.create(north, naming('d1', 'd2'), 'Ann');
  devices.delete('d1');
  assert.equal(rules.update(north, id, (before) => ({ ...before, name: 'Warm' }), 'Ann').version, 2);
  assert.deepEqual(
    faultsOf(() => rules.update(north, id, () => naming('d1', 'x'), 'Ann')),
    { '/device_ids/1': 'no device of this factory has this id' },
  );
});

test('a rule follows its device into the one that it has become a part of', async () => {
  using world = await testRules();
  const { rules, north, south, devices } = world;
  devices.add('d1').add('d2');
  const { id } = rules.create(north, { ...definitionOf(), device_ids: ['d1', 'd2'] }, 'Ann');
  const foreign = rules.create(south, { ...definitionOf(), device_ids: ['d1'] }, 'Ann');
  devices.delete('d1');
  rules.deviceMerged(north, 'd1', 'd2', 'Ben');
  const followed = rules.get(north, id);
  assert.deepEqual([followed.definition.device_ids, followed.version, followed.updatedBy], [['d2'], 2, 'Ben']);
  assert.deepEqual(rules.get(south, foreign.id), foreign);
});

test('what suppresses a rule is another one of its factory, and never by way of itself', async () => {
  using world = await testRules();
  const { rules, north, south } = world;
  const under = (...suppressed_by: string[]) => definitionOf({ suppressed_by });
  const foreign = rules.create(south, definitionOf(), 'Ann');
  const none = 'no rule of this factory has this id';
  assert.deepEqual(
    faultsOf(() => rules.create(north, under(foreign.id, MISSING), 'Ann')),
    { '/suppressed_by/0': none, '/suppressed_by/1': none },
  );
  const top = rules.create(north, definitionOf(), 'Ann');
  const middle = rules.create(north, under(top.id), 'Ann');
  const bottom = rules.create(north, under(middle.id, top.id), 'Ann');
  assert.deepEqual(
    faultsOf(() => rules.update(north, top.id, () => under(MISSING, top.id, bottom.id), 'Ann')),
    {
      '/suppressed_by/0': none,
      '/suppressed_by/1': 'a rule cannot suppress itself',
      '/suppressed_by/2': 'the two rules would suppress each other in turn',
    },
  );
  rules.remove(north, top.id);
  const renamed = rules.update(north, bottom.id, (before) => ({ ...before, name: 'x' }), 'Ann');
  assert.deepEqual(renamed.definition.suppressed_by, [middle.id, top.id], 'what has gone stays named');
});

test('a factory has a thousand rules at most, whatever another one has', async () => {
  using world = await testRules();
  const { rules, north, south } = world;
  for (let index = 0; index < 1_000; index++) rules.create(north, definitionOf(), 'Ann');
  assert.throws(() => rules.create(north, definitionOf(), 'Ann'), hasCode('conflict'));
  rules.create(south, definitionOf(), 'Ann');
  const [first] = rules.all(north);
  rules.remove(north, first?.id ?? '');
  rules.create(north, definitionOf(), 'Ann');
  assert.deepEqual([rules.all(north).length, rules.all(south).length], [1_000, 1]);
});

test('rules are listed by name, in pages that miss none and show none twice, though names are not unique', async () => {
  using world = await testRules();
  const { rules, north } = world;
  for (const name of ['b', 'a', 'b', 'c', 'b', 'A']) rules.create(north, definitionOf({ name }), 'Ann');
  const seen: string[] = [];
  let after: { name: string; id: string } | undefined;
  do {
    const page = rules.list(north, { limit: 2, after });
    const last = page.at(-1);
    after = last && { name: last.definition.name, id: last.id };
    seen.push(...page.map(({ definition, id }) => `${definition.name} ${id}`));
  } while (after !== undefined);
  assert.equal(new Set(seen).size, 6);
  assert.deepEqual(
    seen.map((line) => line[0]),
    ['A', 'a', 'b', 'b', 'b', 'c'],
  );
  assert.equal(rules.list(north, { limit: 9, text: 'A' }).length, 2);
  rules.create(north, definitionOf({ name: 'Überdruck' }), 'Ann');
  for (const text of ['Über', 'über', 'ÜBERDRUCK']) assert.equal(rules.list(north, { limit: 9, text }).length, 1, text);
  const rule = rules.list(north, { limit: 1, text: 'c' })[0];
  rules.setActive(north, rule?.id ?? '', false, 'Ann');
  assert.deepEqual(
    [true, false].map((isActive) => rules.list(north, { limit: 9, isActive }).length),
    [6, 1],
  );
});

test('the same is watched when names, texts and notices change; not when conditions, devices or activity do', () => {
  const one = definitionOf();
  for (const more of [
    { name: 'x' },
    { guidance: 'x' },
    { note_required: true },
    { suppressed_by: [MISSING] },
    { notifications: [{ channel_id: MISSING, on: ['raised'] }] },
    { escalation: [{ after_seconds: 1, channel_id: MISSING }] },
    { condition: { value: 80, operator: 'gt', parameter: 'temperature' } },
  ]) {
    assert.equal(isSameWatch(one, definitionOf(more)), true, JSON.stringify(more));
  }
  for (const more of [
    { severity: 'low' },
    { condition: { ...HOT, value: 81 } },
    { condition: { ...HOT, hysteresis: 0 } },
    { condition: { all: [HOT] } },
    { levels: [{ severity: 'critical', condition: HOT }] },
    { cooldown_seconds: 1 },
    { keep_firing_seconds: 1 },
    { schedule: {} },
    { is_active: false },
    { device_ids: [MISSING] },
    { tags: ['x'] },
  ]) {
    assert.equal(isSameWatch(one, definitionOf(more)), false, JSON.stringify(more));
  }
});

test('a rule watches devices by id or by tag, all when it names none, and none while it rests', () => {
  const device = { id: MISSING, tags: ['line 1', 'press'] };
  const cases: [more: object, applies: boolean][] = [
    [{}, true],
    [{ is_active: false }, false],
    [{ tags: ['line 1'] }, true],
    [{ tags: ['line'] }, false],
    [{ tags: ['other', 'press'] }, true],
    [{ device_ids: [MISSING] }, true],
    [{ device_ids: [MISSING.replace('9', '8')] }, false],
    [{ device_ids: [MISSING], tags: ['other'] }, true],
    [{ device_ids: [MISSING], is_active: false }, false],
  ];
  for (const [more, applies] of cases) {
    assert.equal(watches(definitionOf(more), device), applies, JSON.stringify(more));
  }
});
