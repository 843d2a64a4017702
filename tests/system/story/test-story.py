#!/usr/bin/env python3
"""`./bootstrap run` without a display: the story is recorded, its facts are found, pictures are drawn; without audit the
sample is shown; interrupted, nothing is left. Arguments: the agent, the app. SPOOR_AGENT overrides the first."""

import functools
import os
import pathlib
import re
import signal
import stat
import struct
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))
from harness import AGENT, Database, folder, require_audit

APP = sys.argv.pop()
RUN = HERE / "run"


@functools.cache
def the_audit():
    return require_audit()  # once: it holds a lock


def environment(where, agent=AGENT):
    env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return {**env, "SPOOR_AGENT": os.path.abspath(agent), "SPOOR_APP": os.path.abspath(APP), "TMPDIR": str(where)}


def run(where, agent=AGENT):
    return subprocess.run([RUN, "--headless", "--seconds", "12", "--to", where / "snapshots"], text=True, timeout=600,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment(where, agent))


def png_size(path):
    head = path.read_bytes()[:24]
    if head[:8] != b"\x89PNG\r\n\x1a\n":
        raise RuntimeError(f"{path} is no PNG")
    return struct.unpack(">II", head[16:24])


class Common:
    def check_files(self, where, out):
        """The snapshot, the pictures beside it, and nothing else."""
        files = sorted(p.name for p in (where / "snapshots").iterdir())
        self.assertEqual(len(files), 4, out)
        self.assertRegex(files[0], r"^\S+_\d{4}_\d\d_\d\dT\d\d\.\d\d\.\d\d\.\d{3}Z\.db$")
        base = files[0][:-3]
        self.assertEqual(files, [base + e for e in (".db", ".explorer.png", ".timeline.png", ".tree.png")])
        for name in files[1:]:
            width, height = png_size(where / "snapshots" / name)
            self.assertGreater(width, 300)
            self.assertGreater(height, 100)
            self.assertIn(name, out)
        self.assertEqual(stat.S_IMODE((where / "snapshots").stat().st_mode), 0o700)
        self.assertEqual(stat.S_IMODE((where / "snapshots" / files[0]).stat().st_mode), 0o600)
        self.assertEqual(sorted(p.name for p in where.iterdir()), ["snapshots"])
        return Database(where / "snapshots" / files[0])


class Sample(Common, unittest.TestCase):
    def test_without_audit_the_sample_is_shown(self):
        where, tools = folder(), folder()
        agent = tools / "agent"
        agent.write_text("#!/bin/sh\nif [ \"$1\" = record ]; then echo 'spoor-agent: audit: not here' >&2; exit 1; fi\n"
                         f"exec '{os.path.abspath(AGENT)}' \"$@\"\n")
        agent.chmod(0o755)
        result = run(where, agent)
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertRegex(result.stdout, "cannot be recorded: (audit: not here|recording needs root)")
        self.assertIn("sample log", result.stdout)
        db = self.check_files(where, result.stdout)
        self.assertEqual(db.count('process.name == kworker and destination.ip == "2001:db8::17"'), 4)
        self.assertEqual(db.count('event.action == RenamePath and file.path endswith ".php"'), 1)


class Story(Common, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.audit = the_audit()
        cls.before = cls.audit.settings()
        cls.where = folder()
        cls.result = run(cls.where)

    def setUp(self):
        self.assertEqual(self.result.returncode, 0, self.result.stdout)
        self.db = self.check_files(self.where, self.result.stdout)
        self.shell = re.search(r"shell was process (\d+)", self.result.stdout)[1]

    def test_audit_is_put_back(self):
        self.assertEqual(self.audit.settings(), self.before)
        self.assertEqual(self.audit.ours(), [])

    def test_arguments(self):
        rows = self.db.query("event.action == ProcessCreate and process.command_line contains './update.sh two words' "
                             f"and process.parent.pid == {self.shell}")
        self.assertEqual(len(rows), 1)
        self.assertEqual(rows[0]["process.args_hex"][2:],
                         [a.hex() for a in (b"two words", b'a "quoted" one', b"", b"bytes \xff\xfe", b"$HOME; rm -rf")])
        rows = self.db.query(f"event.action == ProcessCreate and process.name == echo and process.parent.pid == {self.shell}")
        self.assertEqual([r["process.args"][1:] for r in rows], [[str(i) for i in range(1, 201)]])

    def test_download(self):
        """curl does not wait for the answer (EINPROGRESS): what becomes of it is a row of its own."""
        for address, what in (("127.0.0.1", "update.sh http://127"), ("::1", "second.sh http://[::1]"),
                              ("127.0.0.1", "nothing http://127")):
            self.assertEqual(self.db.count("event.action == ConnectAttempt and "
                                           f"destination.ip == '{address}' and process.parent.pid == {self.shell} and "
                                           f"process.command_line contains '{what}'"), 1, what)

    def test_files(self):
        for action, path in (("RenamePath", "docs/report-1.txt"), ("RenamePath", "archive"),
                             ("DeletePath", "archive/report-2.txt"), ("CreateNewFile", ".cache/kworker"),
                             ("CreateNewFile", "docs/report-3.txt"), ("DeletePath", ".cache/log")):
            self.assertEqual(self.db.count(f"event.action == {action} and file.path endswith '/story/{path}' or "
                                           f"event.action == {action} and file.target_path endswith '/story/{path}'"),
                             1, path)

    def test_written_program_ran(self):
        self.assertEqual(self.db.count("event.action == ProcessCreate and process.executable endswith "
                                       "'/story/.cache/kworker' and process.parent.command_line contains update.sh"), 1)

    def test_chain(self):
        pid = self.shell
        for n in (3, 2, 1):
            rows = self.db.query(f"event.action == ProcessCreate and process.parent.pid == {pid} and "
                                 f"process.command_line contains 'chain {n} '")
            self.assertEqual(len(rows), 1, n)
            pid = rows[0]["process.pid"]


class Interrupted(unittest.TestCase):
    def test_nothing_is_left(self):
        audit, where = the_audit(), folder()
        before = audit.settings()
        process = subprocess.Popen([RUN, "--headless", "--seconds", "60", "--to", where / "snapshots"], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment(where))
        for _ in range(1800):
            if list(where.glob("spoor-run-*/scene.pid")):
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=180)
        self.assertEqual(process.returncode, 130, out)
        self.assertEqual(list(where.iterdir()), [])
        self.assertEqual(audit.ours(), [])
        self.assertEqual(audit.settings(), before)
        for proc in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                self.assertNotIn(os.fsencode(where), proc.read_bytes(), proc)
            except (FileNotFoundError, ProcessLookupError):
                pass


if __name__ == "__main__":
    unittest.main(verbosity=2)
