# SPDX-License-Identifier: ISC
"""proxyd -n -l: from the log of a running proxyd to the configuration that
passes the same requests and refuses others, and who reads that log."""

import os
import re
import subprocess

from harness import (PROXYD, Proxyd, Skip, Stub, case, check, equal, main,
                     poll, sanitized, sentinel, tmpname)

LOG = "".join("2026-11-21T22:05:3%dZ proxyd: uid=7,pid=9 %s\n" % pair
              for pair in enumerate((
                  "ping GET /_ping 200 2B 0.4ms rule default",
                  "info GET /info 403 rule default: Forbidden - info is "
                  "not allowed")))
CREATE = {"Image": "nginx:1", "HostConfig": {
    "Binds": ["/srv/www:/www:ro", "data:/data"], "CapAdd": ["NET_ADMIN"],
    "NetworkMode": "host"}}
REQUESTS = [
    ("GET", "/_ping", None),
    ("GET", "/v1.41/version", None),
    ("GET", "/v1.41/containers/json?all=1", None),
    ("GET", "/containers/web/json", None),
    ("POST", "/v1.41/containers/create?name=x", CREATE),
    ("POST", "/v1.41/containers/web/start", None),
    ("POST", "/v1.41/containers/web/stop?t=1", None),
    ("POST", "/v1.41/containers/db/start", None),
    ("POST", "/v1.41/containers/db/stop", None),
    ("GET", "/v1.41/images/ghcr.io%2fx%2fy:1/json", None),
    ("DELETE", "/v1.41/networks/" + "0f" * 32, None),
    ("POST", "/v1.41/networks/n1/connect", {"Container": "web"}),
    ("POST", "/v1.41/commit?container=web&repo=snap", None),
]
WRITABLE = {"Image": "nginx:1", "HostConfig": {"Binds": ["/srv/www:/www"]}}
NEIGHBOURS = [
    ("GET", "/v1.41/info", None),
    ("GET", "/containers/other/json", None),
    ("GET", "/containers/web/logs", None),
    ("POST", "/v1.41/containers/other/start", None),
    ("POST", "/v1.41/containers/web/kill", None),
    ("DELETE", "/v1.41/containers/web", None),
    ("GET", "/v1.41/images/ghcr.io%2fx%2fz:1/json", None),
    ("GET", "/v1.41/networks/" + "0f" * 32, None),
    ("POST", "/v1.41/networks/n2/connect", {"Container": "web"}),
    ("POST", "/v1.41/networks/n1/disconnect", {"Container": "web"}),
    ("POST", "/v1.41/commit?container=web&repo=other", None),
    ("POST", "/v1.41/containers/create", {"Image": "nginx:2"}),
    ("POST", "/v1.41/containers/create", WRITABLE),
    ("POST", "/v1.41/containers/create",
     dict(CREATE, HostConfig={"Binds": ["/srv:/www:ro"]})),
    ("POST", "/v1.41/containers/create",
     dict(CREATE, HostConfig={"Privileged": True})),
    ("POST", "/v1.41/containers/create",
     dict(CREATE, HostConfig={"CapAdd": ["SYS_ADMIN"]})),
]
ROUNDS = 8


def learn(log, status=0):
    """What is written to standard output for these lines."""
    r = subprocess.run([PROXYD, "-n", "-l", "-"], input=log.encode(),
                       capture_output=True, timeout=60)
    equal(r.returncode, status, r.stderr)
    return r.stdout.decode()


def serve(stub, text):
    """A proxyd with this configuration."""
    name = tmpname("conf")
    listen = "unix://" + tmpname("learned") + ".sock"
    text = re.sub(r'listen on "[^"]*"', 'listen on "%s"' % listen[7:], text)
    text = re.sub(r'set socket "[^"]*"', 'set socket "%s"' % stub.path, text)
    with open(name, "w", opener=lambda path, flags:
              os.open(path, flags, 0o600)) as f:
        f.write(text)
    run = tmpname("run")
    with open(run, "w") as f:
        f.write('#!/bin/sh\nexec %s -f %s "$@"\n' % (PROXYD, name))
    os.chmod(run, 0o755)
    return Proxyd(stub, {}, listen=[listen], binary=run)


def replay(proxyd, requests):
    """The requests that are refused."""
    return [(r, text) for r, text in
            ((proxyd.request(method, target, body), (method, target, body))
             for method, target, body in requests) if r.status == 403]


