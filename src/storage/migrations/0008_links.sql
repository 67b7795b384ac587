-- Format 8: links that let somebody in once, without a password.

-- As token: the hash of what the link holds, and what its user had when it was made.
CREATE TABLE sign_in_link (
    hash TEXT NOT NULL, email TEXT NOT NULL, expires_at BIGINT NOT NULL, epoch TEXT NOT NULL
);
CREATE UNIQUE INDEX sign_in_link_hash ON sign_in_link (hash);
