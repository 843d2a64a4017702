#!/usr/bin/python3
"""What the grid can do beyond showing rows: group by a field, choose and move columns, find, colour."""

import desk
import pyatspi
from desk import App, click, filter_is, key, shot, type_text, wait_for


def values(app):
    return [n.name for n in app.all(pyatspi.ROLE_LIST_ITEM, visible=False) if n.name.endswith("%")]


def choose_field(app, name):
    click(app.find(pyatspi.ROLE_COMBO_BOX, name="Group by"))
    desk.press(app.find(pyatspi.ROLE_MENU_ITEM, name=name))


def grouping(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.find(pyatspi.ROLE_TOGGLE_BUTTON, name="Group"))
    choose_field(app, "process.name")
    wait_for("values", lambda: values(app) == ["bash: 24 events, 66.7 %", "curl: 12 events, 33.3 %"])
    app.has_label("2 values in 36 events")
    shot("group")
    click(app.find(pyatspi.ROLE_RADIO_BUTTON, name="Rarest"))
    wait_for("the rarest first", lambda: values(app)[0].startswith("curl"))
    click(app.find(pyatspi.ROLE_LIST_ITEM, part="curl: 12"))
    filter_is(app, 'process.name == "curl"')
    wait_for("what is left", lambda: values(app) == ["curl: 12 events, 100.0 %"])
    choose_field(app, "file.path")
    app.has_label("4 values in 12 events, 8 without one")
    desk.xdotool("keydown", "shift")
    click(app.find(pyatspi.ROLE_LIST_ITEM, part="/tmp/file-9"))
    desk.xdotool("keyup", "shift")
    filter_is(app, 'process.name == "curl" and not file.path == "/tmp/file-9"')
    app.has_label("11 events")
    # By keyboard: the value's row, Enter; Shift+Enter; Esc closes.
    click(app.find(pyatspi.ROLE_RADIO_BUTTON, name="Most frequent"))
    key("Tab", "Tab", "Down", "shift+Return")
    wait_for("one more left out", lambda: len(values(app)) == 2)
    key("Escape")
    app.gone(pyatspi.ROLE_LIST_ITEM, part="/tmp/file-")
    app.quit()


def rows_in_sight(folder):
    """The histogram marks where the rows in sight are."""
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    app.rows()

    def seen(part):
        wait_for(f"{part} in sight", lambda: part in app.find(name="Events over time").description)
    seen("2025-11-20 00:58:52.500")
    shot("seen")
    key("End")
    seen("In sight: 2025-11-20 00:53:20.000")
    app.quit()


def selected(app):
    grid = app.grid()
    return [r.name for r in (grid.getChildAtIndex(i) for i in range(grid.childCount))
            if r.getState().contains(pyatspi.STATE_SELECTED)]


def finding(folder):
    """In all rows, not only those in sight."""
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    app.rows()
    key("ctrl+f")
    type_text("file-")
    key("Return")
    wait_for("the newest", lambda: "/tmp/file-11" in selected(app)[0])
    key("Return")
    wait_for("the one before", lambda: "/tmp/file-10" in selected(app)[0])
    key("shift+Return")
    wait_for("back", lambda: "/tmp/file-11" in selected(app)[0])
    key("ctrl+a")
    type_text("/tmp/file-0")
    key("Return")
    wait_for("far down", lambda: "/tmp/file-0" in selected(app)[0])
    shot("find")
    key("Return")
    app.has_label("No more found")
    key("Home", "shift+End")
    type_text("no such file")
    key("Escape", "ctrl+slash", "ctrl+f", "Return")  # also from the filter bar
    app.has_label("Not found")
    key("Escape", "ctrl+f")
    app.find(pyatspi.ROLE_TEXT, name="Find in these events")
    assert not app.all(pyatspi.ROLE_LABEL, name="Not found")
    app.quit()


