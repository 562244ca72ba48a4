# SPDX-License-Identifier: ISC
"""A checker for that part of JSON Schema which docs/log.schema.json uses.
A word that it does not know is an error: nothing is passed over."""

import json
import os
import re

from harness import TREE, check

SCHEMA = os.path.join(TREE, "docs", "log.schema.json")
NOTES = {"$schema", "title", "description", "$defs"}
TYPES = {"object": dict, "string": str, "integer": int}


def load(path=SCHEMA):
    with open(path) as f:
        return json.load(f)


def unique(pairs):
    """For json.loads(): a member stands once."""
    names = [name for name, _ in pairs]
    check(len(names) == len(set(names)), "a member twice: %r" % names)
    return dict(pairs)


def errors(value, schema, root, at="line"):
    """What is wrong with it; empty: nothing."""
    out = []
    for word, arg in schema.items():
        if word in NOTES:
            continue
        out += WORDS[word](value, arg, schema, root, at)
    return out


def _ref(value, arg, schema, root, at):
    node = root
    for part in arg.lstrip("#/").split("/"):
        node = node[part]
    return errors(value, node, root, at)


def _one_of(value, arg, schema, root, at):
    tried = [errors(value, one, root, at) for one in arg]
    passed = sum(not t for t in tried)
    if passed == 1:
        return []
    return ["%s: %d of %d forms hold: %r" % (at, passed, len(arg), tried)]


def _type(value, arg, schema, root, at):
    good = isinstance(value, TYPES[arg]) and not isinstance(value, bool)
    return [] if good else ["%s: not of type %s: %r" % (at, arg, value)]


def _properties(value, arg, schema, root, at):
    return [e for name, one in arg.items() if name in value
            for e in errors(value[name], one, root, at + "." + name)]


def _required(value, arg, schema, root, at):
    return ["%s: no %s" % (at, name) for name in arg if name not in value]


def _additional(value, arg, schema, root, at):
    assert arg is False
    return ["%s: %s is not known" % (at, name) for name in value
            if name not in schema["properties"]]


def test(good, what):
    """A word whose rule is a predicate of value and argument."""
    def word(value, arg, schema, root, at):
        return [] if good(value, arg) else ["%s: %r %s %r" % (
            at, value, what, arg)]
    return word


WORDS = {
    "$ref": _ref, "oneOf": _one_of, "type": _type,
    "properties": _properties, "required": _required,
    "additionalProperties": _additional,
    "const": test(lambda v, a: v == a, "is not"),
    "enum": test(lambda v, a: v in a, "is none of"),
    "pattern": test(lambda v, a: isinstance(v, str) and re.search(a, v),
                    "does not match"),
    "minimum": test(lambda v, a: isinstance(v, int) and v >= a, "is under"),
    "maximum": test(lambda v, a: isinstance(v, int) and v <= a, "is over"),
    "maxLength": test(lambda v, a: len(v) <= a, "is longer than"),
}
