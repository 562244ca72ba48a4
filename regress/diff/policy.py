# SPDX-License-Identifier: ISC
"""The profile of the differential cases, and what it has to mean.

powers() lists what a body, as dockerd read it, can do beyond the profile;
meaning() is what has to be the same before and after proxyd, but for the
spellings that proxyd makes canonical and the few fields that it leaves out.
"""

import fnmatch
import ipaddress
import posixpath
import re

from . import gojson

PROFILE = """
pass
allow image any
allow bind { "/workspace", "/srv" }
allow bind "/ro" read-only
allow volume { "data*", "vol*", "vscode*", "proj_*" }
allow network { "dev", "net*", "proj_*", "n1" }
allow capability { NET_BIND_SERVICE, CHOWN }
allow device "/dev/fuse"
allow publish any
"""
VOLUMES = ("data*", "vol*", "vscode*", "proj_*")
NETWORKS = ("", "default", "bridge", "none", "dev", "net*", "proj_*", "n1")
CAPABILITIES = {"NET_BIND_SERVICE", "CHOWN"}
HOST_TREES = ("/proc", "/sys", "/dev", "/run", "/var/run", "/var/lib/docker")
SYSCTLS = ("net.*", "kernel.shm*", "kernel.msg*", "kernel.sem",
           "fs.mqueue.*")
TMPFS = re.compile("(|ro|rw|noexec|nosuid|nodev|(size|mode|uid|gid)=.*)")


def clean(path):
    return "/" + posixpath.normpath("/" + path).lstrip("/")


def under(tree, path):
    return path == tree or path.startswith(tree + "/")


def named(patterns, name):
    return any(fnmatch.fnmatchcase(name, p) for p in patterns)


# -------------------------------------------------------------------- powers

def bind_allowed(path, readonly):
    if not path.startswith("/") or any(c < " " for c in path):
        return False
    path = clean(path)
    if any(under(tree, path) for tree in HOST_TREES) or \
            path.endswith(".sock"):
        return False
    return under("/workspace", path) or under("/srv", path) or (
        readonly and under("/ro", path))


def source_allowed(source, readonly):
    if source.startswith("/"):
        return bind_allowed(source, readonly)
    return named(VOLUMES, source)


def options_allowed(options):
    """Of a volume with the driver "local"."""
    given = {k: v for k, v in (options or {}).items() if v}
    words = given.get("o", "").split(",")
    if not given.keys() - {"size"}:
        return True
    return (given.keys() <= {"type", "o", "device"} and
            given.get("type", "") in ("", "none", "bind") and
            bool({"bind", "rbind"} & set(words)) and
            set(words) <= {"bind", "rbind", "ro", "rw", "nosuid", "nodev",
                           "noexec", "private", "rprivate", ""} and
            bind_allowed(given.get("device", ""), "ro" in words))


def bind_powers(bind):
    part = bind.split(":")
    if len(part) == 1:
        return not bind.startswith("/")
    words = part[2].split(",") if len(part) == 3 else []
    return (len(part) > 3 or not part[1].startswith("/") or
            not set(words) <= {"ro", "rw", "private", "rprivate", "nocopy",
                               "copy", "cached", "delegated", "consistent",
                               "default"} or
            not source_allowed(part[0], "ro" in words))


def mount_powers(mount):
    kind, source = mount.get("Type"), mount.get("Source", "")
    driver = ((mount.get("VolumeOptions") or {}).get("DriverConfig") or {})
    if (mount.get("BindOptions") or {}).get("Propagation", "") not in (
            "", "private", "rprivate"):
        return True
    if driver.get("Name", "") not in ("", "local") or \
            not options_allowed(driver.get("Options")):
        return True
    if any(not TMPFS.fullmatch("=".join(option)) for option in
           (mount.get("TmpfsOptions") or {}).get("Options") or ()):
        return True
    if kind == "bind":
        return not bind_allowed(source, mount.get("ReadOnly", False))
    if kind == "volume":
        return bool(source) and not named(VOLUMES, source)
    return kind != "tmpfs" or bool(source) or masked(mount.get("Target", ""))


def masked(target):
    target = clean(target)
    return under("/proc", target) or under("/sys", target) or target == "/dev"


