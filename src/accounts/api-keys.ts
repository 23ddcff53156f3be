import { timingSafeEqual } from 'node:crypto';
import { actAs } from '../core/act.ts';
import type { Clock } from '../core/clock.ts';
import { AppError, systemCode } from '../core/errors.ts';
import { hashSecret, newId, newSecret } from '../core/ids.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { SqlReads, Store } from '../store/store.ts';
import type { Factories } from './factories.ts';
import { accessTo, type KeyIdentity, MAY_ENTER } from './identity.ts';
import { type Actor, checkMayGive } from './members.ts';
import { common, parsePermissions, type Rights, type Role, sorted } from './roles.ts';

/** How a key begins, so that people and scanners of secrets know one when they see it. */
export const KEY_PREFIX = 'fok_';
/** The MQTT user name of keys: their password is the key. */
export const KEY_USERNAME = 'api-key';
const KEY = /^fok_([0-9a-f-]{36})_([A-Za-z0-9_-]{43})$/;
const MAX_KEYS = 200;
/** The last use is written at most so often (ms). */
const USE_WRITTEN_MS = 60_000;

/** A key for programs. Times: epoch ms. */
export interface ApiKey extends Rights {
  readonly id: string;
  readonly name: string;
  /** The address of who made it, for whom it acts. */
  readonly madeBy: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly usedAt: number | null;
  readonly usedFrom: string;
  /** Why it does not work, or null. */
  readonly stopped: 'expired' | 'maker_gone' | null;
}

export interface NewApiKey {
  readonly name: string;
  readonly role: Exclude<Role, 'admin'>;
  readonly permissions: readonly string[];
  readonly expiresAt: number | null;
}

/**
 * Keys for scripts, Grafana and MQTT subscribers, of one factory each. A key never may more than who made it may at that
 * moment, and nothing once they may not enter the factory.
 */
export interface ApiKeys {
  /** @throws {AppError} `invalid_input`, `forbidden` (more than one may oneself), `conflict` (name, or too many) */
  create(scope: FactoryScope, actor: Actor, key: NewApiKey): { key: ApiKey; secret: string };
  /** By name. */
  list(scope: FactoryScope, page: { limit: number; after: string | undefined }): readonly ApiKey[];
  /** @throws {AppError} `not_found` */
  remove(scope: FactoryScope, id: string): void;
  /** Whose key this is, by the database of this moment; undefined for any that does not work. Notes the use. */
  authenticate(secret: string, address: string): KeyIdentity | undefined;
  /** Who is behind a key now, or undefined when it does not work any more. */
  current(keyId: string): KeyIdentity | undefined;
  /** Calls `listener` with the id of each removed key, so that its connections can be ended. */
  onRemoved(listener: (keyId: string) => void): void;
}

interface Row {
  readonly id: string;
  readonly factory_id: number;
  readonly name: string;
  readonly secret_hash: string;
  readonly role: Role;
  readonly permissions: string;
  readonly user_id: string;
  readonly email: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly used_at: number | null;
  readonly used_from: string;
  readonly may_enter: number;
  readonly is_super_admin: number;
  readonly member_role: Role | null;
  readonly member_permissions: string | null;
  readonly is_member_active: number | null;
}

const SELECT = `select k.id, k.factory_id, k.name, k.secret_hash, k.role, k.permissions, k.user_id, u.email, k.created_at,
    k.expires_at, k.used_at, k.used_from, ${MAY_ENTER} as may_enter, u.is_super_admin,
    own.role as member_role, own.permissions as member_permissions, own.is_active as is_member_active
  from api_keys k join users u on u.id = k.user_id
  left join memberships own on own.factory_id = k.factory_id and own.user_id = k.user_id`;

const NOBODY = hashSecret(newSecret());
const isSame = (one: string, other: string) => timingSafeEqual(Buffer.from(one), Buffer.from(other));

