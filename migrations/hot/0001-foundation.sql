-- Recent telemetry. Bucket tables (`bucket_<start in seconds>`) are made by historian/hot-writer.ts as time goes on.

create table settings (
  name text primary key,
  value integer not null
) strict, without rowid;

-- The identity of a series, born in the transaction of its first sample. Numbers are never used twice.
create table series (
  series_id integer primary key autoincrement,
  factory_id integer not null,
  device_key text not null,
  parameter text not null,
  kind text not null check (kind in ('number', 'boolean', 'state')),
  created_at integer not null,
  unique (factory_id, device_key, parameter, kind)
) strict;

-- The newest sample of each series, brought up every few seconds. Exact together with the buckets from tail_ts on.
create table latest (
  series_id integer primary key references series (series_id) on delete cascade,
  factory_id integer not null,
  ts integer not null,
  value real,
  text text
) strict;

-- commit_seq: the number of the last commit. tail_ts: the oldest stamp committed since `latest` was brought up.
insert into settings (name, value) values ('commit_seq', 0), ('tail_ts', 9007199254740991);
