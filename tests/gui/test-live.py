#!/usr/bin/python3
"""Servers and live endpoints: connecting, keys, adding endpoints, following, losing the connection, closing it."""

import os
import pathlib
import re
import subprocess

import pyatspi
from desk import App, Failed, click, key, press, shot, showing, text_of, type_text, wait_for

ITEM, BUTTON, LABEL = pyatspi.ROLE_LIST_ITEM, pyatspi.ROLE_PUSH_BUTTON, pyatspi.ROLE_LABEL


class Server:
    def __init__(self):
        self.process = subprocess.Popen([os.environ["SPOOR_LIVE_SERVER"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, bufsize=1)
        App.running.append(self.process)
        self.port, self.key = self.process.stdout.readline().split()
        self.place = f"127.0.0.1:{self.port}"

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        assert self.process.stdout.readline() == "done\n"

    def stop(self):
        self.process.stdin.close()
        if self.process.wait():
            raise Failed(f"the server ended with {self.process.returncode}")


def focused(app, name):
    wait_for(f"the focus in {name}", lambda: any(n.getState().contains(pyatspi.STATE_FOCUSED)
                                                 for n in app.all(name=name)))


def fill_in(app, place, password):
    app.find(pyatspi.ROLE_DIALOG)
    click(app.find(pyatspi.ROLE_TEXT, name="Server"))
    key("ctrl+a")
    type_text(place)
    key("Escape") if app.all(pyatspi.ROLE_WINDOW, name="completion") else None
    key("Tab", "ctrl+a")
    type_text("alice")
    key("Tab", "ctrl+a")
    type_text(password)
    key("Return")


def go_live(app):
    """Until the page is there: the window may still be on its way to its place."""
    item = app.find(ITEM, name="Live endpoints")

    def probe():
        click(item)
        return app.all(part="Servers", role=LABEL) or app.all(part="No server connected")
    wait_for("the page", probe)


def connect(app, server):
    go_live(app)
    press(app.find(BUTTON, name="Connect to a server…"))
    fill_in(app, server.place, "secret")
    press(app.find(BUTTON, name="Trust this key"))
    app.says("connected, investigator")


def add_web(app):
    press(app.find(BUTTON, name="Add live endpoint…"))
    focused(app, "Computer name or IP address")
    type_text("192.0.2.3")
    key("Return")
    app.find(BUTTON, name="Remove web-03")
    key("Return")
    app.rows()


def fingerprint(app):
    label = wait_for("a fingerprint", lambda: [n for n in app.all(LABEL) if n.description == "Fingerprint"])[0]
    return re.sub(r"\s", "", text_of(label))


def keys_are_asked_about_and_remembered(folder):
    server, app = Server(), App()
    go_live(app)
    app.says("No server connected")
    press(app.find(BUTTON, name="Connect to a server…"))
    fill_in(app, server.place, "wrong")
    app.says("for the first time")
    shot("key")
    shown = fingerprint(app)
    assert shown == server.key, shown
    press(app.find(BUTTON, name="Trust this key"))
    app.says("wrong user or password")
    shot("wrong")
    focused(app, "Password")
    key("ctrl+a")
    type_text("secret")
    key("Return")
    app.says("connected, investigator")
    shot("connected")
    app.quit()
    server.tell("key")
    app = App()
    go_live(app)
    press(app.find(BUTTON, name="Connect"))
    focused(app, "Password")
    type_text("secret")
    key("Return")
    app.says("its key has changed")
    both = fingerprint(app)
    assert server.key in both, both
    shot("changed")
    assert not app.all(BUTTON, name="Trust this key") and len(app.all(BUTTON, name="Connect")) == 1  # that of the page
    press(app.find(BUTTON, name="Cancel"))
    app.quit()
    server.stop()


def endpoints_are_added_and_told_apart(folder):
    server, app = Server(), App()
    connect(app, server)
    press(app.find(BUTTON, name="Add live endpoint…"))
    focused(app, "Computer name or IP address")
    type_text("web")
    wait_for("both of that name", lambda: len(app.all(ITEM, name="web-03")) == 2)
    shot("twins")
    key("minus", "0", "3")
    key("Return")
    app.says("Several machines have this name")
    key("ctrl+a")
    type_text("192.0.2.9")
    wait_for("one", lambda: len(app.all(ITEM, name="web-03")) == 1)
    key("Return")
    app.find(BUTTON, name="Remove web-03")
    type_text("db")
    key("Return")
    app.find(BUTTON, name="Remove db-01")
    type_text("nowhere")
    key("Return")
    app.says("No server knows")
    shot("chosen")
    press(app.find(BUTTON, name="Clear all"))
    app.gone(BUTTON, name="Remove db-01")
    key("ctrl+a")
    type_text("db-01")
    key("Return")
    app.find(BUTTON, name="Remove db-01")
    key("Return")
    wait_for("the reason", lambda: [i for i in app.all(ITEM, name="db-01") if "failed: db-01 is away" in i.description])
    shot("away")
    app.quit()
    server.stop()


def the_newest_come_until_the_user_looks_elsewhere(folder):
    server, app = Server(), App()
    connect(app, server)
    add_web(app)
    app.has_label("1,000 events")
    wait_for("its state", lambda: any(i.description == "connected" for i in app.all(ITEM, name="web-03")))
    first = app.rows()[0]
    server.tell("grow 3")
    app.has_label("1,003 events")
    wait_for("a new row", lambda: app.rows()[0] != first)
    shot("follow")
    click(app.row(3))
    kept = app.rows()
    server.tell("grow 5")
    app.find(BUTTON, name="5 new events")
    assert app.rows() == kept
    shot("held")
    press(app.find(BUTTON, name="5 new events"))
    app.has_label("1,008 events")
    app.gone(BUTTON, name="5 new events")
    wait_for("newer rows", lambda: app.rows()[0] != kept[0])
    app.quit()
    server.stop()


def a_lost_connection_is_told_and_comes_back(folder):
    server, app = Server(), App()
    connect(app, server)
    add_web(app)
    app.has_label("1,000 events")
    server.tell("drop")
    app.says("What is shown stays")
    assert app.rows()
    shot("lost")
    app.gone(part="What is shown stays")
    server.tell("grow 2")
    app.has_label("1,002 events")
    go_live(app)
    click([i for i in app.all(ITEM, name="web-03") if "192.0.2.3" in i.description][0])
    press(app.find(BUTTON, name="Close connection"))
    wait_for("closed", lambda: any(i.description == "closed" for i in app.all(ITEM, name="web-03")))
    shot("closed")
    press(app.find(BUTTON, name="Disconnect"))
    app.says("not connected")
    press(app.all(BUTTON, name="Connect")[-1])  # the last that was met
    app.says("connected, investigator")
    press(app.find(BUTTON, name="Sign out"))
    app.gone(BUTTON, name="Sign out")
    while forget := app.all(BUTTON, name="Forget"):
        press(forget[0])
        wait_for("one less", lambda: len(app.all(BUTTON, name="Forget")) < len(forget))
    app.says("No server connected")
    app.quit()
    server.stop()


def what_was_live_is_offered(folder):
    server, app = Server(), App()
    connect(app, server)
    add_web(app)
    session = pathlib.Path(os.environ["HOME"])
    wait_for("the session to be kept", lambda: any(b"live://" in f.read_bytes() for f in session.rglob("session*")
                                                   if f.is_file()))
    app.process.kill()
    app.process.wait()
    app = App()
    app.says("1 endpoint was read live")
    assert not app.all(pyatspi.ROLE_TABLE, name="Events")
    shot("offer")
    press(app.find(BUTTON, name="Connect again"))
    focused(app, "Password")
    type_text("secret")
    key("Return")
    app.rows()
    app.has_label("1,000 events")
    app.quit()
    server.stop()


def a_capture_is_begun_paused_and_cancelled(folder):
    server, app = Server(), App()
    connect(app, server)
    add_web(app)
    go_live(app)
    wait_for("the endpoint", lambda: [i for i in app.all(ITEM, name="web-03") if "192.0.2.3" in i.description])
    click([i for i in app.all(ITEM, name="web-03") if "192.0.2.3" in i.description][0])
    press(app.find(BUTTON, name="Capture"))

    def is_told(words):
        wait_for(words, lambda: any(words in i.description.replace("\u00a0", " ")
                                    for i in app.all(ITEM, name="web-03")))
    is_told("is being captured: 5.0 MB of 40.0 MB")
    shot("capture")
    press(app.find(BUTTON, name="Pause"))
    is_told("paused: 5.0 MB of 40.0 MB")
    press(app.find(BUTTON, name="Resume"))
    is_told("is being captured")
    press(app.find(BUTTON, name="Cancel…"))
    app.says("It is deleted from the server")
    shot("cancel")
    press(app.find(BUTTON, name="Delete"))
    app.gone(BUTTON, name="Pause")
    app.quit()
    server.stop()


def snapshots_at_the_server_are_explored_and_deleted(folder):
    server, app = Server(), App()
    server.tell("hold")
    connect(app, server)
    click(app.find(ITEM, name="All snapshots"))
    newest, oldest = (f"web-03_2025_11_20_{hour}_00_00_000_Z" for hour in ("09", "08"))
    row = app.find(ITEM, name=newest + ".db")
    assert re.fullmatch(r"2025-11-20 \d\d:00:00 · 40.0.MB · alice · 127.0.0.1:\d+", row.description), row.description
    app.find(LABEL, name="web-03 (2)")
    app.find(LABEL, name="db-01 (1)")
    shot("held")
    click(row)
    app.has_label("1,000 events")
    app.find(pyatspi.ROLE_FRAME, name=newest)
    assert app.rows()
    assert not app.all(pyatspi.ROLE_TOGGLE_BUTTON, name="Follow")
    shot("held-open")
    server.tell("cut")
    app.says("What is shown stays")
    app.gone(part="What is shown stays")
    key("ctrl+w")
    app.gone(pyatspi.ROLE_PAGE_TAB, name="web-03")
    click(app.find(ITEM, name="All snapshots"))
    click(app.find(ITEM, name="db-01_2025_11_20_08_00_00_000_Z.db"))
    app.says("cannot be opened: it could not be opened")
    app.find(BUTTON, name=f"Download {newest}.db").queryComponent().grabFocus()
    key("space")
    wait_for("the name", lambda: any(text_of(e) == newest + ".db" for e in app.all(pyatspi.ROLE_TEXT)))
    key("ctrl+a")
    type_text(str(folder / "here.db"))
    key("Return")
    app.says("here.db is downloaded.")
    shot("held-downloaded")
    assert (folder / "here.db").stat().st_size == 12 << 20 and len(list(folder.iterdir())) == 1
    app.find(BUTTON, name=f"Download {newest}.db")
    app.find(BUTTON, name=f"Delete {oldest}.db").queryComponent().grabFocus()
    key("space")
    app.says("for everybody, and cannot be brought back")
    shot("held-delete")
    key("Escape")
    app.gone(part="cannot be brought back")
    app.find(LABEL, name="web-03 (2)")
    press(app.find(BUTTON, name="Delete all snapshots of web-03"))
    app.says("Delete all 2 snapshots of web-03?")
    press(app.find(BUTTON, name="Delete"))
    app.gone(LABEL, name="web-03 (2)")
    assert app.find(LABEL, name="db-01 (1)") and not app.all(ITEM, name=newest + ".db")
    app.quit()
    server.stop()


def a_file_is_saved_and_deleted(folder):
    server, app = Server(), App()
    connect(app, server)
    add_web(app)
    app.has_label("1,000 events")
    press(app.find(pyatspi.ROLE_TOGGLE_BUTTON, name="Follow")) if app.all(pyatspi.ROLE_TOGGLE_BUTTON, name="Follow") else None

    def save(which):
        row = app.row(3)
        click(row)
        click(row, button=3)
        item = app.find(pyatspi.ROLE_MENU_ITEM, part=which)
        path = re.search("“(.*)”", item.name)[1]
        shot("save-menu")
        click(item)
        app.says("Save this file of web-03?")
        app.says("The server keeps a copy")
        shot("save")
        press(app.find(BUTTON, name="Save"))
        return path

    save("Save executable")
    app.find(pyatspi.ROLE_PROGRESS_BAR)
    shot("save-progress")
    press(app.find(BUTTON, name="Cancel"))
    app.gone(part="Save this file")
    save("Save executable")
    app.says("the endpoint refused: it is a FIFO")
    shot("save-refused")
    press(app.find(BUTTON, name="Close"))
    path = save("Save executable")
    app.says("It is listed under")
    press(app.find(BUTTON, name="Close"))
    click(app.find(ITEM, name="Files"))
    row = app.find(ITEM, name=path)
    assert "web-03 · 40.0" in row.description.replace("\u00a0", " ") and "alice" in row.description, row.description
    shot("files")
    click(row)
    press(app.find(BUTTON, name="Copy SHA-256"))
    told = {i.name: i.description for i in app.all(ITEM)}
    assert (told["Mode"], told["Owner"], told["Bytes"]) == ("4755", "user 0, group 33", "40,000"), told
    shot("files-open")
    press(app.find(BUTTON, name="Delete…"))
    app.says("It is deleted from the server")
    press(app.find(BUTTON, name="Delete"))
    app.says("No saved files")
    app.quit()
    server.stop()


if __name__ == "__main__":
    import desk

    desk.main(keys_are_asked_about_and_remembered, endpoints_are_added_and_told_apart,
              the_newest_come_until_the_user_looks_elsewhere, what_was_live_is_offered,
              a_capture_is_begun_paused_and_cancelled, snapshots_at_the_server_are_explored_and_deleted,
              a_file_is_saved_and_deleted,
              a_lost_connection_is_told_and_comes_back)
