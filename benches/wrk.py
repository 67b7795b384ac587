#!/usr/bin/env python3
"""The second driver: wrk, one thread and 64 connections, a page's payload (page.lua), Kith at its defaults in a fresh folder, and the
reference server, in turn. Prints a table."""

import json
import os
import statistics
import subprocess
import sys
import tempfile

from serving import KITH, PORT, Server, command

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "page.lua")
REFERENCE = os.path.join(os.path.dirname(KITH), "examples", "reference")
WRK = os.environ.get("WRK", "wrk")
CONNECTIONS, PAIRS = 64, int(os.environ.get("PAIRS", "3"))
SECONDS = int(os.environ.get("SECONDS", "10"))


def sent(port):
    """What wrk says of `SECONDS` against this port."""
    said = subprocess.run([WRK, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-s", SCRIPT, f"http://127.0.0.1:{port}"],
                          check=True, capture_output=True, text=True).stdout
    answer = json.loads(said.splitlines()[-1])
    if answer["refused"]:
        raise SystemExit(f"{answer['refused']} refused: what is refused fast is not fast")
    return answer["requests"] / answer["seconds"], answer


def processor(pid):
    """Seconds of the processor that a process and all it started have taken."""
    own = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
    return (int(own[11]) + int(own[12])) / os.sysconf("SC_CLK_TCK") + sum(processor(int(child)) for child in children)


def main():
    reference = subprocess.Popen([REFERENCE, f"127.0.0.1:{PORT + 1}"], stdout=subprocess.DEVNULL)
    print("| reference, requests/s | Kith, requests/s | ratio | p50, ms | p99, ms | longest, ms | µs of the processor |")
    print("|---|---|---|---|---|---|---|", flush=True)
    ratios = []
    try:
        for _ in range(PAIRS):
            with tempfile.TemporaryDirectory() as home:
                command(home, "source", "add", "Shop", "--id", "shop")
                server = Server(home, "")
                floor, _ = sent(PORT + 1)
                before = processor(server.process.pid)
                rate, told = sent(PORT)
                took = 1e6 * (processor(server.process.pid) - before) / told["requests"]
                server.stop()
            ratios.append(rate / floor)
            print(f"| {floor:.0f} | {rate:.0f} | **{rate / floor:.2f}** | {told['p50']:.2f} | {told['p99']:.2f} "
                  f"| {told['longest']:.1f} | {took:.0f} |", flush=True)
        print(f"\nIn the middle: {statistics.median(ratios):.2f}")
    finally:
        reference.kill()
        reference.wait()


if __name__ == "__main__":
    sys.exit(main())
