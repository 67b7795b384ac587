-- Format 15: what is counted of somebody may be packed in the body of the profile.

-- No table is otherwise. On SQLite, where nobody else writes, bodies are written that older versions cannot
-- read, so these must not open them; on PostgreSQL they are as before.
