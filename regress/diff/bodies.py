# SPDX-License-Identifier: ISC
"""Bodies that nearly are what clients send.

The seeds are those of the unit test (tests/body_clients.c), bodies of real
clients.  A case is a seed, changed a little in its tree, printed with some
freedom, and changed a little as text; about half of them in ways that no
client would.
"""

import json
import os
import re

from . import gojson
from .gojson import Pairs

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

KINDS = {
    "CONTAINER_CREATE": (gojson.CREATE, "/containers/create"),
    "CONTAINER_UPDATE": (gojson.UPDATE, "/containers/web/update"),
    "EXEC_CREATE": (gojson.EXEC, "/containers/web/exec"),
    "NETWORK_CREATE": (gojson.NETWORK, "/networks/create"),
    "NETWORK_CONNECT": (gojson.CONNECT, "/networks/net1/connect"),
    "VOLUME_CREATE": (gojson.VOLUME, "/volumes/create"),
}
OWN = (
    ("CONTAINER_CREATE", '{"Image":"i"}'),
    ("CONTAINER_CREATE", '{"Image":"i","Cmd":["x"],"HostConfig":{"Binds":'
     '["/workspace:/w"]},"Labels":{"a":"b"}}'),
    ("CONTAINER_CREATE", '{"Image":"i","HostConfig":{"Mounts":[{"Type":'
     '"volume","Source":"data","Target":"/d","VolumeOptions":{"DriverConfig"'
     ':{"Name":"local","Options":{"type":"none","o":"bind","device":'
     '"/workspace/d"}}}}]}}'),
    ("CONTAINER_CREATE", '{"Image":"i","ExposedPorts":{"80/tcp":{}},'
     '"HostConfig":{"Binds":["/workspace:/w","data:/d"],"CapAdd":["CHOWN"],'
     '"SecurityOpt":["no-new-privileges"],"NetworkMode":"dev","Tmpfs":{'
     '"/run":"size=1m"},"IpcMode":"none","Devices":[{"PathOnHost":'
     '"/dev/fuse"}],"Sysctls":{"net.core.somaxconn":"1"},"ExtraHosts":['
     '"db:10.0.0.1"],"Mounts":[{"Type":"bind","Source":"/workspace/a",'
     '"Target":"/a"},{"Type":"tmpfs","Target":"/t"}],"PortBindings":{'
     '"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"}]}}}'),
    ("VOLUME_CREATE", '{"Name":"data1","Driver":"local","DriverOpts":{'
     '"type":"none","o":"bind","device":"/workspace/d"}}'),
)
ENTRY = re.compile(r'\{ "[^"]+", SCHEMA_(\w+),\s*((?:"(?:[^"\\]|\\.)*"\s*)+)'
                   r'\}')


def seeds():
    """(kind, path, text) of each body; creates stand in twice."""
    with open(os.path.join(TREE, "tests", "body_clients.c")) as f:
        found = [(name, "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', text))
                  .replace("\\\\", "\\").replace("'", '"'))
                 for name, text in ENTRY.findall(f.read())]
    found = [f for f in found + 3 * list(OWN) if f[0] in KINDS]
    found += [f for f in found if f[0] == "CONTAINER_CREATE"]
    return [KINDS[name] + (text,) for name, text in found]


# -------------------------------------------------------------------- values

PATHS = ["/workspace", "/workspace/a", "/workspace/./a", "/workspace//b/",
         "/workspace/../etc", "/workspace/a/../../etc", "/workspace2", "/",
         "/etc", "//workspace", "/ro", "/ro/x", "/srv/a", "/proc",
         "/workspace/..", "/workspace/a/..", "/workspace/docker.sock", ".",
         "/var/run/docker.sock", "/workspace\u2215..", "workspace", ""]
NAMES = ["data", "vol", "data1", "proj_x", "net1", "dev", "host", "default",
         "bridge", "none", "other", "data/..", "deadbeef", "", "Host", "n1"]
MODES = ["", "host", "private", "container:web", "none", "Host", "ns:/proc/1",
         "shareable", "default"]
WORDS = ["", "a", "sh", "A=b", "x y", "/a/b", "1000:1000", "\u00e9", "0",
         "tab\there", "nl\n", "\u2028", "<&>", '"', "\\", "/", "\x7f",
         "\U0001f600", "a\u0000b"]
