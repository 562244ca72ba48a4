# SPDX-License-Identifier: ISC
"""The text format of Prometheus, version 0.0.4, read strictly: whatever its
documentation does not say is an error, and so is what promtool would warn
about."""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(r"(%s)(?:\{(.*)\})? (\S+)$" % NAME)
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
TYPES = "counter gauge histogram summary untyped".split()


class Wrong(Exception):
    pass


def need(cond, line, why):
    if not cond:
        raise Wrong("%s: %r" % (why, line))


def labels_of(text, line):
    out, pos = {}, 0
    while pos < len(text):
        m = LABEL.match(text, pos)
        need(m, line, "not a label")
        need(m.group(1) not in out, line, "a label twice")
        out[m.group(1)] = m.group(2)
        pos = m.end()
        if pos < len(text):
            need(text[pos] == ",", line, "no comma between labels")
            pos += 1
    return out


def value_of(text, line):
    need(re.match(r"[+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|Inf|NaN)$", text), line,
         "not a number")
    return float(text)


def family_of(name, types):
    """The metric that a sample belongs to."""
    for suffix in ("_bucket", "_sum", "_count"):
        base = name[:-len(suffix)]
        if name.endswith(suffix) and types.get(base) == "histogram":
            return base
    return name


def histogram(base, samples):
    """Buckets grow with their bound, and the last is the count."""
    series = {}
    for (name, labels), value in samples.items():
        if name in (base + "_bucket", base + "_sum", base + "_count"):
            rest = frozenset(p for p in labels if p[0] != "le")
            series.setdefault(rest, {})[(name[len(base):],
                                         dict(labels).get("le"))] = value
    need(series, base, "a histogram without samples")
    for rest, parts in series.items():
        buckets = sorted((float(le), value) for (part, le), value in
                         parts.items() if part == "_bucket")
        need(buckets and buckets[-1][0] == float("inf"), base, "no +Inf")
        counts = [value for _, value in buckets]
        need(counts == sorted(counts), base, "buckets are not cumulative")
        need(parts.get(("_count", None)) == counts[-1], base,
             "the count is not the last bucket")
        need(("_sum", None) in parts, base, "no sum")


def parse(text):
    """{(name, frozenset of labels): value} and {name: type}; or Wrong."""
    need(text.endswith("\n"), text[-80:], "the last line has no end")
    types, helps, samples = {}, set(), {}
    current, done = None, set()
    for line in text[:-1].split("\n"):
        m = re.match(r"# (HELP|TYPE) (%s) (.+)$" % NAME, line)
        if m:
            what, name, rest = m.groups()
            if name != current:
                need(name not in done, line, "its lines are not together")
                done.add(current)
                current = name
            if what == "HELP":
                need(name not in helps, line, "a second HELP")
                helps.add(name)
            else:
                need(name not in types, line, "a second TYPE")
                need(rest in TYPES, line, "no such type")
                types[name] = rest
            continue
        m = SAMPLE.match(line)
        need(m, line, "neither a sample nor a comment")
        name = m.group(1)
        base = family_of(name, types)
        need(base == current, line, "a sample of another metric")
        need(base in types and base in helps, line, "no TYPE or HELP before")
        labels = labels_of(m.group(2) or "", line)
        need(m.group(2) != "", line, "empty braces")
        key = name, frozenset(labels.items())
        need(key not in samples, line, "a sample twice")
        need((types[base] == "counter") == name.endswith("_total"), line,
             "_total is for counters")
        samples[key] = value_of(m.group(3), line)
        need(types[base] not in ("counter", "histogram") or
             samples[key] >= 0, line, "a counter below 0")
    for name, kind in types.items():
        if kind == "histogram":
            histogram(name, samples)
    return samples, types


def value(samples, name, **labels):
    """Of one series; 0 if there is none."""
    return samples.get((name, frozenset(labels.items())), 0)
