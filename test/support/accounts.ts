import { join } from 'node:path';
import { type Accounts, openAccounts, type Visitor } from '../../src/accounts/accounts.ts';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { createLog } from '../../src/core/log.ts';
import { controlStore } from './control-store.ts';

/** A clock that stands until it is moved. */
export function fakeClock(startMs = Date.UTC(2027, 0, 1)): { now: () => number; advance: (ms: number) => void } {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

/** Defaults of the configuration, with no file and no environment. */
export const defaultConfig = (flags: Record<string, unknown> = {}): Config => loadConfig({ flags });

export const silentLog = () => createLog('silent');

/** Accounts on a control database of their own, with a fake clock. */
export function testAccounts() {
  const control = controlStore();
  const clock = fakeClock();
  const secretKeyFile = join(control.directory, 'secret.key');
  const open = (): Accounts =>
    openAccounts({
      store: control.store,
      config: defaultConfig().accounts,
      limits: { devices: 2_000, requestsPerS: 300, streams: 50, heavyQueries: 32 },
      clock,
      log: silentLog(),
      secretKeyFile,
    });
  return {
    ...control,
    clock,
    secretKeyFile,
    accounts: open(),
    /** Opens them again, as a restart does. */
    reopen: open,
    [Symbol.dispose]: () => control[Symbol.dispose](),
  };
}

/** Somebody at the appliance itself. */
export const HERE: Visitor = { address: '127.0.0.1', userAgent: 'test' };

export const OWNER = { email: 'owner@example.com', password: 'correct horse' } as const;

/** The owner, the factory `north` and the session of a fresh sign-in. */
export async function setUpOwner(accounts: Accounts) {
  await accounts.setup.run({ ...OWNER, factoryName: 'North', factorySlug: 'north', timezone: 'Europe/Berlin' });
  return accounts.sessions.signIn(OWNER.email, { password: OWNER.password }, HERE);
}
