# SPDX-License-Identifier: ISC
#
# Tables (Markdown that reads well as plain text) and the plot.

import statistics
from xml.sax.saxutils import escape

import targets

NOISY = 0.25        # spread above which a median says little
BUSY = 0.10         # share of the machine that others took

METRICS = (("rps", "requests/s", 1, "%.0f"), ("mibs", "MiB/s", 1, "%.0f"),
           ("p50", "p50 us", 1, "%.1f"), ("p99", "p99 us", 1, "%.1f"),
           ("p999", "p99.9 us", 1, "%.0f"),
           ("cpu", "CPU us", 1e6, "%.1f"), ("switches", "switches", 1,
                                            "%.2f"))
SHOWN = {"requests": ("rps", "p50", "p99", "p999", "cpu", "switches"),
         "down": ("mibs", "cpu", "switches"),
         "up": ("mibs", "cpu", "switches"),
         "echo": ("p50", "p99", "cpu", "switches"),
         "delay": ("p50", "p99")}


def grid(rows):
    """Columns aligned; the first row is the head."""
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    lines = []
    for n, row in enumerate(rows):
        lines.append("| " + " | ".join(
            c.ljust(w) if i == 0 else c.rjust(w)
            for i, (c, w) in enumerate(zip(row, widths))) + " |")
        if n == 0:
            lines.append("|" + "|".join(
                "-" * (w + 2) if i == 0 else "-" * (w + 1) + ":"
                for i, w in enumerate(widths)) + "|")
    return "\n".join(lines) + "\n"


def work_table(data, name, work):
    shown = [m for m in METRICS if m[0] in SHOWN[work["mode"]]]
    # A stream's unit of work is large: seconds of CPU, not microseconds.
    bulk = work["mode"] in ("down", "up")
    head = [name] + [("CPU ms/GiB" if bulk and m[0] == "cpu" else m[1])
                     for m in shown] + ["by tecnativa", "spread"]
    rows = [head]
    for c in data["cells"][name]:
        row = [c]
        for key, _, factor, form in shown:
            v = targets.median(data, name, c, key)
            if bulk and key == "cpu":
                factor = 1e3
            row.append("-" if v is None else form % (v * factor))
        r = targets.ratio(data, name, work["metric"], targets.BASE, c)
        s = targets.spread(data, name, c, work["metric"])
        errors = sum(targets.values(data, name, c, "errors"))
        row.append("-" if r is None else "%.2f" % r)
        row.append(("-" if s is None else "%.0f %%%s" % (
            s * 100, " noisy" if s > NOISY else "")) +
            (" %d errors" % errors if errors else ""))
        rows.append(row)
    return "%s\n\n%s" % (work["what"], grid(rows))


def target_table(data):
    rows = [["target", "must", "is", ""]]
    for t in data["targets"]:
        unit = " " + t["unit"] if t["unit"] else ""
        rows.append([
            t["what"], "%s %g%s" % (t["sign"], t["bound"], unit),
            "not measured" if t["value"] is None else
            "%.3g%s" % (t["value"], unit),
            {True: "met", False: "MISSED", None: "n/a"}[t["met"]]])
    return grid(rows)


def memory_table(data):
    x = data["extras"]
    rows = [["", "start ms", "idle MiB", "1,000 streams MiB",
             "9,000 streams MiB", "KiB a stream", "left of 100"]]
    for name in x.get("idle", {}):
        row = [name, "%.1f" % x["start"][name],
               "%.2f" % (x["idle"][name]["pss"] / 1024)]
        for s in x["streams"][name]:
            row.append("%.1f%s" % (
                s["pss"] / 1024, "" if s["open"] == s["asked"] else
                " (only %d open)" % s["open"]))
        s = x["streams"][name][0]
        row.append("%.2f" % ((s["pss"] - x["idle"][name]["pss"]) /
                             max(1, s["open"])))
        row.append("%d" % x["left"][name]["left"])
        rows.append(row)
    return "Start, and PSS of all processes\n\n" + grid(rows)


def syscall_table(data):
    calls = data["extras"]["syscalls"]
    rows = [["", "1 client", "32 clients",
             "by name, 32 clients under strace"]]
    for name, row in calls.items():
        names = row.get("names-32", {})
        rows.append([name, "%.1f" % row.get("1", 0),
                     "%.2f" % row.get("32", 0),
                     ", ".join("%s %.2f" % kv for kv in
                               list(names.items())[:7])])
    return "System calls a request, GET /_ping, kept connections (%s)" \
        "\n\n%s" % (next(iter(calls.values()))["by"], grid(rows))


