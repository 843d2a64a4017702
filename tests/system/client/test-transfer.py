#!/usr/bin/env python3
"""Captures and files of a real endpoint through a real server.  test-transfer.py SPOOR-AGENT SPOOR-SERVER SAMPLE-LOG

SPOOR_KILLS: so many kills of agent and server while one capture is under way (10)."""
import csv
import hashlib
import importlib
import io
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
client = importlib.import_module("test-client")
from wire import BINARY, TEXT, Closed, Server, Talk  # noqa: E402

DATA, END, CREDIT, DONE = 1, 2, 3, 4
KILLS = int(os.environ.get("SPOOR_KILLS", "10"))


def unpacked(data, size):
    done = subprocess.run(["zstd", "-dcq"], input=data, capture_output=True, check=True).stdout
    assert len(done) == size
    return done


def fetch(server, ticket):
    """The offer and content that a ticket brings; ."""
    talk = Talk(server, server.apps, f"/data/{ticket}", program="spoor")
    content, offer = bytearray(), None
    while True:
        kind, got = talk.message()
        told = json.loads(got) if kind == TEXT else None
        if told and told["type"] == "bulk.offer":
            offer = told
            talk.say("bulk.accept", transfer=1, offset=0)
            talk.frame(BINARY, struct.pack(">BIQ", CREDIT, 1, 1 << 40))
        elif kind == BINARY and got[0] == DATA:
            _, _, at, coding, size = struct.unpack(">BIQBI", got[:18])
            assert at == len(content)
            content += unpacked(got[18:], size) if coding else got[18:]
        elif kind == BINARY and got[0] == END:
            assert got[13:] == hashlib.sha256(content).digest()
            talk.frame(BINARY, struct.pack(">BI", DONE, 1))
            return offer, bytes(content)


