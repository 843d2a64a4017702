#!/usr/bin/env python3
"""The file system of the database is filled and freed again and again: nothing is lost, and each time is a gap row.

So many times as SPOOR_FILL_CYCLES says, else a few. Argument: the agent."""

import json
import os
import subprocess
import time
import unittest

from harness import Database, Recorder, agent, folder, require_audit, skip, wait_for

CYCLES = int(os.environ.get("SPOOR_FILL_CYCLES", "3"))
SIZE, PROGRAMS = 64 << 20, 30


def mount(where):
    """A small file system in a file of its own."""
    image, place = where / "image", where / "full"
    place.mkdir()
    with image.open("wb") as f:
        f.truncate(SIZE)
    for command in (["mkfs.ext4", "-q", "-m", "0", image], ["mount", "-o", "loop", image, place]):
        try:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError):
            skip("no file system can be made in a file and mounted here")
    return place


def full_since():
    return (json.loads(agent("status", "--json").stdout)["recorder"] or {}).get("disk_full_since_ms")


class Fill(unittest.TestCase):
    def until(self, what, condition):
        try:
            wait_for(what, condition)
        except AssertionError as e:
            files = {path.name: path.stat().st_size for path in self.place.iterdir() if path.is_file()}
            self.fail(f"{e}; {os.statvfs(self.place).f_bavail} blocks free, {files}")

    def cycle(self, place, number):
        filler = place / "filler"
        with filler.open("wb", buffering=0) as f:
            for block in (1 << 20, 4096):
                try:
                    while True:
                        f.write(bytes(block))
                except OSError:
                    os.fsync(f.fileno())
        for i in range(PROGRAMS):
            subprocess.run(["/bin/true", f"cycle {number} {i} " + "x" * 600])
        self.until("the disk is full", full_since)
        self.assertIsNone(self.recorder.process.poll(), "a full disk ended the recording")
        filler.unlink()
        self.until("there is space", lambda: full_since() is None)

    def test_cycles(self):
        audit = require_audit()
        where = folder()
        self.place = place = mount(where)
        (where / "conf").write_text("[record]\nkinds = process\n") # others may do much meanwhile
        try:
            self.recorder = Recorder(place / "monitor.db", "-c", where / "conf")
            self.recorder.wait_ready(audit)
            time.sleep(1.5)
            for number in range(CYCLES):
                self.cycle(place, number)
            time.sleep(1.5)
            code, _, err = self.recorder.end()
            self.assertEqual(code, 0, err)
            self.check(place / "monitor.db")
        finally:
            subprocess.run(["umount", "-l", place], check=True)

    def check(self, path):
        db = Database(path)
        self.assertEqual(db.integrity(), b"ok")
        self.assertEqual(db.value("SELECT count(*) FROM v_process WHERE command_line LIKE '/bin/true cycle %'"), CYCLES * PROGRAMS)
        gaps = db.rows("SELECT from_ms, to_ms FROM gap WHERE cause = 8 ORDER BY id")
        self.assertEqual(len(gaps), CYCLES)
        self.assertTrue(all(begin < end for begin, end in gaps), gaps)
        self.assertTrue(all(one[1] <= next[0] for one, next in zip(gaps, gaps[1:])), gaps)
        self.assertEqual(db.rows("SELECT cause FROM gap WHERE cause NOT IN (4, 8)"), [])
        print(f"{CYCLES} times full, {sum(end - begin for begin, end in gaps) / 1000:.1f} s in all; {path.stat().st_size} bytes")
        db.db.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
