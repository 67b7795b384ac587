#!/bin/sh
# Finds or installs a Chromium and the library that drives it, and prints the browser's path.
set -eu

cd "$(dirname "$0")/../tests/browser"
[ -d node_modules/playwright-core ] && [ -d node_modules/axe-core ] || npm ci --no-audit --no-fund --loglevel=error >&2

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then
        command -v "$name"
        exit
    fi
done

as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
echo "Installing chromium" >&2
$as_root apt-get update -qq >&2
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends chromium >&2
command -v chromium
