import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createJournal } from '../../../src/broker/journal.ts';
import { openRetained, type Retained } from '../../../src/broker/retained.ts';
import { controlStore } from '../../support/control-store.ts';

const of = (topic: string, text: string, factoryId: number | null = null) =>
  ({ topic, payload: Buffer.from(text), qos: 1, factoryId }) as const;

const matching = (retained: Retained, filter: string) =>
  [...retained.matching(filter)].filter((message) => message !== undefined);

test('retained messages are bounded for each factory, give their room back, and are there again', () => {
  using control = controlStore();
  control.store.system('create factory', (sql) =>
    sql.run(
      `insert into main.factories (id, uuid, slug, name, timezone, created_at) values (1, 'u', 'f', 'n', 'UTC', 0)`,
    ),
  );
  const open = () => {
    const journal = createJournal(control.store, (error) => assert.ifError(error));
    const retained = openRetained({ store: control.store, journal, maxMessages: 2, maxBytes: 20 });
    return { journal, retained };
  };
  const { journal, retained } = open();
  assert.equal(retained.put(of('a', '1')), true);
  assert.equal(retained.put(of('b', '2')), true);
  assert.equal(retained.put(of('c', '3')), false);
  assert.equal(retained.put(of('b', 'instead')), true);
  assert.equal(retained.put(of('b', 'x'.repeat(20))), false);
  assert.equal(retained.put(of('factories/f/bus/x', '', 1)), true);
  assert.equal(retained.put(of('f1', 'of another', 1)), true);
  assert.equal(retained.put(of('a', '')), true);
  assert.equal(retained.put(of('c', '3')), true);
  journal.close();
  const again = open();
  const texts = matching(again.retained, '#').map(({ topic, payload }) => `${topic} ${payload}`);
  assert.deepEqual(texts.toSorted(), ['b instead', 'c 3', 'f1 of another']);
  again.retained.drop((factoryId) => factoryId === 1);
  again.journal.close();
  const last = open();
  assert.deepEqual(
    matching(last.retained, '+').map(({ topic }) => topic),
    ['b', 'c'],
  );
  last.journal.close();
});