def endpoint_powers(endpoints):
    for name, endpoint in (endpoints or {}).items():
        if not name or not named(NETWORKS, name):
            yield "network " + name
        for key, value in (endpoint or {}).items():
            if key == "IPAMConfig":
                if any((value or {}).values()):
                    yield "an address"
            elif value and key not in ("Aliases", "DNSNames"):
                yield "EndpointsConfig " + key


MODES = {
    "PidMode": ("",), "UTSMode": ("",), "UsernsMode": ("",),
    "IpcMode": ("", "none", "private"), "CgroupnsMode": ("", "private"),
    "Runtime": ("",), "Cgroup": ("",), "CgroupParent": ("",),
    "VolumeDriver": ("", "local"), "Isolation": ("", "default"),
}
EMPTY = ("Privileged", "VolumesFrom", "Links", "GroupAdd", "Annotations",
         "DeviceCgroupRules", "DeviceRequests", "OomKillDisable",
         "BlkioWeightDevice", "BlkioDeviceReadBps",
         "BlkioDeviceWriteBps", "BlkioDeviceReadIOps",
         "BlkioDeviceWriteIOps")
CHECKS = {
    "NetworkMode": lambda v: not named(NETWORKS, v),
    "MaskedPaths": lambda v: v is not None,
    "ReadonlyPaths": lambda v: v is not None,
    "Binds": lambda v: any(map(bind_powers, v or ())),
    "Mounts": lambda v: any(map(mount_powers, v or ())),
    "CapAdd": lambda v: not {c.upper().replace("CAP_", "")
                             for c in v or ()} <= CAPABILITIES,
    "SecurityOpt": lambda v: not set(v or ()) <= {
        "no-new-privileges", "no-new-privileges=true",
        "no-new-privileges:true"},
    "Devices": lambda v: any(clean(d.get("PathOnHost", "")) != "/dev/fuse"
                             for d in v or ()),
    "Sysctls": lambda v: any(not named(SYSCTLS, k.replace("/", "."))
                             for k in v or ()),
    "LogConfig": lambda v: v.get("Type", "") not in (
        "", "json-file", "local", "none"),
    "StorageOpt": lambda v: set(v or ()) - {"size"},
    "ExtraHosts": lambda v: any(h.lower().endswith("host-gateway")
                                for h in v or ()),
    "OomScoreAdj": lambda v: v < 0,
    "Tmpfs": lambda v: any(masked(k) or not all(
        map(TMPFS.fullmatch, o.split(","))) for k, o in (v or {}).items()),
}


def host_powers(host):
    for key, value in host.items():
        if key in EMPTY and value or \
                key in MODES and value not in MODES[key] or \
                key in CHECKS and CHECKS[key](value):
            yield "%s %.120r" % (key, value)


def powers(kind, value):
    """What a body can do that the profile does not give."""
    if kind is gojson.CREATE:
        yield from host_powers(gojson.host_config(value))
        if value.get("MacAddress"):
            yield "MacAddress"
        yield from endpoint_powers((value.get("NetworkingConfig") or {}).get(
            "EndpointsConfig"))
    elif kind is gojson.UPDATE:
        yield from host_powers(value)
    elif kind is gojson.EXEC:
        if value.get("Privileged"):
            yield "Privileged"
    elif kind is gojson.CONNECT:
        yield from endpoint_powers({"dev": value.get("EndpointConfig")})
    elif kind is gojson.VOLUME:
        if value.get("Driver", "") not in ("", "local") or \
                value.get("Name") and not named(VOLUMES, value["Name"]) or \
                not options_allowed(value.get("DriverOpts")):
            yield "volume %.200r" % value
    elif kind is gojson.NETWORK:
        ipam = value.get("IPAM") or {}
        if value.get("Driver", "") not in ("", "bridge") or \
                not named(NETWORKS[4:] + ("",), value.get("Name", "")) or \
                value.get("Scope", "") not in ("", "local") or \
                ipam.get("Driver", "") not in ("", "default") or \
                any(any(pool.values()) for pool in ipam.get("Config") or ()):
            yield "network %.200r" % value
        for key in ("Options", "Ingress", "ConfigOnly"):
            if value.get(key):
                yield "network " + key
        if ipam.get("Options") or any((value.get("ConfigFrom") or {})
                                      .values()):
            yield "network from elsewhere"


# ------------------------------------------------------------------- meaning

