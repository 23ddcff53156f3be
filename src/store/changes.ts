import type { Connection } from './sqlite.ts';

/**
 * How a column of a watched table is told.
 *
 * - `value`, `flag` (0 or 1), `time` (epoch ms), `json`: as it is
 * - `hidden`: that it was set or changed, and never what it holds
 */
export type WatchedColumn = 'value' | 'flag' | 'time' | 'json' | 'hidden';

export type RowEvent = 'insert' | 'update' | 'delete';

/** A table whose rows do not change without a word. In SQL, `row.` stands for the row before or after. */
export interface WatchedTable {
  readonly table: string;
  /** SQL: which row it is, and what people call it. */
  readonly id: string;
  readonly name: string;
  /** SQL: the number of the factory that it belongs to, or null. */
  readonly factory: string;
  readonly columns: Readonly<Record<string, WatchedColumn>>;
  /** All of them when left out. */
  readonly events?: readonly RowEvent[];
  /** SQL: only changes of which this is true. */
  readonly onlyIf?: string;
}

/** A row before and after; null where it was not there. Hidden columns hold `(hidden)`, or `(hidden, new)` once changed. */
export interface RowChange {
  readonly table: string;
  readonly id: string;
  readonly name: string;
  readonly factoryId: number | null;
  readonly before: RowValues | null;
  readonly after: RowValues | null;
}

export type RowValues = Readonly<Record<string, unknown>>;

/** What a transaction has changed of the watched tables. */
export interface Changed {
  readonly rows: readonly RowChange[];
  /** How many more rows of each table. */
  readonly omitted: Readonly<Record<string, number>>;
}

const HIDDEN = '(hidden)';
const HIDDEN_NEW = '(hidden, new)';

/** Rows told of one transaction; beyond them they are counted. */
const MAX_ROWS = 500;

/** Sees what transactions change on one connection, by triggers, so that no statement can forget to say it. */
export interface ChangeWatch {
  /** Begins a transaction, of which nothing is told when it is not watched. */
  begin(isWatched: boolean): void;
  /** What it has changed so far, once: to be asked before its commit. Undefined when that is nothing. */
  take(): Changed | undefined;
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const of = (sql: string, row: 'old' | 'new') => sql.replaceAll('row.', `${row}.`);

function sqlOf(column: string, kind: WatchedColumn, row: 'old' | 'new', event: RowEvent): string {
  const plain = `${row}."${column}"`;
  if (kind === 'json') return `json(${plain})`;
  if (kind !== 'hidden') return plain;
  const isChanged = event === 'insert' ? 'true' : `old."${column}" is not new."${column}"`;
  if (row === 'old') return `iif(${plain} is null, null, ${quoted(HIDDEN)})`;
  return `case when ${plain} is null then null when ${isChanged} then ${quoted(HIDDEN_NEW)} else ${quoted(HIDDEN)} end`;
}

function rowOf({ columns }: WatchedTable, row: 'old' | 'new', event: RowEvent): string {
  const pairs = Object.entries(columns).map(([name, kind]) => `${quoted(name)}, ${sqlOf(name, kind, row, event)}`);
  return `json_object(${pairs.join(', ')})`;
}

function triggerOf(watched: WatchedTable, event: RowEvent): string {
  const { table, id, name, factory, columns, onlyIf } = watched;
  const names = Object.keys(columns).map((column) => `"${column}"`);
  const is = event === 'delete' ? 'old' : 'new';
  // A factory may be left: then it is that of before.
  const factoryId = event === 'update' ? `coalesce(${of(factory, 'new')}, ${of(factory, 'old')})` : of(factory, is);
  const conditions = [
    ...(event === 'update' ? [`(${names.map((column) => `old.${column} is not new.${column}`).join(' or ')})`] : []),
    ...(onlyIf === undefined ? [] : [`(${of(onlyIf, is)})`]),
    // Last: it counts.
    `watched(${quoted(table)})`,
  ];
  return `create temp trigger "watch_${event}_${table}"
    after ${event === 'update' ? `update of ${names.join(', ')}` : event} on main."${table}"
    when ${conditions.join(' and ')}
    begin
      insert into row_changes (tab, id, name, factory_id, before, after) values (
        ${quoted(table)}, ${of(id, is)}, ${of(name, is)}, ${factoryId},
        ${event === 'insert' ? 'null' : rowOf(watched, 'old', event)},
        ${event === 'delete' ? 'null' : rowOf(watched, 'new', event)});
    end;`;
}

interface Noted {
  readonly tab: string;
  readonly id: string | number | null;
  readonly name: string | null;
  readonly factoryId: number | null;
  readonly before: string | null;
  readonly after: string | null;
}

const plainTime = (value: unknown) => (typeof value === 'number' ? new Date(value).toISOString() : value);

function readValues({ columns }: WatchedTable, json: string | null): RowValues | null {
  if (json === null) return null;
  const entries = Object.entries(JSON.parse(json) as RowValues).map(([name, value]): [string, unknown] => {
    if (columns[name] === 'flag' && value !== null) return [name, value === 1];
    return [name, columns[name] === 'time' ? plainTime(value) : value];
  });
  return Object.fromEntries(entries);
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

const withoutNulls = (values: RowValues | null) =>
  values && Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));

