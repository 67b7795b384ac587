#!/usr/bin/env python3
"""How fast a rebuild decides anew on everybody, and how much is collected meanwhile.

KITH=path/to/kith benches/rebuild.py [EVENTS]

Half of the events may name somebody: visitors show cards before anybody has said that cards name people. Then that is
said, and a rebuild is begun beside clients that send as fast as they are answered. Printed are events a minute of the
shadow and of the switch (wanted: a million on two cores), and what is collected beside each as a part of what is
collected alone (wanted: 0.7).
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
KITH = os.environ.get("KITH", os.path.expanduser("~/.cache/kith/target/release/kith"))
PORT = int(os.environ.get("PORT", "18791"))
CLIENTS, ALONE_SECONDS = 4, 5
LOG = open(os.environ.get("LOG", os.devnull), "w")
PER_VISIT, VISITS_OF_CARD = 4, 3


def payload(number):
    visit = number // PER_VISIT
    event = {"type": "page-view", "properties": {"category": f"c{number % 97}"}}
    if number % 2 == 0:
        event = {"type": "card-shown", "properties": {"card": {"number": f"n{visit // VISITS_OF_CARD}"}}}
    return {"source": {"id": "shop"}, "session": {"id": f"s{visit}"}, "events": [event]}


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

    def stop(self):
        self.stopped = True
        for thread in self.threads:
            thread.join()


class Server:
    def __init__(self, folder, key):
        self.key = key
        listen = f"127.0.0.1:{PORT}"
        self.process = subprocess.Popen([KITH, "--data-dir", folder, "serve", "--listen", listen],
                                        stderr=LOG, stdout=subprocess.DEVNULL)
        for _ in range(600):
            try:
                self.ask("GET", "/health")
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the server does not start")

    def ask(self, method, address, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        headers = {"Authorization": f"Bearer {self.key}"}
        connection.request(method, address, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {address}: {answer.status} {text.decode()}")
        return json.loads(text) if text else None

    def until(self, rebuild, status, clients):
        begun, before = time.monotonic(), clients.count
        while True:
            shown = self.ask("GET", f"/api/rebuilds/{rebuild}")
            if shown["status"] == status:
                seconds = time.monotonic() - begun
                return shown["difference"], seconds, (clients.count - before) / seconds
            if shown["status"] == "failed":
                raise SystemExit("the rebuild has failed")
            time.sleep(0.05)


def command(folder, *arguments):
    return subprocess.run([KITH, "--data-dir", folder, *arguments], check=True, capture_output=True, text=True).stdout


def measure(server):
    read_from = [{"event_type": "card-shown", "property": "card.number"}]
    server.ask("POST", "/api/identity/namespaces", {"id": "card", "read_from": read_from})
    clients = Clients()
    try:
        time.sleep(1)
        before = clients.count
        time.sleep(ALONE_SECONDS)
        alone = (clients.count - before) / ALONE_SECONDS
        rebuild = server.ask("POST", "/api/rebuilds", {})["rebuild"]
        found, seconds, beside = server.until(rebuild, "ready", clients)
        line = "{}: {:.1f} s, {:,.0f} events a minute; collecting at {:.2f} of {:,.0f} payloads a second"
        print(line.format("shadow", seconds, EVENTS / seconds * 60, beside / alone, alone))
        print(f"{found['people_united']:,} people become one with others by {found['mergers_new']:,} mergers")
        server.ask("POST", f"/api/rebuilds/{rebuild}/switch", {})
        _, seconds, beside = server.until(rebuild, "done", clients)
        print(line.format("switch", seconds, EVENTS / seconds * 60, beside / alone, alone))
    finally:
        clients.stop()


def main():
    with tempfile.TemporaryDirectory() as home:
        folder, file = os.path.join(home, "data"), os.path.join(home, "in.jsonl")
        with open(file, "w") as lines:
            for number in range(EVENTS):
                lines.write(json.dumps(payload(number)) + "\n")
        command(folder, "source", "add", "Shop", "--id", "shop", "--trust", "trusted")
        command(folder, "import", file)
        key = command(folder, "key", "add", "bench", "--role", "admin").split()[-1]
        server = Server(folder, key)
        try:
            measure(server)
        finally:
            server.process.terminate()
            server.process.wait()


main()
