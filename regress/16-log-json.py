# SPDX-License-Identifier: ISC
"""The log for programs: each line one JSON object of docs/log.schema.json,
whatever clients write; to standard error, to syslog and to the journal, whose
sockets are ours in a mount namespace of proxyd's own."""

import json
import os
import re
import socket
import subprocess

import schema
from harness import (EVERYTHING, PROXYD, Proxyd, case, check,
                     default_listen, equal, free_port, main, pair, poll,
                     profile_conf, request, tmpname)

SCHEMA = schema.load()
LINE_MAX = 8192         # what proxyd -n -l reads
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
JSON = {"PROXYD_LOG_FORMAT": "json"}

stub, proxyd = pair(dict(EVERYTHING, **JSON))
proxyd_tcp = Proxyd(stub, dict(EVERYTHING, **JSON),
                    listen=["tcp://127.0.0.1:%d" % free_port()])


def with_file(rules):
    """A proxyd with a file, that has lines in JSON."""
    addr = default_listen()
    return Proxyd(stub, listen=[addr], conf=profile_conf(
        rules, [addr], stub.path, "set log format json\n"))


def read(line):
    """One line as an object that the schema holds."""
    check(len(line) < LINE_MAX, "%d bytes" % len(line))
    check(all(" " <= c <= "~" for c in line), "ASCII: %r" % line)
    value = json.loads(line, object_pairs_hook=schema.unique)
    wrong = schema.errors(value, SCHEMA, SCHEMA)
    check(not wrong, "%s\n%s" % ("\n".join(wrong), line))
    return value


def lines(p, text=None):
    return [read(line) for line in
            (p.log() if text is None else text).splitlines()]


def record(p, r, kind="request"):
    """What the log has of the request with that answer."""
    name = r.get("x-request-id")

    def found():
        return [x for x in map(read, p.log_new().splitlines())
                if x.get("id") == name and x["type"] == kind]
    return poll(found, 5.0, lambda: "%s in:\n%s" % (name, p.log_new()))


def subset(value, want):
    """All of these members, with these values."""
    equal({k: value.get(k) for k in want}, want, repr(value))


@case("a request: what it was, what became of it, and how long it took")
def members():
    r = proxyd.request("GET", "/v1.41/containers/json?all=1&token=hush",
                       headers={"X-Request-Id": "mine/1",
                                "traceparent": "00-%s-00f067aa0ba902b7-01" %
                                TRACE})
    one, = record(proxyd, r)
    subset(one, {
        "type": "request", "level": "info", "id": r.get("x-request-id"),
        "listener": proxyd.addr, "uid": os.getuid(), "pid": os.getpid(),
        "client": "uid=%d,pid=%d" % (os.getuid(), os.getpid()),
        "client_request_id": "mine/1", "trace_id": TRACE, "method": "GET",
        "operation": "containers/list", "path": "/v1.41/containers/json",
        "verdict": "pass", "rule": "CONTAINERS=1", "status": 200,
        "bytes_sent": len(r.body), "bytes_received": 0})
    check(0 < one["duration_us"] < 60e6, repr(one))
    check("reason" not in one and "field" not in one, repr(one))


@case("a refusal: reason, and the field of the body or the key of the query")
def refusals():
    for method, target, body, status, verdict, field in (
            ("POST", "/containers/create",
             {"Image": "i", "HostConfig": {"Privileged": True}}, 403, "block",
             "HostConfig.Privileged"),
            ("POST", "/containers/create",
             {"Image": "i", "HostConfig": {"Binds": ["/w:/w", "/etc:/e"]}},
             403, "block", "HostConfig.Binds[0]"),
            ("POST", "/containers/create", {"Image": "i", "Nothing": 1},
             403, "block", "Nothing"),
            ("POST", "/containers/create", {"Image": "i", "Env": 1},
             400, "block", "Env"),
            ("POST", "/build?networkmode=host", None, 403, "block",
             "query networkmode"),
            ("GET", "/nothing", None, 403, "block", None),
            ("GET", "/containers//json", None, 400, "block", None),
            ("GET", "/networks", None, 502, "error", None)):
        stub.script("GET /networks raw=%s close=1" % stub.raw(b""))
        r = proxyd.request(method, target, body)
        equal(r.status, status, repr(r))
        one, = record(proxyd, r)
        subset(one, {"verdict": verdict, "status": status, "field": field,
                     "reason": r.message, "method": method,
                     "path": target.split("?")[0],
                     "bytes_sent": len(r.body)})
        equal(one["level"], "notice" if status < 500 else "warning")
    stub.script("")


