import { AppError } from '../core/errors.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { SqlReads, Store } from '../store/store.ts';
import type { Factories } from './factories.ts';

/** What one factory may take of the appliance. */
export interface Limits {
  readonly devices: number;
  /** Requests to the API (1/s), of all its people and keys together; ten seconds' worth at once. */
  readonly requestsPerS: number;
  /** Open event streams. */
  readonly streams: number;
  /** Questions to the history, and exports, at the same time. */
  readonly heavyQueries: number;
}

/** Those that an owner has set for a factory; null: as configured. */
export type OwnLimits = { readonly [Name in keyof Limits]: number | null };

/** What factories may take, so that none of them can starve the others. Held in memory: it is asked for all the time. */
export interface FactoryLimits {
  readonly configured: Limits;
  of(factoryId: number): Limits;
  /** @throws {AppError} `not_found` */
  ownOf(uuid: string): OwnLimits;
  /** @throws {AppError} `not_found` */
  set(uuid: string, own: OwnLimits): void;
}

interface Row {
  readonly factory_id: number;
  readonly devices: number | null;
  readonly requests_per_s: number | null;
  readonly streams: number | null;
  readonly heavy_queries: number | null;
}

const NONE: OwnLimits = { devices: null, requestsPerS: null, streams: null, heavyQueries: null };

const readAll = (sql: SqlReads) =>
  sql.all<Row>('select factory_id, devices, requests_per_s, streams, heavy_queries from factory_limits');

export function createFactoryLimits(
  store: Store,
  factories: Pick<Factories, 'scopeByUuid'>,
  configured: Limits,
): FactoryLimits {
  const own = new Map<number, OwnLimits>();
  const effective = new Map<number, Limits>();
  const remember = (factoryId: number, set: OwnLimits) => {
    own.set(factoryId, set);
    effective.set(factoryId, {
      devices: set.devices ?? configured.devices,
      requestsPerS: set.requestsPerS ?? configured.requestsPerS,
      streams: set.streams ?? configured.streams,
      heavyQueries: set.heavyQueries ?? configured.heavyQueries,
    });
  };
  for (const { factory_id, devices, requests_per_s, streams, heavy_queries } of store.systemRead(
    'list factories',
    readAll,
  )) {
    remember(factory_id, { devices, requestsPerS: requests_per_s, streams, heavyQueries: heavy_queries });
  }
  const scopeOf = (uuid: string): FactoryScope => {
    const scope = factories.scopeByUuid(uuid);
    if (scope === undefined) throw new AppError('not_found', 'not found');
    return scope;
  };

  return {
    configured,
    of: (factoryId) => effective.get(factoryId) ?? configured,
    ownOf: (uuid) => own.get(scopeOf(uuid).factoryId) ?? NONE,
    set: (uuid, limits) => {
      const scope = scopeOf(uuid);
      store.write(scope, (sql) =>
        sql.run(
          `insert into main.factory_limits (factory_id, devices, requests_per_s, streams, heavy_queries)
           values (current_factory(), ?, ?, ?, ?)
           on conflict (factory_id) do update set devices = excluded.devices,
             requests_per_s = excluded.requests_per_s, streams = excluded.streams,
             heavy_queries = excluded.heavy_queries`,
          limits.devices,
          limits.requestsPerS,
          limits.streams,
          limits.heavyQueries,
        ),
      );
      remember(scope.factoryId, limits);
    },
  };
}
