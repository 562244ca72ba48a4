# SPDX-License-Identifier: ISC
"""The same request to a real dockerd, once directly and once through proxyd.

What proxyd let through must have the same outcome as without it: the object
that dockerd shows afterwards, or the error.  The direct half also holds the
model of gojson.py to the truth: what dockerd made of any body, however
strange, is what the model reads in it.
"""

import copy
import json
import re

import harness
from engine import Engine

from . import bodies, gohttp, gojson, policy, recorder
from .recorder import differ

KINDS = (gojson.CREATE, gojson.EXEC, gojson.NETWORK, gojson.VOLUME)
NAME = "case"
LATE = {"Created", "Id", "ResolvConfPath", "HostnamePath", "HostsPath",
        "LogPath", "State", "GraphDriver", "CreatedAt", "Mountpoint",
        "IPAM", "ID", "ContainerID", "CanRemove", "Pid"}
# of what dockerd shows of a container, what says what it can do
COMPARED = [
    "Binds", "NetworkMode", "PortBindings", "AutoRemove", "VolumesFrom",
    "CapAdd", "CapDrop", "Dns", "DnsSearch", "ExtraHosts", "GroupAdd",
    "PidMode", "Privileged", "PublishAllPorts", "ReadonlyRootfs",
    "StorageOpt", "Tmpfs", "UTSMode", "UsernsMode", "Sysctls",
    "Memory", "NanoCpus", "CgroupParent", "Devices", "DeviceCgroupRules",
    "CpusetCpus", "Ulimits", "Mounts", "OomScoreAdj", "VolumeDriver",
    "Annotations"]
NOT_JSON = re.compile("json: |invalid character '|unexpected EOF|^EOF")
RUNNER = "runner"       # a container that runs, for exec

# What Docker 20.10 does not know of the types in gojson.py.
NEWER = {"Annotations", "ImageOptions", "ClusterOptions", "StartInterval",
         "CreateMountpoint", "ReadOnlyNonRecursive", "Subpath", "EnableIPv4",
         "ReadOnlyForceRecursive", "GwPriority", "DNSNames"}
OLDER = {}


def older(kind):
    """The type as Docker 20.10 has it."""
    if kind in OLDER:
        return OLDER[kind]
    new = kind
    if isinstance(kind, gojson.Struct):
        new = gojson.Struct(**{
            name: older(sub) for name, sub in kind.fields.items()
            if name not in NEWER and (kind is not gojson.EXEC or
                                      name != "ConsoleSize") and
            (kind is not gojson.TMPFS or name != "Options")})
    elif hasattr(kind, "to") or hasattr(kind, "of"):
        new = copy.copy(kind)
        for name in {"to", "of"} & set(vars(kind)):
            setattr(new, name, older(getattr(kind, name)))
    OLDER[kind] = new
    return new


def images():
    """Names in the bodies, which have to be there."""
    found = {"i", "1"}
    for kind, _, text in bodies.seeds():
        name = json.loads(text).get("Image") if kind is gojson.CREATE else ""
        if name and re.fullmatch("[a-z0-9./-]+(:[a-z0-9.-]+)?", name):
            found.add(name)
    return found


def empty(value):
    return not value or value == [0, 0]


def pruned(value):
    """Without the empty fields, which dockerd mostly does not show."""
    if isinstance(value, dict):
        return {k: pruned(v) for k, v in value.items() if pruned(v) or
                isinstance(v, str)}
    if isinstance(value, list):
        return [pruned(v) for v in value]
    return value


