import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSubscriptionTree } from '../../../src/broker/subscription-tree.ts';
import { matches, overlaps } from '../../../src/broker/topics.ts';

const level = fc.constantFrom('a', 'b', '', '$x');
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 4 }), fc.boolean())
  .map(([levels, isOpen]) => [...levels, ...(isOpen || levels.length === 0 ? ['#'] : [])].join('/'));
const qos = fc.constantFrom(0, 1, 2);

test('the tree finds whom the filters match, each once with its highest QoS, whatever came and went', () => {
  const changes = fc.array(fc.tuple(filter, fc.constantFrom('one', 'two', 'three'), qos, fc.boolean()), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(changes, topic, (steps, name) => {
      const tree = createSubscriptionTree<string>();
      const model = new Map<string, { filter: string; who: string; qos: number }>();
      for (const [text, who, granted, isAdded] of steps) {
        if (isAdded) tree.add(text, who, granted);
        else tree.remove(text, who);
        if (isAdded) model.set(`${who} ${text}`, { filter: text, who, qos: granted });
        else model.delete(`${who} ${text}`);
      }
      const expected = new Map<string, number>();
      for (const { filter: text, who, qos: granted } of model.values()) {
        if (matches(text, name)) expected.set(who, Math.max(granted, expected.get(who) ?? 0));
      }
      assert.deepEqual([...tree.match(name)].toSorted(), [...expected].toSorted());
    }),
  );
});

test('two filters overlap where a topic matches both', () => {
  const topics = ['a', 'b', '', '$x'].flatMap((first) => [
    first,
    ...['a', 'b', ''].flatMap((second) => [
      `${first}/${second}`,
      ...['a', 'b', ''].map((third) => `${first}/${second}/${third}`),
    ]),
  ]);
  const short = fc
    .tuple(fc.array(fc.oneof(fc.constantFrom('a', 'b', '$x'), fc.constant('+')), { maxLength: 3 }), fc.boolean())
    .map(([levels, isOpen]) => [...levels, ...(isOpen || levels.length === 0 ? ['#'] : [])].join('/'))
    // Of levels below the first, $ is a letter like any other, and not among the topics above.
    .filter((text) => !text.slice(1).includes('$'));
  fc.assert(
    fc.property(short, short, (one, other) => {
      const isMatched = topics.some((name) => matches(one, name) && matches(other, name));
      assert.equal(overlaps(one, other), isMatched, `${one} ${other}`);
      assert.equal(overlaps(other, one), isMatched);
    }),
  );
});
