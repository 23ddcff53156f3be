-- When the appliance did not run (epoch milliseconds, UTC): that nothing came then says nothing of devices.

create table outages (
  id integer primary key,
  began_at integer not null,
  ended_at integer not null check (ended_at > began_at)
) strict;
