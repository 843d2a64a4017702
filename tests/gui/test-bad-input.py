#!/usr/bin/python3
"""Bad input: one clear message for each, the app stays up, and nothing half-made remains."""

import os
import sqlite3
import subprocess

import desk
import pyatspi
from desk import App, key, shot, wait_for


def changed(path, copy, *statements):
    copy.write_bytes(path.read_bytes())
    db = sqlite3.connect(copy)
    db.executescript("PRAGMA writable_schema=1;" + ";".join(statements))
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return copy


def bad_files(folder):
    good = desk.make_recording(folder)
    other = folder / "other.db"
    sqlite3.connect(other).executescript("CREATE TABLE event(id INTEGER PRIMARY KEY); INSERT INTO event VALUES(1);")
    (folder / "noise.db").write_bytes(os.urandom(9000))
    (folder / "empty.log").write_bytes(b"")
    (folder / "binary.log").write_bytes(os.urandom(200000))
    (folder / "truncated.db").write_bytes(good.read_bytes()[:good.stat().st_size // 2])
    flipped = bytearray(good.read_bytes())
    for i in range(4096, len(flipped), 701):
        flipped[i] ^= 0x55
    (folder / "flipped.db").write_bytes(flipped)
    (folder / "folder.db").mkdir()
    os.mkfifo(folder / "fifo.log")
    return good, [
        folder / "noise.db", folder / "empty.log", folder / "binary.log", folder / "truncated.db",
        folder / "flipped.db", folder / "folder.db", folder / "fifo.log", other, folder / "missing.db",
        changed(good, folder / "newer.db", "PRAGMA user_version=99"),
        changed(good, folder / "tampered.db", "CREATE TRIGGER t AFTER INSERT ON event BEGIN SELECT 1; END"),
        changed(good, folder / "view.db", "DROP VIEW v_event", "CREATE VIEW v_event AS SELECT * FROM event"),
    ]


def alerts(app):
    texts = []
    for alert in app.all(pyatspi.ROLE_ALERT):
        texts += [desk.text_of(n) for n in desk.walk(alert) if n.getRole() == pyatspi.ROLE_LABEL and desk.text_of(n)]
    return texts


def close_alerts(app):
    for alert in app.all(pyatspi.ROLE_ALERT):
        for node in desk.walk(alert):
            if node.getRole() == pyatspi.ROLE_PUSH_BUTTON:
                desk.press(node)
                break
    wait_for("no message", lambda: not app.all(pyatspi.ROLE_ALERT))


def each_has_one_message(folder):
    good, bad = bad_files(folder)
    app = App()
    app.says("Open a snapshot (.db)")
    for path in bad:
        subprocess.run([desk.APP, str(path)], check=True, timeout=60)
        texts = wait_for(f"a message about {path.name}", lambda: alerts(app))
        assert len(texts) == 1 and path.name in texts[0] and "\n" not in texts[0], (path.name, texts)
        print(f"   {texts[0].replace(str(folder), '')}")
        shot(path.stem)
        assert app.alive()
        close_alerts(app)
    subprocess.run([desk.APP, str(good)], check=True, timeout=60)
    app.has_label("36 events")
    left = list((desk.pathlib.Path(os.environ["XDG_CACHE_HOME"]) / "spoor").glob("*"))
    assert not left, left
    app.quit()


def many_at_once(folder):
    good, bad = bad_files(folder)
    app = App(*bad, good)
    app.has_label("36 events")
    wait_for("messages", lambda: len(alerts(app)) >= 4)
    shot("many")
    app.quit()


def slow_log(folder):
    """A day of events after the other, so that each is one of its own: seconds to import."""
    log = folder / "slow.log"
    one = desk.audit_log(60)
    with open(log, "w") as f:
        for day in range(6000):
            f.write(one.replace("audit(17636", f"audit({17636 + day}"))
    return log


def an_import_is_cancelled(folder):
    log = slow_log(folder)
    app = App(log)
    button = app.find(pyatspi.ROLE_PUSH_BUTTON, name="Cancel")
    shot("importing")
    desk.press(button)
    app.gone(pyatspi.ROLE_PUSH_BUTTON, name="Cancel")
    cache = desk.pathlib.Path(os.environ["XDG_CACHE_HOME"]) / "spoor"
    wait_for("the half recording to go", lambda: not list(cache.glob("*")))
    assert not alerts(app)
    app.quit()


def quitting_ends_an_import(folder):
    log = slow_log(folder)
    app = App(log)
    app.find(pyatspi.ROLE_PUSH_BUTTON, name="Cancel")
    app.quit()
    assert not list((desk.pathlib.Path(os.environ["XDG_CACHE_HOME"]) / "spoor").glob("*"))


desk.main(each_has_one_message, many_at_once, an_import_is_cancelled, quitting_ends_an_import)
