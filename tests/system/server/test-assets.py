#!/usr/bin/env python3
"""What comes beside spoor-server: its unit, its manual page.  test-assets.py SPOOR-SERVER ASSETS"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ASSETS = pathlib.Path(sys.argv.pop())
SERVER = str(pathlib.Path(sys.argv.pop()).resolve())


def run(*command):
    return subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)


class Assets(unittest.TestCase):
    def need(self, program):
        if not shutil.which(program):
            self.skipTest(f"no {program} here")

    def test_exposure(self):
        self.need("systemd-analyze")
        done = run("systemd-analyze", "security", "--offline=yes", ASSETS / "spoor-server.service")
        level = re.search(r"Overall exposure level for spoor-server.service: ([0-9.]+)", done.stdout)
        if not level:
            self.skipTest("systemd-analyze does not tell: " + done.stdout.strip()[-100:])
        self.assertLessEqual(float(level[1]), 1.5)

    def test_unit_is_understood(self):
        self.need("systemd-analyze")
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "spoor-server.service"
            text = (ASSETS / "spoor-server.service").read_text().replace("/usr/local/bin/spoor-server", SERVER)
            unit.write_text(text)
            done = run("systemd-analyze", "verify", "--man=no", unit)
            self.assertEqual([line for line in done.stdout.splitlines() if "spoor-server" in line], [])
            unit.write_text(text + "\n[Service]\nNonsense=yes\n")
            self.assertIn("Nonsense", run("systemd-analyze", "verify", "--man=no", unit).stdout)

    def test_user_and_folders_are_made(self):
        self.need("systemd-sysusers")
        self.need("systemd-tmpfiles")
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for kind in ("sysusers", "tmpfiles"):
                (root / f"etc/{kind}.d").mkdir(parents=True)
                shutil.copy(ASSETS / f"spoor-server.{kind}", root / f"etc/{kind}.d/spoor-server.conf")
            for words in (["systemd-sysusers"], ["systemd-tmpfiles", "--create"]):
                done = run(*words, f"--root={root}")
                self.assertEqual(done.returncode, 0, done.stdout)
            self.assertRegex((root / "etc/passwd").read_text(), "(?m)^spoor-server:")
            self.assertEqual((root / "var/lib/spoor-server").stat().st_mode & 0o777, 0o700)

    def test_manual_tells_every_option(self):
        page = (ASSETS / "spoor-server.8").read_text().split(".SH CONFIGURATION")[0]
        told = {}
        for section in re.split(r"(?m)^\.SS ", page)[1:]:
            name, text = section.split("\n", 1)
            heads = "".join(re.findall(r"(?m)^\.TP\n(\.BR? .*)\n", text))
            told[name] = {option.replace("\\", "") for option in re.findall(r"\\-\\-([a-z\\-]+)", heads)}
        commands = re.findall(r"(?m)^  ([a-z]+) +[a-z]", run(SERVER, "--help").stdout)
        self.assertEqual(sorted(told), sorted(commands))
        for name in commands:
            lines = re.findall(r"(?m)^  (?:-\w, )?(--.*)", run(SERVER, name, "--help").stdout)
            options = {option for line in lines for option in re.findall(r"--([a-z-]+)", line.split("  ")[0])} - {"help"}
            self.assertEqual(told[name], options, name)

    def test_manual_and_configuration_have_the_same_keys(self):
        section, keys = "", []
        for line in (ASSETS / "spoor-server.conf").read_text().splitlines():
            section = re.match(r"\[(\w+)\]", line)[1] if line.startswith("[") else section
            keys += [(section, key) for key in re.findall(r"^#([a-z-]+) =", line)]
        page = (ASSETS / "spoor-server.8").read_text().replace("\\-", "-")
        self.assertEqual(re.findall(r'(?m)^\.BR \[(\w+)\] " ([a-z-]+)"', page), [
            pair for name in ("listen", "limits", "agents", "log") for pair in keys if pair[0] == name])

    def test_manual(self):
        if shutil.which("groff"):
            done = run("groff", "-ww", "-man", "-z", ASSETS / "spoor-server.8")
        elif shutil.which("mandoc"):
            done = run("mandoc", "-T", "lint", "-W", "warning", ASSETS / "spoor-server.8")
        else:
            self.skipTest("neither groff nor mandoc here")
        self.assertEqual((done.returncode, done.stdout), (0, ""))


if __name__ == "__main__":
    unittest.main()
