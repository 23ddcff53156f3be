import { statfsSync, statSync } from 'node:fs';
import type { HistoryBytes } from './retention.ts';
import type { HotBuckets } from './samples.ts';

export interface DiskBudgetParts {
  /** The data directory. */
  readonly root: string;
  readonly controlDb: string;
  readonly hotDb: string;
  /** What the appliance may take (bytes); null: what the disk has room for. */
  readonly bytes: number | null;
}

/** What the appliance takes on disk, by part (bytes). */
export interface DiskUse {
  readonly control: number;
  readonly recent: number;
  readonly segments: number;
  readonly all: number;
}

export interface DiskBudget {
  /** What it is set to; null: what the disk has room for. */
  readonly bytes: number | null;
  /** What the database of recent telemetry keeps for itself when nothing is in it. */
  readonly reserveBytes: number;
  /** Tells what that database is about to give back. */
  buckets(buckets: Pick<HotBuckets, 'freeBytes'>): void;
  /** How many bytes too many the appliance takes; none or less when it keeps to its budget. */
  excess(history: HistoryBytes): number;
  use(segments: number): DiskUse;
  /** What the disk can still take before history would have to go for it; below nothing when it is too full. */
  spareBytes(): number;
}

/** Of the disk, when no budget is set; and what stays free whatever the budget says. */
const [BUDGET_SHARE, MIN_FREE_SHARE, MIN_FREE_BYTES] = [0.8, 0.05, 2 ** 31];
/** What a budget spares for recent telemetry that is not there yet: an eighth. */
const RESERVE_SHARE = 8;

const sizeOf = (file: string): number =>
  ['', '-wal'].reduce((sum, suffix) => sum + (statSync(file + suffix, { throwIfNoEntry: false })?.size ?? 0), 0);

/** How much of the disk the appliance takes, and how much it may. */
export function createDiskBudget({ root, controlDb, hotDb, bytes }: DiskBudgetParts): DiskBudget {
  let freeBytes = 0;
  const use = (segments: number): DiskUse => {
    const [control, recent] = [sizeOf(controlDb), sizeOf(hotDb)];
    return { control, recent, segments, all: control + recent + segments };
  };
  const spareBytes = () => {
    const { blocks, bavail, bsize } = statfsSync(root);
    return bavail * bsize - Math.min(MIN_FREE_SHARE * blocks * bsize, MIN_FREE_BYTES);
  };
  return {
    bytes,
    reserveBytes: bytes === null ? Number.POSITIVE_INFINITY : bytes / RESERVE_SHARE,
    buckets: (buckets) => {
      freeBytes = buckets.freeBytes;
    },
    excess: ({ segments, leaving }) => {
      const { blocks, bsize } = statfsSync(root);
      const taken = use(segments).all - freeBytes;
      return Math.max(taken - (bytes ?? BUDGET_SHARE * blocks * bsize), -spareBytes() - leaving - freeBytes);
    },
    use,
    spareBytes,
  };
}
