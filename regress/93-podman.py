#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A real "podman system service" behind proxyd: its Docker-compatible API,
and its own below /libpod.

The docker CLI, docker-py, podman as its own client and raw requests do the
same directly and through proxyd, on the same engine and from the same state;
statuses and output have to be equal, and the first must have worked.  Podman
is private to the case: no network, no configuration, no storage of the
machine.
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


OWN = ("ARTIFACTS BUILD COMMIT CONTAINERS EVENTS EXEC GENERATE IMAGES INFO "
       "MANIFESTS NETWORKS PLAY PODS QUADLETS SECRETS SYSTEM VOLUMES").split()


def own(**more):
    """A proxyd with all of podman's own sections on, and nothing else."""
    key = "own" + "".join(sorted(more))
    if key not in shared:
        env = {"LIBPOD_" + name: "1" for name in OWN}
        env.update(POST="1", ALLOW_ARCHIVE="1", ALLOW_EXPORT="1", **more)
        shared[key] = harness.Proxyd(world()[0].socket, env, [
            "unix://%s.sock" % harness.tmpname("own")])
    return shared[key]


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


# What podman's own API answers, with and without a version.
OWN_RAW = (
    ("GET", "/libpod/_ping"), ("HEAD", "/libpod/_ping"),
    ("GET", "/v4.3.1/libpod/info"), ("GET", "/v4.0.0/libpod/version"),
    ("GET", "/v4.3.1/libpod/containers/json?all=true"),
    ("GET", "/v4.3.1/libpod/containers/no/json"),
    ("GET", "/v4.3.1/libpod/containers/no/exists"),
    ("GET", "/v4.3.1/libpod/images/json"),
    ("GET", "/v4.3.1/libpod/images/localhost/busybox:test/json"),
    ("GET", "/v4.3.1/libpod/images/localhost%2Fbusybox:test/exists"),
    ("GET", "/v4.3.1/libpod/images/localhost%2Fbusybox:test/tree"),
    ("GET", "/v4.3.1/libpod/pods/json"), ("GET", "/v4.3.1/libpod/pods/no/json"),
    ("GET", "/v4.3.1/libpod/volumes/json"),
    ("GET", "/v4.3.1/libpod/networks/json"),
    ("GET", "/v4.3.1/libpod/secrets/json"),
    ("GET", "/v4.3.1/libpod/system/df"),
    ("GET", "/v4.3.1/libpod/manifests/no/exists"),
    ("GET", "/v4.3.1/libpod/generate/kube?names=no"),
    ("POST", "/v4.3.1/libpod/containers/no/start"),
    ("DELETE", "/v4.3.1/libpod/containers/no"),
    ("POST", "/v4.3.1/libpod/pods/no/stop"),
    ("DELETE", "/v4.3.1/libpod/volumes/no"),
    ("POST", "/v4.3.1/libpod/containers/prune"),
)
SPEC = {"image": IMAGE, "name": "own", "command": ["sleep", "1000"],
        "netns": {"nsmode": "none"}}
KUBE = b"""apiVersion: v1
kind: Pod
metadata: {name: kube}
spec:
  hostNetwork: true
  containers: [{name: c, image: "%s", command: [sleep, "9"]}]
""" % IMAGE.encode()
CREATES = (
    ("/v4.3.1/libpod/containers/create", SPEC),
    ("/v4.3.1/libpod/containers/create", dict(SPEC, privileged=True)),
    ("/v4.3.1/libpod/pods/create", {"name": "pod"}),
    ("/v4.3.1/libpod/play/kube", KUBE),
    ("/v4.3.1/libpod/kube/apply", KUBE),
    ("/v4.3.1/libpod/volumes/create", {"Name": "v", "Options": {
        "type": "none", "o": "bind", "device": "/etc"}}),
    ("/v4.3.1/libpod/networks/create", {"name": "n"}),
    ("/v4.3.1/libpod/secrets/create?name=s&driver=shell", b"x"),
    ("/v4.3.1/libpod/local/images/load?path=/etc/passwd", None),
    ("/v4.3.1/libpod/images/pull?reference=docker.io/library/x", None),
)


@harness.case("podman's own API: raw requests have the same status", missing)
def own_raw():
    e, p = world()[0], own()
    e.purge()
    for method, target in OWN_RAW:
        equal(p.request(method, target).status,
              e.request(method, target)[0], "%s %s" % (method, target))
        r = world()[1].request(method, target)
        equal(r.status, 403, "without a LIBPOD_ variable: " + target)


