import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Series, SeriesKind } from '../historian/historian.ts';
import type { Sql, SqlValue, Store } from '../store/store.ts';
import type { Catalogue } from './catalogue.ts';
import { PARAMETER_COLUMNS, type Parameter, type ParameterRow, parameterOf } from './parameter.ts';
import { type Admission, checkWay, type Standing } from './standing.ts';

export { type Catalogue, type CataloguedDevice, type CataloguedParameter, createCatalogue } from './catalogue.ts';
export { createMerges, type Merges } from './merges.ts';
export type { Parameter } from './parameter.ts';
export { createPresence, type DeviceEvent, type Presence } from './presence.ts';
export { createRemovals, type Removals } from './removals.ts';
export { ADMISSIONS, type Admission, STANDINGS, type Standing } from './standing.ts';
export type { DeviceStatus } from './status.ts';

/** A device as registered. Times are epoch ms. */
export interface Device {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly createdAt: number;
  readonly standing: Standing;
  /** Words by which people group devices. */
  readonly tags: readonly string[];
  readonly parametersCount: number;
}

/** What a person may change of a device; an absent key stays as it is. */
export interface DevicePatch {
  readonly name?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** What a person may change of a parameter; an absent key stays as it is. */
export type ParameterPatch = Partial<
  Pick<Parameter, 'displayName' | 'unit' | 'decimals' | 'lowLimit' | 'highLimit' | 'isKpi'>
>;

/** A device that the control database knows, for the live state. */
export interface RegisteredDevice {
  readonly factoryId: number;
  readonly key: string;
  readonly id: string;
  readonly lastSeenAt: number | null;
  readonly standing: Standing;
}

/** Which devices to list; all when left out. */
export interface DeviceFilter {
  /** `active` when left out. */
  readonly standing?: Standing | undefined;
  readonly key?: string | undefined;
  /** Only those that have it. */
  readonly tag?: string | undefined;
  /** Looked for in key and name. */
  readonly text?: string | undefined;
  /** Only keys behind this one. */
  readonly after?: string | undefined;
  /** At most so many. */
  readonly limit?: number | undefined;
}

/** The device registry: who they are and how they are shown. What they measured is the historian's. */
export interface Devices {
  /** Devices in the order of their keys. */
  list(scope: FactoryScope, filter?: DeviceFilter): Device[];
  /** @throws {AppError} `not_found`, like every method that takes an id */
  get(scope: FactoryScope, id: string): Device;
  update(scope: FactoryScope, id: string, patch: DevicePatch): Device;
  /** Calls `listener` after the tags of a device have changed. */
  onTagsChanged(listener: (scope: FactoryScope, device: Device) => void): void;
  /** Approves, rejects, retires a device, or takes it back. @throws {AppError} `conflict` where that makes no sense */
  setStanding(scope: FactoryScope, id: string, standing: Standing): Device;
  /** Adds a device before its first message. @throws {AppError} `conflict` when there is one with this key */
  add(scope: FactoryScope, device: { readonly key: string; readonly name: string }, standing?: Standing): Device;
  /** Which other keys are this device's, too. */
  aliases(scope: FactoryScope, id: string): string[];
  parameters(scope: FactoryScope, id: string): Parameter[];
  updateParameter(scope: FactoryScope, id: string, name: string, patch: ParameterPatch): Parameter;
  /** Lets the next value decide the parameter's kind. */
  resetKind(scope: FactoryScope, id: string, name: string): void;
  /**
   * Brings the registry up to series that were just born, or reborn after a reset. Idempotent. `standingOf` says how a
   * device that is new begins.
   *
   * @returns the devices they belong to
   */
  register(series: readonly Series[], standingOf?: (factoryId: number, key: string) => Standing): RegisteredDevice[];
  /** Brings the registry up to the historian's at start: adds what is missing, changes nothing. */
  reconcile(series: readonly Series[], admissionOf?: (factoryId: number) => Admission): Reconciled;
  /** Adds a device before its first message, with names, units and limits. Idempotent: what exists stays. */
  describe(scope: FactoryScope, device: DeviceDescription): void;
  recordLastSeen(seen: readonly { factoryId: number; id: string; lastSeenAt: number }[]): void;
}

/** What a start finds. */
export interface Reconciled {
  readonly devices: RegisteredDevice[];
  readonly activeSeries: Set<number>;
  /** The keys that are another device's, with the id of that one. */
  readonly aliases: readonly { readonly factoryId: number; readonly key: string; readonly deviceId: string }[];
  /** Whose the series are that were born under such a key. */
  readonly merged: ReadonlyMap<number, { readonly deviceId: string; readonly parameter: string }>;
}

/** Names, units and limits known before the first message. */
export interface DeviceDescription {
  readonly key: string;
  readonly name: string;
  readonly tags?: readonly string[] | undefined;
  readonly parameters: readonly {
    readonly name: string;
    readonly kind: SeriesKind;
    readonly displayName?: string | undefined;
    readonly unit?: string | undefined;
    readonly decimals?: number | undefined;
    readonly lowLimit?: number | undefined;
    readonly highLimit?: number | undefined;
  }[];
}

const DEVICE_COLUMNS = `id, key, name, created_at as createdAt, standing, tags,
  (select count(*) from parameters p where p.device_id = d.id) as parametersCount`;

type DeviceRow = Omit<Device, 'tags'> & { readonly tags: string };

const PATCH_COLUMNS: Readonly<Record<keyof ParameterPatch, string>> = {
  displayName: 'display_name',
  unit: 'unit',
  decimals: 'decimals',
  lowLimit: 'low_limit',
  highLimit: 'high_limit',
  isKpi: 'is_kpi',
};

const notFound = () => new AppError('not_found', 'not found');

export interface DevicesParts {
  readonly store: Store;
  readonly clock: Clock;
  /** Told of every change. */
  readonly catalogue: Catalogue;
}

export function createDevices({ store, clock, catalogue }: DevicesParts): Devices {
  const tagListeners: ((scope: FactoryScope, device: Device) => void)[] = [];
  /** A write, and the word to the catalogue when it has committed. */
  const change = <T>(scope: FactoryScope, id: string, fn: (sql: Sql) => T): T => {
    const result = store.write(scope, fn);
    catalogue.changed(scope.factoryId, id);
    return result;
  };
  const getDevice = (sql: Sql, id: string): Device => {
    const row = sql.get<DeviceRow>(`select ${DEVICE_COLUMNS} from devices d where id = ?`, id);
    if (row === undefined) throw notFound();
    return { ...row, tags: JSON.parse(row.tags) as string[] };
  };
  const getParameter = (sql: Sql, id: string, name: string): Parameter => {
    const row = sql.get<ParameterRow>(
      `select ${PARAMETER_COLUMNS} from parameters where device_id = ? and name = ?`,
      id,
      name,
    );
    if (row === undefined) throw notFound();
    return parameterOf(row);
  };

  /** Unscoped: discovery works for every factory at once; the factory is the series' own. */
  const addDevice = (sql: Sql, factoryId: number, key: string, standing: Standing) =>
    sql.run(
      `insert into main.devices (factory_id, id, key, name, created_at, standing, standing_since)
       values (?1, ?2, ?3, ?3, ?4, ?5, ?4) on conflict do nothing`,
      factoryId,
      newId(),
      key,
      clock.now(),
      standing,
    );
  const addParameter = (sql: Sql, series: Series, conflict: string) =>
    sql.run(
      `insert into main.parameters (factory_id, device_id, name, kind, series_id, created_at)
       select ?1, id, ?3, ?4, ?5, ?6 from devices where factory_id = ?1 and key = ?2
       on conflict (factory_id, device_id, name) do ${conflict}`,
      series.factoryId,
      series.deviceKey,
      series.parameter,
      series.kind,
      series.seriesId,
      clock.now(),
    );

  return {
    list: (scope, { key, tag, text, after = '', limit = Number.POSITIVE_INFINITY, standing = 'active' } = {}) => {
      const part = text?.toLowerCase();
      const found: Device[] = [];
      for (const device of standing === 'active' ? catalogue.devices(scope) : catalogue.all(scope)) {
        if (found.length >= limit) break;
        if (device.standing !== standing) continue;
        if (device.key <= after || (key !== undefined && device.key !== key)) continue;
        if (tag !== undefined && !device.tags.includes(tag)) continue;
        if (part !== undefined && !`${device.key} ${device.name}`.toLowerCase().includes(part)) continue;
        const { id, name, createdAt, tags, parameters } = device;
        found.push({ id, key: device.key, name, createdAt, standing, tags, parametersCount: parameters.length });
      }
      return found;
    },
    get: (scope, id) => store.read(scope, (sql) => getDevice(sql, id)),
    update: (scope, id, { name, tags }) => {
      const { before, after } = change(scope, id, (sql) => {
        const before = getDevice(sql, id);
        sql.run(
          'update main.devices set name = ?, tags = ? where factory_id = current_factory() and id = ?',
          name ?? before.name,
          JSON.stringify(tags ?? before.tags),
          id,
        );
        return { before, after: getDevice(sql, id) };
      });
      if (before.tags.join('\n') !== after.tags.join('\n')) {
        for (const listener of tagListeners) listener(scope, after);
      }
      return after;
    },
    onTagsChanged: (listener) => void tagListeners.push(listener),
    setStanding: (scope, id, standing) =>
      change(scope, id, (sql) => {
        checkWay(getDevice(sql, id).standing, standing);
        sql.run(
          `update main.devices set standing = ?, standing_since = ? where factory_id = current_factory() and id = ?`,
          standing,
          clock.now(),
          id,
        );
        return getDevice(sql, id);
      }),
    add: (scope, { key, name }, standing = 'active') => {
      const id = newId();
      return change(scope, id, (sql) => {
        const taken = sql.get(
          'select 1 from devices where key = ?1 union select 1 from device_aliases where key = ?1',
          key,
        );
        if (taken !== undefined) {
          throw new AppError('conflict', `there is a device with the key ${key} already`, {
            faults: [{ pointer: '/key', message: 'taken' }],
          });
        }
        sql.run(
          `insert into main.devices (factory_id, id, key, name, created_at, standing, standing_since)
           values (current_factory(), ?1, ?2, ?3, ?4, ?5, ?4)`,
          id,
          key,
          name,
          clock.now(),
          standing,
        );
        return getDevice(sql, id);
      });
    },
    aliases: (scope, id) =>
      store
        .read(scope, (sql) =>
          sql.all<{ key: string }>('select key from device_aliases where device_id = ? order by key', id),
        )
        .map(({ key }) => key),
    parameters: (scope, id) =>
      store.read(scope, (sql) => {
        getDevice(sql, id);
        return sql
          .all<ParameterRow>(`select ${PARAMETER_COLUMNS} from parameters where device_id = ? order by name`, id)
          .map(parameterOf);
      }),
    updateParameter: (scope, id, name, patch) =>
      change(scope, id, (sql) => {
        const low = patch.lowLimit;
        const high = patch.highLimit;
        for (const [key, column] of Object.entries(PATCH_COLUMNS)) {
          const value = patch[key as keyof ParameterPatch];
          if (value === undefined) continue;
          const stored: SqlValue = typeof value === 'boolean' ? Number(value) : value;
          sql.run(
            `update main.parameters set ${column} = ?
             where factory_id = current_factory() and device_id = ? and name = ?`,
            stored,
            id,
            name,
          );
        }
        const parameter = getParameter(sql, id, name);
        if ((low ?? high) !== undefined && parameter.lowLimit !== null && parameter.highLimit !== null) {
          if (parameter.lowLimit > parameter.highLimit) {
            const faults = [{ pointer: '/low_limit', message: 'must not be above high_limit' }];
            throw new AppError('invalid_input', 'the low limit is above the high limit', { faults });
          }
        }
        return parameter;
      }),
    resetKind: (scope, id, name) =>
      change(scope, id, (sql) => {
        getParameter(sql, id, name);
        sql.run(
          `update main.parameters set series_id = 0
           where factory_id = current_factory() and device_id = ? and name = ?`,
          id,
          name,
        );
      }),
    register: (series, standingOf = () => 'active') => {
      const devices = store.system('register discovered devices', (sql) => {
        const keys = new Map(series.map((item) => [`${item.factoryId}/${item.deviceKey}`, item]));
        for (const { factoryId, deviceKey } of keys.values()) {
          addDevice(sql, factoryId, deviceKey, standingOf(factoryId, deviceKey));
        }
        for (const item of series) {
          addParameter(sql, item, 'update set kind = excluded.kind, series_id = excluded.series_id');
        }
        return [...keys.values()].flatMap(({ factoryId, deviceKey }) =>
          sql.all<RegisteredDevice>(
            `select factory_id as factoryId, key, id, last_seen_at as lastSeenAt, standing from devices
             where factory_id = ? and key = ?`,
            factoryId,
            deviceKey,
          ),
        );
      });
      for (const { factoryId, id } of devices) catalogue.changed(factoryId, id);
      return devices;
    },
    reconcile: (series, admissionOf = () => 'open') =>
      store.system('register discovered devices', (sql) => {
        const known = new Set(
          sql
            .all<{ path: string }>(
              `select p.factory_id || '/' || d.key || '/' || p.name as path
               from parameters p join devices d on d.factory_id = p.factory_id and d.id = p.device_id`,
            )
            .map((row) => row.path),
        );
        const factories = new Set(sql.all<{ id: number }>('select id from factories').map((row) => row.id));
        const merged = new Map(
          sql
            .all<{ id: number; deviceId: string; parameter: string }>(
              'select series_id as id, device_id as deviceId, parameter from merged_series',
            )
            .map(({ id, ...owner }) => [id, owner]),
        );
        for (const item of series.toReversed()) {
          const { factoryId, deviceKey, parameter } = item;
          if (known.has(`${factoryId}/${deviceKey}/${parameter}`) || !factories.has(factoryId)) continue;
          if (merged.has(item.seriesId)) continue;
          addDevice(sql, factoryId, deviceKey, admissionOf(factoryId) === 'approve' ? 'pending' : 'active');
          addParameter(sql, item, 'nothing');
        }
        const active = sql.all<{ id: number }>('select series_id as id from parameters where series_id > 0');
        const devices = sql.all<RegisteredDevice>(
          'select factory_id as factoryId, key, id, last_seen_at as lastSeenAt, standing from devices',
        );
        const aliases = sql.all<Reconciled['aliases'][number]>(
          'select factory_id as factoryId, key, device_id as deviceId from device_aliases',
        );
        return { devices, activeSeries: new Set(active.map((row) => row.id)), aliases, merged };
      }),
    describe: (scope, description) => {
      store.write(scope, (sql) => {
        sql.run(
          `insert into main.devices (factory_id, id, key, name, tags, created_at)
           values (current_factory(), ?, ?, ?, ?, ?) on conflict do nothing`,
          newId(),
          description.key,
          description.name,
          JSON.stringify(description.tags ?? []),
          clock.now(),
        );
        for (const { name, kind, displayName, unit, decimals, lowLimit, highLimit } of description.parameters) {
          sql.run(
            `insert into main.parameters
               (factory_id, device_id, name, kind, series_id, display_name, unit, decimals, low_limit, high_limit, created_at)
             select current_factory(), id, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9 from devices where key = ?1
             on conflict do nothing`,
            description.key,
            name,
            kind,
            displayName ?? null,
            unit ?? null,
            decimals ?? null,
            lowLimit ?? null,
            highLimit ?? null,
            clock.now(),
          );
        }
      });
      catalogue.changed(scope.factoryId);
    },
    recordLastSeen: (seen) =>
      store.system('record last seen', (sql) => {
        for (const { factoryId, id, lastSeenAt } of seen) {
          sql.run(
            'update main.devices set last_seen_at = ? where factory_id = ? and id = ?',
            lastSeenAt,
            factoryId,
            id,
          );
        }
      }),
  };
}
