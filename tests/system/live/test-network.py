#!/usr/bin/env python3
"""Connections, really made on loopback: both sides, what became of them, how long they lasted, and whose they were.

Argument: the agent. SPOOR_AGENT overrides it."""

import os
import signal
import socket
import struct
import subprocess
import sys
import time
import unittest

from harness import Database, Recorder, folder, require_audit

# A server and a client, each a program of its own, so that whose side a row tells of can be told apart. The server accepts
# one connection for each number in its arguments, and holds it until the client closes.
SERVER = """
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
with socket.socket(family) as listener:
    listener.bind((sys.argv[1], 0))
    listener.listen()
    print(listener.getsockname()[1], flush=True)
    for _ in range(int(sys.argv[2])):
        connection, _ = listener.accept()
        try:
            connection.recv(100)  # nothing is sent: the end, or a reset
        except ConnectionResetError:
            pass
        connection.close()
"""
CLIENT = """
import socket, sys, time
with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:
    print(s.getsockname()[1], flush=True)
    time.sleep(float(sys.argv[3]))
"""
ATTEMPTS = """
import errno, select, socket, sys, time
address, refused = ("127.0.0.1", int(sys.argv[1])), ("127.0.0.1", int(sys.argv[2]))
for again in (False, True):
    s = socket.socket()
    s.setblocking(False)
    assert s.connect_ex(address) == errno.EINPROGRESS
    select.select([], [s], [])
    codes = [s.connect_ex(address), s.connect_ex(address)] if again else []
    assert codes == ([0, errno.EISCONN] if again else [])
    print(s.getsockname()[1], flush=True)
    time.sleep(0.5)
    s.close()
s = socket.socket()
s.setblocking(False)
assert s.connect_ex(refused) == errno.EINPROGRESS
print(s.getsockname()[1], flush=True)
time.sleep(0.3)
s.close()
"""
RESET = """
import socket, struct, sys, time
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print(s.getsockname()[1], flush=True)
time.sleep(0.4)
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
"""
DATAGRAMS = """
import socket, sys, time
for pause in (0.4, 0):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect(("127.0.0.1", int(sys.argv[1])))
    print(s.getsockname()[1], flush=True)
    time.sleep(pause)
    s.close()
"""


def program(code, *arguments):
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, text=True)


def finished(process):
    out, _ = process.communicate(timeout=30)
    return [int(word) for word in out.split()]


