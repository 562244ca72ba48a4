# SPDX-License-Identifier: ISC
"""A filter that was taken over: whatever it says to the parent, nothing
above its rights reaches the engine, and the parent stays up."""

import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

from control import Ctl
from harness import (EVERYTHING, HOSTILE, PING, PROXYD, Proxyd, Stub,
                     canonical, case, check, chunked, default_listen, equal,
                     fd_count, free_port, main, poll, profile_conf, proto_version,
                     sanitized, tmpname)

# proxyd/proto.h; test_proto.c pins the layouts
(NONE, HELLO, BEGIN, LISTEN, EXPLAIN, RULE, COND, ALLOW, END_, DATA, END,
 REFUSED, SHUTDOWN, RETIRE, READY, CONF_DONE, REQUEST, BODYEND, CREDIT,
 HANDOVER, DONE, ABORT, LOG, ACCESS, TRACE, PEER, PATHS, ALIVE, STATS,
 CLIENTS, LOGLEVEL, TYPES) = range(32)
VERSION = proto_version()
READY_ = "ready %d 1" % VERSION
B_NONE, B_INLINE, B_LENGTH, B_CHUNKED = range(4)
ARG, QUERY, HEADER = range(3)
SMUGGLED = b"GET /secrets HTTP/1.1\r\nHost: evil\r\n\r\n"

ops, keys, paths, headers = {}, {}, {}, {}


def load_table():
    """Names and numbers, as the binary under test has them."""
    out = subprocess.run([HOSTILE, "-l"], stdout=subprocess.PIPE, check=True,
                         text=True).stdout
    for line in out.splitlines():
        words = line.split()
        if words[0] == "header":
            headers[words[2]] = int(words[1])
            continue
        ops[words[1]] = int(words[0])
        paths[words[1]] = words[3]
        keys[words[1]] = words[4:]


load_table()


def item(kind, index, text, length=None):
    text = text.encode("latin-1") if isinstance(text, str) else text
    return struct.pack("=BBH", kind, index,
                       len(text) if length is None else length) + text


def payload(op, *items, minor=41, body=B_NONE, inline=b"", length=None,
            nitems=None, items_len=None, libpod=(0, 0, 0)):
    """A struct imsg_request, honest unless told otherwise."""
    op = ops[op] if isinstance(op, str) else op
    data = b"".join(items)
    if length is None:
        length = len(inline)
    version = libpod[0] << 16 | libpod[1] << 8 | libpod[2]
    return struct.pack("=HBBHHQIIQ", op, minor, body,
                       len(items) if nitems is None else nitems,
                       len(data) if items_len is None else items_len,
                       length, version, 0, 1) + data + inline


def msg(kind, ident=1, data=b"", fd=""):
    return "msg %d %d %s %s" % (kind, ident, data.hex() or "-", fd)


def req(op, *items, ident=1, fd="", **kw):
    return msg(REQUEST, ident, payload(op, *items, **kw), fd)


def packet(kind, ident, data, length=None, mark=False):
    """A message as raw bytes, with any length in its header."""
    length = 16 + len(data) if length is None else length
    return struct.pack("=IIII", kind, (length | mark << 31) & 0xffffffff,
                       ident, 1) + data


def raw(data, nfds=0):
    return "raw %s %d" % (data.hex() or "-", nfds)


def done(ident, reusable=0, fd=""):
    return msg(DONE, ident, struct.pack("=I", reusable), fd)


def credit(ident, n):
    return msg(CREDIT, ident, struct.pack("=I", n))


def log(priority, text, length=None):
    return msg(LOG, 0, struct.pack("=II", priority, len(text) if length is None
                                   else length) + text)


