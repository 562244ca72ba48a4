# SPDX-License-Identifier: ISC
"""proxyctl and its socket: what it shows and does, with which exit status,
who may use it, and that nobody who talks to it holds up the rest."""

import array
import os
import re
import resource
import signal
import socket
import stat
import struct
import subprocess
import threading
import time

import control
from control import Ctl, ask, message, packets, records
from harness import (EVERYTHING, PROXYD, Proxyd, Stub, case, check, children,
                     connect, default_listen, equal, main, poll, request,
                     tmpname)

CONF = """set socket "%s"
set control "%s"
%sprofile "test" {
	pass read on any
	pass on { containers/attach, exec }
	block on info path "/nothing" label "never"
	block on version
}
listen on "%s" mode 0666 profile "test"
"""
NOBODY = 65534


class Both:
    """proxyd and a stub engine, and proxyctl for it."""

    def __init__(self, script="", option="", wait=True):
        self.stub = Stub(script)
        self.ctl = Ctl(tmpname("control"))
        self.addr = default_listen()
        self.text = CONF % (self.stub.path, self.ctl.path, option,
                            self.addr[len("unix://"):])
        self.proxyd = Proxyd(self.stub, listen=[self.addr], conf=self.text,
                             wait=wait)
        self.ctl.ready()

    def stop(self):
        status = self.proxyd.stop()
        equal(status, 0, self.proxyd.log())
        check(not os.path.exists(self.ctl.path), "the socket is left")
        self.stub.stop()

    def get(self, path):
        return self.proxyd.request("GET", path).status


@case("status: the version, the configuration, the engine, the filters")
def status():
    b = Both()
    for words in (("status",), ("show", "status"), ("sh", "stat"), ("st",)):
        out = b.ctl.lines(*words)
        check(out[0].startswith("proxyd ") and
              out[0].endswith(", pid %d" % b.proxyd.pid), out)
    for want in (r"configuration +%s$" % re.escape(b.proxyd.conf),
                 r"engine +%s$" % re.escape(b.stub.path),
                 r"engine is +reachable, \d+ connects, 0 failed$",
                 r"generation +1, 0 reloads, 0 refused$",
                 r"descriptors +\d+ of \d+$", r"log +brief$",
                 r"filters +1 of 1 serve, 0 restarts$",
                 r"so far +1 pass, 0 block, 0 audit, 0 error$",
                 r"%s +serving +%d +0 +0 +\d+ +0$" % (
                     re.escape(b.addr), children(b.proxyd.pid)[0])):
        b.ctl.find(("status",), want)
    os.kill(children(b.proxyd.pid)[0], signal.SIGKILL)
    b.ctl.find(("status",), r"filters +1 of 1 serve, 1 restarts$")
    b.stop()


@case("root only: by the mode, and by who connects")
def root_only():
    b = Both()
    st = os.stat(b.ctl.path)
    equal((stat.S_IMODE(st.st_mode), st.st_uid), (0o600, 0))
    # The directories to the program may be closed to others; a path is not.
    with open(control.PROXYCTL, "rb") as f:
        def leave():
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)

        def run():
            r = subprocess.run(["/proc/self/fd/%d" % f.fileno(), "-s",
                                b.ctl.path, "status"], preexec_fn=leave,
                               pass_fds=[f.fileno()], capture_output=True,
                               text=True, timeout=20)
            return r.returncode, r.stdout, r.stderr

        code, out, err = run()
        check((code, out) == (1, "") and "ermission denied" in err, (
            code, out, err))
        os.chmod(b.ctl.path, 0o666)
        code, out, err = run()
        check((code, out) == (1, "") and "not root" in err, (code, out, err))
    equal(b.ctl.run("status")[0], 0)
    b.stop()


def drips(path, judge):
    """An engine that answers in time with each byte, but not with all."""
    over = threading.Event()

    def engine(s):
        conn, _ = s.accept()
        with conn:
            for byte in b"HTTP/1.1 200 OK\r\n":
                if over.wait(0.9):
                    return
                conn.send(bytes([byte]), socket.MSG_NOSIGNAL)

    with socket.socket(socket.AF_UNIX) as s:
        s.bind(path)
        s.listen(1)
        thread = threading.Thread(target=engine, args=(s,), daemon=True)
        thread.start()
        before = time.monotonic()
        try:
            judge()
        finally:
            over.set()
        took = time.monotonic() - before
        check(4 < took < 8, took)
        thread.join(10)


