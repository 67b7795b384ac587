-- Format 20: in a file, marks of event ids wait in batches before they are entered in "seen".

-- No table is otherwise on PostgreSQL; what is done in a file stands with it.
