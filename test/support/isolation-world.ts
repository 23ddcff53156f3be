import { Writable } from 'node:stream';
import pino from 'pino';
import { SEED } from '../../src/accounts/accounts.ts';
import { eventually, type Person, personWith, type RunningAppliance, signIn, startAppliance } from './appliance.ts';
import { examined } from './imports.ts';
import type { Json } from './json.ts';
import { connectRaw, telemetry } from './raw-mqtt.ts';

/** A text that must never be seen outside factory B. */
export const CANARY = 'canary-4711';
export const PASSWORD = 'correct horse battery';
/** The limits are tested elsewhere; here thousands of requests are to be answered, while nothing changes by itself. */
const FLAGS = {
  'limits.user_requests_per_s': 100_000,
  'limits.factory_requests_per_s': 100_000,
  'devices.stale_after_s': 3_600,
  'devices.offline_after_s': 7_200,
};

/** What a factory has, by its ids. */
export interface Planted {
  readonly factory: string;
  readonly slug: string;
  readonly device: string;
  readonly parameter: string;
  readonly credential: string;
  readonly certificate: string;
  readonly member: string;
  readonly invite: string;
  readonly key: string;
  readonly import: string;
  readonly command: string;
  readonly connection: string;
}

/** Somebody who asks; no token: nobody. */
export interface Asker {
  readonly token: string | undefined;
  /** `factory:viewer`, `super_admin`, `signed_in`, …: what they may. */
  readonly may: ReadonlySet<string>;
}

export interface IsolationWorld extends AsyncDisposable {
  readonly running: RunningAppliance;
  /** Owners who have selected A and B. */
  readonly ownerA: Person;
  readonly ownerB: Person;
  readonly a: Planted;
  readonly b: Planted;
  readonly askers: Readonly<Record<string, Asker>>;
  /** The secret of an API key of A. */
  readonly keyOfA: string;
  /** Log lines that were written for somebody of factory A. */
  linesOfA(): string[];
  /** Makes one more of something in A. */
  fresh: Readonly<
    Record<
      'device' | 'credential' | 'certificate' | 'member' | 'invite' | 'key' | 'import' | 'factory' | 'connection',
      () => Promise<string>
    >
  >;
}

/** Publishes as a device of a factory, a good sample and a refused one. */
export async function publishTo(running: RunningAppliance, slug: string, device: string, parameter: string) {
  using raw = await connectRaw(running.ready.mqtt, { clientId: `publisher-${slug}` });
  raw.send(telemetry(1, { metrics: { [parameter]: parameter.length, text: parameter } }, { slug, device }));
  raw.send(telemetry(2, `broken ${parameter}`, { slug, device }));
  await raw.next('puback');
  await raw.next('puback');
}

