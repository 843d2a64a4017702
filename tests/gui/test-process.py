#!/usr/bin/python3
"""The process page: opened by double-click and by Enter; details, timeline and its zoom, tree, history, hidden parts."""

import sqlite3

import desk
import pyatspi
from desk import App, click, key, shot, type_text, wait_for


def by_double_click(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.row(0), times=2)
    for text in ["PID 2011", "/usr/bin/bash", "bash -s http://h11.example/", "/var/www", "not hashed"]:
        app.has_label(text)
    rows = app.rows("History")
    assert len(rows) == 3 and "ProcessCreate" in rows[0], rows
    app.find(pyatspi.ROLE_CANVAS, name="Timeline")
    app.find(pyatspi.ROLE_TREE, name="Tree")
    shot("page")
    app.quit()


def by_enter_and_back(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    key("Down", "Down", "Down", "Return")
    app.has_label("PID 2010")
    key("alt+Left")
    app.has_label("36 events")
    key("alt+Right")
    app.has_label("PID 2010")
    key("ctrl+w")
    app.has_label("36 events")
    app.quit()


def to_the_parent(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.row(0), times=2)
    app.has_label("PID 2011")
    link = app.find(pyatspi.ROLE_LABEL, part="PID 2004")
    click(link, at=0.1)
    app.has_label("PID 2004 ·")
    assert len(app.rows("History")) == 3
    app.quit()


def timeline_zooms(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.row(0), times=2)
    timeline = app.find(pyatspi.ROLE_CANVAS, name="Timeline")
    shot("before-zoom")
    click(timeline)
    before = wait_for("what it shows", lambda: seen(app))
    key("plus", "plus", "plus")
    wait_for("a nearer view", lambda: seen(app) != before)
    shot("zoomed")
    key("0")
    wait_for("the whole again", lambda: seen(app) == before)
    app.quit()


def clipboard():
    from gi.repository import Gdk, Gtk
    return Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).wait_for_text()


def details_are_copied_and_folded(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.row(0), times=2)
    app.has_label("Process 1 · File 1 · Network 1")
    app.has_label("the logon itself was not recorded")
    value = app.find(pyatspi.ROLE_LABEL, name="bash -s http://h11.example/")
    click(value, button=3, at=0.05)
    desk.press(app.find(pyatspi.ROLE_MENU_ITEM, name="Copy value"))
    wait_for("the value", lambda: clipboard() == "bash -s http://h11.example/")
    click(app.find(pyatspi.ROLE_LABEL, part="PID 2004"), button=3, at=0.1)
    desk.press(app.find(pyatspi.ROLE_MENU_ITEM, name="Copy all details"))
    wait_for("all of them", lambda: "Directory: /var/www\nCommand line: bash -s http://h11.example/\n" in (clipboard() or ""))
    assert clipboard().startswith("Path: /usr/bin/bash\n"), clipboard()
    desk.press(app.find(pyatspi.ROLE_TOGGLE_BUTTON, name="Show or hide the details"))
    app.gone(pyatspi.ROLE_LABEL, part="/var/www")
    desk.press(app.find(pyatspi.ROLE_TOGGLE_BUTTON, name="Show or hide the details"))
    app.has_label("/var/www")
    shot("details")
    app.quit()


def long_story(folder):
    """One process that writes 300 files, a second apart."""
    lines = desk.audit_log(1).splitlines()
    write = [line for line in lines if ":102)" in line]
    log = "\n".join(lines[:5]) + "\n"
    for i in range(300):
        log += "".join(line.replace("audit(1763600001.250:102)", f"audit({1763600001 + i}.250:{200 + i})")
                       .replace("file-0", f"file-{i}") + "\n" for line in write)
    path = folder / "long.log"
    path.write_text(log)
    return path


def history_and_timeline_move_together(folder):
    app = App(long_story(folder))
    app.has_label("301 events")
    click(app.row(0), times=2)
    app.has_label("PID 2000")
    wait_for("the history", lambda: "ProcessCreate" in app.rows("History")[0])
    timeline = app.find(pyatspi.ROLE_CANVAS, name="Timeline")
    click(timeline, at=0.9)
    key("Escape", *["plus"] * 8, "End")
    wait_for("the end of the history", lambda: "file-2" in app.rows("History")[-2])
    shot("at-the-end")
    before = seen(app)
    click(app.grid("History"), at=0.5)
    key("Home")
    wait_for("the beginning in the timeline", lambda: seen(app) != before and "00:53:2" in seen(app)[0])
    row = app.row(3, "History")
    click(row, button=3, at=0.75)
    desk.press(app.find(pyatspi.ROLE_MENU_ITEM, part="Filter in"))
    wait_for("one row", lambda: len(app.rows("History")) == 1)
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Show the whole history"))
    wait_for("all rows", lambda: len(app.rows("History")) > 1)
    app.quit()