export function createApiKeys(store: Store, clock: Clock, factories: Pick<Factories, 'byNumber'>): ApiKeys {
  const listeners: ((keyId: string) => void)[] = [];
  /** When the use of each key was last written (epoch ms). */
  const written = new Map<string, number>();

  const identityOf = (row: Row): KeyIdentity | undefined => {
    const factory = factories.byNumber(row.factory_id);
    const isAlive = row.may_enter === 1 && (row.expires_at === null || row.expires_at > clock.now());
    if (factory === undefined || !isAlive) return undefined;
    const { member_role, member_permissions, is_member_active } = row;
    const member =
      member_role === null
        ? undefined
        : { role: member_role, permissions: member_permissions ?? '[]', is_active: is_member_active ?? 0 };
    const access = accessTo(factory, member, row.is_super_admin === 1);
    if (access === undefined) return undefined;
    const own = { role: row.role, permissions: parsePermissions(row.permissions) };
    return {
      keyId: row.id,
      keyName: row.name,
      userId: row.user_id,
      email: row.email,
      isSuperAdmin: false,
      factory: { ...access, ...common(access, own) },
    };
  };

  const toKey = (row: Row): ApiKey => ({
    id: row.id,
    name: row.name,
    role: row.role,
    permissions: parsePermissions(row.permissions),
    madeBy: row.email,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    usedFrom: row.used_from,
    stopped:
      row.expires_at !== null && row.expires_at <= clock.now()
        ? 'expired'
        : identityOf(row) === undefined
          ? 'maker_gone'
          : null,
  });

  const byId = (sql: SqlReads, id: string) => sql.get<Row>(`${SELECT} where k.id = ?`, id);

  const noteUse = ({ id, factory_id }: Row, address: string) => {
    const now = clock.now();
    const last = written.get(id) ?? 0;
    if (now >= last && now - last < USE_WRITTEN_MS) return;
    written.set(id, now);
    const scope = factories.byNumber(factory_id)?.scope;
    if (scope === undefined) return;
    try {
      store.write(scope, (sql) =>
        sql.run(
          'update main.api_keys set used_at = ?, used_from = ? where factory_id = current_factory() and id = ?',
          now,
          address,
          id,
        ),
      );
    } catch {
      // A database that cannot be written now still says whose key it is.
      written.delete(id);
    }
  };

  return {
    create: (scope, actor, { name, role, permissions, expiresAt }) => {
      const rights = { role, permissions: sorted(permissions) };
      checkMayGive(actor, rights);
      const now = clock.now();
      if (expiresAt !== null && expiresAt <= now) {
        const message = 'the key would have expired already';
        throw new AppError('invalid_input', message, { faults: [{ pointer: '/expires_at', message }] });
      }
      const id = newId();
      const secret = newSecret();
      const row = store.write(scope, (sql) => {
        const { count } = sql.get<{ count: number }>('select count(*) as count from api_keys') ?? { count: 0 };
        if (count >= MAX_KEYS) throw new AppError('conflict', `there are ${MAX_KEYS} keys already: remove one first`);
        try {
          sql.run(
            `insert into main.api_keys
               (factory_id, id, name, secret_hash, role, permissions, user_id, created_at, expires_at)
             values (current_factory(), ?, ?, ?, ?, ?, ?, ?, ?)`,
            id,
            name,
            hashSecret(secret),
            role,
            JSON.stringify(rights.permissions),
            actor.userId,
            now,
            expiresAt,
          );
        } catch (error) {
          if (systemCode(error) !== 'SQLITE_CONSTRAINT_UNIQUE') throw error;
          throw new AppError('conflict', `there is a key named ${name} already: choose another name`, {
            faults: [{ pointer: '/name', message: 'taken' }],
            cause: error,
          });
        }
        return byId(sql, id);
      });
      if (row === undefined) throw new Error('a key was made and cannot be read');
      return { key: toKey(row), secret: `${KEY_PREFIX}${id}_${secret}` };
    },

    list: (scope, { limit, after }) =>
      store
        .read(scope, (sql) => sql.all<Row>(`${SELECT} where k.name > ? order by k.name limit ?`, after ?? '', limit))
        .map(toKey),

    remove: (scope, id) => {
      const removed = store.write(scope, (sql) =>
        sql.run('delete from main.api_keys where factory_id = current_factory() and id = ?', id),
      );
      if (removed === 0) throw new AppError('not_found', 'not found');
      written.delete(id);
      for (const listener of listeners) listener(id);
    },

    authenticate: (given, address) => {
      const [, id = '', secret = ''] = KEY.exec(given) ?? [];
      const row = store.systemRead('sign in', (sql) => byId(sql, id));
      const isRight = isSame(hashSecret(secret), row?.secret_hash ?? NOBODY);
      const identity = row && isRight ? identityOf(row) : undefined;
      if (row === undefined || identity === undefined) return undefined;
      actAs({ kind: 'api_key', id: row.id, name: `${row.name} (${row.email})` });
      noteUse(row, address);
      return identity;
    },

    current: (keyId) => {
      const row = store.systemRead('sign in', (sql) => byId(sql, keyId));
      return row && identityOf(row);
    },

    onRemoved: (listener) => void listeners.push(listener),
  };
}
