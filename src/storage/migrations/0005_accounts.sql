-- Format 5: tokens that end with what they were given for, and API keys.

-- Drawn anew whenever a user's tokens must end: a token counts only while it has its user's.
ALTER TABLE "user" ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
-- When they signed in last (microseconds since 1970); 0 for never.
ALTER TABLE "user" ADD COLUMN signed_in_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE token ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
CREATE INDEX token_email ON token (email);

-- owner is a user's e-mail address, or empty for a key of the command line; used_at as signed_in_at.
CREATE TABLE api_key (
    id TEXT NOT NULL, hash TEXT NOT NULL, owner TEXT NOT NULL, used_at BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX api_key_id ON api_key (id);
CREATE UNIQUE INDEX api_key_hash ON api_key (hash);
