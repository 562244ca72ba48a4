# SPDX-License-Identifier: ISC
"""The switches of the environment over the whole table of operations: what
is refused by default, what POST=0 leaves, what each ALLOW_ grants."""

import os

from harness import (EVERYTHING, TREE, case, check, equal, exchange, main,
                     pair, request, sentinel)

ALLOW = {
    "ALLOW_START": {"container.start"},
    "ALLOW_STOP": {"container.stop"},
    "ALLOW_RESTARTS": {"container.stop", "container.restart",
                       "container.kill"},
    "ALLOW_PAUSE": {"container.pause"},
    "ALLOW_UNPAUSE": {"container.unpause"},
    "ALLOW_KILL": {"container.kill"},
    "ALLOW_CREATE": {"container.create"},
    "ALLOW_DELETE": {"container.delete"},
}
DEFAULT = {"ping", "ping.head", "version", "events"}
BODIES = {"container.create": {"Image": "i"},
          "container.exec.create": {"Cmd": ["x"]},
          "exec.start": {"Detach": True}}
WS = {"Connection": "Upgrade", "Upgrade": "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


class Op:
    def __init__(self, fields):
        (self.id, self.name, self.method, self.path, self.min, self.max,
         self.section, self.risk, self.body) = fields
        self.write = self.risk in ("write", "host-escape")
        self.never = self.section in ("", "-", "NEVER", "NONE", "never")

    def request(self):
        path = self.path
        if path.startswith(("/exec/", "/libpod/exec/")):
            path = path.replace("{}", "0f" * 32)
        path = path.replace("{}", "x1")
        minor = int(self.min) if self.min.isdigit() else 0
        top = int(self.max) if self.max.isdigit() else 0
        minor = max(minor, 41)
        if top and minor > top:
            minor = top
        body = BODIES.get(self.id)
        if body is None and "JSON" in self.body:
            body = {}
        headers = {}
        if self.id == "container.attach.ws":
            headers = WS
        elif "RAW" in self.body:
            headers = {"Connection": "Upgrade", "Upgrade": "tcp"}
        version = "/v4.3.1" if path.startswith("/libpod/") else \
            "/v1.%d" % minor
        return request(self.method, version + path, body, headers)


def table():
    with open(os.path.join(TREE, "tests", "endpoints.tsv")) as f:
        rows = [line.rstrip("\n").split("\t") for line in f
                if line.strip() and not line.startswith("#")]
    ops = [Op(row) for row in rows if row[0] != "id"]
    check(len(ops) > 110, "the table is there: %d rows" % len(ops))
    return ops


OPS = table()
EVERY = dict(EVERYTHING, **{op.section: "1" for op in OPS
                            if op.section.startswith("LIBPOD_")})
WRITES = [op for op in OPS if op.write]
READS = [op for op in OPS if not op.write]


def passed(proxyd, stub, op):
    """Did it reach the engine?  If not, it was refused as it should be."""
    stub.mark()
    with proxyd.client() as c:
        c.send(op.request())
        r = c.response(body=False)      # events never ends
        if r.status in (400, 403):
            c.body(r, op.method == "HEAD")
    new = sentinel(proxyd, stub)
    if new:
        check(len(new) == 1 and new[0].count(b" HTTP/1.1\r\n") == 1,
              "%s: one request: %r" % (op.id, new))
        return True
    check(r.status in (400, 403, 404, 405), "%s: %r" % (op.id, r))
    if r.status == 403 and op.method != "HEAD":
        check("Forbidden" in (r.message or ""), "%s: %r" % (op.id, r))
    return False


def passing(env, ops):
    stub, proxyd = pair(env)
    try:
        return {op.id for op in ops if passed(proxyd, stub, op)}
    finally:
        proxyd.stop()
        stub.stop()


@case("the default passes ping, version and events, nothing else")
def default():
    equal(passing({}, OPS), DEFAULT)


@case("POST=0 with every section on: no write passes, attach/ws included")
def read_only():
    check(any(op.id == "container.attach.ws" for op in WRITES),
          "attach/ws is a write")
    equal(passing(dict(EVERY, POST="0"), WRITES), set())


@case("POST=0 with every section on: the reads pass")
def reads():
    have = passing(dict(EVERY, POST="0"), READS)
    missing = {op.id for op in READS} - have
    allowed = {op.id for op in READS if op.path.startswith("/debug/") or
               op.method == "OPTIONS"}
    allowed |= {"checkpoint.list"}
    check(missing <= allowed, "refused: %r" % sorted(missing - allowed))


@case("POST=1 alone opens nothing")
def post_alone():
    equal(passing({"POST": "1"}, OPS), DEFAULT)


@case("the profiler and OPTIONS are never passed")
def never():
    env = dict(EVERYTHING, ALLOW_PRIVILEGED="1")
    ops = [op for op in OPS if op.path.startswith("/debug/") or
           op.method == "OPTIONS"]
    check(len(ops) >= 8, "they are in the table")
    equal(passing(env, ops), set())


@case("host-escape that is not judged yet is refused with a message")
def unjudged():
    stub, proxyd = pair(EVERYTHING)
    op = [op for op in OPS if op.id == "service.create"][0]
    r, new = exchange(proxyd, stub, op.request())
    equal((r.status, new), (403, []), "services are judged, elsewhere")
    check("ALLOW_PRIVILEGED=1 would" in r.message, repr(r.message))
    for ident in ("plugin.pull", "plugin.create",
                  "swarm.init", "node.update", "checkpoint.create"):
        op = [op for op in OPS if op.id == ident][0]
        r, new = exchange(proxyd, stub, op.request())
        equal((r.status, new), (403, []), ident)
        check("Forbidden" in r.message and "judged" in r.message,
              "%s: %r" % (ident, r.message))
    proxyd.stop()
    stub.stop()


@case("ALLOW_PRIVILEGED=1 passes those, with a warning at start")
def privileged():
    stub, proxyd = pair(dict(EVERYTHING, ALLOW_PRIVILEGED="1"))
    for ident in ("service.create", "swarm.init", "checkpoint.create"):
        op = [op for op in OPS if op.id == ident][0]
        check(passed(proxyd, stub, op), ident)
    check(proxyd.log_lines("ALLOW_PRIVILEGED"), "a warning in the log")
    proxyd.stop()
    stub.stop()


for variable in ALLOW:
    @case("%s=1 with POST=0 grants exactly its operations" % variable)
    def allow(variable=variable):
        equal(passing({variable: "1"}, WRITES), ALLOW[variable])
        have = passing({variable: "1", "CONTAINERS": "1"}, WRITES)
        equal(have, ALLOW[variable], "with CONTAINERS=1")


@case("ALLOW_EXEC=1 grants exec, ALLOW_PRUNE=1 prune, and nothing else")
def exec_prune():
    have = passing({"ALLOW_EXEC": "1"}, WRITES)
    check({"container.exec.create", "exec.start"} <= have, repr(have))
    check(all("exec" in name for name in have), repr(have))
    have = passing({"ALLOW_PRUNE": "1"}, WRITES)
    check("container.prune" in have, repr(have))
    check(all("prune" in name for name in have), repr(have))


@case("a section opens its own operations and no other's")
def sections():
    for section in ("CONTAINERS", "IMAGES", "NETWORKS", "VOLUMES", "EXEC",
                    "SYSTEM", "INFO", "SWARM", "SERVICES"):
        have = passing({section: "1", "POST": "1",
                        "ALLOW_PRIVILEGED": "1"}, OPS) - DEFAULT
        own = {op.id for op in OPS if op.section == section}
        check(have, "%s opens something" % section)
        check(have <= own, "%s opens %r" % (section, sorted(have - own)))


if __name__ == "__main__":
    main()
