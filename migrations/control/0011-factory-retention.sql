-- For how long a factory's history is kept, by level (days; null for ever), where it is not what the configuration says.
create table factory_retention (
  factory_id integer primary key references factories (id),
  raw_days integer not null check (raw_days > 0),
  minute_days integer check (minute_days > 0),
  quarter_days integer check (quarter_days > 0)
) strict;
