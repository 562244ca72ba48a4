# SPDX-License-Identifier: ISC
"""Requests: order, keep-alive, versions, bodies in each framing."""

import socket
import threading

from harness import (EVERYTHING, Client, canonical, case, check, chunked,
                     equal, main, pair, poll, request, PING)

stub, proxyd = pair(EVERYTHING)

LOAD = "/v1.41/images/load"


def arrived_one(want, text=""):
    """Exactly these bytes reached the engine, on one connection."""
    poll(lambda: sum(map(len, stub.arrived())) >= len(want),
         text=lambda: "the whole request at the engine; there is %r" %
         stub.arrived())
    equal(stub.arrived(), [want], text)


def upload(*pieces):
    """What reaches the engine for a chunked upload: head, data."""
    data = b"".join(stub.arrived())
    head, _, rest = data.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", dechunk(rest)


def dechunk(data):
    """The data of a whole chunked body; None while it is not whole."""
    out = b""
    while True:
        size, sep, data = data.partition(b"\r\n")
        if not sep:
            return None
        n = int(size, 16)
        if n == 0:
            equal(data, b"\r\n", "behind the last chunk")
            return out
        if len(data) < n + 2:
            return None
        equal(data[n:n + 2], b"\r\n", "behind a chunk")
        out += data[:n]
        data = data[n + 2:]


@case("keep-alive: five requests, one client and one engine connection")
def keep_alive():
    stub.mark()
    with proxyd.client() as c:
        for _ in range(5):
            c.send(request("GET", "/_ping"))
            r = c.response()
            equal((r.status, r.body), (200, b"OK"))
    equal(stub.arrived(), [PING * 5])


@case("pipelined requests are answered in order, a slow one first")
def pipelining():
    stub.script("GET /info delay=200")
    with proxyd.client() as c:
        c.send(request("GET", "/info") + request("GET", "/_ping") +
               request("GET", "/nowhere") + request("GET", "/version") +
               request("POST", "/v1.41/containers/web/start") +
               request("GET", "/containers/json"))
        got = [c.response() for _ in range(6)]
    stub.script("")
    equal([r.status for r in got[:2] + got[3:]], [200, 200, 200, 204, 200])
    check(b'"ServerVersion"' in got[0].body, "first is /info: %r" % got[0])
    equal(got[1].body, b"OK")
    check(got[2].status in (403, 404), "third refused: %r" % got[2])
    check(b'"ApiVersion"' in got[3].body, "fourth is /version: %r" % got[3])
    check(b'"/web"' in got[5].body, "sixth is ps: %r" % got[5])


@case("a hundred pipelined requests in one write")
def pipeline_many():
    with proxyd.client() as c:
        c.send(request("GET", "/_ping") * 100)
        for i in range(100):
            equal(c.response().body, b"OK", "answer %d" % i)


@case("a request that comes byte by byte")
def trickle():
    with proxyd.client() as c:
        for i in range(len(PING)):
            c.send(PING[i:i + 1])
        equal(c.response().body, b"OK")
        body = b'{"Image":"i"}'
        data = request("POST", "/v1.41/containers/create", body)
        for i in range(len(data)):
            c.send(data[i:i + 1])
        equal(c.response().status, 201)


@case("HEAD has a head and no body, and the connection goes on")
def head_request():
    with proxyd.client() as c:
        for target in ("/_ping", "/containers/json", "/version"):
            c.send(request("HEAD", target) + request("GET", "/_ping"))
            r = c.response(head=True)
            equal(r.status, 200, target)
            equal(c.response().body, b"OK", "after HEAD " + target)


@case("HTTP/1.0: closed after the answer, kept alive when asked for")
def http10():
    with proxyd.client() as c:
        c.send(request("GET", "/_ping", version="1.0", host=None))
        r = c.response()
        equal(r.body, b"OK")
        check(c.closed(), "HTTP/1.0 closes")
    with proxyd.client() as c:
        for _ in range(2):
            c.send(request("GET", "/_ping", version="1.0",
                           headers={"Connection": "keep-alive"}))
            r = c.response()
            equal(r.body, b"OK")
            equal((r.get("connection") or "").lower(), "keep-alive")


@case("HTTP/1.0: a chunked answer is decoded, its end is the close")
def http10_chunked():
    with proxyd.client() as c:
        c.send(request("POST", "/v1.41/containers/web/wait", version="1.0"))
        r = c.response()
        equal(r.get("transfer-encoding"), None)
        equal(r.body, b'{"StatusCode":0}\n')


@case("Connection: close is obeyed, pipelined bytes behind it are not")
def close_asked():
    stub.mark()
    with proxyd.client() as c:
        c.send(request("GET", "/_ping", headers={"Connection": "close"}) +
               request("GET", "/version"))
        equal(c.response().body, b"OK")
        check(c.closed(), "closed")
    equal(b"".join(stub.arrived()), PING)


@case("a client's half-close on an ordinary request does not reach the "
      "engine")
