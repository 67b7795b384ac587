#!/bin/sh
# Finds or installs PostgreSQL's programs, and prints their folder. Tests start servers of their own.
set -eu

newest() {
    find /usr/lib/postgresql -mindepth 3 -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1
}

if [ -z "$(newest)" ]; then
    as_root=""
    [ "$(id -u)" -eq 0 ] || as_root="sudo"
    echo "Installing postgresql" >&2
    # Nobody has asked for a server that runs all the time.
    $as_root mkdir -p /etc/postgresql-common/createcluster.d
    echo "create_main_cluster = false" |
        $as_root tee /etc/postgresql-common/createcluster.d/kith-tests.conf >/dev/null
    $as_root apt-get update -qq >&2
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends postgresql >&2
fi
initdb=$(newest)
[ -n "$initdb" ] || { echo "PostgreSQL was not found in /usr/lib/postgresql." >&2; exit 1; }
dirname "$initdb"
