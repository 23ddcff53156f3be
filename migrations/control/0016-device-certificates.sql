-- Certificates that stand in for a device credential's password. What is not listed here is not let in, whoever signed it.
create table device_certificates (
  factory_id integer not null,
  id text not null,
  credential_id text not null,
  name text not null,
  serial text not null,
  -- SHA-256 of the certificate, as AB:CD:…
  fingerprint text not null unique,
  created_at integer not null,
  expires_at integer not null,
  revoked_at integer,
  primary key (factory_id, id),
  foreign key (factory_id, credential_id) references device_credentials (factory_id, id) on delete cascade
) strict, without rowid;
create index device_certificates_by_credential on device_certificates (factory_id, credential_id);
