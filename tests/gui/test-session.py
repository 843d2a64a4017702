#!/usr/bin/python3
"""What was open is open again after a crash, but not what may have caused it; after a clean end if preferred."""

import os
import pathlib
import re
import subprocess
import time

import desk
import pyatspi
from desk import App, click, key, shot, type_text, wait_for


def session_file():
    return pathlib.Path(os.environ["HOME"], ".local/state/spoor/session")


def crash(app):
    app.process.kill()
    app.process.wait()


def kept(part):
    wait_for(f"{part} in the session", lambda: part in session_file().read_text())


def trusted():
    """Everything open has been so for long enough."""
    text = session_file().read_text()
    session_file().write_text(re.sub(r"'fresh': <[^>]*>", "'fresh': <@as []>", text))


def after_a_crash(folder):
    path = desk.make_recording(folder)
    other = desk.make_recording(folder, name="other.db", n_processes=2)
    app = App(path)
    app.has_label("36 events")
    key("ctrl+slash")
    type_text("process.name == curl")
    key("Return")
    app.has_label("12 events")
    click(app.row(0), button=2)
    app.find(name="curl 2009")
    subprocess.run([desk.APP, str(other)], check=True, timeout=60)
    app.has_label("6 events")
    key("ctrl+n")
    wait_for("two windows", lambda: app.node.childCount == 2)
    kept("'process'")
    kept("other.db', {")  # its tab, not only that it was opened
    crash(app)
    trusted()
    app = App()
    app.says("Spoor ended unexpectedly. What was open is open again.")
    tabs = lambda: [t.name for t in app.all(pyatspi.ROLE_PAGE_TAB)]
    wait_for("the tabs", lambda: tabs() == ["web-03", "curl 2009", "web-03"])
    app.has_label("6 events")
    shot("restored")
    click(app.find(pyatspi.ROLE_PAGE_TAB, name="web-03"))
    app.has_label("12 events")
    assert any(desk.text_of(n) == "process.name == curl" for n in app.all(pyatspi.ROLE_TEXT))
    app.quit()
    app = App()  # a clean end: the preference is off
    app.says("Open a snapshot (.db)")
    app.quit()


def a_name_that_is_not_utf8(folder):
    path = desk.make_recording(folder).rename(folder / "caf\udce9.db")
    app = App(path)
    app.has_label("36 events")
    kept("caf\\351.db', {")
    crash(app)
    trusted()
    app = App()
    app.has_label("36 events")
    app.quit()


def not_what_may_have_caused_it(folder):
    path = desk.make_recording(folder)
    app = App(path)
    app.has_label("36 events")
    kept("web-03_2026")
    crash(app)  # it was open for a moment only
    app = App()
    app.says("Spoor ended unexpectedly while this was being opened, so it was left out")
    app.says(str(path))
    assert not app.all(pyatspi.ROLE_TABLE, name="Events")
    shot("left-out")
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Open anyway"))
    app.has_label("36 events")
    app.gone(part="Spoor ended unexpectedly")
    app.quit()


def offered_to_a_start_with_files(folder):
    path = desk.make_recording(folder)
    other = desk.make_recording(folder, name="other.db", n_processes=2)
    app = App(path)
    app.has_label("36 events")
    kept("'expression'")
    crash(app)
    trusted()
    app = App(other)
    app.has_label("6 events")
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Open what was open"))
    app.has_label("36 events")
    app.quit()


def after_a_clean_end_as_preferred(folder):
    path = desk.make_recording(folder)
    keyfile = pathlib.Path(os.environ["XDG_CONFIG_HOME"], "glib-2.0/settings/keyfile")
    before = keyfile.read_text() if keyfile.exists() else "[org/spoor/Investigator]\n"
    keyfile.parent.mkdir(parents=True, exist_ok=True)
    keyfile.write_text(before.replace("[org/spoor/Investigator]\n", "[org/spoor/Investigator]\nrestore-session=true\n"))
    app = App(path)
    app.has_label("36 events")
    click(app.find(pyatspi.ROLE_RADIO_BUTTON, name="Network"))
    app.has_label("12 events")
    app.quit()
    app = App()
    app.has_label("12 events")
    assert not app.all(pyatspi.ROLE_ALERT)
    app.process.terminate()  # as at the end of the desktop's session: also an end by itself
    wait_for("the end", lambda: not app.alive())
    assert app.process.returncode == 0, app.process.returncode
    app = App()
    app.has_label("12 events")
    app.quit()
    keyfile.write_text(before)


def a_damaged_session(folder):
    session_file().parent.mkdir(parents=True, exist_ok=True)
    for text in ("{'clean': <false>, 'windows': <[{'tabs': <[('/nonesuch', {'kind': <'explorer'>})]>}]>}",
                 "{'clean': <false>, 'windows': <[{'tabs': <[('/etc/passwd', {'kind': <'none'>})], 'width': <-5>}]>}", "rubbish"):
        session_file().write_text(text)
        app = App()
        app.says("Open a snapshot (.db)")
        app.quit()
    # Each one fails at once, while the others are still to be opened.
    tabs = ", ".join(f"('{folder / name}', {{'kind': <'explorer'>}})" for name in ("a", "b", "c", "b"))
    for name in "abc":
        (folder / name).mkdir()
    session_file().write_text(f"{{'clean': <false>, 'windows': <[{{'tabs': <[{tabs}]>}}]>}}")
    app = App()
    for name in "abc":
        app.says(f"{name}: cannot open: it is a folder")
    app.quit()


def anew(test):
    def run(folder):
        session_file().unlink(missing_ok=True)
        test(folder)
    run.__name__ = test.__name__
    return run


desk.main(*map(anew, (after_a_crash, a_name_that_is_not_utf8, not_what_may_have_caused_it, offered_to_a_start_with_files,
                      after_a_clean_end_as_preferred,
                      a_damaged_session)))
