import { AppError } from '../core/errors.ts';
import type { FactoryScope } from '../core/scope.ts';
import { type HistoryAnswer, unpackHistory } from './answer.ts';
import type { AnswerForm, AnswerText, TextTask } from './answer-text.ts';
import type { Checked, CheckOrder } from './check-segments.ts';
import type { CompactOrder, Filtered, FilterOrder, MergeOrder } from './compact.ts';
import type { ExportCsvPage, ExportCsvTask } from './export-csv.ts';
import type { ExportParquetContext, ExportParquetResult, ExportParquetTask } from './export-parquet.ts';
import type { HistoryEngine, HistoryPlace, PackedHistory } from './history.ts';
import { type HistoryRequest, type HistoryTask, planHistory } from './history-request.ts';
import type { RecentPart } from './recent-minutes.ts';
import type { RecentOrder, RecentStock } from './recent-stock.ts';
import type { Sealed, SealOrder } from './seal.ts';
import type { SegmentFile } from './segment-catalogue.ts';
import type { LibraryVersions } from './self-test.ts';
import type { SeriesListOrder } from './series-list.ts';

export type { HistoryAnswer, HistoryPoint, HistoryValue, RawPoint } from './answer.ts';
export type { AnswerForm, AnswerText, NamedDevice, TextTask } from './answer-text.ts';
export { writeAnswer } from './answer-text.ts';
export { type Archive, createArchive } from './archive.ts';
export type { CalendarInterval } from './calendar-interval.ts';
export type { Checked, CheckOrder } from './check-segments.ts';
export type { CompactOrder, Filtered, FilterOrder, MergeOrder } from './compact.ts';
export { createDiskBudget, type DiskBudget, type DiskUse } from './disk-budget.ts';
export { shareAllocator } from './duckdb.ts';
export { createEraser, type Eraser, type ForgottenSeries } from './eraser.ts';
export type { CsvLayout, ExportCsvPage, ExportCsvTask } from './export-csv.ts';
export type { ExportParquetContext, ExportParquetResult, ExportParquetTask } from './export-parquet.ts';
export type { ExportPlace, ExportRange, ExportSeries } from './export-rows.ts';
export { createFaultList, type FaultList, type StorageFault, type StorageWork } from './fault-list.ts';
export type { HistoryEngine, HistoryPlace, PackedHistory } from './history.ts';
export {
  type HistoryInterval,
  type HistoryRequest,
  type HistorySeries,
  type HistoryTask,
  idsOf,
  MAX_SERIES,
} from './history-request.ts';
export { type Commit, type CommitReader, type CommitSnapshot, type CommittedRows, openCommits } from './hot-commits.ts';
export { HotWriter, type HotWriterOptions } from './hot-writer.ts';
export { createRecentMinutes, type RecentMinutes } from './recent-minutes.ts';
export type { RecentOrder, RecentStock } from './recent-stock.ts';
export { removedDays } from './removed-days.ts';
export { createRetention, type HistoryBytes, type Removed, type Retention } from './retention.ts';
export type { RetentionDays } from './retention-plan.ts';
export type {
  Closing,
  ErasureStep,
  HotBuckets,
  LatestSample,
  OpenedHistory,
  SampleBatch,
  SampleWriter,
  Series,
  SeriesKind,
} from './samples.ts';
export type { Sealed, SealOrder } from './seal.ts';
export type { SegmentFile } from './segment-catalogue.ts';
export type { LibraryVersions } from './self-test.ts';
export type { SeriesListOrder } from './series-list.ts';
export { createStock, type Disk, type Growth, type LevelStock, type Stock, type StockReport } from './stock.ts';
export { createVerifier, type Verifier, type VerifyProgress } from './verifier.ts';
export type { QuarantinedSegment } from './verify-list.ts';

export interface Historian {
  /**
   * The stored samples of the factory's series: aggregated by the factory's calendar, or single in pages. Series of
   * another factory come back without points.
   *
   * @throws {AppError} `invalid_input` (a request that cannot be answered, with the remedy), `busy` (too many
   *   queries), `unavailable` (took too long, or cancelled)
   */
  query(scope: FactoryScope, request: HistoryRequest, signal?: AbortSignal): Promise<HistoryAnswer>;
  /** The same, written down for a client; the main thread never holds its points. */
  text(scope: FactoryScope, request: HistoryRequest, form: AnswerForm, signal?: AbortSignal): Promise<AnswerText>;
}

export interface HistorianParts {
  /** Runs a checked query in a thread: `(task, signal) => pool.run('history', task, signal)`. */
  readonly run: (task: HistoryTask, signal?: AbortSignal) => Promise<PackedHistory>;
  /** Runs it there and writes the answer down: `(task, signal) => pool.run('history_text', task, signal)`. */
  readonly write: (task: TextTask, signal?: AbortSignal) => Promise<AnswerText>;
  /** What of a query is known already. */
  readonly recent?: (task: HistoryTask) => RecentPart | undefined;
  /** Hears which files (below the data directory) a query could not read, one of which at least is damaged, and why. */
  readonly unreadable?: (files: readonly string[], reason: string) => void;
}

