"""What the tests of spoor-server share: a server in a folder of its own, and apps and agents written from wire.h alone."""
import base64
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time

NAME = "spoor.example"
PASSWORD = "correct horse battery"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Closed(Exception):
    """The other side closed: code (0: cut off) and reason."""

    def __init__(self, code=0, reason=""):
        super().__init__(f"closed with {code} {reason}")
        self.code, self.reason = code, reason


class Refused(Exception):
    """The upgrade was answered with another status."""


def context(server, identity=None):
    """TLS that trusts that server's authority."""
    made = ssl.create_default_context(cafile=str(server.data / "tls" / "authority.pem"))
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if identity:
        made.load_cert_chain(identity)
    return made


class Socket:
    """One WebSocket over TLS, blocking."""

    def __init__(self, server, port, target, identity=None, source=None):
        raw = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0) if source else None)
        self.sock = context(server, identity).wrap_socket(raw, server_hostname=NAME)
        server.sockets.append(self.sock)
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall(f"GET {target} HTTP/1.1\r\nHost: {NAME}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
        self.buffer = b""
        head = self.until(b"\r\n\r\n").decode()
        if " 101 " not in head.split("\r\n")[0]:
            self.sock.close()
            raise Refused(head.split(" ")[1])
        accept = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
        assert f"Sec-WebSocket-Accept: {accept}\r\n" in head, head
        self.lock = threading.Lock()

    def until(self, mark):
        while mark not in self.buffer:
            piece = self.sock.recv(65536)
            if not piece:
                raise Closed()
            self.buffer += piece
        head, self.buffer = self.buffer.split(mark, 1)
        return head + mark

    def exactly(self, n):
        while len(self.buffer) < n:
            try:
                piece = self.sock.recv(65536)
            except (ConnectionError, ssl.SSLError):
                piece = b""
            if not piece:
                raise Closed()
            self.buffer += piece
        taken, self.buffer = self.buffer[:n], self.buffer[n:]
        return taken

    def frame(self, kind, payload, final=True):
        length = len(payload)
        head = bytes([kind | (0x80 if final else 0)])
        head += bytes([0x80 | length]) if length < 126 else (
            b"\xfe" + struct.pack(">H", length) if length < 65536 else b"\xff" + struct.pack(">Q", length))
        mask = os.urandom(4)
        stream = (mask * (length // 4 + 1))[:length]
        masked = (int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")).to_bytes(length, "big")
        with self.lock:
            self.sock.sendall(head + mask + masked)

    def message(self, timeout=20):
        """The next message (kind, bytes), whole; answers pings."""
        self.sock.settimeout(timeout)
        whole, kind = b"", None
        while True:
            first, second = self.exactly(2)
            length = second & 127
            if length >= 126:
                length = int.from_bytes(self.exactly(2 if length == 126 else 8), "big")
            payload, opcode = self.exactly(length), first & 15
            if opcode == CLOSE:
                raise Closed(int.from_bytes(payload[:2], "big"), payload[2:].decode())
            if opcode == PING:
                self.frame(PONG, payload)
            if opcode in (TEXT, BINARY):
                kind = opcode
            if opcode < CLOSE:
                whole += payload
                if first & 0x80:
                    return kind, whole

    def close(self):
        with contextlib.suppress(OSError):
            self.frame(CLOSE, struct.pack(">H", 1000))
        with contextlib.suppress(OSError):
            self.sock.close()

    def cut(self):
        """As when the program is killed."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()


class Talk(Socket):
    """Messages of wire.h over it."""

    def __init__(self, *where, program, greet=True, **more):
        super().__init__(*where, **more)
        self.program, self.last_id, self.news = program, 0, []
        if greet:
            welcome = self.call("hello", protocol_min=1, protocol_max=1, program=program, version="9.9",
                                host=more.get("host", "a-host"))
            assert welcome["type"] == "welcome" and welcome["protocol"] == 1, welcome

    def say(self, kind, id=0, **members):
        self.frame(TEXT, json.dumps({"v": 1, "id": id, "type": kind, **members}).encode())

    def hear(self, timeout=20):
        kind, text = self.message(timeout)
        assert kind == TEXT
        return json.loads(text)

    def call(self, kind, **members):
        """The answer; news that come before it are kept."""
        self.last_id += 1
        self.say(kind, self.last_id, **members)
        while True:
            got = self.hear()
            if got["id"] == self.last_id:
                return got
            self.news.append(got)

    def next_news(self, kind, timeout=20):
        while True:
            got = self.news.pop(0) if self.news else self.hear(timeout)
            if got["type"] == kind:
                return got

    def closes(self, timeout=20):
        """How it ends; what comes before is passed over."""
        while True:
            try:
                self.message(timeout)
            except Closed as end:
                return end


class Identity:
    """A key and what the server knows of it."""

    def __init__(self, folder, host):
        self.folder, self.host = folder, host
        self.file = folder / f"{os.urandom(8).hex()}.pem"
        self.key = subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
                                  check=True, capture_output=True).stdout
        self.public = subprocess.run(["openssl", "pkey", "-pubout", "-outform", "DER"], input=self.key, check=True,
                                     capture_output=True).stdout
        self.id = hashlib.sha256(self.public).hexdigest()

    def enrol(self, server, token, **more):
        with contextlib.closing(Talk(server, server.agents, "/enrol", program="spoor-agent")) as talk:
            told = talk.call("agent.enrol", token=token, key={"x": self.public.hex()}, host=self.host, machine="m" * 32, **more)
        if told["type"] == "agent.enrolled":
            self.file.write_bytes(told["certificate"].encode() + self.key)
        return told


class Agent:
    """An agent's control connection in a thread; `reader` answers reader calls of the sessions that it dials."""

    def __init__(self, server, identity, reader=None, refuse=None):
        self.server, self.identity, self.reader, self.refuse = server, identity, reader, refuse
        self.talk = Talk(server, server.agents, "/agent", program="spoor-agent", identity=identity.file, greet=False)
        welcome = self.talk.call("hello", protocol_min=1, protocol_max=1, program="spoor-agent", version="9.9",
                                 host=identity.host)
        assert welcome["type"] == "welcome", welcome
        self.end, self.dialled = queue.Queue(), []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                got = self.talk.hear(3600)
            except (Closed, OSError) as end:
                self.end.put(end)
                return
            if got["type"] == "agent.dial" and self.refuse:
                self.talk.say("error", got["id"], error=self.refuse[0], text=self.refuse[1])
            elif got["type"] == "agent.dial" and self.reader:
                threading.Thread(target=self.session, args=(got,), daemon=True).start()
            else:
                self.dialled.append(got)

    def session(self, dial):
        talk = Talk(self.server, self.server.agents, f"/data/{dial['ticket']}", program="spoor-agent",
                    identity=self.identity.file)
        self.talk.say("done", dial["id"])
        try:
            assert talk.hear()["type"] == "data.ready"
            while True:
                self.reader(talk, talk.hear(3600))
        except (Closed, OSError):
            talk.cut()

    def close(self):
        self.talk.close()


def echo(talk, call):
    """A reader that tells what it was asked."""
    talk.say("echo", call["id"], call=call)


class Server:
    """The real program, on free ports."""

    def __init__(self, program, conf="", env=None):
        self.program = program
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="spoor-server-"))
        self.data, self.conf, self.log = self.top / "data", self.top / "conf", self.top / "stderr"
        self.more, self.process, self.env, self.sockets = conf, None, env, []
        self.command("setup", "--cn", NAME, "--password-stdin", text=PASSWORD + "\n")
        self.write_conf()

    def write_conf(self, app_port=0, agent_port=0):
        self.conf.write_text(f"[listen]\naddress = 127.0.0.1\napp-port = {app_port}\nagent-port = {agent_port}\n"
                             + self.more)

    def command(self, *words, text="", status=0):
        done = subprocess.run([self.program, *words, "--data", self.data], input=text, capture_output=True, text=True,
                              timeout=60)
        assert done.returncode == status, done.stderr
        return done.stdout.strip() if status == 0 else done.stderr

    def start(self):
        with open(self.log, "ab") as log:
            begin = log.tell()
            self.process = subprocess.Popen([self.program, "run", "-c", self.conf, "--data", self.data], stderr=log,
                                            env=self.env)
        told = self.until(r"listens on port (\d+) for apps, (\d+) for agents", begin)
        self.apps, self.agents = int(told[1]), int(told[2])
        return self

    def until(self, pattern, begin=0, seconds=30):
        """Waits for a line in the log."""
        for _ in range(seconds * 50):
            found = re.search(pattern, self.log.read_bytes()[begin:].decode())
            if found:
                return found
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.02)
        raise AssertionError(f"{pattern} never came: {self.log.read_text()}")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
        return self.process.returncode if self.process else None

    def forget(self):
        for sock in self.sockets: # or it would wait for them
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        status = self.stop()
        assert status in (0, None), (status, self.log.read_text())
        shutil.rmtree(self.top)

    def user(self, name, role):
        self.command("user", "add", "--role", role, "--password-stdin", name, text=PASSWORD + "\n")

    def token(self, *more):
        return self.command("token", "create", *more)

    def app(self, user="admin", password=PASSWORD, **more):
        talk = Talk(self, self.apps, "/app", program="spoor", **more)
        talk.welcome = talk.call("app.login", user=user, password=password)
        return talk

    def enrolled(self, host, *more):
        identity = Identity(self.top, host)
        told = identity.enrol(self, self.token(*more))
        assert told["type"] == "agent.enrolled", told
        return identity

    def status(self, port=None):
        link = http.client.HTTPSConnection("127.0.0.1", port or self.apps, context=self.context_by_name(), timeout=20)
        link.request("GET", "/status", headers={"Host": NAME})
        answer = link.getresponse()
        return answer.status, json.loads(answer.read() or "null")

    def certificate(self):
        with self.context_by_name().wrap_socket(socket.create_connection(("127.0.0.1", self.apps), timeout=20),
                                                server_hostname=NAME) as link:
            return link.getpeercert(True)

    def memory(self):
        """Bytes of it that are in memory."""
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{self.process.pid}/status").read_text())[1]) << 10

    @staticmethod
    def settled(what, wanted=None, seconds=20):
        """Waits until it is that, or (None) until it changes no more for a while."""
        last, same = what(), 0
        for _ in range(seconds * 20):
            time.sleep(0.05)
            now = what()
            same = same + 1 if now == last else 0
            last = now
            if now == wanted if wanted is not None else same > 20:
                return now
        raise AssertionError(f"still {last}")

    def context_by_name(self):
        made = context(self)
        made.check_hostname = False # it is dialled by address; the authority is checked
        return made

    def open(self, app, endpoint):
        """The app's end of a session that is connected, and its number."""
        told = app.call("live.open", endpoint=endpoint)
        assert told["type"] == "ticket", told
        end = Talk(self, self.apps, f"/data/{told['ticket']}", program="spoor")
        assert end.hear()["type"] == "data.ready"
        return end, told["session"]
