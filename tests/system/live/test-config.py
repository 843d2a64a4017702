#!/usr/bin/env python3
"""Recording by a configuration file, read again while it runs.

Argument: the agent. SPOOR_AGENT overrides it."""

import os
import signal
import subprocess
import time
import unittest

from harness import Database, Recorder, agent, folder, require_audit
from kaudit import Listener


class Config(unittest.TestCase):
    def setUp(self):
        self.where = folder()
        self.conf = self.where / "conf"
        self.db = self.where / "monitor.db"
        self.put(f"[exclude]\nfile-prefix = {self.where}/skip\n")
        self.recorder = Recorder(self.db, "-c", self.conf)
        self.addCleanup(self.recorder.process.terminate)
        self.recorder.wait_ready(AUDIT)

    def put(self, text):
        self.conf.write_text(text)

    def touch(self, name, times=1):
        for _ in range(times):
            os.close(os.open(self.where / name, os.O_WRONLY | os.O_CREAT, 0o600))

    def reload(self):
        time.sleep(1.5)  # what happened before has been parsed
        self.recorder.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)

    def test_all(self):
        self.touch("kept-1")
        self.touch("skip-1")
        self.put("[limits]\nmax-size = nothing\n")
        self.reload()
        self.touch("kept-2")
        self.touch("skip-2")
        self.put("[record]\nkinds = network\n")
        self.reload()
        self.touch("off-1")
        self.put("[record]\ncollate-seconds = 60\n[exclude]\nevent = file.name == 'skip-3'\n")
        self.reload()
        self.touch("skip-3")
        self.touch("burst", 500)
        code, out, err = self.recorder.end()
        self.assertEqual(code, 0, err)
        self.assertIn(f"{self.conf}:2: a size is a number", err)
        self.assertIn("the old configuration stays in force", err)
        db = Database(self.db)
        names = {os.path.basename(row[0]).decode() for row in db.rows(
            "SELECT object FROM v_event WHERE action BETWEEN 200 AND 299 AND object LIKE ?", f"{self.where}/%")}
        self.assertTrue({"kept-1", "kept-2", "burst"} <= names, names)
        self.assertFalse(names & {"skip-1", "skip-2", "skip-3", "off-1"}, names)
        self.assertEqual(db.count(f"file.path == '{self.where}/burst'"), 500)
        self.assertLessEqual(db.value("SELECT count(*) FROM v_event WHERE object = ?", f"{self.where}/burst"), 3)
        cover = db.rows("SELECT off, filtered FROM coverage ORDER BY id")
        self.assertEqual([(off, filtered & 255) for off, filtered in cover], [(0, 4), (1 << 2 | 1 << 4 | 1 << 5, 0), (0, 4)])

    def records(self, name, times=300):
        """How many records the kernel makes when so many files are opened for writing."""
        self.listener.count(b"")
        for i in range(times):
            os.close(os.open(f"{self.where}/{name}{i}", os.O_WRONLY | os.O_CREAT, 0o600))
        time.sleep(0.5)
        return self.listener.count(f'name="{self.where}/{name}'.encode())

    def test_kernel_leaves_out(self):
        """What the kernel can leave out makes no records; what it cannot does, and is left out all the same."""
        (self.where / "cache").mkdir()
        self.listener = Listener()
        self.addCleanup(self.listener.close)
        self.assertGreaterEqual(self.records("a"), 300)
        self.put(f"[exclude]\nfile-prefix = {self.where}/cache/\nexecutable = /usr/bin/dash\n")
        self.reload()
        self.assertEqual(self.records("cache/b"), 0)
        self.assertGreaterEqual(self.records("k"), 300)
        subprocess.run(["/bin/sh", "-c", ": >d1; mkdir d2; : >/dev/null"], cwd=self.where, check=True)
        time.sleep(0.5)
        self.assertEqual(self.listener.count(b'name="d1"'), 0)
        status = agent("status").stdout.decode()
        self.assertRegex(status, r"(?m)^rules +\d+ of ours and 8 for what the configuration leaves out, ")
        self.put("[record]\nkinds = network\n")
        self.reload()
        self.assertEqual(self.records("e"), 0)
        self.put("[exclude]\nuser = root\n")
        self.reload()
        self.assertEqual(self.records("f"), 0)
        self.put("[exclude]\nnoise = no\n")
        self.reload()
        self.assertGreaterEqual(self.records("g"), 300)
        self.assertRegex(agent("status").stdout.decode(), r"(?m)^rules +\d+ of ours and 0 for ")
        self.assertEqual(self.recorder.end()[0], 0)
        self.assertEqual(AUDIT.ours(), [])
        db = Database(self.db)
        for name, count in {"a": 300, "k": 300, "g": 300, "cache/": 0, "d1": 0, "d2": 1, "e": 0, "f": 0}.items():
            self.assertEqual(db.count(f"file.path startswith '{self.where}/{name}'"), count, name)
        self.assertEqual(db.value("SELECT count(*) FROM gap WHERE cause = 5"), 0)

    def test_nothing_is_lost_while_rules_change(self):
        configs = ["[record]\ncollate-seconds = 0\n", "[record]\ncollate-seconds = 0\n[exclude]\nuser = 4000000\nnoise = no\n",
                   f"[record]\ncollate-seconds = 0\nkinds = file\n[exclude]\nfile-prefix = {self.where}/cache/\n"]
        (self.where / "cache").mkdir()
        end, n = time.monotonic() + 6, 0
        while time.monotonic() < end:
            if n % 400 == 0:
                self.put(configs[n // 400 % len(configs)])
                self.recorder.process.send_signal(signal.SIGHUP)
            os.close(os.open(self.where / f"n{n}", os.O_WRONLY | os.O_CREAT, 0o600))
            n += 1
            time.sleep(0.0002)
        code, out, err = self.recorder.end()
        self.assertEqual(code, 0, err)
        self.assertIn(" 0 lost;", out)
        db = Database(self.db)
        self.assertEqual(db.value("SELECT count(*) FROM gap WHERE cause IN (2, 5)"), 0)
        self.assertEqual(db.count(f"event.action == CreateNewFile and file.path startswith '{self.where}/n'"), n)

    def test_processes_known_from_before(self):
        """After a restart a filter knows of processes that only the database tells of."""
        shell = subprocess.Popen(["/bin/sh", "-c", "read x; : >first; read x; : >second; read x"], cwd=self.where,
                                 stdin=subprocess.PIPE)
        try:
            time.sleep(1.5)  # its exec was recorded
            self.put("[exclude]\nevent = process.command_line contains 'second; read' and process.parent.name exists\n")
            self.reload()
            shell.stdin.write(b"\n")
            shell.stdin.flush()
            time.sleep(0.5)
            self.assertEqual(self.recorder.end()[0], 0)
            self.recorder = Recorder(self.db, "-c", self.conf)
            self.recorder.wait_ready(AUDIT)
            time.sleep(1)
            shell.stdin.write(b"\n")
            shell.stdin.flush()
            self.touch("kept")
            time.sleep(0.5)
            self.assertEqual(self.recorder.end()[0], 0)
        finally:
            shell.kill()
            shell.wait()
        db = Database(self.db)
        self.assertEqual([db.count(f"file.path == '{self.where}/{name}'") for name in ("first", "second", "kept")], [0, 0, 1])

    def test_wrong_from_the_start(self):
        self.recorder.end()
        self.put("[nonsense]\n")
        result = agent("record", "--db", self.where / "other.db", "-c", self.conf)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr.decode(), f"spoor-agent: {self.conf}:1: there is no section [nonsense]\n")
        self.assertFalse((self.where / "other.db").exists())


if __name__ == "__main__":
    AUDIT = require_audit()
    unittest.main(argv=["test-config"])
