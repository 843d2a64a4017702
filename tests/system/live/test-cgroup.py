#!/usr/bin/env python3
"""The control group that a program was started in, also of one that ended at once."""

import os
import pathlib
import signal
import subprocess
import time
import unittest

from harness import Database, Recorder, folder, require_audit, skip

TREES = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd")
NAME = f"docker-{'0123456789abcdef' * 4}.scope"


def make_group():
    for tree in TREES:
        if os.path.exists(f"{tree}/cgroup.procs"):
            group = pathlib.Path(tree) / "spoor-test.slice" / NAME
            try:
                group.mkdir(parents=True)
                return group
            except OSError:
                continue
    return skip("no tree of control groups can be written here")


def child_of(pid):
    return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]


class Cgroup(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        audit = require_audit()
        group = make_group()
        where = folder()

        def enter():
            (group / "cgroup.procs").write_text(str(os.getpid()))

        try:
            recorder = Recorder(where / "monitor.db")
            recorder.wait_ready(audit)
            long = subprocess.Popen(["/bin/sleep", "8001"], preexec_fn=enter)
            shell = subprocess.Popen(["/bin/sh", "-c", "/bin/true short; read x"], stdin=subprocess.PIPE,
                                     preexec_fn=enter)
            subprocess.run(["/bin/sleep", "3"])
            shell.communicate(b"\n")
            # An own pid namespace, in the same group as the others: a shell that is 1 in it.
            namespace = subprocess.Popen(["unshare", "--pid", "--fork", "/bin/sh", "-c", "/bin/sleep 8002; :"])
            time.sleep(0.7)
            os.kill(int(child_of(namespace.pid)), signal.SIGKILL)
            namespace.wait()
            long.kill()
            long.wait()
            cls.code, _, cls.err = recorder.end()
        finally:
            group.rmdir()
            group.parent.rmdir()
        cls.db = Database(where / "monitor.db")

    def count(self, command_line):
        return self.db.count(f'event.action == ProcessCreate and process.command_line == "{command_line}" and '
                             f'process.cgroup == "/spoor-test.slice/{NAME}"')

    def test_ends_cleanly(self):
        self.assertEqual((self.code, self.err), (0, ""))

    def test_group(self):
        self.assertEqual(self.count("/bin/sleep 8001"), 1)
        self.assertEqual(self.count("/bin/sh -c /bin/true short; read x"), 1)

    def test_container_and_unit(self):
        container, unit = NAME[7:-6], NAME
        for condition in (f"container.id == {container}", f"container.id startswith {container[:12]}", "container.id exists",
                          f'systemd.unit == "{unit}"', f'process.unit contains "{container}"'):
            self.assertEqual(self.db.count(f'event.action == ProcessCreate and {condition}'), 3, condition)
        self.assertEqual(self.db.count(f'event.action == ProcessCreate and container.id != {container}'),
                         self.db.count("event.action == ProcessCreate") - 3)

    def test_namespace_pid(self):
        rows = dict(self.db.rows("SELECT command_line, ns_pid FROM v_process WHERE command_line LIKE '%800%'"))
        self.assertEqual(rows[b"/bin/sh -c /bin/sleep 8002; :"], 1)
        self.assertGreater(rows[b"/bin/sleep 8002"], 1)
        self.assertIsNone(rows[b"/bin/sleep 8001"])
        self.assertEqual(self.db.count('process.vpid == 1 and process.command_line endswith "8002; :"'), 2)

    def test_gone_child(self):
        self.assertEqual(self.count("/bin/true short"), 1)

    def test_others(self):
        self.assertEqual(self.count("/bin/sleep 3"), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
