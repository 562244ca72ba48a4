#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What a name stands for: existing volumes, and links in the paths of binds.

With a real engine where it has to understand the request: what is refused
was tried without the check, too, and gave the secret away.
"""

import json
import os

import engine
import harness
from harness import (Proxyd, Stub, check, default_listen, equal,
                     profile_conf, request, tmpname)

shared = {}
SECRET = "of the host only"


def real():
    """The engine, started once."""
    if not shared:
        e = shared["engine"] = engine.Engine()
        e.start()
    e = shared["engine"]
    e.purge()
    return e


class Place:
    """A workspace that may be mounted, beside a secret that may not."""

    def __init__(self):
        self.top = tmpname("place")
        self.ws = self.top + "/ws"
        self.out = self.top + "/out"
        for path in (self.top, self.ws, self.ws + "/a", self.out):
            os.mkdir(path)
        with open(self.out + "/secret", "w") as f:
            f.write(SECRET)

    def plant(self, name="a"):
        """The directory becomes a link to the outside."""
        os.rename(self.ws + "/" + name, self.ws + "/" + name + ".kept")
        os.symlink(self.out, self.ws + "/" + name)

    def restore(self, name="a"):
        os.unlink(self.ws + "/" + name)
        os.rename(self.ws + "/" + name + ".kept", self.ws + "/" + name)


POLICY = """
	pass on { ping, containers, volumes, exec, networks }
	allow image any
