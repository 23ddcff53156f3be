import { Writable } from 'node:stream';
import pino from 'pino';
import { SEED } from '../../src/accounts/accounts.ts';
import type { Alarms } from '../../src/alarms/alarms.ts';
import type { FactoryScope } from '../../src/core/scope.ts';
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
  // Nothing leaves: what is to be said is given up at once.
  'notify.allowed_hosts': [],
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
  readonly rule: string;
  readonly alarm: string;
  readonly shelf: string;
  readonly maintenance: string;
  readonly replay: string;
  readonly channel: string;
  /** One that was given up. */
  readonly notification: string;
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
      | 'device'
      | 'credential'
      | 'certificate'
      | 'member'
      | 'invite'
      | 'key'
      | 'import'
      | 'factory'
      | 'connection'
      | 'rule'
      | 'alarm'
      | 'shelf'
      | 'maintenance'
      | 'replay'
      | 'channel'
      | 'notification',
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

/** A day without samples: so it is short. */
const REPLAYED = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };

const ruleNamed = (name: string, device: string) => ({
  name,
  guidance: name,
  severity: 'high',
  device_ids: [device],
  tags: [name],
  condition: { parameter: name, operator: 'gt', value: 1_000_000 },
});

/** Alarms of a rule that is there for each factory, and called by its mark. */
function raisedAlarms() {
  const opened = Promise.withResolvers<Alarms>();
  const rule = '11111111-1111-4111-8111-111111111111';
  const channels = new Map<string, string>();
  return {
    /** Has those of a factory be told by a channel. */
    tellBy: (slug: string, channel: string) => void channels.set(slug, channel),
    rules: {
      ruleOf: ({ slug }: FactoryScope, id: string) => {
        const name = slug === SEED.factorySlug ? 'own-0815' : CANARY;
        const channel = channels.get(slug);
        const notifications = channel === undefined ? [] : [{ channel_id: channel, on: ['raised' as const] }];
        return id === rule ? { ...NO_RULE, id, name, guidance: name, notifications } : undefined;
      },
      opened: (desk: { readonly alarms: Alarms }) => opened.resolve(desk.alarms),
    },
    /** Raises one on a device. @returns its id */
    raise: async (factoryId: number, owner: Person, device: string): Promise<string> => {
      const alarms = await opened.promise;
      const at = Date.now();
      await alarms.apply(factoryId, [
        {
          factoryId,
          ruleId: rule,
          ruleVersion: 1,
          deviceId: device,
          since: at - 1,
          until: at,
          transitions: [{ at, severity: 'high', parameter: 'own-0815', value: 1 }],
        },
      ]);
      return (await owner.get(`/alerts?device_id=${device}`)).items[0].id;
    },
  };
}

const NO_RULE = { version: 1, note_required: false, suppressed_by: [], escalation: [], isFor: () => true };

/** Shelves an alarm. @returns the shelf's id */
async function shelve(owner: Person, alarm: string, reason: string): Promise<string> {
  const { rule_id, device_id } = await must(owner, 'POST', `/alerts/${alarm}/shelve`, { minutes: 600, reason });
  const { items } = await owner.get('/alarm-shelves');
  return items.find((shelf: Json) => shelf.rule_id === rule_id && shelf.device_id === device_id).id;
}

interface Plot {
  readonly factory: string;
  readonly slug: string;
  readonly mark: string;
  readonly raise: (device: string) => Promise<string>;
  readonly tellBy: (slug: string, channel: string) => void;
}

const webhookNamed = (name: string) => ({
  kind: 'webhook',
  name,
  rate_per_minute: 600,
  config: { url: `https://hooks.${name}.example/` },
  secrets: { signing_secret: `a secret of ${name}, its own` },
});

/** What was to be said of an alarm, once it was given up. @returns its id */
const givenUp = (owner: Person, alarm: string): Promise<string> =>
  eventually(async () => (await owner.get(`/notifications?state=dead&alarm_id=${alarm}`)).items[0]?.id, 15_000);

