# SPDX-License-Identifier: ISC
"""What dockerd reads in a body: Go's encoding/json over Docker's types.

An independent model, in another language and from other sources than the
filter: the types are those of moby api/types, the rules those of Go's
decode.go.  Keys fold by Unicode's simple folding, where a long s is an s and
the Kelvin sign a k; a key that stands twice is decoded twice into the same
place, so that objects merge, arrays merge element by element, and what was
cut off an array comes back; null leaves a plain value as it was.
"""

import codecs
import json
import re


class GoError(ValueError):
    """dockerd answers with an error and does nothing."""


class Pairs(list):
    """An object as it is written: (key, value), twice if it stands twice."""


class Number(str):
    """A number as it is written."""


class Items(list):
    """A slice: behind its end Go's array still holds what was there."""
    hidden = ()


# ------------------------------------------------------------------ the text

def _width_one(error):
    """Go reads each bad byte as one U+FFFD."""
    return "\ufffd" * (error.end - error.start), error.end


codecs.register_error("go", _width_one)


def _constant(text):
    raise GoError("not JSON: " + text)


# json.loads builds the first object type it is given; one decoder for all
_decoder = json.JSONDecoder(object_pairs_hook=Pairs, parse_int=Number,
                            parse_float=Number, parse_constant=_constant)
_surrogate = re.compile("[\ud800-\udfff]")
BLANKS = " \t\r\n"


def parse(body, trailing=False):
    """The first JSON value of some bytes; trailing: more may follow it, as
    for the Decoder of Docker up to 27."""
    text = body.decode("utf-8", "go")
    at = len(text) - len(text.lstrip(BLANKS))
    try:
        value, end = _decoder.raw_decode(text, at)
    except (ValueError, RecursionError) as e:
        raise GoError("not JSON: %s" % e) from None
    if not trailing and text[end:].strip(BLANKS):
        raise GoError("more behind the value")
    return value


def _text(value):
    return _surrogate.sub("\ufffd", value)


_fold = str.maketrans({"\u017f": "s", "\u212a": "k"})


def fold(key):
    """Go's simple folding, for comparing with a name of ASCII letters."""
    return "".join(c.lower() if c < "\x80" else c
                   for c in key.translate(_fold))


# ----------------------------------------------------------------- the types
#
# A type has zero(), and read(old, value), which is what is there after value
# was decoded on top of old.

class Scalar:
    def __init__(self, name, low=0, high=0):
        self.name, self.low, self.high = name, low, high

    def zero(self):
        return {"bool": False, "string": ""}.get(self.name, 0)

    def read(self, old, value):
        if value is None:
            return old
        if self.name == "bool" and isinstance(value, bool):
            return value
        if self.name == "string" and type(value) is str:
            return _text(value)
        if self.low != self.high and isinstance(value, Number):
            if re.fullmatch("-?[0-9]+", value) and \
                    (self.low < 0 or value[0] != "-") and \
                    self.low <= int(value[:25]) <= self.high:
                return int(value)
        raise GoError("%.40r into a %s" % (value, self.name))


class Pointer:
    def __init__(self, to):
        self.to = to

    def zero(self):
        return None

    def read(self, old, value):
        if value is None:
            return None
        return self.to.read(self.to.zero() if old is None else old, value)


class Slice:
    def __init__(self, of):
        self.of = of

    def zero(self):
        return None

    def read(self, old, value):
        if value is None:
            return None
        if not isinstance(value, list) or isinstance(value, Pairs):
            raise GoError("%.40r into an array" % (value,))
        back = list(old or ()) + list(getattr(old, "hidden", ()))
        new = Items()
        for i, one in enumerate(value):
            base = back[i] if i < len(back) else self.of.zero()
            new.append(self.of.read(base, one))
        if new:
            new.hidden = back[len(new):]
        return new


class Array:
    """[n]T: what is too much is ignored, what is missing is zero."""

    def __init__(self, n, of):
        self.n, self.of = n, of

    def zero(self):
        return [self.of.zero()] * self.n

    def read(self, old, value):
        if value is None:
            return old
        if not isinstance(value, list) or isinstance(value, Pairs):
            raise GoError("%.40r into an array" % (value,))
        new = [self.of.read(b, v) for b, v in zip(old, value)]
        return new + self.zero()[len(new):]


class StrSlice(Slice):
    """strslice.StrSlice: a string alone is a list of one."""

    def read(self, old, value):
        if type(value) is str:
            return Items([_text(value)])
        return Slice.read(self, None, value)


