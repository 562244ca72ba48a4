# SPDX-License-Identifier: ISC
#
# Confinement as /proc shows it to root: what the kernel says about a filter
# and about the parent, not what they say of themselves.  Every function
# returns a list of failures in words, empty when all is well.

import os
import pwd
import re
import socket
import struct
import sys

CAPS_CONFINE = 1 << 6 | 1 << 7 | 1 << 8 | 1 << 18   # SETGID UID PCAP CHROOT
CAPS_REACH = 1 << 1                                 # DAC_OVERRIDE
CAPS_RELOAD = 1 << 0 | 1 << 10                      # CHOWN NET_BIND_SERVICE
CAP_SETS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
# What a filter may hold: channel, listeners, clients, pipes, the loop.
FD_KINDS = re.compile(r"^(socket:\[\d+\]|pipe:\[\d+\]|/dev/null|"
                      r"anon_inode:\[(eventpoll|eventfd)\])$")


def status(pid):
    """/proc/PID/status as a dictionary of strings."""
    with open("/proc/%d/status" % pid) as f:
        return dict(line.rstrip("\n").split(":\t", 1)
                    for line in f if ":\t" in line)


def limits(pid):
    """{name: (soft, hard)}, None for unlimited."""
    out = {}
    with open("/proc/%d/limits" % pid) as f:
        next(f)
        for line in f:
            out[line[:26].strip()] = tuple(
                None if w == "unlimited" else int(w)
                for w in line[26:].split()[:2])
    return out


def fds(pid):
    """{number: what it is}."""
    out = {}
    base = "/proc/%d/fd" % pid
    for name in os.listdir(base):
        try:
            out[int(name)] = os.readlink(os.path.join(base, name))
        except FileNotFoundError:
            pass
    return out


def children(pid):
    """Direct children, for finding the filters of a parent."""
    out = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if status(int(name)).get("PPid") == str(pid):
                    out.append(int(name))
            except (FileNotFoundError, ProcessLookupError):
                pass
    return out


def cmdline(pid):
    with open("/proc/%d/cmdline" % pid, "rb") as f:
        return f.read().replace(b"\0", b" ").decode("latin-1").strip()


def unix_sockets():
    """{inode: (name, peer's inode)} of this network namespace, sock_diag(7)."""
    out = {}
    # struct unix_diag_req: family, all states, SHOW_NAME | SHOW_PEER
    req = struct.pack("=BBHIIIII", socket.AF_UNIX, 0, 0, 0xffffffff, 0, 1 | 4,
                      0xffffffff, 0xffffffff)
    head = struct.pack("=IHHII", 16 + len(req), 20, 0x301, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4) as s:
        s.send(head + req)
        while True:
            data = s.recv(1 << 18)
            while len(data) >= 16:
                size, kind = struct.unpack_from("=IH", data)
                if kind == 3:
                    return out
                if kind == 2:
                    raise OSError("sock_diag: refused")
                unix_entry(data[16:size], out)
                data = data[(size + 3) & ~3:]


def unix_entry(msg, out):
    inode, = struct.unpack_from("=I", msg, 4)
    name, peer, pos = "", 0, 16
    while pos + 4 <= len(msg):
        size, kind = struct.unpack_from("=HH", msg, pos)
        if size < 4:
            break
        value = msg[pos + 4:pos + size]
        if kind == 0:
            name = value.rstrip(b"\0").decode("latin-1")
        elif kind == 2:
            peer, = struct.unpack_from("=I", value)
        pos += (size + 3) & ~3
    out[inode] = (name, peer)


def engine_fds(pid, engine):
    """Descriptors of pid that are connected to the socket at engine."""
    table = unix_sockets()
    path = os.path.realpath(engine)
    out = []
    for fd, what in fds(pid).items():
        m = re.match(r"socket:\[(\d+)\]$", what)
        peer = table.get(int(m.group(1)), ("", 0))[1] if m else 0
        name = table.get(peer, ("", 0))[0]
        if name and os.path.realpath(name) == path:
            out.append(fd)
    return out


class Report:
    def __init__(self, what, pid):
        self.what, self.pid, self.bad = what, pid, []

    def same(self, name, have, want):
        if have != want:
            self.bad.append("%s %d: %s is %r, not %r"
                            % (self.what, self.pid, name, have, want))

    def true(self, text, cond):
        if not cond:
            self.bad.append("%s %d: %s" % (self.what, self.pid, text))


