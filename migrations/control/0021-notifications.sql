-- Who is told of alarms, and by what. An alarm takes along from its rule whom to tell, as it takes its escalation: who
-- was told that it was raised is told that it cleared, whatever has become of the rule.
alter table alarms add column notifications text not null default '[]' check (json_valid(notifications));

create table notification_channels (
  factory_id integer not null references factories (id) on delete cascade,
  id text not null,
  kind text not null check (kind in ('email', 'whatsapp', 'sms', 'webhook', 'mqtt', 'browser')),
  name text not null,
  is_active integer not null check (is_active in (0, 1)),
  -- What may be shown (JSON).
  config text not null check (json_valid(config)),
  -- What may not: JSON, sealed by the appliance's own key. Null: it needs none.
  secrets text,
  -- Which those are (JSON).
  secret_names text not null check (json_valid(secret_names)),
  -- When only what is critical goes through (JSON). Null: never.
  quiet_hours text check (quiet_hours is null or json_valid(quiet_hours)),
  -- Of more in a minute, one message tells of them all.
  rate_per_minute integer not null,
  created_at integer not null,
  created_by text not null,
  updated_at integer not null,
  updated_by text not null,
  primary key (factory_id, id)
) strict, without rowid;

-- What is to be said, to whom, and what became of it: written in the transaction of the alarm's own events.
create table notifications (
  seq integer primary key,
  factory_id integer not null,
  -- Stays the same however often it is sent: by it who receives it can tell a repetition.
  id text not null,
  channel_id text not null,
  -- Null for a digest, which tells of several.
  alarm_id text,
  event_id text,
  kind text not null check (kind in ('raised', 'severity_changed', 'acknowledged', 'cleared', 'escalated', 'digest')),
  severity text not null check (severity in ('low', 'medium', 'high', 'critical')),
  -- Wall clock (epoch ms).
  created_at integer not null,
  -- When it is tried next.
  due_at integer not null,
  attempts integer not null default 0,
  -- digested: another one tells of it. suppressed: nobody was to be told after all.
  state text not null default 'pending' check (state in ('pending', 'sent', 'dead', 'digested', 'suppressed')),
  -- It waits until quiet hours are over.
  is_held integer not null default 0 check (is_held in (0, 1)),
  digest_id text,
  -- Recipients who have it (JSON): they do not get it again.
  delivered text not null default '[]' check (json_valid(delivered)),
  -- What the provider said at last, and its own id of it.
  answer text,
  provider_id text,
  settled_at integer,
  unique (factory_id, id),
  unique (factory_id, channel_id, event_id),
  foreign key (factory_id, channel_id) references notification_channels (factory_id, id) on delete cascade,
  foreign key (factory_id, alarm_id) references alarms (factory_id, id) on delete cascade
) strict;
create index notifications_due on notifications (due_at) where state = 'pending';
create index notifications_of_channel on notifications (factory_id, channel_id, state, seq);
create index notifications_of_alarm on notifications (factory_id, alarm_id, seq);
create index notifications_of_digest on notifications (factory_id, digest_id) where digest_id is not null;
create index notifications_by_state on notifications (factory_id, state, seq);
