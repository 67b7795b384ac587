#!/bin/sh
# Finds or builds PgBouncer, and prints its path; where that cannot be, says why and prints nothing. Debian 12 has
# one that is too old (1.18; Kith needs 1.21), so the source of Debian 13's is built. Nobody has asked for the server that a
# package would start.
set -eu

is_new() {
    version=$("$1" --version 2>/dev/null | sed -n '1s/^PgBouncer //p')
    [ -n "$version" ] && [ "$(printf '1.21\n%s\n' "$version" | sort -V | head -n 1)" = 1.21 ]
}

folder=$HOME/.cache/kith/pgbouncer-1
for found in "$(command -v pgbouncer || true)" /usr/sbin/pgbouncer "$folder/pgbouncer"; do
    [ -z "$found" ] || ! is_new "$found" || { echo "$found"; exit; }
done

fail() {
    echo "PgBouncer 1.21 or newer was not found, and $1: tests with it are skipped" >&2
    exit 0
}
keys=/usr/share/keyrings/debian-archive-keyring.gpg
command -v apt-get >/dev/null 2>&1 && [ -f "$keys" ] || fail "this is no Debian"
echo "Building PgBouncer (Debian 13's source)" >&2
as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
packages="libevent-dev pkg-config"
# The names, and apt's options below, are words of their own.
# shellcheck disable=SC2086
dpkg -s $packages >/dev/null 2>&1 || {
    $as_root apt-get update -qq >&2 &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2
} || fail "what it is built with could not be installed"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# apt's own user writes there.
chmod 0755 "$work"
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/source"
# A list of its own, beside those of the system.
echo "deb-src [signed-by=$keys] http://deb.debian.org/debian trixie main" >"$work/sources.list"
apt="-o Dir::Etc::sourcelist=$work/sources.list -o Dir::Etc::sourceparts=- -o Dir::State::lists=$work/lists -o Dir::Cache=$work/cache"
[ "$(id -u)" -ne 0 ] || chown -R _apt "$work/lists" "$work/cache" "$work/source"
# shellcheck disable=SC2086
(cd "$work/source" && apt-get $apt update -qq && apt-get $apt source -qq --download-only pgbouncer) >&2 ||
    fail "its source could not be fetched"
tar -xzf "$work"/source/pgbouncer_*.orig.tar.gz -C "$work/source"
(
    cd "$work"/source/pgbouncer-*/
    # Tests speak to it on one machine, with nobody to keep out.
    ./configure --quiet --without-openssl --without-cares --without-pam --without-systemd &&
        make --quiet pgbouncer
) >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; fail "it could not be built"; }
mkdir -p "$folder"
cp "$work"/source/pgbouncer-*/pgbouncer "$folder/pgbouncer.new"
mv "$folder/pgbouncer.new" "$folder/pgbouncer"
echo "$folder/pgbouncer"
