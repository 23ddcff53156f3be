-- Whether a raw segment is a day's or a month's: sorted anew as one, and rolled up where that is worth it. Others were written
-- when their buckets were sealed.
alter table segments add column compacted integer not null default 0 check (compacted in (0, 1));
update segments set compacted = 1 where to_ts - from_ts >= 86400000;
