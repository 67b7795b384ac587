-- Format 17: what many rules count of one event stands once in what is noted behind packed tallies.

-- No table is otherwise. On SQLite, where nobody else writes, bodies are written that older versions cannot
-- read, so these must not open them; on PostgreSQL they are as before.