@case("check: its exit status for each way to be ill")
def checks():
    b = Both()
    equal(b.ctl.run("check"), (0, "ok\n", ""))

    def ill(want, *words):
        code, out, err = b.ctl.run("check")
        equal((code, out), (want, ""), err)
        check(all(word in err for word in words), err)

    b.stub.script("GET /_ping status=500")
    ill(8, "not an engine")
    b.stub.script("GET /_ping hang=1")
    before = time.monotonic()
    ill(6, "does not answer")
    took = time.monotonic() - before
    check(4 < took < 10, took)
    print("# a silent engine is told after %.1f s" % took)
    b.stub.script("")
    # It had no need of that right when it was started.
    os.chown(b.stub.path, NOBODY, NOBODY)
    os.chmod(b.stub.path, 0o600)
    ill(5, "permission")
    os.chown(b.stub.path, 0, 0)
    b.stub.stop()
    if os.path.exists(b.stub.path):
        os.unlink(b.stub.path)
    ill(3, "no socket")
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(b.stub.path)
    ill(4, "nobody listens")
    os.unlink(b.stub.path)
    drips(b.stub.path, lambda: ill(6, "does not answer"))
    os.unlink(b.stub.path)
    b.stub.start()
    equal(b.ctl.run("check")[0], 0)
    # On its way out, with a request to wait for.
    b.stub.script("GET /info hang=1")
    with b.proxyd.client() as c:
        c.send(request("GET", "/info"))
        b.ctl.find(("status",), r"requests +1 under way")
        os.kill(b.proxyd.pid, signal.SIGTERM)
        poll(lambda: b.ctl.run("check")[0] == 7, text="7")
        b.proxyd.proc.wait(20)
    ill(2, "not running")
    equal(b.ctl.run("status")[0], 2)
    b.stub.stop()


@case("commands that are none, in full or in part")
def words():
    ctl = Ctl(tmpname("none"))
    for bad in ((), ("frob",), ("s",), ("show",), ("show", "c"),
                ("show", "clients", "x"), ("log",), ("kill",),
                ("kill", "stream"), ("kill", "stream", "x"),
                ("kill", "stream", "0"), ("kill", "stream", "-1"),
                ("kill", "stream", "1", "2"),
                ("kill", "stream", "18446744073709551616"), ("-x",)):
        code, out, err = ctl.run(*bad)
        equal((code, out), (1, ""), bad)
        check("usage: proxyctl" in err, err)
    code, out, err = ctl.run("-h")
    equal((code, err), (0, ""))
    check(out.startswith("usage: proxyctl "), out)
    equal(ctl.run("sta")[0], 2)


@case("rules: where they are, how often looked at, how often they decided")
def rules():
    b = Both()
    for path, n in (("/info", 3), ("/version", 2), ("/nothing", 1)):
        for _ in range(n):
            b.get(path)
    out = b.ctl.lines("show", "rules")
    equal(out[0], b.addr)

    def count(text, line, looked, decided):
        i = next(i for i, have in enumerate(out) if have == "  " + text)
        m = re.match(r"    \[ (.*)  Evaluations: (\d+) +Matches: (\d+) +\]$",
                     out[i + 1])
        check(m, out[i + 1])
        equal(m.groups(), ("%s:%d" % (b.proxyd.conf, line), str(looked),
                           str(decided)), text)

    # The ping with which the start was waited for is one.
    count("pass read on any", 4, 4, 4)
    count("pass on { containers/attach, exec }", 5, 0, 0)
    count('block on info path "/nothing" label "never"', 6, 3, 0)
    count("block on version", 7, 2, 2)
    equal(len(out), 9)
    check(b.proxyd.reload(), "reload")
    out = b.ctl.lines("show", "rules")
    count("pass read on any", 4, 0, 0)
    b.ctl.find(("show", "counters"), r"^info +pass +3$")
    b.ctl.find(("show", "counters"), r"^refused +rule +2$")
    b.stop()


def stream(b, what):
    m = b.ctl.find(("show", "streams"), r"^ *(\d+) (\S+) +(\S+) +(\S+) +"
                   r"(\S+) +(\S+) +%s +%s (\S+) \S+$" % (what,
                                                     re.escape(b.addr)))
    return m.groups()


