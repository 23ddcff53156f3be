import { createWriteStream, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { SeriesKind } from '../historian/historian.ts';
import type { Store } from '../store/store.ts';
import type { Examined, ExamineTask } from './examine.ts';
import { createImportRows, type ImportJob } from './import-rows.ts';
import type { ImportOptions } from './plan.ts';
import type { ImportRows, ReadPage, ReadPageTask } from './read-page.ts';
import { runImport } from './run-import.ts';

export interface ImportsParts {
  readonly store: Store;
  /** The data directory. */
  readonly root: string;
  readonly now: () => number;
  readonly limits: { readonly maxBytes: number; readonly minFreeBytes: number };
  /** What the disk can still take before history would have to go. */
  readonly spareBytes: () => number;
  /** Stamps above this are ahead of the clock (epoch ms). */
  readonly latest: () => number;
  /** Samples before this are not kept long (epoch ms). */
  readonly rawFrom: (factoryId: number) => number;
  /** The factory's series that exist. */
  readonly known: (scope: FactoryScope) => (readonly [device: string, parameter: string, kind: SeriesKind])[];
  /** Days whose samples are removed; see `removedDays`. */
  readonly removedDays: (scope: FactoryScope, days: readonly number[]) => readonly number[];
  readonly scopeOf: (factoryId: number) => FactoryScope | undefined;
  /** Run in a thread. */
  readonly examine: (task: ExamineTask, signal: AbortSignal) => Promise<Examined>;
  readonly readPage: (task: ReadPageTask, signal: AbortSignal) => Promise<ReadPage>;
  /** Resolves when the rows are on disk. */
  readonly importRows: (scope: FactoryScope, rows: ImportRows, signal?: AbortSignal) => Promise<void>;
  /** Gives parameters without a unit the one of the file. */
  readonly setUnits: (scope: FactoryScope, series: Examined['series']) => void;
  readonly onFault: (error: unknown) => void;
}

/** A part of a file on its way in. */
export interface Upload {
  readonly content: Readable;
  /** Where it goes: as many bytes have come. */
  readonly offset: number;
  /** Nothing comes after it. */
  readonly isLast: boolean;
}

/** Files that come to be imported: uploaded, examined, then imported when someone says so. One at a time is worked on. */
export interface Imports {
  create(
    scope: FactoryScope,
    file: { readonly name: string; readonly createdBy: string },
    options: ImportOptions,
  ): ImportJob;
  /** @throws {AppError} `not_found`, `conflict` (another offset, or not uploading), `too_large`, `unavailable` (no space) */
  upload(scope: FactoryScope, id: string, upload: Upload): Promise<ImportJob>;
  /** Examines it anew, by other options. @throws {AppError} `not_found`, `conflict` while it is imported, or is over */
  configure(scope: FactoryScope, id: string, options: ImportOptions): ImportJob;
  /** @throws {AppError} `not_found`, `conflict`: not examined, has faults, or is of days that are rolled up already */
  start(scope: FactoryScope, id: string, skipFaulty: boolean): ImportJob;
  get(scope: FactoryScope, id: string): ImportJob;
  /** Newest first, and without what was found in them. */
  list(scope: FactoryScope): ImportJob[];
  /** Ends it, whatever it does. What is stored of it stays. */
  remove(scope: FactoryScope, id: string): void;
  /** Gives up what is worked on for a factory that is to go: nothing is stored for it from then on. */
  abandonFactory(factoryId: number): void;
  /** True while samples of the factory are being imported: days that are half imported must not be rolled up for good. */
  isRunning(factoryId: number): boolean;
  /** Goes on with what the last run has left. */
  resume(): void;
  /** Ends what is under way, to be gone on with at the next start. */
  stop(): Promise<void>;
}

/** Of a factory; finished ones make room. */
const MAX_JOBS = 50;
const CHECK_SPACE_BYTES = 8_388_608;
const SAVE_MS = 1_000;
const MAX_DAYS_NAMED = 3;

const dayText = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);

/**
 * Whether an examined file may be stored.
 *
 * @param removedDays - those of these days whose samples are removed, and what was rolled up of them is kept
 * @throws {AppError} `conflict`, with the remedy
 */
