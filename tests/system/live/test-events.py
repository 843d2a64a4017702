#!/usr/bin/env python3
"""What else a process, an account or a logon can do, really done, and each found again. Argument: the agent."""

import ctypes
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import unittest

from harness import GUARD, Database, Recorder, folder, require_audit, wait_for

libc = ctypes.CDLL(None, use_errno=True)
PTRACE_SEIZE, IO_URING_SETUP = 0x4206, 425
FINIT_MODULE = 273 if os.uname().machine == "aarch64" else 313


def in_child(act):
    """Runs act in a process of its own; its pid."""
    pid = os.fork()
    if pid == 0:
        try:
            act()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    return pid


def attach():
    victim = os.fork()
    if victim == 0:
        signal.pause()
    libc.ptrace(PTRACE_SEIZE, victim, 0, 0)
    os.kill(victim, signal.SIGKILL)
    os.waitpid(victim, 0)


def give_up_rights():
    os.setresgid(65534, 65534, 65534)
    os.seteuid(65534)
    os.seteuid(0)
    os.setresuid(65534, 65534, 65534)


def from_memory():
    fd = os.memfd_create("x y", 0)
    os.write(fd, pathlib.Path("/bin/true").read_bytes())
    os.execve(fd, ["inmem"], {})


def load_module(path):
    """What is no module; the file stays open until its record was interpreted. The process's pid."""
    path.write_bytes(b"code")
    pid = os.fork()
    if pid == 0:
        fd = os.open(path, os.O_RDONLY)
        libc.syscall(FINIT_MODULE, fd, b"", 0)
        time.sleep(1000)
    return pid


def attributes(where):
    path = where / "file"
    fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    os.fchmod(fd, 0o640)
    os.fchmod(fd, 0o640)
    os.fchown(fd, 65534, -1)
    os.utime(path, (1, 1))
    os.truncate(path, 0)
    os.close(fd)


def story(where):
    facts = {"attach": in_child(attach), "rights": in_child(give_up_rights)}
    ring = libc.syscall(IO_URING_SETUP, 4, ctypes.create_string_buffer(256)) # may be forbidden on this kernel
    facts["uring_works"] = ring >= 0
    if ring >= 0:
        os.close(ring)
    facts["uring"] = in_child(lambda: libc.syscall(IO_URING_SETUP, 4, ctypes.create_string_buffer(256)))
    facts["memory"] = in_child(from_memory)
    attributes(where)
    (where / "mounted").mkdir()
    facts["mount"] = subprocess.run(["unshare", "-m", "sh", "-c", "mount -t tmpfs none mounted && umount mounted"], cwd=where,
                                    stderr=subprocess.DEVNULL).returncode == 0
    script = where / "script.sh"
    script.write_text("#!/bin/sh\n:\n")
    script.chmod(0o755)
    subprocess.run(["./script.sh"], cwd=where, check=True)
    setuid = where / "setuid"
    shutil.copy("/bin/true", setuid)
    setuid.chmod(0o4755)
    where.chmod(0o755)
    subprocess.run([setuid], user=65534, check=True)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        facts["port"] = listener.getsockname()[1]
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", facts["port"]))
        listener.listen()
    return facts


