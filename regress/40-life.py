# SPDX-License-Identifier: ISC
"""Processes: a filter or the parent killed, the end by SIGTERM, and nothing
left behind by a thousand requests or a hundred clients that go."""

import os
import signal
import threading
import time

from harness import (EVERYTHING, Client, Closed, Failed, Proxyd, Stub, answers,
                     case, check, connect, equal, fd_count, free_port, main,
                     pair, pid_alive, poll, request, tmpname)

EXPORT = "/containers/web/export"
ATTACH = "/containers/web/attach"
UP = {"Connection": "Upgrade", "Upgrade": "tcp"}


def filter_of(proxyd, addr):
    """The process that serves that listener: its title says so."""
    for pid in proxyd.filters():
        with open("/proc/%d/cmdline" % pid, "rb") as f:
            if addr.encode() in f.read():
                return pid
    raise Failed("no filter names %s among %r" % (addr, proxyd.filters()))


def two_listeners(script=""):
    stub = Stub(script)
    addrs = ["unix://" + tmpname("a") + ".sock",
             "tcp://127.0.0.1:%d" % free_port()]
    return stub, Proxyd(stub, EVERYTHING, listen=addrs)


class Load(threading.Thread):
    """Requests on one listener until told to stop; failures are counted."""

    def __init__(self, addr):
        super().__init__()
        self.addr, self.ok, self.bad = addr, 0, 0
        self.end = threading.Event()
        self.start()

    def run(self):
        while not self.end.is_set():
            try:
                with Client(self.addr, 5) as c:
                    for _ in range(20):
                        c.send(request("GET", "/containers/json"))
                        check(c.response().status == 200, "answered")
                        self.ok += 1
            except (OSError, Failed):
                self.bad += 1

    def finish(self):
        self.end.set()
        self.join()
        return self.ok, self.bad


@case("kill -9 of a filter under load: the other listener does not notice")
def kill_filter():
    stub, proxyd = two_listeners("GET /events tick=10")
    a, b = proxyd.addrs
    victim, other = filter_of(proxyd, a), filter_of(proxyd, b)
    loads = [Load(addr) for addr in (a, a, b, b)]
    stream, tunnel, mine = Client(b), Client(b), Client(a)
    stream.send(request("GET", "/events"))
    stream.head()
    tunnel.send(request("POST", ATTACH, headers=UP))
    equal(tunnel.head().status, 101)
    mine.send(request("GET", "/events"))
    mine.head()
    poll(lambda: all(load.ok > 50 for load in loads), text="load")
    begin = time.monotonic()
    os.kill(victim, signal.SIGKILL)
    poll(lambda: not pid_alive(victim), text="the filter is dead")
    poll(lambda: answers(a), 1.0, "a new filter serves within a second")
    took = time.monotonic() - begin
    check(took < 1.0, "served again after %.3f s" % took)
    mine.read_all()             # cut off, not left hanging
    for _ in range(5):          # those of the other listener go on
        check(stream.chunk(), "events go on")
    tunnel.send(b"still here")
    equal(tunnel.read(10), b"still here")
    count = [load.ok for load in loads]
    poll(lambda: all(load.ok > n + 50 for load, n in zip(loads, count)),
         text="load goes on")
    results = [load.finish() for load in loads]
    equal([bad for _, bad in results[2:]], [0, 0], "failures there")
    check(filter_of(proxyd, b) == other, "the same process")
    check(filter_of(proxyd, a) != victim, "another process")
    check(proxyd.log_lines("killed"), "a line says so")
    for c in (stream, tunnel, mine):
        c.close()
    proxyd.stop()
    stub.stop()


@case("a killed filter leaves no connection to the engine")
def kill_filter_engine():
    stub, proxyd = pair(EVERYTHING, "GET /events tick=50\nGET /info hang=1")
    clients = []
    for target in ("/events", "/info") * 10:
        c = proxyd.client()
        c.send(request("GET", target))
        clients.append(c)
    poll(lambda: len(stub.open_connections()) >= 20, text="at work")
    os.kill(proxyd.filters()[0], signal.SIGKILL)
    poll(lambda: not stub.open_connections(), 1.0, lambda:
         "closed: %r" % stub.open_connections())
    for c in clients:
        c.close()
    stub.script("")
    poll(lambda: answers(proxyd.addr), 1.0, "served again")
    proxyd.stop()
    stub.stop()


