# SPDX-License-Identifier: ISC
"""The listener for metrics: its format, read by a strict parser, what it
counts, and that nothing there reaches the engine."""

import json
import os
import re
import signal

import exposition
from exposition import value
from harness import (EVERYTHING, TREE, Proxyd, Stub, case, check, children, connect,
                     default_listen, equal, free_port, main, poll, request,
                     tmpname)

CONF = """set socket "%s"
profile "test" {
	pass read on any
	pass on { images/create, containers/create }
	pass on containers/start mode audit
	block on containers/stop
	allow image "alpine"
}
profile "audit" {
	mode audit
}
listen on "%s" mode 0666 profile "test"
listen on "%s" mode 0666 profile "audit"
metrics on 127.0.0.1 port %d%s
"""


class Both:
    """proxyd with a stub engine and a listener for metrics."""

    def __init__(self, script="", more=""):
        self.stub = Stub(script)
        self.sock, self.audit = tmpname("a") + ".sock", tmpname("b") + ".sock"
        self.port = free_port()
        self.metrics = "tcp://127.0.0.1:%d" % self.port
        self.proxyd = Proxyd(self.stub, wait=False, listen=[
            "unix://" + self.sock, "unix://" + self.audit, self.metrics],
            conf=CONF % (self.stub.path, self.sock, self.audit, self.port,
                         more))
        for addr in self.proxyd.addrs:
            poll(lambda: connects(addr), text=lambda: "%s; log:\n%s" %
                 (addr, self.proxyd.log()))
        self.stub.mark()

    def stop(self):
        self.proxyd.stop()
        self.stub.stop()

    def ask(self, *args, addr=None, **kw):
        with self.proxyd.client(addr) as c:
            c.send(request(*args, **kw))
            return c.response(head=args[0] == "HEAD")

    def scrape(self):
        r = self.ask("GET", "/metrics", addr=self.metrics)
        equal(r.status, 200, repr(r))
        samples, _ = exposition.parse(r.body.decode("ascii"))
        return samples

    def until(self, name, want, **labels):
        """Wait for a value; the samples."""
        last = {}

        def there():
            last.clear()
            last.update(self.scrape())
            return value(last, name, **labels) == want

        poll(there, text=lambda: "%s%r is %r, not %r" % (
            name, labels, value(last, name, **labels), want))
        return last


def connects(addr):
    try:
        connect(addr, 1.0).close()
        return True
    except OSError:
        return False


@case("two paths and two methods, and nothing of it reaches the engine")
def paths():
    b = Both()
    r = b.ask("GET", "/metrics", addr=b.metrics)
    equal((r.status, r.get("content-type")),
          (200, "text/plain; version=0.0.4"))
    samples, types = exposition.parse(r.body.decode("ascii"))
    check(len(types) > 20, types)
    print("# %d metrics, %d series, %d bytes" %
          (len(types), len(samples), len(r.body)))
    head = b.ask("HEAD", "/metrics", addr=b.metrics)
    equal((head.status, head.body), (200, b""))
    r = b.ask("GET", "/-/healthy", addr=b.metrics)
    equal((r.status, r.body), (200, b"ok\n"))
    equal(b.ask("GET", "/metrics?a=b", addr=b.metrics).status, 200)
    for method, path in (("GET", "/"), ("GET", "/_ping"),
                         ("GET", "/metricsx"), ("GET", "/metrics/"),
                         ("GET", "/v1.41/containers/json"),
                         ("GET", "/-/ready"), ("POST", "/metrics"),
                         ("DELETE", "/metrics"), ("PUT", "/-/healthy"),
                         ("OPTIONS", "*"), ("POST", "/containers/create")):
        r = b.ask(method, path, addr=b.metrics,
                  body="{}" if method == "POST" else None)
        check(r.status in (400, 404), (method, path, r))
    equal(b.ask("GET", "/metrics", addr=b.metrics, body="x").status, 400)
    with b.proxyd.client(b.metrics) as c:       # one connection, pipelined
        c.send(request("GET", "/metrics") * 3 + request("GET", "/x"))
        equal([c.response().status for _ in range(4)], [200, 200, 200, 404])
    equal(b.stub.arrived(), [])
    samples = b.scrape()
    check(not any(name == "proxyd_requests_total" for name, _ in samples),
          "scrapes are counted")
    equal(b.proxyd.log_lines("metrics", "GET"), [])
    b.stop()