def grouping_a_history(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    app.rows()
    key("Down", "Return")
    app.grid("History")
    app.rows("History")
    click(app.find(pyatspi.ROLE_TOGGLE_BUTTON, name="Group"))
    choose_field(app, "event.action")
    wait_for("values", lambda: len(values(app)) == 3)
    shot("group-history")
    click(app.find(pyatspi.ROLE_LIST_ITEM, part="ProcessCreate"))
    wait_for("one row", lambda: len(app.rows("History")) == 1)
    app.quit()


def columns(folder):
    """Any field can be a column; what is chosen stays; only time is sorted by, other headers group."""
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    wait_for("its rows", lambda: app.rows()[0].endswith(" 33"))
    click(app.find(pyatspi.ROLE_TOGGLE_BUTTON, name="Columns"))
    click(app.find(pyatspi.ROLE_TEXT, name="Find a field"))
    type_text("working")
    desk.press(app.find(pyatspi.ROLE_CHECK_BOX, name="process.working_directory"))
    key("ctrl+a")
    type_text("user.audit.id")
    desk.press(app.find(pyatspi.ROLE_CHECK_BOX, name="user.audit.id"))
    key("ctrl+a")
    type_text("PID")
    desk.press(app.find(pyatspi.ROLE_CHECK_BOX, name="PID"))
    key("Escape")
    wait_for("their cells", lambda: app.rows()[0].endswith(" 33 /var/www 1000") and " 2011 " not in app.rows()[0])
    shot("columns")
    x, y, w, h = desk.box(app.grid())
    desk.xdotool("mousemove", x + w - 60, y + 10, "click", 1)
    wait_for("the last column's values", lambda: values(app) == ["1000: 36 events, 100.0 %"])
    key("Escape")
    app.quit()
    app = App(desk.make_recording(folder, name="again.db"))
    wait_for("the same columns", lambda: app.rows()[0].endswith(" 33 /var/www 1000"))
    click(app.row(0), button=3, at=0.98)
    desk.press(app.find(pyatspi.ROLE_MENU_ITEM, name="Filter in “1000”"))
    filter_is(app, "user.audit.id == 1000")
    app.quit()


def described(app):
    grid = app.grid()
    rows = (grid.getChildAtIndex(i) for i in range(grid.childCount))
    return {r.description for r in rows if r.description}


def rules(app):
    return [n.name for n in app.all(pyatspi.ROLE_LIST_ITEM, visible=False) if n.name.count(", ") >= 2]


def colours(folder):
    """Rules give rows colours, and say so in words; they stay."""
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    app.rows()
    wait_for("a default", lambda: described(app) == {"Shell or interpreter on the network"})
    click(app.row(0), button=3, at=0.45)  # curl's process
    desk.press(app.find(pyatspi.ROLE_MENU_ITEM, name="Colour rows like this…"))
    name = app.find(pyatspi.ROLE_TEXT, name="Name")
    wait_for("its name", lambda: desk.text_of(name) in ("bash", "curl"))
    key("ctrl+a")
    type_text("Talks")
    entry = app.find(pyatspi.ROLE_TEXT, name="Expression")
    entry.queryComponent().grabFocus()
    key("ctrl+a")
    type_text("process.name == ")
    wait_for("the fault", lambda: entry.description.startswith("Column 17: "))
    assert not app.find(pyatspi.ROLE_PUSH_BUTTON, name="Save").getState().contains(pyatspi.STATE_SENSITIVE)
    type_text("curl")
    shot("colour-rule")
    key("Return")
    wait_for("the first rule", lambda: rules(app)[0] == "Talks, Green, process.name == curl")
    wait_for("its rows", lambda: described(app) == {"Talks", "Shell or interpreter on the network"})
    shot("colour-rules")
    key("space")
    wait_for("it off", lambda: described(app) == {"Shell or interpreter on the network"})
    key("space", "alt+Down")
    wait_for("it second", lambda: rules(app)[1].startswith("Talks"))
    key("Delete")
    wait_for("it gone", lambda: not any("Talks" in r for r in rules(app)))
    key("ctrl+z")
    wait_for("it back", lambda: rules(app)[1].startswith("Talks"))
    key("Escape")
    app.gone(pyatspi.ROLE_LIST, name="Colour rules")
    app.quit()
    app = App(desk.make_recording(folder, name="again.db"))
    wait_for("the same rules", lambda: "Talks" in described(app))
    click(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Colours"))
    wait_for("the list", lambda: len(rules(app)) == 7)
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Reset to defaults"))
    wait_for("the defaults", lambda: len(rules(app)) == 6 and described(app) == {"Shell or interpreter on the network"})
    key("Escape")
    app.quit()


def order_of_columns(folder):
    """By dragging a header and by keyboard; it stays, and so do rows of three lines; a reset brings the first one back."""
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    wait_for("its rows", lambda: app.rows()[0].endswith(" 33"))
    usual = app.rows()[0]
    grid = app.grid()
    grid.queryComponent().grabFocus()
    key("Right", "ctrl+shift+Left")  # the user before what
    wait_for("the user moved", lambda: app.rows()[0] != usual and "33 203.0.113.9" in app.rows()[0])
    x, y, w, h = desk.box(grid)
    desk.xdotool("mousemove", x + 330, y + 12, "mousedown", 1)  # the event, to the left edge
    for at in (300, 200, 60, 20):
        desk.xdotool("mousemove", x + at, y + 12)
    shot("drag-column")
    desk.xdotool("mouseup", 1)
    wait_for("the event first", lambda: app.rows()[0].startswith("Connect 2025-11-20"))
    moved = app.rows()[0]
    assert not values(app)  # it was no click
    n, height = grid.childCount, desk.box(app.row(0))[3]
    click(app.find(pyatspi.ROLE_TOGGLE_BUTTON, name="Columns"))
    click(app.find(pyatspi.ROLE_CHECK_BOX, name="Wrap long values: three lines a row"))
    wait_for("taller rows", lambda: desk.box(app.row(0))[3] > 2 * height and grid.childCount < n / 2)
    key("Escape")
    grid.queryComponent().grabFocus()
    key("End")
    wait_for("the last row", lambda: "00:53:20.000" in selected(app)[0])
    shot("wrapped")
    app.quit()
    app = App(desk.make_recording(folder, name="again.db"))
    wait_for("the same order", lambda: app.rows()[0] == moved and desk.box(app.row(0))[3] > 2 * height)
    click(app.find(pyatspi.ROLE_TOGGLE_BUTTON, name="Columns"))
    click(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Reset columns"))
    wait_for("the usual order", lambda: app.rows()[0] == usual)
    app.quit()


def clipboard():
    return desk.Gtk.Clipboard.get(desk.Gdk.SELECTION_CLIPBOARD).wait_for_text() or ""


def marked(app):
    return [r for r in app.rows() if r.endswith("marked")]


def several_rows(folder):
    """By Shift, Ctrl and Ctrl+A; copied, marked and exported together; one undo takes all back."""
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    app.rows()
    grid = app.grid()
    click(app.row(1), at=0.6)
    desk.xdotool("keydown", "shift")
    click(app.row(3), at=0.6)
    desk.xdotool("keyup", "shift")
    wait_for("a range", lambda: len(selected(app)) == 3)
    app.has_label("3 selected")
    desk.xdotool("keydown", "ctrl")
    click(app.row(2), at=0.6)
    click(app.row(6), at=0.6)
    desk.xdotool("keyup", "ctrl")
    wait_for("one less and one more", lambda: selected(app) == [app.rows()[i] for i in (1, 3, 6)])
    selection = grid.querySelection()
    assert selection.nSelectedChildren == 3 and selection.isChildSelected(6) and not selection.isChildSelected(2)
    assert list(grid.queryTable().getSelectedRows()) == [1, 3, 6]
    assert grid.getState().contains(pyatspi.STATE_MULTISELECTABLE)
    shot("several")
    key("ctrl+c")
    wait_for("their values", lambda: clipboard().splitlines() == ["/tmp/file-11", "203.0.113.9:80", "203.0.113.9:80"])
    app.has_label("3 rows copied")
    click(app.row(3), button=3)
    desk.press(app.find(pyatspi.ROLE_MENU_ITEM, name="Copy 3 rows as TSV with names"))
    wait_for("a table", lambda: len(clipboard().splitlines()) == 4)
    key("ctrl+m")
    wait_for("their marks", lambda: len(marked(app)) == 3)
    key("ctrl+z")
    wait_for("none", lambda: not marked(app))
    key("ctrl+e")
    app.find(name="3 rows")
    tags = app.find(pyatspi.ROLE_TEXT, name="Tags")
    tags.queryComponent().grabFocus()
    type_text("c2")
    key("Return")
    wait_for("their tags", lambda: len([r for r in app.rows() if r.endswith("tagged c2")]) == 3)
    key("Escape")
    wait_for("one", lambda: len(selected(app)) == 1 and selection.nSelectedChildren == 1)
    key("Home", "shift+Down", "shift+Down")
    wait_for("by keyboard", lambda: selected(app) == app.rows()[:3])
    key("ctrl+a")
    app.has_label("36 selected")
    key("ctrl+shift+c")
    wait_for("all rows", lambda: len(clipboard().splitlines()) == 36)
    selection.clearSelection()
    selection.selectChild(4)
    wait_for("one by its interface", lambda: selected(app) == [app.rows()[4]])
    app.quit()


desk.main(grouping, colours, order_of_columns, several_rows, columns, rows_in_sight, finding, grouping_a_history)
