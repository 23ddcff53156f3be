import pino, { type Logger } from 'pino';

export type Log = Logger;

/** Names whose values never reach a log line, wherever they stand in a logged object. */
const SECRET_KEYS = [
  'password',
  'passwordHash',
  'password_hash',
  'token',
  'access_token',
  'refresh_token',
  'secret',
  'private_key',
  'setup_code',
  'authorization',
  'cookie',
];

/**
 * JSON lines on stderr, so that stdout stays the ready line's. The destination is synchronous: the last lines before
 * a crash are the ones that matter.
 */
export function createLog(level: string): Log {
  const redact = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: redact, censor: '[redacted]' },
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
