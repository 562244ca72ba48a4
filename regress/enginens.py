#!/usr/bin/python3
# SPDX-License-Identifier: ISC
#
# Namespaces for a private engine, and the supervisor that keeps it in them:
# engine.py starts it, writes a word a line ("start", "stop", "kill") and reads
# "ok".  At the end of its input it removes everything, so nothing outlives a
# case, however that ended.
#
# usage: enginens.py directory socket private|host|build dockerd|podman [root]
#
# "build" is the machine's network without anything of our own in it, no bridge
# and no rule: for building images, with --network=host.
#
# With root, a directory that holds another distribution, the engine is that
# distribution's.

import ctypes
import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CLONE_NEWNS = 0x00020000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
MS_REC, MS_PRIVATE, MS_BIND, MS_MOVE = 0x4000, 0x40000, 0x1000, 0x2000
MNT_DETACH = 2
SYS_PIVOT_ROOT = 41 if os.uname().machine == "aarch64" else 155     # x86-64
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

libc = ctypes.CDLL(None, use_errno=True)


def which(name):
    """A program, looked for where root's PATH may not lead."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":" + PATH)


def check(rv, what):
    if rv == -1:
        e = ctypes.get_errno()
        raise OSError(e, "%s: %s" % (what, os.strerror(e)))


def mount(src, dst, fstype=None, flags=0, data=None):
    enc = [x.encode() if x is not None else None
           for x in (src, dst, fstype, data)]
    check(libc.mount(enc[0], enc[1], enc[2], ctypes.c_ulong(flags), enc[3]),
          "mount %s on %s" % (src, dst))


def quiet(*argv):
    """Does this command exist and succeed?"""
    try:
        return subprocess.run(argv, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL,
                              env={"PATH": PATH}, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


# Inside: process 1 of the engine's namespaces.

def private_mounts():
    """
    Nothing mounted from here on is seen outside, and "/" is the root of the
    mount namespace.  In a chroot it is not, and that must not stay so:
    setns(2) leads to the namespace's root, "docker exec" would run out there.
    """
    root = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    ns = os.open("/proc/self/ns/mnt", os.O_RDONLY)
    check(libc.setns(ns, CLONE_NEWNS), "setns")     # to the namespace's root
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    outside = os.stat("/")
    os.fchdir(root)
    if not os.path.samestat(outside, os.stat(".")):
        enter_root(os.getcwd())
    check(libc.setns(ns, CLONE_NEWNS), "setns")
    if not os.path.samestat(os.fstat(root), os.stat("/")):
        raise RuntimeError("setns(2) still leads out of the chroot")
    os.close(root)
    os.close(ns)


def enter_root(path):
    """Make this directory the root, as a container runtime does."""
    mount(path, path, None, MS_BIND | MS_REC)
    os.chdir(path)
    try:
        check(libc.syscall(SYS_PIVOT_ROOT, b".", b"."), "pivot_root")
        check(libc.umount2(b".", MNT_DETACH), "umount")
    except OSError as e:
        if e.errno != errno.EINVAL:
            raise
        mount(path, "/", None, MS_MOVE)     # out of an initramfs
        os.chroot(".")


def mounted(*types):
    """The mount points of these file system types."""
    points = []
    with open("/proc/self/mountinfo") as f:
        for line in f:
            left, right = line.split(" - ", 1)
            if right.split()[0] in types:
                points.append(left.split()[4])
    return points


def mount_system():
    """/proc for the new process ids; /sys, /dev, cgroups where missing."""
    mount("proc", "/proc", "proc")
    if not os.path.isdir("/sys/kernel"):
        mount("sysfs", "/sys", "sysfs")
    if not os.path.exists("/dev/null"):
        mount("tmpfs", "/dev", "tmpfs", 0, "mode=0755")
        for name, minor in (("null", 3), ("zero", 5), ("full", 7),
                            ("random", 8), ("urandom", 9)):
            os.mknod("/dev/" + name, 0o020666, os.makedev(1, minor))
    # Two engines must not share a containerd or its plugins.
    for path in ("/run/containerd", "/run/docker"):
        if os.path.isdir(path):
            mount("tmpfs", path, "tmpfs", 0, "mode=0711")
    if not mounted("cgroup", "cgroup2"):
        mount_cgroups()


def mount_cgroups():
    with open("/proc/cgroups") as f:
        rows = [line.split() for line in f if not line.startswith("#")]
    legacy = [r[0] for r in rows if r[1] != "0" and r[3] == "1"]
    if not legacy:
        mount("cgroup2", "/sys/fs/cgroup", "cgroup2")
        return
    mount("tmpfs", "/sys/fs/cgroup", "tmpfs", 0, "mode=0755")
    for name in legacy:
        os.mkdir("/sys/fs/cgroup/" + name)
        mount("cgroup", "/sys/fs/cgroup/" + name, "cgroup", 0, name)


def remove_cgroups(name):
    """What containers and builds left, once their processes have ended."""
    deadline = time.monotonic() + 5
    for point in mounted("cgroup", "cgroup2"):
        top = os.path.join(point, name)
        while os.path.isdir(top) and time.monotonic() < deadline:
            for path, _, _ in os.walk(top, topdown=False):
                try:
                    os.rmdir(path)
                except OSError:
                    time.sleep(0.02)


def storage_driver(data):
    """overlay2 where the data directory can carry it, or else copies."""
    top = tempfile.mkdtemp(dir=data)
    try:
        for name in ("l", "u", "w", "m"):
            os.mkdir(os.path.join(top, name))
        mount("overlay", top + "/m", "overlay", 0,
              "lowerdir=%s/l,upperdir=%s/u,workdir=%s/w" % (top, top, top))
        libc.umount2((top + "/m").encode(), MNT_DETACH)
        return "overlay2"
    except OSError:
        return "vfs"
    finally:
        shutil.rmtree(top, ignore_errors=True)


def network_options(bridge):
    """A bridge of our own, with address translation where the kernel can."""
    none = ["--bridge=none", "--iptables=false", "--ip6tables=false",
            "--ip-masq=false"]
    if bridge is None:
        return none
    quiet("ip", "link", "set", "lo", "up")
    quiet("ip", "link", "del", bridge)
    if not quiet("ip", "link", "add", bridge, "type", "bridge"):
        return none
    quiet("ip", "addr", "add", "172.31.255.1/24", "dev", bridge)
    quiet("ip", "link", "set", bridge, "up")
    opts = ["--bridge=" + bridge]
    if not quiet("iptables", "-w", "-t", "nat", "-L", "-n"):
        opts += ["--iptables=false", "--ip-masq=false"]
    return opts


def dockerd_argv(top, sock, parent, bridge):
    data = os.path.join(top, "data")
    os.makedirs(data, exist_ok=True)
    pidfile = os.path.join(top, "pid")
    if os.path.exists(pidfile):
        os.unlink(pidfile)
    # Like /run at boot: it names processes of a namespace that is gone, and
    # the numbers are in use again.
    shutil.rmtree(os.path.join(top, "exec"), ignore_errors=True)
    config = os.path.join(top, "daemon.json")
    with open(config, "w") as f:
        f.write("{}\n")         # never the machine's own
    return [which("dockerd"), "--config-file", config, "--data-root", data,
            "--exec-root", os.path.join(top, "exec"), "--pidfile", pidfile,
            "-H", "unix://" + sock, "--cgroup-parent", parent,
            "--shutdown-timeout", "2", "-s", storage_driver(data)] + \
        network_options(bridge)


PODMAN_CONF = """\
[containers]
cgroups = "enabled"
netns = "private"
log_driver = "k8s-file"
default_sysctls = []
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "%(runtime)s"
tmp_dir = "%(top)s/tmp"
volume_path = "%(top)s/volumes"
network_cmd_path = ""
[network]
network_config_dir = "%(top)s/net"
"""


def podman_argv(top, sock, parent, bridge):
    """No configuration of the machine's, nothing kept outside top."""
    for name in ("tmp", "net", "volumes"):
        os.makedirs(os.path.join(top, name), exist_ok=True)
    conf = os.path.join(top, "containers.conf")
    with open(conf, "w") as f:
        f.write(PODMAN_CONF % {"top": top, "runtime":
                               "crun" if which("crun") else "runc"})
    os.environ["CONTAINERS_CONF"] = conf
    quiet("ip", "link", "set", "lo", "up")
    return [which("podman"), "--root", os.path.join(top, "data"),
            "--runroot", os.path.join(top, "exec"), "--storage-driver", "vfs",
            "system", "service", "--time", "0", "unix://" + sock]


