-- The catalogue of sealed telemetry: which file holds which span. A file that no row names is not there.
create table segments (
  factory_id integer not null references factories (id),
  id text not null,
  -- raw: samples; 1m, 15m: rolled up from the day's one raw segment, and replaced with it.
  level text not null check (level in ('raw', '1m', '15m')),
  -- The span (epoch ms, from_ts <= ts < to_ts) that its samples lie in.
  from_ts integer not null,
  to_ts integer not null,
  -- Of the newest bucket in it. Of two samples of one series and stamp, that of the later generation holds.
  generation integer not null,
  -- Path below the data directory.
  file text not null unique,
  rows integer not null,
  size_bytes integer not null,
  sha256 text not null,
  created_at integer not null,
  primary key (factory_id, id)
) strict, without rowid;
create index segments_by_span on segments (factory_id, from_ts, to_ts);

-- Buckets of hot.db whose rows are in segments, by generation, for all factories. What is in this list is not read from
-- its bucket any more, though it may still be there: in a reader's snapshot, or after a kill.
create table sealed_buckets (
  generation integer primary key,
  sealed_at integer not null
) strict;