/** Of a row that was there before and after, only what differs; else all that it holds. Undefined when nothing differs. */
function differing(change: RowChange): RowChange | undefined {
  const { before, after } = change;
  if (before === null && after === null) return undefined;
  if (before === null || after === null) {
    return { ...change, before: withoutNulls(before), after: withoutNulls(after) };
  }
  const names = Object.keys(after).filter((name) => !isSame(before[name], after[name]));
  if (names.length === 0) return undefined;
  const only = (values: RowValues) => Object.fromEntries(names.map((name) => [name, values[name]]));
  return { ...change, before: only(before), after: only(after) };
}

/** What has become of each row in all: one that was removed and put back as it was has not changed. */
function folded(notes: readonly Noted[], tables: ReadonlyMap<string, WatchedTable>): RowChange[] {
  const rows = new Map<string, RowChange>();
  for (const { tab, id, name, factoryId, before, after } of notes) {
    const watched = tables.get(tab);
    if (watched === undefined) continue;
    const key = JSON.stringify([tab, id, factoryId]);
    const earlier = rows.get(key);
    rows.set(key, {
      table: tab,
      id: String(id ?? ''),
      name: name ?? earlier?.name ?? '',
      factoryId: factoryId ?? earlier?.factoryId ?? null,
      before: earlier === undefined ? readValues(watched, before) : earlier.before,
      after: readValues(watched, after),
    });
  }
  return [...rows.values()].flatMap((change) => differing(change) ?? []);
}

/**
 * Puts the triggers on a connection. They write to a TEMP table, so that what a failed statement, or a failed
 * transaction, had told is taken back with it.
 */
export function watchChanges(db: Connection, tables: readonly WatchedTable[]): ChangeWatch {
  let isOn = false;
  let left = 0;
  let omitted: Record<string, number> = {};
  db.function('watched', (table: unknown) => {
    if (!isOn) return 0;
    if (left > 0) return left--;
    omitted[String(table)] = (omitted[String(table)] ?? 0) + 1;
    return 0;
  });
  db.exec(`create temp table row_changes (
    tab text not null, id, name text, factory_id integer, before text, after text)`);
  const events: readonly RowEvent[] = ['insert', 'update', 'delete'];
  for (const table of tables) {
    db.exec((table.events ?? events).map((event) => triggerOf(table, event)).join('\n'));
  }
  const byName = new Map(tables.map((table) => [table.table, table]));
  const read = db.prepare<[], Noted>(
    'select tab, id, name, factory_id as factoryId, before, after from temp.row_changes order by rowid',
  );
  const clear = db.prepare('delete from temp.row_changes');
  return {
    begin: (isWatched) => {
      isOn = isWatched;
      left = MAX_ROWS;
      omitted = {};
    },
    take: () => {
      if (!isOn || left === MAX_ROWS) return undefined;
      isOn = false;
      const rows = folded(read.all(), byName);
      clear.run();
      return rows.length === 0 ? undefined : { rows, omitted };
    },
  };
}
