#!/usr/bin/env python3
"""spoor-server's commands on a data folder of their own.  test-setup.py SPOOR-SERVER"""
import os
import pathlib
import pty
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest

SERVER = str(pathlib.Path(sys.argv.pop(1)).resolve())
PASSWORD = "correct horse battery\n"


class Setup(unittest.TestCase):
    def setUp(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="spoor-server-"))
        self.addCleanup(shutil.rmtree, self.top)
        self.data = self.top / "data"

    def run_it(self, *words, text="", status=0):
        done = subprocess.run([SERVER, *words, "--data", self.data], input=text, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=120)
        self.assertEqual(done.returncode, status, done.stderr)
        if status == 1:
            self.assertRegex(done.stderr, r"\Aspoor-server: [^\n]+\n\Z")
        return done.stderr if status else done.stdout

    def setup_it(self, *words):
        return self.run_it("setup", "--cn", "spoor.example", "--password-stdin", *words, text=PASSWORD)

    def content(self):
        return {path.name: path.read_bytes() for path in self.data.rglob("*") if path.is_file() and ".db" not in path.name}

    def test_again_changes_nothing(self):
        told = self.setup_it()
        self.assertIn("made      administrator admin", told)
        before, key = self.content(), re.search(r"SHA-256\): ([0-9a-f]{64})", told).group(1)
        again = self.setup_it()
        self.assertEqual(self.content(), before)
        self.assertNotIn("made", again)
        self.assertIn(key, again)
        self.setup_it("--replace")
        after = self.content()
        self.assertNotEqual(after["server.pem"], before["server.pem"])
        self.assertEqual(after["authority.pem"], before["authority.pem"])

    def test_only_the_owner_reads_it(self):
        os.umask(0)
        self.setup_it()
        for path in [self.data, *self.data.rglob("*")]:
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)

    def test_half_an_authority(self):
        self.setup_it()
        tls = self.data / "tls"
        key = (tls / "authority.key").read_text()
        (tls / "authority.key").unlink()
        self.assertIn("put it back", self.run_it("setup", text=PASSWORD, status=1))
        self.assertFalse((tls / "authority.key").exists())
        (tls / "authority.key").write_text(key)
        (tls / "authority.pem").unlink()
        self.assertIn("made      ", self.setup_it())
        self.assertEqual((tls / "authority.key").read_text(), key)

    def test_a_folder_that_others_see_is_closed(self):
        self.data.mkdir(mode=0o755)
        self.setup_it()
        self.assertEqual(self.data.stat().st_mode & 0o777, 0o700)

    def test_a_folder_of_others_is_refused(self):
        self.data.mkdir()
        self.data.chmod(0o777)
        self.assertIn("others may write to it", self.run_it("setup", text=PASSWORD, status=1))
        self.assertEqual(list(self.data.iterdir()), [])

    def test_a_missing_password_stops_it_and_the_next_goes_on(self):
        self.assertIn("password: none was given", self.run_it("setup", "--cn", "spoor.example", status=1))
        before = self.content()
        self.assertIn("made      administrator", self.run_it("setup", text=PASSWORD))
        self.assertEqual(self.content(), before)

    def test_a_certificate_of_ones_own(self):
        self.setup_it()
        own = self.top / "own"
        own.mkdir()
        both = (self.data / "tls" / "server.pem").read_text()
        at = both.index("-----BEGIN PRIVATE KEY-----")
        (own / "server.pem").write_text(both[:at])
        (own / "server.key").write_text(both[at:])
        shutil.copy(self.data / "tls" / "authority.key", own)
        wrong = self.run_it("setup", "--replace", "--cert", str(own / "server.pem"), "--key", str(own / "authority.key"), status=1)
        self.assertIn("it is not that key's", wrong)
        self.run_it("setup", "--replace", "--cert", str(own / "server.pem"), "--key", str(own / "server.key"))
        both = (self.data / "tls" / "server.pem").read_text()
        self.assertIn("from 1 to 32", self.run_it("setup", "--replace", "--cn", ",".join(["a"] * 33), status=1))
        self.assertEqual((self.data / "tls" / "server.pem").read_text(), both)
        self.assertIn("go together", self.run_it("setup", "--cert", str(own / "server.pem"), status=2))
        self.assertIn("No such file", self.run_it("setup", "--replace", "--cert", "/nonexistent", "--key", "/nonexistent",
                                                  status=1))

    def test_on_a_terminal_it_asks_and_shows_no_password(self):
        self.setup_it()
        before = self.content()
        self.assertIn("[y/N]", self.on_terminal(["setup", "--cn", "other.example"], b"n\n"))
        self.assertEqual(self.content(), before)
        self.on_terminal(["setup", "--cn", "other.example"], b"y\n")
        self.assertNotEqual(self.content(), before)
        shown = self.on_terminal(["user", "add", "anna"], b"a password of anna\n", b"a password of anna\n")
        self.assertNotIn("a password", shown)
        self.assertIn("anna", self.run_it("user", "list"))
        shown = self.on_terminal(["user", "add", "berta"], b"a password of berta\n", b"another than before\n")
        self.assertIn("not the same", shown)
        self.assertNotIn("berta", self.run_it("user", "list"))

    def on_terminal(self, words, *lines):
        """What it shows; a line is typed each time that it asks."""
        pid, fd = pty.fork()
        if pid == 0:
            os.execv(SERVER, [SERVER, *words, "--data", str(self.data)])
        shown, typed = "", 0
        while True:
            try:
                piece = os.read(fd, 4096)
            except OSError:
                piece = b""
            if not piece:
                break
            shown += piece.decode()
            if typed < len(lines) and len(re.findall(r"\[y/N\] |: (?=$|\r\n)", shown)) > typed:
                os.write(fd, lines[typed])
                typed += 1
        os.close(fd)
        os.waitpid(pid, 0)
        return shown

    def test_users(self):
        self.setup_it()
        self.run_it("user", "add", "--role", "viewer", "anna", text="a password of anna\n")
        self.assertIn("already", self.run_it("user", "add", "ANNA", text="a password of anna\n", status=1))
        self.assertIn("at least 10", self.run_it("user", "add", "berta", text="short\n", status=1))
        self.assertIn("no such role", self.run_it("user", "role", "anna", "boss", status=1))
        self.assertIn("nothing that cannot be seen", self.run_it("user", "add", "a\u202eb", text=PASSWORD, status=1))
        self.run_it("user", "role", "anna", "administrator")
        self.run_it("user", "disable", "anna")
        self.assertRegex(self.run_it("user", "list"), r"(?m)^anna +administrator +disabled ")
        self.run_it("user", "enable", "anna")
        db = sqlite3.connect(self.data / "server.db")
        first = db.execute("SELECT password FROM user WHERE name = 'anna'").fetchone()[0]
        self.run_it("user", "password", "anna", text="another of anna's\n")
        second = db.execute("SELECT password FROM user WHERE name = 'anna'").fetchone()[0]
        self.assertTrue(first.startswith("$y$") and second.startswith("$y$") and first != second)
        done = self.run_it("activity")
        self.assertEqual(re.findall(r"here +(\w+ \w+) +anna", done),
                         ["change password", "enable user", "disable user", "change role", "add user"])

    def test_tokens_are_kept_as_hashes(self):
        self.setup_it()
        token = self.run_it("token", "create", "--group", "web", "--uses", "5").strip()
        self.assertRegex(token, r"\A[a-z2-7]{32}\Z")
        self.assertRegex(self.run_it("token", "list"), r"\A1 +5 .*Z  web\n\Z")
        for path in self.data.glob("server.db*"):
            self.assertNotIn(token.encode(), path.read_bytes())
        self.assertIn("from 1 to 3650", self.run_it("token", "create", "--days", "0", status=2))
        self.run_it("token", "revoke", "1")
        self.assertIn("there is none", self.run_it("token", "revoke", "1", status=1))
        self.assertEqual(self.run_it("token", "list"), "")
        self.run_it("token", "create")
        self.assertRegex(self.run_it("token", "list"), r"\A2 ")  # a number is never given again

    def test_endpoints(self):
        self.setup_it()
        db = sqlite3.connect(self.data / "server.db")
        for digit in "ab":
            db.execute("INSERT INTO endpoint(key, name, enrolled_ms) VALUES(?, 'web-03', 1)", (digit * 64,))
        db.commit()
        self.assertIn("which key", self.run_it("endpoint", "revoke", "web-03", status=1))
        self.run_it("endpoint", "revoke", "a" * 64)
        self.assertRegex(self.run_it("endpoint", "list"), rf"(?m)^{'a' * 64}  web-03 .*revoked$")
        self.run_it("endpoint", "delete", "a" * 64)
        self.assertEqual(len(self.run_it("endpoint", "list").splitlines()), 1)

    def test_groups(self):
        self.setup_it()
        self.run_it("group", "join", "web admins", "admin")
        self.run_it("group", "show", "web admins", "web")
        self.assertEqual(self.run_it("group", "list"), "users      web admins\ncomputers  web\n")
        self.assertIn("no such user", self.run_it("group", "join", "web admins", "nobody", status=1))
        self.assertIn("no such group", self.run_it("group", "leave", "web adminz", "admin", status=1))
        self.assertIn("no such group", self.run_it("group", "hide", "web admins", "wep", status=1))
        self.run_it("group", "leave", "web admins", "admin")
        self.assertIn("not in that group", self.run_it("group", "leave", "web admins", "admin", status=1))
        self.run_it("group", "hide", "web admins", "web")
        self.assertEqual(self.run_it("group", "list"), "users      web admins\ncomputers  web\n")


signal.alarm(300) # against hanging
if __name__ == "__main__":
    unittest.main()
