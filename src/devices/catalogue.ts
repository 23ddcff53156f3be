import type { FactoryScope } from '../core/scope.ts';
import type { SeriesKind } from '../historian/historian.ts';
import type { Sql, Store } from '../store/store.ts';
import { PARAMETER_COLUMNS, type Parameter, type ParameterRow, parameterOf } from './parameter.ts';
import type { Standing } from './standing.ts';

/** A parameter with the other series in which it goes on: of devices that have become a part of this one. */
export interface CataloguedParameter extends Parameter {
  readonly also: readonly number[];
}

/** A device with all its parameters, by name. */
export interface CataloguedDevice {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly standing: Standing;
  readonly tags: readonly string[];
  readonly parameters: readonly CataloguedParameter[];
}

/**
 * What the registry knows of a factory's devices, in memory: views of the whole factory look at thousands of
 * parameters each time, and these change seldom. Whoever changes the registry says so here, after the transaction.
 */
export interface Catalogue {
  /** The factory's devices that take part, by key. */
  devices(scope: FactoryScope): readonly CataloguedDevice[];
  /** Those too that wait, are retired or were rejected. */
  all(scope: FactoryScope): readonly CataloguedDevice[];
  /** Of any standing. */
  device(scope: FactoryScope, id: string): CataloguedDevice | undefined;
  /** Reads again what is known of a device, or of all of the factory's, when it is next asked for. */
  changed(factoryId: number, deviceId?: string): void;
}

interface Known {
  readonly byId: ReadonlyMap<string, CataloguedDevice>;
  readonly ordered: readonly CataloguedDevice[];
  readonly active: readonly CataloguedDevice[];
  readonly stale: Set<string>;
}

/** With more devices changed than this, reading all at once is the shorter way. */
const MAX_SINGLE_READS = 50;

type DeviceRow = Omit<CataloguedDevice, 'parameters' | 'tags'> & { readonly tags: string };

const DEVICES = 'select id, key, name, created_at as createdAt, standing, tags from devices';
type OwnedParameterRow = ParameterRow & { deviceId: string };

interface MergedRow {
  readonly deviceId: string;
  readonly parameter: string;
  readonly kind: SeriesKind;
  readonly seriesId: number;
}

const MERGED = 'select device_id as deviceId, parameter, kind, series_id as seriesId from merged_series';

/** Numbers and booleans are one kind of values, states the other. */
const goesOn = (row: ParameterRow, merged: MergedRow) =>
  merged.parameter === row.name &&
  merged.seriesId !== row.seriesId &&
  (merged.kind === 'state') === (row.kind === 'state');

const withMerged = (row: ParameterRow, merged: readonly MergedRow[]): CataloguedParameter => ({
  ...parameterOf(row),
  also: merged.filter((one) => goesOn(row, one)).map(({ seriesId }) => seriesId),
});

function readAll(sql: Sql): CataloguedDevice[] {
  const rows = sql.all<OwnedParameterRow>(
    `select device_id as deviceId, ${PARAMETER_COLUMNS} from parameters order by device_id, name`,
  );
  const parameters = Map.groupBy(rows, (row) => row.deviceId);
  const merged = Map.groupBy(sql.all<MergedRow>(MERGED), (row) => row.deviceId);
  return sql.all<DeviceRow>(DEVICES).map((device) => ({
    ...device,
    tags: JSON.parse(device.tags) as string[],
    parameters: (parameters.get(device.id) ?? []).map((row) => withMerged(row, merged.get(device.id) ?? [])),
  }));
}

function readOne(sql: Sql, id: string): CataloguedDevice[] {
  const merged = sql.all<MergedRow>(`${MERGED} where device_id = ?`, id);
  return sql.all<DeviceRow>(`${DEVICES} where id = ?`, id).map((device) => ({
    ...device,
    tags: JSON.parse(device.tags) as string[],
    parameters: sql
      .all<ParameterRow>(`select ${PARAMETER_COLUMNS} from parameters where device_id = ? order by name`, id)
      .map((row) => withMerged(row, merged)),
  }));
}

export function createCatalogue(store: Store): Catalogue {
  const factories = new Map<number, Known>();

  const upToDate = (scope: FactoryScope): Known => {
    const known = factories.get(scope.factoryId);
    if (known?.stale.size === 0) return known;
    const isFewChanged = known !== undefined && known.stale.size <= MAX_SINGLE_READS;
    const byId = new Map(isFewChanged ? known.byId : []);
    const stale = isFewChanged ? [...known.stale] : [];
    for (const id of stale) byId.delete(id);
    const read = store.read(scope, (sql) => (isFewChanged ? stale.flatMap((id) => readOne(sql, id)) : readAll(sql)));
    for (const device of read) byId.set(device.id, device);
    const ordered = [...byId.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    const active = ordered.filter(({ standing }) => standing === 'active');
    const fresh = { byId, ordered, active, stale: new Set<string>() };
    factories.set(scope.factoryId, fresh);
    return fresh;
  };

  return {
    devices: (scope) => upToDate(scope).active,
    all: (scope) => upToDate(scope).ordered,
    device: (scope, id) => upToDate(scope).byId.get(id),
    changed: (factoryId, deviceId) => {
      if (deviceId === undefined) factories.delete(factoryId);
      else factories.get(factoryId)?.stale.add(deviceId);
    },
  };
}
