-- Format 18: in a file, memberships and alarms lie in the order of their keys.

-- No table is otherwise on PostgreSQL; what is done in a file stands with it.
