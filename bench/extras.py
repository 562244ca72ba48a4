# SPDX-License-Identifier: ISC
#
# What is not a load of some seconds: start, memory, connections left behind,
# system calls counted, a long policy, wrk(1) as a second opinion.

import json
import os
import re
import statistics
import subprocess
import time

import candidates
from candidates import Tree, read, which

STARTS = 5
STREAMS = (1000, 9000)
LEFT = 100
EVENTS = "/v1.41/events"


def open_streams(runner, candidate, count):
    """A load generator that holds them, and how many it got."""
    child = runner.load(candidate.address, "idle",
                        ["-c", str(count), "-p", EVENTS],
                        stdin=subprocess.PIPE)
    got = int(child.stdout.readline().split()[1])
    return child, got


def settle(tree):
    """Wait until its processes are quiet."""
    last = tree.usage()["cpu"]
    for _ in range(20):
        time.sleep(0.1)
        now = tree.usage()["cpu"]
        if now - last < 0.002:
            return
        last = now


def starts(candidate):
    times = []
    for _ in range(STARTS):
        times.append(candidate.start())
        candidate.stop()
    return statistics.median(times)


def with_streams(runner, candidate, count):
    child, got = open_streams(runner, candidate, count)
    try:
        settle(candidate.tree())
        return {"asked": count, "open": got, "pss": candidate.tree().pss(),
                "private": candidate.tree().private()}
    finally:
        child.stdin.close()
        child.wait()


def left_behind(runner, candidate):
    """Event streams at the daemon a second after their clients went."""
    before = runner.bench.streams()
    child, got = open_streams(runner, candidate, LEFT)
    child.kill()
    child.wait()
    time.sleep(1)
    return {"clients": got, "left": runner.bench.streams() - before}


def memory(runner, say):
    """Each candidate alone, started anew."""
    out = {"start": {}, "idle": {}, "streams": {}, "left": {}}
    for name, c in runner.bench.candidates.items():
        if name not in ("proxyd", "tecnativa", "tuned", "nginx"):
            continue
        out["start"][name] = starts(c)
        c.start()
        settle(c.tree())
        out["idle"][name] = {"pss": c.tree().pss(),
                             "private": c.tree().private(),
                             "processes": len(c.tree().pids())}
        out["left"][name] = left_behind(runner, c)
        c.stop()
        out["streams"][name] = []
        for count in STREAMS:
            c.start()       # streams left behind must not count
            out["streams"][name].append(with_streams(runner, c, count))
            c.stop()
            wait_empty(runner.bench)
        say("start and memory of %s" % name)
    return out


def wait_empty(bench):
    for _ in range(100):
        if bench.streams() == 0:
            return
        time.sleep(0.05)


def perf_works():
    """May perf(1) count the entries into the kernel?"""
    return which("perf") is not None and subprocess.run(
        [which("perf"), "stat", "-e", "raw_syscalls:sys_enter", "true"],
        capture_output=True).returncode == 0


def perf_count(runner, c, conns):
    pids = ",".join(map(str, c.tree().pids()))
    p = subprocess.run(
        [which("perf"), "stat", "-x", ";", "-e", "raw_syscalls:sys_enter",
         "-p", pids, "--", runner.loadgen, "-c", str(conns), "-d", "0.5",
         c.address, "requests"], text=True, capture_output=True)
    counted = re.search(r"^(\d+);;raw_syscalls", p.stderr, re.M)
    return int(counted.group(1)) / max(1, json.loads(p.stdout)["done"])


def strace_count(runner, c, conns, count):
    """Calls a request by name; under strace(1) everything is slow."""
    path = os.path.join(c.dir, "strace")
    argv = [which("strace"), "-f", "-c", "-U", "calls,name", "-o", path]
    for pid in c.tree().pids():
        argv += ["-p", str(pid)]
    tracer = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)
    for _ in c.tree().pids():
        tracer.stderr.readline()        # "attached"
    child = runner.load(c.address, "requests",
                        ["-c", str(conns), "-n", str(count)])
    done = json.loads(child.communicate()[0])["done"]
    tracer.send_signal(2)
    tracer.communicate()
    calls = {name: int(n) / max(1, done) for n, name in re.findall(
        r"^\s*(\d+)\s+(\w+)\s*$", read(path), re.M) if name != "total"}
    return calls


def syscalls(runner, say):
    """Per request, GET /_ping: in all, and by name."""
    out = {}
    perf = perf_works()
    for name, c in runner.bench.candidates.items():
        if c.tree() is None:
            continue
        row = out[name] = {"by": "perf stat" if perf else "strace -c"}
        for conns in (1, 32):
            if which("strace"):
                calls = strace_count(runner, c, conns,
                                     2000 if conns == 1 else 10000)
                row["names-%d" % conns] = {
                    k: round(v, 3) for k, v in sorted(
                        calls.items(), key=lambda kv: -kv[1]) if v >= 0.005}
                row[str(conns)] = sum(calls.values())
            if perf:
                row[str(conns)] = perf_count(runner, c, conns)
    say("system calls counted")
    return out


RULES = """set socket "%s"
set log all
profile "bench" {
%s	pass read on { ping, containers }
}
listen on 127.0.0.1 port %d profile "bench"
"""


class LongPolicy(candidates.Proxyd):
    """proxyd with a configuration file of many rules."""

    def __init__(self, count, *args):
        super().__init__("rules-%d" % count, *args)
        self.path = os.path.join(self.dir, "proxyd.conf")
        body = "".join("\t%s read on containers/%s\n" % (
            "pass" if i % 2 else "block", "list" if i % 3 else "inspect")
            for i in range(count - 1))
        with open(self.path, "w") as f:
            f.write(RULES % (self.daemon, body, self.port))
        os.chmod(self.path, 0o600)

    def command(self):
        return super().command() + ["-f", self.path]

    def understood(self):
        p = subprocess.run(super().command()[:1] + ["-n", "-f", self.path],
                           stdin=subprocess.DEVNULL, capture_output=True)
        return p.returncode == 0


def rules(runner, say):
    """10 rules and 1,000, in turn; None without configuration files."""
    b = runner.bench
    few, many = (LongPolicy(n, b.bin, b.dir, b.socket) for n in (10, 1000))
    if not few.understood() or not many.understood():
        return None
    ratios = []
    few.start()
    many.start()
    for _ in range(5):
        rps = []
        for c in (few, many):
            child = runner.load(c.address, "requests", [
                "-c", "32", "-w", "0.08", "-d", "0.4", "-p",
                "/v1.41/containers/json"])
            rps.append(json.loads(child.communicate()[0])["rps"])
        ratios.append(rps[1] / rps[0])
    few.stop()
    many.stop()
    say("policy of 1,000 rules")
    return statistics.median(ratios)


def wrk(runner, say):
    out = {}
    for name, c in runner.bench.candidates.items():
        if not c.address.startswith("tcp:"):
            continue
        p = subprocess.run([which("wrk"), "-t1", "-c32", "-d1s",
                            "http://%s/_ping" % c.address[4:]],
                           text=True, capture_output=True)
        m = re.search(r"Requests/sec:\s+([\d.]+)", p.stdout)
        out[name] = float(m.group(1)) if m else None
    say("wrk")
    return out
