import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition, Watch } from '../../../src/rules/condition.ts';
import { explain } from '../../../src/rules/explain.ts';
import { explanationText, leafText } from '../../../src/rules/explain-text.ts';
import { type Change, compile } from '../../../src/rules/fold.ts';
import { watchOf } from '../../support/rules.ts';

/** Monday 11 January 2027, 00:00 UTC. */
const MONDAY = Date.UTC(2027, 0, 11);
const words = {
  timezone: 'UTC',
  shown: (name: string) => ({
    name,
    unit: name === 'temperature' ? '°C' : null,
    decimals: null,
    isBoolean: name === 'running',
  }),
};

/** A sample: second, parameter, value. */
type Said = readonly [second: number, parameter: string, value: number | boolean | string];

function explained(watch: Watch, samples: readonly Said[], second: number) {
  const fold = compile(watch, { timezone: 'UTC', outages: [] });
  const state = fold.start(MONDAY);
  const changes: Change[] = [];
  for (const [at, parameter, value] of samples) fold.apply(state, MONDAY + at * 1_000, [{ parameter, value }], changes);
  fold.advance(state, MONDAY + second * 1_000, changes);
  return explain(fold, state, MONDAY + second * 1_000);
}

function textOf(condition: Condition, samples: readonly Said[], second: number): string {
  const { levels, now } = explained(watchOf(condition), samples, second);
  const leaf = levels[0]?.condition;
  return leaf?.kind === 'leaf' ? leafText(leaf, now, words) : '';
}

const hot: Condition = { parameter: 'temperature', operator: 'gt', value: 80, hysteresis: 3 };

test('a leaf says what is, how old that is, and whether it is enough', () => {
  const cases: readonly [condition: Condition, samples: readonly Said[], second: number, text: string][] = [
    [hot, [[0, 'temperature', 78.2]], 3, 'temperature is 78.2 °C, 3 s old: not above 80'],
    [hot, [[0, 'temperature', 81]], 300, 'temperature is 81 °C, 5 min old: above 80'],
    [
      hot,
      [
        [0, 'temperature', 81],
        [1, 'temperature', 78],
      ],
      2,
      'temperature is 78 °C, 1 s old: still counts as above 80',
    ],
    [hot, [], 2, 'temperature has sent nothing yet'],
    [
      { ...hot, for_seconds: 60 },
      [[0, 'temperature', 81]],
      12,
      'temperature is 81 °C, 12 s old: above 80 for 12 of 60 s',
    ],
    [{ ...hot, for_seconds: 60 }, [[0, 'temperature', 81]], 90, 'temperature is 81 °C, 90 s old: above 80 for 90 s'],
    [
      { parameter: 'running', operator: 'eq', value: true },
      [[0, 'running', false]],
      1,
      'running is off, 1 s old: not on',
    ],
    [
      { parameter: 'mode', operator: 'neq', value: 'idle' },
      [[0, 'mode', 'run']],
      1,
      'mode is run, 1 s old: different from idle',
    ],
    [
      { parameter: 'temperature', operator: 'lt', other_parameter: 'setpoint' },
      [
        [0, 'setpoint', 70],
        [0.5, 'temperature', 71],
      ],
      1,
      'temperature is 71 °C, 1 s old: not below setpoint',
    ],
    [
      { parameter: 'temperature', operator: 'outside', low: 60, high: 80 },
      [[0, 'temperature', 59]],
      1,
      'temperature is 59 °C, 1 s old: outside 60 and 80',
    ],
    [
      { parameter: 'temperature', aggregate: 'avg', window_seconds: 300, operator: 'gt', value: 75 },
      [[0, 'temperature', 80]],
      60,
      'the average of temperature over 5 min is not known before Mon 00:05:00',
    ],
    [
      { parameter: 'temperature', aggregate: 'avg', window_seconds: 60, operator: 'gt', value: 75 },
      [
        [0, 'temperature', 80],
        [60, 'temperature', 70],
      ],
      61,
      'the average of temperature over 60 s is 70 °C: not above 75',
    ],
    [
      { parameter: 'temperature', operator: 'rate_of_change', per: 'minute', value: 5, window_seconds: 60 },
      [
        [0, 'temperature', 70],
        [40, 'temperature', 74],
      ],
      41,
      'temperature changes by 6 °C a minute: rising by at least 5 a minute',
    ],
    [
      { parameter: 'temperature', operator: 'no_data', for_seconds: 60 },
      [[0, 'temperature', 1]],
      3,
      'temperature has sent nothing for 3 s: it counts after 60 s',
    ],
    [
      { parameter: 'temperature', operator: 'no_data', for_seconds: 60 },
      [[0, 'temperature', 1]],
      75,
      'temperature has sent nothing for 75 s: longer than 60 s',
    ],
    [{ parameter: 'mode', operator: 'changed' }, [[0, 'mode', 'run']], 1, 'mode is run, 1 s old: it has not changed'],
    [
      { parameter: 'temperature', operator: 'deviates', sigmas: 4 },
      [[0, 'temperature', 1]],
      1,
      'temperature is 1 °C, 1 s old: what is usual at this hour is not known yet',
    ],
    [
      { operator: 'occurrences', of: hot, count: 3, window_seconds: 600 },
      [
        [0, 'temperature', 81],
        [1, 'temperature', 70],
        [2, 'temperature', 81],
      ],
      3,
      'temperature has come to be above 80 2 of 3 times within 10 min: not often enough',
    ],
  ];
  for (const [condition, samples, second, text] of cases) assert.equal(textOf(condition, samples, second), text);
});

