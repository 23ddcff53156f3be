import { AppError } from '../core/errors.ts';
import type { Store } from '../store/store.ts';
import type { Theme } from './identity.ts';

export interface ProfileChange {
  readonly name?: string | undefined;
  readonly theme?: Theme | undefined;
}

/** What people say about themselves. */
export interface Profiles {
  /** @throws {AppError} `not_found` */
  change(userId: string, change: ProfileChange): void;
}

export function createProfiles(store: Store): Profiles {
  return {
    change: (userId, { name, theme }) => {
      const changed = store.system('sign in', (sql) =>
        sql.run(
          'update main.users set name = coalesce(?, name), theme = coalesce(?, theme) where id = ?',
          name ?? null,
          theme ?? null,
          userId,
        ),
      );
      if (changed === 0) throw new AppError('not_found', 'not found');
    },
  };
}