@case("requests by operation and verdict, refusals by reason, durations")
def verdicts():
    b = Both()
    for _ in range(3):
        equal(b.ask("GET", "/containers/json").status, 200)
    equal(b.ask("POST", "/containers/x/stop").status, 403)
    equal(b.ask("POST", "/containers/x/kill").status, 403)
    equal(b.ask("GET", "/nothing").status, 403)
    equal(b.ask("POST", "/containers/x/start").status, 204)
    equal(b.ask("POST", "/containers/create",
                body=dict(Image="alpine", HostConfig=dict(
                    Privileged=True))).status, 403)
    equal(b.ask("POST", "/containers/x/stop",
                addr="unix://" + b.audit).status, 204)
    with b.proxyd.client() as c:
        c.send(b"GET / HTTP/9.9\r\n\r\n")
        check(c.response().status >= 400, "bad HTTP")
    for op, verdict, n in (("containers/list", "pass", 3),
                           ("containers/stop", "block", 1),
                           ("containers/stop", "audit", 1),
                           ("containers/kill", "block", 1),
                           ("containers/start", "pass", 1),
                           ("containers/create", "block", 1),
                           ("none", "block", 1), ("none", "error", 1)):
        s = b.until("proxyd_requests_total", n, operation=op, verdict=verdict)
    for reason, n in (("rule", 2), ("operation", 1), ("content", 1),
                      ("http", 1), ("engine", 0), ("missing", 0)):
        equal(value(s, "proxyd_refusals_total", reason=reason), n, reason)
    equal(value(s, "proxyd_audited_refusals_total"), 1)
    for kind, n in (("read", 3), ("write", 2), ("stream", 0)):
        equal(value(s, "proxyd_request_duration_seconds_count", kind=kind), n,
              kind)
    equal(value(s, "proxyd_engine_up"), 1)
    b.stop()


@case("bytes, streams and clients while they are there")
def streams():
    b = Both("GET /events tick=20\n"
             "GET /images/x/get size=3000000\n")
    s = b.scrape()
    equal((value(s, "proxyd_streams"), value(s, "proxyd_clients")), (0, 0))
    with b.proxyd.client() as c:
        c.send(request("GET", "/events"))
        c.response(body=False)
        s = b.until("proxyd_streams", 1)
        equal(value(s, "proxyd_clients"), 1)
        equal(value(s, "proxyd_requests_in_flight"), 1)
        before = value(s, "proxyd_bytes_total", direction="down")
        # counted on the way, not at the end
        poll(lambda: value(b.scrape(), "proxyd_bytes_total",
                           direction="down") > before, text="bytes")
    b.until("proxyd_streams", 0)
    s = b.until("proxyd_clients", 0)
    before = value(s, "proxyd_bytes_total", direction="down")
    # The parent moves most of this one, and both count their part.
    equal(len(b.ask("GET", "/images/x/get").body), 3000000)
    s = b.until("proxyd_request_duration_seconds_count", 2, kind="stream")
    got = value(s, "proxyd_bytes_total", direction="down") - before
    check(3000000 <= got <= 3002000, got)
    b.stop()


@case("a filter that dies takes no count with it, and its end is counted")
def survives():
    b = Both()
    for _ in range(5):
        b.ask("GET", "/info")
    b.until("proxyd_requests_total", 5, operation="info", verdict="pass")
    pids = children(b.proxyd.pid)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    poll(lambda: len(children(b.proxyd.pid)) == len(pids) and
         not set(children(b.proxyd.pid)) & set(pids), text="new filters")
    poll(lambda: connects(b.metrics) and value(
        b.scrape(), "proxyd_filters") == len(pids), text="all serve")
    b.ask("GET", "/info")
    s = b.until("proxyd_requests_total", 6, operation="info", verdict="pass")
    equal(value(s, "proxyd_filter_restarts_total"), len(pids))
    equal(value(s, "proxyd_clients"), 0)
    b.stop()


@case("the engine goes and comes back: proxyd_engine_up")
def engine():
    b = Both()
    equal(value(b.scrape(), "proxyd_engine_up"), 1)
    b.stub.stop()
    s = b.until("proxyd_engine_up", 0)
    check(value(s, "proxyd_engine_connect_errors_total") > 0, s)
    equal(b.ask("GET", "/info").status, 502)
    s = b.until("proxyd_refusals_total", 1, reason="engine")
    equal(value(s, "proxyd_requests_total", operation="info",
                verdict="error"), 1)
    b.stub.start()
    b.until("proxyd_engine_up", 1)
    b.stop()


