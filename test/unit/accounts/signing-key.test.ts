import assert from 'node:assert/strict';
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadSigningKey } from '../../../src/accounts/signing-key.ts';
import { silentLog } from '../../support/accounts.ts';
import { temporaryDirectory } from '../../support/control-store.ts';
import { withCode } from '../../support/errors.ts';

const modeOf = (file: string) => statSync(file).mode & 0o777;

test('the key is made once, 32 bytes, for this user alone, and nothing is left beside it', () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'secret.key');
  const key = loadSigningKey(file, silentLog());
  assert.equal(key.length, 32);
  assert.equal(modeOf(file), 0o600);
  assert.deepEqual(loadSigningKey(file, silentLog()), key);
  assert.deepEqual(readdirSync(directory.path), ['secret.key']);
});

test('wider permissions are narrowed', () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'secret.key');
  loadSigningKey(file, silentLog());
  chmodSync(file, 0o644);
  loadSigningKey(file, silentLog());
  assert.equal(modeOf(file), 0o600);
});

test('half a key is refused, not used and not replaced in silence', () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'secret.key');
  writeFileSync(file, 'short');
  assert.throws(() => loadSigningKey(file, silentLog()), withCode('data_dir_unusable'));
});