def learn_in_rounds(first, log_of, rounds=ROUNDS):
    """Ask, learn, and ask again until nothing is refused."""
    stub = Stub()
    log = ""
    text = first
    for _ in range(rounds):
        proxyd = serve(stub, text)
        refused = replay(proxyd, REQUESTS)
        sentinel(proxyd, stub)
        proxyd.stop()
        if not refused and text != first:
            return stub, text
        log += log_of(proxyd.log())
        text = learn(log)
    check(False, "still refused: %r\n%s" % (refused, text))


def exact(text, stub):
    for line in ('allow bind "/srv/www" read-only', 'allow image "nginx:1"',
                 'allow volume "data"', 'allow network "n1"',
                 'allow image "snap:latest"', "allow capability NET_ADMIN",
                 "allow host network", '"/containers/web/json"',
                 '"/images/ghcr.io/x/y:1/json"'):
        check(line in text, "%r in\n%s" % (line, text))
    check("privileged" not in re.sub("(?m)#.*", "", text), text)
    proxyd = serve(stub, text)
    equal(replay(proxyd, REQUESTS), [])
    equal(len(replay(proxyd, NEIGHBOURS)), len(NEIGHBOURS),
          "of the neighbours")
    proxyd.stop()
    stub.stop()


@case("mode audit, once: all of it passes then, its neighbours do not")
def audit():
    stub, text = learn_in_rounds(
        'set socket "x"\nprofile "p" {\n\tmode audit\n}\n'
        'listen on "x" profile "p"\n', lambda log: log, rounds=2)
    exact(text, stub)


@case("the same from the refusals of a profile with nothing in it")
def refused():
    # A container that passed says that its image was allowed, not which.
    stub, text = learn_in_rounds(
        'set socket "x"\nprofile "p" {\n\tpass on ping\n'
        '\tpass on containers/create\n\tallow image "none"\n}\n'
        'listen on "x" profile "p"\n',
        lambda log: "".join(line + "\n" for line in log.splitlines()
                            if "/create 201 " not in line))
    exact(text, stub)


@case("a file that only root may read is read, and by somebody else")
def root_file():
    if os.geteuid() != 0:
        raise Skip("not root")
    name = tmpname("log")
    with open(name, "w") as f:
        f.write(LOG)
    os.chmod(name, 0o600)
    os.chown(name, 0, 0)
    r = subprocess.run([PROXYD, "-n", "-l", name], capture_output=True,
                       timeout=60, text=True)
    equal((r.returncode, r.stderr), (0, ""))
    check("pass read on { ping, info }" in r.stdout, r.stdout)


@case("while it reads: no root, no capability, no way to get any")
def dropped():
    if os.geteuid() != 0 or sanitized():
        raise Skip("not root, or a sanitizer build")
    with subprocess.Popen([PROXYD, "-n", "-l", "-"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as proc:
        def status():
            with open("/proc/%d/status" % proc.pid) as f:
                return dict(line.rstrip("\n").split(":\t", 1) for line in f
                            if ":\t" in line)
        poll(lambda: status()["NoNewPrivs"] == "1", text="privileges dropped")
        have = status()
        for name in ("Uid", "Gid"):
            check("0" not in have[name].split(), have[name])
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            equal(int(have[name], 16), 0, name)
        out, _ = proc.communicate(LOG.encode(), timeout=20)
        check(b'profile "learned"' in out, out)
        equal(proc.returncode, 0)


@case("a log without requests, no such file, -l without -n: status 1")
def nothing():
    equal(learn("proxyd: nothing\n", status=1), "")
    for argv in (["-n", "-l", tmpname("none")], ["-l", "-"]):
        r = subprocess.run([PROXYD] + argv, stdin=subprocess.DEVNULL,
                           capture_output=True, timeout=20)
        equal((r.returncode, r.stdout), (1, b""), argv)
        check(r.stderr, "says why")


@case("a million different lines fit into 100 MB of address space")
def large():
    if sanitized():
        raise Skip("a sanitizer build")
    line = ("proxyd: uid=%d,pid=9 containers/create POST /containers/create "
            "audit rule default: Forbidden - x (allow bind \"/%d\" would)\n"
            "proxyd: uid=%d,pid=9 containers/start POST /containers/c%d/start"
            " 204 0B 0.1ms rule default\n")

    with subprocess.Popen(
            ["sh", "-c", 'ulimit -v 100000; exec "$@"', "sh", PROXYD, "-n",
             "-l", "-"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE) as proc:
        for start in range(0, 500000, 1000):
            proc.stdin.write("".join(
                line % (i, i, i, i)
                for i in range(start, start + 1000)).encode())
        out, _ = proc.communicate(timeout=60)
        equal(proc.returncode, 0)
        check(b"INCOMPLETE" in out, "says what is missing")


if __name__ == "__main__":
    main()
