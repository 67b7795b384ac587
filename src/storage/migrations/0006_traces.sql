-- Format 6: which ids were one person who was removed, and who looked at what.

-- Every id of people who were removed and whose history may still be there: whoever is to be erased
-- by one of the ids is erased under all of them. person is one of the ids, the same for all of one
-- person. Erasing takes the rows out.
CREATE TABLE removed (id TEXT NOT NULL, person TEXT NOT NULL);
CREATE UNIQUE INDEX removed_id ON removed (id, person);
CREATE INDEX removed_person ON removed (person);

-- For what is no change of the configuration, and has version 0: where the request came from, what
-- was asked, and the status of the answer.
ALTER TABLE audit ADD COLUMN address TEXT;
ALTER TABLE audit ADD COLUMN detail TEXT;
ALTER TABLE audit ADD COLUMN status BIGINT;
