#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""docker-py against one address; case 60 compares what it prints.

usage: pyclient.py unix:///path | tcp://host:port
"""

import io
import socket
import sys
import tarfile
import time

import docker

IMAGE = "busybox:test"


def say(what, value):
    print("%s: %r" % (what, value), flush=True)


def raw(sock):
    """The socket below docker-py's wrapping."""
    return getattr(sock, "_sock", sock)


def frames(data):
    """stdout and stderr of a multiplexed stream."""
    out = {1: b"", 2: b""}
    while data:
        size = int.from_bytes(data[4:8], "big")
        out[data[0]] += data[8:8 + size]
        data = data[8 + size:]
    return out[1], out[2]


def converse(sock, data):
    """Send, half-close, read to the end."""
    s = raw(sock)
    s.settimeout(30)
    s.sendall(data)
    s.shutdown(socket.SHUT_WR)
    got = b""
    while True:
        more = s.recv(65536)
        if not more:
            sock.close()
            return got
        got += more


def lists(d):
    say("ping", d.ping())
    say("version", d.version()["ApiVersion"])
    say("info", d.info()["Driver"])
    say("df", sorted(d.df()))
    say("images", [i.tags for i in d.images.list(IMAGE)])
    say("containers", [c.name for c in d.containers.list(all=True)])


def attach(d):
    c = d.api.create_container(IMAGE, ["sh", "-c", "cat; echo err >&2"],
                               name="py-attach", stdin_open=True,
                               host_config=d.api.create_host_config())
    sock = d.api.attach_socket(c, {"stdin": 1, "stdout": 1, "stderr": 1,
                                   "stream": 1})
    d.api.start(c)
    say("attach", frames(converse(sock, b"through attach\n")))
    say("wait", d.api.wait(c)["StatusCode"])
    d.api.remove_container(c)


def attach_output(d):
    """The generator form: no input, but the same hijacked request."""
    c = d.containers.create(IMAGE, ["sh", "-c", "echo one; echo two"],
                            name="py-output")
    lines = c.attach(stream=True)
    c.start()
    say("attach stream", b"".join(lines))
    c.remove()


def execs(d, c):
    say("exec", c.exec_run(["sh", "-c", "echo out; echo err >&2; exit 3"],
                           demux=True))
    say("exec stream", b"".join(c.exec_run("seq 3", stream=True).output))
    e = d.api.exec_create(c.id, "cat", stdin=True)
    sock = d.api.exec_start(e, socket=True)
    say("exec stdin", frames(converse(sock, b"through exec\n")))
    say("exec inspect", d.api.exec_inspect(e)["ExitCode"])
    e = d.api.exec_create(c.id, "tty", tty=True)
    say("exec tty", d.api.exec_start(e, tty=True))
    e = d.api.exec_create(c.id, "touch /tmp/detached")
    say("exec detached", d.api.exec_start(e, detach=True))


def archive(d, c):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo("given")
        info.size = 300000
        tar.addfile(info, io.BytesIO(b"x" * 300000))
    say("put_archive", c.put_archive("/srv", out.getvalue()))
    parts, stat = c.get_archive("/srv/given")
    got = io.BytesIO(b"".join(parts))
    with tarfile.open(fileobj=got) as tar:
        say("get_archive", (stat["name"], stat["size"],
                            [(m.name, m.size) for m in tar]))


def images(d):
    image = d.images.get(IMAGE)
    data = b"".join(image.save(named=True))
    say("save", len(data) > 1000000)
    say("load", [i.tags for i in d.images.load(data)])
    image.tag("py", "tagged")
    d.images.remove("py:tagged")
    built, log = d.images.build(fileobj=io.BytesIO(
        b"FROM busybox:test\nRUN echo built by docker-py\n"),
        tag="py:built", rm=True)
    say("build", [x["stream"] for x in log if "built by" in
                  x.get("stream", "")])
    d.images.remove("py:built")


def objects(d, c):
    v = d.volumes.create("py-volume", labels={"a": "b"})
    say("volume", (v.name, v.attrs["Labels"]))
    say("volume use", d.containers.run(
        IMAGE, "ls -d /v", remove=True, volumes={"py-volume": {
            "bind": "/v", "mode": "ro"}}))
    v.remove()
    n = d.networks.create("py-network", driver="bridge")
    n.connect(c, aliases=["alias"])
    n.reload()
    say("network", [x.name for x in n.containers])
    n.disconnect(c)
    n.remove()


def logs_events(d, c, since):
    stream = c.logs(stream=True, follow=True)
    say("logs", next(stream))
    c.pause()
    c.unpause()
    c.kill()
    say("logs end", list(stream))
    say("wait", c.wait()["StatusCode"])
    c.rename("py-renamed")
    c.remove()
    seen = []
    for event in d.events(since=since, decode=True,
                          filters={"container": c.id}):
        # pause and its end may be told twice: by who asked for it, and by
        # containerd's event if that comes first (moby, daemon/monitor.go)
        if event["Action"].startswith("exec_") or event["Action"] in seen:
            continue
        seen.append(event["Action"])
        if event["Action"] == "destroy":
            break
    say("events", seen)


def errors(d):
    try:
        d.containers.get("py-nothing")
        raise AssertionError("nothing is found")
    except docker.errors.NotFound as e:
        say("error", e.explanation)


def main():
    d = docker.DockerClient(sys.argv[1], timeout=60)
    since = int(time.time()) - 1
    lists(d)
    attach(d)
    attach_output(d)
    c = d.containers.run(IMAGE, ["sh", "-c", "echo first; exec sleep 1000"],
                         name="py-main", detach=True)
    execs(d, c)
    archive(d, c)
    objects(d, c)
    say("top", c.top(ps_args="aux")["Titles"])
    say("stats", sorted(c.stats(stream=False)))
    logs_events(d, c, since)
    images(d)
    errors(d)
    print("done")


main()
