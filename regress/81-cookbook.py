# SPDX-License-Identifier: ISC
"""What docs/cookbook.md says of its policies is so: requests that each recipe
is for pass, and their neighbours do not."""

import json

import markdown
from documents import run, text, whole, write
from harness import case, check, equal, main, tmpname


def described():
    """A file as docker-inspect(1) prints it: containers with labels."""
    name = tmpname("inspect")
    with open(name, "w") as f:
        json.dump([{"Id": "%064x" % (i + 1), "Name": "/" + n,
                    "Config": {"Labels": dict([label])}}
                   for i, (n, label) in enumerate((
                       ("web-1", ("ops", "yes")), ("db", ("ops", "no")),
                       ("job", ("owner", "ci")), ("a", ("owner", "alice")),
                       ("b", ("owner", "bob")), ("traefik", ("x", "")),
                       ("dog", ("role", "watchdog")),
                       ("cat", ("watch", "yes"))))], f)
    return name


# Recipe and number of its configuration; profile; who asks; then requests,
# each with who else asks, or the HostConfig to create with, or a body: does
# it pass?
COOKBOOK = (
    ("A dashboard that may look and not touch", 0, "dashboard", "172.20.1.3", (
        ("GET /containers/json", None, True),
        ("GET /containers/db/archive?path=/etc", None, False),
        ("POST /containers/db/restart", None, False))),
    ("A dashboard that may look and not touch", 1, "dashboard", "172.20.1.3", (
        ("GET /containers/json", None, True),
        ("GET /containers/db/json", None, False),
        ("GET /containers/db/logs?stdout=1", None, False))),
    ("Restart web-* and nothing else", 0, "restart", "uid=0,gid=997", (
        ("POST /containers/web-1/restart", None, True),
        ("POST /containers/db/restart", None, False),
        ("POST /containers/web-1/stop", None, False),
        ("POST /containers/web-1/restart", "uid=0,gid=5", False))),
    ("Restart web-* and nothing else", 1, "restart", "127.0.0.1", (
        ("POST /containers/web-1/restart", None, True),
        ("POST /containers/db/restart", None, False))),
    ("A CI runner with limits", 0, "ci", "uid=0", (
        ("CREATE alpine:3.20", {"SecurityOpt": ["no-new-privileges"]}, True),
        ("CREATE alpine:3.20", {}, False),
        ("CREATE alpine:3.20", {"SecurityOpt": ["no-new-privileges"],
                                "Memory": 9 << 30}, False),
        ("CREATE debian:12", {"SecurityOpt": ["no-new-privileges"]}, False),
        ("POST /containers/job/stop", None, True),
        ("POST /containers/db/stop", None, False),
        ("GET /containers/db/json", None, False),
        ("GET /containers/json", None, True))),
    ("A dev container, one developer, one workspace", 0, "dev", "uid=1000", (
        ("CREATE any", {"Binds": ["/home/alice/src/x:/w"]}, True),
        ("CREATE any", {"Binds": ["/home/alice/.ssh:/w"]}, False),
        ("CREATE any", {"Privileged": True}, False))),
    ("A socket for each user", 0, "alice", "uid=1000", (
        ("CREATE any", {"Binds": ["/srv/alice:/w"]}, True),
        ("CREATE any", {"Binds": ["/srv/bob:/w"]}, False),
        ("POST /containers/a/stop", None, True),
        ("POST /containers/b/stop", None, False),
        ("GET /containers/b/logs?stdout=1", None, False),
        ("POST /networks/alice_x/connect", {"Container": "a"}, True),
        ("POST /networks/alice_x/connect", {"Container": "b"}, False))),
    ("Containers that ask, told apart by name or label", 0, "askers",
     "uid=0", (
        ("GET /events", "uid=0,container=traefik", True),
        ("GET /events", "uid=0,container=dog", False),
        ("POST /containers/cat/restart", "uid=0,container=dog", True),
        ("POST /containers/db/restart", "uid=0,container=dog", False),
        ("POST /containers/cat/restart", "uid=0,container=traefik", False))),
    ("Audit, then learn", 0, "mine", "172.20.1.3", (
        ("CREATE any", {"Privileged": True}, True),
        ("GET /secrets", None, True))),
    ("Several clients, one file", 0, "traefik", "172.20.1.3", (
        ("GET /events", "172.20.1.3", True),
        ("GET /events", "172.20.2.3", False))),
    ("Keep a host directory readable, not writable", 0, "backup",
     "172.20.1.3", (
        ("CREATE restic/restic:1", {"Binds": ["/srv:/s:ro"]}, True),
        ("CREATE restic/restic:1", {"Binds": ["/srv:/s"]}, False),
        ("CREATE restic/restic:1", {"Binds": ["/srv/backup:/s"]}, True))))


def asked(conf, profile, who, request, more, inspect):
    """What proxyd -n -t says: does it pass, and all that it prints."""
    if isinstance(more, str):
        who = more
    args = ["-n", "-f", conf, "-p", profile, "-c", inspect, "-s", who]
    if request.startswith("CREATE "):
        more = {"Image": request[len("CREATE "):], "HostConfig": more}
        request = "POST /v1.45/containers/create"
    if isinstance(more, dict):
        args += ["-b", write(json.dumps(more))]
    status, out, err = run(*(args + ["-t", request]))
    check(status in (0, 1), "%s: %s%s" % (request, out, err))
    return status == 0, out


@case("what docs/cookbook.md says of its policies is so")
def cookbook():
    inspect = described()
    for title, n, profile, who, requests in COOKBOOK:
        confs = markdown.blocks(markdown.section(
            text("docs/cookbook.md"), title), "conf")
        check(len(confs) > n, "no configuration %d under %s" % (n, title))
        conf = write(whole(confs[n]))
        for request, more, passes in requests:
            have, out = asked(conf, profile, who, request, more, inspect)
            equal(have, passes, "%s: %s %s: %s" % (title, request, more, out))


if __name__ == "__main__":
    main()
