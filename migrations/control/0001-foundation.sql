-- People, factories and devices. Every table with factory_id is a tenant table: store/isolation.ts shadows and guards
-- it, and keys between tenant tables include factory_id, so that a row cannot point into another factory.
-- Times are epoch milliseconds, UTC. Ids are UUIDs, but for factories, whose number is part of every telemetry key.

create table factories (
  id integer primary key autoincrement,
  uuid text not null unique,
  slug text not null unique,
  name text not null,
  timezone text not null,
  created_at integer not null
) strict;

create table users (
  id text primary key,
  email text not null unique collate nocase,
  name text not null,
  password_hash text not null,
  password_is_public integer not null default 0 check (password_is_public in (0, 1)),
  is_super_admin integer not null default 0 check (is_super_admin in (0, 1)),
  is_active integer not null default 1 check (is_active in (0, 1)),
  created_at integer not null
) strict, without rowid;

create table memberships (
  factory_id integer not null references factories (id),
  user_id text not null references users (id) on delete cascade,
  role text not null check (role in ('admin', 'operator', 'viewer')),
  primary key (factory_id, user_id)
) strict, without rowid;
create index memberships_by_user on memberships (user_id);

-- A sign-in and the refresh tokens that descend from it. Only the newest token is valid; an older one ends the session.
create table sessions (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  selected_factory integer references factories (id) on delete set null,
  token_hash text not null,
  created_at integer not null,
  used_at integer not null,
  expires_at integer not null,
  ended_at integer
) strict, without rowid;
create index sessions_by_user on sessions (user_id);

create table devices (
  factory_id integer not null references factories (id),
  id text not null,
  key text not null,
  name text not null,
  created_at integer not null,
  last_seen_at integer,
  primary key (factory_id, id),
  unique (factory_id, key)
) strict, without rowid;

create table parameters (
  factory_id integer not null,
  device_id text not null,
  name text not null,
  kind text not null check (kind in ('number', 'boolean', 'state')),
  series_id integer not null,
  display_name text,
  unit text,
  decimals integer check (decimals between 0 and 10),
  low_limit real,
  high_limit real,
  is_kpi integer not null default 1 check (is_kpi in (0, 1)),
  created_at integer not null,
  primary key (factory_id, device_id, name),
  foreign key (factory_id, device_id) references devices (factory_id, id) on delete cascade
) strict, without rowid;

create table device_credentials (
  factory_id integer not null references factories (id),
  id text not null,
  name text not null,
  username text not null unique,
  password_hash text not null,
  device_keys text not null check (json_valid(device_keys)),
  created_at integer not null,
  primary key (factory_id, id),
  unique (factory_id, name)
) strict, without rowid;

-- What was refused and why. Repeats are counted in one row; the newest payload is kept.
create table refusals (
  factory_id integer not null references factories (id),
  device_key text not null,
  reason text not null,
  parameter text not null,
  detail text not null,
  payload blob not null,
  count integer not null,
  first_at integer not null,
  last_at integer not null,
  primary key (factory_id, device_key, reason, parameter)
) strict, without rowid;

-- Connections refused or ended, and telemetry of senders that belong to no factory: for the appliance's owner.
create table connection_log (
  source text not null,
  client_id text not null,
  reason text not null,
  detail text not null,
  payload blob,
  count integer not null,
  first_at integer not null,
  last_at integer not null,
  primary key (source, client_id, reason)
) strict, without rowid;
