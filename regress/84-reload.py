# SPDX-License-Identifier: ISC
"""SIGHUP: what changes with the configuration file and when, what stays, and
that an error changes nothing; a thousand times under load."""

import grp
import os
import pwd
import signal
import socket
import stat
import tarfile
import threading

from harness import (EVERYTHING, Client, Closed, Failed, Proxyd, Stub,
                     answers, case, check, connect, equal, fd_count,
                     free_port, main, pair, pid_alive, poll, request,
                     sanitized, tmpname)

LIST = "/containers/json"
NETWORK = "/networks/create"
ARCHIVE = "/containers/web/archive?path=/"
ATTACH = "/containers/web/attach?stream=1"
UP = {"Connection": "Upgrade", "Upgrade": "tcp"}
FILE = tarfile.TarInfo("t")
FILE.size = 100000 // 512 * 512
TAR = {"Content-Type": "application/x-tar",
       "Content-Length": str(FILE.size + 512)}

READ = "pass on { ping, version, containers/list }"
ALL = """pass on { ping, version, info, events, containers/list,
    containers/attach, containers/archive, networks/list, networks/create }
allow network any"""


def listen(addr, profile="main", how=""):
    """A statement for "unix:///path" or "tcp://address:port"."""
    if addr.startswith("unix://"):
        where = '"%s"' % addr[len("unix://"):]
    else:
        host, _, port = addr[len("tcp://"):].rpartition(":")
        where = "%s port %s" % (host or "any", port)
    return 'listen on %s %s profile "%s"' % (where, how, profile)


def conf(stub, rules, *listeners, more=""):
    return '''set socket "%s"
set log block
%s
profile "main" {
%s
}
%s
''' % (stub.path, more, rules, "\n".join(listeners))


class Setup:
    """A stub and a proxyd with one unix listener, unless told otherwise."""

    def __init__(self, rules=ALL, script="", addrs=None, how="", more=""):
        self.stub = Stub(script)
        self.addrs = addrs or [unix()]
        self.proxyd = Proxyd(self.stub, listen=self.addrs,
                             conf=self.text(rules, how=how, more=more))

    def text(self, rules, addrs=None, how="", more=""):
        return conf(self.stub, rules, *[listen(a, how=how) for a in
                                        addrs or self.addrs], more=more)

    def reload(self, rules, **kw):
        check(self.proxyd.reload(self.text(rules, **kw)), "reloaded; log:\n" +
              self.proxyd.log_new())

    def status(self, target, method="GET"):
        return self.proxyd.request(method, target).status

    def stop(self):
        equal(self.proxyd.stop(), 0, "exit status")
        self.stub.stop()


def unix():
    return "unix://%s.sock" % tmpname("s")


def tcp(host="127.0.0.1"):
    return "tcp://%s:%d" % (host, free_port())


def status_on(client, target, method="GET"):
    client.send(request(method, target))
    return client.response().status


@case("new rules decide the next request, on open connections too")
def next_request():
    s = Setup(READ)
    old = s.proxyd.filters()
    with s.proxyd.client() as c:
        equal(status_on(c, LIST), 200)
        equal(status_on(c, "/info"), 403)
        s.reload("pass on { ping, info }")
        equal(status_on(c, LIST), 403, "on the open connection")
        equal(status_on(c, "/info"), 200)
        equal(s.status(LIST), 403, "on a new one")
        s.reload(READ)
        equal(status_on(c, LIST), 200, "and back")
        equal(status_on(c, "/info"), 403)
    equal(s.proxyd.filters(), old, "the same filter")
    s.stop()


@case("a request that has begun ends under the rules it began with")
def begun():
    s = Setup(ALL, "GET /info delay=400")
    with s.proxyd.client() as c:
        c.send(request("GET", "/info"))
        poll(lambda: any(b"/info" in d for d in s.stub.arrived()),
             text="it is at the engine")
        s.reload(READ)
        equal(c.response().status, 200)
        equal(status_on(c, "/info"), 403, "the next one")
    s.stop()


