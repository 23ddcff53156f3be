-- People: what they may do beside their role, how they get in, what stands in for them, and what a factory may take.

-- Which permissions a member has on top of the role (JSON), and whether they may enter at all.
alter table memberships add column permissions text not null default '[]' check (json_valid(permissions));
alter table memberships add column is_active integer not null default 1 check (is_active in (0, 1));
alter table memberships add column created_at integer not null default 0;
-- When they last came in here, which is nobody else's business than this factory's.
alter table memberships add column entered_at integer;

alter table users add column theme text not null default 'system' check (theme in ('system', 'light', 'dark'));
alter table users add column language text not null default 'en';
-- In which units values are shown: as the devices send them, or converted. Null: as the factory says.
alter table users add column units text check (units in ('as_sent', 'metric', 'imperial'));
alter table factories add column units text not null default 'as_sent' check (units in ('as_sent', 'metric', 'imperial'));
alter table users add column last_sign_in_at integer;

-- Where a session was opened, for its owner to recognise it.
alter table sessions add column address text not null default '';
alter table sessions add column user_agent text not null default '';

-- A secret for one-time codes (RFC 6238), sealed with the appliance's key. Unconfirmed until a first code was right.
create table second_factors (
  user_id text primary key references users (id) on delete cascade,
  secret text not null,
  is_confirmed integer not null default 0 check (is_confirmed in (0, 1)),
  -- The newest time step whose code was used: no code works twice.
  used_step integer not null default 0,
  created_at integer not null
) strict, without rowid;

-- What stands in for the second factor when the telephone is gone; each works once.
create table recovery_codes (
  user_id text not null references users (id) on delete cascade,
  code_hash text not null,
  primary key (user_id, code_hash)
) strict, without rowid;

-- A way in for somebody who has none yet. The link holds the secret, of which only the hash is kept.
create table invites (
  factory_id integer not null references factories (id),
  id text not null,
  token_hash text not null unique,
  email text not null collate nocase,
  role text not null check (role in ('admin', 'operator', 'viewer')),
  permissions text not null check (json_valid(permissions)),
  invited_by text not null references users (id) on delete cascade,
  created_at integer not null,
  expires_at integer not null,
  primary key (factory_id, id),
  unique (factory_id, email)
) strict, without rowid;

-- A way back in: one link for a user, the newest. It gives what its maker may give at the moment of use.
create table password_resets (
  user_id text primary key references users (id) on delete cascade,
  token_hash text not null unique,
  made_by text not null references users (id) on delete cascade,
  -- The factory whose admin made it; null: an owner of the appliance.
  made_in integer references factories (id) on delete cascade,
  expires_at integer not null
) strict, without rowid;

-- For programs. A key acts for the member who made it: never beyond what they may, and not at all once they are gone.
create table api_keys (
  factory_id integer not null references factories (id),
  id text not null unique,
  name text not null,
  secret_hash text not null,
  role text not null check (role in ('operator', 'viewer')),
  permissions text not null check (json_valid(permissions)),
  user_id text not null references users (id) on delete cascade,
  created_at integer not null,
  expires_at integer,
  used_at integer,
  used_from text not null default '',
  primary key (factory_id, id),
  unique (factory_id, name)
) strict, without rowid;

-- Out of use: nobody enters it and nothing is stored for it, until it is taken back.
alter table factories add column archived_at integer;

-- What a factory may take of the appliance, where it is not what the configuration says.
create table factory_limits (
  factory_id integer primary key references factories (id),
  devices integer check (devices > 0),
  requests_per_s integer check (requests_per_s > 0),
  streams integer check (streams > 0),
  heavy_queries integer check (heavy_queries > 0)
) strict;
