import type { Clock } from '../core/clock.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Sql, SqlReads, Store } from '../store/store.ts';
import { isTooOld, type RemovalReason, type RetentionDays, spent } from './retention-plan.ts';
import type { StoredSegment } from './segment-catalogue.ts';

const DAY_MS = 86_400_000;
/** Samples are accepted up to their age limit, and are a while on their way to the catalogue. */
const AGE_MARGIN_MS = 3_600_000;

/** What was removed of a factory's level for a reason. */
export interface Removed {
  readonly factoryId: number;
  readonly level: StoredSegment['level'];
  readonly reason: RemovalReason;
  readonly segments: number;
  readonly samples: number;
  readonly sizeBytes: number;
  /** The newest stamp that is gone (epoch ms, exclusive). */
  readonly untilTs: number;
  readonly removedAt: number;
}

export interface RetentionParts {
  readonly store: Pick<Store, 'system' | 'systemRead' | 'write'>;
  readonly clock: Clock;
  /** Where nothing else is said of a factory. */
  readonly days: RetentionDays;
  /** Bytes that the appliance takes beyond its budget; none or less when it keeps to it. */
  readonly excessBytes: (history: HistoryBytes) => number;
  /** Called for each segment that has been removed. */
  readonly onRemoved?: (removal: Removal) => void;
}

/** Bytes of all segments, and of files that are no segments any more and go soon. */
export interface HistoryBytes {
  readonly segments: number;
  readonly leaving: number;
}

/** What is to go. */
export interface Removal {
  readonly segment: StoredSegment;
  readonly reason: RemovalReason;
}

/**
 * How long history is kept: each level for its time, and the oldest samples no longer than the byte budget allows. A
 * factory's samples go behind its **raw horizon**: below it none are accepted, because what was rolled up of that time could
 * not be brought up any more. So the horizon moves first, and files go in a later round, when all that had been accepted
 * before has arrived in the catalogue.
 */
export interface Retention {
  /** Where nothing else is said of a factory. */
  readonly days: RetentionDays;
  /** How long this factory's history is kept. */
  daysOf(factoryId: number): FactoryDays;
  /**
   * Says how long this factory's history is kept; null: as any other's. What is too old by it goes with the round after the
   * next. What has gone does not come back: no samples are accepted for that time.
   */
  keep(scope: FactoryScope, days: OwnDays | null): void;
  /** Samples of the factory with an earlier stamp are not accepted (epoch ms). */
  rawFrom(factoryId: number): number;
  /** Those with an earlier stamp do not stay, if an import brings them: they are rolled up, and go (epoch ms). */
  keptFrom(factoryId: number): number;
  /** Moves horizons as the budget demands; then says what may go now. Once a round. */
  due(segments: readonly StoredSegment[], leavingBytes: number): Removal[];
  /** Whether what `due` named is to go still: meanwhile somebody may have said otherwise. */
  isDue(removal: Removal): boolean;
  /** Counts a removal, in the transaction that removes it. */
  count(sql: Pick<Sql, 'run'>, removal: Removal): void;
  /** When that transaction has committed. */
  done(removal: Removal): void;
  /** All that was removed, of all factories. */
  removed(): Removed[];
}

/** For a factory that has its own; single samples are never kept for ever, so that there is an end to what may come late. */
export type OwnDays = RetentionDays & { readonly raw: number };

/** `isOwn`: not by the configuration, but said of this factory. */
export type FactoryDays = RetentionDays & { readonly isOwn: boolean };

const ownDaysOf = (sql: SqlReads) =>
  new Map(
    sql
      .all<{ id: number; raw: number; minute: number | null; quarter: number | null }>(
        'select factory_id as id, raw_days as raw, minute_days as minute, quarter_days as quarter from factory_retention',
      )
      .map(({ id, raw, minute, quarter }): [number, RetentionDays] => [id, { raw, '1m': minute, '15m': quarter }]),
  );

/** Up to where samples have gone by age: what had been rolled up of them must not be replaced by what comes late. */
const goneOf = (sql: SqlReads) =>
  new Map(
    sql
      .all<{ id: number; until: number }>(
        `select factory_id as id, until_ts as until from removed_history where level = 'raw' and reason = 'age'`,
      )
      .map(({ id, until }) => [id, until]),
  );

const horizonsOf = (sql: SqlReads) =>
  new Map(
    sql
      .all<{ id: number; rawFrom: number }>('select factory_id as id, raw_from as rawFrom from raw_horizons')
      .map(({ id, rawFrom }) => [id, rawFrom]),
  );

