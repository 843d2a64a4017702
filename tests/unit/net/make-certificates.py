#!/usr/bin/env python3
"""Makes good and bad certificates in a folder with GnuTLS's certtool, then runs a test with that folder.

  make-certificates.py TEST [ARGUMENT...]       runs TEST FOLDER [ARGUMENT...]
  make-certificates.py --into FOLDER

Every NAME.pem is a certificate (and its chain), NAME.key its key."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

CA = ["ca", "cert_signing_key"]
SIGN = ["signing_key"]


class Place:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def run(self, *arguments):
        done = subprocess.run(["certtool", *arguments], cwd=self.folder, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, (arguments, done.stdout)

    def key(self, name, *kind):
        self.run("--generate-privkey", "--no-text", "--outfile", f"{name}.key",
                 *(kind or ("--key-type=ecdsa", "--curve=secp256r1")))

    def make(self, name, issuer, lines, key=(), chain=(), hash="SHA256", of=None):
        """A certificate; issuer None: self-signed. chain: whose certificates follow it. of: has that one's key."""
        if of:
            shutil.copy(self.folder / f"{of}.key", self.folder / f"{name}.key")
        else:
            self.key(name, *key)
        if not any(line.startswith(("expiration", "activation")) for line in lines):
            lines = lines + ["expiration_days = 3650"]
        (self.folder / "template").write_text("\n".join(lines) + "\n")
        how = ["--generate-self-signed"] if issuer is None else [
            "--generate-certificate", "--load-ca-certificate", f"{issuer}.one", "--load-ca-privkey", f"{issuer}.key"]
        self.run(*how, "--no-text", "--load-privkey", f"{name}.key", "--template", "template", "--outfile",
                 f"{name}.one", f"--hash={hash}")
        parts = [(self.folder / f"{n}.one").read_text() for n in (name, *chain)]
        (self.folder / f"{name}.pem").write_text("".join(parts))


def who(unit, more=(), name="server.test", use=SIGN):
    return [f"cn = {name}", f"dns_name = {name}", *([f"unit = {unit}"] if unit else []), *use, *more]


RSA = ("--key-type=rsa", "--bits=2048")
PAST = ['activation_date = "2020-01-01 00:00:00 UTC"', 'expiration_date = "2021-01-01 00:00:00 UTC"']
FUTURE = ['activation_date = "2120-01-01 00:00:00 UTC"', 'expiration_date = "2130-01-01 00:00:00 UTC"']


def authorities(p):
    p.make("ca", None, ["cn = The authority", *CA])
    p.make("other-ca", None, ["cn = Another authority", *CA])
    p.make("same-ca", None, ["cn = The authority", *CA])
    p.make("rsa-ca", None, ["cn = The RSA authority", *CA], key=RSA)
    p.make("sub", "ca", ["cn = Below it", *CA])
    p.make("old-sub", "ca", ["cn = Once below it", *CA, *PAST])
    p.make("short-sub", "ca", ["cn = May have none below", *CA, "path_len = 0"])
    p.make("too-deep", "short-sub", ["cn = Below one that may have none", *CA])
    p.make("not-ca", "ca", ["cn = No authority", *SIGN])


def of_kind(p, unit, other):
    """All that a server (or agent) may show."""
    p.make(unit, "ca", who(unit))
    p.make(f"{unit}-rsa", "ca", who(unit), key=RSA)
    p.make(f"{unit}-from-rsa", "rsa-ca", who(unit))
    p.make(f"{unit}-384", "ca", who(unit), key=("--key-type=ecdsa", "--curve=secp384r1"))
    p.make(f"{unit}-sub", "sub", who(unit), chain=["sub"])
    p.make(f"{unit}-with-ca", "ca", who(unit), chain=["ca"])
    # and the bad ones
    p.make(f"{unit}-expired", "ca", who(unit, PAST))
    p.make(f"{unit}-not-yet", "ca", who(unit, FUTURE))
    p.make(f"{unit}-other-ca", "other-ca", who(unit), chain=["other-ca"])
    p.make(f"{unit}-same-ca", "same-ca", who(unit), chain=["same-ca"])
    p.make(f"{unit}-other-ca-same-key", "other-ca", who(unit), of=unit)
    p.make(f"{unit}-self", None, who(unit))
    p.make(f"{unit}-of-{other}", "ca", who(other))
    p.make(f"{unit}-no-unit", "ca", who(None))
    p.make(f"{unit}-long-unit", "ca", who(unit + "x" * 20))
    p.make(f"{unit}-revoked", "ca", who(unit))
    p.make(f"{unit}-revoked-again", "ca", who(unit), of=f"{unit}-revoked")
    p.make(f"{unit}-no-signing", "ca", who(unit, use=["encryption_key"]), key=RSA)
    p.make(f"{unit}-weak", "ca", who(unit), key=("--key-type=rsa", "--bits=1024"))
    p.make(f"{unit}-sha1", "rsa-ca", who(unit), hash="SHA1")
    p.make(f"{unit}-critical", "ca", who(unit, ['add_critical_extension = "1.2.3.4.5 0x0500"']))
    p.make(f"{unit}-ed25519", "ca", who(unit), key=("--key-type=ed25519",))
    p.make(f"{unit}-from-not-ca", "not-ca", who(unit), chain=["not-ca"])
    p.make(f"{unit}-old-sub", "old-sub", who(unit), chain=["old-sub"])
    p.make(f"{unit}-too-deep", "too-deep", who(unit), chain=["too-deep", "short-sub"])
    p.make(f"{unit}-missing-sub", "sub", who(unit))
    p.make(f"{unit}-huge", "ca", who(unit, [f"dns_name = host-{i}.{'x' * 50}.test" for i in range(150)]))


def names(p):
    """Of servers only."""
    p.make("server-wrong-name", "ca", who("server", name="other.test"))
    p.make("server-ip", "ca", ["cn = server", "unit = server", "ip_address = 127.0.0.1", *SIGN])
    p.make("server-ip-as-name", "ca", ["cn = 127.0.0.1", "unit = server", "ip_address = 127.0.0.1", *SIGN])
    p.make("server-only-cn-other", "ca", ["cn = other.test", "unit = server", *SIGN])
    p.make("server-suffix", "ca", who("server", name="server.test.evil.test"))
    p.make("server-wildcard", "ca", who("server", name="*.test.test"))
    p.make("server-nul", "ca", ["cn = other.test", "unit = server", *SIGN,
                                'add_extension = "2.5.29.17 0x301882167365727665722e74657374002e6576696c2e74657374"'])


def make_all(folder):
    p = Place(folder)
    authorities(p)
    of_kind(p, "server", "agent")
    of_kind(p, "agent", "app")
    names(p)


def main():
    if not shutil.which("certtool"):
        print("certtool (Debian: gnutls-bin) is not installed")
        sys.exit(77)
    if sys.argv[1] == "--into":
        make_all(sys.argv[2])
        return
    with tempfile.TemporaryDirectory() as folder:
        make_all(folder)
        sys.exit(subprocess.run([sys.argv[1], folder, *sys.argv[2:]], env=os.environ).returncode)


if __name__ == "__main__":
    main()