def half_close():
    # dockerd takes it as a cancel, so does the stub
    stub.script("GET /info delay=200\nPOST /build delay=200")
    with proxyd.client() as c:
        c.send(request("GET", "/info"))
        c.half_close()
        equal(c.response().status, 200)
    with proxyd.client() as c:
        c.send(request("POST", "/v1.41/build?t=x", b"tar",
                       {"Content-Type": "application/x-tar"}))
        c.half_close()
        equal(c.response().status, 200)
    stub.script("")


@case("an empty Host is accepted")
def empty_host():
    with proxyd.client() as c:
        c.send(request("GET", "/_ping", host=""))
        equal(c.response().body, b"OK")


@case("a JSON body with a length, and the same in chunks: one form arrives")
def json_bodies():
    body = b'{"Image":"i","Cmd":["a"]}'
    want = canonical("POST", "/v1.41/containers/create?name=n1", None)
    target = "/v1.41/containers/create?name=n1"
    arrived = []
    for data in (request("POST", target, body),
                 request("POST", target, chunked(body[:5], body[5:]),
                         {"Transfer-Encoding": "chunked"}),
                 request("POST", target, b" " + body.replace(b",", b" ,\n"))):
        stub.mark()
        with proxyd.client() as c:
            c.send(data)
            equal(c.response().status, 201)
        arrived.append(b"".join(stub.arrived()))
    equal(arrived[1], arrived[0], "chunked body")
    equal(arrived[2], arrived[0], "blanks in the body")
    head, _, have = arrived[0].partition(b"\r\n\r\n")
    equal(head, canonical("POST", target, have).partition(b"\r\n\r\n")[0])
    check(want.split(b"\r\n")[0] == head.split(b"\r\n")[0], "request line")


@case("a body as long as 100 KiB is judged and arrives whole")
def json_large():
    env = ["N%d=%s" % (i, "x" * 1000) for i in range(100)]
    stub.mark()
    r = proxyd.request("POST", "/v1.41/containers/create",
                       {"Image": "i", "Env": env})
    equal(r.status, 201, repr(r))
    data = b"".join(stub.arrived())
    check(all(e.encode() in data for e in env), "every variable is there")


@case("an upload of a known length: the head, then exactly its bytes")
def upload_length():
    body = bytes(range(256)) * 4000
    stub.mark()
    with proxyd.client() as c:
        c.send(request("POST", LOAD, body,
                       {"Content-Type": "application/x-tar"}))
        equal(c.response().status, 200)
    arrived_one(canonical("POST", LOAD, body, ctype="application/x-tar",
                          close=True))


@case("an upload in chunks: the parent's own chunks, the same data")
def upload_chunked():
    pieces = [b"a", b"b" * 70000, bytes(range(256)) * 300, b"c"]
    stub.mark()
    with proxyd.client() as c:
        c.send(request("POST", LOAD, chunked(*pieces),
                       {"Content-Type": "text/plain",
                        "Transfer-Encoding": "chunked"}))
        equal(c.response().status, 200)
    head, data = upload()
    equal(head, canonical("POST", LOAD, ctype="application/x-tar",
                          coding=True, close=True))
    equal(data, b"".join(pieces))


