#!/usr/bin/env python3
"""Recording by a configuration file, read again while it runs.

Argument: the agent. SPOOR_AGENT overrides it."""

import os
import signal
import time
import unittest

from harness import Database, Recorder, agent, folder, require_audit


class Config(unittest.TestCase):
    def setUp(self):
        self.where = folder()
        self.conf = self.where / "conf"
        self.db = self.where / "monitor.db"
        self.put(f"[exclude]\nfile-prefix = {self.where}/skip\n")
        self.recorder = Recorder(self.db, "-c", self.conf)
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
        self.assertEqual(cover, [(0, 4), (1 << 2 | 1 << 4 | 1 << 5, 0), (0, 4)])

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
