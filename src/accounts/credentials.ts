import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import { AppError, type Fault, systemCode } from '../core/errors.ts';
import { hashSecret, newId, newSecret } from '../core/ids.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Store } from '../store/store.ts';
import type { Factories } from './factories.ts';

/** The name of a credential, and so the second half of its MQTT user name. */
export const CREDENTIAL_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const DEVICE_KEY_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;
const MAX_DEVICES = 1_000;

/** Devices that a credential speaks for: their keys, or all of the factory. */
export type DeviceKeys = readonly string[] | '*';

export interface DeviceCredential {
  readonly id: string;
  readonly name: string;
  /** `{factory slug}/{name}`: the MQTT user name. */
  readonly username: string;
  readonly deviceKeys: DeviceKeys;
  readonly createdAt: number;
}

/** Who a connected device is, and for which devices it may speak. */
export interface DeviceIdentity {
  readonly scope: FactoryScope;
  readonly credentialId: string;
  readonly name: string;
  readonly deviceKeys: DeviceKeys;
}

/** A way in for the simulator of a demo factory: in memory alone, for as long as it runs. */
export interface SimulatorGrant {
  readonly username: string;
  readonly password: string;
  /** Takes it back and ends its connections. */
  revoke(): void;
}

/** No credential can have this name. */
const SIMULATOR_NAME = '~simulator';

/** Page of a list: at most `limit` rows with a name after `after`. */
export interface CredentialPage {
  readonly limit: number;
  readonly after: string | undefined;
}

export interface DeviceCredentials {
  /**
   * Makes a credential; the password is returned here and never again.
   *
   * @param credential.devices - device keys, or `["*"]`
   * @throws {AppError} `invalid_input`, `conflict` when the name is taken
   */
  create(
    scope: FactoryScope,
    credential: { name: string; devices: readonly string[] },
  ): { credential: DeviceCredential; password: string };
  /** By name. */
  list(scope: FactoryScope, page: CredentialPage): readonly DeviceCredential[];
  /** @throws {AppError} `not_found` */
  remove(scope: FactoryScope, id: string): void;
  /** Synchronous and constant in time; undefined for an unknown name and a wrong password alike. */
  authenticate(username: string, password: string): DeviceIdentity | undefined;
  /** Lets the simulator speak for every device of a factory, until revoked or the end of the process. */
  grantSimulator(scope: FactoryScope): SimulatorGrant;
  /** Calls `listener` with the id of each removed credential, so that its connections can be ended. Returns the undo. */
  onRemoved(listener: (credentialId: string) => void): () => void;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly device_keys: string;
  readonly created_at: number;
}

const NOBODY = hashSecret(newSecret());

const parseKeys = (json: string): DeviceKeys => {
  const keys = JSON.parse(json) as string[];
  return keys[0] === '*' ? '*' : keys;
};

const toCredential = (row: Row): DeviceCredential => ({
  id: row.id,
  name: row.name,
  username: row.username,
  deviceKeys: parseKeys(row.device_keys),
  createdAt: row.created_at,
});

function check(name: string, devices: readonly string[]): void {
  const faults: Fault[] = [];
  if (!CREDENTIAL_NAME_PATTERN.test(name)) {
    faults.push({
      pointer: '/name',
      message: 'a name has 1 to 64 of A-Z a-z 0-9 . _ - and starts with one of the first',
    });
  }
  const isEverything = devices.length === 1 && devices[0] === '*';
  if (!isEverything) {
    if (devices.length < 1 || devices.length > MAX_DEVICES) {
      faults.push({ pointer: '/devices', message: `name 1 to ${MAX_DEVICES} devices, or ["*"] for all` });
    }
    devices.forEach((key, index) => {
      if (DEVICE_KEY_PATTERN.test(key)) return;
      faults.push({ pointer: `/devices/${index}`, message: 'a device key has 1 to 64 of A-Z a-z 0-9 . _ -' });
    });
  }
  if (faults.length > 0) throw new AppError('invalid_input', 'the credential is not valid', { faults });
}

export function createDeviceCredentials(store: Store, clock: Clock, factories: Factories): DeviceCredentials {
  const listeners = new Set<(credentialId: string) => void>();
  const granted = new Map<string, { passwordHash: string; identity: DeviceIdentity }>();
  const isSecret = (password: string, hash: string) =>
    timingSafeEqual(Buffer.from(hashSecret(password)), Buffer.from(hash));

  return {
    create: (scope, { name, devices }) => {
      check(name, devices);
      const password = newSecret();
      const deviceKeys = [...new Set(devices)];
      const row = {
        id: newId(),
        name,
        username: `${scope.slug}/${name}`,
        device_keys: JSON.stringify(deviceKeys),
        created_at: clock.now(),
      };
      try {
        store.write(scope, (sql) =>
          sql.run(
            `insert into main.device_credentials
               (factory_id, id, name, username, password_hash, device_keys, created_at)
             values (?, ?, ?, ?, ?, ?, ?)`,
            scope.factoryId,
            row.id,
            row.name,
            row.username,
            hashSecret(password),
            row.device_keys,
            row.created_at,
          ),
        );
      } catch (error) {
        if (systemCode(error) !== 'SQLITE_CONSTRAINT_UNIQUE') throw error;
        throw new AppError('conflict', `there is a credential named ${name} already: choose another name`, {
          faults: [{ pointer: '/name', message: 'taken' }],
          cause: error,
        });
      }
      return { credential: toCredential(row), password };
    },

    list: (scope, { limit, after }) =>
      store
        .read(scope, (sql) =>
          sql.all<Row>(
            `select id, name, username, device_keys, created_at from device_credentials
             where name > ? order by name limit ?`,
            after ?? '',
            limit,
          ),
        )
        .map(toCredential),

    remove: (scope, id) => {
      const removed = store.write(scope, (sql) =>
        sql.run('delete from main.device_credentials where factory_id = ? and id = ?', scope.factoryId, id),
      );
      if (removed === 0) throw new AppError('not_found', 'not found');
      for (const listener of listeners) listener(id);
    },

    authenticate: (username, password) => {
      const grant = granted.get(username);
      if (grant !== undefined) return isSecret(password, grant.passwordHash) ? grant.identity : undefined;
      const row = store.systemRead('authenticate device', (sql) =>
        sql.get<{ factory_id: number; id: string; name: string; password_hash: string; device_keys: string }>(
          'select factory_id, id, name, password_hash, device_keys from device_credentials where username = ?',
          username,
        ),
      );
      const isRight = isSecret(password, row?.password_hash ?? NOBODY);
      const scope = row && factories.byNumber(row.factory_id)?.scope;
      if (!isRight || row === undefined || scope === undefined) return undefined;
      return { scope, credentialId: row.id, name: row.name, deviceKeys: parseKeys(row.device_keys) };
    },

    grantSimulator: (scope) => {
      const username = `${scope.slug}/${SIMULATOR_NAME}`;
      const password = newSecret();
      const identity = { scope, credentialId: newId(), name: SIMULATOR_NAME, deviceKeys: '*' as const };
      const grant = { passwordHash: hashSecret(password), identity };
      granted.set(username, grant);
      return {
        username,
        password,
        revoke: () => {
          // A factory of the same slug may have a simulator of its own by now.
          if (granted.get(username) === grant) granted.delete(username);
          for (const listener of listeners) listener(identity.credentialId);
        },
      };
    },

    onRemoved: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
