import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { Store } from '../store/store.ts';
import { endSession, endSessionsOf } from './session-rows.ts';

/** A place where somebody is signed in. Times: epoch ms. */
export interface OwnSession {
  readonly id: string;
  readonly address: string;
  readonly userAgent: string;
  readonly createdAt: number;
  /** When its tokens were last renewed. */
  readonly usedAt: number;
  readonly expiresAt: number;
}

/** What people see, and end, of their own sign-ins. */
export interface OwnSessions {
  /** Live ones, the newest use first; at most a hundred. */
  list(userId: string): readonly OwnSession[];
  /** @throws {AppError} `not_found` for one that is over, or somebody else's */
  end(userId: string, sessionId: string): void;
  /** Ends all but one. Returns how many. */
  endOthers(userId: string, kept: string): number;
}

export function createOwnSessions(store: Store, clock: Clock): OwnSessions {
  return {
    list: (userId) =>
      store.systemRead('sign in', (sql) =>
        sql.all<{ [Key in keyof OwnSession]: OwnSession[Key] }>(
          `select id, address, user_agent as userAgent, created_at as createdAt, used_at as usedAt,
                  expires_at as expiresAt
           from sessions where user_id = ? and ended_at is null and expires_at > ? order by used_at desc, id`,
          userId,
          clock.now(),
        ),
      ),
    end: (userId, sessionId) =>
      store.system('sign in', (sql) => {
        const isTheirs = sql.get(
          'select 1 from sessions where id = ? and user_id = ? and ended_at is null and expires_at > ?',
          sessionId,
          userId,
          clock.now(),
        );
        if (isTheirs === undefined) throw new AppError('not_found', 'not found');
        endSession(sql, sessionId, clock.now());
      }),
    endOthers: (userId, kept) => store.system('sign in', (sql) => endSessionsOf(sql, userId, clock.now(), kept)),
  };
}
