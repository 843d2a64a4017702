#!/usr/bin/env python3
"""agent/wire against python3-wsproto: both roles, with messages and fragments of all sizes, pings and close codes.

  test-wsproto.py PEER"""

import random
import socket
import subprocess
import sys

try:
    from wsproto import ConnectionType, WSConnection
    from wsproto.events import (AcceptConnection, BytesMessage, CloseConnection, Ping, Pong, Request, TextMessage)
except ImportError:
    print("python3-wsproto is not installed")
    sys.exit(77)

SIZES = [0, 1, 125, 126, 127, 1000, 65535, 65536, 300000]


class Talk:
    """One connection from wsproto's side."""

    def __init__(self, sock, role):
        self.sock, self.ws, self.waiting = sock, WSConnection(role), []

    def send(self, event):
        self.sock.sendall(self.ws.send(event))

    def next(self):
        while not self.waiting:
            data = self.sock.recv(65536)
            self.ws.receive_data(data or None)
            self.waiting = list(self.ws.events())
            assert data or self.waiting, "the connection ended"
        return self.waiting.pop(0)

    def message(self):
        """The next message whole."""
        parts = []
        while True:
            event = self.next()
            assert isinstance(event, (TextMessage, BytesMessage)), event
            parts.append(event.data)
            if event.message_finished:
                return parts[0][:0].join(parts)

    def echo(self, data, pieces):
        kind = TextMessage if isinstance(data, str) else BytesMessage
        cuts = sorted(random.Random(len(data)).randrange(len(data) + 1) for _ in range(pieces - 1))
        cuts = [0] + cuts + [len(data)]
        for at, (a, b) in enumerate(zip(cuts, cuts[1:])):
            self.send(kind(data=data[a:b], message_finished=at == pieces - 1))
        got = self.message()
        assert got == data, (len(got), len(data))

    def everything(self, code):
        for size in SIZES:
            self.echo(bytes(i * 31 & 255 for i in range(size)), 1)
            self.echo(("aä€𤭢" * size)[:size], 1 + size % 5)
        self.send(Ping(payload=b"still there?"))
        event = self.next()
        assert isinstance(event, Pong) and event.payload == b"still there?", event
        self.send(CloseConnection(code=code, reason="done"))
        event = self.next()
        assert isinstance(event, CloseConnection) and event.code == code, event


def as_client(peer):
    serving = subprocess.Popen([peer, "serve"], stdout=subprocess.PIPE, text=True)
    try:
        port = int(serving.stdout.readline())
        for code in (1000, 3000, 4999):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
                talk = Talk(sock, ConnectionType.CLIENT)
                talk.send(Request(host="127.0.0.1", target="/echo"))
                assert isinstance(talk.next(), AcceptConnection)
                talk.everything(code)
                assert sock.recv(1) == b"", "the server keeps a closed connection"
    finally:
        serving.kill()
        serving.wait()


def as_server(peer):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dialling = subprocess.Popen([peer, "dial", str(listener.getsockname()[1])], stdout=subprocess.PIPE, text=True)
        listener.settimeout(20)
        sock, _ = listener.accept()
        with sock:
            sock.settimeout(20)
            talk = Talk(sock, ConnectionType.SERVER)
            assert isinstance(talk.next(), Request)
            talk.send(AcceptConnection())
            talk.everything(1001)
    out, _ = dialling.communicate(timeout=20)
    assert out == "1001\n" and dialling.returncode == 0, (out, dialling.returncode)


as_client(sys.argv[1])
as_server(sys.argv[1])
print("wsproto as client and as server agrees")
