import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOwnActs } from '../../../src/audit/own-acts.ts';
import { type Actor, withinAct } from '../../../src/core/act.ts';

const somebody: Actor = { kind: 'user', id: 'u1', name: 'me@x.example' };
const entry = (action: string, kind = 'session', id = 's') => ({
  action,
  factoryId: null,
  target: { kind, id, name: '' },
  content: {},
});

/** How many of 1,000 the same acts are let through at once. */
function letThrough(told: ReturnType<typeof entry>, actor = somebody, ownActs = createOwnActs(() => 0)) {
  let count = 0;
  withinAct({ actor, address: '', requestId: '' }, () => {
    try {
      for (; count < 1_000; count += 1) ownActs.count([told]);
    } catch (error) {
      assert.equal((error as { code: string }).code, 'too_many');
    }
  });
  return count;
}

test('what somebody does to their own login is paced, and nobody waits for anybody else', () => {
  const ownActs = createOwnActs(() => 0);
  assert.equal(letThrough(entry('user.update', 'user', 'u1'), somebody, ownActs), 300);
  assert.equal(letThrough(entry('auth.sign_in'), somebody, ownActs), 0);
  assert.equal(letThrough(entry('auth.enter_factory'), { ...somebody, id: 'u2' }, ownActs), 300);
});

test('after ten seconds there is one more', () => {
  let now = 0;
  const ownActs = createOwnActs(() => now);
  assert.equal(letThrough(entry('auth.sign_in'), somebody, ownActs), 300);
  now = 10_000;
  assert.equal(letThrough(entry('auth.sign_in'), somebody, ownActs), 1);
});

test('acts that need a role, ended sessions, and what is done at the command line are not paced', () => {
  for (const told of [
    entry('device.update', 'device'),
    entry('user.update', 'user', 'u2'),
    entry('auth.end_session'),
  ]) {
    assert.equal(letThrough(told), 1_000, told.action);
  }
  assert.equal(letThrough(entry('user.update', 'user', '0'), { kind: 'command_line', id: '0', name: 'root' }), 1_000);
});
