import { timingSafeEqual } from 'node:crypto';
import { actAs } from '../core/act.ts';
import { hashSecret, newId, newSecret } from '../core/ids.ts';
import type { Sql } from '../store/store.ts';

/** Where somebody comes from, as they are shown in their list of sessions, and as guesses are counted. */
export interface Visitor {
  readonly address: string;
  readonly userAgent: string;
}

const MAX_USER_AGENT = 300;

/** Live sessions of one user; at the bound the one unused for longest ends. */
const MAX_SESSIONS_PER_USER = 100;

/** A session and the refresh token that continues it: `{sessionId}.{secret}`, of which only the hash is kept. */
export interface OpenedSession {
  readonly sessionId: string;
  readonly refreshToken: string;
}

const tokenOf = (sessionId: string) => {
  const secret = newSecret();
  return { refreshToken: `${sessionId}.${secret}`, hash: hashSecret(secret) };
};

const matches = (secret: string, hash: string): boolean => {
  const [given, kept] = [Buffer.from(hashSecret(secret)), Buffer.from(hash)];
  return given.length === kept.length && timingSafeEqual(given, kept);
};

/** Starts a session, and clears away the dead ones and the excess of the same user. Times: epoch ms. */
export function insertSession(
  sql: Sql,
  session: { userId: string; factoryId: number | null; visitor: Visitor; now: number; expiresAt: number },
): OpenedSession {
  const { userId, factoryId, visitor, now, expiresAt } = session;
  const sessionId = newId();
  const { refreshToken, hash } = tokenOf(sessionId);
  sql.run('delete from main.sessions where user_id = ? and (ended_at is not null or expires_at <= ?)', userId, now);
  sql.run(
    `delete from main.sessions where id in (
       select id from sessions where user_id = ? order by used_at desc limit -1 offset ?)`,
    userId,
    MAX_SESSIONS_PER_USER - 1,
  );
  sql.run(
    `insert into main.sessions
       (id, user_id, selected_factory, token_hash, created_at, used_at, expires_at, address, user_agent)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    sessionId,
    userId,
    factoryId,
    hash,
    now,
    now,
    expiresAt,
    visitor.address,
    visitor.userAgent.slice(0, MAX_USER_AGENT),
  );
  sql.run('update main.users set last_sign_in_at = ? where id = ?', now, userId);
  if (factoryId !== null) noteEntry(sql, factoryId, userId, now);
  return { sessionId, refreshToken };
}

/** Notes that a member has come into a factory. */
export const noteEntry = (sql: Sql, factoryId: number, userId: string, now: number): number =>
  sql.run('update main.memberships set entered_at = ? where factory_id = ? and user_id = ?', now, factoryId, userId);

export function endSession(sql: Sql, sessionId: string, now: number): void {
  sql.run('update main.sessions set ended_at = ? where id = ? and ended_at is null', now, sessionId);
}

/**
 * Ends all sessions of a user, but for one that may be kept; those too that have expired by a clock that may be wrong.
 * Returns how many.
 */
export const endSessionsOf = (sql: Sql, userId: string, now: number, kept = ''): number =>
  sql.run(
    'update main.sessions set ended_at = ? where user_id = ? and id <> ? and ended_at is null',
    now,
    userId,
    kept,
  );

/**
 * Exchanges a refresh token for the next one. A token that is not the session's newest was used before, by its owner
 * or by a thief: nobody can tell, so the session ends (RFC 9700, 4.14.2). Returns undefined then, and for a session
 * that is over; it does not throw, because the end must be committed.
 */
export function rotateSession(
  sql: Sql,
  refreshToken: string,
  times: { now: number; expiresAt: number },
): OpenedSession | undefined {
  const sessionId = ownerOfToken(sql, refreshToken, times.now);
  if (sessionId === undefined) return undefined;
  const next = tokenOf(sessionId);
  sql.run(
    'update main.sessions set token_hash = ?, used_at = ?, expires_at = ? where id = ?',
    next.hash,
    times.now,
    times.expiresAt,
    sessionId,
  );
  return { sessionId, refreshToken: next.refreshToken };
}

/** The live session whose newest token this is; with an older token the session is ended, and undefined returned. */
export function ownerOfToken(sql: Sql, refreshToken: string, now: number): string | undefined {
  const [sessionId = '', secret = ''] = refreshToken.split('.', 2);
  const row = sql.get<{ token_hash: string; user_id: string; email: string }>(
    `select s.token_hash, s.user_id, u.email from sessions s join users u on u.id = s.user_id
     where s.id = ? and s.ended_at is null and s.expires_at > ?`,
    sessionId,
    now,
  );
  if (row === undefined) return undefined;
  if (matches(secret, row.token_hash)) {
    actAs({ kind: 'user', id: row.user_id, name: row.email });
    return sessionId;
  }
  endSession(sql, sessionId, now);
  return undefined;
}
