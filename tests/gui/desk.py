"""desk: the app as its users meet it, for GUI tests: started under run-under-xvfb, seen through AT-SPI, driven with
xdotool. Each wait ends as soon as what is waited for is there, and fails after a generous time with a picture."""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402
import pyatspi  # noqa: E402

APP = os.environ["SPOOR_APP"]
AGENT = os.environ["SPOOR_AGENT"]
SHOTS = pathlib.Path(os.environ["SPOOR_SHOTS"])
PATIENCE = int(os.environ.get("SPOOR_GUI_PATIENCE", 30))  # seconds: for slow machines, never reached when all is well


class Failed(Exception):
    pass


def wait_for(what, probe, patience=PATIENCE):
    """The first true value of probe()."""
    end = time.monotonic() + patience
    while True:
        try:
            value = probe()
        except Exception as e:  # an accessible that went away between two questions
            if "Failed" in type(e).__name__:
                raise
            value = None
        if value:
            return value
        if time.monotonic() > end:
            shot("failed")
            raise Failed(f"waited in vain for {what}")
        time.sleep(0.05)


def xdotool(*args):
    subprocess.run(["xdotool", *map(str, args)], check=True)


def key(*keys):
    xdotool("key", "--clearmodifiers", *keys)


def type_text(text):
    xdotool("type", "--clearmodifiers", "--delay", "6", text)