class Taken:
    """proxyd with the hostile program where its filter is looked for."""

    def __init__(self, script, env=None, engine="", always=False,
                 rules=None, checked=None):
        top = tmpname("taken")
        for part in ("proxyd", "filter"):
            os.makedirs(os.path.join(top, part))
        binary = os.path.join(top, "proxyd", "proxyd")
        self.program = os.path.join(top, "filter", "proxyd-filter")
        shutil.copy2(PROXYD, binary)
        shutil.copy2(HOSTILE, self.program)
        os.chmod(self.program, 0o755)
        self.lines, self.runs = [], 0
        self.script, self.always = "\n".join(script) + "\n", always
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.program + ".sock")
        self.listener.listen(50)
        threading.Thread(target=self.answer, daemon=True).start()
        self.stub = Stub(engine)
        if checked is not None:
            addr = default_listen()
            self.proxyd = Proxyd(self.stub, listen=[addr], binary=binary,
                                 wait=False, conf=profile_conf(
                                     "pass on { ping, containers }\n" +
                                     checked, [addr], self.stub.path,
                                     "set bind-check yes\n"))
        elif rules is None:
            self.proxyd = Proxyd(self.stub, env or EVERYTHING, binary=binary,
                                 wait=False)
        else:
            self.reloaded(binary, *rules)

    def reloaded(self, binary, *rules):
        """Serve the first rules of a file, and soon the second."""
        addr = default_listen()
        first, second = ['''set socket "%s"
profile "main" {
%s
}
listen on "%s" profile "main"
''' % (self.stub.path, text, addr[len("unix://"):]) for text in rules]
        self.proxyd = Proxyd(self.stub, listen=[addr], binary=binary,
                             conf=first, wait=False)
        self.proxyd.log_contains("listening on")
        self.proxyd.write_conf(second)
        os.kill(self.proxyd.pid, signal.SIGHUP)

    def answer(self):
        """The script for the first filter, nothing for those after it."""
        while True:
            try:
                conn, _ = self.listener.accept()
            except OSError:
                return
            if self.runs == 0 or self.always:
                conn.sendall(self.script.encode())
            self.runs += 1
            conn.shutdown(socket.SHUT_WR)
            threading.Thread(target=self.listen, args=(conn,), daemon=True
                             ).start()

    def listen(self, conn):
        with conn, conn.makefile(errors="replace") as f:
            for line in f:
                self.lines.append(line.rstrip("\n"))

    def out(self):
        """What the hostile filters reported so far."""
        return list(self.lines)

    def arrived(self):
        """What reached the engine, without the honest pings."""
        new = [data.replace(PING, b"") for data in self.stub.arrived()]
        return [data for data in new if data]

    def served(self, times=1):
        """Wait until an honest ping went through; the parent is the same."""
        poll(lambda: self.proxyd.proc.poll() is not None or
             sum(line.startswith("served") for line in self.out()) >= times,
             15, lambda: "a ping after it; out %r, log:\n%s" % (
                 self.out(), self.said()))
        check(self.proxyd.proc.poll() is None, "parent ended: %s" %
              self.said())

    def broke(self):
        """Was the first filter ended, and said to have broken the rules?"""
        return self.runs > 1 and "broke the protocol" in self.proxyd.log()

    def said(self):
        """The last words of the parent."""
        return "\n".join(self.proxyd.log().splitlines()[-6:])

    def ended(self, *words):
        """The daemon gives up, in order, and says why."""
        status = self.proxyd.proc.wait(30)
        check(status > 0, "status %r" % status)
        for word in words:
            check(word in self.proxyd.log(), "%r in:\n%s" % (
                word, self.said()))
        check(not os.path.exists(self.proxyd.addr[len("unix://"):]),
              "the socket is removed")
        equal(self.arrived(), [])

    def stop(self):
        self.proxyd.stop()
        self.stub.stop()
        self.listener.close()


def breaks(script, why=None, env=None, engine="", arrived=(), rules=None,
           checked=None):
    """The script breaks the protocol: its filter is ended, a line says why,
    another filter serves, and only what is listed reached the engine."""
    script = [script] if isinstance(script, str) else script
    t = Taken(script, env, engine, rules=rules, checked=checked)
    try:
        t.served()
        check(t.broke(), "not ended: %r; log:\n%s" % (
            t.out(), t.said()))
        equal(t.arrived(), list(arrived), "at the engine")
        if why:
            check(why in t.proxyd.log(), "%r in:\n%s" % (why, t.said()))
    except AssertionError as e:
        raise AssertionError("%s: %s" % (" / ".join(script)[:300], e)
                             ) from None
    finally:
        t.stop()


def survives(script, env=None, engine="", judge=None, rules=None,
             checked=None):
    """Not a breach: the same filter goes on, and so does the parent."""
    t = Taken([script] if isinstance(script, str) else script, env, engine,
              rules=rules, checked=checked)
    try:
        t.served()
        check(not t.broke(), "ended: %r; log:\n%s" % (
            t.out(), t.said()))
        if judge:
            judge(t)
        return t.arrived()
    finally:
        t.stop()


NAME = item(ARG, 0, "web")
READS = dict(EVERYTHING, POST="0")


@case("control: an honest request in the hostile program's words")
def control():
    equal(survives([req("containers/start", NAME), "wait %d" % DATA,
                    done(1)]),
          [canonical("POST", "/v1.41/containers/web/start")])


@case("operations above the ceiling of its listener")
def ceiling():
    for op, items in (("containers/start", (NAME,)),
                      ("containers/create", ()),
                      ("containers/attach/ws", (NAME,)),
                      ("debug/pprof", ()), ("debug/vars", ()),
                      ("options", (item(ARG, 0, "x"),))):
        body = dict(body=B_INLINE, inline=b"{}") if op.endswith("create") \
            else {}
        breaks(req(op, *items, **body), "ceiling", env=READS)
    breaks(req("secrets/list"), "ceiling", env={"CONTAINERS": "1"})
    breaks(req("services/create", body=B_INLINE, inline=b"{}"), "ceiling")


@case("operation numbers that are not in the table, other versions")
def unknown_operation():
    for op in (len(ops), len(ops) + 1, 319, 320, 512, 32768, 65535):
        breaks(req(op), "table")
    for minor in (1, 12, 23, 100, 255):
        breaks(req("ping", minor=minor), "version")
    breaks(req("ping", minor=0, libpod=(4, 3, 1)), "version")
    for version in ((3, 0, 0), (10, 0, 0), (4, 100, 0), (4, 0, 255)):
        breaks(req("libpod/ping", minor=0, libpod=version), "version",
               env={"LIBPOD_PING": "1"})
    breaks(req("libpod/ping"), "version", env={"LIBPOD_PING": "1"})
    breaks(req("debug/vars", minor=24))