export function checkImportable(
  { preview, days }: Examined,
  skipFaulty: boolean,
  removedDays: (days: readonly number[]) => readonly number[],
): void {
  const { faults_count: faults, samples } = preview;
  if (faults > 0 && !skipFaulty) {
    throw new AppError('conflict', `nothing was imported: ${faults} faults; correct them, or have them left out`);
  }
  if (samples === 0) throw new AppError('conflict', 'there is no sample in the file');
  const removed = removedDays(days);
  if (removed.length === 0) return;
  const more = removed.length > MAX_DAYS_NAMED ? ', …' : '';
  throw new AppError(
    'conflict',
    `the samples of ${removed.length} of its days (${removed.slice(0, MAX_DAYS_NAMED).map(dayText).join(', ')}${more}) are rolled up and gone, and nothing can be added to them: leave these days out of the file`,
  );
}

export function createImports(parts: ImportsParts): Imports {
  const { root, limits } = parts;
  const rows = createImportRows(parts.store, parts.now);
  const stopping = new AbortController();
  /** What waits or is worked on, by id. */
  const active = new Map<
    string,
    { readonly factoryId: number; readonly isImport: boolean; readonly abort: AbortController }
  >();
  const uploading = new Set<string>();
  let tail: Promise<void> = Promise.resolve();

  const directoryOf = (factoryId: number) => join(root, 'factories', String(factoryId), 'imports');
  const fileOf = ({ factoryId, id }: Pick<ImportJob, 'factoryId' | 'id'>) => join(directoryOf(factoryId), `${id}.csv`);

  const checkSpace = () => {
    if (parts.spareBytes() >= limits.minFreeBytes) return;
    throw new AppError('unavailable', 'the disk has no room for this file: free some space, or send a part of it');
  };

  const examine = async (scope: FactoryScope, job: ImportJob, signal: AbortSignal): Promise<void> => {
    const task = {
      file: fileOf(job),
      fileName: job.fileName,
      timezone: scope.timezone,
      options: job.options,
      known: parts.known(scope),
      latest: parts.latest(),
      rawFrom: parts.rawFrom(scope.factoryId),
    };
    const examined = await parts.examine(task, signal);
    rows.change(scope, job.id, { state: 'ready', examined, error: null });
  };

  const importIt = async (scope: FactoryScope, job: ImportJob, signal: AbortSignal): Promise<void> => {
    const { examined } = job;
    if (examined === null) throw new AppError('internal', 'the import was not examined');
    let { samples } = job;
    let savedAt = Number.NEGATIVE_INFINITY;
    await runImport({
      file: fileOf(job),
      examined,
      latest: parts.latest(),
      at: job.done.line === 0 ? examined.plan.start : job.done,
      readPage: parts.readPage,
      store: (page) => parts.importRows(scope, page, signal),
      stored: ({ next, samples: more }) => {
        samples += more;
        if (next === null || performance.now() - savedAt < SAVE_MS) return;
        rows.change(scope, job.id, { done: next, samples });
        savedAt = performance.now();
      },
      signal,
    });
    parts.setUnits(scope, examined.series);
    rows.change(scope, job.id, { state: 'done', samples, done: { offset: job.sizeBytes, line: job.done.line } });
    rmSync(fileOf(job), { force: true });
  };

  /** One after the other. What fails is said in its row. */
  const enqueue = (scope: FactoryScope, id: string, isImport: boolean) => {
    const abort = new AbortController();
    active.set(id, { factoryId: scope.factoryId, isImport, abort });
    const signal = AbortSignal.any([abort.signal, stopping.signal]);
    tail = tail.then(async () => {
      try {
        if (!signal.aborted) await (isImport ? importIt : examine)(scope, rows.get(scope, id), signal);
      } catch (error) {
        if (signal.aborted) return;
        fail(scope, id, error);
      } finally {
        if (active.get(id)?.abort === abort) active.delete(id);
      }
    });
  };

  const fail = (scope: FactoryScope, id: string, error: unknown) => {
    const isTheirs = error instanceof AppError && error.code !== 'internal';
    if (!isTheirs) parts.onFault(error);
    const message = isTheirs ? error.message : 'something went wrong in the appliance; its log says what';
    try {
      rows.change(scope, id, { state: 'failed', error: message });
    } catch (fault) {
      // It was removed meanwhile, or the disk is full.
      if (!(fault instanceof AppError)) parts.onFault(fault);
    }
  };

  const makeRoom = (scope: FactoryScope) => {
    const all = rows.list(scope);
    const tooMany = all.length - MAX_JOBS + 1;
    if (tooMany <= 0) return;
    const over = all.filter(({ state }) => state === 'done' || state === 'failed');
    for (const job of over.slice(-tooMany)) {
      rows.remove(scope, job.id);
      rmSync(fileOf(job), { force: true });
    }
    if (over.length < tooMany) {
      throw new AppError('too_many', `${MAX_JOBS} imports are not finished: start or delete some of them`);
    }
  };

  /** Counts bytes, and ends an upload that is too large or for which there is no room. */
  const bounded = (offset: number) => {
    let [total, unchecked] = [offset, 0];
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        total += chunk.length;
        unchecked += chunk.length;
        try {
          if (total > limits.maxBytes) {
            throw new AppError(
              'too_large',
              `a file has at most ${limits.maxBytes} bytes (imports.max_bytes): split it`,
            );
          }
          if (unchecked >= CHECK_SPACE_BYTES) {
            unchecked = 0;
            checkSpace();
          }
          done(null, chunk);
        } catch (error) {
          done(error as Error);
        }
      },
    });
  };

  const settle = (scope: FactoryScope, id: string, change: Parameters<typeof rows.change>[2]): ImportJob => {
    rows.change(scope, id, change);
    return rows.get(scope, id);
  };

  return {
    create: (scope, { name, createdBy }, options) => {
      makeRoom(scope);
      const id = newId();
      rows.insert(scope, { id, fileName: name, options, createdBy });
      return rows.get(scope, id);
    },
    upload: async (scope, id, { content, offset, isLast }) => {
      const job = rows.get(scope, id);
      if (job.state !== 'uploading') throw new AppError('conflict', 'the file has come already: make another import');
      if (uploading.has(id)) throw new AppError('conflict', 'a part of the file is coming already');
      mkdirSync(directoryOf(job.factoryId), { recursive: true, mode: 0o700 });
      const file = fileOf(job);
      const has = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      if (offset !== has) throw new AppError('conflict', `${has} bytes of the file are here: go on at that offset`);
      checkSpace();
      uploading.add(id);
      try {
        await pipeline(content, bounded(offset), createWriteStream(file, { flags: 'a', flush: true, mode: 0o600 }));
      } finally {
        uploading.delete(id);
        const sizeBytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
        rows.change(scope, id, { sizeBytes, ...(isLast && content.readableEnded ? { state: 'examining' } : {}) });
      }
      if (isLast) enqueue(scope, id, false);
      return rows.get(scope, id);
    },
    configure: (scope, id, options) => {
      const job = rows.get(scope, id);
      if (job.state === 'uploading') return settle(scope, id, { options });
      const isOver = job.state === 'done' || job.state === 'running' || job.samples > 0 || !existsSync(fileOf(job));
      if (isOver) throw new AppError('conflict', 'it is imported already, at least in part: make another import');
      active.get(id)?.abort.abort();
      const changed = settle(scope, id, { options, state: 'examining', examined: null, error: null });
      enqueue(scope, id, false);
      return changed;
    },
    start: (scope, id, skipFaulty) => {
      const { state, examined } = rows.get(scope, id);
      if (state !== 'ready' || examined === null)
        throw new AppError('conflict', `it is ${state}, not ready to be imported`);
      checkImportable(examined, skipFaulty, (days) => parts.removedDays(scope, days));
      const job = settle(scope, id, { state: 'running', skipFaulty, error: null });
      enqueue(scope, id, true);
      return job;
    },
    get: rows.get,
    list: rows.list,
    remove: (scope, id) => {
      const job = rows.get(scope, id);
      active.get(id)?.abort.abort();
      rows.remove(scope, id);
      rmSync(fileOf(job), { force: true });
    },
    abandonFactory: (factoryId) => {
      for (const one of active.values()) if (one.factoryId === factoryId) one.abort.abort();
    },
    isRunning: (factoryId) => [...active.values()].some((one) => one.isImport && one.factoryId === factoryId),
    resume: () => {
      const jobs = rows.unfinished();
      const kept = new Set(jobs.map(fileOf));
      for (const factoryId of new Set(listFactories(root))) {
        const directory = directoryOf(factoryId);
        for (const name of existsSync(directory) ? readdirSync(directory) : []) {
          if (!kept.has(join(directory, name))) rmSync(join(directory, name), { force: true });
        }
      }
      for (const job of jobs) {
        const scope = parts.scopeOf(job.factoryId);
        const sizeBytes = statSync(fileOf(job), { throwIfNoEntry: false })?.size ?? 0;
        // An upload that was cut off goes on behind what has come.
        if (scope !== undefined && job.state === 'uploading') rows.change(scope, job.id, { sizeBytes });
        if (scope === undefined || (job.state !== 'examining' && job.state !== 'running')) continue;
        enqueue(scope, job.id, job.state === 'running');
      }
    },
    stop: async () => {
      stopping.abort();
      await tail;
    },
  };
}

function listFactories(root: string): number[] {
  const home = join(root, 'factories');
  return existsSync(home) ? readdirSync(home).map(Number).filter(Number.isInteger) : [];
}
