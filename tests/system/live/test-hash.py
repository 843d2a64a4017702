#!/usr/bin/env python3
"""The hashes of what ran: those that the usual tools give, also of programs that were deleted or changed while running."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import time
import unittest

from harness import Database, Recorder, folder, require_audit, wait_for


def both(path):
    content = path.read_bytes()
    return hashlib.md5(content).hexdigest(), hashlib.sha256(content).hexdigest()


def program(path, end):
    """A copy of sleep that nobody has hashed: what follows an ELF file's sections does not matter to it."""
    shutil.copy("/bin/sleep", path)
    with open(path, "ab") as f:
        f.write(end)
    return both(path)


def from_memory(name):
    """A program that no folder has: memfd_create and fexecve."""
    fd = os.memfd_create(name)
    os.write(fd, pathlib.Path("/bin/sleep").read_bytes())
    os.set_inheritable(fd, False)
    process = subprocess.Popen(["memory", "1000"], executable=f"/proc/self/fd/{fd}", pass_fds=[fd])
    os.close(fd)
    return process


class Hash(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.audit = require_audit()
        cls.where = folder()
        names = {name: cls.where / name for name in ("before", "short", "deleted", "large")}
        cls.right = {name: program(path, name.encode()) for name, path in names.items()}
        os.truncate(names["large"], 101 * 1024 * 1024)
        running = [subprocess.Popen([names["before"], "1000"])]
        gone = cls.where / "gone"
        cls.right["gone"] = program(gone, b"gone")
        running.append(subprocess.Popen([gone, "1000"]))
        gone.unlink()
        recorder = Recorder(cls.where / "monitor.db")
        recorder.wait_ready(cls.audit)
        subprocess.run([names["short"], "0"])
        running.append(subprocess.Popen([names["deleted"], "1000"]))
        names["deleted"].unlink()
        program(names["deleted"], b"another")
        running.append(subprocess.Popen([names["large"], "1000"]))
        running.append(from_memory("spoor in memory"))
        cls.right["memory"] = both(pathlib.Path("/bin/sleep"))
        cls.db = Database(cls.where / "monitor.db")
        # The hasher waits for whatever else there is to do.
        wait_for("hashes", lambda: cls.found("deleted")[-1:] == [cls.kept("deleted")] and
                 cls.found("short")[-1:] == [cls.kept("short")])
        subprocess.run([names["short"], "0"])
        cls.code, cls.out, cls.err = recorder.end()
        again = Recorder(cls.where / "monitor.db")
        again.wait_ready(cls.audit)
        again.end()
        for process in running:
            process.kill()
            process.wait()

    @classmethod
    def kept(cls, name):
        md5, sha256 = cls.right[name]
        return md5.encode(), sha256.encode(), None

    @classmethod
    def found(cls, name):
        return cls.db.rows("SELECT DISTINCT lower(hex(h.md5)), lower(hex(h.sha256)), i.hash_reason FROM image i "
                            "JOIN v_text x ON x.id = i.executable LEFT JOIN file_hash h ON h.id = i.hash "
                            "WHERE x.value LIKE ?", f"{cls.where}/{name}%")

    def check(self, name):
        self.assertEqual(self.found(name), [self.kept(name)])

    def test_ends_cleanly(self):
        self.assertEqual((self.code, self.err), (0, ""))

    def test_running_before(self):
        self.check("before")

    def test_two_short_runs_share_one(self):
        self.check("short")
        self.assertEqual(self.db.count(f'event.action == ProcessCreate and '
                                       f'process.hash.sha256 == {self.right["short"][1]}'), 2)
        self.assertEqual(self.db.count(f'event.action == ProcessCreate and '
                                       f'process.hash.md5 == {self.right["short"][0]}'), 2)

    def test_deleted_and_replaced(self):
        self.check("deleted")

    def test_deleted_before(self):
        self.check("gone")
        rows = self.db.query(f'process.executable == "{self.where}/gone (deleted)" and event.action == ProcessSeen')
        self.assertEqual(len(rows), 1)
        self.assertEqual(self.db.count('process.name == gone and event.action == ProcessSeen'), 1)

    def test_deleted_while_recording_is_no_other_program(self):
        images = self.db.value("SELECT count(*) FROM image i JOIN v_text x ON x.id = i.executable WHERE x.value LIKE ?",
                               f"{self.where}/deleted%")
        self.assertEqual(images, 1)

    def test_in_memory(self):
        rows = self.db.query('process.executable startswith "/memfd:" and event.action == ProcessCreate')
        self.assertEqual([row["process.executable"] for row in rows], ["/memfd:spoor in memory (deleted)"])
        self.assertEqual(self.db.count(f'process.executable startswith "/memfd:" and event.action == ProcessCreate and '
                                       f'process.hash.sha256 == {self.right["memory"][1]}'), 1)

    def test_too_large(self):
        self.assertEqual(self.found("large"), [(b"", b"", 3)])

    def test_absent_ones_have_a_reason(self):
        self.assertEqual(self.db.value("SELECT count(*) FROM image WHERE (hash IS NULL) = (hash_reason IS NULL)"), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
