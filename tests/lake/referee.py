"""An independent reader: DuckDB's own ducklake extension, and pyarrow on the files alone.

Usage: referee.py DATABASE FOLDER; the database is a file or a URL of PostgreSQL. Prints one JSON object; Kith must say the same.
"""

import glob
import json
import os
import re
import site
import sys

import duckdb
import pyarrow.parquet as parquet

database, folder = sys.argv[1:]
connection = duckdb.connect(config={"allow_unsigned_extensions": True})
for root in site.getsitepackages():
    for extension in glob.glob(f"{root}/**/*.duckdb_extension", recursive=True):
        connection.execute(f"INSTALL '{extension}'")
connection.execute("LOAD ducklake; LOAD sqlite_scanner; LOAD postgres_scanner; SET TimeZone = 'UTC'")
kind = "postgres" if database.startswith("postgres://") else "sqlite"
# A test may have a schema of its own on a server of somebody's own.
schema = re.search("search_path(?:=|%3D)(\\w+)", database)
where = f", METADATA_SCHEMA '{schema[1]}'" if schema else ""
connection.execute(f"ATTACH 'ducklake:{kind}:{database}' AS lake (READ_ONLY{where})")


def ask(sql):
    return connection.execute(sql).fetchall()


files = [path for (path,) in ask("SELECT data_file FROM ducklake_list_files('lake', 'events')")]
tables = [parquet.read_table(path) for path in files]
widths = {}
for snapshot, version in ask("SELECT snapshot_id, schema_version FROM lake.snapshots()"):
    if version > 0:
        columns = ask(f"DESCRIBE FROM lake.events AT (VERSION => {snapshot})")
        widths.setdefault(str(version), set()).add(len(columns))
ids = [value for table in tables for value in table.column("id").to_pylist()]
print(
    json.dumps(
        {
            "count": ask("SELECT count(*) FROM lake.events")[0][0],
            "ids": [row[0] for row in ask("SELECT id FROM lake.events ORDER BY id")],
            "types": dict(ask('SELECT "type", count(*) FROM lake.events GROUP BY 1')),
            "price": ask("SELECT sum((properties->>'price')::DOUBLE) FROM lake.events")[0][0],
            "days": [str(row[0]) for row in ask("SELECT DISTINCT time::DATE FROM lake.events ORDER BY 1")],
            "of_one_day": ask("SELECT count(*) FROM lake.events WHERE time < TIMESTAMPTZ '2026-01-06'")[0][0],
            "of_one_id": ask("SELECT count(*) FROM lake.events WHERE id = 'e3'")[0][0],
            "files": len(files),
            "files_on_disk_are_listed": all(os.path.exists(path) for path in files),
            "arrow_ids": sorted(ids),
            "columns": [row[0] for row in ask("DESCRIBE lake.events")],
            "widths": {version: sorted(columns) for version, columns in widths.items()},
            "positions": [row[0] for row in ask("SELECT position FROM lake.events ORDER BY id")],
            "without_position": ask("SELECT count(*) FROM lake.events WHERE position IS NULL")[0][0],
            "second": ask("SELECT count(*) FROM lake.events WHERE position = 1")[0][0],
            "arrow_columns": max((table.column_names for table in tables), key=len, default=[]),
            "arrow_tags": sum(len(value or []) for table in tables for value in table.column("tags").to_pylist()),
        }
    )
)
