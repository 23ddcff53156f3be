import type { RowChange, WatchedColumn, WatchedTable } from '../store/changes.ts';

/** A table whose changes are acts. */
export interface AuditedTable extends WatchedTable {
  /** What its rows are called in the audit: `device`. */
  readonly kind: string;
  /** Columns that say nothing of an act. A column has to be in one of the two lists. */
  readonly ignored: readonly string[];
  /** What a change is called, where `device.create`, `device.update` or `device.delete` would say too little. */
  readonly actionOf?: (change: RowChange) => string | undefined;
}

const emailOf = (user: string) => `(select email from users where id = ${user})`;
const FACTORY_UUID = '(select uuid from factories where id = row.factory_id)';
const FACTORY_NAME = '(select name from factories where id = row.factory_id)';

const has = (change: RowChange, column: string) => change.after !== null && column in change.after;

/** What a change of a device's standing is called, by what it comes to. */
const DEVICE_ACTIONS: Readonly<Record<string, string>> = {
  active: 'device.admit',
  retired: 'device.retire',
  rejected: 'device.reject',
};

/** What is called by what has become of an alarm. */
const ALARM_ACTIONS: Readonly<Record<string, string>> = {
  acknowledged: 'alarm.acknowledge',
  commented: 'alarm.comment',
  assigned: 'alarm.assign',
  shelved: 'alarm.shelve',
  unshelved: 'alarm.unshelve',
  cleared: 'alarm.close',
  closed: 'alarm.close',
};

const rights = { role: 'value', permissions: 'json' } as const satisfies Record<string, WatchedColumn>;

/**
 * Every table whose rows somebody may change, the weightiest first: an act that changes several is called by the first of
 * them. `test/unit/audit/audited-tables.test.ts` fails when a table or a column is in none of the lists.
 */
