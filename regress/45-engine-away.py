# SPDX-License-Identifier: ISC
"""The engine is not there, refuses, or comes back: a 502 that says which,
and no restart of proxyd."""

import os
import socket
import threading

from harness import (EVERYTHING, Proxyd, Stub, case, check, equal, main,
                     pair, poll, request, tmpname)


def away(proxyd, *words):
    r = proxyd.request("GET", "/info")
    equal(r.status, 502, repr(r))
    check(any(w in r.message.lower() for w in words),
          "%r says which of %r" % (r.message, words))
    r = proxyd.request("POST", "/v1.41/containers/web/start")
    equal(r.status, 502, repr(r))
    return r


@case("no socket: 502 that says so; it works once the engine is there")
def no_socket():
    path = tmpname("later") + ".sock"
    proxyd = Proxyd(path, EVERYTHING)
    away(proxyd, "exist", "no such", "not running", "not there")
    stub = Stub(path=path)
    equal(proxyd.request("GET", "/info").status, 200)
    proxyd.stop()
    stub.stop()


@case("nobody listens on the socket: 502 that says so")
def refused():
    path = tmpname("dead") + ".sock"
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(path)
    proxyd = Proxyd(path, EVERYTHING)
    away(proxyd, "refused", "nobody", "listen")
    os.unlink(path)
    proxyd.stop()


@case("what is in the socket's place, and what connect(2) says of it: each "
      "has its 502")
def reasons():
    path = tmpname("place") + ".sock"
    dgram = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    stub = Stub(path=path)
    proxyd = Proxyd(path, EVERYTHING)
    equal(proxyd.request("GET", "/info").status, 200)
    os.chown(path, 4711, 4711)
    os.chmod(path, 0o600)           # and proxyd has no DAC_OVERRIDE
    stub.proc.kill()
    poll(lambda: stub.proc.poll() is not None, text="the stub ends")

    def says(words):
        for method, target in (("GET", "/info"),
                               ("POST", "/v1.41/containers/web/start")):
            r = poll(lambda: refused(method, target), text=words)
            equal(r.status, 502, repr(r))
            equal(r.message, "Docker Engine cannot be reached: " + words)

    def refused(method, target):
        r = proxyd.request(method, target)
        return None if "closed the connection" in r.message else r

    says("permission denied at its socket")
    stub.stop()
    if os.path.exists(path):
        os.unlink(path)
    says("its socket does not exist")
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(path)
    says("connection refused, nobody listens at its socket")
    os.unlink(path)
    dgram.bind(path)
    says("Protocol wrong type for socket")
    dgram.close()
    os.unlink(path)
    with open(path, "w"):
        pass
    says("connection refused, nobody listens at its socket")
    proxyd.stop()


@case("it accepts, and closes or talks nonsense: 502 that says which")
def nonsense():
    stub, proxyd = pair(EVERYTHING)
    for data, words in (
            (b"", "Docker Engine closed the connection before it answered"),
            (b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
             "Docker Engine: answer is not HTTP/1.1"),
            (b"HTTP/1.1 200", "Docker Engine closed the connection before it "
             "answered")):
        stub.script("GET /info raw=%s close=1" % stub.raw(data))
        r = proxyd.request("GET", "/info")
        equal((r.status, r.message), (502, words))
    proxyd.stop()
    stub.stop()


@case("it accepts and is silent: 502 that says so, for what reads; what "
      "writes or streams waits")
def silence():
    stub = Stub("GET /info hang=1\nPOST /containers hang=1\n"
                "GET /events hang=1")
    proxyd = Proxyd(stub, conf_profile="pass on { ping, info, events, "
                    "containers/start }\ntimeout answer 1")
    writing, streaming = proxyd.client(), proxyd.client()
    writing.send(request("POST", "/v1.41/containers/web/start"))
    streaming.send(request("GET", "/events"))
    with proxyd.client() as c:
        c.send(request("GET", "/info"))
        r = c.response()
        equal((r.status, r.message), (502, "Docker Engine is silent: no "
                                      "answer within 1 seconds"))
        c.send(request("GET", "/_ping"))
        equal(c.response().status, 200, "the same connection goes on")
    for c in (writing, streaming):
        c.sock.setblocking(False)
        try:
            equal(c.sock.recv(1), None, "it waits")
        except BlockingIOError:
            pass
        c.close()
    check("is silent" in proxyd.log_contains(" info ", " 502 "), "logged")
    proxyd.stop()
    stub.stop()


