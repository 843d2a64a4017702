#!/usr/bin/python3
"""German; large text and high contrast. Each page in a pseudo-language and from right to left: test-every-page."""

import shutil
import sys

import desk
import pyatspi
from desk import App, click, key, shot, type_text


def german(folder):
    app = App(desk.make_recording(folder), LANGUAGE="de")
    app.rows("Ereignisse")
    click(app.find(pyatspi.ROLE_RADIO_BUTTON, name="Netz"))
    app.has_label("12")
    shot("german")
    key("ctrl+slash")
    type_text("proces.name == curl")
    app.has_label("Spalte 1: unbekanntes Feld proces.name, meinten Sie process.name?")
    shot("german-fault")
    key("ctrl+a", "BackSpace")
    app.gone(pyatspi.ROLE_LABEL, part="Spalte 1: ")
    click(app.row(0, "Ereignisse"), times=2)
    app.find(name="Geschichte der Anmeldung")
    app.has_label("PID 2011")
    shot("german-process")
    key("F1")
    app.has_label("Ein Prozess: seine Einzelheiten")
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
desk.main(german, large_text_and_high_contrast)
