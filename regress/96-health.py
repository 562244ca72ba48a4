# SPDX-License-Identifier: ISC
"""What the image has in place of wget, nc and sh does what health checks in
the field say, each of them found in somebody's compose file; and nothing
else."""

import os
import socket
import subprocess
import tempfile

from harness import (BUILD, EVERYTHING, Proxyd, Stub, case, check, equal,
                     free_port, main, poll, tmpdir)

CHECK = os.path.join(BUILD, "packaging", "image", "check")


def run(*argv, cwd=None):
    """As the engine starts it: status, output, messages."""
    r = subprocess.run(list(argv), executable=CHECK, env={}, text=True,
                       capture_output=True, timeout=20, cwd=cwd)
    return r.returncode, r.stdout, r.stderr


def shell(line):
    return run("/bin/sh", "-c", line)


# For a healthy proxy all end with 0; HOST:PORT is put in for %s.
SHELL = """\
wget --spider -q http://%s/_ping
wget --spider http://%s/version || exit 1
wget -q --spider http://%s/_ping || exit 1
wget --spider --quiet http://%s/_ping || exit 1
wget --no-verbose --tries=1 --spider http://%s/_ping || exit 1
wget --quiet --tries=1 -O /dev/null http://%s/_ping || exit 1
wget -qO /dev/null http://%s/version || exit 1
wget -qO- http://%s/_ping || exit 1
wget -qO- http://%s/version >/dev/null 2>&1 || exit 1
wget -q -O - 'http://%s/_ping' > /dev/null || false
wget -nv -t1 --spider "http://%s/_ping" || exit 1
wget -S -T 5 --spider %s/_ping 2>/dev/null||exit 1
wget --timeout 5 --output-document=/dev/null http://%s/_ping
exec wget -q --spider http://%s/_ping
/bin/sh -c 'wget --no-verbose --spider --no-check-certificate http://%s/version || exit 1'
/usr/bin/wget -q --spider http://%s/_ping || exit""".splitlines()


def started(host="127.0.0.1", env=None):
    stub = Stub()
    port = free_port()
    where = "%s:%d" % (host, port)
    proxyd = Proxyd(stub, env, ["tcp://" + where], wait=False)
    poll(lambda: run("nc", "-z", host.strip("[]"), str(port))[0] == 0,
         text=proxyd.log)
    return stub, proxyd, where, port


@case("what compose files say passes when the engine answers")
def passes():
    stub, proxyd, where, port = started()
    forms = [line % host for line in SHELL for host in
             (where, "localhost:%d" % port)]
    forms += ["nc -z localhost %d || exit 1" % port,
              "nc -zv -w 3 127.0.0.1 %d" % port]
    for line in forms:
        status, _, err = shell(line)
        equal(status, 0, "%s: %s" % (line, err))
    equal(run("wget", "-qO-", "http://%s/_ping" % where), (0, "OK", ""))
    check("ApiVersion" in run("wget", "-O", "-",
                              "http://%s/version" % where)[1], "the version")
    equal(run("/usr/bin/wget", "--spider", "http://%s/_ping" % where)[1], "",
          "without -O - nothing is shown")
    proxyd.stop()
    stub.stop()


@case("IPv6, and localhost where only IPv6 is served")
def six():
    stub, proxyd, where, port = started("[::1]")
    for url in ("http://%s/_ping" % where, "http://localhost:%d/_ping" % port):
        equal(run("wget", "-q", "--spider", url), (0, "", ""), url)
    equal(run("wget", "-q", "--spider", "http://127.0.0.1:%d/_ping" % port)[0],
          4, "not on IPv4")
    proxyd.stop()
    stub.stop()


@case("the exit status is wget's: 8 if it is refused or the engine is away, "
      "4 if nobody answers; or what the line says")
