import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { hashSecret } from '../core/ids.ts';
import type { Sql, Store } from '../store/store.ts';
import { type Link, newLink, RESET_LIFE_MS } from './links.ts';
import { checkPasswordRule, type Passwords } from './passwords.ts';
import { endSessionsOf } from './session-rows.ts';

/** Ways back in, for people who have forgotten their password: somebody who may hands them a link. */
export interface PasswordResets {
  /** Makes the one link of a user that works, and ends the one before. It changes nothing until it is used. */
  create(userId: string): Link;
  /**
   * Sets the password, ends the user's sessions and uses the link up. The second factor stays.
   *
   * @returns the user's id
   * @throws {AppError} `not_found` (used, replaced or too late), `invalid_input`, `busy`
   */
  use(token: string, newPassword: string): Promise<string>;
}

const gone = () => new AppError('not_found', 'this link has been used, or is too old: ask for a new one');

/** Sets a user's password, inside the caller's transaction, and ends what was signed in with the one before. */
export function setPassword(sql: Sql, userId: string, passwordHash: string, now: number): void {
  sql.run('update main.users set password_hash = ?, password_is_public = 0 where id = ?', passwordHash, userId);
  sql.run('delete from main.password_resets where user_id = ?', userId);
  endSessionsOf(sql, userId, now);
}

export function createPasswordResets(store: Store, clock: Clock, passwords: Passwords): PasswordResets {
  const findIn = (sql: Pick<Sql, 'get'>, token: string) =>
    sql.get<{ user_id: string }>(
      'select user_id from password_resets where token_hash = ? and expires_at > ?',
      hashSecret(token),
      clock.now(),
    );
  return {
    create: (userId) => {
      const link = newLink(clock.now(), RESET_LIFE_MS);
      store.system('reset password', (sql) =>
        sql.run(
          `insert into main.password_resets (user_id, token_hash, expires_at) values (?, ?, ?)
           on conflict (user_id) do update set token_hash = excluded.token_hash, expires_at = excluded.expires_at`,
          userId,
          link.hash,
          link.expiresAt,
        ),
      );
      return link;
    },
    use: async (token, newPassword) => {
      // Looked up before the costly hash, and again after it: two may come with one link.
      if (store.systemRead('reset password', (sql) => findIn(sql, token)) === undefined) throw gone();
      checkPasswordRule(newPassword, '/new_password');
      const passwordHash = await passwords.hash(newPassword);
      return store.system('reset password', (sql) => {
        const row = findIn(sql, token);
        if (row === undefined) throw gone();
        setPassword(sql, row.user_id, passwordHash, clock.now());
        return row.user_id;
      });
    },
  };
}
