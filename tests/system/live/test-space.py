#!/usr/bin/env python3
"""A full disk, a reader that stays, a file that is far too large: recording waits or ends, and says why.

Arguments: the agent; --cycles N: how often the disk is filled and freed (5). SPOOR_AGENT overrides the agent."""

import argparse
import contextlib
import ctypes
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import time
import unittest

arguments = argparse.ArgumentParser()
arguments.add_argument("agent")
arguments.add_argument("--cycles", type=int, default=5)
arguments = arguments.parse_args()
sys.argv[1:] = [arguments.agent]
from harness import GUARD, Database, Recorder, agent, folder, require_audit, wait_for

HEALTH = pathlib.Path("/run/spoor/recorder.status")
CLONE_NEWNS = 0x20000


def full_since():
    found = re.search(r"^full_since_ms (\d+)$", HEALTH.read_text(), re.M)
    return int(found.group(1)) if found else 0


def missing():
    return json.loads(agent("status", "--json").stdout)["problems"]


class Space(unittest.TestCase):
    def setUp(self):
        self.where = folder()
        self.n = self.most = 0
        self.db = self.where / "monitor.db"
        self.conf = self.where / "conf"

    def record(self, size):
        self.conf.write_text(f"[limits]\nmax-size = {size}\n")
        self.recorder = Recorder(self.db, "-c", self.conf)
        self.addCleanup(self.end)
        self.recorder.wait_ready(AUDIT)
        wait_for("the first commit", lambda: self.db.exists() and Database(self.db).value("SELECT count(*) FROM event"))

    def end(self):
        if self.recorder.process.poll() is None:
            print(self.recorder.end())

    def load(self, name, times=200):
        """Rows with texts of their own."""
        for i in range(times):
            os.close(os.open(f"/tmp/spoor-{os.getpid()}-{name}-{i}", os.O_WRONLY | os.O_CREAT, 0o600))
            os.unlink(f"/tmp/spoor-{os.getpid()}-{name}-{i}")

    def grow(self, times=200):
        """Like any other time, but of other files: what happens again to the same would be collated."""
        self.n += 1
        self.load(f"r{self.n}", times)
        self.most = max(self.most, self.size())

    def size(self):
        return sum(path.stat().st_size for path in self.where.glob("monitor.db*") if not path.name.endswith("-shm"))

    def test_a_reader_stays(self):
        self.record("4M")
        wait_for("the limit", lambda: self.grow() or Database(self.db).value("SELECT count(*) FROM gap WHERE cause = 7"))
        reader = sqlite3.connect(self.db, isolation_level=None)
        reader.execute("BEGIN")
        seen = reader.execute("SELECT count(*) FROM event").fetchone()
        wait_for("the pause", lambda: self.grow() or full_since())
        self.assertTrue(any("reads" in line and "max-size" in line for line in missing()), missing())
        self.assertEqual(reader.execute("SELECT count(*) FROM event").fetchone(), seen)
        for _ in range(5):
            self.grow()
        reader.close()
        wait_for("the end of the pause", lambda: not full_since())
        self.grow()
        code, _, err = self.recorder.end()
        self.assertEqual(code, 0, err)
        self.assertLessEqual(self.most, 4200000)
        db = Database(self.db)
        self.assertEqual(db.integrity(), b"ok")
        self.assertEqual(db.value("SELECT count(*) FROM gap WHERE cause = 13 AND to_ms > from_ms"), 1)
        self.assertGreater(db.count(f"file.path startswith '/tmp/spoor-{os.getpid()}-r{self.n}-'"), 0)

    def test_a_much_smaller_limit_only_shrinks_it(self):
        self.record("1G")
        wait_for("the file", lambda: self.grow(4000) or self.size() > 4000000)
        self.conf.write_text("[limits]\nmax-size = 2M\n")
        self.recorder.process.send_signal(1)
        wait_for("the smaller file", lambda: self.grow() or self.size() < 2100000)
        self.assertEqual(self.recorder.end()[0], 0)
        self.assertEqual(Database(self.db).integrity(), b"ok")

    def test_twice_the_maximum_ends_it(self):
        self.assertEqual(agent("record", "--db", self.db, "--for", "1").returncode, 0)
        db = sqlite3.connect(self.db)
        db.execute("INSERT INTO meta VALUES('filler', zeroblob(5000000))")
        db.commit()
        db.close()
        self.conf.write_text("[limits]\nmax-size = 2M\n")
        self.recorder = Recorder(self.db, "-c", self.conf)
        _, err = self.recorder.process.communicate(timeout=GUARD)
        Recorder.running.remove(self.recorder.process)
        self.assertEqual(self.recorder.process.returncode, 1)
        self.assertRegex(err, r"^spoor-agent: .*/monitor.db: it takes \d\.\d MB, more than twice max-size \(2.0 MB\), "
                              r"and nothing is left in it that could be deleted\n$")
        self.assertTrue(any(re.search("^recording: it ended at .*more than twice max-size", line) for line in missing()),
                        missing())
        self.assertIn("missing   recording: it ended at ", agent("status").stdout.decode())
        self.assertEqual(AUDIT.ours(), [])
        self.assertEqual(agent("record", "--db", self.where / "other.db", "--for", "1").returncode, 0)
        self.assertFalse(any("it ended at" in line for line in missing()))

    def mount(self):
        """A file system of 24 MB that only we and our children see."""
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWNS) or subprocess.run(["mount", "--make-rprivate", "/"]).returncode:
            self.skipTest("no mount namespace can be made here")
        image, place = self.where / "image", self.where / "small"
        place.mkdir()
        with image.open("wb") as f:
            f.truncate(24 << 20)
        made = subprocess.run(["mkfs.ext4", "-q", "-m", "0", image]).returncode == 0 and \
            subprocess.run(["mount", "-o", "loop", image, place]).returncode == 0
        if not made and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", place]).returncode:
            self.skipTest("nothing can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", place])
        return place

    def last_gap(self):
        with contextlib.closing(sqlite3.connect(f"file:{self.db}?mode=ro", uri=True)) as db:
            return db.execute("SELECT max(to_ms) FROM gap WHERE cause = 8 AND to_ms > from_ms").fetchone()[0] or 0

    def fill(self, path):
        with open(path, "wb", buffering=0) as f:
            for size in (1 << 20, 4096):
                try:
                    while True:
                        f.write(bytes(size))
                except OSError:
                    pass
            os.fsync(f.fileno())

    def test_fill_and_free(self):
        place = self.mount()
        self.db = place / "monitor.db"
        self.record("8M")
        last = 0
        for cycle in range(arguments.cycles):
            self.fill(place / "filler")
            wait_for("the full disk", lambda: self.grow() or full_since())
            if cycle == 0:
                self.assertTrue(any(f"the disk with {self.db} is full" in line for line in missing()), missing())
            self.assertIsNone(self.recorder.process.poll())
            (place / "filler").unlink()
            wait_for("space", lambda: not full_since())
            wait_for(f"the gap of cycle {cycle}", lambda: self.last_gap() > last)
            last = self.last_gap()
        self.load("last")
        code, out, err = self.recorder.end()
        self.assertEqual(code, 0, err)
        db = Database(self.db)
        self.assertEqual(db.integrity(), b"ok")
        self.assertEqual(db.count(f"event.action == CreateNewFile and file.path startswith '/tmp/spoor-{os.getpid()}-last-'"), 200)
        db.db.close()
        print(f"{arguments.cycles} cycles, a gap each; {out.strip()}")


if __name__ == "__main__":
    AUDIT = require_audit()
    unittest.main(argv=["test-space"])
