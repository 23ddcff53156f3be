import { actAs } from '../core/act.ts';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { hashSecret } from '../core/ids.ts';
import type { Sql, SqlReads, Store } from '../store/store.ts';
import type { Factories } from './factories.ts';
import { accessTo, MAY_ENTER, type MembershipRow } from './identity.ts';
import { type Link, newLink, RESET_LIFE_MS } from './links.ts';
import { checkPasswordRule, type Passwords } from './passwords.ts';
import { allows, covers } from './roles.ts';
import { endSessionsOf } from './session-rows.ts';

/** Ways back in, for people who have forgotten their password: somebody who may hands them a link. */
export interface PasswordResets {
  /**
   * Makes the one link of a user that works, and ends the one before. It changes nothing until it is used, and is worth
   * nothing when whoever makes it may not reset this password any more.
   */
  create(userId: string, maker: ResetMaker): Link;
  /**
   * Sets the password, ends the user's sessions and uses the link up. The second factor stays.
   *
   * @returns the user's id
   * @throws {AppError} `not_found` (used, replaced or too late), `invalid_input`, `busy`
   */
  use(token: string, newPassword: string): Promise<string>;
}

/** Who makes a link: an owner of the appliance, or somebody of a factory. */
export interface ResetMaker {
  readonly userId: string;
  readonly factoryId: number | null;
}

interface Row {
  readonly user_id: string;
  readonly email: string;
  readonly made_by: string;
  readonly made_in: number | null;
}

const gone = () => new AppError('not_found', 'this link has been used, or is too old: ask for a new one');

/** Sets a user's password, inside the caller's transaction, and ends what was signed in with the one before, but for `kept`. */
export function setPassword(sql: Sql, userId: string, passwordHash: string, now: number, kept?: string): void {
  sql.run('update main.users set password_hash = ?, password_is_public = 0 where id = ?', passwordHash, userId);
  sql.run('delete from main.password_resets where user_id = ?', userId);
  endSessionsOf(sql, userId, now, kept);
}

export function createPasswordResets(
  store: Store,
  clock: Clock,
  passwords: Passwords,
  factories: Pick<Factories, 'byNumber'>,
): PasswordResets {
  /** What somebody may do in a factory now. */
  const rightsOf = (sql: SqlReads, userId: string, factoryId: number) => {
    const factory = factories.byNumber(factoryId);
    const row = sql.get<MembershipRow & { is_super_admin: number }>(
      `select u.is_super_admin, m.role, m.permissions, m.is_active from users u
       left join memberships m on m.user_id = u.id and m.factory_id = ? where u.id = ? and ${MAY_ENTER}`,
      factoryId,
      userId,
    );
    const member = row === undefined || row.role === null ? undefined : row;
    return factory && row && accessTo(factory, member, row.is_super_admin === 1);
  };
  /** Whether whoever made a link may still reset this password. */
  const isStillGood = (sql: SqlReads, { user_id, made_by, made_in }: Row): boolean => {
    if (made_in === null) {
      return (
        sql.get(`select 1 from users u where u.id = ? and u.is_super_admin = 1 and ${MAY_ENTER}`, made_by) !== undefined
      );
    }
    const [maker, target] = [rightsOf(sql, made_by, made_in), rightsOf(sql, user_id, made_in)];
    const isElsewhere = sql.get(
      `select 1 from users u where u.id = ?1 and (u.is_super_admin = 1
         or exists (select 1 from memberships m where m.user_id = u.id and m.factory_id <> ?2))`,
      user_id,
      made_in,
    );
    return (
      maker !== undefined &&
      allows(maker, 'users') &&
      isElsewhere === undefined &&
      (target === undefined || covers(maker, target))
    );
  };

  const findIn = (sql: SqlReads, token: string): Row | undefined => {
    const row = sql.get<Row>(
      `select r.user_id, u.email, r.made_by, r.made_in from password_resets r join users u on u.id = r.user_id
       where r.token_hash = ? and r.expires_at > ?`,
      hashSecret(token),
      clock.now(),
    );
    return row !== undefined && isStillGood(sql, row) ? row : undefined;
  };
  return {
    create: (userId, maker) => {
      const link = newLink(clock.now(), RESET_LIFE_MS);
      store.system('reset password', (sql) =>
        sql.run(
          `insert into main.password_resets (user_id, token_hash, made_by, made_in, expires_at) values (?, ?, ?, ?, ?)
           on conflict (user_id) do update set token_hash = excluded.token_hash, made_by = excluded.made_by,
             made_in = excluded.made_in, expires_at = excluded.expires_at`,
          userId,
          link.hash,
          maker.userId,
          maker.factoryId,
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
        actAs({ kind: 'user', id: row.user_id, name: row.email });
        setPassword(sql, row.user_id, passwordHash, clock.now());
        return row.user_id;
      });
    },
  };
}
