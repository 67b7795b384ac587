#!/usr/bin/env python3
"""Makes a Debian package of a bundle: `debian.py BUNDLE INTO`, with the system's own dpkg-deb."""

import gzip
import os
import pathlib
import subprocess
import tempfile

import archive
import asked
import machine

SOURCES = archive.ROOT / "packaging/debian"
# What belongs to the administrator, and is not overwritten by a new version.
SETTINGS = {"etc/kith/kith.toml": "kith.toml", "etc/default/kith": "kith.default"}


def main():
    said, bundle, version, processor = asked.bundle(__doc__)
    architecture = machine.DEBIAN[processor]
    path = said.into / f"kith_{version}_{architecture}.deb"
    with tempfile.TemporaryDirectory() as root:
        root = pathlib.Path(root)
        lay(root, installed(bundle))
        (root / "usr/bin").mkdir()
        # It looks for its library in the folder where it really lies.
        (root / "usr/bin/kith").symlink_to("../lib/kith/kith")
        lay(root / "DEBIAN", control(root, bundle, version, architecture))
        build(root, path, said.level)
    print(path)


def installed(bundle):
    files = {f"usr/lib/kith/{name}": file for name, file in machine.programs(bundle).items()}
    files["usr/lib/systemd/system/kith.service"] = source("kith.service")
    files |= {path: source(name) for path, name in SETTINGS.items()}
    files["usr/share/doc/kith/copyright"] = bundle["LICENCES.txt"]
    files["usr/share/doc/kith/sbom.cdx.json"] = bundle["sbom.cdx.json"]
    news = (archive.ROOT / "CHANGELOG.md").read_bytes()
    files["usr/share/doc/kith/changelog.gz"] = gzip.compress(news, mtime=0)
    return files


def control(root, bundle, version, architecture):
    files = {name: source(name) for name in ("postinst", "prerm", "postrm")}
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) // 1024
    major, minor = machine.glibc(machine.programs(bundle).values())
    told = {"version": version, "architecture": architecture, "size": size, "glibc": f"{major}.{minor}"}
    # As Debian's own tools are told who packs.
    told["name"], told["mail"] = os.environ.get("DEBFULLNAME", "Kith"), os.environ.get("DEBEMAIL", "root@localhost")
    files["control"] = source("control").decode().format(**told).encode()
    files["conffiles"] = "".join(f"/{path}\n" for path in SETTINGS).encode()
    return files


def source(name):
    return (SOURCES / name).read_bytes()


def lay(root, files):
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(archive.mode(name, content))


def build(root, path, level):
    # The same of the same files: dpkg-deb takes the time of all of them from here.
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(archive.moment())}
    for folder in [root, *(one for one in root.rglob("*") if one.is_dir())]:
        folder.chmod(0o755)
    how = ["-Zxz"] if level else ["-Znone"]
    command = ["dpkg-deb", "--root-owner-group", *how, "--build", root, path]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
