#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""docker-compose through proxyd: the Python one that Debian 12 has, or the
second version, from Debian 13, with the engine of there.

Three services come up, are looked at, and go down, with ALLOW_PRIVILEGED=0;
once directly and once through proxyd, with the same result.
"""

import json
import os
import re
import subprocess

import cli
import engine
import harness
from harness import check, equal

# The machine's, or the one that came with the engine.
COMPOSE = (engine.Engine.other_root() or "") + "/usr/bin/docker-compose"
FILE = os.path.join(harness.HERE, "compose", "three.yml")


def name(*words):
    """Of an image or a container, as this version puts it together."""
    return ("-" if engine.Engine.other_root() else "_").join(words)


def compose(host, *args, fails=False, input=None, project="three"):
    """Output of one command, normalised; stderr is where progress goes."""
    env = {"PATH": cli.PATH, "HOME": harness.tmpdir(), "DOCKER_HOST": host,
           "LC_ALL": "C.UTF-8", "COMPOSE_DOCKER_CLI_BUILD": "0",
           "DOCKER_BUILDKIT": "0", "COMPOSE_HTTP_TIMEOUT": "60",
           "COLUMNS": "200"}
    kw = {"stdin": subprocess.DEVNULL} if input is None else {"input": input}
    r = subprocess.run([COMPOSE, "-f", FILE, "-p", project, "--ansi",
                        "never"] +
                       list(args), env=env, timeout=120, text=True,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kw)
    check((r.returncode != 0) == fails, "docker-compose %s: %d\n%s" %
          (" ".join(args), r.returncode, r.stderr[-1500:]))
    text = re.sub(r":\d+->", ":<port>->", cli.normal(r.stdout))
    return sorted(text.splitlines())


def logs_complete(host):
    """What the three say at start, in any order, is there in the end."""
    text = "\n".join(line for line in compose(host, "logs")
                     if "Attaching to" not in line)
    return all(word in text for word in (
        "store is up", "hello from the worker", "web is up")) and text


def session(e, host):
    """One life of the project; what there was to see."""
    e.purge()
    out = []
    compose(host, "up", "-d")
    out.append(harness.poll(lambda: logs_complete(host), 30, "logs"))
    harness.poll(lambda: "healthy" in " ".join(compose(host, "ps", "store")),
                 30, "the store is healthy")
    out.append(compose(host, "ps"))
    out.append(compose(host, "exec", "-T", "web", "cat", "/etc/passwd"))
    out.append(compose(host, "exec", "-T", "worker", "cat", "/data/file"))
    out.append(compose(host, "exec", "-T", "web", "wget", "-q", "-O", "-",
                       "http://127.0.0.1:8080/group"))
    out.append(compose(host, "exec", "-T", "store", "sh", "-c", "exit 3",
                       fails=True))
    out.append(compose(host, "top")[-1:])
    out.append(compose(host, "images"))
    compose(host, "up", "-d", "--scale", "worker=2")
    out.append(e.containers())
    compose(host, "restart", "-t", "0", "web")
    compose(host, "stop", "-t", "0")
    compose(host, "down", "-v", "-t", "0")
    out.append(e.containers())
    out.append(e.json("GET", "/volumes")["Volumes"] or [])
    out.append(sorted(n["Name"] for n in e.json("GET", "/networks")))
    return json.dumps(out, indent=1).splitlines()


def errands(e, host):
    """What else one does to a project that is up; what there was to see."""
    e.purge()
    out = []
    compose(host, "up", "-d")
    compose(host, "kill", "store")
    compose(host, "start", "store")
    if engine.Engine.other_root():
        # not of the first version: it has no cp, and run wants links
        out.append(compose(host, "run", "--rm", "-T", "web", "echo", "once"))
        compose(host, "cp", FILE, "web:/srv/page")
        out.append(compose(host, "exec", "-T", "web", "cat", "/srv/page"))
        back = harness.tmpname("copied")
        compose(host, "cp", "web:/srv/page", back)
        with open(back) as f:
            out.append(f.read())
        compose(host, "up", "-d", "--wait")
    compose(host, "up", "-d", "--force-recreate", "-t", "0", "web")
    compose(host, "rm", "-fs", "worker")
    out.append(e.containers())
    compose(host, "down", "-v", "-t", "0")
    return out


def needs():
    if not os.path.exists(COMPOSE):
        return "docker-compose is not installed"
    return None


@harness.case("up -d, ps, logs, exec, scale, down on three services",
              needs)
def three_services():
    with engine.Engine() as e:
        env = dict(harness.EVERYTHING, ALLOW_PRIVILEGED="0")
        p = harness.Proxyd(e.socket, env, [
            "tcp://127.0.0.1:%d" % harness.free_port()])
        direct = session(e, e.host)
        proxied = session(e, p.addr)
        for a, b in zip(direct, proxied):
            equal(b, a, "through proxyd")
        equal(len(proxied), len(direct), "lines through proxyd")
        equal(p.log_lines("Forbidden"), [], "refused on the way")
        p.stop()


if __name__ == "__main__":
    harness.main()
