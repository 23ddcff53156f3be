import type { Bucket } from './buckets.ts';

/** What a parameter carries. Numbers and booleans are stored as reals, states as text. */
export type SeriesKind = 'number' | 'boolean' | 'state';

/** The identity of a series: who measured what. `seriesId` is unique in the appliance and never used twice. */
export interface Series {
  readonly seriesId: number;
  readonly factoryId: number;
  readonly deviceKey: string;
  readonly parameter: string;
  readonly kind: SeriesKind;
}

/** The newest sample of a series by event time. `text` is set for states alone. */
export interface LatestSample {
  readonly seriesId: number;
  readonly ts: number;
  readonly value: number;
  readonly text: string | null;
}

/**
 * Samples in columns, as they travel to the writer thread by transfer: row i is (seriesIds[i], timestamps[i],
 * values[i]), and `texts` holds the rows that are states, whose value is NaN. Arrays may be longer than `length`.
 */
export interface SampleBatch {
  readonly length: number;
  readonly seriesIds: Int32Array<ArrayBuffer>;
  readonly timestamps: Float64Array<ArrayBuffer>;
  readonly values: Float64Array<ArrayBuffer>;
  readonly texts: ReadonlyMap<number, string>;
  /** Rows that no device has sent just now: they are stored, and no part of what happens (`openCommits`). */
  readonly imported?: ReadonlySet<number> | undefined;
  /** Series whose first sample is in this batch: they are born in its transaction. */
  readonly newSeries: readonly Series[];
  /**
   * Series of removed devices, of which no batch carries a sample any more: they leave the registry in this
   * transaction, before the new ones join it, so that a device may come back under its name at once.
   */
  readonly forgottenSeries: readonly number[];
}

/** A step of erasing what forgotten series left behind. */
export interface ErasureStep {
  readonly factoryId: number;
  readonly seriesIds: readonly number[];
  /** Where the step before ended (epoch ms); null at the beginning. */
  readonly from: number | null;
}

/** Which buckets are to be closed: those of which both hold. */
export interface Closing {
  /** Their span has ended before this (epoch ms). */
  readonly endedBefore: number;
  /** They have not been written to for so long (ms). */
  readonly idleMs: number;
}

/** The buckets of `hot.db`. */
export interface HotBuckets {
  /** To be sealed, in the order of their generations. */
  readonly closed: readonly Bucket[];
  /** Those that take rows. */
  readonly open: readonly Bucket[];
  /** Of the file, with nothing in them, and to be given back to the disk. */
  readonly freeBytes: number;
}

/** What the writer knows when it has opened its database. */
export interface OpenedHistory {
  readonly series: readonly Series[];
  readonly latest: readonly LatestSample[];
  /** The number the next new series gets. */
  readonly nextSeriesId: number;
  /** Of the last commit. */
  readonly seq: number;
  /** Span of a bucket (ms), as the data directory was first used with. */
  readonly bucketMs: number;
}

/** The durable step. One batch at a time: the caller waits for an answer before it sends the next. */
export interface SampleWriter {
  open(): Promise<OpenedHistory>;
  /** Resolves with the commit's sequence number once the batch is on disk; rejects when nothing of it was stored. */
  commit(batch: SampleBatch): Promise<number>;
  /** Erases for a few milliseconds; resolves with where to go on, or null when nothing is left. */
  erase(step: ErasureStep): Promise<number | null>;
  /** Closes buckets of which one of these holds, to be sealed; resolves with all that there are then. */
  closeBuckets(closings: readonly Closing[]): Promise<HotBuckets>;
  /** Drops closed buckets, whose rows are in segments now. A few at a time: no commit is taken meanwhile. */
  dropBuckets(tables: readonly string[]): Promise<void>;
  /** Resolves when a small commit works again after a failure. */
  probe(): Promise<void>;
  close(): Promise<void>;
}
