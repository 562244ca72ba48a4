# SPDX-License-Identifier: ISC
"""proxyctl, and its protocol spoken by hand."""

import os
import re
import socket
import struct
import subprocess

from harness import BUILD, DEADLINE, TREE, check, poll

PROXYCTL = os.path.join(BUILD, "ctl", "proxyctl")
# proxyd/control.h
REQUEST, STATUS, TOTAL, FILTER, CLIENT, RULE, TEXT, END = range(1, 9)
(SHOW_STATUS, SHOW_COUNTERS, SHOW_CLIENTS, SHOW_STREAMS, SHOW_RULES,
 LOG_VERBOSE, LOG_BRIEF, RELOAD, KILL, CHECK, COMMANDS) = range(11)


def version():
    with open(os.path.join(TREE, "proxyd", "control.h")) as f:
        return int(re.search(r"CONTROL_VERSION\s+(\d+)", f.read()).group(1))


def message(kind, data):
    return struct.pack("=IIII", kind, 16 + len(data), 0, 0) + data


def ask(command, arg=0, wanted=None):
    return message(REQUEST, struct.pack(
        "=IIQ", version() if wanted is None else wanted, command, arg))


def packets(path, *data):
    """A socket that these packets were sent on."""
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(DEADLINE)
    s.connect(path)
    for packet in data:
        s.send(packet)
    return s


def records(s):
    """(type, data) of all messages until the end, or until END."""
    out = []
    while True:
        packet = s.recv(65536)
        if not packet:
            return out
        while packet:
            kind, length, _, _ = struct.unpack("=IIII", packet[:16])
            check(16 <= length <= len(packet), (kind, length))
            out.append((kind, packet[16:length]))
            packet = packet[length:]
            if kind == END:
                return out


class Ctl:
    """proxyctl for one proxyd."""

    def __init__(self, path):
        self.path = path

    def run(self, *words, **kw):
        """Status, output, messages."""
        r = subprocess.run([PROXYCTL, "-s", self.path] + list(words),
                           capture_output=True, text=True, timeout=60, **kw)
        return r.returncode, r.stdout, r.stderr

    def lines(self, *words):
        """What it prints; it has to succeed."""
        status, out, err = self.run(*words)
        check(status == 0 and not err, (words, status, out, err))
        check(out.isascii() and all(c >= " " or c == "\n" for c in out), out)
        return out.splitlines()

    def find(self, words, pattern, seconds=DEADLINE):
        """Wait for a line; its match."""
        last = []

        def look():
            last[:] = self.lines(*words)
            return next((m for m in (re.search(pattern, line)
                                     for line in last) if m), None)

        return poll(look, seconds, lambda: "%r in:\n%s" % (
            pattern, "\n".join(last)), step=0.05)

    def ready(self):
        poll(lambda: os.path.exists(self.path) and
             self.run("status")[0] == 0, text="control socket")
