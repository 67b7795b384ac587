#!/usr/bin/env python3
"""How fast a rebuild decides anew on everybody, and how much is collected meanwhile.

KITH=path/to/kith benches/rebuild.py [EVENTS]

Half of the events may name somebody: visitors show cards before anybody has said that cards name people. Then that is
said, and a rebuild is begun beside clients that send as fast as they are answered. Printed are events a minute of the
shadow and of the switch (wanted: a million on two cores), and what is collected beside each as a part of what is
collected alone (wanted: 0.7).
"""

import sys
import tempfile
import time

from serving import ALONE_SECONDS, Clients, Server, imported

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
PER_VISIT, VISITS_OF_CARD = 4, 3


def payload(number):
    visit = number // PER_VISIT
    event = {"type": "page-view", "properties": {"category": f"c{number % 97}"}}
    if number % 2 == 0:
        event = {"type": "card-shown", "properties": {"card": {"number": f"n{visit // VISITS_OF_CARD}"}}}
    return {"source": {"id": "shop"}, "session": {"id": f"s{visit}"}, "events": [event]}


def until(server, rebuild, status, clients):
    begun, before = time.monotonic(), clients.count
    while True:
        shown = server.ask("GET", f"/api/rebuilds/{rebuild}")
        if shown["status"] == status:
            seconds = time.monotonic() - begun
            return shown["difference"], seconds, (clients.count - before) / seconds
        if shown["status"] == "failed":
            raise SystemExit("the rebuild has failed")
        time.sleep(0.05)


def measure(server):
    read_from = [{"event_type": "card-shown", "property": "card.number"}]
    server.ask("POST", "/api/identity/namespaces", {"id": "card", "read_from": read_from})
    clients = Clients()
    try:
        time.sleep(1)
        alone = clients.rate(ALONE_SECONDS)
        rebuild = server.ask("POST", "/api/rebuilds", {})["rebuild"]
        found, seconds, beside = until(server, rebuild, "ready", clients)
        line = "{}: {:.1f} s, {:,.0f} events a minute; collecting at {:.2f} of {:,.0f} payloads a second"
        print(line.format("shadow", seconds, EVENTS / seconds * 60, beside / alone, alone))
        print(f"{found['people_united']:,} people become one with others by {found['mergers_new']:,} mergers")
        server.ask("POST", f"/api/rebuilds/{rebuild}/switch", {})
        _, seconds, beside = until(server, rebuild, "done", clients)
        print(line.format("switch", seconds, EVENTS / seconds * 60, beside / alone, alone))
    finally:
        clients.stop()


def main():
    with tempfile.TemporaryDirectory() as home:
        server = Server(*imported(home, map(payload, range(EVENTS))))
        try:
            measure(server)
        finally:
            server.stop()


main()
