#!/usr/bin/env python3
"""The recorder is killed, or audit is changed behind its back: what it leaves, and what its next start puts back."""

import os
import signal
import subprocess
import time
import unittest

from harness import AGENT, STATE, Database, Recorder, agent, folder, public_agent, require_audit, wait_for


class Kill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.audit = require_audit()

    def setUp(self):
        self.where = folder()
        self.path = self.where / "monitor.db"
        self.before = self.audit.settings()
        self.foreign = self.audit.others()

    def assert_put_back(self):
        self.assertEqual(self.audit.settings(), self.before)
        self.assertEqual(self.audit.ours(), [])
        self.assertEqual(self.audit.others(), self.foreign)
        self.assertFalse(STATE.exists())

    def killed_under_load(self, after):
        recorder = Recorder(self.path)
        recorder.wait_ready(self.audit)
        load = subprocess.Popen(["/bin/sh", "-c", "while :; do /bin/true; : >load; done"], cwd=self.where)
        try:
            time.sleep(after)
            self.assertEqual(recorder.end(signal.SIGKILL)[0], -signal.SIGKILL)
        finally:
            load.kill()
            load.wait()

    def test_kill_and_start_again(self):
        self.killed_under_load(2.5)
        self.assertTrue(self.audit.ours())
        self.assertTrue(STATE.exists())
        db = Database(self.path)
        self.assertEqual(db.integrity(), b"ok")
        self.assertGreater(db.value("SELECT count(*) FROM event WHERE action = 100"), 10)
        self.assertEqual(db.value("SELECT count(*) FROM event e LEFT JOIN image i ON i.id = e.image "
                                  "WHERE e.image IS NOT NULL AND i.id IS NULL"), 0)
        self.assertGreaterEqual(db.value("SELECT used FROM record_count WHERE name = 'EXECVE'"),
                                db.value("SELECT count(*) FROM event WHERE action = 100"))
        db.db.close()

        result = agent("record", "--db", self.path, "--for", "1")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(b"put back", result.stderr)
        self.assert_put_back()
        db = Database(self.path)
        self.assertEqual(db.integrity(), b"ok")
        self.assertEqual(db.value("SELECT count(*) FROM gap WHERE cause = 4 AND to_ms > from_ms AND "
                                  "from_ms > (SELECT min(id) >> 14 FROM event WHERE action = 100)"), 1)
        self.assertEqual(db.value("SELECT count(*) FROM boot"), 1)
        self.assertEqual(db.value("SELECT count(*) FROM process WHERE pid = 1"), 1)
        self.assertEqual(db.value("SELECT count(*) FROM (SELECT 1 FROM process WHERE end_ms IS NULL "
                                  "GROUP BY boot, pid HAVING count(*) > 1)"), 0)

    def test_log_and_then_recording(self):
        """Into one database: nobody recorded between them, and that is said; nor while a killed recorder was away."""
        log = self.where / "log"
        fields = ("arch=c000003e syscall=59 success=yes exit=0 ppid=1 pid=4711 auid=0 uid=0 gid=0 euid=0 tty=pts0 ses=1 "
                  'comm="true" exe="/usr/bin/true" key=(null)')
        log.write_text(f"type=SYSCALL msg=audit(1600000000.000:1): {fields}\n")
        result = agent("import", "--db", self.path, log)
        self.assertEqual(result.returncode, 0, result.stderr)
        recorder = Recorder(self.path)
        recorder.wait_ready(self.audit)
        wait_for("the first commit", lambda: Database(self.path).value("SELECT 1 FROM meta WHERE key = 'recorded_until_ms'"))
        wait_for("the time goes on", lambda: Database(self.path).value(
            "SELECT CAST(u.value AS INTEGER) > f.value FROM meta u, meta f "
            "WHERE u.key = 'recorded_until_ms' AND f.key = 'recorded_from_ms'"))
        killed = time.time() * 1000
        recorder.end(signal.SIGKILL)
        self.assertEqual(agent("record", "--db", self.path, "--for", "1").returncode, 0)
        self.assert_put_back()
        db = Database(self.path)
        begun = int(db.value("SELECT value FROM meta WHERE key = 'recorded_from_ms'"))
        self.assertEqual(db.value("SELECT count(*) FROM gap WHERE cause = 4 AND from_ms BETWEEN ? AND ? AND to_ms > from_ms",
                                  begun, killed), 1)
        told = agent("query", "--count", self.path, '@timestamp >= "2020-09-14T00:00:00Z" and @timestamp < "2021-01-01"')
        self.assertRegex(told.stderr.decode(), r"not recorded: nothing recorded between 2020-09-13 12:26:40\.001\+00:00 and 20")

    def test_what_ran_on_and_what_did_not(self):
        def shell(text):
            return subprocess.Popen(["/bin/sh", "-c", text], stdin=subprocess.PIPE)
        stays, changes, ends = shell("read x; :; exit 5"), shell("read x; exec /bin/sleep 765432"), shell("read x; :; exit 6")
        try:
            self.killed_under_load(1.5)
            ends.communicate(b"\n")
            changes.stdin.write(b"\n")
            changes.stdin.close()
            time.sleep(0.5)
            recorder = Recorder(self.path)
            recorder.wait_ready(self.audit)
            time.sleep(0.5)
            stays.communicate(b"\n")
            time.sleep(0.5)
            self.assertEqual(recorder.end()[0], 0)
        finally:
            for process in (stays, changes, ends):
                process.kill()
                process.wait()
        db = Database(self.path)

        def known(pid):
            return db.rows("SELECT p.exit_code, p.end_ms IS NULL, i.origin, c.value FROM process p "
                           "JOIN image i ON i.process = p.id JOIN v_text c ON c.id = i.command_line "
                           "WHERE p.pid = ? ORDER BY i.id", pid)
        self.assertEqual(known(stays.pid), [(5, 0, 3, b"/bin/sh -c read x; :; exit 5")])
        self.assertEqual(known(ends.pid), [(None, 0, 3, b"/bin/sh -c read x; :; exit 6")])
        self.assertEqual(known(changes.pid), [(None, 1, 3, b"/bin/sh -c read x; exec /bin/sleep 765432"),
                                              (None, 1, 2, b"/bin/sleep 765432")])

    def test_kill_at_any_moment(self):
        for after in (0, 0.05, 0.7, 1.3):
            with self.subTest(after=after):
                self.killed_under_load(after)
                self.assertEqual(Database(self.path).integrity(), b"ok")
        self.assertEqual(agent("record", "--db", self.path, "--for", "1").returncode, 0)
        self.assert_put_back()

    def test_settings_changed_meanwhile_stay(self):
        recorder = Recorder(self.path)
        recorder.wait_ready(self.audit)
        self.audit.set(backlog_limit=54321)
        try:
            self.assertEqual(recorder.end()[0], 0)
            self.assertEqual(self.audit.settings(), {**self.before, "backlog_limit": 54321})
        finally:
            self.audit.set(**self.before)

    def test_rules_removed_by_somebody(self):
        recorder = Recorder(self.path)
        recorder.wait_ready(self.audit)
        for rule in self.audit.ours():
            self.audit.remove(rule)
        wait_for("the rules to come back", self.audit.ours)
        self.assertEqual(recorder.end(signal.SIGINT)[0], 0)
        self.assertEqual(Database(self.path).value("SELECT count(*) FROM gap WHERE cause = 5"), 1)
        self.assert_put_back()

    def test_one_rule_removed_by_somebody(self):
        recorder = Recorder(self.path)
        recorder.wait_ready(self.audit)
        rules = self.audit.ours()
        self.audit.remove(rules[-2])
        wait_for("the rule to come back", lambda: len(self.audit.ours()) == len(rules))
        self.assertCountEqual(self.audit.ours(), rules)
        self.assertEqual(recorder.end()[0], 0)
        self.assertEqual(Database(self.path).value("SELECT count(*) FROM gap WHERE cause = 5"), 1)
        self.assert_put_back()

    def test_disk_full_for_a_while(self):
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", self.where]).returncode:
            self.skipTest("nothing can be mounted here")
        try:
            self.record_on_full_disk()
        finally:
            subprocess.run(["umount", "-l", self.where], check=True)

    def record_on_full_disk(self):
        recorder = Recorder(self.path)
        recorder.wait_ready(self.audit)
        time.sleep(1.5)
        filler = self.where / "filler"
        with filler.open("wb", buffering=0) as f:
            try:
                while True:
                    f.write(bytes(4096))
            except OSError:
                pass
        for i in range(300):
            subprocess.run(["/bin/true", f"while full {i} " + "x" * 500])
        time.sleep(2.5)
        self.assertIsNone(recorder.process.poll(), "a full disk ended the recording")
        filler.unlink()
        time.sleep(3)
        code, out, err = recorder.end()
        self.assertEqual(code, 0, err)
        db = Database(self.path)
        self.assertEqual(db.integrity(), b"ok")
        self.assertEqual(db.value("SELECT count(*) FROM v_process WHERE command_line LIKE '/bin/true while full %'"), 300)
        self.assertEqual(db.value("SELECT count(*) FROM gap WHERE cause = 8 AND to_ms > from_ms"), 1)
        db.db.close()

    def test_what_the_kernel_loses_is_a_gap(self):
        recorder = Recorder(self.path)
        recorder.wait_ready(self.audit)
        lost = self.audit.status()["lost"]
        self.audit.set(rate_limit=20) # makes the kernel drop what is over it
        try:
            for _ in range(100):
                subprocess.run(["/bin/true"])
            self.audit.set(rate_limit=0)
            time.sleep(1.5)
            lost = self.audit.status()["lost"] - lost
            self.assertGreater(lost, 0)
            code, out, _ = recorder.end()
        finally:
            self.audit.set(**self.before)
        self.assertEqual(code, 0)
        self.assertIn(f" {lost} lost;", out)
        db = Database(self.path)
        self.assertEqual(db.value("SELECT sum(count) FROM gap WHERE cause = 1 AND to_ms > from_ms"), lost)
        status = agent("status", "--db", self.path).stdout.decode()
        self.assertRegex(status, r"gap +[-0-9]+ [:.0-9]+\+00:00 to .*: .*, \d+\n")

    def test_without_privilege(self):
        result = agent("record", "--db", self.where / "other.db", "--for", "1", program=public_agent(),
                       preexec_fn=lambda: (os.setgroups([]), os.setgid(65534), os.setuid(65534)))
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr, b"spoor-agent: audit: needs root (CAP_AUDIT_CONTROL)\n")
        self.assertFalse((self.where / "other.db").exists())
        self.assert_put_back()

    def test_in_a_container(self):
        for kind in (["--pid", "--fork", "--mount-proc"], ["--user", "--map-root-user"]):
            with self.subTest(kind=kind[0]):
                if subprocess.run(["unshare", *kind, "true"], stderr=subprocess.DEVNULL).returncode:
                    self.skipTest("no such namespace can be made here")
                result = subprocess.run(["unshare", *kind, AGENT, "record", "--db", self.path, "--for", "1"],
                                        stderr=subprocess.PIPE)
                self.assertEqual(result.returncode, 1)
                self.assertIn(b"container", result.stderr)
                self.assertEqual(result.stderr.count(b"\n"), 1)
                self.assertFalse(self.path.exists())

    def test_no_place_for_the_database(self):
        result = agent("record", "--db", self.where / "none" / "x.db", "--for", "1")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"No such file", result.stderr)
        self.assert_put_back()


if __name__ == "__main__":
    unittest.main(verbosity=2)
