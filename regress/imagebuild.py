# SPDX-License-Identifier: ISC
#
# The container image, built from the Dockerfile by a real engine.  There is no
# registry: its base is made by debootstrap (tests/debian-base.sh).  Both are
# kept below the build directory as long as what they are made of stays; the
# engine that built it is not the one that the cases use.

import glob
import hashlib
import os
import shutil
import subprocess
import time

import engine
from harness import BUILD, TREE, check

KEPT = os.path.join(BUILD, "build" if os.environ.get("B", ".") == "." else "")
BASE = os.path.join(KEPT, "debian-bookworm.tar")
CONTEXT = ("Dockerfile", ".dockerignore", "GNUmakefile", "mk", "proxyd",
           "parent", "filter", "imsg", "packaging", "presets")
NAME = "proxyd:latest"


def missing():
    """What is not there to build it with, or None."""
    if engine.Engine.missing():
        return engine.Engine.missing()
    return None if shutil.which("debootstrap") else \
        "debootstrap is not installed"


def sources():
    """Of what decides on the programs: no object, no program."""
    for name in CONTEXT:
        for top, dirs, files in os.walk(os.path.join(TREE, name)):
            dirs[:] = sorted(set(dirs) - {"gen"})
            for file in sorted(files):
                path = os.path.join(top, file)
                if not file.endswith((".o", ".d")) and \
                   not os.access(path, os.X_OK):
                    yield path
        if os.path.isfile(os.path.join(TREE, name)):
            yield os.path.join(TREE, name)


def digest():
    h = hashlib.sha256()
    for path in sources():
        with open(path, "rb") as f:
            h.update(path[len(TREE):].encode() + b"\0" + f.read() + b"\0")
    return h.hexdigest()[:16]


def base():
    """The base, as a tar."""
    if not os.path.exists(BASE):
        os.makedirs(KEPT, exist_ok=True)
        begin = time.monotonic()
        subprocess.run(["sh", os.path.join(TREE, "tests", "debian-base.sh"),
                        BASE], check=True, timeout=400)
        print("  debootstrap of the base: %.0f s" %
              (time.monotonic() - begin), flush=True)
    return BASE


def tar():
    """The image as "docker save" writes it; its path."""
    kept = os.path.join(KEPT, "image-%s.tar" % digest())
    if os.path.exists(kept):
        print("  the image was built before", flush=True)
        return kept
    for old in glob.glob(os.path.join(KEPT, "image-*.tar")):
        os.unlink(old)
    with engine.Engine(net="build") as e:
        with open(base(), "rb") as f:
            r = e.docker("import", "-", "debian:bookworm-slim", stdin=f,
                         timeout=120)
        check(r.returncode == 0, "import: %r" % r.stderr)
        begin = time.monotonic()
        r = e.docker("build", "--network=host", "-t", NAME, TREE, timeout=500,
                     env={"DOCKER_BUILDKIT": "0"}, text=True)
        check(r.returncode == 0, "build: %s\n%s" % (r.stdout[-3000:],
                                                     r.stderr[-2000:]))
        print("  docker build: %.0f s" % (time.monotonic() - begin),
              flush=True)
        r = e.docker("save", "-o", kept + ".new", NAME, timeout=60)
        check(r.returncode == 0, "save: %r" % r.stderr)
        os.rename(kept + ".new", kept)
    return kept


def started():
    """An engine that has the image, as proxyd:latest."""
    path = tar()
    e = engine.Engine()
    e.start()
    r = e.docker("load", "-i", path, timeout=60)
    check(r.returncode == 0, "load: %r" % r.stderr)
    return e
