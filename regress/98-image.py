# SPDX-License-Identifier: ISC
"""The container image: built by docker-build(1) from a debootstrapped base,
and run as compose files run it, with as little as they can give it."""

import io
import json
import os
import tarfile

import imagebuild
from harness import case, check, end_all, equal, main, poll
from sidecar import CAPS, SOCKET, Sidecar, hardened

SIZE_MAX = 3 * 1024 * 1024
ENV = {"CONTAINERS": "1"}
_engine = None


def the_engine():
    """One for all cases, with the image in it."""
    global _engine
    if _engine is None:
        _engine = imagebuild.started()
    return _engine


def members(e):
    """The image's files, as docker-export(1) has them."""
    e.docker("create", "--name", "files", "proxyd")
    data = e.docker("export", "files").stdout
    e.docker("rm", "files")
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return [(m, tar.extractfile(m).read() if m.isfile() else b"")
                for m in tar.getmembers()]


# What the engine itself puts into a container.
ENGINES = {".dockerenv", "dev", "dev/console", "dev/pts", "dev/shm", "proc",
           "sys", "etc/hostname", "etc/hosts", "etc/mtab", "etc/resolv.conf"}


@case("it is built, and smaller than 3 MiB", imagebuild.missing)
def size():
    e = the_engine()
    r = e.docker("image", "inspect", "-f", "{{.Size}}", "proxyd", text=True)
    print("  size %s bytes, %.2f MiB" % (r.stdout.strip(),
                                         int(r.stdout) / 1048576), flush=True)
    check(int(r.stdout) < SIZE_MAX, r.stdout)
    c = e.json("GET", "/images/proxyd/json")["Config"]
    equal(c["Labels"]["org.opencontainers.image.title"], "proxyd")
    equal(c["Labels"]["org.opencontainers.image.licenses"], "ISC")
    equal([v for v in c["Env"] if not v.startswith("PATH=")], [])
    check("2375/tcp" in c["ExposedPorts"], repr(c))
    equal(c["Healthcheck"]["Test"][0], "CMD")


@case("nothing is in it but static programs, presets and two users",
      imagebuild.missing)
def contents():
    files = dict((m.name.rstrip("/"), (m, data))
                 for m, data in members(the_engine()))
    programs = sorted(n for n, (m, data) in files.items()
                      if data[:4] == b"\x7fELF")
    equal(programs, ["usr/bin/wget", "usr/libexec/proxyd-filter",
                     "usr/sbin/proxyctl", "usr/sbin/proxyd"])
    for name in programs:
        check(b"/ld-linux" not in files[name][1] and
              b"/ld-musl" not in files[name][1], name + " loads something")
    rest = sorted(n for n, (m, data) in files.items() if not m.isdir() and
                  n not in programs and n not in ENGINES and
                  not n.startswith("usr/share/proxyd/presets/"))
    equal(rest, ["bin/sh", "etc/group", "etc/passwd", "usr/bin/nc",
                 "var/run"])
    equal(files["bin/sh"][0].linkname, "../usr/bin/wget")
    bad = [n for n, (m, data) in files.items() if n not in ENGINES and
           not m.issym() and (m.uid or m.gid or m.mode & 0o6022)]
    equal(bad, [], "not root's alone")
    equal(files["var/empty"][0].mode & 0o7777, 0o555)


@case("start-up to the first answered request; health by the image's own "
      "check; who runs; SIGTERM", imagebuild.missing)
def starts():
    e = the_engine()
    times = []
    for _ in range(3):
        with Sidecar(e, *hardened(), "--health-interval=1s", env=ENV) as s:
            times.append(s.took)
            poll(lambda: s.health() == "healthy", 30,
                 lambda: "healthy: %r" % s.state())
            top = e.json("GET", "/containers/%s/top"
                         "?ps_args=-eo%%20pid,uid,args" % s.name)
            # the parent, and a filter for each address
            equal(sorted(row[1] for row in top["Processes"]),
                  ["0", "23750", "23750"])
            check("using nobody" not in s.log(), s.log())
            equal(s.ask("GET", "/containers/json")[0], 200)
            equal(s.ask("POST", "/containers/%s/kill" % s.name)[0], 403)
            s.docker("stop", s.name)
            equal(s.status(), 0)
    print("  start of the container to the first answer: %s ms" %
          " ".join("%.0f" % (1000 * t) for t in times), flush=True)


@case("health checks that compose files have say what is so, in every form",
      imagebuild.missing)
def health():
    e = the_engine()
    url = "http://localhost:2375/"
    quick = ["--health-interval=1s", "--health-retries=1"]
    for test, env, want in (
            ("wget -q --spider %s_ping || exit 1" % url, ENV, "healthy"),
            ("wget --spider %sversion || exit 1" % url, ENV, "healthy"),
            ("wget -qO- http://127.0.0.1:2375/version || exit 1", ENV,
             "healthy"),
            ("nc -z localhost 2375 || exit 1", ENV, "healthy"),
            ("wget -q --spider %s_ping || exit 1" % url, {"PING": "0"},
             "unhealthy")):
        with Sidecar(e, *hardened(), *quick, "--health-cmd=" + test,
                     env=env) as s:
            poll(lambda: s.health() != "starting", 30,
                 lambda: "%s: %r" % (test, s.state()))
            equal(s.health(), want, "%s: %r" % (test, s.state()))
    with Sidecar(e, *quick, "--health-cmd=curl -f %s_ping" % url) as s:
        poll(lambda: s.health() == "unhealthy", 30, "unhealthy")
        said = s.state()["Health"]["Log"][0]["Output"]
        check("takes their place" in said, said)


@case("commands in the container are proxyd's; there is no shell",
      imagebuild.missing)
