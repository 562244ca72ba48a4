# SPDX-License-Identifier: ISC
"""What a request costs, counted and not timed: system calls of both
processes, and allocations of proxyd's own code, for requests on a kept
connection.  Each bound is what was measured and a little more; a change that
goes over it must say why."""

import os
import re
import shutil
import subprocess

import harness
from harness import (EVERYTHING, Proxyd, Stub, case, check, main, pair,
                     request, tmpname)

REQUESTS = 400
# One client waits for each answer, so nothing is shared between requests:
# filter epoll_wait recvfrom sendto epoll_wait recvmsg sendto,
# parent epoll_wait recvmsg sendto epoll_wait recvfrom sendto.
CALLS_ONE = 12.3
# Sixteen requests sent at once share what is not their own input and output.
CALLS_BATCH = 5.4
JSON = dict(EVERYTHING, PROXYD_LOG_FORMAT="json")
WRAP = "-Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc"


def total_calls(text):
    """The sum of strace -c."""
    calls = 0
    for line in text.splitlines():
        m = re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$",
                     line)
        if m and m.group(2) not in ("total", "restart_syscall"):
            calls += int(m.group(1))
    return calls


def traced(proxyd, work):
    """System calls of all processes of proxyd while work runs."""
    out = tmpname("strace")
    argv = ["strace", "-f", "-c", "-o", out]
    for pid in [proxyd.pid] + proxyd.filters():
        argv += ["-p", str(pid)]
    tracer = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True)
    attached = 0
    while attached < 1 + len(proxyd.filters()):
        line = tracer.stderr.readline()
        check(line, "strace ended")
        attached += "attached" in line
    work()
    tracer.terminate()
    tracer.stderr.read()
    tracer.wait(timeout=20)
    with open(out) as f:
        return total_calls(f.read())


def without_strace():
    return None if shutil.which("strace") else "strace is not installed"


def calls_one(env):
    """One client that waits for each answer; system calls a request."""
    stub, proxyd = pair(env)
    with proxyd.client() as c:
        def work():
            for _ in range(REQUESTS):
                c.send(request("GET", "/_ping"))
                c.response()
        work()
        each = traced(proxyd, work) / REQUESTS
    proxyd.stop()
    stub.stop()
    return each


@case("system calls a request, one at a time; no more with a log in JSON",
      needs=without_strace)
def one():
    for env in (EVERYTHING, JSON):
        each = calls_one(env)
        print("# %.2f system calls a request, at most %.1f" %
              (each, CALLS_ONE))
        check(0 < each <= CALLS_ONE, "%.2f system calls a request" % each)


@case("system calls a request, sixteen clients at once", needs=without_strace)
def batch():
    stub, proxyd = pair(EVERYTHING)
    clients = [proxyd.client().__enter__() for _ in range(16)]

    def work():
        for _ in range(REQUESTS // 4):
            for c in clients:
                c.send(request("GET", "/_ping"))
            for c in clients:
                c.response()
    work()
    each = traced(proxyd, work) / (REQUESTS // 4 * len(clients))
    for c in clients:
        c.__exit__(None, None, None)
    print("# %.2f system calls a request, at most %.1f" % (each, CALLS_BATCH))
    check(0 < each <= CALLS_BATCH, "%.2f system calls a request" % each)
    proxyd.stop()
    stub.stop()


def counting_build():
    """proxyd with a counter in its allocations; the directory."""
    where = os.path.join("build", "count")
    src = os.path.join(harness.HERE, "alloc_count.c")
    os.makedirs(os.path.join(harness.TREE, where), exist_ok=True)
    obj = os.path.join(where, "alloc_count.o")
    subprocess.run([os.environ.get("CC", "cc"), "-O2", "-fPIE", "-c", "-o",
                    obj, src], cwd=harness.TREE, check=True, timeout=60)
    env = {k: v for k, v in os.environ.items() if k not in ("B", "MAKEFLAGS",
                                                            "SANITIZE")}
    r = subprocess.run(["make", "B=" + where, "all",
                        "LDFLAGS=%s %s" % (WRAP, obj)], cwd=harness.TREE,
                       env=env, stdin=subprocess.DEVNULL, text=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       timeout=300)
    check(r.returncode == 0, r.stdout[-2000:])
    return os.path.join(harness.TREE, where)


def counter(pid, program):
    """The value of alloc_count in that process."""
    out = subprocess.run(["nm", program], stdout=subprocess.PIPE, text=True,
                         check=True).stdout
    offset = int(re.search(r"^([0-9a-f]+) \w alloc_count$", out, re.M)[1], 16)
    with open("/proc/%d/maps" % pid) as f:
        base = min(int(line.split("-")[0], 16) for line in f
                   if os.path.basename(program) in line)
    with open("/proc/%d/mem" % pid, "rb") as f:
        f.seek(base + offset)
        return int.from_bytes(f.read(8), "little")


@case("no allocation for a request on a kept connection, whatever the log")
def allocations():
    where = counting_build()
    programs = [os.path.join(where, "proxyd/proxyd"),
                os.path.join(where, "filter/proxyd-filter")]
    for env in (EVERYTHING, JSON):
        allocated(programs, env)


def allocated(programs, env):
    stub = Stub()
    proxyd = Proxyd(stub, env, binary=programs[0])
    with proxyd.client() as c:
        def work(n):
            for _ in range(n):
                c.send(request("GET", "/v1.41/containers/json"))
                c.response()
        work(50)
        pids = [proxyd.pid] + proxyd.filters()
        before = [counter(p, x) for p, x in zip(pids, programs)]
        check(all(before), "nothing counted: %r" % before)
        work(REQUESTS)
        after = [counter(p, x) for p, x in zip(pids, programs)]
    grown = [b - a for a, b in zip(before, after)]
    print("# allocations of parent and filter in %d requests: %r"
          % (REQUESTS, grown))
    check(max(grown) <= 2, "allocations: %r" % grown)
    proxyd.stop()
    stub.stop()


if __name__ == "__main__":
    main()
