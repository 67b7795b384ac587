#!/bin/sh
# Prepares a Python with packages of its own, unless it is there, and prints its path.
# Usage: python.sh FOLDER MODULES PACKAGES: the modules to be found, with commas, and what pip installs.
set -eu

folder=$1
modules=$2
packages=$3
python=$folder/bin/python

if ! "$python" -c "import $modules" >/dev/null 2>&1; then
    echo "Preparing a Python with $packages" >&2
    python3 -m venv --clear "$folder" >&2
    # The names are words of their own.
    # shellcheck disable=SC2086
    "$folder/bin/pip" install --quiet --disable-pip-version-check $packages >&2
fi
echo "$python"
