# SPDX-License-Identifier: ISC
"""Paths, methods and framing that other proxies let through: V26, V29 to
V38 and V57.  Each is refused and nothing of it reaches the engine, or one
canonical request does."""

from harness import (EVERYTHING, canonical, case, chunked, equal, check,
                     exchange, expect_canonical, expect_either,
                     expect_refused, main, pair, request)

stub, proxyd = pair(EVERYTHING)
stub0, default = pair({})                       # the defaults: three reads
stubr, readonly = pair(dict(EVERYTHING, POST="0"))

BAD = b'{"Image":"i","HostConfig":{"Privileged":true}}'
REFUSED = (400, 403, 404, 405, 501, 505)


def head(line, *headers, body=b""):
    """A request from its literal lines."""
    lines = [line] + list(headers or ("Host: docker",))
    text = "\r\n".join(lines) + "\r\n\r\n"
    return text.encode("latin-1") + body


def refuse_all(table, status=REFUSED, p=None, s=None):
    for data in table:
        try:
            expect_refused(p or proxyd, s or stub, data, status)
        except AssertionError as e:
            raise AssertionError("%r: %s" % (data[:120], e)) from None


@case("V26 start takes no HostConfig, by old version or by body")
def v26():
    body = b'{"Privileged":true,"Binds":["/:/h"]}'
    refuse_all([request("POST", "/v1.%s/containers/web/start" % v, body)
                for v in ("23", "23.99", "18", "12", "0")])
    want = canonical("POST", "/v1.24/containers/web/start")
    expect_either(proxyd, stub,
                  request("POST", "/v1.24/containers/web/start", body), want)
    expect_either(proxyd, stub, request(
        "POST", "/v1.24/containers/web/start", chunked(body),
        {"Transfer-Encoding": "chunked"}), want)
    for query in ("checkpoint=x&checkpoint-dir=/etc", "checkpoint=x",
                  "checkpoint-dir=/etc", "%63heckpoint=x"):
        expect_refused(proxyd, stub, request(
            "POST", "/v1.41/containers/web/start?" + query), 403,
            "checkpoint")
    expect_refused(proxyd, stub, request(
        "POST", "/v1.41/containers/web/checkpoints",
        {"CheckpointID": "c", "CheckpointDir": "/etc"}), 403, "checkpoint")
    expect_refused(proxyd, stub, request(
        "GET", "/v1.41/containers/web/checkpoints?dir=/etc"), 403, "dir")


@case("V29 versions that dockerd takes for another one")
def v29():
    for v in ("v1.41.", "v1.41..", "v01.41", "v1.041", "v1.41.0", "v1.41.0.0",
              "v1.40.99", "v1.", "v1", "v.41", "v1..41", "v1.4", "v1.23",
              "v0.41", "v2.41", "v1.100", "v1.410", "V1.41", "v1.41%2e",
              "%761.41", "v%31.41", "v1%2e41", "v1.41a", "v-1.41", "v+1.41",
              "v1.+41", "v1.41 ", "v1,41", "v1.41/v1.41", "v99999999999.1",
              "v1.4294967337"):
        try:
            expect_refused(proxyd, stub, request(
                "POST", "/%s/containers/create" % v, BAD), REFUSED)
        except AssertionError as e:
            raise AssertionError("%s: %s" % (v, e)) from None
    for v in ("v1.41", "v1.24", "v1.40"):
        expect_canonical(proxyd, stub, request("GET", "/%s/version" % v),
                         canonical("GET", "/%s/version" % v))


