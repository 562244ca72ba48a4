# SPDX-License-Identifier: ISC
"""Upgrades: attach, exec start, session; early bytes and half-close."""

import json

from harness import (EVERYTHING, case, check, canonical, equal, main, pair,
                     poll, request)

stub, proxyd = pair(EVERYTHING)

ATTACH = "/v1.41/containers/web/attach?stream=1&stdin=1&stdout=1"
EXEC = "/v1.41/exec/%s/start" % ("ab" * 32)
UP = {"Connection": "Upgrade", "Upgrade": "tcp"}
START = b'{"Detach":false,"Tty":true}'


def echo(c, data):
    c.send(data)
    equal(c.read(len(data)), data, "echo")


@case("attach with Upgrade: 101, both ways, half-close ends it")
def attach_upgrade():
    stub.mark()
    with proxyd.client() as c:
        c.send(request("POST", ATTACH, headers=UP))
        r = c.response(body=False)
        equal(r.status, 101, repr(r))
        equal((r.get("upgrade") or "").lower(), "tcp")
        echo(c, b"hello\n")
        echo(c, bytes(range(256)) * 4096)
        c.half_close()
        equal(c.read_all(), b"")
    data = stub.arrived()[0]
    equal(data[:data.index(b"\r\n\r\n") + 4],
          canonical("POST", ATTACH, upgrade="tcp"))


@case("attach without Upgrade: 200 and raw-stream, both ways")
def attach_plain():
    for version in ("1.1", "1.0"):
        with proxyd.client() as c:
            c.send(request("POST", ATTACH, version=version))
            r = c.response(body=False)
            equal(r.status, 200, repr(r))
            equal(r.get("content-length"), None)
            equal(r.get("transfer-encoding"), None)
            check("raw-stream" in (r.get("content-type") or ""), repr(r.raw))
            echo(c, b"hello\n")
            c.half_close()
            equal(c.read_all(), b"")


@case("bytes sent with the request wait for the 101 and are delivered")
def early_bytes():
    stub.script("POST /containers/web/attach delay=100")
    for headers in (UP, {}):
        with proxyd.client() as c:
            c.send(request("POST", ATTACH, headers=headers) + b"early\n")
            r = c.response(body=False)
            equal(r.status, 101 if headers else 200)
            equal(c.read(6), b"early\n")
            echo(c, b"later\n")
            c.half_close()
            equal(c.read_all(), b"")
    stub.script("")


@case("early bytes and a half-close with the request: echo x | docker run -i")
def early_end():
    with proxyd.client() as c:
        c.send(request("POST", ATTACH, headers=UP) + b"only\n")
        c.half_close()
        equal(c.response(body=False).status, 101)
        equal(c.read_all(), b"only\n")


@case("a refused attach gets none of the bytes behind it")
def not_switched():
    for status, extra in ((404, ""), (409, ""), (500, " delay=100"),
                          (200, " size=0")):
        stub.script("POST /containers/web/attach status=%d size=20%s" %
                    (status, extra))
        stub.mark()
        smuggled = request("POST", "/v1.41/containers/create",
                           {"HostConfig": {"Privileged": True}})
        with proxyd.client() as c:
            c.send(request("POST", ATTACH, headers=UP) + smuggled)
            r = c.response(body=False)
            equal(r.status, status, repr(r))
        equal(proxyd.request("GET", "/_ping").status, 200)
        check(b"Privileged" not in b"".join(stub.arrived()),
              "%d: %r" % (status, stub.arrived()))
    stub.script("")


@case("dockerd's error form of attach: close-delimited, no tunnel")
def attach_error():
    raw = stub.raw(b"HTTP/1.1 404 Not Found\r\nContent-Type: "
                   b"application/vnd.docker.raw-stream\r\n\r\n"
                   b"No such container: nope\r\n")
    stub.script("POST /containers/nope/attach raw=%s close=1" % raw)
    with proxyd.client() as c:
        c.send(request("POST", "/containers/nope/attach", headers=UP))
        r = c.response()
        equal((r.status, r.body), (404, b"No such container: nope\r\n"))
    stub.script("")


