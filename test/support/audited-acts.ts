import { Secret, TOTP } from 'otpauth';
import { SEED } from '../../src/accounts/accounts.ts';
import { personWith } from './appliance.ts';
import { examined } from './imports.ts';
import { type IsolationWorld, join, PASSWORD, publishTo } from './isolation-world.ts';
import type { Json } from './json.ts';

const NEW_PASSWORD = 'another correct horse';

/** A request that changes something, ready to be sent. */
export interface Asked {
  readonly path: string;
  readonly body?: object | string;
  /** Instead of the owner's. */
  readonly token?: string;
  readonly cookie?: string;
}

/** A route that changes something: how the audit calls it. */
export interface AuditedAct {
  readonly action: string;
  /** What is asked, once all that it needs is there. */
  readonly ask: (world: IsolationWorld) => Asked | Promise<Asked>;
  /** False where it is of the appliance and of no factory. */
  readonly isOfFactory?: boolean;
}

let count = 0;
const next = () => `audit-${count++}`;

const call = async (world: IsolationWorld, method: string, path: string, body?: object): Promise<Json> => {
  const answer = await world.ownerA.call(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};

/** Somebody of A who has signed in. */
const newcomer = async (world: IsolationWorld) => {
  const email = `${next()}@a.example`;
  const { id } = await join(world.running.ready.http, world.ownerA, email, { role: 'viewer' });
  const answer = await fetch(`${world.running.ready.http}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  const { access_token: token } = (await answer.json()) as Json;
  if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status}`);
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  return { id, email, token, cookie, call: personWith(world.running.ready.http, token).call };
};

/** Somebody who has begun a second factor, and the code that confirms it. */
const withFactor = async (world: IsolationWorld) => {
  const person = await newcomer(world);
  const { body } = await person.call('POST', '/profile/second-factor', { current_password: PASSWORD });
  return { ...person, code: () => new TOTP({ secret: Secret.fromBase32(body.secret) }).generate() };
};

const confirmed = async (world: IsolationWorld) => {
  const person = await withFactor(world);
  await person.call('POST', '/profile/second-factor/confirm', { code: person.code() });
  return person;
};

const viewing = { role: 'viewer', permissions: [] };

/** A device that waits to be approved. */
async function pending({ running, ownerA, a }: IsolationWorld): Promise<string> {
  const key = next();
  await ownerA.call('PUT', '/device-admission', { mode: 'approve' });
  await publishTo(running, a.slug, key, 'own-0815');
  await ownerA.call('PUT', '/device-admission', { mode: 'open' });
  return (await ownerA.get(`/devices?key=${key}&standing=pending`)).items[0].id;
}

/** Every route that changes something, and what the audit has to say of it. */
export const AUDITED_ACTS: Readonly<Record<string, AuditedAct>> = {
  'POST /auth/login': {
    action: 'auth.sign_in',
    ask: () => ({ path: '/auth/login', body: { email: SEED.email, password: SEED.password }, token: '' }),
  },
  'POST /auth/logout': {
    action: 'auth.end_session',
    ask: async (world) => ({ path: '/auth/logout', token: (await newcomer(world)).token }),
  },
  'POST /auth/switch-factory': {
    action: 'auth.enter_factory',
    ask: async (world) => {
      const { body } = await personWith(world.running.ready.http, '').call('POST', '/auth/login', {
        email: SEED.email,
        password: SEED.password,
      });
      const other = body.factory.id === world.b.factory ? world.a.factory : world.b.factory;
      return { path: '/auth/switch-factory', body: { factory_id: other }, token: body.access_token };
    },
  },
  'POST /auth/change-password': {
    action: 'user.set_password',
    isOfFactory: false,
    ask: async (world) => ({
      path: '/auth/change-password',
      body: { current_password: PASSWORD, new_password: NEW_PASSWORD },
      token: (await newcomer(world)).token,
    }),
  },
  'POST /auth/reset-password': {
    action: 'user.set_password',
    isOfFactory: false,
    ask: async (world) => {
      const { id } = await newcomer(world);
      const { path } = await call(world, 'POST', `/users/${id}/reset-password`);
      return {
        path: '/auth/reset-password',
        body: { token: path.split('#')[1], new_password: NEW_PASSWORD },
        token: '',
      };
    },
  },
  'PATCH /profile': {
    action: 'user.update',
    isOfFactory: false,
    ask: async (world) => ({ path: '/profile', body: { name: next() }, token: (await newcomer(world)).token }),
  },
  'DELETE /profile/sessions': {
    action: 'auth.end_session',
    ask: async (world) => ({ path: '/profile/sessions', token: (await newcomer(world)).token }),
  },
  'DELETE /profile/sessions/{id}': {
    action: 'auth.end_session',
    ask: async (world) => {
      const { token, call: own } = await newcomer(world);
      const { items } = (await own('GET', '/profile/sessions')).body;
      return { path: `/profile/sessions/${items.find(({ is_current }: Json) => !is_current).id}`, token };
    },
  },
  'POST /profile/second-factor': {
    action: 'second_factor.create',
    isOfFactory: false,
    ask: async (world) => ({
      path: '/profile/second-factor',
      body: { current_password: PASSWORD },
      token: (await newcomer(world)).token,
    }),
  },
  'POST /profile/second-factor/confirm': {
    action: 'second_factor.confirm',
    isOfFactory: false,
    ask: async (world) => {
      const { token, code } = await withFactor(world);
      return { path: '/profile/second-factor/confirm', body: { code: code() }, token };
    },
  },
  'POST /profile/second-factor/remove': {
    action: 'second_factor.delete',
    isOfFactory: false,
    ask: async (world) => ({
      path: '/profile/second-factor/remove',
      body: { current_password: PASSWORD },
      token: (await confirmed(world)).token,
    }),
  },
  'POST /factories': {
    action: 'factory.create',
    ask: () => ({ path: '/factories', body: { name: 'New', slug: next(), timezone: 'UTC' } }),
  },
  'PATCH /factories/{id}': {
    action: 'factory.update',
    ask: async ({ fresh }) => ({ path: `/factories/${await fresh.factory()}`, body: { name: next() } }),
  },
  'DELETE /factories/{id}': {
    action: 'factory.delete',
    ask: async (world) => {
      const { id, slug } = await call(world, 'POST', '/factories', { name: 'Gone', slug: next(), timezone: 'UTC' });
      return { path: `/factories/${id}?confirm=${slug}` };
    },
  },
  'PUT /factories/{id}/limits': {
    action: 'limits.create',
    ask: async ({ fresh }) => ({
      path: `/factories/${await fresh.factory()}/limits`,
      body: { devices: 7, requests_per_s: null, streams: null, heavy_queries: null },
    }),
  },
  'PUT /factories/{id}/retention': {
    action: 'retention.create',
    ask: async ({ fresh }) => ({
      path: `/factories/${await fresh.factory()}/retention`,
      body: { raw_days: 30, minute_days: null, quarter_days: null },
    }),
  },
  'DELETE /factories/{id}/retention': {
    action: 'retention.delete',
    ask: async (world) => {
      const path = `/factories/${await world.fresh.factory()}/retention`;
      await call(world, 'PUT', path, { raw_days: 30, minute_days: null, quarter_days: null });
      return { path };
    },
  },
  'POST /factories/{id}/archive': {
    action: 'factory.archive',
    ask: async ({ fresh }) => ({ path: `/factories/${await fresh.factory()}/archive` }),
  },
  'POST /factories/{id}/restore': {
    action: 'factory.restore',
    ask: async (world) => {
      const id = await world.fresh.factory();
      await call(world, 'POST', `/factories/${id}/archive`);
      return { path: `/factories/${id}/restore` };
    },
  },
  'PATCH /users/{id}': {
    action: 'membership.update',
    ask: async ({ fresh }) => ({ path: `/users/${await fresh.member()}`, body: { role: 'operator' } }),
  },
  'DELETE /users/{id}': {
    action: 'membership.delete',
    ask: async ({ fresh }) => ({ path: `/users/${await fresh.member()}` }),
  },
  'POST /users/{id}/reset-password': {
    action: 'password_reset.create',
    ask: async ({ fresh }) => ({ path: `/users/${await fresh.member()}/reset-password` }),
  },
  'POST /invites': {
    action: 'invite.create',
    ask: () => ({ path: '/invites', body: { email: `${next()}@a.example`, ...viewing } }),
  },
  'DELETE /invites/{id}': {
    action: 'invite.delete',
    ask: async ({ fresh }) => ({ path: `/invites/${await fresh.invite()}` }),
  },
  'POST /invites/accept': {
    action: 'membership.create',
    ask: async (world) => {
      const { link } = await call(world, 'POST', '/invites', { email: `${next()}@a.example`, ...viewing });
      return { path: '/invites/accept', body: { token: link.path.split('#')[1], password: NEW_PASSWORD }, token: '' };
    },
  },
  'POST /api-keys': {
    action: 'api_key.create',
    ask: () => ({ path: '/api-keys', body: { name: next(), ...viewing, expires_at: null } }),
  },
  'DELETE /api-keys/{id}': {
    action: 'api_key.delete',
    ask: async ({ fresh }) => ({ path: `/api-keys/${await fresh.key()}` }),
  },
  'PATCH /logins/{id}': {
    action: 'user.update',
    isOfFactory: false,
    ask: async ({ fresh }) => ({ path: `/logins/${await fresh.member()}`, body: { is_active: false } }),
  },
  'DELETE /logins/{id}': {
    action: 'user.delete',
    isOfFactory: false,
    ask: async ({ fresh }) => ({ path: `/logins/${await fresh.member()}` }),
  },
  'POST /logins/{id}/reset-password': {
    action: 'password_reset.create',
    isOfFactory: false,
    ask: async ({ fresh }) => ({ path: `/logins/${await fresh.member()}/reset-password` }),
  },
  'DELETE /logins/{id}/second-factor': {
    action: 'second_factor.delete',
    isOfFactory: false,
    ask: async (world) => ({ path: `/logins/${(await confirmed(world)).id}/second-factor` }),
  },
  'PUT /logins/{id}/memberships/{factory}': {
    action: 'membership.create',
    ask: async ({ fresh, b }) => ({ path: `/logins/${await fresh.member()}/memberships/${b.factory}`, body: viewing }),
  },
  'DELETE /logins/{id}/memberships/{factory}': {
    action: 'membership.delete',
    ask: async ({ fresh, a }) => ({ path: `/logins/${await fresh.member()}/memberships/${a.factory}` }),
  },
  'POST /device-credentials': {
    action: 'device_credential.create',
    ask: () => ({ path: '/device-credentials', body: { name: next(), devices: ['*'] } }),
  },
  'PATCH /device-credentials/{id}': {
    action: 'device_credential.update',
    ask: async ({ fresh }) => ({
      path: `/device-credentials/${await fresh.credential()}`,
      body: { devices: [next()] },
    }),
  },
  'POST /device-credentials/{id}/rotate': {
    action: 'device_credential.rotate',
    ask: async ({ fresh }) => ({ path: `/device-credentials/${await fresh.credential()}/rotate`, body: {} }),
  },
  'POST /device-credentials/{id}/certificates': {
    action: 'device_certificate.create',
    ask: async ({ fresh }) => ({ path: `/device-credentials/${await fresh.credential()}/certificates`, body: {} }),
  },
  'DELETE /device-credentials/{id}/certificates/{certificate}': {
    action: 'device_certificate.revoke',
    ask: async (world) => {
      const path = `/device-credentials/${await world.fresh.credential()}/certificates`;
      const { id } = await call(world, 'POST', path, {});
      return { path: `${path}/${id}` };
    },
  },
  'DELETE /device-credentials/{id}': {
    action: 'device_credential.delete',
    ask: async ({ fresh }) => ({ path: `/device-credentials/${await fresh.credential()}` }),
  },
  'POST /storage/verify': { action: 'history.verify', isOfFactory: false, ask: () => ({ path: '/storage/verify' }) },
  'POST /imports': {
    action: 'import.create',
    ask: () => ({ path: '/imports', body: { file_name: `${next()}.csv`, options: {} } }),
  },
  'PATCH /imports/{id}': {
    action: 'import.update',
    ask: async (world) => {
      const { id } = await examined(world.running.ready.http, world.ownerA, 'device,parameter,t,value\n');
      return { path: `/imports/${id}`, body: { options: { delimiter: 'semicolon' } } };
    },
  },
  'DELETE /imports/{id}': {
    action: 'import.delete',
    ask: async ({ fresh }) => ({ path: `/imports/${await fresh.import()}` }),
  },
  'PUT /imports/{id}/content': {
    action: 'import.update',
    ask: async ({ fresh }) => ({
      path: `/imports/${await fresh.import()}/content`,
      body: 'device,parameter,t,value\n',
    }),
  },
  'POST /imports/{id}/start': {
    action: 'import.update',
    ask: async (world) => {
      const day = new Date(Date.now() - 2 * 86_400_000).toISOString();
      const file = `device,parameter,t,value\nown-0815,own-0815,${day},1\n`;
      const { id } = await examined(world.running.ready.http, world.ownerA, file);
      return { path: `/imports/${id}/start`, body: {} };
    },
  },
  'PUT /device-admission': {
    action: 'factory.update',
    ask: async ({ ownerA }) => {
      await ownerA.call('PUT', '/device-admission', { mode: 'closed' });
      return { path: '/device-admission', body: { mode: 'open' } };
    },
  },
  'POST /devices': { action: 'device.create', ask: () => ({ path: '/devices', body: { key: next() } }) },
  'POST /devices/{id}/approve': {
    action: 'device.admit',
    ask: async (world) => ({ path: `/devices/${await pending(world)}/approve` }),
  },
  'POST /devices/{id}/reject': {
    action: 'device.reject',
    ask: async (world) => ({ path: `/devices/${await pending(world)}/reject` }),
  },
  'POST /devices/{id}/retire': {
    action: 'device.retire',
    ask: async ({ fresh }) => ({ path: `/devices/${await fresh.device()}/retire` }),
  },
  'POST /devices/{id}/reinstate': {
    action: 'device.admit',
    ask: async ({ fresh, ownerA }) => {
      const id = await fresh.device();
      await ownerA.call('POST', `/devices/${id}/retire`);
      return { path: `/devices/${id}/reinstate` };
    },
  },
  'POST /devices/{id}/merge': {
    action: 'device.merge',
    ask: async ({ fresh, a }) => ({ path: `/devices/${await fresh.device()}/merge`, body: { into: a.device } }),
  },
  'POST /devices/{id}/commands': {
    action: 'device_command.create',
    ask: async ({ fresh }) => ({ path: `/devices/${await fresh.device()}/commands`, body: { command: 'start' } }),
  },
  'POST /devices/{id}/commands/{command_id}/cancel': {
    action: 'device_command.cancel',
    ask: async (world) => {
      const path = `/devices/${await world.fresh.device()}/commands`;
      const { id } = await call(world, 'POST', path, { command: 'start' });
      return { path: `${path}/${id}/cancel` };
    },
  },
  'POST /rules': {
    action: 'rule.create',
    ask: () => ({
      path: '/rules',
      body: { name: next(), severity: 'low', condition: { parameter: 't', operator: 'gt', value: 1 } },
    }),
  },
  'PATCH /rules/{id}': {
    action: 'rule.update',
    ask: ({ a }) => ({ path: `/rules/${a.rule}`, body: { name: next() } }),
  },
  'DELETE /rules/{id}': {
    action: 'rule.delete',
    ask: async ({ fresh }) => ({ path: `/rules/${await fresh.rule()}` }),
  },
  'POST /alerts/acknowledge': {
    action: 'alarm.acknowledge',
    ask: async ({ fresh }) => ({ path: '/alerts/acknowledge', body: { ids: [await fresh.alarm()] } }),
  },
  'POST /alerts/{id}/acknowledge': {
    action: 'alarm.acknowledge',
    ask: async ({ fresh }) => ({ path: `/alerts/${await fresh.alarm()}/acknowledge`, body: {} }),
  },
  'POST /alerts/{id}/comment': {
    action: 'alarm.comment',
    ask: async ({ fresh }) => ({ path: `/alerts/${await fresh.alarm()}/comment`, body: { comment: 'seen' } }),
  },
  'POST /alerts/{id}/assign': {
    action: 'alarm.assign',
    ask: async ({ fresh, a }) => ({ path: `/alerts/${await fresh.alarm()}/assign`, body: { user_id: a.member } }),
  },
  'POST /alerts/{id}/shelve': {
    action: 'alarm.shelve',
    ask: async ({ fresh }) => ({
      path: `/alerts/${await fresh.alarm()}/shelve`,
      body: { minutes: 1, reason: 'known' },
    }),
  },
  'POST /alerts/{id}/unshelve': {
    action: 'alarm.unshelve',
    ask: async (world) => {
      const path = `/alerts/${await world.fresh.alarm()}`;
      await call(world, 'POST', `${path}/shelve`, { minutes: 1, reason: 'known' });
      return { path: `${path}/unshelve` };
    },
  },
  'POST /alerts/{id}/close': {
    action: 'alarm.close',
    ask: async (world) => {
      const alarm = await world.fresh.alarm();
      const { device_id: device } = await world.ownerA.get(`/alerts/${alarm}`);
      await call(world, 'POST', `/devices/${device}/retire`);
      return { path: `/alerts/${alarm}/close`, body: { comment: 'gone' } };
    },
  },
  'DELETE /alarm-shelves/{id}': {
    action: 'alarm.unshelve',
    ask: async ({ fresh }) => ({ path: `/alarm-shelves/${await fresh.shelf()}` }),
  },
  'POST /maintenance-windows': {
    action: 'maintenance_window.create',
    ask: ({ a }) => ({ path: '/maintenance-windows', body: { device_ids: [a.device], reason: next() } }),
  },
  'PATCH /maintenance-windows/{id}': {
    action: 'maintenance_window.update',
    ask: async ({ fresh }) => ({
      path: `/maintenance-windows/${await fresh.maintenance()}`,
      body: { reason: next() },
    }),
  },
  'DELETE /maintenance-windows/{id}': {
    action: 'maintenance_window.delete',
    ask: async ({ fresh }) => ({ path: `/maintenance-windows/${await fresh.maintenance()}` }),
  },
  'POST /notification-channels': {
    action: 'notification_channel.create',
    ask: () => ({
      path: '/notification-channels',
      body: { kind: 'mqtt', name: next(), config: { topic: 'audit' } },
    }),
  },
  'PATCH /notification-channels/{id}': {
    action: 'notification_channel.update',
    ask: ({ a }) => ({ path: `/notification-channels/${a.channel}`, body: { name: next() } }),
  },
  'DELETE /notification-channels/{id}': {
    action: 'notification_channel.delete',
    ask: async ({ fresh }) => ({ path: `/notification-channels/${await fresh.channel()}` }),
  },
  'POST /notification-channels/{id}/test': {
    action: 'notification_channel.test',
    ask: ({ a }) => ({ path: `/notification-channels/${a.channel}/test` }),
  },
  'POST /notifications/{id}/retry': {
    action: 'notification.retry',
    ask: async ({ fresh }) => ({ path: `/notifications/${await fresh.notification()}/retry` }),
  },
  'DELETE /connections/{id}': {
    action: 'connection.end',
    ask: async ({ fresh }) => ({ path: `/connections/${await fresh.connection()}` }),
  },
  'PATCH /devices/{id}': {
    action: 'device.update',
    ask: ({ a }) => ({ path: `/devices/${a.device}`, body: { name: next() } }),
  },
  'DELETE /devices/{id}': {
    action: 'device.delete',
    ask: async ({ fresh }) => ({ path: `/devices/${await fresh.device()}` }),
  },
  'PATCH /devices/{id}/parameters/{name}': {
    action: 'parameter.update',
    ask: ({ a }) => ({ path: `/devices/${a.device}/parameters/${a.parameter}`, body: { unit: next() } }),
  },
  'POST /devices/{id}/parameters/{name}/reset-kind': {
    action: 'parameter.reset_kind',
    ask: ({ a }) => ({ path: `/devices/${a.device}/parameters/${a.parameter}/reset-kind` }),
  },
  'DELETE /devices/{id}/rejects': {
    action: 'device.clear_refusals',
    ask: async ({ fresh }) => ({ path: `/devices/${await fresh.device()}/rejects` }),
  },
};

/** Routes that change nothing that is anybody's act, and why; or where else it is shown that they are audited. */
export const NO_ACTS: Readonly<Record<string, string>> = {
  'DELETE /connections/unassigned/{id}': 'the same as that of a factory, of which there is a test',
  'POST /auth/refresh': 'renews the tokens of a session that stands in the audit already',
  'POST /setup': 'there is another test: it works on a fresh appliance alone',
  'POST /setup/check-code': 'changes nothing; a wrong code is told as refused',
  'POST /invites/look-up': 'reads',
  'POST /rules/replay': 'reads',
  'POST /rules/{id}/replay': 'reads',
  'DELETE /rules/replays/{id}': 'ends what reads, which is in memory alone',
  'POST /clock/confirm': 'there is another test: it takes a clock that is in doubt',
};
