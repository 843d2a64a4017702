#!/usr/bin/python3
"""What `./bootstrap run` shows where this machine cannot be recorded: a sample, through a real server and agent, live; and
that nothing is left of it."""

import os
import pathlib
import subprocess

import pyatspi
from desk import App, Failed, main, shot, wait_for

RUN = pathlib.Path(os.environ["SPOOR_RUN"])


class Run(App):
    """The app that the script started."""

    def __init__(self, folder):
        self.process = subprocess.Popen([RUN, "--replay"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        env={**os.environ, "TMPDIR": str(folder)})
        self.node = wait_for("the app", self._find)
        App.running.append(self.process)

    def _find(self):
        if self.process.poll() is not None:
            raise Failed(f"it ended with {self.process.returncode}: {self.process.stdout.read()}")
        desktop = pyatspi.Registry.getDesktop(0)
        for app in (desktop.getChildAtIndex(i) for i in range(desktop.childCount)):
            if app is not None and pathlib.Path(f"/proc/{app.get_process_id()}/comm").read_text() == "spoor\n":
                return app
        return None


def a_sample_is_read_live(folder):
    folder.chmod(0o711)
    app = Run(folder)
    app.says("connected")
    assert any("sudo systemctl stop apache2" in row for row in app.rows())
    app.find(pyatspi.ROLE_TOGGLE_BUTTON, name="Follow")
    shot("live")
    assert list(folder.glob("spoor-run-*"))
    app.process.terminate()
    wait_for("its end", lambda: app.process.poll() is not None)
    assert app.process.returncode == 130, app.process.stdout.read()
    assert not list(folder.glob("spoor-run-*"))
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert str(folder) not in left, left


main(a_sample_is_read_live)