@case("exec start: the body is judged and sent, then both ways")
def exec_start():
    stub.mark()
    with proxyd.client() as c:
        c.send(request("POST", EXEC, START, UP))
        equal(c.response(body=False).status, 101)
        echo(c, b"ls\n")
        c.half_close()
        equal(c.read_all(), b"")
    head, _, rest = stub.arrived()[0].partition(b"\r\n\r\n")
    body, sep, _ = rest.partition(b"}")
    body += sep
    equal(json.loads(body), json.loads(START))
    equal(head + b"\r\n\r\n" + body,
          canonical("POST", EXEC, body, upgrade="tcp"))


@case("exec start, detached: an ordinary answer, and no tunnel behind it")
def exec_detach():
    stub.mark()
    with proxyd.client() as c:
        c.send(request("POST", EXEC, b'{"Detach":true,"Tty":false}', UP) +
               request("GET", "/_ping"))
        r = c.response()
        equal((r.status, r.body), (200, b""))
        try:
            r = c.response()            # pipelined, or closed: both are fine
            equal(r.body, b"OK")
        except Exception as e:
            check("closed" in str(e), str(e))
    equal(proxyd.request("GET", "/_ping").status, 200)
    for data in stub.arrived():
        check(data.count(b"HTTP/1.1\r\nHost: docker\r\n") ==
              data.count(b"HTTP/1.1\r\n"), "only our heads: %r" % data)


@case("exec start without Upgrade: 200 for those who did not ask")
def exec_plain():
    with proxyd.client() as c:
        c.send(request("POST", EXEC, START))
        r = c.response(body=False)
        equal(r.status, 200)
        echo(c, b"id\n")
        c.half_close()
        equal(c.read_all(), b"")


@case("the engine ends first: what it said arrives, then the end")
def engine_ends():
    raw = stub.raw(b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/"
                   b"vnd.docker.raw-stream\r\nConnection: Upgrade\r\n"
                   b"Upgrade: tcp\r\n\r\n" + b"out\n" * 50000)
    stub.script("POST /containers/web/attach raw=%s close=1" % raw)
    for headers in (UP, {}):
        with proxyd.client() as c:
            c.send(request("POST", ATTACH, headers=headers))
            r = c.response(body=False)
            equal(r.status, 101 if headers else 200)
            equal(len(c.read_all()), 200000)
    stub.script("")


@case("a burst through a tunnel and then silence: all of it arrives")
def burst():
    # the engine says much and waits, as a shell does after "cat big"
    for size in (100000, 300000, 600000, 1 << 20, 3 << 20) * 4:
        raw = stub.raw(b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/"
                       b"vnd.docker.raw-stream\r\nConnection: Upgrade\r\n"
                       b"Upgrade: tcp\r\n\r\n" + b"x" * size)
        stub.script("POST /containers/web/attach raw=%s" % raw)
        with proxyd.client() as c:
            c.send(request("POST", ATTACH, headers=UP))
            equal(c.response(body=False).status, 101)
            equal(len(c.read(size)), size)
    stub.script("")
    for _ in range(10):                 # and both ways at once
        with proxyd.client() as c:
            c.send(request("POST", ATTACH, headers=UP))
            equal(c.response(body=False).status, 101)
            echo(c, b"0123456789abcdef" * 65536)


@case("a client that leaves a tunnel closes the engine's side")
def leave():
    before = stub.open_connections()
    for how in ("close", "reset"):
        with proxyd.client() as c:
            c.send(request("POST", ATTACH, headers=UP))
            equal(c.response(body=False).status, 101)
            echo(c, b"x")
            if how == "reset":
                c.reset()
        poll(lambda: stub.open_connections() <= before, 1.0,
             lambda: "closed after %s: %r" % (how, stub.open_connections()))


@case("session and grpc: h2c is asked for, whatever the client says")
def h2c():
    for path in ("/v1.41/session", "/v1.41/grpc"):
        stub.mark()
        with proxyd.client() as c:
            c.send(request("POST", path, headers={
                "Connection": "Upgrade", "Upgrade": "h2c"}))
            r = c.response(body=False)
            equal(r.status, 101, repr(r))
            echo(c, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        equal(stub.arrived()[0].partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
              canonical("POST", path, upgrade="h2c"))


if __name__ == "__main__":
    main()