/** Has verified what could not be read. */
async function reading<T>(unreadable: HistorianParts['unreadable'], work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'unreadable') throw error;
    unreadable?.(
      error.faults.map(({ pointer }) => pointer),
      error.faults[0]?.message ?? error.message,
    );
    // Where files lie is nothing for a client.
    throw new AppError('unreadable', error.message);
  }
}

/** The historian's reading side, for the main thread: it checks and unpacks, the work is done elsewhere. */
export function createHistorian({ run, write, recent, unreadable }: HistorianParts): Historian {
  const plan = (scope: FactoryScope, request: HistoryRequest): HistoryTask => {
    const task = planHistory(scope.factoryId, scope.timezone, request);
    return { ...task, recent: recent?.(task) };
  };
  return {
    query: async (scope, request, signal) => {
      const task = plan(scope, request);
      return unpackHistory(task, await reading(unreadable, run(task, signal)));
    },
    text: async (scope, request, form, signal) => {
      const task = plan(scope, request);
      return reading(unreadable, write({ ...task, form }, signal));
    },
  };
}

/** Writes closed buckets as segments; see `seal.ts`. For a background thread. */
export async function sealBuckets(order: SealOrder, isCancelled?: () => boolean): Promise<Sealed> {
  const seal = await import('./seal.ts');
  return seal.sealBuckets(order, isCancelled);
}

/** Writes a day's segments as one and rolls it up; see `compact.ts`. For a background thread. */
export async function compactDay(order: CompactOrder, isCancelled?: () => boolean): Promise<readonly SegmentFile[]> {
  const compact = await import('./compact.ts');
  return compact.compactDay(order, isCancelled);
}

/** Writes rollups as one; see `compact.ts`. For a background thread. */
export async function mergeRollups(order: MergeOrder, isCancelled?: () => boolean): Promise<SegmentFile | null> {
  const compact = await import('./compact.ts');
  return compact.mergeRollups(order, isCancelled);
}

/** Writes a segment without some series; see `compact.ts`. For a background thread. */
export async function filterSegment(order: FilterOrder, isCancelled?: () => boolean): Promise<Filtered> {
  const compact = await import('./compact.ts');
  return compact.filterSegment(order, isCancelled);
}

/** Reads segments whole and compares them with the catalogue; see `check-segments.ts`. For a background thread. */
export async function checkSegments(order: CheckOrder, isCancelled?: () => boolean): Promise<readonly Checked[]> {
  const check = await import('./check-segments.ts');
  return check.checkSegments(order, isCancelled);
}

/** How much lies in `hot.db`; see `recent-stock.ts`. For a background thread. */
export async function countRecent(order: RecentOrder, isCancelled?: () => boolean): Promise<readonly RecentStock[]> {
  const recent = await import('./recent-stock.ts');
  return recent.countRecent(order, isCancelled);
}

/** Writes what other tools need to read a factory's segments; see `series-list.ts`. For a background thread. */
export async function writeSeriesList(order: SeriesListOrder, isCancelled?: () => boolean): Promise<null> {
  const list = await import('./series-list.ts');
  return list.writeSeriesList(order, isCancelled);
}

/** Reads a page of an export and writes it down as CSV; see `export-csv.ts`. For a query thread. */
export async function exportCsv(
  engine: HistoryEngine,
  task: ExportCsvTask,
  isCancelled: () => boolean = () => false,
): Promise<ExportCsvPage> {
  const csv = await import('./export-csv.ts');
  return csv.exportCsv(engine, task, isCancelled);
}

/** Writes an export as a Parquet file; see `export-parquet.ts`. For a query thread. */
export async function exportParquet(
  engine: HistoryEngine,
  task: ExportParquetTask,
  context: ExportParquetContext,
): Promise<ExportParquetResult> {
  const parquet = await import('./export-parquet.ts');
  return parquet.exportParquet(engine, task, context);
}

/** Proves that SQLite and DuckDB work in a thread; see `self-test.ts`. Loaded when called, as DuckDB is. */
export async function testLibraries(directory: string): Promise<LibraryVersions> {
  const selfTest = await import('./self-test.ts');
  return selfTest.testLibraries(directory);
}

/**
 * Opens what answers queries, for a query thread. Loaded when called, because the calendar's library (7 MB) has no
 * business in the other threads.
 */
export async function openHistoryEngine(place: HistoryPlace): Promise<HistoryEngine> {
  const { openHistory } = await import('./history.ts');
  return openHistory(place);
}
