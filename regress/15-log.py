# SPDX-License-Identifier: ISC
"""What the log says: one line a request, refusals always, credentials
never."""

import fcntl
import os
import socket

from harness import (EVERYTHING, Proxyd, case, check, equal, main, pair, poll,
                     request)

SECRET = "c2VjcmV0LXJlZ2lzdHJ5LXBhc3N3b3Jk"
ENVVAR = "TOKEN=hush-hush-4711"

stub, proxyd = pair(dict(EVERYTHING, LOG_LEVEL="info"),
                    listen=None)
stube, strict = pair({"CONTAINERS": "1", "LOG_LEVEL": "error"})


def lines(p, *words):
    return poll(lambda: p.log_lines(*words), 2.0,
                lambda: "a line with %r in:\n%s" % (words, p.log_new()))


@case("one line a request at LOG_LEVEL=info")
def one_line():
    for target, words in (("/v1.41/version", ("version",)),
                          ("/v1.41/containers/abc/json", ("abc",)),
                          ("/containers/json", ("containers/list",))):
        proxyd.log_mark()
        equal(proxyd.request("GET", target).status, 200)
        found = lines(proxyd, "GET", target.replace("/v1.41", ""), *words)
        equal(len(found), 1, target)
        check(" 200 " in found[0], "status in %r" % found[0])


@case("a line says client, operation, path, status and deciding variable")
def words():
    proxyd.log_mark()
    proxyd.request("POST", "/v1.41/containers/web/start")
    line = lines(proxyd, "containers/start")[-1]
    for word in ("/containers/web/start", "POST", " 204 "):
        check(word in line, "%r in %r" % (word, line))


@case("a refusal is logged at LOG_LEVEL=error, with the word Forbidden")
def refusal():
    for method, target, name, variable in (
            ("POST", "/v1.41/containers/web/start", "containers/start",
             "POST"),
            ("GET", "/info", "info", "INFO"),
            ("GET", "/images/json", "images/list", "IMAGES"),
            ("GET", "/v1.41/containers/web/export", "containers/export",
             "ALLOW_EXPORT")):
        strict.log_mark()
        r = strict.request(method, target)
        equal(r.status, 403)
        check("Forbidden" in r.message, r.message)
        check(variable in r.message, "%s in %r" % (variable, r.message))
        found = lines(strict, "Forbidden")
        equal(len(found), 1, repr(found))
        for word in (name, target.replace("/v1.41", ""), variable):
            check(word in found[0], "%r in %r" % (word, found[0]))


@case("nothing else is logged at LOG_LEVEL=error")
def quiet():
    strict.log_mark()
    for _ in range(5):
        equal(strict.request("GET", "/_ping").status, 200)
    strict.request("GET", "/info")
    lines(strict, "Forbidden")
    equal(strict.log_lines("_ping"), [])


@case("the client is named: address over TCP, uid over a unix socket")
def client():
    strict.log_mark()
    strict.request("GET", "/info")
    line = lines(strict, "Forbidden")[-1]
    check("uid" in line or "unix" in line or "pid" in line,
          "who, in %r" % line)


@case("refused bodies: the field and the reason are in the line")
def body():
    proxyd.log_mark()
    r = proxyd.request("POST", "/v1.41/containers/create",
                       {"Image": "i", "HostConfig": {"Privileged": True}})
    equal(r.status, 403)
    line = lines(proxyd, "Forbidden")[-1]
    check("privileged" in line.lower() and "ALLOW_PRIVILEGED" in line, line)


@case("a line is one line: escapes, CR, LF and 8-bit bytes are made visible")
def escapes():
    for target in ("/x\x1b[31mred", "/x%0aForged%20line", "/x%0d%0aForged",
                   "/\x07\x08", "/caf\xe9", "/x%1b[2J", "/x\x9b31m"):
        proxyd.log_mark()
        with proxyd.client() as c:
            c.send(request("GET", target))
            r = c.response()
            check(r.status in (400, 403, 404), repr(r))
        lines(proxyd, "Forbidden")
        with open(proxyd.logname, "rb") as f:
            data = f.read()
        check(not any(b < 0x20 and b != 10 or b >= 0x7f for b in data),
              "only printable bytes after %r" % target)
        check(not any(line.startswith(b"Forged")
                      for line in data.splitlines()), "no forged line")
    proxyd.log_mark()
    with proxyd.client() as c:
        c.send(b"G\x1b[31mT /_ping HTTP/1.1\r\nHost: x\r\n\r\n")
        c.response()
    with open(proxyd.logname, "rb") as f:
        check(b"\x1b" not in f.read(), "no escape")


@case("a body's text in a message is made visible, too")
def body_escapes():
    for name in ("a\x1b[31m", "a\nForged", "a\u2028b", "a\x9bb", "\u202eevil"):
        proxyd.log_mark()
        r = proxyd.request("POST", "/v1.41/containers/create",
                           {"Image": "i", name: 1})
        check(r.status in (400, 403), repr(r))
        lines(proxyd, "Forbidden")
        with open(proxyd.logname, "rb") as f:
            data = f.read()
        check(not any(b < 0x20 and b != 10 or b >= 0x7f for b in data),
              "only printable bytes after %r" % name)