@case("request messages of a wrong length")
def lengths():
    good = payload("containers/start", NAME)
    for n in range(32):
        breaks(msg(REQUEST, 1, good[:n]))
    for n in range(32, len(good)):
        breaks(msg(REQUEST, 1, good[:n]))
    breaks(msg(REQUEST, 1, good + b"x"))
    for kw in (dict(nitems=0), dict(nitems=2), dict(nitems=65535),
               dict(items_len=0), dict(items_len=6), dict(items_len=8),
               dict(items_len=65535)):
        breaks(req("containers/start", NAME, **kw))
    for length in (0, 2, 4, 65535):
        breaks(req("containers/start", item(ARG, 0, "web", length)))


@case("arguments out of their grammar")
def arguments():
    for text in ("a\r\nHost: x", "a b", "a\0b", "a\n", "..", ".", "", "a/b",
                 "a/../b", "\xe9", "a%2fb", "a?b", "a#b", "-a", "a\x7f",
                 "x HTTP/1.1\r\n\r\nGET /secrets HTTP/1.1\r\nA:",
                 "a" * 30000):
        breaks(req("containers/start", item(ARG, 0, text)))
    for text in ("0f" * 31, "0F" * 32, "g" * 64, "0f" * 33, "../" * 21):
        breaks(req("exec/inspect", item(ARG, 0, text)))
    for text in ("a\r\n", "../json", "a//b", "a b", "A" * 5000, ""):
        breaks(req("images/inspect", item(ARG, 0, text)))
    for items in ((), (NAME, item(ARG, 1, "b")), (item(ARG, 1, "b"),),
                  (NAME, NAME), (item(ARG, 255, "b"),)):
        breaks(req("containers/start", *items))
    breaks(req("ping", NAME))


@case("query values with control bytes, unknown and repeated keys")
def queries():
    def query(op, key, text):
        names = [k.lstrip("!") for k in keys[op]]
        return item(QUERY, names.index(key), text)

    for text in ("1\r\nX: y", "1 HTTP/1.1\r\n\r\n", "a\0b", "a\x1fb", "\x7f"):
        breaks(req("containers/list", query("containers/list", "all", text)))
    for index in (len(keys["containers/list"]), 31, 32, 33, 255):
        breaks(req("containers/list", item(QUERY, index, "1")))
    twice = query("containers/list", "all", "1")
    breaks(req("containers/list", twice, twice))
    breaks(req("containers/start", NAME, query(
        "containers/start", "checkpoint-dir", "/etc")), "ceiling")
    equal(survives([req("containers/list", query(
        "containers/list", "filters", "a&b=c#d?e/%\xe9 +")),
        "wait %d" % DATA, done(1)]),
        [canonical("GET", "/v1.41/containers/json?filters="
                   "a%26b%3Dc%23d%3Fe/%25%E9%20%2B")])


@case("headers with line ends, of another operation, unknown ones")
def request_headers():
    agent = headers["User-Agent"]
    for text in ("a\r\nX: y", "a\nb", "a\0b", "\xe9", "a\x7f", "\r\n\r\n"):
        breaks(req("containers/list", item(HEADER, agent, text)))
    breaks(req("ping", item(HEADER, headers["X-Registry-Auth"], "e30=")))
    for index in (len(headers), 31, 32, 255):
        breaks(req("ping", item(HEADER, index, "x")))
    breaks(req("ping", item(HEADER, agent, "a"), item(HEADER, agent, "b")),
           "twice")
    parent = headers["Traceparent"]
    good = "00-%s-00f067aa0ba902b7-01" % ("a" * 32)
    for text in ("", "x", good + "0", good[:-1] + "3", "01" + good[2:],
                 good.upper(), good.replace("a" * 32, "0" * 32)):
        breaks(req("ping", item(HEADER, parent, text)), "header")
    for text in ("", "a", "a=1,", "a=1, b=2", "a=1,a=2", "a=" + "x" * 600):
        breaks(req("ping", item(HEADER, headers["Tracestate"], text)),
               "header")


@case("items of no kind, too many, too long")
def items():
    for kind in (3, 4, 128, 255):
        breaks(req("containers/start", NAME, item(kind, 0, "x")))
    breaks(req("containers/list", *[item(QUERY, 0, "")] * 16000))
    breaks(req("containers/list", item(QUERY, 0, "%" * 60000)))


@case("inline bodies whose length lies")
def inline():
    good = b'{"Image":"i"}'
    for kw in (dict(length=0), dict(length=len(good) - 1),
               dict(length=len(good) + 1), dict(length=1 << 40),
               dict(length=(1 << 64) - 1)):
        breaks(req("containers/create", body=B_INLINE, inline=good, **kw))
    breaks(req("containers/create", body=B_INLINE, inline=b"x" * 16385))
    for kind in (4, 5, 255):
        breaks(req("containers/create", body=kind, inline=good))
    breaks(req("containers/create", body=B_NONE, inline=good))
    breaks(req("containers/create", body=B_NONE, length=5))
    breaks(req("containers/create", body=B_INLINE, inline=good, fd="null"))
    breaks(req("containers/start", NAME, body=B_INLINE, inline=good))
    breaks(req("containers/attach", NAME, body=B_INLINE, inline=SMUGGLED))
    breaks(req("containers/create", body=B_CHUNKED, fd="rpipe:00"))
    breaks(req("images/load", body=B_CHUNKED, length=7, fd="rpipe:00"))
    breaks(req("images/load", body=B_LENGTH, length=7))
    breaks(req("images/load", body=B_CHUNKED))
    breaks(req("images/load", fd="rpipe:00"))


