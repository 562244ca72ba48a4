# SPDX-License-Identifier: ISC
"""What the manual and the other texts say is what the program does: examples
are read, printed and read again, tables are those of the source."""

import glob
import os
import re
import subprocess

from harness import PROXYD, TREE, case, check, equal, main, tmpname

MANUAL = "proxyd.conf.5"


def text(name):
    with open(os.path.join(TREE, name)) as f:
        return f.read()


def section(name):
    """A section of the manual's source."""
    m = re.search(r"^\.Sh %s\n(.*?)(?=^\.Sh |\Z)" % name, text(MANUAL),
                  re.M | re.S)
    check(m, "no section " + name)
    return m.group(1)


def plain(source):
    """What a literal display shows."""
    return source.replace("\\&", "").replace("\\e", "\\")


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


def bare(conf):
    """Without comments, which say where a line came from."""
    lines = [re.sub(r"\s*#.*", "", line) for line in conf.splitlines()]
    return [line for line in lines if line]


def parses(name, conf):
    """Accepted, printed, and the print is accepted as the same policy."""
    status, _, err = run("-n", "-f", write(conf))
    equal(status, 0, "%s: %s" % (name, err))
    status, once, err = run("-n", "-v", "-f", write(conf))
    equal(status, 0, "print of %s: %s" % (name, err))
    check("profile" in once and "listen on" in once, "print of " + name)
    status, twice, err = run("-n", "-v", "-f", write(once))
    equal(status, 0, "print of %s, read again: %s\n%s" % (name, err, once))
    equal(bare(twice), bare(once), "print of the print of " + name)


def examples():
    return sorted(os.path.relpath(path, TREE) for path in
                  glob.glob(os.path.join(TREE, "examples", "*.conf")))


def presets():
    return sorted(os.path.basename(path)[:-len(".conf")] for path in
                  glob.glob(os.path.join(TREE, "presets", "*.conf")))


@case("the manual's examples are those of examples/")
def manual_examples():
    shown = re.findall(r"^\.Pq Pa (examples/\S+) :\n\.Bd -literal\n(.*?)"
                       r"^\.Ed\n", section("EXAMPLES"), re.M | re.S)
    equal(len(shown), 3, "examples shown")
    for name, source in shown:
        equal(plain(source), text(name), name)


@case("the statements that the manual shows are accepted")
def manual_statements():
    show = r"^\.Bd -literal -offset indent(?: -compact)?\n(.*?)^\.Ed\n"
    inside = re.findall(show, section("RULES") + section("CONTAINERS"),
                        re.M | re.S)
    inside += re.findall(r"^\.Dl (limit .*\n)", section("LIMITS"), re.M)
    equal(len(inside), 3, "statements shown")
    outside = re.findall(r"^\.Dl (set .*\n)", section("OPTIONS"), re.M)
    equal(len(outside), 1, "options shown")
    parses("the manual", "%sprofile \"p\" {\n%s}\nlisten on any port 2375 "
           "profile \"p\"\n" % (outside[0], plain("".join(inside))))


@case("docs/migrate.md shows examples/migrated-tecnativa.conf")
def migrate_example():
    check("```\n%s```\n" % text("examples/migrated-tecnativa.conf") in
          text("docs/migrate.md"), "not as it is")
    check("(docs/migrate.md)" in text("README.md"), "linked from README.md")


@case("every example is accepted, printed and accepted again")
def examples_parse():
    check(len(examples()) >= 4, repr(examples()))
    for name in examples():
        parses(name, text(name))


@case("the file in README.md is accepted, printed and accepted again")
def readme_parses():
    blocks = [b for b in re.findall(r"^```\n(.*?)^```\n", text("README.md"),
                                    re.M | re.S) if b.startswith("profile")]
    equal(len(blocks), 1, "files in README.md")
    parses("README.md", blocks[0])


@case("every preset is accepted, printed and accepted again")
def presets_parse():
    for name in presets():
        parses(name, 'profile "p" {\n\tpreset "%s"\n\tallow image any\n}\n'
               'listen on "/run/proxyd-test.sock" profile "p"\n' % name)


