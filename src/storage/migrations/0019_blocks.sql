-- Format 19: what is noted behind packed tallies stands event by event.

-- No table is otherwise. On SQLite, where nobody else writes, bodies are written that older versions cannot
-- read, so these must not open them; on PostgreSQL they are as before.
