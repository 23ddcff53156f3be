import { join } from 'node:path';
import {
  compactDay,
  createArchive,
  createRetention,
  filterSegment,
  type HistoryBytes,
  HotWriter,
  mergeRollups,
  type RetentionDays,
  sealBuckets,
  writeSeriesList,
} from '../../src/historian/historian.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { fakeClock } from './accounts.ts';
import { controlStore } from './control-store.ts';
import { historianOn } from './history-model.ts';
import { hotOptions, NOW } from './hot-history.ts';

/** Moments of a seal and of a compaction at which it can be made to fail, as a kill or a full disk would. */
export const PLACES = [
  'before seal',
  'after seal',
  'while naming',
  'before drop',
  'after drop',
  'before compaction',
  'after compaction',
  'after exchange',
] as const;
/** Rollups are merged once there are some of two days. */
export const MERGE_PLACES = ['before merge', 'after merge'] as const;
export type Place = (typeof PLACES | typeof MERGE_PLACES)[number];

const FOR_EVER: RetentionDays = { raw: null, '1m': null, '15m': null };

interface OpenOptions {
  readonly clock: { now(): number };
  readonly bucketSeconds?: number;
  /** Called at every place that is passed; what it throws is what fails. */
  readonly at?: (place: Place) => void;
  readonly graceMs?: number;
  readonly days?: RetentionDays;
  readonly excessBytes?: (history: HistoryBytes) => number;
  /** See `compactDay`; 1 rolls up however few samples there are. */
  readonly worthRows?: number;
}

/** Opens a data directory as the appliance does, with the work of all its threads in this one. */
export function openArchived(root: string, store: Store, options: OpenOptions) {
  const { clock, bucketSeconds = 600, at = () => {}, graceMs = 0, worthRows = 1 } = options;
  const { days: retentionDays = FOR_EVER, excessBytes = () => 0 } = options;
  const hot = { ...hotOptions(root, { bucketSeconds }), clock: clock.now };
  const writer = new HotWriter(hot);
  const opened = writer.load();
  let [naming, exchanging] = [false, false];
  const retention = createRetention({ store, clock, days: retentionDays, excessBytes });
  const archive = createArchive({
    writer: {
      closeBuckets: async (closings) => writer.closeBuckets(closings),
      dropBuckets: async (tables) => {
        at('before drop');
        writer.dropBuckets(tables);
        at('after drop');
      },
    },
    store: {
      systemRead: store.systemRead,
      system: (purpose, fn) => {
        const result = store.system(purpose, (sql) => {
          const done = fn(sql);
          if (naming) {
            naming = false;
            at('while naming');
          }
          return done;
        });
        if (exchanging) {
          exchanging = false;
          at('after exchange');
        }
        return result;
      },
    },
    clock,
    root,
    hotDb: hot.file,
    latenessMs: 0,
    seal: async (order) => {
      at('before seal');
      const sealed = await sealBuckets(order);
      at('after seal');
      naming = true;
      return sealed;
    },
    compact: async (order) => {
      at('before compaction');
      const files = await compactDay({ ...order, worthRows });
      at('after compaction');
      exchanging = true;
      return files;
    },
    mergeRollups: async (order) => {
      at('before merge');
      const file = await mergeRollups(order);
      at('after merge');
      return file;
    },
    filter: (order) => filterSegment(order),
    listSeries: (factoryId) => writeSeriesList({ ...placeIn(root).sealed, hotDb: hot.file, factoryId }),
    retention,
    onFault: () => {},
    intervalMs: 1e9,
    retryMs: 0,
    manyRollups: 2,
    graceMs,
  });
  archive.start();
  const close = async () => {
    await archive.stop();
    writer.close();
  };
  return { writer, opened, archive, retention, close };
}

/** Where the historian's queries look in a data directory. */
export const placeIn = (root: string) => ({
  hotDb: join(root, 'hot.db'),
  sealed: { controlDb: join(root, 'control.db'), root },
});

/** A historian with its archive over a data directory of its own, in this thread; factories 1 and 2 exist. */
export async function archivedHistory(options: Partial<Omit<OpenOptions, 'clock' | 'at'>> = {}) {
  const control = controlStore();
  const root = control.directory;
  control.store.system('create factory', (sql) => {
    for (const id of [1, 2]) {
      sql.run(
        `insert into main.factories (id, uuid, slug, name, timezone, created_at) values (?, ?, ?, 'F', 'UTC', 0)`,
        ...[id, `uuid-${id}`, `factory-${id}`],
      );
    }
  });
  const clock = fakeClock(NOW);
  let awaited: { readonly place: Place; readonly act: () => void } | undefined;
  const at = (place: Place) => {
    if (awaited?.place !== place) return;
    const { act } = awaited;
    awaited = undefined;
    act();
  };
  let store = control.store;
  const openIt = () => openArchived(root, store, { ...options, clock, at });
  let open = openIt();
  let historian = await historianOn(placeIn(root));
  return {
    root,
    clock,
    get historian() {
      return historian;
    },
    get store() {
      return store;
    },
    get writer() {
      return open.writer;
    },
    get retention() {
      return open.retention;
    },
    get archive() {
      return open.archive;
    },
    /** The next time that place is passed, does that, once. */
    onceAt: (place: Place, act: () => void) => {
      awaited = { place, act };
    },
    /** The next time that place is passed it fails, once. */
    failOnce: (place: Place) => {
      awaited = {
        place,
        act: () => {
          throw new Error(`fault ${place}`);
        },
      };
    },
    /** Ends, lets something else have the files, and begins again on them. */
    restart: async (meanwhile: () => Promise<void> = async () => {}) => {
      await open.close();
      historian[Symbol.dispose]();
      store.close();
      await meanwhile();
      store = openStore(control.file);
      open = openIt();
      historian = await historianOn(placeIn(root));
      return open.opened;
    },
    [Symbol.asyncDispose]: async () => {
      await open.close();
      historian[Symbol.dispose]();
      store.close();
      control[Symbol.dispose]();
    },
  };
}
