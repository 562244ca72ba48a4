# SPDX-License-Identifier: ISC
#
# The programs that are compared: how each is started, and what the kernel
# says of its processes (time, context switches, memory, system calls).

import os
import re
import resource
import shutil
import socket
import subprocess
import tempfile
import time

BENCH = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(BENCH)
SBIN = ":/usr/local/sbin:/usr/sbin:/sbin"

# The same grant for every candidate that has a policy.
POLICY = {"CONTAINERS": "1", "IMAGES": "1", "EXEC": "1", "INFO": "1",
          "EVENTS": "1", "PING": "1", "VERSION": "1", "POST": "1",
          "ALLOW_ARCHIVE": "1", "ALLOW_EXPORT": "1", "LOG_LEVEL": "info"}


def which(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + SBIN)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def read(path, default=""):
    try:
        with open(path) as f:
            return f.read()
    except OSError:
        return default


def raise_nofile():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Tree:
    """A process and everything that it started."""

    def __init__(self, pid):
        self.pid = pid

    def pids(self):
        children = {}
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            stat = read("/proc/%s/stat" % name)
            if stat:
                ppid = int(stat.rpartition(")")[2].split()[1])
                children.setdefault(ppid, []).append(int(name))
        found, todo = [], [self.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            todo += children.get(pid, [])
        return found

    def usage(self):
        """Seconds on a processor, context switches: of all threads."""
        cpu = user = system = 0.0
        switches = 0
        tick = os.sysconf("SC_CLK_TCK")
        for pid in self.pids():
            stat = read("/proc/%d/stat" % pid).rpartition(")")[2].split()
            if stat:
                user += int(stat[11]) / tick
                system += int(stat[12]) / tick
            for tid in threads(pid):
                base = "/proc/%d/task/%s/" % (pid, tid)
                sched = read(base + "schedstat").split()
                cpu += int(sched[0]) / 1e9 if sched else 0.0
                switches += sum(map(int, re.findall(
                    r"ctxt_switches:\s+(\d+)", read(base + "status"))))
        return {"cpu": cpu or user + system, "user": user, "system": system,
                "switches": switches}

    def pss(self):
        """KiB, shared pages counted by their share."""
        return self.rollup("Pss")

    def private(self):
        return self.rollup("Private_Dirty") + self.rollup("Private_Clean")

    def rollup(self, key):
        return sum(int(n) for pid in self.pids() for n in re.findall(
            r"^%s:\s+(\d+)" % key, read("/proc/%d/smaps_rollup" % pid), re.M))


def threads(pid):
    try:
        return os.listdir("/proc/%d/task" % pid)
    except OSError:
        return []


class Candidate:
    """name, the address of clients, what it is for in a table."""

    title = ""

    def __init__(self, name, bin_dir, run_dir, daemon):
        self.name, self.bin, self.daemon = name, bin_dir, daemon
        self.dir = os.path.join(run_dir, name)
        os.mkdir(self.dir)
        os.chmod(self.dir, 0o755)
        self.port = free_port()
        self.address = "tcp:127.0.0.1:%d" % self.port
        self.process = self.log = None

    def available(self):
        return True

    def command(self):
        return None

    def environment(self):
        return {"PATH": os.environ.get("PATH", "") + SBIN}

    def start(self):
        """Milliseconds until the first request was answered."""
        command = self.command()
        if command is None:
            return None
        self.log = open(os.path.join(self.dir, "log"), "ab")
        begin = time.monotonic()
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, env=self.environment(), cwd=self.dir)
        while not self.answers():
            if self.process.poll() is not None or \
                    time.monotonic() - begin > 10:
                raise RuntimeError("%s does not start: %s" % (
                    self.name, read(self.log.name)[-2000:]))
            time.sleep(0.0005)
        return (time.monotonic() - begin) * 1000

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as s:
                s.sendall(b"GET /_ping HTTP/1.1\r\nHost: docker\r\n"
                          b"Connection: close\r\n\r\n")
                return s.recv(4096).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
        self.log.close()

    def tree(self):
        return Tree(self.process.pid) if self.process else None

    def log_lines(self):
        """Since the last call; the file is emptied."""
        if self.log is None:
            return 0
        with open(self.log.name, "rb") as f:
            n = sum(block.count(b"\n") for block in iter(
                lambda: f.read(1 << 20), b""))
        os.truncate(self.log.name, 0)
        return n

    def template(self, name):
        with open(os.path.join(BENCH, name + ".in")) as f:
            text = f.read()
        for key, value in (("@PORT@", str(self.port)), ("@DIR@", self.dir),
                           ("@SOCKET@", self.daemon)):
            text = text.replace(key, value)
        path = os.path.join(self.dir, name)
        with open(path, "w") as f:
            f.write(text)
        return path