def commands():
    with Sidecar(the_engine(), *hardened(), env=ENV) as s:
        text = s.docker("exec", s.name, "proxyd", "-nv")
        check("# CONTAINERS=1" in text, text)
        text = s.docker("exec", s.name, "proxyd", "-n", "-t",
                        "GET /containers/json")
        check(text.startswith("verdict\tpass\n"), text)
        check("no shell" in s.docker("exec", s.name, "sh", "-c", "id",
                                     fails=True), "sh")
        check("/run/proxyd/control" in s.docker(
            "exec", s.name, "proxyctl", "check", fails=True), "no place")
    with Sidecar(the_engine(), *hardened(), "--tmpfs", "/run/proxyd:mode=755",
                 env=ENV) as s:
        s.docker("exec", s.name, "proxyctl", "check")
        text = s.docker("exec", s.name, "proxyctl", "show", "rules")
        check("CONTAINERS=1" in text, text)
        s.docker("exec", s.name, "cat", "/etc/passwd", fails=True)


@case("without one of the four capabilities the error at start names it",
      imagebuild.missing)
def capabilities():
    for cap in CAPS:
        left = [other for other in CAPS if other != cap]
        with Sidecar(the_engine(), *hardened(left), env=ENV, wait=False) as s:
            equal(s.status(), 1, cap)
            check("missing: %s\n" % cap in s.log(), s.log())


def owned(e, uid, gid, mode):
    os.chown(e.socket, uid, gid)
    os.chmod(e.socket, mode)


@case("an engine's socket of root and any group; one of somebody else takes "
      "its group or DAC_OVERRIDE", imagebuild.missing)
def ownership():
    e = the_engine()
    before = os.stat(e.socket)
    over = hardened(CAPS + ("DAC_OVERRIDE",))
    try:
        for uid, gid, mode, options, want in (
                (0, 0, 0o660, hardened(), 200),         # OrbStack
                (0, 0, 0o600, hardened(), 200),
                (0, 998, 0o660, hardened(), 200),       # root:docker
                (0, 65534, 0o660, hardened(), 200),
                (1000, 1000, 0o660, hardened(), 502),   # rootless
                (1000, 1000, 0o660, over, 200),
                (1000, 1000, 0o600, over, 200),
                (1000, 1000, 0o660,
                 hardened() + ["--group-add=1000"], 200)):
            owned(e, uid, gid, mode)
            what = "%d:%d %o %r" % (uid, gid, mode, options[2:])
            with Sidecar(e, *options, env=ENV) as s:
                status, data = s.ask("GET", "/version")
                equal(status, want, "%s: %r" % (what, data))
                check(want == 200 or b"permission denied" in data, data)
    finally:
        owned(e, before.st_uid, before.st_gid, before.st_mode & 0o7777)


CONF = '''%sprofile "p" {
	preset "readonly"
	%s
}
listen on any port 2375 profile "p"
listen on "/s/proxyd.sock" profile "p"
'''


def written(e, text):
    path = os.path.join(e.top, "proxyd.conf")
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, 0o600)
    return "%s:/etc/proxyd.conf:ro" % path


@case("a file that is mounted is the policy, presets and health with it, and "
      "nothing is ignored", imagebuild.missing)
def file():
    e = the_engine()
    with Sidecar(e, *hardened(), "-v", written(e, CONF % ("", "")),
                 "--health-interval=1s", listen=None) as s:
        poll(lambda: s.health() == "healthy", 30, "healthy")
        equal(s.ask("GET", "/containers/json")[0], 200)
        check("ignored" not in s.log(), s.log())
    with Sidecar(e, *hardened(), "-v", written(e, CONF % ("", "")),
                 env={"POST": "1"}, listen=None) as s:
        check("ignored: POST\n" in s.log(), s.log())


@case("bind-check looks into a closed directory with DAC_READ_SEARCH, and "
      "refuses without", imagebuild.missing)
def bind_check():
    e = the_engine()
    closed = os.path.join(e.top, "closed")
    os.makedirs(os.path.join(closed, "in"), exist_ok=True)
    os.chown(closed, 1000, 1000)
    os.chmod(closed, 0o700)
    conf = CONF % ("set bind-check yes\n", 'pass on containers/create\n'
                   '\tallow image any\n\tallow bind "%s"' % closed)
    body = {"Image": e.IMAGE, "HostConfig": {"Binds": [closed + "/in:/x"]}}
    for caps, want in ((CAPS, 403), (CAPS + ("DAC_READ_SEARCH",), 201)):
        with Sidecar(e, *hardened(caps), "-v", written(e, conf),
                     "-v", "%s:%s:ro" % (closed, closed), listen=None) as s:
            status, data = s.ask("POST", "/containers/create", body)
            equal(status, want, "%r: %r" % (caps, data))
            if status == 201:
                e.request("DELETE", "/containers/" + json.loads(data)["Id"])


@case("tmpfs on /run as other images need it, the socket by its other name, "
      "no read-only root: all the same", imagebuild.missing)
def mounts():
    e = the_engine()
    for options in (["--read-only", "--tmpfs=/run", "--tmpfs=/tmp"], [],
                    ["-v", e.socket + ":/run/docker.sock:ro"]):
        with Sidecar(e, *options, env=ENV) as s:
            equal(s.ask("GET", "/containers/json")[0], 200, repr(options))
    r = e.docker("run", "-d", "--name", "other", "-v",
                 e.socket + ":/run/docker.sock", "--health-interval=1s",
                 "proxyd", text=True)
    equal(r.returncode, 0, r.stderr)
    poll(lambda: e.json("GET", "/containers/other/json")["State"]["Health"]
         ["Status"] == "healthy", 30, SOCKET + " is /run/docker.sock")
    e.purge()


if __name__ == "__main__":
    try:
        main()
    finally:
        end_all()
