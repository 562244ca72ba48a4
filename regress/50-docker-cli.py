#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The real docker CLI, straight to a private dockerd and through proxyd.

Every row is done twice, on the same engine and from the same state.  Exit
status and output have to be equal, and the row must have worked directly:
two equal failures show nothing.  The policy is everything on except
ALLOW_PRIVILEGED, which only the rows marked with it need.
"""

import os
import subprocess
import sys
import time

import cli
import clirows
import engine
import harness
from clirows import World, rows
from harness import Failed, Skip, check


def clis():
    """The distribution's, and the one that PATH finds if it is another; or
    the one that came with the engine."""
    root = engine.Engine.other_root()
    if root:
        return [root + "/usr/bin/docker"]
    found = ["/usr/bin/docker"] if os.path.exists("/usr/bin/docker") else []
    other = engine.which("docker")
    if other and os.path.realpath(other) not in map(os.path.realpath, found):
        found.append(other)
    return found


def version_of(docker):
    """What the CLI calls itself."""
    r = subprocess.run([docker, "--version"], capture_output=True, text=True)
    return r.stdout.split()[2].rstrip(",")


def attempt(fn, docker, host):
    """One side of a row: (did it work, transcript)."""
    World.engine.purge()
    c = cli.Cli(docker, host, World.work)
    try:
        fn(c)
    except Exception as e:
        c.note("fails", cli.normal(str(e)))
        return False, c.transcript
    return True, c.transcript


def difference(direct, proxied):
    if direct and direct[-1][0] == "fails":
        return "directly %.700r" % (direct[-1],)
    for a, b in zip(direct, proxied):
        if a != b:
            return "directly %.700r, through proxyd %.700r" % (a, b)
    return "directly %d steps, through proxyd %d" % (len(direct),
                                                     len(proxied))


def line(name, *cells):
    print("# %-52s %-8s %-8s %s" % ((name,) + cells), flush=True)


def table(docker, label, addrs, only_newer):
    """Print it; the rows that are not the same."""
    bad = []
    print("#")
    line("docker CLI " + label, "direct", "proxyd", "same")
    for title, fn, privileged, newer in rows:
        if only_newer and not newer:
            continue
        began = time.monotonic()
        ok1, direct = attempt(fn, docker, World.engine.host)
        middle = time.monotonic()
        ok2, proxied = attempt(fn, docker, addrs[privileged])
        same = ok1 and ok2 and direct == proxied
        took = " (%.1f s, %.1f s)" % (middle - began,
                                      time.monotonic() - middle)
        line(title, "ok" if ok1 else "FAILS", "ok" if ok2 else "FAILS",
             ("yes" if same else "NO") + took)
        if not same:
            bad.append("%s: %s" % (title, difference(direct, proxied)))
    World.engine.purge()
    return bad


def prepare():
    World.work = harness.tmpname("work")
    os.mkdir(World.work)
    root = engine.Engine.other_root()
    if root:                            # and its plugins, buildx for one
        os.mkdir(World.work + "/.docker")
        os.symlink(root + "/usr/libexec/docker/cli-plugins",
                   World.work + "/.docker/cli-plugins")
    World.engine = engine.Engine()
    World.engine.start()
    noise = os.urandom(1 << 20)
    body = b"".join(noise[i:] + noise[:i] for i in range(clirows.BIG >> 20))
    World.engine.import_image(
        "big:test", engine.busybox_tar([("noise", 0o644, body)]))


def everything(**more):
    env = dict(harness.EVERYTHING, ALLOWED_MOUNT_PATHS="", **more)
    listen = "tcp://127.0.0.1:%d" % harness.free_port()
    return harness.Proxyd(World.engine.socket, env, [listen])


def run_table(docker, only_newer):
    if World.engine is None:
        prepare()
    closed = everything()
    opened = everything(ALLOW_PRIVILEGED="1")
    bad = table(docker, version_of(docker), {False: closed.addr,
                                         True: opened.addr}, only_newer)
    if clirows.r_buildkit in [r[1] for r in rows] and not only_newer:
        check(opened.log_lines("session") or opened.log_lines("grpc"),
              "the tunnel of a BuildKit build is not in the log")
    closed.stop()
    opened.stop()
    if bad:
        raise Failed("%d rows differ\n  %s" % (len(bad), "\n  ".join(bad)))


def make_cases():
    if engine.Engine.other_root():      # nothing there is the engine's
        rows[:] = [r for r in rows if r[1] is not clirows.r_many]
    for i, docker in enumerate(clis()):
        harness.case("CLI %s gives what it gives directly" % version_of(docker))(
            lambda docker=docker, i=i: run_table(docker, i > 0))
    if not clis():
        @harness.case("docker CLI")
        def missing():
            raise Skip("no docker CLI is installed")


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] == "-r":   # only rows with a word
        rows[:] = [r for r in rows if sys.argv[2] in r[0]]
        del sys.argv[1:3]
    make_cases()
    harness.main()
