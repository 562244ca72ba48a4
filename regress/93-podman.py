#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A real "podman system service" behind proxyd: its Docker-compatible API.

The docker CLI, docker-py and raw requests do the same directly and through
proxyd, on the same engine and from the same state; statuses and output have
to be equal, and the first must have worked.  Podman is private to the case:
no network, no configuration, no storage of the machine.
"""

import subprocess

import cli
import engine
import harness
from harness import Failed, check, equal

PYTHON = "/usr/bin/python3"     # the one that has the distribution's modules
DOCKER = "/usr/bin/docker"
IMAGE = engine.Podman.IMAGE
NET = ("--network", "none")

# Steps: arguments; the same line goes to the standard input of each.
FLOWS = (
    ("version", [("version", "--format",
                  "{{.Server.Version}} {{.Server.APIVersion}}")]),
    ("info", [("info", "--format", "{{.Driver}}")]),
    ("ps", [("ps", "-a", "--format", "{{.Names}}")]),
    ("images", [("images", "--format", "{{.Repository}}:{{.Tag}}"),
                ("image", "inspect", IMAGE, "--format", "{{.Config.Cmd}}"),
                ("history", "-q", IMAGE)]),
    ("create, start, logs, rm", [
        ("create", "--name", "one") + NET + (IMAGE, "echo", "said"),
        ("start", "one"), ("wait", "one"), ("logs", "one"),
        ("inspect", "one", "--format", "{{.State.ExitCode}}"),
        ("rm", "one"), ("ps", "-aq")]),
    ("run -d, exec, rename, kill", [
        ("run", "-d", "--name", "two") + NET + (IMAGE, "sleep", "1000"),
        ("exec", "two", "sh", "-c", "echo out; exit 3"),
        ("exec", "-i", "two", "cat"), ("exec", "-w", "/srv", "two", "pwd"),
        ("rename", "two", "renamed"), ("kill", "renamed"),
        ("wait", "renamed"), ("rm", "renamed")]),
    ("pause, unpause, restart, stop", [
        ("run", "-d", "--name", "three") + NET + (IMAGE, "sleep", "1000"),
        ("pause", "three"), ("unpause", "three"),
        ("restart", "-t", "0", "three"), ("stop", "-t", "0", "three"),
        ("rm", "-f", "three")]),
    ("cp both ways", [
        ("create", "--name", "four") + NET + (IMAGE, "true"),
        ("cp", "four:/srv/page", "-"), ("rm", "four")]),
    ("tag and untag", [("tag", IMAGE, "localhost/other:tag"),
                       ("rmi", "localhost/other:tag")]),
    ("volumes", [("volume", "create", "vol"), ("volume", "ls", "-q"),
                 ("run", "--rm", "-v", "vol:/v") + NET +
                 (IMAGE, "ls", "-d", "/v"),
                 ("volume", "inspect", "vol", "--format", "{{.Driver}}"),
                 ("volume", "rm", "vol")]),
    ("networks", [("network", "create", "net"),
                  ("network", "ls", "--format", "{{.Name}}"),
                  ("network", "inspect", "net", "--format", "{{.Driver}}"),
                  ("network", "rm", "net")]),
    ("prune", [("container", "prune", "-f"), ("volume", "prune", "-f")]),
)
# What fails directly fails with the same status and text through proxyd.
FAILING = (("logs", "nobody"), ("rm", "nobody"), ("inspect", "nobody"),
           ("run", "--rm") + NET + (IMAGE, "no-such-program"),
           ("volume", "rm", "nobody"), ("network", "rm", "nobody"))

shared = {}


def world():
    """One podman and one proxyd for the whole file."""
    if not shared:
        e = shared["engine"] = engine.Podman()
        e.start()
        shared["proxyd"] = harness.Proxyd(
            e.socket, dict(harness.EVERYTHING),
            ["tcp://127.0.0.1:%d" % harness.free_port()])
    return shared["engine"], shared["proxyd"]


def missing():
    return engine.Podman.missing()


def no_cli():
    return missing() or (None if engine.which("docker") else
                         "no docker CLI is installed")


def no_docker_py():
    r = subprocess.run([PYTHON, "-c", "import docker"], capture_output=True)
    return missing() or ("python3-docker is not installed" if r.returncode
                         else None)


def transcript(host, steps):
    """(status, output, errors) of every step."""
    out = []
    for args in steps:
        r = engine.cli(DOCKER, host, *args, input=b"through\n",
                       home=harness.tmpdir())
        out.append((args[0], r.returncode, cli.normal(r.stdout),
                    cli.normal(r.stderr)))
    return out


@harness.case("the docker CLI gives what it gives directly", no_cli)
def docker_cli():
    e, p = world()
    bad = []
    for title, steps in FLOWS:
        e.purge()
        direct = transcript(e.host, steps)
        e.purge()
        proxied = transcript(p.addr, steps)
        worked = all(s == 0 or args[-1].endswith("exit 3") for args, (
            _, s, _, _) in zip(steps, direct))
        print("# %-40s %s %s" % (title, "ok" if worked else "FAILS",
                                 "same" if direct == proxied else "DIFFERS"),
              flush=True)
        if not worked:
            bad.append("%s: directly %r" % (title, direct))
        for a, b in zip(direct, proxied):
            if a != b:
                bad.append("%s: directly %r, through proxyd %r" %
                           (title, a, b))
    if bad:
        raise Failed("\n  ".join(bad))


@harness.case("what fails directly fails alike", no_cli)
def failing():
    e, p = world()
    for step in FAILING:
        e.purge()
        direct = transcript(e.host, [step])
        e.purge()
        check(direct[0][1] != 0, "worked: %r" % (direct,))
        equal(transcript(p.addr, [step]), direct, " ".join(step))


RAW = (
    ("GET", "/_ping"), ("HEAD", "/_ping"), ("GET", "/version"),
    ("GET", "/v1.41/info"), ("GET", "/v1.41/containers/json?all=1"),
    ("GET", "/v1.41/images/json"), ("GET", "/v1.41/volumes"),
    ("GET", "/v1.41/networks"), ("GET", "/v1.41/containers/no/json"),
    ("GET", "/v1.41/images/no/json"), ("GET", "/v1.41/volumes/no"),
    ("GET", "/v1.41/networks/no"), ("GET", "/v1.41/exec/%s/json" % ("0" * 64)),
    ("GET", "/v1.41/images/localhost/busybox:test/json"),
    ("GET", "/v1.41/images/localhost%2Fbusybox:test/json"),
    ("GET", "/v1.41/images/localhost/busybox:test/history"),
    ("DELETE", "/v1.41/containers/no"), ("DELETE", "/v1.41/volumes/no"),
    ("POST", "/v1.41/containers/no/start"),
    ("POST", "/v1.41/containers/no/kill?signal=TERM"),
)


@harness.case("raw requests have the same status", missing)
def raw():
    e, p = world()
    e.purge()
    for method, target in RAW:
        equal(p.request(method, target).status,
              e.request(method, target)[0], "%s %s" % (method, target))


@harness.case("what needs the host is refused, and podman has none of it",
              missing)
def refused():
    e, p = world()
    e.purge()
    for host in ({"Privileged": True}, {"Binds": ["/etc:/h"]},
                 {"PidMode": "host"}, {"CapAdd": ["SYS_ADMIN"]},
                 {"NetworkMode": "host"}):
        r = p.request("POST", "/v1.41/containers/create?name=bad",
                      {"Image": IMAGE, "HostConfig": host})
        equal(r.status, 403, repr(host))
    equal(e.containers(), [])


SCRIPT = """
import sys
import docker
d = docker.DockerClient(sys.argv[1], timeout=60)
print(d.ping(), d.version()["Version"], d.info()["Driver"])
print([i.tags for i in d.images.list()])
c = d.containers.create("%s", ["sh", "-c", "echo said; sleep 1000"],
                        name="py", network_mode="none")
c.start()
print(next(c.logs(stream=True, follow=True)))
print(c.exec_run(["sh", "-c", "echo out; echo err >&2; exit 3"], demux=True))
v = d.volumes.create("py-volume")
print([x.name for x in d.volumes.list()])
v.remove()
n = d.networks.create("py-network")
print("py-network" in [x.name for x in d.networks.list()])
n.remove()
print([x.name for x in d.containers.list()])
c.kill()
print(c.wait()["StatusCode"])
c.remove()
try:
    d.containers.get("py")
except docker.errors.NotFound as e:
    print(e.status_code)
print("done")
""" % IMAGE


@harness.case("docker-py prints what it prints directly", no_docker_py)
def docker_py():
    e, p = world()
    outs = []
    for host in (e.host, p.addr):
        e.purge()
        r = subprocess.run([PYTHON, "-B", "-c", SCRIPT, host], timeout=120,
                           capture_output=True, text=True,
                           stdin=subprocess.DEVNULL)
        check(r.stdout.endswith("done\n"), "%s: %s%s" % (
            host, r.stdout, r.stderr[-2000:]))
        outs.append(r.stdout)
    equal(outs[1], outs[0])


if __name__ == "__main__":
    harness.main()