class Map:
    def __init__(self, of):
        self.of = of

    def zero(self):
        return None

    def read(self, old, value):
        if value is None:
            return None
        if not isinstance(value, Pairs):
            raise GoError("%.40r into a map" % (value,))
        new = dict(old or {})
        for key, one in value:
            new[_text(key)] = self.of.read(self.of.zero(), one)
        return new


class Struct:
    def __init__(self, **fields):
        self.fields = fields
        self.folded = {fold(name): name for name in reversed(fields)}

    def plus(self, **fields):
        return Struct(**dict(self.fields, **fields))

    def zero(self):
        return {}

    def name(self, key):
        """The field that a key goes into, or None."""
        return key if key in self.fields else self.folded.get(fold(key))

    def read(self, old, value):
        if value is None:
            return old
        if not isinstance(value, Pairs):
            raise GoError("%.40r into an object" % (value,))
        new = dict(old)
        for key, one in value:
            name = self.name(key)
            if name is not None:
                kind = self.fields[name]
                new[name] = kind.read(new[name] if name in new else
                                      kind.zero(), one)
        return new


B = Scalar("bool")
S = Scalar("string")
I = Scalar("int64", -(1 << 63), (1 << 63) - 1)
U16 = Scalar("uint16", 0, (1 << 16) - 1)
U32 = Scalar("uint32", 0, (1 << 32) - 1)
U = Scalar("uint64", 0, (1 << 64) - 1)
SS = Slice(S)
SM = Map(S)

# ---------------------------------------------------------- Docker's objects

_weights = Slice(Pointer(Struct(Path=S, Weight=U16)))
_rates = Slice(Pointer(Struct(Path=S, Rate=U)))
RESOURCES = Struct(
    CpuShares=I, Memory=I, NanoCpus=I, CgroupParent=S, BlkioWeight=U16,
    BlkioWeightDevice=_weights, BlkioDeviceReadBps=_rates,
    BlkioDeviceWriteBps=_rates, BlkioDeviceReadIOps=_rates,
    BlkioDeviceWriteIOps=_rates, CpuPeriod=I, CpuQuota=I,
    CpuRealtimePeriod=I, CpuRealtimeRuntime=I, CpusetCpus=S, CpusetMems=S,
    Devices=Slice(Struct(PathOnHost=S, PathInContainer=S,
                         CgroupPermissions=S)),
    DeviceCgroupRules=SS,
    DeviceRequests=Slice(Struct(Driver=S, Count=I, DeviceIDs=SS,
                                Capabilities=Slice(SS), Options=SM)),
    KernelMemory=I, KernelMemoryTCP=I, MemoryReservation=I, MemorySwap=I,
    MemorySwappiness=Pointer(I), OomKillDisable=Pointer(B),
    PidsLimit=Pointer(I),
    Ulimits=Slice(Pointer(Struct(Name=S, Hard=I, Soft=I))),
    CpuCount=I, CpuPercent=I, IOMaximumIOps=U, IOMaximumBandwidth=U)
DRIVER = Struct(Name=S, Options=SM)
TMPFS = Struct(SizeBytes=I, Mode=U32, Options=Slice(SS))
MOUNT = Struct(
    Type=S, Source=S, Target=S, ReadOnly=B, Consistency=S,
    BindOptions=Pointer(Struct(Propagation=S, NonRecursive=B,
                               CreateMountpoint=B, ReadOnlyNonRecursive=B,
                               ReadOnlyForceRecursive=B)),
    VolumeOptions=Pointer(Struct(NoCopy=B, Labels=SM, Subpath=S,
                                 DriverConfig=Pointer(DRIVER))),
    ImageOptions=Pointer(Struct(Subpath=S)),
    TmpfsOptions=Pointer(TMPFS),
    ClusterOptions=Pointer(Struct()))
