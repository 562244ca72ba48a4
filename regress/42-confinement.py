# SPDX-License-Identifier: ISC
"""Confinement of the running daemon, seen from outside: what /proc says of
both processes at rest, with streams open, after a restart of a filter, and
what happens when a part of it cannot be had."""

import os
import signal
import subprocess

import confinement
from harness import (EVERYTHING, PROXYD, Proxyd, Skip, Stub, case, check,
                     equal, main, pair, poll, request, sanitized, tmpname)

EVENTS = "/v1.41/events"
ATTACH = "/v1.41/containers/web/attach"
UP = {"Connection": "Upgrade", "Upgrade": "tcp"}


def skip_unless_confined():
    if sanitized():
        raise Skip("a sanitizer build has no seccomp")


def judged(proxyd, stub, reload=False):
    """All that confinement.py finds wrong with the daemon."""
    bad = confinement.check_parent(proxyd.pid, reload)
    filters = proxyd.filters()
    check(filters, "no filter")
    for pid in filters:
        bad += confinement.check_filter(pid, root="/var/empty",
                                        engine=stub.path,
                                        title="proxyd: filter")
    return bad


@case("at rest: ids, capabilities, seccomp, root, limits, descriptors")
def at_rest():
    skip_unless_confined()
    stub, proxyd = pair(EVERYTHING)
    equal(proxyd.request("GET", "/_ping").status, 200)
    equal(judged(proxyd, stub), [])
    proxyd.stop()
    stub.stop()


@case("with streams open no filter holds a descriptor of the engine")
def streams():
    skip_unless_confined()
    stub, proxyd = pair(EVERYTHING)
    with proxyd.client() as events, proxyd.client() as tunnel:
        events.send(request("GET", EVENTS))
        equal(events.response(body=False).status, 200)
        tunnel.send(request("POST", ATTACH, headers=UP))
        equal(tunnel.response(body=False).status, 101)
        tunnel.send(b"x\n")
        equal(tunnel.read(2), b"x\n")
        equal(judged(proxyd, stub), [])
    proxyd.stop()
    stub.stop()


@case("a filter that took another's place is confined as well")
def restarted():
    skip_unless_confined()
    stub, proxyd = pair(EVERYTHING)
    old = proxyd.filters()
    os.kill(old[0], signal.SIGKILL)
    poll(lambda: proxyd.filters() and proxyd.filters() != old,
         text="a new filter")
    poll(lambda: proxyd.request("GET", "/_ping").status == 200,
         text="that serves")
    equal(judged(proxyd, stub), [])
    proxyd.stop()
    stub.stop()


@case("with a configuration file, before a reload and after it")
def reloads():
    skip_unless_confined()
    stub = Stub()
    addrs = ["unix://%s.sock" % tmpname(n) for n in "ab"]

    def text(n):
        return 'set socket "%s"\nprofile "p" {\npass on ping\n}\n%s' % (
            stub.path, "".join('listen on "%s" profile "p"\n' %
                               a[len("unix://"):] for a in addrs[:n]))

    proxyd = Proxyd(stub, listen=addrs[:1], conf=text(1))
    for n in (1, 2, 2):
        equal(len(proxyd.filters()), n)
        equal(judged(proxyd, stub, reload=True), [])
        check(proxyd.reload(text(2)), "reloaded")
    proxyd.stop()
    stub.stop()


def refuses(text, **how):
    """proxyd does not start, and says why."""
    stub = Stub()
    env = {"SOCKET_PATH": stub.path, "PATH": os.environ["PATH"],
           "PROXYD_LISTEN": "unix://%s.sock" % tmpname("refused")}
    r = subprocess.run(how.pop("argv", []) + [PROXYD, "-d"],
                       env=env, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       text=True, timeout=20, **how)
    check(r.returncode != 0, "it ended well: " + r.stdout)
    check(text in r.stdout, "%r in:\n%s" % (text, r.stdout))
    stub.stop()


@case("without the capabilities that confinement takes it does not start")
def no_capabilities():
    skip_unless_confined()
    refuses("SYS_CHROOT", argv=["setpriv", "--bounding-set=-sys_chroot",
                          "--inh-caps=-sys_chroot", "--"])


@case("without root it does not start")
def no_root():
    refuses("need root", argv=["setpriv", "--reuid=65534", "--regid=65534",
                               "--clear-groups", "--"])


if __name__ == "__main__":
    main()
