import { randomBytes } from 'node:crypto';
import { AppError, systemCode } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { readPrivateFile, writePrivateFile } from '../core/private-file.ts';

const KEY_BYTES = 32;

function createKey(file: string): Buffer {
  const key = randomBytes(KEY_BYTES);
  writePrivateFile(file, key);
  return key;
}

/**
 * The key that signs access tokens: 32 random bytes, made on first start, readable by this user alone. Wider
 * permissions are narrowed and logged.
 *
 * @throws {AppError} `data_dir_unusable` when the file cannot be read or made, or is not a key
 */
export function loadSigningKey(file: string, log: Log): Buffer {
  try {
    const key = readPrivateFile(file, log);
    if (key.length === KEY_BYTES) return key;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return createKey(file);
    throw new AppError(
      'data_dir_unusable',
      `cannot read the signing key ${file} (${systemCode(error)}): give this user the right to read it`,
      { cause: error },
    );
  }
  throw new AppError(
    'data_dir_unusable',
    `${file} is not a signing key of ${KEY_BYTES} bytes: remove it, a new one is made at start and everybody signs in again`,
  );
}
