#!/usr/bin/python3
"""Tabs: opened behind, turned, moved, closed; Back and Forward in each; several windows."""

import desk
import pyatspi
from desk import App, click, key, shot, wait_for

PAGE = pyatspi.ROLE_PAGE_TAB


def titles(app):
    """Window titles."""
    return sorted(app.node.getChildAtIndex(i).name for i in range(app.node.childCount))


def opened_behind_and_turned(folder):
    app = App(desk.make_recording(folder))
    app.rows()
    click(app.row(0), button=2)
    app.find(name="bash 2011")
    app.grid()  # the explorer is still shown
    click(app.row(3))
    key("ctrl+Return")
    app.find(name="bash 2010")
    app.grid()
    shot("behind")
    key("ctrl+Next")
    app.has_label("PID 2010")
    key("ctrl+Tab")
    app.has_label("PID 2011")
    key("ctrl+Tab")
    app.grid()
    key("ctrl+shift+Tab")
    app.has_label("PID 2011")
    key("ctrl+w")
    app.gone(name="bash 2011")
    app.grid()  # what led to it
    key("ctrl+shift+Next")
    order = [tab.name for tab in app.all(PAGE)]
    assert order == ["bash 2010", "web-03"], order
    click(app.find(PAGE, name="bash 2010"), button=2)
    app.gone(name="bash 2010")
    app.grid()
    app.quit()


def each_tab_has_its_trail(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.find(pyatspi.ROLE_RADIO_BUTTON, name="Network"))
    app.has_label("12 events")
    click(app.row(0), times=2)
    app.has_label("PID 2011")
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Show in explorer"))
    app.has_label("3 events")
    key("alt+Left")
    app.has_label("PID 2011")
    key("alt+Left")
    app.has_label("12 events")
    key("alt+Left")
    app.has_label("36 events")
    key("alt+Right")
    app.has_label("12 events")
    key("alt+Right")
    app.has_label("PID 2011")
    key("alt+Right")
    app.has_label("3 events")
    app.quit()


def moved_to_a_window_of_its_own(folder):
    app = App(desk.make_recording(folder))
    app.rows()
    click(app.row(0), times=2)
    app.has_label("PID 2011")
    key("F10")
    desk.press(app.find(name="Move tab to new window"))
    wait_for("two windows", lambda: app.node.childCount == 2)
    app.has_label("PID 2011")
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Show in explorer"))
    app.has_label("3 events")
    shot("moved")
    key("ctrl+w", "ctrl+w")
    wait_for("the empty one's home", lambda: "Spoor" in titles(app))
    app.quit()


def an_empty_window(folder):
    app = App()
    key("ctrl+n")
    wait_for("two windows", lambda: app.node.childCount == 2)
    app.quit()


def a_recording_is_closed_whole(folder):
    app = App(desk.make_recording(folder))
    app.rows()
    click(app.row(0), button=2)
    app.find(name="bash 2011")
    click(app.find(name="bash 2011"), button=3)
    shot("menu")
    desk.press(app.find(pyatspi.ROLE_MENU_ITEM, name="Close all of this recording"))
    app.says("Open a snapshot (.db)")
    app.quit()


desk.main(opened_behind_and_turned, each_tab_has_its_trail, moved_to_a_window_of_its_own, an_empty_window,
          a_recording_is_closed_whole)
