#!/usr/bin/env python3
"""`query`: what it finds, each way it prints, and one clear message for each mistake."""

import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

BUILT = sys.argv.pop(1)
AGENT = os.environ.get("SPOOR_AGENT") or BUILT
HOST = "type={type} msg=audit({time}:{serial}): "

ARGUMENTS = [b"/usr/bin/tool", b"a b", b'it\'s "x"', b"\xff\xfe", b"", b"=1+1", b"tab\there"]


def syscall(time, serial, number, fields, exit=0, success="yes"):
    return (f"type=SYSCALL msg=audit({time}:{serial}): arch=c000003e syscall={number} success={success} exit={exit} "
            f"{fields} ppid=1 pid=4711 auid=1000 uid=1000 gid=1000 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 "
            f'ses=3 comm="tool" exe="/usr/bin/tool" key=(null)\n')


def record(kind, time, serial, rest):
    return f"type={kind} msg=audit({time}:{serial}): {rest}\n"


def argument(a):
    plain = all(0x20 < c < 0x7f and c != 0x22 for c in a)
    return f'"{a.decode()}"' if plain else a.hex().upper()


def story():
    t = "1700000000.100"
    args = " ".join(f"a{i}={argument(a)}" for i, a in enumerate(ARGUMENTS))
    log = syscall(t, 1, 59, "a0=1 a1=2 a2=3 a3=4 items=1")
    log += record("EXECVE", t, 1, f"argc={len(ARGUMENTS)} {args}")
    log += record("CWD", t, 1, 'cwd="/root"')
    log += record("PATH", t, 1, 'item=0 name="/usr/bin/tool" inode=7 dev=fe:00 mode=0100755 nametype=NORMAL')
    log += record("EOE", t, 1, "")
    t = "1700000001.200"
    log += syscall(t, 2, 82, "a0=1 a1=2 a2=3 a3=4 items=4")
    log += record("CWD", t, 2, 'cwd="/tmp"')
    log += record("PATH", t, 2, 'item=0 name="/tmp" inode=2 dev=fe:00 mode=041777 nametype=PARENT')
    log += record("PATH", t, 2, 'item=1 name="/tmp" inode=2 dev=fe:00 mode=041777 nametype=PARENT')
    log += record("PATH", t, 2, 'item=2 name="old.txt" inode=9 dev=fe:00 mode=0100644 nametype=DELETE')
    log += record("PATH", t, 2, 'item=3 name="new.txt" inode=9 dev=fe:00 mode=0100644 nametype=CREATE')
    log += record("EOE", t, 2, "")
    t = "1700000002.300"
    log += syscall(t, 3, 42, "a0=3 a1=7ffd a2=10 a3=0 items=0", exit=-111, success="no")
    log += record("SOCKADDR", t, 3, "saddr=02000009C00002070000000000000000")
    log += record("EOE", t, 3, "")
    return log


