import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matches } from '../../../src/broker/topics.ts';

test('filters match as MQTT 3.1.1 says (4.7)', () => {
  for (const [filter, topic, expected] of [
    ['a/b/c', 'a/b/c', true],
    ['a/b/c', 'a/b', false],
    ['a/b', 'a/b/c', false],
    ['a/+/c', 'a/b/c', true],
    ['a/+', 'a/b/c', false],
    ['a/+', 'a/', true],
    ['a/#', 'a/b/c', true],
    ['a/#', 'a', true],
    ['a/+/#', 'a', false],
    ['a/+/#', 'a/b', true],
    ['a/#', 'ab/c', false],
    ['a/b/#', 'a/c/b', false],
  ] as const) {
    assert.equal(matches(filter, topic), expected, `${filter} ${topic}`);
  }
});

test('a filter that is made of a topic by widening levels still matches it', () => {
  const levels = fc.array(fc.constantFrom('a', 'b', 'cc', ''), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(levels, fc.array(fc.boolean(), { maxLength: 6 }), fc.nat(6), (topic, widened, cut) => {
      const filter = topic.map((level, index) => (widened[index] ? '+' : level));
      assert.ok(matches(filter.join('/'), topic.join('/')));
      assert.ok(matches([...filter.slice(0, Math.max(1, cut)), '#'].join('/'), topic.join('/')));
    }),
  );
});
