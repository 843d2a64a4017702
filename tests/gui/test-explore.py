#!/usr/bin/python3
"""Exploring: the filter bar's colours and message, kinds, pivots, sorting, copying, back and forward, an empty result."""

import json
import subprocess

import desk
import pyatspi
from desk import App, click, key, shot, type_text, wait_for


def filter_entry(app):
    return app.find(pyatspi.ROLE_TEXT, name="Filter")


def filtering(folder):
    app = App(desk.make_recording(folder))
    app.rows()
    key("ctrl+slash")
    type_text("proces.name == curl")
    message = app.has_label("Column 1: ")
    assert "process.name" in desk.text_of(message), desk.text_of(message)
    assert "Column 1" in filter_entry(app).description
    shot("red")
    key("ctrl+a")
    type_text('process.name == "curl" ')
    wait_for("green", lambda: filter_entry(app).description == "valid")
    app.gone(pyatspi.ROLE_LABEL, part="Column 1: ")
    shot("green")
    key("Return")
    app.has_label("12 events")
    assert all("curl" in r for r in app.rows())
    app.quit()


def kinds_and_the_way_back(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    assert not app.find(name="Security").getState().contains(pyatspi.STATE_SENSITIVE)
    click(app.find(pyatspi.ROLE_RADIO_BUTTON, name="Network"))
    app.has_label("12 events")
    assert all("Connect" in r for r in app.rows())
    key("alt+Left")
    app.has_label("36 events")
    key("alt+Right")
    app.has_label("12 events")
    shot("kind")
    app.quit()


def pivots(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.row(0), at=0.5)
    click(app.row(1), button=3, at=0.36)
    item = app.find(pyatspi.ROLE_MENU_ITEM, part="Filter out")
    shot("menu")
    desk.press(item)
    app.has_label("12 events")
    assert "!=" in desk.text_of(filter_entry(app))
    app.quit()


def clipboard():
    from gi.repository import Gdk, Gtk
    return Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).wait_for_text()


def going_to_a_time(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.row(0), at=0.5)

    def selected():
        grid = app.grid()
        return [grid.getChildAtIndex(i).name for i in range(grid.childCount)
                if grid.getChildAtIndex(i).getState().contains(pyatspi.STATE_SELECTED)]

    def go(text, expected):
        key("ctrl+g")
        app.find(pyatspi.ROLE_TEXT, name="Go to time (UTC)")
        key("ctrl+a")
        type_text(text)
        shot("goto")
        key("Return")
        wait_for(expected, lambda: any(expected in name for name in selected()))

    go("2025-11-20 00:54:21", "00:54:21.250")
    go("2025-11-20 00:54:22.500", "00:54:22.500")
    go("2024-01-01", "00:53:20.000")
    go("2027-01-01", "00:58:52.500")
    key("ctrl+g")
    app.find(pyatspi.ROLE_TEXT, name="Go to time (UTC)")
    key("ctrl+a")
    type_text("yesterdayish")
    key("Return")
    app.has_label("Not a time. ")
    key("Escape")
    x, y, _, _ = desk.box(app.grid())
    desk.xdotool("mousemove", x + 60, y + 12, "click", 1)
    key("Home")
    wait_for("the oldest first", lambda: "00:53:20.000" in app.rows()[0])
    go("2025-11-20 00:54:21", "00:54:21.250")
    desk.xdotool("mousemove", x + 60, y + 12, "click", 1) # settings outlive this app
    key("Home")
    wait_for("the newest first", lambda: "00:58:52.500" in app.rows()[0])
    app.quit()


def copied(app, item):
    click(app.row(1), button=3, at=0.36)
    desk.press(app.find(pyatspi.ROLE_MENU_ITEM, name=item))
    app.gone(pyatspi.ROLE_MENU_ITEM, name=item)
    return clipboard()


def copying_for_others(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.row(0), at=0.5)
    assert copied(app, "Copy as expression") == 'process.executable == "/usr/bin/bash"'
    assert json.loads(copied(app, "Copy row as JSON"))["file.path"] == "/tmp/file-11"
    names, values = copied(app, "Copy row as TSV with names").splitlines()
    assert dict(zip(names.split("\t"), values.split("\t")))["process.pid"] == "2011"
    assert copied(app, "Copy ausearch command").startswith("ausearch -i --event 135 "), clipboard()
    app.quit()


