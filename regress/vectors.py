# SPDX-License-Identifier: ISC
"""The requests of the threat matrix (94-matrix.py), one list for each vector,
and what shows that one of them got through: the power that a container, a
volume or a network has.

A vector's list holds the bytes of requests.  All of them are refused, but for
those of EITHER, where some are forwarded and give nothing.
"""

import bz2
import gzip
import json
import lzma
import tarfile

from harness import chunked, request

# The user in a container; info, which is no tunnel for what stands behind it;
# joining the network "host", which every engine refuses.
EITHER = {"V24", "V37", "V47"}
# No requests: who asks, what a flood does, what an operator feeds back.
ELSEWHERE = {
    "V49": "another proxy's rule", "V50": "regress/87, 88",
    "V51": "regress/10, 35, 40", "V52": "no request",
}
CREATE = "/v1.41/containers/create"
VICTIM = "victim"               # a container that is there already
HEX = "0f" * 32


def post(target, body=None, **kw):
    return request("POST", target, body, **kw)


def creates(image, *bodies):
    """Of each body a create; "IMAGE" in a text stands for the image."""
    out = []
    for body in bodies:
        if isinstance(body, dict):
            body = json.dumps(body, ensure_ascii=False)
        if isinstance(body, str):
            body = body.encode("utf-8", "surrogateescape")
        out.append(post(CREATE, body.replace(b"IMAGE", image.encode())))
    return out


def hosts(image, *fields):
    """Creates with these HostConfigs."""
    return creates(image, *[{"Image": "IMAGE", "HostConfig": f}
                            for f in fields])


def mount(**more):
    return {"Mounts": [dict({"Type": "volume", "Source": "v",
                             "Target": "/h"}, **more)]}


def driver(**options):
    return {"DriverConfig": {"Name": "local", "Options": options}}


BIND = {"Binds": ["/etc:/h"]}
DEVICE = {"PathOnHost": "/dev/null", "PathInContainer": "/dev/x",
          "CgroupPermissions": "rwm"}
OPTIONS = (
    dict(type="none", o="bind", device="/etc"),
    dict(type="overlay", device="overlay",
         o="lowerdir=/etc,upperdir=/tmp/u,workdir=/tmp/w"),
    dict(type="proc", device="proc"), dict(type="devtmpfs", device="x"),
    dict(type="ext4", device="/dev/sda1"), dict(type="bind", o="bind",
                                                device="/etc"),
    dict(type="overlay", o="lowerdir=/etc:/usr", device="overlay"))