@case("over TCP the address, and no uid; a malformed head, too")
def tcp():
    port = proxyd_tcp.addr.rsplit(":", 1)[1]
    check(port.isdigit(), port)
    with proxyd_tcp.client() as c:
        name = "127.0.0.1:%d" % c.sock.getsockname()[1]
        c.send(b"nonsense\r\n\r\n")
        r = c.response()
        one, = record(proxyd_tcp, r)
    subset(one, {"client": name, "uid": None, "method": "?", "path": None,
                 "operation": None, "status": 400, "rule": "default",
                 "listener": proxyd_tcp.addr})


@case("tunnels count both ways; uploads what they received")
def bytes_():
    with proxyd.client() as c:
        c.send(request("POST", "/containers/web/attach", headers={
            "Connection": "Upgrade", "Upgrade": "tcp"}))
        r = c.head()
        equal(r.status, 101)
        c.send(b"x" * 1000)
        equal(c.read(1000), b"x" * 1000)
        c.half_close()
        c.read_all()
    one, = record(proxyd, r)
    subset(one, {"status": 101, "verdict": "pass"})
    check(one["bytes_sent"] >= 1000 and one["bytes_received"] == 1000,
          repr(one))
    r = proxyd.request("POST", "/v1.41/images/load", b"t" * 70000,
                       {"Content-Type": "application/x-tar"})
    one, = record(proxyd, r)
    equal(one["bytes_received"], 70000)


@case("mode audit: a line for each thing, and the request's own")
def audit():
    p = with_file('mode audit\npass on ping\n'
                  'block on info label "a \\"label\\""')
    r = p.request("GET", "/info")
    one, = record(p, r, "audit")
    subset(one, {"verdict": "audit", "operation": "info", "status": None,
                 "label": 'a "label"', "rule": "%s:6" % p.conf})
    check(one["reason"].startswith("Forbidden"), one["reason"])
    subset(record(p, r)[0], {"verdict": "pass", "status": 200})
    r = p.request("POST", "/containers/create", {
        "Image": "i", "HostConfig": {"Privileged": True,
                                     "Binds": ["/etc:/e"]}})
    equal({x.get("field") for x in record(p, r, "audit")},
          {None, "Image", "HostConfig.Privileged", "HostConfig.Binds[0]"})
    p.stop()
    lines(p)


@case("every line from the start to the end; a reload that is refused, too")
def whole():
    p = with_file("pass on { ping, info }")
    p.request("GET", "/info")
    p.request("GET", "/version")
    check(not p.reload("nonsense\n\x9b\xff{"), "refused")
    os.kill(p.filters()[0], 9)
    poll(lambda: "new filter serves" in p.log(), text="another filter")
    p.stop()
    found = lines(p)
    equal({x["type"] for x in found}, {"message", "request"})
    text = " ".join(x.get("msg", "") for x in found)
    for word in ("listening on", "not reloaded", "syntax error", "killed by",
                 "draining", "stopped"):
        check(word in text, "%r in %r" % (word, text))


@case("whatever clients write: one line for each request, ASCII, bounded")
def hostile():
    words = ("\x1b[2J", "\n{\"type\":\"request\"}\n", "\"", "\\", "\x00",
             "\u202e", "\U0001f433", "\x9b31m", "\xff\xfe", "a" * 70000,
             "\"" * 1000, "\x01" * 1000, "\ud800")
    ids = []
    proxyd.log_mark()
    for word in words:
        raw = word.encode("utf-8", "surrogatepass")
        for data in (
                b"GET /" + raw + b" HTTP/1.1\r\nHost: x\r\n\r\n",
                b"GET /x?" + raw + b" HTTP/1.1\r\nHost: x\r\n\r\n",
                raw + b" /_ping HTTP/1.1\r\nHost: x\r\n\r\n",
                b"GET /_ping HTTP/1.1\r\nHost: x\r\nX-Request-Id: " + raw +
                b"\r\nTraceparent: " + raw + b"\r\n\r\n",
                request("GET", "/" + "".join("%%%02x" % b for b in
                                             raw[:3000])),
                request("POST", "/containers/create",
                        {"Image": "i", word[:900]: 1}),
                request("POST", "/containers/create",
                        {"Image": word, "HostConfig": {
                            "Binds": [word + ":/x"]}})):
            with proxyd.client() as c:
                c.send(data)
                ids.append(c.response().get("x-request-id"))
    poll(lambda: all(i in proxyd.log_new() for i in ids), text="all logged")
    equal([x["id"] for x in lines(proxyd, proxyd.log_new())
           if x["type"] == "request"], ids, "one for each")


