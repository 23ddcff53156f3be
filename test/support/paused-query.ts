import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { type HistoryPlace, type HistoryTask, openHistoryEngine } from '../../src/historian/historian.ts';

/** Where a query waits: before it reads what is sealed, before it reads the list of files, and when it has that. */
export type Pause = 'before marks' | 'before files' | 'after files';

export interface PausedQuery {
  readonly place: HistoryPlace;
  readonly task: HistoryTask;
  readonly pause: Pause;
  /** One shared Int32: 1 once the query waits, 2 when it is to go on. */
  readonly gate: Int32Array<SharedArrayBuffer>;
}

/** A thread that answers one query, and stands still at a place in it. */
const { place, task, pause, gate } = workerData as PausedQuery;

const wait = () => {
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
  Atomics.wait(gate, 0, 1);
};

const table = pause === 'before marks' ? 'from sealed_buckets' : 'from segments';
const { prepare } = Database.prototype;
Database.prototype.prepare = function (this: Database.Database, sql: string) {
  const statement = prepare.call(this, sql);
  if (!sql.includes(table)) return statement;
  const all = statement.all.bind(statement) as (...values: unknown[]) => unknown[];
  statement.all = (...values: unknown[]) => {
    if (pause !== 'after files') wait();
    const rows = all(...values);
    if (pause === 'after files') wait();
    return rows;
  };
  return statement;
} as typeof prepare;

const engine = await openHistoryEngine(place);
parentPort?.postMessage(await engine.query(task, () => false));
engine.close();
