import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Store } from '../store/store.ts';
import { type ApiKeys, createApiKeys } from './api-keys.ts';
import { createDeviceCredentials, type DeviceCredentials } from './credentials.ts';
import { type Factories, openFactories } from './factories.ts';
import { createInvites, type Invites } from './invites.ts';
import { createFactoryLimits, type FactoryLimits, type Limits } from './limits.ts';
import { createLogins, type Logins } from './logins.ts';
import { createMembers, type Members } from './members.ts';
import { createOwnSessions, type OwnSessions } from './own-sessions.ts';
import { createPasswordResets, type PasswordResets } from './password-resets.ts';
import { createPasswords } from './passwords.ts';
import { createProfiles, type Profiles } from './profiles.ts';
import { createSecondFactors, type SecondFactors } from './second-factors.ts';
import { seedAccounts } from './seed.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createSetup, type Setup } from './setup.ts';
import { loadSigningKey } from './signing-key.ts';
import { createAccessTokens } from './tokens.ts';
import { createUsers, type Users } from './users.ts';
import { createVault } from './vault.ts';

export { type ApiKey, KEY_PREFIX, KEY_USERNAME } from './api-keys.ts';
export {
  CREDENTIAL_NAME_PATTERN,
  type CredentialEnd,
  type DeviceCredential,
  type DeviceIdentity,
  type SimulatorGrant,
} from './credentials.ts';
export {
  type CertificateRefusal,
  createDeviceCertificates,
  type DeviceCertificate,
  type DeviceCertificates,
} from './device-certificates.ts';
export { type SignIn, throttleSignIns } from './device-throttle.ts';
export {
  DEMO_FACTORY,
  type Factories,
  type Factory,
  isTimezone,
  machineTimezone,
  SLUG_PATTERN,
  UNITS,
} from './factories.ts';
export {
  type Caller,
  type FactoryAccess,
  type Identity,
  type KeyIdentity,
  LANGUAGES,
  type Person,
  THEMES,
} from './identity.ts';
export type { Invite, OpenedInvite } from './invites.ts';
export { signInFaults } from './known-usernames.ts';
export type { FactoryLimits, Limits } from './limits.ts';
export type { Link } from './links.ts';
export type { Login } from './logins.ts';
export type { Member } from './members.ts';
export type { OwnSession } from './own-sessions.ts';
export { allows, KEY_PERMISSIONS, type Needed, PERMISSIONS, type Permission, ROLES, type Role } from './roles.ts';
export { SEED } from './seed.ts';
export type { Visitor } from './session-rows.ts';
export type { AccessGrant, SignedIn } from './sessions.ts';
export { loadSigningKey } from './signing-key.ts';
export { addressesWithPublicPassword } from './users.ts';
export { createVault } from './vault.ts';

/** People, factories and devices: who they are, and what they may do. */
export interface Accounts {
  readonly factories: Factories;
  readonly sessions: Sessions;
  readonly deviceCredentials: DeviceCredentials;
  readonly apiKeys: ApiKeys;
  readonly invites: Invites;
  readonly limits: FactoryLimits;
  readonly logins: Logins;
  readonly members: Members;
  readonly ownSessions: OwnSessions;
  readonly passwordResets: PasswordResets;
  readonly profiles: Profiles;
  readonly secondFactors: SecondFactors;
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
  /** Of every factory that has none of its own. */
  readonly limits: Limits;
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
  const key = loadSigningKey(secretKeyFile, log);
  const tokens = createAccessTokens(key, clock, config.access_token_s);
  const secondFactors = createSecondFactors(store, clock, createVault(key));
  const refreshLifeS = config.refresh_token_s;
  const sessions = createSessions({ store, clock, factories, passwords, tokens, secondFactors, refreshLifeS });
  return {
    factories,
    sessions,
    secondFactors,
    apiKeys: createApiKeys(store, clock, factories),
    deviceCredentials: createDeviceCredentials(store, clock, factories),
    invites: createInvites({ store, clock, factories, passwords, sessions }),
    limits: createFactoryLimits(store, factories, deps.limits),
    logins: createLogins(store, clock, factories),
    members: createMembers(store),
    ownSessions: createOwnSessions(store, clock),
    passwordResets: createPasswordResets(store, clock, passwords, factories),
    profiles: createProfiles(store),
    setup: createSetup({ store, clock, factories, passwords, codeLifeS: config.setup_code_s }),
    users: createUsers(store, clock, passwords),
    seed: (options) => seedAccounts({ store, clock, factories, passwords }, options),
  };
}
