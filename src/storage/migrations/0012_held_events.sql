-- Format 12: events that did not fit, kept apart until somebody has looked at them.

-- One row for each event. key is of the source and the event's id, so that a repetition is the same row.
-- profile_id is whose it was found to be, an id of the time; aliases lead on. body is JSON with what
-- was sent, faults a list of places and what is wanted there; times are microseconds since 1970.
CREATE TABLE held_event (
    key TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, source TEXT NOT NULL, session_id TEXT,
    profile_id TEXT, time BIGINT NOT NULL, received_at BIGINT NOT NULL, body TEXT NOT NULL,
    faults TEXT NOT NULL
);
CREATE UNIQUE INDEX held_event_key ON held_event (key);
CREATE INDEX held_event_received ON held_event (received_at);
CREATE INDEX held_event_type ON held_event (type, received_at);
CREATE INDEX held_event_profile ON held_event (profile_id);
