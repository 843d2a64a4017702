#!/usr/bin/python3
"""The areas of the sidebar, what they say while they are empty, the open recordings by host; a row dragged out."""

import subprocess
import sys

import desk
import pyatspi
from desk import App, click, key, shot, wait_for, xdotool

ITEM = pyatspi.ROLE_LIST_ITEM


def empty_ones_say_what_can_be_done(folder):
    app = App()
    for area, says in [("Live endpoints", "spoor-agent snapshot"), ("All snapshots", "No snapshot open"),
                       ("Events", "copies it as text"), ("Files", "Save file"),
                       ("IOCs", "Copy as expression"), ("Protect", "an expression in the explorer"),
                       ("Enterprise hunting", "spoor query")]:
        click(app.find(ITEM, name=area))
        app.says(says)
        app.find(pyatspi.ROLE_PUSH_BUTTON, name="Connect to a server…" if area in ("Live endpoints", "Files") else "Open…")
        shot(area.split()[0].lower())
    app.quit()


def snapshots_by_host(folder):
    app = App(desk.make_recording(folder), desk.make_recording(folder, name="second.db", n_processes=2))
    app.has_label("events")
    wait_for("both", lambda: len(app.all(pyatspi.ROLE_PAGE_TAB)) == 2)
    click(app.find(ITEM, name="All snapshots"))
    assert app.find(ITEM, name="second").description.startswith("web-03 (2) · 6 events · 2025-11-20")
    shot("by-host")
    click(app.find(ITEM, name="second"))
    app.has_label("6 events")
    key("ctrl+w")
    app.gone(pyatspi.ROLE_LABEL, name="6 events")
    click(app.find(ITEM, name="All snapshots"))
    app.says("web-03 (1) · 36 events")
    app.quit()


DROP_TARGET = """
import gi
gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk
window = Gtk.Window(title="target", type=Gtk.WindowType.POPUP)
label = Gtk.Label(label="drop here")
box = Gtk.EventBox()
box.add(label)
box.drag_dest_set(Gtk.DestDefaults.ALL, [], Gdk.DragAction.COPY)
box.drag_dest_add_text_targets()
box.connect("drag-data-received", lambda w, c, x, y, data, i, t: print(repr(data.get_text()), flush=True))
window.add(box)
window.move(0, 0)
window.resize(90, 60)
window.show_all()
print("ready", flush=True)
Gtk.main()
"""


def a_row_dragged_out_is_text(folder):
    app = App(desk.make_recording(folder))
    app.rows()
    target = subprocess.Popen([sys.executable, "-c", DROP_TARGET], stdout=subprocess.PIPE, text=True)
    try:
        assert target.stdout.readline() == "ready\n"
        x, y, w, h = desk.box(app.row(1))
        xdotool("mousemove", x + 300, y + h // 2, "sleep", 0.2, "mousedown", 1, "sleep", 0.2, "mousemove", x + 250,
                y + 60, "sleep", 0.2, "mousemove", 60, 40, "sleep", 0.3, "mousemove", 45, 30, "sleep", 0.4, "mouseup", 1)
        text = target.stdout.readline()
        assert "CreateNewFile" in text and "\\t/tmp/file-11" in text and "file.path" in text, text
    finally:
        target.kill()
        target.wait()
    app.rows()
    app.quit()


desk.main(empty_ones_say_what_can_be_done, snapshots_by_host, a_row_dragged_out_is_text)
