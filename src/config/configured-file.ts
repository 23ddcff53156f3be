import { readFileSync } from 'node:fs';
import { AppError, systemCode } from '../core/errors.ts';

/**
 * Reads a text file that the configuration names.
 *
 * @param key - of the configuration, such as `tls.cert_file`
 * @throws {AppError} `config_invalid`, with the file and what to do
 */
export function readConfiguredFile(key: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const message = `cannot read ${file} (${systemCode(error)}): see who may read it, or correct ${key}`;
    throw new AppError('config_invalid', message, { cause: error });
  }
}
