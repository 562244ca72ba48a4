# SPDX-License-Identifier: ISC
"""A service manager: what it is told, sd_notify(3), by the confined parent,
and that its watchdog hears of a filter that hangs."""

import array
import os
import re
import signal
import socket
import struct
import time

from harness import (EVERYTHING, Proxyd, Stub, answers, case, check, equal,
                     free_port, main, pid_alive, poll, sanitized, tmpname)


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
    check(1.5 < took < 3.5, "4 signs took %.2f s, not 2" % took)
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


if __name__ == "__main__":
    main()
