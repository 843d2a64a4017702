"""The kernel's audit by netlink, without our own code: to look at what the recorder leaves behind."""

import os
import socket
import struct

NETLINK_AUDIT = 9
GET, SET, ADD_RULE, DEL_RULE, LIST_RULES = 1000, 1001, 1011, 1012, 1013
ERROR, DONE = 2, 3
FIELDS = ("enabled", "failure", "pid", "rate_limit", "backlog_limit", "lost", "backlog", "version", "backlog_wait_time")
MASKS = {"enabled": 1, "failure": 2, "pid": 4, "rate_limit": 8, "backlog_limit": 16, "backlog_wait_time": 32}
SETTINGS = ("enabled", "failure", "rate_limit", "backlog_limit", "backlog_wait_time")
KEY_FIELD, UID_FIELD = 210, 1
RULE = struct.Struct("=III64I64I64I64II")


class Unavailable(Exception):
    pass


class Audit:
    def __init__(self):
        try:
            self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_AUDIT)
        except OSError as e:
            raise Unavailable(f"no audit in this kernel: {e.strerror}")
        self.socket.settimeout(5)

    def close(self):
        self.socket.close()

    def ask(self, kind, payload=b"", until=None):
        """Sends, and collects answers until the acknowledgement (and the message `until`) came."""
        self.socket.send(struct.pack("=IHHII", 16 + len(payload), kind, 5, 1, 0) + payload)
        answers, acknowledged, ended = [], False, until is None
        while not (acknowledged and ended):
            data = self.socket.recv(65536)
            _, got, _, _, _ = struct.unpack("=IHHII", data[:16])
            if got == ERROR:
                code = struct.unpack("=i", data[16:20])[0]
                if code:
                    raise OSError(-code, os.strerror(-code))
                acknowledged = True
            elif got == until:
                ended = True
            if got == kind:
                answers.append(data[16:])
        return answers

    def status(self):
        data = self.ask(GET, until=GET)[0]
        values = struct.unpack("=9I", data[4:40])
        return dict(zip(FIELDS, values))

    def settings(self):
        status = self.status()
        return {name: status[name] for name in SETTINGS}

    def set(self, **values):
        mask = sum(MASKS[name] for name in values)
        self.ask(SET, struct.pack("=11I", mask, *(values.get(name, 0) for name in FIELDS), 0))

    def rules(self):
        return self.ask(LIST_RULES, until=DONE)

    def remove(self, rule):
        self.ask(DEL_RULE, rule)

    def ours(self):
        return [rule for rule in self.rules() if key_of(rule) == b"spoor"]

    def others(self):
        return [rule for rule in self.rules() if key_of(rule) != b"spoor"]

    def add_foreign(self, key=b"somebody"):
        """A rule of somebody else: never matches, since nobody has that uid."""
        mask = [0] * 64
        mask[0] = 1 << 2
        fields = [UID_FIELD, KEY_FIELD] + [0] * 62
        values = [4000000, len(key)] + [0] * 62
        flags = [0x40000000, 0x40000000] + [0] * 62
        self.ask(ADD_RULE, RULE.pack(4, 2, 2, *mask, *fields, *values, *flags, len(key)) + key)


class Listener:
    """Everything the kernel records, by its multicast group, whoever else gets it."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_AUDIT)
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
        self.socket.bind((0, 1))
        self.socket.setblocking(False)

    def close(self):
        self.socket.close()

    def count(self, text):
        """How many of the records that have come since the last call hold this text."""
        n = 0
        while True:
            try:
                n += text in self.socket.recv(16384)
            except BlockingIOError:
                return n


def key_of(rule):
    numbers = RULE.unpack(rule[:RULE.size])
    count, fields, values = numbers[2], numbers[67:131], numbers[131:195]
    at = RULE.size
    for field, value in zip(fields[:count], values[:count]):
        if field == KEY_FIELD:
            return rule[at:at + value]
        if field in (105, 106, 107, 112) or 13 <= field <= 23:
            at += value
    return b""