@case("kill -9 of the parent: no filter remains")
def kill_parent():
    stub, proxyd = two_listeners()
    pids = proxyd.filters()
    equal(len(pids), 2)
    c = proxyd.client()
    c.send(request("GET", "/events"))
    c.head()
    proxyd.proc.kill()
    proxyd.proc.wait()
    poll(lambda: not any(pid_alive(p) for p in pids), 1.0, "filters ended")
    c.read_all()
    c.close()
    poll(lambda: not stub.open_connections(), 1.0, "engine side closed")
    # what the dead one left in the file system is no obstacle
    again = Proxyd(stub, EVERYTHING, listen=proxyd.addrs)
    equal(again.request("GET", "/info").status, 200)
    again.stop()
    proxyd.stop()
    stub.stop()


@case("SIGTERM: what runs is finished, then exit 0, and the socket is gone")
def drain():
    stub, proxyd = pair(EVERYTHING, "GET /info delay=700")
    path = proxyd.addr[len("unix://"):]
    pids = proxyd.filters()
    busy, idle = proxyd.client(), proxyd.client()
    idle.send(request("GET", "/_ping"))
    equal(idle.response().status, 200)
    busy.send(request("GET", "/info"))
    poll(lambda: any(b"/info" in data for data in stub.arrived()),
         text="it is at the engine")
    os.kill(proxyd.pid, signal.SIGTERM)
    equal(busy.response().status, 200, "the running request")
    equal(proxyd.proc.wait(5), 0, "exit status")
    check(idle.closed(), "idle client closed")
    check(not os.path.exists(path), "the unix socket is removed")
    check(not any(pid_alive(p) for p in pids), "filters ended")
    busy.close()
    idle.close()
    proxyd.stop()
    stub.stop()


@case("SIGTERM with streams open: it ends all the same, within its time")
def drain_streams():
    stub, proxyd = pair(EVERYTHING, "GET /events tick=50")
    stream, tunnel = proxyd.client(), proxyd.client()
    stream.send(request("GET", "/events"))
    stream.head()
    tunnel.send(request("POST", ATTACH, headers=UP))
    equal(tunnel.head().status, 101)
    begin = time.monotonic()
    os.kill(proxyd.pid, signal.SIGTERM)
    equal(proxyd.proc.wait(10), 0, "exit status")
    took = time.monotonic() - begin
    check(took < 8, "ended after %.1f s" % took)
    stream.close()
    tunnel.close()
    proxyd.stop()
    stub.stop()


@case("a second SIGTERM does not wait")
def twice():
    stub, proxyd = pair(EVERYTHING, "GET /info hang=1")
    c = proxyd.client()
    c.send(request("GET", "/info"))
    poll(lambda: any(b"/info" in data for data in stub.arrived()),
         text="it is at the engine")
    os.kill(proxyd.pid, signal.SIGTERM)
    poll(lambda: proxyd.log_lines("drain"), text="it drains")
    os.kill(proxyd.pid, signal.SIGTERM)
    begin = time.monotonic()
    equal(proxyd.proc.wait(5), 0)
    check(time.monotonic() - begin < 2.5, "at once")
    c.close()
    proxyd.stop()
    stub.stop()


@case("a thousand requests and a hundred aborted streams leave no "
      "descriptor")
