#!/usr/bin/env python3
"""How fast `kith import` is, how much memory it takes, and what a flush of such events writes in the same minutes.

KITH=path/to/kith benches/import.py [EVENTS] [FORMAT...]; formats are `payloads` (of one event each), `history` (what `kith export` writes of
those) and `csv`; the first two unless said. All into new folders.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
FORMATS = sys.argv[2:] or ["payloads", "history"]
KITH = os.environ.get("KITH", os.path.expanduser("~/.cache/kith/target/release/kith"))
# Visits have so many events, and every so many visits somebody says who they are.
PER_VISIT, SAYS = 8, 5
# Of so many it is measured what a flush takes: some portions.
FLUSHED = 300_000
NEVER = {"KITH_EVENTS_FLUSH_SECONDS": "86400", "KITH_EVENTS_FLUSH_EVENTS": "1000000000", "KITH_EVENTS_FLUSH_BYTES": "1000000000000"}
MAPPING = """
source = "shop"
time = "time"
session = "session"
[[events]]
type = "page-view"
id = "no"
[events.properties]
category = "category"
"""


def moment(number):
    day, second = divmod(number * 7, 86_400)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_767_225_600 + day % 90 * 86_400 + second))


def payload(number):
    visit = number // PER_VISIT
    event = {"id": f"e{number}", "type": "page-view", "time": {"insert": moment(number)},
             "properties": {"category": f"c{number % 97}", "price": number % 1000 / 10}}
    if number % PER_VISIT == 0 and visit % SAYS == 0:
        event["type"] = "identification"
        event["properties"] = {"email": {"main": f"p{visit % (EVENTS // 40 + 1)}@example.com"}}
    context = {"page": {"url": f"https://shop.example/{number % 500}?utm_source=mail"}}
    return {"source": {"id": "shop"}, "session": {"id": f"s{visit}"}, "context": context, "events": [event]}


def write_payloads(path):
    with open(path, "w") as file:
        for number in range(EVENTS):
            file.write(json.dumps(payload(number)) + "\n")


def write_table(path):
    with open(path, "w") as file:
        file.write("no,time,session,category\n")
        for number in range(EVENTS):
            file.write(f"{number},{moment(number)},s{number // PER_VISIT},c{number % 97}\n")


class Folder:
    """A new one, with a source."""

    def __init__(self, home, name, **more):
        self.path, self.more = os.path.join(home, name), {**os.environ, **more}
        self.run("source", "add", "Shop", "--id", "shop")

    def run(self, *arguments):
        command = [KITH, "--data-dir", self.path, *arguments]
        return subprocess.run(command, check=True, env=self.more, stdout=subprocess.PIPE, text=True).stdout

    def take(self, name, *arguments):
        """Imports, and tells how fast: the whole command, from its start to its end."""
        begun = time.monotonic()
        command = [KITH, "--data-dir", self.path, "import", *arguments]
        process = subprocess.Popen(command, env=self.more, stdout=subprocess.PIPE, text=True)
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        took, processor = time.monotonic() - begun, usage.ru_utime + usage.ru_stime
        if status:
            raise SystemExit(f"{name}: {said}")
        many, memory = int(said.split()[0]), usage.ru_maxrss // 1024
        print(f"{many} {name} in {took:.1f} s: {many / took:,.0f} a second, {1e6 * processor / many:.0f} µs of the processor each, "
              f"{memory} MB at most", flush=True)
        return many / took

    def flush(self):
        """Events a second that move from the tail into files."""
        begun = time.monotonic()
        command = [KITH, "--data-dir", self.path, "events", "compact"]
        compact = subprocess.Popen(command, env=self.more, stdout=subprocess.PIPE, text=True)
        many = int(compact.stdout.readline().split()[0])
        rate = many / (time.monotonic() - begun)
        compact.communicate()
        return rate


def main():
    with tempfile.TemporaryDirectory() as home:
        files = {name: os.path.join(home, name) for name in ["payloads.jsonl", "history.jsonl", "table.csv", "some.jsonl", "mapping.toml"]}
        rates = {}
        if "csv" in FORMATS:
            write_table(files["table.csv"])
            with open(files["mapping.toml"], "w") as text:
                text.write(MAPPING)
            folder = Folder(home, "of a table")
            rates["rows of a table"] = folder.take("rows of a table", files["table.csv"], "--mapping", files["mapping.toml"])
        if set(FORMATS) & {"payloads", "history"}:
            write_payloads(files["payloads.jsonl"])
            folder = Folder(home, "of payloads")
            rates["payloads"] = folder.take("payloads", files["payloads.jsonl"])
        if "history" in FORMATS:
            folder.run("export", files["history.jsonl"])
            rates["rows of history"] = Folder(home, "of history").take("rows of history", files["history.jsonl"])
        source = files["history.jsonl" if "history" in FORMATS else "payloads.jsonl"]
        if os.path.exists(source):
            with open(source) as lines, open(files["some.jsonl"], "w") as some:
                some.writelines(line for line, _ in zip(lines, range(FLUSHED)))
            folder = Folder(home, "to be flushed", **NEVER)
            folder.run("import", files["some.jsonl"])
            flushed = folder.flush()
            of_it = ", ".join(f"{name} {rate / flushed:.2f}" for name, rate in rates.items())
            print(f"a flush of them writes {flushed:,.0f} events a second; of that: {of_it}")


main()
