#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Client libraries through proxyd: docker-py and dockerode.

Each has a script of its own that prints what it got; run directly and through
proxyd (TCP and a Unix-domain socket) it must print the same and end well.
"""

import os
import subprocess

import cli
import engine
import harness
from harness import check, equal

PYTHON = "/usr/bin/python3"     # the one that has the distribution's modules
MODULES = os.path.join(harness.TREE, "build", "node")

shared = {}


def world():
    """One engine and one proxyd, with two listeners, for both libraries."""
    if not shared:
        e = shared["engine"] = engine.Engine()
        e.start()
        shared["proxyd"] = harness.Proxyd(e.socket, dict(
            harness.EVERYTHING), [
            "tcp://127.0.0.1:%d" % harness.free_port(),
            "unix://%s.sock" % harness.tmpname("listen")])
    return shared["engine"], shared["proxyd"]


def lines(argv, env):
    r = subprocess.run(argv, env=dict(env, PATH=cli.PATH,
                                      HOME=harness.tmpdir()),
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True, timeout=180)
    out = cli.normal(r.stdout).splitlines()
    check(r.returncode == 0 and out and out[-1] == "done",
          "%s: %d\n%s" % (" ".join(argv), r.returncode, r.stdout[-2000:]))
    return out


def compare(argv, env=None):
    e, p = world()
    p.log_mark()
    e.purge()
    direct = lines(argv + [e.host], env or {})
    for addr in p.addrs:
        e.purge()
        proxied = lines(argv + [addr], env or {})
        for a, b in zip(direct, proxied):
            equal(b, a, "through " + addr)
        equal(len(proxied), len(direct), "lines through " + addr)
    equal(p.log_lines("Forbidden"), [], "refused on the way")


def no_docker_py():
    r = subprocess.run([PYTHON, "-c", "import docker"], capture_output=True)
    return "python3-docker is not installed" if r.returncode else None


def no_node():
    missing = [x for x in ("node", "npm") if engine.which(x) is None]
    return "%s not installed" % " and ".join(missing) if missing else None


def install_modules():
    """dockerode into the build directory, once."""
    if os.path.isdir(os.path.join(MODULES, "node_modules", "dockerode")):
        return
    os.makedirs(MODULES, exist_ok=True)
    with open(os.path.join(harness.HERE, "package.json")) as f:
        text = f.read()
    with open(os.path.join(MODULES, "package.json"), "w") as f:
        f.write(text)
    r = subprocess.run(["npm", "install", "--no-audit", "--no-fund",
                        "--ignore-scripts"], cwd=MODULES, timeout=300,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True)
    check(r.returncode == 0, "npm install: " + r.stdout[-1500:])


@harness.case("docker-py", no_docker_py)
def docker_py():
    compare([PYTHON, "-B", os.path.join(harness.HERE, "pyclient.py")])


@harness.case("dockerode", no_node)
def dockerode():
    install_modules()
    compare(["node", os.path.join(harness.HERE, "node", "client.js")],
            {"NODE_PATH": os.path.join(MODULES, "node_modules")})


harness.main()