@case("a request whose head was half here is a new one")
def half_head():
    s = Setup(ALL)
    with s.proxyd.client() as c:
        equal(status_on(c, "/info"), 200)
        c.send(b"GET /info HTTP/1.1\r\nHo")
        s.reload(READ)
        c.send(b"st: docker\r\n\r\n")
        equal(c.response().status, 403)
    s.stop()


@case("bodies on their way: judged ones and streams, and the next request")
def uploads():
    s = Setup(ALL)
    body = b'{"Name":"%s"}' % (b"n" * 50)
    head = request("POST", NETWORK, None, {
        "Content-Type": "application/json", "Content-Length": len(body)})
    with s.proxyd.client() as judged, s.proxyd.client() as tar:
        judged.send(head + body[:10])
        tar.send(request("PUT", ARCHIVE, None, TAR) + FILE.tobuf() +
                 b"t" * 40000)
        poll(lambda: any(b"archive" in d for d in s.stub.arrived()),
             text="the stream is at the engine")
        for _ in range(3):      # also past a second one
            s.reload(READ)
        judged.send(body[10:] + request("POST", NETWORK, {"Name": "x"}))
        r = judged.response()
        check(r.status in (200, 201), "the one under way: %r" % r)
        equal(judged.response().status, 403, "the one behind it")
        tar.send(b"t" * (FILE.size - 40000))
        equal(tar.response().status, 200, "the stream under way")
        equal(s.status(ARCHIVE, "PUT"), 403)
    check(any(body in d.replace(b": ", b":") for d in s.stub.arrived()),
          "the body came through")
    s.reload(ALL)
    equal(s.status(ARCHIVE), 200)
    s.stop()


@case("while it is looked up what a request is about")
def lookups():
    named = 'pass on ping\npass on containers/top container "web*"'
    s = Setup(named, "GET /containers/web/json delay=300")
    (filt,) = s.proxyd.filters()
    for rules, want in (("pass on ping", 403),
                        ("pass on { ping, containers/top }", 200)):
        s.reload(named)
        with s.proxyd.client() as c:
            s.stub.mark()
            c.send(request("GET", "/containers/web/top"))
            poll(lambda: any(b"web/json" in d for d in s.stub.arrived()),
                 text="the engine was asked")
            s.reload(rules)
            r = c.response()
            equal(r.status, want, "%s: %r" % (rules, r))
    equal(s.proxyd.filters(), [filt], "the same filter")
    s.stop()


@case("the same behind a body: by the rules that it came under")
def lookups_of_bodies():
    s = Setup(ALL, "GET /containers/web/json delay=300\n"
              "GET /networks/n delay=300")
    (filt,) = s.proxyd.filters()
    for rules, op, asked in (
            ('pass on networks/disconnect container "web*"', "disconnect",
             b"web/json"),
            ('pass on networks/connect\n\tallow network "n"', "connect",
             b"/networks/n ")):
        s.reload("pass on ping\n\t" + rules)
        with s.proxyd.client() as c:
            s.stub.mark()
            c.send(request("POST", "/networks/n/" + op,
                           {"Container": "web"}))
            poll(lambda: any(asked in d for d in s.stub.arrived()),
                 text="the engine was asked")
            s.reload("pass on ping")
            r = c.response()
            equal(r.status, 200, "%s: %r" % (op, r))
            c.send(request("POST", "/networks/n/" + op,
                           {"Container": "web"}))
            equal(c.response().status, 403, "the next one")
    equal(s.proxyd.filters(), [filt], "the same filter")
    s.stop()


@case("streams and upgraded connections are not cut")
def streams():
    s = Setup(ALL, "GET /events tick=10")
    with s.proxyd.client() as events, s.proxyd.client() as tunnel:
        events.send(request("GET", "/events"))
        equal(events.response(body=False).status, 200)
        tunnel.send(request("POST", ATTACH, headers=UP))
        equal(tunnel.head().status, 101)
        for rules in (READ, "pass on ping", ALL, READ):
            s.reload(rules)
            check(events.chunk(), "events go on")
            tunnel.send(b"both ways")
            equal(tunnel.read(9), b"both ways")
        equal(s.status("/events"), 403, "but no new one")
    s.stop()


