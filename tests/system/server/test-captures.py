#!/usr/bin/env python3
"""spoor-server's captures: snapshots that come, go on, are listed, fetched and deleted.  test-captures.py SPOOR-SERVER"""
import hashlib
import os
import random
import signal
import sys
import unittest

from bring import Sender, fetch
from wire import Server, Talk

PROGRAM = sys.argv.pop(1)


class Captures(unittest.TestCase):
    def setUp(self):
        self.server = Server(PROGRAM)
        self.addCleanup(self.server.forget)
        self.server.start()
        self.identity = self.server.enrolled("web-03", "--group", "web")
        self.app = self.server.app()
        self.content = random.Random(1).randbytes(9 << 20)

    def agent(self, **more):
        agent = Sender(self.server, self.identity, more.pop("content", self.content), **more)
        self.addCleanup(agent.close)
        return agent

    def start(self):
        told = self.app.call("capture.start", endpoint=self.identity.id)
        self.assertEqual(told["type"], "capture", told)
        return told["capture"]

    def until(self, capture, state):
        while True:
            told = self.app.next_news("capture")
            if told["capture"] == capture and told["state"] == state:
                return told

    def rows(self, app=None, **members):
        told = (app or self.app).call("capture.list", **{"host": None, "after": None, "n": 1000, **members})
        self.assertEqual(told["type"], "captures", told)
        return told["captures"]

    def is_error(self, told, error):
        self.assertEqual((told["type"], told.get("error")), ("error", error), told)

    def objects(self):
        return sorted(os.listdir(self.server.data / "objects"))

    def test_one_comes_and_goes(self):
        agent = self.agent()
        capture = self.start()
        done = self.until(capture, "done")
        sha = hashlib.sha256(self.content).hexdigest()
        self.assertEqual((done["done"], done["bytes"]), (len(self.content),) * 2)
        self.assertEqual(self.objects(), [sha])
        row = self.rows()[0]
        self.assertEqual((row[0], row[1], row[2], row[3], *row[5:]),
                         (capture, self.identity.id, "web-03", agent.name, "done", len(self.content), len(self.content), sha, "admin"))
        self.assertEqual(agent.orders[0]["path"], capture)
        offer, content = fetch(self.server, self.app.call("capture.fetch", capture=capture, offset=0)["ticket"])
        self.assertEqual((offer["name"], content), (agent.name, self.content))
        half = self.content[:5 << 20]
        _, content = fetch(self.server, self.app.call("capture.fetch", capture=capture, offset=0)["ticket"], half)
        self.assertEqual(content, self.content)
        second = self.start() # of the same bytes: they are here once
        self.until(second, "done")
        self.assertEqual(self.objects(), [sha])
        self.assertEqual(self.app.call("capture.delete", capture=capture)["type"], "done")
        self.assertEqual(self.objects(), [sha])
        self.assertEqual(self.app.call("capture.delete", capture=second)["type"], "done")
        self.assertEqual((self.objects(), self.rows()), ([], []))
        self.is_error(self.app.call("capture.fetch", capture=capture, offset=0), "ENOENT")
        told = self.server.command("activity")
        for line in ("capture +web-03 +begun", "capture +web-03 +ok", f"open snapshot +web-03: {agent.name} +ok",
                     f"delete snapshot +web-03: {agent.name} +ok"):
            self.assertRegex(told, line)

    def test_broken_connections_and_servers(self):
        agent = self.agent(cut_after=(3 << 20, 2 << 20))
        capture = self.start()
        self.until(capture, "done")
        self.assertEqual(len(agent.offsets), 3)
        self.assertTrue(agent.offsets[0] == 0 < agent.offsets[1] < agent.offsets[2])
        self.app.call("capture.delete", capture=capture)
        agent.offsets.clear()
        agent.cuts = [4 << 20]
        capture = self.start()
        self.until(capture, "waiting")
        self.server.process.kill()
        self.server.process.wait()
        self.server.start()
        self.app = self.server.app()
        self.assertEqual([(row[0], row[5]) for row in self.rows()], [(capture, "waiting")])
        again = self.agent()
        self.until(capture, "done")
        self.assertGreater(again.offsets[0], 0)
        self.assertEqual(self.objects(), [hashlib.sha256(self.content).hexdigest()])

    def test_pause_resume_cancel(self):
        capture = self.start() # before its endpoint is here
        self.assertEqual(self.rows()[0][5], "waiting")
        self.is_error(self.app.call("capture.start", endpoint=self.identity.id), "EBUSY")
        self.assertEqual(self.app.call("capture.pause", capture=capture)["type"], "done")
        agent = self.agent(cut_after=(3 << 20,))
        self.assertEqual(self.rows()[0][5], "paused")
        agent.held.clear()
        self.assertEqual(self.app.call("capture.resume", capture=capture)["type"], "done")
        self.until(capture, "running")
        self.app.call("capture.pause", capture=capture)
        agent.held.set()
        self.app.call("capture.resume", capture=capture)
        self.until(capture, "done")
        other = self.start()
        self.until(other, "running")
        self.assertEqual(self.app.call("capture.delete", capture=other)["type"], "done")
        self.assertEqual([row[0] for row in self.rows()], [capture])
        self.assertEqual(len(self.objects()), 1)
        self.is_error(self.app.call("capture.pause", capture=capture), "EINVAL")

    def test_a_hostile_endpoint(self):
        agent = self.agent(lie=True, name="../../etc/passwd")
        capture = self.start()
        told = self.until(capture, "failed")
        self.assertEqual((told["error"], told["text"]), ("EBADMSG", "what came is not what was sent (SHA-256)"))
        self.assertEqual(self.objects(), [])
        self.assertNotIn("/", self.rows()[0][3])
        self.is_error(self.app.call("capture.fetch", capture=capture, offset=0), "EBUSY")
        agent.lie = False
        self.app.call("capture.resume", capture=capture)
        self.until(capture, "done")
        self.assertNotIn("/", self.rows()[0][3])

    def test_what_is_no_recording_is_told(self):
        self.agent()
        capture = self.start()
        self.is_error(self.app.call("capture.open", capture="99"), "ENOENT")
        self.until(capture, "done")
        told = self.app.call("capture.open", capture=capture)
        self.assertEqual(told["type"], "ticket", told)
        end = Talk(self.server, self.server.apps, f"/data/{told['ticket']}", program="spoor")
        self.assertEqual(end.hear()["type"], "data.ready")
        told = end.call("reader.info")
        self.is_error(told, "ENOTSUP")
        self.assertNotIn(str(self.server.data), told["text"])
        end.close()

    def test_too_large(self):
        self.server.stop()
        self.server.more = "[storage]\nfile-megabytes = 1\n"
        self.server.write_conf()
        self.server.start()
        self.app = self.server.app()
        self.agent()
        told = self.until(self.start(), "failed")
        self.assertEqual(told["error"], "EFBIG")
        self.assertEqual(self.objects(), [])

    def test_roles_and_groups(self):
        self.agent()
        capture = self.start()
        self.until(capture, "done")
        self.server.user("vera", "viewer")
        self.server.user("ivan", "investigator")
        self.server.command("group", "join", "db admins", "ivan")
        vera, ivan = self.server.app("vera"), self.server.app("ivan")
        self.assertEqual((len(self.rows(vera)), self.rows(ivan)), (1, []))
        self.is_error(vera.call("capture.start", endpoint=self.identity.id), "EACCES")
        self.is_error(vera.call("capture.delete", capture=capture), "EACCES")
        self.is_error(ivan.call("capture.start", endpoint=self.identity.id), "ENOENT")
        for kind in ("capture.open", "capture.fetch", "capture.delete", "capture.pause", "capture.resume"):
            more = {"offset": 0} if kind == "capture.fetch" else {}
            self.is_error(ivan.call(kind, capture=capture, **more), "ENOENT")
            self.is_error(self.app.call(kind, capture="nonsense", **more), "ENOENT")
        self.assertEqual(vera.call("capture.fetch", capture=capture, offset=0)["type"], "ticket")

    def test_who_may_see_it_hears_how_it_goes(self):
        self.server.user("vera", "viewer")
        self.server.user("ivan", "investigator")
        self.server.command("group", "join", "db admins", "ivan")
        vera, ivan = self.server.app("vera"), self.server.app("ivan")
        agent = self.agent()
        agent.held.clear()
        capture = self.start()
        for app in (self.app, vera): # that it begins, and what it has
            for _ in range(2):
                while app.next_news("capture")["state"] != "running":
                    pass
        self.assertEqual(self.rows(ivan), [])
        self.assertEqual([told for told in ivan.news if told["type"] == "capture"], [])
        agent.held.set()
        self.until(capture, "done")

    def test_who_takes_nothing_keeps_nobody_from_fetching(self):
        self.server.stop()
        self.server.more = "[limits]\nidle-seconds = 1\n"
        self.server.write_conf()
        self.server.start()
        self.app = self.server.app()
        self.agent()
        capture = self.start()
        self.until(capture, "done")
        self.server.user("vera", "viewer")
        vera = self.server.app("vera")
        told = [vera.call("capture.fetch", capture=capture, offset=0) for _ in range(9)]
        self.is_error(told[8], "EMFILE")
        self.assertEqual(self.app.call("capture.fetch", capture=capture, offset=0)["type"], "ticket")
        talks = [Talk(self.server, self.server.apps, f"/data/{one['ticket']}", program="spoor") for one in told[:8]]
        self.assertEqual([talk.closes().code for talk in talks], [1001] * 8)
        self.assertEqual(vera.call("capture.fetch", capture=capture, offset=0)["type"], "ticket")


signal.alarm(300) # against hanging
if __name__ == "__main__":
    unittest.main(warnings="ignore") # of sockets that end with their server
