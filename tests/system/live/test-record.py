#!/usr/bin/env python3
"""A small story, really recorded from the kernel, and each of its facts found again.

Arguments: the agent, the compat program (or "none"). SPOOR_AGENT overrides the first."""

import os
import socket
import subprocess
import sys
import unittest

from harness import Database, Recorder, agent, folder, require_audit

COMPAT = sys.argv.pop()
ODD = [b"/bin/echo", b"a b", b"q\"uo'te", b"\xff\xfe raw", b"", b"new\nline", b"trailing "]
MANY = [b"/bin/echo"] + [b"argument-%d" % i for i in range(200)]
LONG = [b"/bin/echo", b"x" * 20000, b"end"]


def connections(family, address):
    """A connection that is accepted, then one that is refused; both ports."""
    listener = socket.socket(family)
    listener.bind((address, 0))
    listener.listen()
    port = listener.getsockname()[1]
    client = socket.socket(family)
    client.connect((address, port))
    accepted, peer = listener.accept()
    for s in (accepted, client, listener):
        s.close()
    with socket.socket(family) as refused:
        try:
            refused.connect((address, port))
            raise RuntimeError("nobody listens, and yet it was accepted")
        except ConnectionRefusedError:
            pass
    return port, peer[1]


def story(where):
    facts = {}
    for argv in (ODD, MANY, LONG):
        subprocess.run(argv, stdout=subprocess.DEVNULL, check=True, cwd=where)
    (where / "made").mkdir()
    (where / "old").write_text("x")
    (where / "old").open("a").close()
    (where / "old").rename(where / "new name")
    (where / "new name").unlink()
    (where / "made").rmdir()
    os.mkfifo(where / "fifo")
    folder_fd = os.open(where, os.O_RDONLY)
    os.close(os.open("beside", os.O_WRONLY | os.O_CREAT, dir_fd=folder_fd))
    os.close(folder_fd)
    os.close(os.open(where / "beside", os.O_RDONLY))
    facts["v4"] = connections(socket.AF_INET, "127.0.0.1")
    facts["v6"] = connections(socket.AF_INET6, "::1")
    subprocess.run(["/bin/sh", "-c", "/bin/sh -c '/bin/true leaf; exit 37'; :"], check=True)
    subprocess.run(["/bin/sh", "-c", "exec /nonexistent/program 2>/dev/null"])
    facts["compat"] = COMPAT != "none" and subprocess.run([COMPAT, where / "made-32"]).returncode == 0
    return facts


