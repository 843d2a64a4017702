#!/usr/bin/env python3
"""What of the network is recorded by choice only: datagrams that are sent, unix sockets. Changed while recording.

Argument: the agent. SPOOR_AGENT overrides it."""

import os
import signal
import socket
import time
import unittest

from harness import Database, Recorder, folder, require_audit, wait_for


class Options(unittest.TestCase):
    def setUp(self):
        self.where = folder()
        self.conf = self.where / "conf"
        self.marks = 0
        self.conf.write_text("[record]\n")
        self.recorder = Recorder(self.where / "monitor.db", "-c", self.conf)
        self.recorder.wait_ready(AUDIT)

    def wait_stored(self):
        """Until everything that happened is in the database."""
        self.marks += 1
        mark = self.where / f"mark{self.marks}"
        mark.touch()
        wait_for("a file in the database", lambda: Database(self.where / "monitor.db").rows(
            "SELECT 1 FROM v_event WHERE action = 200 AND object = ?", os.fspath(mark)))

    def choose(self, text):
        self.wait_stored()
        self.conf.write_text(f"[record]\n{text}")
        self.recorder.process.send_signal(signal.SIGHUP)
        line = self.recorder.process.stderr.readline()
        self.assertIn("in force", line)
        time.sleep(0.1)  # the parsing thread takes it over at its next turn, at once while there is something to do
        return line

    def act(self, number):
        """A datagram, and a connection to a unix socket, both named by the number. Each in a process that made no other."""
        pid = os.fork()
        if pid == 0:
            try:
                path = os.fspath(self.where / f"s{number}")
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                    s.sendto(b"x", ("127.0.0.1", 40000 + number))
                    s.sendmsg([b"x"], [], 0, ("127.0.0.1", 41000 + number))
                with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
                    server.bind(path)
                    server.listen()
                    client.connect(path)
            finally:
                os._exit(0)
        os.waitpid(pid, 0)

    def told(self, db, number):
        ports = db.rows("SELECT port FROM v_event WHERE action = 306 AND port IN (?, ?) ORDER BY port", 40000 + number,
                        41000 + number)
        paths = db.rows("SELECT action FROM v_event WHERE action BETWEEN 300 AND 399 AND object = ? ORDER BY action",
                        os.fspath(self.where / f"s{number}"))
        return [row[0] for row in ports], [row[0] for row in paths]

    def test_all(self):
        before = AUDIT.ours()
        self.act(1)
        self.choose("sendto = yes\nunix-sockets = yes\n")
        rules = AUDIT.ours()
        self.act(2)
        self.assertIn(f"{self.conf}:2: yes or no is wanted", self.choose("sendto = maybe\n"))
        self.act(3)
        self.choose("sendto = no\nunix-sockets = no\n")
        self.assertEqual(AUDIT.ours(), before)
        self.act(4)
        code, out, err = self.recorder.end()
        self.assertEqual(code, 0, err)
        self.assertGreater(len(rules), len(before))
        db = Database(self.where / "monitor.db")
        told = {number: self.told(db, number) for number in range(1, 5)}
        self.assertEqual(told, {1: ([], []), 2: ([40002, 41002], [301, 305]), 3: ([40003, 41003], [301, 305]),
                                4: ([], [])})
        self.assertEqual(db.rows("SELECT cause FROM gap WHERE cause = 5"), [])  # nobody took rules away


if __name__ == "__main__":
    AUDIT = require_audit()
    unittest.main(argv=["test-network-options"])
