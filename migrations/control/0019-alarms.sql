-- Alarms after ISA-18.2. An alarm is one occurrence of one rule on one device: raised, perhaps of another severity in
-- between, cleared. What the rules say of it (its course) is in event time and may be corrected by late samples; what
-- people do with it is by the wall clock. No foreign key to rules: an alarm outlives its rule, whose name it keeps.

-- The last number that was given: numbers are never used again, whatever is removed.
create table alarm_numbers (
  factory_id integer primary key references factories (id) on delete cascade,
  last integer not null
) strict;

create table alarms (
  seq integer primary key,
  factory_id integer not null references factories (id) on delete cascade,
  id text not null,
  number integer not null,
  rule_id text not null,
  rule_version integer not null,
  rule_name text not null,
  device_id text not null,
  severity text not null check (severity in ('low', 'medium', 'high', 'critical')),
  -- active: it holds, and nobody has said that they know. cleared: it does not hold any more, and the same.
  status text not null check (status in ('active', 'acknowledged', 'cleared', 'closed')),
  message text not null,
  parameter text,
  value text check (value is null or json_valid(value)),
  guidance text,
  -- Its transitions as they hold now (JSON); of very many, the first and the last ones.
  course text not null check (json_valid(course)),
  -- Transitions up to then are not in the course any more but for the first, and are not corrected.
  course_since integer,
  -- Event time (epoch ms).
  raised_at integer not null,
  cleared_at integer,
  -- What else than its condition has cleared it.
  cleared_because text,
  -- It turned out that it had not happened.
  is_withdrawn integer not null default 0 check (is_withdrawn in (0, 1)),
  -- Nothing that the rules say changes it any more: its rule or its device came to an end.
  is_settled integer not null default 0 check (is_settled in (0, 1)),
  correction text check (correction in ('changed', 'withdrawn', 'inserted')),
  -- Wall clock (epoch ms).
  recorded_at integer not null,
  acknowledged_at integer,
  acknowledged_by text,
  closed_at integer,
  is_chattering integer not null default 0 check (is_chattering in (0, 1)),
  -- It was raised while shelved or suppressed: nobody was told.
  is_quiet integer not null default 0 check (is_quiet in (0, 1)),
  shelved_until integer,
  suppression text check (suppression in ('parent', 'out_of_service')),
  -- Rules whose alarms on the same device suppress it, and the steps of its escalation, as its rule said (JSON).
  suppressed_by text not null check (json_valid(suppressed_by)),
  escalation text not null check (json_valid(escalation)),
  -- How many steps are done, and when the next is due, if nobody has acknowledged it by then.
  escalated integer not null default 0,
  escalates_at integer,
  assignee_id text,
  assignee_name text,
  -- How many events it has, and how many more were only counted.
  events integer not null default 0,
  unlisted integer not null default 0,
  unique (factory_id, id),
  unique (factory_id, number),
  foreign key (factory_id, device_id) references devices (factory_id, id) on delete cascade
) strict;
-- One at a time: what makes it impossible that one is raised twice.
create unique index alarms_standing on alarms (factory_id, rule_id, device_id) where cleared_at is null;
create index alarms_by_end on alarms (factory_id, rule_id, device_id, ifnull(cleared_at, 9007199254740991));
create index alarms_by_device on alarms (factory_id, device_id, number);
create index alarms_by_time on alarms (factory_id, raised_at);
create index alarms_open on alarms (factory_id, number) where status <> 'closed';
create index alarms_open_by_device on alarms (factory_id, device_id, rule_id) where status <> 'closed';
create index alarms_suppressible on alarms (factory_id) where status <> 'closed' and suppressed_by <> '[]';
create index alarms_escalating on alarms (escalates_at) where escalates_at is not null;
create index alarms_by_clear on alarms (factory_id, cleared_at) where cleared_at is not null;

-- What has become of each, only ever added to.
create table alarm_events (
  seq integer primary key,
  factory_id integer not null,
  alarm_id text not null,
  id text not null,
  kind text not null check (kind in (
    'raised', 'severity_changed', 'cleared', 'corrected', 'acknowledged', 'commented', 'assigned', 'shelved', 'unshelved',
    'suppressed', 'unsuppressed', 'escalated', 'closed')),
  -- When it happened (event time where the rules say it), and when it was written down.
  at integer not null,
  recorded_at integer not null,
  -- Who did it; null: the appliance.
  actor text,
  data text not null check (json_valid(data)),
  -- Of what happens once to an alarm: a second one is refused.
  key text,
  unique (factory_id, alarm_id, key),
  foreign key (factory_id, alarm_id) references alarms (factory_id, id) on delete cascade
) strict;

create trigger alarm_events_stay before update on alarm_events begin
  select raise(abort, 'what has become of an alarm is not changed');
end;
-- With its alarm it goes: that one is gone before.
create trigger alarm_events_go_with_their_alarm before delete on alarm_events
when exists (select 1 from alarms where factory_id = old.factory_id and id = old.alarm_id) begin
  select raise(abort, 'what has become of an alarm stays');
end;
-- One that is open goes with its device or its factory alone.
create trigger alarms_stay_until_closed before delete on alarms
when old.status <> 'closed'
  and exists (select 1 from devices where factory_id = old.factory_id and id = old.device_id)
  and exists (select 1 from factories where id = old.factory_id) begin
  select raise(abort, 'an open alarm stays');
end;

-- Alarms of a rule on a device that nobody wants to hear of for a time: those to come, too.
create table alarm_shelves (
  factory_id integer not null references factories (id) on delete cascade,
  id text not null,
  rule_id text not null,
  device_id text not null,
  rule_name text not null,
  until integer not null,
  -- It ends when the alarm clears, if that is earlier.
  is_one_shot integer not null check (is_one_shot in (0, 1)),
  reason text not null,
  shelved_by text not null,
  shelved_at integer not null,
  primary key (factory_id, rule_id, device_id),
  unique (factory_id, id),
  foreign key (factory_id, device_id) references devices (factory_id, id) on delete cascade
) strict, without rowid;
create index alarm_shelves_by_end on alarm_shelves (until);

-- Devices that are worked on, or out of service: their alarms are recorded, and nobody is told.
create table maintenance_windows (
  factory_id integer not null references factories (id) on delete cascade,
  id text not null,
  device_ids text not null check (json_valid(device_ids)),
  tags text not null check (json_valid(tags)),
  starts_at integer not null,
  -- Null: until it is ended.
  ends_at integer,
  reason text not null,
  created_by text not null,
  created_at integer not null,
  primary key (factory_id, id)
) strict, without rowid;
