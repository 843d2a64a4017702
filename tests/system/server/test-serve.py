#!/usr/bin/env python3
"""spoor-server run, with apps and agents that speak wire.h.  test-serve.py SPOOR-SERVER"""
import signal
import sys
import unittest

from wire import Agent, Closed, Identity, Refused, Server, Talk, echo, PASSWORD

PROGRAM = sys.argv.pop(1)


class Serving(unittest.TestCase):
    conf = ""

    def setUp(self):
        self.server = Server(PROGRAM, self.conf)
        self.addCleanup(self.server.forget)
        self.server.start()

    def agent(self, host, *more, **kinds):
        identity = self.server.enrolled(host, *more)
        agent = Agent(self.server, identity, **kinds)
        self.addCleanup(agent.close)
        return identity, agent

    def rows(self, app, **members):
        told = app.call("endpoint.list", **{"match": None, "after": None, "n": 1000, **members})
        self.assertEqual(told["type"], "endpoints", told)
        return told

    def is_error(self, told, error):
        self.assertEqual((told["type"], told.get("error")), ("error", error), told)


class Greeting(Serving):
    def test_status_on_both_ports(self):
        for port in (self.server.apps, self.server.agents):
            status, told = self.server.status(port)
            self.assertEqual((status, told["program"], told["state"]), (200, "spoor-server", "running"))

    def test_another_protocol_is_unwelcome(self):
        talk = Talk(self.server, self.server.apps, "/app", program="spoor", greet=False)
        told = talk.call("hello", protocol_min=7, protocol_max=9, program="spoor", version="9", host="a")
        self.assertEqual(told["type"], "unwelcome")
        self.assertIn("update the server", told["text"])
        self.assertEqual(talk.closes().code, 1008)

    def test_hello_comes_first(self):
        talk = Talk(self.server, self.server.apps, "/app", program="spoor", greet=False)
        talk.say("app.login", 1, user="admin", password=PASSWORD)
        self.assertIn(talk.closes().code, (1002, 1008))

    def test_paths_are_of_their_port(self):
        for port, target in ((self.server.apps, "/agent"), (self.server.apps, "/enrol"), (self.server.agents, "/app"),
                             (self.server.apps, "/data/" + "a" * 32), (self.server.apps, "/data/")):
            with self.assertRaisesRegex(Refused, "404"):
                Talk(self.server, port, target, program="spoor")
        for target in ("/agent", "/data/" + "a" * 32): # without a certificate
            with self.assertRaisesRegex(Refused, "403"):
                Talk(self.server, self.server.agents, target, program="spoor-agent")


class Login(Serving):
    def test_good_bad_resumed_and_out(self):
        app = Talk(self.server, self.server.apps, "/app", program="spoor")
        self.is_error(app.call("endpoint.list", match=None, after=None, n=1), "EACCES")
        self.is_error(app.call("app.login", user="admin", password="wrong horse"), "EACCES")
        self.is_error(app.call("app.login", user="nobody", password=PASSWORD), "EACCES")
        told = app.call("app.login", user="ADMIN", password=PASSWORD)
        self.assertEqual((told["type"], told["user"], told["role"]), ("app.welcome", "admin", "administrator"))
        again = Talk(self.server, self.server.apps, "/app", program="spoor")
        resumed = again.call("app.resume", token=told["token"])
        self.assertEqual((resumed["type"], resumed["user"]), ("app.welcome", "admin"))
        self.assertEqual(self.rows(again)["endpoints"], [])
        self.assertEqual(again.call("app.logout")["type"], "done")
        self.assertEqual(again.closes().code, 1000)
        third = Talk(self.server, self.server.apps, "/app", program="spoor")
        self.is_error(third.call("app.resume", token=told["token"]), "EACCES")

    def test_who_guesses_waits(self):
        app = Talk(self.server, self.server.apps, "/app", program="spoor")
        for _ in range(6):
            told = app.call("app.login", user="admin", password="wrong horse")
        self.is_error(told, "EBUSY")
        self.is_error(app.call("app.login", user="admin", password=PASSWORD), "EBUSY")

    def test_a_disabled_user_is_let_go(self):
        self.server.user("anna", "investigator")
        app = self.server.app("anna")
        self.assertEqual(app.welcome["type"], "app.welcome")
        self.server.command("user", "disable", "anna")
        self.assertEqual(app.closes().code, 1008)
        self.is_error(self.server.app("anna").welcome, "EACCES")


class Endpoints(Serving):
    def test_enrolment(self):
        token = self.server.token("--group", "web")
        one = Identity(self.server.top, "web-03")
        self.assertEqual(one.enrol(self.server, token)["type"], "agent.enrolled")
        two = Identity(self.server.top, "web-03")
        self.is_error(two.enrol(self.server, token), "EACCES") # used up
        self.is_error(two.enrol(self.server, "nonsense"), "EACCES")
        self.assertEqual(two.enrol(self.server, self.server.token())["type"], "agent.enrolled")
        agent = Agent(self.server, one)
        listed = self.rows(self.server.app())["endpoints"]
        self.assertEqual([(row[0], row[1], row[2], row[5]) for row in listed],
                         [(one.id, "web-03", "web", "here"), (two.id, "web-03", "", "away")])
        agent.close()

    def test_pages_and_matches(self):
        ids = {self.server.enrolled(f"web-0{i}").id for i in range(5)} | {self.server.enrolled("db").id}
        app, seen, after = self.server.app(), [], None
        while True:
            page = self.rows(app, after=after, n=4)
            seen += [row[0] for row in page["endpoints"]]
            after = seen[-1]
            if not page["more"]:
                break
        self.assertEqual((len(seen), set(seen)), (6, ids))
        self.assertEqual([row[1] for row in self.rows(app, match="B-03")["endpoints"]], ["web-03"])

    def test_revoked_while_connected(self):
        identity, agent = self.agent("web-03")
        app = self.server.app()
        self.server.command("endpoint", "revoke", "web-03")
        self.assertEqual(agent.end.get(timeout=20).code, 1008)
        with self.assertRaises(OSError): # TLS says why
            Talk(self.server, self.server.agents, "/agent", program="spoor-agent", identity=identity.file)
        self.assertEqual(self.rows(app)["endpoints"][0][5], "revoked")
        self.is_error(identity.enrol(self.server, self.server.token()), "EPERM")


class Sessions(Serving):
    def test_calls_go_there_and_back(self):
        identity, _ = self.agent("web-03", reader=echo)
        app = self.server.app()
        end, session = self.server.open(app, identity.id)
        where = "process.name == 'bash'"
        for _ in range(2):
            self.assertEqual(end.call("reader.count", where=where, **{"from": 0, "to": 9, "step": 0})["call"]["where"], where)
        self.assertEqual([app.next_news("live.state")["state"] for _ in range(2)], ["attempted", "connected"])
        self.assertEqual(app.call("live.close", session=session)["type"], "done")
        self.assertEqual(app.next_news("live.state")["state"], "closed")
        self.assertEqual(end.closes().code, 1000)
        told = self.server.command("activity")
        self.assertEqual(told.count("search"), 1, told)
        self.assertIn(where, told)


signal.alarm(300) # against hanging
if __name__ == "__main__":
    unittest.main(warnings="ignore") # of sockets that end with their server