def machine(data):
    shares = [c["foreign"] for w in data["cells"].values()
              for cs in w.values() for c in cs if "foreign" in c]
    if not shares:
        return ""
    m = statistics.median(shares)
    worst = max(shares)
    return "Others took %.0f %% of the processors while this ran (median; " \
        "at worst %.0f %%)%s.\n" % (
            m * 100, worst * 100, ": a busy machine, trust ratios and "
            "counts more than rates" if m > BUSY else "")


def logged(data):
    """Who wrote a line for each request, as a comparison needs."""
    lines = data["extras"].get("loglines", {})
    done = {n: sum(sum(targets.values(data, w, n, "done"))
                   for w in data["cells"] if data["works"][w]["mode"] ==
                   "requests") for n in lines}
    return "Logged every request: %s.\n" % ", ".join(
        n for n in lines if lines[n] and lines[n] >= done[n])


def tables(data):
    v = data["versions"]
    out = ["%s, Linux %s, %d processors, %s, %s; %d rounds, %.0f s.\n%s" % (
        data["date"], v["kernel"], v["processors"],
        v.get("haproxy", "no HAProxy").split(" 20")[0],
        v.get("nginx", "no nginx"), data["rounds"], data["seconds"],
        machine(data) + logged(data))]
    out += [work_table(data, n, w) for n, w in data["works"].items()
            if data["cells"].get(n)]
    if data["extras"].get("idle"):
        out.append(memory_table(data))
    if data["extras"].get("syscalls"):
        out.append(syscall_table(data))
    if data["extras"].get("wrk"):
        out.append("wrk -t1 -c32, requests/s: " + ", ".join(
            "%s %.0f" % kv for kv in data["extras"]["wrk"].items()) + "\n")
    out.append(target_table(data))
    return "\n".join(out)


# The plot: for each work a group of bars, tecnativa is 1.

COLOURS = {"proxyd": "#1b6ca8", "tecnativa": "#c0392b", "tuned": "#e59866",
           "nginx": "#7d8c8f", "relay": "#58a55c", "single": "#9b59b6"}
PLOTTED = (("ping-32", "rps"), ("list-32", "rps"), ("new-32", "rps"),
           ("create-32", "rps"), ("down-chunked", "mibs"),
           ("up-chunked", "mibs"), ("ping-1", "p50"), ("echo", "p50"),
           ("ping-32", "cpu"))
LABEL = {"rps": "requests/s", "mibs": "MiB/s", "p50": "1 / p50",
         "cpu": "1 / CPU"}


def bars(data):
    """(label, [(candidate, how many times tecnativa)]), more is better."""
    for work, metric in PLOTTED:
        group = []
        for name in COLOURS:
            r = targets.ratio(data, work, metric, targets.BASE, name)
            if r:
                group.append((name, 1 / r if metric in ("p50", "cpu")
                              else r))
        if group:
            yield "%s, %s" % (work, LABEL[metric]), group


def svg(data):
    groups = list(bars(data))
    top = max([r for _, g in groups for _, r in g] + [1])
    left, width, bar, gap = 170, 460, 11, 12
    y, parts = 46, []
    scale = width / top
    for label, group in groups:
        parts.append('<text x="%d" y="%.1f" text-anchor="end">%s</text>' % (
            left - 8, y + len(group) * bar / 2 + 4, escape(label)))
        for name, r in group:
            parts.append('<rect x="%d" y="%d" width="%.1f" height="%d" '
                         'fill="%s"/><text x="%.1f" y="%d" class="n">%.2f'
                         '</text>' % (left, y, r * scale, bar - 1,
                                      COLOURS[name], left + r * scale + 4,
                                      y + bar - 2, r))
            y += bar
        y += gap
    parts.append('<line x1="%.1f" y1="40" x2="%.1f" y2="%d" stroke="#000" '
                 'stroke-dasharray="3 3"/>' % (left + scale, left + scale,
                                               y))
    x = left
    for name, colour in COLOURS.items():
        parts.append('<rect x="%d" y="26" width="10" height="10" fill="%s"/>'
                     '<text x="%d" y="35">%s</text>' % (x, colour, x + 14,
                                                        name))
        x += 76
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="700" '
            'height="%d" font-family="sans-serif" font-size="11">\n'
            '<style>.n{font-size:9px}</style>\n<rect width="700" '
            'height="%d" fill="#fff"/>\n<text x="%d" y="16" '
            'font-size="13">Times HAProxy as the images configure it '
            '(more is better), %s</text>\n%s\n</svg>\n' % (
                y + 10, y + 10, left, escape(data["date"]),
                "\n".join(parts)))
