-- Format 3: several nodes on one database, and counters instead of reading the tail.

-- What waits in the tail of each stream: events, and bytes as they lie there.
ALTER TABLE stream ADD COLUMN events BIGINT NOT NULL DEFAULT 0;
ALTER TABLE stream ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;
-- The last round with a merger.
ALTER TABLE stream ADD COLUMN merged BIGINT NOT NULL DEFAULT 0;
UPDATE stream SET
    events = (SELECT CAST(coalesce(sum(tail.events), 0) AS BIGINT) FROM tail
              WHERE tail.stream = stream.id AND tail.seq > stream.flushed),
    bytes = (SELECT CAST(coalesce(sum(length(tail.rows)), 0) AS BIGINT) FROM tail
             WHERE tail.stream = stream.id AND tail.seq > stream.flushed),
    merged = (SELECT coalesce(max(merge.seq), 0) FROM merge WHERE merge.stream = stream.id);

-- Who does what only one node may do at a time, and until when others leave it to them
-- (microseconds since 1970).
CREATE TABLE lease (name TEXT NOT NULL, holder TEXT NOT NULL, until BIGINT NOT NULL);
CREATE UNIQUE INDEX lease_name ON lease (name);