async function plant(running: RunningAppliance, owner: Person, { factory, slug, mark, raise, tellBy }: Plot) {
  const { http } = running.ready;
  await publishTo(running, slug, mark, mark);
  const device = (await owner.get(`/devices?key=${mark}`)).items[0].id;
  await must(owner, 'PATCH', `/devices/${device}`, { name: mark, tags: [mark] });
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
  const rule = await must(owner, 'POST', '/rules', ruleNamed(mark, device));
  const replay = await must(owner, 'POST', `/rules/${rule.id}/replay`, { ...REPLAYED, device_ids: [device] });
  const connected = await connectAs(running, owner, mark, credential);
  const channel = await must(owner, 'POST', '/notification-channels', webhookNamed(mark));
  tellBy(slug, channel.id);
  const alarm = await raise(device);
  const notification = await givenUp(owner, alarm);
  await must(owner, 'POST', `/alerts/${alarm}/comment`, { comment: mark });
  const shelf = await shelve(owner, alarm, mark);
  const later = new Date(Date.now() + 86_400_000).toISOString();
  const order = { device_ids: [device], tags: [mark], starts_at: later, reason: mark };
  const maintenance = await must(owner, 'POST', '/maintenance-windows', order);
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
      rule: rule.id,
      alarm,
      shelf,
      maintenance: maintenance.id,
      replay: replay.id,
      channel: channel.id,
      notification,
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
  const { rules, raise, tellBy } = raisedAlarms();
  const running = await startAppliance({ rules, flags: FLAGS, log: pino({ level: 'trace', base: null }, sink) });
  const { http } = running.ready;
  const ownerA = await running.signIn();
  const second = await running.signIn();
  const made = await must(ownerA, 'POST', '/factories', { name: `Other ${CANARY}`, slug: 'other', timezone: 'UTC' });
  const switched = await must(second, 'POST', '/auth/switch-factory', { factory_id: made.id });
  const ownerB = personWith(http, switched.access_token);
  const [own] = (await ownerA.get('/auth/me')).factories.filter(({ slug }: Json) => slug === SEED.factorySlug);
  const { planted: a, key: keyOfA } = await plant(running, ownerA, {
    factory: own.id,
    slug: SEED.factorySlug,
    mark: 'own-0815',
    raise: (device) => raise(1, ownerA, device),
    tellBy,
  });
  const { planted: b } = await plant(running, ownerB, {
    factory: made.id,
    slug: 'other',
    mark: CANARY,
    raise: (device) => raise(2, ownerB, device),
    tellBy,
  });

  const people: Record<string, Asker> = {};
  for (const role of ['viewer', 'operator', 'admin'] as const) {
    const { token } = await join(http, ownerA, `${role}@a.example`, { role });
    const includes = ALL_OF_FACTORY.slice(0, { viewer: 1, operator: 2, admin: ALL_OF_FACTORY.length }[role]);
    people[role] = { token, may: may('signed_in', ...inFactory(...includes)) };
  }
  for (const permission of ['devices', 'rules', 'users']) {
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
    alarm: async () => raise(1, ownerA, await fresh.device()),
    shelf: async () => shelve(ownerA, await fresh.alarm(), 'own-0815'),
    maintenance: async () =>
      (await must(ownerA, 'POST', '/maintenance-windows', { tags: [`t${count++}`], reason: 'own-0815' })).id,
    channel: async () => (await must(ownerA, 'POST', '/notification-channels', webhookNamed(`h${count++}`))).id,
    notification: async () => givenUp(ownerA, await fresh.alarm()),
    connection: () => connectAs(running, ownerA, `fresh-client-${count++}`, gateway),
    replay: async () => (await must(ownerA, 'POST', `/rules/${a.rule}/replay`, REPLAYED)).id,
    rule: async () => (await must(ownerA, 'POST', '/rules', ruleNamed(`r${count++}`, a.device))).id,
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