@case("listeners come and go; what runs on one that goes is not cut")
def listeners():
    a, b, t = unix(), unix(), tcp()
    s = Setup(ALL, "GET /events tick=10\nGET /info delay=300", [a])
    equal(len(s.proxyd.filters()), 1)
    s.reload(ALL, addrs=[a, b, t])
    for addr in (a, b, t):
        check(answers(addr), addr)
    equal(len(s.proxyd.filters()), 3)
    for addr in (b, t):
        with Client(addr) as events, Client(addr) as idle, \
                Client(addr) as busy, Client(addr) as half:
            events.send(request("GET", "/events"))
            equal(events.response(body=False).status, 200)
            equal(status_on(idle, LIST), 200)
            s.stub.mark()
            busy.send(request("GET", "/info"))
            poll(lambda: any(b"/info" in d for d in s.stub.arrived()),
                 text="it is at the engine")
            equal(status_on(half, LIST), 200)
            half.send(b"GET /info HTTP/1.1\r\n")
            poll(lambda: unread(half.sock) == 0, text="it was read")
            s.reload(ALL, addrs=[a])
            check(not answers(addr), "closed")
            check(idle.closed(), "idle connections are closed")
            equal(busy.response().status, 200, "what runs is answered")
            check(busy.closed(), "and is the last")
            half.send(b"Host: x\r\n\r\n")
            equal(half.response().status, 403, "no new request")
            check(half.closed(), "closed after that")
            for _ in range(5):
                check(events.chunk(), "its stream goes on")
            equal(len(s.proxyd.filters()), 2, "its filter stays")
        poll(lambda: len(s.proxyd.filters()) == 1, text="and ends with it")
        s.reload(ALL, addrs=[a, b, t])
    check(not s.proxyd.log_lines("killed"), s.proxyd.log())
    s.reload(ALL, addrs=[b])
    check(not os.path.exists(a[len("unix://"):]), "removed from the files")
    s.stop()
    check(not os.path.exists(b[len("unix://"):]), "removed at the end")


def unread(sock):
    """Bytes that the peer has not read yet (SIOCOUTQ)."""
    import array
    import fcntl
    import termios
    buf = array.array("i", [0])
    fcntl.ioctl(sock, termios.TIOCOUTQ, buf)
    return buf[0]


@case("a port moves to another address, and back")
def moved():
    port = free_port()
    addrs = ["tcp://%s:%d" % (host, port) for host in
             ("127.0.0.1", "", "127.0.0.2", "127.0.0.1")]
    s = Setup(READ, addrs=addrs[:1])
    for addr in addrs[1:]:
        s.reload(READ, addrs=[addr])
        check(answers(addr), addr)
    check(not answers(addrs[2]), "the former one")
    s.stop()


@case("a listener that cannot be opened: everything stays, also what was to "
      "go")
def taken():
    port = free_port()
    a, gone = unix(), "tcp://127.0.0.1:%d" % port
    s = Setup(ALL, "GET /events tick=10", [a, gone])
    with socket.socket() as other, Client(gone) as events:
        other.bind(("127.0.0.1", 0))
        other.listen()
        events.send(request("GET", "/events"))
        equal(events.response(body=False).status, 200)
        busy = "tcp://127.0.0.1:%d" % other.getsockname()[1]
        new = unix()
        s.proxyd.log_mark()
        check(not s.proxyd.reload(s.text(
            READ, [new, "tcp://:%d" % port, busy])), "not reloaded")
        (line,) = s.proxyd.log_lines("not reloaded")
        check(busy.rpartition(":")[2] in line, line)
        for addr in (a, gone):
            with Client(addr) as c:
                equal(status_on(c, "/info"), 200, "the old policy at " + addr)
        check(not os.path.exists(new[len("unix://"):]), "nothing is left")
        check(events.chunk(), "the stream goes on")
    equal(len(s.proxyd.filters()), 2)
    s.stop()


