import { AppError } from '../core/errors.ts';
import type { Store } from '../store/store.ts';
import type { Units } from './factories.ts';
import type { Language, Theme } from './identity.ts';

export interface ProfileChange {
  readonly name?: string | undefined;
  readonly theme?: Theme | undefined;
  readonly language?: Language | undefined;
  /** Null: as the factory says. */
  readonly units?: Units | null | undefined;
}

/** What people say about themselves. */
export interface Profiles {
  /** @throws {AppError} `not_found` */
  change(userId: string, change: ProfileChange): void;
}

export function createProfiles(store: Store): Profiles {
  return {
    change: (userId, { name, theme, language, units }) => {
      const changed = store.system('sign in', (sql) =>
        sql.run(
          `update main.users set name = coalesce(?, name), theme = coalesce(?, theme), language = coalesce(?, language),
             units = iif(?, units, ?) where id = ?`,
          name ?? null,
          theme ?? null,
          language ?? null,
          Number(units === undefined),
          units ?? null,
          userId,
        ),
      );
      if (changed === 0) throw new AppError('not_found', 'not found');
    },
  };
}
