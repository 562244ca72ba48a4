#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""V40, V41: archives that are judged while they stream.

docker cp as people use it passes and arrives as it was; of what is refused
nothing reaches the engine.  With a real engine, and with the recorder where
bytes are counted.  About 30 seconds.
"""

import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import re
import shutil
import subprocess
import tarfile

import engine
import harness
from harness import EVERYTHING, Proxyd, Stub, check, equal, request, tmpname

POLICY = "\tpass on any\n\tallow image any\n"
PUT = "/v1.41/containers/%s/archive?path=%s"
TAR = {"Content-Type": "application/x-tar"}
CLIS = sorted({os.path.realpath(path) for path in (
    "/usr/bin/docker", "/usr/local/bin/docker") if os.path.exists(path)})
MIB = 1 << 20

shared = {}


def real():
    """The engine with a container, and a proxy; started once."""
    if not shared:
        e = shared["engine"] = engine.Engine()
        e.start()
        shared["proxy"] = Proxyd(e.socket, conf_profile=POLICY)
    e = shared["engine"]
    e.purge()
    e.json("POST", "/containers/create?name=box",
           {"Image": e.IMAGE, "Cmd": ["sleep", "600"]})
    return e, shared["proxy"]


# ------------------------------------------------------------------ archives

def entry(name, kind=tarfile.REGTYPE, link="", data=b"", mode=0o644, pax=None,
          form=tarfile.USTAR_FORMAT):
    """The bytes of one entry, its extended headers included."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    info.size = len(data)
    info.pax_headers = pax or {}
    if pax:
        form = tarfile.PAX_FORMAT
    return info.tobuf(form, "utf-8", "surrogateescape") + data + \
        bytes(-len(data) % 512)


def header(name, **fields):
    """As entry, with fields of the header overwritten: offset and bytes."""
    block = bytearray(entry(name, mode=fields.pop("mode", 0o644)))
    for at, text in fields.values():
        block[at:at + len(text)] = text
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    return bytes(block)


END = bytes(1024)
SYM, LNK = tarfile.SYMTYPE, tarfile.LNKTYPE
BEFORE = entry("before", data=b"of before")

# What is refused, each behind an entry that is not: name, bytes (if two, the
# first of them still pass), what the refusal says, and what must not be there
# afterwards.
HOSTILE = [
    ("a name that goes up", entry("../up"), "the name ../up", "/up"),
    ("up from within", entry("a/../../up"), "the name a/../../up", "/up"),
    ("an absolute name", entry("/tmp/abs"), "the name /tmp/abs", "/tmp/abs"),
    ("the same in a pax header", entry("x", pax={"path": "/srv/abs"}),
     "the name /srv/abs", "/srv/abs"),
    ("the same as a GNU long name", entry(
        "/srv/" + "n" * 200, form=tarfile.GNU_FORMAT), "the name /srv/nnn",
     "/srv/" + "n" * 200),
    ("a symbolic link to the root", entry("l", SYM, "/"),
     "symbolic link l to /,", "/srv/l"),
    ("a symbolic link out", entry("d/l", SYM, "../../etc"),
     "symbolic link d/l to ../../etc,", "/srv/d/l"),
    ("a symbolic link that goes down and up", entry("l", SYM, "a/../../x"),
     "can lead out of the archive", "/srv/l"),
    ("through a link of its own", (entry("l", SYM, "d"), entry("l/x")),
     "l/x, which lies below l", "/srv/d"),
    ("a hard link out", entry("h", LNK, "../etc/passwd"),
     "hard link h to ../etc/passwd", "/srv/h"),
    ("a hard link to what was there", entry("h", LNK, "page"),
     "hard link h to page", "/srv/h"),
    ("a hard link to a symbolic one", (entry("d/e/s", SYM, "../../x"), entry(
        "h", LNK, "d/e/s")), "hard link h to d/e/s", "/srv/h"),
    ("set-user-id", entry("su", mode=0o4755), "set-user-id mode of su",
     "/srv/su"),
    ("set-group-id", entry("sg", mode=0o2755), "set-group-id mode of sg",
     "/srv/sg"),
    ("file capabilities", entry("cap", pax={
        "SCHILY.xattr.security.capability": "x"}), "security.capability",
     "/srv/cap"),
    ("a block device", entry("sda", tarfile.BLKTYPE), "block device sda",
     "/srv/sda"),
    ("a character device", entry("mem", tarfile.CHRTYPE),
     "character device mem", "/srv/mem"),
    ("a named pipe", entry("p", tarfile.FIFOTYPE), "named pipe p", "/srv/p"),
    ("a wrong checksum", b"x" + entry("y")[1:], "checksum", "/srv/x"),
    ("a prefix in a GNU header", header("y", m=(257, b"ustar  \0"),
                                        p=(345, b"../..")),
     "neither ustar, GNU nor V7", "/srv/y"),
    ("star's own form", header("y", t=(508, b"tar\0")), "neither ustar",
     "/srv/y"),
    ("a sparse file", header("y", t=(156, b"S"), m=(257, b"ustar  \0")),
     "type that is not known", "/srv/y"),
    ("a sparse file of pax", entry("y", pax={
        "GNU.sparse.major": "1", "GNU.sparse.minor": "0",
        "GNU.sparse.name": "/srv/z"}), "GNU.sparse.", "/srv/z"),
    ("a volume header", header("y", t=(156, b"V")), "type that is not known",
     "/srv/y"),
    ("contents of a directory", header("y", t=(156, b"5"),
                                       s=(124, b"00000001000")) + entry("z"),
     "something that is no file has contents", "/srv/z"),
    ("a size in base 256 that is negative", header("y", s=(124, b"\xff" * 12)),
     "size is not a number", "/srv/y"),
    ("a global header that names", tarfile.TarInfo().create_pax_global_header(
        {"path": "/srv/y"}) + entry("z"), "in a global pax header", "/srv/z"),
    ("something behind an empty block", (bytes(512), entry("y")),
     "follows an empty block", "/srv/y"),
]


