import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../core/clock.ts';
import type { SqlReads, Store } from '../store/store.ts';
import type { Checked, CheckOrder } from './check-segments.ts';
import { clearQuarantine, moveBack, moveToQuarantine } from './quarantine.ts';
import {
  markQuarantined,
  markWhole,
  type QuarantinedSegment,
  quarantinedSegments,
  segmentsAfter,
  segmentsDue,
  segmentsOf,
  stockOf,
  type VerifiedSegment,
} from './verify-list.ts';

export interface VerifierParts {
  readonly store: Pick<Store, 'system' | 'systemRead'>;
  readonly clock: Clock;
  /** The data directory. */
  readonly root: string;
  /** Run in a background thread. */
  readonly check: (order: CheckOrder) => Promise<readonly Checked[]>;
  /** The same where somebody waits for it: few bytes, and not behind a compaction. */
  readonly checkSoon: (order: CheckOrder) => Promise<readonly Checked[]>;
  /** A file has been found damaged or missing, and is out of the answers. */
  readonly onQuarantined: (segment: VerifiedSegment, reason: string) => void;
  /** One that was has been found whole, and is in them again. */
  readonly onReturned: (segment: VerifiedSegment) => void;
  /** So many files were looked at; `inQuarantine` is how many are there now. */
  readonly onChecked: (files: number, inQuarantine: number) => void;
  readonly onFault: (error: unknown) => void;
  readonly intervalMs?: number;
  /** Bytes in one order; a larger file is one of its own. */
  readonly batchBytes?: number;
}

/** How a verification on demand goes, or has gone. Times in epoch ms. */
export interface VerifyProgress {
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly files: number;
  readonly totalFiles: number;
  readonly bytes: number;
  readonly totalBytes: number;
  /** Files found damaged or missing, those that were known included. */
  readonly damaged: number;
  readonly returned: number;
  /** Why it could not go on; null when it did. */
  readonly failure: string | null;
}

/** Reads segments whole and compares them with what the catalogue says, so that damage is found before it is asked for. */
export interface Verifier {
  /** Begins to verify all of the stock, again and again, within about a day. */
  start(): void;
  /** Verifies everything now, quarantined files too; while that is under way it is not begun again. */
  verifyAll(): VerifyProgress;
  /** Verifies these files soon: somebody could not read one of them. */
  suspect(files: readonly string[]): void;
  /** The last verification on demand; null when there was none since the start. */
  readonly progress: VerifyProgress | null;
  quarantined(): readonly QuarantinedSegment[];
  stop(): Promise<void>;
}

const DAY_MS = 86_400_000;
const INTERVAL_MS = 60_000;
/** Some tenths of a second of reading, after which others get their turn. */
const BATCH_BYTES = 64e6;
/** Where somebody waits. */
const SOON_BYTES = 16e6;
const BATCH_FILES = 200;
/** What a turn of the day's verification reads at least. */
const LEAST_BYTES = 16e6;
/** What is not verified in time by a machine that is switched off at night is made up for. */
const HURRY = 1.5;
/** A file that was found whole is not suspected again so soon. */
const SUSPECT_AGAIN_MS = 60_000;
const MAX_SUSPECTS = 10_000;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The first ones, of so many bytes together; at least one. */
function firstBytes(segments: readonly VerifiedSegment[], bytes: number): VerifiedSegment[] {
  let sum = 0;
  const end = segments.findIndex(({ sizeBytes }, place) => {
    sum += sizeBytes;
    return sum > bytes && place > 0;
  });
  return end < 0 ? [...segments] : segments.slice(0, end);
}

