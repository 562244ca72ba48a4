# SPDX-License-Identifier: ISC
"""Clients that do not behave: they send and do not read, read slowly, end
early, send urgent data, are gone.  Each over a unix socket and over TCP."""

import select
import socket
import time

from harness import (EVERYTHING, PING, case, check, equal, fd_count,
                     free_port, main, pair, pattern, poll, request, sentinel,
                     tmpname)

UNIX = "unix://" + tmpname("proxyd") + ".sock"
TCP = "tcp://127.0.0.1:%d" % free_port()
BOTH = (UNIX, TCP)

stub, proxyd = pair(EVERYTHING, listen=[UNIX, TCP])

ATTACH = "/v1.41/containers/web/attach?stream=1&stdin=1&stdout=1"
UP = {"Connection": "Upgrade", "Upgrade": "tcp"}
NOPE = b"GET /nope HTTP/1.1\r\nHost: a\r\n\r\n"
SMUGGLED = request("GET", "/v1.41/containers/smuggled/json")


def filter_pid():
    return proxyd.filters()[0]


def rss(pid):
    """KiB."""
    with open("/proc/%d/status" % pid) as f:
        for line in f:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])


def ticks(pid):
    """User and system time."""
    with open("/proc/%d/stat" % pid) as f:
        rest = f.read().rpartition(")")[2].split()
    return int(rest[11]) + int(rest[12])


def idle(what):
    """No process of proxyd turns in a loop: a second, and what it cost."""
    pids = [proxyd.pid] + proxyd.filters()
    before = [ticks(pid) for pid in pids]
    time.sleep(1)
    for pid, old in zip(pids, before):
        used = ticks(pid) - old
        check(used < 30, "%s: pid %d used %d ticks in a second" %
              (what, pid, used))


def fill(sock, data, seconds):
    """Send data again and again and read nothing; the bytes sent."""
    sent, end = 0, time.monotonic() + seconds
    sock.setblocking(False)
    while time.monotonic() < end:
        if not select.select([], [sock], [], 0.1)[1]:
            continue
        sent += sock.send(data[sent % len(NOPE):])
    return sent


def drain(c, rest, count):
    """Send the rest and read until there were so many answers."""
    start, have, tail = b"HTTP/1.1 403 ", 0, b""
    end = time.monotonic() + 8
    while have < count or rest:
        left = end - time.monotonic()
        check(left > 0, "%d answers, not %d" % (have, count))
        r, w, _ = select.select([c.sock], [c.sock] if rest else [], [], left)
        if w:
            rest = rest[c.sock.send(rest):]
        if r:
            data = c.sock.recv(1 << 20)
            check(data, "closed after %d answers, not %d" % (have, count))
            data = tail + data
            have += data.count(start)
            # too short for another one
            tail = data[-(len(start) - 1):]
    return have