def whole(name, kind, data):
    return name, data, "it is compressed by " + kind, "/srv/packed"


PLAIN = BEFORE + END
PACKED = entry("packed", data=b"in it") + END
COMPRESSED = [
    whole("gzip", "gzip", gzip.compress(PACKED)),
    whole("bzip2", "bzip2", bz2.compress(PACKED)),
    whole("xz", "xz", lzma.compress(PACKED)),
    whole("zstd", "zstd", b"\x28\xb5\x2f\xfd" + bytes(20)),
    whole("a frame of zstd that is skipped", "zstd",
          b"\x50\x2a\x4d\x18\x08\0\0\0" + bytes(600)),
    whole("a name that looks like bzip2", "bzip2", entry("BZh9") + PACKED),
]


def listing(data):
    """{name: what it is} of a tar; times left out."""
    out = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for m in tar:
            out[m.name] = (m.type, m.mode & 0o7777, m.linkname,
                           hashlib.sha256(tar.extractfile(m).read())
                           .hexdigest() if m.isreg() else m.size)
    return out


def fetched(e, path, box="box"):
    """A path of the container as the engine archives it; None: not there."""
    status, data = e.request("GET", "/containers/%s/archive?path=%s" %
                             (box, path))
    return data if status == 200 else None


def tree():
    """Files, directories and links as in anybody's work."""
    top = tmpname("tree")
    for d in ("node_modules/.bin", "node_modules/x/lib", "empty", "é ü"):
        os.makedirs("%s/%s" % (top, d))
    files = {"node_modules/x/cli.js": b"#!/usr/bin/node\n", "zero": b"",
             "a": b"a" * 511, "b": b"b" * 512, "c": b"c" * 513,
             "é ü/" + "n" * 99: b"long", "hard": os.urandom(100000),
             "node_modules/x/lib/" + "d" * 60: b"deep"}
    for name, data in files.items():
        with open("%s/%s" % (top, name), "wb") as f:
            f.write(data)
    os.chmod(top + "/node_modules/x/cli.js", 0o755)
    os.link(top + "/hard", top + "/hard2")
    os.symlink("../x/cli.js", top + "/node_modules/.bin/x")
    os.symlink("node_modules", top + "/modules")
    os.symlink(".", top + "/self")
    os.symlink("missing", top + "/dangling")
    os.symlink("../../../zero", top + "/node_modules/x/lib/up")
    return top


