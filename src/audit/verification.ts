import type { SqlReads } from '../store/store.ts';
import { type AuditFault, checkChain, isSameSeal, MAX_FAULTS, type SealedFields, type Seals } from './chain.ts';
import { type Newest, readEnds, readNewest } from './trail.ts';

/** What going through the whole audit has shown. */
export interface AuditReport {
  readonly entries: number;
  /** The oldest that is kept, and the newest; 0 when there is none. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** The hash of the newest one: noted elsewhere, it shows later that nothing was put back. Hexadecimal. */
  readonly head: string;
  /** None: every entry is as the appliance wrote it. The first one first. */
  readonly faults: readonly AuditFault[];
}

interface Row {
  readonly seq: number;
  readonly id: Buffer;
  readonly at: number;
  readonly factory_id: number | null;
  readonly factory_slug: Buffer | null;
  readonly action: Buffer;
  readonly actor_kind: Buffer;
  readonly actor_id: Buffer;
  readonly actor_name: Buffer;
  readonly address: Buffer;
  readonly request_id: Buffer;
  readonly target_kind: Buffer;
  readonly target_id: Buffer;
  readonly target_name: Buffer;
  readonly content: Buffer;
  readonly before_hash: Buffer;
  readonly hash: Buffer;
}

const TEXTS = [
  ...['id', 'factory_slug', 'action', 'actor_kind', 'actor_id', 'actor_name', 'address', 'request_id'],
  ...['target_kind', 'target_id', 'target_name', 'content'],
];

/** Texts as their bytes: what is no text any more must not be read as if it were the same. */
const PAGE = `select seq, at, factory_id, ${TEXTS.map((name) => `cast(${name} as blob) as ${name}`).join(', ')}, before_hash, hash
  from audit_entries where seq > ? and seq <= ? order by seq limit ?`;

const PAGE_ROWS = 100;

const fieldsOf = (row: Row): SealedFields => ({
  seq: row.seq,
  id: row.id,
  at: row.at,
  factoryId: row.factory_id,
  factorySlug: row.factory_slug,
  action: row.action,
  actorKind: row.actor_kind,
  actorId: row.actor_id,
  actorName: row.actor_name,
  address: row.address,
  requestId: row.request_id,
  targetKind: row.target_kind,
  targetId: row.target_id,
  targetName: row.target_name,
  content: row.content,
});

/** What the appliance has noted itself, and sealed the ends anew since. */
function notedIn(row: Row): AuditFault | undefined {
  if (row.action.toString() !== 'audit.fault_found') return undefined;
  const { details } = JSON.parse(row.content.toString()) as { details?: { message?: string } };
  const at = new Date(row.at).toISOString();
  const message = `on ${at} the appliance found that ${details?.message ?? 'the audit was forged'} (entry ${row.seq})`;
  return { fromSeq: row.seq, toSeq: row.seq, reason: 'noted', message };
}

/** What the file beside the database knows better, or that it is gone; undefined when they agree. */
export function headFault(sql: SqlReads, head: Newest | null, newest: Newest): AuditFault | undefined {
  if (head === null) {
    const message = `the file audit.head, which says how far the audit had come, is missing or is not as it was written: entries may be missing after entry ${newest.seq}`;
    return { fromSeq: newest.seq, toSeq: newest.seq, reason: 'ends_altered', message };
  }
  if (head.seq > newest.seq) {
    const message = `the database was put back to an older copy: it ends with entry ${newest.seq}, and had come to entry ${head.seq}`;
    return { fromSeq: newest.seq + 1, toSeq: head.seq, reason: 'put_back', message };
  }
  const known = sql.get<{ hash: Buffer }>('select hash from audit_entries where seq = ?', head.seq);
  if (known === undefined || isSameSeal(known.hash, head.hash)) return undefined;
  const message = `the database was put back to an older copy and written on: entry ${head.seq} is another one`;
  return { fromSeq: head.seq, toSeq: head.seq, reason: 'put_back', message };
}

/**
 * Goes through the whole audit, some hundred entries at each step, so that others can run in between.
 *
 * @param read - runs a query; each call may be a transaction of its own, as long as nothing is pruned meanwhile
 * @param head - what the file beside the database says
 */
export function* verification(
  read: <T>(fn: (sql: SqlReads) => T) => T,
  seals: Seals,
  head: Newest | null,
): Generator<void, AuditReport> {
  const { ends, newest, atHead } = read((sql) => {
    const now = readNewest(sql);
    return { ends: readEnds(sql, seals), newest: now, atHead: headFault(sql, head, now) };
  });
  const check = checkChain(seals, ends, ends?.isSealed ?? false);
  const noted: AuditFault[] = [];
  let [entries, firstSeq, seq] = [0, 0, Number.MIN_SAFE_INTEGER];
  for (;;) {
    const rows = read((sql) => sql.all<Row>(PAGE, seq, newest.seq, PAGE_ROWS));
    for (const row of rows) {
      check.next({ fields: fieldsOf(row), beforeHash: row.before_hash, hash: row.hash });
      const fault = noted.length < MAX_FAULTS ? notedIn(row) : undefined;
      if (fault !== undefined) noted.push(fault);
    }
    entries += rows.length;
    if (firstSeq === 0) firstSeq = rows[0]?.seq ?? 0;
    seq = rows.at(-1)?.seq ?? seq;
    if (rows.length < PAGE_ROWS) break;
    yield;
  }
  const faults = [...check.end(), ...(atHead === undefined ? [] : [atHead]), ...noted];
  return { entries, firstSeq, lastSeq: newest.seq, head: newest.hash.toString('hex'), faults };
}

/** The same in one go. */
export function verifyAudit(sql: SqlReads, seals: Seals, head: Newest | null): AuditReport {
  const steps = verification((fn) => fn(sql), seals, head);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
