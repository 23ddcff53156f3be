import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rule } from '../../../../ui/api/schema.ts';
import { countsOf, FILTERS, listedRules, matching } from '../../../../ui/pages/rules/rule-list.ts';
import { shownRule } from '../../../support/shown-rule.ts';

const rule = (name: string, members: Partial<Rule> = {}) => shownRule({ id: name, name, ...members });

test('a rule that has stopped by a fault does not count among those that watch, and is found by itself', () => {
  const fault = { at: '2026-11-02T08:00:00Z', message: 'it could not be evaluated (no reason)' };
  const all = [rule('good'), rule('off', { is_active: false }), rule('odd', { fault })];
  const rules = listedRules(all, [], [], () => undefined);
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