@case("owner, group and mode of a socket are changed in place")
def owners():
    s = Setup(READ)
    path = s.addrs[0][len("unix://"):]
    user, group = pwd.getpwnam("nobody"), grp.getgrnam("daemon")
    inode = os.stat(path).st_ino
    for how, want in (("mode 0600", (0, 0, 0o600)),
                      ("owner nobody group daemon mode 0660",
                       (user.pw_uid, group.gr_gid, 0o660)),
                      ("owner nobody mode 0666", (user.pw_uid, 0, 0o666)),
                      ("group daemon", (0, group.gr_gid, 0o660)),
                      ("", (0, 0, 0o660))):
        s.reload(READ, how=how)
        st = os.stat(path)
        equal((st.st_uid, st.st_gid, stat.S_IMODE(st.st_mode)), want, how)
        equal(st.st_ino, inode, "the same socket")
        equal(s.status(LIST), 200)
    new = unix()                # the same for one that is added
    s.reload(READ, addrs=[new], how="owner nobody group daemon mode 0600")
    st = os.stat(new[len("unix://"):])
    equal((st.st_uid, st.st_gid, stat.S_IMODE(st.st_mode)),
          (user.pw_uid, group.gr_gid, 0o600))
    s.stop()


@case("somebody else's file at the place of a socket is left alone")
def replaced():
    s = Setup(READ)
    path = s.addrs[0][len("unix://"):]
    os.rename(path, path + ".away")
    with open(path, "w"):
        pass
    os.chmod(path, 0o644)
    check(not s.proxyd.reload(s.text(READ, how="owner nobody mode 0666")),
          "not reloaded")
    st = os.stat(path)
    equal((st.st_uid, stat.S_IMODE(st.st_mode)), (0, 0o644))
    os.rename(path + ".away", path)
    s.reload(READ, how="mode 0600")
    equal(stat.S_IMODE(os.stat(path).st_mode), 0o600)
    s.stop()


@case("who may connect: the next request of others is refused")
def admitted():
    s = Setup(READ, addrs=[tcp()])
    with s.proxyd.client() as c:
        equal(status_on(c, LIST), 200)
        s.reload(READ, how="from 127.0.0.1")
        equal(status_on(c, LIST), 200)
        s.reload(READ, how="from 127.0.0.2")
        equal(status_on(c, LIST), 403)
        check(c.closed(), "and its connection closed")
        check(not answers(s.addrs[0]), "nor is a new one served")
        s.reload(READ)
        check(answers(s.addrs[0]), "until it may again")
    s.stop()


@case("an error is said once, with its line, and changes nothing")
def errors():
    s = Setup(READ)
    path = s.proxyd.conf
    good = s.text(READ)
    for text, why in ((good.replace("pass on", "pas on"), path + ":"),
                      (good.replace("version", "nonesuch"), path + ":"),
                      (good + "\nlisten on any port 99999 profile \"main\"\n",
                       path + ":"),
                      (good + "\ninclude \"/nonexistent/x\"\n",
                       "/nonexistent/x"), ("", path)):
        s.proxyd.log_mark()
        check(not s.proxyd.reload(text), "not reloaded: " + text)
        equal(len(s.proxyd.log_lines("not reloaded")), 1)
        check(s.proxyd.log_lines(why), s.proxyd.log_new())
        equal(s.status(LIST), 200, "the old policy")
        equal(s.status("/info"), 403)
    os.unlink(path)
    check(not s.proxyd.reload(), "no file")
    s.proxyd.write_conf(good)
    os.chmod(path, 0o666)
    check(not s.proxyd.reload(), "a file that others may write")
    equal(s.status(LIST), 200)
    s.reload("pass on info")
    equal(s.status("/info"), 200, "and then the good one")
    s.stop()


@case("a user who is not there is an error like others")
def nobody_there():
    s = Setup(READ)
    check(not s.proxyd.reload(s.text(READ, how="owner no-such-user")),
          "not reloaded")
    equal(s.status(LIST), 200)
    s.stop()


