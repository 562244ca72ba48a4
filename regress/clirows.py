# SPDX-License-Identifier: ISC
"""The rows of case 50's table: what people do with the docker CLI.

A row is a function of a cli.Cli.  What it runs or notes is its transcript;
preparations are "must" and leave no trace in it.
"""

import hashlib
import io
import os
import re
import signal
import tarfile
import time

import cli
import engine
import harness
from harness import check

SPIN = "while ! test -e /go; do echo tick; sleep 0.1; done; "
BIG = 200 * 1024 * 1024

rows = []


def row(title, privileged=False, newer=True):
    """newer: also with the other CLI that may be installed."""
    def mark(fn):
        rows.append((title, fn, privileged, newer))
        return fn
    return mark


class World:
    """What all rows share."""
    engine = None
    work = None
    bigtar = None


def start(c, name, *command, options=()):
    c.must("run", "-d", "--name", name, *options, engine.Engine.IMAGE,
           *(command or ("sleep", "1000")))


def members(data):
    """A tar's members and their content; what is not in order is sorted.
    The time at which it was made, in those of newer engines, is not in it."""
    out = []
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for m in tar:
            body = tar.extractfile(m).read() if m.isreg() else b""
            out.append((m.name, m.type, m.mode, m.linkname,
                        hashlib.sha256(body).hexdigest()))
    return sorted(out)


# ------------------------------------------------------------------ reading

@row("version")
def r_version(c):
    c.run("version")


@row("info")
def r_info(c):
    r = c.run("info", keep=False)
    c.note(r.returncode, cli.normal(r.stderr), [
        sorted(words.split()) if "Runtimes" in words else words
        for words in cli.normal(r.stdout).split("\n")])


@row("ps, ps -a, ps -aq, ps --filter")
def r_ps(c):
    start(c, "ps1")
    c.must("create", "--name", "ps2", engine.Engine.IMAGE)
    for args in ((), ("-a",), ("-aq",), ("-a", "-f", "name=ps2"),
                 ("-as", "--no-trunc", "--format", "{{.Names}} {{.Size}}")):
        c.run("ps", *args)


@row("images, history")
def r_images(c):
    c.run("images")
    c.run("images", "-a", "--no-trunc")
    c.run("images", "-f", "reference=busybox:*", "-q")
    c.run("history", engine.Engine.IMAGE)


@row("inspect: container, image, network, volume, nothing")
def r_inspect(c):
    c.must("volume", "create", "insp")
    c.must("create", "--name", "insp1", "-e", "A=b", "-v", "insp:/v",
           "--label", "x=y", engine.Engine.IMAGE, "true")
    c.run("inspect", "insp1")
    c.run("inspect", "--size", "-f", "{{.SizeRw}}", "insp1")
    c.run("image", "inspect", engine.Engine.IMAGE)
    c.run("network", "inspect", "bridge")
    c.run("volume", "inspect", "insp")
    # a refusal of the engine's own has to come through as it is
    check(c.run("inspect", "nothing-of-the-kind").returncode == 1,
          "inspect of nothing succeeds")


# ---------------------------------------------------------------- lifecycle

@row("create, start, stop, start, restart, kill, rm")
def r_life(c):
    c.run("create", "--name", "life", engine.Engine.IMAGE, "sleep", "1000")
    c.run("start", "life")
    c.run("stop", "-t", "0", "life")
    c.run("start", "life")
    c.run("restart", "-t", "0", "life")
    c.run("inspect", "-f", "{{.State.Status}}", "life")
    c.run("kill", "-s", "KILL", "life")
    c.run("wait", "life")
    c.run("rm", "life")
    c.run("ps", "-a")


@row("run -d, rm -f")
def r_rund(c):
    c.run("run", "-d", "--name", "rund", engine.Engine.IMAGE, "sleep", "1000")
    c.run("ps")
    c.run("rm", "-f", "rund")


@row("run: stdout, stderr, exit status")
def r_run(c):
    r = c.run("run", "--rm", engine.Engine.IMAGE, "sh", "-c",
              "echo out; echo err >&2; exit 7")
    check(r.returncode == 7, "status %d" % r.returncode)


@row("run: no such command (127), no such image (125)")
def r_runbad(c):
    r = c.run("run", "--rm", engine.Engine.IMAGE, "nothing-of-the-kind")
    check(r.returncode == 127, "status %d" % r.returncode)
    r = c.run("run", "--rm", "--pull", "never", "no.such/image:here")
    check(r.returncode == 125, "status %d" % r.returncode)


@row("echo hi | run -i cat")
def r_runi(c):
    r = c.run("run", "-i", "--rm", engine.Engine.IMAGE, "cat", input=b"hi\n")
    check(r.stdout == b"hi\n", "stdout %r" % r.stdout)


