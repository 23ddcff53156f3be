import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, clockIsTrusted } from '../core/clock.ts';
import type { Sql, Store } from '../store/store.ts';
import type { Bucket } from './buckets.ts';
import type { CompactOrder, Filtered, FilterOrder, MergeOrder } from './compact.ts';
import { dueForCompaction, rollupsToMerge } from './compaction-plan.ts';
import type { ForgottenSeries } from './eraser.ts';
import { clearQuarantine, quarantineOf } from './quarantine.ts';
import type { Removal, Retention } from './retention.ts';
import { levelsOwed } from './retention-plan.ts';
import type { HotBuckets, SampleWriter } from './samples.ts';
import type { Sealed, SealOrder } from './seal.ts';
import { groupsToSeal } from './seal-plan.ts';
import {
  addSegments,
  allSegments,
  factoriesIn,
  markSealed,
  overwriteFailed,
  removeSegments,
  type SegmentFile,
  type StoredSegment,
  sealedOf,
  totalBytes,
} from './segment-catalogue.ts';

export interface ArchiveParts {
  readonly writer: Pick<SampleWriter, 'closeBuckets' | 'dropBuckets'>;
  readonly store: Pick<Store, 'system' | 'systemRead'>;
  readonly clock: Clock;
  /** The data directory, and `hot.db` in it. */
  readonly root: string;
  readonly hotDb: string;
  /** A bucket is closed when its span has been over, and nothing has come for it, for so long (ms). */
  readonly latenessMs: number;
  /** Run in a background thread. */
  readonly seal: (order: SealOrder) => Promise<Sealed>;
  readonly compact: (order: CompactOrder) => Promise<readonly SegmentFile[]>;
  readonly mergeRollups: (order: MergeOrder) => Promise<SegmentFile | null>;
  readonly filter: (order: FilterOrder) => Promise<Filtered>;
  /** Tells other tools which series a factory's segments hold. */
  readonly listSeries: (factoryId: number) => Promise<unknown>;
  readonly retention: Pick<Retention, 'daysOf' | 'due' | 'isDue' | 'count' | 'done'>;
  /** True while a factory's samples are kept, whatever their age: some of their days are still coming. */
  readonly keepsRaw?: (factoryId: number) => boolean;
  /** Resolves when all who follow commits in `hot.db` have what has come until now: before it leaves by being sealed. */
  readonly untilRead?: () => Promise<void>;
  readonly onFault: (error: unknown) => void;
  readonly intervalMs?: number;
  readonly graceMs?: number;
  /** After the first failure of a compaction; longer after each further one. */
  readonly retryMs?: number;
  /** So many rollups of a month are merged before it is over. */
  readonly manyRollups?: number;
}

/** Turns buckets that are over into segments, and keeps the segments few. */
export interface Archive {
  /** Removes files that no catalogue names, and begins. Before any query. */
  start(): void;
  /**
   * Closes and seals what is due, compacts days and months that are over. Rounds do not overlap.
   *
   * @throws what went wrong, when everything else has been done
   */
  round(): Promise<void>;
  /** Takes forgotten series out of the segments of their factory. */
  purge(series: readonly ForgottenSeries[]): Promise<void>;
  /** Takes a removed factory's segments out of the catalogue, in the transaction that removes it. */
  forgetFactory(sql: Pick<Sql, 'run'>, factoryId: number): void;
  /** Removes its files, when that transaction has committed; what is being written for it too. */
  removeFactory(factoryId: number): Promise<void>;
  /** What all segments take on disk. */
  readonly sizeBytes: number;
  stop(): Promise<void>;
}

const DAY_MS = 86_400_000;
/** Below the data directory: a directory for each factory. */
const HOME = 'factories';
const INTERVAL_MS = 10_000;
/** A replaced file is kept for queries that have begun on it; they are given up long before. */
const GRACE_MS = 600_000;
/**
 * What is over for so long comes by a backfill, which makes a table for each ten minutes of a year: they are closed once
 * it has gone on from there, and not two minutes later, or there would be tens of thousands.
 */
const [LONG_OVER_MS, BACKFILL_IDLE_MS] = [3_600_000, 10_000];
/** Telemetry waits for so many tables, and for one write to disk for all of them. */
const DROPPED_AT_ONCE = 24;
/** A compaction that fails is tried again after a round, two, four, …, at last every ten minutes; others go on. */
const PUT_OFF_MS = 600_000;
/** A round that goes wrong so often (a full disk) is given up: the next begins in a few seconds. */
const MAX_FAULTS = 3;
/** What is marked as sealed is kept for readers of an old snapshot of hot.db. */
const MARKS_KEPT_MS = DAY_MS;

