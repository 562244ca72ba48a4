# SPDX-License-Identifier: ISC
"""Reading the texts of the tree, and asking proxyd about what is in them."""

import os
import re
import subprocess

from harness import PROXYD, TREE, tmpname


def text(name):
    with open(os.path.join(TREE, name)) as f:
        return f.read()


def run(*args):
    """proxyd, without an environment: status, output, messages."""
    r = subprocess.run([PROXYD] + list(args), capture_output=True, text=True,
                       timeout=20, env={"PATH": "/usr/sbin:/usr/bin"})
    return r.returncode, r.stdout, r.stderr


def write(conf):
    name = tmpname("conf")
    with open(name, "w") as f:
        f.write(conf)
    os.chmod(name, 0o600)
    return name


def whole(conf):
    """A part of a file, with the listeners that it lacks."""
    if not re.search(r"^listen on", conf, re.M):
        for i, name in enumerate(re.findall(r'^profile "([^"]+)"', conf,
                                            re.M)):
            conf += 'listen on any port %d profile "%s"\n' % (2375 + i, name)
    return conf
