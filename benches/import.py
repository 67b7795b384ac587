#!/usr/bin/env python3
"""How fast `kith import` is, and how much memory it takes: payloads of one event each into a new folder.

KITH=path/to/kith benches/import.py [EVENTS] [FORMAT]; FORMAT is `payloads` (unless said), `history` or `csv`.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
FORMAT = sys.argv[2] if len(sys.argv) > 2 else "payloads"
KITH = os.environ.get("KITH", os.path.expanduser("~/.cache/kith/target/release/kith"))
# Visits have so many events, and every so many visits somebody says who they are.
PER_VISIT, SAYS = 8, 5
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


def write(path):
    with open(path, "w") as file:
        if FORMAT == "csv":
            file.write("no,time,session,category\n")
            for number in range(EVENTS):
                file.write(f"{number},{moment(number)},s{number // PER_VISIT},c{number % 97}\n")
            return
        for number in range(EVENTS):
            one = payload(number)
            if FORMAT == "history":
                event = one["events"][0]
                one = {"id": event["id"], "type": event["type"], "time": event["time"]["insert"],
                       "source_id": "shop", "session_id": one["session"]["id"],
                       "profile_id": f"p{number // PER_VISIT}", "properties": event["properties"],
                       "context": one["context"]}
            file.write(json.dumps(one) + "\n")


def main():
    with tempfile.TemporaryDirectory() as home:
        folder = os.path.join(home, "data")
        file = os.path.join(home, "in.csv" if FORMAT == "csv" else "in.jsonl")
        write(file)
        command = [KITH, "--data-dir", folder]
        subprocess.run([*command, "source", "add", "Shop", "--id", "shop"], check=True, stdout=subprocess.DEVNULL)
        arguments = [*command, "import", file]
        if FORMAT == "csv":
            mapping = os.path.join(home, "mapping.toml")
            with open(mapping, "w") as text:
                text.write(MAPPING)
            arguments += ["--mapping", mapping]
        begun = time.monotonic()
        subprocess.run(arguments, check=True)
        took = time.monotonic() - begun
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        print(f"{EVENTS} {FORMAT} in {took:.1f} s: {EVENTS / took:,.0f} a second; {memory} MB at most")


main()
