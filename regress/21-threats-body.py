# SPDX-License-Identifier: ISC
"""Bodies that other proxies let through: V01 to V24, V39, V53 to V55, V58.
Each is refused and nothing of it reaches the engine; what is harmless
arrives in the one canonical form."""

import json
import time

from harness import (EVERYTHING, canonical, case, check, chunked, equal,
                     exchange, expect_refused, main, pair, request,
                     without_lookups)

stub, proxyd = pair(EVERYTHING)

CREATE = "/v1.41/containers/create"
VOLUME = "/v1.41/volumes/create"
EXEC = "/v1.41/containers/web/exec"
START = "/v1.41/exec/%s/start" % ("0f" * 32)


def post(body, target=CREATE, **kw):
    return request("POST", target, body, **kw)


def host(**fields):
    return {"Image": "i", "HostConfig": fields}


def refused(body, text=None, status=(400, 403), target=CREATE, **kw):
    """Nothing arrives; the message names text (or one of several)."""
    try:
        return expect_refused(proxyd, stub, post(body, target, **kw), status,
                              text)
    except AssertionError as e:
        raise AssertionError("%.300r: %s" % (body, e)) from None


def forwarded(body, target=CREATE, same=True, **kw):
    """One request arrives: our head, and a body of the same meaning."""
    r, new = exchange(proxyd, stub, post(body, target, **kw))
    equal(len(new), 1, "%.300r, answered %r: connections" % (body, r))
    head, sep, have = without_lookups(new[0]).partition(b"\r\n\r\n")
    equal(head + sep, canonical("POST", target, have,
                                upgrade="tcp" if target == START else None)
          [:-len(have) or None], "head")
    want = body if not isinstance(body, (str, bytes)) else json.loads(body)
    check(isinstance(json.loads(have), dict), "a body: %r" % have)
    if same:
        equal(json.loads(have), want, "body")


def either(body, target=CREATE, **kw):
    """Refused, or forwarded in the canonical form ("/a/" may be "/a")."""
    r, new = exchange(proxyd, stub, post(body, target, **kw))
    if new:
        forwarded(body, target, same=False, **kw)
    else:
        check(r is None or r.status in (400, 403, 415), repr(r))


@case("the control: what everybody needs is let through")
def control():
    forwarded({"Image": "i", "Cmd": ["x"]})
    forwarded(host(Binds=["/workspace/data:/data"]))
    forwarded(host(Binds=["/workspace:/w:ro", "named:/v"]))
    forwarded(host(Mounts=[{"Type": "bind", "Source": "/workspace/a",
                            "Target": "/a"}]))
    forwarded(host(NetworkMode="bridge", AutoRemove=True, Memory=1 << 28))
    forwarded(host(CapDrop=["ALL"], ReadonlyRootfs=True))


@case("V01 HostConfig's fields at top level")
def v01():
    refused({"Image": "i", "Cmd": ["x"], "Privileged": True,
             "Binds": ["/:/h"]}, ("Privileged", "Binds"))
    for field, value in (
            ("Privileged", True), ("Binds", ["/:/h"]),
            ("NetworkMode", "host"), ("PidMode", "host"), ("CapAdd", ["ALL"]),
            ("Devices", [{}]), ("Mounts", [{}]), ("SecurityOpt", ["x"]),
            ("VolumesFrom", ["x"]), ("IpcMode", "host"), ("Memory", 1)):
        refused({"Image": "i", field: value}, field)
        refused({"Image": "i", field: value, "HostConfig": None},
                (field, "HostConfig"))
        refused({field: value, "Image": "i", "HostConfig": {}}, field)
    # an empty one, as dockerode sends, says nothing and is left out
    for field, value in (("Privileged", False), ("VolumesFrom", []),
                         ("Binds", None), ("PidMode", "")):
        _, new = exchange(proxyd, stub, post({"Image": "i", field: value}))
        check(new in ([], [canonical("POST", CREATE, b'{"Image":"i"}')]),
              "%s: %r" % (field, new))


