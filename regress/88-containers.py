#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Rules about containers, with a real engine and real containers.

The container that a request is about is judged by what the engine says of
it, and the engine gets its full id; the container that asks is found by the
parent.
"""

import json
import os
import re
import subprocess

import engine
import harness
from harness import Stub, Proxyd, check, equal, request

KNOCK = r"""
/* Connect, send argv[2], perhaps from a child after we ended, print. */
#include <sys/socket.h>
#include <sys/un.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	struct sockaddr_un	 sun = { .sun_family = AF_UNIX };
	char			 buf[4096], request[512];
	ssize_t			 n;
	int			 s, p[2];

	alarm(20);
	strncpy(sun.sun_path, argv[1], sizeof(sun.sun_path) - 1);
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	if (pipe(p) == -1)
		return (2);
	if (argc > 3 && fork() == 0) {
		/* the pipe ends when who connected is gone */
		close(p[1]);
		if (read(p[0], buf, 1) == -1)
			return (1);
	} else {
		if (connect(s, (struct sockaddr *)&sun, sizeof(sun)) == -1)
			return (1);
		if (argc > 3)
			_exit(0);
	}
	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\n"
	    "Connection: close\r\n\r\n", argv[2]);
	if (write(s, request, strlen(request)) == -1)
		return (1);
	while ((n = read(s, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, (size_t)n, stdout);
	fflush(stdout);
	if (argc > 3)
		close(open(argv[3], O_CREAT | O_WRONLY, 0644));
	return (0);
}
"""

shared = {}


def real():
    """The engine, started once."""
    if not shared:
        e = shared["engine"] = engine.Engine()
        e.start()
    e = shared["engine"]
    e.purge()
    return e


def run(e, name, label=None, *args):
    words = ["run", "-d", "--name", name]
    if label:
        words += ["--label", label]
    r = e.docker(*words, *args, e.IMAGE, "sleep", "600")
    equal(r.returncode, 0, "run %s: %r" % (name, r.stderr))
    return r.stdout.decode().strip()


def started(e, cid):
    return e.json("GET", "/containers/%s/json" % cid)["State"]["StartedAt"]


RULES = """
	pass read on { ping, version, containers/list }
	pass on containers/restart container "web-*"
	pass on containers/stop container label "proxyd.allow=yes"
	pass on { exec/start, exec/create } container "web-*"
	pass on containers/rename container "web-*"
"""


@harness.case("by name and label, whatever the request calls it")
def targets():
    e = real()
    p = Proxyd(e.socket, conf_profile=RULES)
    web, db = run(e, "web-1"), run(e, "db", "proxyd.allow=yes")
    for name in ("web-1", web, web[:12], web[:6]):
        before = started(e, web)
        r = p.request("POST", "/containers/%s/restart?t=0" % name)
        equal(r.status, 204, name)
        check(started(e, web) != before, "%s was not restarted" % name)
    before = started(e, db)
    for name in ("db", db, db[:12]):
        r = p.request("POST", "/containers/%s/restart?t=0" % name)
        equal(r.status, 403, name)
    equal(started(e, db), before, "db was restarted")
    equal(p.request("POST", "/containers/web-1/stop?t=0").status, 403, "stop")
    equal(p.request("POST", "/containers/db/stop?t=0").status, 204, "stop")
    r = p.request("POST", "/containers/nosuch/restart")
    equal((r.status, r.message), (403, r.message), "blocked")
    check("not allowed" in r.message, r.message)


@harness.case("a name that is another's short id does not borrow its rights")
def shadow():
    e = real()
    p = Proxyd(e.socket, conf_profile=RULES)
    web = run(e, "web-1")
    other = run(e, web[:12])
    equal(p.request("POST", "/containers/%s/restart?t=0" %
                    web[:12]).status, 403, "the engine means the other one")
    before = started(e, other)
    equal(p.request("POST", "/containers/%s/restart?t=0" % web).status, 204,
          "the full id is web-1")
    equal(started(e, other), before, "the other was restarted")


@harness.case("an alias that a link makes is no way in")
def alias():
    e = real()
    p = Proxyd(e.socket, conf_profile=RULES)
    db = run(e, "db")
    run(e, "web-1", None, "--link", "db:web-2")
    before = started(e, db)
    for target in ("/containers/web-1/web-2/restart",
                   "/containers/web-1%2fweb-2/restart"):
        r = p.request("POST", target)
        check(r.status in (400, 403, 404), "%s: %r" % (target, r))
    equal(started(e, db), before, "db was restarted")


@harness.case("an exec belongs to its container")
def execs():
    e = real()
    p = Proxyd(e.socket, conf_profile=RULES)
    run(e, "web-1")
    run(e, "db")
    spec = {"Cmd": ["true"], "AttachStdout": True}
    ids = {name: e.json("POST", "/containers/%s/exec" % name, spec)["Id"]
           for name in ("web-1", "db")}
    equal(p.request("POST", "/exec/%s/start" % ids["db"],
                    {"Detach": True}).status, 403, "db's")
    equal(p.request("POST", "/exec/%s/start" % ids["web-1"],
                    {"Detach": True}).status, 200, "web-1's")
    equal(p.request("POST", "/containers/db/exec", spec).status, 403, "db")
    equal(p.request("POST", "/containers/web-1/exec", spec).status, 201, "web")


@harness.case("what arrives is the full id; what is not there is 404")
def arrives():
    full = "0123456789abcdef" * 4
    body = ('{"Id":"%s","Name":"/web-1","Config":{"Labels":null}}' %
            full).encode()
    stub = Stub("GET /containers/w/json length=%d" % len(body))
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    stub.script("GET /containers/w/json raw=" + stub.raw(head + body) + "\n"
                "GET /containers/x/json status=404")
    p = Proxyd(stub, conf_profile=RULES.replace("pass on containers/restart "
               'container "web-*"', "pass on containers/restart container "
               '{ "web-*", ! "web-0" }') + '\tpass on containers/kill '
               'container ! "db"\n')
    stub.mark()
    p.request("POST", "/v1.41/containers/w/restart?t=3")
    got = b"".join(stub.arrived())
    check(b"GET /containers/w/json HTTP/1.1" in got, "no look-up: %r" % got)
    check(b"POST /v1.41/containers/%s/restart?t=3 HTTP/1.1" %
          full.encode() in got, "not the full id: %r" % got)
    stub.mark()
    r = p.request("POST", "/containers/x/kill")
    equal(r.status, 404, "an unknown one")
    check("No such container: x" in r.message, r.message)
    check(b"POST" not in b"".join(stub.arrived()), "it went on")


ELSEWHERE = """
	pass read on { ping, version }
	pass on { networks/connect, networks/disconnect } container "web-*"
	pass on commit container label "proxyd.allow=yes"
	allow network any
	allow image "snap"
"""


def networks_of(e, cid):
    found = e.json("GET", "/containers/%s/json" % cid)
    return set(found["NetworkSettings"]["Networks"])


@harness.case("networks/connect and disconnect: the container in the body")
def connects():
    e = real()
    p = Proxyd(e.socket, conf_profile=ELSEWHERE)
    e.json("POST", "/networks/create", {"Name": "n1"})
    web, db = run(e, "web-1"), run(e, "db", "proxyd.allow=yes")
    for name in ("web-1", "/web-1", web, web[:12], web[:6]):
        for op, want in (("connect", {"bridge", "n1"}),
                         ("disconnect", {"bridge"})):
            r = p.request("POST", "/networks/n1/" + op, {"Container": name})
            equal(r.status, 200, "%s %s: %r" % (op, name, r.message))
            equal(networks_of(e, web), want, "%s %s" % (op, name))
    for name in ("db", "/db", db, db[:12]):
        for op, more in (("connect", {}), ("disconnect", {}),
                         ("disconnect", {"Force": True})):
            r = p.request("POST", "/networks/n1/" + op,
                          dict(more, Container=name))
            equal(r.status, 403, "%s %s" % (op, name))
    equal(networks_of(e, db), {"bridge"}, "db")
    for body in ({}, {"Container": ""}, {"Container": "/"}, {"Container": 1},
                 {"Container": "web-1/db"}, {"Container": "web-1 "},
                 {"Container": None}, {"container": "web-1"}, [], "web-1",
                 {"Container": "w" * 600},
                 b'{"Container":"web-1","Container":"db"}',
                 {"Container": "web-1", "container": "db"}, b"{", None):
        r = p.request("POST", "/networks/n1/connect", body)
        equal(r.status, 400, "%r: %r" % (body, r.message))
    equal(p.request("POST", "/networks/n1/disconnect",
                    {"Container": "nosuch", "Force": True}).status, 403,
          "what is not there matches nothing")


@harness.case("a shadowed short id or an alias redirects neither of them")
def shadow_elsewhere():
    e = real()
    p = Proxyd(e.socket, conf_profile=ELSEWHERE)
    e.json("POST", "/networks/create", {"Name": "n1"})
    web = run(e, "web-1", "proxyd.allow=yes")
    other = run(e, web[:12], None, "--link", "web-1:web-2")
    r = p.request("POST", "/networks/n1/connect", {"Container": web[:12]})
    equal(r.status, 403, "the engine means the other one")
    r = p.request("POST", "/commit?container=%s&repo=snap" % web[:12])
    equal(r.status, 403, "the same of a commit")
    for name in ("%s/web-2" % web[:12], "/%s/web-2" % web[:12]):
        r = p.request("POST", "/networks/n1/connect", {"Container": name})
        equal(r.status, 400, name)
        r = p.request("POST", "/commit?container=%s&repo=snap" % name)
        equal(r.status, 400, name)
    equal(networks_of(e, other), {"bridge"}, "the other")
    equal(p.request("POST", "/networks/n1/connect",
                    {"Container": web}).status, 200, "the full id")
    equal(networks_of(e, web), {"bridge", "n1"}, "web-1")


@harness.case("commit: the container in the query")
def commits():
    e = real()
    p = Proxyd(e.socket, conf_profile=ELSEWHERE)
    web, db = run(e, "web-1"), run(e, "db", "proxyd.allow=yes")
    for name in ("db", "/db", "%2Fdb", db, db[:12]):
        r = p.request("POST", "/commit?container=%s&repo=snap" % name)
        equal(r.status, 201, "%s: %r" % (name, r.message))
        equal(e.json("GET", "/images/snap/json").get("Container", db), db,
              "of which container")
    for name in ("web-1", web, web[:6], "nosuch"):
        r = p.request("POST", "/commit?container=%s&repo=snap" % name)
        equal(r.status, 403, name)
    for query in ("", "repo=snap", "container=", "container=/",
                  "container=db&container=web-1", "container=d%20b",
                  "Container=db", "container=db/db"):
        equal(p.request("POST", "/commit?" + query).status, 400, query)
    e.docker("rmi", "-f", "snap")


@harness.case("the network that is joined is judged by its name")
def networks():
    e = real()
    p = Proxyd(e.socket, conf_profile="""
	pass on { ping, networks/connect, networks/disconnect }
	allow network { "dev-*", "cafe" }
""")
    ids = {name: e.json("POST", "/networks/create", {"Name": name})["Id"]
           for name in ("dev-1", "secret", "cafe")}
    web = run(e, "web-1")
    for name, want in (("dev-1", 200), (ids["dev-1"], 200),
                       (ids["dev-1"][:12], 200), ("cafe", 200),
                       ("secret", 403), (ids["secret"], 403),
                       (ids["secret"][:12], 403), (ids["secret"][:5], 403),
                       ("dev-2", 404), ("0" * 64, 404), ("host", 403),
                       ("container:web-1", 400)):
        r = p.request("POST", "/networks/%s/connect" % name,
                      {"Container": "web-1"})
        equal(r.status, want, "%s: %r" % (name, r.message))
        joined = networks_of(e, web) - {"bridge"}
        equal(joined, {n for n, i in ids.items() if want == 200 and
                       name in (n, i, i[:12])}, name)
        for n in joined:
            r = p.request("POST", "/networks/%s/disconnect" % n,
                          {"Container": web})
            equal(r.status, 200, "%s: %r" % (n, r.message))
    # A network may be called like the beginning of another one's id.
    short = ids["dev-1"][:12]
    e.json("POST", "/networks/create", {"Name": short})
    r = p.request("POST", "/networks/%s/connect" % short,
                  {"Container": "web-1"})
    equal(r.status, 403, "the engine means the other one: %r" % r.message)
    equal(networks_of(e, web), {"bridge"}, "web-1")
    r = p.request("POST", "/networks/secret/connect", {"Container": "web-1"})
    check("(allow network \"secret\" would)" in r.message, r.message)
    # Of the host's nothing may be joined, by whatever it is called.
    p = Proxyd(e.socket, conf_profile="""
	pass on { ping, networks/connect }
	allow network any
""")
    host = e.json("GET", "/networks/host")["Id"]
    for name in ("host", host, host[:12]):
        r = p.request("POST", "/networks/%s/connect" % name,
                      {"Container": "web-1"})
        check(r.status in (400, 403), "%s: %r" % (name, r))
    equal(networks_of(e, web), {"bridge"}, "web-1")


@harness.case("what arrives of those is the full id, in body and query")
def arrives_elsewhere():
    full = "0123456789abcdef" * 4
    body = ('{"Id":"%s","Name":"/web-1","Config":{"Labels":null}}' %
            full).encode()
    stub = Stub()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    stub.script("GET /containers/w/json raw=" + stub.raw(head + body) + "\n"
                "GET /containers/x/json status=404\n"
                "GET /containers/y/json status=500")
    p = Proxyd(stub, conf_profile=ELSEWHERE + """
	pass on commit container { "web-*", ! "db" } query "repo" in "snap"
	pass on networks/connect container "web-*" path "/networks/n*/connect"
	pass on networks/disconnect container ! "db"
""")

    def got(data):
        stub.mark()
        with p.client() as c:
            c.send(data)
            status = c.response().status
        return status, b"".join(stub.arrived())

    want = b'{"Container":"%s","Force":true}' % full.encode()
    for data in (request("POST", "/v1.41/networks/n1/disconnect",
                         {"Force": True, "Container": "w"}),
                 request("POST", "/v1.41/networks/n1/disconnect",
                         harness.chunked(b'{"Force":tr', b'ue,"Container"',
                                         b':"/w"}'),
                         [("Transfer-Encoding", "chunked")])):
        status, seen = got(data)
        check(b"GET /containers/w/json HTTP/1.1" in seen, seen)
        check(seen.endswith(want), "not the full id: %r" % seen)
        check(b"POST /v1.41/networks/n1/disconnect HTTP/1.1" in seen, seen)
    status, seen = got(request("POST", "/commit?comment=a&container=w&"
                               "repo=snap"))
    check(b"POST /commit?comment=a&container=%s&repo=snap HTTP/1.1" %
          full.encode() in seen, "not the full id: %r" % seen)
    for target, body, want in (
            ("/commit?container=w&repo=other", None, 403),
            ("/networks/m1/connect", {"Container": "x"}, 403),
            ("/networks/n1/disconnect", {"Container": "x"}, 404),
            ("/networks/n1/disconnect", {"Container": "y"}, 502),
            ("/commit?container=y&repo=snap", None, 502)):
        status, seen = got(request("POST", target, body))
        equal(status, want, target)
        check(b"POST" not in seen, "it went on: %r" % seen)


@harness.case("two that wait for the engine at once, and pipelined ones")
def at_once():
    e = real()
    p = Proxyd(e.socket, conf_profile=ELSEWHERE + """
	pass on networks/connect container "db" path "/networks/n2/connect"
""")
    for name in ("n1", "n2"):
        e.json("POST", "/networks/create", {"Name": name})
    web, db = run(e, "web-1"), run(e, "db")
    with p.client() as a, p.client() as b:
        for _ in range(3):
            a.send(request("POST", "/networks/n1/connect",
                           {"Container": "web-1"}))
            b.send(request("POST", "/networks/n1/connect",
                           {"Container": "db"}) +
                   request("POST", "/networks/n2/connect",
                           {"Container": "db"}) +
                   request("POST", "/networks/n2/disconnect",
                           {"Container": "db"}))
            equal(a.response().status, 200, "web-1")
            equal([b.response().status for _ in range(3)], [403, 200, 403],
                  "db")
            a.send(request("POST", "/networks/n1/disconnect",
                           {"Container": "web-1"}))
            equal(a.response().status, 200, "web-1")
            e.json("POST", "/networks/n2/disconnect", {"Container": "db"})
    equal(networks_of(e, web), {"bridge"}, "web-1")
    with p.client() as c:
        c.send(request("POST", "/networks/n1/connect", {"Container": "db"}))
        c.reset()
    equal(p.request("GET", "/_ping").status, 200, "after a client that left")
    away = Proxyd("/nonexistent/engine.sock", conf_profile=ELSEWHERE)
    r = away.request("POST", "/networks/n1/connect", {"Container": "web-1"})
    equal(r.status, 502, "an engine that is away")


@harness.case("while it is looked up: pipelining, half-close, an engine away")
def meanwhile():
    e = real()
    p = Proxyd(e.socket, conf_profile=RULES)
    run(e, "web-1")
    with p.client() as c:
        c.send(request("POST", "/containers/web-1/restart?t=0") +
               request("GET", "/_ping") +
               request("POST", "/containers/web-1/restart?t=0"))
        c.half_close()
        equal([c.response().status for _ in range(3)], [204, 200, 204],
              "three in order")
    with p.client() as c:
        c.send(request("POST", "/containers/web-1/restart?t=0"))
        c.reset()
    equal(p.request("GET", "/_ping").status, 200, "after a client that left")
    away = Proxyd("/nonexistent/engine.sock", conf_profile=RULES)
    r = away.request("POST", "/containers/web-1/restart")
    equal(r.status, 502, "an engine that is away")


def knock(e):
    """The little client, where containers can run it."""
    directory = harness.tmpname("knock")
    os.mkdir(directory)
    os.chmod(directory, 0o755)
    os.chmod(harness.tmpdir(), 0o755)
    with open(directory + "/knock.c", "w") as f:
        f.write(KNOCK)
    subprocess.run(["gcc", "-static", "-O1", "-o", directory + "/knock",
                    directory + "/knock.c"], check=True, timeout=60)
    return directory


ASKERS = """
	pass on ping
	pass on version from container "traefik"
	pass on info from label "role=ci"
	block on info from container "evil-*"
	pass on { events, networks/list }
	block on networks/list from container "evil-*"
"""


def ask(e, directory, name, label, target, *more):
    words = ["run", "--rm", "--name", name, "-v", directory + ":/k"]
    if label:
        words += ["--label", label]
    r = e.docker(*words, e.IMAGE, "/k/knock", "/k/p.sock", target, *more)
    return r.stdout[9:12].decode()


@harness.case("the container that asks: by name, by label, and the host")
def askers():
    e = real()
    d = knock(e)
    addr = "unix://" + d + "/p.sock"
    p = Proxyd(e.socket, listen=[addr], conf=harness.profile_conf(
        ASKERS, [addr], e.socket, "set log format json\n"))
    equal(p.request("GET", "/version").status, 403, "the host is none")
    equal(p.request("GET", "/info").status, 403, "the host has no label")
    for name, label, target, want in (
            ("traefik", None, "/version", "200"),
            ("traefik2", None, "/version", "403"),
            ("traefik", None, "/info", "403"),
            ("runner", "role=ci", "/info", "200"),
            ("runner", "role=cix", "/info", "403"),
            ("evil-1", "role=ci", "/info", "403"),
            ("anybody", None, "/_ping", "200")):
        equal(ask(e, d, name, label, target), want,
              "%s %s %s" % (name, label, target))
    p.stop()
    log = [json.loads(line) for line in p.log().splitlines()]
    log = [(x["verdict"], re.sub("[0-9a-f]{64}", "id", x.get("container", "")))
           for x in log if x.get("path") == "/version"]
    equal(log, [("block", ""), ("pass", "id"), ("block", "id")],
          "the log knows it, too")


@harness.case("a process that connected and is gone gains nothing by it")
def gone():
    e = real()
    d = knock(e)
    addr = "unix://" + d + "/p.sock"
    Proxyd(e.socket, listen=[addr], conf_profile=ASKERS)
    equal(ask(e, d, "traefik", None, "/version"), "200", "while it lives")
    equal(ask(e, d, "evil-1", None, "/networks"), "403", "while it lives")
    equal(ask(e, d, "good", None, "/networks"), "200", "while it lives")
    for name, target in (("traefik", "/version"), ("evil-1", "/networks")):
        r = e.docker("run", "--rm", "--name", name, "-v", d + ":/k", e.IMAGE,
                     "sh", "-c", "rm -f /k/done; /k/knock /k/p.sock " +
                     target + " /k/done; n=0; "
                     "until [ -e /k/done ] || [ $n = 200 ]; do "
                     "usleep 50000; n=$((n+1)); done")
        equal(r.stdout[9:12], b"403", "%s, after it has gone: %r" %
              (name, r.stdout[:80]))


harness.main()
