#!/usr/bin/env python3
"""How processes end: by a code, by signals with and without a core, with threads. One row each, with its cause."""

import os
import signal
import subprocess
import sys
import unittest

from harness import Database, Recorder, folder, require_audit

THREADS = """
import os, signal, threading, time
for _ in range(3):
    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
os.kill(os.getpid(), signal.SIGKILL)
"""
FIRST_THREAD = """
import ctypes, os, threading, time
def rest():
    time.sleep(0.5)
    os._exit(21)
threading.Thread(target=rest).start()
ctypes.CDLL(None).pthread_exit(None)
"""


class Ends(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.audit = require_audit()
        cls.where = folder()
        before = subprocess.Popen(["/bin/sleep", "7001"])
        recorder = Recorder(cls.where / "monitor.db")
        recorder.wait_ready(cls.audit)
        before.kill()
        before.wait()
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGUSR1):
            killed = subprocess.Popen(["/bin/sleep", f"{7100 + number}"])
            killed.send_signal(number)
            killed.wait()
        subprocess.run(["/bin/sh", "-c", "ulimit -c 0; kill -SEGV $$ # crash"])
        subprocess.run(["/bin/sh", "-c", "exit 7 # code"])
        cls.killed = subprocess.run([sys.executable, "-c", THREADS]).returncode
        cls.left = subprocess.run([sys.executable, "-c", FIRST_THREAD]).returncode
        cls.code, cls.out, cls.err = recorder.end()
        cls.db = Database(cls.where / "monitor.db")

    def ends(self, command_line):
        rows = self.db.query(f'event.action == ProcessExit and process.command_line endswith "{command_line}"')
        ends = [(row.get("process.exit_code"), row.get("process.exit_signal")) for row in rows]
        kept = self.db.rows("SELECT exit_code, signal FROM v_process WHERE command_line LIKE ? AND end IS NOT NULL",
                            "%" + command_line.replace("\n", "_"))
        self.assertEqual(ends, kept, command_line)
        return ends

    def test_ends_cleanly(self):
        self.assertEqual((self.code, self.err), (0, ""))

    def test_signals(self):
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGUSR1):
            self.assertEqual(self.ends(f"sleep {7100 + number}"), [(None, number)])

    def test_ran_before(self):
        self.assertEqual(self.ends("sleep 7001"), [(None, signal.SIGKILL)])

    def test_crash(self):
        self.assertEqual(self.ends("# crash"), [(None, signal.SIGSEGV)])

    def test_code(self):
        self.assertEqual(self.ends("# code"), [(7, None)])

    def end_of(self, script):
        return self.db.rows("SELECT exit_code, signal FROM v_process WHERE instr(command_line, ?)", script)

    def test_threads(self):
        self.assertEqual(self.killed, -signal.SIGKILL)
        self.assertEqual(self.end_of(THREADS.encode()), [(None, signal.SIGKILL)])

    def test_first_thread_ends_first(self):
        self.assertEqual(self.left, 21)
        self.assertEqual(self.end_of(FIRST_THREAD.encode()), [(21, None)])

    def test_one_row_each(self):
        self.assertEqual(self.db.rows("SELECT image, count(*) FROM event WHERE action = 101 GROUP BY image "
                                      "HAVING count(*) > 1"), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
