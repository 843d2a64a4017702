#!/usr/bin/python3
"""Other languages: German, a pseudo-language in which every word must change and nothing be cut off, right to left."""

import pathlib
import re
import shutil
import sys

import desk
import pyatspi
from desk import App, click, key, shot, wait_for

import words

EVENTS = words.strange("Events")
PID = words.strange("PID %s") % "2011"
SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUTTONS = (pyatspi.ROLE_PUSH_BUTTON, pyatspi.ROLE_TOGGLE_BUTTON, pyatspi.ROLE_RADIO_BUTTON, pyatspi.ROLE_LIST_ITEM)
# What the recording, the desktop or the language of expressions says.
DATA = re.compile(r"^$|^[^a-z]*$|web-03|\d{4}-\d\d-\d\d|^(bash|curl)\b|^(Minimize|Maximize|Close|Restore)$")


def untranslated(app):
    found = set()
    for node in app.all():
        if node.getRole() in BUTTONS and not DATA.search(node.name) and "~" not in node.name:
            found.add(f"{node.getRoleName()} {node.name}")
    return sorted(found)


def pseudo(folder):
    words.pseudo(SOURCE, folder / "po")
    return {"TEXTDOMAINDIR": str(folder / "po"), "LANGUAGE": "en_XA"}


def german(folder):
    app = App(desk.make_recording(folder), LANGUAGE="de")
    app.rows("Ereignisse")
    click(app.find(pyatspi.ROLE_RADIO_BUTTON, name="Netz"))
    app.has_label("12")
    shot("german")
    click(app.row(0, "Ereignisse"), times=2)
    app.find(name="Geschichte der Anmeldung")
    app.has_label("PID 2011")
    shot("german-process")
    key("F1")
    app.has_label("Ein Prozess: seine Einzelheiten")
    app.quit()


def every_word_changes(folder):
    app = App(desk.make_recording(folder), **pseudo(folder))
    app.rows(EVENTS)
    shot("pseudo")
    assert not untranslated(app), untranslated(app)
    click(app.row(0, EVENTS), times=2)
    app.has_label(PID)
    shot("pseudo-process")
    assert not untranslated(app), untranslated(app)
    for page in ("ctrl+t", "ctrl+comma"):
        key(page)
        wait_for("more", lambda: app.all(pyatspi.ROLE_CANVAS) or app.node.childCount > 1)
        shot("pseudo-" + page[-1])
        assert not untranslated(app), untranslated(app)
    key("Escape")
    app.quit()


def right_to_left(folder):
    if not pathlib.Path("/usr/share/locale/he/LC_MESSAGES/gtk30.mo").exists():
        print("skipped: GTK's own Hebrew is not installed")
        return
    env = pseudo(folder)
    app = App(desk.make_recording(folder), **{**env, "LANGUAGE": "en_XA:he"})
    app.rows(EVENTS)
    grid = desk.box(app.grid(EVENTS))
    area = next(n for n in app.all(pyatspi.ROLE_LIST_ITEM) if n.name.startswith("Pr"))
    assert desk.box(area)[0] > grid[0] + grid[2] // 2, "the sidebar is on the right"
    shot("rtl")
    click(app.row(0, EVENTS), times=2)
    app.has_label(PID)
    shot("rtl-process")
    app.quit()


def large_text_and_high_contrast(folder):
    app = App(desk.make_recording(folder), GTK_THEME="HighContrast", GDK_DPI_SCALE="1.5")
    app.rows()
    shot("contrast")
    click(app.row(0), times=2)
    app.has_label("PID 2011")
    shot("contrast-process")
    app.quit()


if not shutil.which("xgettext"):
    print("skipped: gettext is not installed")
    sys.exit(77)
desk.main(german, every_word_changes, right_to_left, large_text_and_high_contrast)
