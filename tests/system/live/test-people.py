#!/usr/bin/env python3
"""su and sudo by real accounts, programs in namespaces of their own, and programs whose file is gone: each found again."""

import hashlib
import os
import pathlib
import pty
import shutil
import subprocess
import time
import unittest

from harness import Database, Recorder, folder, require_audit

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def have(*programs):
    return all(shutil.which(name, path=PATH) for name in programs)


class Account:
    """With a password, and gone at the end."""

    def __init__(self):
        self.name, self.password = f"spoorp{os.getpid()}", f"right-{os.getpid()}"
        subprocess.run(["useradd", "--no-log-init", "-M", "-d", "/", "-s", "/bin/sh", self.name], check=True,
                       stderr=subprocess.DEVNULL, env={**os.environ, "PATH": PATH})
        subprocess.run(["chpasswd"], input=f"{self.name}:{self.password}\n", text=True, check=True,
                       env={**os.environ, "PATH": PATH})

    def remove(self):
        subprocess.run(["userdel", self.name], stderr=subprocess.DEVNULL, env={**os.environ, "PATH": PATH})


def su_with(word, account, command):
    """su asks on a terminal, and root is never asked: so by nobody."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(["su", account.name, "-c", command], stdin=theirs, stdout=theirs, stderr=theirs, user=65534,
                             group=65534, extra_groups=[], start_new_session=True)
    os.close(theirs)
    said = b""
    try:
        while b"assword" not in said:
            said += os.read(ours, 1000)
        time.sleep(0.2)
        os.write(ours, word.encode() + b"\n")
        while os.read(ours, 1000):
            pass
    except OSError: # its end of the terminal is closed
        pass
    os.close(ours)
    return child.wait(30)


def people(facts):
    if not have("useradd", "chpasswd", "userdel", "su", "sudo"):
        facts["people"] = "no useradd, su or sudo here"
        return
    account = Account()
    try:
        facts["account"] = account.name
        facts["good su"] = su_with(account.password, account, "/bin/true by su")
        facts["bad su"] = su_with("wrong", account, "/bin/true never by su")
        facts["sudo"] = subprocess.run(["sudo", "-n", "-u", account.name, "/bin/true", "by sudo"]).returncode
        facts["no sudo"] = subprocess.run(["sudo", "-n", "/bin/true", "never by sudo"], user=account.name,
                                          stderr=subprocess.DEVNULL).returncode
    finally:
        account.remove()


def gone_program(where):
    """A copy of sleep that runs on after its file was deleted."""
    program = where / f"gone-{time.monotonic_ns()}"
    shutil.copy("/bin/sleep", program)
    process = subprocess.Popen([program, "9101"])
    while os.readlink(f"/proc/{process.pid}/exe") != os.fspath(program):
        time.sleep(0.01)
    time.sleep(0.05) # its exec has ended: the record names the file without "(deleted)"
    program.unlink()
    return process, program


class People(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        audit = require_audit()
        cls.where, cls.facts = folder(), {}
        before, cls.gone_before = gone_program(cls.where)
        recorder = Recorder(cls.where / "monitor.db")
        recorder.wait_ready(audit)
        people(cls.facts)
        cls.inside = subprocess.run(["unshare", "--pid", "--fork", "--uts", "--mount", "sh", "-c", "/bin/sleep 0.31; :"],
                                    stderr=subprocess.DEVNULL).returncode == 0
        meanwhile, cls.gone_meanwhile = gone_program(cls.where)
        cls.pids = before.pid, meanwhile.pid
        time.sleep(3) # an exec may wait two seconds for records of before it
        for process in (before, meanwhile):
            process.kill()
            process.wait()
        time.sleep(0.5)
        cls.ended = recorder.end()
        cls.db = Database(cls.where / "monitor.db")

    def one(self, expression):
        rows = self.db.query(expression)
        self.assertEqual(len(rows), 1, f"{expression}: {rows}")
        return rows[0]

    def need_people(self):
        if "people" in self.facts:
            self.skipTest(self.facts["people"])

    def test_ends_cleanly(self):
        self.assertEqual((self.ended[0], self.ended[2]), (0, ""))

    def test_su(self):
        self.need_people()
        name = self.facts["account"]
        self.assertEqual((self.facts["good su"], self.facts["bad su"] != 0), (0, True))
        good, bad = f"su {name} -c /bin/true by su", f"su {name} -c /bin/true never by su"
        row = self.one(f'event.action == Authentication and event.outcome == success and process.command_line == "{good}"')
        self.assertEqual((row["user.target.name"], row["process.real_user.id"]), (name, 65534))
        row = self.one(f'event.action == Privilege and process.command_line == "{good}"')
        self.assertEqual((row["user.target.name"], row["event.outcome"]), (name, "success"))
        row = self.one(f'event.action == Authentication and process.command_line == "{bad}"')
        self.assertEqual((row["user.target.name"], row["event.outcome"]), (name, "failure"))
        self.one(f'event.action == ProcessCreate and process.command_line == "/bin/true by su" and user.name == "{name}"')
        self.assertEqual(self.db.count('process.command_line == "/bin/true never by su"'), 0)

    def test_sudo(self):
        self.need_people()
        self.assertEqual((self.facts["sudo"], self.facts["no sudo"] != 0), (0, True))
        row = self.one('event.action == Privilege and event.object == "/bin/true by sudo"')
        self.assertEqual((row["user.target.name"], row["event.outcome"]), (self.facts["account"], "success"))
        row = self.one('event.action == Privilege and event.object == "/bin/true never by sudo"')
        self.assertEqual(row["event.outcome"], "failure")
        self.one('event.action == ProcessCreate and process.command_line == "/bin/true by sudo" and '
                 f'user.name == "{self.facts["account"]}"')
        self.assertEqual(self.db.count('process.command_line == "/bin/true never by sudo"'), 0)

    def test_namespaces(self):
        if not self.inside:
            self.skipTest("no namespaces can be made here")
        row = self.one('event.action == ProcessCreate and process.command_line == "/bin/sleep 0.31"')
        chain = self.db.rows("SELECT p.command_line, p.ns_pid, q.command_line FROM v_process p JOIN v_process q "
                             "ON q.id = p.parent WHERE p.pid = ?", row["process.pid"])
        self.assertIn((b"/bin/sleep 0.31", 2, b"sh -c /bin/sleep 0.31; :"), chain)

    def test_file_is_gone(self):
        digest = hashlib.sha256(pathlib.Path("/bin/sleep").read_bytes()).hexdigest()
        wanted = (("ProcessSeen", f"{self.gone_before} (deleted)"), ("ProcessCreate", os.fspath(self.gone_meanwhile)))
        for pid, (first, program) in zip(self.pids, wanted):
            rows = self.db.query(f"process.pid == {pid}")
            self.assertEqual([(row["event.action"], row["process.executable"]) for row in rows],
                             [(first, program), ("ProcessExit", program)])
            self.assertEqual(self.db.count(f'process.pid == {pid} and process.hash.sha256 == "{digest}"'), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
