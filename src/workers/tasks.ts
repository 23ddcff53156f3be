import {
  type AnswerText,
  type Checked,
  type CheckOrder,
  type CompactOrder,
  checkSegments,
  compactDay,
  countRecent,
  type ExportCsvPage,
  type ExportCsvTask,
  type ExportParquetResult,
  type ExportParquetTask,
  exportCsv,
  exportParquet,
  type Filtered,
  type FilterOrder,
  filterSegment,
  type HistoryEngine,
  type HistoryPlace,
  type HistoryTask,
  type LibraryVersions,
  type MergeOrder,
  mergeRollups,
  openHistoryEngine,
  type PackedHistory,
  type RecentOrder,
  type RecentStock,
  type Sealed,
  type SealOrder,
  type SegmentFile,
  type SeriesListOrder,
  sealBuckets,
  type TextTask,
  testLibraries,
  writeAnswer,
  writeSeriesList,
} from '../historian/historian.ts';
import { type ReplayOutcome, type ReplayTask, replayRule } from '../rules/rules.ts';
import { type CertificateOrder, type IssuedCertificate, issueCertificate } from '../tls/tls.ts';
import {
  type Examined,
  type ExamineTask,
  examineFile,
  type ReadPage,
  type ReadPageTask,
  readPage,
} from '../transfer/transfer.ts';

/** Every task of the query pool: name -> what goes in, what comes out. Both must survive structured cloning. */
export interface TaskTable {
  readonly history: { readonly input: HistoryTask; readonly output: PackedHistory };
  /** The same for a client, as text. */
  readonly history_text: { readonly input: TextTask; readonly output: AnswerText };
  /** In the background: closed buckets become segments, a day's segments one, rollups one, and some series leave a segment. */
  readonly seal: { readonly input: SealOrder; readonly output: Sealed };
  readonly compact: { readonly input: CompactOrder; readonly output: readonly SegmentFile[] };
  readonly merge_rollups: { readonly input: MergeOrder; readonly output: SegmentFile | null };
  readonly filter: { readonly input: FilterOrder; readonly output: Filtered };
  readonly list_series: { readonly input: SeriesListOrder; readonly output: null };
  /** Segments are read whole and compared with the catalogue. */
  readonly check_segments: { readonly input: CheckOrder; readonly output: readonly Checked[] };
  readonly count_recent: { readonly input: RecentOrder; readonly output: readonly RecentStock[] };
  /** For files that leave: a page of samples as CSV, or all of them as a Parquet file. */
  readonly export_csv: { readonly input: ExportCsvTask; readonly output: ExportCsvPage };
  readonly export_parquet: { readonly input: ExportParquetTask; readonly output: ExportParquetResult };
  /** For files that come: what they hold, and their samples page by page. */
  readonly examine_import: { readonly input: ExamineTask; readonly output: Examined };
  readonly read_import: { readonly input: ReadPageTask; readonly output: ReadPage };
  /** What a rule would have done on one device; it tells of its progress. */
  readonly replay_rule: { readonly input: ReplayTask; readonly output: ReplayOutcome };
  /** Takes most of a second the first time, which the main thread does not have. */
  readonly issue_certificate: { readonly input: CertificateOrder; readonly output: IssuedCertificate };
  /** For `doctor`: the input is a directory that may be written to. */
  readonly test_libraries: { readonly input: string; readonly output: LibraryVersions };
}

export type TaskName = keyof TaskTable;

/** What a task finds in its thread. */
export interface TaskContext {
  /** True once nobody waits for the answer. */
  readonly isCancelled: () => boolean;
  /** Tells whoever asked how much is done, 0 to 1. */
  readonly progress: (fraction: number) => void;
  /**
   * Called by long work between its pages: where it is done beside telemetry and charts it takes half of the time. The
   * priority of its thread does not do that, as DuckDB works in threads of its own, which all share.
   */
  readonly rest: () => Promise<void>;
}

type Handlers = {
  readonly [Name in TaskName]: (
    input: TaskTable[Name]['input'],
    context: TaskContext,
  ) => Promise<TaskTable[Name]['output']>;
};

/** What of an output is handed over to the other thread, and not copied. */
export const handedOver = (output: TaskTable[TaskName]['output']): ArrayBuffer[] =>
  typeof output === 'object' && output !== null && 'bytes' in output ? [output.bytes.buffer] : [];

/** The code behind the task table, for one thread; the connection is opened by the first task and kept. */
export function createTaskHandlers(place: HistoryPlace): Handlers {
  let engine: HistoryEngine | undefined;
  const opened = async (): Promise<HistoryEngine> => {
    engine ??= await openHistoryEngine(place);
    return engine;
  };
  const query = async (task: HistoryTask, { isCancelled }: TaskContext): Promise<PackedHistory> =>
    (await opened()).query(task, isCancelled);
  return {
    history: query,
    history_text: async (task, context) => writeAnswer(task, await query(task, context)),
    seal: (order, { isCancelled }) => sealBuckets(order, isCancelled),
    compact: (order, { isCancelled }) => compactDay(order, isCancelled),
    merge_rollups: (order, { isCancelled }) => mergeRollups(order, isCancelled),
    filter: (order, { isCancelled }) => filterSegment(order, isCancelled),
    list_series: (order, { isCancelled }) => writeSeriesList(order, isCancelled),
    check_segments: (order, { isCancelled }) => checkSegments(order, isCancelled),
    count_recent: (order, { isCancelled }) => countRecent(order, isCancelled),
    export_csv: async (task, { isCancelled, rest }) => {
      const page = await exportCsv(await opened(), task, isCancelled);
      await rest();
      return page;
    },
    export_parquet: async (task, context) => exportParquet(await opened(), task, context),
    examine_import: async (task, { isCancelled }) => examineFile(task, isCancelled),
    read_import: async (task) => readPage(task),
    replay_rule: async (task, context) => replayRule(await opened(), task, context),
    issue_certificate: (order) => issueCertificate(order),
    test_libraries: (directory) => testLibraries(directory),
  };
}
