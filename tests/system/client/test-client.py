#!/usr/bin/env python3
"""The agent's client with the real server: enrolment, reader sessions, loss and return.

test-client.py SPOOR-AGENT SPOOR-SERVER SAMPLE-LOG

The recorder does not take part (source = plugin): a connection that is held open stands for it."""
import contextlib
import csv
import io
import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "server"))
from wire import NAME, PASSWORD, Closed, Server  # noqa: E402

AGENT, SERVER, SAMPLE = sys.argv.pop(1), sys.argv.pop(1), sys.argv.pop(1)
EVERYTHING = {"from": 0, "to": 1 << 52}
USER = "nobody"


def eventually(what, seconds=60):
    """What it gives, once it is true."""
    for _ in range(seconds * 50):
        got = what()
        if got:
            return got
        time.sleep(0.02)
    raise AssertionError("it never came")


class Endpoint:
    """A machine: a recording, its configuration and the daemon."""

    def __init__(self, test, server, database=None):
        self.server, self.daemon = server, None
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="spoor-client-"))
        test.addCleanup(shutil.rmtree, self.top)
        self.top.chmod(0o755)
        self.db = self.top / "monitor.db"
        if database:
            shutil.copy(database, self.db)
        else:
            subprocess.run([AGENT, "import", "--quiet", "--db", self.db, SAMPLE], check=True)
        self.db.chmod(0o644)
        self.recorder = sqlite3.connect(self.db, isolation_level=None)
        test.addCleanup(self.recorder.close)
        self.recorder.execute("PRAGMA journal_mode = wal")
        self.recorder.execute("CREATE TABLE x(x)")
        self.recorder.execute("DROP TABLE x") # so that there is a WAL
        for beside in ("-wal", "-shm"):
            pathlib.Path(str(self.db) + beside).chmod(0o644)
        self.conf = self.top / "agent.conf"
        self.more = ""
        self.write_conf()
        test.addCleanup(self.stop)

    def write_conf(self, more=""):
        self.conf.write_text(f"[recorder]\ndatabase = {self.db}\nsource = plugin\n[client]\nuser = {USER}\n"
                             f"identity = {self.top}/client.pem\nstatus = {self.top}/run/status\n"
                             f"log = {self.top}/log/client.log\n{more}")

    def run(self, *words, text=""):
        return subprocess.run([AGENT, *words], input=text, capture_output=True, text=True, timeout=60)

    def enroll(self, token, *more, where=None, ca=None):
        return self.run("enroll", "-c", self.conf, "--server", where or f"{NAME}:{self.server.agents} 127.0.0.1:{self.server.agents}",
                        "--ca", ca or self.server.data / "tls" / "authority.pem", "--token", token, *more)

    def start(self):
        with open(self.top / "stderr", "ab") as log:
            self.daemon = subprocess.Popen([AGENT, "run", "-c", self.conf], stdout=log, stderr=log)
        return self

    def stop(self):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.send_signal(signal.SIGTERM)
            self.daemon.wait(30)
        return self.daemon.returncode if self.daemon else None

    def report(self):
        """What the client tells about itself."""
        with contextlib.suppress(OSError):
            return dict(line.split(" = ", 1) for line in (self.top / "run/status").read_text().splitlines() if " = " in line)
        return {}

    def is_in(self, state):
        return eventually(lambda: self.report().get("state") == state and self.report())

    def log(self):
        with contextlib.suppress(OSError):
            return (self.top / "log/client.log").read_text()
        return ""

    def client(self):
        return int(self.report()["pid"])

    def readers(self):
        """The confined children of the client."""
        found = []
        for line in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                pid, rest = line.read_text().split(" (", 1)
                if int(rest.rsplit(") ", 1)[1].split()[1]) == self.client():
                    found.append(int(pid))
        return found

    def query(self, *words):
        done = self.run("query", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout


class Enrolment(unittest.TestCase):
    def setUp(self):
        self.server = Server(SERVER)
        self.addCleanup(self.server.forget)
        self.server.start()
        self.endpoint = Endpoint(self, self.server)

    def fails(self, done, why):
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count("\n"), 1)
        self.assertRegex(done.stderr, why)
        self.assertFalse((self.endpoint.top / "client.pem").exists())

    def test_a_machine_enrols_once(self):
        done = self.endpoint.enroll(self.server.token())
        self.assertEqual(done.returncode, 0, done.stderr)
        pem = self.endpoint.top / "client.pem"
        self.assertEqual(pem.stat().st_mode & 0o777, 0o600)
        # OpenSSL finds the key to be one, and the certificate to be its.
        public = subprocess.run(["openssl", "pkey", "-in", pem, "-pubout"], capture_output=True, text=True, check=True).stdout
        of_certificate = subprocess.run(["openssl", "x509", "-in", pem, "-pubkey", "-noout"], capture_output=True, text=True,
                                        check=True).stdout
        self.assertEqual(public, of_certificate)
        self.assertIn(re.search(r"as ([0-9a-f]{64})", done.stdout)[1], self.server.command("endpoint", "list"))
        again = self.endpoint.enroll(self.server.token())
        self.assertEqual(again.returncode, 1)
        self.assertIn("enrolled already", again.stderr)
        forced = self.endpoint.enroll("-", "--force", "--name", "second")
        self.assertIn("not known", forced.stderr) # nothing on standard input
        forced = self.endpoint.run("enroll", "-c", self.endpoint.conf, "--server", f"{NAME}:{self.server.agents} 127.0.0.1:{self.server.agents}",
                                   "--ca", self.server.data / "tls" / "authority.pem", "--token", "-", "--force", "--name", "second",
                                   text=self.server.token() + "\n")
        self.assertEqual(forced.returncode, 0, forced.stderr)
        self.assertIn("second", self.server.command("endpoint", "list"))

    def test_what_goes_wrong_is_told_in_one_line(self):
        here = f"127.0.0.1:{self.server.agents}"
        token = self.server.token()
        other = Server(SERVER)
        self.addCleanup(other.forget)
        self.fails(self.endpoint.enroll("wrong"), "token is not known")
        self.fails(self.endpoint.enroll(token, where=f"other.example {here}"), "another name")
        self.fails(self.endpoint.enroll(token, where=here), "is no host's name")
        self.fails(self.endpoint.enroll(token, where=f"{NAME} 127.0.0.1:1"), "Connection refused")
        self.fails(self.endpoint.enroll(token, ca=other.data / "tls" / "authority.pem"), "not signed by the authority|authority")
        self.fails(self.endpoint.enroll(token, ca=self.endpoint.conf), "no certificate")
        self.fails(self.endpoint.enroll(token, ca="/nowhere"), "/nowhere: No such file")
        self.assertEqual(self.endpoint.enroll(token).returncode, 0) # none of these used it up

    def test_who_is_not_enrolled_waits_for_it(self):
        self.endpoint.start()
        self.endpoint.is_in("not enrolled")
        self.assertEqual(self.endpoint.enroll(self.server.token()).returncode, 0)
        self.endpoint.daemon.send_signal(signal.SIGHUP)
        self.endpoint.is_in("connected")


