#!/usr/bin/python3
"""Notes: marks, tags and comments on rows, the case file beside the snapshot, another writer of the file, undo, views."""

import csv
import json
import pathlib
import sqlite3
import subprocess

import desk
import openpyxl
import pyatspi
from desk import App, click, key, shot, type_text, wait_for


def case_of(recording):
    return pathlib.Path(str(recording) + ".case")


def said(case, what="marked, tags, comment"):
    with sqlite3.connect(f"file:{case}?mode=ro", uri=True) as db:
        return db.execute(f"SELECT {what} FROM note ORDER BY event").fetchall()


def noted_row(app, part, name="Events"):
    """The row whose name has that part, once there is one."""
    def probe():
        grid = app.grid(name)
        rows = [grid.getChildAtIndex(i) for i in range(grid.childCount)]
        return next((r for r in rows if r and part in r.name), None)
    return wait_for(f"a row with {part}", probe)


def fill_note(app, tags=None, comment=None):
    app.find(pyatspi.ROLE_PUSH_BUTTON, name="Save")
    if tags is not None:
        entry = app.find(pyatspi.ROLE_TEXT, name="Tags")
        click(entry)
        key("ctrl+a")
        type_text(tags)
    if comment is not None:
        click(app.find(pyatspi.ROLE_TEXT, name="Comment"))
        key("ctrl+a")
        type_text(comment)
    shot("editor")
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Save"))


def marks(folder):
    recording = desk.make_recording(folder)
    digest = recording.read_bytes()
    app = App(recording)
    app.has_label("36 events")
    for i in (1, 5):
        click(app.row(i), at=0.3)
        key("ctrl+m")
        wait_for("the mark", lambda i=i: "marked" in app.row(i).name)
    shot("marked")
    assert said(case_of(recording)) == [(1, "", ""), (1, "", "")]
    click(app.row(3), at=0.3)

    def selected():
        grid = app.grid()
        return [grid.getChildAtIndex(i).name for i in range(grid.childCount)
                if grid.getChildAtIndex(i).getState().contains(pyatspi.STATE_SELECTED)]

    first, second = app.row(1).name, app.row(5).name
    key("ctrl+shift+n")
    wait_for("the next mark", lambda: selected() == [second])
    key("ctrl+shift+n")
    key("ctrl+shift+b")
    wait_for("the mark before", lambda: selected() == [first])
    key("ctrl+z")
    wait_for("the second mark to go", lambda: "marked" not in app.row(5).name)
    key("ctrl+shift+z")
    wait_for("the second mark again", lambda: "marked" in app.row(5).name)
    click(app.find(name="Notes"))
    desk.press(app.find(pyatspi.ROLE_RADIO_MENU_ITEM, part="Marked"))
    app.has_label("2 events")
    shot("only-marked")
    click(app.row(0), at=0.3)
    key("ctrl+m")
    app.has_label("1 event")
    key("alt+Left")
    app.has_label("36 events")
    app.quit()
    assert recording.read_bytes() == digest, "the recording was written to"
    again = App(recording)
    again.has_label("36 events")
    noted_row(again, "marked")
    again.quit()


def tags_and_comments(folder):
    recording = desk.make_recording(folder)
    app = App(recording)
    app.has_label("36 events")
    click(app.row(2), button=3, at=0.3)
    desk.press(app.find(pyatspi.ROLE_MENU_ITEM, name="Add a note…"))
    app.says("Kept beside the snapshot")
    fill_note(app, tags="staging, c2, c2", comment="First contact, see ticket 17")
    noted_row(app, "tagged c2, staging")
    app.has_label("First contact")
    shot("noted")
    assert said(case_of(recording)) == [(0, "c2\nstaging", "First contact, see ticket 17")]
    click(app.row(4), at=0.3)
    key("ctrl+e")
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="c2"))
    fill_note(app)
    wait_for("a second tagged row", lambda: len(said(case_of(recording))) == 2)
    # What is no tag is said, and nothing is lost.
    key("ctrl+e")
    fill_note(app, tags="x" * 70)
    app.says("A tag can have 64 bytes")
    key("Escape")
    click(app.find(name="Notes"))
    desk.press(app.find(pyatspi.ROLE_RADIO_MENU_ITEM, part="Tagged “staging”"))
    app.has_label("1 event")
    # The page of the process shows them too.
    click(app.row(0), at=0.3)
    key("Return")
    noted_row(app, "tagged c2, staging", name="History")
    click(noted_row(app, "tagged c2, staging", name="History"), at=0.3)
    app.has_label("First contact")
    app.has_label("c2, staging · First contact, see ticket 17")  # in the details
    shot("history")
    key("ctrl+z")
    wait_for("the last change to be undone", lambda: len(said(case_of(recording))) == 1)
    # Without that page the notes go on.
    key("ctrl+w")
    click(noted_row(app, "tagged c2, staging"), at=0.3)
    key("ctrl+m")
    noted_row(app, "marked")
    app.quit()
    exports_have_notes(recording)