@case("a body of length N through a pipe that holds more than N")
def pipe_more():
    body = b"0123456789"
    got = survives([req("images/load", body=B_LENGTH, length=len(body),
                        fd="rpipe:" + (body + SMUGGLED).hex()),
                    "wait %d" % DATA, done(1)])
    equal(got, [canonical("POST", "/v1.41/images/load", body,
                          ctype="application/x-tar", close=True)])
    got = survives([req("images/load", body=B_LENGTH, length=0,
                        fd="rpipe:" + SMUGGLED.hex()),
                    "wait %d" % DATA, done(1)])
    equal(got, [canonical("POST", "/v1.41/images/load", b"",
                          ctype="application/x-tar", close=True)])


@case("a body of length N through a pipe that holds less: cut, not padded")
def pipe_less():
    got = survives([req("images/load", body=B_LENGTH, length=1000,
                        fd="rpipe:" + b"short".hex()),
                    "wait %d" % END, done(1)])
    equal(got, [canonical("POST", "/v1.41/images/load", None, length=1000,
                          ctype="application/x-tar", close=True) + b"short"])


@case("a chunked body without BODYEND never ends well")
def chunk_noend():
    head = canonical("POST", "/v1.41/images/load", coding=True,
                     ctype="application/x-tar", close=True)
    got = survives([req("images/load", body=B_CHUNKED,
                        fd="rpipe:" + b"data".hex()),
                    "wait %d" % END, done(1)])
    equal(got, [head + b"4\r\ndata\r\n"] if b"\r\ndata\r\n" in got[0] else
          [head + b"4\r\ndata"])
    # and what looks like an end, or like a request, is data
    data = b"0\r\n\r\n" + SMUGGLED
    got = survives([req("images/load", body=B_CHUNKED,
                        fd="rpipe:" + data.hex()),
                    msg(BODYEND), "wait %d" % DATA, done(1)])
    equal(got, [head + chunked(data)])


@case("BODYEND where no chunked body is, or twice")
def bodyend():
    engine = "GET /info hang=1\nPOST /images/load hang=1"
    ask = canonical("GET", "/v1.41/info")
    breaks(msg(BODYEND))
    breaks([req("info"), msg(BODYEND)], engine=engine, arrived=[ask])
    breaks([req("images/load", body=B_CHUNKED, fd="opipe:"), msg(BODYEND),
            msg(BODYEND)], engine=engine, arrived=[
                canonical("POST", "/v1.41/images/load", coding=True,
                          ctype="application/x-tar", close=True)])
    breaks(msg(BODYEND, 1, b"x"))


@case("descriptors that are no pipes in place of a body")
def body_fds():
    for fd in ("null", "dir", "listen", "self", "chan", "sock"):
        t = Taken([req("images/load", body=B_LENGTH, length=100000000, fd=fd),
                   "flush"], engine="POST /images/load hang=1")
        try:
            t.served()
            for data in t.arrived():
                check(data.startswith(b"POST /v1.41/images/load HTTP/1.1"),
                      "%s: %r" % (fd, data[:200]))
        except AssertionError as e:
            raise AssertionError("%s: %s" % (fd, e)) from None
        finally:
            t.stop()


@case("HANDOVER without a 101: no byte goes raw")
def handover():
    early = SMUGGLED
    engine = ("GET /info hang=1\nPOST /containers/web/attach hang=1\n"
              "GET /containers/json hang=1")
    for ask, arrived in (
            (req("info"), canonical("GET", "/v1.41/info")),
            (req("containers/attach", NAME), canonical(
                "POST", "/v1.41/containers/web/attach", upgrade="tcp"))):
        for data in (early, b""):
            breaks([ask, msg(HANDOVER, 1, data, "sock")], engine=engine,
                   arrived=[arrived])
    refused = "POST /containers/web/attach status=404 size=10"
    breaks([req("containers/attach", NAME), "wait %d" % DATA,
            msg(HANDOVER, 1, early, "sock")], engine=refused,
           arrived=[canonical("POST", "/v1.41/containers/web/attach",
                              upgrade="tcp")])
    breaks(msg(HANDOVER, 1, b"", "sock"))
    breaks([req("info"), msg(HANDOVER, 1, b"")], engine=engine,
           arrived=[canonical("GET", "/v1.41/info")])
    # an ordinary large answer takes no bytes for the engine
    breaks([req("containers/export", NAME), "wait %d" % DATA,
            msg(HANDOVER, 1, early, "sock")],
           arrived=[canonical("GET", "/v1.41/containers/web/export",
                              close=True)])


@case("HANDOVER of strange descriptors after a real 101")
def handover_fds():
    for fd in ("null", "dir", "listen", "self", "chan", "rpipe:00", "opipe:"):
        t = Taken([req("containers/attach", NAME), "wait %d" % DATA,
                   msg(HANDOVER, 1, b"early", fd), "flush"])
        try:
            t.served()
            check(t.proxyd.proc.poll() is None, "parent is up")
        except AssertionError as e:
            raise AssertionError("%s: %s" % (fd, e)) from None
        finally:
            t.stop()
    up = [req("containers/attach", NAME), "wait %d" % DATA]
    arrived = [canonical("POST", "/v1.41/containers/web/attach",
                         upgrade="tcp")]
    breaks(up + [msg(HANDOVER, 1, b"x" * 64513, "sock")], arrived=arrived)
    t = Taken(up + [msg(HANDOVER, 1, b"", "sock"),
                    msg(HANDOVER, 1, b"", "sock")])
    t.served()
    check(t.broke(), "handed over twice")
    t.stop()


