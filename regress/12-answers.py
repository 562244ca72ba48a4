# SPDX-License-Identifier: ISC
"""Answers: each framing, large ones, slow readers, an engine gone wrong."""

import socket

from harness import (EVERYTHING, case, check, equal, main, pair, pattern,
                     poll, request)

stub, proxyd = pair(EVERYTHING)

EXPORT = "/v1.41/containers/web/export"     # handed to the pump
LIST = "/containers/json"                   # inside the messages
MIB = 1 << 20


def get(target, head=False):
    with proxyd.client() as c:
        c.send(request("HEAD" if head else "GET", target))
        return c.response(head=head)


def rss(pid):
    with open("/proc/%d/status" % pid) as f:
        for line in f:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0


def bad_gateway(raw, target="/info", method="GET"):
    """The engine's bytes are no answer: 502 in Docker's form."""
    stub.script("%s %s raw=%s close=1" % (method, target, stub.raw(raw)))
    try:
        r = proxyd.request(method, target)
    finally:
        stub.script("")
    equal(r.status, 502, "for %r: %r" % (raw[:60], r))
    check(r.message, "a message: %r" % r)
    equal(proxyd.request("GET", "/_ping").status, 200, "afterwards")
    return r


@case("length, chunked and close-delimited answers of many sizes")
def framings():
    for size in (0, 1, 250, 4096, 65535, 65536, 131072, 1000003):
        for framing in ("length", "chunked", "close"):
            for target in (LIST, EXPORT):
                stub.script("GET %s framing=%s size=%d chunk=5003" % (
                    target.replace("/v1.41", ""), framing, size))
                r = get(target)
                what = "%s %s %d" % (target, framing, size)
                equal(r.status, 200, what)
                check(r.complete, what + " complete")
                equal(len(r.body), size, what)
                check(r.body == pattern(size), what + ": other bytes")
    stub.script("")


@case("after each of them the client's connection goes on if it can")
def goes_on():
    for framing in ("length", "chunked", "close"):
        stub.script("GET %s framing=%s size=70000" % (LIST, framing))
        with proxyd.client() as c:
            c.send(request("GET", LIST))
            r = c.response()
            equal(len(r.body), 70000)
            if r.framing != "close":
                c.send(request("GET", "/_ping"))
                equal(c.response().body, b"OK", framing)
    stub.script("")


@case("204 and 304 have no body, and what follows is in step")
def no_body():
    for status in (204, 304):
        stub.script("GET /info status=%d" % status)
        with proxyd.client() as c:
            c.send(request("GET", "/info") + request("GET", "/_ping"))
            r = c.response()
            equal((r.status, r.body), (status, b""))
            equal(c.response().body, b"OK")
    stub.script("")


@case("HEAD of a large answer: its length, none of its bytes")
def head_large():
    stub.script("GET %s size=500000\nHEAD %s size=500000" % (LIST, LIST))
    with proxyd.client() as c:
        c.send(request("HEAD", LIST) + request("GET", "/_ping"))
        equal(c.response(head=True).status, 200)
        equal(c.response().body, b"OK")
    stub.script("")


