# SPDX-License-Identifier: ISC
"""A service manager: what it is told, sd_notify(3), by the confined parent,
that its watchdog hears of a filter that hangs; the sockets that it hands
over, sd_listen_fds(3); and the units.  Under a booted systemd: "make
deb-check"."""

import array
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import time

from harness import (EVERYTHING, HERE, PROXYD, TREE, Proxyd, Stub, answers, case,
                     check, equal, free_port, main, pid_alive, poll, request,
                     sanitized, tmpdir, tmpname)

ACTIVATOR = os.path.join(HERE, "activator.py")


class Manager:
    """The end of systemd: a datagram socket that sees who sends."""

    def __init__(self, name=None):
        self.name = name or tmpname("notify")
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.sock.bind("\0" + self.name[1:] if self.name[0] == "@" else
                       self.name)
        self.pids = set()

    def get(self, seconds=10.0):
        """The next message as a dict, None if there is none in that time."""
        self.sock.settimeout(seconds)
        try:
            data, anc, _, _ = self.sock.recvmsg(
                4096, socket.CMSG_SPACE(struct.calcsize("3i")))
        except (socket.timeout, BlockingIOError):
            return None
        for level, kind, cred in anc:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                self.pids.add(array.array("i", cred)[0])
        return dict(line.split("=", 1) for line in data.decode().split("\n"))

    def wait(self, key, value="1", seconds=10.0):
        """The next message that has it; those before are passed over."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            m = self.get(left) if left > 0 else None
            check(m is not None, "no %s=%s came" % (key, value))
            if m.get(key) == value:
                return m

    def close(self):
        self.sock.close()


def started(stub, env=None, **kw):
    manager = Manager()
    env = dict(env or {}, NOTIFY_SOCKET=manager.name)
    if "conf_profile" not in kw:
        env = dict(EVERYTHING, **env)
    return manager, Proxyd(stub, env, wait=False, **kw)


@case("READY=1 when every address is served, not before; from the parent")
def ready():
    stub = Stub()
    addrs = ["unix://" + tmpname("a") + ".sock",
             "tcp://127.0.0.1:%d" % free_port()]
    for name in (tmpname("notify"), "@proxyd-regress-%d" % os.getpid()):
        manager = Manager(name)
        proxyd = Proxyd(stub, dict(EVERYTHING, NOTIFY_SOCKET=name),
                        listen=addrs, wait=False)
        first = manager.get()
        check(first is not None and first.get("READY") == "1",
              "the first message: %r; log:\n%s" % (first, proxyd.log()))
        equal(first["STATUS"], "2 of 2 addresses served")
        equal(manager.pids, {proxyd.pid})
        check(all(answers(addr) for addr in addrs), "all answer then")
        with open("/proc/%d/status" % proxyd.pid) as f:
            confined = re.search(r"^Seccomp:\t2$", f.read(), re.M)
        check(confined or sanitized(), "under seccomp")
        os.kill(proxyd.pid, signal.SIGTERM)
        last = manager.get()
        equal(last.get("STOPPING"), "1")
        equal(proxyd.proc.wait(10), 0)
        manager.close()
        proxyd.stop()
    stub.stop()


@case("a filter that dies is a status, and a new one another")
def status():
    stub = Stub()
    manager, proxyd = started(stub)
    manager.wait("READY")
    for pid in proxyd.filters():
        os.kill(pid, signal.SIGKILL)
    m = manager.get()
    equal(m, {"STATUS": "0 of 1 addresses served"})
    equal(manager.get(), {"STATUS": "1 of 1 addresses served"})
    proxyd.stop()
    manager.close()
    stub.stop()


@case("a reload: RELOADING=1 with its time, READY=1 when it is in force; or "
      "when it was refused")
def reload_():
    stub = Stub()
    manager, proxyd = started(stub, conf_profile="pass on ping")
    manager.wait("READY")
    with open(proxyd.conf) as f:
        good = f.read()
    for text, taken, said in (
            (good.replace("on ping", "on { ping, info }"), True,
             "1 of 1 addresses served"),
            ("nonsense\n", False,
             "not reloaded, 1 of 1 addresses served")):
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        equal(proxyd.reload(text), taken)
        m = manager.get()
        after = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        equal(m.get("RELOADING"), "1")
        check(before <= int(m["MONOTONIC_USEC"]) <= after, "%r" % m)
        m = manager.get()
        equal(m, {"READY": "1", "STATUS": said})
    equal(proxyd.request("GET", "/info").status, 200, "the policy in force")
    proxyd.stop()
    manager.close()
    stub.stop()


@case("WATCHDOG=1 comes twice in its time, under load and from a new filter "
      "too, and not while a filter hangs")
def watchdog():
    stub = Stub()
    addrs = ["unix://" + tmpname("a") + ".sock",
             "unix://" + tmpname("b") + ".sock"]
    manager, proxyd = started(stub, {"WATCHDOG_USEC": "1000000"},
                              listen=addrs)
    manager.wait("READY")
    begin = time.monotonic()
    for n in range(4):
        manager.wait("WATCHDOG", seconds=1.0)
        for _ in range(50):
            equal(proxyd.request("GET", "/info").status, 200)
    took = time.monotonic() - begin
    check(1.4 < took < 3.5, "4 signs took %.2f s, not 2" % took)
    victim, other = proxyd.filters()
    os.kill(victim, signal.SIGSTOP)
    # One may have been under way; three beats without make it sure.
    manager.get(0.4)
    m = manager.get(1.6)
    check(m is None, "with a filter that hangs there came %r" % m)
    os.kill(victim, signal.SIGCONT)
    manager.wait("WATCHDOG", seconds=1.0)
    os.kill(other, signal.SIGKILL)
    poll(lambda: not pid_alive(other), text="the other has ended")
    for _ in range(3):
        manager.wait("WATCHDOG", seconds=1.0)
    proxyd.stop()
    manager.close()
    stub.stop()


@case("no sign for a watchdog that is another process's, or is none")
def others():
    stub = Stub()
    for env in ({"WATCHDOG_USEC": "200000", "WATCHDOG_PID": "1"},
                {"WATCHDOG_USEC": "20x"}, {"WATCHDOG_USEC": "0"}):
        manager, proxyd = started(stub, env)
        manager.wait("READY")
        m = manager.get(0.6)
        check(m is None, "%r: there came %r" % (env, m))
        equal(bool(proxyd.log_lines("WATCHDOG_USEC=20x")),
              env["WATCHDOG_USEC"] == "20x", "the log")
        proxyd.stop()
        manager.close()
    stub.stop()


@case("a manager that has gone, or a name that is none, keeps nobody from "
      "serving")
def gone():
    stub = Stub()
    for name in (tmpname("nowhere"), "vsock:2:1234", "/" + 200 * "x"):
        proxyd = Proxyd(stub, dict(EVERYTHING, NOTIFY_SOCKET=name))
        check("NOTIFY_SOCKET" in proxyd.log(), proxyd.log())
        proxyd.stop()
    manager, proxyd = started(stub, {"WATCHDOG_USEC": "400000"})
    manager.wait("READY")
    manager.close()
    proxyd.log_contains("NOTIFY_SOCKET")
    equal(proxyd.request("GET", "/info").status, 200)
    equal(proxyd.stop(), 0)
    stub.stop()


def activated(stub, specs, env=None, **kw):
    """proxyd, handed sockets by something that then becomes it."""
    env = dict(env or {}, ACTIVATE=" ".join(specs), ACTIVATED=PROXYD)
    if "conf" not in kw:
        env = dict(EVERYTHING, **env)
    return Proxyd(stub, env, binary=ACTIVATOR, **kw)


def inode(path):
    st = os.stat(path)
    return st.st_dev, st.st_ino, st.st_uid, st.st_gid, st.st_mode & 0o7777


@case("sockets that are passed are served, found by address in any order; "
      "owner and mode stay, and so does the socket")
def passed():
    stub = Stub()
    path, port = tmpname("a") + ".sock", free_port()
    addrs = ["tcp://127.0.0.1:%d" % port, "unix://" + path,
             "unix://" + tmpname("own") + ".sock"]
    proxyd = activated(stub, ["unix:" + path, "tcp:127.0.0.1:%d" % port],
                       listen=addrs)
    equal(inode(path)[2:], (1, 1, 0o600))
    for addr in addrs:
        with proxyd.client(addr) as c:
            c.send(request("GET", "/info"))
            equal(c.response().status, 200, addr)
    # Not two listeners with one address: the parent's own is the passed one.
    with open("/proc/net/unix") as f:
        equal(sum(line.split()[-1] == path and line.split()[3] == "00010000"
                  for line in f), 1, "listening sockets there")
    equal(proxyd.stop(), 0)
    check(os.path.exists(path), "the manager's socket is left")
    check(not os.path.exists(addrs[2][len("unix://"):]), "our own is not")
    stub.stop()


@case("a path by another name is the same socket")
def linked():
    stub = Stub()
    path = tmpname("a") + ".sock"
    link = tmpname("link")
    os.symlink(tmpdir(), link)
    proxyd = activated(stub, ["unix:" + path], listen=[
        "unix://" + os.path.join(link, os.path.basename(path))])
    equal(proxyd.request("GET", "/info").status, 200)
    proxyd.stop()
    stub.stop()


@case("one that is for no listener, or does not listen, is an error that "
      "names it")
def strangers():
    stub = Stub()
    port, path = free_port(), tmpname("a") + ".sock"
    own = ["unix://" + tmpname("own") + ".sock"]
    for spec, listen, words in (
            ("tcp:127.0.0.1:%d" % port, own,
             ["socket 3 (web)", "tcp://127.0.0.1:%d" % port, "no listener"]),
            ("unix:" + path, own, ["socket 3 (web)", path, "no listener"]),
            ("tcp:[::]:%d" % port, ["tcp://:%d" % port],
             ["(IPv6 only)", "no listener"]),
            ("udp:127.0.0.1:%d" % port, ["tcp://127.0.0.1:%d" % port],
             ["socket 3 (web)", "not supported"]),
            ("file:/dev/null", own, ["socket 3 (web)", "non-socket"])):
        proxyd = activated(stub, [spec], {"LISTEN_FDNAMES": "web"},
                           listen=listen, wait=False)
        equal(proxyd.proc.wait(10), 1, "%s: %s" % (spec, proxyd.log()))
        for word in words:
            check(word in proxyd.log(), "%s: %s" % (spec, proxyd.log()))
        proxyd.stop()
    stub.stop()


@case("sockets for another process are none of ours")
def another():
    stub = Stub()
    path = tmpname("a") + ".sock"
    proxyd = activated(stub, ["unix:" + path], {"LISTEN_PID": "1"},
                       listen=["unix://" + tmpname("own") + ".sock"])
    equal(proxyd.request("GET", "/info").status, 200)
    proxyd.stop()
    stub.stop()


CONF = '''set socket "%s"
profile "p" {
	pass on { ping, info }
}
%s
'''


@case("a reload keeps it, whatever mode it asks for; one that was removed "
      "comes back")
def kept():
    stub = Stub()
    path, port, own = tmpname("a") + ".sock", free_port(), tmpname("own")
    addrs = ["unix://" + path, "tcp://127.0.0.1:%d" % port]
    lines = ['listen on "%s" mode 0666 profile "p"' % path,
             'listen on 127.0.0.1 port %d profile "p"' % port,
             'listen on "%s" mode 0666 profile "p"' % own]
    proxyd = activated(
        stub, ["unix:" + path, "tcp:127.0.0.1:%d" % port], listen=addrs,
        conf=CONF % (stub.path, "\n".join(lines)))
    before = inode(path)
    old = proxyd.client(addrs[1])
    old.send(request("GET", "/info"))
    equal(old.response().status, 200)
    check(proxyd.reload(CONF % (stub.path, "\n".join(lines).replace(
        "0666", "0640"))), proxyd.log())
    equal(inode(path), before)
    equal(os.stat(own).st_mode & 0o777, 0o640, "our own was changed")
    # Without the two: a warning names one that nobody serves.
    proxyd.log_mark()
    check(proxyd.reload(CONF % (stub.path, lines[2])), proxyd.log())
    proxyd.log_contains("socket 3", path, "no listener")
    equal(inode(path), before)
    poll(lambda: old.closed(), text="the old client is sent away")
    proxyd.log_mark()
    check(proxyd.reload(CONF % (stub.path, "\n".join(lines))), proxyd.log())
    for addr in addrs:
        with proxyd.client(addr) as c:
            c.send(request("GET", "/info"))
            equal(c.response().status, 200, addr)
    equal(proxyd.stop(), 0)
    equal(inode(path), before, "afterwards")
    old.close()
    stub.stop()


UNITS = os.path.join(TREE, "packaging", "systemd")


def no_analyze():
    return None if shutil.which("systemd-analyze") else "no systemd-analyze"


def analyze(*argv):
    r = subprocess.run(["systemd-analyze"] + list(argv), text=True,
                       capture_output=True, timeout=60)
    return r.returncode, r.stdout + r.stderr


@case("the units are what systemd understands", no_analyze)
def units():
    where = tmpname("units")
    os.mkdir(where)
    with open(os.path.join(UNITS, "proxyd.service")) as f:
        text = f.read().replace("/usr/sbin/proxyd", PROXYD)
    shutil.copy(os.path.join(UNITS, "proxyd.socket"), where)

    def verify(text):
        names = [os.path.join(where, name) for name in
                 ("proxyd.service", "proxyd.socket")]
        with open(names[0], "w") as f:
            f.write(text)
        return analyze("verify", "--man=no", *names)

    # Of other units of this machine it complains, too.
    status, out = verify(text)
    lines = [line for line in out.splitlines() if "proxyd" in line]
    equal((status, lines), (0, []), out)
    out = verify(text.replace("WatchdogSec=", "Watchdog="))[1]
    check("Watchdog" in out, "what it does not know, it would say: " + out)


@case("the service scores 2.5 or better in systemd-analyze security",
      no_analyze)
def score():
    out = analyze("security", "--offline=true",
                  os.path.join(UNITS, "proxyd.service"))[1]
    m = re.search(r"Overall exposure level for proxyd.service: ([\d.]+)", out)
    check(m, out)
    print("  exposure level %s" % m.group(1), flush=True)
    check(float(m.group(1)) <= 2.5, out)


if __name__ == "__main__":
    main()
