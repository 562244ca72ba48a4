# SPDX-License-Identifier: ISC
"""What the manual and the other texts say is what the program does: examples
are read, printed and read again, tables are those of the source."""

import getopt
import glob
import os
import re

import markdown
from documents import run, text, whole, write
from harness import TREE, case, check, equal, main

MANUAL = "proxyd.conf.5"


def section(name):
    """A section of the manual's source."""
    m = re.search(r"^\.Sh %s\n(.*?)(?=^\.Sh |\Z)" % name, text(MANUAL),
                  re.M | re.S)
    check(m, "no section " + name)
    return m.group(1)


def plain(source):
    """What a literal display shows."""
    return source.replace("\\&", "").replace("\\e", "\\")


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
                  glob.glob(os.path.join(TREE, "examples", "*.conf")) +
                  glob.glob(os.path.join(TREE, "examples", "*", "*.conf")))


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
    check("```conf\n%s```\n" % text("examples/migrated-tecnativa.conf") in
          text("docs/migrate.md"), "not as it is")
    check("(docs/migrate.md)" in text("README.md"), "linked from README.md")


@case("every example is accepted, printed and accepted again")
def examples_parse():
    check(len(examples()) >= 4, repr(examples()))
    for name in examples():
        parses(name, text(name))


def documents():
    """The texts for people: every Markdown file that is part of the tree."""
    names = glob.glob(os.path.join(TREE, "*.md"))
    names += glob.glob(os.path.join(TREE, "docs", "*.md"))
    check(len(names) >= 10, repr(names))
    return sorted(os.path.relpath(name, TREE) for name in names)


@case("every link between documents leads to something, anchors as well")
def links():
    bad = []
    count = 0
    for name in documents():
        bad += ["%s: [%s]" % (name, n)
                for n in sorted(markdown.dangling(text(name)))]
        for target in markdown.targets(text(name)):
            count += 1
            if re.match(r"https://[\w.-]+/", target):
                continue
            path, _, anchor = target.partition("#")
            path = os.path.normpath(os.path.join(os.path.dirname(name), path)
                                    if path else name)
            if path.startswith("..") or not os.path.exists(
                    os.path.join(TREE, path)):
                bad.append("%s: %s" % (name, target))
            elif anchor and (not path.endswith(".md") or anchor not in
                             markdown.anchors(text(path))):
                bad.append("%s: no anchor %s" % (name, target))
    equal(bad, [])
    check(count > 100, "links: %d" % count)


@case("every document is linked from README.md")
def found_from_readme():
    reached = set(markdown.targets(text("README.md")))
    equal([n for n in documents() if n != "README.md" and n not in reached],
          [])


@case("every path that a document names is there")
def paths():
    top = [n for n in os.listdir(TREE) if os.path.isdir(
        os.path.join(TREE, n)) and n != "build"]
    bad = []
    count = 0
    for name in documents():
        for word in markdown.quoted(text(name)):
            if not re.match(r"(?:%s)/[\w./-]*$|[\w-]+\.(?:md|c|h|py|sh)$" %
                            "|".join(map(re.escape, top)), word):
                continue
            count += 1
            # "proxyd/conf_" means the files that begin so
            where = os.path.join(TREE, word)
            if not (glob.glob(where + "*") if word.endswith("_") else
                    os.path.exists(where)):
                bad.append("%s: %s" % (name, word))
    equal(bad, [])
    check(count > 150, "paths: %d" % count)


@case("every configuration in a document is accepted, printed and accepted")
def confs():
    count = 0
    for name in documents():
        for n, conf in enumerate(markdown.blocks(text(name), "conf")):
            count += 1
            parses("%s, block %d" % (name, n + 1), whole(conf))
        # none that is not marked, and would not be read
        for conf in markdown.blocks(text(name), ""):
            check(name == "docs/migrate.md" or
                  not re.search(r"^(profile|listen on) ", conf, re.M),
                  "%s: not marked as conf: %s" % (name, conf[:60]))
    check(count > 10, "configurations: %d" % count)

def options():
    """(getopt's string, the letters that need -t), out of the usage."""
    status, usage, _ = run("-h")
    equal(status, 0)
    flags = re.search(r"\[-(\w+)\]", usage).group(1)
    with_arg = set(re.findall(r"-(\w) [a-z]", usage))
    first, second = usage.split("proxyd -n -t")
    explains = set(re.findall(r"\[-(\w) [a-z]", second)) - set(
        re.findall(r"\[-(\w) [a-z]", first))
    check(len(explains) >= 4, usage)
    return flags + "".join(c + ":" for c in with_arg), explains


@case("the commands in documents have the options that proxyd has")
def command_lines():
    letters, explains = options()
    count = 0
    for name in documents():
        scripts = markdown.blocks(text(name), "sh")
        scripts += [q for q in markdown.quoted(text(name))
                    if q.startswith("proxyd -")]
        scripts += [re.sub(r"[][,]|^\s*command:", " ", line)
                    for line in markdown.prose(text(name)).splitlines()
                    if "command: [proxyd" in line]
        for script in scripts:
            for args in markdown.commands(script, "proxyd"):
                count += 1
                where = "%s: proxyd %s" % (name, " ".join(args))
                try:
                    opts, rest = getopt.getopt(args, letters)
                except getopt.GetoptError as e:
                    # "`proxyd -n -t`" names an option without its argument
                    check("requires argument" in str(e) and
                          script.startswith("proxyd"), "%s: %s" % (where, e))
                    continue
                equal(rest, [], where)
                have = {o[1] for o, _ in opts}
                check(not have & explains or "t" in have, where)
                check(not have & {"t", "l"} or "n" in have, where)
    check(count > 25, "commands: %d" % count)