@case("V02 keys in another case")
def v02():
    refused({"image": "i", "hostconfig": {"binds": ["/:/h"],
                                          "privileged": True}},
            ("image", "hostconfig"))
    for key in ("hostconfig", "HOSTCONFIG", "Hostconfig", "hostConfig"):
        refused({"Image": "i", key: {"Privileged": True}}, key)
    for key in ("privileged", "PRIVILEGED", "priviLeged"):
        refused(host(**{key: True}), key)
    refused(host(binds=["/:/h"]), "binds")
    refused({"Image": "i", "hostconfig": {}}, "hostconfig")


@case("V03 keys that Go folds by Unicode, raw and escaped")
def v03():
    refused({"Image": "i", "Ho\u017ftConfig": {
        "Bind\u017f": ["/:/h"], "Networ\u212aMode": "host"}})
    for body in ({"Image": "i", "Ho\u017ftConfig": {"Privileged": True}},
                 host(**{"Bind\u017f": ["/:/h"]}),
                 host(**{"Networ\u212aMode": "host"}),
                 host(**{"Device\u017f": []}),
                 {"Image": "i", "HostConfig": {}, "Ho\u017ftConfig": {}}):
        refused(json.dumps(body, ensure_ascii=True))
        refused(json.dumps(body, ensure_ascii=False))


@case("V04 a key given twice, a HostConfig merged")
def v04():
    for body in (
            '{"Image":"i","HostConfig":{"Privileged":true},"HostConfig":{}}',
            '{"Image":"i","HostConfig":{"Privileged":true},"hostconfig":{}}',
            '{"Image":"i","HostConfig":{"Privileged":true},'
            '"HostConfig":null}',
            '{"Image":"i","HostConfig":{},"HostConfig":{}}',
            '{"Image":"i","HostConfig":{"Privileged":true,'
            '"Privileged":null}}',
            '{"Image":"i","HostConfig":{"Privileged":true,'
            '"Privileged":false}}',
            '{"Image":"i","HostConfig":{"Binds":["/:/h","/etc:/e"],'
            '"Binds":[null,null]}}',
            '{"Image":"i","Image":"j"}',
            '{"Image":"i","HostConfig":{"Sysctls":{"a":"b"},"Sysctls":{}}}',
            '{"Image":"i","Labels":{"a":"b","a":"c"}}',
            '{"Image":"i","\\u0049mage":"j"}'):
        refused(body)


@case("V05 arrays merged element by element")
def v05():
    refused('{"Image":"i","HostConfig":{"Mounts":[{"Type":"bind","Source":'
            '"/etc","Target":"/h"}]},"hostconfig":{"mounts":'
            '[{"Target":"/zz"}]}}')
    refused('{"Image":"i","HostConfig":{"Mounts":[{"Type":"bind","Source":'
            '"/etc","Target":"/h"}],"Mounts":[{}]}}')
    refused('{"Image":"i","HostConfig":{"Mounts":[{"Type":"bind","Source":'
            '"/etc","Source":"/workspace","Target":"/h"}]}}')
    refused('{"Image":"i","HostConfig":{"Binds":[null]}}')
    refused('{"Image":"i","Cmd":["a",null]}')


@case("V06 escapes in keys and values")
def v06():
    refused('{"Image":"i","HostConfig":{"\\u0050rivileged":true}}',
            "privileged", 403)
    refused('{"Image":"i","\\u0048ostConfig":{"Privileged":true}}',
            "privileged", 403)
    refused('{"Image":"i","HostConfig":{"Binds":["\\u002fetc:/h"]}}', "/etc",
            403)
    refused('{"Image":"i","HostConfig":{"Binds":["\\/etc:\\/h"]}}', "/etc",
            403)
    refused('{"Image":"i","HostConfig":{"PidMode":"h\\u006fst"}}',
            "pid namespace", 403)


@case("V07 duplicates that appear once the keys are folded")
def v07():
    refused('{"Image":"signed","image":"evil"}')
    refused('{"image":"evil","Image":"signed"}')
    refused('{"Image":"i","Labels":{"o":"me"},"labels":{"o":"you"}}')
    refused('{"Image":"i","HostConfig":{"Memory":1,"memory":2}}')


