#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Who asks: addresses over TCP, real users and groups behind a unix socket.

Every process here really has the ids that the case is about: it is forked,
gives up root and connects.
"""

import grp
import os
import pwd
import socket

import harness
from harness import Stub, Proxyd, check, equal, request

NOBODY = pwd.getpwnam("nobody")
DAEMON = pwd.getpwnam("daemon")
MAIL = grp.getgrnam("mail")


def ask_as(addr, uid, gid, groups=(), target="/_ping"):
    """The status that a process with these ids gets; 0: cut off unanswered."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 0
        try:
            os.setgroups(list(groups))
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)
            with harness.Client(addr) as c:
                c.send(request("GET", target))
                status = c.response().status
        except (OSError, harness.Failed):
            pass
        os.write(w, b"%d" % status)
        os._exit(0)
    os.close(w)
    with os.fdopen(r, "rb") as f:
        status = int(f.read() or b"0")
    os.waitpid(pid, 0)
    return status


def unix_proxy(profile):
    stub = Stub()
    addr = "unix://" + harness.tmpname("peers") + ".sock"
    os.chmod(harness.tmpdir(), 0o755)
    return Proxyd(stub, listen=[addr], conf_profile=profile)


@harness.case("uid, user, gid and group, the supplementary ones too")
def users():
    p = unix_proxy("""
	pass on ping from uid %d
	pass on version from user "%s"
	pass on info from gid %d
	pass on events from group "%s"
	pass on containers/list from { uid 0, ! uid 0 }
	pass on images/list from ! uid 0
""" % (
        NOBODY.pw_uid, DAEMON.pw_name, NOBODY.pw_gid, MAIL.gr_name))
    nobody = (NOBODY.pw_uid, NOBODY.pw_gid)
    daemon = (DAEMON.pw_uid, DAEMON.pw_gid)
    for who, groups, target, want in (
            (nobody, (), "/_ping", 200),
            (daemon, (), "/_ping", 403),
            ((0, 0), (), "/_ping", 403),
            (daemon, (), "/version", 200),
            (nobody, (), "/version", 403),
            (nobody, (), "/info", 200),
            (daemon, (), "/info", 403),
            (daemon, (NOBODY.pw_gid,), "/info", 200),
            (daemon, (1, 2, 3, NOBODY.pw_gid, 5), "/info", 200),
            (daemon, (), "/images/json", 200),
            ((0, 0), (), "/images/json", 403),
            ((0, 0), (), "/containers/json", 403)):
        equal(ask_as(p.addr, *who, groups, target), want,
              "%r %r %s" % (who, groups, target))


@harness.case("many groups: none of them is missed")
def many():
    p = unix_proxy("\tpass on ping from gid 4242\n")
    lots = list(range(10000, 11000))
    ids = (DAEMON.pw_uid, DAEMON.pw_gid)
    equal(ask_as(p.addr, *ids, lots), 403, "a thousand others")
    equal(ask_as(p.addr, *ids, lots + [4242]), 200, "and the one")


@harness.case("listen ... from: others are not even read from")
def listener():
    os.chmod(harness.tmpdir(), 0o755)
    stub = Stub()
    addr = "unix://" + harness.tmpname("peers") + ".sock"
    p = Proxyd(stub, listen=[addr], wait=False, conf="""
set socket "%s"
profile "test" {
	pass on ping
}
listen on "%s" mode 0666 from { uid 0, user "%s" } profile "test"
""" % (stub.path, addr[len("unix://"):], NOBODY.pw_name))
    harness.poll(lambda: harness.answers(addr), text="an answer")
    p.log_mark()
    equal(ask_as(addr, NOBODY.pw_uid, NOBODY.pw_gid), 200, "who may")
    equal(ask_as(addr, DAEMON.pw_uid, DAEMON.pw_gid), 0, "who may not")
    p.log_contains("uid=%d" % DAEMON.pw_uid, "refused")
    equal(len(p.log_lines("refused")), 1, "logged once")


@harness.case("TCP: the address, in IPv4, IPv6 and as a table")
def tcp():
    stub = Stub()
    port = harness.free_port()
    Proxyd(stub, listen=["tcp://127.0.0.1:%d" % port], conf="""
set socket "%s"
table <edge> { 127.0.0.2, 127.1.0.0/16 }
profile "test" {
	pass on ping from { 127.0.0.1, ::1 }
	pass on version from <edge>
	block on version from 127.1.2.0/24
}
listen on any port %d profile "test"
""" % (stub.path, port))

    def ask(source, target):
        v6 = ":" in source
        s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET)
        s.settimeout(harness.DEADLINE)
        s.bind((source, 0))
        s.connect(("::1" if v6 else "127.0.0.1", port))
        with s:
            s.sendall(request("GET", target))
            return int(s.recv(12)[9:12])

    for source, target, want in (
            ("127.0.0.1", "/_ping", 200), ("127.0.0.9", "/_ping", 403),
            ("127.0.0.2", "/version", 200), ("127.1.9.9", "/version", 200),
            ("127.1.2.9", "/version", 403), ("127.0.0.1", "/version", 403)):
        equal(ask(source, target), want, source + " " + target)
    if socket.has_ipv6 and os.path.exists("/proc/net/if_inet6") and \
            open("/proc/net/if_inet6").read():
        equal(ask("::1", "/_ping"), 200, "::1")
        equal(ask("::1", "/version"), 403, "::1 is not in the table")


check(os.geteuid() == 0, "needs root")
harness.main()
