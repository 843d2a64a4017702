#!/usr/bin/env python3
"""spoor-server run, with apps and agents that speak wire.h.  test-serve.py SPOOR-SERVER"""
import json
import os
import signal
import socket
import subprocess
import sys
import time
import unittest

from wire import Agent, Closed, Identity, Refused, Server, Socket, Talk, echo, PASSWORD

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

    def test_status_on_the_command_line(self):
        self.server.write_conf(self.server.apps, self.server.agents)
        conf = ("-c", str(self.server.conf))
        self.assertRegex(self.server.command("status", *conf), r"\Arunning since 0 d 00:00:\d\d\nagents    0\n")
        self.assertEqual(json.loads(self.server.command("status", "--json", *conf))["apps"], 0)
        self.server.command("setup", "--replace", "--cn", "spoor.example") # and no SIGHUP
        self.assertIn("another than this data folder's", self.server.command("status", *conf, status=1))
        self.server.stop()
        self.assertIn("Connection refused", self.server.command("status", *conf, status=1))

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

    def test_bad_tokens_of_one_address_keep_nobody_else_out(self):
        token = self.server.app().welcome["token"]
        bad = Talk(self.server, self.server.apps, "/app", program="spoor", source="127.0.0.2")
        for _ in range(8):
            told = bad.call("app.resume", token="a" * 32)
        self.is_error(told, "EBUSY")
        app = Talk(self.server, self.server.apps, "/app", program="spoor")
        self.assertEqual(app.call("app.resume", token=token)["type"], "app.welcome")

    def test_one_user_has_so_many_connections(self):
        first = self.server.app()
        apps = [Talk(self.server, self.server.apps, "/app", program="spoor") for _ in range(16)]
        told = [app.call("app.resume", token=first.welcome["token"]) for app in apps]
        self.assertEqual([one["type"] for one in told], ["app.welcome"] * 15 + ["error"])
        self.is_error(told[15], "EMFILE")
        self.is_error(apps[15].call("app.login", user="admin", password=PASSWORD), "EMFILE")
        self.server.user("anna", "viewer")
        self.assertEqual(self.server.app("anna").welcome["type"], "app.welcome")
        apps[0].close()
        self.server.settled(lambda: self.server.status()[1]["apps"], 17)
        self.assertEqual(apps[15].call("app.resume", token=first.welcome["token"])["type"], "app.welcome")

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

    def test_every_bad_enrolment_counts(self):
        """Or a stranger could fill the activity log."""
        talk = Talk(self.server, self.server.agents, "/enrol", program="spoor-agent")
        for _ in range(20):
            told = talk.call("agent.enrol", token="a" * 32, key={"x": "00"}, host="web-03", machine="m" * 32)
        self.is_error(told, "EBUSY")
        self.assertLess(self.server.command("activity").count("enrol"), 10)

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

    def test_revoked_before_it_greets(self):
        identity = self.server.enrolled("web-03")
        agent = Talk(self.server, self.server.agents, "/agent", program="spoor-agent", identity=identity.file, greet=False)
        other, gone = self.agent("db")
        self.server.command("endpoint", "revoke", identity.id)
        self.server.command("endpoint", "revoke", other.id)
        gone.end.get(timeout=20) # the server has noticed
        agent.say("hello", 1, protocol_min=1, protocol_max=1, program="spoor-agent", version="9.9", host="web-03")
        self.assertEqual(agent.closes().code, 1008)

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


    def test_who_searches_much_is_read_slower(self):
        """Each search is kept, and waits for the disk: the others do not."""
        identity, _ = self.agent("web-03", reader=echo)
        end, _ = self.server.open(self.server.app(), identity.id)
        for i in range(400):
            end.say("reader.count", i + 1, where=f"process.pid == {i}", **{"from": 0, "to": 9, "step": 0})
        for i in range(40):
            self.assertEqual(end.hear()["call"]["where"], f"process.pid == {i}")
        kept = self.server.settled(lambda: self.server.command("activity", "--limit", "1000").count("search"))
        self.assertLess(kept, 400)


