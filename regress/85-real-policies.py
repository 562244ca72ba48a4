#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The presets and the examples in front of a real engine.

What a preset's client reads gets the same status through proxyd as directly;
docker-compose brings a project up and down under the preset that is named
after it.
"""

import importlib.util
import os
import shutil

import engine
import harness
from harness import Proxyd, check, equal

HERE = os.path.dirname(os.path.abspath(__file__))


def load(name):
    """Another case file, for its tables."""
    spec = importlib.util.spec_from_file_location(
        name.replace("-", "_"), os.path.join(HERE, name + ".py"))
    module = importlib.util.module_from_spec(spec)
    own = list(harness._cases)
    spec.loader.exec_module(module)
    harness._cases[:] = own
    return module


presets = load("82-presets")
compose = load("55-compose")
shared = {}
# Answers that end only when the client does, or that the engine makes of
# something that is not there.
ENDLESS = ("/events", "/stats", "/logs", "/attach")


def real():
    if not shared:
        e = shared["engine"] = engine.Engine()
        e.start()
        equal(e.docker("tag", e.IMAGE, "user/app:1").returncode, 0, "tag")
    e = shared["engine"]
    e.purge()
    return e


def populate(e):
    """What the requests of the tables are about."""
    e.json("POST", "/networks/create", {"Name": "net"})
    e.json("POST", "/volumes/create", {"Name": "vol"})
    r = e.docker("run", "-d", "--name", "web", "-v", "vol:/v", "user/app:1",
                 "sleep", "600")
    equal(r.returncode, 0, "run: %r" % r.stderr)


def status(conn, method, target):
    """The status only: some of these never end."""
    try:
        conn.request(method, target)
        return conn.getresponse().status
    finally:
        conn.close()


def reads(name):
    return [(op, target) for op, target, body in presets.requests(name)
            if not op.write and body is None and
            op.method in ("GET", "HEAD") and
            not any(target.partition("?")[0].endswith(e) for e in ENDLESS)]


@harness.case("what the client of each preset reads: as if there were no proxy")
def presets_read():
    e = real()
    populate(e)
    total = 0
    for name in presets.names():
        addr = "unix://" + harness.tmpname("real") + ".sock"
        lines = '\tpreset "%s"\n%s' % (
            name, presets.OWN if presets.creates(name) else "")
        p = Proxyd(e.socket, listen=[addr], conf_profile=lines)
        for op, target in reads(name):
            direct = status(engine.UnixHTTP(e.socket), op.method, target)
            got = status(engine.UnixHTTP(addr[len("unix://"):]), op.method,
                         target)
            equal(got, direct, "%s: %s %s" % (name, op.method, target))
            total += 1
        p.stop()
    check(total > 100, "only %d requests" % total)
    print("# %d requests" % total)


def no_compose():
    return None if os.path.exists(compose.COMPOSE) else \
        "docker-compose is not installed"


@harness.case("preset compose: up, ps, logs, exec, scale, down", no_compose)
def preset_compose():
    e = real()
    e.docker("rmi", "three_worker")
    direct = compose.session(e, e.host)
    e.docker("rmi", "three_worker")
    p = Proxyd(e.socket, listen=["tcp://127.0.0.1:%d" % harness.free_port()],
               conf_profile="""
	preset "compose"
	# version 1 builds without BuildKit and moves networks
	pass on { build/create, exec, networks/disconnect, containers/top }
	allow image { "busybox:test", "three_worker*" }
	allow volume "three_*"
	allow network "three_*"
	allow publish any
""")
    proxied = compose.session(e, p.addr)
    for a, b in zip(direct, proxied):
        equal(b, a, "through proxyd")
    equal(len(proxied), len(direct), "lines")
    equal(p.log_lines("Forbidden"), [], "refused on the way")


if __name__ == "__main__":
    check(shutil.which("dockerd") is not None, "dockerd is not installed")
    harness.main()
