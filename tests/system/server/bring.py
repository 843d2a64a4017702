"""What the tests of captures and files share: an agent that brings content, and fetching what was brought."""
import hashlib
import json
import struct
import threading

from wire import BINARY, TEXT, Agent, Closed, Refused, Talk

DATA, END, CREDIT, DONE, CANCEL = 1, 2, 3, 4, 5
PIECE = 128 << 10


class Sender(Agent):
    """An agent that brings content; `cut_after` so many bytes it is cut off, once for each. What it dialled for is kept."""

    def __init__(self, server, identity, content, name="web-03_2026_11_20T08.00.00.000Z.db", cut_after=(), lie=False):
        self.content, self.name, self.cuts, self.lie = content, name, list(cut_after), lie
        self.offsets, self.orders, self.held = [], [], threading.Event()
        self.offer = {"mode": 0o100600, "uid": 0, "gid": 0, "modified": 1}
        self.held.set()
        super().__init__(server, identity, reader=True)

    def session(self, dial):
        self.orders.append(dial)
        try:
            talk = Talk(self.server, self.server.agents, f"/data/{dial['ticket']}", program="spoor-agent",
                        identity=self.identity.file)
        except Refused: # it was thought better of
            return
        self.talk.say("done", dial["id"])
        try:
            assert talk.hear()["type"] == "data.ready"
            self.bring(talk, hashlib.sha256(self.content).hexdigest())
        except (Closed, OSError):
            talk.cut()

    def bring(self, talk, identity):
        talk.say("bulk.offer", transfer=1, name=self.name, size=len(self.content), **self.offer,
                 identity=identity)
        kind, accepted = talk.message()
        if kind == BINARY:
            assert accepted[0] == CANCEL, accepted
            return
        accepted = json.loads(accepted)
        at, credit = accepted["offset"], accepted["offset"]
        self.offsets.append(at)
        cut = at + self.cuts.pop(0) if self.cuts else None
        while at < len(self.content):
            while at >= credit:
                kind, told = talk.message()
                assert kind == BINARY and told[0] == CREDIT, told
                credit = struct.unpack(">Q", told[5:13])[0]
            self.held.wait()
            piece = self.content[at:min(at + PIECE, credit)]
            talk.frame(BINARY, struct.pack(">BIQBI", DATA, 1, at, 0, len(piece)) + piece)
            at += len(piece)
            if cut and at >= cut:
                talk.cut()
                return
        digest = bytes(32) if self.lie else hashlib.sha256(self.content).digest()
        talk.frame(BINARY, struct.pack(">BIQ", END, 1, at) + digest)
        while talk.message()[1][0] not in (DONE, CANCEL):
            pass
        talk.closes()


def fetch(server, ticket, have=b""):
    """The name and content that a ticket brings."""
    talk = Talk(server, server.apps, f"/data/{ticket}", program="spoor")
    content, offer = bytearray(have), None
    while True:
        kind, got = talk.message()
        if kind == TEXT:
            told = json.loads(got)
            if told["type"] == "bulk.offer":
                offer = told
                talk.say("bulk.accept", transfer=1, offset=len(have))
                talk.frame(BINARY, struct.pack(">BIQ", CREDIT, 1, 1 << 40))
        elif got[0] == DATA:
            _, _, at, coding, size = struct.unpack(">BIQBI", got[:18])
            assert at == len(content)
            assert (coding, size) == (0, len(got) - 18) # none of it can be packed
            content += got[18:]
        elif got[0] == END:
            assert got[13:] == hashlib.sha256(content).digest()
            talk.frame(BINARY, struct.pack(">BI", DONE, 1))
            return offer, bytes(content)