@case("1xx of the engine does not confuse what follows")
def interim():
    raw = stub.raw(b"HTTP/1.1 100 Continue\r\n\r\n"
                   b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                   b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
    stub.script("GET /info raw=%s" % raw)
    with proxyd.client() as c:
        c.send(request("GET", "/info") + request("GET", "/_ping"))
        r = c.response()
        equal((r.status, r.body), (200, b"hello"))
        equal(c.response().body, b"OK")
    stub.script("")


@case("the engine's 4xx and 5xx arrive with their message")
def errors():
    for status in (400, 404, 409, 500):
        stub.script("GET /containers/nope/json status=%d" % status)
        r = get("/v1.41/containers/nope/json")
        equal(r.status, status)
        check(r.body, "its body")
    stub.script("")


@case("128 MiB down, chunked, through the pump: every byte")
def bulk():
    size = 128 * MIB
    stub.script("GET /containers/web/export framing=chunked size=%d "
                "chunk=65536" % size)
    with proxyd.client() as c:
        c.send(request("GET", EXPORT))
        r = c.response(body=False)
        want, have = pattern(251 * 4096), 0
        while True:
            piece = c.chunk()
            check(piece is not None, "cut off at %d" % have)
            if not piece:
                break
            at = have % 251
            while piece:
                n = min(len(piece), len(want) - at)
                if piece[:n] != want[at:at + n]:
                    check(False, "other bytes near %d" % have)
                have += n
                piece, at = piece[n:], (at + n) % 251
        equal((r.status, have), (200, size))
    stub.script("")


@case("a slow reader holds its own stream and costs no memory")
def slow_reader():
    for target in (LIST, EXPORT):
        stub.script("GET %s framing=chunked size=%d chunk=65536" % (
            target.replace("/v1.41", ""), 96 * MIB))
        pids = [proxyd.pid] + proxyd.filters()
        equal(get("/_ping").status, 200)
        before = sum(map(rss, pids))
        slow = proxyd.client()
        with slow:
            slow.send(request("GET", target))
            slow.head()
            for _ in range(200):        # others are served meanwhile
                equal(get("/_ping").status, 200)
            grown = sum(map(rss, pids)) - before
            check(grown < 8 * MIB, "%s: grew by %d KiB" % (
                target, grown // 1024))
            total = len(slow.buf)
            slow.buf = b""
            while total < 96 * MIB and slow.fill():
                total += len(slow.buf)
                slow.buf = b""
            check(total >= 96 * MIB, "%s: whole: %d" % (target, total))
    stub.script("")


@case("an engine that does not read holds the upload, and costs no memory")
def slow_engine():
    stub.script("POST /images/load noread=1 hang=1")
    pids = [proxyd.pid] + proxyd.filters()
    before = sum(map(rss, pids))
    with proxyd.client() as c:
        c.send(request("POST", "/v1.41/images/load", b"", {
            "Content-Type": "application/x-tar",
            "Content-Length": str(1 << 30)}))
        c.sock.settimeout(0.5)
        sent = 0
        try:
            while sent < 64 * MIB:
                sent += c.sock.send(b"q" * 65536)
        except socket.timeout:
            pass
        check(sent < 32 * MIB, "held back after %d KiB" % (sent // 1024))
        equal(get("/_ping").status, 200, "others meanwhile")
        grown = sum(map(rss, pids)) - before
        check(grown < 8 * MIB, "grew by %d KiB" % (grown // 1024))
    stub.script("")


@case("an answer cut short is cut short for the client, never completed")
def cut():
    for target in (LIST, EXPORT):
        for framing in ("length", "chunked"):
            stub.script("GET %s framing=%s size=300000 cut=100000" % (
                target.replace("/v1.41", ""), framing))
            with proxyd.client() as c:
                c.send(request("GET", target))
                r = c.response()
                check(not r.complete, "%s %s: %r" % (target, framing, r))
                check(c.closed(), "closed")
    stub.script("")


@case("an answer cut inside its head is a 502")
def cut_head():
    stub.script("GET /info cut=40")
    r = get("/info")
    equal(r.status, 502, repr(r))
    stub.script("")


@case("no answer at all is a 502, and a POST runs once")
def no_answer():
    bad_gateway(b"")
    for _ in range(3):      # something to reuse
        get("/_ping")
    stub.mark()
    bad_gateway(b"", "/containers/web/start", "POST")
    posts = b"".join(stub.arrived()).count(b"POST ")
    equal(posts, 1, "starts that reached the engine")


@case("a GET on a connection that the engine just closed is asked again")
def pooled_gone():
    raw = stub.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
    for method in ("GET", "POST"):
        for _ in range(20):     # says keep-alive, and closes
            stub.script("GET /info raw=%s close=1" % raw)
            equal(get("/info").body, b"OK")
            stub.script("")
            r = proxyd.request(method, "/version" if method == "GET" else
                               "/containers/web/start")
            check(r.status in (200, 204), "%s: %r" % (method, r))


@case("garbage in place of an answer is a 502 in Docker's form")
def garbage():
    for raw in (b"garbage\r\n\r\n",
                b"SSH-2.0-OpenSSH_9.2\r\n",
                b"\0\1\2\3" * 100,
                b"HTTP/2.0 200 OK\r\n\r\n",
                b"HTTP/1.1 2000 OK\r\n\r\n",
                b"HTTP/1.1 abc OK\r\n\r\n",
                b"HTTP/1.1 200 OK\nContent-Length: 2\n\nOK",
                b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                b"Content-Length: 3\r\n\r\nOK",
                b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n",
                b"HTTP/1.1 200 OK\r\nX: " + b"y" * 400000 + b"\r\n\r\n"):
        bad_gateway(raw)


@case("a 101 that nobody asked for is a 502, not a tunnel")
def switching():
    raw = stub.raw(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\n"
                   b"Upgrade: tcp\r\n\r\n")
    stub.script("GET /info raw=%s" % raw)
    stub.mark()
    with proxyd.client() as c:
        c.send(request("GET", "/info", headers={
            "Connection": "Upgrade", "Upgrade": "tcp"}))
        r = c.response()
        equal(r.status, 502, repr(r))
        try:
            c.send(b"raw bytes for the engine")
        except OSError:
            pass
    equal(get("/_ping").status, 200)
    check(b"raw bytes" not in b"".join(stub.arrived()), "not a tunnel")
    stub.script("")


@case("a second answer behind the first is nobody's")
def surplus():
    one = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
    raw = stub.raw(one + b"one" + one + b"two")
    stub.script("GET /info raw=%s" % raw)
    with proxyd.client() as c:
        c.send(request("GET", "/info"))
        equal(c.response().body, b"one")
        stub.script("")
        for _ in range(5):
            c.send(request("GET", "/_ping"))
            equal(c.response().body, b"OK")
    for _ in range(5):
        equal(get("/_ping").body, b"OK")


@case("what the engine says in bad chunks is cut off, not made good")
def bad_chunks():
    raw = stub.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                   b"3\r\nabc\r\nzz\r\n")
    stub.script("GET /info raw=%s" % raw)
    with proxyd.client() as c:
        c.send(request("GET", "/info"))
        r = c.response()
        check(r.status == 502 or not r.complete, repr(r))
    stub.script("")


@case("a slow answer has no time limit shorter than its pace")
def paced():
    stub.script("GET %s framing=chunked size=100 chunk=10 interval=50"
                % LIST)
    r = get(LIST)
    equal(r.body, pattern(100))
    stub.script("")


@case("clients that leave in the middle leave nothing behind")
def leavers():
    stub.script("GET /containers/web/export framing=chunked size=%d\n"
                "GET %s framing=chunked size=%d" % (64 * MIB, LIST, 64 * MIB))
    for target in (EXPORT, LIST):
        for _ in range(10):
            with proxyd.client() as c:
                c.send(request("GET", target))
                c.head()
    stub.script("")
    poll(lambda: len(stub.open_connections()) <= 2, 5,
         lambda: "engine connections closed; open: %r" %
         stub.open_connections())


if __name__ == "__main__":
    main()
