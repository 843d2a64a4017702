#!/usr/bin/python3
"""bench-open MAKER [RECORDING]: the desktop app opens a large snapshot five times: seconds from its start until the first
rows are in sight and until everything is counted, and the memory of the app and of its confined children. MAKER is
bench-query, which makes five million events where no RECORDING is given."""

import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "gui"))

import desk
import pyatspi

EVENTS, RUNS = 5000000, 5


def resident(pid):
    """Peak resident memory in MB."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0


def children(pid):
    """Those of all its threads: the readers are started by workers."""
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return [int(n) for task in tasks for n in (task / "children").read_text().split()]


def open_once(recording):
    begun = time.monotonic()
    app = desk.App(recording)
    app.rows()
    first = time.monotonic() - begun
    app.has_label(" events")
    desk.wait_for("the count", lambda: not app.all(pyatspi.ROLE_LABEL, part="counting"))
    counted = time.monotonic() - begun
    desk.wait_for("the check", lambda: len(children(app.process.pid)) <= 2)
    pid = app.process.pid
    memory = resident(pid), sum(resident(c) for c in children(pid))
    app.quit()
    return first, counted, *memory


def measure(recording):
    runs = [open_once(recording) for _ in range(RUNS)]
    first, counted, app, child = (statistics.median(column) for column in zip(*runs))
    size = recording.stat().st_size / 1e6
    print(f"open: {size:.0f} MB, first rows {first:.2f} s, counted {counted:.2f} s, app {app:.0f} MB, "
          f"its readers {child:.0f} MB (medians of {RUNS})")


def main(maker, recording=None):
    if recording:
        return measure(pathlib.Path(recording))
    with tempfile.TemporaryDirectory(prefix="spoor-bench-") as folder:
        path = pathlib.Path(folder) / "big.db"
        subprocess.run([maker, str(EVENTS), str(path)], check=True)
        measure(path)


main(*sys.argv[1:])