@case("a very long path is cut, not a line of many KiB")
def long_path():
    proxyd.log_mark()
    proxyd.request("GET", "/containers/" + "a" * 5000 + "/nothing")
    line = lines(proxyd, "Forbidden")[-1]
    check(len(line) < 3000, "%d bytes" % len(line))


@case("X-Registry-Auth, X-Registry-Config and Env never appear")
def credentials():
    stub.mark()
    headers = {"X-Registry-Auth": SECRET, "X-Registry-Config": SECRET}
    for status in ("", "status=500"):
        stub.script("POST /images %s\nPOST /build %s\nPOST /containers %s" %
                    ((status or "early=0",) * 3))
        proxyd.request("POST", "/v1.41/images/create?fromImage=alpine",
                       headers=headers)
        proxyd.request("POST", "/v1.41/images/alpine/push", headers=headers)
        proxyd.request("POST", "/v1.41/build?t=x&networkmode=host", b"",
                       headers)
        proxyd.request("POST", "/v1.41/build?t=x", b"", headers)
        proxyd.request("POST", "/v1.41/containers/create",
                       {"Image": "i", "Env": [ENVVAR]})
        proxyd.request("POST", "/v1.41/containers/create",
                       {"Image": "i", "Env": [ENVVAR],
                        "HostConfig": {"Privileged": True}})
        proxyd.request("POST", "/v1.41/containers/create",
                       {"Image": "i", "Env": {"x": ENVVAR}})
        proxyd.request("POST", "/v1.41/containers/create",
                       '{"Image":"i","Env":["%s"],}' % ENVVAR)
        proxyd.request("POST", "/v1.41/containers/w/exec",
                       {"Cmd": ["x"], "Env": [ENVVAR], "Privileged": True})
        proxyd.request("POST", "/auth", {"username": "u",
                                         "password": "hush-hush-4711"})
    stub.script("")
    proxyd.request("GET", "/_ping")
    log = proxyd.log()
    check(SECRET not in log, "no registry credential")
    check("hush-hush" not in log, "no Env value, no password")
    data = b"".join(stub.arrived())
    check(SECRET.encode() in data, "though it did travel")
    check(ENVVAR.encode() in data, "the Env, too")


@case("an engine that is away is logged, without the word Forbidden")
def bad_gateway():
    stub.script("GET /info raw=%s close=1" % stub.raw(b""))
    proxyd.log_mark()
    equal(proxyd.request("GET", "/info").status, 502)
    found = lines(proxyd, "/info", "502")
    check("Forbidden" not in found[-1], found[-1])
    stub.script("")


REFUSALS = 4000         # some 500 KiB of lines: more than anything holds


def unread(reader, writer, recv):
    """Standard error is writer, which blocks: all goes on and is counted."""
    p = Proxyd(stub, {"CONTAINERS": "1", "LOG_LEVEL": "error"},
               stderr=writer)
    try:
        check(not fcntl.fcntl(writer, fcntl.F_GETFL) & os.O_NONBLOCK,
              "its flags are as they were")
        with p.client() as c:
            for _ in range(REFUSALS // 100):
                c.send(request("GET", "/info") * 100)
                for _ in range(100):
                    equal(c.response().status, 403)
        with p.client() as c:
            c.sock.settimeout(5.0)
            c.send(request("GET", "/_ping"))
            equal(c.response().status, 200)
        os.set_blocking(reader, False)
        text = b""

        def more():
            nonlocal text
            try:
                data = recv(65536)
            except BlockingIOError:
                return False
            text += data
            return bool(data)
        poll(lambda: more() and b" log lines lost\n" in text, 5.0,
             lambda: "lost lines, in %d bytes" % len(text))
        # The last line leaves with the process, and none is missing.
        equal(p.request("GET", "/info").status, 403)
        p.proc.terminate()
        p.proc.wait(8)
        while more():
            pass
        lines = text.decode("ascii").splitlines()
        check(all(line.count("Z proxyd: ") == 1 for line in lines),
              "whole lines")
        lost = [int(line.split()[2]) for line in lines
                if line.endswith(" log lines lost")]
        told = len([line for line in lines if "Forbidden" in line])
        check(sum(lost) > 0 and told > 0, "lost %r, told %d" % (lost, told))
        equal(sum(lost) + told, REFUSALS + 1, "lost %r" % lost)
    finally:
        p.stop()


@case("a pipe that nobody reads stops nothing")
def unread_pipe():
    r, w = os.pipe()
    try:
        unread(r, w, lambda n: os.read(r, n))
    finally:
        os.close(r)
        os.close(w)


@case("neither does a socket")
def unread_socket():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        unread(ours.fileno(), theirs.fileno(), ours.recv)


if __name__ == "__main__":
    main()
