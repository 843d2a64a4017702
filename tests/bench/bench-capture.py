#!/usr/bin/env python3
"""How fast a capture is through agent and server on one machine, and how much memory they take for it, beside `cat` of the same
file, and `scp` where there is one to oneself.  bench-capture.py SPOOR-AGENT SPOOR-SERVER SAMPLE-LOG [MEGABYTES]"""
import importlib
import pathlib
import re
import sqlite3
import subprocess
import sys
import time

MEGABYTES = int(sys.argv.pop(4)) if len(sys.argv) > 4 else 1000
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system" / "client"))
transfer = importlib.import_module("test-transfer")


class Capture(transfer.Transfers):
    def fill(self):
        """What cannot be packed to less than half, as nothing of a recording can."""
        db = sqlite3.connect(self.endpoint.db)
        for i in range(MEGABYTES):
            with db:
                db.execute("INSERT INTO meta(key, value) VALUES(?, hex(randomblob(500000)))", (f"filling {i}",))
        db.close()

    @staticmethod
    def most(pid):
        return int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024

    def timed(self, *command, output=None):
        begin = time.monotonic()
        subprocess.run(command, check=True, stdout=output, stderr=subprocess.DEVNULL)
        return time.monotonic() - begin

    def bench(self):
        self.fill()
        before = [self.most(pid) for pid in (self.endpoint.client(), self.server.process.pid)]
        begin, capture, made = time.monotonic(), self.start(), None
        while self.row(capture)[5] != "done":
            if made is None and self.row(capture)[6]:
                made = time.monotonic() - begin
            time.sleep(0.05)
        whole = time.monotonic() - begin
        after = [self.most(pid) for pid in (self.endpoint.client(), self.server.process.pid)]
        stored = self.server.data / "objects" / self.row(capture)[8]
        mega = stored.stat().st_size / 1e6
        print(f"capture  {mega:.0f} MB in {whole:.1f} s, of which the snapshot took {made:.1f} s: {mega / (whole - made):.0f} MB/s")
        for name, was, now in zip(("client", "server"), before, after):
            print(f"{name}   {now:.1f} MiB at most, {now - was:.1f} more than before")
        copy = self.endpoint.top / "copy"
        with open(copy, "wb") as out:
            took = self.timed("sh", "-c", 'cat "$0"; sync', stored, output=out)
        print(f"cat      {mega / took:.0f} MB/s, synced")
        try:
            print(f"scp      {mega / self.timed('scp', '-qB', stored, f'localhost:{copy}'):.0f} MB/s")
        except (OSError, subprocess.CalledProcessError):
            print("scp      not to oneself here")


if __name__ == "__main__":
    suite = transfer.unittest.TestSuite([Capture("bench")])
    sys.exit(not transfer.unittest.TextTestRunner(verbosity=0).run(suite).wasSuccessful())