class Real:
    def __init__(self):
        self.engine = e = Engine()
        e.start()
        for name in images():
            repo, _, tag = name.partition(":")
            e.json("POST", "/images/%s/tag?repo=%s&tag=%s" %
                   (e.IMAGE, repo, tag or "latest"))
        for name in ("dev", "net1"):
            e.json("POST", "/networks/create", {"Name": name})
        e.json("POST", "/containers/create?name=" + RUNNER, {
            "Image": e.IMAGE, "Cmd": ["sleep", "3600"]})
        e.json("POST", "/containers/%s/start" % RUNNER)
        self.direct = "unix://" + e.socket
        self.proxyd = harness.Proxyd(e.socket,
                                     conf_profile=policy.PROFILE)
        # the only one that older() and the fields at the top are about
        self.modelled = e.json("GET", "/version")["Version"].startswith(
            "20.10.")
        self.plain = self.outcome(self.direct, gojson.CREATE,
                                  "/v1.41/containers/create",
                                  b'{"Image":"i","HostConfig":{}}')[1]

    def close(self):
        self.proxyd.stop()
        self.engine.close()

    # ------------------------------------------------------------- bodies

    def shown(self, kind, made):
        """What dockerd says of the new object, which is then removed."""
        e = self.engine
        if kind is gojson.EXEC:
            return e.json("GET", "/exec/%s/json" % made["Id"])
        path = {gojson.CREATE: "/containers/", gojson.NETWORK: "/networks/",
                gojson.VOLUME: "/volumes/"}[kind]
        path += made.get("Id") or made["Name"]
        doc = e.json("GET", path + ("/json" if kind is gojson.CREATE else ""))
        status, body = e.request("DELETE", path + "?v=1&force=1")
        differ(status == 204, "%s is not removed: %r", path, body)
        if kind is gojson.CREATE:
            if doc["Config"]["Hostname"] == doc["Id"][:12]:
                doc["Config"]["Hostname"] = ""
            for mount in doc["Mounts"]:
                if re.fullmatch("[0-9a-f]{64}", mount.get("Name", "")):
                    mount["Name"] = mount["Source"] = ""
                elif mount["Type"] == "volume":
                    e.request("DELETE", "/volumes/" + mount["Name"])
            doc["Mounts"].sort(key=lambda m: m["Destination"])
        elif kind is gojson.VOLUME and \
                re.fullmatch("[0-9a-f]{64}", doc["Name"]):
            doc["Name"] = ""
        return doc

    def outcome(self, addr, kind, target, body):
        """("made", what dockerd shows), ("error", message), or None if it
        was proxyd that refused."""
        if kind is gojson.CREATE:
            target += "?name=" + NAME
        target = target.replace("/web/", "/%s/" % RUNNER)
        with harness.Client(addr, 30) as c:
            c.send(harness.request("POST", target, body))
            r = c.response()
        if r.get("api-version") is None:
            differ(addr != self.direct, "no answer of dockerd's: %r", r)
            return None
        if r.status >= 400:
            return "error", r.message or str(r.body)
        doc = self.shown(kind, r.json())
        return "made", {k: v for k, v in doc.items() if k not in LATE}

    def body(self, kind, target, body):
        """One body both ways; "refused", "made" or "error"."""
        direct = self.outcome(self.direct, kind, target, body)
        if self.modelled:
            self.model(kind, body, direct)
        via = self.outcome(self.proxyd.addr, kind, target, body)
        if via is None:
            return "refused"
        differ(direct[0] == via[0], "directly %r, through proxyd %r", direct,
               via)
        if via[0] == "made":
            a, b = self.normal(direct[1]), self.normal(via[1])
            differ(a == b, "%s", "\n".join(
                "%s: %r became %r" % (k, a.get(k), b.get(k))
                for k in sorted(set(a) | set(b)) if a.get(k) != b.get(k)))
            if kind is gojson.CREATE:
                self.within(via[1]["HostConfig"])
        return via[0]

    def normal(self, doc):
        """But for what proxyd makes canonical."""
        doc = dict(doc)
        if "HostConfig" in doc:
            host = dict(doc["HostConfig"], ContainerIDFile="")
            # dockerd fills these in only if there is a HostConfig
            host["RestartPolicy"]["Name"] = host["RestartPolicy"][
                "Name"] or "no"
            host["Runtime"] = host.get("Runtime") or "runc"
            for key, fn in policy.CANONICAL.items():
                if host.get(key) and key in gojson.HOSTCONFIG.fields:
                    host[key] = fn(host[key])
            for binding in sum((host.get("PortBindings") or {}).values(),
                               []):
                for key in ("HostIp", "HostPort"):
                    binding[key] = policy.CANONICAL[key](binding[key])
            doc.update({k: None if empty(v) else v
                        for k, v in host.items()})
            del doc["HostConfig"]
            ports = doc["Config"].get("ExposedPorts")
            doc["Config"] = dict(doc["Config"], ExposedPorts=policy.CANONICAL[
                "ExposedPorts"](ports))
            doc.pop("Mounts")       # follows from HostConfig
        if doc.get("Options"):
            doc["Options"] = policy.CANONICAL["DriverOpts"](doc["Options"])
        return doc

    def within(self, host):
        """dockerd's own view of the container against the profile."""
        plain = self.plain["HostConfig"]
        host = {k: v for k, v in host.items()
                if v != plain.get(k) and not empty(v)}
        found = list(policy.host_powers(host))
        differ(not found, "dockerd made a container with %s", found)

    def model(self, kind, body, outcome):
        """Is the model right about what dockerd has read?"""
        what, shown = outcome
        try:
            want = gojson.decode(older(kind), body, trailing=True)
        except gojson.GoError as e:
            differ(what == "error", "the model says %s, dockerd made %r", e,
                   shown)
            return
        if what == "error":
            differ(not NOT_JSON.search(shown), "the model reads %r, dockerd "
                   "says %s", want, shown)
            return
        if kind is not gojson.CREATE:
            return
        want = policy.meaning(gojson.HOSTCONFIG, gojson.host_config(want))
        have = policy.meaning(gojson.HOSTCONFIG, {
            k: v for k, v in shown["HostConfig"].items()
            if k in gojson.HOSTCONFIG.fields})
        plain = self.plain["HostConfig"]
        for key in COMPARED:
            a, b = pruned(want.get(key)), pruned(have.get(key))
            if empty(a) and (empty(b) or b == plain.get(key)):
                continue
            differ(a == b, "%s: the model reads %r, dockerd %r", key, a, b)

    # --------------------------------------------------------------- HTTP

    def http(self, data):
        """One request both ways, of nothing that exists."""
        for old, new in ((b"web", b"gho"), (b"busybox", b"buzybox")):
            data = data.replace(old, new)
        both = []
        requests, whole = gohttp.read(data + gohttp.LAST)
        for addr in (self.direct, self.proxyd.addr):
            with harness.Client(addr) as c:
                try:
                    c.send(data + gohttp.LAST)
                except (BrokenPipeError, ConnectionResetError):
                    pass
                c = recorder.Answers(c.sock, whole)
            both.append(c.response(head=requests[0].method == b"HEAD")
                        if c.buf else None)
        direct, via = both
        if via is None or via.get("api-version") is None:
            differ(via is None or via.status in recorder.REFUSED, "%r", via)
            return "refused"
        if requests[0].method == b"HEAD":
            return "same"           # asked as GET, unlike it was directly
        differ(direct and direct.status == via.status, "directly %r, "
               "through proxyd %r", direct, via)
        if direct.status != 200:    # lists say how long ago
            differ(direct.body == via.body, "directly %r, through proxyd "
                   "%r", direct, via)
        return "same"
