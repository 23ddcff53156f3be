-- The connection log tells connects and orderly leaves beside what was refused or dropped, with the devices that a client
-- sent for, so that each device has its part of it. The same client may belong to several factories (an anonymous one,
-- by the topics it publishes to): the factory is part of a row's identity. No foreign key, as before.

create table connection_events (
  id integer primary key,
  factory_id integer,
  kind text not null check (kind in ('connected', 'disconnected', 'dropped', 'refused')),
  username text not null,
  source text not null,
  client_id text not null,
  reason text not null,
  detail text not null,
  payload blob,
  -- Keys of the devices that it sent for, or is about (JSON).
  devices text not null check (json_valid(devices)),
  count integer not null,
  first_at integer not null,
  last_at integer not null
) strict;

insert into connection_events
  (factory_id, kind, username, source, client_id, reason, detail, payload, devices, count, first_at, last_at)
  select factory_id,
    case when reason in ('keepalive_timeout', 'protocol_error', 'topic_not_allowed', 'reads_too_slowly')
      then 'dropped' else 'refused' end,
    username, source, client_id, reason, detail, payload, '[]', count, first_at, last_at
  from connection_log;

drop table connection_log;
alter table connection_events rename to connection_log;
create unique index connection_log_identity on connection_log (ifnull(factory_id, 0), client_id, username, source, reason);
create index connection_log_by_time on connection_log (factory_id, last_at);

-- Commands to devices, and what has become of each.
create table device_commands (
  factory_id integer not null references factories (id) on delete cascade,
  device_id text not null,
  id text not null,
  -- They go, and are listed, in this order.
  seq integer not null,
  command text not null,
  parameters text not null check (json_valid(parameters)),
  status text not null
    check (status in ('queued', 'sent', 'delivered', 'accepted', 'done', 'failed', 'expired', 'cancelled')),
  -- What the device says of it.
  message text,
  issued_by text not null,
  -- Epoch ms.
  issued_at integer not null,
  expires_at integer not null,
  changed_at integer not null,
  primary key (factory_id, id),
  foreign key (factory_id, device_id) references devices (factory_id, id) on delete cascade
) strict, without rowid;
create index device_commands_by_device on device_commands (factory_id, device_id, seq);
create index device_commands_open on device_commands (expires_at) where status in ('queued', 'sent');