@harness.case("podman's own API: what creates passes only unjudged", missing)
def own_creates():
    e, p, q = world()[0], own(), own(ALLOW_PRIVILEGED="1")
    e.purge()
    for target, body in CREATES:
        headers = [] if not isinstance(body, bytes) else [
            ("Content-Type", "application/yaml")]
        r = p.request("POST", target, body, headers)
        equal(r.status, 403, target)
        check("ALLOW_PRIVILEGED=1 would" in r.message, r.message)
    equal(e.containers(), [])
    equal(e.json("GET", "/v4.3.1/libpod/pods/json"), [])
    equal(e.json("GET", "/v4.3.1/libpod/volumes/json"), [])
    r = q.request("POST", "/v4.3.1/libpod/containers/create", SPEC)
    equal(r.status, 201, r.message)
    equal(p.request("POST", "/v4.3.1/libpod/containers/own/start").status, 204)
    equal(p.request("POST", "/v4.3.1/libpod/containers/own/kill").status, 204)
    equal(e.containers(), ["own"])
    # where there is no pause binary podman itself says so, after reading it
    target = "/v4.3.1/libpod/play/kube?start=false"
    status = e.request("POST", target, KUBE)[0]
    e.request("DELETE", "/v4.3.1/libpod/pods/kube?force=true")
    r = q.request("POST", target, KUBE, [("Content-Type", "text/yaml")])
    equal(r.status, status, repr(r))
    check(r.status == 200 or b"playing YAML" in r.body, repr(r))
    q.request("DELETE", "/v4.3.1/libpod/pods/kube?force=true")
    e.purge()


def podman(sock, *args):
    """Podman as the client of one; status and output."""
    r = subprocess.run(
        [engine.which("podman"), "--remote", "--url", "unix://" + sock] +
        list(args), capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
        env={"PATH": cli.PATH, "HOME": harness.tmpdir(),
             "XDG_RUNTIME_DIR": harness.tmpdir()})
    return r.returncode, cli.normal(r.stdout), cli.normal(r.stderr)


@harness.case("podman --remote prints what it prints directly", missing)
def own_client():
    e = world()[0]
    p = own(ALLOW_PRIVILEGED="1").addr[len("unix://"):]
    steps = (("ps", "-a"), ("images", "--format", "{{.Repository}}"),
             ("pod", "ps"), ("volume", "ls"), ("network", "ls"),
             ("info", "--format", "{{.Store.GraphDriverName}}"),
             ("create", "--name", "c", "--network", "none", IMAGE, "echo",
              "said"), ("start", "c"), ("wait", "c"), ("logs", "c"),
             ("rm", "c"), ("pod", "create", "--infra=false", "--name", "p"),
             ("pod", "rm", "p"), ("system", "df"))
    outs = []
    for sock in (e.socket, p):
        e.purge()
        outs.append([podman(sock, *step) for step in steps])
    for step, direct, proxied in zip(steps, *outs):
        equal(direct[0], 0, "podman %s: %r" % (" ".join(step), direct))
        equal(proxied, direct, "podman " + " ".join(step))


@harness.case("podman's own API: a command in a container is judged", missing)
def own_exec():
    e, p, q = world()[0], own(), own(ALLOW_PRIVILEGED="1")
    e.purge()
    e.json("POST", "/containers/create?name=one", {
        "Image": IMAGE, "Cmd": ["sleep", "600"],
        "HostConfig": {"NetworkMode": "none"}})
    equal(e.request("POST", "/containers/one/start")[0], 204)
    target = "/v4.3.1/libpod/containers/one/exec"
    for body, status in (
            ({"Cmd": ["true"], "Privileged": True}, 403),
            ({"Cmd": ["true"], "privileged": True}, 400),
            ({"Cmd": ["true"], "User": "0", "user": "1"}, 400),
            ({"Cmd": ["true"], "PreserveFDs": 3}, 403), ([], 400)):
        r = p.request("POST", target, body)
        equal(r.status, status, "%r: %r" % (body, r.message))
    r = p.request("POST", target, {"Cmd": ["true"], "User": "1000"})
    equal(r.status, 201, r.message)
    shown = e.json("GET", "/v4.3.1/libpod/exec/%s/json" % r.json()["Id"])
    equal((shown["ProcessConfig"]["user"], shown["ProcessConfig"]
           ["privileged"]), ("1000", False))
    r = q.request("POST", target, {"Cmd": ["true"], "Privileged": True})
    equal(r.status, 201, r.message)
    words = ("exec", "one", "sh", "-c", "echo out; exit 3")
    equal(podman(p.addr[len("unix://"):], *words), podman(e.socket, *words))


@harness.case("podman's own API: one container, and not its neighbours",
              missing)
def own_neighbours():
    e, p = world()[0], own()
    e.purge()
    for name in ("one", "two"):
        e.json("POST", "/containers/create?name=" + name, {
            "Image": IMAGE, "Cmd": ["sleep", "600"], "HostConfig": {
                "NetworkMode": "none"}})
        equal(e.request("POST", "/containers/%s/start" % name)[0], 204, name)

    def begun():
        return e.json("GET", "/containers/two/json")["State"]["StartedAt"]
    before = begun()
    one = "/v4.3.1/libpod/containers/one"
    for method, target in (("POST", "/restart?t=0&all=true"),
                           ("POST", "/stop?t=0&all=1"),
                           ("POST", "/start?recursive=true"),
                           ("DELETE", "?force=true&depend=true")):
        r = p.request(method, one + target)
        equal(r.status, 403, target)
        check("ALLOW_PRIVILEGED=1 would" in r.message, r.message)
    for target in ("/restart?t=0&all=false", "/restart?t=0",
                   "/stop?t=0&ignore=false"):
        equal(p.request("POST", one + target).status, 204, target)
    equal(begun(), before, "two was restarted")
    equal(sorted(e.containers()), ["one", "two"])


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
