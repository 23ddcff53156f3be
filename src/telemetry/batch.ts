import type { SampleBatch, Series } from '../historian/historian.ts';
import type { LiveDevice, LiveSeries } from './live.ts';

/** Who waits for a message: exactly one of the two is called, once, in the order in which the messages came. */
export interface Sender {
  /** It sent this as soon as the message before was acknowledged, and so waits for each. */
  readonly isHurried?: boolean | undefined;
  /** The message is durable, or refused for good: it must not be sent again. */
  acknowledge(): void;
  /** It could not be stored now: end the connection without an acknowledgement, so that it is sent again. */
  abandon(): void;
}

export interface Created {
  readonly device: LiveDevice;
  readonly series: Series;
  readonly liveSeries: LiveSeries;
  /** It was retired before, and so is stored, or born in this batch or one before it. */
  readonly isReborn: boolean;
}

/** Messages on their way to one commit: their samples in columns, and everyone who waits for it. */
export interface Batch {
  readonly senders: Sender[];
  /** The series of row i; live values are brought up from it after the commit. */
  readonly rowSeries: LiveSeries[];
  readonly devices: Set<LiveDevice>;
  /** Devices of which it holds imported samples: they have not been heard of for that. */
  readonly imported: Set<LiveDevice>;
  /** Series that became their parameter's in this batch; the reborn ones had been its before, and were stored then. */
  readonly created: Created[];
  messages: number;
  /** Messages of senders that wait for each acknowledgement. */
  hurried: number;
  /** Messages and points of it, by factory. */
  readonly arrivals: Map<number, { messages: number; points: number }>;
  /** Counts what came for a factory. */
  count(factoryId: number, messages: number, points: number): void;
  /** What its messages take up while they wait. */
  bytes: number;
  readonly length: number;
  /** Tables of recent telemetry that its rows go to: what a commit costs beside its rows. */
  readonly bucketCount: number;
  readonly timestamps: readonly number[];
  readonly values: readonly number[];
  readonly texts: ReadonlyMap<number, string>;
  /** Rows that an import has brought. */
  readonly importedRows: ReadonlySet<number>;
  push(series: LiveSeries, ts: number, value: number | boolean | string, isImported?: boolean): void;
  /** Takes out what is of a removed device. Its senders stay: their messages are answered as if stored and removed. */
  drop(device: LiveDevice): void;
  /** The columns, for transfer to the writer thread; the live copy keeps its own. */
  columns(forgottenSeries: readonly number[]): SampleBatch;
}

/** What a commit has brought. Row i is (rowSeries[i], timestamps[i], values[i]), and `texts` holds the rows that are states. */
export type WatchedBatch = Pick<
  Batch,
  'length' | 'rowSeries' | 'timestamps' | 'values' | 'texts' | 'importedRows' | 'devices'
>;

/**
 * Rows gather in plain arrays: typed ones lie outside the heap, and hundreds of them a second, for as many commits, make
 * the collector mark all of the heap each second.
 *
 * @param bucketMs - span of one table
 */
export function createBatch(bucketMs: number): Batch {
  const timestamps: number[] = [];
  const values: number[] = [];
  const texts = new Map<number, string>();
  const rowSeries: LiveSeries[] = [];
  const created: Created[] = [];
  const devices = new Set<LiveDevice>();
  const imported = new Set<LiveDevice>();
  const importedRows = new Set<number>();
  const buckets = new Set<number>();
  const arrivals: Batch['arrivals'] = new Map();
  return {
    senders: [],
    arrivals,
    count: (factoryId, messages, points) => {
      const known = arrivals.get(factoryId) ?? { messages: 0, points: 0 };
      arrivals.set(factoryId, known);
      known.messages += messages;
      known.points += points;
    },
    rowSeries,
    devices,
    imported,
    created,
    messages: 0,
    hurried: 0,
    bytes: 0,
    get length() {
      return rowSeries.length;
    },
    get bucketCount() {
      return buckets.size;
    },
    timestamps,
    values,
    texts,
    importedRows,
    push: (series, ts, value, isImported = false) => {
      const row = rowSeries.length;
      timestamps.push(ts);
      buckets.add(Math.floor(ts / bucketMs));
      values.push(typeof value === 'string' ? Number.NaN : Number(value));
      if (typeof value === 'string') texts.set(row, value);
      if (isImported) importedRows.add(row);
      rowSeries.push(series);
    },
    drop: (device) => {
      const gone = new Set([...device.series.values(), ...device.retired]);
      let kept = 0;
      for (const [row, series] of rowSeries.entries()) {
        const text = texts.get(row);
        texts.delete(row);
        const isImported = importedRows.delete(row);
        if (gone.has(series)) continue;
        if (text !== undefined) texts.set(kept, text);
        if (isImported) importedRows.add(kept);
        rowSeries[kept] = series;
        timestamps[kept] = timestamps[row] as number;
        values[kept] = values[row] as number;
        kept++;
      }
      for (const column of [rowSeries, timestamps, values]) column.length = kept;
      devices.delete(device);
      imported.delete(device);
      const others = created.filter((item) => item.device !== device);
      created.splice(0, created.length, ...others);
    },
    columns: (forgottenSeries) => {
      const seriesIds = new Int32Array(rowSeries.length);
      for (const [row, { seriesId }] of rowSeries.entries()) seriesIds[row] = seriesId;
      return {
        length: rowSeries.length,
        seriesIds,
        timestamps: new Float64Array(timestamps),
        values: new Float64Array(values),
        texts,
        imported: importedRows,
        newSeries: created.filter((item) => !item.isReborn).map((item) => item.series),
        forgottenSeries,
      };
    },
  };
}
