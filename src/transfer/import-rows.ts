import { AppError } from '../core/errors.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Sql, SqlReads, Store } from '../store/store.ts';
import type { CsvPlace } from './csv-records.ts';
import type { Examined } from './examine.ts';
import type { ImportOptions } from './plan.ts';

export type ImportState = 'uploading' | 'examining' | 'ready' | 'running' | 'done' | 'failed';

/** A file that was sent to be imported. Times are epoch ms. */
export interface ImportJob {
  readonly factoryId: number;
  readonly id: string;
  readonly fileName: string;
  readonly state: ImportState;
  readonly options: ImportOptions;
  /** Null until it has been looked at. */
  readonly examined: Examined | null;
  readonly skipFaulty: boolean;
  readonly sizeBytes: number;
  /** All samples before it are stored; line 0 is before the start. */
  readonly done: CsvPlace;
  readonly samples: number;
  readonly error: string | null;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

interface Row {
  readonly factory_id: number;
  readonly id: string;
  readonly file_name: string;
  readonly state: ImportState;
  readonly options: string;
  readonly examined: string | null;
  readonly skip_faulty: number;
  readonly size_bytes: number;
  readonly done_bytes: number;
  readonly done_lines: number;
  readonly samples: number;
  readonly error: string | null;
  readonly created_by: string;
  readonly created_at: number;
  readonly updated_at: number;
}

const COLUMNS =
  'factory_id, id, file_name, state, options, examined, skip_faulty, size_bytes, done_bytes, done_lines, samples, error, created_by, created_at, updated_at';

/** What was found in a file may be long: a list does without. */
const LISTED = COLUMNS.replace('examined', 'null as examined');

const jobOf = (row: Row): ImportJob => ({
  factoryId: row.factory_id,
  id: row.id,
  fileName: row.file_name,
  state: row.state,
  options: JSON.parse(row.options),
  examined: row.examined === null ? null : JSON.parse(row.examined),
  skipFaulty: row.skip_faulty === 1,
  sizeBytes: row.size_bytes,
  done: { offset: row.done_bytes, line: row.done_lines },
  samples: row.samples,
  error: row.error,
  createdBy: row.created_by,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** What may change of a job; an absent key stays as it is. */
export type ImportChange = Partial<
  Pick<ImportJob, 'state' | 'options' | 'examined' | 'skipFaulty' | 'sizeBytes' | 'done' | 'samples' | 'error'>
>;

export interface ImportRowsTable {
  insert(scope: FactoryScope, job: Pick<ImportJob, 'id' | 'fileName' | 'options' | 'createdBy'>): void;
  /** @throws {AppError} `not_found` */
  get(scope: FactoryScope, id: string): ImportJob;
  /** Newest first, and without what was found in them. */
  list(scope: FactoryScope): ImportJob[];
  /** @throws {AppError} `not_found`: it was removed meanwhile */
  change(scope: FactoryScope, id: string, change: ImportChange): void;
  remove(scope: FactoryScope, id: string): void;
  /** Of all factories: what a start has to go on with, and which files are to be kept. */
  unfinished(): ImportJob[];
}

const notFound = () => new AppError('not_found', 'not found');

const select = (sql: Sql, id: string): ImportJob => {
  const row = sql.get<Row>(`select ${COLUMNS} from imports where id = ?`, id);
  if (row === undefined) throw notFound();
  return jobOf(row);
};

export function createImportRows(store: Store, now: () => number): ImportRowsTable {
  return {
    insert: (scope, { id, fileName, options, createdBy }) =>
      store.write(scope, (sql) => {
        sql.run(
          `insert into main.imports (factory_id, id, file_name, state, options, created_by, created_at, updated_at)
           values (current_factory(), ?1, ?2, 'uploading', ?3, ?4, ?5, ?5)`,
          ...[id, fileName, JSON.stringify(options), createdBy, now()],
        );
      }),
    get: (scope, id) => store.read(scope, (sql) => select(sql, id)),
    list: (scope) =>
      store.read(scope, (sql) => sql.all<Row>(`select ${LISTED} from imports order by created_at desc, id`).map(jobOf)),
    change: (scope, id, change) =>
      store.write(scope, (sql) => {
        const { state, options, examined, skipFaulty, sizeBytes, done, samples, error } = {
          ...select(sql, id),
          ...change,
        };
        const isExaminedNew = 'examined' in change;
        sql.run(
          `update main.imports set state = ?, options = ?, skip_faulty = ?, size_bytes = ?, done_bytes = ?, done_lines = ?,
             samples = ?, error = ?, updated_at = ?, examined = case when ? then ? else examined end
           where factory_id = current_factory() and id = ?`,
          ...[
            state,
            JSON.stringify(options),
            Number(skipFaulty),
            sizeBytes,
            done.offset,
            done.line,
            samples,
            error,
            now(),
          ],
          ...[Number(isExaminedNew), isExaminedNew && examined !== null ? JSON.stringify(examined) : null, id],
        );
      }),
    remove: (scope, id) =>
      store.write(scope, (sql) => {
        sql.run('delete from main.imports where factory_id = current_factory() and id = ?', id);
      }),
    unfinished: () =>
      store.systemRead('resume imports', (sql: SqlReads) =>
        sql
          .all<Row>(
            `select ${LISTED} from imports where state in ('uploading', 'examining', 'ready', 'running', 'failed')`,
          )
          .map(jobOf),
      ),
  };
}
