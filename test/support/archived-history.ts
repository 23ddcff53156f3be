import {
  compactDay,
  createArchive,
  filterSegment,
  HotWriter,
  sealBucket,
  writeSeriesList,
} from '../../src/historian/historian.ts';
import { fakeClock } from './accounts.ts';
import { controlStore } from './control-store.ts';
import { historianOn } from './history-model.ts';
import { hotOptions, NOW } from './hot-history.ts';

/** Where a seal or a compaction can be made to fail, as a kill or a full disk would: before, or after its work. */
export type Fault = 'before seal' | 'after seal' | 'before drop' | 'before compaction' | 'after compaction';

/** A historian with its archive over a data directory of its own, in this thread; factories 1 and 2 exist. */
export async function archivedHistory({ bucketSeconds = 600, worthRows = 1 } = {}) {
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
  const options = hotOptions(root, { bucketSeconds });
  const clock = fakeClock(NOW);
  let writer = new HotWriter(options);
  let opened = writer.load();
  let fault: Fault | undefined;
  const failAt = (place: Fault) => {
    if (fault !== place) return;
    fault = undefined;
    throw new Error(`fault ${place}`);
  };
  const createIt = () =>
    createArchive({
      writer: {
        closeBuckets: async (closing) => writer.closeBuckets(closing),
        dropBucket: async (table) => {
          failAt('before drop');
          writer.dropBucket(table);
        },
      },
      store: control.store,
      clock,
      root,
      hotDb: options.file,
      bucketMs: opened.bucketMs,
      latenessMs: 0,
      seal: async (order) => {
        failAt('before seal');
        const files = await sealBucket(order);
        failAt('after seal');
        return files;
      },
      compact: async (order) => {
        failAt('before compaction');
        const files = await compactDay({ ...order, worthRows });
        failAt('after compaction');
        return files;
      },
      filter: filterSegment,
      listSeries: (factoryId) => writeSeriesList({ root, hotDb: options.file, controlDb: control.file, factoryId }),
      onFault: () => {},
      intervalMs: 1e9,
      graceMs: 0,
    });
  let archive = createIt();
  archive.start();
  const historian = await historianOn({ hotDb: options.file, sealed: { controlDb: control.file, root } });
  return {
    root,
    clock,
    store: control.store,
    historian,
    get writer() {
      return writer;
    },
    get archive() {
      return archive;
    },
    /** The next time that place is passed it fails, once. */
    failOnce: (place: Fault) => {
      fault = place;
    },
    /** Ends and begins again on the same files. */
    restart: async () => {
      await archive.stop();
      writer.close();
      writer = new HotWriter(options);
      opened = writer.load();
      archive = createIt();
      archive.start();
      return opened;
    },
    [Symbol.asyncDispose]: async () => {
      await archive.stop();
      historian[Symbol.dispose]();
      writer.close();
      control[Symbol.dispose]();
    },
  };
}
