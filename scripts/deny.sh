#!/bin/sh
# What dependencies may be (deny.toml). Licences and sources are always looked at; cargo-deny, where it
# is installed, looks at all of it, and at advisories where their database can be fetched.
set -eu
cd "$(dirname "$0")/.."
python3 scripts/deny.py

if ! cargo deny --version >/dev/null 2>&1; then
    echo "cargo-deny is not installed; yanked crates and advisories were not looked for"
    exit 0
fi
cargo deny --locked check bans licenses sources
if cargo deny --locked fetch db >/dev/null 2>&1; then
    cargo deny --locked check --disable-fetch advisories
else
    echo "the advisory database cannot be reached; advisories were not looked for"
fi
