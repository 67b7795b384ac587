#!/bin/sh
# Prepares the Python that asks ClickHouse's engine, for the benchmark, unless it is there, and
# prints its path.
set -eu

folder=${1:-$HOME/.cache/kith/chdb-1}
python=$folder/bin/python

if ! "$python" -c 'import chdb' >/dev/null 2>&1; then
    echo "Preparing chdb" >&2
    python3 -m venv --clear "$folder" >&2
    "$folder/bin/pip" install --quiet --disable-pip-version-check chdb==4.4.0 >&2
fi
echo "$python"
