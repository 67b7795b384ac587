#!/bin/sh
# Finds or installs wrk, the second load driver, and prints its path.
set -eu

if ! command -v wrk >/dev/null 2>&1; then
    as_root=""
    [ "$(id -u)" -eq 0 ] || as_root="sudo"
    echo "Installing wrk" >&2
    $as_root apt-get update -qq >&2
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends wrk >&2
fi
command -v wrk