def same_tree(e, top, path, box="box"):
    """What is in the container is what is below top."""
    have = {}
    for name, what in listing(fetched(e, path, box)).items():
        kind, mode, link, data = what
        have["/".join(name.split("/")[1:])] = (
            "link" if kind == SYM else "dir" if kind == tarfile.DIRTYPE else
            "file", link if kind == SYM else data if kind == tarfile.REGTYPE
            else "")
    want = {"": ("dir", "")}
    for at, dirs, files in os.walk(top):
        for name in dirs + files:
            full = os.path.join(at, name)
            rel = os.path.relpath(full, top)
            if os.path.islink(full):
                want[rel] = ("link", os.readlink(full))
            elif os.path.isdir(full):
                want[rel] = ("dir", "")
            else:
                with open(full, "rb") as f:
                    want[rel] = ("file",
                                 hashlib.sha256(f.read()).hexdigest())
    # of two names of a file one is an entry of its own
    have.update({n: want[n] for n in want if n.startswith("hard") and
                 n in have})
    equal(have, want, "the tree at " + path)


def cp(cli, addr, *args, **kw):
    return engine.cli(cli, addr, "cp", *args, **kw)


def put(p, data, box="box", path="/srv", chunk=None, headers=()):
    """One archive; with chunk in chunks of that size."""
    head = dict(TAR, **dict(headers))
    with p.client() as c:
        if chunk is None:
            c.send(request("PUT", PUT % (box, path), data, head))
        else:
            head["Transfer-Encoding"] = "chunked"
            c.send(request("PUT", PUT % (box, path), harness.chunked(
                *[data[at:at + chunk] for at in range(0, len(data), chunk)]),
                head))
        return c.response()


def refused(r, text, hint):
    equal(r.status, 403, "answer %r" % r)
    check(r.message.startswith("Forbidden - ") and text in r.message and
          hint in r.message, "message %r lacks %r or %r" %
          (r.message, text, hint))


# --------------------------------------------------------------------- cases

@harness.case("docker cp: files, trees, links, empty directories arrive")
def copies():
    e, p = real()
    top = tree()
    one = tmpname("one")
    with open(one, "wb") as f:
        f.write(os.urandom(70000))
    with open(one, "rb") as f:
        digest = hashlib.sha256(f.read()).hexdigest()
    for i, cli in enumerate(CLIS):
        base = "/tmp/%d" % i
        for args, path in (((one, "box:" + base), base),
                           (("-a", one, "box:/root"), "/root/" +
                            os.path.basename(one))):
            r = cp(cli, p.addr, *args)
            equal(r.returncode, 0, "cp of a file: %r" % r.stderr)
            equal([v[3] for v in listing(fetched(e, path)).values()],
                  [digest], "the file")
        for src, dst, path in ((top, "/tmp", "/tmp/" + os.path.basename(top)),
                               (top, base + "t", base + "t"),
                               (top + "/.", base + "u", base + "u"),
                               (top + "/empty", base + "e", base + "e")):
            r = cp(cli, p.addr, src, "box:" + dst)
            equal(r.returncode, 0, "cp %s: %r" % (dst, r.stderr))
            same_tree(e, os.path.normpath(src), path)
        r = cp(cli, p.addr, top + "/.", "box:/srv")
        equal(r.returncode, 0, "into a directory: %r" % r.stderr)
        e.request("DELETE", "/containers/box?force=1")
        e.json("POST", "/containers/create?name=box", {"Image": e.IMAGE})
    equal(p.log_lines(" 403 "), [], "refusals")


