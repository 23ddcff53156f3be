import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type FactoryScope, mintFactoryScope } from '../../../src/core/scope.ts';
import { createOutbox } from '../../../src/notify/outbox.ts';
import type { Store } from '../../../src/store/store.ts';

const scopes = [1, 2, 3].map((factoryId) =>
  mintFactoryScope({ factoryId, factoryUuid: `u${factoryId}`, slug: `f${factoryId}`, timezone: 'UTC' }),
);
const never = () => {
  throw new Error('nothing is to be sent');
};

test('what is old is removed of one factory after the other, of each until there is no more', async (t: TestContext) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const tidied: string[] = [];
  const left = new Map([['f1', [500, 20, 0]]]);
  const store = {
    write: ({ slug }: FactoryScope) => {
      tidied.push(slug);
      return left.get(slug)?.shift() ?? 0;
    },
    systemRead: () => [],
  } as unknown as Store;
  const outbox = createOutbox({
    store,
    channels: { get: never, secrets: never },
    delivery: { recipients: never, deliver: never },
    compose: never,
    scopeOf: never,
    scopes: () => scopes,
    now: () => 0,
    monotonic: () => 0,
    random: () => 0,
    pace: { maxAttempts: 1, retryBaseMs: 1, gatherMs: 1, digestEveryMs: 1 },
    accepted: never,
    onFault: never,
  });
  outbox.start();
  assert.deepEqual(tidied, ['f1']);
  t.mock.timers.tick(10_000);
  assert.deepEqual(tidied, ['f1', 'f1', 'f1', 'f2', 'f3']);
  await outbox.stop();
});
