#!/usr/bin/env python3
"""Serves a folder on 127.0.0.1 and [::1], ports chosen by the kernel: "PORT4 PORT6 CLOSED" go to standard output.
CLOSED is a port on which nobody listens. Ends when standard input closes."""

import functools
import http.server
import socket
import sys
import threading


class Server6(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def start(kind, address, folder):
    server = kind((address, 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def unused_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def main():
    folder = sys.argv[1]
    four = start(http.server.ThreadingHTTPServer, "127.0.0.1", folder)
    try:
        six = start(Server6, "::1", folder)
    except OSError:
        six = 0
    print(four, six, unused_port(), flush=True)
    sys.stdin.read()


main()
