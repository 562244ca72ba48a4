# SPDX-License-Identifier: ISC
"""What a request is called: an id of our own in every answer and in the log;
and the trace that it is part of, W3C Trace Context, passed on if it is well
formed."""

import os
import re
import signal

from harness import (EVERYTHING, PING, Proxyd, case, check, default_listen,
                     equal, main, pair, poll, request)

ID = re.compile(r"[0-9a-f]{12}-[0-9a-f]+$")
UPGRADE = {"Connection": "Upgrade", "Upgrade": "tcp"}

stub, proxyd = pair(EVERYTHING)


def id_of(r):
    """The id in that answer, which has exactly one."""
    found = [v for k, v in r.headers if k == "x-request-id"]
    equal(len(found), 1, repr(r))
    check(ID.match(found[0]), found[0])
    return found[0]


@case("every answer has an id, of its own, and its line in the log has it")
def every():
    seen = set()
    stub.script("GET /networks raw=%s close=1\n"
                "GET /volumes framing=chunked" % stub.raw(b""))
    proxyd.log_mark()
    for data, status in (
            (PING, 200),
            (request("HEAD", "/_ping"), 200),
            (request("GET", "/info", version="1.0"), 200),
            (request("GET", "/volumes"), 200),
            (request("GET", "/containers/json"), 200),
            (request("GET", "/v1.41/containers/web/logs"), 200),
            (request("POST", "/v1.41/containers/web/start"), 204),
            (request("POST", "/containers/web/attach", headers=UPGRADE), 101),
            (request("POST", "/containers/web/attach"), 200),
            (request("GET", "/nothing"), 403),
            (request("POST", "/containers/create",
                     {"Image": "i", "HostConfig": {"Privileged": True}}), 403),
            (request("GET", "/containers//json"), 400),
            (b"nonsense\r\n\r\n", 400),
            (request("GET", "/networks"), 502)):
        with proxyd.client() as c:
            c.send(data)
            r = c.head()
            equal(r.status, status, repr(data))
            one = id_of(r)
            check(one not in seen, "again: " + one)
            seen.add(one)
    for one in seen:
        proxyd.log_contains(" id %s rule " % one)
        equal(len(proxyd.log_lines(" id %s rule " % one)), 1, one)
    stub.script("")


@case("on one connection each request has its own; the line of an audit too")
def connection():
    audit = Proxyd(stub, conf_profile="mode audit\npass on ping")
    with audit.client() as c:
        ids = []
        for _ in range(20):
            c.send(request("GET", "/info"))
            ids.append(id_of(c.response()))
    equal(len(set(ids)), 20)
    for one in ids:
        word = " id %s rule " % one
        mine = poll(lambda: len(audit.log_lines(word)) >= 2 and
                    audit.log_lines(word), text="two lines of " + one)
        equal(["audit" in line for line in mine], [True, False], one)
    audit.stop()


@case("the engine's id and the client's own are neither passed nor taken")
def others():
    stub.script("GET /info raw=%s close=1" % stub.raw(
        b"HTTP/1.1 200 OK\r\nx-request-ID: engine\r\nContent-Length: 2\r\n"
        b"X-Request-Id: again\r\nConnection: close\r\n\r\n{}"))
    stub.mark()
    r = proxyd.request("GET", "/info", headers={"X-Request-Id": "mine"})
    id_of(r)
    check(b"mine" not in b"".join(stub.arrived()), "not for the engine")
    check(b"engine" not in r.raw and b"again" not in r.raw, r.raw)
    stub.script("POST /containers raw=%s" % stub.raw(
        b"HTTP/1.1 101 UPGRADED\r\nX-Request-Id: engine\r\n"
        b"Content-Type: application/vnd.docker.raw-stream\r\n"
        b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"))
    with proxyd.client() as c:
        c.send(request("POST", "/containers/web/attach", headers=UPGRADE))
        r = c.head()
        equal(r.status, 101)
        id_of(r)
        equal(r.get("upgrade"), "tcp", "the rest is the engine's")
    stub.script("")


@case("no two processes have the same: other listeners, a filter's successor")
def processes():
    two = Proxyd(stub, EVERYTHING, listen=[default_listen(),
                                           default_listen()])
    first = set()
    for addr in two.addrs:
        with two.client(addr) as c:
            c.send(PING)
            first.add(id_of(c.response()).split("-")[0])
    equal(len(first), 2)
    before = two.filters()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    poll(lambda: len(two.filters()) == 2 and
         not set(before) & set(two.filters()), text="new filters")
    for addr in two.addrs:
        with two.client(addr) as c:
            c.send(PING)
            one = id_of(c.response()).split("-")[0]
            check(one not in first, one)
            first.add(one)
    equal(len(first), 4)
    two.stop()


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00-%s-00f067aa0ba902b7-01" % TRACE


def passed_on(*headers):
    """What of these reaches the engine, as (name, value)."""
    stub.mark()
    equal(proxyd.request("GET", "/info", headers=headers).status, 200)
    head = b"".join(stub.arrived()).decode().split("\r\n")
    return [tuple(line.split(": ", 1)) for line in head
            if line.lower().startswith("trace")]


@case("traceparent and tracestate are passed on, written anew")
def trace():
    one = ("Traceparent", PARENT)
    equal(passed_on(("traceparent", PARENT)), [one])
    equal(passed_on(("TRACEPARENT", PARENT[:-2] + "ff")), [one])
    equal(passed_on(("traceparent", "7f" + PARENT[2:] + "-later")), [one])
    equal(passed_on(("tracestate", "a=1,\tb=2 , "), ("traceparent", PARENT)),
          [one, ("Tracestate", "a=1,b=2")])
    equal(passed_on(("traceparent", PARENT), ("tracestate", "a=1"),
                    ("tracestate", "b=2,c=3")),
          [one, ("Tracestate", "a=1,b=2,c=3")])


@case("a malformed one is dropped, and the request is not refused")
def trace_malformed():
    for value in ("", "x", PARENT.upper(), PARENT + "0", PARENT[:-1],
                  "ff" + PARENT[2:], PARENT.replace(TRACE, "0" * 32),
                  PARENT.replace("00f067aa0ba902b7", "0" * 16)):
        equal(passed_on(("traceparent", value), ("tracestate", "a=1")), [],
              value)
    equal(passed_on(("traceparent", PARENT), ("traceparent", PARENT)), [])
    equal(passed_on(("tracestate", "a=1")), [], "no state without a parent")
    for value in ("a", "a=1,a=2", "A=1", "a=" + "x" * 257,
                  ",".join("k%d=1" % i for i in range(33)),
                  ",".join("k%d=" % i + "x" * 99 for i in range(6))):
        equal(passed_on(("traceparent", PARENT), ("tracestate", value)),
              [("Traceparent", PARENT)], value)
    equal(passed_on(("traceparent", PARENT),
                    *[("tracestate", "k%d=" % i + "x" * 90)
                      for i in range(40)]), [("Traceparent", PARENT)])


@case("an upgrade and a judged body carry it, too")
def trace_kinds():
    stub.mark()
    proxyd.request("POST", "/v1.41/containers/create", {"Image": "i"},
                   headers={"Traceparent": PARENT})
    with proxyd.client() as c:
        c.send(request("POST", "/containers/web/attach",
                       headers=dict(UPGRADE, traceparent=PARENT)))
        equal(c.head().status, 101)
    equal(b"".join(stub.arrived()).count(
        b"\r\nTraceparent: " + PARENT.encode() + b"\r\n"), 2)


if __name__ == "__main__":
    main()
