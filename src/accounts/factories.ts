import type { Clock } from '../core/clock.ts';
import { AppError, type Fault, systemCode } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import { type FactoryScope, mintFactoryScope } from '../core/scope.ts';
import type { Admission } from '../devices/devices.ts';
import type { Sql, Store } from '../store/store.ts';
import { endLoginIfNowhere } from './login-end.ts';

/** A factory's name in topics: 1-40 lower-case letters, digits and inner hyphens. */
export const SLUG_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

export interface Factory {
  readonly scope: FactoryScope;
  readonly name: string;
  /** The appliance simulates its machines, and it may be removed. */
  readonly isDemo: boolean;
  readonly createdAt: number;
  /** Out of use since (epoch ms): nobody enters it, nothing is stored for it, and all that it has is kept. */
  readonly archivedAt: number | null;
  readonly units: Units;
  /** Which devices may register by a first message. */
  readonly deviceAdmission: Admission;
}

export interface FactoryChange {
  readonly deviceAdmission?: Admission | undefined;
  readonly name?: string | undefined;
  /** Of its calendar; days that were rolled up are counted anew in it. */
  readonly timezone?: string | undefined;
  readonly units?: Units | undefined;
}

export interface NewFactory {
  readonly name: string;
  readonly slug: string;
  /** IANA zone of the factory's calendar. */
  readonly timezone: string;
  readonly isDemo?: boolean | undefined;
}

/** In which units values are shown: as the devices send them, or converted where both are known. */
export const UNITS = ['as_sent', 'metric', 'imperial'] as const;
export type Units = (typeof UNITS)[number];

/** What the first setup makes for people who want to look around first. */
export const DEMO_FACTORY = { name: 'Demo factory', slug: 'demo' } as const;

/** The factories of this appliance, held in memory: one process owns the database, and every change passes here. */
export interface Factories {
  /** @throws {AppError} `invalid_input` with every fault, `conflict` when the slug is taken */
  create(input: NewFactory): Factory;
  /** @throws {AppError} `not_found`, `invalid_input` */
  change(uuid: string, change: FactoryChange): Factory;
  /** Takes a factory out of use, or back into it. @throws {AppError} `not_found` */
  archive(uuid: string, isArchived: boolean): Factory;
  /**
   * Removes a factory with its people's rights, their keys and credentials; sessions that had it selected have none
   * then, and logins that belong to nothing any more go too. Its number is not used again, its slug may be.
   * `removeContents` takes away, in the same transaction, what other parts keep of it.
   *
   * @param slug - its slug once more, so that it is this one that is meant
   * @returns its scope, now that of nothing
   * @throws {AppError} `not_found`, `invalid_input` when the slug is another
   */
  remove(uuid: string, slug: string, removeContents: (sql: Sql, scope: FactoryScope) => void): FactoryScope;
  /** Calls `listener` after every change of the list. */
  onChanged(listener: () => void): void;
  /** All factories, ordered by slug. */
  list(): readonly Factory[];
  /** A Map lookup: the broker asks for each message. Undefined for one that is archived, too. */
  scopeBySlug(slug: string): FactoryScope | undefined;
  scopeByUuid(uuid: string): FactoryScope | undefined;
  byUuid(uuid: string): Factory | undefined;
  byNumber(factoryId: number): Factory | undefined;
  /** Reads the table again, after a change made in a transaction of another part of `accounts`. */
  reload(): void;
}

interface Row {
  readonly id: number;
  readonly uuid: string;
  readonly slug: string;
  readonly name: string;
  readonly timezone: string;
  readonly is_demo: number;
  readonly created_at: number;
  readonly archived_at: number | null;
  readonly units: Units;
  readonly device_admission: Admission;
}

/** True for a zone that the calendar knows by name; bare offsets are not zones. */
export function isTimezone(timezone: string): boolean {
  if (!/^[A-Za-z]/.test(timezone)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    return true;
  } catch {
    return false;
  }
}

/** The zone of this machine, as a preset for a new factory. */
export function machineTimezone(): string {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return isTimezone(zone) ? zone : 'UTC';
}

/** @throws {AppError} `invalid_input` with every fault of what is given */
function check({ name, slug, timezone }: { name?: string; slug?: string; timezone?: string }): void {
  const faults: Fault[] = [];
  if (name !== undefined && (name.length < 1 || name.length > 100)) {
    faults.push({ pointer: '/name', message: 'a factory name has 1 to 100 characters' });
  }
  if (slug !== undefined && !SLUG_PATTERN.test(slug)) {
    faults.push({ pointer: '/slug', message: 'a slug has 1 to 40 lower-case letters, digits and inner hyphens' });
  }
  if (timezone !== undefined && !isTimezone(timezone)) {
    faults.push({ pointer: '/timezone', message: 'not a known IANA time zone, such as Europe/Berlin' });
  }
  if (faults.length > 0) {
    throw new AppError('invalid_input', faults.map((fault) => fault.message).join('; '), { faults });
  }
}

/**
 * Adds a factory inside the caller's transaction and returns its number; the caller reloads the cache afterwards.
 *
 * @throws {AppError} `invalid_input` with every fault, `conflict` when the slug is taken
 */
