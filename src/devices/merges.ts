import { AppError } from '../core/errors.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Series } from '../historian/historian.ts';
import type { Sql, Store } from '../store/store.ts';
import type { Catalogue } from './catalogue.ts';
import type { Standing } from './standing.ts';

const MAX_NAME_LENGTH = 128;

/** Two devices that become one, in the registry. */
export interface Merges {
  /**
   * Makes a device a part of another, in one transaction: its key and its aliases lead there, its parameters move where
   * the other has none of their name, and all its series are remembered as the other's, because `hot.db` and the files
   * go on calling them by the key under which they were born.
   *
   * A parameter whose kind does not go with that of the other's goes on under a name of its own: `mode (old-plc)`.
   *
   * @param series - that the device has or had
   * @returns what parameters are called now whose names have changed
   * @throws {AppError} `not_found`; `conflict` when one of the two does not take part
   */
  merge(
    scope: FactoryScope,
    id: string,
    intoId: string,
    series: readonly Pick<Series, 'seriesId' | 'parameter' | 'kind'>[],
  ): ReadonlyMap<string, string>;
}

/** A parameter's name with the key under which it was born. */
const nameBeside = (name: string, key: string): string => {
  const mark = ` (${key})`;
  return `${name.slice(0, MAX_NAME_LENGTH - mark.length)}${mark}`;
};

export interface MergesDeps {
  readonly store: Store;
  readonly catalogue: Catalogue;
  /** Epoch ms. */
  readonly now: () => number;
  /** Makes alarms of the first device those of the second, in the transaction; a row left behind goes with its device. */
  readonly moveAlarms: (sql: Sql, id: string, intoId: string, now: number) => void;
  /** Called once they are one, for whoever names devices by their ids. */
  readonly onMerged: (scope: FactoryScope, id: string, intoId: string) => void;
}

export function createMerges({ store, catalogue, now, moveAlarms, onMerged }: MergesDeps): Merges {
  return {
    merge: (scope, id, intoId, series) => {
      const renamed = store.write(scope, (sql) => {
        const rows = [id, intoId].map((uuid) =>
          sql.get<{ key: string; standing: Standing }>('select key, standing from devices where id = ?', uuid),
        );
        const [from, into] = rows;
        if (from === undefined || into === undefined) throw new AppError('not_found', 'not found');
        if (from.standing !== 'active' || into.standing !== 'active') {
          throw new AppError('conflict', 'only devices that take part can become one: approve or take them back first');
        }
        sql.run(
          'update main.device_aliases set device_id = ?2 where factory_id = current_factory() and device_id = ?1',
          id,
          intoId,
        );
        sql.run(
          'update main.merged_series set device_id = ?2 where factory_id = current_factory() and device_id = ?1',
          id,
          intoId,
        );
        sql.run(
          `insert into main.device_aliases (factory_id, key, device_id, created_at) values (current_factory(), ?, ?, ?)`,
          from.key,
          intoId,
          now(),
        );
        const renamed = new Map(
          sql
            .all<{ name: string }>(
              `select a.name from parameters a join parameters b on b.name = a.name and b.device_id = ?2
               where a.device_id = ?1 and (a.kind = 'state') <> (b.kind = 'state')`,
              id,
              intoId,
            )
            .map(({ name }) => [name, nameBeside(name, from.key)]),
        );
        for (const [name, next] of renamed) {
          sql.run(
            'update main.parameters set name = ? where factory_id = current_factory() and device_id = ? and name = ?',
            next,
            id,
            name,
          );
        }
        for (const { seriesId, parameter, kind } of series) {
          sql.run(
            `insert into main.merged_series (factory_id, series_id, device_id, parameter, kind)
             values (current_factory(), ?, ?, ?, ?) on conflict do nothing`,
            seriesId,
            intoId,
            renamed.get(parameter) ?? parameter,
            kind,
          );
        }
        sql.run(
          `update main.parameters set device_id = ?2
           where factory_id = current_factory() and device_id = ?1
             and name not in (select name from parameters where device_id = ?2)`,
          id,
          intoId,
        );
        // What is left of its parameters goes with it.
        sql.run(
          'update main.device_commands set device_id = ?2 where factory_id = current_factory() and device_id = ?1',
          id,
          intoId,
        );
        moveAlarms(sql, id, intoId, now());
        sql.run('delete from main.devices where factory_id = current_factory() and id = ?', id);
        return renamed;
      });
      catalogue.changed(scope.factoryId);
      onMerged(scope, id, intoId);
      return renamed;
    },
  };
}
