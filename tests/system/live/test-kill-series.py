#!/usr/bin/env python3
"""The recorder is killed (SIGKILL) under load again and again: every database is sound, what was acknowledged is in it, and
audit is put back by the next start. Arguments: the agent, the program that makes the load (tests/bench/load.c).

Acknowledged is what another connection read in the database while the recorder still ran: it was committed then. So many
rounds: SPOOR_KILL_ROUNDS, else a few; which moments: SPOOR_KILL_SEED."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import unittest

LOAD = sys.argv.pop()
from harness import STATE, Database, Recorder, agent, folder, require_audit

ROUNDS = int(os.environ.get("SPOOR_KILL_ROUNDS", "8"))
SEED = int(os.environ.get("SPOOR_KILL_SEED", "7"))
A_DATABASE = 5      # rounds with the same one; every second one is kept small, so that it is being purged too
RATE = "4000"
SMALL = "[limits]\nmax-size = 1500K\n[record]\ncollate-seconds = 0\n"


class Reader(threading.Thread):
    """What is committed, as another process sees it. Reads only, so it leaves the WAL as the recorder left it."""

    def __init__(self, path):
        super().__init__()
        self.path, self.stop = path, threading.Event()
        self.rows, self.newest, self.before = [], 0, 0

    def run(self):
        while not self.stop.wait(0.02):
            try:
                db = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, isolation_level=None)
                try:
                    self.read(db)
                finally:
                    db.close()
            except sqlite3.OperationalError: # it is not there yet, or has no tables
                pass

    def read(self, db):
        db.execute("BEGIN")
        rows = db.execute("SELECT id, action, image, object FROM event ORDER BY id DESC LIMIT 300").fetchall()
        if rows:
            count = db.execute("SELECT count(*) FROM event").fetchone()[0]
            self.rows, self.newest, self.before = rows, rows[0][0], count
        db.execute("COMMIT")

    def end(self):
        self.stop.set()
        self.join()


class Series(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.audit = require_audit()
        cls.settings, cls.foreign = cls.audit.settings(), cls.audit.others()

    def assert_put_back(self):
        self.assertEqual(self.audit.settings(), self.settings)
        self.assertEqual(self.audit.ours(), [])
        self.assertEqual(self.audit.others(), self.foreign)
        self.assertFalse(STATE.exists())

    def kill(self, path, arguments, chance):
        """One round: what the reader saw, or None where it was killed before it was ready."""
        reader = Reader(path)
        reader.start()
        recorder = Recorder(path, *arguments)
        try:
            if chance.random() < 0.1:
                time.sleep(chance.uniform(0, 0.3))
            else:
                recorder.wait_ready(self.audit)
                time.sleep(chance.uniform(0.2, 2.8))
        finally:
            code = recorder.end(signal.SIGKILL)[0]
            reader.end()
        self.assertEqual(code, -signal.SIGKILL)
        return reader

    def check(self, path, reader):
        if not path.exists():
            self.assertEqual(reader.rows, [])
            return
        db = Database(path)
        self.assertEqual(db.integrity(), b"ok")
        purged = (db.value("SELECT max(to_ms) FROM gap WHERE cause = 7") or 0) << 14
        kept = {row[0]: row for row in db.rows("SELECT id, action, image, object FROM event WHERE id >= ?",
                                              reader.rows[-1][0] if reader.rows else 0)}
        for row in reader.rows:
            if row[0] >= purged:
                self.assertEqual(kept.get(row[0]), row, "an acknowledged row is not there")
                self.acknowledged += 1
        if not purged:
            self.assertGreaterEqual(db.value("SELECT count(*) FROM event WHERE id <= ?", reader.newest), reader.before)
        else:
            self.purges += 1
        for what in ("event WHERE image NOT IN (SELECT id FROM image)", "image WHERE process NOT IN (SELECT id FROM process)",
                     "v_event WHERE object IS NULL AND id IN (SELECT id FROM event WHERE object NOT NULL)"):
            self.assertEqual(db.value(f"SELECT count(*) FROM {what}"), 0, what)
        self.assertEqual(db.value("SELECT (SELECT sum(count) FROM rollup) IS (SELECT sum(count) FROM v_event)"), 1)
        db.db.close()

    def series(self, rounds, small, chance):
        path, arguments = folder() / "monitor.db", []
        if small:
            (path.parent / "conf").write_text(SMALL)
            arguments = ["-c", path.parent / "conf"]
        for _ in range(rounds):
            self.check(path, self.kill(path, arguments, chance))
        result = agent("record", "--db", path, "--for", "1")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(b"put back", result.stderr)
        self.assert_put_back()

    def test_series(self):
        chance, where = random.Random(SEED), folder()
        self.acknowledged = self.purges = 0
        load = subprocess.Popen([LOAD, "--rate", RATE, "--seconds", "3600", where], stdout=subprocess.DEVNULL)
        try:
            for i, first in enumerate(range(0, ROUNDS, A_DATABASE)):
                self.series(min(A_DATABASE, ROUNDS - first), i % 2 == 1, chance)
            self.assertIsNone(load.poll(), "the load ended early")
        finally:
            load.kill()
            load.wait()
        print(f"{ROUNDS} rounds, {self.acknowledged} acknowledged rows looked at, {self.purges} times after a purge")
        self.assertGreater(self.acknowledged, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
