#!/usr/bin/python3
# SPDX-License-Identifier: ISC
#
# A private engine for the cases, that no other engine on the machine notices:
# its own mount, process and network namespaces, its own data directory,
# containerd, cgroup and socket (enginens.py).  Nothing is pulled; the images
# are made from busybox.
#
# Engine is the machine's dockerd, or that of another distribution in a
# directory: root=, or ENGINE_ROOT in the environment for every one that does
# not say.  Podman is "podman system service", which speaks the same API.
#
#	with Engine() as e:
#		e.docker("run", "--rm", e.IMAGE, "true")
#
# or by hand: regress/engine.py [-s SOCKET] [-n] [-p], until it is interrupted;
# -n leaves it in the machine's network, so that it can pull; -p is podman.

import atexit
import http.client
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time

from enginens import PATH, which

HERE = os.path.dirname(os.path.abspath(__file__))
# Where "make engine-root" puts an engine that is newer than the machine's.
NEWER = os.environ.get("ENGINE_TRIXIE") or \
    os.path.join(os.path.dirname(HERE), "build", "trixie")


class UnixHTTP(http.client.HTTPConnection):
    """http.client over a Unix-domain socket."""

    def __init__(self, path, timeout=60):
        super().__init__("docker", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def busybox_tar(extra=()):
    """A root file system of one static program, as the bytes of a tar."""
    busybox = which("busybox")
    applets = subprocess.run([busybox, "--list"], check=True, text=True,
                             capture_output=True).stdout.split()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, mode in (("bin", 0o755), ("etc", 0o755), ("root", 0o700),
                           ("tmp", 0o1777), ("srv", 0o755)):
            info = tarfile.TarInfo(name)
            info.type, info.mode = tarfile.DIRTYPE, mode
            tar.addfile(info)
        with open(busybox, "rb") as f:
            prog = f.read()
        files = [("bin/busybox", 0o755, prog),
                 ("etc/passwd", 0o644, b"root:x:0:0::/root:/bin/sh\n"
                  b"guest:x:1000:1000::/tmp:/bin/sh\n"),
                 ("etc/group", 0o644, b"root:x:0:\nguest:x:1000:\n"),
                 ("srv/page", 0o644, b"of the image\n")]
        for name, mode, data in files + list(extra):
            info = tarfile.TarInfo(name)
            info.mode, info.size = mode, len(data)
            tar.addfile(info, io.BytesIO(data))
        for name in sorted(set(applets) - {"busybox"}):
            info = tarfile.TarInfo("bin/" + name)
            info.type, info.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(info)
    return out.getvalue()


def cli(docker, host, *args, timeout=60, **kw):
    """Run a docker CLI against host; bytes unless text=True is given."""
    env = {"PATH": PATH, "HOME": kw.pop("home", "/nonexistent"),
           "DOCKER_HOST": host, "LC_ALL": "C.UTF-8", "TERM": "xterm"}
    env.update(kw.pop("env", {}))
    if "input" not in kw:
        kw.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run([docker] + list(args), env=env, timeout=timeout,
                          stdout=kw.pop("stdout", subprocess.PIPE),
                          stderr=kw.pop("stderr", subprocess.PIPE), **kw)


class Engine:
    IMAGE = "busybox:test"
    KIND = "dockerd"

    @classmethod
    def other_root(cls):
        """A directory that all of this kind come from; None: this machine."""
        root = os.environ.get("ENGINE_ROOT")
        return os.path.abspath(root) if root else None

    @classmethod
    def missing(cls, root=None):
        """What it needs and has not got, or None."""
        root = root or cls.other_root()
        for need in (cls.KIND, "busybox"):
            path = os.environ.get("PATH", "") + ":" + PATH
            if root is not None and need == cls.KIND:
                path = ":".join(root + d for d in PATH.split(":"))
            if shutil.which(need, path=path) is None:
                return "%s is not installed" % need

    @classmethod
    def no_newer(cls):
        """Why there is no newer engine to run with, or None."""
        if not os.path.isdir(NEWER):
            return "no engine of Debian 13: make engine-root"
        return cls.missing(NEWER)

    def __init__(self, sock=None, net="private", root=None):
        if self.missing(root):
            raise RuntimeError(self.missing(root))
        root = root or self.other_root()
        self.top = tempfile.mkdtemp(prefix="proxyd-engine.")
        os.chmod(self.top, 0o711)
        self.socket = sock or os.path.join(self.top, "docker.sock")
        self.host = "unix://" + self.socket
        self.super = subprocess.Popen(
            [sys.executable, "-B", os.path.join(HERE, "enginens.py"),
             self.top, self.socket, net, self.KIND] +
            ([root] if root else []), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, start_new_session=True)
        atexit.register(self.close)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc):
        self.close()

    def tell(self, word):
        self.super.stdin.write(word + "\n")
        self.super.stdin.flush()
        if self.super.stdout.readline() != "ok\n":
            raise RuntimeError("the engine's supervisor ended:\n" + self.log())

    def log(self, tail=4000):
        try:
            with open(os.path.join(self.top, "log"), errors="replace") as f:
                return f.read()[-tail:]
        except OSError:
            return ""

    def ping(self):
        try:
            return self.request("GET", "/_ping", timeout=5)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def start(self, timeout=60):
        """Returns when the engine answers and has its image."""
        self.tell("start")
        deadline = time.monotonic() + timeout
        while not self.ping():
            if time.monotonic() > deadline:
                log = self.log()
                self.close()
                raise RuntimeError("%s does not start:\n%s" %
                                   (self.KIND, log))
            time.sleep(0.05)
        if self.request("GET", "/images/%s/json" % self.IMAGE)[0] != 200:
            self.import_image(self.IMAGE, busybox_tar())

    def stop(self):
        """As a service manager would; containers are stopped."""
        self.tell("stop")

    def kill(self):
        """As a power failure would, for the engine and its containers."""
        self.tell("kill")

    def close(self):
        if self.super is None:
            return
        self.super.stdin.close()
        self.super.wait(timeout=60)
        self.super.stdout.close()
        self.super = None

    def request(self, method, path, body=None, headers=None, timeout=60):
        """One request past the proxy; (status, bytes)."""
        c = UnixHTTP(self.socket, timeout)
        try:
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
                headers = {"Content-Type": "application/json"}
            c.request(method, path, body, headers or {})
            r = c.getresponse()
            return r.status, r.read()
        finally:
            c.close()

    def json(self, method, path, body=None):
        status, data = self.request(method, path, body)
        if status >= 400:
            raise RuntimeError("%s %s: %d %r" % (method, path, status, data))
        return json.loads(data) if data else None

    def import_image(self, ref, tar):
        repo, tag = ref.rsplit(":", 1)
        status, data = self.request(
            "POST", "/images/create?fromSrc=-&repo=%s&tag=%s"
            "&changes=CMD%%20%%5B%%22sh%%22%%5D" % (repo, tag), tar,
            {"Content-Type": "application/x-tar"})
        if status != 200 or b"error" in data:
            raise RuntimeError("import of %s: %d %r" % (ref, status, data))

    def containers(self):
        """Names of all containers, sorted."""
        return sorted(c["Names"][0].lstrip("/") for c in
                      self.json("GET", "/containers/json?all=1"))

    def docker(self, *args, **kw):
        """The distribution's CLI, straight to the engine."""
        return cli("/usr/bin/docker", self.host, *args, **kw)

    def purge(self):
        """No container, and no network or volume of a case, is left."""
        for c in self.json("GET", "/containers/json?all=1"):
            self.request("DELETE", "/containers/%s?force=1&v=1" % c["Id"])
        for n in self.json("GET", "/networks"):
            if n["Name"] not in ("bridge", "host", "none", "podman"):
                self.request("DELETE", "/networks/" + n["Id"])
        for v in self.json("GET", "/volumes")["Volumes"] or []:
            self.request("DELETE", "/volumes/" + v["Name"])


class Podman(Engine):
    KIND = "podman"
    IMAGE = "localhost/busybox:test"

    @classmethod
    def other_root(cls):
        return None

    def import_image(self, ref, tar):
        """By podman's own API: its /images/create takes no tag here."""
        status, data = self.request(
            "POST", "/v4.0.0/libpod/images/import?reference=%s"
            "&changes=CMD%%20%%5B%%22sh%%22%%5D" % ref, tar,
            {"Content-Type": "application/x-tar"})
        if status != 200:
            raise RuntimeError("import of %s: %d %r" % (ref, status, data))

    def purge(self):
        """What others depend on is not removed before them, by any force."""
        for _ in range(3):
            left = self.json("GET", "/containers/json?all=1")
            for c in left:
                self.request("DELETE", "/containers/%s?force=1&v=1" % c["Id"])
            if not left:
                break
        super().purge()


def main(argv):
    sock = argv[argv.index("-s") + 1] if "-s" in argv else None
    ended = []
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, lambda *a: ended.append(1))
    with (Podman if "-p" in argv else Engine)(
            sock, "host" if "-n" in argv else "private") as e:
        print(e.host, flush=True)
        while not ended:
            signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