def exported(recording, name, *args):
    path = recording.parent / name
    subprocess.run([desk.APP, "export", "--quiet", "-o", path, *args, recording], check=True)
    return path


def exports_have_notes(recording):
    """Marked and tagged "c2", "staging", with a comment: one row. It goes into each format as that has it."""
    rows = [json.loads(line) for line in exported(recording, "x.jsonl").read_text().splitlines()]
    noted = [r for r in rows if any(k.startswith("note.") for k in r)]
    assert len(rows) == 36 and len(noted) == 1, (len(rows), noted)
    assert noted[0]["note.marked"] is True and noted[0]["note.tags"] == ["c2", "staging"], noted
    assert noted[0]["note.comment"] == "First contact, see ticket 17"
    meta = json.loads((recording.parent / "x.jsonl.meta.json").read_text())
    assert (meta["notes.file"], meta["notes.rows"]) == (case_of(recording).name, 1)
    assert meta["columns"].endswith("note.marked,note.tags,note.comment")
    sketch = [json.loads(line) for line in exported(recording, "x.timesketch.jsonl").read_text().splitlines()]
    assert [r["tag"] for r in sketch if "tag" in r] == [["c2", "staging"]]
    with open(exported(recording, "x.timesketch.csv"), newline="", encoding="utf-8") as f:
        assert [r["tag"] for r in csv.DictReader(f) if r["tag"]] == ["c2,staging"]
    with open(exported(recording, "chosen.csv", "--fields", "process.pid"), newline="", encoding="utf-8") as f:
        assert next(csv.reader(f)) == ["process.pid"]
    book = openpyxl.load_workbook(exported(recording, "x.xlsx"))
    names, *cells = book["Events"].iter_rows(values_only=True)
    at = names.index("note.marked")
    assert [c[at:] for c in cells if any(c[at:])] == [(1, "c2, staging", "First contact, see ticket 17")]
    assert dict(book["About"].iter_rows(values_only=True))["notes.rows"] == 1


def others_write_too(folder):
    recording = desk.make_recording(folder)
    one = App(recording)
    one.has_label("36 events")
    case = case_of(recording)
    click(one.row(2), at=0.3)
    key("ctrl+e")
    fill_note(one, comment="mine")
    noted_row(one, "mine")
    # Somebody else, in another process, writes meanwhile: seen at once.
    with sqlite3.connect(case) as db:
        db.execute("UPDATE note SET comment = 'theirs', author = 'bob'")
    db.close()
    noted_row(one, "theirs")
    # While the editor is open: told before it is replaced.
    key("ctrl+e")
    one.find(pyatspi.ROLE_TEXT, name="Comment")
    with sqlite3.connect(case) as db:
        db.execute("UPDATE note SET comment = 'theirs again'")
    db.close()
    fill_note(one, comment="mine again")
    one.says("Meanwhile bob has written: theirs again")
    shot("conflict")
    assert said(case, "comment") == [("theirs again",)]
    desk.press(one.find(pyatspi.ROLE_PUSH_BUTTON, name="Replace theirs"))
    noted_row(one, "mine again")
    assert said(case, "comment") == [("mine again",)]
    one.quit()


def no_place_beside(folder):
    recording = desk.make_recording(folder)
    data = folder / "data"
    case_of(recording).mkdir() # nobody, root neither, can write a file there
    app = App(recording, XDG_DATA_HOME=str(data))
    app.says("Is a directory")
    click(app.row(2), at=0.3)
    key("ctrl+m")
    app.says("The case file")
    shot("failed")
    app.quit()
    case_of(recording).rmdir()
    # A foreign file is never written to.
    case_of(recording).write_text("something else, which must stay as it is, whatever happens")
    app = App(recording)
    app.says("it is not a database")
    click(app.row(2), at=0.3)
    key("ctrl+m")
    app.says("it is not a database")
    app.quit()
    assert case_of(recording).read_text().startswith("something else")


def imported_log(folder):
    log = folder / "audit.log"
    log.write_text(desk.audit_log())
    data = folder / "data"
    app = App(log, XDG_DATA_HOME=str(data))
    app.has_label("36 events")
    click(app.row(2), at=0.3)
    key("ctrl+e")
    app.says("Kept in your data folder")
    fill_note(app, comment="in the log")
    noted_row(app, "in the log")
    app.quit()
    assert not list(folder.glob("*.case")) and len(list(data.glob("spoor/cases/audit.log-*.case"))) == 1
    # Imported anew, it is the same.
    app = App(log, XDG_DATA_HOME=str(data))
    noted_row(app, "in the log")
    app.quit()


desk.main(marks, tags_and_comments, others_write_too, no_place_beside, imported_log)
