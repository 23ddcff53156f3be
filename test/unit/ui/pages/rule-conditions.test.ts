import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { conditionSchema } from '../../../../src/rules/condition-schema.ts';
import type { Condition } from '../../../../ui/api/schema.ts';
import {
  conditionOf,
  type DraftGroup,
  type DraftNode,
  draftOf,
  isGroup,
  leavesOf,
  newGroup,
  newLeaf,
  pointersOf,
  rootOf,
} from '../../../../ui/pages/rules/condition-draft.ts';
import { durationText, parseDuration } from '../../../../ui/pages/rules/duration.ts';
import { faultsOfGroup, tokenOf } from '../../../../ui/pages/rules/faults.ts';
import {
  comparedValue,
  isComplete,
  numberOf,
  withOperator,
  withParameter,
  withRefinement,
} from '../../../../ui/pages/rules/leaf-edits.ts';
import { choicesLike } from '../../../../ui/pages/rules/parameter-choices.ts';
import { conditionText, type Known } from '../../../../ui/pages/rules/sentence.ts';
import {
  addTo,
  besideOf,
  changeMatch,
  duplicate,
  move,
  remove,
  unwrap,
  wrap,
} from '../../../../ui/pages/rules/tree-edits.ts';

const UNITS: Readonly<Record<string, string>> = { temperature: '°C', vibration: 'mm/s' };
const known: Known = (name) => ({ unit: UNITS[name] ?? null, kind: name === 'running' ? 'boolean' : 'number' });
const say = (condition: Condition) => conditionText(draftOf(condition), known);

const BEARING: Condition = {
  all: [
    { parameter: 'temperature', operator: 'gt', value: 80, hysteresis: 3, for_seconds: 60 },
    {
      any: [
        { parameter: 'running', operator: 'eq', value: true },
        { parameter: 'vibration', aggregate: 'avg', window_seconds: 300, operator: 'gt', value: 4.5 },
      ],
    },
  ],
};

/** One of each kind that the API takes. */
const LEAVES: readonly Condition[] = [
  { parameter: 'temperature', operator: 'lte', other_parameter: 'setpoint', for_seconds: 5 },
  { parameter: 'mode', operator: 'neq', value: 'idle' },
  { parameter: 'temperature', operator: 'between', low: 10, high: 20, hysteresis: 1 },
  { parameter: 'temperature', aggregate: 'max', window_seconds: 60, operator: 'outside', low: 10, high: 20 },
  { parameter: 'mode', operator: 'changed' },
  { parameter: 'mode', operator: 'changed', window_seconds: 30 },
  { parameter: 'temperature', operator: 'rate_of_change', per: 'minute', value: -5, window_seconds: 300 },
  { parameter: 'temperature', operator: 'no_data', for_seconds: 300 },
  { parameter: 'temperature', operator: 'deviates', sigmas: 4, aggregate: 'avg', window_seconds: 900 },
  {
    operator: 'occurrences',
    of: { parameter: 'temperature', operator: 'gt', value: 80, for_seconds: 2 },
    count: 3,
    window_seconds: 600,
  },
];

test('a condition reads as a sentence, with units, and groups in groups in brackets', () => {
  assert.equal(
    say(BEARING),
    'temperature is above 80 °C for 1 min, until 3 °C below and ' +
      '(running is on or vibration, average of 5 min, is above 4.5 mm/s)',
  );
  assert.deepEqual(LEAVES.map(say), [
    'temperature is at most setpoint for 5 s',
    'mode is not “idle”',
    'temperature is between 10 and 20 °C, until 1 °C outside',
    'temperature, maximum of 1 min, is outside 10 and 20 °C',
    'mode changes',
    'mode changes and counts for 30 s',
    'temperature falls by at least 5 °C per minute',
    'temperature sends nothing for 5 min',
    'temperature, average of 15 min, is unusual by more than 4 standard deviations for the hour of the week',
    'temperature is above 80 °C for 2 s, 3 times within 10 min',
  ]);
  assert.equal(conditionText(newLeaf(), known), '… is above …', 'what is missing is seen to be');
});

test('what the API says comes back from the editor as it was, and the API takes it', () => {
  for (const condition of [BEARING, ...LEAVES]) {
    assert.deepEqual(conditionOf(draftOf(condition)), condition);
    assert.ok(conditionSchema.safeParse(conditionOf(rootOf(condition))).success, JSON.stringify(condition));
  }
});

test('an operator that is tried and left again has changed nothing', () => {
  const [first] = leavesOf(draftOf({ parameter: 'temperature', operator: 'gt', value: 80, hysteresis: 3 }));
  assert.ok(first !== undefined);
  const silent = withOperator(first, 'no_data');
  assert.deepEqual(conditionOf(silent), { parameter: 'temperature', operator: 'no_data', for_seconds: 300 });
  assert.deepEqual(conditionOf(withOperator(silent, 'gt')), conditionOf(first));
});

