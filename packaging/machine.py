"""What other packagers call the machine that a bundle is for, and what the programs in it need of a system."""

import re
import subprocess
import tempfile

DEBIAN = {"x86_64": "amd64", "aarch64": "arm64"}
NPM = {"x86_64": "x64", "aarch64": "arm64"}


def parse(folder):
    """Version and machine of kith-VERSION-linux-MACHINE."""
    found = re.fullmatch(r"kith-(.+)-linux-(\w+)", folder)
    if not found:
        raise SystemExit(f"{folder} is no bundle's name")
    return found[1], found[2]


def glibc(programs):
    """The oldest C library with which all of these run, as (2, 34)."""
    wanted = set()
    for content in programs:
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            command = ["objdump", "--private-headers", file.name]
            told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        wanted |= {tuple(map(int, version)) for version in re.findall(r"GLIBC_(\d+)\.(\d+)", told)}
    return max(wanted)


def programs(files):
    """What of a bundle runs or is loaded."""
    return {name: content for name, content in files.items() if content.startswith(b"\x7fELF")}
