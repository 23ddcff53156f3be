-- MQTT sessions that survive their connection (clean_session = 0), what waits in them, and retained messages. Client ids
-- stand in the name space of their credential. factory_id is null for what is of no factory: anonymous clients, and topics
-- that are shared by all factories.

create table mqtt_sessions (
  id integer primary key,
  factory_id integer references factories (id) on delete cascade,
  client_id text not null unique,
  -- Of a device credential or an API key; empty for an anonymous client.
  credential_id text not null,
  -- {"filter": qos}
  subscriptions text not null check (json_valid(subscriptions)),
  -- Packet ids between PUBLISH and PUBREL of QoS 2.
  incoming text not null check (json_valid(incoming)),
  -- Epoch ms; null while it is connected.
  away_since integer
) strict;
create index mqtt_sessions_by_factory on mqtt_sessions (factory_id);

create table mqtt_messages (
  session_id integer not null references mqtt_sessions (id) on delete cascade,
  factory_id integer,
  -- Messages of a session go in this order.
  seq integer not null,
  topic text not null,
  payload blob not null,
  qos integer not null check (qos in (1, 2)),
  retain integer not null check (retain in (0, 1)),
  -- The packet id it was sent under; null while it waits.
  message_id integer,
  -- Of QoS 2, after PUBREC: PUBREL is owed.
  is_released integer not null check (is_released in (0, 1)),
  -- Epoch ms; from then on it is not delivered any more.
  expires_at integer,
  primary key (session_id, seq)
) strict;

create table mqtt_retained (
  factory_id integer references factories (id) on delete cascade,
  topic text primary key,
  payload blob not null,
  qos integer not null check (qos in (0, 1, 2))
) strict;
create index mqtt_retained_by_factory on mqtt_retained (factory_id);