test('another kind of parameter takes an operator that makes sense of it', () => {
  const hot = { ...newLeaf('temperature'), value: 80 };
  assert.deepEqual(conditionOf(withParameter(hot, 'running', { kind: 'boolean', unit: null })), {
    parameter: 'running',
    operator: 'eq',
    value: true,
  });
  const free = withParameter(hot, 'not_yet', undefined);
  assert.deepEqual(conditionOf(free), { parameter: 'not_yet', operator: 'gt', value: 80 });
});

test('a comparison is complete when it says all that it cannot do without', () => {
  assert.equal(isComplete(newLeaf('temperature')), false);
  assert.equal(isComplete({ ...newLeaf('temperature'), value: 80 }), true);
  assert.equal(isComplete({ ...newLeaf(''), value: 80 }), false);
  const averaged = withRefinement({ ...newLeaf('temperature'), value: 80 }, 'aggregate', true);
  assert.equal(isComplete(averaged), true);
  assert.equal(isComplete({ ...averaged, over: undefined }), false);
  assert.equal(isComplete({ ...newLeaf('temperature'), operator: 'between', low: 1 }), false);
  for (const condition of LEAVES) assert.ok(leavesOf(draftOf(condition)).every(isComplete), say(condition));
});

test('numbers are typed with a comma or a point, values as their parameter has them', () => {
  assert.deepEqual(['80', '-4,5', '.5', '1e3', '', '8o', '1.2.3'].map(numberOf), [
    80,
    -4.5,
    0.5,
    1000,
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(comparedValue('12', { kind: 'state', unit: null }), '12');
  assert.equal(comparedValue('12', { kind: 'number', unit: null }), 12);
  assert.equal(comparedValue('idle', { kind: 'number', unit: null }), undefined);
  assert.deepEqual(
    ['true', 'off', 'idle', '7'].map((typed) => comparedValue(typed, undefined)),
    [true, false, 'idle', 7],
  );
});

test('a time is read as it is written', () => {
  assert.deepEqual(
    ['90', '90 s', '5min', '1.5 h', '1 h 30 min', '2 d', '5 mins', '2 hrs', 'soon', '5 parsecs', ''].map(parseDuration),
    [90, 90, 300, 5400, 5400, 172_800, 300, 7200, undefined, undefined, undefined],
  );
  assert.deepEqual([0, 0.5, 60, 90, 300, 5400, 86_400, 90_061].map(durationText), [
    '0 s',
    '0.5 s',
    '1 min',
    '90 s',
    '5 min',
    '1 h 30 min',
    '1 d',
    '1 d 1 h 1 min 1 s',
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 604_800_000 }), (ms) => {
      assert.ok(Math.abs((parseDuration(durationText(ms / 1000)) ?? Number.NaN) - ms / 1000) < 0.002);
    }),
  );
});

const names = (root: DraftGroup) => leavesOf(root).map(({ parameter }) => parameter);
const shape = (node: DraftNode): unknown =>
  isGroup(node) ? { [node.match]: node.members.map(shape) } : node.parameter;

/** all[a, any[b, c], d] */
function tree() {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(newLeaf) as [DraftNode, DraftNode, DraftNode, DraftNode];
  const inner = newGroup('any', [b, c]);
  return { root: newGroup('all', [a, inner, d]), a: a.id, b: b.id, c: c.id, d: d.id, inner: inner.id };
}

test('a part moves past its neighbour, into a group and out of it, as it is read', () => {
  const { root, a, c, d } = tree();
  const down = move(root, a, 1);
  assert.deepEqual(shape(down), { all: [{ any: ['a', 'b', 'c'] }, 'd'] });
  assert.deepEqual(shape(move(down, a, -1)), { all: ['a', { any: ['b', 'c'] }, 'd'] });
  assert.deepEqual(shape(move(root, c, 1)), { all: ['a', { any: ['b'] }, 'c', 'd'] });
  assert.deepEqual(shape(move(root, d, -1)), { all: ['a', { any: ['b', 'c', 'd'] }] });
  assert.equal(move(root, d, 1), root, 'at the end there is nowhere to go');
  assert.equal(move(root, a, -1), root);
});

test('the last one of a group takes the place of its group', () => {
  const { root, b, c } = tree();
  const alone = remove(root, b);
  assert.deepEqual(shape(move(alone, c, -1)), { all: ['a', 'c', 'd'] });
});

test('a group that is empty goes, and the outermost one keeps a comparison to be filled in', () => {
  const { root, a, b, c, d, inner } = tree();
  assert.deepEqual(shape(remove(remove(root, b), c)), { all: ['a', 'd'] });
  assert.deepEqual(shape([a, inner, d].reduce(remove, root)), { all: [''] });
});

