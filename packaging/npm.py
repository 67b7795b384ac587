#!/usr/bin/env python3
"""Makes npm packages of a bundle: `npm.py BUNDLE INTO`. One for each kind of machine carries the program, and one that
people install starts whichever of them npm has chosen.
"""

import json

import archive
import asked
import machine

NAME = "@kith/server"
SOURCES = archive.ROOT / "packaging/npm"


def main():
    said, bundle, version, processor = asked.bundle(__doc__)
    for manifest, files in (carrier(bundle, version, machine.NPM[processor]), starter(version)):
        files["package.json"] = json.dumps(manifest, indent=2).encode() + b"\n"
        file = manifest["name"].lstrip("@").replace("/", "-")
        path = said.into / f"{file}-{version}.tgz"
        archive.write(path, "package", files, said.level)
        print(path)


def carrier(bundle, version, processor):
    """npm installs it where its fields fit the machine."""
    manifest = described(f"{NAME}-linux-{processor}", version)
    manifest |= {"os": ["linux"], "cpu": [processor], "libc": ["glibc"]}
    # Yarn would keep it in an archive, from which nothing can be started.
    manifest["preferUnplugged"] = True
    files = machine.programs(bundle)
    return manifest, files | {name: bundle[name] for name in ("LICENCES.txt", "sbom.cdx.json")}


def starter(version):
    manifest = described(NAME, version)
    manifest["bin"] = {"kith": "kith.js"}
    manifest["engines"] = {"node": ">=18"}
    carriers = sorted(f"{NAME}-linux-{processor}" for processor in machine.NPM.values())
    manifest["optionalDependencies"] = dict.fromkeys(carriers, version)
    return manifest, {path.name: path.read_bytes() for path in sorted(SOURCES.iterdir())}


def described(name, version):
    text = "A customer data platform in one binary and one folder"
    return {"name": name, "version": version, "description": text}


if __name__ == "__main__":
    main()
