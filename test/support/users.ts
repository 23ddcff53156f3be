import { join } from 'node:path';
import { SEED } from '../../src/accounts/accounts.ts';
import type { Role } from '../../src/accounts/roles.ts';
import { seed } from '../../src/commands/seed.ts';
import { loadConfig } from '../../src/config/config.ts';
import { openControl } from '../../src/control.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createLog } from '../../src/core/log.ts';

export interface TestUser {
  readonly email: string;
  readonly password: string;
}

/** Seeds a data directory that nobody holds and adds a member of the seeded factory. */
export async function addMember(dataDir: string, role: Role): Promise<TestUser> {
  const user = { email: `${role}@example.com`, password: 'correct horse' };
  const log = createLog('silent');
  const config = loadConfig({
    file: join(import.meta.dirname, '../fixtures/empty.json'),
    flags: { data_dir: dataDir },
  });
  await seed(config, log);
  using control = openControl(config, { clock: systemClock, log });
  const scope = control.accounts.factories.scopeBySlug(SEED.factorySlug);
  if (scope === undefined) throw new Error('the seeded factory is missing');
  await control.accounts.users.add({ ...user, membership: { scope, role } });
  return user;
}
