#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The threat matrix: every vector against the recorder and real engines.

In front of the recorder nothing of a vector may arrive, or only what gives no
power over the host.  In front of a dockerd or a podman each request is sent,
too, and afterwards everything on the engine is inspected: no container,
volume or network has any such power.  That this would be seen is shown first,
by the same powers asked for past the proxy.

"make engine-root" gets the dockerd of Debian 13; ENGINE_TRIXIE=DIR names
another root directory that has one.
"""

import json
import os

import engine
import harness
import vectors
from harness import Closed, Stub, check, equal

POLICY = dict(harness.EVERYTHING, SESSION="0", GRPC="0",
              ALLOW_EXPORT="0", **{"LIBPOD_" + name: "1" for name in (
                  "CONTAINERS EXEC IMAGES INFO BUILD PLAY PODS VOLUMES "
                  "SECRETS NETWORKS GENERATE SYSTEM").split()})
LOOK = {"CONTAINERS": "1", "INFO": "1"}
ALL = ["V%02d" % n for n in range(1, 59)]

results = {}            # column: {vector: cell}


def vectors_of(image):
    """{vector: (requests, policy)}"""
    out = {}
    for part in (vectors.bodies(image), vectors.paths(image),
                 vectors.others(image)):
        out.update({v: (reqs, "write") for v, reqs in part.items() if reqs})
    out.update({v: (reqs, "look") for v, reqs in vectors.reads().items()})
    return out


def ask(proxyd, data):
    """The status of one answer, 0 if there is none."""
    with proxyd.client() as c:
        try:
            c.send(data)
            c.half_close()
            return c.response(head=data.startswith(b"HEAD "),
                              body=False).status
        except (Closed, BrokenPipeError, ConnectionResetError):
            return 0


def arrived_powers(data):
    """What a request that arrived at the recorder would give."""
    head, _, body = data.partition(b"\r\n\r\n")
    if not body or b"application/json" not in head:
        return []
    value = json.loads(body)
    out = vectors.host_powers(value.get("HostConfig") or {})
    out += ["DriverOpts"] * bool(value.get("DriverOpts"))
    out += ["exec"] * (value.get("Privileged") is True)
    return out + ["network"] * (value.get("Driver") in ("macvlan", "ipvlan"))


def cell(vector, passed, total):
    """What the matrix says of a vector that gave no power."""
    if not passed:
        return "refused"
    return "%s %d/%d" % ("harmless" if vector in vectors.EITHER else
                         "PASSED", passed, total)


def no_pass(name):
    """No vector passed that is to be refused as a whole."""
    equal([v for v, text in sorted(results[name].items())
           if text.startswith("PASSED")], [], "passed on " + name)


def recorder():
    stub = Stub()
    proxies = {"write": harness.Proxyd(stub, POLICY),
               "look": harness.Proxyd(stub, LOOK)}
    column = results["recorder"] = {}
    for vector, (reqs, policy) in sorted(vectors_of("i").items()):
        passed = 0
        for data in reqs:
            stub.mark()
            ask(proxies[policy], data)
            new = harness.sentinel(proxies[policy], stub)
            passed += bool(new)
            for got in new:
                equal(arrived_powers(got), [], "%s: %r" % (vector, got))
        column[vector] = cell(vector, passed, len(reqs))
    for p in proxies.values():
        p.stop()
    stub.stop()
    no_pass("recorder")


def victim(e):
    """The container that vectors point at."""
    e.purge()
    status, data = e.request(
        "POST", "/v1.41/containers/create?name=" + vectors.VICTIM,
        {"Image": e.IMAGE, "Cmd": ["sleep", "1000"],
         "HostConfig": {"NetworkMode": "none"}})
    equal(status, 201, repr(data))


def controls(e):
    """Every power is found on this engine if somebody has it."""
    for n, host in enumerate(vectors.CONTROLS):
        if "IpcMode" in host and e.KIND == "podman":
            continue            # podman 4.3 reads no IpcMode there
        victim(e)
        equal(vectors.engine_powers(e), [], "the victim's")
        if "container:" in host.get("NetworkMode", ""):
            e.request("POST", "/containers/%s/start" % vectors.VICTIM)
        status, data = e.request(
            "POST", "/v1.41/containers/create?name=control%d" % n,
            {"Image": e.IMAGE, "HostConfig": host})
        equal(status, 201, "past the proxy: %r: %r" % (host, data))
        check(vectors.engine_powers(e), "not found: %r" % host)
    victim(e)
    e.json("POST", "/v1.41/volumes/create", {
        "Name": "control", "DriverOpts": vectors.OPTIONS[0]})
    check(vectors.engine_powers(e), "not found: a volume")


def real(e):
    """One engine's column."""
    e.start()
    try:
        name = "%s %s" % (e.KIND, ".".join(
            e.json("GET", "/version")["Version"].split(".")[:2]))
        controls(e)
        proxies = {"write": harness.Proxyd(e.socket, POLICY),
                   "look": harness.Proxyd(e.socket, LOOK)}
        column = results[name] = {}
        for vector, (reqs, policy) in sorted(vectors_of(e.IMAGE).items()):
            victim(e)
            statuses = [ask(proxies[policy], data) for data in reqs]
            equal(vectors.engine_powers(e), [], "%s on %s, answered %r" %
                  (vector, name, statuses))
            column[vector] = cell(vector, sum(0 < s < 400 for s in statuses),
                                  len(reqs))
        for p in proxies.values():
            p.stop()
        no_pass(name)
    finally:
        e.close()


@harness.case("the recorder: nothing arrives that gives power")
def on_recorder():
    recorder()


@harness.case("dockerd of this machine: no container has any",
              engine.Engine.missing)
def on_dockerd():
    real(engine.Engine())


@harness.case("dockerd of Debian 13: no container has any",
              engine.Engine.no_newer)
def on_trixie():
    real(engine.Engine(root=engine.NEWER))


@harness.case("podman: no container has any", engine.Podman.missing)
def on_podman():
    real(engine.Podman())


@harness.case("the matrix has every vector of the list")
def matrix():
    columns = list(results)
    print("# %-7s %s" % ("vector", " ".join("%-14s" % c for c in columns)))
    for v in ALL:
        if v in vectors.ELSEWHERE:
            print("# %-7s not here: %s" % (v, vectors.ELSEWHERE[v]))
            continue
        print("# %-7s %s" % (v, " ".join(
            "%-14s" % results[c].get(v, "-") for c in columns)))
    for c in columns:
        equal([v for v in ALL if v not in results[c] and
               v not in vectors.ELSEWHERE], [], "missing for " + c)


if __name__ == "__main__":
    harness.main()