def bodies(i):
    """V01 to V25, V49, V53, V54, V58: bodies of create."""
    good = '{"Image":"IMAGE"'
    return {
        "V01": creates(
            i, {"Image": "IMAGE", "Privileged": True, "Binds": ["/:/h"]},
            {"Image": "IMAGE", "NetworkMode": "host", "HostConfig": None}),
        "V02": creates(
            i, {"image": "IMAGE", "hostconfig": dict(BIND, privileged=True)},
            {"Image": "IMAGE", "HOSTCONFIG": BIND}),
        "V03": creates(
            i, {"Image": "IMAGE", "Ho\u017ftConfig": BIND},
            {"Image": "IMAGE", "HostConfig": {"Bind\u017f": ["/etc:/h"],
                                              "Networ\u212aMode": "host"}}),
        "V04": creates(
            i, good + ',"HostConfig":{"Privileged":true},"HostConfig":{}}',
            good + ',"HostConfig":{"Privileged":true},"hostconfig":{}}'),
        "V05": creates(
            i, good + ',"HostConfig":{"Mounts":[{"Type":"bind","Source":'
            '"/etc","Target":"/h"}]},"hostconfig":{"mounts":[{"Target":'
            '"/zz"}]}}'),
        "V06": creates(
            i, good + ',"HostConfig":{"\\u0050rivileged":true}}',
            good + ',"HostConfig":{"Binds":["\\u002fetc:/h"]}}'),
        "V07": creates(i, '{"Image":"signed","image":"IMAGE"}',
                       good + ',"Labels":{"a":"b"},"labels":{"a":"c"}}'),
        "V08": creates(
            i, good + '}{"HostConfig":{"Privileged":true}}'),
        "V09": creates(i, "null", "", "[]"),
        "V10": [request("POST", CREATE, None, {"Content-Length": "0"}),
                post(CREATE, good.replace("IMAGE", i) + ',"X":"' +
                     "x" * (2 << 20) + '","HostConfig":'
                     '{"Privileged":true}}')],
        "V11": [post(CREATE, {"Image": i, "HostConfig": BIND},
                     headers=[("Content-Type", t)]) for t in (
                    "APPLICATION/JSON", " application/json", "text/plain",
                    "application/json; charset=utf-16")],
        "V12": creates(i, b'{"Image":"IMAGE\xff"}', good +
                       ',"HostConfig":{"Memory":1e9}}'),
        "V13": hosts(i, mount(VolumeOptions=driver(**OPTIONS[0]))),
        "V14": hosts(i, *[mount(VolumeOptions=driver(**o))
                          for o in OPTIONS[1:]]),
        "V15": [post("/v1.41/volumes/create", {"Name": "v", "DriverOpts": o})
                for o in OPTIONS],
        "V16": hosts(i, *[{"Binds": [b]} for b in (
            "/workspace/../etc:/h", "/workspacex:/h", "/workspace:/x:rshared",
            "/var/run/docker.sock:/s", "/proc:/p", "/workspace:/a:z",
            "//etc:/h", "/workspace/a/../../etc:/h")]),
        "V17": hosts(i, {"VolumesFrom": [VICTIM]},
                     mount(Type="BIND", Source="/etc"),
                     mount(Type="npipe"), mount(Type="cluster"),
                     mount(Type="bind", Source="/workspace",
                           BindOptions={"Propagation": "rshared"})),
        "V18": hosts(i, *[{k: v} for k in (
            "NetworkMode", "PidMode", "IpcMode", "UTSMode", "UsernsMode",
            "CgroupnsMode") for v in ("host", "container:" + VICTIM,
                                      "ns:/proc/1/ns/net")]),
        "V19": hosts(i, {"Devices": [DEVICE]},
                     {"DeviceCgroupRules": ["a *:* rwm"]},
                     {"DeviceRequests": [{"Count": -1, "Capabilities":
                                          [["gpu"]]}]}),
        "V20": hosts(i, *[{"CapAdd": [c]} for c in (
            "ALL", "SYS_ADMIN", "CAP_SYS_PTRACE", "sys_module")] + [
            {"SecurityOpt": [o]} for o in (
                "seccomp=unconfined", "apparmor=unconfined", "label=disable",
                "writable-cgroups=true", "systempaths=unconfined")] + [
            {"MaskedPaths": []}, {"ReadonlyPaths": []}]),
        "V21": hosts(i, {"Tmpfs": {"/t": "exec,suid,dev"}}),
        "V22": hosts(i, *[{"LogConfig": {"Type": t, "Config": c}} for t, c in (
            ("fluentd", {"fluentd-address": "unix:///run/x.sock"}),
            ("syslog", {"syslog-address": "unix:///dev/log"}),
            ("gelf", {"gelf-address": "udp://127.0.0.1:1"}))]),
        "V23": hosts(i, {"Runtime": "x"}, {"CgroupParent": "/../"},
                     {"Annotations": {"run.oci.hooks": "x"}},
                     {"Sysctls": {"kernel.core_pattern": "|/x"}},
                     {"OomScoreAdj": -1000}, {"VolumeDriver": "plugin",
                                              "Binds": ["n:/x"]},
                     {"Links": [VICTIM + ":x"]}),
        "V24": creates(i, *[{"Image": "IMAGE", "User": u}
                            for u in ("", "00", "0:5", "root")]),
        "V25": creates(i, {"Image": "IMAGE", "Labels": {
            "socket-proxy.allow.post": ".*"}, "HostConfig": BIND}),
        "V49": [],
        "V53": hosts(i, {"CapAdd": ["\u017fYS_ADMIN"]},
                     {"CapAdd": ["SYS_ADM\u0131N"]},
                     {"CapAdd": "SYS_ADMIN"}),
        "V54": creates(
            i, good + ',"HostConfig":{"Binds":'
            '["/workspace\\u0000/../etc:/x"]}}',
            good + ',"HostConfig":{"Binds":["/workspace\\n/../etc:/x"]}}'),
        "V56": hosts(i, *[mount(VolumeOptions=driver(**o))
                          for o in OPTIONS[4:]]) + [
            post("/v1.41/volumes/create", '{"Name":"w","DriverOpts":'
                 '{"type":"none"},"DriverOpts":{"o":"bind","device":"/etc"}}'
                 )],
        "V58": creates(
            i, good + ',"X":"\\ud800","HostConfig":{"Privileged":true}}',
            good.encode() + b',"X":"\xff","HostConfig":{"Privileged":true}}',
            good + ',"X":99999999999999999999,"HostConfig":'
            '{"Privileged":true}}'),
    }


