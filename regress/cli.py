# SPDX-License-Identifier: ISC
#
# The docker CLI as a person uses it: run to the end, talked to while it runs,
# or under a terminal.  What it printed is kept with everything that differs
# from run to run taken out, so that two transcripts can be compared.

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
DEADLINE = 60

# In this order: what an earlier line put in is not touched by a later one.
VARYING = [(re.compile(p), r) for p, r in (
    # the CLI's own race, when a container does not start
    (r'time="[^"]*" level=error msg="error waiting for container: '
     r'context canceled"\n', ""),
    (r"\x1b\[[0-9;?]*[a-zA-Z]", ""),
    (r"\b[0-9a-f]{64}\b", "<id>"),
    (r"\b[0-9a-f]{12}\b", "<id>"),
    (r"\b([A-Z0-9]{4}:){11}[A-Z0-9]{4}\b", "<engine>"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?[-+]\d\d:?\d\d|Z)?"
     r"( [A-Z]{3})?", "<time>"),
    (r"(About an? |Less than a )?(\d+ )?(second|minute|hour)s?( ago)?\b",
     "<age>"),
    (r"\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b", "<mac>"),
    (r"\b172\.\d+\.\d+\.\d+\b", "<ip>"),
    (r'"Pid": \d+', '"Pid": <pid>'),
    (r"[ \t]+", " "),
)]


def normal(data):
    text = data.decode(errors="replace") if isinstance(data, bytes) else data
    for pattern, subst in VARYING:
        text = pattern.sub(subst, text)
    return text.replace("\r\n", "\n")


class Talk:
    """A program that is read from, and written to, while it runs."""

    def __init__(self, argv, env, tty=False, size=(24, 80)):
        self.data, self.seen, self.tty = b"", 0, tty
        if tty:
            self.out, child = pty.openpty()
            self.inp = self.out
            self.resize(*size)
            self.p = subprocess.Popen(argv, env=env, stdin=child, stdout=child,
                                      stderr=child, start_new_session=True,
                                      preexec_fn=self.control)
            os.close(child)
        else:
            self.p = subprocess.Popen(argv, env=env, stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT)
            self.out = self.p.stdout.fileno()
            self.inp = self.p.stdin.fileno()

    @staticmethod
    def control():
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.p.poll() is None:
            self.p.kill()
        self.p.wait()
        if self.tty:
            os.close(self.out)
        else:
            self.p.stdout.close()
            try:
                self.p.stdin.close()
            except OSError:
                pass

    def resize(self, rows, cols):
        """The kernel tells the program on the terminal (SIGWINCH)."""
        fcntl.ioctl(self.out, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, cols, 0, 0))

    def read_some(self, timeout):
        """False at the end of what the program writes."""
        if not select.select([self.out], [], [], timeout)[0]:
            return True
        try:
            data = os.read(self.out, 65536)
        except OSError:         # EIO: nobody holds the terminal any more
            data = b""
        self.data += data
        return data != b""

    def expect(self, pattern, timeout=DEADLINE):
        """Read until pattern turns up behind what was found before."""
        want = re.compile(pattern.encode())
        deadline = time.monotonic() + timeout
        while True:
            m = want.search(self.data, self.seen)
            if m is not None:
                self.seen = m.end()
                return m
            left = deadline - time.monotonic()
            if left <= 0 or not self.read_some(left):
                raise AssertionError("%r does not come, only %r" %
                                     (pattern, self.data[-400:]))

    def has(self, pattern, timeout):
        try:
            self.expect(pattern, timeout)
            return True
        except AssertionError:
            return False

    def send(self, data):
        while data:
            data = data[os.write(self.inp, data):]

    def close_input(self):
        self.p.stdin.close()

    def interrupt(self):
        self.p.send_signal(signal.SIGINT)

    def end(self, timeout=DEADLINE):
        """Its exit status; the rest of its output is in data."""
        deadline = time.monotonic() + timeout
        while self.read_some(max(0, deadline - time.monotonic())):
            if time.monotonic() > deadline:
                raise AssertionError("does not end: %r" % self.data[-400:])
        return self.p.wait(timeout=max(1, deadline - time.monotonic()))


class Cli:
    """One docker CLI against one address, and the transcript of its use."""

    def __init__(self, docker, host, home, env=None):
        self.docker, self.host = docker, host
        self.env = {"PATH": PATH, "HOME": home, "DOCKER_HOST": host,
                    "LC_ALL": "C.UTF-8", "TERM": "xterm",
                    "DOCKER_CLI_HINTS": "false"}
        self.env.update(env or {})
        self.transcript = []

    def note(self, *facts):
        self.transcript.append(facts)

    def run(self, *args, input=None, env=None, timeout=180, keep=True):
        """To the end; noted, and returned as it came."""
        kw = {"stdin": subprocess.DEVNULL} if input is None else \
            {"input": input}
        r = subprocess.run([self.docker] + list(args), timeout=timeout,
                           env=dict(self.env, **(env or {})),
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           **kw)
        if keep:
            self.note(r.returncode, normal(r.stdout), normal(r.stderr))
        return r

    def must(self, *args, **kw):
        """As run, for what only prepares: it has to succeed."""
        r = self.run(*args, keep=False, **kw)
        if r.returncode != 0:
            raise AssertionError("docker %s: %d %r" %
                                 (" ".join(args), r.returncode, r.stderr))
        return r

    def popen(self, *args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
              stderr=subprocess.PIPE):
        return subprocess.Popen([self.docker] + list(args), env=self.env,
                                stdin=stdin, stdout=stdout, stderr=stderr)

    def talk(self, *args, tty=False, size=(24, 80)):
        return Talk([self.docker] + list(args), self.env, tty, size)