ENGINES = {"dockerd": dockerd_argv, "podman": podman_argv}


def other_root(root, top):
    """
    In a root of another distribution, with our /proc, our top and what else
    the cases put beside it, which containers may be given.
    """
    for path in ("/proc", "/sys", "/dev", os.path.dirname(top)):
        os.makedirs(root + path, exist_ok=True)
        mount(path, root + path, None, MS_BIND | MS_REC)
    mount("tmpfs", root + "/run", "tmpfs", 0, "mode=0755")
    enter_root(root)
    os.chdir("/")


def inside(top, sock, parent, bridge, kind, root):
    """Process 1: prepare, run the engine, bury orphans until it ends."""
    private_mounts()
    mount_system()
    if root is not None:
        other_root(root, top)
    argv = ENGINES[kind](top, sock, parent, bridge)
    env = {"PATH": PATH, "TMPDIR": top}
    if "CONTAINERS_CONF" in os.environ:
        env["CONTAINERS_CONF"] = os.environ["CONTAINERS_CONF"]
    with open(os.path.join(top, "log"), "ab") as log:
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log,
                                 stderr=log, start_new_session=True,
                                 env=env)
    signal.signal(signal.SIGTERM, lambda *a: child.send_signal(15))
    while True:
        pid, status = os.wait()
        if pid == child.pid:
            return os.waitstatus_to_exitcode(status)