@case("V08 something behind the value")
def v08():
    good = '{"Image":"i"}'
    for tail in ('{"HostConfig":{"Privileged":true}}', "x", "}", "]", "\0",
                 ',{"a":1}', " null", "\n{}", "//", "\ufeff"):
        refused(good + tail, status=400)
    refused("\ufeff" + good, status=400)
    refused(good.encode("utf-16"), status=400)
    for blank in (" ", "\r\n", "\t"):
        forwarded(blank + good + blank)


@case("V09 null, nothing, an array, a scalar")
def v09():
    for body in ("null", "", "[]", "[{}]", '""', "0", "true", " ", "{", "}",
                 '"{}"', "nul", "{}}", "[null]", "undefined", "NaN"):
        refused(body, status=400)
    expect_refused(proxyd, stub, request("POST", CREATE), 400)
    refused({"Image": "i", "HostConfig": []})
    refused({"Image": "i", "HostConfig": "x"})
    refused({"Image": "i", "HostConfig": 1})


@case("V10 a body too large, too late, or under a length of 0")
def v10():
    bad = json.dumps(host(Privileged=True)).encode()
    r, new = exchange(proxyd, stub, request(
        "POST", CREATE, b"", {"Content-Type": "application/json"}) + bad)
    equal((r.status, new), (400, []), "length 0")
    pad = json.dumps({"Image": "i", "Env": ["a=" + "x" * (12 << 20)],
                      "HostConfig": {"Privileged": True}})
    refused(pad, status=(400, 413))
    r, new = exchange(proxyd, stub, request(
        "POST", CREATE, b"", {"Transfer-Encoding": "chunked",
                              "Content-Type": "application/json"}) +
        chunked(*[pad[i:i + 65536].encode()
                  for i in range(0, len(pad), 65536)]))
    equal(new, [], "12 MiB in chunks")
    check(r is not None and r.status in (400, 413), repr(r))
    first = b'{"Image":"i","Cmd":["x"]'
    rest = b',"HostConfig":{"Privileged":true}}'

    def finish(c):
        proxyd.request("GET", "/_ping")     # the first part was read
        equal(stub.arrived()[0].count(b"create"), 0, "not before the end")
        c.send(rest)

    r, new = exchange(proxyd, stub, request(
        "POST", CREATE, first, {"Content-Length": str(len(first + rest))}),
        finish)
    equal(r.status, 403)
    check(b"create" not in b"".join(new), repr(new))
    expect_refused(proxyd, stub, request(
        "POST", CREATE, b"x" * 200000 + bad, {"Content-Length": str(1 << 40)}
        ), (400, 413))


@case("V11 every spelling of the content type is judged, one is sent")
def v11():
    bad, good = host(Privileged=True), {"Image": "i"}
    for ctype in ("APPLICATION/JSON", " application/json", "application/json;",
                  "application/json; charset=utf-16", "text/plain",
                  "application/json ", "text/json", "application/json,x",
                  "", "x", "application/problem+json", "\"application/json\"",
                  "application/x-tar"):
        refused(bad, headers={"Content-Type": ctype}, status=(400, 403, 415))
        either(good, headers={"Content-Type": ctype})
    two = [("Content-Type", "application/json"), ("Content-Type", "x/y")]
    refused(bad, headers=two)
    refused(bad, headers=two[::-1])