test('parts are added, doubled, put into a group and taken out of one', () => {
  const { root, a, b, c, d, inner } = tree();
  assert.deepEqual(shape(addTo(root, inner, newLeaf('e'))), { all: ['a', { any: ['b', 'c', 'e'] }, 'd'] });
  const twice = duplicate(root, inner);
  assert.deepEqual(shape(twice.root), { all: ['a', { any: ['b', 'c'] }, { any: ['b', 'c'] }, 'd'] });
  assert.equal(new Set(leavesOf(twice.root).map(({ id }) => id)).size, 6, 'copies have ids of their own');
  const wrapped = wrap(root, b);
  assert.deepEqual(shape(wrapped.root), { all: ['a', { any: [{ all: ['b'] }, 'c'] }, 'd'] });
  assert.deepEqual(shape(unwrap(wrapped.root, wrapped.id)), shape(root));
  assert.deepEqual(shape(changeMatch(root, root.id, 'any')), { any: ['a', { any: ['b', 'c'] }, 'd'] });
  assert.equal(unwrap(root, root.id), root);
  assert.equal(besideOf(root, a), inner);
  assert.equal(besideOf(root, b), c, 'the next one takes the focus');
  assert.equal(besideOf(root, d), inner, 'or the one before');
});

test('no sequence of edits loses a comparison, or leaves a group empty', () => {
  const step = fc.record({ what: fc.constantFrom('up', 'down', 'wrap', 'unwrap', 'match'), at: fc.nat(20) });
  const parts = (node: DraftNode): DraftNode[] => (isGroup(node) ? [node, ...node.members.flatMap(parts)] : [node]);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let { root } = tree();
      for (const { what, at } of steps) {
        const all = parts(root);
        const { id } = all[at % all.length] ?? root;
        if (what === 'up') root = move(root, id, -1);
        else if (what === 'down') root = move(root, id, 1);
        else if (what === 'wrap') root = wrap(root, id).root;
        else if (what === 'unwrap') root = unwrap(root, id);
        else root = changeMatch(root, id, 'any');
        assert.deepEqual(names(root).toSorted(), ['a', 'b', 'c', 'd']);
        for (const part of parts(root)) assert.ok(!isGroup(part) || part.members.length > 0, 'a group has members');
      }
    }),
  );
});

test('moving up and down changes the order in which comparisons are read by one at most', () => {
  const { root, d } = tree();
  let [at, seen] = [root, [] as string[]];
  for (let steps = 0; steps < 10; steps++) {
    seen = [...seen, names(at).join('')];
    at = move(at, d, -1);
  }
  assert.deepEqual([...new Set(seen)], ['abcd', 'abdc', 'adbc', 'dabc']);
});

test('what the API says against a part is told at its word', () => {
  const root = rootOf(BEARING);
  const pointers = pointersOf(root, '/condition');
  const [hot, , averaged] = leavesOf(root);
  assert.ok(hot !== undefined && averaged !== undefined);
  assert.equal(pointers.get(hot.id), '/condition/all/0');
  assert.equal(pointers.get(averaged.id), '/condition/all/1/any/1');
  const at = '/condition/all/1/any/1';
  assert.equal(tokenOf(averaged, at, `${at}/window_seconds`), 'over');
  assert.equal(tokenOf(averaged, at, `${at}/other_parameter`), 'value');
  const often = { ...averaged, times: { count: 3, within: 60 } };
  assert.equal(tokenOf(often, at, `${at}/window_seconds`), 'within');
  assert.equal(tokenOf(often, at, `${at}/of/window_seconds`), 'over');
  const faults = [
    { pointer: '/condition/all', message: 'one' },
    { pointer: '/condition/all/0/value', message: 'two' },
  ];
  assert.deepEqual(
    faultsOfGroup(faults, '/condition').map(({ message }) => message),
    ['one'],
  );
});

test('of the parameters that hold what is typed, those whose name begins so come first', () => {
  const names = ['oil_temperature', 'oil_pressure', 'temperature', 'Temperature_2'];
  const rest = { displayName: null, unit: null, kind: 'number', decimals: null, deviceId: 'd' } as const;
  const choices = names.map((name) => ({ name, ...rest, searched: `${name} of the oven`.toLowerCase() }));
  const like = (typed: string) => choicesLike(choices, typed).map(({ name }) => name);
  assert.deepEqual(like('temper'), ['temperature', 'Temperature_2', 'oil_temperature']);
  assert.deepEqual(like('TEMP oil'), ['oil_temperature']);
  assert.deepEqual(like('oven'), names);
  assert.deepEqual(like(''), names);
});
