-- Format 16: what is counted of somebody is packed so that each part can be read by itself.

-- No table is otherwise. On SQLite, where nobody else writes, bodies are written that older versions cannot
-- read, so these must not open them; on PostgreSQL they are as before.
