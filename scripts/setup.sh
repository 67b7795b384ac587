#!/bin/sh
# Finds or installs what building needs, on a Debian machine. Says what is missing elsewhere.
set -eu

packages=""
command -v cc >/dev/null 2>&1 || packages="$packages build-essential"
command -v git >/dev/null 2>&1 || packages="$packages git"
command -v curl >/dev/null 2>&1 || packages="$packages curl"
command -v npm >/dev/null 2>&1 || packages="$packages npm"
python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || packages="$packages python3-venv"

if [ -n "$packages" ]; then
    as_root=""
    [ "$(id -u)" -eq 0 ] || as_root="sudo"
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "Please install:$packages" >&2
        exit 1
    fi
    echo "Installing:$packages"
    $as_root apt-get update -qq
    # The names are words of their own.
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $packages
fi

if ! command -v cargo >/dev/null 2>&1; then
    echo "Rust is missing; https://rustup.rs installs it." >&2
    exit 1
fi