export function createVerifier(parts: VerifierParts): Verifier {
  const { store, clock, root, onFault, intervalMs = INTERVAL_MS, batchBytes = BATCH_BYTES } = parts;
  const stopping = new AbortController();
  const suspects = new Set<string>();
  /** When they were last suspected (monotonic ms). */
  const suspectedAt = new Map<string, number>();
  let demanded: Mutable<VerifyProgress> | null = null;
  let last: Pick<VerifiedSegment, 'factoryId' | 'id'> = { factoryId: -1, id: '' };
  let wake = () => {};
  let running: Promise<void> = Promise.resolve();

  const read = <T>(fn: (sql: SqlReads) => T): T => store.systemRead('verify history', fn);

  /** Says what was found, first in the catalogue and then by moving files: a kill in between changes no answer. */
  const settle = (segments: readonly VerifiedSegment[], results: readonly Checked[]) => {
    const outcomes = segments.flatMap((segment, place) => {
      const result = results[place];
      return result === undefined ? [] : [{ segment, result }];
    });
    for (const { segment, result } of outcomes) {
      if (!segment.isQuarantined || !result.isWhole) continue;
      if (result.place === 'quarantine') moveBack(root, segment.file);
      else clearQuarantine(root, segment.file);
    }
    const present = store.system('verify history', (sql) =>
      outcomes.filter(({ segment, result }) =>
        result.isWhole
          ? markWhole(sql, segment, clock.now())
          : markQuarantined(sql, segment, result.reason, clock.now()),
      ),
    );
    for (const { segment, result } of present) {
      if (!result.isWhole && !segment.isQuarantined) {
        moveToQuarantine(root, segment.file);
        parts.onQuarantined(segment, result.reason);
      }
      if (result.isWhole && segment.isQuarantined) parts.onReturned(segment);
    }
    parts.onChecked(outcomes.length, read(quarantinedSegments).length);
    return present;
  };

  const checkSuspects = async (): Promise<void> => {
    while (suspects.size > 0 && !stopping.signal.aborted) {
      const files = [...suspects].slice(0, BATCH_FILES);
      const all = read((sql) => segmentsOf(sql, files));
      const batch = firstBytes(all, SOON_BYTES);
      const left = new Set(all.slice(batch.length).map(({ file }) => file));
      for (const file of files) if (!left.has(file)) suspects.delete(file);
      if (batch.length > 0) settle(batch, await parts.checkSoon({ root, segments: batch }));
    }
  };

  const checkAll = async (progress: Mutable<VerifyProgress>): Promise<void> => {
    for (;;) {
      await checkSuspects();
      if (stopping.signal.aborted) return;
      const batch = firstBytes(
        read((sql) => segmentsAfter(sql, last, BATCH_FILES)),
        batchBytes,
      );
      const end = batch.at(-1);
      if (end === undefined) return;
      const present = settle(batch, await parts.check({ root, segments: batch }));
      last = end;
      progress.files += batch.length;
      progress.bytes += batch.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      progress.damaged += present.filter(({ result }) => !result.isWhole).length;
      progress.returned += present.filter(({ segment, result }) => result.isWhole && segment.isQuarantined).length;
    }
  };

  /** A minute's part of the day's verification. */
  const checkDue = async (): Promise<void> => {
    const now = clock.now();
    const turn = Math.max(LEAST_BYTES, (read(stockOf).bytes * HURRY * intervalMs) / DAY_MS);
    for (let left = turn; left > 0 && !stopping.signal.aborted; ) {
      const due = read((sql) => segmentsDue(sql, now - DAY_MS, now, BATCH_FILES));
      const batch = firstBytes(due, Math.min(left, batchBytes));
      if (batch.length === 0) return;
      settle(batch, await parts.check({ root, segments: batch }));
      left -= batch.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    }
  };

  const attempt = async (work: () => Promise<void>): Promise<string | null> => {
    try {
      await work();
      return null;
    } catch (error) {
      if (stopping.signal.aborted) return null;
      onFault(error);
      return error instanceof Error ? error.message : String(error);
    }
  };

  const run = async (): Promise<void> => {
    let dueAt = performance.now() + intervalMs;
    while (!stopping.signal.aborted) {
      if (suspects.size === 0 && demanded?.finishedAt !== null) {
        const woken = new AbortController();
        wake = () => woken.abort();
        const signal = AbortSignal.any([stopping.signal, woken.signal]);
        await delay(Math.max(0, dueAt - performance.now()), undefined, { signal }).catch(() => undefined);
      }
      if ((await attempt(checkSuspects)) !== null) suspects.clear();
      const progress = demanded;
      if (progress !== null && progress.finishedAt === null) {
        progress.failure = await attempt(() => checkAll(progress));
        progress.finishedAt = clock.now();
      }
      if (performance.now() < dueAt) continue;
      dueAt = performance.now() + intervalMs;
      await attempt(checkDue);
    }
  };

  return {
    start: () => {
      parts.onChecked(0, read(quarantinedSegments).length);
      running = run();
    },
    verifyAll: () => {
      if (demanded === null || demanded.finishedAt !== null) {
        const { files: totalFiles, bytes: totalBytes } = read(stockOf);
        const nothing = { files: 0, bytes: 0, damaged: 0, returned: 0, failure: null };
        demanded = { startedAt: clock.now(), finishedAt: null, totalFiles, totalBytes, ...nothing };
        last = { factoryId: -1, id: '' };
        wake();
      }
      return { ...demanded };
    },
    suspect: (files) => {
      const now = performance.now();
      if (suspectedAt.size > MAX_SUSPECTS) suspectedAt.clear();
      for (const file of files.slice(0, MAX_SUSPECTS)) {
        if (now - (suspectedAt.get(file) ?? Number.NEGATIVE_INFINITY) < SUSPECT_AGAIN_MS) continue;
        suspectedAt.set(file, now);
        suspects.add(file);
      }
      wake();
    },
    get progress() {
      return demanded === null ? null : { ...demanded };
    },
    quarantined: () => read(quarantinedSegments),
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
