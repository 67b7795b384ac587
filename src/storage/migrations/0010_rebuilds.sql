-- Format 10: deciding anew who is one person, as the rules are now.

-- state is folding, ready, switching, done, failed or discarded; rules is the version of the rules of
-- identity that it was asked for under; body is a report, which names nobody.
CREATE TABLE rebuild (
    id TEXT NOT NULL, asked_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, state TEXT NOT NULL,
    rules BIGINT NOT NULL, body TEXT
);
CREATE UNIQUE INDEX rebuild_id ON rebuild (id);

-- Some of those who would be otherwise: an id, whose it is now, and whose it would be.
CREATE TABLE rebuild_example (
    rebuild TEXT NOT NULL, example BIGINT NOT NULL, id TEXT NOT NULL, now_of TEXT NOT NULL,
    then_of TEXT NOT NULL
);
CREATE UNIQUE INDEX rebuild_example_id ON rebuild_example (rebuild, id);
CREATE INDEX rebuild_example_person ON rebuild_example (id);
CREATE INDEX rebuild_example_now ON rebuild_example (now_of);
CREATE INDEX rebuild_example_then ON rebuild_example (then_of);