@case("a blocking socket that nobody reads does not hold the parent")
def blocking():
    survives([req("containers/export", NAME), "wait %d" % DATA,
              msg(HANDOVER, 1, b"", "bsock"), "flush"],
             engine="GET /containers/web/export size=50000000")


@case("DONE reusable in the middle of an answer confuses that filter alone")
def done_early():
    engine = "GET /containers/json size=100000 chunk=1000 interval=20"
    listing = canonical("GET", "/v1.41/containers/json")
    info = canonical("GET", "/v1.41/info")
    for reusable in (1, 2, 0xffffffff):
        t = Taken([req("containers/list"), "wait %d" % DATA,
                   done(1, reusable), req("info", ident=2),
                   "wait %d" % DATA, done(2, 1), msg(99, 1)], engine=engine)
        try:
            t.served()
            check(b"".join(t.arrived()) in (listing + info, listing),
                  repr(t.arrived()))
            # the next filter has a pool of its own
            equal([x for x in t.out() if x.startswith("served")],
                  ["served HTTP/1.1 200 OK"])
        finally:
            t.stop()


@case("ids: zero, in use, too large, unknown")
def ids():
    engine = "GET /info hang=1"
    ask = canonical("GET", "/v1.41/info")
    breaks(req("info", ident=0))
    breaks([req("info"), req("info")], engine=engine, arrived=[ask])
    breaks([req("info"), req("info", ident=16384 + 1)], engine=engine,
           arrived=[ask])
    for ident in (0, 1, 5, 70000, 0xffffffff):
        breaks(done(ident))
        breaks(msg(ABORT, ident))
        breaks(credit(ident, 0))
    breaks([req("info"), done(1), done(1)], engine=engine, arrived=[ask])


@case("two thousand requests at once: some are refused, nobody falls")
def many():
    script = [req("events", ident=i) for i in range(1, 2001)] + ["flush"]
    t = Taken(script, engine="GET /events hang=1")
    try:
        t.served()
        check(t.proxyd.proc.poll() is None, "parent is up")
        new = t.arrived()
        equal([d for d in new if d != canonical("GET", "/v1.41/events")], [])
    finally:
        t.stop()


@case("CREDIT for what was never sent, and answers without credit")
def credits():
    engine = "GET /containers/json size=10000000"
    ask = canonical("GET", "/v1.41/containers/json")
    for n in (1 << 20, 0xffffffff):
        breaks([req("containers/list"), "wait %d" % DATA, credit(1, n)],
               engine=engine, arrived=[ask])
    breaks([req("info"), credit(1, 1)], engine="GET /info hang=1",
           arrived=[canonical("GET", "/v1.41/info")])

    def window(t):
        got = sum(int(line.split()[-1]) for line in t.out()
                  if line.startswith("got %d id 1 " % DATA))
        check(got <= 128 * 1024, "within the window: %d" % got)

    survives([req("containers/list"), "wait %d" % DATA], engine=engine,
             judge=window)
    survives([req("containers/list"), "credit 1", done(1)],
             engine="GET /containers/json size=1000000 close=1")


@case("messages of no type, or of the parent's types")
def types():
    for kind in (0, HELLO, BEGIN, LISTEN, EXPLAIN, RULE, COND, ALLOW, END_,
                 DATA, END, REFUSED, SHUTDOWN, RETIRE, LOGLEVEL, TYPES,
                 TYPES + 1, 255,
                 0x10000,
                 0xffffffff):
        breaks(msg(kind, 1, b"\0" * 16), "unknown message")


@case("a sign of life that nobody asked for, or with something in it")
def alive():
    breaks(msg(ALIVE, 0, b""), "nobody asked for")
    breaks(msg(ALIVE, 0, b"\0" * 16), "another length")


@case("what is counted, asked for by a filter that serves no metrics")
def stats():
    breaks(msg(STATS, 0, b""), "no client of it asks")
    breaks(msg(STATS, 0, b"\0" * 8), "another length")


@case("what metrics are made of, thousands of times at once")
def stats_flood():
    env = dict(EVERYTHING, PROXYD_METRICS="tcp://127.0.0.1:%d" % free_port())
    t = Taken([raw(packet(STATS, 0, b"") * 4000)], env, always=True)
    try:
        t.ended("giving up", "asked again before the answer left")
    finally:
        t.stop()


def listed(*clients, n=None, more=0):
    """A page of the list of its clients."""
    return msg(CLIENTS, 0, struct.pack(
        "=II", len(clients) if n is None else n, more) + b"".join(clients))


def one(since, name=b"x", path=b"/x", ident=0, op=1, state=0):
    return struct.pack("=QQQQIHBB56s192s", since, 2**64 - 1, 2**64 - 1,
                       2**63, ident, op, state, 255, name, path)


def full(n=64, first=1):
    """A page that another one follows."""
    return listed(*[one(first + i) for i in range(n)], more=1)