const must = async (person: Person, method: string, path: string, body?: unknown): Promise<Json> => {
  const answer = await person.call(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};

/** Asks somebody in and lets them come: returns their id and a token. */
export async function join(
  http: string,
  owner: Person,
  email: string,
  rights: { role: string; permissions?: readonly string[] },
): Promise<{ id: string; token: string }> {
  const made = await must(owner, 'POST', '/invites', { email, permissions: [], ...rights });
  const token = made.link.path.split('#')[1];
  const nobody = personWith(http, '');
  const entered = await must(nobody, 'POST', '/invites/accept', { token, name: email, password: PASSWORD });
  return { id: entered.user.id, token: entered.access_token };
}

/** Connects with a credential, until the appliance ends. @returns the connection's id */
async function connectAs(
  running: RunningAppliance,
  owner: Person,
  clientId: string,
  credential: Json,
): Promise<string> {
  const { username, password } = credential;
  await running.connect({ clientId, username, password, reconnectPeriod: 0 });
  return eventually(async () => {
    const { items } = await owner.get(`/connections?q=${clientId}`);
    return items.find((item: Json) => item.client_id === clientId)?.id;
  });
}

async function plant(running: RunningAppliance, owner: Person, factory: string, slug: string, mark: string) {
  const { http } = running.ready;
  await publishTo(running, slug, mark, mark);
  const device = (await owner.get(`/devices?key=${mark}`)).items[0].id;
  await must(owner, 'PATCH', `/devices/${device}`, { name: mark });
  await must(owner, 'PATCH', `/devices/${device}/parameters/${mark}`, { unit: mark, display_name: mark });
  const credential = await must(owner, 'POST', '/device-credentials', { name: mark, devices: [mark] });
  const certificates = `/device-credentials/${credential.id}/certificates`;
  const certificate = await must(owner, 'POST', certificates, { name: mark });
  const member = await join(http, owner, `member@${mark}.example`, { role: 'viewer' });
  const invite = await must(owner, 'POST', '/invites', {
    email: `invited@${mark}.example`,
    role: 'viewer',
    permissions: [],
  });
  const key = await must(owner, 'POST', '/api-keys', { name: mark, role: 'viewer', permissions: [], expires_at: null });
  const command = await must(owner, 'POST', `/devices/${device}/commands`, {
    command: mark,
    parameters: { [mark]: mark },
    expires_in_s: 86_400,
  });
  const connected = await connectAs(running, owner, mark, credential);
  const day = new Date(Date.now() - 2 * 86_400_000).toISOString();
  const job = await examined(http, owner, `device,parameter,t,value\n${mark},${mark},${day},1\n`);
  return {
    planted: {
      factory,
      slug,
      device,
      parameter: mark,
      credential: credential.id,
      certificate: certificate.id,
      member: member.id,
      invite: invite.invite.id,
      key: key.key.id,
      import: job.id,
      command: command.id,
      connection: connected,
    } satisfies Planted,
    key: key.secret as string,
  };
}

const ALL_OF_FACTORY = ['viewer', 'operator', 'admin', 'devices', 'rules', 'analytics', 'reports', 'users'];
const may = (...words: string[]) => new Set(['public', 'local', ...words]);
const inFactory = (...needed: string[]) => needed.map((one) => `factory:${one}`);

/** One appliance with two factories in which the same things are planted, and people of A of every kind. */
export async function isolationWorld(): Promise<IsolationWorld> {
  const lines: string[] = [];
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  const running = await startAppliance({ flags: FLAGS, log: pino({ level: 'trace', base: null }, sink) });
  const { http } = running.ready;
  const ownerA = await running.signIn();
  const second = await running.signIn();
  const made = await must(ownerA, 'POST', '/factories', { name: `Other ${CANARY}`, slug: 'other', timezone: 'UTC' });
  const switched = await must(second, 'POST', '/auth/switch-factory', { factory_id: made.id });
  const ownerB = personWith(http, switched.access_token);
  const [own] = (await ownerA.get('/auth/me')).factories.filter(({ slug }: Json) => slug === SEED.factorySlug);
  const { planted: a, key: keyOfA } = await plant(running, ownerA, own.id, SEED.factorySlug, 'own-0815');
  const { planted: b } = await plant(running, ownerB, made.id, 'other', CANARY);

  const people: Record<string, Asker> = {};
  for (const role of ['viewer', 'operator', 'admin'] as const) {
    const { token } = await join(http, ownerA, `${role}@a.example`, { role });
    const includes = ALL_OF_FACTORY.slice(0, { viewer: 1, operator: 2, admin: ALL_OF_FACTORY.length }[role]);
    people[role] = { token, may: may('signed_in', ...inFactory(...includes)) };
  }
  for (const permission of ['devices', 'users']) {
    const rights = { role: 'viewer', permissions: [permission] };
    const { token } = await join(http, ownerA, `${permission}@a.example`, rights);
    people[`viewer with ${permission}`] = { token, may: may('signed_in', ...inFactory('viewer', permission)) };
  }
  const lost = await join(http, ownerA, 'lost@a.example', { role: 'viewer' });
  await must(ownerA, 'DELETE', `/logins/${lost.id}/memberships/${a.factory}`);

  const gateway = await must(ownerA, 'POST', '/device-credentials', { name: 'gateway', devices: ['*'] });
  let count = 0;
  const fresh: IsolationWorld['fresh'] = {
    device: async () => {
      const key = `fresh-${count++}`;
      await publishTo(running, a.slug, key, 'own-0815');
      return (await ownerA.get(`/devices?key=${key}`)).items[0].id;
    },
    credential: async () =>
      (await must(ownerA, 'POST', '/device-credentials', { name: `c${count++}`, devices: ['*'] })).id,
    certificate: async () =>
      (await must(ownerA, 'POST', `/device-credentials/${a.credential}/certificates`, { name: `c${count++}` })).id,
    member: async () => (await join(http, ownerA, `fresh${count++}@a.example`, { role: 'viewer' })).id,
    invite: async () => {
      const body = { email: `fresh${count++}@a.example`, role: 'viewer', permissions: [] };
      return (await must(ownerA, 'POST', '/invites', body)).invite.id;
    },
    key: async () => {
      const body = { name: `k${count++}`, role: 'viewer', permissions: [], expires_at: null };
      return (await must(ownerA, 'POST', '/api-keys', body)).key.id;
    },
    connection: () => connectAs(running, ownerA, `fresh-client-${count++}`, gateway),
    import: async () => (await must(ownerA, 'POST', '/imports', { file_name: `f${count++}.csv`, options: {} })).id,
    factory: async () => {
      const slug = `fresh-${count++}`;
      return (await must(ownerA, 'POST', '/factories', { name: slug, slug, timezone: 'UTC' })).id;
    },
  };
  const everything = may('signed_in', 'super_admin', ...inFactory(...ALL_OF_FACTORY));
  // An owner of their own: whoever asks ends sessions, too.
  const another = await join(http, ownerA, 'owner@a.example', { role: 'viewer' });
  await must(ownerA, 'PATCH', `/logins/${another.id}`, { is_super_admin: true });
  const asker = await signIn(http, 'owner@a.example', PASSWORD);
  const selected = await must(asker, 'POST', '/auth/switch-factory', { factory_id: a.factory });
  return {
    running,
    ownerA,
    ownerB,
    a,
    b,
    keyOfA,
    fresh,
    askers: {
      nobody: { token: undefined, may: may() },
      'somebody with a forged token': { token: `${asker.token.slice(0, -4)}AAAA`, may: may() },
      'somebody of no factory': { token: lost.token, may: may('signed_in') },
      ...people,
      'an API key': { token: keyOfA, may: may(...inFactory('viewer')) },
      'an owner': { token: selected.access_token, may: everything },
    },
    linesOfA: () => lines.filter((line) => JSON.parse(line).factory === a.slug),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
