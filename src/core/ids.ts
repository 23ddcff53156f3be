import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';

/** A new UUID (version 4), the form of every id outside. */
export const newId = (): string => randomUUID();

/**
 * A new UUID that sorts by time (version 7; RFC 9562, 5.7): for rows that come in great numbers, whose index then grows at
 * its end, and not all over.
 *
 * @param now - epoch ms
 */
export function newOrderedId(now: number): string {
  const random = newId();
  const time = Math.max(0, now).toString(16).padStart(12, '0').slice(-12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
}

/** A secret of 256 random bits, base64url: safe to keep as a plain hash, because it cannot be guessed. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** SHA-256 of a high-entropy secret. Passwords that people choose go through `accounts/passwords` instead. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/** Letters and digits that cannot be taken for one another when read aloud or copied by hand. */
const READABLE = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';

/** A code to be typed by a person: groups of four readable characters, e.g. `K7QF-2MXA` (5 bits a character). */
export function newReadableCode(groups: number): string {
  const group = () => Array.from({ length: 4 }, () => READABLE[randomInt(READABLE.length)]).join('');
  return Array.from({ length: groups }, group).join('-');
}
