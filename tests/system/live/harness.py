"""What the tests of live recording share: the agent, a recorder that is surely ended, audit put back at the end."""

import atexit
import fcntl
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from kaudit import Audit, Unavailable

BUILT = sys.argv.pop(1)
AGENT = os.path.abspath(os.environ.get("SPOOR_AGENT") or BUILT)
STATE = pathlib.Path("/run/spoor/audit.state")
GUARD = 180 # seconds: against a test that hangs. No machine is so slow that it takes this long.


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def wait_for(what, condition):
    """What the condition gives once that is true."""
    end = time.monotonic() + GUARD
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {GUARD} s: {what}")


def require_audit():
    """The audit connection; skips where this machine or user has none to give, and puts everything back at exit."""
    if os.geteuid() != 0:
        skip("recording needs root")
    try:
        audit = Audit()
        before = audit.status()
    except (Unavailable, OSError) as e:
        skip(f"the kernel's audit cannot be used here: {e}")
    if before["enabled"] == 2:
        skip("the audit configuration is locked")
    if before["pid"] and os.path.exists(f"/proc/{before['pid']}"):
        skip(f"another process ({before['pid']}) receives the audit records")
    lock = open("/run/lock/spoor-audit-test.lock", "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    settings, rules = audit.settings(), audit.rules()
    atexit.register(put_back, settings, rules, lock)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(1))
    return audit


def put_back(settings, rules, lock):
    for process in Recorder.running:
        process.kill()
        process.wait()
    audit = Audit()
    for rule in audit.rules():
        if rule not in rules:
            audit.remove(rule)
    if audit.status()["pid"] == 0 or not os.path.exists(f"/proc/{audit.status()['pid']}"):
        audit.set(**settings)
    audit.close()
    if STATE.exists():
        STATE.unlink()
    lock.close()


def folder():
    path = tempfile.mkdtemp(prefix="spoor-live-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return pathlib.Path(path)


def public_agent():
    """A copy of the agent that users without privilege can run too, wherever the tree is."""
    where = folder()
    where.chmod(0o755)
    return shutil.copy(AGENT, where / "spoor-agent")


def agent(*arguments, program=AGENT, **options):
    return subprocess.run([program, *map(os.fspath, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=GUARD, **options)


class Recorder:
    running = []

    def __init__(self, db, *arguments):
        self.db = db
        self.process = subprocess.Popen([AGENT, "record", "--db", os.fspath(db), *arguments], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        Recorder.running.append(self.process)

    def wait_ready(self, audit):
        """Until the kernel sends to it and knows all rules."""
        def ready():
            if self.process.poll() is not None:
                raise RuntimeError("the recorder did not start: " + "".join(self.process.communicate()))
            status = audit.status()
            return status["pid"] == self.process.pid and status["enabled"] == 1 and audit.ours()
        wait_for("a recorder", ready)

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=GUARD)
        Recorder.running.remove(self.process)
        return self.process.returncode, out, err


class Database:
    """A recording through the documented views, and through `query`."""

    def __init__(self, path):
        self.path = path
        self.db = sqlite3.connect(path)
        self.db.text_factory = bytes

    def rows(self, sql, *values):
        return self.db.execute(sql, values).fetchall()

    def value(self, sql, *values):
        rows = self.rows(sql, *values)
        return rows[0][0] if rows else None

    def count(self, expression):
        result = agent("query", "--count", self.path, expression)
        if result.returncode != 0:
            raise RuntimeError(f"{expression}: {result.stderr.decode()}")
        return int(result.stdout)

    def query(self, expression):
        result = agent("query", "--format", "json", self.path, expression)
        if result.returncode != 0:
            raise RuntimeError(f"{expression}: {result.stderr.decode()}")
        return [json.loads(line) for line in result.stdout.splitlines()]

    def integrity(self):
        return self.value("PRAGMA integrity_check")
