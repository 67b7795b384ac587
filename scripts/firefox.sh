#!/bin/sh
# Finds or installs a Firefox and prints its path; prints nothing where there is none to be had.
set -eu

for name in firefox-esr firefox; do
    if command -v "$name" >/dev/null 2>&1; then
        command -v "$name"
        exit
    fi
done

as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
echo "Installing firefox-esr" >&2
if $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends firefox-esr >&2; then
    command -v firefox-esr
else
    echo "There is no Firefox; its tests are skipped" >&2
fi
