# SPDX-License-Identifier: ISC
"""How late a line of the engine reaches the client: the stub writes the time
of writing into each line, and both clocks are CLOCK_MONOTONIC."""

import re
import statistics
import time

from harness import (EVERYTHING, Client, case, check, equal, free_port, main,
                     pair, request)

LINES = 100
LIMIT = 2.0             # ms, median
stub, proxyd = pair(EVERYTHING, listen=None)
stubt, overtcp = pair(EVERYTHING,
                      listen=["tcp://127.0.0.1:%d" % free_port()])
stamp = re.compile(rb'"monotonic":(\d+)')


def delays(addr, target, count=LINES):
    """Delay of each line in ms."""
    out = []
    with Client(addr) as c:
        c.send(request("GET", target))
        r = c.response(body=False)
        equal(r.status, 200)
        buf = b""
        while len(out) < count:
            if not c.buf:
                check(c.fill(), "the stream goes on")
            at = time.monotonic_ns()
            buf += c.take(len(c.buf))
            end = 0
            for m in stamp.finditer(buf):
                if m.end() == len(buf):
                    break
                out.append((at - int(m.group(1))) / 1e6)
                end = m.end()
            buf = buf[end:]
    return out[:count]


def measure(what, target, servers):
    for name, addr in servers:
        ms = sorted(delays(addr, target))
        median, p95 = statistics.median(ms), ms[int(len(ms) * 0.95)]
        print("  %-8s %-8s median %.3f ms, p95 %.3f ms, worst %.3f ms" %
              (what, name, median, p95, ms[-1]), flush=True)
        if name != "direct":
            check(median < LIMIT, "%s over %s: median %.3f ms" % (
                what, name, median))


def servers():
    return (("direct", "unix://" + stub.path), ("unix", proxyd.addr),
            ("tcp", overtcp.addr))


@case("a line of events is at the client within 2 ms (median)")
def events():
    for s in (stub, stubt):
        s.script("GET /events tick=5 count=%d" % (LINES + 10))
    measure("events", "/v1.41/events", servers())


@case("a line of logs -f is at the client within 2 ms (median)")
def logs():
    for s in (stub, stubt):
        s.script("GET /containers/web/logs tick=5 count=%d" % (LINES + 10))
    measure("logs -f", "/v1.41/containers/web/logs?follow=1&stdout=1",
            servers())


@case("lines that come 250 ms apart are not held back either")
def slow_lines():
    stub.script("GET /events tick=250 count=20")
    ms = delays(proxyd.addr, "/v1.41/events", 8)
    check(statistics.median(ms) < LIMIT, "delays %r" % ms)


@case("the head of a silent stream comes at once")
def head_at_once():
    for target in ("/events", "/containers/web/logs"):
        stub.script("GET %s tick=3000 count=2" % target)
        begin = time.monotonic()
        with proxyd.client() as c:
            c.send(request("GET", "/v1.41%s?follow=1" % target))
            equal(c.response(body=False).status, 200)
        took = (time.monotonic() - begin) * 1000
        check(took < 500, "%s: head after %.0f ms" % (target, took))


@case("an HTTP/1.0 client gets lines as soon, and undivided")
def http10():
    stub.script("GET /events tick=5 count=20")
    with proxyd.client() as c:
        c.send(request("GET", "/events", version="1.0"))
        r = c.response()
        equal(r.get("transfer-encoding"), None)
        equal(r.body.count(b"\n"), 20)
        check(all(line.startswith(b"{") and line.endswith(b"}")
                  for line in r.body.splitlines()), "whole lines")


if __name__ == "__main__":
    main()