class Limits(Serving):
    conf = "[limits]\nidle-seconds = 1\nsessions-per-endpoint = 2\nsessions-per-user = 3\nstrangers = 8\n"

    def test_idle_ones_are_closed(self):
        identity, _ = self.agent("web-03", reader=echo)
        app = self.server.app()
        end, _ = self.server.open(app, identity.id)
        self.assertEqual(end.closes().code, 1001)
        states = [app.next_news("live.state") for _ in range(3)]
        self.assertEqual([told["state"] for told in states], ["attempted", "connected", "closed"])
        self.assertEqual(states[2]["error"], "ETIMEDOUT")

    def test_an_endpoint_that_chatters_keeps_none_open(self):
        def chatter(talk, call):
            while True:
                talk.say("alive", call["id"])
                time.sleep(0.1)

        identity, _ = self.agent("web-03", reader=chatter)
        end, _ = self.server.open(self.server.app(), identity.id)
        end.say("reader.info", 1)
        with self.assertRaises(Closed) as closed:
            for _ in range(150):
                end.hear()
        self.assertEqual(closed.exception.code, 1001)

    def test_so_many_sessions(self):
        identities = [self.agent(name)[0].id for name in ("web-03", "db")]
        app = self.server.app()
        told = [app.call("live.open", endpoint=identities[0]) for _ in range(3)]
        self.assertEqual([one["type"] for one in told], ["ticket", "ticket", "error"])
        self.is_error(told[2], "EMFILE")
        self.assertEqual(app.call("live.open", endpoint=identities[1])["type"], "ticket")
        self.is_error(app.call("live.open", endpoint=identities[1]), "EMFILE")
        self.assertEqual(app.call("live.close", session=told[0]["session"])["type"], "done")
        self.assertEqual(app.call("live.open", endpoint=identities[1])["type"], "ticket")

    def test_an_address_has_so_many_strangers(self):
        """Who showed who they are do not count."""
        agents = [self.agent(f"web-0{i}") for i in range(10)]
        strangers = [Talk(self.server, self.server.agents, "/enrol", program="spoor-agent") for _ in range(8)]
        with self.assertRaises((OSError, Closed)):
            Talk(self.server, self.server.agents, "/enrol", program="spoor-agent")
        Talk(self.server, self.server.agents, "/enrol", program="spoor-agent", source="127.0.0.2").close()
        strangers[0].close()
        self.assertEqual(self.server.status(self.server.apps)[1]["agents"], len(agents))


class Full(Serving):
    conf = "[limits]\nconnections = 8\n"

    def test_a_stranger_makes_room(self):
        """But nobody who showed who they are."""
        _, agent = self.agent("web-03")
        strangers = [Talk(self.server, self.server.agents, "/enrol", program="spoor-agent") for _ in range(20)]
        self.assertEqual(strangers[0].closes().code, 0)
        self.assertTrue(agent.end.empty())
        self.assertEqual(self.server.status()[1]["agents"], 1)

    def test_who_lists_much_is_read_slower(self):
        app, answered = self.server.app(), 0
        for i in range(400):
            app.say("endpoint.list", 1000 + i, match=None, after=None, n=1000)
        with self.assertRaises(TimeoutError):
            while True:
                app.hear(1)
                answered += 1
        self.assertTrue(40 <= answered < 400, answered)

    def test_who_asks_much_is_read_slower(self):
        app = self.server.app()
        for i in range(600):
            app.say("no.such.call", 1000 + i)
        self.assertEqual([app.hear()["id"] for _ in range(600)], list(range(1000, 1600)))


class Sharing(Serving):
    def test_roles_and_groups(self):
        web, _ = self.agent("web-03", "--group", "web", reader=echo)
        db, _ = self.agent("db", "--group", "db", reader=echo)
        self.server.user("vera", "viewer")
        self.server.user("ivan", "investigator")
        self.server.command("group", "join", "web admins", "ivan")
        self.server.command("group", "show", "web admins", "web")
        vera, ivan, admin = (self.server.app(name) for name in ("vera", "ivan", "admin"))
        self.assertEqual([len(self.rows(app)["endpoints"]) for app in (vera, ivan, admin)], [2, 1, 2])
        self.is_error(vera.call("live.open", endpoint=web.id), "EACCES")
        self.is_error(ivan.call("live.open", endpoint=db.id), "ENOENT")
        unknown = ivan.call("live.open", endpoint="0" * 64)
        self.assertEqual({**unknown, "id": 0}, {**ivan.call("live.open", endpoint=db.id), "id": 0}) # as if there were none
        _, session = self.server.open(ivan, web.id)
        self.is_error(vera.call("live.close", session=session), "EACCES")
        self.server.user("olga", "investigator")
        self.is_error(self.server.app("olga").call("live.close", session=session), "ENOENT")
        self.assertEqual(admin.call("live.close", session=session)["type"], "done")
        told = self.server.command("activity")
        self.assertRegex(told, r"vera +127\.0\.0\.1 +open session +web-03 +EACCES")
        self.assertRegex(told, r"admin +127\.0\.0\.1 +close session +web-03 of ivan +ok")

    def test_what_may_not_be_seen_any_more_is_closed(self):
        web, _ = self.agent("web-03", "--group", "web", reader=echo)
        self.server.user("ivan", "investigator")
        app = self.server.app("ivan")
        end, _ = self.server.open(app, web.id)
        self.server.command("group", "join", "db admins", "ivan")
        self.assertEqual(end.closes().code, 1001)
        self.assertEqual(self.rows(app)["endpoints"], [])

    def test_several_investigators_at_once(self):
        identity, _ = self.agent("web-03", reader=echo)
        apps = [self.server.app() for _ in range(4)]
        ends = [self.server.open(app, identity.id)[0] for app in apps]
        for i, end in enumerate(ends):
            end.say("reader.count", 1, where=f"process.pid == {i}")
        for i, end in enumerate(ends):
            self.assertEqual(end.hear()["call"]["where"], f"process.pid == {i}")
        apps[0].cut() # and takes its session with it
        ends[0].closes()
        self.assertEqual(ends[1].call("reader.info")["type"], "echo")


