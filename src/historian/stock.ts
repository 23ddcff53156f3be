import { statfs } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../core/clock.ts';
import type { SqlReads, Store } from '../store/store.ts';
import type { RecentStock } from './recent-stock.ts';
import type { HotBuckets } from './samples.ts';
import type { Level } from './segment-catalogue.ts';

/** What a factory has in segments of one level. */
export interface LevelStock {
  readonly factoryId: number;
  readonly level: Level;
  readonly segments: number;
  /** Samples, or steps of a rollup. */
  readonly rows: number;
  readonly bytes: number;
  /** The span that they lie in: [fromTs, toTs) (epoch ms). */
  readonly fromTs: number;
  readonly toTs: number;
}

/** How fast a factory's history grows, by what it got lately. */
export interface Growth {
  readonly samplesPerSecond: number;
  readonly bytesPerDay: number;
}

export interface Disk {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/** Buckets that are closed and not in a segment yet. */
export interface Waiting {
  readonly buckets: number;
  /** The start of the oldest one (epoch ms). */
  readonly since: number | null;
}

export interface StockReport {
  readonly levels: readonly LevelStock[];
  /** By factory; one of which too little is known is not there. */
  readonly growth: ReadonlyMap<number, Growth>;
  /** By factory; null while it is still being counted. */
  readonly recent: ReadonlyMap<number, RecentStock> | null;
  /** Null when the system does not say. */
  readonly disk: Disk | null;
  readonly daysLeft: number | null;
  readonly waiting: Waiting;
}

export interface StockParts {
  readonly store: Pick<Store, 'systemRead'>;
  readonly clock: Clock;
  /** The data directory. */
  readonly root: string;
  /** What the appliance may still take (bytes): beyond it the oldest samples go. */
  readonly roomBytes: () => number;
  /** Run in a background thread. */
  readonly countRecent: () => Promise<readonly RecentStock[]>;
  /** For how long single samples of a factory are kept (days); null: for ever. */
  readonly rawDays: (factoryId: number) => number | null;
  /**
   * Called once a day while the oldest samples go for want of space in so many days, 1 to `SOON_DAYS`; not where some go by
   * age before that, which makes room.
   */
  readonly onSoonSpent?: (daysLeft: number) => void;
}

/** What is stored, how fast it grows, and how long the disk will do. */
export interface Stock {
  report(): Promise<StockReport>;
  /** Days until the disk is full at this rate, as last known; null when that is not known. Takes no time. */
  readonly daysLeft: number | null;
  /** Hears which buckets there are. */
  buckets(buckets: HotBuckets): void;
  /** Measures no more by itself. */
  stop(): void;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Growth goes by so many days, or by what there is. */
const WINDOW_MS = 7 * DAY_MS;
/** Less than this says nothing of a day. */
const LEAST_WINDOW_MS = HOUR_MS / 2;
/** Enough to export what is wanted, or to buy a disk. */
const SOON_DAYS = 30;
/** What was asked for is good for so long. */
const [FRESH_MS, RECENT_FRESH_MS] = [10_000, 30_000];
/** Days change slowly, and every screen asks for them every few seconds. */
const DAYS_FRESH_MS = 60_000;
/** A count that takes longer comes with a later answer. */
const COUNT_PATIENCE_MS = 2_000;

type StockRow = LevelStock & { readonly windowMs: number; readonly newRows: number; readonly newBytes: number };

/** A file that lies partly in the window counts with that part. */
const LEVELS = `
with ends as (
  select factory_id, min(from_ts) as first, max(to_ts) as last from segments where level = 'raw' group by factory_id
), windows as (
  select factory_id, max(first, ?1 - ${WINDOW_MS}) as since,
    case when last > ?1 - ${HOUR_MS} then min(last, ?1) else ?1 end as until
  from ends
), parts as (
  select s.*, coalesce(w.until - w.since, 0) as window_ms,
    max(0.0, min(s.to_ts, w.until) - max(s.from_ts, w.since)) / (s.to_ts - s.from_ts) as share
  from segments s left join windows w on w.factory_id = s.factory_id
)
select factory_id as factoryId, level, count(*) as segments, sum(rows) as rows, sum(size_bytes) as bytes,
  min(from_ts) as fromTs, max(to_ts) as toTs, max(window_ms) as windowMs,
  coalesce(sum(rows * share), 0) as newRows, coalesce(sum(size_bytes * share), 0) as newBytes
from parts group by factory_id, level order by factory_id, level`;

const levelsNow = (sql: SqlReads, now: number): StockRow[] => sql.all<StockRow>(LEVELS, now);

function growthOf(rows: readonly StockRow[]): Map<number, Growth> {
  const growth = new Map<number, Growth>();
  for (const [factoryId, own] of Map.groupBy(rows, (row) => row.factoryId)) {
    const windowMs = own[0]?.windowMs ?? 0;
    if (windowMs < LEAST_WINDOW_MS) continue;
    const samples = own.find(({ level }) => level === 'raw')?.newRows ?? 0;
    const bytes = own.reduce((sum, { newBytes }) => sum + newBytes, 0);
    growth.set(factoryId, {
      samplesPerSecond: (samples / windowMs) * 1_000,
      bytesPerDay: (bytes / windowMs) * DAY_MS,
    });
  }
  return growth;
}

/** Days until the room is spent; null where nothing comes, or too little is known. */
function daysLeftOf(roomBytes: number | null, growth: ReadonlyMap<number, Growth>): number | null {
  const bytesPerDay = [...growth.values()].reduce((sum, one) => sum + one.bytesPerDay, 0);
  return roomBytes === null || bytesPerDay < 1 ? null : Math.floor(Math.max(0, roomBytes) / bytesPerDay);
}

interface Measured {
  readonly at: number;
  readonly rows: readonly StockRow[];
  readonly disk: Disk | null;
  readonly roomBytes: number | null;
}

export function createStock(parts: StockParts): Stock {
  const { store, clock, root, roomBytes, countRecent, rawDays, onSoonSpent } = parts;
  let measured: Measured | undefined;
  let measuring: Promise<void> | undefined;
  let recent: { readonly at: number; readonly stocks: ReadonlyMap<number, RecentStock> } | undefined;
  let counting: Promise<void> | undefined;
  let waiting: Waiting = { buckets: 0, since: null };
  let saidAt = Number.NEGATIVE_INFINITY;

  const isFresh = (one: { readonly at: number } | undefined, ms: number) =>
    one !== undefined && performance.now() - one.at < ms;

  const measure = async (): Promise<void> => {
    const disk = await statfs(root).then(
      ({ bavail, blocks, bsize }) => ({ totalBytes: blocks * bsize, freeBytes: bavail * bsize }),
      () => null,
    );
    const rows = store.systemRead('measure storage', (sql) => levelsNow(sql, clock.now()));
    const at = performance.now();
    measured = { at, rows, disk, roomBytes: disk === null ? null : roomBytes() };
    const daysLeft = daysLeftOf(measured.roomBytes, growthNow());
    if (daysLeft === null || daysLeft < 1 || daysLeft > SOON_DAYS || at - saidAt < DAY_MS) return;
    const goesByAge = rows.some(({ factoryId, level, fromTs }) => {
      const kept = level === 'raw' ? rawDays(factoryId) : null;
      return kept !== null && clock.now() - fromTs >= (kept - daysLeft) * DAY_MS;
    });
    if (goesByAge) return;
    saidAt = at;
    onSoonSpent?.(daysLeft);
  };

  const measureOnce = (freshMs = FRESH_MS): Promise<void> => {
    if (isFresh(measured, freshMs)) return Promise.resolve();
    measuring ??= measure().finally(() => {
      measuring = undefined;
    });
    return measuring;
  };

  const countOnce = (): Promise<void> => {
    if (isFresh(recent, RECENT_FRESH_MS)) return Promise.resolve();
    counting ??= countRecent()
      .then((stocks) => {
        recent = { at: performance.now(), stocks: new Map(stocks.map((one) => [one.factoryId, one])) };
      })
      // What is not counted now, because the appliance stops or a bucket has gone, is so the next time.
      .catch(() => undefined)
      .finally(() => {
        counting = undefined;
      });
    return counting;
  };

  const growthNow = () => growthOf(measured?.rows ?? []);
  // What cannot be measured now is so the next time.
  const timer = setInterval(() => measureOnce().catch(() => undefined), HOUR_MS);
  timer.unref();

  return {
    stop: () => clearInterval(timer),
    report: async () => {
      const patience = new AbortController();
      await Promise.race([countOnce(), delay(COUNT_PATIENCE_MS, undefined, { signal: patience.signal, ref: false })]);
      patience.abort();
      await measureOnce();
      const { rows = [], disk = null, roomBytes: room = null } = measured ?? {};
      const growth = growthNow();
      return {
        levels: rows,
        growth,
        recent: recent?.stocks ?? null,
        disk,
        daysLeft: daysLeftOf(room, growth),
        waiting,
      };
    },
    get daysLeft() {
      // It comes with the next question.
      measureOnce(DAYS_FRESH_MS).catch(() => undefined);
      return daysLeftOf(measured?.roomBytes ?? null, growthNow());
    },
    buckets: ({ closed }) => {
      waiting = {
        buckets: closed.length,
        since: closed.length === 0 ? null : Math.min(...closed.map(({ startMs }) => startMs)),
      };
    },
  };
}
