#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""No time limit on what may be silent for hours: events, logs, wait, attach,
exec, stats, a build, a tunnel.

Nobody waits for ten minutes here.  proxyd is built once more with limits of
seconds in place of minutes; a connection that these limits do concern is the
clock: when it has been closed three times in a row, every limit is long over,
and what must not be limited still works.
"""

import io
import os
import re
import shutil
import subprocess
import tarfile

import engine
import harness
from harness import check, equal, request

SHORT = {"HEADER_SECS": 2, "IDLE_SECS": 2, "BODY_SECS": 4}
UPGRADE = [("Connection", "Upgrade"), ("Upgrade", "tcp")]

shared = {}


def build_short():
    """proxyd with short limits, from a changed copy; the path of it."""
    top = harness.tmpname("tree")
    os.mkdir(top)
    for name in os.listdir(harness.TREE):
        src = os.path.join(harness.TREE, name)
        if name.startswith(".") or name in ("build", "regress", "docs"):
            continue
        if os.path.isdir(src):
            shutil.copytree(src, os.path.join(top, name),
                            ignore=shutil.ignore_patterns("*.o", "*.d"))
        elif os.path.isfile(src):
            shutil.copy(src, top)
    shutil.copytree(os.path.join(harness.TREE, "regress"), top + "/regress",
                    ignore=shutil.ignore_patterns("*.o", "*.d"))
    conf = os.path.join(top, "proxyd", "conf.c")
    with open(conf) as f:
        text = f.read()
    for name, secs in SHORT.items():
        text, n = re.subn(r"(?m)^(#\s*define\s+%s\s+)\d+" % name,
                          r"\g<1>%d" % secs, text)
        equal(n, 1, "definitions of %s" % name)
    with open(conf, "w") as f:
        f.write(text)
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("MAKE", "MFLAGS")) and k != "B"}
    r = subprocess.run(["make", "-j2", "OPT=-O1", "B=out",
                        "out/proxyd/proxyd"], cwd=top, env=env, timeout=300,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       text=True)
    check(r.returncode == 0, "build: " + r.stdout[-1500:])
    os.makedirs(top + "/out/filter", exist_ok=True)
    shutil.copy(harness.FILTER, top + "/out/filter/proxyd-filter")
    return top + "/out/proxyd/proxyd"


def world():
    if not shared:
        binary = build_short()
        e = shared["engine"] = engine.Engine()
        e.start()
        shared["proxyd"] = harness.Proxyd(e.socket, dict(
            harness.EVERYTHING, ALLOW_PRIVILEGED="1"), binary=binary)
    return shared["engine"], shared["proxyd"]


def closed_by_timer(p, data):
    """The connection is closed by the proxy, not at once."""
    with p.client() as c:
        c.send(data)
        return c.read_all()


@harness.case("what is limited is limited: head, idle connection, body")
def limited():
    _, p = world()
    closed_by_timer(p, b"GET /_ping HT")
    closed_by_timer(p, b"")
    got = closed_by_timer(p, request("GET", "/_ping"))
    check(got.startswith(b"HTTP/1.1 200"), "answer %r" % got)
    closed_by_timer(p, request("PUT", "/containers/x/archive?path=/", headers=[
        ("Content-Type", "application/x-tar"), ("Content-Length", "100000"),
        ("Expect", "100-continue")]))
    equal(p.request("GET", "/_ping").status, 200, "ping")


def clock(p, tick=lambda: None):
    """Three times the limit of an idle connection, at least."""
    for _ in range(3):
        got = closed_by_timer(p, request("GET", "/_ping"))
        check(got.startswith(b"HTTP/1.1 200"), "answer %r" % got)
        tick()


class Open:
    """A stream that is silent until it is told to speak."""

    def __init__(self, p, data, status=200):
        self.c = p.client()
        self.c.send(data)
        self.r = self.c.response(body=False)
        equal(self.r.status, status, "%r" % data[:60])

    def expect(self, text, what):
        """In whatever framing: it comes."""
        got = b""
        while text not in got:
            if self.c.buf:
                got += self.c.take(len(self.c.buf))
            elif not self.c.fill():
                raise harness.Failed("%s: ended with %r, without %r" %
                                     (what, got[-300:], text))
        self.c.close()


def silent(e, name):
    """A container that says nothing until /go is there."""
    e.json("POST", "/containers/create?name=" + name, {
        "Image": e.IMAGE, "OpenStdin": True, "Cmd": [
            "sh", "-c", "while ! test -e /go; do sleep 0.1; done; "
            "echo spoke; exit 7"]})
    equal(e.request("POST", "/containers/%s/start" % name)[0], 204, "start")


def touch(e, name, path):
    xid = e.json("POST", "/containers/%s/exec" % name,
                 {"Cmd": ["touch", path]})["Id"]
    e.json("POST", "/exec/%s/start" % xid, {"Detach": True})


@harness.case("events, logs, wait, attach, exec: silent, and not cut off")
def streams():
    e, p = world()
    e.purge()
    silent(e, "quiet")
    spin = "while ! test -e /go-exec; do sleep 0.1; done; echo exec spoke"
    xid = e.json("POST", "/containers/quiet/exec", {
        "Cmd": ["sh", "-c", spin], "AttachStdout": True})["Id"]
    yid = e.json("POST", "/containers/quiet/exec", {
        "Cmd": ["sh", "-c", spin], "AttachStdout": True})["Id"]
    attach = "/containers/quiet/attach?stream=1&stdin=1&stdout=1"
    filters = "filters=%7B%22container%22%3A%5B%22quiet%22%5D%7D"
    execs = [
        (b"exec spoke\n", "exec", Open(p, request(
            "POST", "/exec/%s/start" % xid, {"Detach": False}, UPGRADE),
            101)),
        (b"exec spoke\n", "exec without Upgrade", Open(p, request(
            "POST", "/exec/%s/start" % yid, {"Detach": False}))),
    ]
    opened = [
        (b"spoke\n", "attach", Open(p, request("POST", attach,
                                               headers=UPGRADE), 101)),
        (b"spoke\n", "attach without Upgrade", Open(p, request("POST",
                                                               attach))),
        (b'"StatusCode":7', "wait", Open(p, request(
            "POST", "/containers/quiet/wait?condition=next-exit"))),
        (b'"die"', "events", Open(p, request("GET", "/events?" + filters))),
    ]
    logs = p.client()       # dockerd's head comes with the first line
    logs.send(request("GET", "/containers/quiet/logs?follow=1&stdout=1"))
    clock(p)
    touch(e, "quiet", "/go-exec")   # first: they die with the container
    for text, what, stream in execs:
        stream.expect(text, what)
    touch(e, "quiet", "/go")
    for text, what, stream in opened:
        stream.expect(text, what)
    r = logs.response()
    check(b"spoke" in r.body and r.complete, "logs: %r" % r)
    logs.close()


@harness.case("stats go on, a build may be silent, a tunnel may be idle")
def others():
    e, p = world()
    e.purge()
    silent(e, "quiet")
    stats = Open(p, request("GET", "/containers/quiet/stats?stream=1"))
    grpc = Open(p, request("POST", "/grpc", headers=[
        ("Connection", "Upgrade"), ("Upgrade", "h2c")]), 101)
    out = io.BytesIO()
    text = b"FROM busybox:test\nRUN sleep 7; echo built\n"
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo("Dockerfile")
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
    build = p.client()
    build.send(request("POST", "/build?nocache=1&rm=1", out.getvalue(),
                       [("Content-Type", "application/x-tar")]))
    clock(p)
    stats.expect(b'"read"', "stats")
    # HTTP/2: preface and SETTINGS; the engine has to answer with its own
    grpc.c.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")
    equal(grpc.c.read(9)[3], 4, "frame of the tunnel")
    grpc.c.close()
    r = build.response()
    check(b"Successfully built" in r.body, "build: %r" % r.body[-300:])
    build.close()


@harness.case("an upload that is slow but goes on is not cut off")
def slow_upload():
    e, p = world()
    e.purge()
    e.json("POST", "/containers/create?name=up", {"Image": e.IMAGE})
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo("slow")
        info.size = 4
        tar.addfile(info, io.BytesIO(b"slow"))
    tar = out.getvalue()
    with p.client() as c:
        c.send(request("PUT", "/containers/up/archive?path=/tmp", headers=[
            ("Content-Type", "application/x-tar"),
            ("Content-Length", str(len(tar)))]))
        pieces = [tar[at:at + 4096] for at in range(0, len(tar), 4096)]
        check(len(pieces) >= 3, "%d pieces" % len(pieces))
        clock(p, lambda: c.send(pieces.pop(0)))
        for piece in pieces:
            c.send(piece)
        equal(c.response().status, 200, "answer")


harness.main()
