#!/usr/bin/python3
"""Preferences that are followed at once, and help on what is in sight."""

import desk
import pyatspi
from desk import App, click, key, shot, type_text, wait_for

TOPIC = pyatspi.ROLE_LIST_ITEM


def preferences_are_followed(folder):
    app = App(desk.make_recording(folder))
    assert "00:58:52" in app.rows()[0]
    key("ctrl+comma")
    switch = app.find(pyatspi.ROLE_TOGGLE_BUTTON, name="Newest first")
    shot("preferences")
    for name in ("Local time", "Animations", "Sidebar", "Open again what was open"):
        app.find(pyatspi.ROLE_TOGGLE_BUTTON, name=name)
    combo = app.find(pyatspi.ROLE_COMBO_BOX, name="Colours")
    combo.querySelection().selectChild(2)
    desk.press(app.find(pyatspi.ROLE_TOGGLE_BUTTON, name="Sidebar"))
    app.gone(pyatspi.ROLE_LIST_ITEM, name="Protect")
    shot("dark")
    combo.querySelection().selectChild(0)
    desk.press(app.find(pyatspi.ROLE_TOGGLE_BUTTON, name="Sidebar"))
    app.find(pyatspi.ROLE_LIST_ITEM, name="Protect")
    assert switch.getState().contains(pyatspi.STATE_CHECKED)
    key("Escape")
    wait_for("one window", lambda: app.node.childCount == 1)
    app.quit()


def help_on_what_is_in_sight(folder):
    app = App(desk.make_recording(folder))
    app.rows()
    key("F1")
    app.has_label("The explorer lists events")
    shot("explorer")
    search = app.find(pyatspi.ROLE_TEXT, name="Search in help")
    search.queryComponent().grabFocus()
    type_text("bookmark")
    app.has_label("Hatched areas are gaps")
    app.gone(TOPIC, name="Tree")
    type_text("xyz")
    wait_for("no topic", lambda: not app.all(TOPIC, name="Timeline"))
    shot("nothing")
    key("Escape")
    wait_for("one window", lambda: app.node.childCount == 1)
    click(app.row(0), times=2)
    app.has_label("PID 2011")
    key("F1")
    app.has_label("One process: its details")
    key("Escape")
    wait_for("one window", lambda: app.node.childCount == 1)
    app.quit()


desk.main(preferences_are_followed, help_on_what_is_in_sight)
