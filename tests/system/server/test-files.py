#!/usr/bin/env python3
"""Files of endpoints that spoor-server keeps: saved, listed, fetched and deleted.  test-files.py SPOOR-SERVER"""
import hashlib
import os
import random
import signal
import sys
import unittest

from bring import Sender, fetch
from wire import Server, Talk

PROGRAM = sys.argv.pop(1)
OFFER = {"mode": 0o104755, "uid": 1000, "gid": 33, "modified": 1795602667123}


class Bringer(Sender):
    """Readers' sessions are only held; for a file its content comes, or `why` not."""
    why = None

    def session(self, dial):
        if dial["task"] == "file" and self.why is None:
            super().session(dial)
            return
        talk = Talk(self.server, self.server.agents, f"/data/{dial['ticket']}", program="spoor-agent",
                    identity=self.identity.file)
        self.talk.say("done", dial["id"])
        if dial["task"] == "file":
            self.orders.append(dial)
            talk.frame(8, (1008).to_bytes(2, "big") + self.why.encode())
        talk.closes(3600)


class Files(unittest.TestCase):
    conf = ""

    def setUp(self):
        self.server = Server(PROGRAM, self.conf)
        self.addCleanup(self.server.forget)
        self.server.start()
        self.identity = self.server.enrolled("web-03", "--group", "web")
        self.app = self.server.app()
        self.content = random.Random(1).randbytes(5 << 20)
        self.sha = hashlib.sha256(self.content).hexdigest()
        self.agent = Bringer(self.server, self.identity, self.content, name="/whatever/it/says")
        self.agent.offer = OFFER
        self.addCleanup(self.agent.close)
        self.session = self.open(self.app)

    def open(self, app):
        told = app.call("live.open", endpoint=self.identity.id)
        self.live = Talk(self.server, self.server.apps, f"/data/{told['ticket']}", program="spoor")
        while app.next_news("live.state")["state"] != "connected":
            pass
        return told["session"]

    def ask(self, path="/bin/true", session=None, app=None, **more):
        return (app or self.app).call("file.save", session=session or self.session, path=path,
                                      **{"process": 0, "max_bytes": 1 << 30, **more})

    def save(self, *args, **more):
        """How it ends."""
        told = self.ask(*args, **more)
        self.assertEqual((told["type"], told.get("state")), ("file", "running"), told)
        name = told["file"]
        while told["state"] == "running":
            told = self.app.next_news("file")
            self.assertEqual(told["file"], name)
        return told

    def rows(self, app=None, **members):
        told = (app or self.app).call("file.list", **{"host": None, "after": None, "n": 100, **members})
        self.assertEqual(told["type"], "files", told)
        return told["files"]

    def is_error(self, told, error):
        self.assertEqual((told["type"], told.get("error")), ("error", error), told)

    def failed(self, told, error, text):
        self.assertEqual((told["state"], told["error"], told["text"]), ("failed", error, text))
        self.assertEqual((self.rows(), self.objects()), ([], []))

    def objects(self):
        return sorted(os.listdir(self.server.data / "objects"))

    def test_one_is_kept(self):
        done = self.save("/bin/tr\u00fce", process=7)
        self.assertEqual((done["state"], done["done"], done["bytes"]), ("done", 5 << 20, 5 << 20))
        order = self.agent.orders[-1]
        self.assertEqual((order["task"], order["path"], order["process"], order["max_bytes"]),
                         ("file", "/bin/tr\u00fce", 7, 1 << 30))
        row, = self.rows()
        self.assertEqual([*row[1:4], *row[5:]], [self.identity.id, "web-03", "/bin/tr\u00fce", 5 << 20, *OFFER.values(),
                                                 self.sha, "admin"])
        self.assertEqual(self.objects(), [self.sha])
        offer, content = fetch(self.server, self.app.call("file.fetch", file=row[0])["ticket"])
        self.assertEqual((offer["name"], content), ("tr\u00fce", self.content))
        self.save({"x": b"/tmp/\xff\n".hex()}) # the same bytes: they are here once
        self.assertEqual([one[3] for one in self.rows()], [{"x": b"/tmp/\xff\n".hex()}, "/bin/tr\u00fce"])
        self.assertEqual(self.objects(), [self.sha])
        page = self.app.call("file.list", host="web-03", after=None, n=1)
        self.assertEqual((len(page["files"]), page["more"]), (1, True))
        self.assertEqual(self.rows(after=page["files"][0][0]), [row])
        self.server.stop()
        self.server.start()
        self.app = self.server.app()
        self.assertEqual(len(self.rows()), 2)
        for one in self.rows():
            self.assertEqual(self.objects(), [self.sha])
            self.assertEqual(self.app.call("file.delete", file=one[0])["type"], "done")
        self.assertEqual((self.rows(), self.objects()), ([], []))
        self.is_error(self.app.call("file.fetch", file=row[0]), "ENOENT")
        told = self.server.command("activity")
        for line in ("save file +web-03: /bin/trüe +begun", "end of save file +web-03: /bin/trüe +ok",
                     "open file +web-03: /bin/trüe +ok", "delete file +web-03: /bin/trüe +ok"):
            self.assertRegex(told, line)

    def test_what_goes_wrong(self):
        self.is_error(self.ask(session=77), "ENOENT")
        self.is_error(self.ask(""), "EINVAL")
        self.is_error(self.ask({"x": b"/bin\0true".hex()}), "EINVAL")
        self.agent.why = "it is a FIFO\x1b[1m"
        self.failed(self.save(), "EACCES", "the endpoint refused: it is a FIFO\\x1b[1m")
        self.assertRegex(self.server.command("activity"), "end of save file +web-03: /bin/true +the endpoint refused: it is a FIFO")
        self.agent.why = None
        self.failed(self.save(max_bytes=1 << 20), "EFBIG", "it is too large")
        self.agent.lie = True
        self.failed(self.save(), "EBADMSG", "what came is not what was sent (SHA-256)")
        self.agent.lie = False
        self.agent.cuts = [2 << 20]
        self.failed(self.save(), "EIO", "the connection to the endpoint was lost")
        self.agent.refuse = ("EMFILE", "too much to do")
        self.failed(self.save(), "EACCES", "the endpoint refused: too much to do")
        self.agent.refuse = None
        self.assertEqual(self.save()["state"], "done")

    def test_cancelled_and_lost(self):
        self.agent.held.clear()
        told = self.ask()
        self.assertEqual(self.app.call("file.delete", file=told["file"])["type"], "done")
        self.assertEqual([one["error"] for one in self.app.news if one["type"] == "file" and one["state"] == "failed"],
                         ["ECANCELED"])
        self.is_error(self.app.call("file.delete", file=told["file"]), "ENOENT")
        self.app.news.clear()
        self.ask()
        self.agent.close() # its control connection; what it brings may not come any more either
        while (told := self.app.next_news("file"))["state"] == "running":
            pass
        self.failed(told, "EIO", "the endpoint's connection was lost")
        self.agent.held.set()

    def test_the_app_goes(self):
        self.agent.held.clear()
        self.ask()
        self.app.cut()
        self.server.until("end of save file .*the app's connection ended")
        self.agent.held.set()
        self.app = self.server.app()
        self.assertEqual((self.rows(), self.objects()), ([], []))

    def test_roles_and_groups(self):
        self.save()
        file = self.rows()[0][0]
        self.server.user("vera", "viewer")
        self.server.user("ivan", "investigator")
        self.server.command("group", "join", "db admins", "ivan")
        vera, ivan = self.server.app("vera"), self.server.app("ivan")
        self.assertEqual((len(self.rows(vera)), self.rows(ivan)), (1, []))
        self.is_error(self.ask(app=vera), "EACCES")
        self.is_error(self.ask(app=ivan), "ENOENT") # another's session
        self.is_error(vera.call("file.delete", file=file), "EACCES")
        for kind in ("file.fetch", "file.delete"):
            self.is_error(ivan.call(kind, file=file), "ENOENT")
            self.is_error(self.app.call(kind, file="nonsense"), "ENOENT")
        self.is_error(self.app.call("capture.fetch", capture=file, offset=0), "ENOENT") # it is no capture
        self.assertEqual(vera.call("file.fetch", file=file)["type"], "ticket")


class Small(Files):
    """Of a server that keeps little."""
    conf = "[storage]\nfile-megabytes = 1\n"

    def test_one_is_kept(self):
        self.failed(self.save(), "EFBIG", "it is too large")

    test_what_goes_wrong = test_cancelled_and_lost = test_the_app_goes = test_roles_and_groups = None


signal.alarm(300) # against hanging
if __name__ == "__main__":
    unittest.main(warnings="ignore") # of sockets that end with their server
