# SPDX-License-Identifier: ISC
"""The compose files of examples/ and of the documents, brought up by
docker-compose on a real engine with the built image: what each client is
there for works through the sidecar, and what it must not do is refused."""

import os

import composefile
import imagebuild
import markdown
from composefile import Project, hardened
from documents import text
from harness import case, check, children, end_all, equal, main

_engine = None


def missing():
    return imagebuild.missing() or composefile.missing()


def the_engine():
    global _engine
    if _engine is None:
        _engine = imagebuild.started()
        composefile.client_image(_engine)
        _engine.docker("tag", _engine.IMAGE, "openpalm/app:1")
        _engine.docker("tag", _engine.IMAGE, "alpine:3.20")
    return _engine


def started(name, client, paths=()):
    where = os.path.join("examples", name)
    return Project(the_engine(), name.replace("-", ""),
                   text(os.path.join(where, "compose.yaml")), [client],
                   text(os.path.join(where, "proxyd.conf")), paths)


def made(e, name):
    """A directory that is the host's."""
    path = os.path.join(e.top, "host", name)
    os.makedirs(path, exist_ok=True)
    return path


@case("examples/traefik", missing)
def traefik():
    with started("traefik", "traefik") as p:
        hardened(p)
        p.calls((("version", None), ("ps -a", None),
                 ("events --since 1 --until 2", None),
                 ("inspect traefik_traefik_1", None),
                 ("stop traefik_traefik_1", "containers/stop"),
                 ("logs traefik_traefik_1", "containers/logs"),
                 ("exec traefik_traefik_1 id", "exec/create"),
                 ("images", "images/list"),
                 ("info", "info")))


@case("examples/portainer", missing)
def portainer():
    with started("portainer", "portainer") as p:
        hardened(p)
        name = "portainer_portainer_1"
        p.calls((("info", None), ("system df", None), ("ps -a", None),
                 ("images", None), ("network ls", None), ("volume ls", None),
                 ("inspect " + name, None), ("logs " + name, None),
                 ("top " + name, None),
                 ("network inspect portainer_default", None),
                 ("stop " + name, "containers/stop"),
                 ("rm -f " + name, "containers/remove"),
                 ("exec %s id" % name, "exec/create"),
                 ("cp %s:/etc/passwd -" % name, "containers/archive"),
                 ("volume create x", "volumes/create"),
                 ("run --rm busybox:test id", "containers/create")))


@case("examples/devcontainer", missing)
def devcontainer():
    e = the_engine()
    home = made(e, "alice")
    src = made(e, "alice/src")
    os.chmod(home, 0o700)
    with open(os.path.join(src, "code"), "w") as f:
        f.write("of the workspace\n")
    e.docker("run", "-d", "--name", "neighbour", e.IMAGE, "sleep", "1000")
    with started("devcontainer", "dev", [("/home/alice/src", src)]) as p:
        hardened(p)
        status, out = p.call("run", "--rm", "-v", src + ":/w", e.IMAGE, "cat",
                             "/w/code")
        equal((status, out), (0, "of the workspace\n"))
        # What the dev container puts there is seen for what it is.
        equal(p.inside("ln", "-s", "/", src + "/root")[0], 0)
        p.calls((
            ("run -d --name mine -v vscode:/x busybox:test sleep 1000", None),
            ("exec mine id", None), ("cp mine:/etc/passwd -", None),
            ("rm -f mine", None), ("ps", None),
            ("run --rm -v %s/root:/w busybox:test ls" % src, "bind"),
            ("run --rm -v /etc:/w busybox:test ls", "bind"),
            ("run --rm -v /var/run/docker.sock:/s busybox:test ls", "bind"),
            ("run --rm --privileged busybox:test id", "privileged"),
            ("run --rm --pid host busybox:test id", "pid"),
            ("run --rm -p 80:80 busybox:test id", "publish"),
            ("exec neighbour id", "exec/create"),
            ("cp neighbour:/etc/passwd -", "containers/archive"),
            ("swarm init", "swarm")))


@case("examples/ci-runner", missing)
def ci_runner():
    e = the_engine()
    cache = made(e, "cache")
    e.docker("run", "-d", "--name", "neighbour", e.IMAGE, "sleep", "1000")
    with started("ci-runner", "runner", [("/srv/ci-cache", cache)]) as p:
        hardened(p)
        run = "run --rm --security-opt no-new-privileges "
        p.calls((
            ("info", None), ("volume create runner-1-cache", None),
            ("network create runner-net-1", None),
            (run + "--network runner-net-1 -v runner-1-cache:/c -v %s:/cache "
             "alpine:3.20 touch /cache/done" % cache, None),
            (run + "-d --name job alpine:3.20 sleep 1000", None),
            ("logs job", None), ("exec job id", None), ("rm -f job", None),
            ("network rm runner-net-1", None),
            ("run --rm alpine:3.20 id", "no-new-privileges"),
            (run + "--memory 9g alpine:3.20 id", "emory"),
            (run + "busybox:test id", "image"),
            (run + "--privileged alpine:3.20 id", "privileged"),
            (run + "-v /:/host alpine:3.20 id", "bind"),
            (run + "--network host alpine:3.20 id", "network"),
            # the CLI looks at it first
            ("exec neighbour id", "containers/inspect"),
            ("logs neighbour", "containers/inspect"),
            ("rm -f neighbour", "containers/remove")))
        check(os.path.exists(os.path.join(cache, "done")), "the job wrote")


