#!/usr/bin/env python3
"""agent/net's TLS against OpenSSL's s_client and s_server, and curl: what must work, and what must not.

  test-openssl.py FOLDER PEER      run by tests/unit/net/make-certificates.py, which makes the folder"""

import pathlib
import shutil
import subprocess
import sys

FOLDER, PEER = sys.argv[1:3]
LEGACY = ["-cipher", "ALL:@SECLEVEL=0"]
faults = []


def pem(name):
    chain = ["-cert_chain", f"{FOLDER}/sub.one"] if name.endswith("-sub") else []
    return ["-cert", f"{FOLDER}/{name}.one", "-key", f"{FOLDER}/{name}.key", *chain]


def check(what, condition, output=""):
    print(("ok      " if condition else "FAILED  ") + what)
    if not condition:
        faults.append(what)
        print(output)


class Serving:
    def __init__(self, mode="serve"):
        self.mode = mode

    def __enter__(self):
        self.process = subprocess.Popen([PEER, self.mode, FOLDER], stdout=subprocess.PIPE, text=True)
        self.port = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def said(self):
        return self.process.stdout.readline().strip()

    def client(self, *options):
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-servername", "server.test",
                               "-CAfile", f"{FOLDER}/ca.one", "-verify_return_error", "-ign_eof", *options],
                              input="GET /status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30, errors="replace")
        return done.stdout


def as_client():
    with Serving() as serving:
        for name in ("agent", "agent-rsa", "agent-384", "agent-sub"):
            out = serving.client("-tls1_2", *pem(name))
            check(f"s_client as {name}", "HTTP/1.1 200 OK" in out and "Verification: OK" in out, out)
            check("  said to be closed", serving.said() == "closed")
        for cipher in ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                       "ECDHE-ECDSA-CHACHA20-POLY1305"):
            out = serving.client("-tls1_2", "-cipher", cipher, *pem("agent"))
            check(f"s_client with {cipher}", "HTTP/1.1 200 OK" in out and f"Cipher is {cipher}" in out, out)
            serving.said()
        for what, options in (
                ("TLS 1.3 alone", ["-tls1_3"]), ("TLS 1.1", ["-tls1_1", *LEGACY]), ("TLS 1.0", ["-tls1", *LEGACY]),
                ("CBC", ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"]),
                ("key exchange without forward secrecy", ["-tls1_2", "-cipher", "AES128-GCM-SHA256:@SECLEVEL=0"])):
            out = serving.client(*options, *pem("agent"))
            said = serving.said()
            check(f"s_client with {what} is refused", "200 OK" not in out and said.startswith("refused: it speaks no"),
                  f"{said}\n{out}")
        for name, why in (("agent-expired", "has expired"), ("agent-of-app", "another purpose"),
                          ("agent-other-ca", "not from the authority"), (None, "shows no certificate")):
            out = serving.client("-tls1_2", *(pem(name) if name else []))
            said = serving.said()
            check(f"s_client as {name} is refused", "200 OK" not in out and why in said, f"{said}\n{out}")


def get_from(*options):
    """What net-peer says of an s_server with those options."""
    server = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:0", "-www", *options],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    try:
        for line in server.stdout:
            if line.startswith("ACCEPT"):
                break
        port = line.strip().rsplit(":", 1)[1]
        return subprocess.run([PEER, "get", FOLDER, port], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=30).stdout
    finally:
        server.kill()
        server.wait()


def as_server():
    ask = ["-Verify", "3", "-CAfile", f"{FOLDER}/ca.one", "-verify_return_error"]
    for name in ("server", "server-rsa", "server-384", "server-sub"):
        out = get_from(*pem(name), *ask)
        check(f"s_server as {name}", "HTTP/1.0 200 ok" in out and "TLSv1.2" in out, out)
    for what, options, why in (
            ("TLS 1.3 alone", ["-tls1_3"], ("refused the connection",)),
            ("TLS 1.1", ["-tls1_1", *LEGACY], ("no version or cipher", "refused the connection")),
            ("CBC", ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"], ("refused the connection",))):
        out = get_from(*pem("server"), *options)
        check(f"s_server with {what} is refused", "200 ok" not in out and any(w in out for w in why), out)
    for name, why in (("server-expired", "has expired"), ("server-wrong-name", "another name"), ("server-ip", "another name"),
                      ("server-same-ca", "not from the authority"), ("agent", "another purpose")):
        out = get_from(*pem(name))
        check(f"s_server as {name} is refused", "200 ok" not in out and why in out, out)


def as_curl():
    body = pathlib.Path(FOLDER, "body")
    body.write_bytes(bytes(i * 31 & 255 for i in range(5_000_000)))
    with Serving("open") as serving:
        def curl(*options, name="server.test"):
            done = subprocess.run(["curl", "-sS", "--cacert", f"{FOLDER}/ca.one", "--resolve",
                                   f"{name}:{serving.port}:127.0.0.1", *options, f"https://{name}:{serving.port}/up"],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
            return done.stdout

        check("curl gets", curl() == "ok 0\n")
        check("curl posts with Expect", curl("--data-binary", f"@{body}", "-H", "Expect: 100-continue") == "ok 5000000\n")
        check("curl puts in chunks", curl("-T", str(body), "-H", "Transfer-Encoding: chunked") == "ok 5000000\n")
        check("curl is refused what is too large", "ok" not in curl("-X", "POST", "-H", "Content-Length: 99999999", "-d", "x"))
        check("curl checks our name", "ok" not in curl(name="other.test"))


if not shutil.which("openssl") or not shutil.which("curl"):
    print("openssl or curl is not installed")
    sys.exit(77)
as_client()
as_server()
as_curl()
sys.exit(1 if faults else 0)