class Tickets(Serving):
    def test_once_for_one_side_and_one_key(self):
        identity, agent = self.agent("web-03")
        other, _ = self.agent("db")
        app = self.server.app()
        told = app.call("live.open", endpoint=identity.id)
        self.server.settled(lambda: bool(agent.dialled), True)
        agents = agent.dialled[0]["ticket"]
        for port, ticket, who in ((self.server.apps, agents, None), (self.server.agents, told["ticket"], identity),
                                  (self.server.agents, agents, other)):
            with self.assertRaisesRegex(Refused, "404"):
                Talk(self.server, port, f"/data/{ticket}", program="x", identity=who and who.file)
        first = Talk(self.server, self.server.apps, f"/data/{told['ticket']}", program="spoor")
        with self.assertRaisesRegex(Refused, "404"):
            Talk(self.server, self.server.apps, f"/data/{told['ticket']}", program="spoor")
        first.say("reader.info", 1) # before the other end is there
        self.assertEqual(first.closes().code, 1001)
        self.assertEqual([app.next_news("live.state")["state"] for _ in range(2)], ["attempted", "failed"])

    def test_who_comes_may_go_before_it_greets(self):
        """The session has failed then, whichever end it was."""
        identity, agent = self.agent("web-03")
        app = self.server.app()
        for side in ("app", "agent"):
            told = app.call("live.open", endpoint=identity.id)
            if side == "app":
                Socket(self.server, self.server.apps, f"/data/{told['ticket']}").cut()
            else:
                self.server.settled(lambda: len(agent.dialled), 2)
                Socket(self.server, self.server.agents, f"/data/{agent.dialled[1]['ticket']}", identity=identity.file).cut()
            self.assertEqual([app.next_news("live.state")["state"] for _ in range(2)], ["attempted", "failed"])
        self.assertEqual(self.server.status()[1]["sessions"], 0)

    def test_a_session_may_be_closed_before_they_greet(self):
        identity, _ = self.agent("web-03")
        app = self.server.app()
        told = app.call("live.open", endpoint=identity.id)
        end = Talk(self.server, self.server.apps, f"/data/{told['ticket']}", program="spoor", greet=False)
        self.assertEqual(app.call("live.close", session=told["session"])["type"], "done")
        self.assertEqual(end.closes().code, 1000)
        self.assertEqual(self.server.status()[1]["sessions"], 0)

    def test_the_endpoint_may_refuse(self):
        identity, _ = self.agent("web-03", refuse=("ENOENT", "no recording"))
        app = self.server.app()
        app.call("live.open", endpoint=identity.id)
        states = [app.next_news("live.state") for _ in range(2)]
        self.assertEqual([told["state"] for told in states], ["attempted", "failed"])
        self.assertIn("no recording", states[1]["text"])

    def test_what_an_endpoint_says_is_cut_and_made_visible(self):
        identity, _ = self.agent("web-03", refuse=("EINVAL", "\x1b[2J\nspoor-server: all is well" + "ä" * 480))
        app = self.server.app()
        app.call("live.open", endpoint=identity.id)
        self.assertEqual([app.next_news("live.state")["state"] for _ in range(2)], ["attempted", "failed"])
        self.assertEqual(len(self.rows(app)["endpoints"]), 1) # and the app is there still
        told = app.call("capture.start", endpoint=identity.id)
        while told["state"] != "failed":
            told = app.next_news("capture")
        for text in (self.server.command("activity"), self.server.log.read_text()):
            self.assertIn(r"\x1b[2J\nspoor-server: all is well", text)
            self.assertNotIn("\x1b", text)

    def test_an_agent_that_goes_takes_its_sessions_with_it(self):
        identity, agent = self.agent("web-03", reader=echo)
        app = self.server.app()
        end, _ = self.server.open(app, identity.id)
        agent.talk.cut()
        self.assertEqual(end.closes().code, 1001)
        states = [app.next_news("live.state") for _ in range(3)]
        self.assertEqual((states[2]["state"], states[2]["error"] is not None), ("closed", True))
        self.is_error(app.call("live.open", endpoint=identity.id), "ENXIO")

    def test_a_slow_reader_slows_the_other_end(self):
        """What waits in the server is bounded: of 64 MB that one end sends most stays with it."""
        sent = []

        def flood(talk, call):
            for _ in range(64):
                talk.frame(2, bytes(1 << 20))
                sent.append(1)
            talk.say("done", call["id"])

        identity, _ = self.agent("web-03", reader=flood)
        app = self.server.app()
        end, _ = self.server.open(app, identity.id)
        before = self.server.memory()
        end.say("reader.info", 1)
        self.server.settled(lambda: len(sent))
        self.assertLess(len(sent), 40)
        self.assertLess(self.server.memory() - before, 32 << 20)
        got = 0
        while True:
            kind, payload = end.message()
            if kind == 1:
                break
            got += len(payload)
        self.assertEqual(got, 64 << 20)

    def test_a_large_answer_arrives_whole(self):
        identity, _ = self.agent("web-03", reader=lambda talk, call: talk.say("echo", call["id"], text="ä" * (1 << 20)))
        app = self.server.app()
        end, _ = self.server.open(app, identity.id)
        self.assertEqual(end.call("reader.info")["text"], "ä" * (1 << 20))