@harness.case("docker cp - of what tar programs write arrives as they wrote it")
def standard_input():
    e, p = real()
    top = tree()
    writers = [["tar", "--format=" + form, "-C", top, "-cf", "-", "."]
               for form in ("gnu", "ustar", "pax", "v7")]
    writers.append(["busybox", "tar", "-C", top, "-cf", "-", "."])
    for i, argv in enumerate(writers):
        r = subprocess.run(argv, stdout=subprocess.PIPE, timeout=60,
                           stderr=subprocess.PIPE)
        path = "/tmp/w%d" % i
        e.request("PUT", PUT % ("box", "/tmp"),
                  entry("w%d" % i, tarfile.DIRTYPE, mode=0o755) + END, TAR)
        r = cp(CLIS[0], p.addr, "-", "box:" + path, input=r.stdout)
        equal(r.returncode, 0, "%s: %r" % (argv[:2], r.stderr))
        if "v7" in argv[1]:     # no long names there
            check(fetched(e, path + "/node_modules/.bin/x"), "v7")
        else:
            same_tree(e, top, path)
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT,
                 tarfile.PAX_FORMAT):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=form) as tar:
            tar.add(top, "py%d" % form)
        r = cp(CLIS[-1], p.addr, "-", "box:/srv", input=out.getvalue())
        equal(r.returncode, 0, "tarfile: %r" % r.stderr)
        same_tree(e, top, "/srv/py%d" % form)


@harness.case("what is refused is named, and is not in the container")
def hostile():
    e, p = real()
    for what, data, text, path in HOSTILE + COMPRESSED:
        data = b"".join(data) if isinstance(data, tuple) else data
        p.log_mark()
        r = put(p, data if text.startswith("it is") else BEFORE + data + END,
                chunk=None if len(what) % 2 else 97)
        refused(r, text, " (allow archive ")
        equal(fetched(e, path), None, "%s: %s is there" % (what, path))
        p.log_contains("containers/archive/put", " 403 ", text)
        equal(len(p.log_lines("containers/archive/put", " 403 ")), 1,
              "%s: lines in\n%s" % (what, p.log_new()))
    # and the engine goes on
    equal(put(p, PLAIN).status, 200, "afterwards")
    check(fetched(e, "/srv/before"), "is not there afterwards")


@harness.case("docker cp prints why, whatever is still to be sent")
def printed():
    e, p = real()
    top = tmpname("bad")
    os.mkdir(top)
    os.symlink("/etc/passwd", top + "/a")
    with open(top + "/b", "wb") as f:
        f.truncate(64 * MIB)
    for cli in CLIS:
        r = cp(cli, p.addr, top, "box:/srv/bad")
        check(r.returncode != 0 and b"/a to /etc/passwd, which can lead out"
              in r.stderr and b"(allow archive link would)" in r.stderr,
              "%s: %r" % (cli, r))
        equal(fetched(e, "/srv/bad/a"), None, "the link is there")
        r = cp(cli, p.addr, "-", "box:/srv",
               input=gzip.compress(PLAIN + bytes(MIB)))
        check(b"compressed by gzip: send a plain tar (allow archive any "
              b"would pass it unjudged)" in r.stderr, repr(r))


@harness.case("broken off: what came before is there, whole or cut short")
def broken_off():
    e, p = real()
    big = os.urandom(MIB) * 8
    data = entry("first", data=b"first") + entry("big", data=big) + \
        entry("l", SYM, "/") + entry("last", data=b"last") + END
    with p.client() as c:
        c.send(request("PUT", PUT % ("box", "/srv"), data, TAR))
        refused(c.response(), "symbolic link l to /,", "link would)")
    for path in ("/srv/l", "/srv/last"):
        equal(fetched(e, path), None, path)
    check(fetched(e, "/srv/first"), "8 MiB later the first is not there")
    with tarfile.open(fileobj=io.BytesIO(fetched(e, "/srv/big"))) as tar:
        part = tar.extractfile(tar.next()).read()
    check(big.startswith(part), "other bytes in what was cut")
    print("  of %d bytes before the refusal %d are there" %
          (len(big), len(part)))


@harness.case("no byte of a refused entry arrives, and no end of the body")
def recorder():
    stub = Stub()
    p = Proxyd(stub, conf_profile=POLICY)
    for what, data, text, _ in HOSTILE:
        first, bad = data if isinstance(data, tuple) else (b"", data)
        good = BEFORE * 200 + first
        for chunk in (None, 4096):
            stub.mark()
            with p.client() as c:
                body = good + bad + END
                head = dict(TAR)
                if chunk is None:
                    head["Content-Length"] = str(len(body))
                    c.send(request("PUT", PUT % ("box", "/"), None, head) +
                           body)
                else:
                    head["Transfer-Encoding"] = "chunked"
                    c.send(request("PUT", PUT % ("box", "/"), None, head))
                    c.send(harness.chunked(*[
                        body[at:at + chunk] for at in
                        range(0, len(body), chunk)]))
                refused(c.response(), text, "allow archive")
            new = b"".join(harness.sentinel(p, stub))
            got = new.partition(b"\r\n\r\n")[2]
            if chunk is not None:
                check(not got.endswith(b"0\r\n\r\n"), "%s: an end" % what)
                got = re.sub(rb"(?:^|\r\n)[0-9a-f]+\r\n", b"", got)
                got = got[:-2] if got.endswith(b"\r\n") else got
            check(good.startswith(got), "%s: at the engine %r" %
                  (what, got[-600:]))


