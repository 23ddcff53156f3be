import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { actAs, actingAlone, currentAct, withinAct } from '../../../src/core/act.ts';

const ANNA = { kind: 'user', id: '1', name: 'anna@x' } as const;
const OTHER = { kind: 'user', id: '2', name: 'other@x' } as const;
const from = (address: string) => ({ address, requestId: address });

test('what nobody has asked for is done by the appliance', () => {
  assert.deepEqual([currentAct().actor.kind, currentAct().address], ['system', '']);
  actAs(ANNA);
  assert.equal(currentAct().actor.kind, 'system', 'nobody can be put in its place');
});

test('an act is nobody’s until somebody is proven to be behind it, and theirs from then on, whatever is awaited', async () => {
  await withinAct(from('10.0.0.1'), async () => {
    assert.equal(currentAct().actor.kind, 'nobody');
    await delay(1);
    actAs(ANNA);
    await delay(1);
    assert.deepEqual([currentAct().actor, currentAct().address], [ANNA, '10.0.0.1']);
    actAs(OTHER);
    assert.deepEqual(currentAct().actor, ANNA, 'the first one stays');
  });
  assert.equal(currentAct().actor.kind, 'system');
});

test('acts at the same time do not mix', async () => {
  const run = (name: string) =>
    withinAct(from(name), async () => {
      actAs({ kind: 'user', id: name, name });
      await delay(2);
      return currentAct().actor.name;
    });
  assert.deepEqual(await Promise.all(['a', 'b', 'c'].map(run)), ['a', 'b', 'c']);
});

test('within an act the appliance can act by itself', () => {
  withinAct({ ...from('x'), actor: ANNA }, () => {
    actingAlone(() => assert.equal(currentAct().actor.kind, 'system'));
    assert.deepEqual(currentAct().actor, ANNA);
  });
});