def answers(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def sshd(where):
    """An account that logs on twice, with a wrong and with the right password. What went wrong, or None."""
    program = shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin")
    if not program or not shutil.which("ssh") or not shutil.which("useradd", path="/usr/sbin:/sbin"):
        return "no sshd, ssh or useradd here"
    name = f"spoor{os.getpid()}"
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = str(s.getsockname()[1])
    key, ask = where / "host", where / "ask"
    os.makedirs("/run/sshd", exist_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    subprocess.run(["useradd", "--no-log-init", "-M", "-d", "/", "-s", "/bin/sh", name], check=True, stderr=subprocess.DEVNULL)
    subprocess.run(["chpasswd"], input=f"{name}:right-{port}\n", text=True, check=True)
    server = subprocess.Popen([program, "-D", "-f", "/dev/null", "-p", port, "-h", key, "-o", "UsePAM=yes", "-o",
                               "ListenAddress=127.0.0.1", "-o", "KbdInteractiveAuthentication=no"], stderr=subprocess.DEVNULL)
    try:
        for word in ("wrong", f"right-{port}"):
            ask.write_text(f"#!/bin/sh\necho {word}\n")
            ask.chmod(0o755)
            wait_for("sshd", lambda: answers(int(port)))
            subprocess.run(["ssh", "-F", "none", "-p", port, "-o", "StrictHostKeyChecking=no", "-o",
                            "UserKnownHostsFile=/dev/null", "-o", "PreferredAuthentications=password", "-o",
                            "NumberOfPasswordPrompts=1", f"{name}@127.0.0.1", "true"], stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=GUARD, start_new_session=True,
                           env={**os.environ, "DISPLAY": "x", "SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"})
        time.sleep(0.5)
    finally:
        server.terminate()
        server.wait()
        subprocess.run(["userdel", name], stderr=subprocess.DEVNULL)
    return name


class Events(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        audit = require_audit()
        cls.where = folder()
        recorder = Recorder(cls.where / "monitor.db")
        recorder.wait_ready(audit)
        cls.facts = story(cls.where)
        loader = load_module(cls.where / "nothing.ko")
        cls.account = sshd(cls.where)
        time.sleep(2.5)
        os.kill(loader, signal.SIGKILL)
        os.waitpid(loader, 0)
        cls.ended = recorder.end()
        cls.db = Database(cls.where / "monitor.db")

    def one(self, expression):
        rows = self.db.query(expression)
        self.assertEqual(len(rows), 1, f"{expression}: {rows}")
        return rows[0]

    def test_nothing_went_wrong(self):
        self.assertEqual(self.ended[0], 0, self.ended)

    def test_ptrace(self):
        row = self.one(f'event.action == PtraceAttach and process.pid == {self.facts["attach"]}')
        self.assertGreater(row["process.target.pid"], self.facts["attach"])

    def test_credentials(self):
        rows = self.db.query(f'event.action == CredentialChange and process.pid == {self.facts["rights"]}')
        self.assertEqual([row["event.object"].split(" (")[0] for row in rows], ["gid 0 → 65534", "uid 0 → 65534"])

    def test_set_user_id_program(self):
        row = self.one(f'event.action == CredentialChange and process.executable == "{self.where}/setuid"')
        self.assertTrue(row["event.object"].startswith("euid 65534 → 0"), row)

    def test_io_uring(self):
        rows = self.db.count(f'event.action == IoUring and process.pid == {self.facts["uring"]}')
        self.assertEqual(rows, 1 if self.facts["uring_works"] else 0)

    def test_program_in_memory(self):
        row = self.one(f'event.action == ProcessCreate and process.pid == {self.facts["memory"]}')
        self.assertEqual(row["process.executable"], "/memfd:x y (deleted)")

    def test_module(self):
        row = self.one(f'event.action == DriverLoad and driver.path == "{self.where}/nothing.ko" and '
                       f'driver.hash.sha256 == {hashlib.sha256(b"code").hexdigest()}')
        self.assertEqual(row["event.outcome"], "failure")

    def test_script(self):
        rows = self.db.rows("SELECT script FROM v_process WHERE script = ?", os.fspath(self.where / "script.sh"))
        self.assertEqual(len(rows), 1)

    def test_attributes(self):
        rows = self.db.query(f'file.path == "{self.where}/file" and event.action in (AttributeChange, Truncate)')
        self.assertEqual([(row["event.action"], row.get("file.attribute")) for row in rows],
                         [("AttributeChange", "mode"), ("AttributeChange", "owner"), ("AttributeChange", "times"),
                          ("Truncate", None)])

    def test_mount(self):
        if not self.facts["mount"]:
            self.skipTest("mounting is not possible here")
        rows = self.db.query(f'file.path == "{self.where}/mounted" and event.action in (Mount, Unmount)')
        self.assertEqual([row["event.action"] for row in rows], ["Mount", "Unmount"])

    def test_listen(self):
        row = self.one(f'event.action == Listen and destination.port == {self.facts["port"]}')
        self.assertEqual(row["destination.ip"], "127.0.0.1")

    def test_logon(self):
        if " " in self.account:
            self.skipTest(self.account)
        about = f'user.target.name == "{self.account}" and event.action in (Authentication, Login, Logout)'
        rows = self.db.query(f'process.name startswith "sshd" and {about}')
        self.assertEqual(sorted((row["event.action"], row["event.outcome"], row["source.ip"]) for row in rows),
                         [("Authentication", "failure", "127.0.0.1"), ("Authentication", "success", "127.0.0.1"),
                          ("Login", "success", "127.0.0.1"), ("Logout", "success", "127.0.0.1")])
        self.assertEqual(self.db.count(f'user.logon_type == network and event.action == Login and {about}'), 1)

    def test_account(self):
        if " " in self.account:
            self.skipTest(self.account)
        self.assertGreaterEqual(self.db.count('event.action == AccountChange and process.name == useradd'), 1)
        self.assertGreaterEqual(self.db.count('event.action == AccountChange and process.name == userdel'), 1)

    def test_own_settings_are_no_event(self):
        rows = self.db.query("event.action == AuditConfiguration and event.serial exists")  # of the kernel, not of ours
        self.assertEqual([row.get("event.object") for row in rows], [])


if __name__ == "__main__":
    unittest.main()
