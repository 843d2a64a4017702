#!/usr/bin/env python3
"""`spoor export`: each format read back by somebody else's reader is what `spoor-agent query` says; no value, however it is
made, becomes a formula, a line or a control; and what does not end well leaves nothing."""

import collections
import csv
import datetime
import hashlib
import json
import os
import pathlib
import pty
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile
from xml.etree import ElementTree

import openpyxl

SPOOR, BUILT = sys.argv.pop(1), sys.argv.pop(1)
AGENT = os.environ.get("SPOOR_AGENT") or BUILT

HOSTILE = [
    b"=cmd|'/C calc'!A0", b"+1+1", b"-2", b"@SUM(A1)", b"\t=1", b"\r=1", b"  =1", "＝1".encode(), b"=HYPERLINK(\"x\")",
    b"two\nlines", b'say "hi", he said', b"\x1b[2J\x07", "\u202egpj.exe\u2066".encode(), b"<b>&amp;</b>", b"]]>",
    b"_x0041_", b"not utf-8: \xff\xfe", b"\xc2\x9b31m", "emoji \U0001f600, \ufffe".encode(), b"a,b;c|d", b"''", b"' ",
    b"x" * 100000, ("\U0001f600" * 20000).encode(), b"{\"json\":1}", b"\\n is no line", b"trailing \\",
]
PLAIN = 5  # programs that only do usual things
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def record(kind, at, serial, rest):
    return f"type={kind} msg=audit({at}:{serial}): {rest}\n"


def quoted(value):
    return value.hex().upper()


def log_of(programs):
    """Each program is started with its value as an argument and makes a file of that name."""
    out, serial = [], 10
    for i, value in enumerate(programs):
        at = f"{1700000000 + i}.{i % 1000:03}"
        who = (f"ppid=1 pid={4000 + i} auid=1000 uid=1000 gid=1000 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 "
               f'ses=3 comm="tool" exe="/usr/bin/tool" key=(null)')
        out.append(record("SYSCALL", at, serial, f"arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=1 {who}"))
        pieces = [quoted(value)[k:k + 7000] for k in range(0, len(value) * 2, 7000)]
        if len(pieces) == 1:
            out.append(record("EXECVE", at, serial, f'argc=2 a0="tool" a1={pieces[0]}'))
        else:
            out.append(record("EXECVE", at, serial, f'argc=2 a0="tool" a1_len={len(value) * 2} a1[0]={pieces[0]}'))
            for k, piece in enumerate(pieces[1:], 1):
                out.append(record("EXECVE", at, serial, f"a1[{k}]={piece}"))
        out.append(record("PATH", at, serial, 'item=0 name="/usr/bin/tool" inode=7 dev=fe:00 mode=0100755 nametype=NORMAL'))
        out.append(record("EOE", at, serial, ""))
        serial += 1
        name = b"/tmp/" + value[:3000]
        out.append(record("SYSCALL", at, serial, f"arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=2 a2=241 a3=1b6 items=1 {who}"))
        out.append(record("PATH", at, serial, f"item=0 name={quoted(name)} inode={i} dev=fe:01 mode=0100644 nametype=CREATE"))
        out.append(record("EOE", at, serial, ""))
        serial += 1
    return "".join(out)


def many(n):
    """Many events (and their program's one) at little cost: connections to addresses that differ, so that none share a row."""
    out = []
    for i in range(n):
        at = f"{1700001000 + i // 200}.{i % 200:03}"
        out.append(record("SYSCALL", at, 10000 + i, "arch=c000003e syscall=42 success=yes exit=0 a0=3 a1=7ffd a2=10 a3=0 items=0 "
                          "ppid=1 pid=900 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 "
                          'comm="scan" exe="/usr/bin/scan" key=(null)'))
        out.append(record("SOCKADDR", at, 10000 + i, f"saddr=02000050{0x0a000000 + i:08X}0000000000000000"))
    return "".join(out)


