import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Store } from '../store/store.ts';
import { createDeviceCredentials, type DeviceCredentials } from './credentials.ts';
import { type Factories, openFactories } from './factories.ts';
import { createPasswords } from './passwords.ts';
import { seedAccounts } from './seed.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createSetup, type Setup } from './setup.ts';
import { loadSigningKey } from './signing-key.ts';
import { createAccessTokens } from './tokens.ts';
import { createUsers, type Users } from './users.ts';

export {
  CREDENTIAL_NAME_PATTERN,
  type DeviceCredential,
  type DeviceIdentity,
  type DeviceKeys,
  type SimulatorGrant,
} from './credentials.ts';
export { DEMO_FACTORY, type Factories, type Factory, isTimezone, machineTimezone, SLUG_PATTERN } from './factories.ts';
export type { FactoryAccess, Identity } from './identity.ts';
export { type Role, roleIncludes } from './roles.ts';
export { SEED } from './seed.ts';
export type { AccessGrant, SignedIn } from './sessions.ts';
export { addressesWithPublicPassword } from './users.ts';

/** People, factories and devices: who they are, and what they may do. */
export interface Accounts {
  readonly factories: Factories;
  readonly sessions: Sessions;
  readonly deviceCredentials: DeviceCredentials;
  readonly setup: Setup;
  readonly users: Users;
  /**
   * Makes what is missing of the demo's factory and super admin; false when nothing was. With `isDemo` the appliance
   * simulates its machines from then on.
   *
   * @throws {AppError} `busy`
   */
  seed(options?: { isDemo: boolean }): Promise<boolean>;
}

export interface AccountsDeps {
  readonly store: Store;
  readonly config: Config['accounts'];
  readonly clock: Clock;
  readonly log: Log;
  /** The file of the signing key, `<data-dir>/secret.key`. */
  readonly secretKeyFile: string;
}

/**
 * Reads the factories and the signing key (made on first start), and makes a setup code when there is no user yet.
 *
 * @throws {AppError} `data_dir_unusable` when the signing key cannot be read or made
 */
export function openAccounts(deps: AccountsDeps): Accounts {
  const { store, config, clock, log, secretKeyFile } = deps;
  const passwords = createPasswords();
  const factories = openFactories(store, clock);
  const tokens = createAccessTokens(loadSigningKey(secretKeyFile, log), clock, config.access_token_s);
  return {
    factories,
    sessions: createSessions({ store, clock, factories, passwords, tokens, refreshLifeS: config.refresh_token_s }),
    deviceCredentials: createDeviceCredentials(store, clock, factories),
    setup: createSetup({ store, clock, factories, passwords, codeLifeS: config.setup_code_s }),
    users: createUsers(store, clock, passwords),
    seed: (options) => seedAccounts({ store, clock, factories, passwords }, options),
  };
}
