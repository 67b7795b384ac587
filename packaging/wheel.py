#!/usr/bin/env python3
"""Makes a Python wheel of a bundle: `wheel.py BUNDLE INTO`. It carries the program, as a wheel carries any data.

By hand, since there is nothing to build: a wheel is a zip archive with a list of its files.
"""

import base64
import hashlib
import time
import zipfile

import archive
import asked
import machine

NAME = "kith_server"
SOURCES = archive.ROOT / "packaging/wheel"


def main():
    said, bundle, version, processor = asked.bundle(__doc__)
    major, minor = machine.glibc(machine.programs(bundle).values())
    tag = f"py3-none-manylinux_{major}_{minor}_{processor}"
    path = said.into / f"{NAME}-{version}-{tag}.whl"
    write(path, contents(bundle, version, tag), said.level)
    print(path)


def contents(bundle, version, tag):
    info = f"{NAME}-{version}.dist-info"
    files = {f"{NAME}/{path.name}": path.read_bytes() for path in sorted(SOURCES.glob("*.py"))}
    files |= {f"{NAME}/bin/{name}": file for name, file in machine.programs(bundle).items()}
    files[f"{info}/METADATA"] = filled("METADATA", version=version) + (SOURCES / "README.md").read_bytes()
    files[f"{info}/WHEEL"] = filled("WHEEL", tag=tag)
    files[f"{info}/entry_points.txt"] = filled("entry_points.txt")
    files[f"{info}/licenses/LICENCES.txt"] = bundle["LICENCES.txt"]
    files[f"{info}/sboms/kith.cdx.json"] = bundle["sbom.cdx.json"]
    record = f"{info}/RECORD"
    lines = [f"{name},sha256={digest(file)},{len(file)}\n" for name, file in files.items()]
    files[record] = "".join([*lines, f"{record},,\n"]).encode()
    return files


def filled(name, **values):
    return (SOURCES / name).read_text().format(**values).encode()


def digest(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def write(path, files, level):
    how = zipfile.ZIP_DEFLATED if level else zipfile.ZIP_STORED
    # Zip archives know no time before 1980.
    moment = time.gmtime(max(archive.moment(), 315_532_800))[:6]
    with archive.beside(path) as unfinished, zipfile.ZipFile(unfinished, "w") as wheel:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type = how
            entry.external_attr = (0o100000 | archive.mode(name, content)) << 16
            wheel.writestr(entry, content, compresslevel=level or None)


if __name__ == "__main__":
    main()
