import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import { DEVICE_KEY_PATTERN, type DeviceKeys } from '../core/device-keys.ts';
import { AppError, type Fault, systemCode } from '../core/errors.ts';
import { hashSecret, newId, newSecret } from '../core/ids.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Sql, Store } from '../store/store.ts';
import type { Factories } from './factories.ts';

/** The name of a credential, and so the second half of its MQTT user name. */
export const CREDENTIAL_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const MAX_DEVICES = 1_000;
/** Of a factory. */
const MAX_CREDENTIALS = 5_000;
const MAX_OVERLAP_S = 2_592_000;
/** The last use is written at most so often (ms), and when so many wait, or somebody looks. */
const [USE_WRITTEN_MS, MAX_UNWRITTEN] = [60_000, 1_000];

export interface DeviceCredential {
  readonly id: string;
  readonly name: string;
  /** `{factory slug}/{name}`: the MQTT user name. */
  readonly username: string;
  readonly deviceKeys: DeviceKeys;
  readonly createdAt: number;
  readonly rotatedAt: number | null;
  /** Until when the password before the newest is taken too; null when it is not. */
  readonly oldValidUntil: number | null;
  /** When it last signed in, to the minute. */
  readonly usedAt: number | null;
}

/** A credential with its password, which is seen this once. */
export interface FreshCredential {
  readonly credential: DeviceCredential;
  readonly password: string;
}

/** Who a connected device is, and for which devices it may speak. */
export interface DeviceIdentity {
  readonly scope: FactoryScope;
  readonly credentialId: string;
  readonly name: string;
  readonly deviceKeys: DeviceKeys;
  /** Asked now and then: the password that it has signed in with may have been changed, and its time be over. */
  readonly isStillAllowed?: () => boolean;
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
   * @param credential.devices - device keys, patterns of them with `*`, or `["*"]`
   * @throws {AppError} `invalid_input`, `conflict` when the name is taken or there are too many
   */
  create(scope: FactoryScope, credential: { name: string; devices: readonly string[] }): FreshCredential;
  /**
   * Gives it a new password. The one before is taken too for `keepOldS` seconds (up to 30 days), so that devices can be
   * changed one by one; with 0 its connections end at once. One that is older ends in any case.
   *
   * @throws {AppError} `not_found`, `invalid_input`
   */
  rotate(scope: FactoryScope, id: string, keepOldS: number): FreshCredential;
  /** Names other devices, and ends its connections, which come back with the new rights. @throws {AppError} as `create` */
  change(scope: FactoryScope, id: string, devices: readonly string[]): DeviceCredential;
  /** By name. */
  list(scope: FactoryScope, page: CredentialPage): readonly DeviceCredential[];
  /** @throws {AppError} `not_found` */
  remove(scope: FactoryScope, id: string): void;
  /** Synchronous and constant in time; undefined for an unknown name and a wrong password alike. */
  authenticate(username: string, password: string): DeviceIdentity | undefined;
  /** Lets the simulator speak for every device of a factory, until revoked or the end of the process. */
  grantSimulator(scope: FactoryScope): SimulatorGrant;
  /** Calls `listener` with the id of each credential whose connections have to end, and why. Returns the undo. */
  onEnded(listener: (credentialId: string, why: CredentialEnd) => void): () => void;
}

/** Why the connections of a credential end: it is gone, has another password, or other devices. */
export type CredentialEnd = 'removed' | 'rotated' | 'changed';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly device_keys: string;
  readonly created_at: number;
  readonly rotated_at: number | null;
  readonly previous_until: number | null;
  readonly used_at: number | null;
}

const COLUMNS = 'id, name, username, device_keys, created_at, rotated_at, previous_until, used_at';

/** What signing in asks for. */
interface SecretRow {
  readonly factory_id: number;
  readonly id: string;
  readonly name: string;
  readonly password_hash: string;
  readonly previous_hash: string | null;
  readonly previous_until: number | null;
  readonly device_keys: string;
  readonly used_at: number | null;
}

const NOBODY = hashSecret(newSecret());

const parseKeys = (json: string): DeviceKeys => {
  const keys = JSON.parse(json) as string[];
  return keys[0] === '*' ? '*' : keys;
};