class Query(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.db = pathlib.Path(cls.folder.name) / "x.db"
        log = pathlib.Path(cls.folder.name) / "audit.log"
        log.write_text(story())
        subprocess.run([AGENT, "import", "--db", cls.db, log], check=True, stdout=subprocess.DEVNULL)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def run_query(self, *args, code=0):
        r = subprocess.run([AGENT, "query", *args], capture_output=True, check=False)
        self.assertEqual(r.returncode, code, r.stderr)
        return r.stdout if code == 0 else r.stderr.decode()

    def rows(self, expression, *options):
        out = self.run_query("--format", "json", *options, self.db, expression)
        return [json.loads(line) for line in out.decode().splitlines()]

    def test_arguments(self):
        [row] = self.rows("event.action == ProcessCreate")
        self.assertEqual([bytes.fromhex(a) for a in row["process.args_hex"]], ARGUMENTS)
        self.assertEqual(row["process.args"][:3], ["/usr/bin/tool", "a b", 'it\'s "x"'])
        self.assertEqual(row["process.args"][3], "\\xff\\xfe")
        self.assertEqual(row["@timestamp"], "2023-11-14T22:13:20.100Z")
        self.assertEqual(row["process.pid"], 4711)
        self.assertEqual((row["user.id"], row["process.real_user.id"], row["user.audit.id"]), (0, 1000, 1000))

    def test_rename_and_connect(self):
        [row] = self.rows('file.path == "/TMP/OLD.txt" and file.target_path endswith "/new.txt"')
        self.assertEqual((row["file.path"], row["file.target_path"]), ("/tmp/old.txt", "/tmp/new.txt"))
        [row] = self.rows("destination.ip cidr 192.0.2.0/24 and error.code == ECONNREFUSED")
        self.assertEqual((row["destination.ip"], row["destination.port"], row["event.outcome"], row["error.code"]),
                         ("192.0.2.7", 9, "failure", 111))

    def test_order_limit_range(self):
        times = [row["@timestamp"] for row in self.rows("")]
        self.assertEqual(len(times), 4) # the first program is set-user-id: its exec gives two rows
        self.assertEqual([r["@timestamp"] for r in self.rows("", "--newest")], times[::-1])
        self.assertEqual([r["@timestamp"] for r in self.rows("", "--newest", "--limit", "1")], times[3:])
        self.assertEqual([r["@timestamp"] for r in self.rows("", "--from", times[2], "--to", times[3])], times[2:3])
        self.assertEqual(self.run_query("--limit", "0", "--format", "json", self.db), b"")

    def told(self, *args):
        """What is said beside the rows."""
        return subprocess.run([AGENT, "query", *args], capture_output=True, check=True).stderr.decode()

    def test_says_whether_that_is_all(self):
        log = "from a log: what it held depended on that host's audit rules"
        self.assertEqual(self.told(self.db, "process.name == nobody"),
                         f"spoor-agent: nothing is known to be missing of what was chosen to be recorded: {log}\n")
        self.assertEqual(self.told("--quiet", self.db), "")
        self.assertEqual(self.told("--count", self.db, "event.category == registry"),
                         "spoor-agent: not recorded: nothing on this system tells of this kind\n")
        self.assertEqual(self.told(self.db, '@timestamp < "2023-01-01" and @timestamp >= "2022-01-01"'),
                         "spoor-agent: not recorded: recording began 2023-11-14 22:13:20.100+00:00\n")
        self.assertIn("not fully recorded: recording ended ", self.told("--to", "2030-01-01", self.db))

    def test_count(self):
        self.assertEqual(self.run_query("--count", self.db), b"4\n")
        self.assertEqual(self.run_query("--count", self.db, "event.category == registry"), b"0\n")
        self.assertEqual(self.run_query("--count", "--check", self.db, "process.name == tool"), b"4\n")

    def test_group(self):
        group = ("--group", "event.action", "--quiet")
        lines = self.run_query(*group, self.db).decode().splitlines()
        self.assertEqual(lines[0].split(), ["Events", "Share", "event.action"])
        self.assertEqual(sorted(line.split()[2] for line in lines[1:]),
                         ["ConnectFailed", "CredentialChange", "ProcessCreate", "RenamePath"])
        self.assertEqual(lines[1].split()[:2], ["1", "25.0%"])
        rows = [json.loads(line) for line in self.run_query("--group", "file.path", "--rare", "--format", "json", self.db)
                .decode().splitlines()]
        self.assertEqual(sorted(r["file.path"] for r in rows), ["/tmp/new.txt", "/tmp/old.txt"])
        out = self.run_query("--group", "user.id", "--top", "1", "--format", "csv", self.db).decode()
        self.assertEqual(len(list(csv.reader(io.StringIO(out)))), 2)
        self.assertIn("values of file.path in 4 events, 3 of them without one", self.told("--group", "file.path", self.db))

    def test_csv(self):
        out = self.run_query("--format", "csv", self.db, "event.action == ProcessCreate").decode()
        head, row = list(csv.reader(io.StringIO(out)))
        cells = dict(zip(head, row))
        self.assertIn("\\xff\\xfe", cells["process.command_line"])
        self.assertEqual(cells["process.executable"], "/usr/bin/tool")

    def test_table(self):
        lines = self.run_query(self.db).decode().splitlines()
        self.assertEqual(len(lines), 5)
        self.assertIn("Time (UTC)", lines[0])
        self.assertIn("/tmp/old.txt → /tmp/new.txt", lines[3])
        self.assertIn("192.0.2.7:9 (ECONNREFUSED)", lines[4])
        self.assertNotIn("\t", lines[1])

    def test_wrong_expression(self):
        text = self.run_query(self.db, "user.id == 1 and proces.name == x", code=2)
        self.assertEqual(text, "spoor-agent: query: column 18: unknown field proces.name, did you mean process.name?\n"
                               "  user.id == 1 and proces.name == x\n"
                               "                   ^~~~~~~~~~~\n")
        text = self.run_query(self.db, "process.pid ==", code=2)
        self.assertIn("column 15: a value is missing at the end", text)

    def test_usage(self):
        for args in ([], ["--format", "xml", self.db], ["--limit", "x", self.db], ["--from", "x", self.db],
                     [self.db, "a", "b"], ["--nonsense"], ["--rare", self.db], ["--group", "nonsense", self.db],
                     ["--group", "user.id", "--top", "1001", self.db], ["--group", "user.id", "--count", self.db],
                     ["--group", "user.id", "--limit", "3", self.db], ["--group", "user.id", "--oldest", self.db],
                     ["--group", "user.id", "--format", "timesketch", self.db]):
            text = self.run_query(*args, code=2)
            self.assertEqual(text.count("\n"), 1, text)
            self.assertTrue(text.startswith("spoor-agent: query: "), text)

    def test_no_database(self):
        for path in (self.folder.name, self.folder.name + "/none", self.folder.name + "/audit.log"):
            text = self.run_query("--count", path, code=1)
            self.assertEqual(text.count("\n"), 1, text)
            self.assertIn(path, text)

    def test_help_and_fields(self):
        self.assertIn(b"--newest", self.run_query("--help"))
        reference = self.run_query("--fields").decode()
        self.assertIn("| `process.executable` | text |", reference)
        for line in reference.splitlines():
            if line.startswith("| `") and line.count(" | ") == 3 and "." in line.split("`")[1]:
                example = line.split("`")[-2].replace("\\|", "|")
                self.run_query("--count", self.db, example)


if __name__ == "__main__":
    unittest.main()
