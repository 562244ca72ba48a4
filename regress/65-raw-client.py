#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A raw client, through proxyd to a real dockerd.

What libraries rarely do on purpose but some do by accident: bytes sent with
the request head, half-closes, hijacks without Upgrade, answers that come while
the body is still on its way.
"""

import os
import re
import tarfile
import threading

import cli
import control
import engine
import harness
from harness import check, equal, request

UPGRADE = [("Connection", "Upgrade"), ("Upgrade", "tcp")]
H2C = [("Connection", "Upgrade"), ("Upgrade", "h2c")]
ATTACH = "/v1.41/containers/%s/attach?stream=1&stdin=1&stdout=1&stderr=1"
RAW = "application/vnd.docker.raw-stream"
BIG = 200 * 1024 * 1024

shared = {}


def eng():
    if "engine" not in shared:
        shared["engine"] = engine.Engine()
        shared["engine"].start()
    return shared["engine"]


def proxyd(**more):
    key = tuple(sorted(more))
    if key not in shared:
        shared[key] = harness.Proxyd(eng().socket, dict(
            harness.EVERYTHING, **more), [
            "unix://%s.sock" % harness.tmpname("listen"),
            "tcp://127.0.0.1:%d" % harness.free_port()])
    return shared[key]


def each_listener(fn):
    for addr in proxyd().addrs:
        fn(addr)


def container(name, *command, **config):
    """Created past the proxy; removed if it is there from before."""
    e = eng()
    e.request("DELETE", "/containers/%s?force=1" % name)
    body = dict(Image=e.IMAGE, Cmd=list(command), OpenStdin=True,
                StdinOnce=True, AttachStdin=True)
    body.update(config)
    e.json("POST", "/containers/create?name=" + name, body)
    return name


def start(name):
    equal(eng().request("POST", "/containers/%s/start" % name)[0], 204,
          "start")
    return name


def exec_id(name, *command, **config):
    body = dict(AttachStdin=True, AttachStdout=True, AttachStderr=True,
                Cmd=list(command))
    body.update(config)
    return eng().json("POST", "/containers/%s/exec" % name, body)["Id"]


def frames(data):
    """The bytes of stdout and of stderr in a multiplexed stream."""
    out = {1: b"", 2: b""}
    while data:
        check(data[0] in out and len(data) >= 8, "not a frame: %r" % data[:80])
        size = int.from_bytes(data[4:8], "big")
        out[data[0]] += data[8:8 + size]
        data = data[8 + size:]
    return out[1], out[2]


def hijacked(c, upgrade):
    """101 for who asked, and 200 for who did not."""
    r = c.response(body=False)
    equal(r.status, 101 if upgrade else 200, "answer %r" % r.raw)
    equal(r.get("content-type"), RAW, "content type")
    if upgrade:
        equal((r.get("upgrade") or "").lower(), "tcp", "upgrade")
    return r


@harness.case("attach, with and without Upgrade, half-close")
def attach():
    def once(addr):
        for upgrade in (UPGRADE, []):
            name = container("raw", "sh", "-c", "cat; echo err >&2")
            with harness.Client(addr) as c:
                c.send(request("POST", ATTACH % name, headers=upgrade))
                hijacked(c, upgrade)
                start(name)
                c.send(b"one\n")
                equal(frames(c.read(12)), (b"one\n", b""), "echo")
                c.send(b"two\n")
                c.half_close()
                equal(frames(c.read_all()), (b"two\n", b"err\n"), "the rest")
    each_listener(once)


@harness.case("attach, with bytes in the same packet as the head")
def attach_early():
    def once(addr):
        for upgrade in (UPGRADE, []):
            name = start(container("raw", "cat"))
            with harness.Client(addr) as c:
                c.send(request("POST", ATTACH % name, headers=upgrade) +
                       b"early\n")
                hijacked(c, upgrade)
                equal(frames(c.read(14)), (b"early\n", b""), "early bytes")
                c.half_close()
                equal(c.read_all(), b"", "the rest")
    each_listener(once)


@harness.case("attach, everything sent and half-closed before the answer")
def attach_all_at_once():
    def once(addr):
        for upgrade in (UPGRADE, []):
            name = start(container("raw", "wc", "-c"))
            with harness.Client(addr) as c:
                c.send(request("POST", ATTACH % name, headers=upgrade) +
                       b"x" * 20000)
                c.half_close()
                hijacked(c, upgrade)
                equal(frames(c.read_all()), (b"20000\n", b""), "count")
    each_listener(once)


@harness.case("exec start, with and without Upgrade, early bytes, half-close")
def exec_start():
    name = start(container("raw", "sleep", "1000"))

    def once(addr):
        for upgrade in (UPGRADE, []):
            for early in (b"", b"early "):
                xid = exec_id(name, "sh", "-c", "cat; echo err >&2; exit 6")
                with harness.Client(addr) as c:
                    c.send(request("POST", "/v1.41/exec/%s/start" % xid,
                                   {"Detach": False, "Tty": False},
                                   upgrade) + early)
                    hijacked(c, upgrade)
                    c.send(b"late\n")
                    c.half_close()
                    equal(frames(c.read_all()), (early + b"late\n", b"err\n"),
                          "output")
                equal(eng().json("GET", "/exec/%s/json" % xid)["ExitCode"],
                      6, "exit status")
    each_listener(once)


@harness.case("exec start on a terminal is not framed")
def exec_tty():
    name = start(container("raw", "sleep", "1000"))
    for upgrade in (UPGRADE, []):
        xid = exec_id(name, "sh", "-c", "stty -echo; read x; echo got $x",
                      Tty=True)
        with proxyd().client() as c:
            c.send(request("POST", "/exec/%s/start" % xid,
                           {"Detach": False, "Tty": True}, upgrade))
            hijacked(c, upgrade)
            c.send(b"word\n")
            check(c.read_all().endswith(b"got word\r\n"), "terminal output")


def usable(c, r):
    """Kept open, or closed with due notice: bytes behind a request for a
    hijack need not be a request."""
    if (r.get("connection") or "").lower() == "close":
        equal(c.read_all(), b"", "bytes after the last answer")
        return
    c.send(request("GET", "/_ping"))
    equal(c.response().body, b"OK", "next request, same connection")


@harness.case("exec start detached is an ordinary request")
def exec_detached():
    name = start(container("raw", "sleep", "1000"))
    xid = exec_id(name, "touch", "/tmp/x", AttachStdin=False)
    with proxyd().client() as c:
        c.send(request("POST", "/exec/%s/start" % xid, {"Detach": True}))
        r = c.response()
        equal((r.status, r.body), (200, b""), "start")
        usable(c, r)


@harness.case("exec start that fails answers in the engine's words")
def exec_fails():
    with proxyd().client() as c:
        c.send(request("POST", "/exec/%s/start" % ("0" * 64),
                       {"Detach": False}, UPGRADE))
        r = c.response()
        equal(r.status, 404, "start of nothing")
        check("No such exec" in (r.message or ""), "message %r" % r.body)
        # "close" would make the CLI take this for the stream; what comes
        # behind a failed upgrade is no request all the same.
        equal(r.get("connection"), None)
        equal(c.read_all(), b"", "the connection ends")


@harness.case("8 MiB each way at once over a hijacked connection")
def hijack_bulk():
    name = start(container("raw", "sleep", "1000"))
    data = os.urandom(8 << 20)

    def once(addr):
        xid = exec_id(name, "cat")
        with harness.Client(addr, 60) as c:
            c.send(request("POST", "/exec/%s/start" % xid,
                           {"Detach": False}, UPGRADE))
            hijacked(c, UPGRADE)
            feed = threading.Thread(target=lambda: (c.send(data),
                                                    c.half_close()))
            feed.start()
            got = c.read_all()
            feed.join()
            equal(frames(got)[0] == data, True, "the same bytes")
    each_listener(once)


@harness.case("an empty Host on a hijack (docker CLI up to 28)")
def empty_host():
    name = start(container("raw", "cat"))
    with proxyd().client() as c:
        c.send(request("POST", ATTACH % name, headers=UPGRADE, host=""))
        hijacked(c, UPGRADE)
        c.half_close()
        equal(c.read_all(), b"", "output")


@harness.case("attach over a WebSocket")
def attach_ws():
    name = start(container("raw", "cat"))
    with proxyd().client() as c:
        c.send(request("GET", "/v1.41/containers/%s/attach/ws?stream=1"
                       "&stdin=1&stdout=1" % name, headers=[
                           ("Connection", "Upgrade"),
                           ("Upgrade", "websocket"),
                           ("Origin", "http://localhost"),
                           ("Sec-WebSocket-Version", "13"),
                           ("Sec-WebSocket-Key", "MDEyMzQ1Njc4OWFiY2RlZg==")
                       ]))
        r = c.response(body=False)
        equal(r.status, 101, "answer %r" % r.raw)
        check(r.get("sec-websocket-accept"), "no Sec-WebSocket-Accept")
        c.send(b"\x82\x83\0\0\0\0hi\n")         # one masked frame
        got = c.read(5)
        check(got[1:] == b"\x03hi\n", "frame %r" % got)


def archive_request(name, size, path="/srv"):
    return request("PUT", "/v1.41/containers/%s/archive?path=%s" %
                   (name, path), headers=[
                       ("Content-Type", "application/x-tar"),
                       ("Content-Length", str(size)),
                       ("Expect", "100-continue")])


@harness.case("PUT archive with Expect: 100-continue")
def expect_continue():
    name = container("raw", "true")
    tar = engine.busybox_tar([("given", 0o644, b"x" * 1000000)])
    with proxyd().client() as c:
        c.send(archive_request(name, len(tar)))
        equal(c.head().status, 100, "interim answer")
        c.send(tar)
        equal(c.response().status, 200, "answer")
        c.send(request("HEAD", "/containers/%s/archive?path=/srv/given" %
                       name))
        r = c.response(head=True)
        equal(r.status, 200, "stat")
        check(r.get("x-docker-container-path-stat"), "no stat header")


@harness.case("PUT archive that is refused gets no 100")
def expect_refused():
    p = harness.Proxyd(eng().socket, dict(harness.EVERYTHING, POST="0"))
    with p.client() as c:
        c.send(archive_request("raw", 1 << 30))
        r = c.response()
        equal((r.status, r.interim), (403, []), "answer")
    p.stop()


@harness.case("a chunked PUT archive, its chunks cut at odd places")
def archive_chunked():
    name = container("raw", "true")
    tar = engine.busybox_tar()
    pieces = [tar[:1], tar[1:512], tar[512:70000], tar[70000:]]
    with proxyd().client() as c:
        c.send(request("PUT", "/containers/%s/archive?path=/srv" % name,
                       headers=[("Content-Type", "application/x-tar"),
                                ("Transfer-Encoding", "chunked")]))
        wire = harness.chunked(*pieces)
        for at in range(0, len(wire), 65521):
            c.send(wire[at:at + 65521])
        equal(c.response().status, 200, "answer")


@harness.case("answers that come before the body is whole")
def answered_early():
    # dockerd looks for the container first, and does not read on.
    with proxyd().client() as c:
        c.send(archive_request("nothing", BIG, "/") + b"\0" * 1000)
        r = c.response()            # most of 200 MiB is not yet sent
        equal(r.status, 404, "answer %r" % r)
        check("No such container" in (r.message or ""), "message %r" % r)


def send_on(c, begin):
    try:
        c.send(begin + b"\xff" * (BIG - len(begin)))
    except OSError:
        pass            # the other side may hang up once it has said why


@harness.case("a refusal reaches a client that goes on sending 200 MiB")
def answered_while_sending():
    big = tarfile.TarInfo("big")
    big.size = BIG

    def once(addr):
        for method, target, begin, status in (
                ("PUT", "/containers/nothing/archive?path=/", big.tobuf(),
                 404),
                ("POST", "/images/load", b"", 200)):    # refused in its text
            with harness.Client(addr, 60) as c:
                c.send(request(method, target, headers=[
                    ("Content-Type", "application/x-tar"),
                    ("Content-Length", str(BIG))]))
                feeder = threading.Thread(target=send_on, args=(c, begin))
                feeder.start()
                try:
                    r = c.response()
                finally:
                    c.sock.shutdown(2)
                    feeder.join()
                equal(r.status, status, "answer %r" % r)
                check(b"No such container" in r.body or
                      b"invalid tar header" in r.body, "text %r" % r.body)
    each_listener(once)


@harness.case("images/load of 200 MiB, with a length and in chunks")
def load_big():
    noise = os.urandom(1 << 20)
    body = b"".join(noise[i:] + noise[:i] for i in range(BIG >> 20))
    eng().import_image("big:test",
                       engine.busybox_tar([("noise", 0o644, body)]))
    tar = eng().request("GET", "/images/big:test/get")[1]
    check(len(tar) > BIG, "size %d" % len(tar))

    def once(addr):
        for chunked in (False, True):
            eng().request("DELETE", "/images/big:test")
            framing = ("Transfer-Encoding", "chunked") if chunked else \
                ("Content-Length", str(len(tar)))
            with harness.Client(addr, 60) as c:
                c.send(request("POST", "/images/load", headers=[
                    ("Content-Type", "application/x-tar"), framing]))
                step = 1 << 20
                for at in range(0, len(tar), step):
                    piece = tar[at:at + step]
                    c.send(harness.chunked(piece, last=False) if chunked
                           else piece)
                if chunked:
                    c.send(harness.chunked())
                r = c.response()
                equal((r.status, r.complete), (200, True), "answer")
                check(b"Loaded image: big:test" in r.body,
                      "load: %r" % r.body[-300:])
            equal(eng().request("GET", "/images/big:test/json")[0], 200,
                  "image")
    each_listener(once)


@harness.case("images/load cut short leaves no image and the proxy alive")
def load_cut():
    tar = eng().request("GET", "/images/%s/get" % eng().IMAGE)[1]
    eng().request("POST", "/images/%s/tag?repo=cut&tag=test" % eng().IMAGE)
    cut = eng().request("GET", "/images/cut:test/get")[1]
    eng().request("DELETE", "/images/cut:test")
    for framing, wire in (
            (("Content-Length", str(len(cut))), cut[:len(cut) // 2]),
            (("Transfer-Encoding", "chunked"),
             harness.chunked(cut[:len(tar) // 2], last=False))):
        with proxyd().client() as c:
            c.send(request("POST", "/images/load", headers=[
                ("Content-Type", "application/x-tar"), framing]) + wire)
        equal(proxyd().request("GET", "/_ping").status, 200, "ping")
    equal(eng().request("GET", "/images/cut:test/json")[0], 404, "image")


@harness.case("a build whose client half-closes is not cancelled")
def build_half_close():
    import io
    import tarfile
    out = io.BytesIO()
    text = b"FROM busybox:test\nRUN sleep 1; echo built in peace\n"
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo("Dockerfile")
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
    with proxyd().client() as c:
        c.send(request("POST", "/build?nocache=1&rm=1&t=half:test",
                       out.getvalue(),
                       [("Content-Type", "application/x-tar")]))
        c.half_close()
        r = c.response()
        equal(r.status, 200, "answer")
        check(b"built in peace" in r.body and b"Successfully" in r.body,
              "build: %r" % r.body[-500:])


@harness.case("POST /session and /grpc become h2c tunnels, with a warning")
def h2c():
    p = proxyd(ALLOW_PRIVILEGED="1")
    headers = {"/session": H2C + [("X-Docker-Expose-Session-Uuid", "raw-1"),
                                  ("X-Docker-Expose-Session-Name", "raw")],
               "/grpc": H2C}
    for path in headers:
        p.log_mark()
        with p.client() as c:
            c.send(request("POST", "/v1.41" + path, headers=headers[path]))
            r = c.response(body=False)
            equal(r.status, 101, "%s: %r" % (path, r.raw))
            equal(r.get("upgrade"), "h2c", "upgrade")
            if path == "/grpc":         # there the engine is the server
                c.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" +
                       b"\0\0\0\4\0\0\0\0\0")
                head = c.read(9)
                equal(head[3], 4, "first frame: SETTINGS")
            else:                       # and here the client is
                equal(c.read(14), b"PRI * HTTP/2.0", "preface")
        p.log_contains(": tunnel opened", " %s:" % path.lstrip("/"))


DETACH = b"\x10\x11"            # ^P^Q


def detach_from(docker, addr):
    e = eng()
    c = cli.Cli(docker, addr, harness.tmpdir())
    e.request("DELETE", "/containers/det?force=1")
    with c.talk("run", "-it", "--name", "det", e.IMAGE, "sh", tty=True) as t:
        t.expect(r"[#$] ")
        t.send(DETACH)
        equal(t.end(30), 0, "run, detached")
    with c.talk("attach", "det", tty=True) as t:
        t.send(b"echo aga''in\n")
        t.expect("again")
        t.send(DETACH)
        t.end(30)                       # newer CLIs: 0, older: 1
    with c.talk("exec", "-it", "--detach-keys", "ctrl-a,x", "det", "sh",
                tty=True) as t:
        t.expect(r"[#$] ")
        t.send(b"\x01x")
        t.end(30)
    state = e.json("GET", "/containers/det/json")["State"]
    equal(state["Running"], True, "still runs")
    e.request("DELETE", "/containers/det?force=1")


@harness.case("^P^Q detaches through a unix listener")
def detach():
    # Over TCP the CLI hangs even without a proxy between.
    other = engine.which("docker")
    for docker in sorted({"/usr/bin/docker", other}):
        if docker and os.path.exists(docker):
            detach_from(docker, proxyd().addrs[0])


@harness.case("proxyctl shows terminals and logs that are followed, and ends "
              "them")
def watched():
    ctl = control.Ctl(harness.tmpname("control"))
    p = proxyd(PROXYD_CONTROL=ctl.path)
    start(container("watched", "sh", "-c",
                    "while :; do echo tick; sleep 0.2; done"))
    with p.client() as logs, p.client() as run, p.client() as attach:
        logs.send(request("GET", "/v1.41/containers/watched/logs?follow=1&"
                          "stdout=1"))
        equal(logs.response(body=False).status, 200)
        run.send(request("POST", "/v1.41/exec/%s/start" % exec_id(
            "watched", "cat"), {"Detach": False, "Tty": False}, UPGRADE))
        hijacked(run, UPGRADE)
        run.send(b"hello\n")
        equal(frames(run.read(14)), (b"hello\n", b""), "echo")
        attach.send(request("POST", ATTACH % "watched", headers=UPGRADE))
        hijacked(attach, UPGRADE)
        found = {}
        for op, path in (("containers/logs", "containers/watched/logs"),
                         ("exec/start", r"exec/\w+/start"),
                         ("containers/attach", "containers/watched/attach")):
            m = ctl.find(("show", "streams"), r"^ *(\d+) uid=0,pid=%d .* %s "
                         r"+%s /v1.41/%s \S+$" % (os.getpid(), op,
                                              re.escape(p.addr), path))
            found[op] = m.group(1)
        print("# " + "\n# ".join(ctl.lines("show", "streams")))
        for op, client in (("containers/logs", logs), ("exec/start", run),
                           ("containers/attach", attach)):
            equal(ctl.run("kill", "stream", found[op]), (0, "", ""), op)
            client.read_all()       # to the end, which is there
        equal(ctl.lines("show", "streams"), ["no streams"])
    # Its own client was sent away; the container does not mind.
    state = eng().json("GET", "/containers/watched/json")["State"]
    equal(state["Running"], True)
    equal(ctl.run("check"), (0, "ok\n", ""))
    eng().request("DELETE", "/containers/watched?force=1")


@harness.case("no hijacked connection is left behind")
def nothing_left():
    p = proxyd()
    eng().purge()
    fds = [harness.fd_count(pid) for pid in [p.pid] + p.filters()]
    for _ in range(20):
        name = start(container("raw", "cat"))
        with p.client() as c:
            c.send(request("POST", ATTACH % name, headers=UPGRADE))
            hijacked(c, UPGRADE)
        eng().request("DELETE", "/containers/raw?force=1")
    harness.poll(lambda: [harness.fd_count(pid) for pid in
                          [p.pid] + p.filters()] <= fds, 10,
                 "descriptors are as many as before (%s)" % fds)


if __name__ == "__main__":
    harness.main()