/** Beside the segments, and in no catalogue. */
const SERIES_LIST = '/segments/series.parquet';

const startsOf = (buckets: readonly Bucket[]) => buckets.map(({ startMs }) => startMs);

/** Nothing else, sealed or not, holds samples of its time: they would be later than it. */
const isSettled = (segment: StoredSegment, segments: readonly StoredSegment[], inUse: readonly Bucket[]) =>
  segment.isCompacted &&
  !inUse.some(({ startMs, endMs }) => startMs < segment.toTs && endMs > segment.fromTs) &&
  !segments.some(
    (other) =>
      other !== segment &&
      other.level === 'raw' &&
      other.factoryId === segment.factoryId &&
      other.fromTs < segment.toTs &&
      other.toTs > segment.fromTs,
  );

export function createArchive(parts: ArchiveParts): Archive {
  const { writer, store, clock, root, hotDb, latenessMs, onFault } = parts;
  const { intervalMs = INTERVAL_MS, graceMs = GRACE_MS, retryMs = INTERVAL_MS, manyRollups } = parts;
  const stopping = new AbortController();
  const replaced: { readonly file: string; readonly sizeBytes: number; readonly at: number }[] = [];
  /** Written, but the transaction that should have named them failed. */
  const unnamed: SegmentFile[] = [];
  let running: Promise<void> = Promise.resolve();
  /** Factories that have new segments since their series were listed. */
  const unlisted = new Set<number>();
  /** Days and months that could not be compacted: till when they are left alone, and for how long that is (ms, monotonic). */
  const putOff = new Map<string, { readonly until: number; readonly waitMs: number }>();
  let sizeBytes = 0;

  const segmentsNow = (): StoredSegment[] => store.systemRead('seal history', allSegments);

  const namedFiles = () =>
    new Set(segmentsNow().flatMap(({ file, isQuarantined }) => (isQuarantined ? [file, quarantineOf(file)] : [file])));

  const refreshSize = () => {
    sizeBytes = store.systemRead('seal history', totalBytes);
  };

  const removeDirectory = (factoryId: number) =>
    rmSync(join(root, HOME, String(factoryId)), { recursive: true, force: true });

  /** Or else every try on a full disk would leave some more. */
  const removeUnnamed = () => {
    if (unnamed.length === 0) return;
    store.system('seal history', overwriteFailed);
    const named = namedFiles();
    for (const { file } of unnamed.splice(0)) {
      if (!named.has(file)) rmSync(join(root, file), { force: true });
    }
  };

  /** One thing at a time: rounds, and what is asked for in between. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const done = running.then(() => {
      removeUnnamed();
      return work();
    });
    running = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  };

  /** Names files in the catalogue, in one transaction with `change`. */
  const name = (files: readonly SegmentFile[], change: (sql: Sql) => void) => {
    try {
      const unwanted = store.system('seal history', (sql) => {
        change(sql);
        return addSegments(sql, files, clock.now());
      });
      for (const { factoryId } of unwanted) removeDirectory(factoryId);
    } catch (error) {
      unnamed.push(...files);
      throw error;
    }
  };

  const drop = async (buckets: readonly Bucket[]): Promise<void> => {
    for (let at = 0; at < buckets.length; at += DROPPED_AT_ONCE) {
      await writer.dropBuckets(buckets.slice(at, at + DROPPED_AT_ONCE).map(({ table }) => table));
    }
  };

  /** Seals buckets of a group, as many together as fit into one file. */
  const sealGroup = async (group: readonly Bucket[]): Promise<void> => {
    for (let rest = group; rest.length > 0; ) {
      if (stopping.signal.aborted) return;
      const { files, buckets } = await parts.seal({ hotDb, root, buckets: rest });
      for (const { factoryId } of files) unlisted.add(factoryId);
      name(files, (sql) => {
        for (const { generation } of buckets) markSealed(sql, generation, clock.now());
      });
      await drop(buckets);
      rest = rest.slice(buckets.length);
    }
  };

  /** In the order of their generations, so that what is still in hot.db is always later than what is sealed. */
  const sealDue = async ({ closed, open }: HotBuckets): Promise<number> => {
    if (closed.length > 0) await parts.untilRead?.();
    const generations = closed.map(({ generation }) => generation);
    const sealed = store.systemRead('seal history', (sql) => sealedOf(sql, generations));
    await drop(closed.filter(({ generation }) => sealed.has(generation)));
    const unsealed = closed.filter(({ generation }) => !sealed.has(generation));
    for (const group of groupsToSeal(unsealed, open)) await sealGroup(group);
    store.system('seal history', (sql) => {
      sql.run('delete from main.sealed_buckets where sealed_at < ?', clock.now() - MARKS_KEPT_MS);
    });
    return closed.length;
  };

  /** They are no segments any more, but somebody may be reading them. */
  const leave = (old: readonly SegmentFile[]) => {
    for (const { file, sizeBytes: bytes } of old) replaced.push({ file, sizeBytes: bytes, at: performance.now() });
  };

  const exchange = (old: readonly SegmentFile[], fresh: readonly SegmentFile[]) => {
    name(fresh, (sql) => removeSegments(sql, old));
    leave(old);
  };

  /** What is to be written anew: samples first, and then rollups, which may be of them. */
  const dueNow = (inUse: readonly Bucket[]): { readonly key: string; readonly run: () => Promise<void> }[] => {
    const [segments, starts, now] = [segmentsNow(), startsOf(inUse), clock.now()];
    const compactions = dueForCompaction(segments, starts, now).map(({ factoryId, segments: old, raw, span }) => ({
      key: `${factoryId} raw ${span.fromTs} ${span.toTs}`,
      run: async () => exchange(old, await parts.compact({ root, factoryId, segments: raw, ...span })),
    }));
    const merges = rollupsToMerge(segments, starts, now, manyRollups).map((merge) => ({
      key: `${merge.factoryId} ${merge.level} ${merge.span.fromTs} ${merge.span.toTs}`,
      run: async () => {
        const file = await parts.mergeRollups({ root, ...merge });
        exchange(merge.rollups, file === null ? [] : [file]);
      },
    }));
    return [...compactions, ...merges];
  };

  /** Does the first that is due and has not failed lately; false when there is none. */
  const compactNext = async (inUse: readonly Bucket[]): Promise<boolean> => {
    const next = dueNow(inUse).find(({ key }) => (putOff.get(key)?.until ?? 0) <= performance.now());
    if (next === undefined) return false;
    try {
      await next.run();
      putOff.delete(next.key);
    } catch (error) {
      const waitMs = Math.min((putOff.get(next.key)?.waitMs ?? retryMs / 2) * 2, PUT_OFF_MS);
      putOff.set(next.key, { until: performance.now() + waitMs, waitMs });
      throw error;
    }
    return true;
  };

  /** Removes what is not kept any more. Samples whose day is not settled yet wait until it is. */
  const removeOld = async (inUse: readonly Bucket[]): Promise<void> => {
    const segments = segmentsNow();
    const leavingBytes = replaced.reduce((sum, { sizeBytes: bytes }) => sum + bytes, 0);
    for (const removal of parts.retention.due(segments, leavingBytes)) {
      if (stopping.signal.aborted) return;
      const { segment } = removal;
      // Of what is damaged nothing can be rolled up.
      if (segment.level === 'raw' && !segment.isQuarantined) {
        if (parts.keepsRaw?.(segment.factoryId) || !isSettled(segment, segments, inUse)) continue;
        await rollUpBefore(removal, segments);
      }
      if (!parts.retention.isDue(removal)) continue;
      name([], (sql) => {
        removeSegments(sql, [segment]);
        parts.retention.count(sql, removal);
      });
      leave([segment]);
      parts.retention.done(removal);
    }
  };

  const rollUpBefore = async ({ segment, reason }: Removal, segments: readonly StoredSegment[]): Promise<void> => {
    const { factoryId, fromTs, toTs, generation } = segment;
    const days = parts.retention.daysOf(factoryId);
    for (const level of levelsOwed(segment, segments, { days, now: clock.now(), reason })) {
      const span = { fromTs, toTs };
      const file = await parts.mergeRollups({
        root,
        factoryId,
        level,
        rollups: [],
        unrolled: [segment],
        span,
        generation,
      });
      if (file !== null) name([file], () => {});
    }
  };

  const listSeries = async (): Promise<void> => {
    for (const factoryId of unlisted) {
      if (stopping.signal.aborted) return;
      unlisted.delete(factoryId);
      await parts.listSeries(factoryId).catch((error: unknown) => {
        unlisted.add(factoryId);
        throw error;
      });
    }
  };

  const removeReplaced = () => {
    while (replaced[0] !== undefined && performance.now() - replaced[0].at >= graceMs) {
      rmSync(join(root, replaced[0].file), { force: true });
      clearQuarantine(root, replaced[0].file);
      replaced.shift();
    }
  };

  const round = () =>
    alone(async () => {
      // Nothing is closed by a clock that cannot be right.
      if (!clockIsTrusted(clock)) return;
      const faults: unknown[] = [];
      /** What fails does not hold up the rest. */
      const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
        try {
          return stopping.signal.aborted ? undefined : await work();
        } catch (error) {
          faults.push(error);
          return undefined;
        }
      };
      let inUse: readonly Bucket[] = [];
      for (let [canSeal, isMore] = [true, true]; isMore && faults.length < MAX_FAULTS && !stopping.signal.aborted; ) {
        const buckets = await writer.closeBuckets([
          { endedBefore: clock.now() - latenessMs, idleMs: latenessMs },
          {
            endedBefore: clock.now() - Math.max(LONG_OVER_MS, latenessMs),
            idleMs: Math.min(latenessMs, BACKFILL_IDLE_MS),
          },
        ]);
        const sealed = canSeal ? await attempt(() => sealDue(buckets)) : 0;
        canSeal = sealed !== undefined;
        // What could not be sealed is in use as much as what takes rows. Telemetry waits for one compaction, not for all.
        inUse = canSeal ? buckets.open : [...buckets.closed, ...buckets.open];
        const compacted = await attempt(() => compactNext(inUse));
        isMore = Boolean(sealed) || compacted !== false;
      }
      await attempt(() => removeOld(inUse));
      await attempt(listSeries);
      await attempt(async () => removeReplaced());
      refreshSize();
      if (faults.length > 1) throw new AggregateError(faults, faults.map(String).join('; '));
      if (faults.length === 1) throw faults[0];
    });

  const purgeFactory = async (factoryId: number, seriesIds: readonly number[]): Promise<void> => {
    for (const segment of segmentsNow().filter((each) => each.factoryId === factoryId && !each.isQuarantined)) {
      const result = await parts.filter({ root, segment, withoutSeries: seriesIds });
      if (result !== 'unchanged') exchange([segment], result.file === null ? [] : [result.file]);
    }
  };

  /** What a kill has left: files that were not named yet, or not any more, and what did not fit in memory. */
  const removeStrays = () => {
    rmSync(join(root, 'tmp'), { recursive: true, force: true });
    const factories = store.systemRead('seal history', factoriesIn);
    const named = namedFiles();
    let entries: string[] = [];
    try {
      entries = readdirSync(join(root, HOME), { recursive: true, encoding: 'utf8' });
    } catch {
      // There is no segment yet.
    }
    for (const entry of entries.map((path) => `${HOME}/${path.replaceAll('\\', '/')}`)) {
      if (/\.parquet(\.tmp)?$/.test(entry) && !entry.endsWith(SERIES_LIST) && !named.has(entry))
        rmSync(join(root, entry), { force: true });
      const [, factoryId] = /^factories\/(\d+)$/.exec(entry) ?? [];
      if (factoryId !== undefined && !factories.has(Number(factoryId))) removeDirectory(Number(factoryId));
    }
  };

  /** What is cut off at the end is no fault. */
  const report = (error: unknown) => {
    if (!stopping.signal.aborted) onFault(error);
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await delay(intervalMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (!stopping.signal.aborted) await round().catch(report);
    }
  };

  return {
    get sizeBytes() {
      return sizeBytes;
    },
    start: () => {
      removeStrays();
      refreshSize();
      void run();
    },
    round,
    purge: (series) =>
      alone(async () => {
        for (const [factoryId, ofFactory] of Map.groupBy(series, (item) => item.factoryId)) {
          await purgeFactory(
            factoryId,
            ofFactory.map(({ seriesId }) => seriesId),
          );
        }
      }),
    forgetFactory: (sql, factoryId) => {
      for (const table of ['segments', 'raw_horizons', 'removed_history', 'factory_retention']) {
        sql.run(`delete from main.${table} where factory_id = ?`, factoryId);
      }
    },
    removeFactory: (factoryId) => alone(async () => removeDirectory(factoryId)).catch(report),
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
