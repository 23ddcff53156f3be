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

  const pruneSome = (limits: AuditLimits): boolean => {
    const now = clock.isTrusted === false ? null : clock.now();
    const { removed, isForRoom } = actingAlone(() =>
      store.system('keep the audit', (sql) => prune(sql, { seals, trail, limits }, now)),
    );
    if (isForRoom) log.warn({ removed }, 'the audit is full: entries have gone before their time');
    return removed > 0;
  };

  const round = (limits: AuditLimits) => {
    const now = performance.now();
    hasServed = true;
    try {
      settle();
      // While somebody goes through it, nothing may go.
      if (verifying === 0 && now >= last.pruned + HOUR_MS && !pruneSome(limits)) last.pruned = now;
    } catch (error) {
      log.warn({ err: error }, 'the audit could not be pruned; it is tried again');
    }
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
