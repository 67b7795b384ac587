#!/usr/bin/env python3
"""What new audiences cost beside collecting, and how exactly people leave when it is time.

KITH=path/to/kith benches/audiences.py backfill [EVENTS]
    EVENTS (a million unless said) are history before an audience and a computed trait are stored. Printed are how long it took until
    they were live, and what was collected meanwhile as a part of what was collected before (wanted: 0.7).

KITH=path/to/kith benches/audiences.py alarms [PEOPLE] [SECONDS]
    So many people (20,000 unless said) leave an audience within so many seconds (60 unless said), one after the other, while clients send. Printed
    is how much later than its own moment each was told (wanted: five seconds at most).
"""

import json
import sys
import tempfile
import time

from serving import ALONE_SECONDS, Clients, Server, imported

WHAT = sys.argv[1] if len(sys.argv) > 1 else "backfill"
MANY = int(sys.argv[2]) if len(sys.argv) > 2 else (1_000_000 if WHAT == "backfill" else 20_000)
SECONDS = int(sys.argv[3]) if len(sys.argv) > 3 else 60
PER_PERSON, HOUR, QUIET = 20, 3600, 90
# The time that importing and warming may take before the first one leaves, in seconds.
AHEAD = 30 + MANY // 2_000


def moment(seconds):
    whole = int(seconds)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{int((seconds - whole) * 1000):03d}Z"


def history(number, begun):
    kind = "order" if number % 4 == 0 else "page-view"
    event = {"id": f"e{number}", "type": kind, "time": {"insert": moment(begun - number % (90 * 86_400))},
             "properties": {"total": number % 100}}
    return {"source": {"id": "shop"}, "session": {"id": f"s{number // PER_PERSON}"}, "events": [event]}


def soon(number, begun):
    at = begun + AHEAD - HOUR + SECONDS * number / MANY
    event = {"id": f"e{number}", "type": "order", "time": {"insert": moment(at)}}
    return {"source": {"id": "shop"}, "session": {"id": f"s{number}"}, "events": [event]}


class Tried(Server):
    """A server with one audience that is tried."""

    def store(self, condition):
        self.ask("POST", "/api/audiences", {"id": "tried", "name": "tried", "condition": condition})

    def until_live(self):
        begun = time.monotonic()
        while self.ask("GET", "/api/audiences/tried")["state"] != "live":
            time.sleep(0.1)
        return time.monotonic() - begun

    def until_all_are_in(self):
        """The rule is live: everybody is held against it. How many are in, and when the last one had entered: nobody does for QUIET seconds more."""
        begun = last = time.monotonic()
        members = 0
        while members == 0 or time.monotonic() < last + QUIET:
            time.sleep(0.5)
            now = self.ask("GET", "/api/audiences/tried")["members"]
            if now > members:
                members, last = now, time.monotonic()
        return members, last - begun


def backfill(server):
    clients = Clients()
    try:
        time.sleep(1)
        before = clients.rate(ALONE_SECONDS)
        computed = {"id": "spent", "function": "sum", "event_type": "order", "of": "properties.total"}
        server.ask("POST", "/api/computed-traits", computed)
        server.store('DID "order" AT LEAST 3 TIMES WITHIN 30d AND profile@computed.spent > 100')
        answered = clients.count
        seconds = server.until_live()
        beside = (clients.count - answered) / seconds
        members, entered = server.until_all_are_in()
        after = clients.rate(ALONE_SECONDS)
        print(f"{MANY:,} events: live after {seconds:.1f} s, {MANY / seconds:,.0f} events a second; "
              f"{members:,} in it {entered:.1f} s later")
        print(f"collecting at {2 * beside / (before + after):.2f} of {before:,.0f} payloads a second before and {after:,.0f} after")
    finally:
        clients.stop()


def alarms(server, begun):
    server.store('DID "order" WITHIN 1h')
    took = server.until_live()
    while server.ask("GET", "/api/audiences/tried")["members"] < MANY and time.time() < begun + AHEAD:
        time.sleep(0.2)
    left = begun + AHEAD - time.time()
    print(f"{MANY:,} people, live after {took:.1f} s; the first one leaves {left:.0f} s from now")
    clients = Clients()
    try:
        time.sleep(max(0, left) + SECONDS + 10)
    finally:
        clients.stop()
    late = "epoch(received_at) - epoch(time)"
    sql = (f"SELECT count(*) AS told, quantile_cont({late}, 0.5) AS middle, quantile_cont({late}, 0.99) AS p99, "
           f"max({late}) AS longest FROM events WHERE type = 'audience-left' AND time >= TIMESTAMPTZ '{moment(begun + AHEAD)}'")
    rows = server.ask("POST", "/sql", sql)
    print(f"told later than it was, in seconds: {json.dumps(rows)}")


def main():
    with tempfile.TemporaryDirectory() as home:
        begun, one = time.time(), history if WHAT == "backfill" else soon
        server = Tried(*imported(home, (one(number, begun) for number in range(MANY))))
        try:
            backfill(server) if WHAT == "backfill" else alarms(server, begun)
        finally:
            server.stop()


main()
