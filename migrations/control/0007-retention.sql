-- Below this stamp (epoch ms) a factory's single samples have been removed to save space, and none are accepted any more:
-- what was rolled up of them could not be brought up. The age limit of the configuration counts beside it.
create table raw_horizons (
  factory_id integer primary key references factories (id),
  raw_from integer not null
) strict;

-- What has been removed so far.
create table removed_history (
  factory_id integer not null references factories (id),
  level text not null check (level in ('raw', '1m', '15m')),
  reason text not null check (reason in ('age', 'budget')),
  segments integer not null,
  samples integer not null,
  size_bytes integer not null,
  -- The newest stamp that is gone (epoch ms, exclusive), and when it went.
  until_ts integer not null,
  removed_at integer not null,
  primary key (factory_id, level, reason)
) strict, without rowid;
