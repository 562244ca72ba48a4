# SPDX-License-Identifier: ISC
"""Several listeners of one configuration file, each with its own policy."""

import grp
import os
import pwd
import stat

from harness import (Proxyd, Stub, case, check, equal, free_port, main,
                     request, tmpname)

POLICY = """\
set socket "%(engine)s"
set log all

profile "look" {
	pass read on { ping, version, containers }
}

profile "stop" {
	pass on { ping, containers/stop }
	limit clients 8
}

listen on 127.0.0.1 port %(port)d profile "look"
listen on "%(look)s" owner nobody group adm mode 0640 profile "look"
listen on "%(stop)s" mode 0600 profile "stop"
"""


class Served:
    """A stub engine behind proxyd with POLICY."""

    def __init__(self, policy=POLICY, env=None):
        self.stub = Stub()
        self.names = dict(engine=self.stub.path, port=free_port(),
                          look=tmpname("look"), stop=tmpname("stop"))
        self.tcp = "tcp://127.0.0.1:%(port)d" % self.names
        self.look = "unix://%(look)s" % self.names
        self.stop = "unix://%(stop)s" % self.names
        self.proxyd = Proxyd(self.stub, env=env, conf=policy % self.names,
                             listen=[self.tcp, self.look, self.stop])

    def status(self, addr, method, target):
        with self.proxyd.client(addr) as c:
            c.send(request(method, target))
            return c.response(head=method == "HEAD").status

    def end(self):
        self.proxyd.stop()
        self.stub.stop()


@case("each listener answers under the policy of its profile")
def policies():
    s = Served()
    for addr in (s.tcp, s.look):
        equal(s.status(addr, "GET", "/v1.45/version"), 200, addr)
        equal(s.status(addr, "POST", "/v1.45/containers/a/stop"), 403, addr)
    equal(s.status(s.stop, "GET", "/v1.45/version"), 403)
    check(s.status(s.stop, "POST", "/v1.45/containers/a/stop") != 403,
          "stop is passed")
    equal(len(s.proxyd.filters()), 3)
    s.end()


@case("a refusal names the file and the line of the rule")
def origin():
    s = Served(POLICY.replace("limit clients 8", "block on version"))
    s.proxyd.log_mark()
    equal(s.status(s.stop, "GET", "/v1.45/version"), 403)
    s.proxyd.log_contains("Forbidden", "%s:10" % s.proxyd.conf)
    s.end()


@case("a unix socket has its owner, group and mode, and goes at the end")
def owners():
    s = Served()
    st = os.stat(s.names["look"])
    equal((st.st_uid, st.st_gid, stat.S_IMODE(st.st_mode)),
          (pwd.getpwnam("nobody").pw_uid, grp.getgrnam("adm").gr_gid, 0o640))
    st = os.stat(s.names["stop"])
    equal((st.st_uid, st.st_gid, stat.S_IMODE(st.st_mode)),
          (os.geteuid(), os.getegid(), 0o600))
    s.end()
    for name in ("look", "stop"):
        check(not os.path.exists(s.names[name]), name)


@case("variables beside a file: one line in the log, and no effect")
def ignored():
    s = Served(env=dict(CONTAINERS="1", SOCKET_PATH="/nowhere"))
    said = [line for line in s.proxyd.log().splitlines()
            if "ignored" in line]
    equal(len(said), 1, said)
    check(said[0].endswith("CONTAINERS SOCKET_PATH"), said)
    s.end()


if __name__ == "__main__":
    main()
