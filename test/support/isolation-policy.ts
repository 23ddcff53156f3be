import type { IsolationWorld, Planted } from './isolation-world.ts';

type Awaitable<T> = T | Promise<T>;

/** Where an id stands in a request, and what it may be. */
export interface IdPlace {
  /** In the path, the query or the body, by its name. */
  readonly at: `path:${string}` | `query:${string}` | `body:${string}`;
  /** One that is there for whoever asks; anew for each request when it is used up. */
  readonly own: (world: IsolationWorld) => Awaitable<string>;
  /** The same of factory B, or of somebody else; left out where nothing is foreign to those who may ask. */
  readonly foreign?: (world: IsolationWorld) => string;
}

/** What holds for a route, whoever asks. */
export interface Policy {
  /** As the documentation says it, and as it has been decided. */
  readonly access: string;
  readonly ids?: readonly IdPlace[];
  readonly body?: object | string;
  readonly query?: string;
  /** It shows the whole appliance to its owners; nobody else sees more than their factory. */
  readonly isWide?: true;
  /** Beside those below 400, what may be answered with one's own id: such as that it is not its time. */
  readonly answers?: readonly number[];
  /** It ends the session of who asks, or is about a session alone: asked without one. */
  readonly isBare?: true;
}

const viewer = 'factory:viewer';
const admin = 'factory:admin';
const devices = 'factory:devices';
const users = 'factory:users';
const operator = 'factory:operator';
const rules = 'factory:rules';
const owner = 'super_admin';

const planted = (at: IdPlace['at'], what: keyof Planted): IdPlace => ({
  at,
  own: ({ a }) => a[what],
  foreign: ({ b }) => b[what],
});
const usedUp = (
  what:
    | 'device'
    | 'credential'
    | 'member'
    | 'invite'
    | 'key'
    | 'import'
    | 'connection'
    | 'rule'
    | 'replay'
    | 'alarm'
    | 'shelf'
    | 'maintenance'
    | 'channel',
): readonly IdPlace[] => [{ at: 'path:id', own: ({ fresh }) => fresh[what](), foreign: ({ b }) => b[what] }];
const device = [planted('path:id', 'device')];
const command = [planted('path:id', 'device'), planted('path:command_id', 'command')];
const parameter = [planted('path:id', 'device'), planted('path:name', 'parameter')];
const rule = [planted('path:id', 'rule')];
const listed = [planted('query:devices', 'device')];
const factory = (isUsedUp = false): readonly IdPlace[] => [
  { at: 'path:id', own: ({ a, fresh }) => (isUsedUp ? fresh.factory() : a.factory) },
];
const login = (isUsedUp = false): readonly IdPlace[] => [
  { at: 'path:id', own: ({ a, fresh }) => (isUsedUp ? fresh.member() : a.member) },
];
const viewing = { role: 'viewer', permissions: [] };

/**
 * Who may call each route, and where an id could lead out of one's factory. A route that is not listed here fails the
 * test of isolation: nobody has thought about it.
 */
