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
    os.link(where / "fifo", where / "hard")
    os.symlink("fifo", where / "soft")
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

    def events(self, action, path, *fields):
        """What is known of the events with that action on that path: the pid and those fields."""
        rows = self.db.query(f'event.action == {action} and file.path == cased "{path}"')
        return [(row["process.pid"], *(row.get(f) for f in fields)) for row in rows]

    def arguments(self, argv):
        """The pids of the programs started with exactly these arguments."""
        rows = self.db.query('event.action == ProcessCreate and process.name == "echo"')
        return [row["process.pid"] for row in rows if exact_arguments(row) == argv]

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
        self.assertEqual(self.db.count(f'file.path startswith "{self.where}/monitor.db"'), 0)

    # ---- processes ----

    def test_exact_arguments(self):
        for argv in (ODD, MANY, LONG):
            self.assertEqual(len(self.arguments(argv)), 1, argv[:3])

    def test_working_directory(self):
        self.assertEqual(self.db.count('event.action == ProcessCreate and process.name == "echo" and '
                                       f'process.working_directory == "{self.where}"'), 3)

    def test_parent_chain(self):
        leaf, = self.db.query('event.action == ProcessCreate and process.command_line == "/bin/true leaf"')
        middle = "/bin/sh -c /bin/true leaf; exit 37"
        self.assertEqual(self.db.count(f'process.entity_id == {leaf["process.entity_id"]} and '
                                       f'process.parent.command_line == "{middle}"'), 2)
        end, = self.db.query(f'event.action == ProcessExit and process.command_line == "{middle}"')
        self.assertEqual(end["process.exit_code"], 37)
        self.assertEqual(self.db.count(f'process.command_line == "{middle}" and process.parent.command_line == '
                                       '"/bin/sh -c /bin/sh -c \'/bin/true leaf; exit 37\'; :"'), 2)
        self.assertEqual(self.db.count('process.command_line == "/bin/sh -c /bin/sh -c \'/bin/true leaf; exit 37\'; :" '
                                       f'and process.parent.pid == {os.getpid()}'), 2)

    def test_failed_exec(self):
        rows = self.db.query('event.action == ExecFailed and file.path == "/nonexistent/program"')
        self.assertEqual([(row["event.outcome"], row["error.code"]) for row in rows], [("failure", 2)])

    def test_baseline(self):
        rows = self.db.rows("SELECT v.pid, v.parent_pid, v.cwd, v.uid, p.origin FROM v_process v "
                            "JOIN process p ON p.id = v.id WHERE v.command_line = '/bin/sleep 987654'")
        self.assertEqual(rows, [(self.started, os.getpid(), b"/usr", 0, 3)])
        self.assertEqual(self.db.value("SELECT count(*) FROM process WHERE pid = 1 AND origin = 3"), 1)
        self.assertEqual(self.db.value("SELECT executable FROM v_process WHERE pid = ?", os.getpid()),
                         os.fsencode(os.readlink("/proc/self/exe")))

    # ---- files ----

    def test_files(self):
        w, me = self.where, os.getpid()
        self.assertEqual(self.events("CreateNewPath", w / "made"), [(me,)])
        self.assertEqual(self.events("CreateNewFile", w / "old", "event.outcome"), [(me, "success")])
        self.assertEqual(self.events("Write", w / "old", "event.outcome"), [(me, "success")])
        self.assertEqual(self.events("RenamePath", w / "old", "file.path", "file.target_path"),
                         [(me, str(w / "old"), str(w / "new name"))])
        self.assertEqual(self.events("DeletePath", w / "new name"), [(me,)])
        self.assertEqual(self.events("DeletePath", w / "made"), [(me,)])
        self.assertEqual(self.events("CreateNewPath", w / "fifo"), [(me,)])
        self.assertEqual(self.events("Link", w / "hard", "file.target_path"), [(me, str(w / "fifo"))])
        self.assertEqual([row[0] for row in self.events("Link", w / "soft")], [me])

    def test_name_beside_a_descriptor(self):
        """openat() relative to a folder: the record's folder makes it absolute; reading is no event."""
        rows = self.db.query('file.path endswith "beside"')
        self.assertEqual([row["event.action"] for row in rows], ["CreateNewFile"])

    def test_compat_call(self):
        if not self.facts["compat"]:
            self.skipTest("no 32-bit system calls here")
        rows = self.db.rows("SELECT e.flags & 2 FROM event e JOIN v_text o ON o.id = e.object "
                            "WHERE e.action = 204 AND o.value = ?", os.fspath(self.where / "made-32"))
        self.assertEqual(rows, [(2,)])

    # ---- network ----

    def check_network(self, address, port, peer):
        rows = self.db.query(f'event.category == network and process.pid == {os.getpid()} and '
                             f'(source.ip == "{address}" or destination.ip == "{address}")')
        found = [(row["event.action"], row.get("destination.port"), row.get("source.port"), row.get("error.code"))
                 for row in sorted(rows, key=lambda row: row.get("event.serial", 1 << 64))]
        self.assertEqual(found, [("Listen", None, None, None), ("Connect", port, peer, None),
                                 ("Accept", port, peer, None), ("ConnectFailed", port, None, 111),
                                 ("Disconnect", port, peer, None), ("Disconnect", port, peer, None)])

    def test_ipv4(self):
        self.check_network("127.0.0.1", *self.facts["v4"])

    def test_ipv6(self):
        self.check_network("::1", *self.facts["v6"])


def exact_arguments(row):
    """As bytes: where an argument is not UTF-8 or has controls, process.args_hex has them all."""
    if "process.args_hex" in row:
        return [bytes.fromhex(a) for a in row["process.args_hex"]]
    return [a.encode() for a in row["process.args"]]


if __name__ == "__main__":
    unittest.main(verbosity=2)