@case("V12 bad UTF-8, NUL, odd numbers, depth")
def v12():
    for piece in (b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\0",
                  b"\\u0000", b"\n", b"\x01", b"\x1f", b"\xf8\x88\x80\x80"):
        refused(b'{"Image":"i' + piece + b'"}', status=400)
        refused(b'{"Image":"i","Labels":{"a' + piece + b'":"b"}}', status=400)
        refused(b'{"Image":"i","X' + piece + b'":1}', status=400)
    for number in ("1e3", "1.0", "01", "0x1", "+1", "1.", ".5", "-", "1e",
                   '"1"', "9223372036854775808", "1e400", "-1e3", "1_0",
                   "99999999999999999999999999"):
        refused('{"Image":"i","HostConfig":{"Memory":%s}}' % number)
    for open_, close in (("[", "]"), ('{"a":', "}")):
        for depth in (100, 3000, 100000):
            refused('{"Image":"i","Labels":' + open_ * depth + "1" +
                    close * depth + "}", status=400)
            refused(open_ * depth, status=400)
    for body in ("{'Image':'i'}", '{"Image":"i",}', "{Image:1}",
                 '{"Image":"i" /* */}', '{"Image":"i"\x0c}',
                 '{"Image":"\t"}'):
        refused(body, status=400)


@case("V13, V14 inline volumes that are mounts of the host")
def v13():
    for options in ({"type": "none", "o": "bind", "device": "/"},
                    {"type": "overlay", "device": "overlay",
                     "o": "lowerdir=/etc,upperdir=/tmp/u,workdir=/tmp/w"},
                    {"type": "proc", "device": "proc"},
                    {"type": "sysfs", "device": "sysfs"},
                    {"type": "ext4", "device": "/dev/sda1"},
                    {"type": "nfs", "o": "addr=10.0.0.1", "device": ":/"},
                    {"o": "rbind", "device": "/workspace/../etc"}):
        for name in ("", "local"):
            refused(host(Mounts=[{
                "Type": "volume", "Source": "v", "Target": "/h",
                "VolumeOptions": {"DriverConfig": {
                    "Name": name, "Options": options}}}]), status=403)
            refused({"Name": "v", "Driver": name, "DriverOpts": options},
                    status=403, target=VOLUME)
    refused(host(Mounts=[{"Type": "volume", "Source": "v", "Target": "/h",
                          "VolumeOptions": {"DriverConfig": {
                              "Name": "plugin"}}}]), status=403)
    forwarded({"Name": "v"}, target=VOLUME)


@case("V16 bind sources: where they lead, how they are mounted")
def v16():
    for source in (
            "/workspace/../etc", "/workspace/..", "/workspace/../workspace2",
            "/workspacex", "/workspace2/a", "/work", "/", "//", "/.", "/..",
            "/etc", "//etc", "/./etc", "/etc/", "/var/run/docker.sock",
            "/run/docker.sock", "/proc", "/proc/self/root", "/sys", "/dev",
            "/workspace/a/../../etc", "/workspace/./../etc",
            "/workspace//../etc", "//workspace/../etc", "/Workspace",
            "/workspace/..//..//", "./etc", "../etc", "workspace/../etc", "~",
            "/etc/../workspace/../etc", "/\u017fys", "/workspace\u2215..",
            " /workspace", "/workspace\\..\\etc", "C:\\"):
        refused(host(Binds=[source + ":/h"]))
        refused(host(Binds=["/workspace/ok:/ok", source + ":/h"]))
        refused(host(Mounts=[{"Type": "bind", "Source": source,
                              "Target": "/h"}]))
    refused(host(Binds=["/etc:/h"]), "bind mount of /etc is not allowed",
            403)
    refused(host(Binds=["/workspace/../etc:/h"]), "/etc", 403)
    for option in ("rshared", "shared", "slave", "rslave", "ro,rshared", "z",
                   "Z", "rw,z", "x", "ro,rw"):
        refused(host(Binds=["/workspace:/x:" + option]))
    for bind in ("/workspace", "", ":", "/workspace:", ":/h", "/workspace:h",
                 "/workspace:/h:ro:x", "/workspace:/h:", "/workspace::/h",
                 "/workspace:/../h", "/workspace:/"):
        either(host(Binds=[bind]))
    either(host(Binds=["/workspace/:/h"]))
    forwarded(host(Binds=["/workspace/missing:/h:ro"]))


