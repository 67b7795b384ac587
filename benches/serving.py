"""What benches in Python have in common: a server of their own, an administrator's questions, and clients that send all the time."""

import http.client
import json
import os
import subprocess
import threading
import time

KITH = os.environ.get("KITH", os.path.expanduser("~/.cache/kith/target/release/kith"))
PORT = int(os.environ.get("PORT", "18791"))
LOG = open(os.environ.get("LOG", os.devnull), "w")
CLIENTS, ALONE_SECONDS = 4, 10


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
    """Over a folder, asked with an administrator's key."""

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

    def stop(self):
        self.process.terminate()
        self.process.wait()


def megabytes(pid, name):
    """What /proc says of a process's memory, see proc_pid_status(5): `VmRSS`, `VmHWM`."""
    with open(f"/proc/{pid}/status") as lines:
        return max(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def command(folder, *arguments):
    return subprocess.run([KITH, "--data-dir", folder, *arguments], check=True, capture_output=True, text=True).stdout


def imported(home, payloads):
    """A folder in `home` that has these payloads, and an administrator's key to it."""
    folder, file = os.path.join(home, "data"), os.path.join(home, "in.jsonl")
    with open(file, "w") as lines:
        for payload in payloads:
            lines.write(json.dumps(payload) + "\n")
    command(folder, "source", "add", "Shop", "--id", "shop", "--trust", "trusted")
    command(folder, "import", file)
    return folder, command(folder, "key", "add", "bench", "--role", "admin").split()[-1]