@row("8 MiB | run -i cat, byte for byte")
def r_runbulk(c):
    data = os.urandom(8 << 20)
    r = c.run("run", "-i", "--rm", engine.Engine.IMAGE, "cat", input=data,
              keep=False)
    c.note(r.returncode, r.stdout == data, len(r.stdout), r.stderr)


def shell_size(t):
    """The size the shell inside is told to have; not a size at first, when
    the terminal has none yet."""
    t.send(b"stty size\n")
    return t.expect(r"\n(\d+ \d+|stty: .*?)\r?\n").group(1)


def settle_size(t, want):
    """
    The CLI passes a size on in its own time, and misses a change that comes
    before it listens for SIGWINCH: tell it until it does.
    """
    def settled():
        if shell_size(t) == want:
            return want
        t.p.send_signal(signal.SIGWINCH)
        return None
    return harness.poll(settled, 30, "stty size says %r" % want)


@row("run -it under a terminal, resized")
def r_runt(c):
    with c.talk("run", "--rm", "-it", engine.Engine.IMAGE, "sh", tty=True,
                size=(30, 90)) as t:
        t.expect(r"[#$] ")
        c.note(settle_size(t, b"30 90"))
        t.resize(41, 101)
        c.note(settle_size(t, b"41 101"))
        t.send(b"exit 5\n")
        c.note(t.end())


@row("start -ai, with input")
def r_startai(c):
    c.must("create", "-i", "--name", "startai", engine.Engine.IMAGE, "sh")
    c.run("start", "-ai", "startai", input=b"echo up; exit 4\n")


@row("attach, output only, exit status passed on")
def r_attach(c):
    start(c, "att", "sh", "-c", SPIN + "echo out; echo err >&2; exit 9")
    with c.talk("attach", "--no-stdin", "att") as t:
        t.expect("tick\n")
        c.must("exec", "att", "touch", "/go")
        c.note(t.end(), sorted(set(t.data.split(b"\n"))))


@row("attach with input")
def r_attachin(c):
    start(c, "attin", "sh", "-c", "while read x; do echo got $x; done",
          options=("-i",))
    with c.talk("attach", "attin") as t:
        t.send(b"one\n")
        t.expect("got one\n")
        t.send(b"two\n")
        t.expect("got two\n")
        c.must("kill", "attin")
        c.note(t.end(), t.data)


@row("exec, exec -i, exec -u -w -e, exit status")
def r_exec(c):
    start(c, "ex")
    c.run("exec", "ex", "sh", "-c", "echo out; echo err >&2; exit 3")
    c.run("exec", "-i", "ex", "cat", input=b"through\n")
    c.run("exec", "-i", "ex", "wc", "-c", input=b"x" * 300000)
    c.run("exec", "-u", "1000", "-w", "/tmp", "-e", "A=b", "ex", "sh", "-c",
          "id -u; pwd; echo $A")
    c.run("exec", "-d", "ex", "touch", "/srv/by-exec-d")
    c.run("exec", "ex", "nothing-of-the-kind")


@row("exec -it under a terminal, resized")
def r_exect(c):
    start(c, "ext")
    with c.talk("exec", "-it", "ext", "sh", tty=True, size=(33, 93)) as t:
        t.expect(r"[#$] ")
        c.note(settle_size(t, b"33 93"))
        t.resize(44, 104)
        c.note(settle_size(t, b"44 104"))
        t.send(b"exit 6\n")
        c.note(t.end())


@row("logs, logs --tail -t, logs -f to the end")
def r_logs(c):
    start(c, "lg", "sh", "-c", "echo one; echo two >&2; "
          "while ! test -e /go; do sleep 0.1; done; echo three")
    with c.talk("logs", "-f", "lg") as t:
        t.expect(r"(?s)one.*two|two.*one")      # two streams: either first
        c.must("exec", "lg", "touch", "/go")
        c.note(t.end(), sorted(t.data.split(b"\n")))
    c.run("logs", "--tail", "1", "-t", "lg")
    c.run("logs", "--until", "1s", "lg")


@row("logs of 20,000 lines")
def r_logsbig(c):
    c.must("run", "--name", "lgb", engine.Engine.IMAGE, "seq", "20000")
    r = c.run("logs", "lgb", keep=False)
    c.note(r.returncode, hashlib.sha256(r.stdout).hexdigest(), r.stderr)


