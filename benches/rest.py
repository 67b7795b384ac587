#!/usr/bin/env python3
"""What a server takes that nobody sends anything: of the processor, and of memory.

KITH=path/to/kith benches/rest.py
    Two hundred visits come, are flushed into a file, and then nothing comes any more. Printed are the part of a core that each thread takes within a
    minute, all of them together (wanted: 0.5 %), and memory (wanted: 50 MB): anonymous, and what is mapped of the binary and of DuckDB.
"""

import glob
import os
import tempfile
import time

from serving import Server, command, megabytes

VISITS, SETTLED_SECONDS, MEASURED_SECONDS = 200, 150, 60


def threads(process):
    """Nanoseconds of the processor that each thread has taken, by its name."""
    taken = {}
    for task in glob.glob(f"/proc/{process}/task/*"):
        name = open(f"{task}/comm").read().strip()
        taken[name] = taken.get(name, 0) + int(open(f"{task}/schedstat").read().split()[0])
    return taken


def measured(pid):
    time.sleep(SETTLED_SECONDS)
    before = threads(pid)
    time.sleep(MEASURED_SECONDS)
    taken = {name: after - before.get(name, 0) for name, after in threads(pid).items()}
    for name, nanoseconds in sorted(taken.items(), key=lambda one: -one[1]):
        print(f"{nanoseconds / MEASURED_SECONDS / 1e7:.3f} % {name}")
    print(f"{sum(taken.values()) / MEASURED_SECONDS / 1e7:.2f} % of a core")
    print(", ".join(f"{name} {megabytes(pid, name):.0f} MB" for name in ("VmRSS", "RssAnon", "RssFile")))


def main():
    with tempfile.TemporaryDirectory() as home:
        folder = os.path.join(home, "data")
        command(folder, "source", "add", "Shop", "--id", "shop")
        server = Server(folder, "")
        try:
            for number in range(VISITS):
                server.ask("POST", "/track", {"source": {"id": "shop"}, "session": {"id": f"s{number}"}, "events": [{"type": "page-view"}]})
            measured(server.process.pid)
        finally:
            server.stop()


main()
