#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""allow, require, limit and set label of a file, and mode audit: with a real
engine, what containers become; with the stub, what arrives."""

import json
import subprocess

import engine
import harness
from harness import Proxyd, Stub, check, equal

POLICY = """
	pass on { ping, version, info, containers, images, exec, volumes,
	    networks }
	allow image any
	allow volume "data-*"
	allow network "net-*"
	allow publish "18080-18089"
	allow sysctl "kernel.domainname"
	allow log-driver "syslog"
	allow field "HostConfig.GroupAdd"
	require { non-root, no-new-privileges }
	limit { memory 64M default 32M, swap 64M, pids 50 default 20,
	    cpus 1.5 default 0.5, shm 16M, ulimit-nofile 512 default 256 }
	set label { "owner=ci", "tier=" }
"""
GOOD = ("--user", "1000:1000", "--security-opt", "no-new-privileges")
FREE = "\tpass on any\n\tallow image any\n"

shared = {}


def real():
    """The engine, started once."""
    if not shared:
        shared["engine"] = engine.Engine()
        shared["engine"].start()
    e = shared["engine"]
    e.purge()
    return e


def docker(e, p, *args):
    return engine.cli("docker", p.addr, *args)


def inspect(e, name):
    return e.json("GET", "/containers/%s/json" % name)


@harness.case("docker run gets the limits and labels that it does not ask for")
def supplied():
    e = real()
    p = Proxyd(e.socket, conf_profile=POLICY)
    r = docker(e, p, "run", "-d", "--name", "aa", *GOOD, "--label", "owner=me",
               "--label", "mine=1", e.IMAGE, "sleep", "600")
    equal(r.returncode, 0, "run: %r" % r.stderr)
    c = inspect(e, "aa")
    hc = c["HostConfig"]
    equal((hc["Memory"], hc["MemorySwap"], hc["PidsLimit"], hc["NanoCpus"],
           hc["ShmSize"]), (32 << 20, 64 << 20, 20, 500000000, 16 << 20))
    equal(hc["Ulimits"], [{"Name": "nofile", "Hard": 256, "Soft": 256}])
    equal(c["Config"]["Labels"], {"owner": "ci", "tier": "", "mine": "1"})
    r = e.docker("exec", "aa", "sh", "-c", "ulimit -n; df -k /dev/shm | "
                 "tail -1 | awk '{print $2}'; id -u")
    equal(r.stdout.split(), [b"256", b"16384", b"1000"], "in the container")
    for kind, args in (("volume", ("data-1",)), ("network", ("net-1",))):
        r = docker(e, p, kind, "create", *args)
        equal(r.returncode, 0, "%s: %r" % (kind, r.stderr))
        r = e.docker(kind, "inspect", "-f", "{{.Labels.owner}}", *args)
        equal(r.stdout, b"ci\n", kind)


@harness.case("what is asked for within the limits stays, beyond it is refused")
def refused():
    e = real()
    p = Proxyd(e.socket, conf_profile=POLICY)
    r = docker(e, p, "create", "--name", "bb", *GOOD, "--memory", "48m",
               "--memory-swap", "-1", "--pids-limit", "-1", "--cpus", "1.5",
               "--shm-size", "8m", "--ulimit", "nofile=100:100",
               "--group-add", "7", "-p", "18080:80", e.IMAGE, "true")
    equal(r.returncode, 0, "create: %r" % r.stderr)
    hc = inspect(e, "bb")["HostConfig"]
    equal((hc["Memory"], hc["MemorySwap"], hc["PidsLimit"], hc["NanoCpus"],
           hc["ShmSize"], hc["GroupAdd"]),
          (48 << 20, 64 << 20, 20, 1500000000, 8 << 20, ["7"]))
    for args, words in (
            (("--memory", "65m"), "HostConfig.Memory 68157440 is above the "
             "limit of 67108864 at "),
            (("--memory", "1m", "--memory-swap", "65m"), "(limit swap "),
            (("--pids-limit", "51"), "(limit pids 51 would)"),
            (("--cpus", "1.6"), "(limit cpus 1.600 would)"),
            (("--cpu-period", "1000", "--cpu-quota", "2000"), "CpuQuota"),
            (("--shm-size", "17m"), "HostConfig.ShmSize"),
            (("--ulimit", "nofile=513"), '(allow ulimit "nofile" would)'),
            (("--user", "0"), "User must be a user other than root: require "
             "non-root at "),
            (("--user", "root"), "non-root"),
            (("-p", "18090:80"), '(allow publish "18090" would)'),
            (("-p", "80"), "(allow publish any would)"),
            (("-P",), "(allow publish any would)"),
            (("--volumes-from", "bb"), '(allow field "HostConfig.VolumesFrom" '
             "would)"),
            (("--cgroup-parent", "/x"), '"HostConfig.CgroupParent" would)'),
            (("--pid", "container:bb"), '"HostConfig.PidMode" would)'),
            (("--network", "container:bb"), '"HostConfig.NetworkMode" would)'),
            (("--log-driver", "gelf"), '(allow log-driver "gelf" would)')):
        r = docker(e, p, "create", *GOOD, *args, e.IMAGE, "true")
        check(r.returncode != 0, "%s passed" % (args,))
        check(words.encode() in r.stderr, "%s: %r" % (args, r.stderr))
    r = docker(e, p, "create", "--user", "7", e.IMAGE)
    check(b"require no-new-privileges at " in r.stderr, repr(r.stderr))
    check(p.conf.encode() in r.stderr, "no file: %r" % r.stderr)


@harness.case("no change of a container, and no command in it, gets around")
def around():
    e = real()
    p = Proxyd(e.socket, conf_profile=POLICY)
    r = docker(e, p, "run", "-d", "--name", "cc", *GOOD, e.IMAGE, "sleep",
               "600")
    equal(r.returncode, 0, "run: %r" % r.stderr)
    for args, words in ((("--memory-swap", "-1"), "would lift the limit"),
                        (("--pids-limit", "-1"), "would lift the limit"),
                        (("--pids-limit", "60"), "above the limit of 50"),
                        (("--cpus", "2"), "above the limit of 1.5"),
                        (("--cpu-quota", "-1"), "would lift the limit"),
                        (("--cpu-quota", "10000"), "together"),
                        (("--memory", "65m", "--memory-swap", "65m"),
                         "above the limit")):
        r = docker(e, p, "update", *args, "cc")
        check(r.returncode != 0 and words.encode() in r.stderr,
              "%s: %r" % (args, r.stderr))
    r = docker(e, p, "update", "--memory", "40m", "--pids-limit", "30", "cc")
    equal(r.returncode, 0, "update: %r" % r.stderr)
    hc = inspect(e, "cc")["HostConfig"]
    equal((hc["Memory"], hc["PidsLimit"], hc["NanoCpus"]),
          (40 << 20, 30, 500000000))
    equal(docker(e, p, "exec", "cc", "id", "-u").stdout, b"1000\n", "exec")
    equal(docker(e, p, "exec", "-u", "guest", "cc", "id", "-u").stdout,
          b"1000\n", "exec as guest")
    for user in ("0", "root", "00", "0:0"):
        r = docker(e, p, "exec", "-u", user, "cc", "id", "-u")
        check(b"require non-root" in r.stderr, "%s: %r" % (user, r))


HOSTILE = {"Image": "busybox:test", "Cmd": ["sleep", "600"], "HostConfig": {
    "Binds": ["/tmp:/h:ro"], "NetworkMode": "host", "GroupAdd": ["7"],
    "CapAdd": ["CAP_SYS_ADMIN"], "PidMode": "host", "Memory": 128 << 20,
    "SecurityOpt": ["seccomp=unconfined"], "OomScoreAdj": 5,
    "FutureThing": {"A": 1}}}
NEEDS = ('(allow image "busybox:test" would)',
         '(allow field "HostConfig.FutureThing" would)',
         '(allow bind "/tmp" read-only would)',
         '(allow host "network" would)', '(allow host "pid" would)',
         '(allow capability "SYS_ADMIN" would)',
         '(allow field "HostConfig.GroupAdd" would)',
         '(allow security "seccomp=unconfined" would)',
         "(limit memory 134217728 would)",
         "User must be a user other than root: require non-root")


@harness.case("mode audit: all passes, and each thing has its line")
def audit():
    e = real()
    policy = ("\tmode audit\n\trequire non-root\n"
              "\tlimit { memory 64M, pids 9 }\n\tset label \"owner=ci\"\n")
    p = Proxyd(e.socket, conf_profile=policy)
    r = p.request("POST", "/v1.41/containers/create?name=dd", HOSTILE)
    equal(r.status, 201, r.message if r.status != 201 else "")
    for need in NEEDS:
        check(p.log_contains("containers/create", " audit ", need),
              "no line for %s:\n%s" % (need, p.log()))
    equal(len(p.log_lines("containers/create", " audit ")), 1 + len(NEEDS),
          "lines, that of the rule included")
    c = inspect(e, "dd")
    equal((c["HostConfig"]["Memory"], c["HostConfig"]["PidMode"]),
          (128 << 20, "host"))
    check(not c["HostConfig"]["PidsLimit"], "a limit was put in")
    equal(c["Config"]["Labels"].get("owner"), "ci", "label")
    r = p.request("POST", "/v1.41/containers/create", {"Cmd": "sleep"})
    equal(r.status, 400, "malformed")
    r = p.request("POST", "/v1.41/containers/create", {"privileged": True})
    equal(r.status, 400, "misspelt")
    # the same profile without audit stops
    q = Proxyd(e.socket, conf_profile=FREE + policy.replace("mode audit", ""))
    r = q.request("POST", "/v1.41/containers/create", HOSTILE)
    equal(r.status, 403, "without audit")


@harness.case("audit of a query, of one rule, and of a body without end")
def audit_more():
    stub = Stub()
    p = Proxyd(stub, conf_profile="\tpass on ping\n\tpass on build "
               "mode audit\n\tblock on containers/create mode audit\n"
               "\tallow image any\n")
    stub.mark()
    r = p.request("POST", "/v1.41/build?networkmode=host&remote=http%3A%2F%2F"
                  "x%2Fy&cgroupparent=z", b"")
    check(r.status < 300, "%d %s" % (r.status, r.raw))
    got = b"".join(stub.arrived())
    for word in (b"networkmode=host", b"remote=http", b"cgroupparent=z"):
        check(word in got, "%r did not arrive: %r" % (word, got))
    for need in ('(allow host "network" would)', "(allow privileged would)",
                 "(allow unjudged would)"):
        check(p.log_contains("build", " audit ", need), need)
    stub.mark()
    body = {"Image": "i", "HostConfig": {"CapAdd": ["KILL"] * 5000}}
    r = p.request("POST", "/v1.41/containers/create", body)
    check(r.status < 300, "%d %s" % (r.status, r.raw[:200]))
    got = b"".join(stub.arrived())
    equal(json.loads(got[got.index(b"{"):])["HostConfig"]["CapAdd"],
          ["KILL"] * 5000)
    check(p.log_contains("more of this request is not logged"), "no end")
    equal(len(p.log_lines('(allow capability "KILL" would)')), 100)
    # another rule of the same profile is not audited
    r = p.request("POST", "/v1.41/containers/x/exec", {"Cmd": ["x"]})
    equal(r.status, 403, "exec")


@harness.case("an explanation names the line that gives a value")
def explained():
    name = harness.tmpname("conf")
    with open(name, "w") as f:
        f.write('profile "p" {%s}\nlisten on 127.0.0.1 port 2375 '
                'profile "p"\n' % POLICY)
    body = harness.tmpname("body")
    with open(body, "w") as f:
        json.dump({"Image": "i", "User": "7", "HostConfig": {
            "SecurityOpt": ["no-new-privileges"], "GroupAdd": ["7"]}}, f)
    r = subprocess.run([harness.PROXYD, "-n", "-f", name, "-t",
                        "POST /v1.41/containers/create", "-b", body],
                       stdout=subprocess.PIPE, timeout=20, text=True)
    equal(r.returncode, 0, r.stdout)
    for words in ('HostConfig.Memory "33554432": limit memory 64M default 32M',
                  'HostConfig.NanoCpus "500000000": limit cpus',
                  'HostConfig.Ulimits "nofile": limit ulimit-nofile',
                  'Labels "owner=ci": set label', 'allow field "HostConfig.'
                  'GroupAdd"'):
        check(words in r.stdout, "%s is not in\n%s" % (words, r.stdout))


SERVICES = """
	pass on { ping, version, services, tasks/list }
	allow image any
	require { non-root, read-only, drop-capabilities }
	limit { memory 64M default 32M, pids 50 default 20,
	    cpus 1.5 default 0.5, ulimit-nofile 512 default 256 }
	set label "owner=ci"
