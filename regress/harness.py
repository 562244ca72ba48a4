# SPDX-License-Identifier: ISC
"""What every case needs: the stub engine, proxyd, a raw client.

A case file imports this module, marks its functions with @case("text") and
ends with main().  Nothing waits for a time to pass; waits are polls with a
deadline.  Everything lives in one temporary directory that main() removes.
"""

import atexit
import ctypes
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(HERE)
BUILD = os.path.join(TREE, os.environ.get("B", "."))
STUB = os.path.join(BUILD, "regress", "stub-engine")
HOSTILE = os.path.join(BUILD, "regress", "hostile-filter")
PROXYD = os.path.join(BUILD, "proxyd", "proxyd")
FILTER = os.path.join(BUILD, "filter", "proxyd-filter")
DEADLINE = 10.0         # seconds, for anything that must happen

SECTIONS = ("AUTH BUILD COMMIT CONFIGS CONTAINERS DISTRIBUTION EVENTS EXEC "
            "GRPC IMAGES INFO NETWORKS NODES PING PLUGINS POST SECRETS "
            "SERVICES SESSION SWARM SYSTEM TASKS VERSION VOLUMES "
            "ALLOW_ARCHIVE ALLOW_EXPORT").split()
# Every section on, nothing of the host: the policy of most cases.
EVERYTHING = dict({name: "1" for name in SECTIONS},
                  ALLOW_PRIVILEGED="0", WORKSPACE_ROOT="/workspace")

PING = b"GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n"


class Failed(AssertionError):
    pass


class Skip(Exception):
    pass


def check(cond, text):
    if not cond:
        raise Failed(text)


def equal(have, want, text=""):
    if have != want:
        raise Failed("%s%s is %s, not %s" % (text, text and ":",
                     brief(have), brief(want)))


def brief(value):
    text = repr(value)
    return text if len(text) < 700 else text[:350] + " ... " + text[-300:]


def poll(what, seconds=DEADLINE, text="", step=0.005):
    """Call what() until it is true; its value, or Failed at the deadline."""
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed("not within %g s: %s" %
                         (seconds, text() if callable(text) else text))
        time.sleep(step)


# ---------------------------------------------------------------- processes

_started = []           # whatever has a stop(), ended in reverse order
_reports = []           # of a sanitizer, if proxyd was built with one
_tmp = None


def tmpdir():
    """The one temporary directory, which the filter's uid may enter."""
    global _tmp
    if _tmp is None:
        _tmp = tempfile.mkdtemp(prefix="proxyd-regress.")
        os.chmod(_tmp, 0o755)
        atexit.register(shutil.rmtree, _tmp, ignore_errors=True)
        atexit.register(end_all)
    return _tmp


_serial = 0


def tmpname(what):
    global _serial
    _serial += 1
    return os.path.join(tmpdir(), "%s.%d" % (what, _serial))


_libc = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


