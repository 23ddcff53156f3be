import type { Config } from '../config/config.ts';
import type { Sql } from '../store/store.ts';
import type { Seals } from './chain.ts';
import type { NewEntry } from './content.ts';
import { readEnds, readNewest, type Trail, writeEnds } from './trail.ts';

/** For how long the audit is kept. */
export type AuditLimits = Config['audit'];

const DAY_MS = 86_400_000;
/** Entries removed in one transaction, so that nothing waits long for it. */
const MAX_REMOVED = 500;
/** Of the most entries, so much is left once there are too many. */
const KEPT_WHEN_FULL = 0.99;

const NOTHING = { removed: 0, isForRoom: false };

const prunedEntry = (count: number, untilMs: number): NewEntry => ({
  action: 'audit.prune',
  factoryId: null,
  target: { kind: 'audit', id: '', name: '' },
  content: { details: { removed: count, until: new Date(untilMs).toISOString() } },
});

/**
 * Removes the oldest entries, a part of them, that are too old or too many, within the caller's transaction; says so in the
 * audit, and seals where it begins from now on. An audit whose ends are forged is left as it is, as evidence.
 *
 * @param now - epoch ms; null while the clock is not trusted: then nothing goes by its age
 * @returns how many have gone, none when all is done; and whether they had to before their time
 */
export function prune(
  sql: Sql,
  { seals, trail, limits }: { seals: Seals; trail: Trail; limits: AuditLimits },
  now: number | null,
): { readonly removed: number; readonly isForRoom: boolean } {
  const ends = readEnds(sql, seals);
  if (ends === null || !ends.isSealed) return NOTHING;
  const { seq: last } = readNewest(sql);
  const youngest =
    now === null
      ? undefined
      : sql.get<{ seq: number }>(
          'select seq from audit_entries where at >= ? order by seq limit 1',
          now - limits.retention_days * DAY_MS,
        );
  const byAge = now === null ? ends.firstSeq : (youngest?.seq ?? last);
  // Some more than needed, so that it is not for each further entry.
  const isFull = last - ends.firstSeq >= limits.max_entries;
  const byCount = isFull ? last - Math.floor(limits.max_entries * KEPT_WHEN_FULL) + 2 : ends.firstSeq;
  const firstSeq = Math.min(Math.max(byAge, byCount, ends.firstSeq), ends.firstSeq + MAX_REMOVED, last);
  if (firstSeq <= ends.firstSeq) return NOTHING;
  const before = sql.get<{ hash: Buffer; at: number }>(
    'select hash, at from audit_entries where seq = ?',
    firstSeq - 1,
  );
  if (before === undefined) return NOTHING;
  writeEnds(sql, seals, { ...ends, firstSeq, beforeHash: before.hash });
  const removed = sql.run('delete from main.audit_entries where seq < ?', firstSeq);
  trail.write(sql, [prunedEntry(removed, before.at)]);
  return { removed, isForRoom: byCount > byAge };
}
