#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""dockerd goes away and comes back under a running proxyd.

In between every request is answered at once and says what is the matter; what
was streaming ends; afterwards everything works without a restart of proxyd.
"""

import os
import time

import cli
import engine
import harness
from harness import check, equal, request

shared = {}


def world():
    if not shared:
        e = shared["engine"] = engine.Engine()
        e.start()
        shared["proxyd"] = harness.Proxyd(e.socket)
    return shared["engine"], shared["proxyd"]


def lifetimes(p):
    """Who serves: neither the parent nor a filter may be another one."""
    return [p.pid] + p.filters()


def unavailable(p, seconds):
    """502, in Docker's form, soon, for a read and for a write."""
    for method, target, body in (
            ("GET", "/_ping", None), ("GET", "/v1.41/containers/json", None),
            ("POST", "/v1.41/containers/create", {"Image": "busybox:test"}),
            ("POST", "/containers/x/start", None)):
        began = time.monotonic()
        r = p.request(method, target, body)
        equal(r.status, 502, "%s %s while there is no engine: %r" %
              (method, target, r))
        check("Docker" in (r.message or ""), "message %r" % r.body)
        check(time.monotonic() - began < seconds, "takes its time")
    c = cli.Cli("/usr/bin/docker", p.addr, harness.tmpdir())
    r = c.run("ps")
    check(r.returncode == 1 and b"Docker" in r.stderr,
          "the CLI says %r" % r.stderr)


def recovers(e, p):
    c = cli.Cli("/usr/bin/docker", p.addr, harness.tmpdir())
    r = c.run("run", "-i", "--rm", e.IMAGE, "cat", input=b"back\n")
    equal((r.returncode, r.stdout), (0, b"back\n"), "run -i: %r" % r.stderr)


@harness.case("stopped in order, started again")
def stopped():
    e, p = world()
    before = lifetimes(p)
    with p.client() as kept:
        kept.send(request("GET", "/_ping"))
        equal(kept.response().status, 200, "before")
        e.stop()
        unavailable(p, 2.0)
        kept.send(request("GET", "/_ping"))
        equal(kept.response().status, 502, "an old connection, meanwhile")
        e.start()
        kept.send(request("GET", "/_ping"))
        equal(kept.response().status, 200, "the same connection, afterwards")
    recovers(e, p)
    equal(lifetimes(p), before, "processes")


@harness.case("killed with streams open: they end, and work goes on")
def killed():
    e, p = world()
    before = lifetimes(p)
    e.purge()
    c = cli.Cli("/usr/bin/docker", p.addr, harness.tmpdir())
    c.must("run", "-d", "-i", "--name", "there", e.IMAGE, "sh", "-c",
           "while :; do echo tick; sleep 0.1; done")
    streams = [c.talk("logs", "-f", "there"), c.talk("attach", "there")]
    idle = [c.talk("wait", "there"), c.talk("events")]
    for t in streams:
        t.expect("tick")
    e.kill()
    for t in streams + idle:
        with t:
            t.end(20)
    unavailable(p, 2.0)
    e.start()
    recovers(e, p)
    equal(lifetimes(p), before, "processes")


@harness.case("an upload that the engine's death interrupts gets an answer")
def upload():
    e, p = world()
    with p.client() as c:
        c.send(request("POST", "/images/load", headers=[
            ("Content-Type", "application/x-tar"),
            ("Content-Length", str(1 << 30))]) + b"\0" * (1 << 20))
        e.kill()
        r = c.response()
        equal(r.status, 502, "answer %r" % r)
    e.start()
    recovers(e, p)


@harness.case("proxyd started before the engine")
def before_engine():
    e, _ = world()
    e.stop()
    check(not os.path.exists(e.socket) or not e.ping(), "the engine is up")
    p = harness.Proxyd(e.socket)
    unavailable(p, 2.0)
    e.start()
    recovers(e, p)
    p.stop()


harness.main()
