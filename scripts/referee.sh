#!/bin/sh
# The Python that reads the lake without Kith.
exec "$(dirname "$0")/python.sh" "${1:-$HOME/.cache/kith/referee-2}" "duckdb, pyarrow" \
    "duckdb==1.5.5 duckdb-extension-ducklake==1.5.5 duckdb-extension-sqlite-scanner==1.5.5
    duckdb-extension-postgres-scanner==1.5.5 pyarrow"
