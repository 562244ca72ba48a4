# SPDX-License-Identifier: ISC
#
# docker-compose on a compose file of the documents: the proxy in it is the
# built image, the clients are one image with the docker CLI, which wait, and
# make the calls that a case wants of them.

import json
import os
import re
import shutil
import subprocess
import tempfile

import engine
from harness import Failed, check, equal, poll

COMPOSE = "/usr/bin/docker-compose"
DOCKER = "/usr/bin/docker"
CLIENT = "client:latest"
HOST = "tcp://docker-proxy:2375"


def missing():
    for path in (COMPOSE, DOCKER):
        if not os.path.exists(path):
            return path + " is not there"


def client_image(e):
    """busybox, and docker with the libraries that it loads."""
    names = re.findall(r"(?:=> |^\s*)(/\S+) \(0x", subprocess.run(
        ["ldd", DOCKER], text=True, capture_output=True).stdout, re.M)
    extra = []
    for name in [DOCKER] + names:
        with open(name, "rb") as f:
            extra.append((name.lstrip("/"), 0o755, f.read()))
    e.import_image(CLIENT, engine.busybox_tar(extra))


def compose(host, *argv, cwd=None, prefix=(), timeout=120):
    env = {"PATH": engine.PATH, "HOME": "/nonexistent", "DOCKER_HOST": host,
           "LC_ALL": "C.UTF-8", "COMPOSE_HTTP_TIMEOUT": "60"}
    return subprocess.run(list(prefix) + [COMPOSE, "--no-ansi"] + list(argv),
                          env=env, cwd=cwd, timeout=timeout, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True)


class Project:
    """One that is up: file is its text, clients are services in it.  paths
    are replaced, and so is the engine's socket, by others of this machine."""

    def __init__(self, e, name, file, clients, conf=None, paths=()):
        self.e, self.name = e, name
        self.dir = tempfile.mkdtemp(prefix="p.", dir=e.top)
        for old, new in [("/var/run/docker.sock:", e.socket + ":"),
                         *paths]:
            check(old in file, "%s is not in the file" % old)
            file = file.replace(old, new)
            conf = conf and conf.replace(old, new)
        self.write("compose.yaml", file)
        if conf:
            self.write("proxyd.conf", conf)
        self.write("override.yaml", json.dumps({"services": {
            client: {"image": CLIENT, "entrypoint": [
                "sh", "-c", "while :; do sleep 1000; done"]}
            for client in clients}}))
        self.client = clients[0]
        self.compose("up", "-d", "--no-build")
        poll(lambda: self.call("version")[0] == 0, 20, self.log, step=0.1)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.compose("down", "-t", "0", "-v")
        self.e.purge()
        shutil.rmtree(self.dir)

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w") as f:
            f.write(text)
        os.chmod(f.name, 0o600)

    def compose(self, *argv):
        r = compose(self.e.host, "-p", self.name, "-f", "compose.yaml", "-f",
                    "override.yaml", *argv, cwd=self.dir)
        check(r.returncode == 0, "docker-compose %s: %s%s" %
              (" ".join(argv), r.stdout, r.stderr))
        return r.stdout

    def log(self):
        return self.compose("logs", "--no-color", "docker-proxy")

    def container(self, service):
        return "%s_%s_1" % (self.name, service)

    def inspect(self, service):
        return self.e.json("GET", "/containers/%s/json" %
                           self.container(service))

    def inside(self, *argv, **kw):
        r = self.e.docker("exec", "-i", "-e", "HOME=/tmp", self.container(
            self.client), *argv, text=True, **kw)
        return r.returncode, r.stdout + r.stderr

    def call(self, *argv):
        """A docker command of the client."""
        return self.inside("docker", "-H", HOST, *argv)

    def calls(self, rows):
        """Commands, each as one string, and what comes of them: None if it
        succeeds, or what is in the refusal."""
        bad = []
        for line, want in rows:
            status, out = self.call(*line.split())
            if want is None and status != 0:
                bad.append("%s: %d %s" % (line, status, out))
            elif want is not None and (status == 0 or "Forbidden" not in out or
                                       want not in out):
                bad.append("%s is not refused for %r: %d %s" %
                           (line, want, status, out))
        if bad:
            raise Failed("\n".join(bad + [self.log()[-3000:]]))

    def ask(self, method, target, body=None):
        """A request of the client as bytes; the status."""
        data = json.dumps(body) if body is not None else ""
        out = self.inside(
            "nc", "docker-proxy", "2375", input="%s %s HTTP/1.1\r\n"
            "Host: docker\r\nConnection: close\r\n%s\r\n%s" % (
                method, target, "Content-Type: application/json\r\n"
                "Content-Length: %d\r\n" % len(data) if data else "", data))[1]
        m = re.match(r"HTTP/1\.1 (\d+)", out)
        check(m, "%s %s: %r" % (method, target, out))
        return int(m.group(1))

    def asks(self, rows):
        have = [(method, target, body, self.ask(method, target, body))
                for method, target, body, _ in rows]
        equal(have, [tuple(row) for row in rows])


def hardened(project):
    """The proxy of the project has as little as the documents say."""
    host = project.inspect("docker-proxy")["HostConfig"]
    check(host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and
          "no-new-privileges:true" in host["SecurityOpt"], repr(host))
