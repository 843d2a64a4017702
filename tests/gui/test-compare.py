#!/usr/bin/python3
"""What a later recording has that an earlier one of the same host has not, and from there into either explorer."""

import subprocess

import desk
import pyatspi
from desk import App, click, key, press, shot, wait_for

LATE = "/tmp/.x"


def make_pair(folder, host="web-03"):
    """Two recordings: the later one has another program, which writes a cron job, and no curl."""
    first = desk.make_recording(folder, name="first.db")
    log = desk.audit_log().replace("/usr/bin/curl", LATE).replace("/tmp/file-0", "/etc/cron.d/job")
    log = log.replace("audit(1763", "audit(1764").replace("node=web-03", f"node={host}")
    (folder / "second.log").write_text(log)
    subprocess.run([desk.AGENT, "import", "--db", folder / "second.db", folder / "second.log"], check=True,
                   stdout=subprocess.DEVNULL)
    return first, folder / "second.db"


def compare(app, path):
    app.has_label("36 events")
    key("F10")
    press(app.find(pyatspi.ROLE_MENU_ITEM, name="Compare with…") if app.all(pyatspi.ROLE_MENU_ITEM, "Compare with…")
          else app.find(pyatspi.ROLE_PUSH_BUTTON, name="Compare with…"))
    dialog = app.find(pyatspi.ROLE_FILE_CHOOSER)
    key("slash")
    desk.type_text(str(path)[1:])
    wait_for("the path", lambda: any(desk.text_of(n) == str(path) for n in desk.walk(dialog)
                                     if n.getRole() == pyatspi.ROLE_TEXT))
    key("Return")
    app.gone(pyatspi.ROLE_FILE_CHOOSER)


def cells(app):
    table = app.find(pyatspi.ROLE_TREE_TABLE) if app.all(pyatspi.ROLE_TREE_TABLE) else app.find(name="Differences")
    return [n for n in desk.walk(table) if n.getRole() == pyatspi.ROLE_TABLE_CELL]


def texts(app):
    return [c.name for c in cells(app)]


def area(app, name):
    row = wait_for(name, lambda: [n for n in app.all(pyatspi.ROLE_LIST_ITEM) if n.name.startswith(name + ":")])[0]
    click(row)
    return row.name


def what_is_new_is_listed_and_shown(folder):
    first, second = make_pair(folder)
    app = App(first)
    compare(app, second)
    app.has_label("New on web-03")
    assert area(app, "Programs") == "Programs: 1 new · 1 gone", app.all(pyatspi.ROLE_LIST_ITEM)
    wait_for("programs", lambda: LATE in texts(app) and "/usr/bin/curl" in texts(app))
    shot("programs")
    assert area(app, "Autostart files") == "Autostart files: 1 new"
    wait_for("files", lambda: "/etc/cron.d/job" in texts(app))
    area(app, "Kernel modules")
    app.has_label("Both recordings have the same of this kind")
    area(app, "Programs")
    wait_for("programs", lambda: LATE in texts(app))
    app.gone(pyatspi.ROLE_LABEL, name="Both recordings have the same of this kind")
    click(next(c for c in cells(app) if c.name == LATE), times=2, at=0.1)
    wait_for("the later explorer", lambda: app.rows() and all(".x" in r for r in app.rows()))
    key("alt+Left")
    app.has_label("New on web-03")
    click(next(c for c in cells(app) if c.name == "/usr/bin/curl"), button=3, at=0.1)
    press(app.find(pyatspi.ROLE_MENU_ITEM, name="Show in explorer"))
    wait_for("the earlier explorer", lambda: app.rows() and all("curl" in r for r in app.rows()))
    app.quit()


def two_hosts_are_warned_of(folder):
    first, second = make_pair(folder, host="db-01")
    app = App(second)
    compare(app, first)
    app.has_label("These are two hosts, web-03 and db-01")
    app.quit()


def what_cannot_be_read_is_told(folder):
    first, _ = make_pair(folder)
    (folder / "bad.db").write_text("nothing of ours")
    app = App(first)
    compare(app, folder / "bad.db")
    app.has_label("bad.db: cannot open")
    app.quit()


desk.main(what_is_new_is_listed_and_shown, two_hosts_are_warned_of, what_cannot_be_read_is_told)