@harness.case("a passed archive arrives byte for byte, however it is cut")
def byte_for_byte():
    stub = Stub()
    p = Proxyd(stub, conf_profile=POLICY)
    data = b"".join(entry("f%d" % n, data=os.urandom(n), pax={
        "path": "d/" + "p" * (n % 300 + 1)} if n % 3 else None)
        for n in (0, 1, 511, 512, 513, 9000, 70000, 300000)) + END + \
        bytes(9216)
    for chunk in (None, 1, 511, 513, 8191, 32768, 65536):
        body = entry("f", data=b"x" * 999) + END if chunk == 1 else data
        stub.mark()
        equal(put(p, body, chunk=chunk, path="/").status, 200,
              "chunk %s" % chunk)
        got = b"".join(harness.sentinel(p, stub)).partition(b"\r\n\r\n")[2]
        if chunk is not None:
            out, rest = b"", got
            while rest:
                size, _, rest = rest.partition(b"\r\n")
                out += rest[:int(size, 16)]
                rest = rest[int(size, 16) + 2:]
            got = out
        check(got == body, "chunk %s: %d bytes, not %d" %
              (chunk, len(got), len(body)))


@harness.case("an archive that is cut by its client is refused, or broken off")
def cut():
    stub = Stub()
    p = Proxyd(stub, conf_profile=POLICY)
    data = entry("f", data=b"x" * 5000) + entry("g")
    for at in (100, 512, 600, 5000, len(data) - 1, len(data) - 511):
        for chunk in (None, 700):
            refused(put(p, data[:at], chunk=chunk),
                    "ends in the middle of an entry", "allow archive any")
    equal(put(p, data).status, 200, "without the empty blocks")
    equal(put(p, b"").status, 200, "nothing at all")


@harness.case("each kind that is allowed arrives; any is not even read")
def allowed():
    e, _ = real()
    for word, data, path, kind in (
            ("device", entry("p", tarfile.FIFOTYPE), "/srv/p",
             tarfile.FIFOTYPE),
            ("link", entry("l", SYM, "/etc/passwd"), "/srv/l", SYM),
            ("name", entry("/abs"), "/srv/abs", tarfile.REGTYPE),
            ("setuid", entry("su", mode=0o4755), "/srv/su",
             tarfile.REGTYPE)):
        p = Proxyd(e.socket, conf_profile=POLICY + "\tallow archive %s\n" %
                   word)
        equal(put(p, data + END).status, 200, word)
        (m,) = listing(fetched(e, path)).values()
        equal(m[0], kind, word)
        p.stop()
    p = Proxyd(e.socket, conf_profile=POLICY + "\tallow archive any\n")
    equal(put(p, gzip.compress(entry("z", data=b"z") + END)).status, 200)
    check(fetched(e, "/srv/z"), "the gzip was not unpacked")
    p.stop()


@harness.case("the environment: judged, and with ALLOW_PRIVILEGED=1 not")
def environment():
    e, _ = real()
    p = Proxyd(e.socket, EVERYTHING)
    equal(put(p, PLAIN).status, 200, "plain")
    refused(put(p, entry("l", SYM, "/") + END), "symbolic link l",
            "(ALLOW_PRIVILEGED=1 would)")
    refused(put(p, gzip.compress(PLAIN)), "gzip",
            "(ALLOW_PRIVILEGED=1 would pass it unjudged)")
    p.stop()
    p = Proxyd(e.socket, dict(EVERYTHING, ALLOW_PRIVILEGED="1"))
    equal(put(p, gzip.compress(entry("l", SYM, "/") + END)).status, 200)
    check(fetched(e, "/srv/l"), "the link is not there")
    p.stop()


