-- Format 4: who changed what of the configuration, and which nodes have taken it over.

-- One row for each thing that was done, for those who ask later. subject is the id of what it was
-- done to, version what it had afterwards; before and after are bodies as in config, NULL for none.
CREATE TABLE audit (
    id TEXT NOT NULL, at BIGINT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,
    kind TEXT NOT NULL, subject TEXT NOT NULL, version BIGINT NOT NULL, before TEXT, after TEXT
);
CREATE UNIQUE INDEX audit_id ON audit (id);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_subject ON audit (kind, subject);

-- One row for each server that runs: when it was seen last (microseconds since 1970), and the
-- version of the configuration that it works with.
CREATE TABLE node (id TEXT NOT NULL, seen_at BIGINT NOT NULL, config_version BIGINT NOT NULL);
CREATE UNIQUE INDEX node_id ON node (id);
