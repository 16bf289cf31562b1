#!/usr/bin/env python3
"""Draws comments and messages at random, to be read by somebody who does not know the program.

    draw-texts.py [--seed NUMBER] [--count 10] [SOURCES]

Prints as many comments of declarations, each with the line that it stands before, and as many texts
that people are shown. Whoever reads them says of each what it means; what needs a second reading is
written anew. Without --seed each run draws others, and says by which number it can be repeated.
"""

import argparse
import os
import random
import re
import textwrap

STATEMENT = re.compile(r"^\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|WITH|SET|PRAGMA|DO)\b")
# Texts that are sentences or the greater part of one.
WORDS = 5


def swift_files(directory):
    for place, folders, names in os.walk(directory):
        folders.sort()
        for name in sorted(names):
            # What is generated is no prose of this program.
            if name.endswith(".swift") and "Generated" not in place:
                yield os.path.join(place, name)


def comments(path, lines):
    """Each comment of a declaration, with the line that it describes."""
    block = []
    for number, line in enumerate(lines, start=1):
        stripped = line.strip()
        if stripped.startswith("///"):
            block.append(stripped[3:].strip())
            continue
        if block:
            yield path, number, " ".join(word for word in block if word), stripped
        block = []


def literals(line):
    """The texts between quotes; a text goes on behind a value that has quotes of its own."""
    start, depth, inner, place = None, 0, False, 0
    while place < len(line):
        mark = line[place]
        if mark == "\\" and start is not None:
            if line[place + 1 : place + 2] == "(" and depth == 0:
                depth = 1
            place += 2
            continue
        if depth:
            inner ^= mark == '"'
            if not inner:
                depth += (mark == "(") - (mark == ")")
        elif mark == '"':
            if start is not None:
                yield line[start:place]
            start = place + 1 if start is None else None
        place += 1


def words(literal):
    """How many words a text has; a value counts as one."""
    text, depth = "", 0
    for place, mark in enumerate(literal):
        opens = mark == "(" and (depth or literal[place - 1 : place] == "\\")
        text += mark if not depth and not opens else ""
        depth += bool(opens) - (mark == ")" and depth > 0)
    return len(text.split())


def messages(path, lines):
    """Each text of several words; parts that are joined by + are one text."""
    text, begun = "", 0
    for number, line in enumerate(lines + [""], start=1):
        stripped = line.strip()
        joins = stripped.startswith("+ \"")
        if text and not joins:
            yield path, begun, text, ""
            text = ""
        if stripped.startswith("//"):
            continue
        for literal in literals(line):
            if joins and text:
                text += literal
            elif words(literal) >= WORDS and not STATEMENT.match(literal):
                text, begun = literal, number


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("sources", nargs="?", default="Sources")
    options = parser.parse_args()
    found = {"Comments": [], "Messages": []}
    for path in swift_files(options.sources):
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
        found["Comments"] += comments(path, lines)
        found["Messages"] += messages(path, lines)
    drawing = random.Random(options.seed)
    for title, texts in found.items():
        print(f"{title} ({options.count} of {len(texts)}, --seed {options.seed})\n")
        for path, number, text, line in drawing.sample(texts, min(options.count, len(texts))):
            print(f"{path}:{number}")
            print(textwrap.indent(textwrap.fill(text, 96), "    "))
            if line:
                print(f"    > {line}")
            print()


main()
