# SPDX-License-Identifier: ISC
"""As much of Markdown as the documents use: blocks, links, headings, tables.
And as much of a shell line as it takes to find a command in it."""

import re
import shlex

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.M | re.S)
INLINE = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
USE = re.compile(r"\]\[([\w-]+)\]")
DEFINITION = re.compile(r"^\[([\w-]+)\]: (\S+)$", re.M)


def blocks(text, kind):
    """The contents of all blocks that are marked so."""
    return [m.group(3) for m in FENCE.finditer(text) if m.group(2) == kind]


def prose(text):
    """The text without its blocks."""
    return FENCE.sub("", text)


def targets(text):
    """What the links lead to."""
    text = prose(text)
    return INLINE.findall(text) + [t for _, t in DEFINITION.findall(text)]


def dangling(text):
    """Names of links that are used and not defined, or the other way."""
    text = prose(text)
    return set(USE.findall(text)) ^ {n for n, _ in DEFINITION.findall(text)}


def anchors(text):
    """What may stand behind '#', as GitHub makes it of the headings."""
    found = set()
    for title in re.findall(r"^#+ +(.*?) *$", prose(text), re.M):
        title = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", title)
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        n = 0
        while (slug if n == 0 else "%s-%d" % (slug, n)) in found:
            n += 1
        found.add(slug if n == 0 else "%s-%d" % (slug, n))
    return found


def quoted(text):
    """What stands in backticks."""
    return re.findall(r"`([^`\n]+)`", prose(text))


def section(text, title):
    """What stands under a heading, up to the next of its level or above."""
    m = re.search(r"^(#+) %s\n" % re.escape(title), text, re.M)
    if m is None:
        return ""
    rest = text[m.end():]
    end = re.search(r"^#{1,%d} " % len(m.group(1)), rest, re.M)
    return rest[:end.start()] if end else rest


def rows(text):
    """Tables: lists of cells, without the rules below the headings."""
    found = []
    for line in prose(text).splitlines():
        if line.startswith("|") and not re.match(r"^\|[\s:|-]+\|$", line):
            found.append([c.strip() for c in
                          re.split(r"(?<!\\)\|", line.strip()[1:-1])])
    return found


def commands(script, name):
    """The arguments of each call of a program in shell lines."""
    found = []
    for line in script.replace("\\\n", " ").splitlines():
        lex = shlex.shlex(line, posix=True, punctuation_chars=True)
        lex.whitespace_split = True
        first, args = True, None
        for word in lex:
            if set(word) & set("|;&<>()"):
                args = None
            elif args is not None:
                args.append(word)
            elif first and word.split("/")[-1] == name:
                args = []
                found.append(args)
            # "!" and "VARIABLE=value" may stand before a command
            first = bool(set(word) & set("|;&(") or word == "!" or
                         (first and "=" in word))
    return [args for args in found if args and args[0].startswith("-")]
