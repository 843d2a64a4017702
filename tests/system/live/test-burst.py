#!/usr/bin/env python3
"""More happens than the kernel can hand over: what is recorded as lost is what the kernel counted, to the record.

Arguments: the agent, the program that makes the load (tests/bench/load.c)."""

import json
import signal
import subprocess
import sys
import time
import unittest

LOAD = sys.argv.pop()
from harness import Database, Recorder, folder, require_audit

SMALL_BACKLOG = 64


class Burst(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.audit = require_audit()
        cls.where = folder()

    def test_stopped_recorder(self):
        """It stands still until its socket and the kernel's queue are full, and goes on."""
        before = self.audit.settings()
        recorder = Recorder(self.where / "monitor.db")
        recorder.wait_ready(self.audit)
        time.sleep(0.5)
        lost = self.audit.status()["lost"]
        self.audit.set(backlog_limit=SMALL_BACKLOG)
        recorder.process.send_signal(signal.SIGSTOP)
        try:
            done = json.loads(subprocess.run([LOAD, "--rate", "20000", "--seconds", "2", self.where], check=True,
                                             stdout=subprocess.PIPE).stdout)
            counted = self.audit.status()["lost"] - lost
        finally:
            recorder.process.send_signal(signal.SIGCONT)
        time.sleep(2)
        code, out, err = recorder.end()
        lost = self.audit.status()["lost"] - lost
        self.audit.set(**before)
        self.assertEqual(code, 0, err)
        self.assertGreater(counted, 0, "nothing was lost: the burst was too small")
        db = Database(self.where / "monitor.db")
        self.assertEqual(db.value("SELECT sum(count) FROM gap WHERE cause = 1"), lost)
        ours = db.value("SELECT sum(count) FROM gap WHERE cause = 3") or 0 # all that had waited came at once
        self.assertIn(f" {lost + ours} lost;", out)
        # 2: the process connector, which does not count; 4: before the recording
        self.assertEqual(db.rows("SELECT cause FROM gap WHERE cause NOT IN (1, 2, 3, 4)"), [])
        self.assertEqual(db.integrity(), b"ok")
        kept = db.count(f'event.action == CreateNewFile and file.path startswith "{self.where}/file-"')
        print(f"{done['events']} events, {lost} records lost by the kernel, {ours} by us; {kept} of {done['files']} files are there")
        self.assertGreater(kept, 0)
        self.assertLess(kept, done["files"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