@case("fewer clients: nobody is sent away; more: at once")
def limits():
    s = Setup(READ, more="set limit clients 4")
    with s.proxyd.client() as a, s.proxyd.client() as b, \
            s.proxyd.client() as c:
        for client in (a, b, c):
            equal(status_on(client, LIST), 200)
        s.reload(READ, more="set limit clients 2")
        for client in (a, b, c):
            equal(status_on(client, LIST), 200)
        with connect(s.addrs[0], 0.3) as waits:
            waits.sendall(request("GET", LIST))
            try:
                check(not waits.recv(1), "served beyond the limit")
            except socket.timeout:
                pass
            s.reload(READ, more="set limit clients 2000")
            waits.settimeout(5)
            check(waits.recv(5) == b"HTTP/", "served after all")
        more = [s.proxyd.client() for _ in range(100)]
        for client in more:
            equal(status_on(client, LIST), 200)
        for client in more:
            client.close()
    s.stop()


@case("what takes a restart stays, with a warning")
def restart():
    s = Setup(READ)
    text = s.text("pass on info").replace(s.stub.path, "/nonexistent/engine")
    text = 'set user "daemon"\nset chroot "/nonexistent/root"\n' + text
    s.proxyd.log_mark()
    check(s.proxyd.reload(text), "reloaded")
    for word in ("socket", "user", "chroot"):
        check(s.proxyd.log_lines("restart", word), s.proxyd.log_new())
    equal(s.status("/info"), 200, "the new policy, the old engine")
    s.stop()


@case("a filter that dies comes back with the newest policy")
def dies():
    s = Setup(READ)
    for i in range(8):
        rules, target = (("pass on { ping, info }", "/info"),
                         (READ, LIST))[i % 2]
        (old,) = s.proxyd.filters()
        if i % 4 < 2:
            os.kill(old, signal.SIGKILL)
            s.reload(rules)
        else:
            s.proxyd.write_conf(s.text(rules))
            os.kill(old, signal.SIGSTOP)    # it cannot take it
            os.kill(s.proxyd.pid, signal.SIGHUP)
            os.kill(old, signal.SIGKILL)
        poll(lambda: not pid_alive(old) and answers(s.addrs[0]),
             text="a new one")
        poll(lambda: s.status(target) == 200, text="with the new policy")
    s.stop()


@case("SIGHUP again and again: the last file counts")
def again():
    s = Setup(READ)
    for i in range(100):
        s.proxyd.write_conf(s.text("pass on info" if i % 2 else READ))
        os.kill(s.proxyd.pid, signal.SIGHUP)
    poll(lambda: s.status("/info") == 200 and s.status(LIST) == 403,
         text="the last one is in force")
    s.stop()


@case("a filter that does not take the new policy is replaced")
def hangs():
    s = Setup(READ)
    (old,) = s.proxyd.filters()
    os.kill(old, signal.SIGSTOP)
    s.proxyd.write_conf(s.text("pass on info"))
    os.kill(s.proxyd.pid, signal.SIGHUP)
    poll(lambda: not pid_alive(old), 20, "it was ended")
    poll(lambda: answers(s.addrs[0]), text="another serves")
    equal(s.status("/info"), 200)
    equal(s.status(LIST), 403)
    check(s.proxyd.log_lines("does not take the new policy"), "and why")
    s.stop()


@case("a policy from the environment: a line in the log, and nothing else")
def environment():
    stub, proxyd = pair(EVERYTHING)
    os.kill(proxyd.pid, signal.SIGHUP)
    proxyd.log_contains("nothing to reload")
    equal(proxyd.request("GET", "/info").status, 200)
    proxyd.stop()
    stub.stop()


# ------------------------------------------------------- a thousand reloads

MANY = 1000
PACE = 0.002            # seconds: the machine has something else to do
# kB; a sanitizer keeps for a while what is freed, and finds leaks itself
GROWTH = 1 << 20 if sanitized() else 1024
FILL = "\n".join("block on images/list" for _ in range(150))
# Both pass version and block networks: in the first by the first rule and by
# none, in the second by the last of many, and in spite of the first.
FIRST = "pass on { ping, version, events, containers/list }\n" + FILL
SECOND = "pass on networks\n%s\npass on { ping, info, version }\n" \
    "block on networks" % FILL
ASKED = ("/version", LIST, "/info", "/networks")


