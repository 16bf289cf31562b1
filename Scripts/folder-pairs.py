#!/usr/bin/env python3
"""Finds folders of one target that need each other both ways.

    folder-pairs.py [--check] [SOURCES]

A folder needs another one where its files name a type that the other one declares. Files that lie
in the target itself are a folder of their own. For each pair it prints which types are named, and
where. With --check it fails where there is any.
"""

import collections
import os
import re
import sys

DECLARATION = re.compile(
    r"^(?:(?:public|internal|package|fileprivate|private|final|indirect|@\w+(?:\([^)]*\))?)\s+)*"
    r"(struct|enum|class|actor|protocol|typealias)\s+(\w+)", re.MULTILINE)
PRIVATE = re.compile(r"\b(?:fileprivate|private)\b")
WORD = re.compile(r"\b[A-Z]\w*\b")


def without_comments_and_texts(text):
    """The code alone; what is interpolated into a text stays."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
    text = re.sub(r"//[^\n]*", " ", text)
    interpolations = re.findall(r"\\\(([^()]*(?:\([^()]*\)[^()]*)*)\)", text)
    text = re.sub(r'"""(?:.|\n)*?"""', " ", text)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"', " ", text)
    return text + "\n" + "\n".join(interpolations)


def swift_files(directory):
    for place, folders, names in os.walk(directory):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".swift"):
                yield os.path.join(place, name)


def folder_of(path, target):
    parts = os.path.relpath(path, target).split(os.sep)
    return parts[0] if len(parts) > 1 else "(the target itself)"


def needs(target):
    """Which folder names which types of which other one: {(from, to): {type: file}}."""
    code, owner, doubled = {}, {}, set()
    for path in swift_files(target):
        with open(path, encoding="utf-8") as file:
            code[path] = without_comments_and_texts(file.read())
        for match in DECLARATION.finditer(code[path]):
            if PRIVATE.search(match.group(0)):
                continue
            folder = folder_of(path, target)
            if owner.setdefault(match.group(2), folder) != folder:
                doubled.add(match.group(2))
    found = collections.defaultdict(dict)
    for path, text in code.items():
        here = folder_of(path, target)
        for word in set(WORD.findall(text)):
            there = owner.get(word, here)
            if there != here and word not in doubled:
                found[here, there].setdefault(word, os.path.basename(path))
    return found


def main():
    words = [word for word in sys.argv[1:] if word != "--check"]
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir)
    sources = words[0] if words else os.path.normpath(os.path.join(root, "Sources"))
    pairs = 0
    for name in sorted(os.listdir(sources)):
        target = os.path.join(sources, name)
        if not os.path.isdir(target):
            continue
        found = needs(target)
        for here, there in sorted(found):
            if here > there or (there, here) not in found:
                continue
            pairs += 1
            print("%s: %s and %s" % (name, here, there))
            for one, other in ((here, there), (there, here)):
                named = sorted(found[one, other].items())
                print("  %s names %s" % (
                    one, ", ".join("%s (%s)" % (word, file) for word, file in named)))
    print("%d pair%s of folders that need each other" % (pairs, "" if pairs == 1 else "s"))
    return 1 if pairs and "--check" in sys.argv else 0


sys.exit(main())
