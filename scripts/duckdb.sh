#!/bin/sh
# Puts DuckDB's official shared library into the folder $1, unless it is there: from its npm package,
# by name, version and checksum. Compiling it would take a quarter of an hour. Beside it, what the
# program is linked to: a step to each function of it, so that it is loaded where it is needed only.
set -eu

folder=$1
here=$(cd "$(dirname "$0")/duckdb" && pwd)
version=1.5.6-r.1
case "$(uname -s)-$(uname -m)" in
    Linux-x86_64)
        package=@duckdb/node-bindings-linux-x64
        checksum=1b9f82478539bb9a1d1df44bd103121a12ae52142c07158dc52b97d2ec1d69ff
        ;;
    Linux-aarch64)
        package=@duckdb/node-bindings-linux-arm64
        checksum=3a45a6305b3235a781ed9de25aa795a3862acd042782d1f864e1bdb656de212b
        ;;
    *)
        echo "No DuckDB library is pinned for $(uname -s) on $(uname -m). Put libduckdb 1.5.6 into" >&2
        echo "$folder, or build with 'cargo build --release --features bundled'." >&2
        exit 1
        ;;
esac

# Whatever is made is made beside its place and then moved there: whoever finds it finds all of it.
mkdir -p "$folder"
work=$(mktemp -d "$folder/make.XXXXXX")
trap 'rm -rf "$work"' EXIT

if [ ! -f "$folder/libduckdb.so" ]; then
    echo "Fetching DuckDB's library ($package@$version)"
    (cd "$work" && npm pack --silent "$package@$version" >/dev/null)
    (cd "$work" && echo "$checksum  $(ls ./*.tgz)" | sha256sum --check --quiet)
    tar -xzf "$work"/*.tgz -C "$work" package/libduckdb.so
    mv "$work/package/libduckdb.so" "$folder/libduckdb.so"
fi

steps="$folder/libduckdb_static.a"
if [ ! -f "$steps" ] || [ "$here/late.S" -nt "$steps" ] || [ "$here/late.c" -nt "$steps" ]; then
    nm -D --defined-only "$folder/libduckdb.so" |
        awk '$2 == "T" && $3 ~ /^duckdb_/ { printf "FUNCTION(%d, %s)\n", many++, $3 }' >"$work/names.h"
    cc -I"$work" -c "$here/late.S" -o "$work/steps.o"
    cc -I"$work" -O2 -fPIC -fvisibility=hidden -Wall -Werror -c "$here/late.c" -o "$work/late.o"
    ar rcs "$work/steps.a" "$work/steps.o" "$work/late.o"
    mv "$work/steps.a" "$steps"
fi
