#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What Glances asks of an engine, by docker-py; case 97 compares what it
prints.

usage: pyglances.py unix:///path
"""

import sys

import docker


def main():
    d = docker.DockerClient(sys.argv[1], timeout=60)
    print("version", d.version()["ApiVersion"])
    for c in d.containers.list(all=True):
        print("container", c.name, c.status,
              c.attrs["Config"]["Image"])
        stream = c.stats(decode=True)
        print("stats", sorted(next(stream)))
        stream.close()
    print("done")


main()
