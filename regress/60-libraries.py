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
import nodejs
from harness import check, equal

PYTHON = "/usr/bin/python3"     # the one that has the distribution's modules

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


def output(argv, env):
    """Exit status and normalised lines of a client."""
    r = subprocess.run(argv, env=dict(env, PATH=cli.PATH,
                                      HOME=harness.tmpdir()),
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True, timeout=180)
    return r.returncode, cli.normal(r.stdout).splitlines()


def lines(argv, env):
    status, out = output(argv, env)
    check(status == 0 and out and out[-1] == "done", "%s: %d\n%s" %
          (" ".join(argv), status, "\n".join(out)[-2000:]))
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


@harness.case("docker-py", no_docker_py)
def docker_py():
    compare([PYTHON, "-B", os.path.join(harness.HERE, "pyclient.py")])


@harness.case("dockerode", nodejs.missing)
def dockerode():
    nodejs.install()
    compare(["node", nodejs.program("client.js")], nodejs.ENV)


if __name__ == "__main__":
    harness.main()
