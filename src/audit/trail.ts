import { actingAlone, currentAct } from '../core/act.ts';
import type { Clock } from '../core/clock.ts';
import { newId } from '../core/ids.ts';
import type { AuditTrail, Sql, SqlReads } from '../store/store.ts';
import { AUDITED } from './audited-tables.ts';
import { EMPTIED, type Ends, isSameSeal, NO_HASH, type SealedFields, type Seals } from './chain.ts';
import { entriesOf, type NewEntry, plainText, writeContent } from './content.ts';
import { createOwnActs } from './own-acts.ts';

interface EndsRow {
  readonly first_seq: number;
  readonly before_hash: Buffer;
  readonly last_seq: number;
  readonly last_hash: Buffer;
  readonly seal: Buffer;
}

/** The ends as they are stored, and whether the appliance has sealed them so. */
export interface StoredEnds extends Ends {
  readonly isSealed: boolean;
}

/** The newest entry. */
export interface Newest {
  readonly seq: number;
  readonly hash: Buffer;
}

const NOTHING: Newest = { seq: 0, hash: NO_HASH };

/** Null when they are gone. */
export function readEnds(sql: SqlReads, seals: Seals): StoredEnds | null {
  const row = sql.get<EndsRow>('select first_seq, before_hash, last_seq, last_hash, seal from audit_ends');
  if (row === undefined) return null;
  const ends = {
    firstSeq: row.first_seq,
    beforeHash: row.before_hash,
    lastSeq: row.last_seq,
    lastHash: row.last_hash,
  };
  return { ...ends, isSealed: isSameSeal(seals.ends(ends), row.seal) };
}

/** The newest entry of all factories. */
export const readNewest = (sql: SqlReads): Newest => sql.get<Newest>('select seq, hash from audit_newest') ?? NOTHING;

/** Seals the ends inside the caller's transaction. */
export function writeEnds(sql: Sql, seals: Seals, ends: Ends, isSealed = true): void {
  sql.run(
    `insert into main.audit_ends (id, first_seq, before_hash, last_seq, last_hash, seal) values (1, ?, ?, ?, ?, ?)
     on conflict do update set first_seq = excluded.first_seq, before_hash = excluded.before_hash,
       last_seq = excluded.last_seq, last_hash = excluded.last_hash, seal = excluded.seal`,
    ...[ends.firstSeq, ends.beforeHash, ends.lastSeq, ends.lastHash],
    isSealed ? seals.ends(ends) : NO_HASH,
  );
}

function insertEntry(sql: Sql, fields: SealedFields, beforeHash: Buffer, hash: Buffer): void {
  sql.run(
    `insert into main.audit_entries (seq, id, at, factory_id, factory_slug, action, actor_kind, actor_id, actor_name,
       address, request_id, target_kind, target_id, target_name, content, before_hash, hash)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[fields.seq, fields.id, fields.at, fields.factoryId, fields.factorySlug, fields.action, fields.actorKind],
    ...[fields.actorId, fields.actorName, fields.address, fields.requestId, fields.targetKind, fields.targetId],
    ...[fields.targetName, fields.content, beforeHash, hash],
  );
}

const began: NewEntry = {
  action: 'audit.begin',
  factoryId: null,
  target: { kind: 'audit', id: '', name: '' },
  content: {},
};

/** What the appliance itself says when it finds that its audit was tampered with. */
export const faultEntry = (message: string): NewEntry => ({
  action: 'audit.fault_found',
  factoryId: null,
  target: { kind: 'audit', id: '', name: '' },
  content: { details: { message } },
});

/** Adds entries to the audit, in the transaction of what they tell. */
export interface Trail extends AuditTrail {
  /** Writes the first entry ever, where the tables have just been made: an audit without one has been emptied. */
  begin(sql: Sql): void;
  /**
   * Adds entries, on behalf of the current act.
   *
   * @param isScoped - the connection is bound to one factory: faults of the audit are then left to the next that is not
   */
  write(sql: Sql, entries: readonly NewEntry[], isScoped?: boolean): void;
}

export interface TrailParts {
  readonly seals: Seals;
  readonly clock: Clock;
  /** Told when the ends of the audit are found to be forged. */
  readonly onFault: (message: string) => void;
}

export function createTrail({ seals, clock, onFault }: TrailParts): Trail {
  const ownActs = createOwnActs();
  const slugOf = (sql: Sql, { factoryId, content }: NewEntry): string | null => {
    if (factoryId === null) return null;
    const slug = sql.get<{ slug: string }>('select slug from factories where id = ?', factoryId)?.slug;
    // Its removal is the last that is told of it.
    const removed = content.changes?.find(({ kind }) => kind === 'factory')?.before?.slug;
    return slug ?? (typeof removed === 'string' ? removed : null);
  };

  const fieldsOf = (sql: Sql, seq: number, entry: NewEntry) => {
    const { actor, address, requestId } = currentAct();
    return {
      seq,
      id: newId(),
      at: clock.now(),
      factoryId: entry.factoryId,
      factorySlug: slugOf(sql, entry),
      action: entry.action,
      actorKind: actor.kind,
      actorId: plainText(actor.id),
      actorName: plainText(actor.name),
      address: plainText(address),
      requestId: plainText(requestId),
      targetKind: entry.target.kind,
      targetId: plainText(entry.target.id),
      targetName: plainText(entry.target.name),
      content: writeContent(entry.content),
    };
  };

  /** What is wrong with how the audit ends, before anything is added to it; undefined when nothing is. */
  const faultOf = (ends: StoredEnds | null, newest: Newest): string | undefined => {
    if (ends?.isSealed && ends.lastSeq === newest.seq && isSameSeal(ends.lastHash, newest.hash)) return undefined;
    if (ends?.isSealed && newest.seq < ends.lastSeq) {
      return `entries ${newest.seq + 1} to ${ends.lastSeq} had been cut off the end of the audit`;
    }
    if (newest.seq === 0) return EMPTIED;
    return `where the audit begins and ends was not as it had been written, at entry ${newest.seq}`;
  };

  const write: Trail['write'] = (sql, entries, isScoped = false) => {
    const ends = readEnds(sql, seals);
    let { seq, hash } = readNewest(sql);
    const fault = faultOf(ends, { seq, hash });
    // What has been cut off keeps its numbers: nothing else may take its place.
    if (ends?.isSealed && ends.lastSeq > seq) seq = ends.lastSeq;
    const add = (entry: NewEntry) => {
      seq += 1;
      const fields = fieldsOf(sql, seq, entry);
      const own = seals.entry(hash, fields);
      insertEntry(sql, fields, hash, own);
      hash = own;
    };
    if (fault !== undefined && !isScoped) {
      onFault(fault);
      actingAlone(() => add(faultEntry(fault)));
    }
    for (const entry of entries) add(entry);
    const { firstSeq, beforeHash } = ends ?? { firstSeq: 1, beforeHash: NO_HASH };
    writeEnds(sql, seals, { firstSeq, beforeHash, lastSeq: seq, lastHash: hash }, fault === undefined || !isScoped);
  };

  return {
    tables: AUDITED,
    record: (sql, changed, factoryId) => {
      const entries = entriesOf(changed, factoryId);
      ownActs.count(entries);
      if (entries.length > 0) write(sql, entries, factoryId !== null);
    },
    write,
    begin: (sql) => {
      writeEnds(sql, seals, { firstSeq: 1, beforeHash: NO_HASH, lastSeq: 0, lastHash: NO_HASH });
      write(sql, [began]);
    },
  };
}
