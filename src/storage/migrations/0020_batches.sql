-- Format 20: in a file, marks of event ids wait in batches before they are entered in "seen"; and what is counted of
-- people says in which order events of one moment came.

-- No table is otherwise on PostgreSQL; what is done in a file stands with it.
