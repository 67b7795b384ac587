#!/usr/bin/env python3
"""What a large folder costs: as many people, each with two visits, beside an empty folder, in turn.

KITH=path/to/kith benches/size.py [PEOPLE]
    So many (ten million unless said; they take some 1.4 kB of disk each) are made from a thousand that Kith itself has stored, by copying rows
    under other ids. Printed are how long a start takes, what it serves (wrk, page.lua) as a part of what it serves with nobody (wanted: 0.8), with
    visitors who are new or come back, and with any of the visits that there are, and the memory it takes (wanted: 700 MB).
"""

import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time

from serving import KITH, PORT, Server, command, megabytes
from wrk import sent

PEOPLE = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
MADE, PAIRS = 1_000, int(os.environ.get("PAIRS", "3"))
COPIES = PEOPLE // MADE
# Ids begin with eight digits: those of the copy.
COPIED = "printf('%08x', copy) || substr({id}, 9)"


def made(folder):
    """A folder with a thousand visitors, as Kith stores them."""
    command(folder, "source", "add", "Shop", "--id", "shop")
    file = os.path.join(folder, "in.jsonl")
    with open(file, "w") as lines:
        for number in range(MADE):
            visit = {"source": {"id": "shop"}, "session": {"id": f"00000000-0000-4000-8000-{number:012x}"}, "events": [{"type": "page-view"}]}
            lines.write(json.dumps(visit) + "\n")
    command(folder, "import", file)
    os.remove(file)
    # Nothing of them is left in memory: a server that has ended has written everything.
    Server(folder, "").stop()


def multiplied(folder):
    """The same with `COPIES` of each, and a second visit of each."""
    database = sqlite3.connect(os.path.join(folder, "kith.db"), isolation_level=None)
    for line in ("PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -1000000"):
        database.execute(line).fetchall()
    copies = f"WITH RECURSIVE copies(copy) AS (SELECT 1 UNION ALL SELECT copy + 1 FROM copies WHERE copy < {COPIES})"
    new, of = COPIED.format(id="one.id"), COPIED.format(id="one.profile_id")
    second = f"substr({new}, 1, 9) || 'ffff' || substr(one.id, 14)"
    body = "replace(replace(one.body, one.id, {id}), one.profile_id, {of})"
    statements = [
        f"INSERT INTO profile SELECT {new}, version, replace(one.body, one.id, {new}) FROM copies, (SELECT * FROM made_profile ORDER BY id) AS one",
        f"INSERT INTO alias SELECT {new}, {of} FROM copies, (SELECT * FROM made_alias ORDER BY id) AS one",
        f"INSERT INTO session SELECT {new}, {of}, version, stream, seq, {body.format(id=new, of=of)} "
        "FROM copies, (SELECT * FROM made_session ORDER BY id) AS one",
        f"INSERT INTO session SELECT {second}, {of}, version, stream, seq, {body.format(id=second, of=of)} "
        "FROM copies, (SELECT * FROM made_session ORDER BY id) AS one",
    ]
    for table in ("profile", "alias", "session"):
        database.execute(f"CREATE TEMP TABLE made_{table} AS SELECT * FROM {table}")
    database.execute("BEGIN")
    for table, statement in zip(("profile", "alias", "session", "session"), statements):
        begun = time.monotonic()
        database.execute(f"{copies} {statement}")
        rows = database.execute("SELECT changes()").fetchone()[0]
        print(f"{rows:,} rows of {table} in {time.monotonic() - begun:.0f} s", flush=True)
    database.execute("COMMIT")
    database.execute("PRAGMA journal_mode = WAL").fetchall()
    database.close()
    # All of it is on disk: what is still being written would slow whoever is measured.
    os.sync()


def tried(folder, known):
    """Requests a second, and the memory; `known` visits are asked for by their number."""
    os.environ["KNOWN"] = str(known)
    begun = time.monotonic()
    server = Server(folder, "")
    started = time.monotonic() - begun
    try:
        rate, told = sent(PORT)
        return rate, told, started, megabytes(server.process.pid, "VmHWM")
    finally:
        server.stop()


def main():
    with tempfile.TemporaryDirectory() as home:
        large = os.path.join(home, "large")
        made(large)
        multiplied(large)
        size = os.path.getsize(os.path.join(large, "kith.db")) / 1e9
        print(f"{PEOPLE:,} people, {2 * PEOPLE:,} visits, {size:.1f} GB\n")
        print("| nobody, requests/s | visitors new or coming back | of nobody | any visit | of nobody | p99, ms | start, s | memory, MB |")
        print("|---|---|---|---|---|---|---|---|", flush=True)
        ratios = []
        for pair in range(PAIRS):
            empty = os.path.join(home, f"empty {pair}")
            command(empty, "source", "add", "Shop", "--id", "shop")
            floor, _, _, _ = tried(empty, 0)
            usual, told, started, most = tried(large, 0)
            any_visit, _, _, most_of_any = tried(large, COPIES)
            ratios.append(usual / floor)
            print(f"| {floor:.0f} | {usual:.0f} | **{usual / floor:.2f}** | {any_visit:.0f} | {any_visit / floor:.2f} | {told['p99']:.1f} "
                  f"| {started:.2f} | {max(most, most_of_any):.0f} |", flush=True)
        print(f"\nIn the middle: {statistics.median(ratios):.2f}; {KITH}")


if __name__ == "__main__":
    main()
