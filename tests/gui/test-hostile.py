#!/usr/bin/python3
"""Recordings that do harm, and a reader that ends or hangs: the app says so in one line, lives, and opens it again."""

import os
import signal
import sqlite3

import desk
import pyatspi
from desk import App, key, shot, type_text, wait_for


def readers(app):
    """The confined children of all its threads."""
    tasks = desk.pathlib.Path(f"/proc/{app.process.pid}/task").iterdir()
    return [int(n) for task in tasks for n in (task / "children").read_text().split()]


def ask(app, text):
    key("ctrl+slash", "ctrl+a")
    type_text(text)
    key("Return")


def labels_of(node):
    return [desk.text_of(n) for n in desk.walk(node) if n.getRole() == pyatspi.ROLE_LABEL and desk.text_of(n)]


def alert_with(app, part):
    return wait_for(f"a message: {part}", lambda: [a for a in app.all(pyatspi.ROLE_ALERT)
                                                   if any(part in t for t in labels_of(a))])[0]


def open_again(app):
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Open again"))
    wait_for("no message", lambda: not app.all(pyatspi.ROLE_ALERT))
    app.rows()


def a_reader_that_is_killed(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    ask(app, "process.name == curl")
    app.has_label("12 events")
    for reader in readers(app):
        os.kill(reader, signal.SIGKILL)
    alert_with(app, "has ended")
    assert len(app.all(pyatspi.ROLE_ALERT)) == 1
    shot("killed")
    open_again(app)
    app.has_label("12 events")  # asked as before
    assert app.alive()
    app.quit()


def a_loss_is_told_where_the_tab_is(folder):
    app = App(desk.make_recording(folder))
    app.rows()
    key("F10")
    desk.press(app.find(name="Move tab to new window"))
    wait_for("two windows", lambda: app.node.childCount == 2)
    app.has_label("36 events")
    for reader in readers(app):
        os.kill(reader, signal.SIGKILL)
    alert_with(app, "has ended")
    told = [bool([n for n in desk.walk(w) if n.getRole() == pyatspi.ROLE_ALERT]) for w in app.node]
    tabs = [bool([n for n in desk.walk(w) if n.getRole() == pyatspi.ROLE_PAGE_TAB]) for w in app.node]
    assert sorted(told) == [False, True] and told == tabs, (told, tabs)
    app.quit()


def a_reader_that_hangs(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    stopped = readers(app)
    for reader in stopped:
        os.kill(reader, signal.SIGSTOP)
    ask(app, "process.name == curl")
    ask(app, "process.name == bash")  # withdraws what hangs: it has three seconds to let go
    alert_with(app, "does not answer")
    app.find(part="No answer")  # never "no events"
    shot("hung")
    open_again(app)
    wait_for("the hung ones to go", lambda: not set(stopped) & set(readers(app)))
    app.has_label("24 events")
    app.quit()


def tampered(good, path, statements):
    path.write_bytes(good.read_bytes())
    db = sqlite3.connect(path)
    db.executescript("PRAGMA writable_schema=1;" + statements)
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return path


def refused_or_borne(folder):
    good = desk.make_recording(folder)
    endless = "WITH n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id, 1 AS from_ms, 2 AS to_ms, 1 AS cause, 1 AS count FROM n"
    refused = [tampered(good, folder / "endless.db", f"DROP TABLE gap; CREATE VIEW gap AS {endless}"),
               tampered(good, folder / "trigger.db", "CREATE TRIGGER t AFTER INSERT ON gap BEGIN DELETE FROM event; END")]
    sparse = folder / "sparse.db"
    sparse.write_bytes(good.read_bytes())
    try:
        os.truncate(sparse, 1 << 40)
    except OSError:
        sparse = good  # this file system has no room for the thought
    borne = [sparse,
             tampered(good, folder / "long.db", "UPDATE text SET value = CAST(zeroblob(100000000) AS TEXT) WHERE kind = 3"),
             tampered(good, folder / "words.db", "UPDATE text SET value = char(8238) || '<b>x</b>=cmd|' || char(27) || '[2J' "
                      "|| char(10) || value WHERE kind IN (1, 3)"),
             tampered(good, folder / "values.db", "UPDATE event SET image = x'ff', object = 'x', count = 1e300; "
                      "UPDATE process SET parent_image = 1, start_ms = 9223372036854775807")]
    for path in refused:
        app = App(path)
        alert_with(app, "its schema was changed")
        app.quit()
    for path in borne:
        app = App(path)
        app.has_label("events")
        rows = app.rows()
        assert not any(c in row for row in rows for c in "\u202e\x1b\n"), rows
        shot(path.stem)
        assert app.alive()
        app.quit()


desk.main(a_reader_that_is_killed, a_loss_is_told_where_the_tab_is, a_reader_that_hangs, refused_or_borne)
