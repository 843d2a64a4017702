#!/usr/bin/python3
"""What happened by kind and operation, and what takes the space, with lines that leave it out."""

import pathlib
import subprocess

import desk
import pyatspi
from gi.repository import Gdk, Gtk
from desk import AGENT, App, click, key, press, shot, wait_for

EVENTS, COSTS = "Events by kind and operation", "What takes the space"


def rows(app, name):
    view = app.find(pyatspi.ROLE_LIST, name=name)
    return [view.getChildAtIndex(i) for i in range(view.childCount)]


def texts(app, name):
    return [r.name for r in rows(app, name)]


def opened(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    key("ctrl+d")
    wait_for("counts", lambda: texts(app, EVENTS))
    wait_for("costs", lambda: texts(app, COSTS))
    return app


def choose(app, name, i):
    app.find(pyatspi.ROLE_COMBO_BOX, name=name).querySelection().selectChild(i)


def counts_are_told_and_sorted(folder):
    app = opened(folder)
    said = texts(app, EVENTS)
    assert "Process: 12 events, 33 % of all" in said and "CreateNewFile: 12 events, 33 % of all" in said, said
    assert said[0].startswith("Process"), said
    choose(app, "Order", 1)
    wait_for("names", lambda: texts(app, EVENTS)[0].startswith("File:"))
    x, y, w, h = desk.box(rows(app, EVENTS)[1])
    desk.xdotool("mousemove", x + 60, y + h // 2)
    wait_for("a tooltip", lambda: app.all(part="CreateNewFile: 12 events, 33 % of all"))
    shot("counts")
    click(app.find(pyatspi.ROLE_LIST, name=EVENTS), at=0.2)
    key("Home", "Down")  # by the keyboard: the files
    app.has_label("CreateNewFile: 12 events, 33 % of all")
    key("Return")
    wait_for("the explorer", lambda: app.rows() and all("CreateNewFile" in r for r in app.rows()))
    app.quit()


def costs_can_be_left_out(folder):
    app = opened(folder)
    said = texts(app, COSTS)
    assert said[0].startswith("/tmp/: 12 events take about "), said
    click(rows(app, COSTS)[0], button=3, at=0.1)
    press(app.find(pyatspi.ROLE_MENU_ITEM, name="Copy the line that leaves them out"))
    app.has_label("file-prefix = /tmp/")
    line = "file-prefix = /tmp/"
    wait_for("the line", lambda: Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).wait_for_text() == line)
    config = pathlib.Path(folder) / "agent.conf"
    config.write_text(f"[exclude]\n{line}\n")
    subprocess.run([AGENT, "config", "check", str(config)], check=True, stdout=subprocess.DEVNULL)
    choose(app, "What is weighed", 1)
    wait_for("programs", lambda: any(t.startswith("/usr/bin/curl: 8 events") for t in texts(app, COSTS)))
    shot("costs")
    press(next(r for r in rows(app, COSTS) if r.name.startswith("/usr/bin/curl")))
    app.has_label("8 events")
    app.quit()


def it_is_saved_as_a_picture(folder):
    app = opened(folder)
    click(rows(app, EVENTS)[0], at=0.2)
    key("ctrl+shift+s")
    app.find(pyatspi.ROLE_FILE_CHOOSER)
    entry = app.find(pyatspi.ROLE_TEXT, part="Event distribution")
    key("ctrl+a")
    desk.type_text(str(folder / "d.svg"))
    wait_for("the path", lambda: desk.text_of(entry) == str(folder / "d.svg"))
    key("Return")
    wait_for("the picture", lambda: (folder / "d.svg").exists() and (folder / "d.svg").read_bytes().startswith(b"<?xml"))
    app.gone(pyatspi.ROLE_FILE_CHOOSER)
    app.quit()


desk.main(counts_are_told_and_sorted, costs_can_be_left_out, it_is_saved_as_a_picture)
