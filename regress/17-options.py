# SPDX-License-Identifier: ISC
"""The options of proxyd, and what it says to a bad one."""

import subprocess

from harness import PROXYD, case, check, equal, main

SYNOPSIS = "usage: proxyd [-dhnVv] [-D macro=value] [-f file]\n"


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


@case("-n names the variable that is wrong, and what would be accepted")
def wrong():
    for name, value in (("CONTAINERS", "2"), ("LOG_LEVEL", "loud"),
                        ("PROXYD_LISTEN", "http://x"),
                        ("ALLOWED_MOUNT_PATHS", "relative")):
        status, out, err = run("-n", **{name: value})
        check(status != 0 and name in err, "%s=%s: %d %r" % (
            name, value, status, err))


@case("-f says that there are no configuration files yet")
def no_file():
    status, out, err = run("-f", "/etc/proxyd.conf", "-n")
    check(status != 0 and "environment" in err and "/etc/proxyd.conf" in err,
          err)


if __name__ == "__main__":
    main()
