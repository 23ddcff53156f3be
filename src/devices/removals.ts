import { AppError } from '../core/errors.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { ForgottenSeries } from '../historian/historian.ts';
import type { Sql, Store } from '../store/store.ts';
import type { Catalogue } from './catalogue.ts';

/** Devices on their way out, and what is still to be erased of those that are gone. */
export interface Removals {
  /**
   * Removes a device with its parameters, and puts its series on the list of forgotten ones, in one transaction. That
   * transaction is the removal: a crash before it leaves the device whole, a crash after it leaves the rest to the
   * next start. To the series given, those that its parameters write to are added.
   *
   * @returns every series that was put on the list
   * @throws {AppError} `not_found`
   */
  removeDevice(scope: FactoryScope, id: string, series: readonly ForgottenSeries[]): readonly ForgottenSeries[];
  /** The same for all devices of a factory, inside the transaction that removes the factory. */
  removeDevicesOf(sql: Sql, factoryId: number, series: readonly ForgottenSeries[]): readonly ForgottenSeries[];
  /** The list of forgotten series of all factories. */
  pending(): ForgottenSeries[];
  /** Takes series off the list, none of whose samples is left. */
  erased(series: readonly ForgottenSeries[]): void;
}

/** The series given and those that the parameters of a device, or of all of a factory's, write to; each once. */
function withActive(sql: Sql, given: readonly ForgottenSeries[], factoryId: number, id?: string): ForgottenSeries[] {
  const active = sql.all<{ seriesId: number }>(
    `select series_id as seriesId from parameters
     where factory_id = ?1 and (?2 is null or device_id = ?2) and series_id > 0`,
    factoryId,
    id ?? null,
  );
  const ids = new Set([...given, ...active].map(({ seriesId }) => seriesId));
  return [...ids].map((seriesId) => ({ factoryId, seriesId }));
}

export function createRemovals(store: Store, catalogue: Catalogue): Removals {
  return {
    removeDevice: (scope, id, given) => {
      const { factoryId } = scope;
      const forgotten = store.write(scope, (sql) => {
        const series = withActive(sql, given, factoryId, id);
        // Parameters go with their device.
        const removed = sql.run('delete from main.devices where factory_id = current_factory() and id = ?', id);
        if (removed === 0) throw new AppError('not_found', 'not found');
        for (const { seriesId } of series) {
          sql.run('insert into main.forgotten_series (factory_id, series_id) values (current_factory(), ?)', seriesId);
        }
        return series;
      });
      catalogue.changed(factoryId, id);
      return forgotten;
    },
    removeDevicesOf: (sql, factoryId, given) => {
      const series = withActive(sql, given, factoryId);
      sql.run('delete from main.devices where factory_id = ?', factoryId);
      for (const { seriesId } of series) {
        sql.run('insert into main.forgotten_series (factory_id, series_id) values (?, ?)', factoryId, seriesId);
      }
      catalogue.changed(factoryId);
      return series;
    },
    pending: () =>
      store.systemRead('erase removed history', (sql) =>
        sql.all<{ factoryId: number; seriesId: number }>(
          'select factory_id as factoryId, series_id as seriesId from forgotten_series',
        ),
      ),
    erased: (series) => {
      store.system('erase removed history', (sql) => {
        for (const { factoryId, seriesId } of series) {
          sql.run('delete from main.forgotten_series where factory_id = ? and series_id = ?', factoryId, seriesId);
        }
      });
      store.settleJournal();
    },
  };
}
