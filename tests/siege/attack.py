"""One attacker of the siege: keeps connections of one kind to a server, and opens those anew that
the server closes.

    attack.py KIND PORT CONNECTIONS SECONDS FIRST LAST

Connections come from the addresses 127.0.0.FIRST to 127.0.0.LAST in turn. In the end it prints how
many it has opened, and how many the server has closed.
"""

import errno
import os
import socket
import sys
import time

# So many are opened in one turn at most: an attacker with a machine as busy as the server's.
OPENED_AT_ONCE = 150
TURN = 0.1
# How often a trickle goes on.
TRICKLE = 1.0

HEAD = b"POST /track HTTP/1.1\r\nHost: kith\r\n"


def with_body(length):
    return HEAD + b"Content-Length: %d\r\n\r\n" % length


def question(sql):
    """Asked again as soon as it is answered, by whoever has the token at KITH_TOKEN."""
    head = b"POST /sql HTTP/1.1\r\nHost: kith\r\nConnection: close\r\nAuthorization: Bearer KITH_TOKEN\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(sql) + sql


# What each kind sends at first, and what it goes on with.
KINDS = {
    # A head that never ends.
    "heads": (HEAD, b"X-More: x\r\n"),
    # Nothing at all.
    "silent": (b"", b""),
    # One request, and then nothing.
    "idle": (b"GET /health HTTP/1.1\r\nHost: kith\r\n\r\n", b""),
    # A large body that ends just before its last byte.
    "bodies": (with_body(1000000) + b" " * 999000, b" "),
    # A small one.
    "trickles": (with_body(10000) + b" " * 100, b" "),
    # A head as large as servers used to take.
    "large-heads": (HEAD + b"X: " + b"x" * 390000, b"x"),
    # A question that overruns a stack, one that takes all memory in one call, one that does not listen.
    "sql-deep": (question(b"SELECT json_structure(repeat('[', 2000000) || repeat(']', 2000000))"), b""),
    "sql-large": (question(b"SELECT len(range(2000000000))"), b""),
    "sql-endless": (
        question(
            b"SELECT max(levenshtein(repeat('ab', 20000), repeat('ba', 20000) || i::VARCHAR)) "
            b"FROM range(2000) t(i)"
        ),
        b"",
    ),
    # Asks for much, and reads nothing.
    "deaf": (b"GET /openapi.json HTTP/1.1\r\nHost: kith\r\n\r\n" * 20, b""),
}


class Connection:
    """One connection, and what of its first bytes is yet to be sent."""

    def __init__(self, address, port, first, deaf):
        self.socket = socket.socket()
        if deaf:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.socket.setblocking(False)
        self.socket.bind((address, 0))
        self.left = memoryview(first)
        self.deaf = deaf
        try:
            self.socket.connect(("127.0.0.1", port))
        except BlockingIOError:
            pass

    def goes_on(self, more):
        """Sends what it can. False when the server has closed the connection."""
        try:
            if self.left:
                self.left = self.left[self.socket.send(self.left) :]
            elif more:
                self.socket.send(more)
            return self.deaf or self.socket.recv(65536) != b""
        except BlockingIOError:
            return True
        except OSError as error:
            # Not connected yet.
            return error.errno == errno.ENOTCONN


def main():
    kind, port, wanted, seconds, first, last = sys.argv[1], *map(int, sys.argv[2:])
    begins, more = KINDS[kind]
    begins = begins.replace(b"KITH_TOKEN", os.environ.get("KITH_TOKEN", "").encode())
    addresses = [f"127.0.0.{number}" for number in range(first, last + 1)]
    connections, opened, closed = [], 0, 0
    end, trickle = time.monotonic() + seconds, time.monotonic()
    while time.monotonic() < end:
        for _ in range(min(OPENED_AT_ONCE, wanted - len(connections))):
            address = addresses[opened % len(addresses)]
            try:
                connections.append(Connection(address, port, begins, kind == "deaf"))
                opened += 1
            except OSError:
                break
        is_time = time.monotonic() >= trickle
        if is_time:
            trickle = time.monotonic() + TRICKLE
        kept = []
        for connection in connections:
            if connection.left or is_time:
                if not connection.goes_on(more if is_time else b""):
                    connection.socket.close()
                    closed += 1
                    continue
            kept.append(connection)
        connections = kept
        time.sleep(TURN)
    print(kind, opened, closed, len(connections))


main()
