# SPDX-License-Identifier: ISC
"""The presets, each against what its client asks for: that has to arrive at
the engine, and no other operation of the API may."""

import glob
import json
import os
import re
import urllib.parse

from harness import (TREE, Failed, Proxyd, Stub, case, check, equal, main,
                     poll, request, sentinel, tmpname, without_lookups)

PRESETS = os.path.join(TREE, "presets")
API = "/v1.41"
EXEC = "0f" * 32
TAR = {"Content-Type": "application/x-tar"}
TCP = {"Connection": "Upgrade", "Upgrade": "tcp"}
WS = {"Connection": "Upgrade", "Upgrade": "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
H2C = {"Connection": "Upgrade", "Upgrade": "h2c"}
BODIES = {"containers/create": {"Image": "user/app"},
          "containers/update": {"Memory": 1 << 26},
          "exec/create": {"Cmd": ["x"]},
          "libpod/exec/create": {"Cmd": ["x"]},
          "exec/start": {"Detach": True},
          "networks/create": {"Name": "net"},
          "networks/connect": {"Container": "web"},
          "networks/disconnect": {"Container": "web"},
          "volumes/create": {"Name": "vol"},
          "plugins/pull": [], "plugins/set": [], "plugins/upgrade": [],
          "build/create": b"a context", "images/load": bytes(1024),
          "containers/archive/put": bytes(1024)}
# What the user of a preset that creates containers adds.
OWN = """
	allow image { "user/*", "r.example.com/*" }
	allow volume "vol"
	allow network { "net", "x1" }
"""

# Requests of the clients: method, path, and a body where the one above will
# not do.  Without a version prefix where the client uses none; "@name" stands
# for every operation below that name, "-name" takes some of them back.
PING = """
HEAD /_ping
GET /_ping
"""
CLIENTS = {
    "traefik": PING + """
GET /v1.24/version
GET /v1.24/events?filters=%7B%22type%22%3A%5B%22container%22%5D%7D
GET /v1.24/containers/json?limit=0
GET /v1.24/containers/web/json
""",
    "portainer": PING + """
GET /version
GET /info
GET /events?since=1&until=2
GET /system/df
POST /auth {"username":"u","password":"p","serveraddress":"r.example.com"}
GET /distribution/user/app/json
POST /build?t=user%2Fapp&dockerfile=Dockerfile
POST /commit?container=web&repo=user%2Fapp&tag=1
GET /plugins
@containers -containers/checkpoints
@exec
@images
@networks
@volumes
""",
    "portainer-readonly": PING + """
GET /version
GET /info
GET /events?since=1&until=2
GET /system/df
GET /containers/json?all=1
GET /containers/web/json
GET /containers/web/logs?stdout=1&stderr=1&tail=100
GET /containers/web/top
GET /containers/web/stats?stream=false
GET /containers/web/changes
GET /images/json
GET /images/user/app:1/json
GET /images/user/app:1/history
@networks -write
@volumes -write
@services -write
@tasks -write
@nodes -write
GET /plugins
""",
    "watchtower": PING + """
GET /containers/json
GET /containers/web/json
GET /images/sha256:%s/json
POST /images/create?fromImage=user%%2Fapp&tag=1
POST /containers/web/kill?signal=SIGTERM
DELETE /containers/web?v=1&force=1
POST /containers/create?name=web
POST /containers/web/start
POST /containers/web/rename?name=old
POST /networks/net/connect
POST /networks/net/disconnect
DELETE /images/sha256:%s?force=1
""" % ("ab" * 32, "ab" * 32),
    "homepage": """
GET /containers/json?all=true
GET /containers/web/json
GET /containers/web/stats?stream=false
""",
    "dozzle": PING + """
GET /info
GET /version
GET /events
GET /containers/json?all=1
GET /containers/web/json
GET /containers/web/logs?follow=1&stdout=1&stderr=1&timestamps=1
GET /containers/web/stats
""",
    "diun": PING + """
GET /containers/json?all=1
GET /containers/web/json
GET /images/user/app/json
""",
    "autoheal": """
GET =/containers/json?filters=%7B%22health%22%3A%5B%22unhealthy%22%5D%7D
POST =/containers/web/restart?t=10
""",
    "uptime-kuma": """
GET =/containers/json?all=true
GET =/containers/web/json
""",
    "beszel": """
GET =/version
GET =/info
GET =/containers/json
GET =/containers/web/stats?stream=0&one-shot=1
GET =/containers/web/json
GET =/containers/web/logs?stdout=1&stderr=1&tail=200
""",
    "crowdsec": PING + """
GET /info
GET /events
GET /containers/json
GET /containers/web/json
GET /containers/web/logs?follow=1&stdout=1&stderr=1&since=1
""",
    "netdata": PING + """
GET /info
GET /containers/json?all=1&filters=%7B%22health%22%3A%5B%22healthy%22%5D%7D
GET /containers/json?all=1&size=1
GET /images/json
GET /containers/web/json
""",
    "glances": """
GET /version
GET /containers/json?limit=-1&all=0&size=0
GET /containers/web/json
GET /containers/web/stats?stream=1
""",
    "gitlab-runner": PING + """
GET /version
GET /info
GET /events
GET /containers/json
GET /containers/web/json
GET /containers/web/logs?follow=1&stdout=1&stderr=1
GET /containers/web/stats
GET /containers/web/top
GET /containers/web/changes
POST /containers/web/wait
GET /images/json
GET /images/user/app/json
GET /images/user/app/history
GET /networks
GET /networks/
GET /networks/net
GET /volumes
GET /volumes/runner-1-cache
GET /exec/EXEC/json
POST /containers/create
POST /containers/create {"Image": "registry.gitlab.com/gitlab-org/\
gitlab-runner/gitlab-runner-helper:x86_64-v17.0.0", "HostConfig": \
{"Binds": ["runner-1-project-2-cache:/cache"], \
"NetworkMode": "runner-1-project-2-concurrent-0-job-3-network"}}
POST /containers/web/start
POST /containers/web/stop
POST /containers/web/kill
POST /containers/web/attach?stream=1&stdin=1&stdout=1&stderr=1
DELETE /containers/web?force=1&v=1
POST /containers/web/exec
POST /exec/EXEC/start
POST /images/create?fromImage=user%2Fapp&tag=latest
DELETE /images/user/app
POST /networks/create {"Name": "runner-1-job-2-network"}
POST /networks/net/connect
POST /networks/net/disconnect
DELETE /networks/net
POST /volumes/create {"Name": "runner-1-cache"}
DELETE /volumes/runner-1-cache
""",
    "github-runner": PING + """
GET /version
GET /info
GET /containers/json?all=1
GET /containers/web/json
GET /containers/web/logs?stdout=1&stderr=1
POST /containers/web/wait?condition=next-exit
GET /images/json
GET /images/user/app/json
GET /networks
GET /networks/
GET /networks/github_network_1
GET /exec/EXEC/json
POST /containers/create?name=job
POST /containers/web/start
POST /containers/web/attach?stream=1&stdout=1
POST /containers/web/resize?h=24&w=80
DELETE /containers/web?force=1
POST /containers/web/exec
POST /exec/EXEC/start
POST /exec/EXEC/resize?h=24&w=80
POST /images/create?fromImage=user%2Fapp&tag=latest
POST /build?t=user%2Fapp
POST /auth {"username":"u","password":"p","serveraddress":"r.example.com"}
POST /networks/create {"Name": "github_network_0b1c"}
DELETE /networks/github_network_1
POST /networks/prune?filters=%7B%22label%22%3A%7B%22a1%22%3Atrue%7D%7D
""",
    "act-runner": PING + """
GET /version
GET /info
GET /containers/json?all=1
GET /containers/web/json
HEAD /containers/web/archive?path=%2Fvar%2Frun%2Fact
GET /containers/web/archive?path=%2Fvar%2Frun%2Fact
POST /containers/web/wait?condition=not-running
GET /images/user/app/json
GET /networks
GET /networks/
GET /networks/net
GET /volumes
GET /exec/EXEC/json
POST /containers/create?name=GITEA-ACTIONS-TASK-1_JOB-a
POST /containers/create {"Image": "user/app", "HostConfig": \
{"Binds": ["act-toolcache:/opt/hostedtoolcache", \
"GITEA-ACTIONS-TASK-1_JOB-a:/workspace"], \
"NetworkMode": "GITEA-ACTIONS-TASK-1_JOB-a-network"}}
POST /containers/web/start
POST /containers/web/attach?stream=1&stdout=1&stderr=1
PUT /containers/web/archive?path=%2Fvar%2Frun%2Fact
DELETE /containers/web?force=1&v=1
POST /containers/web/exec
POST /exec/EXEC/start
POST /images/create?fromImage=user%2Fapp&tag=latest
DELETE /images/user/app
POST /build?t=user%2Fapp&dockerfile=Dockerfile
POST /networks/create {"Name": "GITEA-ACTIONS-TASK-1_JOB-a-network"}
DELETE /networks/net
DELETE /volumes/act-toolcache?force=1
""",
    "devcontainer": PING + """
GET /version
GET /info
GET /events?filters=%7B%22event%22%3A%5B%22start%22%5D%7D
GET /containers/json?all=1
GET /containers/web/json
GET /containers/web/logs?follow=1&stdout=1&stderr=1
GET /containers/web/stats?stream=false
HEAD /containers/web/archive?path=%2Fetc%2Fpasswd
GET /containers/web/archive?path=%2Fetc%2Fpasswd
POST /containers/web/wait?condition=removed
GET /images/json
GET /images/user/app/json
GET /distribution/user/app/json
GET /networks
GET /networks/
GET /networks/net
GET /volumes
GET /volumes/vol
GET /exec/EXEC/json
POST /containers/create
POST /containers/web/start
POST /containers/web/stop
POST /containers/web/kill
POST /containers/web/restart
POST /containers/web/rename?name=old
POST /containers/web/attach?stream=1&stdin=1&stdout=1&stderr=1
POST /containers/web/resize?h=24&w=80
PUT /containers/web/archive?path=%2Ftmp&noOverwriteDirNonDir=true
DELETE /containers/web?force=1
POST /containers/web/exec
POST /exec/EXEC/start
POST /exec/EXEC/resize?h=24&w=80
POST /images/create?fromImage=user%2Fapp&tag=latest
POST /images/user/app/tag?repo=user%2Fapp&tag=2
DELETE /images/user/app
POST /build?t=user%2Fapp
POST /networks/create
POST /networks/net/connect
DELETE /networks/net
POST /volumes/create
DELETE /volumes/vol
""",
    "compose": PING + """
GET /info
GET /version
GET /events?filters=%7B%22label%22%3A%7B%22a%3Db%22%3Atrue%7D%7D
GET /containers/json?all=1&filters=%7B%22label%22%3A%7B%22a%22%3Atrue%7D%7D
GET /containers/web/json
GET /containers/web/logs?follow=1&stdout=1&stderr=1
GET /containers/web/stats?stream=1
HEAD /containers/web/archive?path=%2Frun
GET /containers/web/archive?path=%2Frun
POST /containers/web/wait?condition=not-running
GET /images/json?filters=%7B%7D
GET /images/user/app/json
GET /distribution/user/app/json
GET /networks?filters=%7B%7D
GET /networks/
GET /networks/net
GET /volumes?filters=%7B%7D
GET /volumes/vol
GET /exec/EXEC/json
POST /networks/create
POST /networks/net/connect
DELETE /networks/net
POST /volumes/create
DELETE /volumes/vol
POST /images/create?fromImage=user%2Fapp&tag=latest
DELETE /images/user/app
POST /containers/create?name=app-web-1
POST /containers/create {"Image": "user/app", "HostConfig": \
{"NetworkMode": "net", "Mounts": [{"Type": "volume", "Source": "vol", \
"Target": "/data"}], "RestartPolicy": {"Name": "always"}}, \
"NetworkingConfig": {"EndpointsConfig": {"net": {"Aliases": ["web"]}}}}
POST /containers/web/start
POST /containers/web/stop?t=10
POST /containers/web/kill?signal=SIGKILL
POST /containers/web/restart?t=10
POST /containers/web/rename?name=old
POST /containers/web/attach?stream=1&stdout=1&stderr=1
POST /containers/web/resize?h=24&w=80
PUT /containers/web/archive?path=%2Frun&copyUIDGID=1
DELETE /containers/web?force=1&v=1
POST /containers/web/exec
POST /exec/EXEC/start
POST /exec/EXEC/resize?h=24&w=80
""",
    "testcontainers": PING + """
GET /info
GET /version
GET /images/json
GET /images/user/app/json
GET /containers/json?all=1
GET /containers/web/json
GET /containers/web/logs?follow=1&stdout=1&stderr=1
HEAD /containers/web/archive?path=%2Ftmp
GET /containers/web/archive?path=%2Ftmp
GET /networks
GET /networks/
GET /networks/net
GET /exec/EXEC/json
POST /images/create?fromImage=user%2Fapp&tag=latest
POST /build?t=user%2Fapp
POST /containers/create
POST /containers/create {"Image": "user/app", "HostConfig": \
{"PortBindings": {"5432/tcp": [{"HostIp": "", "HostPort": ""}]}}}
POST /containers/web/start
POST /containers/web/stop
POST /containers/web/kill
POST /containers/web/restart?t=0
POST /containers/web/wait?condition=not-running
PUT /containers/web/archive?path=%2Ftmp
DELETE /containers/web?force=1&v=1
POST /containers/web/exec
POST /exec/EXEC/start
POST /networks/create
POST /networks/net/connect
DELETE /networks/net
DELETE /images/user/app
""",
    "readonly": PING + """
GET /version
GET /info
GET /events
GET /system/df
GET /containers/json?all=1
GET /containers/web/json
GET /containers/web/logs?stdout=1
GET /containers/web/top?ps_args=-ef
GET /containers/web/stats
GET /containers/web/changes
GET /images/json
GET /images/user/app/json
GET /images/user/app/history
@networks -write
@volumes -write
@services -write
@tasks -write
@nodes -write
""",
}

# Of operations that a preset passes, what it does not.
REFUSED = {
    "github-runner": ["POST /networks/prune"],
    "compose": ['POST /networks/create {"Name": "other"}'],
}
HOSTILE = [{"HostConfig": {"Privileged": True}},
           {"HostConfig": {"Binds": ["/:/host"]}},
           {"HostConfig": {"Binds": ["/var/run/docker.sock:/s"]}},
           {"HostConfig": {"NetworkMode": "host"}},
           {"HostConfig": {"PidMode": "host"}},
           {"HostConfig": {"CapAdd": ["SYS_ADMIN"]}},
           {"Image": "evil/app"}]


class Op:
    """A row of the table of operations."""

    def __init__(self, fields):
        self.name, self.method, self.path = fields[1:4]
        self.min, self.max = int(fields[4]), int(fields[5])
        self.write = fields[7] in ("write", "host-escape")
        arg = ".+" if self.path.startswith(("/images/", "/distribution/")) \
            else "[^/]+"
        self.re = re.compile(re.escape(self.path).replace(r"\{\}", arg) + "$")

    def under(self, name):
        return (self.name + "/").startswith(name + "/")

    def target(self, path=None):
        """With an argument in each hole, at a version that has it; or of
        another path, as if that were this operation's."""
        minor = min(max(self.min, 41), self.max or 99)
        if self.name == "containers/prune":
            minor = 41
        arg = EXEC if "/exec/{}" in self.path else "x1"
        if self.name in ("images/push", "images/tag"):
            arg = "user/x1:1"
        path = (path or self.path).replace("{}", arg)
        if path.startswith("/libpod/"):
            return "/v4.3.1" + path
        return "/v1.%d%s" % (minor, path)


def table():
    with open(os.path.join(TREE, "tests", "endpoints.tsv")) as f:
        rows = [line.rstrip("\n").split("\t") for line in f
                if line.strip() and not line.startswith("#")]
    return [Op(row) for row in rows]


OPS = table()


def op_of(method, target):
    """The operation that a request means."""
    path = re.sub(r"^/v1\.\d+|^/v4\.3\.1", "", target.partition("?")[0])
    fit = [op for op in OPS if op.method == method and op.re.match(path)]
    check(fit, "no such operation: %s %s" % (method, target))
    return max(fit, key=lambda op: len(op.path.replace("{}", "")))


def message(op, target, body=None, method=None):
    """The bytes of a request, with what its operation wants."""
    headers = {}
    if body is None:
        body = BODIES.get(op.name)
    if isinstance(body, bytes):
        headers = TAR
    if op.name in ("containers/attach", "exec/start"):
        headers = TCP
    elif op.name == "containers/attach/ws":
        headers = WS
    elif op.name in ("session", "grpc"):
        headers = H2C
    if body is None and op.method in ("POST", "PUT") and op.name != (
            "containers/start"):
        body = {} if needs_json(op) else None
    return request(method or op.method, target, body, headers)


def needs_json(op):
    return op.name in ("auth", "volumes/update", "containers/copy",
                       "containers/checkpoints/create") or op.under(
                           "swarm") or op.under("services") or op.under(
                           "nodes") or op.under("secrets") or op.under(
                           "configs") or op.under("plugins")


def asked(line):
    """(op, target, body) of a line of the tables above."""
    method, target, body = (line.split(None, 2) + [None])[:3]
    target = target.replace("EXEC", EXEC)
    if target.startswith("="):
        target = target[1:]
    elif not target.startswith(("/v1.", "/_ping")):
        target = API + target
    return op_of(method, target), target, json.loads(body) if body else None


def expand(line):
    """An "@name" line as requests."""
    words = line[1:].split()
    less = [word[1:] for word in words[1:]]
    return [(op, op.target(), None) for op in OPS if op.under(words[0]) and
            not any(op.under(w) or (w == "write" and op.write) for w in less)]


def requests(name):
    """Everything that a client asks for."""
    out = []
    for line in filter(None, CLIENTS[name].splitlines()):
        out += expand(line) if line.startswith("@") else [asked(line)]
    return out


def creates(name):
    return any(op.name == "containers/create" for op, _, _ in requests(name))


class World:
    """A preset in front of the stub; a second address to come to rest by."""

    def __init__(self, name):
        self.stub = Stub()
        self.addr, self.calm = ["unix://" + tmpname("s") + ".sock"
                                for _ in range(2)]
        conf = ('set socket "%s"\n' % self.stub.path +
                'profile "p" {\n\tpreset "%s"\n%s}\n' %
                (name, OWN if creates(name) else "") +
                'profile "calm" {\n\tpass on ping\n}\n'
                'listen on "%s" profile "p"\n' % self.addr[7:] +
                'listen on "%s" profile "calm"\n' % self.calm[7:])
        self.proxyd = Proxyd(self.stub, {}, [self.calm, self.addr],
                             conf=conf)

    def send(self, data):
        """The answer, its body not always read."""
        with self.proxyd.client(self.addr) as c:
            c.send(data)
            r = c.response(body=False)      # events never ends
            if r.status >= 400:
                c.body(r, data.startswith(b"HEAD "))
            return r

    def passes(self, op, target, body):
        self.stub.mark()
        r = self.send(message(op, target, body))
        what = "%s %s: %r" % (op.method, target, r)
        check(r.status not in (400, 403), what)
        new = poll(self.stub.arrived, text="at the engine: " + what)
        equal(len(new), 1, "connections, " + what)
        line = without_lookups(new[0]).split(b"\r\n")[0].decode().split()
        equal(line[0], op.method, what)
        equal(split(line[1]), split(target), what)

    def refuses(self, op, target, body=None):
        r = self.send(message(op, target, body))
        if r.status != 403:
            raise Failed("%s %s is not refused: %r" % (op.method, target, r))
        check(op.method == "HEAD" or "Forbidden" in (r.message or ""),
              "%s: %r" % (target, r))

    def at_rest(self):
        return sentinel(self.proxyd, self.stub)

    def stop(self):
        self.proxyd.stop()
        self.stub.stop()


def split(target):
    """A path without escapes and the pairs of its query."""
    path, _, query = target.partition("?")
    return (urllib.parse.unquote(path),
            sorted(urllib.parse.parse_qsl(query, True)))


def neighbours(world, name):
    """Every other operation, and hostile forms of its own: refused."""
    own = {op.name for op, _, _ in requests(name)}
    others = [op for op in OPS if op.name not in own]
    world.stub.mark()
    for op in others:
        world.refuses(op, op.target())
    for line in REFUSED.get(name, ()):
        world.refuses(*asked(line))
    if creates(name):
        for body in HOSTILE:
            world.refuses(*asked("POST /containers/create " +
                                 json.dumps(dict({"Image": "user/app"},
                                                 **body))))
    equal(world.at_rest(), [], "reached the engine")
    return {op.name for op in others}


def names():
    return sorted(os.path.basename(path)[:-len(".conf")]
                  for path in glob.glob(os.path.join(PRESETS, "*.conf")))


@case("every preset has its rows here, and every row its preset")
def complete():
    equal(names(), sorted(CLIENTS))


@case("no preset but Portainer's passes secrets, swarm, archives unasked")
def unasked():
    never = {"secrets/list", "secrets/create", "swarm/inspect",
             "swarm/unlockkey", "plugins/pull", "grpc", "session",
             "containers/export", "images/save", "images/push",
             "containers/prune", "debug/vars"}
    for name in names():
        own = {op.name for op, _, _ in requests(name)}
        if name == "portainer":
            own -= {"containers/export", "images/save", "images/push",
                    "containers/prune"}
        equal(own & never, set(), name)


for preset in names():
    @case("preset %s: what its client asks for arrives, nothing else" % preset)
    def one(preset=preset):
        world = World(preset)
        try:
            for row in requests(preset):
                world.passes(*row)
            check(len(neighbours(world, preset)) > 20, "neighbours")
        finally:
            world.stop()


if __name__ == "__main__":
    main()
