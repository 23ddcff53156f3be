-- Who did what: entries that are only ever added, each sealed with the appliance's key over itself and the one before.
-- With factory_id it is a tenant table; null: of the appliance. No foreign key: the audit of a factory outlives it, for
-- the owners of the appliance, and so its slug is kept as it was.

create table audit_entries (
  seq integer primary key,
  id text not null unique,
  at integer not null,
  factory_id integer,
  factory_slug text,
  action text not null,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  address text not null,
  request_id text not null,
  target_kind text not null,
  target_id text not null,
  target_name text not null,
  -- What became of which rows, and what else there is to say (JSON).
  content text not null check (json_valid(content)),
  -- Of the entry before, and of this one over it.
  before_hash blob not null,
  hash blob not null
) strict;
create index audit_by_factory on audit_entries (factory_id, at);
create index audit_by_time on audit_entries (at);

-- Where it begins and ends, sealed too, so that nothing can be cut off. Before the first entry nothing is sealed.
create table audit_ends (
  id integer primary key check (id = 1),
  first_seq integer not null,
  -- The hash of the entry before the first one, which has gone by its age.
  before_hash blob not null,
  last_seq integer not null,
  last_hash blob not null,
  seal blob not null
) strict;
insert into audit_ends (id, first_seq, before_hash, last_seq, last_hash, seal) values (1, 1, x'', 0, x'', x'');

-- The newest entry of all factories: what is written next is sealed over it.
create view audit_newest as select seq, hash from audit_entries order by seq desc limit 1;

-- Against mistakes of our own; whoever forges the file can remove these, too, and not the seals.
create trigger audit_stays before update on audit_entries begin
  select raise(abort, 'what is in the audit is not changed');
end;
create trigger audit_goes_by_age before delete on audit_entries
when old.seq >= (select first_seq from audit_ends) begin
  select raise(abort, 'what is in the audit stays');
end;
