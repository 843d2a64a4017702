#!/usr/bin/env python3
"""ausearch and aureport as oracles: of the same log, as many events, of each kind as many, and every program's arguments.

Arguments: the agent, the folder of the golden logs, the folder beside the project with public logs (SPOOR_SHARED overrides
it), the program that makes load. Where auditd is there, the log it writes meanwhile is compared as well.

Known faults of the oracles (audit 3.0.9), all left out of the comparison below:
 - ausearch and aureport leave out every event with a record of AppArmor's, and lines that begin with host= (node= it knows);
 - ausearch takes lines without msg= for records; to us they are none, and are kept as such;
 - ausearch shows an event in pieces where records of others come between its own, or its end comes late: what counts is how
   many different time stamps there are;
 - aureport counts no event that is not complete, and of two with the same second and number only one: it may say fewer;
 - of an argument that came in pieces (a1[0]=, a1[1]=) ausearch shows the records from the last to the first."""

import collections
import datetime
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

LOAD, SHARED, GOLDEN = sys.argv.pop(), pathlib.Path(os.environ.get("SPOOR_SHARED") or sys.argv[-1]), pathlib.Path(sys.argv[-2])
del sys.argv[-2:]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "live"))
from harness import Database, Recorder, agent, folder, require_audit, skip, wait_for

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
AUSEARCH, AUREPORT, AUDITD = (shutil.which(name, path=PATH) for name in ("ausearch", "aureport", "auditd"))
RECORD = re.compile(rb"^(node=\S+ )?type=(\S+) msg=audit\((\d\d/\d\d/\d\d \d\d:\d\d:\d\d\.\d{3}):(\d+)\) ?:? ?", re.M)
FAULTY = re.compile(rb'^(?:host=.*|.* apparmor=".*)$', re.M)
STAMP = re.compile(rb"msg=audit\((\d+)\.(\d{1,3}):(\d+)\)")
ARCHITECTURES = {"x86_64", "i386", "aarch64"}
NO_LOG = {"invalid.log"} # refused: it holds NUL bytes


