import { hashSecret, newId, newSecret } from '../core/ids.ts';

/** A secret in a link that works once: shown when it is made, of which only the hash is kept. */
export interface Link {
  readonly token: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

export const INVITE_LIFE_MS = 48 * 3_600_000;
export const RESET_LIFE_MS = 24 * 3_600_000;

/** A new link and the hash to be kept of it. Times: epoch ms. */
export function newLink(now: number, lifeMs: number): Link & { readonly id: string; readonly hash: string } {
  const token = newSecret();
  return { id: newId(), token, hash: hashSecret(token), expiresAt: now + lifeMs };
}
