import type { Sql } from '../store/store.ts';

/** Removes a login that belongs to no factory any more, and to no owner, inside the caller's transaction. */
export function endLoginIfNowhere(sql: Sql, userId: string): void {
  sql.run(
    `delete from main.users where id = ?1 and is_super_admin = 0
     and not exists (select 1 from memberships m where m.user_id = ?1)`,
    userId,
  );
}
