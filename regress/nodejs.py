# SPDX-License-Identifier: ISC
"""Node and the modules of the clients in regress/node/."""

import os
import shutil
import subprocess

import engine
import harness
from harness import check

MODULES = os.path.join(harness.TREE, "build", "node")
ENV = {"NODE_PATH": os.path.join(MODULES, "node_modules")}
WANTED = os.path.join(harness.HERE, "package.json")
SECS = 300              # for all that npm gets


def missing():
    words = [x for x in ("node", "npm") if engine.which(x) is None]
    return "%s not installed" % " and ".join(words) if words else None


def program(name):
    return os.path.join(harness.HERE, "node", name)


def read(path):
    try:
        with open(path) as f:
            return f.read()
    except FileNotFoundError:
        return None


def install():
    """Into the build directory, once for each list of what is wanted."""
    done = os.path.join(MODULES, "installed")
    if read(done) == read(WANTED):
        return
    os.makedirs(MODULES, exist_ok=True)
    shutil.copyfile(WANTED, os.path.join(MODULES, "package.json"))
    r = subprocess.run(["npm", "install", "--no-audit", "--no-fund",
                        "--ignore-scripts"], cwd=MODULES, timeout=SECS,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True)
    check(r.returncode == 0, "npm install: " + r.stdout[-1500:])
    shutil.copyfile(WANTED, done)
