# SPDX-License-Identifier: ISC
#
# What proxyd must reach, as numbers.  Ratios are taken round by round, both
# candidates one after the other, and their median counts.

import statistics

BASE, FAST = "tecnativa", "tuned"


def cells(data, work, name):
    return data.get("cells", {}).get(work, {}).get(name, [])


def values(data, work, name, metric):
    return [c[metric] for c in cells(data, work, name) if metric in c]


def median(data, work, name, metric):
    v = values(data, work, name, metric)
    return statistics.median(v) if v else None


def spread(data, work, name, metric):
    """Distance of the quartiles by the median; None: too few."""
    v = values(data, work, name, metric)
    if len(v) < 3 or statistics.median(v) == 0:
        return None
    q = statistics.quantiles(v, n=4, method="inclusive")
    return (q[2] - q[0]) / statistics.median(v)


def ratio(data, work, metric, other, name="proxyd"):
    pairs = [(a, b) for a, b in zip(values(data, work, name, metric),
                                    values(data, work, other, metric)) if b]
    return statistics.median(a / b for a, b in pairs) if pairs else None


def added(data, work):
    """Latency on top of the daemon's own, by the relay's."""
    out = []
    for p, r, d in zip(values(data, work, "proxyd", "p50"),
                       values(data, work, "relay", "p50"),
                       values(data, work, "direct", "p50")):
        if r > d:
            out.append((p - d) / (r - d))
    return statistics.median(out) if out else None


class Judge:
    def __init__(self, data):
        self.data = data
        self.rows = []

    def add(self, what, value, sign, bound, unit="x"):
        met = None if value is None else \
            value >= bound if sign == ">=" else value <= bound
        self.rows.append({"what": what, "value": value, "sign": sign,
                          "bound": bound, "unit": unit, "met": met})

    def ratio(self, what, work, metric, other, sign, bound):
        if work not in self.data["cells"]:
            return          # not asked for
        self.add("%s: %s by %s" % (work, what, other),
                 ratio(self.data, work, metric, other), sign, bound)

    def requests(self):
        for work in ("ping-32", "ping-256", "list-32", "list-256"):
            self.ratio("requests/s", work, "rps", BASE, ">=", 2.0)
            self.ratio("CPU a request", work, "cpu", BASE, "<=", 0.4)
            self.ratio("p99", work, "p99", BASE, "<=", 0.5)
            self.ratio("requests/s", work, "rps", FAST, ">=", 1.5)
            self.ratio("CPU a request", work, "cpu", FAST, "<=", 0.5)
            self.ratio("requests/s", work, "rps", "single", ">=", 0.8)
        for work in ("ping-1", "list-1"):
            self.ratio("p50", work, "p50", BASE, "<=", 0.7)
            self.ratio("requests/s", work, "rps", FAST, ">=", 1.5)
            self.ratio("CPU a request", work, "cpu", FAST, "<=", 0.5)
            if work in self.data["cells"]:
                self.add("%s: added latency by relay's" % work,
                         added(self.data, work), "<=", 2.5)
        self.ratio("requests/s", "new-32", "rps", BASE, ">=", 1.4)
        self.ratio("requests/s", "create-32", "rps", BASE, ">=", 1.5)

    def streams(self):
        for work in ("down-chunked", "down-length", "up-chunked",
                     "up-length"):
            self.ratio("MiB/s", work, "mibs", BASE, ">=", 1.15)
            self.ratio("CPU a GiB", work, "cpu", BASE, "<=", 1.0)
            self.ratio("MiB/s", work, "mibs", "relay", ">=", 0.9)
        self.ratio("p50", "echo", "p50", BASE, "<=", 0.8)
        self.ratio("p50", "busy", "p50", BASE, "<=", 0.8)
        self.ratio("p50", "delay", "p50", BASE, "<=", 0.01)
        if "delay" not in self.data["cells"]:
            return
        delay = median(self.data, "delay", "proxyd", "p50")
        self.add("delay: p50", delay and delay / 1000, "<=", 1.0, "ms")

    def rest(self):
        x = self.data["extras"]
        rules = x.get("rules")
        if "rules" in x:
            self.add("1,000 rules instead of 10: slower by",
                     rules and max(0.0, (1 - rules) * 100), "<=", 5, "%")
        calls = x.get("syscalls", {}).get("proxyd")
        if calls:
            self.add("system calls a request, 32 clients",
                     calls.get("32"), "<=", 6, "")
        idle = x.get("idle", {})
        if "proxyd" not in idle:
            return
        self.add("memory idle", idle["proxyd"]["pss"] / 1024, "<=", 4, "MiB")
        self.memory(x, idle)
        self.add("daemon connections left by 100 events clients",
                 x["left"]["proxyd"]["left"], "<=", 0, "")
        self.add("start to first answer", x["start"]["proxyd"], "<=", 25,
                 "ms")

    def memory(self, x, idle):
        streams = x.get("streams", {})
        # Where the images' limit is too low, the tuned one's figure counts.
        for i, count in enumerate((1000, 9000)):
            mine = streams.get("proxyd", [None, None])[i]
            by = next((n for n in (BASE, FAST) if n in streams and
                       streams[n][i]["open"] == count), None)
            full = mine and mine["open"] == count
            self.add("memory, %d streams, by %s" % (count, by or BASE),
                     mine["pss"] / streams[by][i]["pss"]
                     if full and by else None, "<=", 0.3)
            self.add("memory a stream, %d streams" % count,
                     (mine["pss"] - idle["proxyd"]["pss"]) / count
                     if full else None, "<=", 2, "KiB")


def judge(data):
    j = Judge(data)
    j.requests()
    j.streams()
    j.rest()
    return j.rows
