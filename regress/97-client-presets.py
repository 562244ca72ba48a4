#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Clients at their work under the preset that is for them, with a real engine.

Each is run directly and through proxyd, whose policy is the preset and the
"allow" lines that its comment asks for.  The output has to be the same, and
nothing may have been refused.
"""

import os

import engine
import harness
import nodejs
from harness import Proxyd, check, equal

libraries = harness.load("60-libraries")
docker_cli = harness.load("50-docker-cli")

# What goes under which preset, beside what it holds.
TESTCONTAINERS = """
	allow image { "busybox:test", "tc:*" }
	allow network any
"""
WORKSHOP = """
	allow image { "busybox:test", "js*", "py*" }
	allow volume { "js-volume", "py-volume" }
	allow network { "js-network", "py-network", "bridge" }
"""
DEVELOPER = """
	allow image { "busybox:test", "built:test", "no.such/image:here" }
	allow volume "vol"
	allow publish any
"""
# The rows of case 50 that are made of what somebody does in a dev container.
DEVELOPS = ("r_version", "r_ps", "r_life", "r_rund", "r_run", "r_runbad",
            "r_runi", "r_runt", "r_exec", "r_exect", "r_logs", "r_stats",
            "r_events", "r_wait", "r_cp", "r_build")

shared = {}


def real():
    """One engine for all, with nothing left of the case before."""
    if not shared:
        e = shared["engine"] = engine.Engine()
        e.start()
        equal(e.docker("tag", e.IMAGE, "tc:ryuk").returncode, 0, "tag")
    shared["engine"].purge()
    return shared["engine"]


def under(e, preset, more=""):
    """Not waited for by a ping, which not every preset passes."""
    path = harness.tmpname("listen") + ".sock"
    p = Proxyd(e.socket, listen=["unix://" + path], wait=False,
               conf_profile='\tpreset "%s"\n%s' % (preset, more))
    harness.poll(lambda: os.path.exists(path), text="listening: " + preset)
    return p


def same(preset, more, lines, before=None):
    """lines(address) of a client, directly and under a preset."""
    e = real()
    if before:
        before(e)
    direct = lines(e.host)
    if not before:
        e.purge()
    p = under(e, preset, more)
    try:
        proxied = lines(p.addr)
    finally:
        p.stop()
    equal(p.log_lines("Forbidden"), [], "refused on the way")
    for a, b in zip(direct, proxied):
        equal(b, a, "through proxyd")
    equal(len(proxied), len(direct), "lines")
    check(len(direct) > 3, "a client that does next to nothing: %r" % direct)


def script(argv, env=None):
    return lambda addr: libraries.lines(argv + [addr], env or {})


def where_ports_are(e):
    """Words before a command that run it in the engine's network."""
    pid = harness.children(e.super.pid)[0]
    return ["nsenter", "-t", str(pid), "-n"]


def testcontainers(what, addr, **env):
    argv = where_ports_are(shared["engine"]) + [
        "node", nodejs.program("testcontainers.js"), what]
    return libraries.output(argv, dict(
        nodejs.ENV, DOCKER_HOST=addr, TMPDIR=harness.tmpdir(),
        TESTCONTAINERS_HOST_OVERRIDE="127.0.0.1", **env))


@harness.case("testcontainers: waits, exec, files, logs, a network, a build",
              nodejs.missing)
def flow():
    nodejs.install()

    def lines(addr):
        status, out = testcontainers("flow", addr,
                                     TESTCONTAINERS_RYUK_DISABLED="true")
        equal((status, out[-1:]), (0, ["done"]), "\n".join(out))
        return out
    same("testcontainers", TESTCONTAINERS, lines)
    equal(shared["engine"].containers(), [], "left behind")


@harness.case("testcontainers: Ryuk, which mounts the socket, is told why not",
              nodejs.missing)
def ryuk():
    nodejs.install()
    e = real()
    p = under(e, "testcontainers", TESTCONTAINERS)
    status, out = testcontainers("ryuk", p.addr,
                                 RYUK_CONTAINER_IMAGE="tc:ryuk")
    p.stop()
    path = p.addr[len("unix://"):]
    check(status == 1 and any(
        "Forbidden - bind mount of %s is not allowed" % path in line
        for line in out), "%d\n%s" % (status, "\n".join(out)))
    equal(e.containers(), [], "containers")


def populate(e):
    """What a monitor looks at."""
    r = e.docker("run", "-d", "--name", "web", "--label", "homepage.name=Web",
                 "--health-cmd", "true", "--health-interval", "1h",
                 e.IMAGE, "sleep", "600")
    equal(r.returncode, 0, "run: %r" % r.stderr)


@harness.case("homepage by dockerode, Uptime Kuma by HTTP: they read",
              nodejs.missing)
def monitors():
    nodejs.install()
    for name in ("homepage", "uptime-kuma"):
        same(name, "", script(["node", nodejs.program("monitors.js"), name],
                              nodejs.ENV), populate)


@harness.case("Glances by docker-py: it reads", libraries.no_docker_py)
def glances():
    same("glances", "", script([libraries.PYTHON, "-B", os.path.join(
        harness.HERE, "pyglances.py")]), populate)


@harness.case("dockerode under preset portainer: all that it can do",
              nodejs.missing)
def dockerode():
    nodejs.install()
    same("portainer", WORKSHOP,
         script(["node", nodejs.program("client.js")], nodejs.ENV))


@harness.case("docker-py under preset portainer: all that it can do",
              libraries.no_docker_py)
def docker_py():
    # it names images by their ids when it tags them
    same("portainer", WORKSHOP + "\tallow image any\n", script(
        [libraries.PYTHON, "-B", os.path.join(harness.HERE, "pyclient.py")]))


def no_docker():
    return None if docker_cli.clis() else "no docker CLI is installed"


@harness.case("docker CLI under preset devcontainer: run, exec, cp, build, ...",
              no_docker)
def developer():
    world = docker_cli.World
    world.engine, world.work = real(), harness.tmpname("work")
    os.mkdir(world.work)
    p = under(world.engine, "devcontainer", DEVELOPER)
    docker = docker_cli.clis()[-1]
    have = {row[1].__name__: row[1] for row in docker_cli.rows}
    bad = []
    for name in DEVELOPS:
        ok1, direct = docker_cli.attempt(have[name], docker,
                                         world.engine.host)
        ok2, proxied = docker_cli.attempt(have[name], docker, p.addr)
        if not (ok1 and ok2 and direct == proxied):
            bad.append("%s: %s" % (name, docker_cli.difference(direct,
                                                               proxied)))
    p.stop()
    equal(p.log_lines("Forbidden"), [], "refused on the way")
    equal(bad, [], "rows that differ")


if __name__ == "__main__":
    harness.main()