@case("V17 other mounts, and what is inherited")
def v17():
    refused(host(VolumesFrom=["x"]), "VolumesFrom")
    refused(host(VolumesFrom=["x:ro"]), "VolumesFrom")
    ok = {"Type": "bind", "Source": "/workspace", "Target": "/h"}
    forwarded(host(Mounts=[ok]))
    for extra in ({"BindOptions": {"Propagation": "rshared"}},
                  {"BindOptions": {"Propagation": "shared"}},
                  {"BindOptions": {"Propagation": "rslave"}},
                  {"BindOptions": {"CreateMountpoint": True}},
                  {"Type": "image"}, {"Type": "cluster"}, {"Type": "npipe"},
                  {"Type": "BIND"}, {"Type": "Bind"}, {"Type": ""},
                  {"Type": "devtmpfs"}, {"Type": None}, {"type": "bind"},
                  {"Unknown": 1}):
        refused(host(Mounts=[dict(ok, **extra)]))
    refused(host(Mounts=[{"Source": "/etc", "Target": "/h"}]))
    refused(host(Mounts={"0": ok}))


@case("V18 other namespaces")
def v18():
    for mode in ("host", "container:x", "container:", "ns:/proc/1/ns/net"):
        refused(host(NetworkMode=mode), "network", 403)
    for field in ("PidMode", "IpcMode", "UTSMode", "UsernsMode",
                  "CgroupnsMode"):
        name = (field, "namespace")
        refused(host(**{field: "host"}), name, 403)
        refused(host(**{field: "container:x"}), name)
        refused(host(**{field: "ns:/proc/1/ns/x"}), name)
        for mode in ("Host", "host ", "HOST", "host:x"):
            refused(host(**{field: mode}), name)
    refused(host(Cgroup="container:x"), "Cgroup")
    refused({"Image": "i", "NetworkingConfig": {"EndpointsConfig": {
        "x": {"NetworkID": "0" * 64}}}}, "NetworkID")
    for key in ("host", "container:x"):
        refused({"Image": "i", "NetworkingConfig": {"EndpointsConfig": {
            key: {}}}})


@case("V19 devices")
def v19():
    dev = {"PathOnHost": "/dev/sda", "PathInContainer": "/dev/sda",
           "CgroupPermissions": "rwm"}
    refused(host(Devices=[dev]), "device", 403)
    refused(host(Devices=[dict(dev, PathOnHost="/dev/dri/../sda")]),
            "device", 403)
    refused(host(Devices=[{}]), "device")
    refused(host(DeviceCgroupRules=["a *:* rwm"]), "device", 403)
    refused(host(DeviceRequests=[{"Driver": "", "Count": -1,
                                  "Capabilities": [["gpu"]]}]),
            "device", 403)
    refused(host(DeviceRequests=[{"Driver": "cdi", "DeviceIDs": ["v/c=d"]}]),
            "device", 403)


@case("V20 capabilities, security options, masks")
def v20():
    for cap in ("ALL", "all", "All", "CAP_SYS_ADMIN", "SYS_ADMIN",
                "sys_admin", "cap_sys_admin", "Cap_Sys_Ptrace", "MKNOD2",
                "SYS_MODULE", "DAC_READ_SEARCH", "CAP_ALL", "", " ALL"):
        refused(host(CapAdd=[cap]), ("CapAdd", "capability"))
    refused(host(CapAdd=["CHOWN", "SYS_ADMIN"]), "capability")
    for opt in ("seccomp=unconfined", "seccomp:unconfined",
                "apparmor=unconfined", "apparmor=other", "label=disable",
                "label:disable", "label=type:spc_t", "disable",
                "no-new-privileges=false", "no-new-privileges:false",
                "writable-cgroups=true", "writable-cgroups", "unmask=ALL",
                'seccomp={"defaultAction":"SCMP_ACT_ALLOW"}',
                "systempaths=unconfined", "proc-opts=x", ""):
        refused(host(SecurityOpt=[opt]), ("SecurityOpt", "security"))
    refused(host(SecurityOpt=["no-new-privileges", "seccomp=unconfined"]),
            "seccomp=unconfined")
    forwarded(host(SecurityOpt=["no-new-privileges"]))
    for value in ([], ["/proc/kcore"]):
        refused(host(MaskedPaths=value), "MaskedPaths", 403)
        refused(host(ReadonlyPaths=value), "ReadonlyPaths", 403)