STACK = """\
services:
  app:
    image: openpalm/app:1
    command: ["sleep", "1000"]
    volumes: ["%s:/data", "state:/state"]
    security_opt: ["no-new-privileges"]
    %s
volumes:
  state:
"""


@case("examples/admin: docker-compose itself through the sidecar",
      missing)
def admin():
    e = the_engine()
    home = made(e, "openpalm")
    data = made(e, "openpalm/data")
    with started("admin", "admin", [("/srv/openpalm", home)]) as p:
        hardened(p)
        nets = p.inspect("docker-proxy")["NetworkSettings"]["Networks"]
        host = "tcp://%s:2375" % nets["admin_docker-proxy"]["IPAddress"]
        # The network is the engine's.
        within = ["nsenter", "-t", str(children(e.super.pid)[0]), "-n"]

        def stack(extra, *argv):
            p.write("stack.yaml", STACK % (data, extra))
            r = composefile.compose(host, "-p", "openpalm", "-f", "stack.yaml",
                                *argv, cwd=p.dir, prefix=within)
            return r.returncode, r.stdout + r.stderr

        for argv in (("up", "-d"), ("ps",), ("exec", "-T", "app", "id"),
                     ("logs",), ("restart", "-t", "0"),
                     ("down", "-v", "-t", "0")):
            status, out = stack("", *argv)
            equal(status, 0, "%r: %s\n%s" % (argv, out, p.log()[-2000:]))
        for extra, why in (("privileged: true", "rivileged"),
                           ("pid: host", "pid"),
                           ('devices: ["/dev/mem:/dev/mem"]', "device")):
            status, out = stack(extra, "up", "-d")
            check(status != 0 and "Forbidden" in out and why in out,
                  "%s: %d %s" % (extra, status, out))
        stack("", "down", "-v", "-t", "0")
        p.calls((("exec admin_docker-proxy_1 proxyd -nv", "exec/create"),
                 ("run --rm --security-opt no-new-privileges -v /etc:/x "
                  "openpalm/app:1 id", "bind"),
                 ("run --rm busybox:test id", "image")))


def blocks(name):
    return markdown.blocks(text(name), "yaml")


@case("the compose file of README.md, as it is", missing)
def readme():
    with Project(the_engine(), "readme", blocks("README.md")[0],
                 ["traefik"]) as p:
        hardened(p)
        p.calls((("ps", None), ("network ls", None),
                 ("inspect readme_traefik_1", None),
                 ("stop readme_traefik_1", "POST=1"),
                 ("images", "IMAGES=1")))


# What docs/migrate.md says of the variables, for each step of it.
def verdicts(p):
    image = p.e.IMAGE
    create = "/containers/create"
    p.asks((
        ("GET", "/_ping", None, 200), ("GET", "/containers/json", None, 200),
        ("GET", "/images/json", None, 403), ("GET", "/info", None, 403),
        ("POST", create + "?name=plain", {"Image": image}, 201),
        ("POST", create, {"Image": image, "HostConfig":
                          {"Privileged": True}}, 403),
        ("POST", create, {"Image": image, "HostConfig":
                          {"Binds": ["/etc:/x"]}}, 403),
        ("POST", create, {"Image": image, "HostConfig": {"Devices": [
            {"PathOnHost": "/dev/mem", "PathInContainer": "/dev/mem",
             "CgroupPermissions": "rwm"}]}}, 403),
        ("POST", "/containers/plain/start", None, 204),
        ("POST", "/containers/plain/restart?t=0", None, 204),
        ("DELETE", "/containers/plain?force=1", None, 204),
        ("GET", "/containers/migrate_client_1/archive?path=/", None, 403),
        ("POST", "/volumes/create", {"Name": "x"}, 403)))


@case("docs/migrate.md: only the name of the image changes; then the file "
      "that proxyd prints in place of the variables, with the same verdicts",
      missing)
def migrate():
    e = the_engine()
    first, second, third = blocks("docs/migrate.md")[:3]
    was = "    image: tecnativa/docker-socket-proxy\n"
    check(was in first, first)
    client = "  client:\n    image: %s\n    networks: [docker-proxy]\n" % \
        composefile.CLIENT
    rest = "networks:\n  docker-proxy:\n"
    file = first.rstrip("\n") + "\n" + client + rest
    for new in (was.replace("tecnativa/docker-socket-proxy", "proxyd"),
                second):
        with Project(e, "migrate", file.replace(was, new), ["client"]) as p:
            verdicts(p)
            r = e.docker("exec", p.container("docker-proxy"), "proxyd", "-nv",
                         text=True)
            equal(r.returncode, 0, r.stderr)
            check("# ALLOW_RESTARTS=1" in r.stdout, r.stdout)
    hard = file.replace(was, second)
    head, rest = hard.split("    environment:\n")
    rest = rest[rest.index("    networks:"):]
    with Project(e, "migrate", head + third + rest, ["client"],
                 r.stdout) as p:
        hardened(p)
        verdicts(p)
        check("ignored" not in p.log(), p.log())


if __name__ == "__main__":
    try:
        main()
    finally:
        end_all()