POOL = {
    "Binds": [p + t for p in PATHS + NAMES for t in
              ("", ":/t", ":/t:ro", ":/t:rw,z", ":/t:ro,rslave", ":t")],
    "Source": PATHS + NAMES, "device": PATHS, "Name": NAMES,
    "Target": ["/t", "/t/../u", "t", "/proc", "", "/dev/shm"],
    "Type": ["bind", "volume", "tmpfs", "BIND", "image", "", "cluster"],
    "PathOnHost": ["/dev/fuse", "/dev/sda", "/dev/../dev/fuse", ""],
    "CapAdd": ["CHOWN", "chown", "CAP_NET_BIND_SERVICE", "SYS_ADMIN",
               "\u017fYS_ADMIN", "cap_chown", "ALL", "CAP_CAP_CHOWN"],
    "CapDrop": ["ALL", "all", "CAP_CHOWN", "chown", "cap_mknod"],
    "SecurityOpt": ["no-new-privileges", "no-new-privileges:true", "disable",
                    "seccomp=unconfined", "label=disable",
                    "no-new-privileges=false"],
    "NetworkMode": NAMES, "EndpointsConfig": NAMES,
    "Image": ["i", "busybox:test", "a/b@sha256:" + "0" * 64, "..", "I i"],
    "Sysctls": ["net.core.somaxconn", "net/core/somaxconn", "kernel.sem",
                "kernel.core_pattern", "net..x", "kernel/sem"],
    "PortBindings": ["80/tcp", "80", "080/tcp", "80/TCP", "80-81/tcp",
                     "70000/tcp", "/tcp", "53/udp"],
    "ExposedPorts": ["80/tcp", "80", "0080/udp", "80-90/tcp", "x"],
    "HostPort": ["", "8080", "08080", "8000-8010", "x", "65536"],
    "HostIp": ["", "127.0.0.1", "0.0.0.0", "::1", "0::1", "127.1",
               "::ffff:1.2.3.4"],
    "Tmpfs": ["/t", "/run", "/proc/x", "/dev", "t", "/t/../sys"],
    "Config": ["max-size", "max-file", "fluentd-address", "tag"],
    "Options": ["type", "o", "device", "size", "x"],
    "DriverOpts": ["type", "o", "device", "size", "x"],
    "StorageOpt": ["size", "x"],
    "Driver": ["", "local", "bridge", "macvlan", "default", "x"],
    "Propagation": ["", "private", "rprivate", "rshared", "slave"],
    "ExtraHosts": ["db:10.0.0.1", "h:host-gateway", "h:Host-Gateway", "x"],
    "Container": ["web", "/web", "c", "a/b", ""],
    "Volumes": ["/anon", "/a/../b", "rel"],
}
for _name in ("PidMode", "IpcMode", "UTSMode", "UsernsMode", "CgroupnsMode"):
    POOL[_name] = MODES
TELLING = set(POOL) | {"Privileged", "Mounts", "DriverConfig", "Devices",
                       "LogConfig", "VolumeOptions"}
WEIGHTY = (gojson.HOSTCONFIG, gojson.MOUNT, gojson.DRIVER, gojson.VOLUME)
# what o= and the like hold
OPTION = {"type": ["none", "bind", "", "proc", "overlay"],
          "o": ["bind", "rbind,ro", "bind,exec", "lowerdir=/etc", ""],
          "device": PATHS, "size": ["1m", "x"]}
INTEGERS = [0, 1, -1, 2, 1024, 65535, 65536, 67108864, (1 << 63) - 1,
            -(1 << 63)]


def value(rng, kind, name, depth=0):
    """Some value of a type, for the field of that name."""
    if isinstance(kind, gojson.Pointer):
        return value(rng, kind.to, name, depth)
    if isinstance(kind, gojson.Struct):
        keys = sorted(kind.fields)
        return Pairs((k, value(rng, kind.fields[k], k, depth + 1))
                     for k in rng.sample(keys, min(len(keys),
                                                   rng.randrange(4))))
    if isinstance(kind, gojson.Map):
        keys = {rng.choice(POOL.get(name, WORDS))
                for _ in range(rng.randrange(3))}
        return Pairs((k, value(rng, kind.of, k if k in OPTION else "",
                               depth + 1)) for k in sorted(keys))
    if isinstance(kind, gojson.Slice):
        return [value(rng, kind.of, name, depth + 1)
                for _ in range(rng.choice((0, 1, 1, 2)))]
    if isinstance(kind, gojson.Array):
        return [value(rng, kind.of, name) for _ in range(kind.n)]
    if kind.name == "bool":
        return rng.random() < .5
    if kind.name == "string":
        return rng.choice(OPTION.get(name) or POOL.get(name) or WORDS)
    return rng.choice(INTEGERS)


