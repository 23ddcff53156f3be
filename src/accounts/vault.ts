import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '../core/errors.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Keeps secrets that have to be read again, such as those of second factors, unreadable in the database alone. */
export interface Vault {
  /** `purpose` belongs to the secret: what is sealed for one cannot be opened for another. */
  seal(secret: string, purpose: string): string;
  /** @throws {AppError} `unavailable` when the appliance's key is another one by now, or what is sealed was changed */
  open(sealed: string, purpose: string): string;
}

/** @param key - the appliance's own, of which another is derived (RFC 5869): one key, one use */
export function createVault(key: Uint8Array): Vault {
  const own = Buffer.from(hkdfSync('sha256', key, '', 'factoryops vault', 32));
  return {
    seal: (secret, purpose) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, own, nonce).setAAD(Buffer.from(purpose));
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url');
    },
    open: (sealed, purpose) => {
      const bytes = Buffer.from(sealed, 'base64url');
      try {
        const decipher = createDecipheriv(CIPHER, own, bytes.subarray(0, NONCE_BYTES))
          .setAAD(Buffer.from(purpose))
          .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      } catch (error) {
        const message =
          'a stored secret cannot be read: the key of the appliance has changed, so it has to be set anew';
        throw new AppError('unavailable', message, { cause: error });
      }
    },
  };
}
