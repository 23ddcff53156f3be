import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { useResource } from '../../state/resource.ts';
import { phase } from '../../state/session.ts';

/** A restart or somebody else's setup is noticed within this time. */
const EVERY_MS = 3_000;

export interface SetupWatch {
  /** Epoch ms; null when the code has expired. */
  readonly codeExpiresAt: number | null;
  /** The zone of the machine. */
  readonly timezone: string;
  /** The code that was checked is still the one that works. */
  readonly isCodeGood: boolean;
  /** There was a good code, and the appliance has made another one since. */
  readonly isCodeRenewed: boolean;
  readonly isOffline: boolean;
  /** Somebody has finished the setup. */
  readonly isTaken: boolean;
  /** Asks the appliance about a code. @throws {ApiError} */
  check(code: string): Promise<void>;
  /** The code is to be asked for again. */
  distrust(): void;
  /** Looks at once. */
  look(): void;
}

/**
 * Watches over the appliance while its wizard is filled in: codes expire, and each start makes a new one. Codes are told
 * apart by the moment they expire, for the code itself is never sent out.
 */
export function useSetupState(): SetupWatch {
  const { data, error, reload, set } = useResource('setup', (signal) => call('GET /setup', { signal }), {
    everyMs: EVERY_MS,
  });
  const [checkedUntil, setCheckedUntil] = useState<string | null>(null);
  const atFirst = phase.value.name === 'setup' ? phase.value.setup : undefined;
  const { code_expires_at: until = null, timezone = 'UTC' } = data ?? atFirst ?? {};
  return {
    codeExpiresAt: until === null ? null : Date.parse(until),
    timezone,
    isCodeGood: checkedUntil !== null && checkedUntil === until,
    isCodeRenewed: checkedUntil !== null && until !== null && checkedUntil !== until,
    isOffline: error?.code === 'offline',
    isTaken: error?.status === 404,
    check: async (code) => {
      await call('POST /setup/check-code', { body: { setup_code: code } });
      const state = await call('GET /setup');
      set(state);
      setCheckedUntil(state.code_expires_at);
    },
    distrust: () => setCheckedUntil(null),
    look: reload,
  };
}