@case("the engine is restarted: 502 meanwhile, then work goes on")
def restart():
    stub, proxyd = pair(EVERYTHING)
    pid, filters = proxyd.pid, proxyd.filters()
    with proxyd.client() as c:          # one connection throughout
        c.send(request("GET", "/info"))
        equal(c.response().status, 200)
        stub.stop()
        c.send(request("GET", "/info"))
        equal(c.response().status, 502)
        away(proxyd, "exist", "no such", "refused", "not running")
        stub.start()
        c.send(request("GET", "/info"))
        equal(c.response().status, 200, "on the same connection")
        c.send(request("POST", "/v1.41/containers/web/start"))
        equal(c.response().status, 204)
    equal((proxyd.pid, proxyd.filters()), (pid, filters), "processes")
    proxyd.stop()
    stub.stop()


@case("pooled connections of an engine that died are not used again")
def pooled():
    stub, proxyd = pair(EVERYTHING)
    for _ in range(5):
        threads = [threading.Thread(
            target=lambda: proxyd.request("GET", "/info")) for _ in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        stub.proc.kill()
        stub.stop()
        stub.start()
        for method, target in (("POST", "/v1.41/containers/web/start"),
                               ("GET", "/info")) * 4:
            r = proxyd.request(method, target)
            check(r.status in (200, 204), "%s: %r" % (target, r))
    proxyd.stop()
    stub.stop()


@case("streams end when the engine dies, and nothing hangs")
def streams():
    stub, proxyd = pair(EVERYTHING, "GET /events tick=50\nGET /info hang=1")
    with proxyd.client() as ev, proxyd.client() as hang, \
            proxyd.client() as tunnel:
        ev.send(request("GET", "/events"))
        ev.head()
        hang.send(request("GET", "/info"))
        tunnel.send(request("POST", "/containers/web/attach", headers={
            "Connection": "Upgrade", "Upgrade": "tcp"}))
        equal(tunnel.head().status, 101)
        poll(lambda: len(stub.open_connections()) >= 3, text="three at work")
        stub.proc.kill()
        stub.stop()
        ev.read_all()
        check(not ev.buf.endswith(b"0\r\n\r\n"), "cut, not completed")
        equal(hang.response().status, 502)
        equal(tunnel.read_all(), b"")
    stub.start()
    stub.script("")
    equal(proxyd.request("GET", "/info").status, 200)
    proxyd.stop()
    stub.stop()


@case("an engine that never answers holds one client only")
def silent():
    stub, proxyd = pair(EVERYTHING, "GET /events hang=1")
    with proxyd.client() as c:
        c.send(request("GET", "/events"))
        for _ in range(50):
            equal(proxyd.request("GET", "/_ping").status, 200)
    poll(lambda: len(stub.open_connections()) <= 1, 2.0,
         lambda: "given up with its client: %r" % stub.open_connections())
    proxyd.stop()
    stub.stop()


@case("an engine whose queue is full: others wait, are served, or get 502")
def full():
    path = tmpname("full") + ".sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(0)
    proxyd = Proxyd(path, EVERYTHING, wait=False)
    poll(lambda: os.path.exists(proxyd.addr[len("unix://"):]),
         text="proxyd listens")
    results = []

    def ask():
        results.append(proxyd.request("GET", "/_ping").status)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for t in threads:
        t.start()
    served = 0
    listener.settimeout(8)
    try:
        while served < 6:
            c, _ = listener.accept()
            c.settimeout(5)
            while b"\r\n\r\n" not in c.recv(4096):
                pass
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                      b"Connection: close\r\n\r\nOK")
            c.close()
            served += 1
    except socket.timeout:
        pass
    for t in threads:
        t.join()
    listener.close()
    equal(sorted(set(results) - {200, 502}), [])
    check(results.count(200) >= 1, repr(results))
    equal(len(results), 6)
    proxyd.stop()


if __name__ == "__main__":
    main()
