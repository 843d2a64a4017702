#!/usr/bin/env python3
"""Logons from before recording, out of wtmp and btmp: marked, sorted, each once, and no claim that the time was recorded."""

import os
import pathlib
import struct
import subprocess
import time
import unittest

from harness import AGENT, Database, Recorder, folder, require_audit, skip

USER, DEAD, LOGIN, HOUR = 7, 8, 6, 3600


def record(kind, line, user, host, when, pid=0):
    """struct utmp of glibc (utmp(5))."""
    if os.uname().machine == "aarch64":
        return struct.pack("<hxxi32s4s32s256shhqqq16s20x4x", kind, pid, line, b"", user, host, 0, 0, 0, when, 0, bytes(16))
    return struct.pack("<hxxi32s4s32s256shhiii16s20x", kind, pid, line, b"", user, host, 0, 0, 0, when, 0, bytes(16))


def record_with(audit, where, logs):
    """Records for a moment with another /var/log."""
    recorder = Recorder.__new__(Recorder)
    script = 'mount --bind "$0" /var/log && exec "$@"'
    recorder.process = subprocess.Popen(["unshare", "-m", "sh", "-c", script, logs, AGENT, "record", "--db", where / "monitor.db"],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    Recorder.running.append(recorder.process)
    recorder.wait_ready(audit)
    subprocess.run(["/bin/true", "between"])
    time.sleep(0.5)
    return recorder.end()


class Earlier(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        audit = require_audit()
        where, logs = folder(), folder()
        if subprocess.run(["unshare", "-m", "sh", "-c", 'mount --bind "$0" /var/log', logs],
                          stderr=subprocess.DEVNULL).returncode:
            skip("nothing can be mounted here")
        now = int(time.time())
        cls.start = now
        (logs / "wtmp.1").write_bytes(record(USER, b"tty1", b"old", b"", now - 30 * 24 * HOUR))
        (logs / "wtmp").write_bytes(record(USER, b"pts/3", b"ann", b"198.51.100.7", now - HOUR, 4711) +
                                    record(DEAD, b"pts/3", b"", b"", now - HOUR // 2, 4711) + b"rest")
        (logs / "btmp").write_bytes(record(LOGIN, b"ssh:notty", b"root", b"203.0.113.9", now - HOUR))
        cls.first = record_with(audit, where, logs)
        cls.after = Database(where / "monitor.db").count("event.provider exists")
        with (logs / "wtmp").open("r+b") as f:
            f.truncate(768)
            f.seek(768)
            f.write(record(USER, b"pts/4", b"between", b"198.51.100.8", int(time.time())))
        time.sleep(1.1)
        cls.second = record_with(audit, where, logs)
        cls.db = Database(where / "monitor.db")

    def test_ends_cleanly(self):
        self.assertEqual([(e[0], e[2]) for e in (self.first, self.second)], [(0, ""), (0, "")])

    def test_rows(self):
        rows = self.db.query("event.provider exists")
        got = [(r["event.action"], r["event.outcome"], r["user.target.name"], r.get("source.address"), r.get("source.ip"),
                r["event.provider"]) for r in rows]
        self.assertEqual(sorted(got[:4], key=str), sorted([
            ("Login", "success", "old", None, None, "wtmp"), ("Login", "success", "ann", None, "198.51.100.7", "wtmp"),
            ("Logout", "success", "ann", None, "198.51.100.7", "wtmp"),
            ("Authentication", "failure", "root", None, "203.0.113.9", "btmp")], key=str))
        self.assertEqual([r["@timestamp"] for r in rows], sorted(r["@timestamp"] for r in rows))

    def test_details(self):
        self.assertEqual(self.db.count('event.provider == wtmp and user.logon_type == "remote interactive" and '
                                       'event.terminal == "pts/3" and user.target.name == "ann"'), 2)
        self.assertEqual(self.db.count('event.provider == btmp and user.logon_type == "network"'), 1)
        self.assertEqual(self.db.count('event.provider == wtmp and user.logon_type == "interactive"'), 1)

    def test_each_once(self):
        self.assertEqual(self.after, 4)
        self.assertEqual(self.db.count("event.provider exists"), 5)
        self.assertEqual(self.db.count('user.target.name == "between"'), 1)

    def test_the_time_between_is_a_gap(self):
        gap = self.db.rows("SELECT from_ms, to_ms FROM gap WHERE cause = 4 ORDER BY id")
        self.assertEqual(len(gap), 2)
        self.assertEqual(gap[0][0], (self.start - 30 * 24 * HOUR) * 1000)
        self.assertLess(abs(gap[0][1] / 1000 - self.start), 20)

    def test_sums(self):
        self.assertEqual(self.db.integrity(), b"ok")
        self.assertEqual(self.db.value("SELECT sum(coalesce(rows, count)) FROM rollup"),
                         self.db.value("SELECT count(*) FROM event"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
