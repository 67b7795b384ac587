"""Archives that are the same, byte for byte, when they are made again of the same files."""

import contextlib
import gzip
import hashlib
import io
import os
import pathlib
import subprocess
import tarfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def moment():
    """The time that everything in an archive has: the last commit's, unless SOURCE_DATE_EPOCH says."""
    said = os.environ.get("SOURCE_DATE_EPOCH")
    if said is None:
        command = ["git", "log", "-1", "--format=%ct"]
        told = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        said = told.stdout.strip() or 0
    return int(said)


def write(path, folder, files, level):
    """Writes a .tar.gz of `files`, name to bytes, in a folder."""
    with beside(path) as unfinished:
        with gzip.GzipFile("", "wb", level, unfinished, mtime=moment()) as packed:
            with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar:
                for name, content in sorted(files.items()):
                    entry = tarfile.TarInfo(f"{folder}/{name}")
                    entry.size, entry.mtime, entry.mode = len(content), moment(), mode(name, content)
                    tar.addfile(entry, io.BytesIO(content))


def read(path):
    """The files of such an archive, name to bytes, and its folder."""
    with tarfile.open(path) as tar:
        files = {entry.name: tar.extractfile(entry).read() for entry in tar if entry.isfile()}
    folder = next(iter(files)).partition("/")[0]
    return folder, {name.partition("/")[2]: content for name, content in files.items()}


def mode(name, content):
    """What begins as programs do is executable, but for what they load."""
    is_program = content.startswith((b"\x7fELF", b"#!")) and not name.endswith(".so")
    return 0o755 if is_program else 0o644


def digest(content):
    return hashlib.sha256(content).hexdigest()


@contextlib.contextmanager
def beside(path):
    """A file that gets its name when it is whole."""
    unfinished = path.with_name(path.name + ".unfinished")
    with unfinished.open("wb") as file:
        yield file
    unfinished.rename(path)