@case("V30 encoded slashes, letters and doubly encoded ones")
def v30():
    for path in ("/containers%2Fcreate", "/containers%2fcreate",
                 "/%63ontainers/create", "/containers/cre%61te",
                 "/v1.41%2fcontainers/create", "/%2563ontainers/create",
                 "/v1.41/containers/%63reate", "/containers/create%00",
                 "/containers/create%20", "/containers/create%0a"):
        expect_refused(proxyd, stub, request("POST", path, BAD), REFUSED)
    refuse_all([request("GET", path) for path in (
        "/containers/x%2fjson", "/v1.41/containers/x%2Fjson",
        "/containers/x/%2561ttach/ws", "/containers/..%2fjson",
        "/version%2f..%2fcontainers/json", "/containers/x/js%6fn%2f",
        "/containers/x%5c/json", "/containers/x%zz/json", "/containers/%/json",
        "/containers/x%0d%0aHost:y/json", "/containers/x%00/json")])
    ws = {"Connection": "Upgrade", "Upgrade": "websocket",
          "Sec-WebSocket-Version": "13",
          "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    for path in ("%61ttach/ws", "attach/%77s", "attach/ws", "attach%2fws"):
        expect_refused(readonly, stubr, request(
            "GET", "/v1.41/containers/x/%s?stdin=1&stream=1" % path,
            headers=ws), REFUSED)


@case("V30 a letter of a name decoded once travels as that letter")
def v30_canonical():
    expect_either(proxyd, stub, request("GET", "/v1.41/containers/%78/json"),
                  canonical("GET", "/v1.41/containers/x/json"))
    expect_either(proxyd, stub, request("GET", "/%5fping"),
                  canonical("GET", "/_ping"))


@case("V31 paths that are not canonical")
def v31():
    for path in ("//containers/create", "/containers//create",
                 "/./containers/create", "/containers/./create",
                 "/_ping/../containers/create", "/containers/create/",
                 "/v1.41//containers/create", "//v1.41/containers/create",
                 "/_ping/..%2fcontainers/create", "/%2e/containers/create",
                 "/_ping/%2e%2e/containers/create", "/containers/create/.",
                 "/containers/create/..", "/containers/x/../create",
                 "/containers\\create", "/;/containers/create",
                 "/containers/create;x"):
        expect_refused(proxyd, stub, request("POST", path, BAD), REFUSED)
    refuse_all([request("GET", path) for path in (
        "/version/../containers/json", "/version%2f..%2fcontainers/json",
        "/containers/../secrets", "/images/../containers/json",
        "/images/x/../../secrets", "/images/%2e%2e/json",
        "/images/a//b/json", "/images/./json", "/networks//",
        "/containers/./json", "/containers/%2e%2e/json", "/./_ping", "/.",
        "/..", "/")], p=proxyd, s=stub)


@case("V32, V33 neither half an anchor nor a prefix")
def v33():
    refuse_all([request("GET", path) for path in (
        "/versionX", "/version/x", "/_pingx", "/_ping/", "/infos", "/eventsx",
        "/containers/json/x", "/containersx/json", "/secretsx",
        "/x/_ping", "/v1.41/x/version")])
    refuse_all([request("POST", path) for path in (
        "/containers/x/startfoo", "/containers/a/start/exec",
        "/containers/a/stop/exec", "/containers/x/start/",
        "/containers/x/restartx")])
    refuse_all([request("DELETE", "/containers/x/start"),
                request("GET", "/containers/x/start"),
                request("PUT", "/containers/x/start"),
                request("PATCH", "/containers/x"),
                request("GET", "/containers/create")])
    refuse_all([request("GET", path) for path in (
        "/secrets/info", "/images/x/containers/get", "/info/containers")],
        p=default, s=stub0)


@case("V34 reads that give more than they look: not by default")
def v34():
    for target in ("/containers/x/attach/ws?stdin=1",
                   "/containers/x/archive?path=/", "/containers/x/export",
                   "/images/get?names=a", "/images/n/get", "/swarm",
                   "/swarm/unlockkey", "/secrets", "/plugins",
                   "/containers/x/json", "/configs", "/services", "/tasks",
                   "/nodes", "/containers/json", "/info", "/system/df"):
        expect_refused(default, stub0, request("GET", "/v1.41" + target), 403)
    expect_refused(default, stub0, request(
        "POST", "/v1.41/containers/x/attach?stdin=1"), 403)
    on = {"CONTAINERS": "1", "IMAGES": "1"}
    stub1, some = pair(on)
    for target in ("/containers/x/archive?path=/", "/containers/x/export"):
        expect_refused(some, stub1, request("GET", target), 403, "ALLOW_")


@case("V34 the profiler is never reached, whatever is on")
def v34_debug():
    for p, s in ((proxyd, stub), (default, stub0)):
        refuse_all([request("GET", path) for path in (
            "/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline",
            "/debug/pprof/profile?seconds=1", "/debug/vars",
            "/v1.41/debug/vars", "/debug/pprof", "/debug/pprof/trace")],
            p=p, s=s)


@case("V35 methods: case, OPTIONS, TRACE, CONNECT, PRI, overrides")
def v35():
    for method in ("get", "Get", "gET", "OPTIONS", "TRACE", "PATCH", "FOO",
                   "PROPFIND", "HEADX", "GE T", "G\xc9T", "GET\t"):
        expect_refused(proxyd, stub, head("%s /_ping HTTP/1.1" % method),
                       REFUSED)
    refuse_all([head("CONNECT docker:80 HTTP/1.1"),
                head("CONNECT /_ping HTTP/1.1"), head("OPTIONS * HTTP/1.1"),
                head("PRI * HTTP/2.0", "Host: docker"),
                b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
    expect_canonical(proxyd, stub, head(
        "GET /_ping HTTP/1.1", "Host: x", "X-HTTP-Method-Override: DELETE",
        "X-Method-Override: POST", "X-HTTP-Method: PUT"),
        canonical("GET", "/_ping"))
    expect_refused(readonly, stubr, head(
        "POST /containers/x/start HTTP/1.1", "Host: x", "Content-Length: 0",
        "X-HTTP-Method-Override: GET"), 403)


@case("V36 request lines and headers that two readers read differently")
def v36_syntax():
    ping = "GET /_ping HTTP/1.1"
    refuse_all([
        head("GET http://docker/_ping HTTP/1.1"), head("GET _ping HTTP/1.1"),
        head("GET docker:80 HTTP/1.1"), head("GET * HTTP/1.1"),
        head("GET /_ping#x HTTP/1.1"), head("GET /_ping\0 HTTP/1.1"),
        head("GET /_ping\x01 HTTP/1.1"), head("GET /_p\xefng HTTP/1.1"),
        head("GET  /_ping HTTP/1.1"), head("GET /_ping  HTTP/1.1"),
        head("GET\t/_ping HTTP/1.1"), head("GET /_ping HTTP/1.1 "),
        head(" GET /_ping HTTP/1.1"), head("GET /_ping HTTP/1.10"),
        head("GET /_ping http/1.1"), head("GET /_ping HTTP/1.2"),
        head("GET /_ping HTTP/2.0"), head("GET /_ping HTTP/0.9"),
        head("GET /_ping"), head("GET /_ping x HTTP/1.1"),
        b"GET /_ping HTTP/1.1\nHost: docker\n\n",
        b"GET /_ping HTTP/1.1\r\nHost: docker\n\r\n",
        b"GET /_ping HTTP/1.1\nHost: docker\r\n\r\n",
        b"GET /_ping HTTP/1.1\rHost: docker\r\r\n\r\n",
        b"\r\nGET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n",
        head(ping, "Host: docker", " folded: x"),
        head(ping, "Host: docker", "X: a", "\tb"),
        head(ping, "Host : docker"), head(ping, "Host: docker", "X : y"),
        head(ping, "Host: docker", "X\t: y"), head(ping, "Host: docker", "X"),
        head(ping, "Host: docker", ": y"),
        head(ping, "Host: docker", "X: a\0b"),
        head(ping, "Host: docker", "X: a\rb"),
        head(ping, "Host: docker", "X: a\x7fb"),
        head(ping, "Host: docker", "X\xe9: y"),
        head(ping, "Host: docker", "Host: docker"), head(ping, "X: y"),
        head(ping, "Host: a b"), head(ping, "Host: a@b"),
        head(ping, "Host: /x")])


@case("V36 framing: lengths and codings that contradict or are none")
def v36_framing():
    put = "PUT /v1.41/containers/x/archive?path=/ HTTP/1.1"
    tail = b"0\r\n\r\n"
    for headers in (
            ("Content-Length: 5", "Content-Length: 5"),
            ("Content-Length: 5", "Content-Length: 6"),
            ("Content-Length: 5, 5",), ("Content-Length: +5",),
            ("Content-Length: -1",), ("Content-Length: 0x5",),
            ("Content-Length: 5 5",), ("Content-Length: ",),
            ("Content-Length: 18446744073709551616",),
            ("Content-Length: 9223372036854775808",), ("Content-Length: 5a",),
            ("Content-Length: 5", "Transfer-Encoding: chunked"),
            ("Transfer-Encoding: chunked", "Content-Length: 5"),
            ("Transfer-Encoding: identity, chunked",),
            ("Transfer-Encoding: gzip, chunked",),
            ("Transfer-Encoding: chunked, chunked",),
            ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
            ("Transfer-Encoding: identity",), ("Transfer-Encoding: gzip",),
            ("Transfer-Encoding: xchunked",), ("Transfer-Encoding: ",),
            ("Transfer-Encoding: chunked;q=1",),
            ("Transfer-Encoding: \x0bchunked",),
            ("Transfer_Encoding: chunked", "Content-Length: 5",
             "Content-Length: 5")):
        try:
            expect_refused(proxyd, stub, head(put, "Host: x", *headers,
                                              body=tail), REFUSED)
        except AssertionError as e:
            raise AssertionError("%r: %s" % (headers, e)) from None
    expect_refused(proxyd, stub, head(
        put.replace("HTTP/1.1", "HTTP/1.0"), "Host: x",
        "Transfer-Encoding: chunked", body=tail), REFUSED)


@case("V36 broken chunks: what came before may be there, an end never")
def v36_chunks():
    start = request("PUT", "/v1.41/containers/x/archive?path=/", b"", {
        "Transfer-Encoding": "chunked"})
    for body in (b"x\r\n", b" 5\r\nhello\r\n0\r\n\r\n",
                 b"0x5\r\nhello\r\n0\r\n\r\n", b"5\nhello\n0\n\n",
                 b"5\r\nhelloX\r\n0\r\n\r\n", b"-5\r\nhello\r\n0\r\n\r\n",
                 b"5\r\nhello\n0\r\n\r\n", b"5;a\nb\r\nhello\r\n0\r\n\r\n",
                 b"00000000000000005\r\nhello\r\n0\r\n\r\n",
                 b"FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
                 b"FFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
                 b"5\r\nhello\r\n0\r\nbad trailer\r\n\r\n",
                 b"5\r\nhello\r\n0\r\nX: a\n\r\n",
                 b";\r\nhello\r\n0\r\n\r\n", b"\r\n0\r\n\r\n"):
        r, new = exchange(proxyd, stub, start + body,
                          lambda c: c.half_close())
        check(r is None or r.status in (400, 502) or r.status == 200 and
              body.startswith(b"00000"), "%r: %r" % (body, r))
        for data in new:
            check(b"\r\n0\r\n" not in data or (r and r.status == 200),
                  "%r ended well: %r" % (body, data))


@case("V36 a judged body in broken chunks never leaves")
def v36_chunked_json():
    start = request("POST", "/v1.41/containers/create", b"", {
        "Transfer-Encoding": "chunked", "Content-Type": "application/json"})
    good = b'{"Image":"i"}'
    for body in (b"%x\r\n%s\n0\r\n\r\n" % (len(good), good),
                 b"%x\r\n%sX\r\n0\r\n\r\n" % (len(good), good),
                 b"%x\n%s\r\n0\r\n\r\n" % (len(good), good),
                 chunked(good, last=False) + b"x\r\n",
                 chunked(good, last=False) + b"0\r\nX\r\n\r\n"):
        r, new = exchange(proxyd, stub, start + body)
        equal(new, [], repr(body))
        equal(r.status, 400, repr(body))


@case("V36 a second request behind an upgrade, h2c on ordinary routes")
def v36_upgrade():
    smuggled = request("POST", "/v1.41/containers/create", BAD)
    stub.script("POST /containers/web/attach status=404 size=10")
    up = {"Connection": "Upgrade", "Upgrade": "tcp"}
    r, new = exchange(proxyd, stub, request(
        "POST", "/v1.41/containers/web/attach?stream=1", headers=up) +
        smuggled)
    equal(r.status, 404)
    check(all(b"Privileged" not in data for data in new), repr(new))
    stub.script("")
    for token, extra in (("h2c", {"HTTP2-Settings": "AAMAAABkAAQAAP__"}),
                         ("tcp", {}), ("websocket", {})):
        r = expect_canonical(proxyd, stub, request(
            "GET", "/_ping", headers=dict(
                extra, Connection="Upgrade, HTTP2-Settings", Upgrade=token)),
            canonical("GET", "/_ping"))
        equal(r.status, 200)
    r, new = exchange(proxyd, stub, request(
        "GET", "/_ping", headers={"Upgrade": "h2c", "Connection": "Upgrade"})
        + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    equal(new, [canonical("GET", "/_ping")])


@case("V37 Upgrade on any other route is no tunnel")
def v37():
    for target in ("/_ping", "/containers/json", "/v1.41/containers/x/json"):
        data = request("GET", target, headers={
            "Connection": "Upgrade", "Upgrade": "tcp"})
        expect_canonical(proxyd, stub, data + request(
            "POST", "/containers/create", BAD), canonical("GET", target))


@case("V38 a form never overrides the query; keys are decoded, not doubled")
def v38():
    form = "application/x-www-form-urlencoded"
    create = "/v1.41/images/create?fromImage=alpine"
    for ctype in (form, form.upper(), form + "; charset=utf-8", " " + form,
                  "multipart/form-data; boundary=x"):
        for body in (b"fromImage=evil:5000/x", b"fromSrc=http://e/x"):
            expect_refused(proxyd, stub, request(
                "POST", create, body, {"Content-Type": ctype}),
                (400, 403, 415))
        for target in ("/v1.41/images/x/tag?repo=a", "/v1.41/build?t=x",
                       "/v1.41/containers/x/rename?name=a",
                       "/v1.41/containers/x/kill?signal=HUP"):
            _, new = exchange(proxyd, stub, request(
                "POST", target, b"repo=evil&remote=http://e&name=b&signal=9",
                {"Content-Type": ctype}))
            check(all(b"form" not in data.lower() for data in new), repr(new))
            check("build" in target or new in ([], [canonical(
                "POST", target)]), repr(new))
    for query in ("fromImage=evil&fromImage=alpine",
                  "fromImage=alpine&from%49mage=evil",
                  "fromImage=&fromImage=a",
                  "fromImage&fromImage=a"):
        expect_refused(proxyd, stub, request(
            "POST", "/v1.41/images/create?" + query), 400, "fromImage")
    for query in ("fromSrc=http://evil/x", "%66romSrc=http://evil/x",
                  "fromSrc=https://e&repo=a", "fromImage=a;fromSrc=http://e",
                  "fromImage=%zz", "fromImage=a%00b", "fromImage=a%0d%0ab"):
        expect_refused(proxyd, stub, request(
            "POST", "/v1.41/images/create?" + query), (400, 403))
    want = canonical("POST", "/v1.41/images/create?fromImage=alpine&tag=3")
    for query in ("fromImage=alpine&tag=3", "from%49mage=al%70ine&tag=%33",
                  "fromImage=alpine&unknown=x&tag=3&HostConfig=%7b%7d"):
        expect_canonical(proxyd, stub, request(
            "POST", "/v1.41/images/create?" + query), want)


@case("V57 absolute and authority forms of any scheme")
def v57():
    for target in ("unix://x/v1.41/exec/%s/start" % ("a" * 64),
                   "file:///v1.41/containers/create",
                   "http://containers/v1.41/exec/x/start",
                   "http://docker/containers/create",
                   "https://docker/containers/create",
                   "ftp://x/containers/create", "foo:/containers/create",
                   "HTTP://u:p@docker:99999/containers/create",
                   "//docker/containers/create", "x:y", "foo:_ping", "docker",
                   "docker:80", "*", "?", "", "#/containers/create"):
        expect_refused(proxyd, stub, request("POST", target, BAD), REFUSED)


@case("a body on a GET or DELETE is dropped or refused, never a request")
def get_body():
    inner = request("POST", "/containers/create", BAD)
    for method, target in (("GET", "/_ping"), ("DELETE", "/containers/x"),
                           ("POST", "/containers/x/start")):
        for data in (request(method, target, inner),
                     request(method, target, chunked(inner),
                             {"Transfer-Encoding": "chunked"})):
            expect_either(proxyd, stub, data, canonical(method, target))


@case("only the headers that the engine reads travel")
def headers():
    r, new = exchange(proxyd, stub, head(
        "GET /v1.41/containers/json HTTP/1.1", "Host: evil:1",
        "Cookie: a=b", "Authorization: Basic eDp5", "X-Forwarded-For: 1",
        "Content-Encoding: gzip", "TE: trailers", "Trailer: X", "Via: x",
        "X-Registry-Auth: e30=", "Forwarded: for=x", "Range: bytes=0-1",
        "If-None-Match: *", "Proxy-Connection: keep-alive",
        "Keep-Alive: 1", "Date: x", "X-Meta-A: b", "Origin: http://evil"))
    equal(r.status, 200)
    equal(new, [canonical("GET", "/v1.41/containers/json")])


if __name__ == "__main__":
    main()