@case("credentials and queries are in none of them")
def credentials():
    secret = "c2VjcmV0LXJlZ2lzdHJ5"
    for target, body in (("/images/create?fromImage=a&secret=" + secret, None),
                         ("/build?t=x&networkmode=host&x=" + secret, b""),
                         ("/containers/create", {"Image": "i", "Env": [
                             "TOKEN=" + secret]}),
                         ("/auth", {"username": "u", "password": secret})):
        r = proxyd.request("POST", "/v1.41" + target, body, headers={
            "X-Registry-Auth": secret, "Authorization": secret})
        record(proxyd, r)
    check(secret not in proxyd.log(), "no secret")


@case("proxyd -n -l learns the same from it as from text")
def learned():
    outs = []
    rules = "mode audit\npass on ping"
    for p in (Proxyd(stub, conf_profile=rules), with_file(rules)):
        for data in (("GET", "/info"), ("GET", "/v1.41/containers/web/json"),
                     ("GET", "/x%0a\"{}"), ("POST", "/containers/create",
                      {"Image": "a/b:1", "HostConfig": {
                          "CapAdd": ["SYS_ADMIN"], "Binds": ["/a b:/c"]}})):
            r = p.request(*data)
        poll(lambda: r.get("x-request-id") in p.log(), text="all logged")
        p.stop()
        equal(p.log().startswith("{"), bool(outs), "its form")
        text = subprocess.run([PROXYD, "-n", "-l", p.logname], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        check("allow bind \"/a b\"" in text, text)
        outs.append([re.sub(r"\s*#.*", "", x) for x in text.splitlines()
                     if not x.startswith("#")])
    equal(outs[1], outs[0])


# ------------------------------------------------------ syslog, the journal

class Place:
    """/dev/log and journald's socket, as proxyd alone sees them."""

    SCRIPT = """set -e
mount --make-rprivate /
mkdir -p {top}/dev /run
for d in null zero full random urandom; do
	: >{top}/dev/$d
	mount --bind /dev/$d {top}/dev/$d
done
mount --rbind {top}/dev /dev
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/journal
mount --bind {top}/journal /run/systemd/journal
exec {proxyd} "$@"
"""

    def __init__(self):
        self.top = tmpname("place")
        for name in ("dev", "journal"):
            os.makedirs(os.path.join(self.top, name))
        self.socks = {}
        self.bind("dev/log")
        self.bind("journal/socket")
        self.program = os.path.join(self.top, "proxyd")
        with open(self.program, "w") as f:
            f.write("#!/bin/sh\nexec unshare -m /bin/sh -s -- \"$@\" "
                    "<%s.sh\n" % self.program)
        with open(self.program + ".sh", "w") as f:
            f.write(self.SCRIPT.format(top=self.top, proxyd=PROXYD))
        os.chmod(self.program, 0o755)

    def bind(self, name):
        """A datagram socket there, in place of one that was."""
        path = os.path.join(self.top, name)
        if name in self.socks:
            self.socks[name].close()
            os.unlink(path)
        self.socks[name] = s = socket.socket(socket.AF_UNIX,
                                             socket.SOCK_DGRAM)
        s.bind(path)
        s.settimeout(10)
        return s

    def next(self, name, *words):
        """The next datagram with all of these."""
        while True:
            data = self.socks[name].recv(65536).decode()
            if all(w in data for w in words):
                return data

    def entry(self, *words):
        """The next entry of the journal, as a dict."""
        data = self.next("journal/socket", *words)
        check(data.endswith("\n"), repr(data))
        pairs = [x.split("=", 1) for x in data[:-1].split("\n")]
        check(all(len(p) == 2 for p in pairs), repr(pairs))
        return schema.unique(pairs)

    def start(self, **kw):
        p = Proxyd(stub, binary=self.program, **kw)
        equal(os.readlink("/proc/%d/exe" % p.pid), os.path.realpath(PROXYD))
        return p

    def close(self):
        for s in self.socks.values():
            s.close()


@case("the journal: the line for people, and each member as a field")
def journal():
    place = Place()
    p = place.start(env=dict(EVERYTHING, PROXYD_LOG_TO="journal"))
    subset(place.entry("listening on"), {
        "PRIORITY": "6", "SYSLOG_IDENTIFIER": "proxyd",
        "MESSAGE": "listening on " + p.addr})
    r = p.request("GET", "/v1.41/containers/json", headers={
        "traceparent": "00-%s-00f067aa0ba902b7-01" % TRACE})
    one = place.entry("PROXYD_ID=" + r.get("x-request-id") + "\n")
    subset(one, {
        "PRIORITY": "6", "PROXYD_TYPE": "request", "PROXYD_VERDICT": "pass",
        "PROXYD_OPERATION": "containers/list", "PROXYD_STATUS": "200",
        "PROXYD_RULE": "CONTAINERS=1", "PROXYD_TRACE_ID": TRACE,
        "PROXYD_LISTENER": p.addr, "PROXYD_METHOD": "GET",
        "PROXYD_UID": str(os.getuid()),
        "PROXYD_BYTES_SENT": str(len(r.body))})
    check(re.match(r"uid=\d+,pid=\d+ containers/list GET /v1.41/containers/"
                   r"json 200 \d+B [\d.]+ms id %s rule CONTAINERS=1$" %
                   r.get("x-request-id"), one["MESSAGE"]), one["MESSAGE"])
    r = p.request("POST", "/containers/create", {
        "Image": "i", "x\x1b\u202e\n=": 1})
    one = place.entry("PROXYD_ID=" + r.get("x-request-id") + "\n")
    check(one["PROXYD_FIELD"].isascii() and one["MESSAGE"].isascii() and
          "\\342\\200\\256" in one["PROXYD_FIELD"], repr(one))
    equal(one["PRIORITY"], "5")
    p.stop()
    place.close()


@case("the journal is started anew, or does not take them: what is lost is "
      "counted")
def journal_away():
    place = Place()
    p = place.start(env=dict(EVERYTHING, PROXYD_LOG_TO="journal"))
    place.entry("listening on")
    place.bind("journal/socket")
    r = p.request("GET", "/info")
    place.entry(r.get("x-request-id"))
    for _ in range(2000):       # more than any net.unix.max_dgram_qlen here
        r = p.request("GET", "/version")
    poll(lambda: p.request("GET", "/_ping").status == 200, text="it serves")
    lost = None
    while lost is None:
        try:
            place.socks["journal/socket"].settimeout(0.2)
            e = place.entry()
            if "lost" in e["MESSAGE"]:
                lost = e
        except (socket.timeout, BlockingIOError):
            p.request("GET", "/info")
    check(re.match(r"\d+ log lines lost$", lost["MESSAGE"]), repr(lost))
    equal(lost["PRIORITY"], "4")
    p.stop()
    place.close()


@case("syslog: the object is the message; with -d, too, if that is said")
def syslog():
    place = Place()
    p = place.start(env=dict(EVERYTHING, PROXYD_LOG_TO="syslog", **JSON))
    text = place.next("dev/log", "listening on")
    m = re.match(r"<30>\w{3} [ \d]\d [\d:]{8} proxyd\[(\d+)\]: (.*)$", text)
    check(m and int(m.group(1)) == p.pid, text)
    subset(read(m.group(2)), {"type": "message", "level": "info"})
    r = p.request("GET", "/nothing")
    text = place.next("dev/log", r.get("x-request-id"))
    check(text.startswith("<29>"), text)
    subset(read(text.split("]: ", 1)[1]), {"verdict": "block", "status": 403})
    p.stop()
    equal([x for x in p.log().splitlines() if "nothing" in x], [])
    place.close()


def run(env, *args):
    r = subprocess.run([PROXYD] + list(args), env=dict(
        PATH="/usr/sbin:/usr/bin:/sbin:/bin", SOCKET_PATH=stub.path,
        PROXYD_LISTEN="unix://" + tmpname("run") + ".sock", **env),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=20)
    return r.returncode, r.stdout


@case("where it cannot go: an error at start")
def nowhere():
    status, text = run({"PROXYD_LOG_TO": "stderr"})
    check(status == 1 and "without -d" in text, text)
    status, text = run({"PROXYD_LOG_FORMAT": "xml"}, "-d")
    check(status == 1 and "PROXYD_LOG_FORMAT=xml" in text, text)
    if not os.path.exists("/run/systemd/journal/socket"):
        status, text = run({"PROXYD_LOG_TO": "journal"}, "-d")
        check(status == 1 and "set log to journal: No such file" in text,
              text)


@case("another form takes a restart, and a reload says so")
def reload_():
    p = Proxyd(stub, conf_profile="pass on ping")
    with open(p.conf) as f:
        text = f.read()
    check(p.reload('set log format json\n' + text), "reloaded")
    p.log_contains("another form or place of the log takes a restart")
    p.request("GET", "/info")
    line = p.log_contains(" info GET /info 403 ")
    check(not line.startswith("{"), line)
    p.stop()


if __name__ == "__main__":
    main()
