import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { SEED } from '../../src/accounts/accounts.ts';
import { loadConfig } from '../../src/config/config.ts';
import { openControl } from '../../src/control.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createLog } from '../../src/core/log.ts';
import { addMember } from '../support/users.ts';
import { type CallerPlan, ROLES, type Role } from './callers.ts';
import type { Client, WireAnswer } from './exchange.ts';

interface Credentials {
  readonly email: string;
  readonly password: string;
}

export type People = Readonly<Record<Role, Credentials>>;

/** Adds one of each role to a data directory that nobody holds. */
export async function addPeople(dataDir: string): Promise<People> {
  return {
    viewer: await addMember(dataDir, 'viewer'),
    operator: await addMember(dataDir, 'operator'),
    admin: await addMember(dataDir, 'admin'),
    super_admin: { email: SEED.email, password: SEED.password },
  };
}

/** A factory and people that may be removed: the others are asked with. */
export async function addOthers(dataDir: string): Promise<void> {
  const file = join(import.meta.dirname, '../fixtures/empty.json');
  using control = openControl(loadConfig({ file, flags: { data_dir: dataDir } }), {
    clock: systemClock,
    log: createLog('silent'),
  });
  const { factories, users } = control.accounts;
  factories.create({ name: 'Spare', slug: 'spare', timezone: 'Europe/Berlin' });
  const scope = factories.scopeBySlug(SEED.factorySlug);
  if (scope === undefined) throw new Error('the seeded factory is missing');
  for (const role of ['viewer', 'operator', 'admin', 'viewer', 'operator', 'admin'] as const) {
    const email = `${randomUUID()}@example.com`;
    await users.add({ email, password: 'correct horse', membership: { scope, role } });
  }
}

interface Session {
  readonly token: string;
  readonly cookies: Map<string, string>;
}

/** Who is signed in, for as long as what is asked leaves them so. */
export interface Sessions {
  /** By which a caller is known. */
  headersOf(caller: CallerPlan): Record<string, string>;
  /** The access token of somebody who has been signed in by `mend`. */
  tokenOf(role: Role): string;
  /** Of everybody, and of their factory: who removes one of them ends the world. */
  ids(): Promise<readonly string[]>;
  /** Takes over cookies as a browser does. */
  answered(caller: CallerPlan, answer: WireAnswer): void;
  /** Has everybody signed in again who is not, in the factory `home`. @returns false when somebody cannot be */
  mend(): Promise<boolean>;
}

const BASE = '/api/v1/auth';

function keepCookies(cookies: Map<string, string>, { headers }: WireAnswer): void {
  for (const line of headers['set-cookie'] ?? []) {
    const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
    cookies.set(name, value);
  }
}

/** @param homeSlug - of the factory in which everybody has a role */
export function createSessions(client: Client, origin: string, people: People, homeSlug: string): Sessions {
  const sessions = new Map<Role, Session>();

  const ask = async (method: string, path: string, token: string, body?: unknown) => {
    const headers = { ...(token && { Authorization: `Bearer ${token}` }), 'Content-Type': 'application/json' };
    const text = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const answer = await client.send({ method, path: BASE + path, headers, body: text });
    return { answer, json: answer.body.length === 0 ? null : JSON.parse(answer.body.toString()) };
  };

  const isWhole = async (role: Role): Promise<boolean> => {
    const session = sessions.get(role);
    if (session === undefined || [...session.cookies.values()].includes('')) return false;
    const { answer, json } = await ask('GET', '/me', session.token);
    if (answer.status !== 200 || json.user.email !== people[role].email) return false;
    const isAs = role === 'super_admin' ? json.user.is_super_admin : json.factory?.role === role;
    return isAs && json.factory?.slug === homeSlug;
  };

  const signIn = async (role: Role): Promise<void> => {
    const { answer, json } = await ask('POST', '/login', '', people[role]);
    if (answer.status !== 200) return;
    const cookies = new Map<string, string>();
    keepCookies(cookies, answer);
    const home = json.factories.find(({ slug }: { slug: string }) => slug === homeSlug);
    const switched = home && (await ask('POST', '/switch-factory', json.access_token, { factory_id: home.id }));
    sessions.set(role, { token: switched?.json.access_token ?? json.access_token, cookies });
  };

  return {
    headersOf: (caller): Record<string, string> => {
      if (caller.who === 'nobody') return {};
      if (caller.who === 'stranger') return { Authorization: caller.authorization };
      const session = sessions.get(caller.who);
      if (caller.by === 'token') return { Authorization: `Bearer ${session?.token}` };
      const cookies = [...(session?.cookies ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
      return { Cookie: cookies, Origin: caller.origin ?? origin };
    },
    tokenOf: (role) => sessions.get(role)?.token ?? '',
    ids: async () => {
      const all = [...sessions.values()].map(({ token }) => ask('GET', '/me', token));
      return (await Promise.all(all)).flatMap(({ json }) => [json?.user?.id, json?.factory?.id]).filter(Boolean);
    },
    answered: (caller, answer) => {
      if (!('by' in caller) || caller.by !== 'cookies') return;
      keepCookies(sessions.get(caller.who)?.cookies ?? new Map(), answer);
    },
    mend: async () => {
      for (const role of ROLES) {
        if (await isWhole(role)) continue;
        await signIn(role);
        if (!(await isWhole(role))) return false;
      }
      return true;
    },
  };
}
