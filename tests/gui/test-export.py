#!/usr/bin/python3
"""Exports: what is shown, what is selected and all of it, as they are shown; progress that can be stopped; one clear line
when there is no room."""

import csv
import json
import os
import subprocess

import desk
import pyatspi
from desk import App, click, key, shot, type_text, wait_for


def exported(path):
    """Once it is whole."""
    return wait_for(path.name, lambda: path.exists() and path.read_text())


def choose_file(app, path, format=None, columns=None):
    for box, item in (("Format", format), ("Columns", columns)):
        if item:
            click(app.find(pyatspi.ROLE_COMBO_BOX, name=box))
            desk.press(app.find(pyatspi.ROLE_MENU_ITEM, name=item))
            app.gone(pyatspi.ROLE_MENU_ITEM, name=item)
    key("alt+n")
    key("ctrl+a")
    type_text(str(path))
    wait_for("the name", lambda: any(desk.text_of(e) == str(path) for e in app.all(pyatspi.ROLE_TEXT)))
    shot(f"ask-{path.name}")
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Export"))


def from_menu(app, item):
    click(app.find(pyatspi.ROLE_TOGGLE_BUTTON, name="Export"))
    return app.find(name=item)


def close(app):
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Close"))
    app.gone(pyatspi.ROLE_DIALOG)
    wait_for("the window to have the keys again", lambda: any(
        f.getState().contains(pyatspi.STATE_ACTIVE) for f in app.all(pyatspi.ROLE_FRAME)))


def shown_selected_all(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    key("ctrl+slash", "ctrl+a")
    type_text("process.name == curl")
    key("Return")
    app.has_label("12 events")
    key("ctrl+shift+e")
    choose_file(app, folder / "shown.csv", format="CSV")
    app.has_label("shown.csv: 12 rows")
    shot("done")
    table = list(csv.reader(exported(folder / "shown.csv").splitlines()))
    assert table[0] == ["@timestamp", "event.action", "process.executable", "process.pid", "message",
                        "user.name", "user.id"], table[0]
    assert len(table) == 13 and {line[2] for line in table[1:]} == {"/usr/bin/curl"}, table
    newest = [line[0] for line in table[1:]]
    meta = json.loads((folder / "shown.csv.meta.json").read_text())
    assert meta["expression"] == "process.name == curl" and len(meta["source.sha256"]) == 64, meta
    assert meta["order"] == ("newest first" if newest == sorted(newest, reverse=True) else "oldest first"), meta
    close(app)
    click(desk.wait_for("a row", lambda: app.row(2)))
    click(from_menu(app, "The selected rows…"))
    choose_file(app, folder / "one.jsonl", format="JSON lines", columns="All fields")
    app.has_label("one.jsonl: 1 row")
    [row] = [json.loads(line) for line in exported(folder / "one.jsonl").splitlines()]
    assert row["@timestamp"] == table[3][0] and "event.id" in row, row
    close(app)
    desk.xdotool("keydown", "shift")
    click(app.row(4))
    desk.xdotool("keyup", "shift")
    desk.xdotool("keydown", "ctrl")
    click(app.row(7))
    desk.xdotool("keyup", "ctrl")
    click(from_menu(app, "The selected rows…"))
    choose_file(app, folder / "some.csv", format="CSV")
    app.has_label("some.csv: 4 rows")
    some = list(csv.reader(exported(folder / "some.csv").splitlines()))
    assert some == [table[0]] + table[3:6] + [table[8]], some
    close(app)
    click(from_menu(app, "The whole recording…"))
    choose_file(app, folder / "all.jsonl")
    app.has_label("all.jsonl: 36 rows")
    agent = subprocess.run([desk.AGENT, "query", "--quiet", "--format", "json", next(folder.glob("web-03*.db"))], check=True,
                           capture_output=True, text=True).stdout
    assert exported(folder / "all.jsonl") == agent
    close(app)
    app.quit()


def notes_go_with_the_rows(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.row(1), at=0.3)
    key("ctrl+m")
    wait_for("the mark", lambda: "marked" in app.row(1).name)
    key("ctrl+shift+e")
    choose_file(app, folder / "noted.csv", format="CSV")
    app.has_label("noted.csv: 36 rows")
    close(app)
    table = list(csv.DictReader(exported(folder / "noted.csv").splitlines()))
    assert [i for i, line in enumerate(table) if line["note.marked"] == "1"] == [1], table
    app.quit()


def history(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    app.rows()
    click(desk.wait_for("a row", lambda: app.row(1)), times=2)
    app.grid("History")
    wait_for("its rows", lambda: app.rows("History"))
    shot("history")
    key("ctrl+shift+e")
    choose_file(app, folder / "history.jsonl", format="JSON lines")
    app.has_label("history.jsonl: 3 rows")
    rows = [json.loads(line) for line in exported(folder / "history.jsonl").splitlines()]
    assert [list(r) for r in rows] == [["@timestamp", "event.action", "message", "user.id"]] * 3, rows
    close(app)
    app.quit()


def timeline(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    app.rows()
    key("ctrl+slash", "ctrl+a")
    type_text("event.category == file")
    key("Return")
    app.has_label("12 events")
    key("ctrl+t")
    app.has_label("Timeline of what matches")
    shot("timeline")
    key("ctrl+shift+e")
    choose_file(app, folder / "t", format="Timesketch (JSON lines)")
    app.has_label("t.timesketch.jsonl: 12 rows")
    rows = [json.loads(line) for line in exported(folder / "t.timesketch.jsonl").splitlines()]
    assert {row["timestamp_desc"] for row in rows} == {"Event Time"} and rows[0]["message"].startswith("CreateNewFile: /tmp/")
    close(app)
    app.quit()


def cannot(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    os.mkfifo(folder / "pipe.csv")
    key("ctrl+shift+e")
    choose_file(app, folder / "pipe.csv", format="CSV")
    if app.all(name="Replace"):
        desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Replace"))
    app.has_label("cannot export: it is not a file")
    shot("cannot")
    close(app)
    app.quit()


def stopped(folder):
    app = App(desk.make_recording(folder, n_processes=30000))
    app.has_label("90,000 events")
    key("ctrl+shift+e")
    choose_file(app, folder / "much.xlsx", format="Spreadsheet (XLSX)", columns="All fields")
    app.find(pyatspi.ROLE_PROGRESS_BAR)
    shot("progress")
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Cancel"))
    app.gone(pyatspi.ROLE_PROGRESS_BAR)
    wait_for("nothing left", lambda: not list(folder.glob("*.xlsx*")))
    app.quit()


desk.main(shown_selected_all, notes_go_with_the_rows, history, timeline, cannot, stopped)
