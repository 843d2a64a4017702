#!/usr/bin/python3
"""Drawings with a page of their own: what a logon caused, and a whole recording as a timeline."""

import desk
import pyatspi
from desk import App, click, key, shot, wait_for


def record_login(folder):
    """alice logs in from 203.0.113.9 by sshd (pid 900); the shells of desk's story are what she started."""
    sshd = ('ppid=1 pid=900 auid=4294967295 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) '
            'ses=4294967295 comm="sshd" exe="/usr/sbin/sshd" key="spoor"')
    login = ("pid=900 uid=0 auid=1000 ses=3 msg='op=login id=1000 exe=\"/usr/sbin/sshd\" hostname=203.0.113.9 "
             "addr=203.0.113.9 terminal=/dev/pts/0 res=success'")
    lines = [
        (50, f"SYSCALL", f"arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=1 {sshd}"),
        (50, "EXECVE", 'argc=2 a0="sshd" a1="-R"'), (50, "CWD", 'cwd="/"'),
        (50, "PATH", 'item=0 name="/usr/sbin/sshd" inode=1 dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 '
                     "nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0"),
        (50, "EOE", ""), (51, "USER_LOGIN", login),
    ]
    log = "".join(f"node=web-03 type={t} msg=audit({1763599990 + n - 50}.000:{n}): {rest}\n" for n, t, rest in lines)
    path = folder / "login.log"
    path.write_text(log + desk.audit_log().replace("ppid=1 pid=20", "ppid=900 pid=20"))
    return path


def items(app, role, name):
    view = app.find(role, name=name)
    return [view.getChildAtIndex(i).name for i in range(view.childCount)]


def check_story(app):
    app.has_label("203.0.113.9")
    app.has_label("session 3 · 13 processes")
    tree = wait_for("the tree", lambda: [i for i in items(app, pyatspi.ROLE_TREE, "Tree") if "bash" in i])
    assert all("from 203.0.113.9" in i for i in tree if "processes named" not in i), tree
    bars = wait_for("bars", lambda: [i for i in items(app, pyatspi.ROLE_CANVAS, "Timeline") if "curl 20" in i])
    assert all("from 203.0.113.9" in b for b in bars), bars
    wait_for("marks", lambda: any(i.startswith("Network: ") for i in items(app, pyatspi.ROLE_CANVAS, "Timeline")))


def a_login_is_told_from_a_process(folder):
    app = App(record_login(folder))
    app.has_label("events")
    click(app.row(0), times=2)
    app.has_label("PID 2011")
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Login story"))
    check_story(app)
    shot("story")
    desk.press(app.find(pyatspi.ROLE_PUSH_BUTTON, name="Show in explorer"))
    app.has_label("36 events")
    app.quit()


def a_login_is_told_from_its_row(folder):
    app = App(record_login(folder))
    app.has_label("events")
    click(app.find(pyatspi.ROLE_RADIO_BUTTON, name="Security"))
    wait_for("the logon", lambda: any("Login" in r for r in app.rows()))
    click(app.row(0), button=3, at=0.3)
    desk.press(app.find(pyatspi.ROLE_MENU_ITEM, name="Show login story"))
    check_story(app)
    app.quit()


def a_recording_is_a_timeline(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    key("ctrl+t")
    app.has_label("The whole recording")
    wait_for("kinds", lambda: any(i.startswith("File: 12 events") for i in items(app, pyatspi.ROLE_CANVAS, "Timeline")))
    combo = app.find(pyatspi.ROLE_COMBO_BOX, name="Lanes")
    combo.querySelection().selectChild(2)
    lanes = wait_for("programs", lambda: [i for i in items(app, pyatspi.ROLE_CANVAS, "Timeline")
                                          if "click folds" in i and "/usr/bin/" in i])
    assert sorted(lanes)[0].startswith("/usr/bin/bash: 24 events"), lanes
    shot("programs")
    mark = next(i for i in range(100) if app.find(pyatspi.ROLE_CANVAS, name="Timeline").getChildAtIndex(i).name
                .startswith("/usr/bin/curl: "))
    desk.press(app.find(pyatspi.ROLE_CANVAS, name="Timeline").getChildAtIndex(mark))
    wait_for("the explorer", lambda: app.rows() and all("curl" in r for r in app.rows()))
    app.quit()


def drawings_are_saved_and_printed(folder):
    app = App(desk.make_recording(folder))
    app.has_label("36 events")
    click(app.row(0), times=2)
    app.has_label("PID 2011")
    for name, magic in (("a.png", b"\x89PNG"), ("b.svg", b"<?xml"), ("c.pdf", b"%PDF-")):
        click(app.find(pyatspi.ROLE_TREE if name == "b.svg" else pyatspi.ROLE_CANVAS))
        key("ctrl+shift+s")
        app.find(pyatspi.ROLE_FILE_CHOOSER)
        entry = app.find(pyatspi.ROLE_TEXT, part="bash 2011")
        key("ctrl+a")
        desk.type_text(str(folder / name))
        wait_for("the path", lambda: desk.text_of(entry) == str(folder / name))
        key("Return")
        wait_for(name, lambda: (folder / name).exists() and (folder / name).read_bytes().startswith(magic))
    app.gone(pyatspi.ROLE_FILE_CHOOSER)
    click(app.find(pyatspi.ROLE_CANVAS))
    key("ctrl+p")
    app.find(pyatspi.ROLE_DIALOG, name="Print")
    shot("print")
    key("Escape")
    app.gone(pyatspi.ROLE_DIALOG, name="Print")
    app.quit()


desk.main(a_login_is_told_from_a_process, a_login_is_told_from_its_row, a_recording_is_a_timeline,
          drawings_are_saved_and_printed)