def oracle(program, *arguments):
    """In UTC, and with bytes as they are."""
    return subprocess.run([program, *map(os.fspath, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, env={**os.environ, "TZ": "UTC", "LC_ALL": "C"}).stdout


def events_of(log):
    """Stamp → records, as (type, text), in the order of the log."""
    text = oracle(AUSEARCH, "-i", "--escape", "raw", "-if", log)
    events, heads = collections.OrderedDict(), list(RECORD.finditer(text))
    for head, following in zip(heads, heads[1:] + [None]):
        node, kind, when, serial = head.groups()
        body = text[head.end():following.start() if following else len(text)]
        at = datetime.datetime.strptime(when.decode(), "%m/%d/%y %H:%M:%S.%f").replace(tzinfo=datetime.timezone.utc)
        stamp = (node or b"", round(at.timestamp() * 1000), int(serial))
        events.setdefault(stamp, []).append((kind.decode(), re.sub(rb"(?:\s*----)?\n?$", b"", body)))
    known = {(int(s) * 1000 + int(ms), int(n)) for s, ms, n in STAMP.findall(log.read_bytes())}
    return collections.OrderedDict((stamp, records) for stamp, records in events.items() if stamp[1:] in known)


def faulty(log):
    """Stamps of what the oracle leaves out."""
    return {(b"", int(s) * 1000 + int(ms), int(n)) for line in FAULTY.findall(log.read_bytes())
            for s, ms, n in STAMP.findall(line)}


def arguments(records):
    """Of an event's EXECVE records: number → bytes; None where there are none."""
    pieces, found = {}, False
    for kind, text in records:
        if kind != "EXECVE":
            continue
        found, at, text = True, 0, b" " + text.lstrip()
        names = [(m.start(), m.end(), int(m[1]), int(m[2] or 0)) for m in re.finditer(rb" a(\d+)(?:\[(\d+)\])?=", text)]
        for i, (start, end, number, chunk) in enumerate(names):
            until = names[i + 1][0] if i + 1 < len(names) else len(text)
            value = re.sub(rb" a\d+_len=\d+$", b"", text[end:until])
            pieces[number, chunk] = value[:-1] if until == len(text) and value.endswith(b" ") else value
    if not found:
        return None
    whole = collections.OrderedDict()
    for (number, _), value in sorted(pieces.items()):
        whole[number] = whole.get(number, b"") + value
    return whole


def field(records, kind, name):
    for have, text in records:
        match = re.search(rb"(?:^| )" + name.encode() + rb"=(\S+)", text) if have == kind else None
        if match:
            return match[1].decode(errors="replace").strip('"')
    return None


def kinds_of(events):
    """How many of each kind the oracle knows, by the names of ours."""
    counts = collections.Counter()
    for records in events.values():
        call, success = field(records, "SYSCALL", "syscall"), field(records, "SYSCALL", "success") == "yes"
        family = field(records, "SOCKADDR", "saddr_fam")
        paths = b"".join(text for kind, text in records if kind == "PATH")
        call = (call or "").removeprefix("socketcall(").removesuffix(")")
        if field(records, "SYSCALL", "arch") not in ARCHITECTURES:
            continue # there is no table of its calls
        if call in ("execve", "execveat"):
            counts["ProcessCreate" if success else "ExecFailed"] += 1
        elif call == "connect" and family in ("inet", "inet6"):
            counts["Connect"] += 1
        elif call in ("unlink", "unlinkat", "rmdir") and success and paths:
            counts["DeletePath"] += 1
        elif call in ("rename", "renameat", "renameat2") and success and paths:
            counts["RenamePath"] += 1
        elif call in ("open", "openat", "creat") and success and b" nametype=CREATE" in paths:
            counts["CreateNewFile"] += 1
    return counts


def known_arguments(row):
    """Number → bytes, of those that are known."""
    if "process.args_hex" in row:
        return {i: bytes.fromhex(a) for i, a in enumerate(row["process.args_hex"]) if a is not None}
    return {i: a.encode() for i, a in enumerate(row.get("process.args", [])) if a is not None}


class Case(unittest.TestCase):
    def import_log(self, *logs):
        path = folder() / "x.db"
        result = agent("import", "--db", path, *logs)
        self.assertEqual(result.returncode, 0, result.stderr)
        return Database(path), int(re.search(rb"records, (\d+) events", result.stdout)[1])

    def compare(self, log, kinds=True):
        db, ours = self.import_log(log)
        events, left_out = events_of(log), faulty(log)
        self.assertEqual(ours, len(events) + len(left_out - {(b"", *stamp[1:]) for stamp in events}))
        told = re.search(rb"Number of events: (\d+)", oracle(AUREPORT, "-if", log))
        self.assertLessEqual(int(told[1]) if told else 0, ours + self.split(log, events))
        if kinds:
            self.compare_kinds(db, events)
        return self.compare_arguments(db, events)

    def split(self, log, events):
        """In how many pieces more than events ausearch shows them."""
        return oracle(AUSEARCH, "-i", "-if", log).count(b"----\n") - len(events)

    def compare_kinds(self, db, events):
        counts = kinds_of(events)
        for action in ("ProcessCreate", "ExecFailed", "DeletePath", "RenamePath", "CreateNewFile"):
            self.assertEqual((action, db.count(f"event.action == {action}")), (action, counts[action]))
        connections = db.count("event.action in (Connect, ConnectAttempt, ConnectFailed) and destination.ip exists")
        self.assertEqual(connections, counts["Connect"], "connections")

    def compare_arguments(self, db, events):
        """Of every exec that the oracle has arguments of. How many."""
        rows, compared = collections.defaultdict(list), 0 # of two machines there may be two with one stamp
        for row in db.query("event.action == ProcessCreate"):
            rows[row.get("event.serial", 0), row["@timestamp"]].append(known_arguments(row))
        for (_, ms, serial), records in events.items():
            want = arguments(records)
            if want is None or field(records, "SYSCALL", "success") != "yes":
                continue
            at = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc)
            self.assertIn(dict(want), rows[serial, f"{at:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03}Z"], serial)
            compared += 1
        return compared


class Written(Case):
    """What a real auditd writes while the recorder listens beside it, and what that recorded."""

    def test_auditd(self):
        if not AUDITD:
            self.skipTest("no auditd here")
        audit = require_audit()
        before, where = audit.settings(), folder()
        etc = where / "etc"
        (etc / "plugins.d").mkdir(parents=True)
        etc.chmod(0o750)
        (etc / "auditd.conf").write_text("\n".join(
            ["local_events = yes", "write_logs = yes", f"log_file = {where}/audit.log", "log_format = ENRICHED", "flush = NONE",
             "max_log_file = 100", "max_log_file_action = IGNORE", "space_left = 2", "admin_space_left = 1", "q_depth = 20000",
             "disk_full_action = IGNORE", "disk_error_action = IGNORE", f"plugin_dir = {etc}/plugins.d"]) + "\n")
        (etc / "auditd.conf").chmod(0o640)
        daemon = subprocess.Popen([AUDITD, "-n", "-c", etc], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        Recorder.running.append(daemon)
        wait_for("auditd", lambda: audit.status()["pid"] == daemon.pid)
        recorder = Recorder(where / "live.db")
        wait_for("the recorder", lambda: audit.ours() and audit.status()["enabled"])
        audit.set(backlog_limit=65536)
        self.act(where)
        time.sleep(2.5)
        code, _, err = recorder.end()
        self.assertEqual(code, 0, err)
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()
        Recorder.running.remove(daemon)
        audit.set(**before)
        self.check(where)

    def act(self, where):
        (where / "work").mkdir()
        subprocess.run([LOAD, "--rate", "1000", "--seconds", "2", where / "work"], check=True, stdout=subprocess.DEVNULL)
        for arguments in (["a b", "", "c  d "], [b"\xff\xfe", "ä", "\t", "x\ny", "\x01"], ["y" * 20000, "z"], ["1"] * 300,
                          ["'q'", '"', "\\", "a1=no", "=", "%41"]):
            subprocess.run(["/bin/echo", *arguments], stdout=subprocess.DEVNULL, cwd=where, check=True)

    def check(self, where):
        compared = self.compare(where / "audit.log")
        print(f"arguments of {compared} programs that auditd wrote of")
        self.assertGreater(compared, 40)
        imported, live = self.import_log(where / "audit.log")[0], Database(where / "live.db")
        for action in ("CreateNewFile", "RenamePath", "DeletePath"):
            about = f'event.action == {action} and file.path startswith "{where}/work/file-"'
            self.assertEqual((action, live.count(about)), (action, imported.count(about)))
            self.assertGreater(live.count(about), 400)


class Logs(Case):
    def test_golden_logs(self):
        for log in sorted(GOLDEN.glob("*.log")):
            if log.name not in NO_LOG:
                with self.subTest(log=log.name):
                    self.compare(log, kinds=False) # they lack records on purpose

    def test_public_logs(self):
        root = SHARED / "data" / "audit"
        if not root.is_dir():
            self.skipTest(f"no public logs in {root}")
        compared = 0
        for log in sorted([*root.rglob("*.log"), *root.rglob("testdata/*.txt")]):
            if STAMP.search(log.read_bytes()):
                with self.subTest(log=log.name):
                    compared += self.compare(log)
        print(f"arguments of {compared} programs")
        self.assertGreater(compared, 20)


if __name__ == "__main__":
    if not AUSEARCH or not AUREPORT:
        skip("no ausearch and aureport here (Debian's auditd, which would start its daemon: never installed for a test)")
    unittest.main(verbosity=2)