class Load(threading.Thread):
    """Requests until told to stop, each answer held against both policies."""

    def __init__(self, addr, keep):
        super().__init__()
        self.addr, self.keep = addr, keep
        self.seen = {}
        self.wrong = []
        self.end = threading.Event()
        self.start()

    def run(self):
        while not self.end.is_set() and not self.wrong:
            try:
                with Client(self.addr) as c:
                    for _ in range(self.keep):
                        self.once(c)
                        self.end.wait(PACE)
            except (OSError, Failed) as e:
                self.wrong.append("%s: %r" % (self.addr, e))

    def once(self, c):
        c.send(b"".join(request("GET", target) for target in ASKED))
        for target in ASKED:
            r = c.response()
            self.seen[target, r.status] = self.seen.get(
                (target, r.status), 0) + 1
            want = {"/version": (200,), "/networks": (403,)}.get(
                target, (200, 403))
            if r.status not in want or (r.status == 403 and
                                        "not allowed" not in r.message):
                self.wrong.append("%s: %r" % (target, r))

    def finish(self):
        self.end.set()
        self.join()
        return sum(self.seen.values())


def memory(pid):
    """Resident, kB."""
    with open("/proc/%d/status" % pid) as f:
        return next(int(line.split()[1]) for line in f
                    if line.startswith("VmRSS"))


@case("a thousand reloads under load: no request lost, none judged by half "
      "a policy, no stream cut, nothing left behind")
def thousand():
    addrs = [unix(), tcp()]
    s = Setup(FIRST, "GET /events tick=50", addrs)
    filters = s.proxyd.filters()
    events = [Client(a, 30) for a in addrs]
    for c in events:
        c.send(request("GET", "/events"))
        equal(c.response(body=False).status, 200)

    def used():
        pids = [s.proxyd.pid] + filters
        return [fd_count(p) for p in pids], [memory(p) for p in pids]

    rest = used()[0]
    loads = [Load(a, keep) for a in addrs for keep in (50, 1)]
    try:
        for i in range(MANY):
            s.reload((SECOND, FIRST)[i % 2])
            if i == MANY // 5:
                warm = used()[1]
    finally:
        count = [load.finish() for load in loads]
    for load in loads:
        equal(load.wrong[:3], [])
        for target in (LIST, "/info"):
            for status in (200, 403):
                check(load.seen.get((target, status), 0) > 20, load.seen)
    for c in events:
        for _ in range(3):
            check(c.chunk(), "the stream from the beginning is alive")
    equal(s.proxyd.filters(), filters, "the same filters")
    # Connections to the engine that are kept idle come and go.
    poll(lambda: len(s.stub.open_connections()) <= 3, 30,
         lambda: "%d idle" % len(s.stub.open_connections()))
    fds, mem = used()
    equal(fds[1:], rest[1:], "descriptors of the filters")
    check(fds[0] <= rest[0] + 2, "of the parent: %d, before %d" %
          (fds[0], rest[0]))
    for before, after in zip(warm, mem):
        check(after - before < GROWTH, "kB: %r, before %r" % (mem, warm))
    print("  %d requests; kB after %d and %d reloads: %r %r" % (
        sum(count), MANY // 5, MANY, warm, mem), flush=True)
    for c in events:
        c.close()
    s.stop()


@case("listeners that come and go a hundred times under load")
def coming():
    a, b, t = unix(), unix(), tcp()
    s = Setup(FIRST, "", [a])
    load = Load(a, 50)
    before = None
    for i in range(100):
        s.reload((SECOND, FIRST)[i % 2], addrs=[a] if i % 2 else [a, b, t])
        if i % 2 == 0:
            check(answers(b) and answers(t), "there")
        else:
            check(not answers(b) and not answers(t), "gone")
        if i == 9:
            poll(lambda: len(s.proxyd.filters()) == 1, text="one filter")
            before = fd_count(s.proxyd.pid), memory(s.proxyd.pid)
    load.finish()
    equal(load.wrong[:3], [])
    poll(lambda: len(s.proxyd.filters()) == 1, text="one filter")
    fds, mem = fd_count(s.proxyd.pid), memory(s.proxyd.pid)
    check(fds <= before[0] + 4, "descriptors %d, before %d" %
          (fds, before[0]))
    check(mem - before[1] < GROWTH, "kB %d, before %d" % (mem, before[1]))
    s.stop()


if __name__ == "__main__":
    main()