@case("streams: one that the parent moves is shown, and ended by its number")
def pumped():
    b = Both()
    equal(b.ctl.lines("show", "streams"), ["no streams"])
    with b.proxyd.client() as c:
        c.send(request("POST", "/containers/x/attach?stream=1", headers=[
            ("Upgrade", "tcp"), ("Connection", "Upgrade")]))
        equal(c.response().status, 101)
        c.send(b"hello" * 1000)
        equal(c.read(5000), b"hello" * 1000)
        ident, who, age, idle, up, down, path = stream(
            b, "containers/attach")
        check(re.match(r"uid=0,pid=%d$" % os.getpid(), who), who)
        equal((up, down, path), ("4.8K", "4.9K", "/containers/x/attach"))
        check(re.match(r"00:00:\d\d$", age) and
              re.match(r"00:00:\d\d$", idle), (age, idle))
        out = b.ctl.lines("show", "clients")
        check(any(re.search(r"stream .* containers/attach", line)
                  for line in out), out)
        equal(b.ctl.run("kill", "stream", "999999")[0], 1)
        equal(b.ctl.run("kill", "stream", ident), (0, "", ""))
        check(c.closed(), "open")
    equal(b.ctl.lines("show", "streams"), ["no streams"])
    equal(b.ctl.run("kill", "stream", ident)[0], 1)
    b.proxyd.log_contains("stream %s" % ident, "ended by proxyctl")
    b.stop()


@case("streams: one that the filter carries, and others that go on")
def carried():
    b = Both("GET /events tick=20\nGET /containers/x/logs hang=1\n")
    with b.proxyd.client() as c, b.proxyd.client() as d, \
            b.proxyd.client() as e:
        for one in (c, d):
            one.send(request("GET", "/events?since=secret"))
            named = one.response(body=False).get("X-Request-Id")
        e.send(request("GET", "/containers/x/logs?follow=1"))
        poll(lambda: len(b.ctl.lines("show", "streams")) == 4, text="three")
        lines = b.ctl.lines("show", "streams")
        check(not any("secret" in line for line in lines), lines)
        ids = [int(line.split()[0]) for line in lines[1:]]
        equal(len(set(ids)), 3)
        equal(lines[2].split()[-1], named)
        equal(b.ctl.run("kill", "stream", str(ids[0]))[0], 0)
        c.read_all()
        have = len(d.read(200))
        equal(have, 200, "the other goes on")
        # Nothing of this one's answer has come yet.
        equal(b.ctl.run("kill", "stream", str(ids[2]))[0], 0)
        r = e.response()
        equal(r.status, 503, repr(r))
        check("administrator" in r.message, r.message)
        equal(len(b.ctl.lines("show", "streams")), 2)
    equal(b.get("/info"), 200)
    b.stop()


@case("streams: each once in each of eight lists that are made at a time")
def together():
    b = Both("GET /events tick=1000\n")
    conns = [b.proxyd.client() for _ in range(150)]
    for c in conns:
        c.send(request("GET", "/events"))
    want = list(range(150))

    def ids():
        return [int(line.split()[0])
                for line in b.ctl.lines("show", "streams")[1:]]

    poll(lambda: len(ids()) == len(want), text="all of them")
    want = sorted(ids())
    for _ in range(5):
        lists = [packets(b.ctl.path) for _ in range(8)]
        for s in lists:
            s.send(ask(control.SHOW_STREAMS))
        for s in lists:
            got = [struct.unpack("=Q", data[:8])[0]
                   for kind, data in records(s) if kind == control.CLIENT]
            equal(sorted(got), want)
            s.close()
        # They are gone when others would not be turned away.
        poll(lambda: b.ctl.run("status")[0] == 0, text="status")
    for c in conns:
        c.close()
    b.stop()


@case("clients: all of many, while a reader does not read")
def many():
    b = Both()
    conns = [connect(b.addr) for _ in range(300)]
    b.ctl.find(("status",), r"clients +300 now")
    out = b.ctl.lines("show", "clients")
    equal(len(out), 301)
    check(all(re.match(r"uid=0,pid=%d +idle " % os.getpid(), line)
              for line in out[1:]), out[:3])
    lazy = [packets(b.ctl.path, ask(control.SHOW_CLIENTS)) for _ in range(7)]
    before = time.monotonic()
    equal(b.get("/info"), 200)
    check(time.monotonic() - before < 2, "held up")
    equal(b.ctl.run("status")[0], 0)
    # What they asked for they get, whenever they read it.
    for s in lazy:
        got = records(s)
        equal(sum(kind == control.CLIENT for kind, _ in got), 300)
        equal(got[-1][0], control.END)
        s.close()
    # No more than eight at a time.
    idle = [packets(b.ctl.path) for _ in range(8)]
    poll(lambda: b.ctl.run("status")[0] == 1, text="turned away")
    for s in idle:
        s.close()
    poll(lambda: b.ctl.run("status")[0] == 0, text="let in again")
    for s in conns:
        s.close()
    b.stop()


