import { actingAlone } from '../core/act.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Store } from '../store/store.ts';
import type { Seals } from './chain.ts';
import type { AuditHead } from './head.ts';
import { type AuditLimits, prune } from './pruning.ts';
import { type Newest, readNewest, type Trail } from './trail.ts';
import { type AuditReport, verification } from './verification.ts';

const ROUND_MS = 10_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Between two parts of a verification that nobody waits for (ms). */
const REST_MS = 20;

/** Looks after the audit while the appliance runs: its age, its size, its head outside of the database, its wholeness. */
export interface Keeper {
  /** Goes through all of it; whoever asks meanwhile gets the same answer. */
  verify(): Promise<AuditReport>;
  start(limits: AuditLimits): void;
  /** Writes the head once more. */
  stop(): void;
}

export interface KeeperParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly seals: Seals;
  readonly trail: Trail;
  readonly head: AuditHead;
  /** Once a round. */
  readonly settle: () => void;
  readonly onFault: (message: string) => void;
}

const rest = (ms: number) =>
  new Promise<void>((resolve) => {
    if (ms === 0) setImmediate(resolve);
    else setTimeout(resolve, ms).unref();
  });

/** Writes the head at once: what is found when the audit is opened must not be found again. */
export function createKeeper({ store, clock, log, seals, trail, head, settle, onFault }: KeeperParts): Keeper {
  let kept: Newest | undefined;
  let timer: NodeJS.Timeout | undefined;
  let asked: Promise<AuditReport> | undefined;
  let verifying = 0;
  let isStopped = false;
  let isPruning = false;
  let hasServed = false;
  const last = { logged: -HOUR_MS, pruned: -HOUR_MS, verified: -DAY_MS };

  /** A file that cannot be written now is written later: the audit itself is in the database. */
  const keepHead = () => {
    try {
      const newest = store.systemRead('read the audit', readNewest);
      if (newest.seq === kept?.seq) return;
      head.write(newest);
      kept = newest;
    } catch (error) {
      log.warn({ err: error }, 'how far the audit has come could not be written beside the database');
    }
  };
  const logHead = () => {
    if (kept === undefined) return;
    log.info({ entry: kept.seq, hash: kept.hash.toString('hex') }, 'the audit has come so far');
  };

  /** Undefined when the appliance stops meanwhile. */
  const goThrough = async (restMs: number): Promise<AuditReport | undefined> => {
    const steps = verification((fn) => store.systemRead('read the audit', fn), seals, head.read());
    verifying += 1;
    try {
      while (!isStopped) {
        const step = steps.next();
        if (step.done === true) return step.value;
        await rest(restMs);
      }
      return undefined;
    } finally {
      verifying -= 1;
    }
  };
  const verifyDaily = () =>
    goThrough(REST_MS).then(
      (report) => {
        const [first] = report?.faults ?? [];
        if (first !== undefined) onFault(first.message);
      },
      (error) => log.warn({ err: error }, 'the audit could not be verified'),
    );

  /**
   * Removes all that is to go, one part after the other, with a rest in between. What is too much goes each round; what is
   * too old once an hour, so that an entry that says it does not follow each one that goes.
   */
  const pruneAll = async (limits: AuditLimits) => {
    const isHourly = performance.now() >= last.pruned + HOUR_MS;
    let forRoom = 0;
    isPruning = true;
    try {
      // While somebody goes through it, nothing may go.
      while (verifying === 0 && !isStopped) {
        const now = isHourly && clock.isTrusted !== false ? clock.now() : null;
        const { removed, isForRoom } = actingAlone(() =>
          store.system('keep the audit', (sql) => prune(sql, { seals, trail, limits }, now)),
        );
        if (removed === 0) {
          if (isHourly) last.pruned = performance.now();
          break;
        }
        if (isForRoom) forRoom += removed;
        await rest(REST_MS);
      }
    } catch (error) {
      log.warn({ err: error }, 'the audit could not be pruned; it is tried again');
    }
    isPruning = false;
    if (forRoom > 0) log.warn({ removed: forRoom }, 'the audit is full: entries have gone before their time');
  };

  const round = (limits: AuditLimits) => {
    const now = performance.now();
    hasServed = true;
    try {
      settle();
    } catch (error) {
      log.warn({ err: error }, 'what was refused repeatedly could not be told; it is tried again');
    }
    if (!isPruning) void pruneAll(limits);
    keepHead();
    if (now >= last.logged + HOUR_MS) {
      last.logged = now;
      logHead();
    }
    if (now >= last.verified + DAY_MS) {
      last.verified = now;
      void verifyDaily();
    }
  };

  keepHead();
  return {
    verify: async () => {
      asked ??= goThrough(0)
        .then((report) => report ?? Promise.reject(new Error('the appliance is stopping')))
        .finally(() => {
          asked = undefined;
        });
      return asked;
    },
    start: (limits) => {
      timer = setInterval(() => round(limits), ROUND_MS);
      timer.unref();
    },
    stop: () => {
      isStopped = true;
      clearInterval(timer);
      keepHead();
      // Nothing where nothing has been served: a start that fails says why, and no more.
      if (hasServed) logHead();
    },
  };
}
