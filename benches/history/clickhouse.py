"""The same questions, asked of ClickHouse's engine over a table of its own.

Arguments: a folder for the table, then the Parquet files. Says `ready` when the table is filled; then
each line on standard input is the name of a question, and the answer is how long it took, in seconds,
or nothing for a question that it does not know.
"""

import sys
import time

from chdb import session

folder, paths = sys.argv[1], sys.argv[2:]
engine = session.Session(folder)

# As one would lay it out there: few distinct values as such, sorted by what most questions are about.
engine.query(
    """CREATE TABLE events (
        id String, type LowCardinality(String), time DateTime64(6, 'UTC'),
        source_id LowCardinality(String), session_id String, profile_id String, properties String
    ) ENGINE = MergeTree ORDER BY (profile_id, time)"""
)
for path in paths:
    engine.query(
        f"""INSERT INTO events SELECT id, type, time, source_id, ifNull(session_id, ''),
            ifNull(profile_id, ''), ifNull(properties, '') FROM file('{path}', Parquet)"""
    )
engine.query("OPTIMIZE TABLE events FINAL")


def funnel(seconds):
    return f"""SELECT countIf(level >= 1), countIf(level >= 2),
        countIf(level >= 3) FROM (SELECT profile_id, windowFunnel({seconds}, 'strict_increase')(
            toDateTime(time), type = 'page-view', type = 'product-added-to-cart',
            type = 'order-completed') AS level
            FROM events WHERE type IN ('page-view', 'product-added-to-cart', 'order-completed')
            GROUP BY profile_id)"""


questions = {
    "count by type and day": """SELECT toStartOfDay(time) AS day, type, count() FROM events
        GROUP BY day, type ORDER BY day, type""",
    "top 10 products": """SELECT JSONExtractString(properties, 'id') AS value, count() AS n,
        uniqExact(profile_id) FROM events GROUP BY value ORDER BY n DESC, value LIMIT 10""",
    "distinct people": """SELECT count(), uniqExact(profile_id), uniqExact(session_id)
        FROM events""",
    "three-step funnel, 30 days": funnel(2_592_000),
    "three-step funnel, a day": funnel(86_400),
}
print("ready", flush=True)
for line in sys.stdin:
    sql = questions.get(line.strip())
    if sql is None:
        print(flush=True)
        continue
    started = time.perf_counter()
    engine.query(sql, "CSV")
    print(time.perf_counter() - started, flush=True)
