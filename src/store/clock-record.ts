import type { ClockMemory, Doubt } from '../core/clock-guard.ts';
import type { Sql } from './sqlite.ts';
import type { SqlReads, Store } from './store.ts';

/** The oldest periods go. */
const MAX_DOUBTS = 1_000;
const MAX_OUTAGES = 500;

const COLUMNS = `id, reason, began_at as beganAt, ended_at as endedAt, ended_by as endedBy, jump_ms as jumpMs,
  max_ahead_ms as maxAheadMs`;

const readOpen = (sql: SqlReads) =>
  sql.get<Doubt>(`select ${COLUMNS} from clock_doubts where ended_at is null order by id desc limit 1`) ?? null;

/** What the last run has left of its clock; null when the database is of a version that did not look. */
export function readClockMemory(sql: SqlReads): ClockMemory | null {
  if (sql.get(`select 1 from sqlite_schema where name = 'clock_memory'`) === undefined) return null;
  const memory = sql.get<{ trustedAt: number }>('select trusted_at as trustedAt from clock_memory');
  const last = sql.get<{ id: number | null }>('select max(id) as id from clock_doubts');
  return { trustedAt: memory?.trustedAt ?? null, open: readOpen(sql), lastId: last?.id ?? 0 };
}

function writeClock(sql: Sql, trustedAt: number, doubts: readonly Doubt[]): void {
  sql.run(
    `insert into main.clock_memory (id, trusted_at) values (1, ?)
     on conflict do update set trusted_at = excluded.trusted_at`,
    trustedAt,
  );
  for (const { id, reason, beganAt, endedAt, endedBy, jumpMs, maxAheadMs } of doubts) {
    sql.run(
      `insert into main.clock_doubts (id, reason, began_at, ended_at, ended_by, jump_ms, max_ahead_ms)
       values (?, ?, ?, ?, ?, ?, ?)
       on conflict do update set ended_at = excluded.ended_at, ended_by = excluded.ended_by`,
      ...[id, reason, beganAt, endedAt, endedBy],
      ...[jumpMs, maxAheadMs],
    );
  }
  if (doubts.length > 0) {
    sql.run(
      'delete from main.clock_doubts where id <= (select max(id) from clock_doubts) - ? and ended_at is not null',
      MAX_DOUBTS,
    );
  }
}

/** In which the clock was not trusted (epoch ms). */
export interface DoubtfulSpan {
  readonly from: number;
  readonly to: number;
}

/** Where the clock is remembered from run to run. */
export interface ClockRecord {
  read(): ClockMemory;
  /** Writes the time that is trusted, and doubts that have begun or ended, in one transaction. */
  write(trustedAt: number, doubts: readonly Doubt[]): void;
  /** The last thousand periods of doubt, newest first. */
  doubts(): Doubt[];
  /** What of a span (epoch ms, its end excluded) lies in such periods, oldest first. */
  doubtsIn(from: number, to: number): DoubtfulSpan[];
  /** Remembers that the appliance did not run in [from, to) (epoch ms); a kill makes `from` a minute early. */
  addOutage(from: number, to: number): void;
  /** The last 500 of them, oldest first. */
  outages(): (readonly [from: number, to: number])[];
}

export function createClockRecord(store: Pick<Store, 'system' | 'systemRead'>): ClockRecord {
  return {
    read: () => store.systemRead('remember the clock', readClockMemory) ?? { trustedAt: null, open: null, lastId: 0 },
    write: (trustedAt, doubts) => store.system('remember the clock', (sql) => writeClock(sql, trustedAt, doubts)),
    doubts: () =>
      store.systemRead('remember the clock', (sql) =>
        sql.all<Doubt>(`select ${COLUMNS} from clock_doubts order by id desc`),
      ),
    addOutage: (from, to) =>
      store.system('remember the clock', (sql) => {
        sql.run('insert into main.outages (began_at, ended_at) values (?, ?)', from, to);
        sql.run('delete from main.outages where id <= (select max(id) from outages) - ?', MAX_OUTAGES);
      }),
    outages: () =>
      store
        .systemRead('remember the clock', (sql) =>
          sql.all<DoubtfulSpan>('select began_at as "from", ended_at as "to" from outages order by began_at'),
        )
        .map(({ from, to }) => [from, to]),
    doubtsIn: (from, to) =>
      store.systemRead('remember the clock', (sql) =>
        sql.all<DoubtfulSpan>(
          `select max(began_at, ?1) as "from", min(coalesce(ended_at, ?2), ?2) as "to" from clock_doubts
           where began_at < ?2 and coalesce(ended_at, ?2) > ?1 and ended_at is not began_at order by began_at`,
          from,
          to,
        ),
      ),
  };
}