# Left out, as the manual says, or empty outside of their API versions.
DROPPED = {"ContainerIDFile", "DNSNames"}
RANGED = {"Annotations", "CgroupnsMode", "StartPeriod", "StartInterval",
          "NonRecursive", "CreateMountpoint", "ReadOnlyNonRecursive",
          "ReadOnlyForceRecursive", "Subpath", "Options", "GwPriority",
          "EnableIPv4", "ConsoleSize"}


def _bind(text):
    part = text.split(":")
    if len(part) > 1 and part[0].startswith("/"):
        part[0] = clean(part[0])
    return ":".join(part)


def _cap(text):
    text = text.upper()
    return text[4:] if text.startswith("CAP_") else text


def _number(text):
    return "-".join(n.lstrip("0") or "0" if n.isdigit() else n
                    for n in text.split("-"))


def _port(text):
    port, _, proto = text.partition("/")
    return _number(port) + "/" + (proto.lower() or "tcp")


def _ip(text):
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return text
    mapped = getattr(ip, "ipv4_mapped", None)
    return "::ffff:%s" % mapped if mapped else str(ip)


def _options(value):
    if value and value.get("device", "").startswith("/"):
        value = dict(value, device=clean(value["device"]))
    return value


def _mount(value):
    if value.get("Type") == "bind":
        value = dict(value, Source=clean(value.get("Source", "")))
    return value


def _device(value):
    path = value.get("PathOnHost", "")
    return dict(value, PathOnHost=clean(path)) if path[:1] == "/" else value


def _ulimit(value):
    return dict(value or {}, Name=(value or {}).get("Name", "").lower())


def _each(fn):
    return lambda v: v if v is None else [fn(one) for one in v]


def _keys(fn):
    return lambda v: v if v is None else {fn(k): x for k, x in v.items()}


CANONICAL = {
    "Binds": _each(_bind), "Devices": _each(_device),
    "Ulimits": _each(_ulimit),
    "CapAdd": _each(_cap), "CapDrop": _each(_cap),
    "ExposedPorts": _keys(_port), "PortBindings": _keys(_port),
    "Sysctls": _keys(lambda k: k.replace("/", ".")), "HostIp": _ip,
    "HostPort": _number, "DriverOpts": _options, "Mounts": _each(_mount),
}


def _struct(kind, value):
    out = {}
    for key, one in value.items():
        sub = kind.fields[key]
        one = _any(sub, one)
        if key in CANONICAL:
            one = CANONICAL[key](one)
        if kind is gojson.DRIVER and key == "Options":
            one = _options(one)
        if one != sub.zero() and key not in DROPPED and \
                (one or key not in RANGED):
            out[key] = one
    return out


def _any(kind, value):
    if isinstance(kind, gojson.Pointer) and value is not None:
        return _any(kind.to, value)
    if isinstance(kind, gojson.Struct):
        return _struct(kind, value)
    if isinstance(kind, gojson.Slice) and value is not None:
        return [_any(kind.of, one) for one in value]
    if isinstance(kind, gojson.Map) and value is not None:
        # a null in a map is an entry all the same, an empty one
        return {k: _any(kind.of, v) or (v if isinstance(v, str) else None)
                for k, v in value.items()}
    return value


def meaning(kind, value):
    out = _struct(kind, value)
    if kind is gojson.CREATE:
        # what belongs into HostConfig may stand outside if it is empty
        for key in gojson.HOSTCONFIG.fields:
            if not out.get(key, True):
                del out[key]
    return out


# docker-py's spelling, which is passed on; never beside the other one
ALIASES = {(gojson.EXEC, "detachKeys")}


def spelt(kind, value):
    """A key of the text that is not exactly a field of dockerd's, or that
    stands twice; or None."""
    if isinstance(kind, gojson.Pointer):
        return spelt(kind.to, value)
    if isinstance(kind, gojson.Struct) and isinstance(value, gojson.Pairs):
        for key, one in value:
            if key not in kind.fields and (kind, key) not in ALIASES:
                return key
            bad = spelt(kind.fields[kind.name(key)], one)
            if bad is not None:
                return bad
        if len({kind.name(key) for key, _ in value}) < len(value):
            return "a key twice"
    elif isinstance(kind, (gojson.Slice, gojson.Map)) and \
            isinstance(value, list):
        for one in value:
            bad = spelt(kind.of, one[1] if isinstance(kind, gojson.Map)
                        else one)
            if bad is not None:
                return bad
    return None
