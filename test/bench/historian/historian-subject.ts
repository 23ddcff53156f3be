import type { LoadTarget } from '../load-protocol.ts';
import type { DataSet } from './data-set.ts';

/** [fromMs, toMs) in steps of `stepMs`, which both are multiples of. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** What all subjects must agree on. */
export interface Answer {
  /** Steps of all series together. */
  readonly steps: number;
  readonly sumOfMaxima: number;
}

/** What the data take on disk when nothing changes any more. */
export interface Settled {
  /** Of the files that hold samples, and what was made of them for queries. */
  readonly sampleBytes: number;
  /** Of which the latter; null where that is not known. */
  readonly rollupBytes: number | null;
  /** Of all files of the subject, as the file system allots them. */
  readonly directoryBytes: number;
  readonly files: number;
  /** From the end of loading to the last change (s). */
  readonly seconds: number;
}

/** A store of time series, in a process of its own, with a directory of its own that goes with it. */
export interface HistorianSubject extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** How telemetry comes in while questions are asked. */
  readonly live: LoadTarget;
  /** Resolves when everything has been accepted. */
  load(set: DataSet): Promise<void>;
  settle(): Promise<Settled>;
  /** Points stored since its start, as it counts them itself; null where it does not. */
  storedPoints(): Promise<number | null>;
  /** Average, minimum and maximum by step of one series, in one request. */
  series(device: string, parameter: string, window: Window): Promise<Answer>;
  /** The same of all parameters of all these devices. */
  wall(devices: readonly string[], parameters: readonly string[], window: Window): Promise<Answer>;
}
