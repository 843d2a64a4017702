#!/usr/bin/env python3
"""install and uninstall below a folder, and what they write: the unit, the manual page. Arguments: the agent, assets/."""

import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ASSETS = pathlib.Path(sys.argv.pop())
AGENT = os.path.abspath(os.environ.get("SPOOR_AGENT") or sys.argv[1])
sys.argv.pop()
WRITTEN = ["etc/spoor/spoor-agent.conf", "etc/systemd/system/spoor-agent.service",
           "etc/systemd/system/spoor-client.service", "etc/sysusers.d/spoor.conf", "etc/tmpfiles.d/spoor.conf", "usr/local/sbin/spoor-agent", "usr/local/share/man/man8/spoor-agent.8"]
DATABASE = "var/lib/spoor/monitor.db"


def run(*command, **options):
    return subprocess.run(list(map(os.fspath, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=180, **options)


def need(test, program):
    if not shutil.which(program):
        test.skipTest(f"no {program} here")


class Install(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="spoor-install-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def agent(self, *arguments, status=0, program=AGENT):
        done = run(program, *arguments, "--root", self.root, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def files(self):
        return sorted(str(p.relative_to(self.root)) for p in self.root.rglob("*") if p.is_file())

    def make_database(self):
        (self.root / "var/lib/spoor").mkdir(parents=True)
        for name in ("monitor.db", "monitor.db-wal", "monitor.db.aside-2026", "other"):
            (self.root / "var/lib/spoor" / name).write_text("x")

    def test_writes_and_removes(self):
        self.agent("install")
        self.assertEqual(self.files(), WRITTEN)
        copy = self.root / "usr/local/sbin/spoor-agent"
        self.assertEqual(copy.stat().st_mode & 0o7777, 0o755)
        self.assertEqual(copy.read_bytes(), pathlib.Path(AGENT).read_bytes())
        for name in ("spoor-agent.conf", "spoor-agent.service", "spoor-agent.8"):
            where = next(self.root.rglob(name))
            self.assertEqual(where.read_bytes(), (ASSETS / name).read_bytes())
        self.agent("install", program=copy) # again, by the copy itself
        self.assertEqual(self.files(), WRITTEN)
        self.agent("uninstall")
        self.assertEqual(self.files(), [])

    def test_changed_configuration_stays(self):
        self.agent("install")
        conf = self.root / "etc/spoor/spoor-agent.conf"
        conf.write_text("[recorder]\nsource = multicast\n")
        self.assertIn("kept", self.agent("install"))
        self.assertIn("it was changed", self.agent("uninstall"))
        self.assertEqual(conf.read_text(), "[recorder]\nsource = multicast\n")
        self.assertEqual(self.files(), ["etc/spoor/spoor-agent.conf"])

    def test_plugin_file_where_auditd_is(self):
        (self.root / "etc/audit/plugins.d").mkdir(parents=True)
        self.agent("install")
        text = (self.root / "etc/audit/plugins.d/spoor.conf").read_text()
        self.assertRegex(text, r"(?m)^active = no$")
        self.assertRegex(text, r"(?m)^format = string$")

    def test_database_stays_unless_told(self):
        self.make_database()
        self.agent("install")
        self.assertIn("kept", self.agent("uninstall"))
        self.agent("uninstall", "--keep-database")
        self.assertTrue((self.root / DATABASE).exists())
        self.agent("uninstall", "--remove-database")
        self.assertEqual(self.files(), ["var/lib/spoor/other"])

    def test_asks_on_a_terminal(self):
        self.make_database()
        for answer, there in ((b"n\n", True), (b"\n", True), (b"y\n", False)):
            ours, theirs = pty.openpty()
            child = subprocess.Popen([AGENT, "uninstall", "--root", self.root], stdin=theirs, stdout=theirs, stderr=theirs)
            os.close(theirs)
            os.write(ours, answer)
            said = b""
            try:
                while part := os.read(ours, 4096):
                    said += part
            except OSError: # the terminal's other end was closed
                pass
            os.close(ours)
            self.assertEqual(child.wait(60), 0)
            self.assertIn(b"[y/N]", said)
            self.assertEqual((self.root / DATABASE).exists(), there)

    def test_usage(self):
        self.assertEqual(run(AGENT, "install", "--root", "relative").returncode, 2)
        self.assertEqual(run(AGENT, "uninstall", "more").returncode, 2)
        done = run(AGENT, "install", "--root", "/proc/nothing")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.count("\n"), 1)


class Written(unittest.TestCase):
    def test_exposure(self):
        need(self, "systemd-analyze")
        for unit, most in ("spoor-agent.service", 2.5), ("spoor-client.service", 1.5):
            done = run("systemd-analyze", "security", "--offline=yes", ASSETS / unit)
            level = re.search(rf"Overall exposure level for {unit}: ([0-9.]+)", done.stdout)
            if not level:
                self.skipTest("systemd-analyze does not tell: " + done.stdout.strip()[-100:])
            print("exposure", unit, level[1])
            self.assertLessEqual(float(level[1]), most)

    def test_unit_is_understood(self):
        """Verified with the program in its place, below a folder: systemd-analyze looks for it."""
        need(self, "systemd-analyze")
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "spoor-agent.service"
            text = (ASSETS / "spoor-agent.service").read_text().replace("/usr/local/sbin/spoor-agent", AGENT)
            unit.write_text(text)
            done = run("systemd-analyze", "verify", "--man=no", unit)
            ours = [line for line in done.stdout.splitlines() if "spoor-agent" in line]
            self.assertEqual(ours, [])
            unit.write_text(text + "\n[Service]\nNonsense=yes\n")
            self.assertIn("Nonsense", run("systemd-analyze", "verify", "--man=no", unit).stdout)

    def told_by_manual(self):
        """The options in each command's section of the manual page."""
        told = {}
        for section in re.split(r"(?m)^\.SS ", (ASSETS / "spoor-agent.8").read_text().split(".SH SOURCES")[0])[1:]:
            name, text = section.split("\n", 1)
            heads = "".join(re.findall(r"(?m)^\.TP\n(\.BR? .*)\n", text))
            told[name.split()[0]] = set(re.findall(r"\\-\\-([a-z\\-]+)", heads))
        return {name: {option.replace("\\", "") for option in options} for name, options in told.items()}

    def test_manual_tells_every_option(self):
        """As many commands, and of each the very options, as --help does."""
        commands = re.findall(r"(?m)^  ([a-z]+) +[a-z]", run(AGENT, "--help").stdout)
        told = self.told_by_manual()
        self.assertEqual(sorted(told), sorted(commands))
        for name in commands:
            options = set(re.findall(r"(?m)^  (?:-\w, )?--([a-z-]+)", run(AGENT, name, "--help").stdout)) - {"help"}
            self.assertEqual(told[name], options, name)

    def test_manual(self):
        if shutil.which("groff"):
            done = run("groff", "-ww", "-man", "-z", ASSETS / "spoor-agent.8")
        elif shutil.which("mandoc"):
            done = run("mandoc", "-T", "lint", "-W", "warning", ASSETS / "spoor-agent.8")
        else:
            self.skipTest("neither groff nor mandoc here")
        self.assertEqual((done.returncode, done.stdout), (0, ""))


if __name__ == "__main__":
    unittest.main(verbosity=2)