def paths(i):
    """V26 to V38, V55, V57: what stands around a body."""
    bad = json.dumps({"Image": i, "HostConfig": BIND})
    start = {"Privileged": True, "Binds": ["/etc:/h"]}
    whole = json.dumps({"Image": i}).encode()
    upgrade = {"Connection": "Upgrade", "Upgrade": "tcp"}
    return {
        "V26": [post("/v1.23/containers/%s/start" % VICTIM, start),
                post("/v1.41/containers/%s/start" % VICTIM, start),
                post("/v1.41/containers/%s/start?checkpoint=x"
                     "&checkpoint-dir=/etc" % VICTIM)],
        "V27": [post("/v1.23/containers/%s/copy" % VICTIM,
                     {"Resource": "/etc"})],
        "V28": [post("/v1.41/containers/%s/update" % VICTIM,
                     {"Devices": [DEVICE]})],
        "V29": [post("/v%s/containers/create" % v, bad) for v in (
            "1.41.", "1.41..", "01.41", "1.041", "1.41.0.0", "1.23")],
        "V30": [post(p, bad) for p in (
            "/containers%2Fcreate", "/%63ontainers/create",
            "/v1.41/containers%2fcreate", "/%2563ontainers/create")],
        "V31": [post(p, bad) for p in (
            "//containers/create", "/./containers/create",
            "/_ping/../containers/create",
            "/version%2f..%2fcontainers/create")],
        "V33": [post(p, bad) for p in (
            "/versionX", "/v1.41/containers/%s/startfoo" % VICTIM,
            "/v1.41/containers/a/start/exec")] + [
            request("DELETE", "/v1.41/containers/%s/start" % VICTIM)],
        "V35": [request(m, CREATE, bad) for m in (
            "post", "Post", "TRACE", "CONNECT", "PRI", "PATCH")] + [
            request("GET", CREATE, bad, {"X-HTTP-Method-Override": "POST"})],
        "V36": [
            post(CREATE, bad, headers=[("Content-Length", str(len(bad))),
                                       ("Content-Length", "0")]),
            request("POST", CREATE, chunked(bad.encode()), [
                ("Content-Length", "5"), ("Transfer-Encoding", "chunked")]),
            request("POST", CREATE, chunked(bad.encode()), [
                ("Transfer-Encoding", "identity, chunked")]),
            b"POST " + CREATE.encode() + b" HTTP/1.1\nHost: x\n\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
        "V37": [post(CREATE, bad, headers=upgrade),
                request("GET", "/v1.41/info", None, upgrade) +
                post(CREATE, bad)],
        "V38": [post("/v1.41/images/create?fromImage=alpine",
                     "fromSrc=http://127.0.0.1:1/x", headers={
                         "Content-Type": "application/"
                         "x-www-form-urlencoded"}),
                post("/v1.41/images/create?fromImage=127.0.0.1:1/x"
                     "&fromImage=alpine")],
        "V55": [request("POST", CREATE, whole, {
            "Content-Length": str(len(whole) + 100)})],
        "V57": [post(p + CREATE, bad) for p in (
            "unix://x", "file://", "http://docker")] + [
            post("http://containers/v1.41/exec/%s/start" % HEX, {})],
    }


def reads():
    """V32, V34: asked of a policy that may only look."""
    return {
        "V32": [request("GET", p) for p in (
            "/secrets/info", "/images/x/containers/get")],
        "V34": [request("GET", p) for p in (
            "/v1.41/containers/%s/attach/ws?stdin=1" % VICTIM,
            "/v1.41/containers/%s/archive?path=/" % VICTIM,
            "/v1.41/containers/%s/export" % VICTIM,
            "/v1.41/images/get?names=x", "/v1.41/swarm",
            "/v1.41/swarm/unlockkey", "/v1.41/secrets", "/v1.41/plugins",
            "/debug/pprof/heap", "/v1.41/debug/vars")] + [
            post("/v1.41/containers/%s/attach?stdin=1" % VICTIM)],
    }


def archives():
    """V40: tars that are no plain files, and the same packed."""
    def tar(name, **fields):
        info = tarfile.TarInfo(name)
        for key, value in fields.items():
            setattr(info, key, value)
        return info.tobuf(tarfile.PAX_FORMAT) + bytes(1024)

    up = tar("../../v40")
    return [up, tar("/v40"), tar("v40", pax_headers={"path": "../v40"}),
            tar("v40", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
            tar("d/v40", type=tarfile.SYMTYPE, linkname="../../etc"),
            tar("v40", type=tarfile.LNKTYPE, linkname="../etc/passwd"),
            tar("v40", type=tarfile.BLKTYPE, devmajor=8),
            tar("v40", type=tarfile.CHRTYPE, devmajor=1, devminor=1),
            tar("v40", mode=0o6755),
            tar("v40", pax_headers={"SCHILY.xattr.security.capability": "x"}),
            gzip.compress(up), bz2.compress(up), lzma.compress(up)]


def others(i):
    """V39 to V48: the other operations."""
    exe = "/v1.41/containers/%s/exec" % VICTIM
    task = {"ContainerSpec": {"Image": i, "Mounts": [
        {"Type": "bind", "Source": "/etc", "Target": "/h"}]}}
    own = "/v4.3.1/libpod"
    spec = {"image": i, "privileged": True}
    kube = ("apiVersion: v1\nkind: Pod\nmetadata: {name: k}\nspec:\n"
            "  hostNetwork: true\n  containers: [{name: c, image: '%s'}]\n"
            % i).encode()
    tar = {"Content-Type": "application/x-tar"}
    return {
        "V39": [post(exe, {"Cmd": ["sh"], "Privileged": True}),
                post(exe, {"Cmd": ["sh"], "privileged": True}),
                post(exe, {"Cmd": "sh"}),
                post("/v1.41/exec/%s/start" % HEX,
                     {"Detach": True, "Privileged": True})],
        "V40": [request("PUT", "/v1.41/containers/%s/archive?path=/tmp" %
                        VICTIM, data, tar) for data in archives()],
        "V41": [post("/v1.41/commit?container=%s&repo=evil" % VICTIM,
                     {"Entrypoint": ["/x"], "OnBuild": ["RUN x"],
                      "HostConfig": {"Privileged": True}})],
        "V42": [post("/v1.41/build?%s" % q, b"\0" * 1024, headers=tar)
                for q in ("networkmode=host", "remote=http://127.0.0.1:1/x",
                          "cgroupparent=/x", "networkmode=container:x",
                          "version=2&session=x", "securityopt=x",
                          "outputs=%5B%7B%22type%22%3A%22local%22%7D%5D",
                          "extrahosts=a:host-gateway")],
        "V43": [post("/v1.41/session", headers={"Connection": "Upgrade",
                                                "Upgrade": "h2c"}),
                post("/grpc", headers={"Connection": "Upgrade",
                                       "Upgrade": "h2c"}),
                post("/moby.buildkit.v1.Control/Solve", b"x")],
        "V44": [post("/v1.41/services/create", {"TaskTemplate": task})],
        "V45": [post("/v1.41/plugins/pull?remote=x/y", []),
                post("/v1.41/plugins/create?name=x", b"\0" * 1024,
                     headers=tar),
                post("/v1.41/plugins/x/enable"),
                post("/v1.41/plugins/x/set", ["mounts=/etc"])],
        "V46": [post("/v1.41/swarm/init", {"ListenAddr": "127.0.0.1",
                                           "ForceNewCluster": True}),
                post("/v1.41/swarm/join", {"RemoteAddrs": ["127.0.0.1:1"]}),
                post("/v1.41/nodes/x/update?version=1",
                     {"Role": "manager"})],
        "V47": [post("/v1.41/networks/create", {
            "Name": "m", "Driver": "macvlan", "Options": {"parent": "lo"}}),
            post("/v1.41/networks/create", {"Name": "c", "ConfigOnly": True}),
            post("/v1.41/networks/host/connect", {"Container": VICTIM})],
        "V48": [post(own + "/containers/create", spec),
                post(own + "/containers/create", {"image": i, "rootfs": "/"}),
                post(own + "/pods/create", {"name": "p", "hostname": "h"}),
                post(own + "/play/kube", kube, headers={
                    "Content-Type": "application/yaml"}),
                post(own + "/kube/apply", kube, headers={
                    "Content-Type": "application/yaml"}),
                post(own + "/volumes/create", {"Name": "v", "Options":
                                               OPTIONS[0]}),
                post(own + "/secrets/create?name=s&driver=shell", b"x",
                     headers=tar),
                post(own + "/local/images/load?path=/etc/passwd"),
                post("/v1.41/libpod/containers/create", spec),
                post("/v4.3.1/containers/create", {"Image": i,
                                                   "HostConfig": BIND})],
    }


# ------------------------------------------- what a request must never give

CAPS = set("AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD "
           "NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID "
           "SYS_CHROOT".split())
SPACES = ("NetworkMode", "PidMode", "IpcMode", "UTSMode", "UsernsMode",
          "CgroupnsMode")
GIVEN = ("Devices", "DeviceCgroupRules", "DeviceRequests", "VolumesFrom",
         "Links", "Annotations")
REMOTE_LOGS = ("fluentd", "syslog", "gelf", "splunk", "awslogs", "gcplogs")


def bad_source(path):
    return not (path + "/").startswith("/workspace/") or ".." in path


def bad_bind(text):
    source, _, rest = text.partition(":")
    return source.startswith("/") and (
        bad_source(source) or "shared" in rest or "slave" in rest)


def bad_mount(m):
    options = (m.get("VolumeOptions") or {}).get("DriverConfig") or {}
    return bool(options.get("Options")) or m.get("Type") not in (
        "bind", "volume", "tmpfs") or (
        m["Type"] == "bind" and bad_source(m.get("Source", ""))) or \
        (m.get("BindOptions") or {}).get("Propagation", "") not in (
            "", "private", "rprivate")


def host_powers(hc, engine=""):
    """Names of what a HostConfig gives, of a body or of an engine's inspect.
    There "host" is the default of CgroupnsMode where cgroups are version 1,
    and podman lists no paths that are masked."""
    out = [k for k in GIVEN if hc.get(k)]
    out += ["Privileged"] * bool(hc.get("Privileged"))
    out += [k for k in SPACES if str(hc.get(k) or "").startswith(
        ("host", "container:", "ns:")) and not (engine and "group" in k)]
    out += ["CapAdd " + c for c in hc.get("CapAdd") or []
            if c.upper().replace("CAP_", "", 1) not in CAPS]
    out += ["SecurityOpt " + o for o in hc.get("SecurityOpt") or []
            if not o.startswith("no-new-privileges")]
    out += ["Binds " + b for b in hc.get("Binds") or [] if bad_bind(b)]
    out += ["Mounts"] * any(bad_mount(m) for m in hc.get("Mounts") or [])
    out += [k for k in ("MaskedPaths", "ReadonlyPaths")
            if hc.get(k) == [] and engine != "podman"]
    out += ["Tmpfs " + o for o in (hc.get("Tmpfs") or {}).values()
            if {"suid", "dev"} & set(o.split(","))]
    out += ["Sysctls " + k for k in hc.get("Sysctls") or {}
            if k.startswith("kernel.")]
    out += ["LogConfig"] * ((hc.get("LogConfig") or {}).get("Type") in
                            REMOTE_LOGS)
    out += ["VolumeDriver"] * ((hc.get("VolumeDriver") or "local") != "local")
    out += ["CgroupParent"] * (".." in (hc.get("CgroupParent") or ""))
    out += ["OomScoreAdj"] * ((hc.get("OomScoreAdj") or 0) < 0)
    return out


def engine_powers(e):
    """Of everything on the engine."""
    out = []
    for c in e.json("GET", "/v1.41/containers/json?all=1"):
        info = e.json("GET", "/v1.41/containers/%s/json" % c["Id"])
        out += host_powers(info["HostConfig"], e.KIND)
        out += ["mount of " + m["Source"] for m in info["Mounts"]
                if m["Type"] == "bind" and bad_source(m["Source"])]
    for v in e.json("GET", "/v1.41/volumes")["Volumes"] or []:
        out += ["volume with options"] * bool(v.get("Options"))
    for n in e.json("GET", "/v1.41/networks"):
        out += ["network " + n["Driver"]] * (n["Driver"] in ("macvlan",
                                                             "ipvlan"))
    if e.KIND == "dockerd":
        info = e.json("GET", "/v1.41/info")
        out += ["swarm"] * (info["Swarm"]["LocalNodeState"] != "inactive")
        out += ["plugin"] * bool(e.json("GET", "/v1.41/plugins"))
    else:
        out += ["pod"] * bool(e.json("GET", "/v4.0.0/libpod/pods/json"))
        out += ["secret"] * bool(e.json("GET", "/v4.0.0/libpod/secrets/json"))
    return out


# What shows that these words find something: sent past the proxy.
CONTROLS = (
    {"Privileged": True}, {"Binds": ["/etc:/h"]}, {"PidMode": "host"},
    {"NetworkMode": "host"}, {"IpcMode": "host"}, {"UTSMode": "host"},
    {"CapAdd": ["SYS_ADMIN"]}, {"CapAdd": ["ALL"]}, {"Devices": [DEVICE]},
    {"SecurityOpt": ["seccomp=unconfined"]}, {"VolumesFrom": [VICTIM]},
    {"Mounts": [{"Type": "bind", "Source": "/etc", "Target": "/h"}]},
    {"NetworkMode": "container:" + VICTIM},
)