export const AUDITED: readonly AuditedTable[] = [
  {
    table: 'factories',
    kind: 'factory',
    id: 'row.uuid',
    name: 'row.name',
    factory: 'row.id',
    columns: {
      slug: 'value',
      name: 'value',
      timezone: 'value',
      units: 'value',
      is_demo: 'flag',
      archived_at: 'time',
      device_admission: 'value',
    },
    ignored: ['id', 'uuid', 'created_at'],
    actionOf: (change) => {
      if (change.before === null || !has(change, 'archived_at')) return undefined;
      return change.after?.archived_at === null ? 'factory.restore' : 'factory.archive';
    },
  },
  {
    table: 'users',
    kind: 'user',
    id: 'row.id',
    name: 'row.email',
    factory: 'null',
    columns: {
      email: 'value',
      name: 'value',
      password_hash: 'hidden',
      password_is_public: 'flag',
      is_super_admin: 'flag',
      is_active: 'flag',
    },
    // How pages look to one person is nobody else's matter.
    ignored: ['id', 'created_at', 'last_sign_in_at', 'theme', 'language', 'units'],
    actionOf: (change) => (change.before !== null && has(change, 'password_hash') ? 'user.set_password' : undefined),
  },
  {
    table: 'memberships',
    kind: 'membership',
    id: 'row.user_id',
    name: emailOf('row.user_id'),
    factory: 'row.factory_id',
    columns: { ...rights, is_active: 'flag' },
    ignored: ['factory_id', 'user_id', 'created_at', 'entered_at'],
  },
  {
    table: 'second_factors',
    kind: 'second_factor',
    id: 'row.user_id',
    name: emailOf('row.user_id'),
    factory: 'null',
    columns: { secret: 'hidden', is_confirmed: 'flag' },
    ignored: ['user_id', 'used_step', 'created_at'],
    actionOf: ({ before, after }) =>
      before !== null && after?.is_confirmed === true ? 'second_factor.confirm' : undefined,
  },
  {
    table: 'api_keys',
    kind: 'api_key',
    id: 'row.id',
    name: 'row.name',
    factory: 'row.factory_id',
    columns: { name: 'value', ...rights, expires_at: 'time', secret_hash: 'hidden' },
    ignored: ['factory_id', 'id', 'user_id', 'created_at', 'used_at', 'used_from'],
  },
  {
    table: 'invites',
    kind: 'invite',
    id: 'row.id',
    name: 'row.email',
    factory: 'row.factory_id',
    columns: { email: 'value', ...rights, expires_at: 'time', token_hash: 'hidden' },
    ignored: ['factory_id', 'id', 'invited_by', 'created_at'],
  },
  {
    table: 'password_resets',
    kind: 'password_reset',
    id: 'row.user_id',
    name: emailOf('row.user_id'),
    factory: 'row.made_in',
    columns: { token_hash: 'hidden', expires_at: 'time' },
    ignored: ['user_id', 'made_by', 'made_in'],
  },
  {
    table: 'device_credentials',
    kind: 'device_credential',
    id: 'row.id',
    name: 'row.name',
    factory: 'row.factory_id',
    columns: {
      name: 'value',
      username: 'value',
      device_keys: 'json',
      password_hash: 'hidden',
      previous_hash: 'hidden',
      previous_until: 'time',
    },
    ignored: ['factory_id', 'id', 'created_at', 'rotated_at', 'used_at'],
    actionOf: (change) =>
      change.before !== null && has(change, 'password_hash') ? 'device_credential.rotate' : undefined,
  },
  {
    table: 'device_certificates',
    kind: 'device_certificate',
    id: 'row.id',
    name: `coalesce((select username || '/' from device_credentials where factory_id = row.factory_id and id = row.credential_id), '') || row.name`,
    factory: 'row.factory_id',
    columns: { name: 'value', serial: 'value', fingerprint: 'value', expires_at: 'time', revoked_at: 'time' },
    ignored: ['factory_id', 'id', 'credential_id', 'created_at'],
    actionOf: (change) =>
      change.before !== null && has(change, 'revoked_at') ? 'device_certificate.revoke' : undefined,
  },
  {
    table: 'device_commands',
    kind: 'device_command',
    id: 'row.id',
    name: `(select key from devices where factory_id = row.factory_id and id = row.device_id) || ': ' || row.command`,
    factory: 'row.factory_id',
    columns: { command: 'value', parameters: 'json', expires_at: 'time', status: 'value' },
    events: ['insert', 'update'],
    // What else becomes of it is told by the device, and by the list of its commands.
    onlyIf: "row.status in ('queued', 'cancelled')",
    ignored: ['factory_id', 'device_id', 'id', 'seq', 'message', 'issued_by', 'issued_at', 'changed_at'],
    actionOf: (change) => (change.before === null ? undefined : 'device_command.cancel'),
  },
  {
    // What people do with alarms. What the rules do with them stands in the events themselves.
    table: 'alarm_events',
    kind: 'alarm',
    id: 'row.alarm_id',
    name: `coalesce((select '#' || number || ' ' || message from alarms where factory_id = row.factory_id and id = row.alarm_id), '')`,
    factory: 'row.factory_id',
    columns: { kind: 'value', data: 'json' },
    events: ['insert'],
    onlyIf: 'row.actor is not null',
    ignored: ['seq', 'factory_id', 'alarm_id', 'id', 'at', 'recorded_at', 'actor', 'key'],
    actionOf: (change) => ALARM_ACTIONS[String(change.after?.kind)],
  },
  {
    table: 'maintenance_windows',
    kind: 'maintenance_window',
    id: 'row.id',
    name: 'row.reason',
    factory: 'row.factory_id',
    columns: { device_ids: 'json', tags: 'json', starts_at: 'time', ends_at: 'time', reason: 'value' },
    ignored: ['factory_id', 'id', 'created_by', 'created_at'],
  },
  {
    table: 'notification_channels',
    kind: 'notification_channel',
    id: 'row.id',
    name: 'row.name',
    factory: 'row.factory_id',
    columns: {
      name: 'value',
      kind: 'value',
      is_active: 'flag',
      config: 'json',
      secrets: 'hidden',
      quiet_hours: 'json',
      rate_per_minute: 'value',
    },
    ignored: ['factory_id', 'id', 'secret_names', 'created_at', 'created_by', 'updated_at', 'updated_by'],
  },
  {
    // Written when two devices become one.
    table: 'device_aliases',
    kind: 'device_key',
    id: 'row.key',
    name: 'row.key',
    factory: 'row.factory_id',
    columns: { key: 'value', device_id: 'value' },
    ignored: ['factory_id', 'created_at'],
    actionOf: (change) => (change.before === null ? 'device.merge' : undefined),
  },
  {
    table: 'devices',
    kind: 'device',
    id: 'row.id',
    name: 'row.key',
    factory: 'row.factory_id',
    columns: { key: 'value', name: 'value', standing: 'value', tags: 'json' },
    ignored: ['factory_id', 'id', 'created_at', 'last_seen_at', 'standing_since'],
    actionOf: (change) => {
      if (change.before === null || !has(change, 'standing')) return undefined;
      return DEVICE_ACTIONS[String(change.after?.standing)];
    },
  },
  {
    table: 'rules',
    kind: 'rule',
    id: 'row.id',
    name: 'row.name',
    factory: 'row.factory_id',
    columns: { name: 'value', version: 'value', is_active: 'flag', definition: 'json' },
    ignored: ['factory_id', 'id', 'created_at', 'created_by', 'updated_at', 'updated_by'],
    actionOf: (change) => {
      if (change.before === null || !has(change, 'is_active')) return undefined;
      if (has(change, 'definition') || has(change, 'name')) return undefined;
      return change.after?.is_active === true ? 'rule.activate' : 'rule.deactivate';
    },
  },
  {
    table: 'parameters',
    kind: 'parameter',
    id: "row.device_id || '/' || row.name",
    // Its device may have gone before it.
    name: `coalesce((select key || '/' from devices where factory_id = row.factory_id and id = row.device_id), '') || row.name`,
    factory: 'row.factory_id',
    columns: {
      kind: 'value',
      // Counted for the whole appliance.
      series_id: 'hidden',
      display_name: 'value',
      unit: 'value',
      decimals: 'value',
      low_limit: 'value',
      high_limit: 'value',
      is_kpi: 'flag',
    },
    ignored: ['factory_id', 'device_id', 'name', 'created_at'],
    actionOf: (change) => (change.before !== null && has(change, 'series_id') ? 'parameter.reset_kind' : undefined),
  },
  {
    table: 'factory_limits',
    kind: 'limits',
    id: FACTORY_UUID,
    name: FACTORY_NAME,
    factory: 'row.factory_id',
    columns: { devices: 'value', requests_per_s: 'value', streams: 'value', heavy_queries: 'value' },
    ignored: ['factory_id'],
  },
  {
    table: 'factory_retention',
    kind: 'retention',
    id: FACTORY_UUID,
    name: FACTORY_NAME,
    factory: 'row.factory_id',
    columns: { raw_days: 'value', minute_days: 'value', quarter_days: 'value' },
    ignored: ['factory_id'],
  },
  {
    table: 'imports',
    kind: 'import',
    id: 'row.id',
    name: 'row.file_name',
    factory: 'row.factory_id',
    columns: { state: 'value', options: 'json', skip_faulty: 'flag', error: 'value' },
    ignored: [
      ...['factory_id', 'id', 'file_name', 'examined', 'size_bytes', 'done_bytes', 'done_lines', 'samples'],
      ...['created_by', 'created_at', 'updated_at'],
    ],
  },
  {
    // Who clears the list. What comes onto it, and leaves it when it is full, is nobody's act.
    table: 'refusals',
    kind: 'refusal',
    id: "row.device_key || '/' || row.reason || '/' || row.parameter",
    name: 'row.device_key',
    factory: 'row.factory_id',
    columns: { reason: 'value', detail: 'value', count: 'value' },
    ignored: ['factory_id', 'device_key', 'parameter', 'payload', 'first_at', 'last_at'],
    events: ['delete'],
    actionOf: () => 'device.clear_refusals',
  },
  {
    // What the clock did stands in the table itself; that somebody vouched for it stands here.
    table: 'clock_doubts',
    kind: 'clock',
    id: 'row.id',
    name: 'row.reason',
    factory: 'null',
    columns: { ended_at: 'time', ended_by: 'value' },
    ignored: ['id', 'reason', 'began_at', 'jump_ms', 'max_ahead_ms'],
    events: ['update'],
    onlyIf: "row.ended_by = 'person'",
    actionOf: () => 'clock.confirm',
  },
  {
    // A code that was used, or went with the second factor. They are made with it.
    table: 'recovery_codes',
    kind: 'recovery_code',
    id: 'row.user_id',
    name: emailOf('row.user_id'),
    factory: 'null',
    columns: { code_hash: 'hidden' },
    ignored: ['user_id'],
    events: ['delete'],
  },
  {
    // Ended ones are cleared away at the next sign-in, which is no act. Tokens are renewed all the time.
    table: 'sessions',
    kind: 'session',
    id: 'row.id',
    name: emailOf('row.user_id'),
    factory: 'row.selected_factory',
    columns: { selected_factory: 'hidden', user_agent: 'value', ended_at: 'time' },
    ignored: ['id', 'user_id', 'token_hash', 'created_at', 'used_at', 'expires_at', 'address'],
    events: ['insert', 'update'],
    actionOf: (change) => {
      if (change.before === null) return 'auth.sign_in';
      return has(change, 'ended_at') ? 'auth.end_session' : 'auth.enter_factory';
    },
  },
];

/** Tables that tell of nobody's acts, and why. */
export const NOT_AUDITED: Readonly<Record<string, string>> = {
  alarm_numbers: 'counts alarms',
  alarm_shelves: 'who shelves and unshelves is told by the events of alarms',
  alarms: 'what people do with alarms is told by their events',
  audit_entries: 'the audit itself',
  audit_ends: 'the audit itself',
  clock_memory: 'the appliance remembers the time',
  connection_log: 'is a log itself',
  forgotten_series: 'follows the removal of a device or a factory, which is told',
  mqtt_messages: 'what clients are sent',
  mqtt_retained: 'what clients are sent',
  mqtt_sessions: 'clients come and go: see the connection log',
  merged_series: 'follows two devices becoming one, which is told',
  outages: 'the appliance remembers when it did not run',
  raw_horizons: 'follows the retention, which is told when it is changed',
  notifications: 'what is sent is a log itself; who sends again is told by the route',
  removed_history: 'follows the retention, which is told when it is changed',
  rule_states: 'the engine remembers how far it is',
  rule_versions: 'follows a change of a rule, which is told',
  schema_migrations: 'the program brings the database up to its version',
  sealed_buckets: 'the historian writes its files',
  segments: 'the historian writes its files',
};
