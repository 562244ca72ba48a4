#!/usr/bin/python3
# SPDX-License-Identifier: ISC
#
# Enough of an engine to show who got through: answers every request on
# /run/docker.sock with its path.

import os
import socket

PATH = "/run/docker.sock"


def serve(conn):
    with conn:
        head = b""
        while b"\r\n\r\n" not in head:
            data = conn.recv(65536)
            if not data:
                return
            head += data
        body = head.split(b" ")[1] + b"\n"
        conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                     b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" %
                     (len(body), body))


if os.path.exists(PATH):
    os.unlink(PATH)
listener = socket.socket(socket.AF_UNIX)
listener.bind(PATH)
os.chmod(PATH, 0o660)
listener.listen()
while True:
    serve(listener.accept()[0])
