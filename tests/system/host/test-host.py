#!/usr/bin/env python3
"""The recorder on hosts of all kinds: beside a real auditd, as its plugin, as a daemon, locked out; and what `status` tells.

Arguments: the agent that was built here (not static), what to preload into it (locked.so, step.so), the program that runs
others like a unit ("none"), the unit. SPOOR_AGENT overrides the first where nothing is preloaded."""

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

UNIT, LIKE_UNIT = sys.argv.pop(), sys.argv.pop()
STEP = sys.argv.pop()
LOCKED = sys.argv.pop()
BUILT_HERE = sys.argv[1]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "live"))
from harness import AGENT, GUARD, Database, Recorder, agent, folder, require_audit, wait_for

AUDITD = shutil.which("auditd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
HEALTH = pathlib.Path("/run/spoor/recorder.status")
LACK_CALLS, LACK_COUNTS = 1 << 18, 1 << 19 # recorder/event.h
DAY, YEARS = 86400000, 315360000000 # ms; ten of them


def told():
    """What the recorder tells about itself: status --json."""
    return json.loads(agent("status", "--json").stdout)


def source_is(kind, owner=None):
    recorder = told()["recorder"]
    return recorder and recorder["source"] == kind and (owner is None or recorder["owner"] == owner) and recorder


class Daemon:
    """A process that is surely ended."""

    def __init__(self, *command, **options):
        self.process = subprocess.Popen(list(map(os.fspath, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, **options)
        self.pid = self.process.pid
        Recorder.running.append(self.process)

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.wait()

    def wait(self):
        out = self.process.communicate(timeout=GUARD)[0]
        Recorder.running.remove(self.process)
        return self.process.returncode, out


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.audit = AUDIT

    def setUp(self):
        self.where = folder()
        self.path = self.where / "monitor.db"
        self.before = self.audit.settings()
        self.foreign = self.audit.others()

    def tearDown(self):
        for process in list(Recorder.running): # of a test that failed
            process.kill()
            process.wait()
            Recorder.running.remove(process)

    def assert_put_back(self):
        self.assertEqual(self.audit.settings(), self.before)
        self.assertEqual(self.audit.ours(), [])
        self.assertEqual(self.audit.others(), self.foreign)
        self.assertFalse(HEALTH.exists())

    def recorder(self, *arguments, program=AGENT, env=None):
        recorder = Daemon(program, "record", "--db", self.path, *arguments, env={**os.environ, **(env or {})})
        wait_for("self-test", lambda: (told()["recorder"] or {}).get("self_test") in ("passed", "failed"))
        return recorder

    def preload(self, library):
        """The environment that does it."""
        env = {"LD_PRELOAD": library}
        tried = subprocess.run([BUILT_HERE, "status"], env={**os.environ, **env}, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
        if tried.stderr:
            self.skipTest("nothing can be preloaded here (a sanitizer, or a static program)")
        return env

    def auditd(self, plugin=None):
        """A real auditd with a private configuration."""
        if not AUDITD:
            self.skipTest("no auditd here")
        etc = self.where / "etc"
        if not etc.exists():
            (etc / "plugins.d").mkdir(parents=True)
            etc.chmod(0o750)
            lines = ["local_events = yes", "write_logs = yes", f"log_file = {self.where}/audit.log", "log_format = ENRICHED",
                     "flush = NONE", "max_log_file = 100", "max_log_file_action = IGNORE", "space_left = 2",
                     "admin_space_left = 1", "disk_full_action = IGNORE", "disk_error_action = IGNORE", "q_depth = 20000",
                     f"plugin_dir = {etc}/plugins.d", "end_of_event_timeout = 2"]
            (etc / "auditd.conf").write_text("\n".join(lines) + "\n")
            (etc / "auditd.conf").chmod(0o640)
        if plugin:
            lines = ["active = yes", "direction = out", f"path = {plugin}", "type = always", "args = plugin", "format = string"]
            (etc / "plugins.d" / "spoor.conf").write_text("\n".join(lines) + "\n")
            (etc / "plugins.d" / "spoor.conf").chmod(0o640)
        return Daemon(AUDITD, "-n", "-c", etc)

    def gaps(self, db, *causes):
        """How many, but for that before the recording, which logons of before may begin (earlier.c)."""
        began = db.value("SELECT min(coalesce(i.start_ms, p.start_ms)) FROM image i JOIN process p ON p.id = i.process "
                         "WHERE i.origin = 1")
        return sum(db.value("SELECT count(*) FROM gap WHERE cause = ? AND to_ms > ?", cause, began) for cause in causes)

    def lacks(self):
        """What the recording says that this machine could not tell, each time that it changed."""
        return [row[0] >> 16 << 16 for row in Database(self.path).rows("SELECT filtered FROM coverage ORDER BY id")]

    def completeness(self, expression):
        return agent("query", "--count", self.path, expression).stderr.decode()

    def commands(self, db, prefix):
        return db.rows("SELECT command_line FROM v_process WHERE command_line LIKE ? ORDER BY id", prefix + "%")


class BesideAuditd(Case):
    def owner_is(self, daemon):
        return self.audit.status()["pid"] == daemon.pid

    def test_auditd_comes_and_goes(self):
        """Owned, asked for, given up, beside, taken again: and each of 20 execs a second is there exactly once."""
        self.audit.add_foreign()
        self.foreign = self.audit.others()
        recorder = self.recorder()
        self.assertEqual(source_is("unicast", recorder.pid)["why"], "no other audit daemon runs")
        load = subprocess.Popen(["/bin/sh", "-c", "i=0; while :; do i=$((i + 1)); /bin/true turn $i; sleep 0.05; done"])
        try:
            first = self.auditd()
            wait_for("giving up", lambda: source_is("multicast"))
            self.assertNotEqual(first.wait()[0], 0) # the kernel takes nothing from a living owner
            second = self.auditd()
            wait_for("auditd owns", lambda: self.owner_is(second))
            wait_for("being told so", lambda: source_is("multicast", second.pid))
            self.assertIn(f"(pid {second.pid})", told()["recorder"]["why"])
            self.assertEqual(told()["audit"]["owner"], "auditd")
            self.assertEqual(told()["problems"], [])
            time.sleep(0.7)
            second.end()
            wait_for("taking again", lambda: source_is("unicast", recorder.pid))
            time.sleep(0.5)
        finally:
            load.kill()
            load.wait()
        time.sleep(0.3)
        code, out = recorder.end()
        self.assertEqual(code, 0, out)
        db = Database(self.path)
        turns = [int(row[0].split()[-1]) for row in self.commands(db, "/bin/true turn ")]
        self.assertGreater(len(turns), 20)
        self.assertEqual(turns, list(range(turns[0], turns[-1] + 1)))
        self.assertEqual(self.gaps(db, 2, 3, 4, 5, 10), 0)
        self.assertEqual(db.count('event.action == AuditConfiguration and event.object contains "multicast now"'), 1)
        self.assert_put_back()

    def test_starts_beside_auditd(self):
        daemon = self.auditd()
        wait_for("auditd owns", lambda: self.owner_is(daemon))
        settings = self.audit.settings()
        result = agent("record", "--db", self.path, "--for", "1", "--source", "unicast")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"auditd", result.stderr)
        recorder = self.recorder()
        self.assertTrue(source_is("multicast", daemon.pid))
        self.assertEqual(told()["recorder"]["self_test"], "passed")
        self.assertTrue(self.audit.ours())
        self.assertEqual({**self.audit.settings(), "enabled": 1}, {**settings, "enabled": 1}) # they are auditd's
        subprocess.run(["/bin/true", "beside"])
        time.sleep(0.3)
        self.assertEqual(recorder.end()[0], 0)
        self.assertEqual(self.audit.ours(), [])
        self.assertEqual(self.audit.status()["pid"], daemon.pid)
        daemon.end()
        self.audit.set(**self.before)
        self.assertEqual(self.commands(Database(self.path), "/bin/true beside"), [(b"/bin/true beside",)])
        self.assertEqual(self.lacks(), [LACK_COUNTS])
        self.assertIn("nothing is known to be missing of what was chosen to be recorded: losses not counted (beside another "
                      "audit daemon) between ", self.completeness("event.category == file"))

    def test_plugin(self):
        """auditd starts the recorder and hands its lines over."""
        start = self.where / "start"
        start.write_text(f"#!/bin/sh\nexec {AGENT} plugin --db {self.path} 2>{self.where}/out\n")
        start.chmod(0o750)
        daemon = self.auditd(plugin=start)
        wait_for("the plugin", lambda: source_is("plugin"))
        wait_for("self-test", lambda: told()["recorder"]["self_test"] == "passed")
        subprocess.run(["/bin/echo", "by plugin", ""], stdout=subprocess.DEVNULL)
        time.sleep(1)
        daemon.end()
        wait_for("the end", lambda: not HEALTH.exists())
        wait_for("audit put back", lambda: not self.audit.ours())
        self.audit.set(**self.before)
        db = Database(self.path)
        rows = db.query('event.action == ProcessCreate and process.command_line startswith "/bin/echo by plugin"')
        self.assertEqual([row["process.args"] for row in rows], [["/bin/echo", "by plugin", ""]])
        self.assertEqual(db.integrity(), b"ok")


class Run(Case):
    def start(self):
        config = self.where / "agent.conf"
        config.write_text(f"[recorder]\ndatabase = {self.path}\n")
        self.daemon = Daemon(AGENT, "run", "-c", config)
        return self.recorder_pid()

    def recorder_pid(self, other_than=0):
        return wait_for("a recorder", lambda: (lambda pid: pid and pid != other_than and pid)(
            (told()["recorder"] or {}).get("self_test") == "passed" and told()["recorder_pid"]))

    def test_recorder_has_few_privileges(self):
        pid = self.start()
        self.assertNotEqual(pid, self.daemon.pid)
        status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
        kept = sum(1 << bit for bit in (2, 12, 19, 30, 37))
        self.assertEqual(int(status["CapEff"], 16) & ~kept, 0)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"], status["PPid"]), ("1", "2", str(self.daemon.pid)))
        self.assertEqual(status["Name"], "spoor-recorder")
        print("resident:", status["VmRSS"].strip())
        self.assertEqual(self.daemon.end()[0], 0)
        self.assert_put_back()

    def test_killed_recorder_comes_back(self):
        first = self.start()
        subprocess.run(["/bin/true", "before the kill"])
        wait_for("what ran before", lambda: self.commands(Database(self.path), "/bin/true before"))
        os.kill(first, signal.SIGKILL)
        second = self.recorder_pid(first)
        self.assertIsNone(self.daemon.process.poll())
        self.daemon.process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        self.assertEqual(told()["recorder_pid"], second)
        subprocess.run(["/bin/true", "after the kill"])
        time.sleep(0.3)
        code, out = self.daemon.end()
        self.assertEqual(code, 0, out)
        self.assertIn("ended by signal 9", out)
        db = Database(self.path)
        self.assertEqual(self.commands(db, "/bin/true after"), [(b"/bin/true after the kill",)])
        self.assertEqual(self.gaps(db, 4), 1)
        self.assert_put_back()

    def test_wrong_configuration(self):
        config = self.where / "agent.conf"
        config.write_text("[recorder]\nsource = nonsense\n")
        result = agent("run", "-c", config)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"line 2", result.stderr)
        self.assertEqual(result.stderr.count(b"\n"), 1)


CAPABILITIES = {"CAP_DAC_READ_SEARCH": 2, "CAP_NET_ADMIN": 12, "CAP_SYS_PTRACE": 19, "CAP_AUDIT_CONTROL": 30,
                "CAP_AUDIT_READ": 37}


def calls_of(names):
    """System calls, with those of sets (@name) as systemd knows them."""
    calls = set()
    for name in names:
        if name.startswith("@"):
            text = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter", name], stdout=subprocess.PIPE, text=True,
                                  check=True).stdout
            calls |= calls_of([line.strip() for line in text.splitlines()[1:] if line.strip() and "#" not in line])
        else:
            calls.add(name)
    return calls


# The unit's settings: what like-unit does as systemd would, and what the daemon cannot notice, or systemd-analyze verifies.
LIKE_SYSTEMD = {
    "CapabilityBoundingSet", "NoNewPrivileges", "SystemCallFilter", "SystemCallErrorNumber", "RestrictAddressFamilies",
    "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "MemoryDenyWriteExecute", "ProtectSystem", "PrivateDevices",
    "PrivateMounts", "ProtectHome", "ProtectKernelTunables", "ProtectControlGroups", "UMask", "Nice", "ExecStart",
    "StateDirectory", "RuntimeDirectory", "ProtectClock", "ProtectHostname", "ProtectKernelModules", "ProtectKernelLogs"}
NOT_HERE = {
    "Description", "Documentation", "After", "ConditionCapability", "ConditionKernelCommandLine", "WantedBy", "Type",
    "ExecReload", "Restart", "RestartSec", "TimeoutStopSec", "KillMode", "OOMScoreAdjust", "MemoryMax", "TasksMax",
    "StateDirectoryMode", "RuntimeDirectoryMode", "RuntimeDirectoryPreserve", "IPAddressDeny", "LockPersonality",
    "SystemCallArchitectures", "KeyringMode", "ProcSubset", "Group"}


TRIES = """
import mmap, os, socket, sys
def refused(what):
    try:
        what()
        print("allowed")
    except OSError:
        print("refused")
own = sys.argv[1] + "/own"
refused(lambda: socket.socket(socket.AF_INET))
refused(lambda: os.mkdir("/etc/spoor-try"))
refused(lambda: open("/proc/sys/kernel/printk", "r+"))
refused(lambda: open("/sys/power/state", "r+"))
refused(lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC))
refused(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))
open(own, "w").close()
refused(lambda: os.chmod(own, 0o4755))
print(os.getpriority(os.PRIO_PROCESS, 0))
print(oct(os.umask(0)))
print(sorted(os.listdir("/dev")))
socket.socket(socket.AF_UNIX).close()
os.chmod(own, 0o755)
print("done")
"""


class Unit(Case):
    """The daemon within the bounds of its systemd unit, also where no systemd runs."""

    def settings(self, name):
        lines = pathlib.Path(UNIT).read_text().splitlines()
        return [line.split("=", 1)[1].split() for line in lines if line.startswith(name + "=")]

    def test_every_setting_is_known(self):
        names = set(re.findall(r"(?m)^([A-Za-z]+)=", pathlib.Path(UNIT).read_text()))
        self.assertEqual(names, LIKE_SYSTEMD | NOT_HERE)

    def test_like_unit_confines(self):
        """That it does what it stands for: each of these is refused, or as the unit says."""
        if LIKE_UNIT == "none" or not shutil.which("systemd-analyze"):
            self.skipTest("no systemd-analyze or libseccomp here")
        calls = self.where / "calls"
        calls.write_text("\n".join(sorted(self.calls())) + "\n")
        done = subprocess.run([LIKE_UNIT, calls, "0", self.where, "--", sys.executable, "-S", "-c", TRIES, self.where],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.stdout.splitlines(), ["refused"] * 7 + ["-1", "0o77", str(["full", "null", "random", "urandom", "zero"]),
                                                    "done"])

    def calls(self):
        allowed = set()
        for names in self.settings("SystemCallFilter"):
            if names[0].startswith("~"):
                allowed -= calls_of([names[0][1:], *names[1:]])
            else:
                allowed |= calls_of(names)
        return allowed

    def priorities(self, pid):
        stats = [path.read_text() for path in pathlib.Path(f"/proc/{pid}/task").glob("*/stat")]
        return sorted(int(stat.rpartition(")")[2].split()[16]) for stat in stats)

    def test_unit(self):
        if LIKE_UNIT == "none" or not shutil.which("systemd-analyze"):
            self.skipTest("no systemd-analyze or libseccomp here")
        config, calls, state = self.where / "agent.conf", self.where / "calls", self.where / "state"
        state.mkdir()
        self.path = state / "monitor.db"
        config.write_text(f"[recorder]\ndatabase = {self.path}\n")
        calls.write_text("\n".join(sorted(self.calls())) + "\n")
        self.assertIn("setpriority", calls.read_text())
        self.assertNotIn("capset", calls.read_text())
        os.makedirs("/run/spoor", exist_ok=True)
        mask = sum(1 << CAPABILITIES[name] for name in self.settings("CapabilityBoundingSet")[0])
        daemon = Daemon(LIKE_UNIT, calls, f"{mask:x}", state, "/run/spoor", "--", AGENT, "run", "--only", "recorder", "-c", config)
        pid = wait_for("a recorder", lambda: (told()["recorder"] or {}).get("self_test") == "passed" and told()["recorder_pid"])
        subprocess.run(["/bin/true", "under the unit"])
        subprocess.run(["/bin/true"], user=61234, group=61234, extra_groups=[]) # whose name is asked for
        self.assertEqual(told()["problems"], [])
        priorities = self.priorities(pid)
        self.assertEqual((priorities[0], priorities[-1]), (-1, 19))
        time.sleep(2.5)
        code, out = daemon.end()
        self.assertEqual(code, 0, out)
        self.assertEqual([line for line in out.splitlines() if "started" not in line and "ended with status 0" not in line and
                          "records," not in line and "spoor-opener: nothing to do until SIGHUP" not in line], []) # not enrolled
        db = Database(self.path)
        self.assertEqual(self.commands(db, "/bin/true under"), [(b"/bin/true under the unit",)])
        self.assertEqual(db.count('process.command_line == "getent passwd 61234" and event.action == ProcessExit and '
                                  'process.exit_code == 2'), 1)
        self.assertGreaterEqual(db.count('process.command_line == "/bin/true under the unit" and process.hash.sha256 exists'), 1)
        self.assertEqual(db.integrity(), b"ok")
        self.assert_put_back()


class Machine(Case):
    def set_clock(self, offset):
        """For the recorder only: the kernel's records have the true time."""
        new = self.where / "step.new"
        new.write_text(str(offset))
        new.rename(self.where / "step")

    def with_clock(self):
        """A recorder that keeps two days, with a clock of its own."""
        config = self.where / "conf"
        config.write_text("[limits]\nmax-days = 2\n")
        env = {**self.preload(STEP), "SPOOR_STEP": str(self.where / "step")}
        return self.recorder("-c", config, program=BUILT_HERE, env=env)

    def steps(self):
        if not self.path.exists():
            return 0
        db = Database(self.path)
        try:
            return db.value("SELECT count(*) FROM gap WHERE cause = 6")
        finally:
            db.db.close()

    def test_clock_set(self):
        """By a day and by ten years, forward and back: gaps of that size, words that say so, nothing lost or purged, and
        what happened is in its order."""
        recorder = self.with_clock()
        for i, offset in enumerate((DAY, 0, -DAY, 0, YEARS, 0, -YEARS, 0)):
            self.set_clock(offset)
            wait_for(f"step {i}", lambda: self.steps() == i + 1)
            subprocess.run(["/bin/true", f"step {i}"])
        time.sleep(0.3)
        code, out = recorder.end()
        self.assertEqual(code, 0, out)
        db = Database(self.path)
        sizes = [row[0] for row in db.rows("SELECT to_ms - from_ms FROM gap WHERE cause = 6 ORDER BY id")]
        self.assertEqual([round(size / DAY) for size in sizes], [1] * 4 + [3650] * 4)
        for words in ("forward", "back"):
            self.assertEqual(db.count(f'event.object startswith "the clock was set {words} by "'), 4, words)
        self.assertEqual(self.commands(db, "/bin/true step"), [(b"/bin/true step %d" % i,) for i in range(8)])
        rows = db.query('event.action == ProcessCreate and process.command_line startswith "/bin/true step"')
        self.assertEqual([row["process.args"][1] for row in rows], [f"step {i}" for i in range(8)])
        self.assertEqual(db.value("SELECT count(*) FROM gap WHERE cause = 7"), 0)
        self.assertEqual(db.integrity(), b"ok")

    def test_clock_wrong_at_start(self):
        """Ten years ahead when recording begins, twice: what was recorded before is no older for that."""
        for i, offset in enumerate((0, YEARS, YEARS, -YEARS)):
            self.set_clock(offset)
            recorder = self.with_clock()
            subprocess.run(["/bin/true", f"start {i}"])
            time.sleep(2.5)
            code, out = recorder.end()
            self.assertEqual(code, 0, out)
        db = Database(self.path)
        self.assertEqual(self.commands(db, "/bin/true start"), [(b"/bin/true start %d" % i,) for i in range(4)])
        self.assertEqual(db.value("SELECT count(*) FROM gap WHERE cause = 7"), 0)

    def test_suspended(self):
        """Asleep for an hour: a gap of that length, no step of the clock, nothing lost or purged."""
        hour = 3600000
        step = self.where / "step"
        recorder = self.recorder(program=BUILT_HERE, env={**self.preload(STEP), "SPOOR_STEP": str(step)})
        subprocess.run(["/bin/true", "slept 0"])
        step.with_suffix(".new").write_text(f"0 {hour}")
        step.with_suffix(".new").rename(step)
        time.sleep(2)
        subprocess.run(["/bin/true", "slept 1"])
        time.sleep(0.3)
        code, out = recorder.end()
        self.assertEqual(code, 0, out)
        db = Database(self.path)
        gaps = db.rows("SELECT cause, to_ms - from_ms FROM gap WHERE cause IN (6, 7, 11)")
        self.assertEqual([(cause, round(size / 1000)) for cause, size in gaps], [(11, 3600)])
        self.assertEqual(self.commands(db, "/bin/true slept"), [(b"/bin/true slept %d" % i,) for i in range(2)])

    def record_as(self, name):
        """A recording on a host that was called so before; while it goes on the host is renamed."""
        recorder = Daemon("unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', name, AGENT, "record", "--db", self.path)
        wait_for("self-test", lambda: (told()["recorder"] or {}).get("self_test") == "passed")
        subprocess.run(["nsenter", "--uts", "-t", str(recorder.pid), "hostname", "renamed-host"], check=True)
        time.sleep(2)
        self.assertEqual(recorder.end()[0], 0)

    def test_host_renamed(self):
        if not shutil.which("nsenter") or subprocess.run(["unshare", "--uts", "true"]).returncode:
            self.skipTest("no namespace of an own host name can be made here")
        self.record_as("first-name")
        self.record_as("renamed-host")
        self.record_as("other-name")
        rows = Database(self.path).query('event.object startswith "the host was renamed"')
        self.assertEqual([row["event.object"] for row in rows],
                         [f"the host was renamed from {names}" for names in
                          ("first-name to renamed-host", "renamed-host to other-name", "other-name to renamed-host")])
        self.assertEqual(Database(self.path).value("SELECT count(*) FROM boot"), 1)
        self.assertEqual(Database(self.path).value("SELECT count(*) FROM process WHERE pid = 1"), 1)


class Status(Case):
    def lines(self):
        return agent("status", "--db", self.path).stdout.decode()

    def test_all_well(self):
        recorder = self.recorder()
        self.assertEqual(told()["problems"], [])
        text = wait_for("a database", lambda: "covers" in self.lines() and self.lines())
        for line in (rf"recording yes, spoor-agent \(pid {recorder.pid}\) into {self.path}", "source    unicast: no other",
                     "self-test passed", "audit     enabled; records go to spoor-agent"):
            self.assertRegex(text, line)
        self.assertNotIn("missing", text)
        self.assertEqual(recorder.end()[0], 0)
        self.assertLessEqual(set(self.lacks()), {0})
        started = Database(self.path).query('event.action == AuditConfiguration and event.object startswith "recording began"')
        self.assertEqual(len(started), 1)
        self.assertIn("missing   nothing records this machine", agent("status").stdout.decode())
        self.assertIsNone(told()["recorder"])

    def test_locked(self):
        """Nothing can be changed: what others' rules bring is recorded, and `status` says why there is no more."""
        env = self.preload(LOCKED)
        recorder = self.recorder(program=BUILT_HERE, env=env)
        state = told()
        self.assertTrue(state["recorder"]["locked"])
        self.assertEqual(state["recorder"]["self_test"], "failed")
        self.assertEqual(self.audit.ours(), [])
        seen = agent("status", program=BUILT_HERE, env={**os.environ, **env}).stdout.decode()
        self.assertIn("missing   our rules: the audit configuration is locked (auditctl -e 2)", seen)
        self.assertIn("Likely cause: the audit configuration is locked (auditctl -e 2) without our rules", seen)
        code, out = recorder.end()
        self.assertEqual(code, 0, out)
        self.assert_put_back()

    def test_self_test_knows_never_task(self):
        rule = ("task,never",)
        if subprocess.run(["auditctl", "-a", *rule], stderr=subprocess.DEVNULL).returncode:
            self.skipTest("no auditctl here")
        try:
            recorder = self.recorder()
            problems = told()["problems"]
            self.assertTrue(any("Likely cause: a rule \"never,task\"" in line for line in problems), problems)
            self.assertEqual(recorder.end()[0], 0)
            self.assertEqual(self.lacks()[-1:], [LACK_CALLS])
            self.assertIn("system calls not recorded (the self-test failed) between ", self.completeness(""))
        finally:
            subprocess.run(["auditctl", "-d", *rule], check=True)
        self.assert_put_back()

    def test_losing(self):
        recorder = self.recorder()
        self.audit.set(rate_limit=20)
        try:
            for _ in range(100):
                subprocess.run(["/bin/true"])
            wait_for("losing", lambda: any("lose some right now" in line for line in told()["problems"]))
            self.assertGreater(told()["recorder"]["lost"], 0)
            self.audit.set(rate_limit=0)
            self.assertEqual(recorder.end()[0], 0)
        finally:
            self.audit.set(**self.before)

    def test_disk_full(self):
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", self.where]).returncode:
            self.skipTest("nothing can be mounted here")
        try:
            recorder = self.recorder()
            with (self.where / "filler").open("wb", buffering=0) as f:
                try:
                    while True:
                        f.write(bytes(4096))
                except OSError:
                    pass
            for i in range(200):
                subprocess.run(["/bin/true", f"{i}" + "x" * 800])
            wait_for("full", lambda: any("is full since" in line for line in told()["problems"]))
            self.assertIsNotNone(told()["recorder"]["disk_full_since_ms"])
            (self.where / "filler").unlink()
            wait_for("space", lambda: told()["recorder"]["disk_full_since_ms"] is None)
            self.assertEqual(recorder.end()[0], 0)
        finally:
            subprocess.run(["umount", "-l", self.where], check=True)

    def test_set_aside(self):
        self.path.write_bytes(b"not a database" * 1000)
        recorder = self.recorder()
        text = wait_for("a database", lambda: "covers" in self.lines() and self.lines())
        self.assertRegex(text, r"aside     monitor\.db\.aside-\S+: a database that would not open")
        self.assertIn("database error", text)
        aside = json.loads(agent("status", "--json", "--db", self.path).stdout)["database"]["set_aside"]
        self.assertEqual(len(aside), 1)
        self.assertEqual(recorder.end()[0], 0)

    def test_rules_removed(self):
        recorder = self.recorder()
        for rule in self.audit.ours():
            self.audit.remove(rule)
        wait_for("rules", self.audit.ours)
        wait_for("being told", lambda: told()["recorder"]["rules_restored"] == 1)
        self.assertEqual(recorder.end()[0], 0)
        self.assertEqual(Database(self.path).count('event.object contains "somebody removed our audit rules"'), 1)
        self.assert_put_back()


if __name__ == "__main__":
    AUDIT = require_audit()
    unittest.main(verbosity=2)
