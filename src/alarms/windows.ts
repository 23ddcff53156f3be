import { AppError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Sql, SqlReads, Store } from '../store/store.ts';
import type { OutOfService } from './attention.ts';

/** When devices are worked on, or out of service. Times are epoch ms. */
export interface MaintenanceWindow {
  readonly id: string;
  readonly deviceIds: readonly string[];
  /** All devices that carry one of them. */
  readonly tags: readonly string[];
  readonly startsAt: number;
  /** Null: until somebody ends it. */
  readonly endsAt: number | null;
  readonly reason: string;
  readonly createdBy: string;
  readonly createdAt: number;
}

/** What somebody says of a window. */
export type WindowOrder = Pick<MaintenanceWindow, 'deviceIds' | 'tags' | 'startsAt' | 'endsAt' | 'reason'>;

/** Maintenance windows of factories. Alarms of their devices are recorded, and nobody is told (ISA-18.2, 11.9: out of service). */
export interface Windows {
  /** The newest first. */
  list(scope: FactoryScope): readonly MaintenanceWindow[];
  /** @throws {AppError} `not_found` */
  get(scope: FactoryScope, id: string): MaintenanceWindow;
  /** @throws {AppError} `conflict` when there are too many, `invalid_input` when it ends before it begins, or for no device */
  add(scope: FactoryScope, order: WindowOrder, by: string): MaintenanceWindow;
  /** @throws {AppError} `not_found`, `invalid_input` */
  change(scope: FactoryScope, id: string, change: Partial<WindowOrder>): MaintenanceWindow;
  /** Takes one away, and with it that it was: end it to keep that. @throws {AppError} `not_found` */
  remove(scope: FactoryScope, id: string): void;
  /** Which devices are out of service now. Not to be asked for within a transaction; what it returns may be. */
  outOfService(scope: FactoryScope): OutOfService;
  /** What is in effect now: when it changes, alarms have to be looked at again. */
  inEffect(scope: FactoryScope): string;
  /** A device has other tags, by which windows may be for it now, or no more. */
  tagsChanged(scope: FactoryScope): void;
  /** A device has become a part of another, and its windows have gone over to that one. */
  deviceMerged(scope: FactoryScope): void;
}

/** Of a factory; to make room, the oldest that are over go. */
const MAX_WINDOWS = 500;

interface WindowRow extends Omit<MaintenanceWindow, 'deviceIds' | 'tags'> {
  readonly deviceIds: string;
  readonly tags: string;
}

const ALL = `select id, device_ids as deviceIds, tags, starts_at as startsAt, ends_at as endsAt, reason,
  created_by as createdBy, created_at as createdAt from maintenance_windows order by starts_at desc, id`;

const readWindows = (sql: SqlReads): MaintenanceWindow[] =>
  sql.all<WindowRow>(ALL).map((row) => ({
    ...row,
    deviceIds: JSON.parse(row.deviceIds) as string[],
    tags: JSON.parse(row.tags) as string[],
  }));

/** @throws {AppError} `invalid_input` */
function check({ deviceIds, tags, startsAt, endsAt }: WindowOrder, hasDevice: (id: string) => boolean): void {
  const refuse = (pointer: string, message: string) => {
    throw new AppError('invalid_input', message, { faults: [{ pointer, message }] });
  };
  if (deviceIds.length === 0 && tags.length === 0) refuse('/device_ids', 'name at least one device, or a tag');
  const missing = deviceIds.findIndex((id) => !hasDevice(id));
  if (missing >= 0) refuse(`/device_ids/${missing}`, 'there is no such device');
  if (endsAt !== null && endsAt <= startsAt) refuse('/ends_at', 'it has to end after it begins');
}

function writeWindow(sql: Sql, window: MaintenanceWindow): void {
  sql.run(
    `insert into main.maintenance_windows
       (factory_id, id, device_ids, tags, starts_at, ends_at, reason, created_by, created_at)
     values (current_factory(), ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict do update set device_ids = excluded.device_ids, tags = excluded.tags, starts_at = excluded.starts_at,
       ends_at = excluded.ends_at, reason = excluded.reason`,
    ...[window.id, JSON.stringify(window.deviceIds), JSON.stringify(window.tags), window.startsAt, window.endsAt],
    ...[window.reason, window.createdBy, window.createdAt],
  );
}

