#!/bin/sh
# Finds promtool, or takes it out of Debian's package, and prints its path. Nobody has asked for the server that
# the package would start.
set -eu

command -v promtool && exit
folder=$HOME/.cache/kith/promtool-1
if [ ! -x "$folder/usr/bin/promtool" ]; then
    echo "Fetching promtool (Debian's prometheus)" >&2
    mkdir -p "$folder"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    as_root=""
    [ "$(id -u)" -eq 0 ] || as_root="sudo"
    # apt's own user writes there.
    chmod 0777 "$work"
    (cd "$work" && { apt-get download -qq prometheus || { $as_root apt-get update -qq && apt-get download -qq prometheus; }; }) >&2
    dpkg -x "$work"/prometheus_*.deb "$folder"
fi
echo "$folder/usr/bin/promtool"
