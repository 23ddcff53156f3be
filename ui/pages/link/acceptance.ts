import type { ApiError } from '../../api/client.ts';
import { text } from '../../text/links.ts';

export const MIN_PASSWORD_LENGTH = 8;

/** What is typed to come in. */
export interface Acceptance {
  /** Of a new login. */
  readonly name: string;
  readonly password: string;
  /** Of a second factor; undefined until it is asked for. */
  readonly code: string | undefined;
}

/** What is wrong with each field, and with the whole. */
export interface Faults {
  readonly name?: string | undefined;
  readonly password?: string | undefined;
  readonly code?: string | undefined;
  readonly whole?: string | undefined;
}

/** What can be said before the API is asked; empty when there is nothing. */
export const acceptanceFaults = ({ name, password, code }: Acceptance, isNew: boolean): Faults => ({
  ...(isNew && name.trim() === '' && { name: text.nameMissing }),
  ...(isNew && password.length < MIN_PASSWORD_LENGTH && { password: text.passwordShort }),
  ...(!isNew && password === '' && { password: text.passwordMissing }),
  ...(code !== undefined && code.trim() === '' && { code: text.codeMissing }),
});

/** What the API has said, at the field that it is about. */
export function refusalFaults(error: ApiError, hasCode: boolean): Faults {
  if (error.code === 'unauthenticated') return hasCode ? { code: error.message } : { password: text.wrongPassword };
  const [name, password] = [error.faultOf('name'), error.faultOf('password')];
  return name === undefined && password === undefined ? { whole: error.message } : { name, password };
}
