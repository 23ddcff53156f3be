import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPasswordRule, createPasswords } from '../../../src/accounts/passwords.ts';
import { withCode } from '../../support/errors.ts';

test('a password is hashed with argon2id and the parameters that OWASP asks for, and salted', async () => {
  const passwords = createPasswords();
  const [first, second] = await Promise.all([passwords.hash('Admin@123'), passwords.hash('Admin@123')]);
  assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.notEqual(first, second);
});

test('the right password is accepted and any other is not', async () => {
  const passwords = createPasswords();
  const encoded = await passwords.hash('Admin@123');
  assert.equal(await passwords.verify('Admin@123', encoded), true);
  assert.equal(await passwords.verify('Admin@124', encoded), false);
  assert.equal(await passwords.verify('', encoded), false);
});

test('a hash of another program, with other parameters, is understood', async () => {
  // RFC-style vector of the reference implementation: `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1`
  const encoded = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  assert.equal(await createPasswords().verify('password', encoded), true);
});

test('the same letters typed on another keyboard are the same password', async () => {
  const passwords = createPasswords();
  assert.equal(await passwords.verify('Cafe\u0301-123', await passwords.hash('Caf\u00e9-123')), true);
});

test('checking an unknown user derives a key all the same, and is never true', async () => {
  const passwords = createPasswords();
  const encoded = await passwords.hash('Admin@123');
  const timed = async (target: string | undefined) => {
    const startedAt = performance.now();
    for (let index = 0; index < 5; index += 1) assert.equal(await passwords.verify('wrong-one', target), false);
    return performance.now() - startedAt;
  };
  await timed(encoded);
  const [known, unknown] = [await timed(encoded), await timed(undefined)];
  assert.ok(unknown > known / 3, `unknown ${unknown} ms, known ${known} ms`);
});

test('one more than may wait is refused at once, and the others are served', async () => {
  const passwords = createPasswords({ concurrency: 1, waiting: 2 });
  const served = [1, 2, 3].map(() => passwords.hash('Admin@123'));
  await assert.rejects(passwords.hash('Admin@123'), withCode('busy'));
  assert.equal((await Promise.all(served)).length, 3);
  assert.equal(typeof (await passwords.hash('Admin@123')), 'string');
});

test('a password has 8 to 256 characters, counted as people count them', () => {
  checkPasswordRule('12345678', '/password');
  checkPasswordRule('🔑'.repeat(256), '/password');
  for (const password of ['1234567', '🔑'.repeat(7), 'x'.repeat(257)]) {
    assert.throws(() => checkPasswordRule(password, '/password'), withCode('invalid_input'));
  }
});