test('an explanation begins with what stands in the way of an alarm', () => {
  const say = (watch: Watch, samples: readonly Said[], second: number) =>
    explanationText(explained(watch, samples, second), words);
  assert.equal(
    say(watchOf(hot), [[0, 'temperature', 81]], 1),
    'The alarm is open (high): temperature is 81 °C, 1 s old: above 80',
  );
  assert.equal(say(watchOf(hot), [[0, 'temperature', 70]], 1), 'No alarm: temperature is 70 °C, 1 s old: not above 80');
  assert.equal(say(watchOf(hot), [], 1), 'No alarm: nothing has come of temperature since the rule watches');
  assert.equal(
    say(
      watchOf({ all: [{ parameter: 'running', operator: 'eq', value: true }, hot] }),
      [
        [0, 'running', true],
        [0.5, 'temperature', 81],
      ],
      1,
    ),
    'The alarm is open (high): temperature is 81 °C, 1 s old: above 80',
  );
  const kept = watchOf(hot, { keep_firing_seconds: 60 });
  assert.equal(
    say(
      kept,
      [
        [0, 'temperature', 81],
        [1, 'temperature', 70],
      ],
      2,
    ),
    'The alarm is open (high), and clears at Mon 00:01:01 unless the condition holds again',
  );
  const cooling = watchOf(hot, { cooldown_seconds: 60 });
  const flapping: readonly Said[] = [
    [0, 'temperature', 81],
    [1, 'temperature', 70],
    [2, 'temperature', 81],
  ];
  assert.equal(
    say(cooling, flapping, 3),
    'No alarm: the condition holds, but after the last alarm the next one is raised at Mon 00:01:01 at the earliest',
  );
  const schedule = (from: string, days = [1]) =>
    watchOf(hot, {
      schedule: { timezone: 'UTC', windows: [{ days, from, to: '22:00' }], from_date: null, to_date: null },
    });
  assert.equal(
    say(schedule('06:00'), [[0, 'temperature', 81]], 1),
    'No alarm: the schedule does not apply now; it begins again Mon 06:00',
  );
  const over = { timezone: 'UTC', windows: [], from_date: null, to_date: '2026-12-31' };
  assert.equal(
    say(watchOf(hot, { schedule: over }), [[0, 'temperature', 81]], 1),
    'No alarm: the schedule does not apply now; it does not begin within the next week',
  );
});
