-- Format 9: identifiers that unite nobody until somebody has decided.

-- One row for each two people and the identifier by which they would be one. visitor and holder are
-- profile ids of the time; aliases lead on. reason says why nobody was united.
CREATE TABLE quarantine (
    id TEXT NOT NULL, namespace TEXT NOT NULL, hash TEXT NOT NULL, visitor TEXT NOT NULL,
    holder TEXT NOT NULL, reason TEXT NOT NULL, source TEXT NOT NULL, event TEXT,
    asked_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX quarantine_id ON quarantine (id);
CREATE INDEX quarantine_identifier ON quarantine (namespace, hash);
CREATE INDEX quarantine_asked ON quarantine (asked_at);
CREATE INDEX quarantine_visitor ON quarantine (visitor);
CREATE INDEX quarantine_holder ON quarantine (holder);
