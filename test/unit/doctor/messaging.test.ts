import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkMessaging } from '../../../src/doctor/messaging.ts';
import { defaultConfig } from '../../support/accounts.ts';

test('doctor says which topics all factories share, and who may use them', () => {
  const [fine] = checkMessaging(defaultConfig());
  assert.equal(fine?.level, 'ok');
  const [shared] = checkMessaging(defaultConfig({ 'mqtt.shared_topics': ['line/#', '+/x'] }));
  assert.equal(shared?.level, 'warning');
  assert.match(shared.message, /line\/#, \+\/x are common to all factories: .* who is anonymous/);
  const [closed] = checkMessaging(defaultConfig({ 'mqtt.shared_topics': ['#'], 'mqtt.anonymous': 'never' }));
  assert.doesNotMatch(closed?.message ?? '', /anonymous/);
});

test('shared topics are topic filters, and none lies below factories/ or $', () => {
  const isTaken = (filter: string) => {
    try {
      return defaultConfig({ 'mqtt.shared_topics': [filter] }).mqtt.shared_topics.length === 1;
    } catch {
      return false;
    }
  };
  for (const filter of ['#', '+', 'a', '/a', 'a/', 'a//b', 'a/+/b/#', '+/+', 'factoriesx/#', 'a/factories/#', 'a/$x']) {
    assert.ok(isTaken(filter), filter);
  }
  for (const filter of [
    '',
    'a#',
    '#/a',
    'a+',
    '+a/b',
    'factories',
    'factories/#',
    'factories/vpc/bus/#',
    '$SYS/#',
    '$',
  ]) {
    assert.ok(!isTaken(filter), filter);
  }
});
