-- Files with history that came to be imported, and what has become of them. The file itself lies in the factory's directory
-- (`imports/<id>.csv`) until it is imported or given up.
create table imports (
  factory_id integer not null references factories (id) on delete cascade,
  id text not null,
  file_name text not null,
  state text not null check (state in ('uploading', 'examining', 'ready', 'running', 'done', 'failed')),
  -- What people say of it (JSON), and what was found (JSON): how it is read, its series, a preview.
  options text not null check (json_valid(options)),
  examined text check (json_valid(examined)),
  skip_faulty integer not null default 0 check (skip_faulty in (0, 1)),
  size_bytes integer not null default 0,
  -- Where it goes on: all samples before are stored.
  done_bytes integer not null default 0,
  done_lines integer not null default 0,
  samples integer not null default 0,
  error text,
  created_by text not null,
  created_at integer not null,
  updated_at integer not null,
  primary key (factory_id, id)
) strict, without rowid;