def copying_and_sorting(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    newest = app.rows()[0]
    click(app.row(0), at=0.6)
    key("ctrl+c")
    wait_for("the value", lambda: clipboard() == "203.0.113.9:80")
    key("ctrl+shift+c")
    wait_for("the row", lambda: (clipboard() or "").count("\t") == 5)
    x, y, _, _ = desk.box(app.grid())
    desk.xdotool("mousemove", x + 60, y + 12, "click", 1)
    wait_for("the other order", lambda: app.rows()[0] != newest)
    assert newest in app.rows() # what was selected stays in sight
    key("Home")
    wait_for("the oldest", lambda: "ProcessCreate" in app.rows()[0] and "00:53:20.000" in app.rows()[0])
    key("End")
    wait_for("the end", lambda: any(newest == r for r in app.rows()))
    shot("sorted")
    app.quit()


def nothing_found(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    key("ctrl+slash")
    type_text("process.pid == 99999")
    key("Return")
    app.says("Nothing that was recorded here matches")
    shot("empty")
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Show all events"))
    app.has_label("36 events")
    app.quit()


def choosing_a_range(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    x, y, w, h = desk.box(app.find(pyatspi.ROLE_CHART, name="Events over time"))
    desk.xdotool("mousemove", x + w * 6 // 10, y + 20, "mousedown", 1, "mousemove", x + w * 8 // 10, y + 20,
                 "mousemove", x + w - 2, y + 20, "mouseup", 1)
    app.find(pyatspi.ROLE_TOGGLE_BUTTON, name="Nothing is missing from this log for this range")
    app.gone(pyatspi.ROLE_LABEL, part="36 events")
    shot("range")
    key("alt+Left")
    app.has_label("36 events")
    app.quit()


def quick_ranges(folder):
    app = App(desk.make_recording(folder), TZ="EST5EDT")
    app.has_label("36 events")
    click(app.row(0), at=0.5)
    key("ctrl+r")
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="±1 minute"))
    app.has_label("7 events")
    shot("around")
    key("ctrl+r")
    entry = app.find(pyatspi.ROLE_TEXT, name="From")
    click(entry)
    key("ctrl+a")
    type_text("three minutes")
    app.has_label("before the end")
    key("ctrl+a")
    type_text("2025-11-20 00:57")
    shot("custom")
    key("Return")
    app.find(pyatspi.ROLE_TOGGLE_BUTTON, part="2025-11-20 00:57:00.000 – ")
    app.has_label("12 events")
    key("F10")
    desk.press(app.find(name="Local time"))
    app.find(pyatspi.ROLE_TOGGLE_BUTTON, part="2025-11-19 19:57:00.000 – 19:59:52.501 EST")
    shot("local")
    key("Escape", "ctrl+r")
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="All time"))
    app.has_label("36 events")
    key("F10")
    desk.press(app.find(name="Local time")) # settings outlive this app
    key("Escape", "ctrl+r")
    app.has_label("Custom, UTC")
    key("Escape")
    app.quit()


def the_recording_speaks_of_itself(folder):
    log = folder / "odd.log"
    log.write_text(desk.audit_log(3) + "type=AVC msg=audit(): no time at all\n")
    app = App(log)
    desk.press(app.find(pyatspi.ROLE_TOGGLE_BUTTON, name="1 record of this recording could not be understood"))
    app.has_label("type=AVC msg=audit(): no time at all")
    app.has_label("EXECVE")
    shot("recording")
    key("Escape")
    app.gone(pyatspi.ROLE_LABEL, part="EXECVE")
    app.quit()


def areas_and_help(folder):
    app = App()
    for area, says in [("Live endpoints", "No server connected"), ("All snapshots", "No snapshot open"),
                       ("Events", "No saved events"), ("Files", "No saved files"), ("IOCs", "No indicators"),
                       ("Protect", "No policies"), ("Enterprise hunting", "No question asked")]:
        click(app.find(pyatspi.ROLE_LIST_ITEM, name=area))
        app.says(says)
    shot("area")
    key("ctrl+question")
    wait_for("shortcuts", lambda: app.node.childCount > 1)
    app.has_label("Open a snapshot or a log")
    shot("shortcuts")
    key("Escape")
    wait_for("one window", lambda: app.node.childCount == 1)
    click(app.find(pyatspi.ROLE_LIST_ITEM, name="Home"))
    key("F9")
    app.gone(pyatspi.ROLE_LIST_ITEM, name="Protect")
    app.quit()


def without_a_display(folder):
    env = {k: v for k, v in desk.os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    path = desk.make_recording(folder)
    out = subprocess.run([desk.APP, "query", "--count", str(path), 'process.name == "curl"'], env=env, check=True,
                         stdout=subprocess.PIPE, text=True)
    assert "12" in out.stdout, out.stdout
    picture = folder / "tree.png"
    subprocess.run([desk.APP, "render", "tree", "--process", "1", "-o", str(picture), str(path)], env=env, check=True)
    assert picture.read_bytes().startswith(b"\x89PNG")


desk.main(filtering, kinds_and_the_way_back, pivots, quick_ranges, going_to_a_time, copying_for_others,
          copying_and_sorting, nothing_found, choosing_a_range, the_recording_speaks_of_itself, areas_and_help,
          without_a_display)