"""


def proxy(sock, *allow, check_paths=True, env=None):
    addr = default_listen()
    sock = sock.path if isinstance(sock, Stub) else sock
    lines = POLICY + "".join("\tallow %s\n" % a for a in allow)
    extra = "set bind-check yes\n" if check_paths else ""
    return Proxyd(sock, env, listen=[addr],
                  conf=profile_conf(lines, [addr], sock, extra))


def create(p, name=None, image=engine.Engine.IMAGE, **host):
    target = "/v1.41/containers/create" + ("?name=" + name if name else "")
    return p.request("POST", target, {
        "Image": image, "Cmd": ["sh", "-c", "cat /h/secret"],
        "HostConfig": host})


def bind(source, **more):
    return dict({"Type": "bind", "Source": source, "Target": "/h"}, **more)


def volume(name, options=None):
    m = {"Type": "volume", "Source": name, "Target": "/h"}
    if options is not None:
        m["VolumeOptions"] = {"DriverConfig": {"Name": "local",
                                               "Options": options}}
    return m


def local(device, o="bind", kind="none"):
    return {"type": kind, "o": o, "device": device}


def refused(r, *words):
    equal(r.status, 403, "%r" % r)
    for word in words:
        check(word in r.message, "%r lacks %r" % (r.message, word))


def output(e, cid):
    """Everything that the container printed, when it has ended."""
    e.request("POST", "/containers/%s/wait" % cid)
    return e.request("GET", "/containers/%s/logs?stdout=1" % cid)[1].decode()


@harness.case("without the check a planted link gives the host away")
def without():
    e, at = real(), Place()
    p = proxy(e.socket, 'bind "%s"' % at.ws, check_paths=False)
    r = create(p, "cx", Binds=[at.ws + "/a:/h"])
    equal(r.status, 201, "%r" % r)
    at.plant()
    equal(p.request("POST", "/containers/cx/start").status, 204)
    check(SECRET in output(e, "cx"), "the engine follows no link: the other "
          "cases would prove nothing")


@harness.case("a link in the workspace is refused at create")
def at_create():
    e, at = real(), Place()
    p = proxy(e.socket, 'bind "%s"' % at.ws, "volume any")
    os.symlink(at.out, at.ws + "/planted")
    os.symlink("/", at.ws + "/a/root")
    os.symlink(at.top + "/nosuch", at.ws + "/dangling")
    os.symlink("a", at.ws + "/inside")
    os.symlink("/proc/self/root", at.ws + "/magic")
    for path in ("planted", "planted/secret", "a/root", "a/root/etc",
                 "dangling", "inside", "magic/etc", "planted/new/dir"):
        path = at.ws + "/" + path
        refused(create(p, Binds=[path + ":/h"]), path, "symbolic link")
        refused(create(p, Binds=[path + ":/h:ro"]), path)
        refused(create(p, Mounts=[bind(path)]), path)
        refused(create(p, Mounts=[volume("v", local(path))]), path)
        refused(p.request("POST", "/volumes/create",
                          {"Name": "v", "DriverOpts": local(path)}), path)
    # the second of two is looked at as well
    refused(create(p, Binds=[at.ws + "/a:/a", at.ws + "/planted:/h"]),
            at.ws + "/planted is not")
    equal(e.containers(), [], "containers")


@harness.case("what is no link passes, there or not")
def harmless():
    e, at = real(), Place()
    os.symlink(at.ws, at.top + "/own")
    with open(at.ws + "/file", "w") as f:
        f.write("x")
    p = proxy(e.socket, 'bind "%s"' % at.ws, 'bind "%s/own"' % at.top,
              "volume any")
    for path in (at.ws, at.ws + "/a", at.ws + "/new/deep", at.ws + "/file",
                 # a link of the administrator's own in the allowed path
                 at.top + "/own", at.top + "/own/a"):
        r = create(p, Binds=[path + ":/h"])
        equal(r.status, 201, "%s: %r" % (path, r))
    equal(create(p, "cm", Mounts=[bind(at.ws + "/a")]).status, 201)
    equal(create(p, Mounts=[volume("dd", local(at.ws + "/a"))]).status, 201)
    equal(p.request("POST", "/containers/cm/start").status, 204)
    # bind mounts of the daemon's own files, as it makes them, are no matter
    equal(p.request("POST", "/containers/cm/restart?t=0").status, 204)


@harness.case("a link planted between create and start is refused at start")
def at_start():
    e, at = real(), Place()
    p = proxy(e.socket, 'bind "%s"' % at.ws)
    with open(at.ws + "/a/secret", "w") as f:
        f.write("of the workspace")
    for name, host in (("rw", dict(Binds=[at.ws + "/a:/h"])),
                       ("mo", dict(Mounts=[bind(at.ws + "/a")])),
                       ("ro", dict(Binds=[at.ws + "/a:/h:ro"]))):
        r = create(p, name, **host)
        equal(r.status, 201, "%r" % r)
        at.plant()
        for verb in ("start", "restart?t=0"):
            refused(p.request("POST", "/containers/%s/%s" % (name, verb)),
                    at.ws + "/a", "symbolic link")
            cid = r.json()["Id"][:12]
            refused(p.request("POST", "/containers/%s/%s" % (cid, verb)))
        equal(e.json("GET", "/containers/%s/json" % name)["State"]["Status"],
              "created", "was started")
        at.restore()
        equal(p.request("POST", "/containers/%s/start" % name).status, 204,
              "swapped back")
        check("of the workspace" in output(e, name), "its own file")
    equal(p.request("POST", "/containers/nosuch/start").status, 404)


@harness.case("a volume with a bind: its device is looked at, at start too")
def volume_at_start():
    e, at = real(), Place()
    p = proxy(e.socket, 'bind "%s"' % at.ws, "volume any")
    equal(create(p, "cv", Mounts=[volume("dev", local(at.ws + "/a"))]).status,
          201)
    at.plant()
    refused(p.request("POST", "/containers/cv/start"), at.ws + "/a",
            "symbolic link")
    refused(create(p, "cw", Binds=["dev:/h"]), at.ws + "/a")
    at.restore()
    equal(p.request("POST", "/containers/cv/start").status, 204)


@harness.case("from a container: plant a link, mount it with the next")
def planted_by_container():
    e, at = real(), Place()
    p = proxy(e.socket, 'bind "%s"' % at.ws)
    r = p.request("POST", "/containers/create?name=evil", {
        "Image": e.IMAGE, "Cmd": ["ln", "-s", at.out, "/w/planted"],
        "HostConfig": {"Binds": [at.ws + ":/w"]}})
    equal(r.status, 201, "%r" % r)
    equal(p.request("POST", "/containers/evil/start").status, 204)
    output(e, "evil")
    check(os.path.islink(at.ws + "/planted"), "it was not planted")
    refused(create(p, "next", Binds=[at.ws + "/planted:/h"]))
    equal(e.containers(), ["evil"])


@harness.case("a tree in a tree that may be written is no way around")
def nested():
    e, at = real(), Place()
    os.mkdir(at.ws + "/a/in")
    p = proxy(e.socket, 'bind "%s"' % at.ws, 'bind "%s/a"' % at.ws,
              'bind "%s" read-only' % at.out, 'bind "/" read-only')
    equal(create(p, Binds=[at.ws + "/a:/h"]).status, 201)
    at.plant()
    refused(create(p, Binds=[at.ws + "/a:/h"]), at.ws + "/a")
    # read-only all of the host is allowed anyway, by any way
    equal(create(p, Binds=[at.ws + "/a:/h:ro"]).status, 201)


@harness.case("a tree that is not seen: nothing below is mounted")
def unseen():
    e, at = real(), Place()
    p = proxy(e.socket, 'bind "%s/later"' % at.top)
    p.log_contains('allow bind "%s/later"' % at.top)
    refused(create(p, Binds=[at.top + "/later/x:/h"]), "not seen")
    os.mkdir(at.top + "/later")
    equal(create(p, Binds=[at.top + "/later/x:/h"]).status, 201)


@harness.case("an existing volume is judged by its options")
def existing():
    e, at = real(), Place()
    cases = [("etc", local("/etc"), "/etc"),
             ("rbind", local("/", "rbind"), "bind mount of /"),
             ("near", local(at.ws + "x"), at.ws + "x"),
             ("proc", local("proc", "ro", "proc"), "driver options"),
             ("nfs", local(":/x", "addr=192.0.2.1", "nfs"), "driver options"),
             ("dots", local(at.ws + "/../out"), at.out)]
    for name, options, _ in cases + [("good", local(at.ws + "/a"), "")]:
        e.json("POST", "/volumes/create",
               {"Name": name, "Driver": "local", "DriverOpts": options})
    e.json("POST", "/volumes/create", {"Name": "plain"})
    e.json("POST", "/volumes/create", {"Name": "sized", "DriverOpts": {}})
    env = dict(harness.EVERYTHING, WORKSPACE_ROOT=at.ws)
    for p in (proxy(e.socket, 'bind "%s"' % at.ws, "volume any"),
              proxy(e.socket, 'bind "%s"' % at.ws, "volume any",
                    check_paths=False), Proxyd(e.socket, env)):
        for name, _, word in cases:
            refused(create(p, Binds=[name + ":/h"]), "volume " + name, word)
            refused(create(p, Mounts=[volume(name)]), "volume " + name)
            # what the body says of its options is not what it has
            refused(create(p, Mounts=[volume(name, {})]), "volume " + name)
            refused(create(p, Binds=["plain:/p", name + ":/h:ro"]),
                    "volume " + name)
        equal(e.containers(), [], "containers")
        for name in ("good", "plain", "sized", "not-there-yet"):
            equal(create(p, Binds=[name + ":/h"]).status, 201, name)
        e.request("DELETE", "/volumes/not-there-yet")
        for c in e.containers():
            e.request("DELETE", "/containers/%s?force=1" % c)


VOLUME = {"Name": "v", "Driver": "local", "Options": None, "Scope": "local",
          "Mountpoint": "/var/lib/docker/volumes/v/_data"}


def answer(stub, value, path="/volumes/v"):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    return "GET %s raw=%s" % (path, stub.raw(head + body))


@harness.case("look-ups: each name once, no more than 64, none without names")
def bounded():
    stub = Stub()
    stub.script("GET /volumes status=404")
    p = proxy(stub, "volume any")
    for names, want in ((64, 201), (65, 400)):
        stub.mark()
        r = create(p, Binds=["v%d:/m%d" % (i % names, i)
                             for i in range(2 * names)])
        equal(r.status, want, "%d names: %r" % (names, r))
        got = b"".join(stub.arrived())
        equal(got.count(b"GET /volumes/"), 64 if want == 201 else 0,
              "look-ups")
        equal(got.count(b"POST "), want == 201, "requests")
    stub.mark()
    equal(create(p, Memory=1 << 26, Mounts=[
        {"Type": "volume", "Target": "/anonymous"}]).status, 201)
    check(b"GET /volumes" not in b"".join(stub.arrived()), "looked up")


@harness.case("what the engine says of a volume is not believed blindly")
def answers():
    stub = Stub()
    p = proxy(stub, "volume any")
    for value, want in (
            (VOLUME, 201), (dict(VOLUME, Options={}), 201),
            (dict(VOLUME, Options={"size": "1"}), 201),
            (dict(VOLUME, Name="w"), 403), (dict(VOLUME, Driver="x"), 403),
            (dict(VOLUME, Driver=None), 403), (dict(VOLUME, Options=[]), 403),
            (dict(VOLUME, Options={"device": 1}), 403),
            (dict(VOLUME, Options={"device": "/etc", "o": "bind"}), 403),
            (dict(VOLUME, Options={"other": "x"}), 403),
            (b"[]", 403), (b"", 403), (b'{"Name":"v","Driver":"local"', 403),
            (b"{}", 403)):
        stub.script(answer(stub, value))
        stub.mark()
        r = create(p, Binds=["v:/h"])
        equal(r.status, want, "%r: %r" % (value, r))
        got = b"".join(stub.arrived())
        equal(got.count(b"POST "), want == 201, "%r" % value)
    stub.script("GET /volumes/v status=500")
    equal(create(p, Binds=["v:/h"]).status, 502, "an error of the engine")
    # mode audit says so, and passes it
    stub.script(answer(stub, dict(VOLUME, Driver="x")))
    addr = default_listen()
    a = Proxyd(stub, listen=[addr], conf=profile_conf(
        POLICY + "\tallow volume any\n\tmode audit\n", [addr], stub.path))
    equal(create(a, Binds=["v:/h"]).status, 201, "audit")
    a.log_contains("volume v: volume driver x is not allowed")


@harness.case("an engine away, late clients, pipelining")
def meanwhile():
    away = proxy("/nonexistent/engine.sock", "volume any")
    equal(create(away, Binds=["v:/h"]).status, 502, "away")
    e, at = real(), Place()
    p = proxy(e.socket, "volume any", 'bind "%s"' % at.ws)
    body = {"Image": e.IMAGE,
            "HostConfig": {"Binds": ["vv:/v", "ww:/w", at.ws + "/a:/h"]}}
    one = request("POST", "/containers/create", body)
    start = request("POST", "/containers/cx/start")
    equal(create(p, "cx", Binds=[at.ws + "/a:/h"]).status, 201)
    with p.client() as c:
        c.send(one + request("GET", "/_ping") + one + start + one)
        c.half_close()
        equal([c.response().status for _ in range(5)],
              [201, 200, 201, 204, 201], "in order")
    for data in (one, start, one + one, one[:-5]):
        with p.client() as c:
            c.send(data)
            c.reset()
    equal(p.request("GET", "/_ping").status, 200, "after clients that left")
    # a body of more than a message, and one that came in pieces
    body["Labels"] = {"l%d" % i: "x" * 100 for i in range(500)}
    equal(p.request("POST", "/containers/create", body).status, 201)
    with p.client() as c:
        for i in range(0, len(one), 50):
            c.send(one[i:i + 50])
        equal(c.response().status, 201, "in pieces")


harness.main()