def shot(name):
    """A picture of the screen in the build directory."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    root = Gdk.get_default_root_window()
    picture = Gdk.pixbuf_get_from_window(root, 0, 0, root.get_width(), root.get_height())
    picture.savev(str(SHOTS / f"{pathlib.Path(sys.argv[0]).stem}-{name}.png"), "png", [], [])


def walk(node, depth=0):
    """The node and all that is shown below it."""
    if node is None or depth > 40:
        return
    yield node
    for i in range(min(node.childCount, 400)):
        try:
            child = node.getChildAtIndex(i)
        except Exception:
            continue
        yield from walk(child, depth + 1)


def showing(node):
    return node.getState().contains(pyatspi.STATE_SHOWING)


def text_of(node):
    try:
        return node.queryText().getText(0, -1)
    except NotImplementedError:
        return node.name


class App:
    running = []

    def __init__(self, *args, **env):
        self.log = tempfile.NamedTemporaryFile("w+", prefix="spoor-log-")
        self.process = subprocess.Popen([APP, *map(str, args)], stderr=self.log, env={**os.environ, **env})
        App.running.append(self.process)
        self.node = wait_for("the app", self._find)
        wait_for("its window", lambda: self.node.childCount)

    def _find(self):
        if self.process.poll() is not None:
            raise Failed(f"the app ended with {self.process.returncode}: {self.errors()}")
        desktop = pyatspi.Registry.getDesktop(0)
        for i in range(desktop.childCount):
            app = desktop.getChildAtIndex(i)
            if app is not None and app.get_process_id() == self.process.pid:
                return app
        return None

    def errors(self):
        self.log.flush()
        return pathlib.Path(self.log.name).read_text()

    def alive(self):
        return self.process.poll() is None

    def all(self, role=None, name=None, part=None, visible=True):
        found = []
        for node in walk(self.node):
            if role is not None and node.getRole() != role:
                continue
            if name is not None and node.name != name:
                continue
            if part is not None and not any(part in t for t in (node.name or "", node.description or "", text_of(node))):
                continue
            if visible and not showing(node):
                continue
            found.append(node)
        return found

    def find(self, role=None, name=None, part=None):
        return wait_for(f"{role} {name or ''}{part or ''}", lambda: self.all(role, name, part))[0]

    def gone(self, role=None, name=None, part=None):
        wait_for(f"{name or part} to go", lambda: not self.all(role, name, part))

    def has_label(self, part):
        return self.find(pyatspi.ROLE_LABEL, part=part)

    def says(self, part):
        return self.find(part=part)

    def grid(self, name="Events"):
        return self.find(pyatspi.ROLE_TABLE, name=name)

    def rows(self, name="Events"):
        """Names of the rows in sight, once there are some."""
        def probe():
            grid = self.grid(name)
            names = [grid.getChildAtIndex(i).name for i in range(grid.childCount)]
            return [n for n in names if n]
        return wait_for("rows", probe)

    def row(self, i, name="Events"):
        return self.grid(name).getChildAtIndex(i)

    def quit(self):
        key("ctrl+q")
        wait_for("the app to end", lambda: self.process.poll() is not None)
        if self.process.returncode:
            raise Failed(f"the app ended with {self.process.returncode}: {self.errors()}")
        for line in self.errors().splitlines():
            if line.startswith("stall: ") and "SPOOR_STALL_MS" in os.environ:
                print(f"   {line}")
            if "WIDGET_REALIZED_FOR_EVENT" in line: # GTK 3.24's own GtkFileChooserEntry, when "/" opens it
                continue
            if "gtk_notebook_get_tab_label" in line: # GTK 3.24's own print dialog; we have no notebook
                continue
            if "CRITICAL" in line or "AddressSanitizer" in line or "runtime error" in line:
                raise Failed(line)


def box(node):
    e = node.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
    return e.x, e.y, e.width, e.height


def click(node, button=1, times=1, at=0.5):
    x, y, w, h = box(node)
    xdotool("mousemove", int(x + w * at), int(y + h / 2))
    xdotool("click", "--repeat", times, "--delay", 60, button)


def press(node):
    node.queryAction().doAction(0)


# ---- recordings ----

def filter_is(app, text):
    entry = app.find(pyatspi.ROLE_TEXT, name="Filter")
    wait_for(f"the filter {text}", lambda: text_of(entry) == text)


def ask(app, text):
    """Asks by the filter bar."""
    key("ctrl+slash", "ctrl+a")
    type_text(text)
    key("Return")
    filter_is(app, text)


def audit_log(n_processes=12):
    """A log in which n processes each write a file and connect once; every third is curl."""
    lines = []
    serial = 100
    for i in range(n_processes):
        pid, t = 2000 + i, 1763600000 + i * 30
        name = "curl" if i % 3 == 0 else "bash"
        who = (f"ppid={2000 + i // 2 - 1 if i > 1 else 1} pid={pid} auid=1000 uid=33 gid=33 euid=33 suid=33 fsuid=33 "
               f'egid=33 sgid=33 fsgid=33 tty=pts0 ses=3 comm="{name}" exe="/usr/bin/{name}" key="spoor"')
        events = [
            (f"SYSCALL arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=1 {who}",
             f'EXECVE argc=3 a0="{name}" a1="-s" a2="http://h{i}.example/"', 'CWD cwd="/var/www"',
             f'PATH item=0 name="/usr/bin/{name}" inode=1 dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 '
             "nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0"),
            (f"SYSCALL arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=2 a2=241 a3=1b6 items=2 {who}",
             'CWD cwd="/var/www"', 'PATH item=0 name="/tmp/" inode=1 dev=08:01 mode=041777 ouid=0 ogid=0 rdev=00:00 '
             "nametype=PARENT", f'PATH item=1 name="/tmp/file-{i}" inode={i} dev=08:01 mode=0100644 ouid=0 ogid=0 '
             "rdev=00:00 nametype=CREATE"),
            (f"SYSCALL arch=c000003e syscall=42 success=yes exit=0 a0=3 a1=4 a2=10 a3=0 items=0 {who}",
             "SOCKADDR saddr=02000050CB007109%016X" % 0),
        ]
        for k, records in enumerate(events):
            serial += 1
            for record in records + ("EOE ",):
                kind, _, rest = record.partition(" ")
                lines.append(f"node=web-03 type={kind} msg=audit({t + k}.{250 * k:03}:{serial}): {rest}")
    return "\n".join(lines) + "\n"


def make_recording(folder, name="web-03_2026_11_20T09.14.02.113Z.db", **options):
    log = pathlib.Path(folder) / "story.log"
    log.write_text(audit_log(**options))
    path = pathlib.Path(folder) / name
    subprocess.run([AGENT, "import", "--db", str(path), str(log)], check=True, stdout=subprocess.DEVNULL)
    return path


def main(*tests):
    """Runs the tests (those named as arguments, or all), each with a fresh folder; exits 1 when one fails."""
    failed = 0
    Gtk.init([])
    chosen = sys.argv[1:]
    for test in tests:
        if chosen and test.__name__ not in chosen:
            continue
        with tempfile.TemporaryDirectory(prefix="spoor-gui-") as folder:
            try:
                test(pathlib.Path(folder))
                print(f"ok {test.__name__}", flush=True)
            except Exception as e:
                failed += 1
                print(f"FAILED {test.__name__}: {type(e).__name__}: {e}", flush=True)
                for process in App.running:
                    process.kill()
                    process.wait()
    sys.exit(1 if failed else 0)
