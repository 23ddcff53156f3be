import { AppError, systemCode } from '../core/errors.ts';
import type { BrokerTarget } from './publisher.ts';

/** CONNACK return codes of MQTT 3.1.1, table 3.1. */
const UNACCEPTABLE_PROTOCOL = 1;
const IDENTIFIER_REJECTED = 2;
const SERVER_UNAVAILABLE = 3;
const BAD_USERNAME_OR_PASSWORD = 4;
const NOT_AUTHORIZED = 5;

/** The return code of a refused CONNECT, or undefined for any other error. */
function returnCodeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'number' ? error.code : undefined;
}

/** The error for a CONNACK that will not change by trying again, or undefined when it might. */
export function credentialsRefused({ url, username }: BrokerTarget, error: unknown): AppError | undefined {
  switch (returnCodeOf(error)) {
    case BAD_USERNAME_OR_PASSWORD:
      return new AppError(
        'unauthenticated',
        username === undefined
          ? `the broker at ${url} wants a username and a password: give --username and --password-file`
          : `the broker at ${url} refuses the password of "${username}": check --username and --password-file`,
        { cause: error },
      );
    case NOT_AUTHORIZED:
      return new AppError(
        'forbidden',
        username === undefined
          ? `the broker at ${url} takes nobody without a credential: give --username and --password-file`
          : `the broker at ${url} does not let "${username}" in: check its rights`,
        { cause: error },
      );
    case UNACCEPTABLE_PROTOCOL:
    case IDENTIFIER_REJECTED:
      return new AppError(
        'unavailable',
        `the broker at ${url} does not accept MQTT 3.1.1 clients: use another broker`,
        {
          cause: error,
        },
      );
    default:
      return undefined;
  }
}

/** The error for a broker that cannot be reached, or that closes the connection before its CONNACK. */
export function connectionRefused(target: BrokerTarget, error: unknown): AppError {
  const refusal = credentialsRefused(target, error);
  if (refusal !== undefined) return refusal;
  const { url } = target;
  if (returnCodeOf(error) === SERVER_UNAVAILABLE) {
    return new AppError('unavailable', `the broker at ${url} is up but cannot store anything now: see its log`, {
      cause: error,
    });
  }
  const reason = systemCode(error) ?? (error instanceof Error && error.message !== '' ? error.message : 'no answer');
  return new AppError('unavailable', `cannot connect to ${url} (${reason}): start the broker, or check --url`, {
    cause: error,
  });
}

/** The error for a broker that accepts the connection and closes it again and again, acknowledging nothing. */
export function keepsClosing({ url, factorySlug, username }: BrokerTarget): AppError {
  const who = username === undefined ? 'without a credential' : `as "${username}"`;
  return new AppError(
    'forbidden',
    `the broker at ${url} closes the connection at each message: publishing ${who} for the factory "${factorySlug}" ` +
      'does not seem to be allowed; check --factory and --username',
  );
}