@case("V21 tmpfs options and places")
def v21():
    for options in ("exec,suid,dev", "exec", "suid", "dev", "rw,suid"):
        either(host(Tmpfs={"/t": options}))
    forwarded(host(Tmpfs={"/t": "size=64m,mode=1777"}))


@case("V22 log drivers that dial or read for the container")
def v22():
    for kind, config in (
            ("fluentd", {"fluentd-address": "unix:///run/x.sock"}),
            ("syslog", {"syslog-address": "unix:///dev/log"}),
            ("syslog", {}), ("splunk", {"splunk-url": "http://e"}),
            ("gcplogs", {}), ("awslogs", {"awslogs-endpoint": "http://e"}),
            ("gelf", {"gelf-address": "udp://e:1"}), ("journald2", {}),
            ("plugin/x", {}), ("JSON-FILE", {}),
            ("json-file", {"fluentd-address": "unix:///x"})):
        refused(host(LogConfig={"Type": kind, "Config": config}),
                ("LogConfig", "log driver", "log option"))
    forwarded(host(LogConfig={"Type": "json-file",
                              "Config": {"max-size": "1m"}}))


@case("V23 runtimes, annotations, cgroups, plugins")
def v23():
    for field, value in (
            ("Runtime", "x"), ("Runtime", "io.containerd.evil.v1"),
            ("Annotations", {"run.oci.hooks": "x"}),
            ("CgroupParent", "/../"), ("CgroupParent", "/x"),
            ("Links", ["victim:stop"]), ("VolumeDriver", "plugin"),
            ("InitPath", "/bin/sh"), ("Capabilities", ["SYS_ADMIN"])):
        refused(host(**{field: value}), field)
    refused(host(VolumeDriver="plugin", Binds=["n:/x"]), "VolumeDriver")
    for field, value in (
            ("Sysctls", {"net.ipv4.ip_forward": "1"}),
            ("Sysctls", {"kernel.core_pattern": "|/x"}),
            ("GroupAdd", ["0"]), ("OomScoreAdj", -1000),
            ("OomKillDisable", True), ("StorageOpt", {"size": "1G"}),
            ("Ulimits", [{"Name": "core", "Soft": -1, "Hard": -1}]),
            ("ExtraHosts", ["a:host-gateway"]), ("Dns", ["1.1.1.1"]),
            ("PublishAllPorts", True),
            ("PortBindings", {"22/tcp": [{"HostIp": "0.0.0.0",
                                          "HostPort": "22"}]}),
            ("BlkioWeightDevice", [{"Path": "/etc/shadow", "Weight": 10}])):
        either(host(**{field: value}))
    refused(host(Unheard=1), "Unheard")
    refused({"Image": "i", "Unheard": 1}, "Unheard")
    forwarded(host(PortBindings={"80/tcp": [{"HostIp": "127.0.0.1",
                                             "HostPort": "8080"}]}))


@case("V24 users are the container's affair: forwarded as they are")
def v24():
    for user in ("", "00", "0000:5", "root", "ROOT", "1000:1000"):
        either({"Image": "i", "User": user})
    refused({"Image": "i", "User": 0}, "User")
    refused({"Image": "i", "User": ["root"]}, "User")


