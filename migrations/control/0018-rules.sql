-- Rules that watch devices, and how each of them was before. Times are epoch ms.
create table rules (
  factory_id integer not null references factories (id) on delete cascade,
  id text not null,
  name text not null,
  -- Counts every change of what is in a version.
  version integer not null check (version >= 1),
  is_active integer not null check (is_active in (0, 1)),
  -- All else that people say of it, as in the API.
  definition text not null check (json_valid(definition)),
  created_at integer not null,
  created_by text not null,
  updated_at integer not null,
  updated_by text not null,
  primary key (factory_id, id)
) strict, without rowid;
create index rules_by_name on rules (factory_id, name, id);

-- Every version, the present one too. They outlive their rule: an alarm says which version raised it.
create table rule_versions (
  factory_id integer not null references factories (id) on delete cascade,
  rule_id text not null,
  version integer not null check (version >= 1),
  -- The whole of it, with name and is_active.
  definition text not null check (json_valid(definition)),
  made_at integer not null,
  made_by text not null,
  primary key (factory_id, rule_id, version)
) strict, without rowid;

create trigger rule_versions_stay before update on rule_versions
begin
  select raise(abort, 'versions of rules are never changed');
end;

-- How far the engine has come with each rule, to go on from there after a restart.
create table rule_states (
  factory_id integer not null,
  rule_id text not null,
  version integer not null,
  -- The commit of telemetry up to which the state is.
  seq integer not null,
  saved_at integer not null,
  state blob not null,
  primary key (factory_id, rule_id),
  foreign key (factory_id, rule_id) references rules (factory_id, id) on delete cascade
) strict;

-- Words by which people group devices: `["line 1", "press"]`.
alter table devices add column tags text not null default '[]' check (json_valid(tags));