# The supervisor: one line in, one line out.

class Supervisor:
    def __init__(self, top, sock, net, kind, root=None):
        self.top, self.sock, self.net = top, sock, net
        self.kind, self.root = kind, root
        self.parent = "/proxyd-regress-%d" % os.getpid()
        self.bridge = None if net == "build" else "prx%d" % os.getpid()
        self.init = 0

    def start(self):
        """
        Only the forked child enters new namespaces: what has once unshared
        its process ids cannot do so again.
        """
        pid = os.fork()
        if pid == 0:
            self.enter()
        self.init = pid

    def enter(self):
        status = 1
        try:
            flags = CLONE_NEWNS | CLONE_NEWPID
            if self.net == "private":
                flags |= CLONE_NEWNET
            check(libc.unshare(flags), "unshare")
            pid = os.fork()
            if pid == 0:
                libc.prctl(1, signal.SIGKILL)   # PR_SET_PDEATHSIG
                status = inside(self.top, self.sock, self.parent, self.bridge,
                                self.kind, self.root)
                os._exit(status & 255)
            signal.signal(signal.SIGTERM, lambda *a: os.kill(pid, 15))
            signal.signal(signal.SIGUSR1, lambda *a: os.kill(pid, 9))
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        except BaseException as e:
            with open(os.path.join(self.top, "log"), "a") as log:
                log.write("engine.py: %r\n" % e)
        finally:
            os._exit(status & 255)

    def wait(self, deadline):
        while time.monotonic() < deadline:
            if os.waitpid(self.init, os.WNOHANG)[0] != 0:
                return True
            time.sleep(0.02)
        return False

    def stop(self):
        """In order first, by force after that; children go with process 1."""
        if self.init == 0:
            return
        os.kill(self.init, signal.SIGTERM)
        if not self.wait(time.monotonic() + 15):
            self.kill()
        self.init = 0

    def kill(self):
        """Returns when the last process of the namespace is gone."""
        if self.init != 0:
            os.kill(self.init, signal.SIGUSR1)
            os.waitpid(self.init, 0)
            self.init = 0

    def clean(self):
        self.kill()
        self.clean_cgroups()
        if self.net == "host":
            quiet("ip", "link", "del", self.bridge)
        deadline = time.monotonic() + 10
        while os.path.isdir(self.top) and time.monotonic() < deadline:
            shutil.rmtree(self.top, ignore_errors=True)
            time.sleep(0.05)    # the namespace's last mounts may linger
        if os.path.lexists(self.sock):
            os.unlink(self.sock)

    def clean_cgroups(self):
        """In a child: the hierarchies may have to be mounted for it."""
        pid = os.fork()
        if pid != 0:
            os.waitpid(pid, 0)
            return
        try:
            if not mounted("cgroup", "cgroup2"):
                check(libc.unshare(CLONE_NEWNS), "unshare")
                private_mounts()
                mount_system()
            remove_cgroups(self.parent.lstrip("/"))
        except (OSError, RuntimeError) as e:
            print("engine.py: cgroups stay: %s" % e, file=sys.stderr)
        finally:
            os._exit(0)

    def serve(self, words):
        """Until the other side says so or goes away (end of file)."""
        calls = {"start": self.start, "stop": self.stop, "kill": self.kill}
        for word in words:
            calls[word.strip()]()
            print("ok", flush=True)


def supervise(*args):
    # A Ctrl-C is for the case; it ends us by closing our input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    s = Supervisor(*args)
    try:
        s.serve(iter(sys.stdin.readline, ""))
    finally:
        s.clean()


if __name__ == "__main__":
    supervise(*sys.argv[1:])
