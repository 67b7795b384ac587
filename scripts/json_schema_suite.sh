#!/bin/sh
# The official test suite of JSON Schema, as the source package of PyPI's `jsonschema` carries it. Prints its folder; without a
# network it says so, and prints nothing.
set -eu

version=4.26.0
folder=${1:-$HOME/.cache/kith/json-schema-suite-$version}

if [ ! -d "$folder/tests/draft2020-12" ]; then
    echo "Fetching JSON Schema's test suite" >&2
    aside=$folder.part
    rm -rf "$aside" "$folder"
    mkdir -p "$aside"
    if ! { python3 -m venv "$aside/python" && "$aside/python/bin/pip" download --quiet --disable-pip-version-check --no-deps \
        --no-binary :all: --dest "$aside" "jsonschema==$version"; } >&2; then
        echo "JSON Schema's test suite cannot be fetched; its test is left out" >&2
        rm -rf "$aside"
        exit 0
    fi
    tar -xzf "$aside/jsonschema-$version.tar.gz" -C "$aside"
    mv "$aside/jsonschema-$version/json" "$folder"
    rm -rf "$aside"
fi
echo "$folder"