def check_common(r, st):
    r.same("NoNewPrivs", st.get("NoNewPrivs"), "1")
    r.same("Seccomp", st.get("Seccomp"), "2")
    r.same("Threads", st.get("Threads"), "1")
    r.same("TracerPid", st.get("TracerPid"), "0")
    lim = limits(r.pid)
    r.same("core limit", lim["Max core file size"], (0, 0))
    r.same("locked memory limit", lim["Max locked memory"], (0, 0))
    with open("/proc/%d/maps" % r.pid) as f:
        for line in f:
            perms = line.split()[1]
            r.true("writable and executable: " + line.strip(),
                   not ("w" in perms and "x" in perms))
    return lim


def check_ids(r, st, uid, gid):
    if uid is None:
        try:
            entry = pwd.getpwnam("_proxyd")
        except KeyError:
            entry = pwd.getpwnam("nobody")
        uid, gid = entry.pw_uid, entry.pw_gid
    r.true("runs as root", uid != 0 and gid != 0)
    r.same("Uid", st["Uid"].split(), [str(uid)] * 4)
    r.same("Gid", st["Gid"].split(), [str(gid)] * 4)
    r.same("Groups", st["Groups"].split(), [str(gid)])


def check_root(r, root):
    have = os.readlink("/proc/%d/root" % r.pid)
    r.true("root is /", have != "/")
    if root is not None:
        r.same("root", have, os.path.realpath(root))
    inside = "/proc/%d/root/." % r.pid
    st = os.stat(inside)
    r.true("root directory is not root's, or writable by others",
           st.st_uid == 0 and st.st_mode & 0o022 == 0)
    r.same("root directory's content", os.listdir(inside), [])
    r.same("cwd", os.readlink("/proc/%d/cwd" % r.pid), have)


def check_fds(r, engine):
    for fd, what in sorted(fds(r.pid).items()):
        # -d: what the administrator gave as standard error stays
        if fd != 2:
            r.true("descriptor %d is %s" % (fd, what), FD_KINDS.match(what))
    r.true("descriptor 3 is not the channel",
           fds(r.pid).get(3, "").startswith("socket:"))
    if engine is not None:
        r.same("descriptors of the engine", engine_fds(r.pid, engine), [])


def check_filter(pid, uid=None, gid=None, root=None, engine=None, title=None):
    """A filter.  None: _proxyd or nobody; any empty directory; not asked."""
    r = Report("filter", pid)
    st = status(pid)
    check_ids(r, st, uid, gid)
    for name in CAP_SETS:
        r.same(name, int(st[name], 16), 0)
    lim = check_common(r, st)
    r.same("process limit", lim["Max processes"], (0, 0))
    r.same("file size limit", lim["Max file size"], (0, 0))
    soft, hard = lim["Max open files"]
    r.true("descriptor limit is open", hard is not None and soft == hard)
    check_root(r, root)
    check_fds(r, engine)
    # Not dumpable: the files in /proc are root's.
    r.same("owner of environ", os.stat("/proc/%d/environ" % pid).st_uid, 0)
    r.same("children", children(pid), [])
    if title is not None:
        r.true("command line is %r" % cmdline(pid), title in cmdline(pid))
    return r.bad


def check_parent(pid, reload=False):
    """The parent, once it serves; reload: it has a configuration file."""
    r = Report("parent", pid)
    st = status(pid)
    r.same("Uid", st["Uid"].split(), ["0"] * 4)
    check_common(r, st)
    caps = {name: int(st[name], 16) for name in CAP_SETS}
    r.same("CapInh", caps["CapInh"], 0)
    r.same("CapAmb", caps["CapAmb"], 0)
    for name in ("CapPrm", "CapEff", "CapBnd"):
        r.same(name, caps[name] & ~CAPS_REACH,
               CAPS_CONFINE | (CAPS_RELOAD if reload else 0))
    r.same("CapEff", caps["CapEff"], caps["CapPrm"])
    r.same("CapBnd", caps["CapBnd"], caps["CapPrm"])
    return r.bad


def main():
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        sys.exit("usage: confinement.py pid-of-proxyd")
    pid = int(sys.argv[1])
    bad = check_parent(pid)
    filters = children(pid)
    if not filters:
        bad.append("parent %d: has no filter" % pid)
    for child in filters:
        bad += check_filter(child)
    for line in bad:
        print(line)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