def asked(script, *words, breach=None):
    """What proxyctl makes of a filter that answers so when it is asked."""
    ctl = Ctl(tmpname("control"))
    t = Taken(script, dict(EVERYTHING, PROXYD_CONTROL=ctl.path))
    try:
        poll(lambda: t.proxyd.log_lines("listening on") and
             os.path.exists(ctl.path), text=t.said)
        out = ctl.lines(*words)
        if breach:
            t.served()
            check(t.broke() and breach in t.proxyd.log(), t.said())
        else:
            check(not t.broke(), t.said())
        equal(ctl.run("check")[0], 0)
        return out
    finally:
        t.stop()


ASKED = "wait %d" % CLIENTS


@case("its clients, in an order or a number that cannot be, or unasked")
def lists():
    breaks(listed(), "nobody asked for")
    breaks(msg(CLIENTS, 0, b""), "another length")
    why = "out of its order"
    for bad in (listed(one(5), one(5)), listed(one(5), one(4)),
                listed(one(0)), listed(more=1), listed(one(1), more=1),
                listed(one(1), n=2), full(63),
                listed(one(1), n=0), listed(n=65),
                listed(one(1), n=0xffffffff),
                msg(CLIENTS, 0, struct.pack("=II", 1, 0) + one(1)[:-1])):
        asked([ASKED, bad], "show", "clients", breach=why)
    # The next page begins behind the last one.
    asked([ASKED, full(), ASKED, listed(one(64))], "show", "clients",
          breach=why)
    equal(len(asked([ASKED, full(), ASKED, listed(one(65))], "show",
                    "clients")), 66)
    breaks(listed(*[one(i + 1) for i in range(65)]), "another length")


@case("its clients: what it says is bounded, and no terminal's business")
def listed_names():
    evil = b"\x1b]0;owned\x07\x1b[2J\r\n" + b"\xff" * 60
    out = asked([ASKED, listed(
        one(1, evil, evil * 4, ident=12345, op=65535, state=255),
        one(2**64 - 1, b"\0" * 56, b"A" * 192))], "show", "clients")
    equal(len(out), 3)
    check(out[1].startswith("\\033]0;owned\\a\\033[2J\\r\\n\\377"), out[1])
    check(" ? " in out[1] and out[2].endswith("A" * 192), out)
    # None of these is a stream of the parent's.
    equal(asked([ASKED, listed(one(1, ident=1), one(2, ident=77))],
                "show", "streams"), ["no streams"])
    # It never answers: nothing of it is shown, and nobody waits for long.
    equal(asked([ASKED, ASKED], "show", "clients"), ["no clients"])


@case("its clients: page after page, each just in time, hides no stream")
def dribbles():
    ctl = Ctl(tmpname("control"))
    script = [req("events"), "wait %d" % DATA]
    for i in range(10):
        script += [ASKED, "sleep 1900", full(first=1 + 64 * i)]
    t = Taken(script, dict(EVERYTHING, PROXYD_CONTROL=ctl.path),
              engine="GET /events tick=1000\n")
    try:
        poll(lambda: "got %d" % DATA in " ".join(t.out()) and
             os.path.exists(ctl.path), text=t.said)
        before = time.monotonic()
        out = ctl.lines("show", "streams")
        took = time.monotonic() - before
        equal(len(out), 2, out)
        check(re.match(r" *[0-9]+ [?] .* events ", out[1]), out)
        check(took < 12, took)
        print("# told after %.1f s" % took)
    finally:
        t.stop()


@case("counters full of anything")
def counters():
    for byte in (1, 255):
        ctl = Ctl(tmpname("control"))
        t = Taken(["page %d" % byte], dict(EVERYTHING,
                                           PROXYD_CONTROL=ctl.path))
        try:
            t.served()
            check("page filled" in t.out(), t.out())
            for words in (("status",), ("show", "counters"),
                          ("show", "rules")):
                check(len(ctl.lines(*words)) > 1, words)
            equal(ctl.run("check")[0], 0)
            check(not t.broke(), t.said())
        finally:
            t.stop()


@case("a reload: rights of the policy before end with its confirmation")
def reloads():
    rules = "pass on { ping, info }", "pass on { ping, version }"
    both = ["confdone 1", "wait %d" % END_]
    new = req("version", minor=0, ident=3)
    arrived = survives(both + [req("info", minor=0), "wait %d" % DATA, new,
                               "confdone 2"], rules=rules)
    check(any(b"/info" in data for data in arrived), arrived)
    survives(both + ["confdone 2", new, "wait %d" % DATA], rules=rules)
    for script, why in (
            (["confdone 2", req("info", minor=0)], "above the ceiling"),
            ([req("images/list", minor=0)], "above the ceiling"),
            (["confdone 3"], "another generation"),
            (["confdone 2", "confdone 2"], "confirmed twice"),
            (["confdone 2", "confdone 1"], "another generation")):
        breaks(both + script, why, rules=rules)


@case("TRACE, which only proxyd -n -t asks for")
def trace():
    for kind in range(6):
        breaks(msg(TRACE, 0, struct.pack("=IIHHHH", kind, 0, 0, 0, 0, 0)),
               "nobody asked for")