# ------------------------------------------------------------------ the tree

class Raw(str):
    """A value as it goes into the text."""


# JSON, but hardly what belongs there; and what is none, or too much of it
ODD = [Raw(t) for t in (
    "1.0", "1e0", "-0", "1E2", "9223372036854775807", '"\\ud83d\\ude00"',
    "[null]", "{}", "[]", '""', "[[[[]]]]", "0", "1", "true", "false", '"1"',
    '"true"', '"\\u0041"')] + [None]
BROKEN = [Raw(t) for t in (
    "01", "1e400", "9223372036854775808", "-9223372036854775809", "0x1",
    "+1", "1.", "NaN", "tru", "'x'", "1_0", '"\\ud800"', "-", '"\t"',
    '"\\udc00\\ud800"', '"\\u0000"', '"\\x41"', "18446744073709551615",
    "[" * 40 + "]" * 40, '{"a":' * 40 + "1" + "}" * 40)]


def odd(rng):
    return rng.choice(BROKEN if rng.random() < .2 else ODD)


UNKNOWN = ["x", "", "Unknown", "Privileged ", "\uff30rivileged", "name",
           "platform", "abortSignal", "__proto__", "Binds\x00", "detachKeys",
           "Capabilities", "InitPath", "PortSpecs", "Cpuset", "bad\udcff"]


def objects(node, kind, out):
    """Every object of the tree with its type: a struct, or a map."""
    if isinstance(kind, gojson.Pointer):
        kind = kind.to
    if isinstance(node, Pairs):
        out.append((node, kind))
        for key, one in node:
            if isinstance(one, list):
                objects(one, kind.of if isinstance(kind, gojson.Map) else
                        kind.fields.get(key) if
                        isinstance(kind, gojson.Struct) else None, out)
    elif isinstance(node, list):
        for one in node:
            objects(one, getattr(kind, "of", None), out)
    return out


def refold(rng, key):
    """The same name to Go, spelt otherwise."""
    return rng.choice([
        key.lower(), key.upper(), key.swapcase(),
        key.replace("s", "\u017f", 1), key.replace("k", "\u212a", 1),
        key.replace("S", "\u017f", 1), key.replace("i", "\u0131", 1),
        key[:1].lower() + key[1:]])


def pick(rng, root, kind):
    """An object and its type, HostConfig and mounts more than others."""
    found = objects(root, kind, [])
    weighty = [f for f in found if f[1] in WEIGHTY]
    return rng.choice(weighty if weighty and rng.random() < .4 else found)


def put(rng, obj, kind, good):
    if isinstance(kind, gojson.Struct):
        keys = sorted(kind.fields) or ["x"]
        telling = [k for k in keys if k in TELLING]
        key = rng.choice(telling if telling and rng.random() < .6 else keys)
        sub = kind.fields.get(key, gojson.S)
    elif isinstance(kind, gojson.Map):
        key, sub = rng.choice(WORDS), kind.of
    else:
        key, sub = "x", gojson.S
    new = (key, value(rng, sub, key))
    old = [i for i, (k, _) in enumerate(obj) if k == key]
    if old and good:
        obj[old[0]] = new
    else:
        obj.insert(rng.randrange(len(obj) + 1), new)


def revalue(rng, root, kind):
    """Another value where the value tells what may be done."""
    obj, kind = pick(rng, root, kind)
    telling = [i for i, (k, _) in enumerate(obj) if k in TELLING or
               k in OPTION]
    if telling and kind is not None:
        at = rng.choice(telling)
        key = obj[at][0]
        sub = kind.of if isinstance(kind, gojson.Map) else \
            kind.fields.get(key)
        if sub is not None:
            obj[at] = (key, value(rng, sub, key))


def change(rng, obj, at):
    """One member, in a way that may be wrong."""
    key, one = obj[at]
    what = rng.randrange(9)
    if what == 0:
        obj[at] = (refold(rng, key), one)
    elif what == 1:
        obj.append((key, one))
    elif what == 2:
        obj.append((refold(rng, key), rng.choice([None, one, Pairs(), []])))
    elif what == 3:
        obj[at] = (key, odd(rng))
    elif what == 4:
        obj.insert(at, (rng.choice(UNKNOWN), odd(rng)))
    elif what == 5 and isinstance(one, list) and type(one) is list:
        one.insert(rng.randrange(len(one) + 1), odd(rng))
    elif what == 6 and type(one) is str:
        obj[at] = (key, one + rng.choice(["\udcff", "\udcc3", "\udced\udca0"
                                          "\udc80", "\x00", "\n", " "]))
    elif what == 7:
        obj[at] = (key, [one])
    else:
        obj[at] = (key + rng.choice([" ", "\x00", "\udcff", "s"]), one)


