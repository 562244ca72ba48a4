#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What the policy refuses, asked for with the real docker CLI.

After each refusal the engine is looked at past the proxy: nothing may have
come into being.
"""

import os
import shutil

import cli
import engine
import harness
from harness import check, equal

IMAGE = engine.Engine.IMAGE
shared = {}


def eng():
    if "engine" not in shared:
        shared["engine"] = engine.Engine()
        shared["engine"].start()
    return shared["engine"]


def fresh(container=False):
    """Nothing from before; one running container to aim at, if wanted."""
    e = eng()
    e.purge()
    if container:
        equal(e.docker("run", "-d", "--name", "there", IMAGE, "sleep",
                       "1000").returncode, 0, "run")
    return state()


def workspace():
    """What may be mounted, and something next to it that may not."""
    if "workspace" not in shared:
        top = shared["workspace"] = harness.tmpname("workspace")
        os.makedirs(top + "/data")
        with open(top + "/data/file", "w") as f:
            f.write("of the workspace\n")
        shutil.copytree(top, top + "x")         # the same prefix, not below
        os.mkdir(top + ".other")
    return shared["workspace"]


def proxyd(**env):
    """With this environment only; one of each kind is kept running."""
    key = repr(sorted(env.items()))
    if key not in shared:
        shared[key] = harness.Proxyd(eng().socket, env)
    return shared[key]


def closed():
    env = dict(harness.EVERYTHING, WORKSPACE_ROOT=workspace())
    return proxyd(**env)


def docker_clis():
    other = engine.which("docker")
    return [d for d in sorted({"/usr/bin/docker", other or ""})
            if os.path.exists(d)]


def client(p, docker="/usr/bin/docker"):
    return cli.Cli(docker, p.addr, harness.tmpdir())


def state():
    """Everything a write could change."""
    e = eng()
    return (e.json("GET", "/containers/json?all=1") and [
        (c["Names"], c["State"]) for c in
        e.json("GET", "/containers/json?all=1")],
        sorted((i["Id"], i["RepoTags"]) for i in
               e.json("GET", "/images/json")),
        sorted(n["Name"] for n in e.json("GET", "/networks")),
        sorted(v["Name"] for v in e.json("GET", "/volumes")["Volumes"] or []))


def refused(p, *args, words=(), docker="/usr/bin/docker", input=None):
    """The CLI fails and says Forbidden and why; logged() counts them."""
    r = client(p, docker).run(*args, input=input)
    text = (r.stderr + r.stdout).decode(errors="replace")
    what = "docker " + " ".join(args)
    check(r.returncode != 0, "%s succeeds" % what)
    # of a refused hijack the CLI shows the status alone
    shown = ("403",) if args[0] == "attach" else ("Forbidden",)
    for word in shown + tuple(words):
        check(word in text, "%s: %r lacks %r" % (what, text, word))
    shared[p] = shared.get(p, 0) + 1
    return text


def logged(p):
    """Each refusal has its line."""
    harness.poll(lambda: p.log().count("Forbidden") >= shared[p], 10,
                 "%d lines with Forbidden" % shared[p])


def works(p, *args, **kw):
    r = client(p).run(*args, **kw)
    check(r.returncode == 0, "docker %s: %d %r" % (" ".join(args),
                                                   r.returncode, r.stderr))
    return r.stdout


@harness.case("no variable set: version and events, nothing else")
def nothing_set():
    p = proxyd()
    works(p, "version")
    works(p, "events", "--since", "1", "--until", "2")
    for args, word in ((("ps",), "CONTAINERS=1"), (("images",), "IMAGES=1"),
                       (("info",), "INFO=1"), (("volume", "ls"), "VOLUMES=1"),
                       (("network", "ls"), "NETWORKS=1"),
                       (("system", "df"), "SYSTEM=1")):
        refused(p, *args, words=(word,))
    logged(p)


WRITES = (
    ("run", "--rm", IMAGE, "true"), ("create", IMAGE),
    ("start", "there"), ("stop", "there"), ("restart", "there"),
    ("kill", "there"), ("rm", "-f", "there"), ("pause", "there"),
    ("unpause", "there"), ("rename", "there", "here"),
    ("update", "--restart", "always", "there"),
    ("exec", "there", "true"), ("exec", "-d", "there", "true"),
    ("attach", "--no-stdin", "there"), ("commit", "there", "x:y"),
    ("cp", "/etc/hostname", "there:/tmp/"),
    ("tag", IMAGE, "x:y"), ("rmi", IMAGE), ("pull", IMAGE),
    ("import", "/etc/hostname", "x:y"), ("load", "-i", "/etc/hostname"),
    ("volume", "create", "v"), ("volume", "prune", "-f"),
    ("network", "create", "n"), ("network", "connect", "bridge", "there"),
    ("network", "prune", "-f"), ("container", "prune", "-f"),
    ("image", "prune", "-f"), ("swarm", "init"),
    ("plugin", "disable", "x"), ("build", "-"))


@harness.case("sections on, POST off: every read passes, no write does")
def read_only():
    env = {name: "1" for name in harness.SECTIONS if name != "POST"}
    p = proxyd(**env)
    before = fresh(container=True)
    for args in (("ps",), ("images",), ("info",), ("inspect", "there"),
                 ("logs", "there"), ("top", "there"), ("diff", "there"),
                 ("volume", "ls"), ("network", "ls"), ("history", IMAGE),
                 ("stats", "--no-stream", "there"), ("system", "df"),
                 ("export", "-o", harness.tmpname("tar"), "there")):
        works(p, *args)
    for args in WRITES:
        refused(p, *args, input=b"FROM busybox:test\n")
    for target in ("/containers/there/attach/ws?stdin=1&stream=1",
                   "/v1.41/containers/there/attach/ws?stream=1&stdout=1"):
        r = p.request("GET", target, headers=[
            ("Connection", "Upgrade"), ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "MDEyMzQ1Njc4OWFiY2RlZg==")])
        equal(r.status, 403, "GET " + target)
    logged(p)
    equal(state(), before, "the engine")


@harness.case("run --privileged says what it is and what would allow it")
def privileged():
    fresh()
    for docker in docker_clis():
        text = refused(closed(), "run", "--rm", "--privileged", IMAGE, "true",
                       docker=docker)
        check("Error response from daemon: Forbidden - privileged mode is not "
              "allowed (ALLOW_PRIVILEGED=1 would)" in text, repr(text))
    equal(eng().containers(), [], "containers")


@harness.case("ALLOW_PRIVILEGED=1 allows it")
def privileged_allowed():
    p = proxyd(**dict(harness.EVERYTHING, ALLOW_PRIVILEGED="1"))
    # a machine may lack a capability, and then it does not work directly
    args = ("run", "--rm", "--privileged", "--pid", "host", IMAGE, "true")
    equal(cli.normal(client(p).run(*args).stderr),
          cli.normal(eng().docker(*args).stderr), "run")
    works(p, "run", "--rm", "--pid", "host", "--cap-add", "SYS_PTRACE", IMAGE,
          "true")
    # but not what the list of mounts does not name
    refused(p, "run", "--rm", "--privileged", "-v", "/etc:/h", IMAGE, "true",
            words=("/etc",))


def bad_binds(top):
    return ("/etc:/etc", "/:/host", "/etc/:/h:ro",
            "/var/run/docker.sock:/var/run/docker.sock",
            top + "/../etc:/h", top + "/data/../../:/h",
            top + "/./../" + os.path.basename(top) + ".other:/h",
            top + "x/data:/h", top + ".other:/h",
            os.path.dirname(top) + ":/h", "/proc:/h",
            top + "/data:/h:rshared", top + "/data:/h:shared")


@harness.case("binds outside the workspace, however they are spelt")
def binds():
    top = workspace()
    p = closed()
    fresh()
    for docker in docker_clis():
        for bind in bad_binds(top):
            refused(p, "run", "--rm", "-v", bind, IMAGE, "true",
                    docker=docker)
        for mount in ("type=bind,src=/etc,dst=/h",
                      "type=bind,src=%s/../etc,dst=/h" % top,
                      "type=bind,src=%s/data,dst=/h,bind-propagation=rshared"
                      % top):
            refused(p, "run", "--rm", "--mount", mount, IMAGE, "true",
                    docker=docker)
    text = refused(p, "run", "--rm", "-v", "/etc:/etc", IMAGE, "true")
    logged(p)
    check("Forbidden - bind mount of /etc is not allowed" in text and
          top in text, "does not name the path and what is allowed: " + text)
    equal(eng().containers(), [], "containers")
    equal(eng().json("GET", "/volumes")["Volumes"] or [], [], "volumes")


@harness.case("binds below the workspace work, read-only and not")
def good_binds():
    top = workspace()
    p = closed()
    for args in (("-v", top + "/data:/data"), ("-v", top + "/data:/data:ro"),
                 ("-v", top + "/data/:/data"),
                 ("--mount", "type=bind,src=%s/data,dst=/data" % top)):
        equal(works(p, "run", "--rm", *args, IMAGE, "cat", "/data/file"),
              b"of the workspace\n", " ".join(args))
    works(p, "run", "--rm", "-v", top + ":/w", IMAGE, "sh", "-c",
          "echo new >/w/data/written")
    with open(top + "/data/written") as f:
        equal(f.read(), "new\n", "what the container wrote")


@harness.case("ALLOWED_MOUNT_PATHS and DOCKER_MOUNT_VALIDATION=off")
def mount_variables():
    top = workspace()
    env = dict(harness.EVERYTHING, ALLOWED_MOUNT_PATHS=top + ".other:" + top +
               "x")
    del env["WORKSPACE_ROOT"]
    p = proxyd(**env)
    works(p, "run", "--rm", "-v", top + ".other:/h", IMAGE, "true")
    works(p, "run", "--rm", "-v", top + "x/data:/h", IMAGE, "true")
    refused(p, "run", "--rm", "-v", top + "/data:/h", IMAGE, "true")
    p = proxyd(**dict(harness.EVERYTHING, DOCKER_MOUNT_VALIDATION="off"))
    check("DOCKER_MOUNT_VALIDATION" in p.log(), "no warning at start")
    works(p, "run", "--rm", "-v", "/etc:/h:ro", IMAGE, "true")


HOSTILE = (
    ("--pid", "host"), ("--network", "host"), ("--ipc", "host"),
    ("--uts", "host"), ("--userns", "host"), ("--cgroupns", "host"),
    ("--pid", "container:there"), ("--ipc", "container:there"),
    ("--network", "container:there"), ("--network", "ns:/proc/1/ns/net"),
    ("--volumes-from", "there"),
    ("--device", "/dev/null"), ("--device", "/dev/kmsg:/dev/x:rwm"),
    ("--device-cgroup-rule", "a *:* rwm"),
    ("--cap-add", "SYS_ADMIN"), ("--cap-add", "ALL"),
    ("--cap-add", "cap_sys_ptrace"),
    ("--security-opt", "seccomp=unconfined"),
    ("--security-opt", "apparmor=unconfined"),
    ("--security-opt", "label=disable"),
    ("--security-opt", "no-new-privileges=false"),
    ("--security-opt", "systempaths=unconfined"),
    ("--cgroup-parent", "/"), ("--runtime", "other"),
    ("--oom-score-adj", "-1000"),
    ("--log-driver", "syslog", "--log-opt", "syslog-address=unix:///x"),
    ("--log-driver", "fluentd"),
    ("--tmpfs", "/t:exec,suid,dev"),
    ("--volume-driver", "other", "-v", "vol:/v"),
    ("--mount", "type=volume,dst=/h,volume-driver=local,volume-opt=type=none,"
     "volume-opt=o=bind,volume-opt=device=/etc"),
    ("--mount", "type=volume,dst=/h,volume-opt=type=overlay,"
     "volume-opt=device=overlay"))


@harness.case("whatever else reaches the host: refused, and no container")
def host():
    p = closed()
    before = fresh(container=True)
    for docker in docker_clis():
        for args in HOSTILE:
            refused(p, "run", "--rm", *args, IMAGE, "true", docker=docker)
            refused(p, "create", *args, IMAGE, docker=docker)
    logged(p)
    equal(state(), before, "the engine")


@harness.case("the same through exec, volumes, networks, builds")
def elsewhere():
    p = closed()
    before = fresh(container=True)
    for args in (
            ("exec", "--privileged", "there", "true"),
            ("volume", "create", "-o", "type=none", "-o", "o=bind", "-o",
             "device=/etc", "v"),
            ("volume", "create", "-d", "other", "v"),
            ("network", "create", "-d", "macvlan", "n"),
            ("network", "create", "-o", "com.docker.network.bridge.name=x",
             "n"),
            ("build", "--network", "host", "-"),
            ("build", "--network", "container:there", "-"),
            ("build", "--security-opt", "seccomp=unconfined", "-"),
            ("build", "--cgroup-parent", "/x", "-"),
            ("swarm", "init"), ("plugin", "install", "--grant-all-permissions",
                                "x/y"),
            ("import", "http://127.0.0.1:1/x.tar", "x:y")):
        refused(p, *args, input=b"FROM busybox:test\n")
    logged(p)
    equal(state(), before, "the engine")


@harness.case("what everybody needs is not in the way")
def everyday():
    p = closed()
    works(p, "network", "create", "nw")
    for args in (("--user", "1000:1000"), ("--cap-drop", "ALL"),
                 ("--security-opt", "no-new-privileges"),
                 ("--read-only", "--tmpfs", "/tmp"), ("--init",),
                 ("--memory", "64m", "--cpus", "0.5", "--pids-limit", "50"),
                 ("--restart", "no", "--hostname", "h", "--workdir", "/tmp"),
                 ("-p", "127.0.0.1::80", "-e", "A=b", "--label", "c=d"),
                 ("--network", "nw", "--network-alias", "x"),
                 ("--network", "none"), ("-v", "named:/v"), ("-v", "/anon"),
                 ("--entrypoint", "true"), ("--stop-timeout", "1"),
                 ("--health-cmd", "true", "--health-interval", "1s"),
                 ("--ulimit", "nofile=64:64"), ("--shm-size", "32m"),
                 ("--add-host", "x:127.0.0.1"), ("--dns", "127.0.0.1"),
                 ("--log-opt", "max-size=1m")):
        works(p, "run", "--rm", *args, IMAGE, "true")


@harness.case("an image that is not there is the engine's own answer")
def passed_through():
    r = client(closed()).run("inspect", "nothing-of-the-kind")
    check(b"Forbidden" not in r.stderr and b"o such" in r.stderr,
          "%r" % r.stderr)
    r = closed().request("GET", "/v1.41/containers/nothing/json")
    equal(r.status, 404, "status")
    r = closed().request("GET", "/containers/json?all=maybe")
    equal(r.status, 200, "a filter the engine is lenient with")


harness.main()
