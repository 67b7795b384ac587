"""Becomes the program: signals, exit codes and what it prints are its own."""

import os
import sys


def main():
    program = os.path.join(os.path.dirname(os.path.realpath(__file__)), "bin", "kith")
    os.execv(program, ["kith", *sys.argv[1:]])


if __name__ == "__main__":
    main()
