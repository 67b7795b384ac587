#!/usr/bin/env python3
"""Packs the program and all it needs: `bundle.py KITH INTO` writes kith-VERSION-linux-MACHINE.tar.gz.

In it lie the program, DuckDB's library beside it, where the program looks for it, the terms of what others have
written, the bill of materials, and checksums. `--level 0` packs without pressing, for tests.
"""

import argparse
import pathlib
import platform
import re
import subprocess
import tempfile

import archive
import licences
import parts
import sbom

LIBRARY = "libduckdb.so"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("kith", type=pathlib.Path)
    arguments.add_argument("into", type=pathlib.Path)
    arguments.add_argument("--level", type=int, default=9)
    said = arguments.parse_args()
    said.into.mkdir(parents=True, exist_ok=True)
    machine = platform.machine()
    made_of, version = parts.parts(f"{machine}-unknown-linux-gnu")
    files = programs(said.kith)
    files["README.md"] = (archive.ROOT / "packaging/bundle.md").read_bytes()
    files["LICENCES.txt"] = licences.text(made_of).encode()
    files["sbom.cdx.json"] = sbom.document(made_of, version, archive.moment()).encode()
    files["VERSION"] = f"{version}\n".encode()
    files["SHA256SUMS"] = sums(files)
    name = f"kith-{version}-linux-{machine}"
    path = said.into / f"{name}.tar.gz"
    archive.write(path, name, files, said.level)
    checksum = archive.digest(path.read_bytes())
    (said.into / f"{name}.tar.gz.sha256").write_text(f"{checksum}  {path.name}\n")
    print(path)


def programs(kith):
    """The program, and the library if it is not compiled in."""
    files = {"kith": stripped(kith)}
    if f"{LIBRARY}\0".encode() in kith.read_bytes():
        check_looks_beside(kith)
        files[LIBRARY] = (kith.parent / LIBRARY).read_bytes()
    return files


def check_looks_beside(kith):
    """A path of the machine that built it would find nothing elsewhere."""
    found = re.search(rb"R(?:UN)?PATH.*\[(.*)\]", told("readelf", "-d", kith))
    if not found or b"$ORIGIN" not in found[1].split(b":"):
        raise SystemExit(f"{kith} does not look for {LIBRARY} beside itself")


def stripped(path):
    """Without what only debuggers read; names of functions stay, for reports of panics."""
    with tempfile.NamedTemporaryFile() as file:
        told("strip", "--strip-debug", "-o", file.name, path)
        return pathlib.Path(file.name).read_bytes()


def told(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def sums(files):
    """As `sha256sum --check` reads them."""
    lines = [f"{archive.digest(content)}  {name}\n" for name, content in sorted(files.items())]
    return "".join(lines).encode()


if __name__ == "__main__":
    main()
