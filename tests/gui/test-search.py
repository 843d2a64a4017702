#!/usr/bin/python3
"""The search builder: conditions made by choosing, changed, negated, switched off, dragged, taken back; always the same
expression as in the filter bar."""

import desk
import pyatspi
from desk import App, ask, click, filter_is, key, shot, type_text, wait_for


def chip(app, text):
    return app.find(pyatspi.ROLE_PUSH_BUTTON, name=text)


def choose(app, box, item):
    click(app.find(pyatspi.ROLE_COMBO_BOX, name=box))
    desk.press(app.find(pyatspi.ROLE_MENU_ITEM, name=item))
    app.gone(pyatspi.ROLE_MENU_ITEM, name=item)


def menu(app, text, item):
    click(chip(app, text), button=3)
    desk.press(app.find(pyatspi.ROLE_MENU_ITEM, name=item))


def drag(a, b):
    ax, ay, aw, ah = desk.box(a)
    bx, by, bw, bh = desk.box(b)
    desk.xdotool("mousemove", ax + 20, ay + ah // 2, "mousedown", 1, "sleep", 0.1, "mousemove_relative", 15, 2, "sleep", 0.1,
                 "mousemove", bx + bw // 2, by + bh // 2, "sleep", 0.2, "mousemove_relative", 3, 1, "sleep", 0.3,
                 "mouseup", 1)


def building(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.find(pyatspi.ROLE_RADIO_BUTTON, name="Network"))
    app.has_label("12 events")
    key("ctrl+b")
    choose(app, "Parameter", "IP address")
    click(app.find(pyatspi.ROLE_TEXT, name="Value"))
    type_text("203.0.113")
    key("Return")
    app.has_label("is not an IP address")
    key("ctrl+a")
    type_text("203.0.113.9")
    shot("builder")
    key("Return")
    filter_is(app, "source.ip == 203.0.113.9 or destination.ip == 203.0.113.9")
    app.has_label("12 events")
    choose(app, "Parameter", "Process name")
    choose(app, "Operand", "is not")
    click(app.find(pyatspi.ROLE_TEXT, name="Value"))
    type_text("curl")
    click(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Add"))
    filter_is(app, '(source.ip == 203.0.113.9 or destination.ip == 203.0.113.9) and process.name != "curl"')
    app.has_label("8 events")
    shot("two")
    app.quit()


def changing(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    ask(app, "process.name == curl")
    app.has_label("12 events")
    click(chip(app, 'process.name == "curl"'))
    entry = app.find(pyatspi.ROLE_TEXT, name="Value")
    wait_for("its value", lambda: desk.text_of(entry) == "curl")
    key("ctrl+a")
    type_text("bash")
    click(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Update"))
    filter_is(app, 'process.name == "bash"')
    app.has_label("24 events")
    menu(app, 'process.name == "bash"', "Negate")
    filter_is(app, 'not process.name == "bash"')
    app.has_label("12 events")
    menu(app, 'not process.name == "bash"', "Switch off")
    filter_is(app, "")
    app.has_label("36 events")
    shot("off")
    menu(app, 'not process.name == "bash", switched off', "Switch on")
    app.has_label("12 events")
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Remove"))
    filter_is(app, "")
    app.gone(pyatspi.ROLE_PUSH_BUTTON, name="Remove")
    key("ctrl+z")
    filter_is(app, 'not process.name == "bash"')
    key("ctrl+z", "ctrl+z", "ctrl+z")
    filter_is(app, 'process.name == "bash"')
    key("ctrl+shift+z")
    filter_is(app, 'not process.name == "bash"')
    app.quit()


def dragging(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    ask(app, "process.pid == 2000 and process.pid == 2001 and event.category == file")
    app.has_label("0 events")
    drag(chip(app, "process.pid == 2001"), chip(app, "process.pid == 2000"))
    filter_is(app, "(process.pid == 2000 or process.pid == 2001) and event.category == file")
    app.has_label("2 events")
    drag(chip(app, "event.category == file"), app.find(pyatspi.ROLE_PUSH_BUTTON, name="Group: any of"))
    filter_is(app, "process.pid == 2000 or process.pid == 2001 or event.category == file")
    shot("dragged")
    desk.press(app.all(pyatspi.ROLE_PUSH_BUTTON, name="or")[0])
    filter_is(app, "process.pid == 2000 and process.pid == 2001 and event.category == file")
    app.quit()


def what_chips_cannot_show(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    deep = "process.pid == 1"
    for i in range(2, 8):
        deep = f"(({deep}) {'or' if i % 2 else 'and'} process.pid == {i})"
    ask(app, deep[1:-1])
    app.has_label("0 events")
    click(app.find(pyatspi.ROLE_PUSH_BUTTON, part="process.pid == 1"))
    wait_for("the filter bar", lambda: app.find(pyatspi.ROLE_TEXT, name="Filter").getState().contains(
        pyatspi.STATE_FOCUSED))
    shot("deep")
    app.quit()


def completing(folder):
    """Names of fields, and the values that occur: in the filter bar, and in the builder."""
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    key("ctrl+slash")
    type_text("exec")
    app.find(pyatspi.ROLE_TABLE_CELL, name="process.executable")
    key("ctrl+a")
    type_text("process")
    cell = app.find(pyatspi.ROLE_TABLE_CELL, name="process.pid")
    pane = cell
    while pane.getRole() != pyatspi.ROLE_SCROLL_PANE:
        pane = pane.parent
    rows = [c for c in desk.walk(pane) if c.name.startswith("process.") and c.getRole() == pyatspi.ROLE_TABLE_CELL]
    assert len(rows) > 12 and desk.box(pane)[3] < 12 * desk.box(cell)[3], (len(rows), desk.box(pane), desk.box(cell))
    shot("words")
    key("ctrl+a")
    type_text('process.executable == "BAS')
    app.find(pyatspi.ROLE_TABLE_CELL, name="/usr/bin/bash")
    shot("values")
    key("Down", "Return")
    filter_is(app, 'process.executable == "/usr/bin/bash" ')
    type_text("and file.path in (")
    app.find(pyatspi.ROLE_TABLE_CELL, name="/tmp/file-11")
    type_text('"9')
    wait_for("the one with a 9", lambda: [c.name for c in app.all(pyatspi.ROLE_TABLE_CELL)
                                          if c.name.startswith("/tmp/")] == ["/tmp/file-9"])
    key("Down", "Return")
    filter_is(app, 'process.executable == "/usr/bin/bash" and file.path in ("/tmp/file-9" ')
    key("Escape")
    key("ctrl+b")
    choose(app, "Parameter", "Process name")
    click(app.find(pyatspi.ROLE_TEXT, name="Value"))
    type_text("c")
    app.find(pyatspi.ROLE_TABLE_CELL, name="curl")
    shot("values-builder")
    key("Down", "Return")
    value = app.find(pyatspi.ROLE_TEXT, name="Value")
    wait_for("curl", lambda: desk.text_of(value) == "curl")
    key("Return")
    filter_is(app, 'process.name contains "curl"')
    app.has_label("12 events")
    app.quit()


desk.main(completing, building, changing, dragging, what_chips_cannot_show)
