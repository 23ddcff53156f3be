-- Whether a segment is a day's or a month's: sorted anew as one, and rolled up where that is worth it. Others were written when
-- their buckets were sealed.
alter table segments add column compacted integer not null default 0 check (compacted in (0, 1));
-- What was rolled up before has other columns. It is rolled up anew; the files go with the next start.
delete from segments where level <> 'raw';