class Direct(Candidate):
    title = "the daemon's unix socket, no proxy"

    def __init__(self, name, bin_dir, run_dir, daemon):
        super().__init__(name, bin_dir, run_dir, daemon)
        self.address = "unix:" + daemon


class DirectTCP(Direct):
    title = "the same daemon listening on TCP, no proxy"


class Proxyd(Candidate):
    title = "proxyd"

    def command(self):
        return [os.path.join(self.bin, "proxyd/proxyd"), "-d"]

    def environment(self):
        return dict(super().environment(), **POLICY, SOCKET_PATH=self.daemon,
                    PROXYD_LISTEN="tcp://127.0.0.1:%d" % self.port)


class Other(Proxyd):
    title = "another build of proxyd (run.py --other)"
    build = None        # its directory

    def available(self):
        return self.build is not None

    def command(self):
        return [os.path.join(self.build, "proxyd/proxyd"), "-d"]


class HAProxy(Candidate):
    def available(self):
        return which("haproxy") is not None

    def command(self):
        return [which("haproxy"), "-W", "-db", "-f", self.template(
            "haproxy-%s.cfg" % self.name)]

    def environment(self):
        return dict(super().environment(), **POLICY)


class Tecnativa(HAProxy):
    title = "HAProxy, a daemon connection for each request (the images)"


class Tuned(HAProxy):
    title = "HAProxy, daemon connections reused"


class Nginx(Candidate):
    title = "nginx, no policy, no buffering, daemon connections kept"

    def available(self):
        return which("nginx") is not None

    def command(self):
        return [which("nginx"), "-c", self.template("nginx.conf"),
                "-p", self.dir]


class Relay(Candidate):
    title = "splice(2) from TCP to the socket, nothing read"

    def command(self):
        return [os.path.join(self.bin, "bench/relay"), self.address,
                "unix:" + self.daemon]


class Single(Candidate):
    title = "the same work in one process, GET only"

    def command(self):
        return [os.path.join(self.bin, "bench/single"), self.address,
                "unix:" + self.daemon]


CLASSES = {"direct": Direct, "direct-tcp": DirectTCP, "proxyd": Proxyd,
           "other": Other,
           "tecnativa": Tecnativa, "tuned": Tuned, "nginx": Nginx,
           "relay": Relay, "single": Single}


class Bench:
    """A run directory with the stub daemon and the candidates in it."""

    def __init__(self, bin_dir, names):
        raise_nofile()
        self.bin = bin_dir
        self.dir = tempfile.mkdtemp(prefix="proxyd-bench.")
        os.chmod(self.dir, 0o755)
        self.socket = os.path.join(self.dir, "docker.sock")
        self.stub = None
        self.candidates = {}
        for name in names:
            c = CLASSES[name](name, bin_dir, self.dir, self.socket)
            if c.available():
                self.candidates[name] = c

    def __enter__(self):
        argv = [os.path.join(self.bin, "bench/stubd"), "unix:" + self.socket]
        tcp = self.candidates.get("direct-tcp")
        if tcp:
            tcp.address = "tcp:127.0.0.1:%d" % tcp.port
            argv.append(tcp.address)
        self.stub = subprocess.Popen(argv)
        deadline = time.monotonic() + 5
        while not os.path.exists(self.socket):
            if time.monotonic() > deadline or self.stub.poll() is not None:
                raise RuntimeError("the stub daemon does not start")
            time.sleep(0.01)
        os.chmod(self.socket, 0o666)
        return self

    def __exit__(self, *exc):
        for c in self.candidates.values():
            c.stop()
        self.stub.terminate()
        self.stub.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def streams(self):
        """Event streams that the daemon has open."""
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(self.socket)
            s.sendall(b"GET /bench/streams HTTP/1.1\r\n\r\n")
            return int(s.recv(4096).rpartition(b"\r\n\r\n")[2])
