-- Format 12: who is in which audience, and when somebody has to be looked at again.
-- What people did and where they stand is in the body of the profile; these are what is looked up by.

-- since is in microseconds since 1970.
CREATE TABLE membership (audience TEXT NOT NULL, profile_id TEXT NOT NULL, since BIGINT NOT NULL);
CREATE UNIQUE INDEX membership_key ON membership (audience, profile_id);
CREATE INDEX membership_profile ON membership (profile_id);

-- One row a person at most: the least of all moments at which an audience may change by itself.
CREATE TABLE alarm (profile_id TEXT NOT NULL, at BIGINT NOT NULL);
CREATE UNIQUE INDEX alarm_profile ON alarm (profile_id);
CREATE INDEX alarm_at ON alarm (at);