def paths_msg(text, n=1, length=None, ident=1, fd=""):
    return msg(PATHS, ident, struct.pack(
        "=II", n, len(text) if length is None else length) + text, fd)


@case("PATHS: canonical, few, and only where paths are checked")
def bind_paths():
    allow = 'allow image any\nallow bind "/tmp"\nallow bind "/etc" read-only'
    breaks(paths_msg(b"/tmp\0"), "not to be checked")
    for text, n in ((b"/tmp", 1), (b"tmp\0", 1), (b"/tmp/\0", 1),
                    (b"/tmp/../root\0", 1), (b"/tmp//x\0", 1),
                    (b"/tmp/./x\0", 1), (b"/tmp\0", 0), (b"/tmp\0", 2),
                    (b"/tmp\0/etc\0", 1), (b"/\0" * 65, 65),
                    (b"/tmp\0\0", 2), (b"/" + b"a" * 4095 + b"\0", 1),
                    (b"/tmp\0", 0xffffffff)):
        breaks(paths_msg(text, n), "out of their grammar", checked=allow)
    breaks(paths_msg(b"/tmp\0", length=4), "grammar", checked=allow)
    breaks(paths_msg(b"/tmp\0", length=0xffffffff), "grammar", checked=allow)
    breaks(paths_msg(b"/tmp\0", fd="null"), "descriptor", checked=allow)
    breaks(paths_msg(b""), "another length", checked=allow)
    breaks(paths_msg(b"/" + b"a" * 41000 + b"\0"), "another length",
           checked=allow)
    # what is not allowed is no breach, after a reload for one, and an id
    # that is a request's has nothing to do with it
    survives([paths_msg(b"/tmp\0/etc/passwd\0", 2), "wait %d" % PATHS,
              paths_msg(b"/root/.ssh\0", ident=7), "wait %d" % PATHS,
              paths_msg(b"/etc/" + b"a/" * 300 + b"a\0"),
              "wait %d" % PATHS], checked=allow)


@case("messages in the wrong state, READY that does not fit")
def states():
    ready = struct.pack("=IIII", VERSION, 1, 1, 100)
    breaks(msg(READY, 0, ready), "state")
    for generation, former, why in ((0, 0, "another generation"),
                                    (2, 0, "another generation"),
                                    (1, 0, "twice"), (1, 1, "twice")):
        breaks(msg(CONF_DONE, 0, struct.pack("=IIII", generation, 0, former,
                                             0)), why)
    # before it ever ran: the daemon does not start
    for script, why in (
            (["ready 99 1"], "version"), (["ready 0 1"], "version"),
            (["ready %d 0" % VERSION], "confined"),
            ([READY_, "wait %d" % END_, "confdone 77"], "generation"),
            ([READY_, req("ping")], "state"),
            ([READY_, "wait %d" % END_, req("ping"), "confdone 1"],
             "state"),
            (["flush", msg(READY, 0, ready), READY_], "state"),
            ([msg(READY, 0, b""), "flush", READY_], "length"),
            ([msg(READY, 0, b"\0" * 15), "flush", READY_], "length"),
            ([msg(READY, 0, b"\0" * 17), "flush", READY_], "length")):
        if why == "confined" and sanitized():
            continue        # such a build accepts it
        t = Taken(script)
        try:
            t.ended(why)
        except AssertionError as e:
            raise AssertionError("%r: %s" % (script, e)) from None
        finally:
            t.stop()


@case("descriptors where none belong")
def surplus_fds():
    for kind, size in ((DONE, 4), (ABORT, 0), (CREDIT, 4), (BODYEND, 0),
                       (LOG, 8)):
        breaks(msg(kind, 1, b"\0" * size, "null"), "descriptor")
    breaks(req("ping", fd="null"))


@case("LOG: control bytes, format strings, wrong lengths, priorities")
def logs():
    text = b"%n%s%x \x1b[31mred\r\nForged line\0\x07 \xff\x9b"
    for priority in (0, 3, 7, 8, 99, 0xffffffff):
        t = Taken([log(priority, text)], env=dict(EVERYTHING,
                                                  LOG_LEVEL="debug"))
        try:
            t.served()
            line = poll(lambda: [x for x in t.proxyd.log().splitlines()
                                 if "%n%s%x" in x], text="logged")[0]
            check("Forged line" in line, "one line: %r" % line)
            with open(t.proxyd.logname, "rb") as f:
                check(not any(b < 0x20 and b != 10 or b >= 0x7f
                              for b in f.read()), "printable")
        finally:
            t.stop()
    for length in (0, 1, 100, 0x7fffffff, 0xffffffff):
        breaks(log(3, b"text", length))
    breaks(log(3, b"x" * 4097))
    breaks(msg(LOG, 0, b"\0" * 7))
    survives(log(6, b""))
    survives(log(6, b"\x1b" * 4096))


TEXTS = ("client container path rule label reason field trace_id "
         "client_request_id line").split()
JSON = dict(EVERYTHING, PROXYD_LOG_FORMAT="json")


def access(lens=None, serial=1, priority=6, status=200, op=1, method=0,
           verdict=0, pad=0, cut=0, more=b"", **texts):
    """A struct imsg_access, honest unless told otherwise."""
    texts = dict({"client": b"unix", "rule": b"default"}, **texts)
    data = [texts.get(name, b"") for name in TEXTS]
    if lens is None:
        lens = [len(x) for x in data]
    head = struct.pack("=QQQQIIIHHBBBB10H", serial, 1, 2, 3, priority, 0, 0,
                       status, op, method, verdict, 0, pad, *lens)
    data = head + b"".join(data) + more
    return msg(ACCESS, 0, data[:len(data) - cut])