def descriptors():
    stub, proxyd = pair(EVERYTHING, "GET /events tick=1\n"
                        "GET %s size=100000000" % EXPORT)
    (filt,) = proxyd.filters()

    def round():
        for i in range(50):
            with proxyd.client() as c:
                for j in range(20):
                    c.send(request("GET", "/containers/json") if j % 3 else
                           request("PUT", "/containers/web/archive?path=/",
                                   bytes(3072),
                                   {"Content-Type": "application/x-tar"}))
                    equal(c.response().status, 200)
        for i in range(100):
            with proxyd.client() as c:
                if i % 4 == 3:
                    c.send(request("POST", "/images/load", b"x" * 100,
                                   {"Content-Length": "100000"}))
                    continue
                c.send(request("GET", ("/events", EXPORT)[i % 2]) if i % 4
                       else request("POST", ATTACH, headers=UP))
                c.head()
                if i % 3:
                    c.reset()

    def counts():
        """At rest, with one pooled connection to the engine."""
        equal(proxyd.request("GET", "/info").status, 200)
        poll(lambda: len(stub.open_connections()) <= 1, 5, lambda:
             "engine side closed: %d" % len(stub.open_connections()))
        pipes = [fd for fd in os.listdir("/proc/%d/fd" % proxyd.pid)
                 if os.readlink("/proc/%d/fd/%s" % (proxyd.pid, fd))
                 .startswith("pipe:")]
        # Some spare pipes are kept, of both ends, and the event loop's own.
        check(len(pipes) <= 2 * 8 + 2, "%d pipes" % len(pipes))
        return fd_count(proxyd.pid) - len(pipes), fd_count(filt)

    round()                     # pools and spare pipes are there now
    before = counts()
    round()
    poll(lambda: counts() == before, 5, lambda:
         "descriptors %r, before %r" % (counts(), before))
    equal(proxyd.filters(), [filt], "the same filter")
    proxyd.stop()
    stub.stop()


@case("a hundred clients of events that leave: the engine sees all closed "
      "within a second")
def leavers():
    stub, proxyd = pair(EVERYTHING, "GET /events tick=100000")
    for how in ("close", "reset"):
        clients = [proxyd.client() for _ in range(100)]
        for c in clients:
            c.send(request("GET", "/events"))
        for c in clients:
            equal(c.response(body=False).status, 200)
        poll(lambda: len(stub.open_connections()) >= 100, text="all there")
        begin = time.monotonic()
        for c in clients:
            c.close() if how == "close" else c.reset()
        poll(lambda: len(stub.open_connections()) <= 1, 1.0, lambda:
             "%s: %d still open" % (how, len(stub.open_connections())))
        print("  %s: all closed after %.0f ms" % (
            how, (time.monotonic() - begin) * 1000), flush=True)
    proxyd.stop()
    stub.stop()


@case("a filter that is killed again and again ends the daemon, which says so")
def budget():
    stub, proxyd = pair(EVERYTHING)
    killed = 0
    while proxyd.proc.poll() is None and killed < 30:
        pids = proxyd.filters()
        if pids:
            os.kill(pids[0], signal.SIGKILL)
            killed += 1
            poll(lambda: proxyd.proc.poll() is not None or
                 proxyd.filters() not in ([], pids) and
                 answers(proxyd.addr), text="the next one")
    check(proxyd.proc.poll() not in (None, 0), "it ended, and not well")
    check("giving up" in proxyd.log(), proxyd.log())
    check(killed >= 5, "after %d" % killed)
    check(not os.path.exists(proxyd.addr[len("unix://"):]),
          "the unix socket is removed")
    proxyd.stop()
    stub.stop()


@case("a listener that is taken is a start-up error that names it")
def taken():
    stub, proxyd = two_listeners()
    for addr in proxyd.addrs[1:]:
        second = Proxyd(stub, EVERYTHING, listen=[addr], wait=False)
        check(second.proc.wait(5) != 0, "does not start")
        check(addr[len("tcp://"):] in second.log(), second.log())
        second.stop()
    equal(proxyd.request("GET", "/info").status, 200, "the first goes on")
    proxyd.stop()
    stub.stop()


@case("more clients than may be: the others go on, and room comes back")
def crowd():
    stub, proxyd = pair(EVERYTHING)
    clients = []
    try:
        for _ in range(3000):
            try:
                s = connect(proxyd.addr, 0.2)
            except OSError:
                break
            clients.append(s)
    finally:
        for s in clients:
            s.close()
    poll(lambda: answers(proxyd.addr), 5, "served afterwards")
    try:
        equal(proxyd.request("GET", "/info").status, 200)
    except Closed as e:
        raise Failed("after the crowd: %s" % e) from None
    proxyd.stop()
    stub.stop()


if __name__ == "__main__":
    main()