@row("events as they come, and events --since --until")
def r_events(c):
    since = "%.9f" % time.time()
    fmt = "{{.Type}} {{.Action}} {{.Actor.Attributes.name}}"
    with c.talk("events", "--since", since, "--format", fmt,
                "-f", "container=ev") as t:
        c.must("run", "--name", "ev", engine.Engine.IMAGE, "true")
        t.expect("container die ev")
        c.must("rm", "ev")
        t.expect("container destroy ev")
        t.interrupt()
        c.note(t.end() in (1, 130), t.data)
    c.run("events", "--since", since, "--until", "%.9f" % time.time(),
          "-f", "container=ev", "--format", fmt)


@row("wait")
def r_wait(c):
    start(c, "wt", "sh", "-c", SPIN + "exit 11")
    with c.talk("wait", "wt") as t:
        c.must("exec", "wt", "touch", "/go")
        c.note(t.end(), t.data)


@row("top, stats --no-stream")
def r_top(c):
    start(c, "tp")
    for args in ((), ("aux",)):
        r = c.run("top", "tp", *args, keep=False)
        c.note(r.returncode, re.sub(rb"[ \d:.]+", b" ", r.stdout), r.stderr)
        check(b"sleep" in r.stdout, "top without the process")
    c.run("stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}}", "tp")


@row("stats, streaming, two samples")
def r_stats(c):
    start(c, "st")
    with c.talk("stats", "--format", "{{.Name}} is {{.PIDs}}", "st") as t:
        t.expect("st is 1")
        t.expect("st is 1")
        c.note("two samples")


@row("pause, unpause, rename, update, diff, port")
def r_misc(c):
    start(c, "ms", options=("-p", "127.0.0.1::80"))
    c.run("pause", "ms")
    c.run("ps", "--format", "{{.Names}} {{.State}}")
    c.run("unpause", "ms")
    c.run("rename", "ms", "ms2")
    c.run("update", "--restart", "on-failure:3", "ms2")
    c.run("inspect", "-f", "{{.HostConfig.RestartPolicy}}", "ms2")
    c.must("exec", "ms2", "sh", "-c", "echo x >/srv/new; rm /srv/page")
    r = c.run("diff", "ms2", keep=False)
    c.note(r.returncode, sorted(r.stdout.split(b"\n")), r.stderr)
    r = c.run("port", "ms2", keep=False)
    c.note(r.returncode, re.sub(rb":\d+", b":<port>", r.stdout))


# -------------------------------------------------------------------- bytes

@row("cp in and out: file, tree, stream")
def r_cp(c):
    c.must("create", "--name", "cpc", engine.Engine.IMAGE)
    top = os.path.join(World.work, "cp-" + str(len(os.listdir(World.work))))
    os.makedirs(os.path.join(top, "in", "sub"))
    for name, data in (("in/a", b"a" * 100000), ("in/sub/b", b"bee\n")):
        with open(os.path.join(top, name), "wb") as f:
            f.write(data)
    quiet = {"keep": False}
    for args in ((top + "/in/a", "cpc:/tmp/"), (top + "/in", "cpc:/tmp/tree"),
                 ("cpc:/tmp/a", top + "/back"),
                 ("cpc:/tmp/tree", top + "/out")):
        c.note(c.run("cp", *args, **quiet).returncode)
    with open(top + "/back", "rb") as f:
        c.note(f.read() == b"a" * 100000)
    with open(top + "/out/sub/b", "rb") as f:
        c.note(f.read())
    r = c.run("cp", "cpc:/tmp/tree/sub", "-", **quiet)
    c.note(r.returncode, members(r.stdout))
    c.note(c.run("cp", "-", "cpc:/srv", input=r.stdout, **quiet).returncode)
    r = c.run("cp", "cpc:/srv/sub/b", "-", **quiet)
    c.note(r.returncode, members(r.stdout))
    c.run("cp", "cpc:/nothing/here", top)


@row("save and load of 200 MiB")
def r_saveload(c):
    out = os.path.join(World.work, "saved.tar")
    c.run("save", "-o", out, "big:test")
    c.note(os.path.getsize(out) > BIG)
    with open(out, "rb") as f:
        c.note(members(f.read()))
    c.run("rmi", "big:test")
    c.run("load", "-i", out)
    c.run("image", "inspect", "-f", "{{.Id}} {{.Size}}", "big:test")
    os.unlink(out)


@row("save to a pipe, load from a pipe")
def r_pipe(c):
    data = c.run("save", engine.Engine.IMAGE, keep=False).stdout
    c.note(members(data))
    c.run("load", input=data)


@row("export, import")
def r_export(c):
    c.must("create", "--name", "exp", engine.Engine.IMAGE)
    data = c.run("export", "exp", keep=False).stdout
    c.note(members(data))
    r = c.run("import", "-c", "CMD [\"true\"]", "-", "imported:test",
              input=data)
    check(r.returncode == 0, "import fails: %r" % r.stderr)
    c.run("image", "inspect", "-f", "{{.Config.Cmd}} {{.RootFS.Type}}",
          "imported:test")
    c.run("run", "--rm", "imported:test", "echo", "imported")
    c.must("rmi", "imported:test")


