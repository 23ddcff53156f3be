import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { AppError } from '../core/errors.ts';

/** OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, two passes, one lane. */
const COST = { memoryKib: 19_456, passes: 2, lanes: 1 } as const;
const SALT_BYTES = 16;
const TAG_BYTES = 32;
const SHORTEST = 8;
const LONGEST = 256;

/** The PHC string format: `$argon2id$v=19$m=…,t=…,p=…$salt$tag`, base64 without padding. */
const ENCODED = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Stands in for the hash of a user that does not exist, so that the answer takes as long. It matches nothing. */
const NOBODY = encode(Buffer.alloc(SALT_BYTES), Buffer.alloc(TAG_BYTES));

/** Hashing and checking of passwords that people choose, off the main thread and bounded. */
export interface Passwords {
  /** @throws {AppError} `busy` when too many are waiting */
  hash(password: string): Promise<string>;
  /**
   * Takes the same time for an unknown user (`encoded` undefined, never true) as for a known one.
   *
   * @throws {AppError} `busy` when too many are waiting
   */
  verify(password: string, encoded: string | undefined): Promise<boolean>;
}

/**
 * @throws {AppError} `invalid_input` with `pointer` when the password is shorter than 8 or longer than 256 characters
 */
export function checkPasswordRule(password: string, pointer: string): void {
  const { length } = [...password];
  if (length >= SHORTEST && length <= LONGEST) return;
  const message = `a password has ${SHORTEST} to ${LONGEST} characters`;
  throw new AppError('invalid_input', message, { faults: [{ pointer, message }] });
}

function encode(salt: Buffer, tag: Buffer): string {
  const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=${COST.memoryKib},t=${COST.passes},p=${COST.lanes}$${text(salt)}$${text(tag)}`;
}

const derive = (parameters: Argon2Parameters): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, tag) => (error ? reject(error) : resolve(tag)));
  });

/** Runs at most `concurrency` tasks at once and keeps at most `waiting` more; one more is refused. */
function createGate(concurrency: number, waiting: number): <T>(task: () => Promise<T>) => Promise<T> {
  const queue: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running >= concurrency) {
      if (queue.length >= waiting) throw new AppError('busy', 'too many sign-ins at once: try again in a few seconds');
      await new Promise<void>((resolve) => queue.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await task();
    } finally {
      // The place is handed to the next in line, or given up.
      const next = queue.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/** Each hash takes 19 MiB and a thread of libuv's pool: two at once, twenty waiting. */
export function createPasswords(options: { concurrency?: number; waiting?: number } = {}): Passwords {
  const gate = createGate(options.concurrency ?? 2, options.waiting ?? 20);
  const message = (password: string) => Buffer.from(password.normalize('NFKC'));

  return {
    hash: (password) =>
      gate(async () => {
        const nonce = randomBytes(SALT_BYTES);
        const { memoryKib: memory, passes, lanes: parallelism } = COST;
        const tag = await derive({
          message: message(password),
          nonce,
          memory,
          passes,
          parallelism,
          tagLength: TAG_BYTES,
        });
        return encode(nonce, tag);
      }),

    verify: (password, encoded) =>
      gate(async () => {
        const [, memory, passes, parallelism, salt, tag] = ENCODED.exec(encoded ?? NOBODY) ?? [];
        if (salt === undefined || tag === undefined) throw new Error('a stored password hash cannot be read');
        const expected = Buffer.from(tag, 'base64');
        const actual = await derive({
          message: message(password),
          nonce: Buffer.from(salt, 'base64'),
          memory: Number(memory),
          passes: Number(passes),
          parallelism: Number(parallelism),
          tagLength: expected.length,
        });
        return timingSafeEqual(actual, expected) && encoded !== undefined;
      }),
  };
}
