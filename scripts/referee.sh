#!/bin/sh
# Prepares the Python that reads the lake without Kith, unless it is there, and prints its path.
set -eu

folder=${1:-$HOME/.cache/kith/referee-1}
python=$folder/bin/python
packages="duckdb==1.5.5 duckdb-extension-ducklake==1.5.5 duckdb-extension-sqlite-scanner==1.5.5 pyarrow"

if ! "$python" -c 'import duckdb, pyarrow' >/dev/null 2>&1; then
    echo "Preparing the referee ($packages)" >&2
    python3 -m venv --clear "$folder" >&2
    # The names are words of their own.
    # shellcheck disable=SC2086
    "$folder/bin/pip" install --quiet --disable-pip-version-check $packages >&2
fi
echo "$python"