class Transfers(unittest.TestCase):
    def setUp(self):
        self.server = Server(client.SERVER)
        self.addCleanup(self.server.forget)
        self.server.start()
        self.server.write_conf(self.server.apps, self.server.agents) # where it is found again
        self.endpoint = client.Endpoint(self, self.server)
        done = self.endpoint.enroll(self.server.token())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.endpoint.start()
        self.id = self.endpoint.is_in("connected")["endpoint"]
        self.app = self.server.app()

    def start(self):
        told = self.app.call("capture.start", endpoint=self.id)
        self.assertEqual(told["type"], "capture", told)
        return told["capture"]

    def row(self, capture):
        rows = self.app.call("capture.list", host=None, after=None, n=1000)["captures"]
        return next(row for row in rows if row[0] == capture)

    def is_in(self, capture, state, seconds=60):
        def look():
            row = self.row(capture)
            if row[5] == "failed" and state != "failed":
                raise AssertionError((row, (self.endpoint.top / "stderr").read_text(), self.endpoint.log()))
            return row[5] == state and row
        return client.eventually(look, seconds)

    def children(self):
        """Of the server: processes that read a snapshot."""
        pid, n = self.server.process.pid, 0
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            n += len((task / "children").read_text().split())
        return n

    def kept(self, capture):
        return list(pathlib.Path(f"{self.endpoint.db}.captures").glob(f"{capture}/[!.]*.db"))

    def test_a_capture(self):
        capture = self.start()
        row = self.is_in(capture, "done")
        stored = self.server.data / "objects" / row[8]
        self.assertEqual(hashlib.sha256(stored.read_bytes()).hexdigest(), row[8])
        self.assertRegex(row[3], r"^[\w.-]+_\d{4}_\d\d_\d\dT\d\d\.\d\d\.\d\d\.\d{3}Z\.db$")
        self.assertEqual(self.endpoint.query("--count", stored, "process.pid >= 0"),
                         self.endpoint.query("--count", self.endpoint.db, "process.pid >= 0"))
        client.eventually(lambda: not self.kept(capture)) # it is fetched
        told = self.app.call("capture.open", capture=capture) # and explored in place
        end = Talk(self.server, self.server.apps, f"/data/{told['ticket']}", program="spoor")
        self.assertEqual(end.hear()["type"], "data.ready")
        count = end.call("reader.count", where="process.pid >= 0", step=0, **client.EVERYTHING)
        rows = list(csv.reader(io.StringIO(self.endpoint.query("--format", "csv", "--quiet", stored, "process.pid >= 0"))))
        self.assertEqual(count["total"], len(rows) - 1)
        self.assertEqual(self.children(), 1)
        self.app.close()
        end.closes()
        client.eventually(lambda: self.children() == 0)

    def kill_one(self, i):
        if i % 8 == 1:
            self.server.process.kill()
            self.server.process.wait()
            self.server.start()
            self.app = self.server.app()
        else:
            self.endpoint.daemon.kill()
            self.endpoint.daemon.wait()
            self.endpoint.start()

    def test_kills(self):
        """Agent and server are killed again and again; what comes in the end is what was taken in the beginning."""
        fill = sqlite3.connect(self.endpoint.db)
        with fill:
            for i in range(40):
                fill.execute("INSERT INTO meta(key, value) VALUES(?, hex(randomblob(1000000)))", (f"filling {i}",))
        fill.close()
        chance, capture, wanted, killed = random.Random(os.environ.get("SPOOR_SEED", "1")), self.start(), None, 0
        deadline = time.monotonic() + 120 + 20 * KILLS
        while self.row(capture)[5] != "done":
            self.assertLess(time.monotonic(), deadline)
            row = self.row(capture)
            self.assertNotEqual(row[5], "failed", self.endpoint.log())
            if self.kept(capture) and wanted is None:
                wanted = hashlib.sha256(self.kept(capture)[0].read_bytes()).hexdigest()
            if row[5] == "running" and row[6] > 0 and killed < KILLS:
                self.app.call("capture.pause", capture=capture) # so that it is not over before it was killed so often
                self.app.call("capture.resume", capture=capture)
                time.sleep(chance.random() * 0.3)
                self.kill_one(killed)
                killed += 1
            time.sleep(0.01)
        row = self.row(capture)
        self.assertEqual(row[8], wanted)
        self.assertEqual(os.listdir(self.server.data / "objects"), [wanted])
        self.assertGreater(killed, 1)

    def save(self, path, session, **more):
        told = self.app.call("file.save", session=session, path=str(path), **{"process": 0, "max_bytes": 1 << 30, **more})
        while told["type"] == "file" and told["state"] == "running":
            told = self.app.next_news("file")
        if told["state"] != "done":
            return told["text"]
        row = self.app.call("file.list", host=None, after=None, n=1)["files"][0] # the newest
        return row, fetch(self.server, self.app.call("file.fetch", file=row[0])["ticket"])[1]

    def test_files(self):
        end, session = self.server.open(self.app, self.id)
        secret = self.endpoint.top / "secret"
        secret.write_bytes(b"only root may read this\n" * 1000)
        secret.chmod(0o600)
        row, content = self.save(secret, session)
        self.assertEqual(content, secret.read_bytes())
        self.assertEqual([row[3], *row[5:11]], [str(secret), 24000, 0o100600, os.getuid(), os.getgid(),
                                                secret.stat().st_mtime_ns // 1000000, hashlib.sha256(content).hexdigest()])
        os.mkfifo(self.endpoint.top / "fifo")
        self.endpoint.top.chmod(0o777)
        (self.endpoint.top / "link").symlink_to("/etc/shadow")
        for path, why in ((self.endpoint.top / "fifo", "it is a FIFO"), ("/dev/zero", "it is a device"), ("/etc", "it is a folder"),
                          (self.endpoint.top / "link", "there is a symbolic link on its path that others than root could have made"),
                          ("/proc/kmsg", "the kernel makes it up: it is no file on a disk"),
                          ("/nothing", "No such file or directory")):
            self.assertEqual(self.save(path, session), "the endpoint refused: " + why)
        self.assertEqual(self.save(secret, session, max_bytes=10), "the endpoint refused: it is larger than was allowed")
        self.assertIn("it is a FIFO", self.server.command("activity"))

    def test_a_deleted_executable(self):
        program = self.endpoint.top / "program"
        shutil.copy("/bin/sleep", program)
        running = subprocess.Popen([program, "60"])
        self.addCleanup(running.kill)
        change = sqlite3.connect(self.endpoint.db) # one of the recorded processes is that one
        with change:
            process = change.execute("SELECT id FROM process WHERE end_ms IS NULL LIMIT 1").fetchone()[0]
            change.execute("UPDATE process SET pid = ?, start_ms = ? WHERE id = ?",
                           (running.pid, int(time.time() * 1000), process))
        change.close()
        wanted = program.read_bytes()
        program.unlink()
        end, session = self.server.open(self.app, self.id)
        self.assertEqual(self.save(program, session), "the endpoint refused: No such file or directory")
        self.assertEqual(self.save(program, session, process=process)[1], wanted)


signal.alarm(600 + 30 * KILLS)
if __name__ == "__main__":
    unittest.main(warnings="ignore")
