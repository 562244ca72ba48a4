# SPDX-License-Identifier: ISC
"""proxyd -n -t: one request explained, and that the daemon does the same."""

import json
import os
import re
import shutil
import socket
import struct
import subprocess

from harness import (BUILD, EVERYTHING, FILTER, PROXYD, TREE, Skip, canonical,
                     case, check, equal, main, pair, proto_version,
                     request, sanitized, sentinel, tmpdir, tmpname)

NOBODY = 65534
CREATE = "POST /v1.45/containers/create"
CONTAINERS = {"CONTAINERS": "1"}
WRITE = {"CONTAINERS": "1", "POST": "1", "WORKSPACE_ROOT": "/srv"}


class Explained:
    """What it printed, taken apart."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err
        self.words = {}
        self.request = b""
        head, sep, rest = out.partition(b"request\t")
        for line in head.decode().splitlines():
            word, tab, text = line.partition("\t")
            check(tab, "no tab in %r" % line)
            self.words.setdefault(word, []).append(text)
        if sep:
            count, _, rest = rest.partition(b" bytes\n")
            lines = rest.split(b"\n| ")
            check(lines[0].startswith(b"| "), "prefix in %r" % rest[:100])
            text = b"\n".join([lines[0][2:]] + lines[1:])
            check(len(text) - int(count) in (0, 1), "count of bytes")
            self.request = text[:int(count)]

    def one(self, word):
        equal(len(self.words.get(word, [])), 1, "lines of %s in %r" %
              (word, self.out))
        return self.words[word][0]


def installed():
    """Both programs where everybody can execute them."""
    top = os.path.join(tmpdir(), "bin")
    for path in (PROXYD, FILTER):
        to = os.path.join(top, os.path.relpath(path, BUILD))
        if not os.path.exists(to):
            os.makedirs(os.path.dirname(to), 0o755, exist_ok=True)
            shutil.copy(path, to)
    return os.path.join(top, "proxyd", "proxyd")


def user(*argv):
    return ["setpriv", "--reuid=%d" % NOBODY, "--regid=%d" % NOBODY,
            "--clear-groups", "--no-new-privs", "--"] + list(argv)


def explain(policy, target, *argv, body=None, unprivileged=False):
    args = ["-n", "-t", target] + list(argv)
    if body is not None:
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        args += ["-b", "-"]
    cmd = user(installed(), *args) if unprivileged else [PROXYD] + args
    env = dict(policy, PATH="/usr/sbin:/usr/bin:/sbin:/bin")
    r = subprocess.run(cmd, input=body or b"", env=env, timeout=30,
                       capture_output=True)
    return Explained(r.returncode, r.stdout, r.stderr)


def host(**fields):
    return {"Image": "i", "HostConfig": fields}


# (policy, request, options, body), exit status, the deciding line, words
# that must be in the lines named, the request as the engine would get it
TABLE = [
    ((CONTAINERS, "GET /v1.45/containers/json?all=1&x=2", (), None),
     0, "CONTAINERS=1 pass read on containers",
     {"operation": "containers/list"},
     canonical("GET", "/v1.45/containers/json?all=1")),
    ((CONTAINERS, "HEAD /containers/json", (), None),
     0, "CONTAINERS=1 pass", {"operation": "containers/list"},
     canonical("GET", "/containers/json")),
    ((CONTAINERS, "POST /containers/w/start", (), None),
     1, "POST=0 block on containers/start",
     {"answer": "403 Forbidden - containers/start is not allowed (POST=1"},
     None),
    ((CONTAINERS, "GET /info", (), None),
     1, "INFO=0 block", {"operation": "info", "answer": "INFO=1 would"},
     None),
    ((WRITE, CREATE, (), host(Binds=["/srv/a/../b/:/data"])),
     0, "POST=1 pass write",
     {"operation": "containers/create",
      "field": "HostConfig.Binds[0] \"/srv/b\": allow bind \"/srv\" "
               "(WORKSPACE_ROOT)"},
     canonical("POST", CREATE[5:],
               b'{"Image":"i","HostConfig":{"Binds":["/srv/b:/data"]}}')),
    ((WRITE, CREATE, (), host(Binds=["/srv/a:/a", "/etc:/b"])),
     1, "POST=1 pass write",
     {"field": "HostConfig.Binds[1]: refused",
      "answer": "403 Forbidden - bind mount of /etc is not allowed: "
                "only /srv"}, None),
    ((WRITE, CREATE, (), host(Privileged=True)),
     1, "POST=1 pass write",
     {"field": "HostConfig.Privileged: refused",
      "answer": "ALLOW_PRIVILEGED=1 would"}, None),
    ((dict(WRITE, ALLOW_PRIVILEGED="1"), CREATE, (), host(Privileged=True)),
     0, "POST=1 pass write",
     {"field": "HostConfig.Privileged: allow privileged "
               "(ALLOW_PRIVILEGED=1)"},
     canonical("POST", CREATE[5:],
               b'{"Image":"i","HostConfig":{"Privileged":true}}')),
    ((WRITE, CREATE, (), b'{"Image":"i","image":"j"}'),
     1, "POST=1 pass write",
     {"field": "image: refused", "answer": "400 image must be spelt Image"},
     None),
    ((WRITE, CREATE, (), b'{"Image":'),
     1, "POST=1 pass write", {"answer": "400 "}, None),
    ((WRITE, CREATE, ("-H", "Content-Type: text/plain"), b'{"Image":"i"}'),
     1, "POST=1 pass write", {"answer": "415 "}, None),
    ((EVERYTHING, "POST /build?networkmode=host", (), b""),
     1, "POST=1 pass write",
     {"field": "query networkmode: refused",
      "answer": "403 Forbidden - build on the host network"}, None),
    ((EVERYTHING, "POST /build?t=x%3A1", ("-H", "X-Registry-Config: e30="),
      b"tar" * 9000),
     0, "POST=1 pass write", {"operation": "build/create"},
     canonical("POST", "/build?t=x:1", b"tar" * 9000,
               [("X-Registry-Config", "e30=")], "application/x-tar",
               close=True)),
    ((EVERYTHING, CREATE, (), {"Image": "i", "Env": ["x" * 40000]}),
     0, "POST=1 pass write", {"operation": "containers/create"},
     canonical("POST", CREATE[5:],
               b'{"Env":["' + b"x" * 40000 + b'"],"Image":"i"}',
               close=True)),
    ((EVERYTHING, "POST /containers/w/attach?logs=1&stream=1", (), None),
     0, "POST=1 pass write",
     {"field": "query logs (the log of a container): pass read on"},
     canonical("POST", "/containers/w/attach?logs=1&stream=1",
               upgrade="tcp")),
    ((EVERYTHING, "POST /session", (), None),
     1, "POST=1 pass write", {"answer": "400 this operation needs Upgrade"},
     None),
    ((EVERYTHING, "POST /session",
      ("-H", "Connection: Upgrade", "-H", "Upgrade: h2c"), None),
     0, "POST=1 pass write", {},
     canonical("POST", "/session", upgrade="h2c")),
    ((EVERYTHING, "GET /containers/../info", (), None),
     1, None, {"answer": "400 a dot segment in the path"}, None),
    ((EVERYTHING, "GET /v1.999/info", (), None),
     1, None, {"answer": "400 "}, None),
    ((EVERYTHING, "GET /nothing", (), None),
     1, None, {"answer": "403 Forbidden - GET /nothing is not an operation"},
     None),
    ((EVERYTHING, "TRACE /info", (), None),
     1, None, {"answer": "403 "}, None),
    ((EVERYTHING, "GET /info", ("-H", "Transfer-Encoding: gzip"), None),
     1, None, {"answer": "501 "}, None),
    ((EVERYTHING, "GET /info", ("-H", "X : y"), None),
     1, None, {"answer": "400 "}, None),
    ((CONTAINERS, "GET /version", ("-s", "10.1.2.3"), None),
     0, "VERSION=1 pass", {"client": "10.1.2.3"},
     canonical("GET", "/version")),
    ((CONTAINERS, "GET /version", ("-s", "fd00::1"), None),
     0, "VERSION=1 pass", {"client": "fd00::1"},
     canonical("GET", "/version")),
    ((CONTAINERS, "GET /version", ("-s", "uid=7,gid=8,gid=9"), None),
     0, "VERSION=1 pass", {"client": "uid=7,gid=8,gid=9"},
     canonical("GET", "/version")),
    ((CONTAINERS, "GET /version", ("-p", "environment"), None),
     0, "VERSION=1 pass", {"profile": "environment",
                           "client": "127.0.0.1 (assumed)"},
     canonical("GET", "/version")),
]


CONF = """\
table <lan> { 10.0.0.0/8, fd00::/8 }
profile "ci" {
	block
	pass read on containers from <lan>
	pass on containers/create from uid 1000
	pass on containers/restart container { "web-*", label "allow=yes" }
	pass on containers/kill query "signal" in { "HUP", "TERM" }
	pass on containers/stop from container "deploy"
	pass on exec container "web-*"
	allow image { "i", "registry.example/*" }
	allow bind "/srv" read-only
	allow bind "/data"
	allow host network
	pass on { commit, networks } container "web-*"
	block on networks/disconnect container "web-2" mode audit
}
profile "other" {
	pass read on any
	mode audit
}
profile "unused" {
	pass on ping
}
listen on 127.0.0.1 port 2375 from { 10.0.0.0/8, fd00::/8 } profile "ci"
listen on "/run/ci.sock" from { uid 0, uid 1000, gid 7 } profile "ci"
listen on 127.0.0.1 port 2376 profile "other"
"""
WEB, DB, DEPLOY, EXEC, WEB2 = ("%s" % c * 64 for c in "abcde")
INSPECT = [
    {"Id": WEB, "Name": "/web-1", "Config": {"Labels": {"x": "y"}}},
    {"Id": DB, "Name": "/db", "Config": {"Labels": {"allow": "yes"}}},
    {"Id": DEPLOY, "Name": "/deploy", "Config": {"Labels": None}},
    {"ID": EXEC, "ContainerID": WEB},
    {"Id": WEB2, "Name": "/web-2", "Config": {"Labels": None}},
]
LAN = ("-s", "10.1.1.1")
USER = ("-s", "uid=1000,gid=1000")
STOP = "POST /containers/x/stop"
# As TABLE, but with CONF as the policy and "LINE rule" for the line
FILES = [
    ("GET /containers/json", LAN, None, 0, "4 pass read on containers",
     {"profile": "ci", "listener": "tcp://127.0.0.1:2375"},
     canonical("GET", "/containers/json")),
    ("GET /containers/json", ("-s", "fd00::7"), None, 0, "4 pass", {},
     canonical("GET", "/containers/json")),
    ("GET /containers/json", (), None, 1, None,
     {"client": "127.0.0.1 (assumed)",
      "answer": "none, connection refused: not a client"}, None),
    ("GET /containers/json", USER, None, 1, "3 block",
     {"listener": "unix:///run/ci.sock",
      "answer": "403 Forbidden - containers/list is not allowed",
      "would": "pass on containers/list"}, None),
    ("GET /_ping", ("-s", "uid=5,gid=7"), None, 1, "3 block", {}, None),
    ("GET /_ping", ("-s", "uid=5,gid=8"), None, 1, None,
     {"answer": "none, connection refused"}, None),
    ("POST /containers/create", USER,
     host(Binds=["/srv:/a:ro", "/data/y/:/b"], NetworkMode="host"),
     0, "5 pass",
     {"field": "HostConfig.Binds[0] \"/srv\": allow bind \"/srv\" "
               "read-only (%s:11)"}, None),
    ("POST /containers/create", USER, host(NetworkMode="host"), 0, "5 pass",
     {"field": "HostConfig.NetworkMode: allow host network (%s:13)"}, None),
    ("POST /containers/create", USER, host(Binds=["/srv:/a"]), 1, "5 pass",
     {"field": "HostConfig.Binds[0]: refused",
      "answer": "but read-only"}, None),
    ("POST /containers/create", USER, {"Image": "debian"}, 1, "5 pass",
     {"field": "Image: refused",
      "answer": "(allow image \"debian\" would)"}, None),
    ("POST /containers/create", LAN, {"Image": "i"}, 1, "3 block", {},
     None),
    ("POST /containers/web-1/restart", LAN, None, 0, "6 pass",
     {"lookup": "web-1: found in "},
     canonical("POST", "/containers/%s/restart" % WEB)),
    ("POST /v1.43/containers/%s/restart" % DB[:12], LAN, None, 0, "6 pass",
     {"lookup": DB[:12] + ": found in "},
     canonical("POST", "/v1.43/containers/%s/restart" % DB)),
    ("POST /containers/deploy/restart", LAN, None, 1, "3 block",
     {"lookup": "deploy: found in "}, None),
    ("POST /containers/nothing/restart", LAN, None, 1, "3 block",
     {"lookup": "nothing: not found in what -c names"}, None),
    ("POST /exec/%s/start" % EXEC, LAN, {}, 0, "9 pass",
     {"lookup": EXEC + ": found in "}, None),
    ("POST /v1.41/networks/none/connect", LAN, {"Container": "web-1"}, 0,
     "14 pass", {"lookup": "web-1: found in "},
     canonical("POST", "/v1.41/networks/none/connect",
               b'{"Container":"%s"}' % WEB.encode())),
    ("POST /networks/n/connect", LAN, {"Container": "/db"}, 1, "3 block",
     {"lookup": "db: found in ",
      "answer": "403 Forbidden - networks/connect is not allowed"}, None),
    ("POST /networks/n/connect", LAN, {"Container": "no"}, 1, "3 block",
     {"lookup": "no: not found in "}, None),
    ("POST /networks/n/connect", LAN, {"container": "db"}, 1, None,
     {"field": "Container: refused",
      "answer": "400 Container must be given"}, None),
    ("POST /networks/n/connect", LAN, None, 1, None,
     {"answer": "400 "}, None),
    ("POST /networks/n/disconnect", LAN, {"Container": "web-2", "Force": True},
     0, "15 block", {"lookup": "web-2: found in ",
                     "audit": "Forbidden - networks/disconnect is not"},
     canonical("POST", "/networks/n/disconnect",
               b'{"Container":"%s","Force":true}' % WEB2.encode())),
    ("POST /commit?container=%s&repo=i" % WEB[:7], LAN, None, 0, "14 pass",
     {"lookup": WEB[:7] + ": found in "},
     canonical("POST", "/commit?container=%s&repo=i" % WEB, b"{}")),
    ("POST /commit?container=db&repo=i", LAN, None, 1, "3 block",
     {"lookup": "db: found in "}, None),
    ("POST /commit?repo=i", LAN, None, 1, None,
     {"answer": "400 container: one name or id"}, None),
    ("POST /containers/x/kill?signal=HUP", LAN, None, 0, "7 pass", {},
     canonical("POST", "/containers/x/kill?signal=HUP")),
    ("POST /containers/x/kill?signal=KILL", LAN, None, 1, "3 block", {},
     None),
    (STOP, ("-s", "uid=0,container=deploy"), None, 0, "8 pass",
     {"lookup": DEPLOY + ": found"}, canonical("POST", STOP[5:])),
    (STOP, ("-s", "uid=0,container=db"), None, 1, "3 block",
     {"lookup": DB + ": found"}, None),
    (STOP, ("-s", "uid=0,container=x"), None, 1, "3 block",
     {"lookup": "x: not found in what -c names"}, None),
    (STOP, ("-s", "uid=0"), None, 1, "3 block", {}, None),
    (STOP, LAN, None, 1, "3 block", {}, None),
    (STOP, ("-p", "other"), None, 0, None,
     {"audit": "Forbidden - containers/stop is not allowed",
      "rule": "default block", "listener": "tcp://127.0.0.1:2376"},
     canonical("POST", STOP[5:])),
    ("GET /_ping", ("-p", "unused"), None, 0, "22 pass",
     {"listener": "none", "client": "127.0.0.1 (assumed)"},
     canonical("GET", "/_ping")),
]


def written(text, name="proxyd.conf"):
    path = tmpname(name)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, 0o644)
    return path


@case("a configuration file: peers, containers, query values, audit")
def files():
    conf = written(CONF)
    inspect = written(json.dumps(INSPECT, indent=4), "inspect.json")
    for target, argv, body, status, rule, words, want in FILES:
        x = explain({}, target, "-f", conf, "-c", inspect, *argv, body=body)
        text = "%s %r: %r %r" % (target, argv, x.out[:900], x.err)
        equal((x.status, x.err), (status, b""), text)
        equal(x.one("verdict"), "block" if status else "pass", text)
        if rule is not None:
            check(x.one("rule").startswith("%s:%s" % (conf, rule)), text)
        for word, part in words.items():
            part = part.replace("%s", conf)
            check(any(part in line for line in x.words.get(word, [])), text)
        if want is not None or status:
            equal(x.request, want or b"", text)


@case("a container that nobody describes, and a file that is wrong")
def unknown():
    conf = written(CONF)
    x = explain({}, "POST /containers/web-1/restart", "-f", conf, *LAN)
    equal((x.status, x.one("lookup")), (1, "web-1: not known without -c"))
    for text, status, verdict in (
            ("[{\"Name\": \"/web-1\"}]", 2, "none"),
            ("{", 1, "block"), ("junk", 1, "block"), ("", 1, "block")):
        x = explain({}, "POST /containers/web-1/restart", "-f", conf, "-c",
                    written(text, "inspect.json"), *LAN)
        equal((x.status, x.one("verdict")), (status, verdict), x.out)
    x = explain({}, "GET /_ping", "-f", written("profile {"))
    equal((x.status, x.out), (2, b""), x.err)


def table(unprivileged):
    for (policy, target, argv, body), status, rule, words, want in TABLE:
        x = explain(policy, target, *argv, body=body,
                    unprivileged=unprivileged)
        text = "%s %r: %r %r" % (target, argv, x.out[:600], x.err)
        equal(x.status, status, text)
        equal(x.one("verdict"), "block" if status else "pass", text)
        if rule is None:
            check("rule" not in x.words, text)
        else:
            check(x.one("rule").startswith(rule), text)
        for word, part in words.items():
            check(any(part in line for line in x.words.get(word, [])), text)
        equal(x.request, want or b"", text)
        check(("answer" in x.words) == (status == 1), text)


@case("a table of requests, as root")
def as_root():
    table(False)


@case("the same, without root")
def as_nobody():
    table(True)


@case("what is wrong with the question has status 2, not that of a block")
def wrong():
    good = ["-n", "-t", "GET /info"]
    for argv, word in (
            (["-t", "GET /info"], "usage"),
            (["-n", "-b", "-"], "usage"),
            (good + ["-d"], "usage"),
            (good + ["-v"], "usage"),
            (good + ["x"], "usage"),
            (good + ["-Q"], "usage"),
            (["-Q"] + good, "usage"),
            (["-n", "-t", "GET"], "-t"),
            (["-n", "-t", "GET /\r\nX: y"], "-t"),
            (good + ["-H", "X"], "-H"),
            (good + ["-H", "X: y\nZ: z"], "-H"),
            (good + ["-s", "10.1.2"], "-s 10.1.2"),
            (good + ["-s", "uid=x"], "-s uid=x"),
            (good + ["-s", "gid=1"], "-s gid=1"),
            (good + ["-p", "nothing"], "-p nothing"),
            (good + ["-b", "/does/not/exist"], "/does/not/exist"),
            (good + ["-c", "/does/not/exist"], "/does/not/exist"),
            (good + ["-b", "/"], "/")):
        r = subprocess.run([PROXYD] + argv, stdin=subprocess.DEVNULL,
                           env={"PATH": "/usr/bin:/bin"}, text=True,
                           capture_output=True, timeout=30)
        equal((r.returncode, r.stdout), (2, ""), (argv, r.stderr))
        check(word in r.stderr, "%r in %r" % (word, r.stderr))
    r = subprocess.run([PROXYD] + good, stdin=subprocess.DEVNULL, text=True,
                       env={"PATH": "/usr/bin:/bin", "POST": "maybe"},
                       capture_output=True, timeout=30)
    equal((r.returncode, r.stdout), (2, ""), r.stderr)


@case("a request that does not become whole has status 2")
def incomplete():
    x = explain(WRITE, CREATE, "-H", "Content-Length: 50",
                body=b'{"Image":"i"}')
    equal((x.status, x.out), (2, b""), x.err)
    check(b"no verdict" in x.err, x.err)


@case("the engine's socket is not needed, and not asked")
def offline():
    policy = dict(CONTAINERS, SOCKET_PATH="/does/not/exist")
    x = explain(policy, "GET /containers/json")
    equal((x.status, x.err), (0, b""))


@case("the filter is confined, without root as well")
def confined():
    trace = shutil.which("strace")
    if trace is None or sanitized():
        raise Skip("no strace, or a sanitizer build")
    for prefix in ([], user()):
        out = tmpname("strace")
        # made before, so that nobody may write it
        with open(out, "w"):
            os.chmod(out, 0o666)
        cmd = prefix + [trace, "-f", "-o", out, "-e",
                        "trace=prctl,seccomp,landlock_restrict_self,chroot,"
                        "execveat", installed(), "-n", "-t", "GET /version"]
        r = subprocess.run(cmd, env={"PATH": "/usr/bin:/bin"}, text=True,
                           capture_output=True, timeout=60)
        with open(out) as f:
            text = f.read()
        if r.returncode == 1 and "PTRACE" in r.stderr:
            raise Skip("ptrace(2) is not allowed")
        equal(r.returncode, 0, r.stderr + text)
        name = re.search(r"^(\d+) +execveat", text, re.M).group(1)
        calls = [line for line in text.splitlines() if
                 line.startswith(name + " ")]
        behind = [line for line in calls[[i for i, line in enumerate(calls)
                  if "execveat" in line][-1]:]]
        joined = "\n".join(behind)
        for word in ("PR_SET_NO_NEW_PRIVS", "SECCOMP_SET_MODE_FILTER",
                     "PR_SET_PDEATHSIG"):
            check(word in joined or "PR_SET_SECCOMP" in joined and
                  word.startswith("SECCOMP"), "%s in %s" % (word, joined))
        equal("chroot(" in joined, not prefix, "chroot in " + joined)


# proxyd/proto.h
HELLO, BEGIN, LISTEN, EXPLAIN, CONF_END, READY, CONF_DONE, LOG = (
    1, 2, 3, 4, 8, 14, 15, 22)
H_EXPLAIN, H_USER = 1, 2


class Channel:
    """The parent's side of a filter."""

    def __init__(self, flags, root=True):
        self.sock, end = socket.socketpair(socket.AF_UNIX,
                                           socket.SOCK_SEQPACKET)
        self.sock.settimeout(10)
        installed()
        cmd = [os.path.join(tmpdir(), "bin", "filter", "proxyd-filter")]

        def third():
            os.dup2(end.fileno(), 3)
        self.proc = subprocess.Popen(
            cmd if root else user(*cmd), preexec_fn=third, pass_fds=(3,),
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end.close()
        self.said = ""
        self.send(HELLO, struct.pack("=8IQ", proto_version(), os.getpid(),
                                     NOBODY, NOBODY, 3, 100, flags, 10, 0) +
                  b"/var/empty")

    def send(self, kind, data, fd=None):
        head = struct.pack("=IIII", kind, 16 + len(data) |
                           (fd is not None) << 31, 0, 0)
        try:
            socket.send_fds(self.sock, [head + data],
                            [] if fd is None else [fd])
        except (BrokenPipeError, ConnectionResetError):
            pass        # it refused what came before: await_() will tell

    def await_(self, kind):
        """Such a message; False when the filter has gone."""
        while True:
            try:
                data = self.sock.recv(65536)
            except ConnectionResetError:
                return False
            if not data:
                return False
            while data:
                this, length = struct.unpack_from("=II", data)
                length &= 0x7fffffff
                if this == LOG:
                    self.said += data[24:length].decode()
                if this == kind:
                    return True
                data = data[length:]

    def configured(self, kind, data):
        """Is it taken as what clients come from?"""
        check(self.await_(READY), "no READY: " + self.said)
        ours, theirs = socket.socketpair()
        self.send(BEGIN, struct.pack("=12I", 1, 0, 10, 8192, 8192, 5, 5, 5,
                                     0, 0, 0, 0))
        self.send(kind, data, theirs.fileno())
        self.send(CONF_END, struct.pack("=II", 1, 1))
        theirs.close()
        taken = self.await_(CONF_DONE)
        ours.close()
        return taken

    def end(self):
        self.sock.close()
        return self.proc.wait(10)


LISTENER = (LISTEN, struct.pack("=IIII", 1, 1, 0, 0))
CLIENT = (EXPLAIN, struct.pack("=BBHI16s", 4, 0, 0, 0, b""))


@case("a filter that serves is not given a client, nor one that explains a "
      "listener")
def apart():
    os.makedirs("/var/empty", 0o755, exist_ok=True)
    for flags, what, taken in ((0, LISTENER, True), (0, CLIENT, False),
                               (H_EXPLAIN, CLIENT, True),
                               (H_EXPLAIN, LISTENER, False)):
        c = Channel(flags)
        equal(c.configured(*what), taken, "%d %r" % (flags, c.said))
        equal(c.end(), 0 if taken else 1, c.said)


@case("a filter keeps its user to explain only, and never root")
def kept():
    for flags in (H_USER, 4, 8 | H_EXPLAIN):
        c = Channel(flags, root=False)
        check(not c.await_(READY), "HELLO with flags %d" % flags)
        equal(c.end(), 1)
    c = Channel(H_EXPLAIN | H_USER)
    check(not c.await_(READY), "root is kept")
    check("root" in c.said, c.said)
    equal(c.end(), 1)
    c = Channel(H_EXPLAIN | H_USER, root=False)
    check(c.await_(READY), c.said)
    with open("/proc/%d/status" % c.proc.pid) as f:
        status = dict(line.split(":", 1) for line in f)
    for key, value in (("NoNewPrivs", "1"), ("CapPrm", "0" * 16),
                       ("CapEff", "0" * 16)):
        equal(status[key].strip(), value, key)
    if not sanitized():
        equal(status["Seccomp"].strip(), "2")
    equal(c.end(), 0)


# For the property: a request each, with a body where there is one.
REQUESTS = [(method, target, body)
            for method, targets, bodies in (
                ("GET", ("/version", "/v1.41/info", "/containers/json?all=1",
                         "/containers/w/json?size=1", "/images/json",
                         "/containers/w/logs?stdout=1&follow=0",
                         "/containers/w/export", "/secrets", "/events",
                         "/v1.24/networks?filters=%7B%7D", "/x", "/./info",
                         "/volumes/v%2Fw", "/containers/w/top?ps_args=-ef",
                         "/containers/w/top?ps_args=auxe",
                         "/exec/0123abcd/json"), (None,)),
                ("HEAD", ("/_ping", "/info"), (None,)),
                ("POST", ("/containers/w/kill?signal=9", "/containers/w/start",
                          "/v1.43/containers/w/rename?name=%2Fx",
                          "/images/create?fromImage=a&tag=b",
                          "/images/create?fromSrc=http%3A%2F%2Fx",
                          "/containers/prune"), (None, {})),
                ("POST", ("/v1.43/containers/create?name=n",),
                 ({"Image": "i"}, host(Binds=["/workspace/x:/y:ro"]),
                  host(Binds=["v:/y"], NetworkMode="host"),
                  host(CapAdd=["NET_ADMIN"]), host(Devices=[
                      {"PathOnHost": "/dev/kvm"}]),
                  {"Image": "i", "Nonsense": 1},
                  host(Mounts=[{"Type": "bind", "Source": "/workspace",
                                "Target": "/t"}]), [1], b"x")),
                ("POST", ("/networks/create",),
                 ({"Name": "n"}, {"Name": "host"}, {"Name": "n",
                                                   "Driver": "macvlan"})),
                ("POST", ("/containers/w/exec",),
                 ({"Cmd": ["x"]}, {"Cmd": ["x"], "Privileged": True})),
                ("DELETE", ("/containers/w?force=1&v=1", "/volumes/v"),
                 (None,)))
            for target in targets for body in bodies]


def ask(proxyd, stub, method, target, body):
    """The answer, and what reached the engine; a stream is not waited for."""
    stub.mark()
    with proxyd.client() as c:
        c.send(request(method, target, body))
        r = c.response(body=False)
        if r.status >= 400:
            c.body(r, head=method == "HEAD")
    return r, sentinel(proxyd, stub)


@case("verdict and bytes are those of the daemon with the same policy")
def same():
    passed = 0
    for policy in (CONTAINERS, dict(EVERYTHING, POST="0"), EVERYTHING):
        stub, proxyd = pair(policy)
        for method, target, body in REQUESTS:
            r, new = ask(proxyd, stub, method, target, body)
            x = explain(proxyd.env, method + " " + target, body=body)
            text = "%s %s %r: %r %r" % (method, target, body, r, x.out)
            equal(x.status, 0 if new else 1, text)
            equal(x.request, b"".join(new), text)
            if not new:
                status, _, message = x.one("answer").partition(" ")
                equal(int(status), r.status, text)
                if method != "HEAD":
                    equal(message, r.message, text)
            passed += bool(new)
        proxyd.stop()
        stub.stop()
    check(40 < passed < 3 * len(REQUESTS) - 40, "%d of %d passed" % (
        passed, 3 * len(REQUESTS)))


@case("the CI job in the manual does what it says")
def manual():
    with open(os.path.join(TREE, "proxyd.8")) as f:
        page = f.read()
    text = re.search(r"Test a policy in a CI job.*?\.Bd -literal[^\n]*\n"
                     r"(.*?)\.Ed", page, re.S).group(1)
    text = text.replace("\\e", "\\").replace("\\(dq", '"')
    env = {"PATH": os.path.dirname(installed()) + ":/usr/bin:/bin"}

    def run(script):
        return subprocess.run(user("/bin/sh", "-u"), input=script, text=True,
                              env=env, capture_output=True, timeout=60)
    r = run(text)
    equal(r.returncode, 0, r.stderr)
    equal(re.findall(r"^verdict\t(\w+)$", r.stderr, re.M),
          ["pass", "block", "block"], r.stderr)
    for old, new in (("WORKSPACE_ROOT=/srv/compose", "WORKSPACE_ROOT=/etc"),
                     ("POST=1", "POST=1 ALLOW_PRIVILEGED=1")):
        check(old in text, "%s in the manual" % old)
        r = run(text.replace(old, new))
        equal(r.returncode, 1, r.stderr)


if __name__ == "__main__":
    main()
