import type { Clock } from '../core/clock.ts';
import { AppError, systemCode } from '../core/errors.ts';

export type StorageWork = 'sealing' | 'compaction' | 'verification';

/** Something in the background that did not work, and is tried again. */
export interface StorageFault {
  /** Epoch ms. */
  readonly at: number;
  readonly work: StorageWork;
  /** In plain words. */
  readonly reason: string;
  /** Whose history it was; null when it was everybody's. */
  readonly factoryId: number | null;
}

/** The last faults, in memory. */
export interface FaultList {
  /** An error that is noted already, and what consists of such, is not noted again. */
  note(work: StorageWork, error: unknown, factoryId?: number): void;
  /** The latest first. */
  list(): readonly StorageFault[];
}

const KEPT = 20;

/** What went wrong, for somebody who has to do something about it. Paths of the data directory are no part of it. */
function plainReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const code = systemCode(error);
  if (
    code === 'ENOSPC' ||
    code === 'SQLITE_FULL' ||
    /no space left|disk is full|ENOSPC|database or disk is full/i.test(text)
  )
    return 'the disk is full';
  if (code === 'EROFS' || /read-only file system/i.test(text)) return 'the disk can only be read';
  if (code === 'EACCES' || code === 'EPERM' || /permission denied/i.test(text))
    return 'the data directory may not be written';
  if (error instanceof AppError && error.code === 'unreadable') return 'a file of the history is damaged or missing';
  if (/^Out of Memory/.test(text)) return 'it needs more memory than it may take';
  if (/^(IO|Invalid Input) Error/.test(text)) return 'a file could not be read or written';
  const [line = ''] = text.split('\n');
  return line.replaceAll(/(['"]?)(?:[A-Za-z]:)?[\\/][^\s'"]*\1/g, 'a file').slice(0, 200);
}

export function createFaultList(clock: Clock): FaultList {
  const faults: StorageFault[] = [];
  const noted = new WeakSet<object>();
  const note: FaultList['note'] = (work, error, factoryId) => {
    if (error instanceof AggregateError) {
      for (const each of error.errors) note(work, each, factoryId);
      return;
    }
    if (typeof error === 'object' && error !== null) {
      if (noted.has(error)) return;
      noted.add(error);
    }
    faults.unshift({ at: clock.now(), work, reason: plainReason(error), factoryId: factoryId ?? null });
    faults.length = Math.min(faults.length, KEPT);
  };
  return { note, list: () => [...faults] };
}
