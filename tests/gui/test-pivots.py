#!/usr/bin/python3
"""What can be done with a value: in the grid, in the details of a process, in the tree."""

import desk
import pyatspi
from desk import App, click, filter_is, key, shot, wait_for


def item(app, part):
    return app.find(pyatspi.ROLE_MENU_ITEM, part=part)


def in_the_grid(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.row(0), button=3, at=0.6)  # an address
    shot("grid-menu")
    desk.press(item(app, "Processes that touched it"))
    app.find(pyatspi.ROLE_PAGE_TAB, name="Timeline")
    wait_for("lanes by process", lambda: any(c.name == "Lanes by process" or desk.text_of(c) == "Lanes by process"
                                             for c in desk.walk(app.find(pyatspi.ROLE_COMBO_BOX, name="Lanes"))))
    shot("processes")
    key("alt+Left")
    click(app.row(0), button=3, at=0.6)
    desk.press(item(app, "This value over time"))
    wait_for("a second timeline", lambda: len(app.all(pyatspi.ROLE_PAGE_TAB, name="Timeline")) == 2)
    app.quit()


def in_details_and_tree(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.row(0), at=0.3)
    key("Return")
    app.has_label("PID 2011")
    click(app.find(pyatspi.ROLE_LABEL, name="/usr/bin/bash"), button=3)
    shot("details-menu")
    desk.press(item(app, "Filter out"))
    filter_is(app, 'not process.executable == "/usr/bin/bash"')
    app.has_label("12 events")
    click(app.find(pyatspi.ROLE_PAGE_TAB, name="bash 2011"))
    app.has_label("PID 2011")
    click(app.find(pyatspi.ROLE_LABEL, name="2011"), button=3)
    desk.press(item(app, "Filter in"))
    filter_is(app, 'not process.executable == "/usr/bin/bash" and process.pid == 2011')
    # The session leads to all that the logon caused.
    click(app.find(pyatspi.ROLE_PAGE_TAB, name="bash 2011"))
    session = app.find(pyatspi.ROLE_LABEL, name="3")
    click(session, at=0.01)
    app.has_label("session 3")
    app.quit()


def beside_what_the_explorer_shows(folder):
    """From another page the kind stays; a timeline is of the kind too."""
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.find(pyatspi.ROLE_RADIO_BUTTON, name="Network"))
    app.has_label("12 events")
    click(app.row(0), at=0.3)
    key("Return")
    app.has_label("PID 2011")
    click(app.find(pyatspi.ROLE_LABEL, name="/usr/bin/bash"), button=3)
    desk.press(item(app, "Filter out"))
    filter_is(app, 'not process.executable == "/usr/bin/bash"')
    app.has_label("4 events")
    key("alt+Left")
    app.has_label("PID 2011")
    app.quit()


def from_the_timeline(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.row(0), times=2)
    app.has_label("PID 2011")

    def mark():
        timeline = app.find(pyatspi.ROLE_CANVAS, name="Timeline")
        items = [timeline.getChildAtIndex(i) for i in range(timeline.childCount)]
        return next((i for i in items if i.name.startswith("File: 1 event") and "click folds" not in i.name), None)
    click(wait_for("the mark", mark), button=3)
    app.find(pyatspi.ROLE_MENU_ITEM, name="Copy as expression")
    for part in ["Filter in", "Filter out", "Only", "Processes that touched it", "Copy value"]:
        app.find(pyatspi.ROLE_MENU_ITEM, part=part)
    shot("timeline-menu")
    desk.press(app.find(pyatspi.ROLE_MENU_ITEM, part="Only"))
    app.has_label("1 event")
    app.quit()


desk.main(in_the_grid, in_details_and_tree, beside_what_the_explorer_shows, from_the_timeline)
