"""What a packager is asked on the command line."""

import argparse
import pathlib

import archive
import machine


def bundle(document):
    """The command line, and of which bundle it asks: its files, its version and its machine."""
    arguments = argparse.ArgumentParser(description=document.splitlines()[0])
    arguments.add_argument("bundle", type=pathlib.Path)
    arguments.add_argument("into", type=pathlib.Path)
    arguments.add_argument("--level", type=int, default=9)
    said = arguments.parse_args()
    folder, files = archive.read(said.bundle)
    return said, files, *machine.parse(folder)
