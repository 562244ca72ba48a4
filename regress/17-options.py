# SPDX-License-Identifier: ISC
"""The options of proxyd, and what it says to a bad one."""

import os
import subprocess
import tempfile
import types

from harness import PROXYD, case, check, equal, main

SYNOPSIS = """\
usage: proxyd [-dhnVv] [-D macro=value] [-f file] [-l log]
       proxyd -n -t request [-b body] [-c inspect] [-D macro=value] [-f file]
              [-H header] [-p profile] [-s client]
"""
SCRATCH = types.SimpleNamespace()


def run(*argv, **env):
    r = subprocess.run([PROXYD] + list(argv), stdin=subprocess.DEVNULL,
                       env=dict(env, PATH="/usr/bin:/bin"), text=True,
                       capture_output=True, timeout=20)
    return r.returncode, r.stdout, r.stderr


@case("-h prints the synopsis and ends well")
def help_():
    equal(run("-h"), (0, SYNOPSIS, ""))


@case("an unknown option or an argument: the synopsis, and status 1")
def usage():
    for argv in (["-Q"], ["-d", "x"], ["-f"]):
        status, out, err = run(*argv)
        equal((status, out), (1, ""), argv)
        check(err.endswith(SYNOPSIS), err)


@case("-V prints the version")
def version():
    status, out, err = run("-V")
    equal((status, err), (0, ""))
    check(out.startswith("proxyd "), out)


@case("-n checks and exits, -nv prints the policy in force")
def check_only():
    status, out, err = run("-n", CONTAINERS="1")
    equal((status, out), (0, ""), err)
    check("OK" in err, err)
    status, out, err = run("-nv", CONTAINERS="1")
    equal(status, 0, err)
    check("pass read on containers" in out and "CONTAINERS=1" in out, out)


@case("-n and -nv say what somebody gets by a grant")
def grants():
    for arg in "-n", "-nv":
        status, out, err = run(arg, POST="1", EXEC="1", ALLOW_CREATE="1",
                               ALLOWED_MOUNT_PATHS="/etc")
        equal(status, 0, err)
        check("POST=1: exec/create: a way into every container" in err, err)
        check("allow bind \"/etc\": what the host trusts" in err, err)


def bare(text):
    """Without comments and empty lines; no string here holds a \"#\"."""
    lines = [line.split("#")[0].rstrip() for line in text.splitlines()]
    return [line for line in lines if line]


@case("what -nv prints of an environment is a file with the same policy")
def printed_file():
    status, out, err = run("-nv", POST="1", CONTAINERS="1", ALLOW_LOGS="0",
                           EXEC="1", WORKSPACE_ROOT="/srv",
                           PROXYD_LISTEN="tcp://:1 unix:///run/x.sock")
    equal(status, 0, err)
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as f:
        f.write(out)
        f.flush()
        status, again, err = run("-nv", "-f", f.name)
    equal(status, 0, err)
    equal(bare(again), bare(out))


@case("-n names the variable that is wrong, and what would be accepted")
def wrong():
    for name, value in (("CONTAINERS", "2"), ("LOG_LEVEL", "loud"),
                        ("PROXYD_LISTEN", "http://x"),
                        ("ALLOWED_MOUNT_PATHS", "relative")):
        status, out, err = run("-n", **{name: value})
        check(status != 0 and name in err, "%s=%s: %d %r" % (
            name, value, status, err))


POLICY = """\
op = "ping"
profile "p" {
	pass on $op
}
listen on 127.0.0.1 port 2375 profile "p"
"""


def conf(text, mode=0o600):
    """A configuration file of that text, in a directory of its own."""
    path = os.path.join(tempfile.mkdtemp(dir=SCRATCH.name), "proxyd.conf")
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


@case("-n -f checks a file: OK, or every error with its line")
def file_check():
    status, out, err = run("-n", "-f", conf(POLICY))
    equal((status, out), (0, ""), err)
    check(err.endswith("configuration OK\n"), err)
    path = conf(POLICY.replace("pass", "pas").replace("port 2375", "port x"))
    status, out, err = run("-n", "-f", path)
    equal((status, out), (1, ""), err)
    check("%s:3: syntax error at \"pas\"" % path in err, err)
    check("%s:5: port \"x\"" % path in err, err)
    equal(len(err.splitlines()), 2, err)


@case("a file that is not there, or that others may write: status 1")
def file_refused():
    status, _, err = run("-n", "-f", "/nonexistent/proxyd.conf")
    equal(status, 1, err)
    check("No such file" in err, err)
    for mode in (0o620, 0o602):
        status, _, err = run("-n", "-f", conf(POLICY, mode))
        equal(status, 1, err)
        check("must not be writable" in err, err)


@case("-D wins over a macro of the file, and needs a file")
def defs():
    path = conf(POLICY)
    equal(run("-n", "-f", path, "-D", "op=version", "-D", "b=c")[0], 0)
    status, _, err = run("-n", "-f", path, "-D", "op=frob")
    equal(status, 1, err)
    check("%s:3: no operation \"frob\"" % path in err, err)
    for argv in (["-f", path, "-D", "op"], ["-D", "a=b"]):
        status, _, err = run("-n", *argv)
        equal(status, 1, err)
        check("-D " + argv[-1] in err, err)


@case("with a file the environment is ignored, and one line says so")
def ignored():
    status, _, err = run("-n", "-f", conf(POLICY), CONTAINERS="frob",
                         SOCKET_PATH="/x", OTHER="1")
    equal(status, 0, err)
    said = [line for line in err.splitlines() if "ignored" in line]
    equal(len(said), 1, err)
    check(said[0].endswith("ignored: CONTAINERS SOCKET_PATH"), err)
    err = run("-n", "-f", conf(POLICY), OTHER="1")[2]
    check("ignored" not in err, err)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        SCRATCH.name = name
        main()
