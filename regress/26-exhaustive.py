#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""All methods on all routes under all switches of the environment, asked of a
running proxyd, and compared with tests/env-verdicts.txt, which a unit test
makes from the table of operations.

proxyd is started once for each switch on and all others as they are, once for
each with POST beside it, and once for each switch off and all others on.
Nothing is sampled: each of them gets every request.  The requests follow each
other on one connection without waiting for answers; the engine has to have got
those that pass, and no others.
"""

import collections
import os
import re

import harness
from harness import Proxyd, Stub, check, equal

presets = harness.load("82-presets")

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
PASSED = 299            # what the engine answers, and proxyd never
BATCH = 50              # requests that are on their way at once
# What podman's rows take to be there at all, and no switch that is on.
PODMAN = ("LIBPOD_SYSTEM", "0")

Row = collections.namedtuple("Row", "method path name sets but")
Ask = collections.namedtuple("Ask", "what row line data")


def golden():
    """The rows, and what a method is on the path of other rows."""
    rows, others, part = [], {}, 0
    with open(os.path.join(harness.TREE, "tests", "env-verdicts.txt")) as f:
        for line in f:
            part += line == "\n"
            m = re.match(r"([A-Z]+) +(\S+) +(\S+) +([^;\n]+)(; but (.+))?$",
                         line)
            if part == 0 and m:
                sets = [] if m[4] == "never" else [
                    set(s.split("+")) - {"always"} for s in m[4].split(", ")]
                rows.append(Row(m[1], m[2], m[3], sets,
                                set((m[6] or "").split(", ")) - {""}))
            m = re.match(r"([A-Z]+) (\S+): (/.*)$", line)
            if part == 1 and m:
                others.update({(m[1], path): m[2] for path in m[3].split()})
    check(len(rows) > 250 and len(others) > 50, "the file is read: %d, %d" %
          (len(rows), len(others)))
    return rows, others


def switches():
    """As the unit test has them."""
    with open(os.path.join(harness.TREE, "tests", "env_conf.h")) as f:
        lists = re.findall(r"(?:sections|others)\[\] = \{(.*?)\};", f.read(),
                           re.S)
    names = re.findall(r'"([A-Z_]+)"', " ".join(lists))
    check(len(names) > 60, "switches: %r" % names)
    return names


ROWS, OTHERS = golden()
SWITCHES = switches()
NAMED = {row.name: row for row in ROWS}
OWN = {(row.method, row.path): row for row in ROWS}
OPS = {op.name: op for op in presets.OPS}
UPGRADES = (NAMED["containers/attach/ws"],)


def row_of(method, path):
    """The operation that this is, by the file; None if it is none."""
    row = OWN.get((method, path)) or NAMED.get(OTHERS.get((method, path)))
    if row is None and method == "OPTIONS":
        return NAMED["options"]
    if row is None and method == "HEAD":        # GET without the body
        row = row_of("GET", path)
        return None if row in UPGRADES else row
    return row


def asks():
    """Each request: what it is called, its row if it is an operation, the
    line that the engine gets, and its bytes."""
    out, first = [], {}
    for row in ROWS:
        first.setdefault(row.path, row)
    for path, near in first.items():
        for method in METHODS:
            row = row_of(method, path)
            op = OPS[(row or near).name]
            target = op.target(path)
            data = presets.message(op, target, method=method) if row else \
                harness.request(method, target)
            line = "%s %s" % (op.method if row else method, target)
            out.append(Ask("%s %s" % (method, path), row, line, data))
    return out


def ends(data):
    """Whoever asks for another protocol gets no second chance."""
    return b"\r\nUpgrade: " in data


def batches(everything):
    """In their order; nothing goes behind what ends the connection."""
    out = [[]]
    for ask in everything:
        out[-1].append(ask)
        if len(out[-1]) == BATCH or ends(ask.data):
            out.append([])
    return [batch for batch in out if batch]


class Quick:
    """A client that sends ahead, and reads no more of answers than where
    they end: harness.Client would take most of the time."""

    def __init__(self, addr):
        self.sock = harness.connect(addr)
        self.buf = b""

    def until(self, n):
        while len(self.buf) < n:
            data = self.sock.recv(262144)
            check(data, "closed in place of an answer; had %r" % self.buf)
            self.buf += data

    def answer(self, head):
        """The status, and whether it ends the connection."""
        while b"\r\n\r\n" not in self.buf:
            self.until(len(self.buf) + 1)
        raw, _, self.buf = self.buf.partition(b"\r\n\r\n")
        size = re.search(rb"\nContent-Length: (\d+)", raw)
        check(size, "an answer without a length: %r" % raw)
        if not head:
            self.until(int(size[1]))
            self.buf = self.buf[int(size[1]):]
        return int(raw[9:12]), b"\nConnection: close" in raw


def sent(p, everything):
    """The status of each; what stands behind an answer that ends the
    connection goes on another one."""
    out, c = [], Quick(p.addr)
    for batch in batches(everything):
        while batch:
            c.sock.sendall(b"".join(ask.data for ask in batch))
            closes = False
            while batch and not closes:
                ask, batch = batch[0], batch[1:]
                status, closes = c.answer(ask.what.startswith("HEAD"))
                out.append(status)
                closes = closes or ends(ask.data)
            if closes:
                c.sock.close()
                c = Quick(p.addr)
    c.sock.close()
    return out


def arrived(stub):
    """Method and target of each request that the engine got."""
    lines = re.findall(rb"([A-Z]+ /\S*) HTTP/1\.1\r\nHost: docker\r\n",
                       b"".join(stub.arrived()))
    return collections.Counter(line.decode() for line in lines)


def verdicts(stub, everything, env):
    """The statuses, and what arrived, under one environment."""
    p = Proxyd(stub, env, wait=False)
    harness.poll(lambda: harness.answers(p.addr), text="an answer")
    stub.mark()
    out = sent(p, everything)
    p.stop()
    return out, arrived(stub)


def passes(row, on, off):
    """By the file: with these on and the others as they are, or with this
    one off and the others on."""
    if row is None:
        return False
    if off is None:
        return any(s <= on for s in row.sets)
    return bool(row.sets) and off not in row.but


def compare(stub, everything, env, on, off=None):
    """What is not as the file says."""
    statuses, engine = verdicts(stub, everything, env)
    bad, want = [], collections.Counter()
    for ask, status in zip(everything, statuses):
        should = passes(ask.row, on, off)
        if status != (PASSED if should else 403):
            bad.append("%s (%s): %d, %s by the file" % (
                ask.what, ask.row.name if ask.row else "no operation",
                status, "passes" if should else "blocked"))
        if should:
            want[ask.line] += 1
    return bad + ["at the engine, %d in place of %d: %s" % (
        engine[line], want[line], line) for line in sorted(
        (want - engine) | (engine - want))]


def under_each(name, environments):
    everything = asks()
    stub = Stub("\n".join("%s / status=%d size=0 framing=length" %
                          (m, PASSED) for m in METHODS))
    bad = []
    for env, on, off in environments:
        bad += ["%s: %s" % (" ".join("%s=%s" % v for v in env.items()
                                     if v[0] in on or v[0] == off), line)
                for line in compare(stub, everything, env, on, off)]
    stub.stop()
    print("# %s: %d requests under each of %d environments" %
          (name, len(everything), len(environments)))
    for line in sorted(bad):
        print("# " + line)
    equal(len(bad), 0, "differences")


def alone(*names):
    return dict([PODMAN] + [(name, "1") for name in names]), set(names), None


def all_but(name):
    return {s: "0" if s == name else "1" for s in SWITCHES}, set(), name


@harness.case("each switch on, all others as they are")
def on():
    under_each("on", [alone()] + [alone(name) for name in SWITCHES])


@harness.case("each switch on with POST, all others as they are")
def on_with_post():
    under_each("on with POST", [alone(name, "POST") for name in SWITCHES
                                if name != "POST"])


@harness.case("each switch off, all others on")
def off():
    under_each("off", [({s: "1" for s in SWITCHES}, set(), "")] +
              [all_but(name) for name in SWITCHES])


if __name__ == "__main__":
    harness.main()