export function insertFactory(sql: Sql, input: NewFactory, now: number): number {
  const name = input.name.trim();
  check({ ...input, name });
  try {
    const row = sql.get<{ id: number }>(
      `insert into main.factories (uuid, slug, name, timezone, is_demo, created_at)
       values (?, ?, ?, ?, ?, ?) returning id`,
      newId(),
      input.slug,
      name,
      input.timezone,
      Number(input.isDemo ?? false),
      now,
    );
    if (row === undefined) throw new Error('the insert returned no row');
    return row.id;
  } catch (error) {
    if (systemCode(error) !== 'SQLITE_CONSTRAINT_UNIQUE') throw error;
    throw new AppError('conflict', `there is a factory with the slug ${input.slug} already: choose another`, {
      faults: [{ pointer: '/slug', message: 'taken' }],
      cause: error,
    });
  }
}

/** Reads the factories into memory. */
export function openFactories(store: Store, clock: Clock): Factories {
  const listeners: (() => void)[] = [];
  let ordered: readonly Factory[] = [];
  let bySlug: ReadonlyMap<string, Factory> = new Map();
  let byUuid: ReadonlyMap<string, Factory> = new Map();
  let byNumber: ReadonlyMap<number, Factory> = new Map();

  const reload = () => {
    const rows = store.systemRead('list factories', (sql) =>
      sql.all<Row>(
        'select id, uuid, slug, name, timezone, is_demo, created_at, archived_at, units, device_admission from factories order by slug',
      ),
    );
    ordered = rows.map((row) => ({
      scope: mintFactoryScope({
        factoryId: row.id,
        factoryUuid: row.uuid,
        slug: row.slug,
        timezone: row.timezone,
      }),
      name: row.name,
      isDemo: row.is_demo === 1,
      createdAt: row.created_at,
      archivedAt: row.archived_at,
      units: row.units,
      deviceAdmission: row.device_admission,
    }));
    bySlug = new Map(ordered.map((factory) => [factory.scope.slug, factory]));
    byUuid = new Map(ordered.map((factory) => [factory.scope.factoryUuid, factory]));
    byNumber = new Map(ordered.map((factory) => [factory.scope.factoryId, factory]));
    for (const listener of listeners) listener();
  };
  reload();

  const known = (uuid: string): Factory => {
    const factory = byUuid.get(uuid);
    if (factory === undefined) throw new AppError('not_found', 'not found');
    return factory;
  };
  const change = (uuid: string, write: (sql: Sql, scope: FactoryScope) => void): Factory => {
    const { scope } = known(uuid);
    store.system('change factory', (sql) => write(sql, scope));
    reload();
    return known(uuid);
  };

  return {
    create: (input) => {
      const id = store.system('create factory', (sql) => insertFactory(sql, input, clock.now()));
      reload();
      const factory = byNumber.get(id);
      if (factory === undefined) throw new Error('a factory was created and cannot be read');
      return factory;
    },
    change: (uuid, { name: given, timezone, units, deviceAdmission }) => {
      const name = given?.trim();
      check({ ...(name !== undefined && { name }), ...(timezone !== undefined && { timezone }) });
      return change(uuid, (sql, { factoryId }) =>
        sql.run(
          `update main.factories set name = coalesce(?, name), timezone = coalesce(?, timezone),
             units = coalesce(?, units), device_admission = coalesce(?, device_admission) where id = ?`,
          name ?? null,
          timezone ?? null,
          units ?? null,
          deviceAdmission ?? null,
          factoryId,
        ),
      );
    },
    archive: (uuid, isArchived) =>
      change(uuid, (sql, { factoryId }) =>
        sql.run(
          'update main.factories set archived_at = iif(?1, coalesce(archived_at, ?2), null) where id = ?3',
          Number(isArchived),
          clock.now(),
          factoryId,
        ),
      ),
    remove: (uuid, slug, removeContents) => {
      const { scope } = known(uuid);
      if (slug !== scope.slug) {
        const message = `type ${scope.slug} to confirm that all of this factory is to go`;
        throw new AppError('invalid_input', message, { faults: [{ pointer: '/confirm', message }] });
      }
      const { factoryId } = scope;
      store.system('remove factory', (sql) => {
        removeContents(sql, scope);
        const members = sql.all<{ user_id: string }>('select user_id from memberships where factory_id = ?', factoryId);
        for (const table of ['invites', 'api_keys', 'factory_limits', 'device_credentials', 'memberships']) {
          sql.run(`delete from main.${table} where factory_id = ?`, factoryId);
        }
        for (const { user_id } of members) endLoginIfNowhere(sql, user_id);
        sql.run('delete from main.factories where id = ?', factoryId);
      });
      reload();
      return scope;
    },
    onChanged: (listener) => void listeners.push(listener),
    list: () => ordered,
    scopeBySlug: (slug) => {
      const factory = bySlug.get(slug);
      return factory?.archivedAt === null ? factory.scope : undefined;
    },
    scopeByUuid: (uuid) => byUuid.get(uuid)?.scope,
    byUuid: (uuid) => byUuid.get(uuid),
    byNumber: (factoryId) => byNumber.get(factoryId),
    reload,
  };
}