@case("a filter that does not answer: its streams are shown all the same")
def stopped():
    b = Both()
    with b.proxyd.client() as c:
        c.send(request("POST", "/containers/x/attach?stream=1", headers=[
            ("Upgrade", "tcp"), ("Connection", "Upgrade")]))
        equal(c.response().status, 101)
        stream(b, "containers/attach")
        pid = children(b.proxyd.pid)[0]
        os.kill(pid, signal.SIGSTOP)
        try:
            m = b.ctl.find(("show", "streams"), r"^ *(\d+) \? .* "
                           r"containers/attach +%s +\S+$" % re.escape(b.addr),
                           20)
            ident = m.group(1)
            equal(b.ctl.run("kill", "stream", ident)[0], 0)
            check(c.closed(), "open")
        finally:
            os.kill(pid, signal.SIGCONT)
    poll(lambda: b.get("/info") == 200, text="serves")
    poll(lambda: b.ctl.lines("show", "clients") == ["no clients"],
         text="no clients")
    check("broke the protocol" not in b.proxyd.log(), b.proxyd.log())
    b.stop()


@case("reload: waits, says what was wrong and where, and its status tells")
def reload():
    b = Both()
    b.proxyd.write_conf(b.text.replace("block on version", "block on info"))
    equal(b.ctl.run("reload")[:2], (0, "reloaded\n"))
    equal((b.get("/info"), b.get("/version")), (403, 200), "at once")
    b.proxyd.write_conf(b.text + "frobnicate\n")
    code, out, err = b.ctl.run("reload")
    equal((code, out), (1, ""), err)
    check("%s:10: syntax error" % b.proxyd.conf in err, err)
    equal(b.get("/info"), 403, "the policy before")
    b.proxyd.write_conf(b.text.replace("control \"", "control \"/x"))
    code, out, err = b.ctl.run("reload")
    equal((code, out), (0, "reloaded\n"), err)
    check("takes a restart" in err, err)
    b.ctl.find(("status",), r"generation +3, 2 reloads, 1 refused$")
    b.stop()


def cpu(pid):
    """Seconds of the processor that it took."""
    with open("/proc/%d/stat" % pid) as f:
        words = f.read().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


@case("no descriptor left for who connects: it waits, and nothing is busy")
def descriptors():
    b = Both()
    pid = b.proxyd.pid
    have = {int(name) for name in os.listdir("/proc/%d/fd" % pid)}
    free = min(set(range(len(have) + 1)) - have)
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (free, hard))
    with packets(b.ctl.path, ask(control.SHOW_COUNTERS)) as s:
        before = cpu(pid)
        s.settimeout(1.5)
        try:
            check(False, "answered: %r" % s.recv(1))
        except socket.timeout:
            pass
        took = cpu(pid) - before
        check(took < 0.3, "%.2f s of the processor" % took)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
        s.settimeout(control.DEADLINE)
        equal([kind for kind, _ in records(s)], [control.TOTAL, control.END])
    b.stop()


@case("log verbose, until log brief")
def verbose():
    b = Both(option="set log none\n")
    b.proxyd.log_mark()
    b.get("/info")
    equal(b.ctl.run("log", "verbose"), (0, "", ""))
    b.ctl.find(("status",), r"log +verbose$")
    b.get("/images/json")
    b.proxyd.log_contains("GET /images/json 200")
    check(b.proxyd.reload(), "reload")      # leaves it
    os.kill(children(b.proxyd.pid)[0], signal.SIGKILL)
    poll(lambda: b.proxyd.log_lines("new filter"), text="new filter")
    b.get("/networks")
    b.proxyd.log_contains("GET /networks 200")
    equal(b.ctl.run("log", "br"), (0, "", ""))
    b.ctl.find(("status",), r"log +brief$")
    b.get("/volumes")
    b.get("/_ping")
    b.proxyd.stop()
    for path in ("GET /info", "GET /volumes", "GET /_ping"):
        equal(b.proxyd.log_lines(path), [])
    b.stub.stop()


