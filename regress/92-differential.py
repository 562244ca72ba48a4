#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Differential cases: what dockerd understands is what proxyd judged.

Bodies and connections that nearly are right (diff/bodies.py, diff/gohttp.py)
go through proxyd: most of them to the recorder, where what arrives must be
canonical, must mean to Go what the client's text meant to Go (diff/gojson.py)
and must not have a power that the profile does not give (diff/policy.py); some
to a real dockerd, once with and once without proxyd, where the outcome must be
the same.

	regress/92-differential.py			a minute, as in CI
	SEED=n regress/92-differential.py long N	N cases
"""

import collections
import os
import random
import re
import sys
import time

import harness
from diff import bodies, gohttp, gojson, real, recorder
from harness import Failed, Skip, case, check, main

LONG = int(sys.argv[2]) if sys.argv[1:2] == ["long"] else 0
SEED = int(os.environ.get("SEED") or random.randrange(1 << 32))
BATCH = 100
# seconds of CI, or shares of the cases of a long run
SHARES = {"bodies": (22, .85), "connections": (12, .1468),
          "engine bodies": (18, .0002), "engine requests": (4, .003)}
SHOWN = 3               # differences of a kind, in full
PASS_MIN = .2           # else it is a test of refusals only
PASS_CASES = 500        # fewer say nothing about it


class Tally:
    """How many cases there were, what became of them, what differed."""

    def __init__(self, what):
        self.what = what
        self.seconds, share = SHARES[what]
        self.cases = int(LONG * share)
        self.count = collections.Counter()
        self.kinds = collections.Counter()
        self.differences = []
        self.done = 0
        self.begin = time.monotonic()
        self.rng = random.Random("%s %d" % (what, SEED))

    def more(self):
        if LONG:
            return self.done < self.cases
        return time.monotonic() - self.begin < self.seconds

    def add(self, result, data, difference=None, kind=None):
        self.done += 1
        self.count[result] += 1
        if kind:
            self.kinds[kind] += 1
        if difference:
            self.differences.append((difference, data))
            self.kinds[difference[:40]] += 1
            if self.kinds[difference[:40]] <= SHOWN:
                print("difference: %.2000s\n  sent: %.9000r" %
                      (difference, data), flush=True)

    def end(self, passed):
        """passed: how many went on to the engine."""
        print("# %s: seed %d, %d cases, %d differences, %d%% passed, %d/s; "
              "%s" % (self.what, SEED, self.done, len(self.differences),
                      100 * passed / max(self.done, 1), self.done /
                      (time.monotonic() - self.begin), ", ".join(
                          "%s %d" % c for c in self.count.most_common(12))))
        if self.kinds:
            print("#   refused for: " + ", ".join(
                "%s %d" % c for c in self.kinds.most_common(16)))
        sys.stdout.flush()
        if self.differences:
            raise Failed("%d differences; the first: %s" %
                         (len(self.differences), self.differences[0][0]))
        check(self.done >= (self.cases if LONG else 1), "no case was run")
        check(passed >= PASS_MIN * self.done or
              0 < passed and self.done < PASS_CASES,
              "only %d of %d passed" % (passed, self.done))


def reason(text):
    """The kind of a refusal, without what is the case's own."""
    text = re.sub(r"\[[^]]*\]", "", text or "?")
    text = re.sub(r"(Forbidden - )?(field )?[A-Z][\w.]*(?= )", "F", text)
    return re.sub(r"[^A-Za-z ].*", "", text)[:36].strip()


@case("bodies at the recorder")
def body_cases():
    tally, r = Tally("bodies"), recorder.Recorder()
    seeds = bodies.seeds()

    def report(one, answer, found):
        tally.add("passed" if answer.status == recorder.FORWARDED else
                  str(answer.status), one[1:], found,
                  None if answer.status == recorder.FORWARDED else
                  reason(answer.message))

    while tally.more():
        recorder.run_bodies(r, [bodies.case(tally.rng, tally.rng.choice(
            seeds)) for _ in range(BATCH)], report)
    tally.end(tally.count["passed"])


@case("connections at the recorder, and the log")
def connection_cases():
    tally, r = Tally("connections"), recorder.Recorder(log=True)
    judged, trailers = [], 0
    while tally.more():
        data = gohttp.case(tally.rng)
        trailers += gohttp.read(data)[0][-1].stop.startswith("trailer")
        try:
            statuses, new = recorder.run_connection(r, data)
            judged += new
            tally.add(" ".join(map(str, statuses[:-1])) or "only the last",
                      data)
            tally.count["requests that passed"] += len(new)
            if tally.done % BATCH == 0:
                recorder.check_log(r, judged)
                judged = []
        except recorder.Difference as e:
            tally.add("differs", data, str(e))
            r.forget()
            judged = []
    check(tally.done < PASS_CASES or trailers > tally.done / 200,
          "%d of %d cases have a trailer that frames" % (trailers,
                                                         tally.done))
    tally.end(tally.count["299"])


_real = []


def engine():
    if not _real:
        try:
            _real.append(real.Real())
        except RuntimeError as e:
            raise Skip(str(e)) from None
    return _real[0]


@case("bodies at a real dockerd, and what it shows")
def engine_body_cases():
    e, tally = engine(), Tally("engine bodies")
    seeds = [s for s in bodies.seeds() if s[0] in real.KINDS]
    while tally.more():
        kind, target, body = bodies.case(tally.rng, tally.rng.choice(seeds))
        target = re.sub("^(/v1[.][0-9]+)?", "/v1.41", target)
        try:
            tally.add(e.body(kind, target, body), body)
        except recorder.Difference as e2:
            tally.add("differs", body, str(e2))
    tally.end(tally.done - tally.count["refused"])


@case("requests at a real dockerd, and its errors")
def engine_request_cases():
    e, tally = engine(), Tally("engine requests")
    while tally.more():
        data = gohttp.one(tally.rng, tally.rng.random() < .6)
        try:
            tally.add(e.http(data), data)
        except recorder.Difference as e2:
            tally.add("differs", data, str(e2))
    tally.end(tally.count["same"])


if __name__ == "__main__":
    if LONG:
        del sys.argv[1:]
    try:
        main()
    finally:
        for one in _real:
            one.close()
