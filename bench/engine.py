#!/usr/bin/python3
# SPDX-License-Identifier: ISC
#
# What users do with docker(1), through a real dockerd: the private one of
# regress/engine.py, directly and through each proxy in turn.  Wall clock
# time of the command and processor time of the proxy's processes.
# "make bench-engine" calls it; needs root.

import argparse
import importlib.util
import io
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time

from candidates import CLASSES, TOP, raise_nofile
from report import grid

CANDIDATES = ("direct", "proxyd", "tecnativa", "tuned")
MIB = 1 << 20


def regress_engine():
    """Its file has this one's name; what it imports stands beside it."""
    sys.path.append(os.path.join(TOP, "regress"))
    spec = importlib.util.spec_from_file_location(
        "regress_engine", os.path.join(TOP, "regress/engine.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Zeros(io.RawIOBase):
    """So many bytes, without holding them."""

    def __init__(self, size):
        self.left = size

    def readinto(self, b):
        n = min(len(b), self.left)
        b[:n] = bytes(n)
        self.left -= n
        return n

    def readable(self):
        return True


def write_tar(path, size):
    """A root file system of one large file, for docker import."""
    with tarfile.open(path, "w") as tar:
        info = tarfile.TarInfo("large")
        info.size = size
        tar.addfile(info, io.BufferedReader(Zeros(size), MIB))


class Commands:
    """The commands of a user; host is the DOCKER_HOST to use."""

    def __init__(self, engine, work, size):
        self.engine, self.work, self.size = engine, work, size
        self.docker = "/usr/bin/docker" if os.path.exists(
            "/usr/bin/docker") else engine_module.which("docker")

    def prepare(self):
        tar = os.path.join(self.work, "large.tar")
        write_tar(tar, self.size)
        self.run(self.engine.host, "import", tar, "large:test")
        os.unlink(tar)
        self.saved = os.path.join(self.work, "saved.tar")
        with open(self.saved, "wb") as f:
            self.run(self.engine.host, "save", "large:test", stdout=f)
        self.file = os.path.join(self.work, "file")
        with open(self.file, "wb") as f:
            f.truncate(self.size // 4)
        self.run(self.engine.host, "run", "-d", "--name", "target",
                 self.engine.IMAGE, "sleep", "100000")

    def run(self, host, *args, **kw):
        p = self.popen(host, *args, **kw)
        out = p.communicate()
        if p.returncode != 0:
            raise RuntimeError("docker %s: %s" % (" ".join(args), out[1]))

    def popen(self, host, *args, **kw):
        kw.setdefault("stdin", subprocess.DEVNULL)
        kw.setdefault("stdout", subprocess.DEVNULL)
        env = {"PATH": os.environ.get("PATH", ""), "DOCKER_HOST": host,
               "HOME": self.work, "LC_ALL": "C.UTF-8"}
        return subprocess.Popen([self.docker] + list(args), env=env,
                                stderr=subprocess.PIPE, text=True, **kw)

    def ps(self, host):
        for _ in range(5):
            self.run(host, "ps", "-a")

    def run_true(self, host):
        self.run(host, "run", "--rm", "--network", "none",
                 self.engine.IMAGE, "true")

    def save(self, host):
        cat = subprocess.Popen(["cat"], stdin=subprocess.PIPE,
                               stdout=subprocess.DEVNULL)
        self.run(host, "save", "large:test", stdout=cat.stdin)
        cat.stdin.close()
        cat.wait()

    def load(self, host):
        self.run(host, "load", "-i", self.saved)

    def cp_to(self, host):
        self.run(host, "cp", self.file, "target:/tmp/file")

    def cp_from(self, host):
        with open(os.devnull, "wb") as null:
            self.run(host, "cp", "target:/bin", "-", stdout=null)
            self.run(host, "cp", "target:/tmp/file", "-", stdout=null)

    def exec_50(self, host):
        many = [self.popen(host, "exec", "target", "true")
                for _ in range(50)]
        failed = [p.communicate()[1] for p in many]
        if any(p.returncode for p in many):
            raise RuntimeError("docker exec: %s" % max(failed))


def work_list(c):
    gib = "%g GiB" % (c.size / (1 << 30))
    return [("docker ps -a, five times", c.ps),
            ("docker run --rm ... true", c.run_true),
            ("docker save, %s | cat" % gib, c.save),
            ("docker load, %s" % gib, c.load),
            ("docker cp, %d MiB into a container" % (c.size // 4 // MIB),
             c.cp_to),
            ("docker cp, the same out of it", c.cp_from),
            ("50 docker exec at once", c.exec_50)]


def measure(candidate, command):
    tree = candidate.tree()
    host = candidate.address.replace("unix:", "unix://").replace(
        "tcp:", "tcp://")
    before = tree.usage()["cpu"] if tree else 0
    begin = time.monotonic()
    command(host)
    return {"wall": time.monotonic() - begin,
            "cpu": tree.usage()["cpu"] - before if tree else None}


def tables(results):
    rows = [["wall ms (CPU ms of the proxy)"] + list(CANDIDATES) +
            ["proxyd by direct", "CPU by tecnativa"]]
    for what, cells in results.items():
        row = [what]
        mid = {}
        for name in CANDIDATES:
            wall = statistics.median(c["wall"] for c in cells[name])
            cpu = [c["cpu"] for c in cells[name] if c["cpu"] is not None]
            mid[name] = (wall, statistics.median(cpu) if cpu else None)
            row.append("%.0f" % (wall * 1000) + (
                " (%.1f)" % (mid[name][1] * 1000) if cpu else ""))
        row.append("%.2f" % (mid["proxyd"][0] / mid["direct"][0]))
        row.append("%.2f" % (mid["proxyd"][1] / mid["tecnativa"][1]))
        rows.append(row)
    return grid(rows)


def compare(engine, work, bin_dir, rounds, size):
    commands = Commands(engine, work, size)
    commands.prepare()
    candidates = {n: CLASSES[n](n, bin_dir, work, engine.socket)
                  for n in CANDIDATES}
    results = {}
    try:
        for c in candidates.values():
            c.start()
        for r in range(rounds):
            for what, command in work_list(commands):
                for name, c in candidates.items():
                    results.setdefault(what, {}).setdefault(
                        name, []).append(measure(c, command))
            print("bench: round %d of %d" % (r + 1, rounds),
                  file=sys.stderr, flush=True)
    finally:
        for c in candidates.values():
            c.stop()
    return results


engine_module = regress_engine()


def main():
    p = argparse.ArgumentParser(description="proxyd before a real dockerd")
    p.add_argument("-r", "--rounds", type=int, default=3)
    p.add_argument("-s", "--size", type=int, default=1024, help="MiB")
    p.add_argument("-o", "--output", default="build/bench-results")
    p.add_argument("-B", "--build", default=os.environ.get("B", "."))
    args = p.parse_args()
    raise_nofile()
    with engine_module.Engine() as engine, \
            tempfile.TemporaryDirectory(prefix="proxyd-bench.") as work:
        os.chmod(work, 0o755)
        results = compare(engine, work, os.path.abspath(args.build),
                          args.rounds, args.size * MIB)
        save(results, args.output)


def save(results, output):
    text = tables(results)
    os.makedirs(output, exist_ok=True)
    with open(os.path.join(output, "engine.json"), "w") as f:
        json.dump(results, f, indent=1)
    with open(os.path.join(output, "engine.md"), "w") as f:
        f.write(text)
    print(text, flush=True)


if __name__ == "__main__":
    main()
