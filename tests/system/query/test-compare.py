#!/usr/bin/env python3
"""`spoor compare`: what a second recording has that the first has not, as text and as JSON."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

AGENT, SPOOR = sys.argv.pop(1), sys.argv.pop(1)


def exec_of(serial, pid, path, host="web-03"):
    who = (f"ppid=1 pid={pid} auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 "
           f'comm="x" exe="{path}" key=(null)')
    head = f"node={host} type={{}} msg=audit({1763600000 + serial}.100:{serial}): {{}}\n"
    return who, head, "".join((
        head.format("SYSCALL", f"arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=1 {who}"),
        head.format("EXECVE", f'argc=1 a0="{path}"'), head.format("CWD", 'cwd="/"'),
        head.format("PATH", f'item=0 name="{path}" inode=1 dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 '
                    "nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0"), head.format("EOE", "")))


def write_of(serial, pid, program, path):
    who, head, _ = exec_of(serial, pid, program)
    folder = path.rsplit("/", 1)[0] + "/"
    place = "inode=1 dev=08:01 mode=0100644 ouid=0 ogid=0 rdev=00:00"
    return "".join((
        head.format("SYSCALL", f"arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=2 a2=241 a3=1b6 items=2 {who}"),
        head.format("CWD", 'cwd="/"'), head.format("PATH", f'item=0 name="{folder}" {place} nametype=PARENT'),
        head.format("PATH", f'item=1 name="{path}" {place} nametype=CREATE'), head.format("EOE", "")))


class Compare(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="spoor-compare-")
        first = exec_of(1, 100, "/usr/bin/bash")[2] + exec_of(2, 101, "/usr/bin/once")[2]
        second = (exec_of(1, 100, "/usr/bin/bash")[2] + exec_of(10, 200, "/tmp/.x")[2] +
                  write_of(11, 200, "/tmp/.x", "/etc/cron.d/job") + write_of(12, 200, "/tmp/.x", "/tmp/other"))
        self.first, self.second = self.record("first", first), self.record("second", second)

    def tearDown(self):
        self.folder.cleanup()

    def record(self, name, log):
        path = pathlib.Path(self.folder.name) / name
        path.with_suffix(".log").write_text(log)
        subprocess.run([AGENT, "import", "--db", path.with_suffix(".db"), path.with_suffix(".log")], check=True,
                       stdout=subprocess.DEVNULL)
        return path.with_suffix(".db")

    def compare(self, *args, status=0):
        p = subprocess.run([SPOOR, "compare", *args], capture_output=True, text=True)
        self.assertEqual(p.returncode, status, p.stderr)
        return p.stdout, p.stderr

    def test_text(self):
        out, err = self.compare(self.first, self.second)
        self.assertEqual(err, "")
        self.assertIn("programs: 1 new, 0 changed, 1 gone\n", out)
        self.assertRegex(out, r"(?m)^  new +/tmp/\.x  first 2025-11-20 00:53:30\.100")
        self.assertRegex(out, r"(?m)^  gone +/usr/bin/once")
        self.assertIn("autostart: 1 new, 0 changed, 0 gone\n", out)
        self.assertRegex(out, r"(?m)^  new +/etc/cron\.d/job  CreateNewFile  by /tmp/\.x")

    def test_json_and_its_expressions(self):
        told = json.loads(self.compare("--json", self.first, self.second)[0])
        self.assertEqual(told["second"]["host"], "web-03")
        self.assertEqual([(i["area"], i["change"], i["name"]) for i in told["items"]],
                         [("programs", "new", "/tmp/.x"), ("programs", "gone", "/usr/bin/once"),
                          ("autostart", "new", "/etc/cron.d/job")])
        for item in told["items"]:
            db = self.first if item["change"] == "gone" else self.second
            n = subprocess.run([SPOOR, "query", "--quiet", "--count", db, item["expression"]], check=True,
                               capture_output=True, text=True).stdout
            self.assertGreater(int(n), 0, item)

    def test_warnings_and_errors(self):
        other = self.record("other", exec_of(1, 100, "/usr/bin/bash", "db-01")[2])
        self.assertIn("two hosts: web-03 and db-01", self.compare(self.first, other)[1])
        self.assertIn("ends before the first", self.compare(self.second, self.first)[1])
        self.assertIn("two recordings are needed", self.compare(self.first, status=2)[1])
        self.assertIn("no such option", self.compare("--yaml", self.first, self.second, status=2)[1])
        self.assertIn("/nothing.db: ", self.compare(self.first, "/nothing.db", status=1)[1])
        self.assertIn("Usage:", self.compare("--help")[0])


if __name__ == "__main__":
    unittest.main()
