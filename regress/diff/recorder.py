# SPDX-License-Identifier: ISC
"""proxyd in front of the stub engine, and what of a case arrived there."""

import json
import os
import re
import socket
from urllib.parse import unquote, unquote_to_bytes

import harness

from . import gohttp, gojson, policy

FORWARDED = 299         # the stub's answer to everything
SCRIPT = "\n".join("%s / status=%d" % (m, FORWARDED)
                   for m in ("GET", "HEAD", "POST", "PUT", "DELETE"))
# What proxyd looks up before a container takes it: there is no such volume,
# and every network is called as it is asked for.
LOOKUPS = "GET /volumes/ status=404\nGET /networks/ status=200\n"
REFUSED = {400, 403, 404, 405, 408, 411, 413, 414, 415, 417, 431, 501, 505}

LINE = re.compile(rb"([A-Z]+) (/[!-~]*) HTTP/1\.1\r\nHost: docker\r\n")
REST = re.compile(rb"(?:(?:User-Agent|Accept|Accept-Encoding): "
                  rb"[ -~\x80-\xff]+\r\n)*"
                  rb"(?:Content-Type: ([a-z/-]+)\r\n)?"
                  rb"(?:Content-Length: (0|[1-9][0-9]*)\r\n|"
                  rb"(Transfer-Encoding: chunked)\r\n)?"
                  rb"(?:Connection: Upgrade\r\nUpgrade: tcp\r\n|"
                  rb"Connection: close\r\n)?\r\n")
STRING = re.compile(rb'"(?:[^"\\\0-\x1f]|\\.)*"')


class Difference(Exception):
    """proxyd and dockerd have understood two things."""


def differ(cond, text, *args):
    if not cond:
        raise Difference(text % args)


class Arrival:
    """One request as the parent printed it; anything else differs."""

    def __init__(self, data):
        line = LINE.match(data)
        rest = line and REST.match(data, line.end())
        differ(rest, "not a canonical head: %r", data[:2000])
        self.method = line.group(1).decode()
        self.target = line.group(2).decode()
        self.type = (rest.group(1) or b"").decode()
        at = rest.end()
        if rest.group(3):
            self.body, at = self.chunks(data, at)
        else:
            size = int(rest.group(2) or 0)
            self.body = data[at:at + size]
            differ(len(self.body) == size, "cut short: %r", data[:2000])
            at += size
        self.size = at

    @staticmethod
    def chunks(data, at):
        out = b""
        while True:
            m = re.compile(rb"([0-9a-f]+)\r\n").match(data, at)
            differ(m, "not a chunk: %r", data[at:at + 40])
            size = int(m.group(1), 16)
            at = m.end() + size + 2
            differ(data[at - 2:at] == b"\r\n", "not a chunk's end")
            if size == 0:
                return out, at
            out += data[m.end():at - 2]


class Recorder:
    def __init__(self, log=False):
        self.stub = harness.Stub(SCRIPT if log else LOOKUPS + SCRIPT)
        extra = "set log %s\n" % ("all" if log else "none")
        addr = harness.default_listen()
        self.proxyd = harness.Proxyd(
            self.stub, listen=[addr], conf=extra + harness.profile_conf(
                policy.PROFILE, [addr], self.stub.path))
        self.buffers = {}
        self.logged = open(self.proxyd.logname, "rb")
        self.log = log
        self.forget()

    def arrived(self):
        """All requests since the last time, in their order; the records are
        emptied, as a million of them would fill the disk."""
        def take(name):
            path = os.path.join(self.stub.dir, name)
            with open(path, "rb+") as f:
                data = f.read()
                f.truncate(0)
            return data

        for line in take("diary").splitlines():
            _, what, num = line.split()
            if what != b"request":
                continue
            num = int(num)
            if not self.buffers.get(num):
                self.buffers[num] = take("conn-%05d.bin" % num)
            one = Arrival(self.buffers[num])
            self.buffers[num] = self.buffers[num][one.size:]
            yield one
        differ(not any(self.buffers.values()), "more came: %.2000r",
               self.buffers)

    def forget(self):
        """Whatever was asked until now is over when this has been logged."""
        self.proxyd.request("GET", "/version")
        if self.log:
            harness.poll(lambda: any("version" in line
                                     for line in self.lines()),
                         text="the line of a request")
        for name in os.listdir(self.stub.dir):
            os.truncate(os.path.join(self.stub.dir, name), 0)
        self.buffers.clear()

    def lines(self):
        """What proxyd has logged since the last time."""
        return self.logged.read().decode("utf-8", "replace").splitlines()


