#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The presets and the examples in front of a real engine.

What a preset's client reads gets the same status through proxyd as directly;
docker-compose brings a project up and down under the preset that is named
after it.
"""

import os
import shutil

import engine
import harness
from harness import Proxyd, check, equal

presets = harness.load("82-presets")
compose = harness.load("55-compose")
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
    e.docker("rmi", compose.name("three", "worker"))
    direct = compose.session(e, e.host) + compose.errands(e, e.host)
    e.docker("rmi", compose.name("three", "worker"))
    p = Proxyd(e.socket, listen=["tcp://127.0.0.1:%d" % harness.free_port()],
               conf_profile="""
	preset "compose"
	# it builds without BuildKit here; version 1 moves networks
	pass on { build/create, exec, networks/disconnect, containers/top }
	allow image { "busybox:test", "three_worker*", "three-worker*" }
	allow volume "three_*"
	allow network "three_*"
	allow publish any
""")
    proxied = compose.session(e, p.addr) + compose.errands(e, p.addr)
    for a, b in zip(direct, proxied):
        equal(b, a, "through proxyd")
    equal(len(proxied), len(direct), "lines")
    equal(p.log_lines("Forbidden"), [], "refused on the way")


def example(e, name, changes):
    """An example with the places of this test in it."""
    with open(os.path.join(harness.TREE, "examples", name)) as f:
        text = f.read()
    for old, new in changes:
        check(old in text, "%s has no %r" % (name, old))
        text = text.replace(old, new)
    if "set socket" not in text:
        text = 'set socket "%s"\n' % e.socket + text
    return text


DEFAULT_SOCKET = 'set socket "/var/run/docker.sock"'


@harness.case("example traefik: its client reads, and changes nothing")
def example_traefik():
    e = real()
    populate(e)
    port = harness.free_port()
    path = harness.tmpname("edge") + ".sock"
    tcp = "tcp://127.0.0.1:%d" % port
    p = Proxyd(e.socket, listen=[tcp, "unix://" + path],
               conf=example(e, "traefik.conf", (
                   (DEFAULT_SOCKET, 'set socket "%s"' % e.socket),
                   ("172.20.0.0/16", "127.0.0.0/8"),
                   ("port 2375", "port %d" % port),
                   ("/run/proxyd/traefik.sock", path))))
    for addr in p.addrs:
        for target in ("/_ping", "/version", "/containers/json",
                       "/containers/web/json"):
            with p.client(addr) as c:
                c.send(harness.request("GET", target))
                equal(c.response().status, 200, addr + target)
        for method, target in (("POST", "/containers/web/stop"),
                               ("GET", "/containers/web/logs?stdout=1"),
                               ("GET", "/images/json"),
                               ("DELETE", "/containers/web")):
            with p.client(addr) as c:
                c.send(harness.request(method, target))
                equal(c.response().status, 403, addr + target)
    equal(e.containers(), ["web"], "containers")


STACK = """
version: "3.8"
services:
  app:
    image: openpalm/app:1
    command: ["sleep", "600"]
    user: "1000"
    security_opt: ["no-new-privileges:true"]
    volumes: ["data:/data", "%(home)s:/home"]
    networks: [back]
    %(more)s
networks:
  back:
volumes:
  data:
"""


@harness.case("example compose-admin: its own stack and nothing else",
              no_compose)
def example_compose():
    e = real()
    equal(e.docker("tag", e.IMAGE, "openpalm/app:1").returncode, 0, "tag")
    home = harness.tmpname("home")
    os.mkdir(home)
    port = harness.free_port()
    p = Proxyd(e.socket, listen=["tcp://127.0.0.1:%d" % port],
               conf=example(e, "compose-admin.conf", (
                   (DEFAULT_SOCKET, 'set socket "%s"' % e.socket),
                   ("/srv/openpalm", home),
                   ("0.0.0.0 port 2375 from 172.30.0.0/24",
                    "127.0.0.1 port %d" % port))))
    compose.FILE = harness.tmpname("stack") + ".yml"

    def up(more="", fails=False, **kw):
        with open(compose.FILE, "w") as f:
            f.write(STACK % {"home": kw.get("home", home), "more": more})
        return compose.compose(p.addr, "up", "-d", fails=fails,
                               project="openpalm")

    up()
    spec = e.json("GET", "/containers/%s/json" %
                  compose.name("openpalm", "app", "1"))
    equal(spec["HostConfig"]["Memory"], 4 << 30, "memory")
    equal(spec["HostConfig"]["PidsLimit"], 2048, "pids")
    equal(spec["Config"]["Labels"]["owner"], "openpalm", "label")
    compose.compose(p.addr, "restart", "-t", "0", project="openpalm")
    compose.compose(p.addr, "exec", "-T", "app", "true", fails=True,
                    project="openpalm")
    for more in ("privileged: true", "pid: host", "ipc: host",
                 "cap_add: [SYS_ADMIN]", "devices: [/dev/kmsg]", "HOME"):
        compose.compose(p.addr, "down", "-v", "-t", "0", project="openpalm")
        if more == "HOME":
            up(fails=True, home="/etc")
        else:
            up(more, fails=True)
        equal(e.containers(), [], more)


@harness.case("example devcontainer: run with the workspace, exec, remove")
def example_devcontainer():
    e = real()
    work = harness.tmpname("work")
    os.mkdir(work)
    path = harness.tmpname("alice") + ".sock"
    p = Proxyd(e.socket, listen=["unix://" + path],
               conf=example(e, "devcontainer.conf", (
                   ('alice     = "1000"', 'alice = "0"'),
                   ("/home/alice/src", work),
                   ("/run/proxyd/alice.sock", path))))
    with open(work + "/file", "w") as f:
        f.write("the workspace\n")
    r = engine.cli("/usr/bin/docker", p.addr, "run", "-d", "--name", "dev",
                   "--cap-add", "SYS_PTRACE", "--security-opt",
                   "seccomp=unconfined", "-v", work + ":/work", e.IMAGE,
                   "sleep", "600")
    equal(r.returncode, 0, "run: %r" % r.stderr)
    equal(e.json("GET", "/containers/dev/json")["HostConfig"]["PidsLimit"],
          4096, "the default of the limit")
    r = engine.cli("/usr/bin/docker", p.addr, "exec", "dev", "cat",
                   "/work/file")
    equal(r.stdout, b"the workspace\n", "exec: %r" % r.stderr)
    for words in (["--privileged"], ["-v", "/:/host"], ["--pid", "host"],
                  ["--pids-limit", "9000"]):
        r = engine.cli("/usr/bin/docker", p.addr, "run", "-d", *words,
                       e.IMAGE, "true")
        check(r.returncode != 0 and b"not allowed" in r.stderr or
              b"limit" in r.stderr, "%s: %r" % (words, r.stderr))
    r = engine.cli("/usr/bin/docker", p.addr, "rm", "-f", "dev")
    equal(r.returncode, 0, "rm: %r" % r.stderr)


if __name__ == "__main__":
    check(shutil.which("dockerd") is not None, "dockerd is not installed")
    harness.main()
