#!/usr/bin/env python3
"""Names of users: of an account made and renamed while recording, and of one that only getent knows, with the recorder
confined as the daemon confines it."""

import os
import shutil
import subprocess
import time
import unittest

from harness import AGENT, Database, Recorder, folder, require_audit, skip, wait_for

UNKNOWN = 61234
GETENT = f"""#!/bin/sh
echo "$@" >>%s
[ "$2" = {UNKNOWN} ] && echo "madeup:x:{UNKNOWN}:{UNKNOWN}::/:/bin/sh" && exit 0
exit 2
"""


def run_as(uid, *words):
    subprocess.run(["/bin/echo", *words], user=uid, group=uid, extra_groups=[], stdout=subprocess.DEVNULL, check=True)


class Names(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        audit = require_audit()
        where = folder()
        for program in ("useradd", "usermod", "userdel", "getent"):
            if not shutil.which(program, path="/usr/sbin:/sbin:/usr/bin:/bin"):
                skip(f"no {program} here")
        getent, cls.told, config = where / "getent", where / "told", where / "agent.conf"
        where.chmod(0o711)
        getent.write_text(GETENT % cls.told)
        getent.chmod(0o755)
        cls.told.touch()
        cls.told.chmod(0o666)
        config.write_text(f"[recorder]\ndatabase = {where}/monitor.db\n")
        script = 'mount --bind "$0" /usr/bin/getent && exec "$@"'
        if subprocess.run(["unshare", "-m", "sh", "-c", script, getent, "true"], stderr=subprocess.DEVNULL).returncode:
            skip("nothing can be mounted here")
        recorder = Recorder.__new__(Recorder)
        recorder.process = subprocess.Popen(["unshare", "-m", "sh", "-c", script, getent, AGENT, "run", "-c", config],
                                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        Recorder.running.append(recorder.process)
        wait_for("the recorder", lambda: audit.ours() and audit.status()["pid"] > 0)
        name = f"spoor{os.getpid()}"
        try:
            cls.story(name)
        finally:
            subprocess.run(["userdel", name + "x"], stderr=subprocess.DEVNULL)
            subprocess.run(["userdel", name], stderr=subprocess.DEVNULL)
        cls.ended = recorder.end()
        cls.name, cls.db = name, Database(where / "monitor.db")

    @classmethod
    def story(cls, name):
        subprocess.run(["useradd", "--no-log-init", "-M", "-s", "/bin/sh", name], check=True, stderr=subprocess.DEVNULL)
        uid = int(subprocess.run(["id", "-u", name], stdout=subprocess.PIPE, check=True).stdout)
        run_as(uid, "names", "made")
        run_as(UNKNOWN, "names", "not-asked-yet")
        time.sleep(2.5) # an event may wait for more records of it for 2 s
        subprocess.run(["usermod", "-l", name + "x", name], check=True)
        time.sleep(1.7)
        run_as(uid, "names", "renamed")
        run_as(UNKNOWN, "names", "asked")
        run_as(UNKNOWN + 1, "names", "nobody")
        time.sleep(0.5)

    def user(self, word):
        rows = self.db.rows("SELECT user FROM v_process WHERE command_line = ?", f"/bin/echo names {word}")
        self.assertEqual(len(rows), 1, word)
        return rows[0][0] and rows[0][0].decode()

    def test_ends_cleanly(self):
        self.assertEqual(self.ended[0], 0, self.ended)

    def test_account_made_and_renamed(self):
        self.assertEqual(self.user("made"), self.name)
        self.assertEqual(self.user("renamed"), self.name + "x")

    def test_known_to_getent_only(self):
        self.assertEqual(self.user("asked"), "madeup")
        self.assertEqual(self.user("nobody"), None)
        self.assertEqual(self.db.count(f'user.name == madeup and user.id == {UNKNOWN}') > 0, True)

    def test_asked_once_each(self):
        self.assertEqual(sorted(self.told.read_text().split("\n")[:-1]), [f"passwd {UNKNOWN}", f"passwd {UNKNOWN + 1}"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
