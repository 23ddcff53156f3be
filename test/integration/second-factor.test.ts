import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { SEED } from '../../src/accounts/accounts.ts';
import { openDatabase } from '../../src/store/sqlite.ts';
import { fakeClock } from '../support/accounts.ts';
import { type Person, personWith, type RunningAppliance, signIn, startAppliance } from '../support/appliance.ts';
import { join } from '../support/isolation-world.ts';

const STEP_MS = 30_000;

interface Factor {
  readonly clock: ReturnType<typeof fakeClock>;
  readonly running: RunningAppliance;
  readonly owner: Person;
  /** What the authenticator app shows now. */
  code(): string;
  login(code?: string): Promise<{ status: number; type: string }>;
  readonly recovery: readonly string[];
  readonly secret: string;
}

async function withSecondFactor(): Promise<Factor & AsyncDisposable> {
  const clock = fakeClock(Math.floor(Date.now() / STEP_MS) * STEP_MS);
  const running = await startAppliance({ clock });
  const owner = await running.signIn();
  const { status, body } = await owner.call('POST', '/profile/second-factor', { current_password: SEED.password });
  assert.equal(status, 200);
  const totp = new TOTP({ secret: Secret.fromBase32(body.secret) });
  assert.match(body.uri, /^otpauth:\/\/totp\/FactoryOps:/);
  const code = () => totp.generate({ timestamp: clock.now() });
  const wrong = await owner.call('POST', '/profile/second-factor/confirm', { code: '000000' });
  assert.equal(wrong.status, 422);
  const confirmed = await owner.call('POST', '/profile/second-factor/confirm', { code: code() });
  assert.equal(confirmed.status, 200);
  const login = async (given?: string) => {
    const credentials = { email: SEED.email, password: SEED.password, ...(given === undefined ? {} : { code: given }) };
    const answer = await personWith(running.ready.http, '').call('POST', '/auth/login', credentials);
    return { status: answer.status, type: answer.body.type };
  };
  return {
    clock,
    running,
    owner,
    code,
    login,
    recovery: confirmed.body.recovery_codes,
    secret: body.secret,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

test('with a second factor the password alone opens nothing; a code works, and works once', async () => {
  await using factor = await withSecondFactor();
  const { clock, code, login, owner } = factor;
  assert.equal((await owner.get('/auth/me')).user.has_second_factor, true);
  assert.deepEqual(await login(), { status: 401, type: 'urn:factoryops:problem:second_factor_required' });
  assert.equal((await login(code())).status, 401, 'the code that confirmed it is used up');
  clock.advance(STEP_MS);
  const next = code();
  assert.equal((await login(next)).status, 200);
  assert.equal((await login(next)).status, 401);
  clock.advance(STEP_MS);
  assert.equal((await login('123456')).type, 'urn:factoryops:problem:unauthenticated');
  assert.equal((await login(code())).status, 200);
});

test('a code of the step before counts, an older one does not', async () => {
  await using factor = await withSecondFactor();
  const { clock, code, login } = factor;
  clock.advance(STEP_MS);
  const shown = code();
  clock.advance(STEP_MS);
  assert.equal((await login(shown)).status, 200);
  clock.advance(STEP_MS);
  const old = code();
  clock.advance(3 * STEP_MS);
  assert.equal((await login(old)).status, 401);
});

test('a recovery code stands in for the telephone, as people type it, once', async () => {
  await using factor = await withSecondFactor();
  assert.equal(factor.recovery.length, 10);
  const [first = ''] = factor.recovery;
  assert.equal((await factor.login(first.toLowerCase().replaceAll('-', ' '))).status, 200);
  assert.equal((await factor.login(first)).status, 401);
});

test('codes cannot be tried out: they count as guesses at the password do', async () => {
  await using factor = await withSecondFactor();
  const statuses = [];
  for (let guess = 0; guess < 8; guess++) statuses.push((await factor.login(`00000${guess}`)).status);
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429, 429, 429]);
});

test('neither the secret nor a recovery code can be read in the database', async () => {
  await using factor = await withSecondFactor();
  const db = openDatabase(`${factor.running.config.data_dir}/control.db`, { readonly: true });
  const rows = JSON.stringify(
    ['second_factors', 'recovery_codes'].map((table) => db.prepare(`select * from ${table}`).all()),
  );
  db.close();
  assert.ok(!rows.includes(factor.secret));
  for (const code of factor.recovery) assert.ok(!rows.includes(code) && !rows.includes(code.replaceAll('-', '')));
});

test('it is turned off with the password; one that was only begun does not count', async () => {
  await using factor = await withSecondFactor();
  const { owner, login } = factor;
  const off = (password: string) => owner.call('POST', '/profile/second-factor/remove', { current_password: password });
  assert.equal((await off('wrong password')).status, 422);
  assert.equal((await off(SEED.password)).status, 204);
  assert.equal((await login()).status, 200);
  const { body } = await owner.call('POST', '/profile/second-factor', { current_password: SEED.password });
  assert.notEqual(body.secret, factor.secret);
  assert.equal((await login()).status, 200, 'it does not count before it is confirmed');
});

test('an owner takes it from somebody whose telephone is gone, and their sessions end', async () => {
  await using factor = await withSecondFactor();
  const { running, owner, login } = factor;
  const { id: otherId, token } = await join(running.ready.http, owner, 'other@x.example', { role: 'viewer' });
  const { id } = (await owner.get('/auth/me')).user;
  const off = (person: Person) => person.call('DELETE', `/logins/${id}/second-factor`);
  assert.equal((await off(personWith(running.ready.http, token))).status, 403);
  assert.equal((await off(owner)).status, 409, 'one’s own goes with the password alone');
  await owner.call('PATCH', `/logins/${otherId}`, { is_super_admin: true });
  const other = await signIn(running.ready.http, 'other@x.example', 'correct horse battery');
  assert.equal((await off(other)).body.has_second_factor, false);
  assert.equal((await owner.call('GET', '/auth/me')).status, 401);
  assert.equal((await login()).status, 200);
});

test('a code that was used while the clock was ahead does not keep its owner out', async () => {
  await using factor = await withSecondFactor();
  const { clock, code, login } = factor;
  clock.advance(40 * 86_400_000);
  assert.equal((await login(code())).status, 200);
  clock.advance(-40 * 86_400_000 + STEP_MS);
  assert.equal((await login(code())).status, 200);
});
