-- Series of removed devices whose samples are not all erased from hot.db yet. Written in the transaction that removes
-- the device, which makes that transaction the removal: a start reads the list, and what stands on it is not brought
-- back. No foreign key to factories: a factory is gone before its samples are.

create table forgotten_series (
  factory_id integer not null,
  series_id integer not null,
  primary key (factory_id, series_id)
) strict, without rowid;