def understood(kind, body):
    """What dockerd reads, or its complaint as a str."""
    try:
        return kind.read(kind.zero(), gojson.parse(body))
    except gojson.GoError as e:
        return str(e)


def same(kind, want, have):
    """To two readers; a refusal by dockerd is as good as another."""
    if isinstance(want, str) or isinstance(have, str):
        return type(want) is type(have)
    return policy.meaning(kind, want) == policy.meaning(kind, have)


def apart(a, b):
    """Two objects without what they have in common."""
    if not isinstance(a, dict) or not isinstance(b, dict):
        return a, b
    pairs = {k: apart(a.get(k), b.get(k)) for k in sorted(set(a) | set(b))
             if a.get(k) != b.get(k)}
    return ({k: v[0] for k, v in pairs.items()},
            {k: v[1] for k, v in pairs.items()})


def judge_body(kind, target, body, one):
    """A body that was sent, and the request that came of it."""
    differ((one.method, one.target) == ("POST", target), "%s %s arrived",
           one.method, one.target)
    differ(one.type == "application/json", "type %s", one.type)
    try:
        text = one.body.decode("utf-8")
        tree = gojson.parse(one.body)
    except ValueError as e:
        raise Difference("what arrived is bad: %s" % e) from None
    differ(not re.search(r"[\0-\x1f]", text) and
           not re.search(rb"\s", STRING.sub(b"", one.body)),
           "not in compact form")
    bad = policy.spelt(kind, tree)
    differ(bad is None, "key %r arrived", bad)
    have = understood(kind, one.body)
    want = understood(kind, body)
    differ(same(kind, want, have), "%r\n  became\n  %r", *apart(want, have))
    found = [] if isinstance(have, str) else list(policy.powers(kind, have))
    differ(not found, "it can do: %s", found)


def run_bodies(recorder, cases, report):
    """Cases through one connection, one after the other without waiting;
    report(case, status, difference) for each."""
    done = 0
    while done < len(cases):
        rest = cases[done:]
        with recorder.proxyd.client() as c:
            try:
                c.send(b"".join(
                    harness.request("POST", target, body)
                    for _, target, body in rest))
            except (BrokenPipeError, ConnectionResetError):
                pass
            answers = []
            for _ in rest:
                try:
                    answers.append(c.response())
                except harness.Closed:
                    break
        differ(answers, "closed without an answer: %r", rest[0])
        # proxyd looks these up before a container takes them
        arrived = (one for one in recorder.arrived() if
                   one.method != "GET" or
                   not one.target.startswith(("/volumes/", "/networks/")))
        for case, r in zip(rest, answers):
            found = None
            try:
                differ(r.complete, "an answer cut short: %r", r)
                if r.status == FORWARDED:
                    one = next(arrived, None)
                    differ(one, "answered, but it never arrived")
                    judge_body(*case, one)
                else:
                    differ(r.status in REFUSED and r.message,
                           "answered by %r", r)
            except Difference as e:
                found = str(e)
            report(case, r, found)
        left = [one.body for one in arrived]
        differ(not left, "arrived without being asked: %.2000r", left)
        done += len(answers)


# ---------------------------------------------------------------------- HTTP

