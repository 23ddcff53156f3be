-- Devices that wait to be let in, have gone, or were two once; and credentials that change their password.

-- Who may register by a first message: everybody, who was let in by a person, or nobody.
alter table factories add column device_admission text not null default 'open'
  check (device_admission in ('open', 'approve', 'closed'));

-- pending: it sends, and nobody has said yet that it belongs here. retired: it is gone, its history stays. rejected: it
-- does not belong here, and nothing of it is kept.
alter table devices add column standing text not null default 'active'
  check (standing in ('active', 'pending', 'retired', 'rejected'));
alter table devices add column standing_since integer;

-- A key that is another device's now: what comes under it is that device's.
create table device_aliases (
  factory_id integer not null,
  key text not null,
  device_id text not null,
  created_at integer not null,
  primary key (factory_id, key),
  foreign key (factory_id, device_id) references devices (factory_id, id) on delete cascade
) strict, without rowid;

-- Series that were born under such a key: the history of the device's parameter of that name goes on in them.
create table merged_series (
  factory_id integer not null,
  series_id integer not null,
  device_id text not null,
  parameter text not null,
  kind text not null check (kind in ('number', 'boolean', 'state')),
  primary key (factory_id, series_id),
  foreign key (factory_id, device_id) references devices (factory_id, id) on delete cascade
) strict, without rowid;
create index merged_series_by_device on merged_series (factory_id, device_id);

-- The password before the newest, for as long as both are taken.
alter table device_credentials add column previous_hash text;
alter table device_credentials add column previous_until integer;
alter table device_credentials add column rotated_at integer;
-- When it last signed in, to the minute.
alter table device_credentials add column used_at integer;