const dropWindow = (sql: Sql, id: string): number =>
  sql.run('delete from main.maintenance_windows where factory_id = current_factory() and id = ?', id);

/** Windows that name a device name another one from now on, inside the transaction that makes it a part of that one. */
export function moveWindows(sql: Sql, fromId: string, intoId: string): void {
  for (const window of readWindows(sql).filter(({ deviceIds }) => deviceIds.includes(fromId))) {
    const deviceIds = [...new Set(window.deviceIds.map((id) => (id === fromId ? intoId : id)))];
    writeWindow(sql, { ...window, deviceIds });
  }
}

export interface WindowsParts {
  readonly store: Store;
  readonly now: () => number;
  readonly tagsOf: (scope: FactoryScope, deviceId: string) => readonly string[];
  readonly hasDevice: (scope: FactoryScope, deviceId: string) => boolean;
}

export function createWindows({ store, now, tagsOf, hasDevice }: WindowsParts): Windows {
  const cache = new Map<number, readonly MaintenanceWindow[]>();
  /** How often devices of a factory have become others. */
  const devicesChanged = new Map<number, number>();

  const windowsOf = (scope: FactoryScope): readonly MaintenanceWindow[] => {
    const known = cache.get(scope.factoryId);
    if (known !== undefined) return known;
    const read = store.read(scope, readWindows);
    cache.set(scope.factoryId, read);
    return read;
  };
  const get = (scope: FactoryScope, id: string): MaintenanceWindow => {
    const window = windowsOf(scope).find((one) => one.id === id);
    if (window === undefined) throw new AppError('not_found', 'not found');
    return window;
  };
  const isNow = ({ startsAt, endsAt }: MaintenanceWindow) => startsAt <= now() && (endsAt === null || endsAt > now());
  const write = (scope: FactoryScope, window: MaintenanceWindow, leaving: readonly string[] = []) => {
    store.write(scope, (sql) => {
      for (const id of leaving) dropWindow(sql, id);
      writeWindow(sql, window);
    });
    cache.delete(scope.factoryId);
    return window;
  };

  const tagsChanged = ({ factoryId }: FactoryScope) => {
    devicesChanged.set(factoryId, (devicesChanged.get(factoryId) ?? 0) + 1);
  };

  return {
    list: windowsOf,
    get,
    add: (scope, order, by) => {
      check(order, (id) => hasDevice(scope, id));
      const windows = windowsOf(scope);
      const over = windows.filter(({ endsAt }) => endsAt !== null && endsAt <= now());
      const tooMany = windows.length + 1 - MAX_WINDOWS;
      if (tooMany > over.length) {
        throw new AppError('conflict', `there are ${MAX_WINDOWS} maintenance windows already: end, or remove some`);
      }
      const leaving = tooMany > 0 ? over.slice(-tooMany).map(({ id }) => id) : [];
      return write(scope, { ...order, id: newId(), createdBy: by, createdAt: now() }, leaving);
    },
    change: (scope, id, change) => {
      const before = get(scope, id);
      const changed = { ...before, ...change };
      // A device that was named may have gone meanwhile.
      check(changed, (device) => before.deviceIds.includes(device) || hasDevice(scope, device));
      return write(scope, changed);
    },
    remove: (scope, id) => {
      get(scope, id);
      store.write(scope, (sql) => dropWindow(sql, id));
      cache.delete(scope.factoryId);
    },
    outOfService: (scope) => {
      const current = windowsOf(scope).filter(isNow);
      if (current.length === 0) return () => false;
      const devices = new Set(current.flatMap(({ deviceIds }) => deviceIds));
      const tags = new Set(current.flatMap((window) => window.tags));
      return (deviceId) =>
        devices.has(deviceId) || (tags.size > 0 && tagsOf(scope, deviceId).some((tag) => tags.has(tag)));
    },
    inEffect: (scope) => {
      const current = windowsOf(scope).filter(isNow);
      if (current.length === 0) return '';
      const windows = current.map(({ id, deviceIds, tags }) => `${id} ${deviceIds.join()} ${tags.join()}`);
      return [devicesChanged.get(scope.factoryId) ?? 0, ...windows].join('\n');
    },
    tagsChanged,
    deviceMerged: (scope) => {
      cache.delete(scope.factoryId);
      tagsChanged(scope);
    },
  };
}
