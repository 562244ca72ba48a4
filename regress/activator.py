#!/usr/bin/python3
# SPDX-License-Identifier: ISC
#
# What systemd does for a service with sockets, sd_listen_fds(3): open those
# of $ACTIVATE ("tcp:host:port", "unix:path", "udp:host:port", or "file:path",
# separated by blanks), hand them over from descriptor 3 on, and become
# $ACTIVATED with our arguments.

import os
import socket
import sys

FDS_START = 3


def opened(spec):
    kind, where = spec.split(":", 1)
    if kind == "file":
        return os.open(where, os.O_RDONLY)
    if kind == "unix":
        s = socket.socket(socket.AF_UNIX)
        s.bind(where)
        os.chmod(where, 0o600)
        os.chown(where, 1, 1)
        s.listen()
        return s.detach()
    host, port = where.rsplit(":", 1)
    v6 = "[" in host
    s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET,
                      socket.SOCK_DGRAM if kind == "udp" else
                      socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if v6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind((host.strip("[]"), int(port)))
    if kind == "tcp":
        s.listen()
    return s.detach()


def main():
    env = dict(os.environ)
    specs = env.pop("ACTIVATE").split()
    program = env.pop("ACTIVATED")
    # Above the places where they are to be.
    fds = [os.dup2(opened(spec), 100 + i) for i, spec in enumerate(specs)]
    for i, fd in enumerate(fds):
        os.dup2(fd, FDS_START + i)
    env.setdefault("LISTEN_PID", str(os.getpid()))
    env["LISTEN_FDS"] = str(len(fds))
    os.closerange(FDS_START + len(fds), 200)
    os.execve(program, [program] + sys.argv[1:], env)


main()