def timeline_items(app):
    timeline = app.find(pyatspi.ROLE_CANVAS, name="Timeline")
    return [timeline.getChildAtIndex(i) for i in range(timeline.childCount)]


def kept_bookmarks(folder):
    with sqlite3.connect(f"file:{next(folder.glob('*.case'))}?mode=ro", uri=True) as db:
        return [name for (name,) in db.execute("SELECT name FROM bookmark ORDER BY time_ms")]


def bookmarks_are_kept(app, folder):
    """In the case file; the list goes to them, names them and takes them away; what was done can be undone."""
    wait_for("the name in the case file", lambda: kept_bookmarks(folder) == ["odd moment"])
    desk.press(app.find(name="All bookmarks"))
    app.find(pyatspi.ROLE_LIST_ITEM, part="odd moment, ")
    shot("bookmarks")
    key("F2")
    app.find(pyatspi.ROLE_TEXT, name="Name of the bookmark")
    key("ctrl+a")
    type_text("named")
    key("Return")
    wait_for("the new name", lambda: kept_bookmarks(folder) == ["named"])
    desk.press(app.find(name="All bookmarks"))
    app.find(pyatspi.ROLE_LIST_ITEM, part="named, ")
    key("Delete")
    wait_for("no bookmark", lambda: kept_bookmarks(folder) == [])
    key("Escape")
    key("ctrl+z")
    wait_for("the bookmark again", lambda: kept_bookmarks(folder) == ["named"])
    desk.press(app.find(name="All bookmarks"))
    app.find(pyatspi.ROLE_LIST_ITEM, part="named, ")
    key("Return")
    wait_for("the bookmark in the timeline", lambda: any(i.name.startswith("Bookmark: named") for i in timeline_items(app)))


def timeline_shows_what_follows_the_exit(folder):
    recording = desk.make_recording(folder)
    with sqlite3.connect(recording) as db:
        db.execute("UPDATE process SET ended = 100, exit_code = 0 WHERE pid = 2011")
    db.close()
    app = App(recording)
    app.has_label("36 events")
    click(app.row(0), times=2)
    app.has_label("PID 2011")

    def connect_in_sight():
        x, _, w, _ = desk.box(app.find(pyatspi.ROLE_CANVAS, name="Timeline"))
        return any(i.name.startswith("Network: 1 event") and "click folds" not in i.name and x < desk.box(i)[0] < x + w
                   for i in timeline_items(app))
    wait_for("the connection after the exit", connect_in_sight)
    shot("after-the-exit")
    app.quit()


def timeline_is_marked_searched_and_folded(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.row(0), times=2)
    wait_for("marks", lambda: any("Network: 1 event" in i.name for i in timeline_items(app)))
    click(app.find(pyatspi.ROLE_CANVAS, name="Timeline"), at=0.7)
    key("m")
    app.find(pyatspi.ROLE_TEXT, name="Name of the bookmark")
    key("ctrl+a")
    type_text("odd moment")
    key("Return")
    wait_for("the bookmark", lambda: any(i.name.startswith("Bookmark: odd moment") for i in timeline_items(app)))
    bookmarks_are_kept(app, folder)
    key("l")
    wait_for("the legend", lambda: app.find(name="Legend").getState().contains(pyatspi.STATE_CHECKED))
    lane = next(i for i in timeline_items(app) if i.name.startswith("File: ") and "click folds" in i.name)
    x, y, w, h = desk.box(lane)
    assert w > 50 and h > 10, (w, h)
    desk.press(lane)
    wait_for("the folded lane", lambda: any("folded" in i.name for i in timeline_items(app)))
    key("f")
    type_text("file-11")
    app.has_label("1 event found")
    key("Return")
    shot("marked")
    key("Escape")
    app.gone(pyatspi.ROLE_LABEL, part="1 event found")
    app.quit()


def tree_items(app):
    tree = app.find(pyatspi.ROLE_TREE, name="Tree")
    return [tree.getChildAtIndex(i).name for i in range(tree.childCount)]


