-- When a segment's file was last read whole and found as it was written; null: not since then.
alter table segments add column verified_at integer;
-- Since when a segment is kept out of the answers, because its file is missing or is not as it was written, and why. The
-- file is kept, in a `quarantine` directory beside the segments; once it is whole again the segment is taken back.
alter table segments add column quarantined_at integer;
alter table segments add column quarantine_reason text;
create index segments_in_quarantine on segments (factory_id, quarantined_at) where quarantined_at is not null;