class Connected(unittest.TestCase):
    database = None

    def setUp(self):
        self.server = Server(SERVER)
        self.addCleanup(self.server.forget)
        self.server.start()
        self.endpoint = Endpoint(self, self.server, self.database)
        done = self.endpoint.enroll(self.server.token())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.id = re.search(r"as ([0-9a-f]{64})", done.stdout)[1]
        self.endpoint.start()
        self.endpoint.is_in("connected")
        self.app = self.server.app()
        self.addCleanup(self.app.close)

    def open(self, app=None):
        end, _ = self.server.open(app or self.app, self.id)
        self.addCleanup(end.close)
        return end

    def count(self, end, where=None):
        told = end.call("reader.count", where=where, step=0, **EVERYTHING)
        self.assertEqual(told["type"], "count", told)
        return told["total"]

    def rows(self, where):
        """As `query` prints them."""
        text = self.endpoint.query("--format", "csv", "--quiet", self.endpoint.db, *([where] if where else []))
        return list(csv.reader(io.StringIO(text)))[1:]

    def test_a_search_there_is_as_one_here(self):
        end = self.open()
        for where in (None, 'process.name == "sshd"', 'file.path startswith "/etc"'):
            here = self.rows(where)
            self.assertEqual(self.count(end, where), len(here), where)
            page = end.call("reader.page", where=where, newest=False, at=-(1 << 52), skip=0, n=1000, **EVERYTHING)
            self.assertEqual([row[1] for row in here], [str(row[0]) for row in page["rows"]], where)
        wrong = end.call("reader.count", where="nonsense ==", step=0, **EVERYTHING)
        self.assertEqual((wrong["type"], wrong["error"]), ("error", "EINVAL"))

    def test_a_search_from_node(self):
        """A client written from wire.h in another language, through the real server to the real agent."""
        node, where = shutil.which("node"), "process.pid > 0"
        if not node:
            self.skipTest("no node here")
        host = self.app.call("endpoint.list", match=None, after=None, n=10)["endpoints"][0][1]
        words = [self.server.apps, self.server.data / "tls" / "authority.pem", NAME, "admin", PASSWORD, host, where]
        done = subprocess.run([node, HERE.parent / "server" / "search.js", *map(str, words)], capture_output=True, text=True,
                              timeout=60, env={"NODE_PATH": "/usr/share/nodejs"})
        if done.returncode == 77:
            self.skipTest(done.stderr.strip())
        self.assertEqual(done.returncode, 0, done.stderr)
        told, here = json.loads(done.stdout), self.rows(where)
        self.assertGreater(len(here), 50)
        self.assertEqual((told["total"], len(told["rows"])), (len(here), len(here)))
        self.assertEqual([str(row["id"]) for row in told["rows"]], [row[1] for row in reversed(here)])

    def status(self):
        return json.loads(self.endpoint.run("status", "--json", "-c", self.endpoint.conf).stdout)["client"]

    def test_what_status_tells(self):
        self.open()
        told = eventually(lambda: self.status()["sessions"] == 1 and self.status())
        self.assertEqual((told["state"], told["alive"], told["endpoint"]), ("connected", True, self.id))
        self.assertEqual(told["server"], f"{NAME}:{self.server.agents}")
        text = self.endpoint.run("status", "-c", self.endpoint.conf).stdout
        self.assertRegex(text, f"client +connected to {NAME}:{self.server.agents} since .*, 1 session\n")

    def test_what_the_server_is_told(self):
        rows = self.app.call("endpoint.list", match=None, after=None, n=10)["endpoints"]
        self.assertEqual([row[5] for row in rows if row[0] == self.id], ["here"])
        first, last = self.endpoint.recorder.execute("SELECT min(id) >> 14, max(id) >> 14 FROM event").fetchone()
        row = eventually(lambda: [row for row in self.app.call("endpoint.list", match=None, after=None, n=10)["endpoints"]
                                  if row[7]])[0]
        self.assertEqual(row[7], first)
        self.assertGreaterEqual(row[8], last)

    def test_investigators_do_not_disturb_each_other(self):
        other = self.server.app()
        self.addCleanup(other.close)
        one, two = self.open(), self.open(other)
        self.assertEqual(self.count(one), self.count(two))
        self.assertEqual(self.endpoint.report()["sessions"], "2")
        readers = self.endpoint.readers()
        self.assertEqual(len(readers), 2)
        os.kill(readers[0], signal.SIGKILL)
        ends = [one, two]
        alive = []
        for end in ends:
            with contextlib.suppress(Closed, OSError, ConnectionError):
                alive.append(self.count(end))
        self.assertEqual(len(alive), 1)
        eventually(lambda: self.endpoint.report()["sessions"] == "1")

    def test_a_session_that_is_closed_leaves_nothing(self):
        end = self.open()
        self.count(end)
        self.assertEqual(len(self.endpoint.readers()), 1)
        end.close()
        eventually(lambda: not self.endpoint.readers())
        eventually(lambda: self.endpoint.report()["sessions"] == "0")

    def test_more_sessions_than_allowed_are_refused(self):
        self.endpoint.write_conf("sessions = 1\n")
        self.endpoint.daemon.send_signal(signal.SIGHUP)
        eventually(lambda: "in force" in self.endpoint.log())
        self.open()
        told = self.app.call("live.open", endpoint=self.id)
        if told["type"] == "ticket":
            session = told["session"]
            while told.get("state", "attempted") == "attempted" or told["session"] != session:
                told = self.app.next_news("live.state")
            self.assertEqual(told["state"], "failed", told)
        self.assertIn("sessions", told["text"])

    def test_the_reader_has_no_rights(self):
        self.count(self.open())
        for pid in (self.endpoint.client(), *self.endpoint.readers()):
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
            self.assertNotRegex(status, r"(?m)^Uid:\s+0")
            self.assertRegex(status, r"(?m)^CapEff:\s+0+$")
            self.assertRegex(status, r"(?m)^CapBnd:\s+0+$")
            self.assertRegex(status, r"(?m)^Seccomp:\s+2$")
            self.assertRegex(status, r"(?m)^NoNewPrivs:\s+1$")

    def test_a_server_that_comes_back_is_found_again(self):
        apps, agents = self.server.apps, self.server.agents
        self.server.stop()
        self.endpoint.is_in("away")
        self.server.more = "[agents]\nlog-level = debug\n"
        self.server.write_conf(apps, agents)
        self.server.start()
        self.endpoint.is_in("connected")
        eventually(lambda: "log level: debug" in self.endpoint.log()) # the server's wish
        for level in ("debug", "info"):
            self.server.more = f"[agents]\nlog-level = {level}\n"
            self.server.write_conf(self.server.apps, self.server.agents)
            before = self.server.log.read_text().count("reloaded")
            self.server.process.send_signal(signal.SIGHUP)
            eventually(lambda: self.server.log.read_text().count("reloaded") > before)
        eventually(lambda: "log level: info" in self.endpoint.log())
        self.assertEqual(self.endpoint.log().count("log level: debug"), 1) # the same once more is no news
        self.app = self.server.app()
        self.count(self.open())

    def test_servers_are_tried_in_order(self):
        before = self.endpoint.client()
        self.endpoint.write_conf(f"server = {NAME}:1 127.0.0.1\nserver = other.example 127.0.0.1:{self.server.agents}\n"
                                 f"server = {NAME} 127.0.0.1:{self.server.agents}\nlog-level = debug\n")
        self.endpoint.daemon.send_signal(signal.SIGHUP)
        eventually(lambda: self.endpoint.client() != before and self.endpoint.report()["state"] == "connected")
        log = self.endpoint.log()
        self.assertRegex(log, rf"{NAME}:1: Connection refused")
        self.assertRegex(log, r"other.example:\d+: its certificate is for another name")
        self.endpoint.conf.write_text("[client]\nnonsense = 1\n") # a wrong one changes nothing
        self.endpoint.daemon.send_signal(signal.SIGHUP)
        eventually(lambda: "the old configuration stays in force" in self.endpoint.log())
        self.count(self.open())

    def test_a_client_that_is_killed_comes_back(self):
        before = self.endpoint.client()
        end = self.open()
        self.count(end)
        reader = self.endpoint.readers()[0]
        os.kill(before, signal.SIGKILL)
        with self.assertRaises((Closed, OSError)):
            while True:
                self.count(end)
        eventually(lambda: not pathlib.Path(f"/proc/{reader}").exists())
        eventually(lambda: self.endpoint.client() != before)
        self.endpoint.is_in("connected")
        self.count(self.open())

    def test_an_agent_that_is_killed_leaves_nothing(self):
        self.count(self.open())
        left = [self.endpoint.client(), *self.endpoint.readers()]
        self.endpoint.daemon.kill()
        self.endpoint.daemon.wait()
        eventually(lambda: not [pid for pid in left if pathlib.Path(f"/proc/{pid}").exists()])

    def test_one_that_is_revoked_is_let_go(self):
        self.server.command("endpoint", "revoke", self.id)
        report = eventually(lambda: self.endpoint.report().get("error_ms", "0") != "0" and self.endpoint.report())
        self.assertRegex(report["error"], "revoked")
        self.endpoint.stop()
        self.endpoint.start()
        report = eventually(lambda: "certificate" in self.endpoint.report().get("error", "") and self.endpoint.report())
        self.assertRegex(report["error"], "it does not accept this endpoint's certificate")
        told = self.app.call("live.open", endpoint=self.id)
        self.assertEqual(told["type"], "error", told)

    def test_it_ends_in_order(self):
        self.count(self.open())
        self.assertEqual(self.endpoint.stop(), 0)
        self.assertEqual(self.endpoint.report()["state"], "off")
        self.assertIn("session ends", self.endpoint.log())


if __name__ == "__main__":
    unittest.main(verbosity=2)
