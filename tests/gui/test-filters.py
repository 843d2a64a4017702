#!/usr/bin/python3
"""Recent filters and saved ones: chosen, saved, renamed, deleted, added to the chips, there again after a restart."""

import desk
import pyatspi
from desk import App, ask, click, filter_is, key, shot, type_text


def name_it(app, name):
    app.find(pyatspi.ROLE_TEXT, name="Name of the filter").queryComponent().grabFocus()
    key("ctrl+a")
    type_text(name)
    key("Return")


def row(app, name):
    return app.find(pyatspi.ROLE_LIST_ITEM, name=name)


def saving(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    ask(app, "process.name == curl")
    app.has_label("12 events")
    ask(app, "event.category == file")
    key("ctrl+slash", "alt+Down")
    shot("opened")
    name_it(app, "Files only")
    row(app, "Files only")
    shot("saved")
    click(row(app, "process.name == curl"), at=0.3)
    filter_is(app, "process.name == curl")
    app.has_label("12 events")
    key("ctrl+slash", "alt+Down")
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Rename Files only"))
    name_it(app, "Dropped")
    row(app, "Dropped")
    key("Escape")
    # Beside the chips it joins what is there.
    click(app.find(name="Add a recent or saved filter"))
    click(row(app, "Dropped"), at=0.3)
    filter_is(app, 'process.name == "curl" and event.category == file')
    app.has_label("4 events")
    app.quit()
    app = App(folder / "web-03_2026_11_20T09.14.02.113Z.db")
    app.has_label("36 events")
    key("ctrl+slash", "alt+Down")
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Delete Dropped"))
    app.gone(pyatspi.ROLE_LIST_ITEM, name="Dropped")
    row(app, "event.category == file")  # what is deleted is not lost
    key("Escape")
    app.quit()


desk.main(saving)