def with_us():
    """In a child: it ends, too, should the harness be killed."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def end_process(proc, seconds=8.0):
    """SIGTERM, a bounded wait, SIGKILL; the exit status."""
    if proc.poll() is None:
        proc.send_signal(signal.SIGTERM)
        try:
            proc.wait(seconds)
        except subprocess.TimeoutExpired:
            proc.kill()
    return proc.wait()


def end_all():
    while _started:
        _started.pop().stop()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def default_listen():
    """A unix socket, or with LISTEN=tcp a port of the loopback."""
    if os.environ.get("LISTEN") == "tcp":
        return "tcp://127.0.0.1:%d" % free_port()
    return "unix://" + tmpname("proxyd") + ".sock"


def pid_alive(pid):
    """Is it there, and not a zombie?"""
    return proc_state(pid) not in (None, "Z", "X")


def proc_state(pid):
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def children(pid):
    out = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % name) as f:
                rest = f.read().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(rest[1]) == pid and rest[0] not in "ZX":
            out.append(int(name))
    return sorted(out)


def fd_count(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def connect(addr, timeout=DEADLINE):
    """addr: "unix:///path" or "tcp://127.0.0.1:port"."""
    if addr.startswith("unix://"):
        s = socket.socket(socket.AF_UNIX)
        dst = addr[len("unix://"):]
    else:
        s = socket.socket()
        host, _, port = addr[len("tcp://"):].rpartition(":")
        dst = (host or "127.0.0.1", int(port))
    s.settimeout(timeout)
    try:
        s.connect(dst)
    except OSError:
        s.close()
        raise
    if s.family == socket.AF_INET:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def answers(addr):
    """Does somebody answer GET /_ping there, with any status?"""
    try:
        s = connect(addr, 1.0)
    except OSError:
        return False
    with s:
        try:
            s.sendall(PING)
            return s.recv(5) == b"HTTP/"
        except OSError:
            return False


class Stub:
    """The recording stub engine."""

    def __init__(self, script="", path=None):
        self.path = path or tmpname("engine") + ".sock"
        self.dir = tmpname("record")
        self.scriptfile = tmpname("script")
        os.mkdir(self.dir)
        self.script(script)
        self.proc = None
        self.start()

    def start(self):
        self.proc = subprocess.Popen(
            [STUB, "-r", self.dir, "-s", self.scriptfile, self.path],
            stdin=subprocess.DEVNULL, preexec_fn=with_us)
        _started.append(self)
        poll(lambda: answers("unix://" + self.path), text="stub answers")
        self.mark()

    def stop(self):
        if self in _started:
            _started.remove(self)
        return end_process(self.proc)

    def script(self, text):
        """Replace the script; in force from the next request on."""
        with open(self.scriptfile + ".new", "w") as f:
            f.write(text + "\n")
        os.rename(self.scriptfile + ".new", self.scriptfile)

    def raw(self, data):
        """A file with these bytes, for raw=."""
        name = tmpname("raw")
        with open(name, "wb") as f:
            f.write(data)
        return name

    def _sizes(self):
        return {name: os.stat(os.path.join(self.dir, name)).st_size
                for name in os.listdir(self.dir) if name.endswith(".bin")}

    def mark(self):
        """From here on, arrived() tells what is new."""
        self._mark = self._sizes()

    def arrived(self):
        """New bytes of each connection, in order, connections without left
        out."""
        out = []
        for name, size in sorted(self._sizes().items()):
            old = self._mark.get(name, 0)
            if size > old:
                with open(os.path.join(self.dir, name), "rb") as f:
                    f.seek(old)
                    out.append(f.read())
        return out

    def diary(self):
        """(ns, "open"|"request"|"close", connection) each."""
        with open(os.path.join(self.dir, "diary")) as f:
            return [(int(t), what, int(num)) for t, what, num in
                    (line.split() for line in f if line.endswith("\n"))]

    def open_connections(self):
        live = set()
        for _, what, num in self.diary():
            if what == "open":
                live.add(num)
            elif what == "close":
                live.discard(num)
        return live


def profile_conf(lines, addrs, sock, extra=""):
    """A configuration file around the lines of one profile."""
    listen = []
    for addr in addrs:
        if addr.startswith("unix://"):
            at = '"%s" mode 0666' % addr[len("unix://"):]
        else:
            host, port = addr[len("tcp://"):].rsplit(":", 1)
            at = "%s port %s" % (host.strip("[]"), port)
        listen.append('listen on %s profile "test"' % at)
    return 'set socket "%s"\n%sprofile "test" {\n%s\n}\n%s\n' % (
        sock, extra, lines, "\n".join(listen))


class Proxyd:
    """proxyd -d with a policy from the environment, and nothing else, or
    with a file: conf is the text, or conf_profile the lines of one profile.
    With another stderr there is no log to look at."""

    def __init__(self, engine, env=None, listen=None, binary=PROXYD,
                 wait=True, conf=None, conf_profile=None, stderr=None):
        self.addrs = listen or [default_listen()]
        self.addr = self.addrs[0]
        path = engine.path if isinstance(engine, Stub) else engine
        self.env = dict(PATH="/usr/sbin:/usr/bin:/sbin:/bin",
                        PROXYD_LISTEN=" ".join(self.addrs), SOCKET_PATH=path)
        argv = [binary, "-d"]
        if conf_profile is not None:
            conf = profile_conf(conf_profile, self.addrs, path)
        if conf is not None:
            self.env = dict(PATH=self.env["PATH"])
            self.conf = tmpname("conf")
            self.write_conf(conf)
            argv += ["-f", self.conf]
            self.env.update(env or {})
        else:
            self.env.update(env if env is not None else EVERYTHING)
        self.logname = tmpname("log")
        self.logmark = 0
        with open(self.logname, "wb") as log:
            self.proc = subprocess.Popen(argv, env=self.env,
                                         stdin=subprocess.DEVNULL,
                                         stdout=log,
                                         stderr=log if stderr is None
                                         else stderr,
                                         preexec_fn=with_us)
        self.pid = self.proc.pid
        _started.append(self)
        if wait:
            for addr in self.addrs:
                poll(lambda: self.proc.poll() is not None or answers(addr),
                     text=lambda: "an answer at %s; log:\n%s" %
                     (addr, self.log()))
            if self.proc.poll() is not None:
                raise Failed("proxyd ended at start: " + self.log())

    def write_conf(self, text):
        """Whole or not at all, as an editor does; only ours to write."""
        with open(self.conf + ".new", "w") as f:
            os.fchmod(f.fileno(), 0o600)
            f.write(text)
        os.rename(self.conf + ".new", self.conf)

    def stop(self):
        if self in _started:
            _started.remove(self)
        status = end_process(self.proc)
        log = self.log()
        found = re.search(r"Sanitizer|runtime error", log)
        if found:
            _reports.append(log[log.rfind("\n", 0, found.start()) + 1:][:4000])
        return status

    def reload(self, text=None):
        """SIGHUP, with another file; True if that was taken.  Waits until
        it is in force everywhere, or refused."""
        if text is not None:
            self.write_conf(text)
        pos = os.stat(self.logname).st_size

        def said():
            with open(self.logname, errors="backslashreplace") as f:
                f.seek(pos)
                return re.search(re.escape(self.conf) +
                                 ": ((?:not )?reloaded)", f.read())

        os.kill(self.pid, signal.SIGHUP)
        return poll(said, text=lambda: "reloaded or not; log:\n" +
                    self.log_new()).group(1) == "reloaded"

    def filters(self):
        return children(self.pid)

    def log(self):
        with open(self.logname, errors="backslashreplace") as f:
            return f.read()

    def log_mark(self):
        self.logmark = len(self.log())

    def log_new(self):
        return self.log()[self.logmark:]

    def log_lines(self, *words):
        """New lines that hold every word."""
        return [line for line in self.log_new().splitlines()
                if all(word in line for word in words)]

    def log_contains(self, *words, seconds=2.0):
        """Wait for such a line; the last one."""
        return poll(lambda: self.log_lines(*words), seconds,
                    lambda: "a log line with %r in:\n%s" %
                    (words, self.log_new()))[-1]

    def client(self, addr=None):
        return Client(addr or self.addr)

    def request(self, *args, **kw):
        """One request on a connection of its own; the answer."""
        with self.client() as c:
            c.send(request(*args, **kw))
            return c.response(head=args[0] == "HEAD")


def sanitized():
    """Is proxyd a sanitizer build, which has no seccomp?"""
    with open(PROXYD, "rb") as f:
        return b"__asan_init" in f.read()


def proto_version():
    """Of the channel between parent and filter."""
    with open(os.path.join(TREE, "proxyd", "proto.h")) as f:
        return int(re.search(r"IMSG_VERSION\s+(\d+)", f.read()).group(1))


def pair(env=None, script="", **kw):
    """A stub engine and a proxyd in front of it."""
    stub = Stub(script)
    return stub, Proxyd(stub, env, **kw)


def pattern(n):
    """The bytes of the stub's generated bodies."""
    return (bytes(range(251)) * (n // 251 + 1))[:n]


# ------------------------------------------------------------------- client

def request(method, target, body=None, headers=(), version="1.1",
            host="docker"):
    """The bytes of a plain request; body as bytes, str, or a JSON value."""
    lines = ["%s %s HTTP/%s" % (method, target, version)]
    if host is not None:
        lines.append("Host: " + host)
    if isinstance(headers, dict):
        headers = headers.items()
    headers = list(headers)
    if body is not None and not isinstance(body, (bytes, str)):
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    names = [name.lower() for name, _ in headers]
    if body is not None:
        if "content-type" not in names:
            headers.append(("Content-Type", "application/json"))
        if "content-length" not in names and "transfer-encoding" not in names:
            headers.append(("Content-Length", str(len(body))))
    lines += ["%s: %s" % pair for pair in headers]
    head = "\r\n".join(lines) + "\r\n\r\n"
    return head.encode("utf-8", "surrogateescape") + (body or b"")


def chunked(*pieces, last=True):
    out = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces if p)
    return out + (b"0\r\n\r\n" if last else b"")


class Response:
    def __init__(self, version, status, reason, headers, raw):
        self.version = version
        self.status = status
        self.reason = reason
        self.headers = headers          # list of (lower-case name, value)
        self.raw = raw                  # the head's bytes
        self.body = b""
        self.complete = False           # framed to its end
        self.framing = "none"
        self.interim = []               # 1xx before it

    def get(self, name, default=None):
        for have, value in self.headers:
            if have == name.lower():
                return value
        return default

    def json(self):
        return json.loads(self.body)

    @property
    def message(self):
        """The text of Docker's error form."""
        try:
            return self.json()["message"]
        except (ValueError, KeyError, TypeError):
            return None

    def __repr__(self):
        return "<%s %s %s%s>" % (self.status, self.framing,
                                 brief(self.body),
                                 "" if self.complete else " incomplete")


class Closed(Failed):
    """The peer closed where an answer was due."""


class Client:
    """A raw HTTP client: bytes out, framed answers in."""

    def __init__(self, addr, timeout=DEADLINE):
        self.sock = connect(addr, timeout)
        self.buf = b""

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)

    def half_close(self):
        self.sock.shutdown(socket.SHUT_WR)

    def reset(self):
        """Close with a RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             b"\1\0\0\0\0\0\0\0")
        self.close()

    def fill(self):
        """More bytes into buf; False at the end."""
        try:
            data = self.sock.recv(262144)
        except (ConnectionResetError, BrokenPipeError):
            return False
        except socket.timeout:
            raise Failed("nothing more came within %g s; had %s" %
                         (self.sock.gettimeout(), brief(self.buf)))
        self.buf += data
        return bool(data)

    def take(self, n):
        out, self.buf = self.buf[:n], self.buf[n:]
        return out

    def read(self, n):
        """Exactly n bytes, fewer at the end only."""
        pieces, have = [self.take(n)], 0
        have = len(pieces[0])
        while have < n and self.fill():
            pieces.append(self.take(n - have))
            have += len(pieces[-1])
        return b"".join(pieces)

    def read_line(self):
        while b"\n" not in self.buf:
            if not self.fill():
                return self.take(len(self.buf))
        return self.take(self.buf.index(b"\n") + 1)

    def read_all(self):
        pieces = [self.take(len(self.buf))]
        while self.fill():
            pieces.append(self.take(len(self.buf)))
        return b"".join(pieces)

    def closed(self):
        """True at the end of the stream; False if bytes come instead."""
        return not self.buf and not self.fill()

    def head(self):
        """One response head, 1xx included."""
        while b"\r\n\r\n" not in self.buf:
            if not self.fill():
                raise Closed("closed in place of an answer; had %s" %
                             brief(self.buf))
        raw = self.take(self.buf.index(b"\r\n\r\n") + 4)
        lines = raw.decode("latin-1").split("\r\n")
        m = re.match(r"HTTP/(1\.[01]) (\d{3})(?: (.*))?$", lines[0])
        if m is None:
            raise Failed("not a status line: %r" % lines[0])
        headers = []
        for line in lines[1:-2]:
            name, colon, value = line.partition(":")
            check(colon and name == name.strip(), "header line %r" % line)
            headers.append((name.lower(), value.strip()))
        return Response(m.group(1), int(m.group(2)), m.group(3) or "",
                        headers, raw)

    def response(self, head=False, body=True):
        """The next final answer with its body."""
        interim = []
        while True:
            r = self.head()
            if r.status >= 200 or r.status == 101:
                break
            interim.append(r)
        r.interim = interim
        if body:
            self.body(r, head)
        return r

    def body(self, r, head=False):
        """Read the body in its framing (RFC 9112 section 6.3)."""
        coding = r.get("transfer-encoding")
        length = r.get("content-length")
        check(coding is None or length is None,
              "answer with both a length and a coding: %r" % r.raw)
        if head or r.status in (204, 304) or r.status < 200:
            r.complete = True
        elif coding is not None:
            r.framing = "chunked"
            pieces = []
            while True:
                data = self.chunk()
                if data is None:
                    break
                if not data:
                    r.complete = True
                    break
                pieces.append(data)
            r.body = b"".join(pieces)
        elif length is not None:
            r.framing = "length"
            r.body = self.read(int(length))
            r.complete = len(r.body) == int(length)
        else:
            r.framing = "close"
            r.body = self.read_all()
            r.complete = True

    def chunk(self):
        """The next chunk, b"" for the last, None if it was cut off."""
        line = self.read_line()
        if not line.endswith(b"\r\n"):
            return None
        size = int(line.split(b";")[0], 16)
        if size == 0:
            while True:
                line = self.read_line()
                if line == b"\r\n":
                    return b""
                if not line.endswith(b"\r\n"):
                    return None
        data = self.read(size + 2)
        return data[:-2] if len(data) == size + 2 else None


# --------------------------------------------------------------- assertions

def canonical(method, target, body=None, headers=(), ctype=None,
              upgrade=None, close=False, coding=None, length=None):
    """The bytes the parent prints for this request, and no others."""
    head = ["%s %s HTTP/1.1" % (method, target), "Host: docker"]
    head += ["%s: %s" % pair for pair in headers]
    if body is not None or coding or length is not None:
        head.append("Content-Type: " + (ctype or "application/json"))
    if coding:
        head.append("Transfer-Encoding: chunked")
    elif body is not None or length is not None or method in ("POST", "PUT"):
        head.append("Content-Length: %d" % (len(body or b"") if length is None
                                            else length))
    if upgrade:
        head += ["Connection: Upgrade", "Upgrade: " + upgrade]
    elif close:
        head.append("Connection: close")
    return ("\r\n".join(head) + "\r\n\r\n").encode() + (body or b"")


def sentinel(proxyd, stub):
    """Bring the channel to rest with pings that go the whole way; what is
    new at the stub besides them.  One is not enough: the stub answers it on
    an old connection before it accepts and reads a new one."""
    pings = 3
    with proxyd.client() as c:
        for _ in range(pings):
            c.send(PING)
            equal(c.response().status, 200, "the ping after it")
    new = []
    for data in stub.arrived():
        while pings and PING in data:
            data = data.replace(PING, b"", 1)
            pings -= 1
        new.append(data)
    return [data for data in new if data]


def without_lookups(data):
    """What arrived, less the inspects of volumes and networks that proxyd
    asks for itself before a container is created or joins one."""
    return re.sub(rb"GET /(?:volumes|networks)/\S+ HTTP/1\.1\r\n"
                  rb"Host: docker\r\n\r\n(?=(?:GET /volumes/|POST ))",
                  b"", data)


def exchange(proxyd, stub, data, finish=None):
    """Send bytes on a connection of their own.  The answer (None if the
    connection was closed without one) and what of it reached the stub."""
    stub.mark()
    with proxyd.client() as c:
        try:
            c.send(data)
            if finish:
                finish(c)
        except (BrokenPipeError, ConnectionResetError):
            pass                # refused before the last byte was read
        try:
            r = c.response(head=data.startswith(b"HEAD "))
        except Closed:
            r = None
    return r, sentinel(proxyd, stub)


def expect_refused(proxyd, stub, data, status=(400, 403), text=None,
                   finish=None):
    """The answer must have the status (or one of several) and a message with
    text (or one of several), and not a byte of it may reach the stub."""
    r, new = exchange(proxyd, stub, data, finish)
    equal(new, [], "reached the engine (answer %r)" % r)
    check(r is not None, "closed without an answer")
    wanted = status if isinstance(status, (tuple, list, set)) else (status,)
    check(r.status in wanted, "status %d, not %s: %r" % (r.status, status, r))
    check(data.startswith(b"HEAD ") or r.message is not None,
          "not Docker's error form: %r" % r)
    check(r.status != 403 or data.startswith(b"HEAD ") or
          "Forbidden" in r.message, "a 403 says Forbidden: %r" % r)
    if text:
        texts = (text,) if isinstance(text, str) else text
        check(any(t.lower() in (r.message or "").lower() for t in texts),
              "message %r lacks %r" % (r.message, text))
    return r


def expect_canonical(proxyd, stub, data, want, finish=None):
    """Exactly the bytes want may reach the stub, whatever was sent."""
    r, new = exchange(proxyd, stub, data, finish)
    equal(new, [want], "at the engine (answer %r)" % r)
    return r


def expect_either(proxyd, stub, data, want, text=None):
    """Refused with nothing at the stub, or the canonical form alone.  want
    None: the head may not be longer than one and is not compared."""
    r, new = exchange(proxyd, stub, data)
    if not new:
        check(r is None or r.status >= 400, "answered by nobody: %r" % r)
        return False
    equal(len(new), 1, "connections used")
    if want is not None:
        equal(new[0], want, "at the engine (answer %r)" % r)
    equal(new[0].count(b"\r\nHost: docker\r\n"), 1, "heads of ours")
    equal(new[0].count(b" HTTP/1."), 1, "request lines")
    return True


# ------------------------------------------------------------------- runner

_cases = []


def case(text, needs=None):
    def mark(fn):
        _cases.append((text, fn, needs))
        return fn
    return mark


def load(name):
    """Another case file, for its tables; its cases are not run."""
    spec = importlib.util.spec_from_file_location(
        name.replace("-", "_"), os.path.join(HERE, name + ".py"))
    module = importlib.util.module_from_spec(spec)
    own = list(_cases)
    spec.loader.exec_module(module)
    _cases[:] = own
    return module


def run_one(text, fn):
    """ok, FAIL or skip, one line; details behind a failure."""
    try:
        fn()
    except Skip as e:
        print("skip - %s: %s" % (text, e), flush=True)
        return "skipped"
    except Exception as e:      # noqa: whatever it is, the case failed
        why = str(e) if isinstance(e, Failed) else traceback.format_exc()
        print("FAIL - %s: %s" % (text, why), flush=True)
        return "failed"
    print("ok - %s" % text, flush=True)
    return "passed"


def main():
    only = sys.argv[1:]
    count = dict(passed=0, failed=0, skipped=0)
    signal.signal(signal.SIGTERM, lambda *args: sys.exit(1))
    for text, fn, needs in _cases:
        if only and not any(word in text for word in only):
            continue
        result = needs and needs()
        if result:
            print("skip - %s: %s" % (text, result), flush=True)
            count["skipped"] += 1
        else:
            count[run_one(text, fn)] += 1
    end_all()
    for report in _reports:
        print("FAIL - sanitizer: " + report)
        count["failed"] += 1
    print("%(passed)d passed, %(failed)d failed, %(skipped)d skipped" % count,
          flush=True)
    sys.exit(1 if count["failed"] or not sum(count.values()) else 0)