class Server:
    def __init__(self, address, n):
        self.address = address
        self.process = program(SERVER, address, n)
        self.port = int(self.process.stdout.readline())

    def end(self):
        finished(self.process)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Network(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        audit = require_audit()
        cls.where = folder()
        with socket.socket() as listener:
            cls.early(listener)
            recorder = Recorder(cls.where / "monitor.db")
            recorder.wait_ready(audit)
            time.sleep(2)  # what was there before is being looked at
            cls.before.close()
            cls.before_peer.close()
        cls.story()
        cls.ended = recorder.end()
        cls.db = Database(cls.where / "monitor.db")

    @classmethod
    def early(cls, listener):
        """A connection that the recorder only finds."""
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        cls.before = socket.create_connection(listener.getsockname())
        cls.before_peer, _ = listener.accept()
        cls.before_ports = (listener.getsockname()[1], cls.before.getsockname()[1])

    @classmethod
    def story(cls):
        cls.servers = {address: Server(address, n) for address, n in (("127.0.0.1", 6), ("::1", 1))}
        v4, v6 = cls.servers["127.0.0.1"], cls.servers["::1"]
        cls.held = {server.address: program(CLIENT, server.address, server.port, 1.5) for server in (v4, v6)}
        cls.ports = {address: finished(client) for address, client in cls.held.items()}
        cls.short = program(CLIENT, v4.address, v4.port, 0)
        cls.short_port = finished(cls.short)
        cls.killed = program(CLIENT, v4.address, v4.port, 1000)
        cls.killed_port = int(cls.killed.stdout.readline())
        time.sleep(0.7)
        cls.killed.send_signal(signal.SIGKILL)
        cls.killed.communicate()
        cls.refused = free_port()
        cls.attempts = program(ATTEMPTS, v4.port, cls.refused)
        cls.attempt_ports = finished(cls.attempts)
        cls.reset = program(RESET, v4.port)
        cls.reset_port = finished(cls.reset)
        for server in cls.servers.values():
            server.end()
        cls.datagram_to = free_port()
        cls.datagrams = program(DATAGRAMS, cls.datagram_to)
        cls.datagram_ports = finished(cls.datagrams)

    def rows(self, process, *more):
        return self.db.query(" and ".join([f"event.category == network and process.pid == {process.pid}", *more]))

    def one(self, process, *more):
        rows = self.rows(process, *more)
        self.assertEqual(len(rows), 1, rows)
        return rows[0]

    def assert_ends(self, row, source, destination, address="127.0.0.1"):
        self.assertEqual((row["source.ip"], row.get("source.port"), row["destination.ip"], row["destination.port"]),
                         (address, source, address, destination), row)

    def assert_seconds(self, row, about):
        """Seen from outside: never shorter, and longer by no more than a slow machine makes it."""
        self.assertGreaterEqual(row["event.duration"], (about - 0.02) * 1e9)
        self.assertLess(row["event.duration"], (about + 5) * 1e9)

    def test_nothing_went_wrong(self):
        self.assertEqual((self.ended[0], self.ended[2]), (0, ""), self.ended)

    def test_held(self):
        for address, client in self.held.items():
            server, [port] = self.servers[address], self.ports[address]
            self.assert_ends(self.one(client, "event.action == Connect"), port, server.port, address)
            end = self.one(client, "event.action == Disconnect")
            self.assert_ends(end, port, server.port, address)
            self.assertEqual((end["network.direction"], end["network.transport"]), ("egress", "tcp"))
            self.assert_seconds(end, 1.5)
            accepted = self.one(server.process, "event.action == Accept", f"source.port == {port}")
            self.assert_ends(accepted, port, server.port, address)
            end = self.one(server.process, "event.action == Disconnect", f"source.port == {port}")
            self.assert_ends(end, port, server.port, address)
            self.assertEqual(end["network.direction"], "ingress")
            self.assert_seconds(end, 1.5)

    def test_short(self):
        server, [port] = self.servers["127.0.0.1"], self.short_port
        self.assert_ends(self.one(self.short, "event.action == Connect"), port, server.port)
        end = self.one(self.short, "event.action == Disconnect")
        self.assert_ends(end, port, server.port)
        self.assert_seconds(end, 0)

    def test_killed(self):
        end = self.one(self.killed, "event.action == Disconnect")
        self.assert_ends(end, self.killed_port, self.servers["127.0.0.1"].port)
        self.assert_seconds(end, 0.7)
        self.assertEqual(self.db.count(f"event.action == ProcessExit and process.pid == {self.killed.pid}"), 1)

    def test_attempts(self):
        rows = self.rows(self.attempts)
        port = self.servers["127.0.0.1"].port
        for mine in self.attempt_ports[:2]:
            told = [row for row in rows if row.get("source.port") == mine]
            self.assertEqual([row["event.action"] for row in told], ["ConnectAttempt", "Connect", "Disconnect"], told)
            for row in told:
                self.assert_ends(row, mine, port)
            self.assert_seconds(told[2], 0.5)
        told = [row for row in rows if row["destination.port"] == self.refused]
        self.assertEqual([(row["event.action"], row["event.outcome"]) for row in told],
                         [("ConnectAttempt", "unknown"), ("ConnectFailed", "failure")], told)
        for row in told:
            self.assert_ends(row, self.attempt_ports[2], self.refused)
        self.assertEqual(len(rows), 8, rows)  # and no row more: EISCONN is none

    def test_reset(self):
        [port] = self.reset_port
        end = self.one(self.reset, "event.action == Disconnect")
        self.assert_ends(end, port, self.servers["127.0.0.1"].port)
        self.assert_seconds(end, 0.4)

    def test_datagrams(self):
        rows = self.rows(self.datagrams)
        self.assertEqual([row["event.action"] for row in rows], ["Connect", "Connect"], rows)
        for row, port in zip(rows, self.datagram_ports):
            self.assert_ends(row, port, self.datagram_to)
            self.assertEqual(row["network.transport"], "udp")

    def test_from_before(self):
        server, client = self.before_ports
        rows = self.db.query(f"event.action == Disconnect and process.pid == {os.getpid()}")
        rows = sorted((row["network.direction"], row["source.port"], row["destination.port"], row.get("event.duration"))
                      for row in rows)
        self.assertEqual(rows, [("egress", client, server, None), ("ingress", client, server, None)])

    def test_duration_in_expressions(self):
        [port] = self.ports["127.0.0.1"]
        about = f"source.port == {port} and event.action == Disconnect"
        self.assertEqual(self.db.count(f"{about} and event.duration >= 1400000000"), 2)
        self.assertEqual(self.db.count(f"{about} and event.duration < 1400000000"), 0)
        self.assertEqual(self.db.count(f"{about} and event.outcome == success and not error.code exists"), 2)
        self.assertEqual(self.db.count(f"{about} and network.direction == ingress"), 1)


if __name__ == "__main__":
    unittest.main()