def tree_is_searched_folded_and_dated(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.row(0), times=2)
    click(app.find(pyatspi.ROLE_LABEL, part="PID 2004"), at=0.1)  # that has two children
    app.has_label("PID 2004 ·")
    wait_for("the tree", lambda: len(tree_items(app)) > 3)
    n = len(tree_items(app))
    click(app.find(pyatspi.ROLE_TREE, name="Tree"))
    key("Home", "f")
    type_text("h10.example")
    app.has_label("1 process found")
    key("Return", "Escape")
    wait_for("the node found", lambda: app.find(pyatspi.ROLE_TREE, name="Tree").childCount >= n)
    key("Home", "z")
    wait_for("what is below to be hidden", lambda: len(tree_items(app)) < n and any("hidden" in i for i in tree_items(app)))
    key("z")
    wait_for("it to be back", lambda: len(tree_items(app)) == n)
    combo = app.find(pyatspi.ROLE_COMBO_BOX, name="Colours of the tree")
    combo.querySelection().selectChild(2)
    wait_for("the colours", lambda: any("3 events" in i for i in tree_items(app)))
    click(app.find(pyatspi.ROLE_CHECK_BOX, name="As it was at"))
    slider = app.find(pyatspi.ROLE_SLIDER, name="Instant shown in the tree")
    slider.queryValue().currentValue = 0
    wait_for("fewer processes", lambda: len(tree_items(app)) < n)
    shot("instant")
    app.quit()


def seen(app):
    """What the timeline tells of itself: its range stands in its description or its children's places."""
    timeline = app.find(pyatspi.ROLE_CANVAS, name="Timeline")
    places = [desk.box(timeline.getChildAtIndex(i)) for i in range(timeline.childCount)]
    return (timeline.description, tuple(places))


def parts_hide_and_stay_hidden(folder):
    path = desk.make_recording(folder)
    app = App(path)
    app.has_label("36 events")
    click(app.row(0), times=2)
    app.find(pyatspi.ROLE_TREE, name="Tree")
    for part in ("Tree", "Details"):
        desk.press(app.find(pyatspi.ROLE_TOGGLE_BUTTON, name=part))
    app.gone(pyatspi.ROLE_LABEL, part="/var/www")
    shot("hidden")
    app.quit()
    app = App(path)
    app.has_label("36 events")
    click(app.row(0), times=2)
    app.rows("History")
    assert not app.all(pyatspi.ROLE_LABEL, part="/var/www")
    for part in ("Tree", "Details"):
        desk.press(app.find(pyatspi.ROLE_TOGGLE_BUTTON, name=part))
    app.has_label("/var/www")
    app.quit()


def into_the_explorer(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.row(0), times=2)
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Show in explorer"))
    app.has_label("3 events")
    app.quit()


def many_children(folder, n):
    """A log in which one process starts n others."""
    lines = []
    for i in range(n + 1):
        who = f'ppid={2000 if i else 1} pid={2000 + i} auid=1000 uid=33 euid=33 ses=3 comm="w{i}" exe="/usr/bin/w{i}"'
        records = [f"SYSCALL arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=0 {who}",
                   f'EXECVE argc=1 a0="w{i}"', "EOE "]
        for record in records:
            kind, _, rest = record.partition(" ")
            lines.append(f"type={kind} msg=audit({1763600000 + i}.000:{100 + i}): {rest}")
    path = folder / "children.log"
    path.write_text("\n".join(lines) + "\n")
    return path


def tree_brings_more(folder):
    app = App(many_children(folder, 520))
    app.has_label("521 events")
    key("ctrl+slash", "ctrl+a")
    type_text("process.pid == 2000")
    key("Return")
    app.has_label("1 event")
    click(app.row(0), times=2)
    app.has_label("PID 2000")

    def more():
        tree = app.find(pyatspi.ROLE_TREE, name="Tree")
        items = [tree.getChildAtIndex(i) for i in range(tree.childCount)]
        return next((i for i in items if i and i.name.startswith("20 more are not shown")), None)
    desk.press(wait_for("what is not shown", more))
    wait_for("all of it", lambda: app.find(pyatspi.ROLE_TREE, name="Tree").childCount == 521)
    app.quit()


desk.main(by_double_click, by_enter_and_back, to_the_parent, details_are_copied_and_folded, timeline_zooms,
          history_and_timeline_move_together, timeline_shows_what_follows_the_exit,
          timeline_is_marked_searched_and_folded, tree_is_searched_folded_and_dated, tree_brings_more,
          parts_hide_and_stay_hidden, into_the_explorer)
