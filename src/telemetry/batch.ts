import type { SampleBatch, Series } from '../historian/historian.ts';
import type { LiveDevice, LiveSeries } from './live.ts';

/** Who waits for a message: exactly one of the two is called, once, in the order in which the messages came. */
export interface Sender {
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
  /** What its messages take up while they wait. */
  bytes: number;
  readonly length: number;
  /** Tables of recent telemetry that its rows go to: what a commit costs beside its rows. */
  readonly bucketCount: number;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly texts: ReadonlyMap<number, string>;
  push(series: LiveSeries, ts: number, value: number | boolean | string): void;
  /** Takes out what is of a removed device. Its senders stay: their messages are answered as if stored and removed. */
  drop(device: LiveDevice): void;
  /** The columns, trimmed for transfer to the writer thread; the live copy keeps its own. */
  columns(forgottenSeries: readonly number[]): SampleBatch;
}

const INITIAL_ROWS = 1_024;

/** `bucketMs`: span of one table. */
export function createBatch(bucketMs: number): Batch {
  let seriesIds = new Int32Array(INITIAL_ROWS);
  let timestamps = new Float64Array(INITIAL_ROWS);
  let values = new Float64Array(INITIAL_ROWS);
  const texts = new Map<number, string>();
  const rowSeries: LiveSeries[] = [];
  const created: Created[] = [];
  const devices = new Set<LiveDevice>();
  const imported = new Set<LiveDevice>();
  const buckets = new Set<number>();
  const grow = () => {
    const capacity = seriesIds.length * 2;
    const [oldIds, oldTimestamps, oldValues] = [seriesIds, timestamps, values];
    seriesIds = new Int32Array(capacity);
    timestamps = new Float64Array(capacity);
    values = new Float64Array(capacity);
    seriesIds.set(oldIds);
    timestamps.set(oldTimestamps);
    values.set(oldValues);
  };
  return {
    senders: [],
    rowSeries,
    devices,
    imported,
    created,
    messages: 0,
    bytes: 0,
    get length() {
      return rowSeries.length;
    },
    get bucketCount() {
      return buckets.size;
    },
    get timestamps() {
      return timestamps;
    },
    get values() {
      return values;
    },
    texts,
    push: (series, ts, value) => {
      const row = rowSeries.length;
      if (row === seriesIds.length) grow();
      seriesIds[row] = series.seriesId;
      timestamps[row] = ts;
      buckets.add(Math.floor(ts / bucketMs));
      if (typeof value === 'string') {
        values[row] = Number.NaN;
        texts.set(row, value);
      } else {
        values[row] = Number(value);
      }
      rowSeries.push(series);
    },
    drop: (device) => {
      const gone = new Set([...device.series.values(), ...device.retired]);
      let kept = 0;
      for (const [row, series] of rowSeries.entries()) {
        const text = texts.get(row);
        texts.delete(row);
        if (gone.has(series)) continue;
        if (text !== undefined) texts.set(kept, text);
        rowSeries[kept] = series;
        seriesIds[kept] = series.seriesId;
        timestamps[kept] = timestamps[row] as number;
        values[kept] = values[row] as number;
        kept++;
      }
      rowSeries.length = kept;
      devices.delete(device);
      imported.delete(device);
      const others = created.filter((item) => item.device !== device);
      created.splice(0, created.length, ...others);
    },
    columns: (forgottenSeries) => {
      const length = rowSeries.length;
      return {
        length,
        seriesIds: seriesIds.slice(0, length),
        timestamps: timestamps.slice(0, length),
        values: values.slice(0, length),
        texts,
        newSeries: created.filter((item) => !item.isReborn).map((item) => item.series),
        forgottenSeries,
      };
    },
  };
}
