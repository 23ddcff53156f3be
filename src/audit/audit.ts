import { actingAlone } from '../core/act.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { AuditTrail, Store } from '../store/store.ts';
import { createSeals } from './chain.ts';
import type { NewEntry } from './content.ts';
import { createEntries, type Entries } from './entries.ts';
import { createAuditHead } from './head.ts';
import { type AuditLimits, prune } from './pruning.ts';
import { createRefusedActs, type RefusedActs } from './refused-acts.ts';
import { createTrail, faultEntry, type Newest, readNewest } from './trail.ts';
import { type AuditReport, putBack, verification } from './verification.ts';

export type { AuditFault } from './chain.ts';
export type { Content, NewEntry, Target, ToldChange } from './content.ts';
export type { Entries, Entry, EntryFilter, PlacedEntry } from './entries.ts';
export { exportEntries, type ReadEntries } from './export.ts';
export type { AuditLimits } from './pruning.ts';
export type { RefusedAct, RefusedActs } from './refused-acts.ts';
export { auditOf } from './standing.ts';
export type { AuditReport } from './verification.ts';

/** Who did what: written by construction with every change, and read here. */
export interface Audit extends Entries {
  /** Writes down an act that changes no row. @throws as the store does: then it must not happen */
  note(entry: NewEntry): void;
  readonly refused: Pick<RefusedActs, 'note'>;
  /** Goes through all of it; whoever asks meanwhile gets the same answer. */
  verify(): Promise<AuditReport>;
  /** Prunes, verifies once a day, and keeps the head outside of the database; and does so once more at `stop`. */
  start(limits: AuditLimits): void;
  stop(): void;
}

/** The audit before there is a store to write it to, which needs it to be opened. */
export interface OpeningAudit {
  readonly trail: AuditTrail;
  /** Begins the audit where there is none, and looks whether it is the one that was left. */
  open(store: Store): Audit;
}

export interface AuditParts {
  readonly clock: Clock;
  readonly log: Log;
  /** The appliance's own key. */
  readonly secret: Uint8Array;
  /** `<data-dir>/audit.head` */
  readonly headFile: string;
}

const SETTLE_MS = 10_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const began: NewEntry = {
  action: 'audit.begin',
  factoryId: null,
  target: { kind: 'audit', id: '', name: '' },
  content: {},
};

const breath = () => new Promise<void>((resolve) => setImmediate(resolve));

export function createAudit({ clock, log, secret, headFile }: AuditParts): OpeningAudit {
  const seals = createSeals(secret);
  const head = createAuditHead(headFile, seals);
  const onFault = (message: string) => log.error({ found: message }, 'the audit has been tampered with: see doctor');
  const trail = createTrail({ seals, clock, onFault });

  const open = (store: Store): Audit => {
    const write = (entries: readonly NewEntry[]) => store.system('keep the audit', (sql) => trail.write(sql, entries));
    const refused = createRefusedActs({
      clock,
      write,
      onFault: (error) => log.warn({ err: error }, 'something that was refused could not be written to the audit'),
    });
    let kept: Newest | undefined;
    let timer: NodeJS.Timeout | undefined;
    let loggedAt = 0;
    let verifiedAt = 0;
    let prunedAt = 0;
    let hasSettled = false;
    let running: Promise<AuditReport> | undefined;

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

    actingAlone(() =>
      store.system('keep the audit', (sql) => {
        const newest = readNewest(sql);
        const older = putBack(sql, head.read(), newest);
        if (older !== undefined) onFault(older.message);
        // Also without an entry: this looks whether the ends hold.
        trail.write(sql, [...(newest.seq === 0 ? [began] : []), ...(older ? [faultEntry(older.message)] : [])]);
      }),
    );
    keepHead();

    const verify = async () => {
      const steps = verification((fn) => store.systemRead('read the audit', fn), seals, head.read());
      for (;;) {
        const step = steps.next();
        if (step.done === true) return step.value;
        await breath();
      }
    };
    const verifyOnce = () => {
      running ??= verify().finally(() => {
        running = undefined;
      });
      return running;
    };
    const verifyDaily = () => {
      verifyOnce().then(
        ({ faults }) => {
          const [first] = faults;
          if (first !== undefined) onFault(first.message);
        },
        (error) => log.warn({ err: error }, 'the audit could not be verified'),
      );
    };
    const pruneSome = (limits: AuditLimits) =>
      actingAlone(() =>
        store.system('keep the audit', (sql) =>
          prune(sql, { seals, trail, limits }, clock.isTrusted === false ? null : clock.now()),
        ),
      );

    const settle = (limits: AuditLimits) => {
      const now = performance.now();
      hasSettled = true;
      try {
        refused.settle();
        // While somebody goes through it, nothing may go.
        if (running === undefined && now >= prunedAt + HOUR_MS && pruneSome(limits) === 0) prunedAt = now;
      } catch (error) {
        log.warn({ err: error }, 'the audit could not be pruned; it is tried again');
      }
      keepHead();
      if (now >= loggedAt + HOUR_MS) {
        loggedAt = now;
        logHead();
      }
      if (now >= verifiedAt + DAY_MS) {
        verifiedAt = now;
        verifyDaily();
      }
    };

    return {
      ...createEntries(store),
      refused,
      note: (entry) => write([entry]),
      verify: verifyOnce,
      start: (limits) => {
        [loggedAt, prunedAt, verifiedAt] = [-HOUR_MS, -HOUR_MS, -DAY_MS];
        timer = setInterval(() => settle(limits), SETTLE_MS);
        timer.unref();
      },
      stop: () => {
        clearInterval(timer);
        refused.settle(true);
        keepHead();
        // Nothing where nothing has been served: a start that fails says why, and no more.
        if (hasSettled) logHead();
      },
    };
  };

  return { trail, open };
}