class Running(Serving):
    def test_sighup_reads_all_again(self):
        self.assertNotIn("debug", self.server.log.read_text())
        log = self.server.top / "log"
        self.server.more = f"[log]\nformat = json\nlevel = debug\nfile = {log}\n[agents]\nlog-level = debug\n"
        self.server.write_conf(self.server.apps, self.server.agents)
        _, agent = self.agent("web-03")
        before = self.server.certificate()
        self.server.command("setup", "--replace", "--cn", "spoor.example")
        self.server.process.send_signal(signal.SIGHUP)
        self.server.settled(log.exists, True)
        self.assertNotEqual(self.server.certificate(), before)
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        self.assertIn(("info", "reloaded"), [(line["level"], line["text"]) for line in lines])
        self.server.settled(lambda: bool(agent.dialled), True)
        self.assertEqual((agent.dialled[0]["type"], agent.dialled[0]["level"]), ("agent.log", "debug"))
        self.server.conf.write_text("nonsense")
        log.rename(self.server.top / "old-log")
        self.server.process.send_signal(signal.SIGHUP)
        self.assertEqual(self.server.status()[0], 200) # what was wrong changes nothing

    def test_both_families_are_listened_to(self):
        self.server.stop()
        self.server.conf.write_text("[listen]\napp-port = 0\nagent-port = 0\n")
        self.server.start()
        for address in ("127.0.0.1", "::1"):
            try:
                raw = socket.create_connection((address, self.server.apps), timeout=20)
            except OSError as fault:
                if address == "::1" and not os.path.exists("/proc/net/if_inet6"):
                    self.skipTest("no IPv6 here")
                raise fault
            with self.server.context_by_name().wrap_socket(raw, server_hostname="spoor.example") as link:
                link.sendall(b"GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                self.assertIn(b"200 OK", link.recv(65536))

    def test_it_stops_in_order(self):
        _, agent = self.agent("web-03")
        app = self.server.app()
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual((app.closes().code, agent.end.get(timeout=20).code), (1001, 1001))
        self.server.start()
        row = self.rows(self.server.app())["endpoints"][0]
        self.assertEqual((row[1], row[3], row[5]), ("web-03", "127.0.0.1", "away"))
        self.assertGreater(row[6], 0)

    def test_a_wrong_configuration_is_told(self):
        self.server.stop()
        self.server.conf.write_text("[limits]\nsessions = many\n")
        done = subprocess.run([PROGRAM, "run", "-c", self.server.conf, "--data", self.server.data], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (1, f"spoor-server: {self.server.conf}:2: a number from 1 to 10000 "
                                                             'is wanted, not "many"\n'))

    def test_junk_and_half_open_beside_a_legitimate_one(self):
        junk = []
        for i in range(300):
            raw = socket.create_connection(("127.0.0.1", self.server.agents if i % 2 else self.server.apps),
                                           source_address=(f"127.0.1.{i % 200 + 1}", 0))
            raw.sendall([b"", b"GET / HTTP/1.0\r\n\r\n", os.urandom(200), b"\x16\x03\x01\x02\x00"][i % 4])
            junk.append(raw)
        self.assertEqual(self.rows(self.server.app())["endpoints"], [])
        self.assertEqual(self.server.status()[1]["state"], "running")
        for raw in junk:
            raw.close()


signal.alarm(300) # against hanging
if __name__ == "__main__":
    unittest.main(warnings="ignore") # of sockets that end with their server