const toCredential = (row: Row, now: number): DeviceCredential => ({
  id: row.id,
  name: row.name,
  username: row.username,
  deviceKeys: parseKeys(row.device_keys),
  createdAt: row.created_at,
  rotatedAt: row.rotated_at,
  oldValidUntil: row.previous_until !== null && row.previous_until > now ? row.previous_until : null,
  usedAt: row.used_at,
});

function checkDevices(devices: readonly string[]): Fault[] {
  const faults: Fault[] = [];
  const isEverything = devices.length === 1 && devices[0] === '*';
  if (!isEverything) {
    if (devices.length < 1 || devices.length > MAX_DEVICES) {
      faults.push({ pointer: '/devices', message: `name 1 to ${MAX_DEVICES} devices, or ["*"] for all` });
    }
    devices.forEach((key, index) => {
      if (DEVICE_KEY_PATTERN.test(key) && key !== '*') return;
      const message = 'a device key has 1 to 64 of A-Z a-z 0-9 . _ -, and a pattern * for any of them';
      faults.push({ pointer: `/devices/${index}`, message });
    });
  }
  return faults;
}

function checkName(name: string): Fault[] {
  if (CREDENTIAL_NAME_PATTERN.test(name)) return [];
  const message = 'a name has 1 to 64 of A-Z a-z 0-9 . _ - and starts with one of the first';
  return [{ pointer: '/name', message }];
}

function refuseFaults(faults: readonly Fault[]): void {
  if (faults.length > 0) throw new AppError('invalid_input', 'the credential is not valid', { faults });
}

const notFound = () => new AppError('not_found', 'not found');

/** As it is stored: each once. */
const keysText = (devices: readonly string[]) => JSON.stringify([...new Set(devices)]);