export const POLICIES: Readonly<Record<string, Policy>> = {
  'POST /auth/login': { access: 'public', body: { email: 'nobody@x', password: 'wrong' }, answers: [401, 429] },
  'POST /auth/refresh': { access: 'public', isBare: true, answers: [401] },
  'POST /auth/logout': { access: 'public', isBare: true, answers: [401] },
  'POST /auth/reset-password': {
    access: 'public',
    body: { token: 'x', new_password: 'correct horse' },
    answers: [404],
  },
  'GET /auth/me': { access: 'signed_in', isWide: true },
  'POST /auth/switch-factory': {
    access: 'signed_in',
    isWide: true,
    ids: [planted('body:factory_id', 'factory')],
    answers: [404],
  },
  'POST /auth/change-password': {
    access: 'signed_in',
    body: { current_password: 'wrong', new_password: 'correct horse' },
    answers: [422],
  },
  'GET /setup': { access: 'public', answers: [404] },
  'POST /setup': { access: 'public', body: { setup_code: 'x' }, answers: [404] },
  'POST /setup/check-code': { access: 'public', body: { setup_code: 'x' }, answers: [404] },
  'PATCH /profile': { access: 'signed_in', body: { theme: 'dark' }, isWide: true },
  'GET /profile/sessions': { access: 'signed_in' },
  'DELETE /profile/sessions': { access: 'signed_in' },
  'DELETE /profile/sessions/{id}': {
    access: 'signed_in',
    // One's own is used up by others in turn, and so is not there; nobody else's is, either.
    ids: [{ at: 'path:id', own: ({ a }) => a.member, foreign: ({ b }) => b.member }],
    answers: [404],
  },
  'POST /profile/second-factor': { access: 'signed_in', body: { current_password: 'wrong' }, answers: [422] },
  'POST /profile/second-factor/confirm': { access: 'signed_in', body: { code: '123456' }, answers: [409] },
  'POST /profile/second-factor/remove': { access: 'signed_in', body: { current_password: 'wrong' }, answers: [422] },
  'POST /factories': { access: owner, body: { name: 'x', slug: 'vpc', timezone: 'UTC' }, answers: [409] },
  'GET /factories': { access: owner, isWide: true },
  'PATCH /factories/{id}': { access: owner, ids: factory(), body: { name: 'VPC Industries' } },
  'DELETE /factories/{id}': { access: owner, ids: factory(true), query: 'confirm=wrong', answers: [422] },
  'GET /factories/{id}/limits': { access: owner, ids: factory() },
  'PUT /factories/{id}/limits': {
    access: owner,
    ids: factory(true),
    body: { devices: 1, requests_per_s: null, streams: null, heavy_queries: null },
  },
  'PUT /factories/{id}/retention': {
    access: owner,
    ids: factory(true),
    body: { raw_days: 30, minute_days: null, quarter_days: null },
  },
  'DELETE /factories/{id}/retention': { access: owner, ids: factory() },
  'POST /factories/{id}/archive': { access: owner, ids: factory(true) },
  'POST /factories/{id}/restore': { access: owner, ids: factory() },
  'GET /factories/{id}/export': { access: owner, ids: factory() },
  'GET /users': { access: users },
  'GET /users/{id}': { access: users, ids: [planted('path:id', 'member')] },
  'PATCH /users/{id}': { access: users, ids: [planted('path:id', 'member')], body: { role: 'viewer' } },
  'DELETE /users/{id}': { access: users, ids: usedUp('member') },
  'POST /users/{id}/reset-password': { access: users, ids: [planted('path:id', 'member')] },
  'POST /invites': { access: users, body: { email: 'new@a.example', ...viewing } },
  'GET /invites': { access: users },
  'DELETE /invites/{id}': { access: users, ids: usedUp('invite') },
  'POST /invites/look-up': { access: 'public', body: { token: 'x' }, answers: [404] },
  'POST /invites/accept': { access: 'public', body: { token: 'x', password: 'correct horse' }, answers: [404] },
  'POST /api-keys': { access: admin, body: { name: 'new', ...viewing, expires_at: null }, answers: [409] },
  'GET /api-keys': { access: admin },
  'DELETE /api-keys/{id}': { access: admin, ids: usedUp('key') },
  'GET /logins': { access: owner, isWide: true },
  'GET /logins/{id}': { access: owner, ids: login() },
  'PATCH /logins/{id}': { access: owner, ids: login(), body: { is_super_admin: false } },
  'DELETE /logins/{id}': { access: owner, ids: login(true) },
  'POST /logins/{id}/reset-password': { access: owner, ids: login() },
  'DELETE /logins/{id}/second-factor': { access: owner, ids: login() },
  'PUT /logins/{id}/memberships/{factory}': {
    access: owner,
    ids: [...login(true), { at: 'path:factory', own: ({ a }) => a.factory }],
    body: viewing,
  },
  'DELETE /logins/{id}/memberships/{factory}': {
    access: owner,
    ids: [...login(true), { at: 'path:factory', own: ({ a }) => a.factory }],
  },
  'POST /device-credentials': { access: devices, body: { name: 'new', devices: ['*'] }, answers: [409] },
  'GET /device-credentials': { access: devices },
  'PATCH /device-credentials/{id}': { access: devices, ids: usedUp('credential'), body: { devices: ['M01'] } },
  'POST /device-credentials/{id}/rotate': { access: devices, ids: usedUp('credential'), body: {} },
  'DELETE /device-credentials/{id}': { access: devices, ids: usedUp('credential') },
  'POST /device-credentials/{id}/certificates': {
    access: devices,
    ids: [planted('path:id', 'credential')],
    body: { name: 'new', days: 1 },
    answers: [409],
  },
  'GET /device-credentials/{id}/certificates': { access: devices, ids: [planted('path:id', 'credential')] },
  'DELETE /device-credentials/{id}/certificates/{certificate}': {
    access: devices,
    ids: [
      { at: 'path:certificate', own: ({ fresh }) => fresh.certificate(), foreign: ({ b }) => b.certificate },
      planted('path:id', 'credential'),
    ],
  },
  'GET /tls': { access: devices },
  'GET /tls/ca.crt': { access: 'public' },
  'GET /tls/ca.der': { access: 'public' },
  'GET /healthz': { access: 'public' },
  'GET /readyz': { access: 'public' },
  'GET /metrics': { access: 'local' },
  'GET /dashboard/summary': { access: viewer },
  'GET /dashboard/devices': { access: viewer },
  'GET /dashboard/pending-devices': { access: devices },
  'GET /storage': { access: admin, isWide: true },
  'POST /storage/verify': { access: owner },
  'GET /clock': { access: 'signed_in' },
  'POST /clock/confirm': { access: 'signed_in', answers: [403, 409] },
  'GET /devices/sparklines': { access: viewer, ids: listed },
  'GET /devices/kpis/history': { access: viewer, ids: listed, answers: [422] },
  'GET /devices/{id}/kpis/history': { access: viewer, ids: device },
  'GET /history/export': { access: viewer, ids: listed, answers: [422] },
  'GET /imports': { access: admin },
  'POST /imports': { access: admin, body: { file_name: 'new.csv', options: {} } },
  'GET /imports/{id}': { access: admin, ids: [planted('path:id', 'import')] },
  'PATCH /imports/{id}': { access: admin, ids: [planted('path:id', 'import')], body: { options: {} } },
  'DELETE /imports/{id}': { access: admin, ids: usedUp('import') },
  'PUT /imports/{id}/content': {
    access: admin,
    ids: [{ at: 'path:id', own: ({ fresh }) => fresh.import(), foreign: ({ b }) => b.import }],
    body: 'device,parameter,t,value\n',
  },
  'POST /imports/{id}/start': { access: admin, ids: usedUp('import'), body: {}, answers: [409] },
  'GET /rules': { access: viewer },
  'POST /rules': {
    access: rules,
    body: { name: 'new', severity: 'low', condition: { parameter: 't', operator: 'no_data', for_seconds: 60 } },
  },
  'GET /rules/{id}': { access: viewer, ids: rule },
  'PATCH /rules/{id}': { access: rules, ids: rule, body: { guidance: 'own-0815' } },
  'DELETE /rules/{id}': { access: rules, ids: usedUp('rule') },
  'GET /rules/{id}/versions': { access: viewer, ids: rule },
  'GET /rules/{id}/versions/{version}': { access: viewer, ids: [...rule, { at: 'path:version', own: () => '1' }] },
  'POST /rules/replay': {
    access: operator,
    ids: [planted('body:device_ids', 'device')],
    body: {
      rule: { name: 'new', severity: 'low', condition: { parameter: 't', operator: 'gt', value: 1 } },
      from: '2026-01-01T00:00:00Z',
      to: '2026-01-02T00:00:00Z',
      device_ids: [],
    },
  },
  'POST /rules/{id}/replay': {
    access: operator,
    ids: [...rule, planted('body:device_ids', 'device')],
    body: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', device_ids: [] },
  },
  'GET /rules/replays/{id}': { access: operator, ids: usedUp('replay') },
  'DELETE /rules/replays/{id}': { access: operator, ids: usedUp('replay') },
  'GET /rules/{id}/explain': {
    access: viewer,
    ids: [...rule, planted('query:device_id', 'device')],
    answers: [503],
  },
  'GET /devices': { access: viewer },
  'GET /devices/{id}': { access: viewer, ids: device },
  'PATCH /devices/{id}': { access: devices, ids: device, body: { name: 'own-0815' } },
  'DELETE /devices/{id}': { access: devices, ids: usedUp('device') },
  'GET /device-admission': { access: viewer },
  'PUT /device-admission': { access: devices, body: { mode: 'open' } },
  'POST /devices': { access: devices, body: { key: 'added' }, answers: [409] },
  'POST /devices/{id}/approve': { access: devices, ids: device, answers: [409] },
  'POST /devices/{id}/reject': { access: devices, ids: device, answers: [409] },
  'POST /devices/{id}/retire': { access: devices, ids: usedUp('device') },
  'POST /devices/{id}/reinstate': { access: devices, ids: device, answers: [409] },
  'POST /devices/{id}/merge': {
    access: devices,
    ids: [...usedUp('device'), planted('body:into', 'device')],
    answers: [409],
  },
  'GET /devices/{id}/parameters': { access: viewer, ids: device },
  'PATCH /devices/{id}/parameters/{name}': { access: devices, ids: parameter, body: { unit: 'V' } },
  'POST /devices/{id}/parameters/{name}/reset-kind': { access: devices, ids: parameter },
  'GET /devices/{id}/kpis/live': { access: viewer, ids: device },
  'GET /connection-info': { access: viewer },
  'GET /rejects': { access: viewer },
  'GET /devices/{id}/rejects': { access: viewer, ids: device },
  'DELETE /devices/{id}/rejects': { access: devices, ids: device },
  'GET /connections': { access: devices, ids: [planted('query:device_id', 'device')] },
  'GET /connections/unassigned': { access: owner, isWide: true },
  'DELETE /connections/{id}': { access: devices, ids: usedUp('connection') },
  'DELETE /connections/unassigned/{id}': {
    access: owner,
    // Nobody's: there is none.
    ids: [{ at: 'path:id', own: ({ a }) => a.device }],
    answers: [404],
  },
  'GET /connection-log': { access: devices, ids: [planted('query:device_id', 'device')] },
  'GET /connection-log/unassigned': { access: owner, isWide: true },
  'POST /devices/{id}/commands': { access: devices, ids: device, body: { command: 'start' }, answers: [429] },
  'GET /devices/{id}/commands': { access: viewer, ids: device },
  'GET /devices/{id}/commands/{command_id}': { access: viewer, ids: command },
  'POST /devices/{id}/commands/{command_id}/cancel': { access: devices, ids: command, answers: [409] },
  'GET /alerts': { access: viewer, ids: [planted('query:device_id', 'device')] },
  'GET /alerts/summary': { access: viewer },
  'POST /alerts/acknowledge': { access: operator, ids: [planted('body:ids', 'alarm')], body: { ids: [] } },
  'GET /alerts/{id}': { access: viewer, ids: [planted('path:id', 'alarm')] },
  'POST /alerts/{id}/acknowledge': { access: operator, ids: usedUp('alarm'), body: {}, answers: [409] },
  'POST /alerts/{id}/comment': { access: operator, ids: usedUp('alarm'), body: { comment: 'seen' } },
  'POST /alerts/{id}/assign': {
    access: operator,
    ids: [...usedUp('alarm'), planted('body:user_id', 'member')],
    body: {},
  },
  'POST /alerts/{id}/shelve': { access: operator, ids: usedUp('alarm'), body: { minutes: 1, reason: 'known' } },
  'POST /alerts/{id}/unshelve': { access: operator, ids: usedUp('alarm'), answers: [409] },
  'POST /alerts/{id}/close': { access: operator, ids: usedUp('alarm'), body: {}, answers: [409] },
  'GET /alarm-shelves': { access: viewer },
  'DELETE /alarm-shelves/{id}': { access: operator, ids: usedUp('shelf') },
  'GET /alarm-quality': { access: viewer },
  'GET /maintenance-windows': { access: viewer },
  'POST /maintenance-windows': {
    access: rules,
    ids: [planted('body:device_ids', 'device')],
    body: { device_ids: [], reason: 'work', ends_at: '2020-01-01T00:00:00Z', starts_at: '2019-01-01T00:00:00Z' },
  },
  'GET /maintenance-windows/{id}': { access: viewer, ids: [planted('path:id', 'maintenance')] },
  'PATCH /maintenance-windows/{id}': {
    access: rules,
    ids: [planted('path:id', 'maintenance'), planted('body:device_ids', 'device')],
    body: { device_ids: [] },
  },
  'DELETE /maintenance-windows/{id}': { access: rules, ids: usedUp('maintenance') },
  'GET /notification-channels': { access: rules },
  'POST /notification-channels': {
    access: admin,
    body: { kind: 'mqtt', name: 'new', config: { topic: 'new' } },
  },
  'GET /notification-channels/{id}': { access: rules, ids: [planted('path:id', 'channel')] },
  'PATCH /notification-channels/{id}': {
    access: admin,
    ids: [planted('path:id', 'channel')],
    body: { name: 'own-0815' },
  },
  'DELETE /notification-channels/{id}': { access: admin, ids: usedUp('channel') },
  'POST /notification-channels/{id}/test': { access: admin, ids: [planted('path:id', 'channel')] },
  'GET /notifications': {
    access: rules,
    ids: [planted('query:channel_id', 'channel'), planted('query:alarm_id', 'alarm')],
  },
  'GET /notifications/{id}': { access: rules, ids: [planted('path:id', 'notification')] },
  'POST /notifications/{id}/retry': {
    access: rules,
    ids: [planted('path:id', 'notification')],
    answers: [409],
  },
  'GET /audit': { access: admin },
  'GET /audit/export': { access: admin },
  'GET /audit/appliance': { access: owner, isWide: true },
  'GET /audit/appliance/export': { access: owner, isWide: true },
  'GET /audit/verification': { access: owner },
  'GET /stream': { access: viewer, ids: listed },
};