def mutate(rng, root, kind):
    """A few changes; True if some are none that a client would make."""
    hostile = rng.random() < .4
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        obj, sub = pick(rng, root, kind)
        what = rng.randrange(4)
        if what == 0:
            rng.shuffle(obj)
        elif what == 1 and obj:
            del obj[rng.randrange(len(obj))]
        else:
            put(rng, obj, sub, not hostile)
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        revalue(rng, root, kind)
    for _ in range(rng.choice((1, 1, 2)) if hostile else 0):
        obj, sub = pick(rng, root, kind)
        if rng.random() < .1 and kind is gojson.CREATE:
            put(rng, root, gojson.HOSTCONFIG, False)
        elif rng.random() < .15 or not obj:
            put(rng, obj, sub, False)
        else:
            change(rng, obj, rng.randrange(len(obj)))
    return hostile


# ------------------------------------------------------------------ the text

def escape(rng, text):
    out = []
    for c in text:
        if rng.random() < .2 and c < "\ud800":
            out.append("\\u%04x" % ord(c) if rng.random() < .5 else
                       "\\u%04X" % ord(c))
        else:
            out.append(json.dumps(c, ensure_ascii=False)[1:-1])
    return '"' + "".join(out) + '"'


class Printer:
    def __init__(self, rng):
        self.blank = rng.random() < .15
        self.escaped = rng.random() < .15
        self.ascii = rng.random() < .3
        self.rng = rng

    def space(self):
        return self.rng.choice(("", " ", "\n", "\t", "\r\n  ")) \
            if self.blank else ""

    def string(self, text):
        if self.escaped:
            return escape(self.rng, text)
        return json.dumps(text, ensure_ascii=self.ascii and
                          not any("\udc80" <= c <= "\udcff" for c in text))

    def text(self, node):
        if type(node) is Raw or type(node) is gojson.Number:
            return str(node)
        if type(node) is str:
            return self.string(node)
        if isinstance(node, Pairs):
            return "{" + self.space() + ("," + self.space()).join(
                self.string(k) + self.space() + ":" + self.space() +
                self.text(v) for k, v in node) + "}"
        if isinstance(node, list):
            return "[" + ("," + self.space()).join(
                map(self.text, node)) + self.space() + "]"
        return json.dumps(node)


TAILS = [b"{}", b"}", b"]", b"\0", b" ", b"\n", b"x", b'{"HostConfig":{'
         b'"Privileged":true}}', b"null", b",", b"//", b"\x1a"]


def damage(rng, body):
    what = rng.randrange(8)
    at = rng.randrange(len(body) + 1)
    if what == 0:
        return body + rng.choice(TAILS)
    if what == 1:
        return rng.choice([b"\xef\xbb\xbf", b"\0", b"\x0c", b" ", b"\xa0",
                           b"{}", b"[", b"//\n"]) + body
    if what == 2:
        return body[:at]
    if what == 3:
        return body[:at] + bytes([rng.randrange(256)]) + body[at + 1:]
    if what == 4:
        return body[:at] + bytes([rng.choice(b'"{}[]:,\\ \0u')]) + body[at:]
    if what == 5:
        return body[:at] + body[at + 1:]
    if what == 6:
        return body.replace(b",", b",,", 1) if at & 1 else \
            body.replace(b"}", b",}", 1)
    return rng.choice([b"", b"null", b"[]", b"0", b'""', b"{}", b" { } ",
                       body.decode("latin-1").encode("utf-16")])


def case(rng, seed):
    """(kind, target, body) of one case."""
    kind, path, text = seed
    tree = gojson.parse(text.encode())
    hostile = mutate(rng, tree, kind)
    body = Printer(rng).text(tree).encode("utf-8", "surrogateescape")
    if hostile and rng.random() < .15:
        body = damage(rng, body)
    version = rng.choice(("", "/v1.41", "/v1.41", "/v1.41", "/v1.24",
                          "/v1.40", "/v1.43", "/v1.30"))
    return kind, version + path, body