class Answers(harness.Client):
    """All that comes on a connection, read to its end."""

    def __init__(self, sock, patient):
        self.sock, self.buf, data = sock, b"", []
        sock.settimeout(harness.DEADLINE if patient else 0.03)
        while True:
            try:
                data.append(sock.recv(262144))
            except ConnectionResetError:
                break
            except TimeoutError:
                differ(not patient, "no end of the answers: %r", data)
                patient = True
                sock.settimeout(harness.DEADLINE)
                sock.shutdown(socket.SHUT_WR)
                continue
            if not data[-1]:
                break
        self.buf = b"".join(data)

    def fill(self):
        return False


def bare(values):
    """moby takes one slash off a container's name, so proxyd does."""
    return [v[1:] if v.startswith(b"/") else v for v in values]


def judge_request(one, request):
    """One request that arrived, and the one that Go would have read."""
    path, _, query = one.target.partition("?")
    differ(request is not None, "%s %s arrived, and Go reads none",
           one.method, one.target)
    # HEAD is asked as GET where dockerd has no HEAD
    method = b"GET" if request.method == b"HEAD" and one.method == "GET" \
        else request.method
    differ((one.method.encode(), unquote_to_bytes(path)) ==
           (method, request.path), "%s %s arrived for %r %r",
           one.method, path, request.method, request.path)
    name = gohttp.operation(one.method, unquote(path))
    differ(name, "%s %s arrived, which none asked for", one.method, path)
    have = gohttp.parse_query(query.encode())
    for key in gohttp.known(name) | {k for k, _ in have}:
        there = [v for k, v in have if k == key]
        asked = request.values(key)
        differ(there == asked or there == bare(asked),
               "%s: %r arrived for %r", key, there, asked)
    if one.body:
        differ(json.loads(one.body) == json.loads(request.body),
               "body %r arrived for %r", one.body, request.body)
    else:
        differ(not any(name == op and takes for op, _, _, _, takes in
                       gohttp.ROUTES), "a body is lost")
    return name, unquote(path)


def run_connection(recorder, data):
    """One connection with these bytes: (statuses, [(operation, path)])."""
    requests, whole = gohttp.read(data)
    with recorder.proxyd.client() as c:
        try:
            c.send(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        c = Answers(c.sock, whole)
    statuses, judged = [], []
    arrived = recorder.arrived()
    while c.buf:
        request = requests[len(statuses)] if len(statuses) < len(requests) \
            else None
        r = c.response(head=request is not None and request.method == b"HEAD")
        if re.fullmatch(rb'\{"message":"[^"]*"\}\n', c.buf):
            c.buf = b""     # closed before it was known to be a HEAD
        differ(r.complete, "an answer cut short: %r", r)
        statuses.append(r.status)
        if r.status == FORWARDED:
            one = next(arrived, None)
            differ(one, "answered, but it never arrived")
            judged.append(judge_request(one, request))
        else:
            differ(r.status in REFUSED, "answered by %r", r)
    left = [(one.method, one.target) for one in arrived]
    differ(not left, "arrived without an answer: %r", left)
    return statuses, judged


LOGGED = re.compile(r" (\S+) ([A-Z]+) (\S+) %d " % FORWARDED)


def check_log(recorder, judged):
    """proxyd's own log, a line a request, against what arrived."""
    lines = []

    def enough():
        lines.extend(m.groups() for m in map(LOGGED.search, recorder.lines())
                     if m)
        return len(lines) >= len(judged)

    harness.poll(enough, text=lambda: "%d lines in the log, not %d" %
                 (len(lines), len(judged)))
    differ(len(lines) == len(judged), "%d lines in the log for %d requests",
           len(lines), len(judged))
    for (operation, _, path), (want, target) in zip(lines, judged):
        differ(operation == want and unquote(path) == target,
               "%s %s in the log for %s %s", operation, path, want, target)
