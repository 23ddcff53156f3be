-- A bucket table is `bucket_<start in seconds>_<generation>`. Late samples of a closed one go to a new one of the same
-- span and a later generation, whose samples win. Buckets of before have no generation in their name: theirs is the
-- negative of their start, less one.
create table closed_buckets (
  generation integer primary key,
  bucket text not null unique,
  closed_at integer not null
) strict;

-- The generation of the newest bucket.
insert into settings (name, value) values ('generation', 0);