@case("presets that create containers ask for allow image")
def presets_image():
    asked = []
    for name in presets():
        conf = write('profile "p" {\n\tpreset "%s"\n}\n'
                     'listen on "/run/proxyd-test.sock" profile "p"\n' % name)
        status, _, err = run("-n", "-f", conf)
        if status != 0:
            check("allow image" in err, "%s: %s" % (name, err))
            asked.append(name)
    create = [name for name in presets() if re.search(
        r"^pass (?:write )?on[^#]*containers(?:/create|[ ,])",
        text("presets/%s.conf" % name), re.M)]
    own = [name for name in create if re.search(
        r"^allow image", text("presets/%s.conf" % name), re.M)]
    equal(asked, [name for name in create if name not in own])


@case("the manual names every preset")
def manual_presets():
    named = re.findall(r"^\.It Cm (\S+) Ta ", section("PRESETS"), re.M)
    equal(named, presets())


def libpod_operations():
    """The rows of podman's own, in the macros that they are written in."""
    source = re.sub(r"\s+", " ", text("proxyd/endpoint_libpod.c"))
    out = []
    for name, method, path, risk, rest in re.findall(
            r'ROW\("([^"]+)", (\w+), "([^"]*)", "\w+", (\w+), \w+'
            r'((?:[^()"]|"[^"]*")*)\)', source):
        words = re.findall(r"\w+", re.sub(r'"[^"]*"', "", rest))
        mark = "w" if {"WRITE", "UNJUDGED", "YAML", "EPF_WRITE"} & set(
            words) else "r"
        mark += ("u" if {"UNJUDGED", "YAML"} & set(words) else
                 "h" if risk == "ESCAPE" else
                 "s" if risk == "READ_SECRET" else "")
        out.append(("libpod/" + name, mark,
                    "%s /libpod/%s" % (method, path)))
    return out


@case("the manual's operations are those of the program")
def operations():
    source = re.sub(r"\s+", " ", text("proxyd/endpoint_table.c"))
    want = []
    for row in re.findall(r'\{ (\.name = .*?) \},', source):
        field = dict(re.findall(r'\.(\w+) = ("[^"]*"|[^,]*)', row))
        flags, risk = field.get("flags", ""), field["risk"]
        mark = "w" if "EPF_WRITE" in flags else "r"
        mark += ("n" if "EPF_NEVER" in flags else
                 "u" if "EPF_UNJUDGED" in flags else
                 "h" if risk == "RISK_ESCAPE" else
                 "s" if risk == "RISK_READ_SECRET" else "")
        want.append((field["name"].strip('"'), mark, "%s %s" % (
            field["method"].replace("METHOD_", ""),
            field["path"].strip('"'))))
    want += libpod_operations()
    have = re.findall(r"^\.It (\S+) Ta (\S+) Ta (.*)$",
                      section("OPERATIONS"), re.M)
    check(len(want) > 240, "rows of the table: %d" % len(want))
    for a, b in zip(have, want):
        equal(a, b, "operation")
    equal(len(have), len(want), "operations")


@case("the manual says of every judged field what allows it")
def fields():
    told = set(re.findall(r"\w+", section("JUDGED FIELDS")))
    judged = set()
    for name in ("hostconfig.c", "resources.c", "network.c",
                 "container_spec.c", "privileges.c"):
        for key, kind, flags, check_fn in re.findall(
                r'\{ "(\w+)", FT_(\w+), (\w+), (\w+),',
                text("filter/body/" + name)):
            if kind != "DROP" and (flags != "0" or check_fn != "NULL" or
                                   kind == "GONE"):
                judged.add(key)
    # members of an object that is named, and bodies of networks
    within = {"HostIp", "HostPort", "Name", "Type", "Config", "Path",
              "IPv4Address", "IPv6Address", "LinkLocalIPs", "Driver",
              "Scope", "Options", "Subnet", "IPRange", "AuxiliaryAddresses",
              "Network", "Ingress", "ConfigOnly", "Container", "Search",
              "Nameservers", "Mode", "Role", "User", "Level", "StopSignal",
              "Labels", "Command", "Args", "Env"}
    check(len(judged) > 50, "judged fields: %d" % len(judged))
    equal(sorted(judged - told - within), [])


if __name__ == "__main__":
    main()
