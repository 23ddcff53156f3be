import type { FactoryScope } from '../core/scope.ts';
import type { Store } from '../store/store.ts';
import type { Factories } from './factories.ts';

/**
 * Tells what was wrong when a device could not sign in: for the connection log of the factory that its user name names,
 * and never for the device. A user name of no factory is unknown.
 */
export const signInFaults =
  (store: Store, factories: Pick<Factories, 'scopeBySlug'>) =>
  (username: string): 'unknown_username' | 'wrong_password' => {
    const scope: FactoryScope | undefined = factories.scopeBySlug(username.split('/')[0] ?? '');
    const isKnown =
      scope !== undefined &&
      store.read(scope, (sql) => sql.get('select 1 from device_credentials where username = ?', username)) !==
        undefined;
    return isKnown ? 'wrong_password' : 'unknown_username';
  };
