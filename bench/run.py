#!/usr/bin/python3
# SPDX-License-Identifier: ISC
#
# Measure proxyd against other proxies, the candidates in turn (A B C A B C
# ...), so that what the machine does meanwhile hits all of them.  Prints
# medians, ratios and spread as tables, and whether the targets are met;
# writes results.json, performance.svg and tables.md to the output directory.
# "make bench" calls it; docs/performance.md explains the figures.

import argparse
import json
import os
import platform
import subprocess
import sys
import time

import candidates
import extras
import report
import targets
from candidates import Bench, CLASSES, which

GIB = 1 << 30
MARKS = ("<!-- results -->", "<!-- end of results -->")

BODY = json.dumps({
    "Image": "nginx:1.25", "Hostname": "web", "Tty": False,
    "OpenStdin": False, "Cmd": ["nginx", "-g", "daemon off;"],
    "Env": ["VARIABLE_%02d=value-of-this-variable-%02d" % (i, i)
            for i in range(24)],
    "Labels": {"com.example.label.%02d" % i: "the value of label %02d" % i
               for i in range(12)},
    "ExposedPorts": {"80/tcp": {}},
    "HostConfig": {"Memory": 268435456, "AutoRemove": True,
                   "RestartPolicy": {"Name": "no"}},
}, separators=(",", ":"))

LIST = "/v1.41/containers/json"
EXEC = "/v1.41/containers/web/attach?stream=1&stdin=1&stdout=1"


class Work:
    """One kind of load: its name, group, and how loadgen is called."""

    def __init__(self, name, group, what, mode, args, unit="done"):
        self.name, self.group, self.what = name, group, what
        self.mode, self.args, self.unit = mode, args, unit

    def better(self):
        """The metric that its noise is judged by."""
        return {"requests": "rps", "down": "mibs", "up": "mibs"}.get(
            self.mode, "p50")


def requests(name, group, what, conns, *args):
    return Work(name, group, what, "requests",
                ["-c", str(conns), "-w", "0.08", "-d", "0.4"] + list(args))


WORK = [requests("%s-%d" % (name, n), "get", "GET %s, %d client%s" % (
    path, n, "" if n == 1 else "s"), n, "-p", path)
    for name, path in (("ping", "/_ping"), ("list", LIST))
    for n in (1, 32, 256)]