RESTART = Struct(Name=S, MaximumRetryCount=I)
HOSTCONFIG = RESOURCES.plus(
    Binds=SS, ContainerIDFile=S, LogConfig=Struct(Type=S, Config=SM),
    NetworkMode=S, PortBindings=Map(Slice(Struct(HostIp=S, HostPort=S))),
    RestartPolicy=RESTART, AutoRemove=B, VolumeDriver=S, VolumesFrom=SS,
    ConsoleSize=Array(2, U), Annotations=SM, CapAdd=StrSlice(S),
    CapDrop=StrSlice(S), CgroupnsMode=S, Dns=SS, DnsOptions=SS,
    DnsSearch=SS, ExtraHosts=SS, GroupAdd=SS, IpcMode=S, Cgroup=S, Links=SS,
    OomScoreAdj=I, PidMode=S, Privileged=B, PublishAllPorts=B,
    ReadonlyRootfs=B, SecurityOpt=SS, StorageOpt=SM, Tmpfs=SM, UTSMode=S,
    UsernsMode=S, ShmSize=I, Sysctls=SM, Runtime=S, Isolation=S,
    Mounts=Slice(MOUNT), MaskedPaths=SS, ReadonlyPaths=SS, Init=Pointer(B))
ENDPOINT = Struct(
    IPAMConfig=Pointer(Struct(IPv4Address=S, IPv6Address=S,
                              LinkLocalIPs=SS)),
    Links=SS, Aliases=SS, MacAddress=S, DriverOpts=SM, GwPriority=I,
    NetworkID=S, EndpointID=S, Gateway=S, IPAddress=S, IPPrefixLen=I,
    IPv6Gateway=S, GlobalIPv6Address=S, GlobalIPv6PrefixLen=I, DNSNames=SS)
CONFIG = Struct(
    Hostname=S, Domainname=S, User=S, AttachStdin=B, AttachStdout=B,
    AttachStderr=B, ExposedPorts=Map(Struct()), Tty=B, OpenStdin=B,
    StdinOnce=B, Env=SS, Cmd=StrSlice(S),
    Healthcheck=Pointer(Struct(Test=SS, Interval=I, Timeout=I, StartPeriod=I,
                               StartInterval=I, Retries=I)),
    ArgsEscaped=B, Image=S, Volumes=Map(Struct()), WorkingDir=S,
    Entrypoint=StrSlice(S), NetworkDisabled=B, MacAddress=S, OnBuild=SS,
    Labels=SM, StopSignal=S, StopTimeout=Pointer(I), Shell=StrSlice(S))
# runconfig.ContainerConfigWrapper up to Docker 26: the fields of HostConfig
# are read at the top as well.
CREATE = HOSTCONFIG.plus(**CONFIG.fields).plus(
    HostConfig=Pointer(HOSTCONFIG), Cpuset=S,
    NetworkingConfig=Pointer(Struct(
        EndpointsConfig=Map(Pointer(ENDPOINT)))))
UPDATE = RESOURCES.plus(RestartPolicy=RESTART)
EXEC = Struct(User=S, Privileged=B, Tty=B, ConsoleSize=Pointer(Array(2, U)),
              AttachStdin=B, AttachStderr=B, AttachStdout=B, Detach=B,
              DetachKeys=S, Env=SS, WorkingDir=S, Cmd=SS)
NETWORK = Struct(
    Name=S, CheckDuplicate=B, Driver=S, Scope=S, EnableIPv4=Pointer(B),
    EnableIPv6=Pointer(B),
    IPAM=Pointer(Struct(
        Driver=S, Options=SM,
        Config=Slice(Struct(Subnet=S, IPRange=S, Gateway=S,
                            AuxiliaryAddresses=SM)))),
    Internal=B, Attachable=B, Ingress=B, ConfigOnly=B,
    ConfigFrom=Pointer(Struct(Network=S)), Options=SM, Labels=SM)
CONNECT = Struct(Container=S, EndpointConfig=Pointer(ENDPOINT))
VOLUME = Struct(Name=S, Driver=S, DriverOpts=SM, Labels=SM)


def decode(kind, body, trailing=False):
    """A body as dockerd has it after reading: {field: value}."""
    value = parse(body, trailing)
    if value is None:
        raise GoError("null")
    return kind.read(kind.zero(), value)


def host_config(wrapper):
    """getHostConfig() of runconfig/config.go: what the container gets."""
    outer = {k: v for k, v in wrapper.items() if k in HOSTCONFIG.fields}
    inner = wrapper.get("HostConfig")
    if inner is None:
        inner = outer
    else:
        inner = dict(inner)
        for name in ("Memory", "MemorySwap", "CpuShares", "CpusetCpus",
                     "VolumeDriver"):
            if outer.get(name) and not inner.get(name):
                inner[name] = outer[name]
    if wrapper.get("Cpuset") and not inner.get("CpusetCpus"):
        inner = dict(inner, CpusetCpus=wrapper["Cpuset"])
    return inner
