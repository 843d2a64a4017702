#!/usr/bin/env python3
"""spoor-server to programs that others wrote: node's ws with a client written from wire.h alone, sslscan.

  test-outside.py SPOOR-SERVER"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

from wire import NAME, PASSWORD, Agent, Server

PROGRAM = sys.argv.pop(1)
HERE = pathlib.Path(__file__).resolve().parent


def endpoint_reader(talk, call):
    """A recording of 250 events, newest first, of which a page has as many as were asked for."""
    if call["type"] == "reader.count":
        talk.say("count", call["id"], total=250, categories=[0, 250, 0, 0, 0, 0], step=call["step"], anchors=[])
    elif call["type"] == "reader.page":
        begin = call["skip"]
        rows = [[i, 1000 - i, 1, 1, 7, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, i, 1, 0, "/bin/sh", f"sh {i}", "root", "sh", None, None]
                for i in range(begin, min(begin + call["n"], 250))]
        talk.say("alive", call["id"])
        talk.say("page", call["id"], more=begin + call["n"] < 250, rows=rows)
    else:
        talk.say("error", call["id"], error="ENOSYS", text=None)


class Outside(unittest.TestCase):
    def setUp(self):
        self.server = Server(PROGRAM)
        self.addCleanup(self.server.forget)
        self.server.start()

    def test_a_client_from_the_protocols_description(self):
        node = shutil.which("node")
        if not node:
            self.skipTest("no node here")
        identities = [self.server.enrolled(f"web-0{i}") for i in range(5)]
        agent = Agent(self.server, identities[3], reader=endpoint_reader)
        self.server.user("ivan", "investigator")
        words = [self.server.apps, self.server.data / "tls" / "authority.pem", NAME, "ivan", PASSWORD, "web-03", "event.action == 'x'"]
        done = subprocess.run([node, HERE / "search.js", *map(str, words)], capture_output=True, text=True, timeout=60,
                              env={"NODE_PATH": "/usr/share/nodejs"})
        if done.returncode == 77:
            self.skipTest(done.stderr.strip())
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual((told["role"], told["host"], told["total"], len(told["rows"])), ("investigator", "web-03", 250, 250))
        self.assertEqual({row["command"] for row in told["rows"]}, {f"sh {i}" for i in range(250)})
        self.assertRegex(self.server.command("activity"), r"ivan +127\.0\.0\.1 +search +web-03: event\.action == 'x'  ok")
        agent.close()

    def test_only_what_is_strong_is_spoken(self):
        scan = shutil.which("sslscan")
        if not scan:
            self.skipTest("no sslscan here")
        for port in (self.server.apps, self.server.agents):
            told = subprocess.run([scan, "--no-colour", f"--sni-name={NAME}", "--no-groups", "--no-heartbleed",
                                   "--no-renegotiation", "--no-compression", "--no-fallback", f"127.0.0.1:{port}"],
                                  capture_output=True, text=True, timeout=60).stdout
            self.assertEqual(re.findall(r"(?m)^((?:TLS|SSL)v\S+) +enabled", told), ["TLSv1.2"], told)
            ciphers = re.findall(r"(?m)^(?:Preferred|Accepted) +(\S+) .*? (ECDHE\S+|\S+-\S+)", told)
            self.assertGreaterEqual(len(ciphers), 3, told)
            for version, cipher in ciphers:
                self.assertRegex(version + cipher, r"TLSv1\.2ECDHE-\w+-(AES\d+-GCM-SHA\d+|CHACHA20-POLY1305)")


if __name__ == "__main__":
    unittest.main(warnings="ignore")