@row("commit, tag, rmi")
def r_commit(c):
    start(c, "cm", "sh", "-c", "echo kept >/kept")
    c.must("wait", "cm")
    c.run("commit", "-m", "text", "-c", "ENV X=y", "cm", "committed:1")
    c.run("tag", "committed:1", "committed:2")
    c.run("run", "--rm", "committed:2", "sh", "-c", "cat /kept; echo $X")
    c.run("images", "committed")
    c.run("rmi", "committed:1", "committed:2", keep=False)
    c.run("images", "-q", "committed")


@row("network create, connect, ls, disconnect, rm")
def r_network(c):
    c.run("network", "create", "nw")
    start(c, "nwc")
    c.run("network", "connect", "--alias", "other", "nw", "nwc")
    c.run("network", "ls")
    c.run("run", "--rm", "--network", "nw", engine.Engine.IMAGE, "sh", "-c",
          "nslookup nwc 127.0.0.11 | grep -c Name:")
    c.run("network", "disconnect", "nw", "nwc")
    c.run("network", "rm", "nw")
    c.run("network", "ls")


@row("volume create, ls, use, rm, prune")
def r_volume(c):
    c.run("volume", "create", "--label", "a=b", "vol")
    c.run("volume", "ls")
    c.run("run", "--rm", "-v", "vol:/v", engine.Engine.IMAGE, "sh", "-c",
          "echo data >/v/f")
    c.run("run", "--rm", "--mount", "type=volume,src=vol,dst=/v",
          engine.Engine.IMAGE, "cat", "/v/f")
    c.run("run", "--rm", "-v", "/anonymous", engine.Engine.IMAGE, "true")
    c.run("volume", "rm", "vol")
    c.run("volume", "prune", "-f")


@row("system df, container prune")
def r_df(c):
    c.must("create", "--name", "dfc", engine.Engine.IMAGE)
    c.run("system", "df")
    c.run("container", "prune", "-f")
    c.run("ps", "-a")


# -------------------------------------------------------------------- build

def context(text):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in (("Dockerfile", text), ("f", "from the context\n")):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data.encode()))
    return out.getvalue()


DOCKERFILE = """FROM busybox:test
ARG WORD=none
COPY f /f
RUN echo $WORD >/word && cat /f
CMD ["cat", "/word", "/f"]
"""


@row("build, classic, context from a pipe and a directory")
def r_build(c):
    env = {"DOCKER_BUILDKIT": "0"}
    r = c.run("build", "--no-cache", "--build-arg", "WORD=classic", "-t",
              "built:test", "-", input=context(DOCKERFILE), env=env)
    check(r.returncode == 0, "build fails: %r" % r.stderr)
    c.run("run", "--rm", "built:test")
    top = os.path.join(World.work, "context")
    os.makedirs(top, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(context(DOCKERFILE))) as tar:
        tar.extractall(top)
    r = c.run("build", "--no-cache", "-t", "built:test", top, env=env)
    check(r.returncode == 0, "build fails: %r" % r.stderr)
    c.run("run", "--rm", "built:test")
    c.run("build", "-q", "--no-cache", "-", env=env,
          input=context("FROM busybox:test\nRUN exit 3\n"))
    c.must("rmi", "built:test")


@row("build with BuildKit (SESSION, GRPC)", privileged=True, newer=False)
def r_buildkit(c):
    top = os.path.join(World.work, "context")
    os.makedirs(top, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(context(DOCKERFILE))) as tar:
        tar.extractall(top)
    r = c.run("build", "--no-cache", "--progress", "plain", "--build-arg",
              "WORD=kit", "-t", "kit:test", top, keep=False,
              env={"DOCKER_BUILDKIT": "1"})
    c.note(r.returncode)
    check(r.returncode == 0, "build fails: %r" % r.stderr[-600:])
    check(b"from the context" in r.stderr, "no progress is shown")
    c.run("run", "--rm", "kit:test")
    c.must("rmi", "kit:test")


@row("50 x run --rm at once", newer=False)
def r_many(c):
    jobs = [c.popen("run", "--rm", engine.Engine.IMAGE, "echo", "job %d" % i)
            for i in range(50)]
    for i, job in enumerate(jobs):
        out, err = job.communicate(timeout=180)
        c.note(i, job.returncode, out, err)
        check((job.returncode, out) == (0, b"job %d\n" % i),
              "job %d: %d %r %r" % (i, job.returncode, out, err))