@case("ACCESS: nobody asked, lengths, numbers out of their range")
def records():
    breaks(access(), "nobody asked")
    survives(access(), env=JSON)
    for one in (access(cut=1), access(more=b"x"), msg(ACCESS, 0, b"\0" * 71),
                access(lens=[65535] * 10), access(lens=[0] * 10),
                access(lens=[4, 0, 0, 8] + [0] * 6), access(client=b""),
                access(rule=b""), access(verdict=4), access(verdict=255),
                access(method=7), access(op=65535), access(status=1000),
                access(reason=b"x" * 6145), access(path=b"x" * 65000),
                access(line=b"x")):
        breaks(one, env=JSON)


@case("ACCESS: its texts stay texts, and an id is of its own process")
def record_texts():
    text = b'"}\r\n{"type":"message"}\0\x1b[31m\xff\x9b%n%s\\'
    names = {name: text for name in TEXTS[:-1]}
    t = Taken([access(priority=p, serial=s, **names)
               for p in (0, 3, 7, 8, 0xffffffff)
               for s in (0, 1, 2 ** 64 - 1)] +
              [access(serial=4711, **{name: b"\x01" * 680
                                      for name in TEXTS[:-1]}),
               log(6, text), log(6, b"\xff" * 4096)], env=JSON)
    try:
        t.served()
        poll(lambda: t.proxyd.log().count('"id":') >= 16, text="logged")
        with open(t.proxyd.logname, "rb") as f:
            found = f.read().splitlines()
        check(all(0x20 <= b <= 0x7e for line in found for b in line),
              "printable")
        check(all(len(line) < 8192 for line in found), "bounded")
        found = [json.loads(line) for line in found]
        ids = [x["id"] for x in found if x["type"] == "request"]
        equal(len(ids), 16)
        equal(len({x.split("-")[0] for x in ids}), 1)
        equal({x.split("-")[1] for x in ids},
              {"0", "1", "ffffffffffffffff", "1267"})
        equal({x["listener"] for x in found if x["type"] == "request"},
              {t.proxyd.addr})
    finally:
        t.stop()


@case("garbage packets")
def garbage():
    ping = payload("ping")
    for script in (
            raw(b"x"), raw(b"\0" * 15), raw(b"\0" * 16), raw(b"\xff" * 16),
            raw(os.urandom(1000)), raw(b"\xff" * 65536),
            raw(packet(REQUEST, 1, ping, 0)),
            raw(packet(REQUEST, 1, ping, 15)),
            raw(packet(REQUEST, 1, ping, 16 + len(ping) + 1)),
            raw(packet(REQUEST, 1, ping, 0x7fffffff)),
            raw(packet(REQUEST, 1, ping, 0xffffffff)),
            raw(packet(REQUEST, 1, ping, mark=True)),
            raw(packet(REQUEST, 1, ping), 1),
            raw(packet(REQUEST, 1, ping), 20),
            raw(packet(REQUEST, 1, ping) + b"\0" * 7),
            raw(packet(DONE, 1, b"\0\0\0\0", mark=True), 1),
            raw(packet(REQUEST, 1, ping, mark=True), 1),
            raw(packet(REQUEST, 1, ping, mark=True) * 2, 1)):
        t = Taken([script])
        try:
            t.served()
            check(t.broke(), "%s: not ended: %r" % (script[:80], t.out()))
            # a whole message in front of the garbage may count
            check(t.arrived() in ([], [canonical("GET", "/v1.41/_ping")]),
                  "%s: %r" % (script[:80], t.arrived()))
        finally:
            t.stop()


@case("garbage leaves no descriptor behind in the parent")
def leaks():
    def descriptors(script):
        t = Taken(script, engine="POST /images/load hang=1")
        try:
            t.served()
            return fd_count(t.proxyd.pid)
        finally:
            t.stop()

    honest = descriptors([msg(99, 1)])
    equal(descriptors([
        req("images/load", body=B_LENGTH, length=5, fd="opipe:"),
        req("containers/attach", NAME, ident=2), "flush",
        raw(packet(DONE, 1, b"\0\0\0\0", mark=True) * 8, 8)]), honest)


@case("a filter that keeps breaking the protocol ends the daemon, which "
      "says so")
def budget():
    t = Taken([msg(99, 1)], always=True)
    try:
        t.ended("giving up")
        check(2 <= t.runs <= 20, "%d filters" % t.runs)
    finally:
        t.stop()


@case("a filter that never becomes ready: the daemon does not start")
def never_ready():
    t = Taken(["ready ", "linger"])
    try:
        t.ended("start")
    finally:
        t.stop()


@case("a filter that does not end when its channel does")
def linger():
    t = Taken([msg(99, 1), "linger"])
    try:
        t.served()
        equal(t.arrived(), [])
        pids = t.proxyd.filters()
    finally:
        t.stop()
    poll(lambda: not any(os.path.exists("/proc/%d" % p) for p in pids), 10,
         "no filter outlives the parent")


if __name__ == "__main__":
    main()
