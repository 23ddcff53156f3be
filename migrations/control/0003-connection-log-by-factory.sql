-- The connection log says who tried to sign in, and of which factory: that of the user name, or of the credential. With
-- factory_id it is a tenant table, so that a factory's admins see their own entries and no others; entries of no
-- factory are the owner's alone. No foreign key: an entry may be written after its factory was removed, and counts for
-- nobody then.

create table connection_log_by_factory (
  factory_id integer,
  username text not null,
  source text not null,
  client_id text not null,
  reason text not null,
  detail text not null,
  payload blob,
  count integer not null,
  first_at integer not null,
  last_at integer not null,
  primary key (source, client_id, username, reason)
) strict, without rowid;

insert into connection_log_by_factory
  (factory_id, username, source, client_id, reason, detail, payload, count, first_at, last_at)
  select null, '', source, client_id, reason, detail, payload, count, first_at, last_at from connection_log;

drop table connection_log;
alter table connection_log_by_factory rename to connection_log;
create index connection_log_by_factory on connection_log (factory_id, last_at);
