import { actingAlone } from '../core/act.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { AuditTrail, Sql, Store } from '../store/store.ts';
import { createSeals } from './chain.ts';
import type { NewEntry } from './content.ts';
import { createEntries, type Entries } from './entries.ts';
import { createAuditHead } from './head.ts';
import { createKeeper } from './keeper.ts';
import type { AuditLimits } from './pruning.ts';
import { createRefusedActs, type RefusedActs } from './refused-acts.ts';
import { createTrail, faultEntry, readNewest } from './trail.ts';
import { type AuditReport, headFault } from './verification.ts';

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

/** The one that makes its tables. */
export const AUDIT_MIGRATION = '0013-audit.sql';

/** The audit before there is a store to write it to, which needs it to be opened. */
export interface OpeningAudit {
  readonly trail: AuditTrail;
  /**
   * Writes its first entry, and the head, to be called within the transaction that makes its tables: from then on an audit
   * without entries, or without its head, is one that was tampered with, whenever the power fails.
   *
   * @throws as the file system does
   */
  begin(sql: Sql): void;
  /** Looks whether the audit is the one that was left. */
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
        const fault = headFault(sql, head.read(), readNewest(sql));
        if (fault !== undefined) onFault(fault.message);
        // Also without an entry: this looks whether the ends hold.
        trail.write(sql, fault === undefined ? [] : [faultEntry(fault.message)]);
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

  const begin = (sql: Sql) => {
    const left = head.read();
    actingAlone(() => {
      trail.begin(sql);
      // One entry: of a start like this that was cut short before its commit.
      if (left === null || left.seq <= 1) return;
      const message = `the database was put back to a copy from before the audit, which had come to entry ${left.seq}`;
      onFault(message);
      trail.write(sql, [faultEntry(message)]);
    });
    head.write(readNewest(sql));
  };

  return { trail, begin, open };
}
