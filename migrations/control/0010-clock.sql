-- What the clock said when it was last trusted, and the periods in which it was not. Times are epoch milliseconds, UTC.

create table clock_memory (
  id integer primary key check (id = 1),
  -- While in doubt: the time that the appliance goes on with.
  trusted_at integer not null
) strict;

create table clock_doubts (
  id integer primary key,
  reason text not null
    check (reason in ('before_build', 'jumped_ahead', 'jumped_back', 'ahead_of_last_run', 'behind_last_run')),
  began_at integer not null,
  ended_at integer,
  ended_by text check (ended_by in ('clock', 'person')),
  -- How far the clock was from what was expected; negative: behind.
  jump_ms integer not null,
  -- Ahead by no more than this, the clock is trusted again; null for any.
  max_ahead_ms integer
) strict;
