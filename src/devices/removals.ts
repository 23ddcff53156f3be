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
   * next start.
   *
   * @throws {AppError} `not_found`
   */
  removeDevice(scope: FactoryScope, id: string, series: readonly ForgottenSeries[]): void;
  /** The same for all devices of a factory, inside the transaction that removes the factory. */
  removeDevicesOf(sql: Sql, factoryId: number, series: readonly ForgottenSeries[]): void;
  /** The list of forgotten series of all factories. */
  pending(): ForgottenSeries[];
  /** Takes series off the list, none of whose samples is left. */
  erased(series: readonly ForgottenSeries[]): void;
}

export function createRemovals(store: Store, catalogue: Catalogue): Removals {
  return {
    removeDevice: (scope, id, series) => {
      store.write(scope, (sql) => {
        // Parameters go with their device.
        const removed = sql.run('delete from main.devices where factory_id = current_factory() and id = ?', id);
        if (removed === 0) throw new AppError('not_found', 'not found');
        for (const { seriesId } of series) {
          sql.run('insert into main.forgotten_series (factory_id, series_id) values (current_factory(), ?)', seriesId);
        }
      });
      catalogue.changed(scope.factoryId, id);
    },
    removeDevicesOf: (sql, factoryId, series) => {
      sql.run('delete from main.devices where factory_id = ?', factoryId);
      for (const { seriesId } of series) {
        sql.run('insert into main.forgotten_series (factory_id, series_id) values (?, ?)', factoryId, seriesId);
      }
      catalogue.changed(factoryId);
    },
    pending: () =>
      store.system('erase removed history', (sql) =>
        sql.all<{ factoryId: number; seriesId: number }>(
          'select factory_id as factoryId, series_id as seriesId from forgotten_series',
        ),
      ),
    erased: (series) =>
      store.system('erase removed history', (sql) => {
        for (const { factoryId, seriesId } of series) {
          sql.run('delete from main.forgotten_series where factory_id = ? and series_id = ?', factoryId, seriesId);
        }
      }),
  };
}
