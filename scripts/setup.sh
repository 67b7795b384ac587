#!/bin/sh
# Finds or installs what building needs, on a Debian machine. Says what is missing elsewhere.
set -eu

# As the packages say that are built with it (`engines`).
node_min=20.19
rust_min=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$(dirname "$0")/../Cargo.toml")

# Whether the version $2 is $1 or newer.
is_enough() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }
must_have_node() {
    is_enough "$node_min" "$1" && return
    echo "Node.js $node_min or newer builds the console, and this is ${1:-none}. Debian has it from 13 on;" >&2
    echo "for others, https://nodejs.org/en/download has it." >&2
    exit 1
}

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
    if [ -n "$as_root" ] && ! command -v sudo >/dev/null 2>&1; then
        echo "There is no sudo here. Please install, as root: apt-get install$packages" >&2
        exit 1
    fi
    echo "Installing:$packages"
    $as_root apt-get update -qq
    # An older one would bring hundreds of packages, and then not do.
    case "$packages" in
        *npm*) must_have_node "$(apt-cache policy nodejs | sed -n 's/^ *Candidate: \([0-9.]*\).*/\1/p')" ;;
    esac
    # The names are words of their own.
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $packages
fi
must_have_node "$(node --version 2>/dev/null | sed 's/^v//')"

if ! command -v cargo >/dev/null 2>&1; then
    echo "Rust is missing; https://rustup.rs installs it." >&2
    exit 1
fi
rust=$(rustc --version | cut -d ' ' -f 2)
if ! is_enough "$rust_min" "$rust"; then
    echo "Rust $rust_min or newer builds Kith, and this is $rust: 'rustup update', or https://rustup.rs." >&2
    exit 1
fi