@case("what proxyctl would never say: another version, lengths, descriptors")
def garbage():
    b = Both()
    good = ask(control.SHOW_COUNTERS)
    equal([kind for kind, _ in records(packets(b.ctl.path, good))],
          [control.TOTAL, control.END])
    for bad in (ask(control.SHOW_STATUS, wanted=control.version() + 1),
                ask(control.SHOW_STATUS, wanted=0), ask(control.COMMANDS),
                ask(0xffffffff), message(control.REQUEST, b""),
                message(control.REQUEST, b"x" * 15),
                message(control.REQUEST, b"x" * 17),
                message(control.REQUEST, b"x" * 60000),
                message(control.END, b"x" * 16), message(0, b"x" * 16)):
        got = records(packets(b.ctl.path, bad))
        equal([(kind, data[:4]) for kind, data in got],
              [(control.END, b"\x0a\0\0\0")], bad[:40])
    for bad in (b"x", b"x" * 15, good[:-1], good + b"x", b"\0" * 16,
                b"\xff" * 100, good[:4] + b"\x20\0\0\x80" + good[8:],
                b"x" * 65537):
        s = packets(b.ctl.path, bad)
        got = records(s)
        check(all(kind == control.END or kind == control.TOTAL
                  for kind, _ in got), (bad[:40], got))
        s.close()
    # A second request: the first may or may not be answered.
    with packets(b.ctl.path, good) as s:
        try:
            s.send(good)
            s.send(good)
            check(len(records(s)) <= 2, "answered")
        except (BrokenPipeError, ConnectionResetError):
            pass
    # A descriptor is not even taken.
    held, given = socket.socketpair()
    s = packets(b.ctl.path)
    s.sendmsg([good], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                        array.array("i", [given.fileno()]))])
    given.close()
    try:
        records(s)
    except ConnectionResetError:
        pass
    s.close()
    held.settimeout(10)
    equal(held.recv(1), b"", "the descriptor is closed")
    equal(b.ctl.run("check")[0], 0)
    b.stop()


@case("its place: taken, stale, none, or not to be had")
def places():
    b = Both()
    second = Proxyd(b.stub, listen=[default_listen()], wait=False,
                    conf=b.text.replace(b.addr[7:], tmpname("other")))
    check(second.proc.wait(20) != 0, "took a place in use")
    check("control socket" in second.log() and "in use" in second.log(),
          second.log())
    equal(b.ctl.run("status")[0], 0, "the first still answers")
    b.proxyd.proc.kill()
    b.proxyd.proc.wait(20)
    check(os.path.exists(b.ctl.path), "left behind")
    equal(b.ctl.run("status")[0], 2)
    third = Proxyd(b.stub, listen=[b.addr], conf=b.text)
    equal(b.ctl.run("status")[0], 0, "a stale one is replaced")
    third.stop()
    none = Proxyd(b.stub, listen=[b.addr], conf=b.text.replace(
        '"%s"' % b.ctl.path, "none"))
    equal(b.ctl.run("status")[0], 2)
    none.stop()
    b.stub.stop()


@case("the default place, where it can be made and where it cannot")
def default():
    stub = Stub()
    where = "/run/proxyd/control"
    wrapper = tmpname("wrapper")

    def start(readonly, **kw):
        # In a mount namespace of its own, away from any other proxyd.
        with open(wrapper, "w") as f:
            f.write("#!/bin/sh\nexec unshare -m --propagation private sh -c '"
                    "mount -t tmpfs none /run || exit\n"
                    "%s\nexec %s \"$@\"' sh \"$@\"\n" % (
                        "mount -o remount,ro /run" if readonly else ":",
                        PROXYD))
        os.chmod(wrapper, 0o755)
        return Proxyd(stub, listen=[default_listen()], binary=wrapper, **kw)

    def inside(proxyd):
        return "/proc/%d/root%s" % (proxyd.pid, where)

    for kw in ({"env": EVERYTHING}, {"conf_profile": "\tpass on ping"}):
        proxyd = start(False, **kw)
        st = os.stat(inside(proxyd))
        equal(stat.S_IMODE(st.st_mode), 0o600)
        equal(Ctl(inside(proxyd)).run("check")[0], 0)
        proxyd.stop()
        proxyd = start(True, **kw)
        check("no proxyctl: control socket " + where in proxyd.log(),
              proxyd.log())
        equal(proxyd.request("GET", "/_ping").status, 200)
        proxyd.stop()
    with_env = Ctl(tmpname("env"))
    proxyd = Proxyd(stub, dict(EVERYTHING, PROXYD_CONTROL=with_env.path))
    equal(with_env.run("status")[0], 0)
    r = subprocess.run([control.PROXYCTL, "check"], timeout=20,
                       env=dict(os.environ, PROXYD_CONTROL=with_env.path))
    equal(r.returncode, 0, "the variable is proxyctl's, too")
    proxyd.stop()
    stub.stop()


main()