def fails():
    stub, proxyd, where, port = started(env=dict(EVERYTHING, PING="0"))
    url = "http://%s/_ping" % where
    status, out, err = run("wget", "--spider", url)
    equal((status, out), (8, ""))
    check("403" in err, err)
    equal(run("wget", "-q", "--spider", url), (8, "", ""), "quietly")
    for line, want in (("wget -q --spider %s", 8),
                       ("wget -q --spider %s || exit 1", 1),
                       ("wget -q --spider %s || false", 1),
                       ("wget -q --spider %s || exit", 8),
                       ("wget -q --spider %s || exit 42", 42),
                       ("sh -c 'wget -q --spider %s || exit 3' || exit 4", 4)):
        equal(shell(line % url)[0], want, line)
    stub.stop()
    equal(run("wget", "-q", "http://%s/version" % where)[0], 8, "502")
    proxyd.stop()
    status, _, err = run("wget", "--spider", url)
    equal(status, 4)
    check("refused" in err, err)
    equal(shell("wget -q --spider %s || exit 1" % url)[0], 1)
    equal(run("nc", "-z", "127.0.0.1", str(port))[0], 1)


@case("one that accepts and says nothing, or only half, is given up")
def silent():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        url = "http://127.0.0.1:%d/_ping" % s.getsockname()[1]
        status, _, err = run("wget", "-T", "1", url)
        equal(status, 4)
        check("timed out" in err, err)
    for answer in (b"HTTP/1.1 200 OK\r\nContent-Le", b"hello\r\n\r\n", b""):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            p = subprocess.Popen(
                ["wget", "-q", "http://127.0.0.1:%d/" % s.getsockname()[1]],
                executable=CHECK)
            s.settimeout(10)
            peer = s.accept()[0]
            peer.recv(4096)
            peer.sendall(answer)
            peer.shutdown(socket.SHUT_WR)
            equal(p.wait(10), 8 if b"hello" in answer else 4, repr(answer))
            peer.close()


NOT_FOR_US = """\
id
wget
wget -q --spider http://example.com/_ping
wget -q --spider http://docker-proxy:2375/_ping
wget -q --spider https://localhost:2375/_ping
wget -q --spider http://user@localhost:2375/_ping
wget -q http://localhost:2375/_ping http://localhost:2375/version
wget -O file http://localhost:2375/_ping
wget -P /tmp http://localhost:2375/_ping
wget --post-data=x http://localhost:2375/_ping
wget --header=x http://localhost:2375/_ping
wget http://localhost:0/_ping
wget http://localhost:65536/_ping
wget "http://localhost:2375/a b"
wget -T x http://localhost:2375/_ping
wget http://localhost:2375/_ping >file
wget http://localhost:2375/_ping | grep OK
wget http://localhost:2375/_ping && id
wget http://localhost:2375/_ping; id
wget http://localhost:2375/_ping || id
wget http://localhost:2375/_ping || exit 1 || id
wget http://localhost:2375/_ping || exit 256
wget http://localhost:2375/_ping &
wget "http://localhost:2375/$(id)"
wget http://localhost:2375/`id`
wget http://localhost:2375/$HOME
wget 'http://localhost:2375/_ping
X=1 wget http://localhost:2375/_ping
nc localhost 2375
nc -z example.com 2375
nc -l 2375
nc -z -e sh localhost 2375
curl -f http://localhost:2375/_ping
( wget http://localhost:2375/_ping )
wget http://localhost:2375/_ping || exit $?""".splitlines()


@case("what is anything else is an error that says what is understood, and "
      "nothing happens")
def refused():
    where = tempfile.mkdtemp(dir=tmpdir())
    for argv in [("sh", "-c", line) for line in NOT_FOR_US] + [
            ("sh",), ("sh", "-i"), ("sh", "/etc/profile"), ("ash", "-c", ""),
            ("sh", "-c", ""), ("sh", "-c", "wget x\nid"),
            ("sh", "-c", " ".join(["wget"] * 40)), ("wget", "-" + "q" * 70000),
            ("wget", "http://localhost:2375/" + "a" * 5000),
            ("wget", "http://" + "1" * 5000), ("wget", "http://[::1"),
            ("wget", "http://[::1]x/"), ("wget", "-O"), ("wget", "--timeout")]:
        status, out, err = run(*argv, cwd=where)
        equal((status, out), (2, ""), "%.60r" % (argv,))
        check("takes their place" in err, "%.60r: %s" % (argv, err))
    equal(os.listdir(where), [])


@case("an address that is not this container's is not asked")
def elsewhere():
    for host in ("192.0.2.1", "[2001:db8::1]"):
        status, _, err = run("wget", "-T", "5", "http://%s:2375/_ping" % host)
        equal(status, 4)
        check("assign requested address" in err.lower(), err)


if __name__ == "__main__":
    main()
