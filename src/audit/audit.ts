import { actingAlone } from '../core/act.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { AuditTrail, Store } from '../store/store.ts';
import { createSeals } from './chain.ts';
import type { NewEntry } from './content.ts';
import { createEntries, type Entries } from './entries.ts';
import { createAuditHead } from './head.ts';
import { createKeeper } from './keeper.ts';
import type { AuditLimits } from './pruning.ts';
import { createRefusedActs, type RefusedActs } from './refused-acts.ts';
import { createTrail, faultEntry, readNewest } from './trail.ts';
import { type AuditReport, putBack } from './verification.ts';

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

const began: NewEntry = {
  action: 'audit.begin',
  factoryId: null,
  target: { kind: 'audit', id: '', name: '' },
  content: {},
};

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
    actingAlone(() =>
      store.system('keep the audit', (sql) => {
        const newest = readNewest(sql);
        const older = putBack(sql, head.read(), newest);
        if (older !== undefined) onFault(older.message);
        // Also without an entry: this looks whether the ends hold.
        trail.write(sql, [...(newest.seq === 0 ? [began] : []), ...(older ? [faultEntry(older.message)] : [])]);
      }),
    );
    const keeper = createKeeper({ store, clock, log, seals, trail, head, settle: refused.settle, onFault });
    return {
      ...createEntries(store),
      refused,
      note: (entry) => write([entry]),
      verify: keeper.verify,
      start: keeper.start,
      stop: () => {
        refused.settle(true);
        keeper.stop();
      },
    };
  };

  return { trail, open };
}
