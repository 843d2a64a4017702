#!/usr/bin/env python3
"""`import`: every way a log is stored, and every way it can be no log, with nothing half-made left behind."""

import gzip
import os
import shutil
import signal
import subprocess
import time
import unittest

from harness import AGENT, Database, agent, folder, public_agent

EXEC = (
    'type=SYSCALL msg=audit({t}.{ms:03}:{n}): arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=1 '
    'ppid=100 pid={pid} auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm="true" '
    'exe="/usr/bin/true" key=(null)\n'
    'type=EXECVE msg=audit({t}.{ms:03}:{n}): argc=2 a0="true" a1="{n}"\n'
    'type=CWD msg=audit({t}.{ms:03}:{n}): cwd="/tmp"\n'
    'type=PATH msg=audit({t}.{ms:03}:{n}): item=0 name="/bin/true" inode=7 dev=fe:00 mode=0100755 ouid=0 ogid=0 '
    'rdev=00:00 nametype=NORMAL\n'
    'type=EOE msg=audit({t}.{ms:03}:{n}): \n')


def log(first, count):
    return "".join(EXEC.format(t=1700000000 + n // 10, ms=n % 10 * 100, n=n, pid=1000 + n)
                   for n in range(first, first + count)).encode()


class Import(unittest.TestCase):
    def setUp(self):
        self.where = folder()
        self.db = self.where / "x.db"
        self.inputs = set()

    def write(self, name, content):
        self.inputs.add(name)
        (self.where / name).write_bytes(content)
        return self.where / name

    def run_import(self, *logs, **options):
        return agent("import", "--db", self.db, *logs, **options)

    def assert_imported(self, result, events, records=None):
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout.decode(), rf"^{records or events * 5} records, {events} events, 0 unparsed, "
                         r"[0-9.]+ seconds\n$")
        self.assertEqual(result.stderr, b"")
        self.assertEqual(set(os.listdir(self.where)) - self.inputs, {"x.db"})

    def numbers(self):
        rows = Database(self.db).rows("SELECT command_line FROM v_process WHERE executable = '/usr/bin/true' ORDER BY start")
        return [int(row[0].split()[1]) for row in rows]

    def assert_refused(self, words, *logs, **options):
        before = sorted(os.listdir(self.where))
        result = self.run_import(*logs, **options)
        self.assertEqual(result.returncode, 1)
        text = result.stderr.decode()
        self.assertEqual(text.count("\n"), 1, text)
        self.assertTrue(text.startswith("spoor-agent: "), text)
        self.assertIn(words, text)
        self.assertEqual(sorted(os.listdir(self.where)), before, "something was left behind")

    def test_plain(self):
        self.assert_imported(self.run_import(self.write("a.log", log(0, 100))), 100)
        self.assertEqual(self.numbers(), list(range(100)))
        self.assertEqual(Database(self.db).integrity(), b"ok")

    def test_standard_input(self):
        self.assert_imported(self.run_import("-", input=log(0, 30)), 30)

    def test_gzip_and_zstd(self):
        self.assert_imported(self.run_import(self.write("a", gzip.compress(log(0, 50)) + gzip.compress(log(50, 50)))), 100)
        self.assertEqual(self.numbers(), list(range(100)))
        if not shutil.which("zstd"):
            self.skipTest("no zstd program to make a file with")
        self.db = self.where / "z.db"
        packed = subprocess.run(["zstd", "-c"], input=log(0, 100), stdout=subprocess.PIPE, check=True).stdout
        self.assertEqual(self.run_import(self.write("b", packed)).returncode, 0)
        self.assertEqual(self.numbers(), list(range(100)))

    def test_rotated_logs_are_put_in_order(self):
        logs = [self.write("audit.log", log(200, 100)), self.write("audit.log.1", log(100, 100)),
                self.write("audit.log.2", log(0, 100)), self.write("audit.log.3", b"")]
        self.assert_imported(self.run_import(*logs), 300)
        self.assertEqual(self.numbers(), list(range(300)))

    def test_second_import_adds(self):
        self.assertEqual(self.run_import(self.write("a", log(0, 50))).returncode, 0)
        self.assertEqual(self.run_import(self.write("b", log(50, 50))).returncode, 0)
        self.assertEqual(self.numbers(), list(range(100)))

    def test_failed_second_import_changes_nothing(self):
        self.assertEqual(self.run_import(self.write("a", log(0, 50))).returncode, 0)
        packed = gzip.compress(log(50, 5000))
        self.assert_refused("truncated", self.write("b", packed[:len(packed) - 9]))
        self.assertEqual(self.numbers(), list(range(50)))

    def test_unparsed_is_counted(self):
        result = self.run_import(self.write("a", log(0, 10) + b"this is not a record\n"))
        self.assertIn(b" 10 events, 1 unparsed,", result.stdout)
        self.assertEqual(Database(self.db).rows("SELECT line FROM unparsed"), [(b"this is not a record",)])

    def test_refused(self):
        self.assert_refused("is empty", self.write("empty", b""))
        self.assert_refused("no audit record", self.write("text", b"hello\nworld\n"))
        self.assert_refused("binary", self.write("binary", b"\x7fELF\0\0" * 100))
        self.assert_refused("database", self.write("db", b"SQLite format 3\0" + bytes(100)))
        self.assert_refused("is a directory", self.where)
        self.assert_refused("No such file", self.where / "none")
        self.assert_refused("xz", self.write("xz", b"\xfd7zXZ\0" + bytes(100)))
        self.assert_refused("truncated", self.write("cut", gzip.compress(log(0, 1000))[:-20]))
        self.assert_refused("No such file", self.where / "none", self.write("good", log(0, 3)))

    def test_no_permission(self):
        path = self.write("secret", log(0, 3))
        path.chmod(0)
        self.where.chmod(0o755)
        nobody = {"preexec_fn": lambda: os.setuid(65534), "program": public_agent()} if os.geteuid() == 0 else {}
        self.assert_refused("Permission denied", path, **nobody)

    def test_target_is_no_database(self):
        good = self.write("good", log(0, 3))
        self.db = self.write("x.db", b"this is a text\n" * 1000)
        self.assert_refused("x.db", good)
        self.assertEqual(self.db.read_bytes(), b"this is a text\n" * 1000)
        self.db = self.where / "no" / "such.db"
        self.assert_refused("No such file", good)

    def test_full_disk(self):
        """Stands for it: a limit on file sizes makes every write past it fail."""
        path = self.write("a", log(0, 20000))

        def limit():
            import resource
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (300000, 300000))

        self.assert_refused("x.db", path, preexec_fn=limit)

    def test_interrupted(self):
        process = subprocess.Popen([AGENT, "import", "--db", self.db, "-"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write(log(0, 2000))
        process.stdin.flush()
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        out, err = process.communicate(log(2000, 2000))
        self.assertEqual(process.returncode, 1)
        self.assertIn(b"cancelled", err)
        self.assertEqual(os.listdir(self.where), [])

    def test_usage(self):
        for arguments in ([], ["--db", "x"], ["a.log"], ["--nonsense"], ["--db"]):
            with self.subTest(arguments=arguments):
                result = agent("import", *arguments)
                self.assertEqual(result.returncode, 2)
                self.assertEqual(result.stderr.count(b"\n"), 1)
        for command in ("import", "record", "status"):
            result = agent(command, "--help")
            self.assertEqual(result.returncode, 0)
            self.assertTrue(result.stdout.startswith(b"Usage: spoor-agent " + command.encode()))
            self.assertEqual(result.stderr, b"")


if __name__ == "__main__":
    unittest.main(verbosity=2)