"""


def spec(e, limits=None, **more):
    return {"Name": "held", "TaskTemplate": {
        "ContainerSpec": dict({
            "Image": e.IMAGE, "Command": ["sleep", "600"], "User": "1000",
            "ReadOnly": True, "CapabilityDrop": ["ALL"]}, **more),
        "Resources": {"Limits": limits or {}}}}


def task_of(e, image):
    """The container that runs for the service, from that image's name."""
    def there():
        for c in e.json("GET", "/containers/json"):
            if c["Image"] == image:
                return inspect(e, c["Id"])
        return None
    return harness.poll(there, 20, "a task of the service")


@harness.case("the containers of a service are held to the same")
def services():
    e = real()
    status, text = e.request("POST", "/swarm/init", {
        "ListenAddr": "127.0.0.1:2377", "AdvertiseAddr": "127.0.0.1"})
    equal(status, 200, text)
    p = Proxyd(e.socket, conf_profile=SERVICES)
    try:
        for bad, word in (
                (spec(e, User=""), "non-root"),
                (spec(e, ReadOnly=False), "read-only"),
                (spec(e, CapabilityDrop=[]), "drop-capabilities"),
                (spec(e, {"MemoryBytes": 65 << 20}), "limit of 67108864"),
                (spec(e, {"Pids": 51}), "limit of 50"),
                (spec(e, {"NanoCPUs": 1500000001}), "limit of 1.500")):
            r = p.request("POST", "/v1.41/services/create", bad)
            equal(r.status, 403, word)
            check(word in r.message, r.message)
        r = p.request("POST", "/v1.40/services/create", spec(e))
        equal(r.status, 400, "CapabilityDrop is of a later API")
        r = p.request("POST", "/services/create", spec(e))
        equal(r.status, 403, "no version, so who knows")
        equal(e.json("GET", "/services"), [], "services")
        r = p.request("POST", "/v1.41/services/create", spec(e))
        equal(r.status, 201, r.message)
        c = task_of(e, e.IMAGE)
        hc = c["HostConfig"]
        equal((hc["Memory"], hc["PidsLimit"], hc["NanoCpus"]),
              (32 << 20, 20, 500000000), "limits")
        equal([(u["Name"], u["Hard"]) for u in hc["Ulimits"]],
              [("nofile", 256)], "ulimits")
        equal((hc["ReadonlyRootfs"], hc["CapDrop"], c["Config"]["User"]),
              (True, ["ALL"], "1000"), "what is required")
        equal(c["Config"]["Labels"]["owner"], "ci", "label")
        one, = e.json("GET", "/services")
        equal(one["Spec"]["Labels"], {"owner": "ci"}, "label of the service")
        # An update replaces all of it: what it does not say is put in again.
        target = "/v1.41/services/held/update?version=%d" % \
            one["Version"]["Index"]
        r = p.request("POST", target, spec(e, {"MemoryBytes": 65 << 20}))
        equal(r.status, 403, "an update")
        r = p.request("POST", target, spec(e, {"Pids": 0}))
        equal(r.status, 200, r.message)
        one, = e.json("GET", "/services")
        equal(one["Spec"]["TaskTemplate"]["Resources"]["Limits"],
              {"MemoryBytes": 32 << 20, "Pids": 20, "NanoCPUs": 500000000},
              "after the update")
    finally:
        e.request("POST", "/swarm/leave?force=1")


harness.main()