@case("the targets of make in documents are there; README.md's are CI's")
def make_targets():
    rules = "".join(text(os.path.relpath(path, TREE)) for path in
                    [os.path.join(TREE, "GNUmakefile")] + glob.glob(
                        os.path.join(TREE, "mk", "*.mk")) + glob.glob(
                        os.path.join(TREE, "*", "*.mk")))
    have = set(re.findall(r"^([\w-]+):", rules, re.M))
    count = 0
    for name in documents():
        scripts = markdown.blocks(text(name), "sh") + [
            q for q in markdown.quoted(text(name)) if q.startswith("make")]
        for call in re.findall(r"(?:^|\s)make((?: +[\w-]+(?![\w=-]))+)",
                               "\n".join(scripts), re.M):
            for target in call.split():
                count += 1
                check(target in have, "%s: make %s" % (name, target))
    check(count > 10, "calls of make: %d" % count)
    ci = text(".ci/run")
    check(ci.rstrip().endswith("exec make check"), ".ci/run")
    shown = markdown.blocks(text("README.md"), "sh")[0]
    check(re.search(r"^make check\b", shown, re.M), shown)
    # how a bare machine gets make
    check("apt-get install -y make" in text("README.md") and
          re.search(r"apt-get install -y .*\\\n.* make\b", ci), ci)


def cases(name):
    """What the cases of a file are called."""
    found = re.findall(r'@(?:harness\.)?case\(((?:\s*"(?:[^"\\]|\\.)*")+)',
                       text(name))
    return {"".join(re.findall(r'"((?:[^"\\]|\\.)*)"', f)) for f in found}


@case("the threat model's cases are there, in the files that it names")
def threat_cases():
    source = re.sub(r"\s+", " ", text("docs/threat-model.md"))
    current, count = None, 0
    for link, words in re.findall(
            r"\]\(\.\./(regress/[\w-]+\.py)\)|\"([^\"]+)\"", source):
        if link:
            current = link
            continue
        if words.count(" ") == 0 or words.startswith("/"):
            continue
        count += 1
        check(current and words in cases(current),
              "%s has no case %r" % (current, words))
    check(count > 30, "cases: %d" % count)


def literals():
    """The texts in the sources, adjacent ones as one, by lines."""
    found = []
    for path in glob.glob(os.path.join(TREE, "*", "*.[cy]")) + glob.glob(
            os.path.join(TREE, "filter", "body", "*.c")):
        name = os.path.relpath(path, TREE)
        if name.split("/")[0] in ("proxyd", "parent", "filter"):
            for group in re.findall(r'"(?:[^"\\\n]|\\.)*"'
                                    r'(?:\s*"(?:[^"\\\n]|\\.)*")*',
                                    text(name)):
                found.append("".join(re.findall(
                    r'"((?:[^"\\\n]|\\.)*)"', group)))
    return "\n".join(found)


@case("the messages in docs/operations.md are those of the sources")
def messages():
    have = literals()
    shown = [r for r in markdown.rows(markdown.section(
        text("docs/operations.md"), "Troubleshooting")) if r[0] != "Message"]
    check(len(shown) > 30, "messages: %d" % len(shown))
    for row in shown:
        equal(len(row), 3, row[0])
        check(re.match(r"`[^`]+`$", row[0]), row[0])
        parts = row[0].strip("`").split("...")
        check(max(len(p) for p in parts) >= 8 or len(parts) == 3, row[0])
        check(re.search(".*".join(map(re.escape, parts)), have), row[0])


@case("the log's lines in docs/operations.md are read by proxyd -n -l")
def log_lines():
    shown = [b.strip() for b in markdown.blocks(markdown.section(
        text("docs/operations.md"), "The log"), "") if " rule /" in b]
    equal(len(shown), 2, "lines")
    name = write("".join("2026-11-21T22:05:32Z proxyd: %s\n" % line
                         for line in shown))
    status, out, err = run("-n", "-l", name)
    equal(status, 0, err)
    for line in shown:
        check(re.search(r"^\s*pass [^#]*on \{?[^#]*%s\b" % re.escape(
            line.split()[1]), out, re.M), "%s: %s" % (line, out))


@case("each cell of docs/comparison.md has its evidence or is empty")
def evidence():
    rows = markdown.rows(text("docs/comparison.md"))
    check(len(rows) > 20, "rows: %d" % len(rows))
    for row in rows:
        equal(len(row), 7, row[0])
        for cell in row[1:] if row[0] else []:
            check(cell == "" or re.search(r"\]\[[\w-]+\]|\]\([^)]+\)", cell),
                  "%s: %s" % (row[0], cell))


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
        mark = "w" if {"WRITE", "UNJUDGED", "NAMED", "YAML",
                       "EPF_WRITE"} & set(words) else "r"
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
