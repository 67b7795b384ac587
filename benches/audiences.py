#!/usr/bin/env python3
"""What new audiences cost beside collecting, and how exactly people leave when it is time.

KITH=path/to/kith benches/audiences.py backfill [EVENTS]
    EVENTS (a million unless said) are history before an audience and a computed trait are stored. Printed are how long it took until
    they were live, and what was collected meanwhile as a part of what was collected before (wanted: 0.7).

KITH=path/to/kith benches/audiences.py alarms [PEOPLE] [SECONDS]
    So many people (20,000 unless said) leave an audience within so many seconds (60 unless said), one after the other, while clients send. Printed
    is how much later than its own moment each was told (wanted: five seconds at most).
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

WHAT = sys.argv[1] if len(sys.argv) > 1 else "backfill"
MANY = int(sys.argv[2]) if len(sys.argv) > 2 else (1_000_000 if WHAT == "backfill" else 20_000)
SECONDS = int(sys.argv[3]) if len(sys.argv) > 3 else 60
KITH = os.environ.get("KITH", os.path.expanduser("~/.cache/kith/target/release/kith"))
PORT = int(os.environ.get("PORT", "18792"))
LOG = open(os.environ.get("LOG", os.devnull), "w")
CLIENTS, ALONE_SECONDS, PER_PERSON, HOUR = 4, 5, 20, 3600
# The time that importing and warming may take before the first one leaves, in seconds.
AHEAD = 30 + MANY // 4_000


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


class Clients:
    """Send until they are stopped, and count what was answered."""

    def __init__(self):
        self.count, self.stopped = 0, False
        self.threads = [threading.Thread(target=self.run, args=(client,)) for client in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def run(self, client):
        connection = http.client.HTTPConnection("127.0.0.1", PORT)
        number = 0
        while not self.stopped:
            body = json.dumps({"source": {"id": "shop"}, "session": {"id": f"live {client} {number // 20}"},
                               "events": [{"type": "page-view"}] * 10})
            connection.request("POST", "/track", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            number += 1
            if answer.status == 200:
                self.count += 1

    def rate(self, seconds):
        before = self.count
        time.sleep(seconds)
        return (self.count - before) / seconds

    def stop(self):
        self.stopped = True
        for thread in self.threads:
            thread.join()


class Server:
    def __init__(self, folder, key):
        self.key = key
        self.process = subprocess.Popen([KITH, "--data-dir", folder, "serve", "--listen", f"127.0.0.1:{PORT}"],
                                        stderr=LOG, stdout=subprocess.DEVNULL)
        for _ in range(600):
            try:
                self.ask("GET", "/health")
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the server does not start")

    def ask(self, method, address, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
        headers = {"Authorization": f"Bearer {self.key}"}
        body = body if body is None or isinstance(body, str) else json.dumps(body)
        connection.request(method, address, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {address}: {answer.status} {text.decode()}")
        return json.loads(text) if text else None

    def store(self, condition):
        self.ask("POST", "/api/audiences", {"id": "tried", "name": "tried", "condition": condition})

    def until_live(self):
        begun = time.monotonic()
        while self.ask("GET", "/api/audiences/tried")["state"] != "live":
            time.sleep(0.1)
        return time.monotonic() - begun


def backfill(server):
    clients = Clients()
    try:
        time.sleep(1)
        alone = clients.rate(ALONE_SECONDS)
        computed = {"id": "spent", "function": "sum", "event_type": "order", "of": "properties.total"}
        server.ask("POST", "/api/computed-traits", computed)
        server.store('DID "order" AT LEAST 3 TIMES WITHIN 30d AND profile@computed.spent > 100')
        before = clients.count
        seconds = server.until_live()
        beside = (clients.count - before) / seconds
        members = server.ask("GET", "/api/audiences/tried")["members"]
        print(f"{MANY:,} events: live after {seconds:.1f} s, {MANY / seconds:,.0f} events a second, {members:,} in it at once")
        print(f"collecting at {beside / alone:.2f} of {alone:,.0f} payloads a second")
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


def command(folder, *arguments):
    return subprocess.run([KITH, "--data-dir", folder, *arguments], check=True, capture_output=True, text=True).stdout


def main():
    with tempfile.TemporaryDirectory() as home:
        folder, file, begun = os.path.join(home, "data"), os.path.join(home, "in.jsonl"), time.time()
        one = history if WHAT == "backfill" else soon
        with open(file, "w") as lines:
            for number in range(MANY):
                lines.write(json.dumps(one(number, begun)) + "\n")
        command(folder, "source", "add", "Shop", "--id", "shop", "--trust", "trusted")
        command(folder, "import", file)
        key = command(folder, "key", "add", "bench", "--role", "admin").split()[-1]
        server = Server(folder, key)
        try:
            backfill(server) if WHAT == "backfill" else alarms(server, begun)
        finally:
            server.process.terminate()
            server.process.wait()


main()
