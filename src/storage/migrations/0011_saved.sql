-- Format 10: what users like, and lists of people.

-- JSON, an object.
ALTER TABLE "user" ADD COLUMN preferences TEXT NOT NULL DEFAULT '{}';

-- owner is a user's e-mail address, or empty for a key of the command line; times are microseconds
-- since 1970.
CREATE TABLE people_list (
    id TEXT NOT NULL, name TEXT NOT NULL, note TEXT NOT NULL, owner TEXT NOT NULL,
    created_at BIGINT NOT NULL, changed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX people_list_id ON people_list (id);

-- profile_id is the id under which somebody was added, which aliases lead on from: so members are whom
-- mergers make of them, and are again who they were when those are taken back.
CREATE TABLE list_member (
    list TEXT NOT NULL, profile_id TEXT NOT NULL, added_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX list_member_key ON list_member (list, profile_id);
CREATE INDEX list_member_profile ON list_member (profile_id);