@case("requests without end, answers unread: bounded memory, none is lost")
def unread():
    pid = filter_pid()
    for addr in BOTH:
        equal(proxyd.request("GET", "/nope").status, 403)
        before = rss(pid)
        with proxyd.client(addr) as c:
            c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
            sent = fill(c.sock, NOPE * 1000, 2)
            grown = rss(pid) - before
            check(grown < 8192, "%s: %d bytes sent, the filter grew by "
                  "%d KiB" % (addr, sent, grown))
            count = -(-sent // len(NOPE))
            check(count > 1000, "%d requests sent" % count)
            rest = NOPE[sent % len(NOPE):] if sent % len(NOPE) else b""
            equal(drain(c, rest, count), count, "answers at " + addr)
            c.sock.settimeout(5)
            c.send(PING)
            poll(lambda: c.fill() and b"HTTP/1.1 200 " in c.buf, 5,
                 "the ping behind them")
    equal(filter_pid(), pid, "the same filter")


@case("attach and 50000 bytes in one burst: all of them come back")
def early():
    data = pattern(50000)
    for script in ("", "POST /containers/web/attach delay=100"):
        stub.script(script)
        for addr in BOTH:
            with proxyd.client(addr) as c:
                c.send(request("POST", ATTACH, headers=UP) + data)
                equal(c.response(body=False).status, 101)
                equal(c.read(len(data)), data, "%s %r" % (addr, script))
                c.half_close()
                equal(c.read_all(), b"")
    stub.script("")


@case("what came behind an upgrade that failed is never a request")
def no_request():
    stub.script("POST /containers/web/attach close=1 raw=%s" % stub.raw(b""))
    for addr in BOTH:
        for head, status in (
                (request("POST", ATTACH, headers=UP), (502,)),
                (request("POST", "/v1.41/exec/abc/start",
                         {"Detach": False, "Tty": True}, UP), (400, 403)),
                (request("POST", "/v1.41/exec/abc/start",
                         {"Detach": "x"}, UP), (400, 403))):
            stub.mark()
            with proxyd.client(addr) as c:
                c.send(head + SMUGGLED)
                r = c.response()
                check(r.status in status, repr(r))
                check(c.closed(), "open, and said %r" % c.buf)
            new = sentinel(proxyd, stub)
            check(not any(b"smuggled" in d for d in new),
                  "at the engine: %r" % new)
    stub.script("")


@case("urgent data in an upload: no loop, and the upload is completed")
def urgent_upload():
    n = 1000000
    stub.mark()
    with proxyd.client(TCP) as c:
        c.send(request("POST", "/v1.41/images/load",
                       headers={"Content-Type": "application/x-tar",
                                "Content-Length": str(n)}))
        c.send(b"a" * 1000)
        poll(lambda: any(b"a" * 1000 in d for d in stub.arrived()),
             text="the first bytes at the engine")
        c.sock.send(b"!", socket.MSG_OOB)
        c.send(b"b" * 1000)
        idle("upload")
        # The urgent byte is none of the body's: it is never read.
        c.send(b"c" * (n - 2000))
        r = c.response()
        equal(r.status, 200, repr(r))
    equal(proxyd.request("GET", "/_ping").status, 200)


@case("urgent data in a tunnel and between requests: no loop")
def urgent_elsewhere():
    with proxyd.client(TCP) as c:
        c.send(request("POST", ATTACH, headers=UP))
        equal(c.response(body=False).status, 101)
        c.send(b"one")
        equal(c.read(3), b"one")
        c.sock.send(b"!", socket.MSG_OOB)
        c.send(b"two")
        idle("tunnel")
        equal(c.read(3), b"two")
        c.half_close()
        equal(c.read_all(), b"")
    with proxyd.client(TCP) as c:
        c.send(PING)
        equal(c.response().status, 200)
        c.sock.send(b"!", socket.MSG_OOB)
        idle("between requests")
        c.send(PING)
        equal(c.response().status, 200)


@case("a client that ends its side in the middle of an answer gets it all")
def half():
    size = 1000000
    stub.script("GET /info size=%d" % size)
    # The end at several places: once what is left is more than the socket
    # holds and less than the filter may keep besides.
    for addr in BOTH:
        for percent in range(66, 90, 2):
            with proxyd.client(addr) as c:
                c.send(request("GET", "/info"))
                equal(c.response(body=False).status, 200)
                have = len(c.take(len(c.buf)))
                while have < size * percent // 100:
                    data = c.sock.recv(4096)
                    check(data, "closed after %d bytes" % have)
                    have += len(data)
                time.sleep(0.03)        # the filter has all of it
                c.half_close()
                time.sleep(0.03)        # and has heard of the end
                equal(have + len(c.read_all()), size,
                      "ended at %d%%, %s" % (percent, addr))
    stub.script("")


@case("a request that waited and is cut short ends with its client's end")
def cut():
    stub.script("GET /_ping delay=300")
    tar = {"Content-Type": "application/x-tar", "Content-Length": "1000"}
    json = {"Content-Type": "application/json", "Content-Length": "1000"}
    for addr in BOTH:
        for data in (request("PUT", "/containers/a/archive?path=/x",
                             headers=tar),
                     request("POST", "/containers/create", headers=json),
                     request("POST", "/nope", headers=tar)):
            with proxyd.client(addr) as c:
                c.send(PING + data + b"{")
                c.half_close()
                equal(c.response().status, 200)
                start = time.monotonic()
                c.read_all()
                check(time.monotonic() - start < 5, "held for long")
    stub.script("")


@case("clients that have gone behind what they sent are noticed")
def gone():
    stub.script("GET /events hang=1\nGET /_ping delay=300")
    pid = filter_pid()
    engine = len(stub.open_connections())
    before = fd_count(pid)
    for addr in BOTH:
        for _ in range(5):
            with proxyd.client(addr) as c:
                c.send(PING + request("GET", "/events"))
                c.half_close()
        for _ in range(5):
            with proxyd.client(addr) as c:
                c.send(request("GET", "/events"))
                c.sock.settimeout(1)
                try:
                    c.send(b"x" * 70000)
                except socket.timeout:
                    pass        # it is not read, which is fine, too
    poll(lambda: fd_count(pid) <= before, 15, lambda:
         "descriptors of the filter: %d, then %d" % (before, fd_count(pid)))
    poll(lambda: len(stub.open_connections()) <= engine + 4, 2, lambda:
         "connections of the engine: %d, then %d" %
         (engine, len(stub.open_connections())))
    stub.script("")
    equal(filter_pid(), pid, "the same filter")


if __name__ == "__main__":
    main()