class Export(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = tempfile.TemporaryDirectory(prefix="spoor-export-")
        folder = pathlib.Path(cls.root.name)
        cls.db, cls.large = folder / "hostile.db", folder / "large.db"
        for db, log in ((cls.db, log_of(HOSTILE + [b"plain"] * PLAIN)), (cls.large, many(60000))):
            (folder / "audit.log").write_text(log)
            subprocess.run([AGENT, "import", "--db", db, folder / "audit.log"], check=True, stdout=subprocess.DEVNULL)

    @classmethod
    def tearDownClass(cls):
        cls.root.cleanup()

    def setUp(self):
        self.folder = pathlib.Path(self.root.name) / self._testMethodName
        self.folder.mkdir()

    def left(self):
        return sorted(p.name for p in self.folder.iterdir())

    def start(self, *args, **options):
        return subprocess.Popen([SPOOR, "export", *map(str, args)], stderr=subprocess.PIPE, **options)

    def export(self, name, *args, code=0, **options):
        path = self.folder / name
        process = self.start("-o", path, *args, **options)
        said = process.communicate()[1].decode()
        self.assertEqual(process.returncode, code, said)
        return path if code == 0 else said

    def asked(self, *args, format="json"):
        out = subprocess.run([AGENT, "query", "--quiet", "--format", format, *map(str, args)], check=True,
                             stdout=subprocess.PIPE).stdout
        return out

    def rows(self, *args):
        return [json.loads(line) for line in self.asked(*args).decode().splitlines()]

    def meta(self, path):
        return json.loads(path.with_name(path.name + ".meta.json").read_text())

    # ---- the same rows ----

    def test_json_is_what_query_says(self):
        for args in ((self.db,), (self.db, "event.category == file"), ("--newest", self.db),
                     ("--from", "2023-11-14T22:13:30Z", "--to", "2023-11-14T22:13:40Z", self.db)):
            path = self.export("x.jsonl", *args)
            self.assertEqual(path.read_bytes(), self.asked(*args))
        self.assertEqual(self.left(), ["x.jsonl", "x.jsonl.meta.json"])

    def test_csv_is_what_query_says(self):
        path = self.export("x.csv", self.db)
        self.assertEqual(path.read_bytes(), self.asked(self.db, format="csv"))
        with open(path, newline="", encoding="utf-8") as f:
            table = list(csv.reader(f, strict=True))
        self.assertEqual({len(line) for line in table}, {len(table[0])})
        self.assertEqual(len(table) - 1, len(self.rows(self.db)))
        for line in table[1:]: # the names in the first are ours
            for cell in line:
                self.assertNotRegex(cell, r"^[=+@\t\r]|^-[^0-9]|^ *[=＝＋－＠]")
                self.assertNotRegex(cell, "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

    def test_fields(self):
        path = self.export("x.csv", "--fields", "message, process.pid,@timestamp", self.db, "process.pid == 4001")
        with open(path, newline="", encoding="utf-8") as f:
            table = list(csv.reader(f))
        self.assertEqual(table[0], ["message", "process.pid", "@timestamp"])
        self.assertEqual({line[1] for line in table[1:]}, {"4001"})
        self.assertIn("ProcessCreate: tool +1+1", [line[0] for line in table])
        self.assertEqual(self.meta(path)["columns"], "message,process.pid,@timestamp")
        self.assertEqual(self.meta(path)["expression"], "process.pid == 4001")

    def test_arguments_are_exact(self):
        path = self.export("x.jsonl", self.db, "event.action == ProcessCreate")
        seen = set()
        for row in map(json.loads, path.read_text().splitlines()):
            if "process.args_hex" in row:
                seen.add(bytes.fromhex(row["process.args_hex"][1]))
            elif "process.args" in row:
                seen.add(row["process.args"][1].encode())
        self.assertEqual(seen & set(HOSTILE), set(HOSTILE))

    # ---- XLSX ----

    def test_xlsx_is_what_query_says(self):
        path = self.export("x.xlsx", self.db)
        book = openpyxl.load_workbook(path, read_only=False)
        self.assertEqual(book.sheetnames, ["About", "Events"])
        sheet = book["Events"]
        names = [c.value for c in sheet[1]]
        rows = self.rows(self.db)
        self.assertEqual(sheet.max_row - 1, len(rows))
        for cells, row in zip(sheet.iter_rows(min_row=2), rows):
            for name, cell in zip(names, cells):
                self.assertNotEqual(cell.data_type, "f")
                self.same(name, cell.value, row.get(name))
        self.assertEqual(self.left(), ["x.xlsx"])

    def same(self, name, cell, want):
        if isinstance(cell, datetime.datetime):
            cell = cell.replace(microsecond=0) + datetime.timedelta(milliseconds=round(cell.microsecond / 1000))
            cell = cell.isoformat(timespec="milliseconds") + "Z"
        if isinstance(want, str):
            cell = re.sub("_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), cell) if cell else cell
            want = re.sub("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", self.visible, want)
            if len(want.encode("utf-16-le")) > 2 * 32767:
                self.assertTrue(cell.endswith("…"))
                self.assertLessEqual(len(cell.encode("utf-16-le")), 2 * 32767)
                self.assertGreater(len(cell.encode("utf-16-le")), 2 * 32000)
                self.assertTrue(want.startswith(cell[:-1]))
                return
        self.assertEqual(cell, want, name)

    @staticmethod
    def visible(match):
        c = ord(match[0])
        return {10: "\\n", 9: "\\t"}.get(c, f"\\x{c:02x}" if c < 0x100 else f"\\u{{{c:04x}}}")

    def test_xlsx_parts(self):
        path = self.export("x.xlsx", self.db)
        with zipfile.ZipFile(path) as z:
            self.assertIsNone(z.testzip())
            self.assertEqual(sorted(z.namelist()), ["[Content_Types].xml", "_rels/.rels", "xl/_rels/workbook.xml.rels",
                                                    "xl/styles.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml",
                                                    "xl/worksheets/sheet2.xml"])
            parts = {name: ElementTree.fromstring(z.read(name)) for name in z.namelist()}
        sheet = parts["xl/worksheets/sheet2.xml"]
        self.assertEqual(list(sheet.iter(MAIN + "f")), [])
        styles = parts["xl/styles.xml"].find(MAIN + "cellXfs")
        quoted_style = [i for i, xf in enumerate(styles) if xf.get("quotePrefix") == "1"]
        for c in sheet.iter(MAIN + "c"):
            text = c.findtext(f"{MAIN}is/{MAIN}t")
            if text and text[0] in "=+-@":
                self.assertIn(int(c.get("s")), quoted_style)

    def test_xlsx_about(self):
        path = self.export("x.xlsx", self.db, "process.pid >= 0")
        about = dict(openpyxl.load_workbook(path)["About"].iter_rows(values_only=True))
        self.assertEqual(about["expression"], "process.pid >= 0")
        self.assertEqual(about["source.sha256"], hashlib.sha256(self.db.read_bytes()).hexdigest())
        self.assertEqual(about["rows"], len(self.rows(self.db, "process.pid >= 0")))
        self.assertGreaterEqual(about["cells_cut"], 2)
        self.assertIn("32,767", about["cells_cut.note"])
        self.assertIn("from a log", about["completeness"])

    # ---- Timesketch ----

    def test_timesketch(self):
        want = self.rows(self.db)
        path = self.export("x.timesketch.jsonl", self.db)
        got = [json.loads(line) for line in path.read_text().splitlines()]
        with open(self.export("x.timesketch.csv", self.db), newline="", encoding="utf-8") as f:
            table = list(csv.DictReader(f, strict=True))
        self.assertEqual(len(got), len(want))
        self.assertEqual(len(table), len(want))
        for row, line, plain in zip(got, table, want):
            for event in (row, line):
                self.assertTrue(event["message"])
                moment = datetime.datetime.fromisoformat(event["datetime"])
                self.assertEqual(moment.utcoffset(), datetime.timedelta(0))
                self.assertEqual(moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"), plain["@timestamp"])
                self.assertTrue(event["timestamp_desc"])
            self.assertEqual({k: v for k, v in row.items() if k not in ("message", "datetime", "timestamp_desc")}, plain)

    # ---- what people say of rows: tests/gui/test-notes.py has the rest ----

    def test_case_files(self):
        case = self.folder / "x.case"
        self.assertNotIn("notes.rows", self.meta(self.export("none.csv", self.db)))
        self.assertIn("No such file", self.export("x.csv", "--case", case, self.db, code=1))
        case.write_text("no case file, but long enough to be taken for something that a person wrote")
        self.assertIn("not a database", self.export("x.csv", "--case", case, self.db, code=1))
        self.export("chosen.csv", "--case", case, "--fields", "process.pid", self.db)

    # ---- what is said of it ----

    def test_meta(self):
        path = self.export("x.csv", "--from", "2023-11-14", self.db, "event.category == file")
        meta = self.meta(path)
        self.assertEqual(meta["source.sha256"], hashlib.sha256(self.db.read_bytes()).hexdigest())
        self.assertEqual(meta["source.size"], self.db.stat().st_size)
        self.assertEqual(meta["file.sha256"], hashlib.sha256(path.read_bytes()).hexdigest())
        self.assertEqual((meta["range.from"], meta["range.before"]), ("2023-11-14T00:00:00.000Z", "end"))
        self.assertEqual((meta["zone"], meta["order"], meta["tool.name"]), ("UTC", "oldest first", "Spoor"))
        self.assertEqual(meta["rows"], len(path.read_bytes().split(b"\r\n")) - 2)
        version = subprocess.run([SPOOR, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
        self.assertEqual(meta["tool.version"], version)
        made = datetime.datetime.fromisoformat(meta["exported"].replace("Z", "+00:00"))
        self.assertLess(abs(made.timestamp() - time.time()), 600)

    def test_nothing_matches(self):
        for name in ("x.csv", "x.jsonl", "x.xlsx"):
            path = self.export(name, self.db, "process.pid == 1 and process.pid == 2")
            self.assertTrue(path.exists())
        self.assertEqual((self.folder / "x.jsonl").read_bytes(), b"")
        self.assertEqual(self.meta(self.folder / "x.jsonl")["rows"], 0)
        self.assertEqual(openpyxl.load_workbook(self.folder / "x.xlsx")["Events"].max_row, 1)

    # ---- ends that are none ----

    def wait_for_rows(self, process):
        """Until it has written something."""
        end = time.monotonic() + 60
        while time.monotonic() < end and process.poll() is None:
            for fd in pathlib.Path(f"/proc/{process.pid}/fd").iterdir():
                try:
                    if str(self.folder) in os.readlink(fd) and fd.stat().st_size > 0:
                        return
                except OSError:
                    continue
            time.sleep(0.005)
        self.fail("it never wrote" if process.poll() is None else f"it ended: {process.stderr.read()}")

    def stopped(self, name, signo):
        (self.folder / name).write_text("as it was")
        process = self.start("-o", self.folder / name, self.large)
        self.wait_for_rows(process)
        process.send_signal(signo)
        said = process.communicate()[1].decode()
        self.assertEqual((self.folder / name).read_text(), "as it was")
        return process.returncode, said

    def test_killed(self):
        for name in ("x.csv", "x.xlsx"):
            self.assertEqual(self.stopped(name, signal.SIGKILL)[0], -signal.SIGKILL)
        self.assertEqual([n for n in self.left() if not n.startswith(".")], ["x.csv", "x.xlsx"])

    def test_interrupted(self):
        for name in ("x.jsonl", "x.xlsx"):
            code, said = self.stopped(name, signal.SIGINT)
            self.assertEqual(code, 1)
            self.assertEqual(said, f"spoor: {self.folder / name}: cancelled, nothing was written\n")
        self.assertEqual(self.left(), ["x.jsonl", "x.xlsx"])

    def full(self, name, **options):
        said = self.export(name, self.large, code=1, **options)
        self.assertEqual(said.count("\n"), 1, said)
        self.assertEqual(self.left(), [])
        return said

    def test_file_size_limit(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (300000, 300000))

        for name in ("x.csv", "x.xlsx"):
            self.assertIn("cannot export: File too large", self.full(name, preexec_fn=limit))

    @unittest.skipIf(os.geteuid() != 0, "mounting a small file system takes root")
    def test_full_disk(self):
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", self.folder], check=False).returncode:
            self.skipTest("no file system can be mounted here")
        try:
            for name in ("x.csv", "x.jsonl", "x.xlsx"):
                self.assertIn(f"spoor: {self.folder / name}: cannot export: No space left on device", self.full(name))
            path = self.export("x.csv", "--fields", "event.id", self.large, 'destination.ip cidr "10.0.0.0/24"')
            self.assertEqual(len(path.read_bytes().split()), 257)
        finally:
            subprocess.run(["umount", self.folder], check=True)

    def test_progress_on_a_terminal(self):
        mine, theirs = pty.openpty()
        process = subprocess.Popen([SPOOR, "export", "-o", self.folder / "x.csv", self.large], stderr=theirs)
        os.close(theirs)
        said = b""
        while True:
            try:
                more = os.read(mine, 65536)
            except OSError:
                break
            said += more
            if not more:
                break
        os.close(mine)
        self.assertEqual(process.wait(), 0)
        self.assertIn(b" of 60,001 rows", said)
        self.assertTrue(said.endswith(b"x.csv: 60,001 rows\r\n"), said[-200:])

    def test_refused(self):
        before = self.db.read_bytes()
        link = self.folder / "x.csv"
        os.link(self.db, link)
        self.assertIn("that is the recording itself", self.export("x.csv", self.db, code=1))
        self.assertEqual(self.db.read_bytes(), before)
        link.unlink()
        (self.folder / "d.csv").mkdir()
        self.assertIn("Is a directory", self.export("d.csv", self.db, code=1))
        os.mkfifo(self.folder / "f.csv")
        self.assertIn("it is not a file", self.export("f.csv", self.db, code=1))
        self.assertIn("No such file or directory", self.export("no/x.csv", self.db, code=1))
        self.assertIn("No such file", self.export("x.csv", self.folder / "none.db", code=1))

    def test_usage(self):
        out = self.folder / "x.csv"
        for args in ([], [self.db], ["-o", out], ["-o", self.folder / "x", self.db], ["-o", out, "--format", "xml", self.db],
                     ["-o", out, "--fields", "proces.pid", self.db], ["-o", out, "--fields", "process.pid,process.pid", self.db],
                     ["-o", out, "--from", "x", self.db], ["-o", out, "--from", "-1h", "--to", "-2h", self.db],
                     ["-o", out, self.db, "proces.pid == 1"], ["-o", out, self.db, "a", "b"], ["--nonsense"]):
            process = self.start(*args)
            said = process.communicate()[1].decode()
            self.assertEqual((process.returncode, said.count("\n")), (2, 1), said)
            self.assertTrue(said.startswith("spoor: export: "), said)
        self.assertEqual(self.left(), [])

    def test_help(self):
        said = subprocess.run([SPOOR, "--help"], capture_output=True, text=True, check=True).stdout
        self.assertTrue(said.startswith("Usage: spoor [FILE...]\n"))
        for command in ("query", "export", "render"):
            self.assertRegex(said, rf"(?m)^  {command} ")
            self.assertIn("Usage: spoor", subprocess.run([SPOOR, command, "--help"], capture_output=True, text=True,
                                                         check=True).stdout)

    def test_wal_beside_it_is_hashed_too(self):
        copy = self.folder / "x.db"
        shutil.copy(self.db, copy)
        script = "PRAGMA journal_mode=wal; PRAGMA wal_autocheckpoint=0; UPDATE gap SET count = count;" \
                 "UPDATE event SET serial = serial WHERE id = (SELECT min(id) FROM event);"
        keep = subprocess.Popen(["sqlite3", copy], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        keep.stdin.write(script.encode() + b"SELECT 'done';\n")
        keep.stdin.flush()
        while b"done" not in keep.stdout.readline():
            pass
        wal = copy.with_name("x.db-wal").read_bytes()
        meta = self.meta(self.export("x.jsonl", copy))
        self.assertEqual(meta["source.wal_sha256"], hashlib.sha256(wal).hexdigest())
        keep.communicate()

    def test_rows_are_counted_once(self):
        """No row twice, none left out, over the ends of pages."""
        path = self.export("x.jsonl", "--fields", "event.id,destination.ip", self.large)
        ids = collections.Counter(json.loads(line)["event.id"] for line in path.read_text().splitlines())
        self.assertEqual((len(ids), max(ids.values())), (60001, 1))


if __name__ == "__main__":
    unittest.main()
