#!/usr/bin/python3
"""A tour of every page and dialog, in a pseudo-language in which no English may be left over, and from right to left."""

import pathlib
import re
import shutil
import sys

import desk
import pyatspi
from desk import App, click, key, shot, wait_for

import words

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUTTONS = (pyatspi.ROLE_PUSH_BUTTON, pyatspi.ROLE_TOGGLE_BUTTON, pyatspi.ROLE_RADIO_BUTTON, pyatspi.ROLE_LIST_ITEM,
           pyatspi.ROLE_MENU_ITEM, pyatspi.ROLE_COMBO_BOX, pyatspi.ROLE_TABLE_COLUMN_HEADER, pyatspi.ROLE_CANVAS,
           pyatspi.ROLE_TREE, pyatspi.ROLE_PAGE_TAB, pyatspi.ROLE_CHECK_BOX)
# What the recording, the desktop or the language of expressions says.
DATA = re.compile(r"^$|^[^a-z]*$|web-03|second|^\d{4}-\d\d-\d\d|^(bash|curl)\b|/(usr|tmp|var)/|^[a-z]+(\.[a-z_0-9]+)+$|=="
                  r"|^(Minimize|Maximize|Close|Restore|Reset|Previous|Next|Menu|Search)$")


def said(text):
    """What the app says for it, mnemonics aside."""
    return words.strange(text).replace("_", "")


def english(app):
    """Names without a word of the pseudo-language: of what can be used, all; of others, those with two words in a row."""
    found = set()
    for node in app.all():
        for text in (node.name, node.description):
            if not text or "~" in text or DATA.search(text):
                continue
            if node.getRole() in BUTTONS or re.search(r"[A-Za-z]{2,} [a-z]{2,}", text):
                found.add(f"{node.getRoleName()}: {text}")
    return sorted(found)


def close(app, windows=1):
    key("Escape")
    wait_for("it to close", lambda: app.node.childCount == windows)
    wait_for("the window below", lambda: app.node.getChildAtIndex(0).getState().contains(pyatspi.STATE_ACTIVE))


def explorer(app, look):
    app.rows(said("Events"))
    look("explorer")
    click(app.row(0, said("Events")), at=0.3)
    key("ctrl+m", "ctrl+f")
    app.find(pyatspi.ROLE_TEXT, name=said("Find in these events"))
    key("ctrl+b", "ctrl+shift+g")
    app.find(pyatspi.ROLE_COMBO_BOX, name=said("Group by"))
    look("tools")
    key("ctrl+r")
    app.has_label(said("Before the end of the recording"))
    look("range")
    key("Escape", "ctrl+slash", "alt+Down")
    app.has_label(said("Filters that you use stand here, and those that you save"))
    look("filters")
    key("Escape")
    click(app.row(0, said("Events")), button=3, at=0.3)
    app.find(pyatspi.ROLE_MENU_ITEM, name=said("Copy _row"))
    look("menu")
    key("Escape", "ctrl+e")
    app.find(pyatspi.ROLE_CHECK_BOX, name=said("_Marked"))
    look("note")
    close(app)


def process(app, look):
    click(app.row(0, said("Events")), times=2)
    app.has_label(said("PID %s") % "2011")
    wait_for("the tree", lambda: app.find(pyatspi.ROLE_TREE, name=said("Tree")).childCount)
    look("process")
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name=said("Login story")))
    app.has_label(said("session %s") % "3")
    look("story")


def drawings(app, look):
    key("ctrl+t")
    app.has_label(said("The whole recording"))
    wait_for("marks", lambda: app.find(pyatspi.ROLE_CANVAS, name=said("Timeline")).childCount > 3)
    look("timeline")
    key("ctrl+d")
    bars = said("Events by kind and operation")
    wait_for("bars", lambda: app.find(pyatspi.ROLE_LIST, name=bars).childCount > 2)
    look("distribution")


def comparison(app, look, path):
    key("F10")
    item = app.find(name=said("_Compare with…"))
    look("main-menu")
    desk.press(item)
    dialog = app.find(pyatspi.ROLE_FILE_CHOOSER)
    key("slash")
    desk.type_text(str(path)[1:])
    wait_for("the path", lambda: any(desk.text_of(n) == str(path) for n in desk.walk(dialog)
                                     if n.getRole() == pyatspi.ROLE_TEXT))
    key("Return")
    app.gone(pyatspi.ROLE_FILE_CHOOSER)
    app.find(name=said("Kinds of differences"))
    app.has_label(said("New on %s") % "web-03")
    look("compare")


def dialogs(app, look):
    click(app.find(pyatspi.ROLE_PAGE_TAB, name="web-03"))
    key("ctrl+shift+e")
    app.find(pyatspi.ROLE_COMBO_BOX, name=said("_Format"))  # the rest of the dialog is GTK's
    shot("export")
    close(app)
    for keys, name, part in (("ctrl+comma", "preferences", "Newest first"), ("F1", "help", "Search in help"),
                             ("ctrl+question", "shortcuts", "Keyboard shortcuts")):
        key(keys)
        wait_for(name, lambda: app.node.childCount > 1)
        if name != "shortcuts":
            app.find(name=said(part))
        look(name)
        close(app)


def areas(app, look):
    for area in ("Home", "Live endpoints", "All snapshots", "Files", "IOCs", "Protect", "Enterprise hunting"):
        if not app.all(pyatspi.ROLE_LIST_ITEM, name=said(area)):  # the page is so wide that it hid the sidebar
            key("F9")
        item = app.find(pyatspi.ROLE_LIST_ITEM, name=said(area))
        click(item)
        wait_for(area, lambda: item.getState().contains(pyatspi.STATE_SELECTED))
        look("area-" + area.split()[0].lower())


def tour(folder, language, look):
    words.pseudo(SOURCE, folder / "po")
    path = desk.make_recording(folder)
    second = folder / "second.db"
    shutil.copy(path, second)
    app = App(path, TEXTDOMAINDIR=str(folder / "po"), LANGUAGE=language)
    explorer(app, lambda name: look(app, name))
    process(app, lambda name: look(app, name))
    drawings(app, lambda name: look(app, name))
    comparison(app, lambda name: look(app, name), second)
    dialogs(app, lambda name: look(app, name))
    areas(app, lambda name: look(app, name))
    app.quit()


def every_word_changes(folder):
    left = []

    def look(app, name):
        shot("pseudo-" + name)
        left.extend(f"{name}: {text}" for text in english(app))
    tour(folder, "en_XA", look)
    assert not left, "\n".join(sorted(left))


def right_to_left(folder):
    if not pathlib.Path("/usr/share/locale/he/LC_MESSAGES/gtk30.mo").exists():
        print("skipped: GTK's own Hebrew is not installed")
        return
    seen = []

    def look(app, name):
        if not seen:
            grid = desk.box(app.grid(said("Events")))
            area = app.find(pyatspi.ROLE_LIST_ITEM, name=said("Protect"))
            assert desk.box(area)[0] > grid[0] + grid[2] // 2, "the sidebar is on the right"
        seen.append(name)
        shot("rtl-" + name)
    tour(folder, "en_XA:he", look)
    assert len(seen) > 20, seen


if not shutil.which("xgettext"):
    print("skipped: gettext is not installed")
    sys.exit(77)
desk.main(every_word_changes, right_to_left)
