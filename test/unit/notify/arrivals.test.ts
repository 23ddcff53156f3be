import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { mintFactoryScope } from '../../../src/core/scope.ts';
import { createArrivals } from '../../../src/notify/arrivals.ts';
import type { Channel } from '../../../src/notify/channel.ts';
import type { GuardedAnswer } from '../../../src/notify/guarded-request.ts';

const scope = mintFactoryScope({ factoryId: 1, factoryUuid: 'u', slug: 'vpc', timezone: 'UTC' });
const channel = {
  id: 'c',
  kind: 'sms',
  config: { account_sid: 'AC', from: '+49', recipients: [] },
} as unknown as Channel;
const sent = { recipient: '+4915112345678', providerId: 'SM1' };

test('whoever is asked at the end is not listened to any more, and nobody is asked again', async (t: TestContext) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const answer = Promise.withResolvers<GuardedAnswer>();
  const faults: unknown[] = [];
  let asked = 0;
  const arrivals = createArrivals({
    // The store is closed by then.
    store: undefined as never,
    channels: { list: () => [], secrets: () => ({ auth_token: 'x' }) },
    send: () => {
      asked++;
      return answer.promise;
    },
    base: 'https://twilio.invalid',
    now: () => 0,
    onFault: (error) => faults.push(error),
  });
  arrivals.follow(scope, channel, { id: 'n' }, sent);
  t.mock.timers.tick(5_000);
  assert.equal(asked, 1);
  arrivals.stop();
  answer.resolve({
    status: 200,
    location: undefined,
    retryAfter: undefined,
    text: '{"status":"sent"}',
    isCut: false,
  });
  await new Promise((resolve) => setImmediate(resolve));
  arrivals.follow(scope, channel, { id: 'm' }, sent);
  t.mock.timers.tick(700_000);
  assert.deepEqual([asked, faults], [1, []]);
});
