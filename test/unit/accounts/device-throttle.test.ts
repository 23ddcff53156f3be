import assert from 'node:assert/strict';
import { test } from 'node:test';
import { throttleSignIns } from '../../../src/accounts/accounts.ts';
import { fakeClock } from '../../support/accounts.ts';
import { withCode } from '../../support/errors.ts';

const HERE = '127.0.0.1';
const world = () => {
  const clock = fakeClock();
  const signIn = throttleSignIns((username: string, password: string) => {
    if (password === 'fault') throw new Error('no database');
    return password === `right for ${username}` ? username : undefined;
  }, clock);
  const guess = (username: string, address = HERE, times = 1) => {
    for (let index = 0; index < times; index++) {
      try {
        signIn(username, 'wrong', address);
      } catch {}
    }
  };
  return { clock, signIn, guess };
};

test('after five wrong guesses a name has to wait, and each further one is told so', () => {
  const { signIn, guess, clock } = world();
  guess('vpc/gw', HERE, 5);
  assert.throws(() => signIn('vpc/gw', 'wrong', HERE), withCode('too_many'));
  clock.advance(1_000);
  assert.equal(signIn('vpc/gw', 'wrong', HERE), undefined);
});

test('whoever has the right password gets in, however many guess at its name, here or elsewhere', () => {
  const { signIn, guess } = world();
  guess('vpc/gw', HERE, 1_000);
  guess('vpc/gw', '10.0.0.5', 50);
  for (let host = 0; host < 50; host++) guess('vpc/gw', `10.0.1.${host}`, 5);
  for (const address of [HERE, '10.0.0.5', '10.0.9.9']) {
    assert.equal(signIn('vpc/gw', 'right for vpc/gw', address), 'vpc/gw', address);
  }
});

test('guesses at one name leave other names at the address alone, until the address has made thirty', () => {
  const { signIn, guess } = world();
  guess('vpc/gw', HERE, 100);
  assert.equal(signIn('vpc/other', 'wrong', HERE), undefined);
  for (let name = 0; name < 30; name++) guess(`vpc/${name}`, '10.0.0.9');
  assert.throws(() => signIn('vpc/other', 'wrong', '10.0.0.9'), withCode('too_many'));
});

test('guesses at API keys from one address do not keep keys elsewhere waiting', () => {
  const { signIn, guess } = world();
  for (let host = 0; host < 100; host++) guess('api-key', `10.0.2.${host}`, 5);
  assert.equal(signIn('api-key', 'wrong', '10.0.3.1'), undefined);
});

test('what could not be judged does not count as a guess', () => {
  const { signIn } = world();
  for (let index = 0; index < 20; index++) assert.throws(() => signIn('vpc/gw', 'fault', HERE), /no database/);
  assert.equal(signIn('vpc/gw', 'wrong', HERE), undefined);
});