@case("V39 exec: privileged, types, the user and what it starts")
def v39():
    refused({"Cmd": ["sh"], "Privileged": True}, "privileged", 403,
            target=EXEC)
    refused({"Cmd": ["sh"], "privileged": True}, "privileged", target=EXEC)
    refused('{"Cmd":["sh"],"Privileged":false,"Privileged":true}',
            target=EXEC)
    refused('{"Cmd":["sh"],"\\u0050rivileged":true}', "privileged", 403,
            target=EXEC)
    refused({"Cmd": "sh"}, "Cmd", target=EXEC)
    refused({"Cmd": ["sh"], "Env": "A=b"}, "Env", target=EXEC)
    refused({"Cmd": ["sh"], "Container": "x", "Unheard": 1}, target=EXEC)
    for extra in ({"User": ""}, {"User": "root"}, {"User": "0"},
                  {"Env": ["LD_PRELOAD=/x"]}, {"AttachStdin": True},
                  {"WorkingDir": "/proc/self/fd/8"}):
        either(dict({"Cmd": ["sh"]}, **extra), target=EXEC)
    forwarded({"Cmd": ["sh"], "AttachStdout": True}, target=EXEC)
    refused({"Detach": True, "Privileged": True}, "Privileged", target=START)
    for target in ("/v1.41/exec/x/start", "/v1.41/exec/%s/start" % ("0f" * 6),
                   "/v1.41/exec/%s/start" % ("0F" * 32),
                   "/v1.41/exec/..%2f..%2fx/start"):
        refused({"Detach": True}, status=(400, 403, 404), target=target)


@case("V53 capabilities that Go upper-cases into others")
def v53():
    for cap in ("\u017fYS_ADMIN", "SYS_ADM\u0131N", "CAP_\u017fys_admin",
                "\uff33YS_ADMIN", "SYS_ADMIN\u200b"):
        for ascii_ in (True, False):
            refused(json.dumps(host(CapAdd=[cap]), ensure_ascii=ascii_),
                    ("CapAdd", "capability"))
    refused(host(CapAdd="SYS_ADMIN"), "CapAdd")
    refused(host(CapAdd="CHOWN"), "CapAdd")
    refused(host(CapAdd={"0": "SYS_ADMIN"}), "CapAdd")
    refused(host(CapAdd=[1]), "CapAdd")


@case("V54 NUL and newline in a bind")
def v54():
    for source in ("/workspace\\u0000/../etc", "/workspace\\n/../etc",
                   "/workspace/a\\nb", "/workspace\\r", "/workspace\\u0000",
                   "/workspace\\u007f", "/workspace\\u0001"):
        refused('{"Image":"i","HostConfig":{"Binds":["%s:/x"]}}' % source)
        refused('{"Image":"i","HostConfig":{"Mounts":[{"Type":"bind",'
                '"Source":"%s","Target":"/x"}]}}' % source)
    refused(b'{"Image":"i","HostConfig":{"Binds":["/workspace\0:/x"]}}',
            status=400)


@case("V55 a whole value in a body that is not whole: nothing leaves")
def v55():
    good = b'{"Image":"i"}'
    long_ = request("POST", CREATE, good, {
        "Content-Length": str(len(good) + 100)})
    open_ = request("POST", CREATE, chunked(good, last=False), {
        "Transfer-Encoding": "chunked", "Content-Type": "application/json"})
    for data in (long_, open_, open_ + b"5\r\nab", open_ + b"0\r\n"):
        for finish in (lambda c: c.half_close(), lambda c: c.close(),
                       lambda c: c.reset()):
            stub.mark()
            c = proxyd.client()
            with c:
                c.send(data)
                finish(c)
            end = time.monotonic() + 0.05
            while time.monotonic() < end:       # a late mistake shows, too
                equal(proxyd.request("GET", "/_ping").status, 200)
            check(b"create" not in b"".join(stub.arrived()), repr(data))


@case("V58 what Go forgives: surrogates, bad UTF-8, huge integers")
def v58():
    for piece in (b'"X":"\\ud800"', b'"X":"\\udc00\\ud800"', b'"X":"\xff"',
                  b'"\xff":1', b'"X":99999999999999999999',
                  b'"X":-99999999999999999999', b'"X":"\\u0000"',
                  b'"Labels":{"a":"\\ud800"}', b'"Labels":{"\\udfff":"x"}',
                  b'"Hostname":"\xed\xa0\x80"', b'"X":1e999',
                  b'"StopTimeout":99999999999999999999'):
        for tail in (b',"HostConfig":{"Privileged":true}}', b"}"):
            refused(b'{"Image":"i",' + piece + tail)
        refused(b'{"Image":"i","HostConfig":{"Privileged":true},' + piece +
                b"}")


if __name__ == "__main__":
    main()