@case("a reload: sums stay, also of listeners that are gone")
def reload():
    b = Both()
    b.ask("GET", "/info", addr="unix://" + b.audit)
    b.until("proxyd_requests_total", 1, operation="info", verdict="audit")
    text = CONF % (b.stub.path, b.sock, b.audit, b.port, "")
    check(b.proxyd.reload(text.replace(
        'listen on "%s" mode 0666 profile "audit"\n' % b.audit, "")),
        b.proxyd.log())
    s = b.until("proxyd_listeners", 2)
    equal(value(s, "proxyd_requests_total", operation="info",
                verdict="audit"), 1)
    equal(value(s, "proxyd_config_generation"), 2)
    check(not b.proxyd.reload("frobnicate\n"), "taken")
    s = b.scrape()
    equal((value(s, "proxyd_config_reloads_total", result="ok"),
           value(s, "proxyd_config_reloads_total", result="error")), (1, 1))
    # From a listener for metrics to one for clients, on the same port.
    check(b.proxyd.reload(text.replace("metrics on 127.0.0.1 port %d" %
          b.port, 'listen on 127.0.0.1 port %d profile "test"' % b.port)),
          b.proxyd.log())
    poll(lambda: b.ask("GET", "/_ping", addr=b.metrics).status == 200,
         text="served")
    b.stop()


@case("only for whom it says, and from the environment")
def access():
    b = Both(more=" from 127.0.0.9")
    with b.proxyd.client(b.metrics) as c:
        try:
            c.send(request("GET", "/metrics"))
        except OSError:
            pass
        check(c.closed(), "answered")
    b.stop()
    stub, port = Stub(), free_port()
    proxyd = Proxyd(stub, dict(EVERYTHING, PROXYD_METRICS=
                               "tcp://127.0.0.1:%d" % port),
                    listen=[default_listen()])
    addr = "tcp://127.0.0.1:%d" % port
    poll(lambda: connects(addr), text="metrics")
    with proxyd.client(addr) as c:
        c.send(request("GET", "/metrics"))
        exposition.parse(c.response().body.decode("ascii"))
    proxyd.stop()
    stub.stop()


def names_used(expr, samples, types):
    """Each metric and label that an expression names is one of ours."""
    bare = re.sub(r"(?:by|without) *\([^)]*\)", "", expr)
    found = set(re.findall(r"\b(?:proxyd|process)_\w+", bare))
    for name in found:
        base = re.sub(r"_(bucket|sum|count)$", "", name)
        check(name in types and types[name] != "histogram" or
              types.get(base) == "histogram", "%s in %r" % (name, expr))
    for name, inside in re.findall(r"(\w+)\{([^}]*)\}", bare):
        if name == "up":
            continue
        have = {}
        for (sample, labels), _ in samples.items():
            if sample == name:
                for key, val in labels:
                    have.setdefault(key, set()).add(val)
        for key, val in re.findall(r'(\w+) *=~? *"([^"]*)"', inside):
            if key in ("instance", "job"):
                continue        # the scraper's
            check(key in have, "%s of %s in %r" % (key, name, expr))
            check(set(val.split("|")) <= have[key],
                  "%r of %s in %r" % (val, name, expr))
    return found


@case("the dashboard and the alert rules name only what is exported")
def examples():
    b = Both()
    b.ask("GET", "/info")
    b.ask("POST", "/containers/x/kill")
    s = b.until("proxyd_requests_total", 1, operation="containers/kill",
                verdict="block")
    _, types = exposition.parse(b.ask("GET", "/metrics", addr=b.metrics).body
                                .decode("ascii"))
    with open(os.path.join(TREE, "examples/grafana/proxyd.json")) as f:
        board = json.load(f)
    used, panels = set(), board["panels"]
    ids = [p["id"] for p in panels]
    check(len(panels) > 10 and len(ids) == len(set(ids)), ids)
    for expr in [t["expr"] for p in panels for t in p["targets"]] + [
            a["expr"] for a in board["annotations"]["list"]]:
        found = names_used(expr.replace("$__rate_interval", "1m"), s, types)
        check(found, expr)
        used |= found
    # Two panels in one place would hide each other.
    places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in panels]
    equal(len(places), len(set(places)))
    with open(os.path.join(TREE, "examples/prometheus/proxyd.rules.yml")) as f:
        rules = f.read()
    exprs = re.findall(r"^        expr: (?:\|\n((?: {10}.*\n)+)|(.*)\n)",
                       rules, re.M)
    equal(len(exprs), len(re.findall(r"^      - alert: \w+$", rules, re.M)))
    check(len(exprs) > 5, exprs)
    for block, line in exprs:
        used |= names_used(block + line, s, types)
    print("# %d of %d metrics are looked at" % (
        len({re.sub(r"_bucket$", "", name) for name in used}), len(types)))
    with open(os.path.join(TREE, "examples/prometheus/prometheus.yml")) as f:
        text = f.read()
    check("proxyd.rules.yml" in text and "job_name: proxyd\n" in text, text)
    conf = re.search(r"^#\t(metrics on .*)$", text, re.M).group(1)
    port = re.search(r"port (\d+)$", conf).group(1)
    check(":%s\"]" % port in text, text)
    b.stop()


main()