@harness.case("a link for a directory of the host: V40 as it would be used")
def bind_tree():
    e, p = real()
    host = tmpname("host")
    os.mkdir(host)
    os.chmod(host, 0o755)
    e.json("POST", "/containers/create?name=bound", {
        "Image": e.IMAGE, "HostConfig": {"Binds": [host + ":/data"]}})
    bad = [entry("l", SYM, "/etc"), entry("su", mode=0o4755),
           entry("dev", tarfile.CHRTYPE)]
    for data in bad:
        equal(put(p, data + END, box="bound", path="/data").status, 403)
    equal(os.listdir(host), [], "on the host")
    # that it would have been there: past the proxy it is
    for data in bad:
        equal(e.request("PUT", PUT % ("bound", "/data"), data + END,
                        TAR)[0], 200)
    equal(sorted(os.listdir(host)), ["dev", "l", "su"], "on the host")
    shutil.rmtree(host)


@harness.case("mode audit: all of it passes, each thing has its line")
def audit():
    e, _ = real()
    p = Proxyd(e.socket, conf_profile="\tmode audit\n\tallow image any\n")
    data = entry("l", SYM, "/etc") + entry("su", mode=0o4755) + \
        entry("p", tarfile.FIFOTYPE) + entry("f", data=b"f" * 100000)
    equal(put(p, data + END).status, 200)
    for path in ("l", "su", "p", "f"):
        check(fetched(e, "/srv/" + path), path)
    for word in ("link", "setuid", "device"):
        p.log_contains("containers/archive/put", " audit ",
                       "(allow archive %s would)" % word)
    equal(put(p, gzip.compress(entry("z") + END)).status, 200)
    check(fetched(e, "/srv/z"), "the gzip was not unpacked")
    p.log_contains(" audit ", "(allow archive any would pass it unjudged)")
    log = p.log()
    p.stop()
    r = subprocess.run([harness.PROXYD, "-n", "-l", "-"], timeout=60,
                       input=log.encode(), stdout=subprocess.PIPE)
    equal(r.returncode, 0, "learn: %r" % r.stdout)
    for word in ("link", "setuid", "device", "any"):
        check(b"allow archive %s" % word.encode() in r.stdout or
              re.search(rb"allow archive \{[^}]*\b%s\b" % word.encode(),
                        r.stdout), "%s in\n%s" %
              (word, r.stdout.decode()))


