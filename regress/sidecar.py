# SPDX-License-Identifier: ISC
#
# A container of the image in front of the engine that runs it, as compose
# files have it.  It is talked to over a unix socket in a directory of ours
# (the engine's network is its own); its TCP address is for other containers.

import json
import os
import shutil
import tempfile
import time

import engine
from harness import check, poll

CAPS = ("SETUID", "SETGID", "SYS_CHROOT", "SETPCAP")
SOCKET = "/var/run/docker.sock"
LISTEN = "tcp://:2375 unix:///s/proxyd.sock"


def hardened(caps=CAPS):
    """What the README's compose file says, as options of docker-run(1)."""
    return ["--read-only", "--cap-drop=ALL",
            "--security-opt=no-new-privileges:true"] + \
        ["--cap-add=" + cap for cap in caps]


class Sidecar:
    serial = 0

    def __init__(self, e, *options, env=None, command=(), wait=True,
                 listen=LISTEN):
        Sidecar.serial += 1
        self.e = e
        self.name = "sidecar-%d" % Sidecar.serial
        self.dir = tempfile.mkdtemp(prefix="s.", dir=e.top)
        self.path = os.path.join(self.dir, "proxyd.sock")
        env = dict(env or {})
        if listen:
            env["PROXYD_LISTEN"] = listen
        argv = ["create", "--name", self.name, "-v",
                "%s:%s" % (e.socket, SOCKET), "-v", self.dir + ":/s"]
        for key, value in env.items():
            argv += ["-e", "%s=%s" % (key, value)]
        self.docker(*argv, *options, "proxyd", *command)
        self.begin = time.monotonic()
        self.docker("start", self.name)
        if wait:
            self.wait()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def docker(self, *argv, fails=False):
        r = self.e.docker(*argv, text=True)
        check((r.returncode != 0) == fails, "docker %s: %d %s%s" %
              (" ".join(argv), r.returncode, r.stdout, r.stderr))
        return r.stdout + r.stderr if fails else r.stdout

    def ask(self, method, target, body=None):
        """Through it: status and bytes."""
        c = engine.UnixHTTP(self.path, 20)
        try:
            c.request(method, target,
                      json.dumps(body) if body is not None else None,
                      {"Content-Type": "application/json"}
                      if body is not None else {})
            r = c.getresponse()
            return r.status, r.read()
        finally:
            c.close()

    def answers(self):
        try:
            return self.ask("GET", "/version")[0]
        except OSError:
            return None

    def wait(self):
        """Until it answers; the time since it was started, in seconds."""
        poll(lambda: self.answers() or self.ended(), 20, self.log, step=0.002)
        self.took = time.monotonic() - self.begin
        check(not self.ended(), "it ended: " + self.log())
        return self.took

    def state(self):
        return self.e.json("GET", "/containers/%s/json" % self.name)["State"]

    def ended(self):
        return not self.state()["Running"]

    def status(self):
        """Of its exit."""
        poll(self.ended, 20, lambda: "it ends; log:\n" + self.log())
        return self.state()["ExitCode"]

    def health(self):
        return self.state()["Health"]["Status"]

    def log(self):
        r = self.e.docker("logs", self.name, text=True)
        return r.stdout + r.stderr

    def close(self):
        self.e.request("DELETE", "/containers/%s?force=1&v=1" % self.name)
        shutil.rmtree(self.dir, ignore_errors=True)