@case("an upload in large chunks among small ones, sizes of any width")
def upload_chunks_mixed():
    """What is spliced, what is read, and what was guessed of a line."""
    sizes = [32768, 32768, 70000, 5, 65536, 65535, 8192, 8191, 40000, 1,
             300000, 16, 262144, 32768]
    pieces = [bytes((i + n) & 255 for i in range(n)) for n in sizes]
    lines = [b"%x", b"%06x", b"%x;a=b", b"%X"]
    stub.mark()
    with proxyd.client() as c:
        c.send(request("POST", LOAD, b"",
                       {"Transfer-Encoding": "chunked"}))
        for i, p in enumerate(pieces * 3):
            line = lines[i // 5 % len(lines)] % len(p) + b"\r\n"
            for part in (line[:i % 3], line[i % 3:], p, b"\r", b"\n"):
                c.send(part)
        c.send(b"0\r\n\r\n")
        equal(c.response().status, 200)
    _, data = upload()
    check(data == b"".join(pieces) * 3, "%d bytes, another body" % len(data))


@case("chunk extensions, trailers and upper-case sizes do not travel")
def upload_odd_chunks():
    stub.mark()
    with proxyd.client() as c:
        c.send(request("POST", LOAD,
                       b"0A;x=y\r\n0123456789\r\n00;z\r\n"
                       b"Content-Length: 5\r\nX: y\r\n\r\n",
                       {"Transfer-Encoding": "chunked"}))
        r = c.response()
    if r.status == 200:
        head, data = upload()
        equal(data, b"0123456789")
    else:
        equal(r.status, 400)
        data = b"".join(stub.arrived())
        check(b"x=y" not in data and b"X: y" not in data, repr(data))


@case("an empty upload, with length 0 and with the last chunk only")
def upload_empty():
    for data in (request("POST", LOAD, b"",
                         {"Content-Type": "application/x-tar"}),
                 request("POST", LOAD, b"0\r\n\r\n",
                         {"Transfer-Encoding": "chunked"})):
        with proxyd.client() as c:
            c.send(data + request("GET", "/_ping"))
            equal(c.response().status, 200)
            equal(c.response().body, b"OK")


@case("an upload cut short by its client never looks complete")
def upload_cut():
    for head, body in (({"Transfer-Encoding": "chunked"},
                        chunked(b"Z" * 5000, last=False)),
                       ({"Content-Length": "9000"}, b"Z" * 5000)):
        stub.mark()
        with proxyd.client() as c:
            c.send(request("POST", LOAD, body, head))
            poll(lambda: stub.arrived() and
                 stub.arrived()[0].count(b"Z") >= 5000,
                 text="the part that was sent")
        num = [n for _, what, n in stub.diary() if what == "request"][-1]
        poll(lambda: num not in stub.open_connections(), text="closed")
        data = stub.arrived()[0]
        check(not data.endswith(b"0\r\n\r\n"), "no last chunk: %r" % data)
        check(data.count(b"Z") == 5000, "no more than was sent")


@case("Expect: 100-continue: asked for first, the body follows")
def expect_continue():
    for framing in ({"Content-Length": "5"},
                    {"Transfer-Encoding": "chunked"}):
        stub.mark()
        with proxyd.client() as c:
            c.send(request("POST", LOAD, b"", dict(
                framing, Expect="100-continue")))
            equal(c.head().status, 100)
            c.send(b"hello" if "Content-Length" in framing else
                   chunked(b"hello"))
            equal(c.response().status, 200)
            c.send(PING)
            equal(c.response().body, b"OK")
        data = b"".join(stub.arrived())
        check(b"hello" in data and b"Expect" not in data, repr(data))


@case("Expect: 100-continue on what is refused: the refusal alone")
def expect_refused_first():
    with proxyd.client() as c:
        c.send(request("POST", "/v1.41/services/create", b"", {
            "Content-Length": "100000", "Expect": "100-continue"}))
        r = c.response()
        equal(r.status, 403, repr(r))
        equal(r.interim, [])


@case("an answer that is early leaves while the body still comes")
def early_answer():
    stub.script("POST /images/load early=1 tick=10 count=20")
    stub.mark()
    with proxyd.client() as c:
        c.send(request("POST", "/v1.41/images/load", b"", {
            "Content-Type": "application/x-tar",
            "Transfer-Encoding": "chunked"}) +
            chunked(b"y" * 10, last=False))
        r = c.head()
        equal(r.status, 200)
        check(b'"monotonic"' in c.chunk(), "a line before the body's end")
        for _ in range(64):
            c.send(chunked(b"y" * 65536, last=False))
        c.send(b"0\r\n\r\n")
        lines = 1
        while True:
            piece = c.chunk()
            check(piece is not None, "whole answer")
            if not piece:
                break
            lines += piece.count(b"\n")
        equal(lines, 20)
    poll(lambda: b"".join(stub.arrived()).endswith(b"0\r\n\r\n"),
         text="the end of the body at the engine")
    equal(upload()[1], b"y" * (10 + 64 * 65536))
    stub.script("")


@case("an error that comes before the body is read reaches the client")
def early_error():
    stub.script("POST /images/load early=1 noread=1 status=500 close=1")
    with proxyd.client() as c:
        c.send(request("POST", "/v1.41/images/load", b"", {
            "Content-Type": "application/x-tar",
            "Content-Length": str(64 << 20)}))
        done = threading.Event()

        def push():
            try:
                while not done.is_set():
                    c.sock.send(b"z" * 65536)
            except OSError:
                pass

        thread = threading.Thread(target=push)
        thread.start()
        try:
            r = c.response()
        finally:
            done.set()
            c.sock.shutdown(socket.SHUT_RDWR)
            thread.join()
    equal(r.status, 500, repr(r))
    stub.script("")


@case("heads that are too large are refused, the engine hears nothing")
def large_heads():
    stub.mark()
    for data, wanted in (
            (request("GET", "/_ping?" + "a" * 300000), (400, 414, 431)),
            (request("GET", "/_ping", headers={"X": "y" * 300000}),
             (400, 431)),
            (request("GET", "/_ping", headers=[("X%d" % i, "y")
                                               for i in range(2000)]),
             (400, 431))):
        with proxyd.client() as c:
            try:
                c.send(data)
            except OSError:
                pass
            r = c.response()
            check(r.status in wanted, "%d not in %r" % (r.status, wanted))
            check(r.message, "a message: %r" % r)
    equal(stub.arrived(), [])


@case("fifty clients at once, twenty requests each")
def many_clients():
    failures = []

    def work(i):
        try:
            with Client(proxyd.addr) as c:
                for j in range(20):
                    name = "c%d-%d" % (i, j)
                    c.send(request("GET", "/v1.41/containers/%s/json" % name)
                           if j % 2 else request("GET", "/_ping"))
                    r = c.response()
                    if r.status != 200 or not r.complete:
                        failures.append((name, r))
        except Exception as e:      # noqa: reported below
            failures.append((i, repr(e)))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(50)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    equal(failures, [])


if __name__ == "__main__":
    main()
