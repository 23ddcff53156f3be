import type { Caller } from '../accounts/accounts.ts';

/** What people call whoever asks. */
export const callerName = (caller: Caller): string =>
  'keyId' in caller ? `${caller.keyName} (API key of ${caller.email})` : caller.name || caller.email;