WORK += [
    requests("new-32", "get", "GET /_ping, a connection for each, 32 clients",
             32, "-K"),
    requests("create-32", "post",
             "POST /containers/create, %d bytes, 32 clients" % len(BODY), 32,
             "-p", "/v1.41/containers/create", "-b", BODY),
    Work("down-chunked", "stream", "1 GiB down, chunked", "down",
         ["-p", "/v1.41/images/chunk-%d/get" % GIB], "gib"),
    Work("down-length", "stream", "1 GiB down, with a length", "down",
         ["-p", "/v1.41/images/len-%d/get" % GIB], "gib"),
    Work("up-chunked", "stream", "512 MiB up, chunked", "up",
         ["-C", "-p", "/v1.41/images/load", "-s", str(GIB // 2)], "gib"),
    Work("up-length", "stream", "512 MiB up, with a length", "up",
         ["-p", "/v1.41/images/load", "-s", str(GIB // 2)], "gib"),
    Work("echo", "hijack", "round trip over an upgraded connection, 64 bytes",
         "echo", ["-d", "0.4", "-p", EXEC]),
    Work("busy", "fair", "GET /_ping, 1 client, while a download saturates",
         "requests", ["-w", "0.08", "-d", "0.5"]),
    Work("delay", "delay", "a chunk of events, written to read", "delay",
         ["-c", "8", "-n", "32", "-p", "/v1.41/events?since=300"]),
]

# Candidates of each group of work; measuring everything for everybody would
# take long and say nothing more.
PROXIES = ["direct", "proxyd", "other", "tecnativa", "tuned", "nginx"]
GROUPS = {
    "get": list(CLASSES),
    "post": PROXIES, "stream": PROXIES + ["relay"],
    "hijack": PROXIES + ["relay"], "fair": PROXIES, "delay": PROXIES,
}
# Streams cost seconds, delays nothing but time: fewer rounds are enough.
ROUNDS = {"stream": 3, "delay": 2}


def machine_busy():
    """Seconds of all processors: not idle, and taken by a hypervisor."""
    with open("/proc/stat") as f:
        t = [int(n) / os.sysconf("SC_CLK_TCK") for n in
             f.readline().split()[1:9]]
    return t[0] + t[1] + t[2] + t[5] + t[6], t[7]


class Runner:
    def __init__(self, bench):
        self.bench = bench
        self.loadgen = os.path.join(bench.bin, "bench/loadgen")

    def load(self, address, mode, args, **kw):
        argv = [self.loadgen] + args + [address, mode]
        return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, **kw)

    def measure(self, candidate, work):
        """One cell of one round."""
        tree = candidate.tree()
        busy = self.load(candidate.address, "down", [
            "-d", "30", "-p", "/v1.41/images/len-%d/get" % (64 * GIB)]) \
            if work.name == "busy" else None
        if busy:
            time.sleep(0.1)
        try:
            return self.counted(candidate, tree, work)
        finally:
            if busy:
                busy.kill()
                busy.communicate()

    def counted(self, candidate, tree, work):
        stub = extras.Tree(self.bench.stub.pid)
        before = tree.usage() if tree else None
        stub_cpu, (total, steal) = stub.usage()["cpu"], machine_busy()
        begin = time.monotonic()
        child = self.load(candidate.address, work.mode, work.args)
        out = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = status
        wall = time.monotonic() - begin
        after = tree.usage() if tree else None
        total, steal = (b - a for a, b in zip((total, steal),
                                              machine_busy()))
        if status != 0:
            raise RuntimeError("%s %s: loadgen failed" % (candidate.name,
                                                          work.name))
        cell = json.loads(out)
        ours = used.ru_utime + used.ru_stime + stub.usage()["cpu"] - stub_cpu
        if tree:
            self.per_unit(cell, work, before, after)
            ours += after["cpu"] - before["cpu"]
        share = wall * os.cpu_count()
        cell["foreign"] = max(0.0, (total - ours + steal) / share) \
            if work.name != "busy" else 0.0
        return cell

    def per_unit(self, cell, work, before, after):
        """Processor time and context switches of the candidate."""
        units = cell["bytes"] / GIB if work.unit == "gib" else cell["done"]
        # The requests before counting began cost time too.
        if work.mode == "requests":
            units *= 1 + 0.08 / max(cell["seconds"], 0.01)
        units = max(units, 1e-9)
        for key in ("cpu", "user", "system", "switches"):
            cell[key] = (after[key] - before[key]) / units


def rounds_of(work, rounds):
    return min(rounds, ROUNDS.get(work.group, rounds))


def run_work(runner, works, rounds, say):
    cells = {w.name: {} for w in works}
    everyone = runner.bench.candidates
    for r in range(rounds):
        for work in works:
            if r >= rounds_of(work, rounds):
                continue
            names = [n for n in GROUPS[work.group] if n in everyone]
            # Nobody is always first.
            names = names[r % len(names):] + names[:r % len(names)]
            for name in names:
                cell = runner.measure(everyone[name], work)
                cells[work.name].setdefault(name, []).append(cell)
        say("round %d of %d" % (r + 1, rounds))
    return cells


def versions():
    out = {"kernel": platform.release(), "processors": os.cpu_count()}
    for name, args in (("haproxy", ["-v"]), ("nginx", ["-v"])):
        if which(name):
            p = subprocess.run([which(name)] + args, text=True,
                               capture_output=True)
            out[name] = (p.stdout + p.stderr).split("\n")[0]
    return out


def arguments():
    p = argparse.ArgumentParser(description="measure proxyd against others")
    p.add_argument("-r", "--rounds", type=int, default=5)
    p.add_argument("-w", "--work", default="", help="only these: names of "
                   "work, its groups, and memory,start,syscalls,rules")
    p.add_argument("-c", "--candidates", default=",".join(CLASSES))
    p.add_argument("-o", "--output", default="build/bench-results")
    p.add_argument("-B", "--build", default=os.environ.get("B", "."))
    p.add_argument("--other", help="directory of another build of proxyd, "
                   "measured in the same rounds")
    p.add_argument("--docs", help="put the tables into this file, between "
                   "its two marks, and the plot beside it")
    p.add_argument("--wrk", action="store_true",
                   help="cross-check of ping-32 with wrk(1)")
    return p.parse_args()


def main():
    args = arguments()
    if args.other:
        candidates.Other.build = os.path.abspath(args.other)
    only = set(filter(None, args.work.split(",")))
    begin = time.monotonic()

    def say(text):
        print("bench: %4.0f s: %s" % (time.monotonic() - begin, text),
              file=sys.stderr, flush=True)

    def wanted(*names):
        return not only or only & set(names)

    works = [w for w in WORK if wanted(w.name, w.group)]
    data = {"date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
            "rounds": args.rounds, "versions": versions(), "extras": {},
            "works": {w.name: {"what": w.what, "mode": w.mode,
                               "metric": w.better()} for w in works}}
    with Bench(os.path.abspath(args.build),
               args.candidates.split(",")) as bench:
        data["candidates"] = {n: c.title for n, c in bench.candidates.items()}
        runner = Runner(bench)
        if wanted("start", "memory"):
            data["extras"].update(extras.memory(runner, say))
        for c in bench.candidates.values():
            c.start()
        data["cells"] = run_work(runner, works, args.rounds, say)
        if wanted("syscalls"):
            data["extras"]["syscalls"] = extras.syscalls(runner, say)
        data["extras"]["loglines"] = {
            n: c.log_lines() for n, c in bench.candidates.items()}
        if wanted("rules"):
            data["extras"]["rules"] = extras.rules(runner, say)
        if args.wrk and which("wrk"):
            data["extras"]["wrk"] = extras.wrk(runner, say)
    data["seconds"] = time.monotonic() - begin
    data["targets"] = targets.judge(data)
    save(data, args)


def save(data, args):
    text, plot = report.tables(data), report.svg(data)
    os.makedirs(args.output, exist_ok=True)
    for name, content in (("results.json", json.dumps(data, indent=1)),
                          ("performance.svg", plot), ("tables.md", text)):
        with open(os.path.join(args.output, name), "w") as f:
            f.write(content)
    if args.docs:
        with open(args.docs) as f:
            page = f.read()
        before, _, rest = page.partition(MARKS[0])
        with open(args.docs, "w") as f:
            f.write(before + MARKS[0] + "\n\n" + text + "\n" + MARKS[1] +
                    rest.partition(MARKS[1])[2])
        with open(os.path.splitext(args.docs)[0] + ".svg", "w") as f:
            f.write(plot)
    print(text)


if __name__ == "__main__":
    main()
