"""Holds the licence and the source of every dependency against deny.toml, with nothing but Cargo.

With a folder as argument, of the workspace there; what is wrong is named, a line each, and ends it with 1.
"""

import json
import pathlib
import re
import subprocess
import sys

CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index"


def listed(text, section, key):
    """The texts of a list of deny.toml. Python reads TOML only since 3.11."""
    found = re.search(rf"^\[{section}\]$(.*?)(?=^\[|\Z)", text, re.M | re.S)
    found = found and re.search(rf"^{key} = \[(.*?)\]", found[1], re.M | re.S)
    return set(re.findall(r'"([^"]*)"', found[1])) if found else set()


def allowed(expression, licences):
    """Whether the licences allow an SPDX expression: AND binds before OR, and WITH before both."""
    words = re.findall(r"[()]|[^\s()/]+", expression.replace("/", " OR "))
    at = 0

    def any_of():
        nonlocal at
        result = all_of()
        while at < len(words) and words[at] == "OR":
            at += 1
            result = all_of() or result
        return result

    def all_of():
        nonlocal at
        result = one()
        while at < len(words) and words[at] == "AND":
            at += 1
            result = one() and result
        return result

    def one():
        nonlocal at
        word = words[at]
        at += 1
        if word == "(":
            result = any_of()
            at += 1
            return result
        if at + 1 < len(words) and words[at] == "WITH":
            word = f"{word} WITH {words[at + 1]}"
            at += 2
        return word in licences

    return bool(words) and any_of()


def problems(folder):
    text = (folder / "deny.toml").read_text()
    licences = listed(text, "licenses", "allow")
    platforms = [("--filter-platform", target) for target in listed(text, "graph", "targets")]
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    command += [word for pair in platforms for word in pair]
    told = json.loads(subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE).stdout)
    needed = {node["id"] for node in told["resolve"]["nodes"]}
    for package in told["packages"]:
        name = f"{package['name']} {package['version']}"
        own = package["id"] in told["workspace_members"]
        if own or package["id"] not in needed:
            continue
        if package["source"] != CRATES_IO:
            yield f"{name} comes from {package['source'] or package['manifest_path']}"
        licence = package["license"] or ""
        if not allowed(licence, licences):
            yield f"{name} is licensed {licence or 'by a file of its own'}"


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    wrong = list(problems(folder))
    for line in wrong:
        print(f"deny.toml: {line}")
    sys.exit(bool(wrong))