export function createDeviceCredentials(store: Store, clock: Clock, factories: Factories): DeviceCredentials {
  const listeners = new Set<(credentialId: string, why: CredentialEnd) => void>();
  const granted = new Map<string, { passwordHash: string; identity: DeviceIdentity }>();
  const isSecret = (password: string, hash: string) =>
    timingSafeEqual(Buffer.from(hashSecret(password)), Buffer.from(hash));

  const end = (credentialId: string, why: CredentialEnd) => {
    for (const listener of listeners) listener(credentialId, why);
  };
  const read = (sql: Sql, id: string): DeviceCredential => {
    const row = sql.get<Row>(`select ${COLUMNS} from device_credentials where id = ?`, id);
    if (row === undefined) throw notFound();
    return toCredential(row, clock.now());
  };
  const readSecret = (username: string) =>
    store.systemRead('authenticate device', (sql) =>
      sql.get<SecretRow>(
        `select factory_id, id, name, password_hash, previous_hash, previous_until, device_keys, used_at
         from device_credentials where username = ?`,
        username,
      ),
    );
  /** Which of the passwords it is: the newest, or the one before while it is taken. */
  const matching = (password: string, row: SecretRow | undefined): 'newest' | 'previous' | undefined => {
    const isNewest = isSecret(password, row?.password_hash ?? NOBODY);
    // Compared in any case: how long it takes says nothing.
    const isPrevious = isSecret(password, row?.previous_hash ?? NOBODY);
    if (isNewest) return 'newest';
    return isPrevious && (row?.previous_until ?? 0) > clock.now() ? 'previous' : undefined;
  };
  /** Signed in and not written yet, by id: a thousand devices that come back at once are one transaction. */
  const used = new Map<string, { readonly factoryId: number; readonly at: number }>();
  const writeUses = () => {
    if (used.size === 0) return;
    store.system('authenticate device', (sql) => {
      for (const [id, { factoryId, at }] of used) {
        sql.run('update main.device_credentials set used_at = ? where factory_id = ? and id = ?', at, factoryId, id);
      }
    });
    used.clear();
  };
  /** Since the start. Who has signed in with what was the newest password then is asked for again, and nobody else. */
  const rotated = new Set<string>();
  const noteUse = ({ factory_id: factoryId, id, used_at }: SecretRow) => {
    const at = clock.now();
    if (used_at !== null && Math.abs(at - used_at) < USE_WRITTEN_MS) return;
    used.set(id, { factoryId, at });
    if (used.size >= MAX_UNWRITTEN) writeUses();
  };

  return {
    create: (scope, { name, devices }) => {
      refuseFaults([...checkName(name), ...checkDevices(devices)]);
      const password = newSecret();
      const id = newId();
      try {
        const credential = store.write(scope, (sql) => {
          const known = sql.get<{ count: number }>('select count(*) as count from device_credentials');
          if ((known?.count ?? 0) >= MAX_CREDENTIALS) {
            throw new AppError('conflict', `the factory has ${MAX_CREDENTIALS} credentials, its limit: revoke some`);
          }
          sql.run(
            `insert into main.device_credentials
               (factory_id, id, name, username, password_hash, device_keys, created_at)
             values (?, ?, ?, ?, ?, ?, ?)`,
            scope.factoryId,
            id,
            name,
            `${scope.slug}/${name}`,
            hashSecret(password),
            keysText(devices),
            clock.now(),
          );
          return read(sql, id);
        });
        return { credential, password };
      } catch (error) {
        if (systemCode(error) !== 'SQLITE_CONSTRAINT_UNIQUE') throw error;
        throw new AppError('conflict', `there is a credential named ${name} already: choose another name`, {
          faults: [{ pointer: '/name', message: 'taken' }],
          cause: error,
        });
      }
    },

    rotate: (scope, id, keepOldS) => {
      if (!(keepOldS >= 0 && keepOldS <= MAX_OVERLAP_S)) {
        const message = `0 to ${MAX_OVERLAP_S} seconds, which are 30 days`;
        throw new AppError('invalid_input', message, { faults: [{ pointer: '/keep_old_s', message }] });
      }
      const password = newSecret();
      const now = clock.now();
      const credential = store.write(scope, (sql) => {
        sql.run(
          `update main.device_credentials
           set previous_hash = case when ?3 > 0 then password_hash end, previous_until = case when ?3 > 0 then ?4 + ?3 end,
             password_hash = ?5, rotated_at = ?4
           where factory_id = ?1 and id = ?2`,
          scope.factoryId,
          id,
          keepOldS * 1_000,
          now,
          hashSecret(password),
        );
        return read(sql, id);
      });
      rotated.add(id);
      if (keepOldS === 0) end(id, 'rotated');
      return { credential, password };
    },

    change: (scope, id, devices) => {
      refuseFaults(checkDevices(devices));
      const credential = store.write(scope, (sql) => {
        sql.run(
          'update main.device_credentials set device_keys = ? where factory_id = ? and id = ?',
          keysText(devices),
          scope.factoryId,
          id,
        );
        return read(sql, id);
      });
      end(id, 'changed');
      return credential;
    },

    list: (scope, { limit, after }) => {
      writeUses();
      const rows = store.read(scope, (sql) =>
        sql.all<Row>(
          `select ${COLUMNS} from device_credentials where name > ? order by name limit ?`,
          after ?? '',
          limit,
        ),
      );
      return rows.map((row) => toCredential(row, clock.now()));
    },

    remove: (scope, id) => {
      const removed = store.write(scope, (sql) =>
        sql.run('delete from main.device_credentials where factory_id = ? and id = ?', scope.factoryId, id),
      );
      if (removed === 0) throw notFound();
      rotated.delete(id);
      end(id, 'removed');
    },

    authenticate: (username, password) => {
      const grant = granted.get(username);
      if (grant !== undefined) return isSecret(password, grant.passwordHash) ? grant.identity : undefined;
      const row = readSecret(username);
      const match = matching(password, row);
      const scope = row && factories.byNumber(row.factory_id)?.scope;
      if (match === undefined || row === undefined || scope === undefined) return undefined;
      noteUse(row);
      const identity = { scope, credentialId: row.id, name: row.name, deviceKeys: parseKeys(row.device_keys) };
      const isTaken = () => matching(password, readSecret(username)) !== undefined;
      return { ...identity, isStillAllowed: match === 'newest' ? () => !rotated.has(row.id) || isTaken() : isTaken };
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
          end(identity.credentialId, 'removed');
        },
      };
    },

    onEnded: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
