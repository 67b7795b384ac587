#!/bin/sh
# The Python that asks ClickHouse's engine, for the benchmark.
exec "$(dirname "$0")/python.sh" "${1:-$HOME/.cache/kith/chdb-1}" chdb chdb==4.4.0