export function createRetention({ store, clock, days, excessBytes, onRemoved }: RetentionParts): Retention {
  let horizons = store.systemRead('remove old history', horizonsOf);
  const gone = store.systemRead('remove old history', goneOf);
  let own = store.systemRead('remove old history', ownDaysOf);
  /** Factories whose days have changed since the last round: what was accepted before is on its way still. */
  const justSaid = new Set<number>();

  const daysOf = (factoryId: number): FactoryDays => {
    const ofFactory = own.get(factoryId);
    return { ...(ofFactory ?? days), isOwn: ofFactory !== undefined };
  };

  const keptFrom = (factoryId: number): number => {
    const { raw } = daysOf(factoryId);
    const byAge = raw === null ? Number.NEGATIVE_INFINITY : clock.now() - raw * DAY_MS;
    return Math.max(byAge, horizons.get(factoryId) ?? Number.NEGATIVE_INFINITY);
  };

  const isOld = (segment: StoredSegment): boolean => {
    const { factoryId, level } = segment;
    const now = clock.now();
    return isTooOld(segment, daysOf(factoryId), level === 'raw' ? now - AGE_MARGIN_MS : now);
  };

  /** Beyond what `due` names already. */
  const moveHorizons = (spending: readonly StoredSegment[]): void => {
    const raw = spending.filter(({ level }) => level === 'raw');
    if (raw.length === 0) return;
    store.system('remove old history', (sql) => {
      for (const { factoryId, toTs } of raw) {
        sql.run(
          `insert into main.raw_horizons (factory_id, raw_from) select ?1, ?2 where exists (select 1 from factories where id = ?1)
           on conflict do update set raw_from = max(raw_from, excluded.raw_from)`,
          factoryId,
          toTs,
        );
      }
    });
    horizons = store.systemRead('remove old history', horizonsOf);
  };

  return {
    days,
    daysOf,
    keep: (scope, kept) => {
      store.write(scope, (sql) => {
        sql.run('delete from main.factory_retention where factory_id = current_factory()');
        if (kept === null) return;
        sql.run(
          `insert into main.factory_retention (factory_id, raw_days, minute_days, quarter_days)
           values (current_factory(), ?, ?, ?)`,
          ...[kept.raw, kept['1m'], kept['15m']],
        );
      });
      own = store.systemRead('remove old history', ownDaysOf);
      justSaid.add(scope.factoryId);
    },
    rawFrom: (factoryId) => Math.max(keptFrom(factoryId), gone.get(factoryId) ?? Number.NEGATIVE_INFINITY),
    keptFrom,
    isDue: ({ segment, reason }) => reason === 'budget' || (isOld(segment) && !justSaid.has(segment.factoryId)),
    due: (segments, leaving) => {
      const removals = segments.flatMap((segment): Removal[] => {
        const { factoryId, level, toTs } = segment;
        if (isOld(segment)) return justSaid.has(factoryId) ? [] : [{ segment, reason: 'age' }];
        const horizon = horizons.get(factoryId) ?? Number.NEGATIVE_INFINITY;
        return level === 'raw' && toTs <= horizon ? [{ segment, reason: 'budget' }] : [];
      });
      justSaid.clear();
      const going = new Set(removals.map(({ segment }) => segment));
      const bytes = segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const excess =
        excessBytes({ segments: bytes, leaving }) - removals.reduce((sum, { segment }) => sum + segment.sizeBytes, 0);
      if (excess <= 0) return removals;
      const spending = spent(
        segments.filter((segment) => !going.has(segment)),
        excess,
      );
      moveHorizons(spending);
      const rollups = spending.filter(({ level }) => level !== 'raw');
      return [...removals, ...rollups.map((segment): Removal => ({ segment, reason: 'budget' }))];
    },
    count: (sql, { segment, reason }) => {
      const { factoryId, level, rows, sizeBytes, toTs } = segment;
      sql.run(
        `insert into main.removed_history (factory_id, level, reason, segments, samples, size_bytes, until_ts, removed_at)
         select ?1, ?2, ?3, 1, ?4, ?5, ?6, ?7 where exists (select 1 from factories where id = ?1)
         on conflict do update set segments = segments + 1, samples = samples + excluded.samples,
           size_bytes = size_bytes + excluded.size_bytes, until_ts = max(until_ts, excluded.until_ts), removed_at = excluded.removed_at`,
        ...[factoryId, level, reason, rows, sizeBytes, toTs, clock.now()],
      );
    },
    done: (removal) => {
      const { factoryId, level, toTs } = removal.segment;
      if (level === 'raw' && removal.reason === 'age') gone.set(factoryId, Math.max(toTs, gone.get(factoryId) ?? toTs));
      onRemoved?.(removal);
    },
    removed: () =>
      store.systemRead('remove old history', (sql) =>
        sql.all<Removed>(
          `select factory_id as factoryId, level, reason, segments, samples, size_bytes as sizeBytes, until_ts as untilTs,
             removed_at as removedAt from removed_history order by factory_id, level, reason`,
        ),
      ),
  };
}
