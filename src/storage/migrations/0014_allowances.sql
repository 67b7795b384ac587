-- Format 14: what was taken of allowances that several nodes share.

-- One row for each source that has sent, where there is a limit for sources, and one for each place of
-- what is counted when somebody signs in: a name of nobody, since places are hashes. until is the moment
-- at which all that was taken is made up for, in microseconds since 1970.
CREATE TABLE allowance (name TEXT NOT NULL, until BIGINT NOT NULL);
CREATE UNIQUE INDEX allowance_name ON allowance (name);