class Record(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.audit = require_audit()
        cls.where = folder()
        cls.before = cls.audit.settings()
        cls.audit.add_foreign()
        cls.foreign = cls.audit.others()
        sleeper = subprocess.Popen(["/bin/sleep", "987654"], cwd="/usr")
        try:
            recorder = Recorder(cls.where / "monitor.db")
            recorder.wait_ready(cls.audit)
            cls.during = cls.audit.status()
            cls.first_rule = cls.audit.rules()[0]
            cls.status = agent("status", "--json")
            cls.second = agent("record", "--db", cls.where / "second.db", "--for", "1")
            cls.facts = story(cls.where)
            cls.started = sleeper.pid
            cls.code, cls.out, cls.err = recorder.end()
        finally:
            sleeper.kill()
            sleeper.wait()
        cls.files = sorted(p.name for p in cls.where.glob("monitor.db*"))
        cls.db = Database(cls.where / "monitor.db")

    def events(self, action, path):
        return self.db.rows("SELECT pid, result, object2 FROM v_event WHERE action = ? AND object = ?", action,
                            os.fspath(path))

    def arguments(self, argv):
        """The processes whose arguments are exactly these."""
        line = b" ".join(argv)
        found = []
        for pid, lengths, text, cwd in self.db.rows(
                "SELECT p.pid, i.arg_lengths, c.value, w.value FROM image i JOIN process p ON p.id = i.process "
                "JOIN text c ON c.id = i.command_line LEFT JOIN v_text w ON w.id = i.cwd WHERE i.origin = 1"):
            if text == line and split(text, lengths) == argv:
                found.append((pid, cwd))
        return found

    # ---- the run itself ----

    def test_ends_cleanly(self):
        self.assertEqual(self.code, 0, self.err)
        self.assertEqual(self.err, "")
        self.assertRegex(self.out, r"^[0-9.]+ seconds: [1-9]\d* records, [1-9]\d* events, 0 unparsed, 0 lost; .*MB\n$")
        self.assertEqual(self.db.integrity(), b"ok")
        self.assertEqual(self.files, ["monitor.db"])

    def test_audit_is_put_back(self):
        self.assertEqual(self.audit.settings(), self.before)
        self.assertEqual(self.audit.ours(), [])
        self.assertEqual(self.audit.others(), self.foreign)
        self.assertEqual(self.audit.status()["pid"], 0)

    def test_never_stalls_the_host(self):
        self.assertEqual(self.during["backlog_wait_time"], 0)
        self.assertEqual(int.from_bytes(self.first_rule[4:8], "little"), 0, "the first rule is not `never`")

    def test_second_recorder_is_refused(self):
        self.assertEqual(self.second.returncode, 1)
        self.assertIn(b"already recording", self.second.stderr)
        self.assertEqual(self.second.stderr.count(b"\n"), 1)
        self.assertFalse((self.where / "second.db").exists())

    def test_no_trace_of_itself(self):
        self.assertEqual(self.events(201, self.where / "monitor.db-wal"), [])
        self.assertEqual(self.events(200, self.where / "monitor.db-wal"), [])

    # ---- processes ----

    def test_exact_arguments(self):
        for argv in (ODD, MANY, LONG):
            found = self.arguments(argv)
            self.assertEqual(len(found), 1, argv[:3])
            self.assertEqual(found[0][1], os.fsencode(self.where))

    def test_parent_chain(self):
        rows = self.db.rows(
            "SELECT a.command_line, b.command_line, b.exit_code, c.command_line, c.parent_pid FROM v_process a "
            "JOIN v_process b ON b.id = a.parent JOIN v_process c ON c.id = b.parent "
            "WHERE a.command_line = '/bin/true leaf'")
        self.assertEqual(rows, [(b"/bin/true leaf", b"/bin/sh -c /bin/true leaf; exit 37", 37,
                                 b"/bin/sh -c /bin/sh -c '/bin/true leaf; exit 37'; :", os.getpid())])

    def test_failed_exec(self):
        rows = self.events(103, "/nonexistent/program")
        self.assertEqual([r[1] for r in rows], [2])

    def test_baseline(self):
        rows = self.db.rows("SELECT v.pid, v.parent_pid, v.cwd, v.uid, p.origin, v.start FROM v_process v "
                            "JOIN process p ON p.id = v.id WHERE v.command_line = '/bin/sleep 987654'")
        self.assertEqual([r[:5] for r in rows], [(self.started, os.getpid(), b"/usr", 0, 3)])
        self.assertEqual(self.db.value("SELECT count(*) FROM process WHERE pid = 1 AND origin = 3"), 1)
        self.assertEqual(self.db.value("SELECT executable FROM v_process WHERE pid = ?", os.getpid()),
                         os.fsencode(os.readlink("/proc/self/exe")))

    # ---- files ----

    def test_files(self):
        w, me = self.where, os.getpid()
        self.assertEqual(self.events(204, w / "made"), [(me, 0, None)])
        self.assertEqual(self.events(200, w / "old"), [(me, 0, None)])
        self.assertEqual(self.events(201, w / "old"), [(me, 0, None)])
        self.assertEqual(self.events(203, w / "old"), [(me, 0, os.fsencode(w / "new name"))])
        self.assertEqual(self.events(202, w / "new name"), [(me, 0, None)])
        self.assertEqual(self.events(202, w / "made"), [(me, 0, None)])
        self.assertEqual(self.events(204, w / "fifo"), [(me, 0, None)])

    def test_name_beside_a_descriptor(self):
        """openat() relative to a folder: the record's folder makes it absolute; reading is no event."""
        rows = self.db.rows("SELECT action FROM v_event WHERE object LIKE '%beside'")
        self.assertEqual(rows, [(200,)])

    def test_compat_call(self):
        if not self.facts["compat"]:
            self.skipTest("no 32-bit system calls here")
        rows = self.db.rows("SELECT e.flags & 2 FROM event e JOIN v_text o ON o.id = e.object "
                            "WHERE e.action = 204 AND o.value = ?", os.fspath(self.where / "made-32"))
        self.assertEqual(rows, [(2,)])

    # ---- network ----

    def check_network(self, address, port, peer):
        rows = self.db.rows("SELECT action, port, result FROM v_event WHERE object = ? AND pid = ? ORDER BY id",
                            address, os.getpid())
        self.assertEqual(rows, [(301, port, 0), (303, peer, 0), (302, port, 111)])

    def test_ipv4(self):
        self.check_network("127.0.0.1", *self.facts["v4"])

    def test_ipv6(self):
        self.check_network("::1", *self.facts["v6"])


def split(text, lengths):
    """The arguments of a command line: schema.sql, image.arg_lengths."""
    if lengths is None:
        return text.split(b" ")
    argv, at, value, shift = [], 0, 0, 0
    for byte in lengths:
        value |= (byte & 127) << shift
        shift += 7
        if byte & 128:
            continue
        argv.append(text[at:at + value - 1])
        at += value
        value = shift = 0
    return argv


if __name__ == "__main__":
    unittest.main(verbosity=2)
