#!/usr/bin/python3
"""Opening: by argument, through the dialog, by drop, an audit log, from the recent list, in a running app."""

import subprocess
import sys

import desk
import pyatspi
from desk import App, click, key, shot, type_text, wait_for, xdotool


def by_argument(folder):
    app = App(desk.make_recording(folder))
    rows = app.rows()
    assert "Connect" in rows[0] and "203.0.113.9:80" in rows[0], rows[0]
    app.has_label("36 events")
    app.find(name="web-03")
    shot("argument")
    app.quit()


def through_the_dialog(folder):
    path = desk.make_recording(folder)
    app = App()
    app.says("Open a snapshot (.db)")
    shot("home")
    key("ctrl+o")
    app.find(pyatspi.ROLE_FILE_CHOOSER)
    key("slash")
    entry = app.find(pyatspi.ROLE_TEXT)
    key("ctrl+a")
    type_text(str(path))
    wait_for("the path in the dialog", lambda: desk.text_of(entry) == str(path))
    shot("dialog")
    key("Return")
    app.rows()
    app.quit()


DRAG_SOURCE = """
import sys, gi
gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk
window = Gtk.Window(title="source", type=Gtk.WindowType.POPUP)
box = Gtk.EventBox()
box.add(Gtk.Label(label="drag me"))
box.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
box.drag_source_add_uri_targets()
box.connect("drag-data-get", lambda w, c, data, i, t: data.set_uris(sys.argv[1:]))
window.add(box)
window.move(0, 0)
window.resize(80, 40)
window.show_all()
window.get_window().raise_()
print("ready", flush=True)
Gtk.main()
"""


def drop(uris, to):
    source = subprocess.Popen([sys.executable, "-c", DRAG_SOURCE, *uris], stdout=subprocess.PIPE, text=True)
    try:
        assert source.stdout.readline() == "ready\n"
        x, y, w, h = desk.box(to)
        xdotool("mousemove", 30, 20, "sleep", 0.3, "mousedown", 1, "sleep", 0.2, "mousemove", 60, 60, "sleep", 0.2,
                "mousemove", x + w // 2, y + h // 2, "sleep", 0.2, "mousemove", x + w // 2 + 9, y + h // 2 + 9, "sleep",
                0.4, "mouseup", 1)
        yield
    finally:
        source.kill()
        source.wait()


def by_drop(folder):
    path = desk.make_recording(folder)
    app = App()
    target = app.says("Open a snapshot (.db)")
    for _ in drop([path.as_uri(), path.as_uri() + "-wal"], target):
        app.rows()
    app.has_label("36 events")
    shot("drop")
    assert not app.all(pyatspi.ROLE_ALERT)
    app.quit()


def an_audit_log(folder):
    log = folder / "audit.log"
    log.write_text(desk.audit_log())
    app = App(log)
    app.rows()
    app.has_label("36 events")
    shot("log")
    app.quit()


def recent_and_running(folder):
    path = desk.make_recording(folder)
    app = App(path)
    app.rows()
    app.quit()
    app = App()
    click(app.find(pyatspi.ROLE_LIST_ITEM, name=path.name))
    app.rows()
    other = desk.make_recording(folder, name="other.db", n_processes=2)
    subprocess.run([desk.APP, str(other)], check=True, timeout=60)
    app.find(pyatspi.ROLE_LABEL, name="6 events")
    shot("two")
    key("ctrl+w")
    app.gone(pyatspi.ROLE_LABEL, name="6 events")
    app.find(pyatspi.ROLE_LABEL, name="36 events")
    app.quit()


desk.main(by_argument, through_the_dialog, by_drop, an_audit_log, recent_and_running)