def explain(conf, data):
    name = tmpname("conf")
    with open(name, "w") as f:
        f.write(harness.profile_conf(conf, ["unix:///run/x"], "/nonexistent"))
    os.chmod(name, 0o600)
    argv = [harness.PROXYD, "-n", "-f", name, "-t", "PUT " + PUT %
            ("box", "/"), "-c", inspect_file()]
    if data is not None:
        argv += ["-b", "-"]
    r = subprocess.run(argv, input=data or b"", timeout=60,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return r.returncode, r.stdout.decode()


def inspect_file():
    name = tmpname("inspect")
    with open(name, "w") as f:
        json.dump({"Id": "0f" * 32, "Name": "/box", "Config": {},
                   "HostConfig": {}}, f)
    return name


@harness.case("an archive is explained: what passes, what does not, and why")
def explained():
    good = BEFORE * 300 + END
    status, out = explain(POLICY, good)
    equal(status, 0, out)
    status, out = explain(POLICY, BEFORE * 300 + entry("l", SYM, "/") + END)
    equal(status, 1, out)
    check("answer\t403 Forbidden - the symbolic link l to /," in out, out)
    status, out = explain(POLICY + "\tallow archive { link, device }\n",
                          entry("l", SYM, "/") + END)
    equal(status, 0, out)
    check("field\tarchive \"l\": allow archive link" in out, out)
    status, out = explain(POLICY, None)
    equal(status, 0, out)


@harness.case("docker cp of 256 MiB arrives")
def large():
    e, p = real()
    name = tmpname("large")
    with open(name, "wb") as f:
        block = os.urandom(MIB)
        for _ in range(256):
            f.write(block)
    r = cp(CLIS[-1], p.addr, name, "box:/tmp/large")
    equal(r.returncode, 0, "cp: %r" % r.stderr)
    status, data = e.request("GET", "/containers/box/archive?path=/tmp/large")
    want = hashlib.sha256(block * 256).hexdigest()
    equal([v[3] for v in listing(data).values()], [want], "256 MiB")
    os.unlink(name)


NAMED = "\tpass on any\n\tallow image { \"ok/*\", \"busybox:test\" }\n"


def images(e):
    return sorted(tag for i in e.json("GET", "/images/json")
                  for tag in i["RepoTags"] or [])


def saved(e, *refs):
    """What docker save writes of the engine's image under these names."""
    for ref in refs:
        repo, tag = ref.split(":")
        e.request("POST", "/images/%s/tag?repo=%s&tag=%s" %
                  (e.IMAGE, repo, tag))
    data = e.request("GET", "/images/get?" + "&".join(
        "names=" + ref for ref in refs))[1]
    for ref in refs:
        e.request("DELETE", "/images/" + ref)
    equal(images(e), [e.IMAGE], "images before")
    return data


def oci(data, note, name):
    """The same archive with an index.json instead, in front of the rest."""
    text = json.dumps({"schemaVersion": 2, "manifests": [
        {"mediaType": "x", "annotations": {note: name}}]}).encode()
    out = entry("index.json", data=text)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for m in tar:
            if m.name not in ("manifest.json", "repositories"):
                out += entry(m.name, m.type, m.linkname,
                             tar.extractfile(m).read() if m.isreg() else b"")
    return out + END


@harness.case("images/load: the names in it must be allowed, and no image stays")
def loads():
    e, _ = real()
    p = Proxyd(e.socket, conf_profile=NAMED)
    good = saved(e, "ok/one:1", "ok/two:2")
    evil = saved(e, "ok/one:1", "evil:1")
    for cli in CLIS:
        r = engine.cli(cli, p.addr, "load", input=good)
        equal(r.returncode, 0, "load: %r" % r.stderr)
        equal(images(e), sorted(["ok/one:1", "ok/two:2", e.IMAGE]), "loaded")
        for ref in ("ok/one:1", "ok/two:2"):
            e.request("DELETE", "/images/" + ref)
        r = engine.cli(cli, p.addr, "load", input=evil)
        check(r.returncode != 0 and b"a load of evil:1 is not allowed (allow "
              b"image \"evil:1\" would)" in r.stderr, repr(r))
        equal(images(e), [e.IMAGE], "after the refusal")
    for what, data, text in (
            ("gzip", gzip.compress(evil), "compressed by gzip"),
            ("an index of containerd", oci(evil, "io.containerd.image.name",
                                           "docker.io/library/evil:1"),
             "a load of docker.io/library/evil:1"),
            ("an index of OCI", oci(
                evil, "org.opencontainers.image.ref.name", "evil"),
             "a load of evil"),
            ("a key that folds", evil.replace(b"RepoTags", b"repoTags"),
             "spelt RepoTags")):
        r = p.request("POST", "/v1.41/images/load", data, TAR)
        check(r.status in (400, 403) and text in r.message, "%s: %r" %
              (what, r))
        equal(images(e), [e.IMAGE], what)
    p.stop()
    p = Proxyd(e.socket, conf_profile=POLICY)
    equal(p.request("POST", "/v1.41/images/load", gzip.compress(evil),
                    TAR).status, 200, "allow image any")
    equal(images(e), sorted(["evil:1", "ok/one:1", e.IMAGE]), "any")
    for ref in ("evil:1", "ok/one:1"):
        e.request("DELETE", "/images/" + ref)
    p.stop()


@harness.case("a load that is broken off at its very end leaves no image")
def load_unfinished():
    e, _ = real()
    data = saved(e, "ok/one:1")
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        last = tar.getmembers()[-1]
    end = last.offset_data + (last.size + 511) // 512 * 512
    for cut in (end, end + 512, end + 1024):
        with harness.Client("unix://" + e.socket, 60) as c:
            c.send(request("POST", "/images/load", None, dict(
                TAR, **{"Content-Length": str(end + 2048)})) + data[:cut])
            c.half_close()
            c.read_all()
        equal(images(e), [e.IMAGE], "with %d bytes of the end" % (cut - end))


harness.main()
