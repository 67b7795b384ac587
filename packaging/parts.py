"""What the program is made of that others have written: crates, what pages are made of, DuckDB.

Only what ends in the program, and the macros that write some of it: what tests, builds and other platforms
need is not in it.
"""

import dataclasses
import json
import pathlib
import re
import subprocess

from archive import ROOT

# How files begin that say under which terms something may be passed on.
TERMS = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE", "COPYRIGHT")
# Texts for parts that name a licence and bring none.
STANDARD = ROOT / "packaging/licences"


@dataclasses.dataclass(frozen=True)
class Part:
    """Something of somebody else's. `ecosystem` is the one of its package URL."""

    ecosystem: str
    name: str
    version: str
    licence: str
    authors: str
    texts: tuple

    @property
    def purl(self):
        name = self.name.replace("@", "%40")
        return f"pkg:{self.ecosystem}/{name}@{self.version}"


def parts(target):
    """Everything, sorted, for a target as the compiler calls it."""
    crates, others, version = cargo(target)
    found = [crate(package) for package in crates]
    found += [duckdb(crates), swagger(others), *npm()]
    return sorted(found, key=lambda part: (part.ecosystem, part.name, part.version)), version


def cargo(target):
    """The packages that are linked, without our own, those that only help to build, and our own version."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
    told = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    told = json.loads(told)
    packages = {package["id"]: package for package in told["packages"]}
    uses = {node["id"]: node["deps"] for node in told["resolve"]["nodes"]}
    root = told["resolve"]["root"]
    linked, open_ids = set(), [root]
    while open_ids:
        one = open_ids.pop()
        if one not in linked:
            linked.add(one)
            open_ids += [use["pkg"] for use in uses[one] if is_linked(use)]
    others = [packages[one] for one in uses.keys() - linked]
    return [packages[one] for one in linked - {root}], others, packages[root]["version"]


def is_linked(use):
    """Neither for tests nor for build scripts alone."""
    return any(kind["kind"] is None for kind in use["dep_kinds"])


def crate(package):
    licence = (package["license"] or "").replace("/", " OR ")
    authors = ", ".join(package["authors"]) or package["repository"] or package["name"]
    folder = pathlib.Path(package["manifest_path"]).parent
    texts = terms(folder) or standard(licence, authors)
    return Part("cargo", package["name"], package["version"], licence, authors, texts)


def terms(folder):
    """The texts in a package, those of what it has taken from others too."""
    files = (path for path in sorted(folder.rglob("*")) if path.name.upper().startswith(TERMS))
    texts = [path.read_text("utf-8", "replace").strip() for path in files if path.is_file()]
    return tuple(dict.fromkeys(text for text in texts if text))


def standard(licence, authors):
    """The text of the first of these licences that we have one of."""
    for name in re.findall(r"[\w.-]+", licence):
        path = STANDARD / f"{name}.txt"
        if path.exists():
            return (path.read_text().replace("AUTHORS", authors).strip(),)
    return ()


def duckdb(crates):
    """The library itself; the crate that links it has its version and its terms."""
    sys = named("libduckdb-sys", crates)
    # 1.10506.1 is made for 1.5.6.
    digits = sys["version"].split(".")[1]
    version = f"{digits[0]}.{int(digits[1:3])}.{int(digits[3:])}"
    texts = terms(pathlib.Path(sys["manifest_path"]).parent)
    return Part("generic", "duckdb", version, "MIT", "Stichting DuckDB Foundation", texts)


def swagger(crates):
    """The page that shows the interface, which a crate carries as a file named by its version."""
    folder = pathlib.Path(named("utoipa-swagger-ui-vendored", crates)["manifest_path"]).parent
    version = next(folder.glob("res/v*.zip")).stem.removeprefix("v")
    text = standard("Apache-2.0", "")
    return Part("npm", "swagger-ui", version, "Apache-2.0", "SmartBear Software", text)


def named(name, packages):
    return next(package for package in packages if package["name"] == name)


def npm():
    """What the console is built of; the browser script is built of nothing."""
    folder = ROOT / "console"
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    for path, package in packages.items():
        # Types are gone once they are compiled.
        if not path or package.get("dev") or "/@types/" in path:
            continue
        manifest = json.loads((folder / path / "package.json").read_text())
        licence = manifest.get("license") or package.get("license", "")
        authors = author(manifest)
        name = path.rpartition("node_modules/")[2]
        texts = terms(folder / path) or standard(licence, authors)
        yield Part("npm", name, package["version"], licence, authors, texts)


def author(manifest):
    said = manifest.get("author") or manifest["name"]
    return said if isinstance(said, str) else said.get("name", manifest["name"])
