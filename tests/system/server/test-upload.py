#!/usr/bin/env python3
"""Snapshots that curl brings to spoor-server.  test-upload.py SPOOR-SERVER SPOOR-AGENT AUDIT-LOG"""
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from wire import NAME, Server

PROGRAM, AGENT, LOG = sys.argv[1:4]
del sys.argv[1:4]
SNAPSHOT = "web-03_2026_11_20T08.55.01.204Z.db"


@unittest.skipUnless(shutil.which("curl"), "curl is not installed")
class Upload(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="spoor-upload-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.recording = pathlib.Path(cls.folder.name) / "recording.db"
        subprocess.run([AGENT, "import", "--db", cls.recording, LOG], check=True, capture_output=True)
        cls.sha256 = hashlib.sha256(cls.recording.read_bytes()).hexdigest()

    def setUp(self):
        self.server = Server(PROGRAM)
        self.addCleanup(self.server.forget)
        self.server.start()
        self.token = self.server.command("user", "token", "admin")

    def restart(self, more):
        self.server.stop()
        self.server.more = more
        self.server.write_conf()
        self.server.start()

    def address(self, name=SNAPSHOT):
        return f"https://{NAME}:{self.server.apps}/snapshots/{name}"

    def put(self, name=SNAPSHOT, what=None, token=None, *more):
        """What curl prints, and the status."""
        done = subprocess.run(
            ["curl", "--silent", "--show-error", "--max-time", "20", "--path-as-is", "--noproxy", "*",
             "--connect-to", f"{NAME}:{self.server.apps}:127.0.0.1:{self.server.apps}",
             "--cacert", self.server.data / "tls" / "authority.pem", "-H", f"Authorization: Bearer {token or self.token}",
             "-w", "%{http_code}", *more, "-T", what or self.recording, self.address(name)], capture_output=True, text=True,
            check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return int(done.stdout[-3:]), done.stdout[:-3]

    def refused(self, status, line, *args):
        got, text = self.put(*args)
        self.assertEqual((got, text.count("\n")), (status, 1), text)
        self.assertIn(line, text)
        self.assertEqual(self.objects(), [])

    def objects(self):
        return os.listdir(self.server.data / "objects")

    def half(self, name, token=None):
        """A connection that has brought a half."""
        link = http.client.HTTPSConnection("127.0.0.1", self.server.apps, context=self.server.context_by_name(), timeout=20)
        content = self.recording.read_bytes()
        link.putrequest("PUT", f"/snapshots/{name}")
        link.putheader("Authorization", f"bearer {token or self.token}")
        link.putheader("Content-Length", str(len(content)))
        link.endheaders()
        link.send(content[:len(content) // 2])
        self.server.sockets.append(link.sock)
        return link, content[len(content) // 2:]

    def test_it_is_listed_opened_and_deleted(self):
        app = self.server.app()
        status, text = self.put(SNAPSHOT, None, None, "-H", f"X-SHA256: {self.sha256}")
        self.assertEqual(status, 201, text)
        told = json.loads(text)
        self.assertEqual((told["host"], told["sha256"]), ("web-03", self.sha256))
        news = app.next_news("capture")
        self.assertEqual((news["capture"], news["state"]), (told["capture"], "done"))
        self.assertEqual(self.objects(), [self.sha256])
        row, = app.call("capture.list", host="web-03", after=None, n=10)["captures"]
        size = self.recording.stat().st_size
        self.assertEqual(row, [told["capture"], "", "web-03", SNAPSHOT, 1795164901204, "done", size, size, self.sha256, "admin"])
        self.assertEqual(app.call("capture.open", capture=told["capture"])["type"], "ticket")
        status, text = self.put()
        self.assertEqual((status, text), (409, "one of that name is here already\n"))
        self.assertEqual(self.put("db-01_2026_11_20.db")[0], 201) # the same bytes, of another
        self.assertEqual(self.objects(), [self.sha256])
        self.assertEqual(app.call("capture.delete", capture=told["capture"])["type"], "done")
        self.assertEqual(self.objects(), [self.sha256])
        log = self.server.command("activity")
        self.assertRegex(log, f"upload snapshot +web-03: {SNAPSHOT} +ok")
        self.assertRegex(log, f"upload snapshot +web-03: {SNAPSHOT} +one of that name is here already")
        self.assertRegex(log, "create login token +admin")

    def test_who_may_not(self):
        self.refused(401, "the token is none", SNAPSHOT, None, "nonsense")
        link = http.client.HTTPSConnection("127.0.0.1", self.server.apps, context=self.server.context_by_name(), timeout=20)
        link.request("PUT", f"/snapshots/{SNAPSHOT}", b"x")
        answer = link.getresponse()
        self.assertEqual((answer.status, answer.headers["WWW-Authenticate"]), (401, "Bearer"))
        link.close()
        self.server.user("vera", "viewer")
        self.refused(403, "your role", SNAPSHOT, None, self.server.command("user", "token", "vera"))
        self.server.user("ivan", "investigator")
        self.server.command("group", "join", "db admins", "ivan")
        web = self.server.enrolled("web-03", "--group", "web")
        ivan = self.server.command("user", "token", "ivan")
        self.refused(403, "none of the computers", SNAPSHOT, None, ivan)
        self.refused(403, "none of the computers", "x_2026_11_20.db", None, ivan)
        ivan = self.server.app("ivan").welcome["token"] # that of an app's login does, too
        self.server.command("group", "show", "db admins", "web")
        self.assertEqual(self.put(SNAPSHOT, None, ivan)[0], 201)
        row, = self.server.app("ivan").call("capture.list", host=None, after=None, n=9)["captures"]
        self.assertEqual(row[1:3], [web.id, "web-03"])
        self.server.command("user", "logout", "admin")
        self.assertEqual(self.put()[0], 401)
        for _ in range(5):
            self.put()
        self.assertEqual(self.put()[0], 429)

    def test_what_is_not_taken(self):
        junk = pathlib.Path(self.folder.name) / "junk"
        junk.write_bytes(b"SQLite format 3\0" + os.urandom(9000))
        self.refused(422, "it is no recording that can be read", SNAPSHOT, junk)
        cut = pathlib.Path(self.folder.name) / "cut"
        cut.write_bytes(self.recording.read_bytes()[:5000])
        self.refused(422, "it is no recording that can be read", SNAPSHOT, cut)
        self.refused(422, "it is empty", SNAPSHOT, "/dev/null", None, "-H", "Content-Length: 0", "-H", "Transfer-Encoding:")
        self.refused(422, "SHA-256", SNAPSHOT, None, None, "-H", f"X-SHA256: {'0' * 64}")
        self.refused(422, "X-SHA256", SNAPSHOT, None, None, "-H", "X-SHA256: 12")
        for name in ("..%2f..%2fetc%2fpasswd", "a/../web_2026_11_20.db", ".part_2026_11_20.db", "web-03.db", "_2026_11_20.db",
                     "web_2026_99_20.db", "x" * 300 + "_2026_11_20.db", SNAPSHOT + "?a=b"):
            self.refused(422, "name", name)
        self.refused(411, "Content-Length", SNAPSHOT, None, None, "-H", "Transfer-Encoding: chunked")
        self.refused(405, "PUT", SNAPSHOT, None, None, "-X", "POST")
        log = self.server.command("activity")
        self.assertRegex(log, f"upload snapshot +web-03: {SNAPSHOT} +it is no recording")

    def test_limits(self):
        self.restart("[storage]\nfile-megabytes = 1\n")
        large = pathlib.Path(self.folder.name) / "large"
        large.write_bytes(self.recording.read_bytes() + bytes(3 << 20))
        self.refused(413, "[storage]", SNAPSHOT, large)
        self.restart("[storage]\nfree-megabytes = 1000000000\n")
        self.refused(507, "no room", SNAPSHOT)

    def test_halves_leave_nothing(self):
        links = [self.half(f"web-03_2026_11_{10 + i}.db") for i in range(4)]
        self.assertEqual(self.server.settled(lambda: len(self.objects()), 4), 4)
        got, text = self.put("web-03_2026_11_10.db")
        self.assertEqual((got, text), (409, "it is on its way already\n"))
        got, text = self.put()
        self.assertEqual((got, text), (503, "too many uploads are under way\n"))
        link, rest = links[0]
        link.send(rest)
        self.assertEqual(link.getresponse().status, 201)
        links[1][0].sock.shutdown(2)
        self.server.until("web-03_2026_11_11.db: it broke off")
        self.assertEqual(self.server.settled(lambda: len(self.objects()), 3), 3)
        self.server.command("user", "disable", "admin") # while one is on its way
        link, rest = links[2]
        link.send(rest)
        self.assertEqual(link.getresponse().status, 403)
        self.assertEqual(self.server.settled(lambda: len(self.objects()), 2), 2)
        self.server.process.kill()
        self.server.process.wait()
        self.assertEqual(len(self.objects()), 2)
        self.server.start()
        self.assertEqual(self.objects(), [self.sha256])

    def test_a_server_that_stops_tells(self):
        link, _ = self.half(SNAPSHOT)
        self.server.settled(lambda: len(self.objects()), 1)
        self.server.process.send_signal(signal.SIGTERM)
        self.assertEqual(link.getresponse().status, 503)
        link.close()
        self.server.stop()
        self.assertEqual(self.objects(), [])


signal.alarm(120) # against hanging
if __name__ == "__main__":
    unittest.main(warnings="ignore") # of sockets that end with their server
