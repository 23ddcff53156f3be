import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device, Parameter, Rule } from '../../../../ui/api/schema.ts';
import { countsOf, FILTERS, listedRules, matching, tellingDevices } from '../../../../ui/pages/rules/rule-list.ts';
import { shownRule } from '../../../support/shown-rule.ts';

const rule = (name: string, members: Partial<Rule> = {}) => shownRule({ id: name, name, ...members });

test('a rule that has stopped by a fault does not count among those that watch, and is found by itself', () => {
  const fault = { at: '2026-11-02T08:00:00Z', message: 'it could not be evaluated (no reason)' };
  const all = [rule('good'), rule('off', { is_active: false }), rule('odd', { fault })];
  const rules = listedRules(all, [], [], []);
  assert.deepEqual(countsOf(rules), { all: 3, firing: 0, active: 1, resting: 1, stopped: 1 });
  const shown = FILTERS.map((filter) => [filter, matching(rules, '', filter).map(({ rule: { name } }) => name)]);
  assert.deepEqual(Object.fromEntries(shown), {
    all: ['good', 'off', 'odd'],
    firing: [],
    active: ['good'],
    resting: ['off'],
    stopped: ['odd'],
  });
});

test('a value has the unit that a device of its own rule sends, and none while nobody has told it', () => {
  const device = (id: string) => ({ id, key: id, name: null, tags: [] }) as unknown as Device;
  const sends = (id: string, unit: string) => ({ id, parameters: [{ name: 't', unit } as Parameter] });
  const devices = [device('oven-1'), device('oven-2'), device('mill-1')];
  const rules = [
    rule('of the mill', { device_ids: ['mill-1'] }),
    rule('of all'),
    rule('of the second', { device_ids: ['oven-2'] }),
  ];
  const sentences = (...parameters: ReturnType<typeof sends>[]) =>
    listedRules(rules, devices, [], parameters).map(({ sentence }) => sentence.split(',')[0]);
  assert.deepEqual(
    tellingDevices(rules, devices, 2).map(({ id }) => id),
    ['mill-1', 'oven-1'],
  );
  assert.deepEqual(sentences(), ['t is above 80', 't is above 80', 't is above 80']);
  assert.deepEqual(sentences(sends('oven-1', '°C'), sends('mill-1', '°F')), [
    't is above 80 °F',
    't is above 80 °C',
    't is above 80',
  ]);
  assert.deepEqual(
    matching(listedRules(rules, devices, [], [sends('mill-1', '°F')]), '80 °f', 'all').map(
      ({ rule: { name } }) => name,
    ),
    ['of the mill', 'of all'],
  );
});
