#!/usr/bin/env python3
"""Finds SQL of more than three lines in the Swift below Sources.

    long-sql.py [--check] [SOURCES]

A text is SQL where one of its lines begins with one of SQL's words, in capitals. Texts that stand
in one `+` chain count as one. It prints each with its lines; with --check it fails where there is
any. What Scripts/embed-sets.py has written, in folders Generated, is left out.
"""
import pathlib
import re
import sys

MOST = 3
WORDS = re.compile(
    r"^\s*\(?(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|MERGE INTO|CREATE|ALTER|DROP|TRUNCATE|COPY|"
    r"WITH|FROM|JOIN|LEFT JOIN|INNER JOIN|CROSS JOIN|WHERE|VALUES|SET|GROUP BY|ORDER BY|HAVING|"
    r"LIMIT|UNION|EXCEPT|RETURNING|ON CONFLICT|GRANT|REVOKE|LOCK|PREPARE|EXECUTE|PRAGMA|DO|DECLARE|"
    r"BEGIN|CASE|WHEN|AND|OR|NOT EXISTS|EXISTS)\b", re.MULTILINE)
# Where a text, a comment or a regular expression begins.
START = re.compile(
    r"//[^\n]*|/\*|(#*)(\"\"\"|\")|(?:(?<=[=(,:])|(?<=[=(,:] ))/(?![ */])(?:\\.|[^/\\\n])*/")
PAREN = re.compile(r"(#*)(\"\"\"|\")|[()]")


def text_at(code: str, match: re.Match, inner: list) -> tuple[str, int]:
    """The text that begins here, without what is interpolated, and where it ends."""
    marks, quotes = match[1], match[2]
    stop = re.compile(re.escape(quotes + marks) + "|" + re.escape("\\" + marks))
    text, at = "", match.end()
    while True:
        found = stop.search(code, at)
        if not found:
            raise SystemExit(f"a text has no end: {code[match.start():match.start() + 60]!r}")
        text += code[at:found.start()]
        at = found.end()
        if found[0] == quotes + marks:
            return text, at
        if code[at] != "(":
            text += "\n" if code[at] == "n" else code[at]
            at += 1
            continue
        depth, at = 1, at + 1
        while depth:
            found = PAREN.search(code, at)
            at = found.end()
            if found[2]:
                begin = found.start()
                piece, at = text_at(code, found, inner)
                inner.append((begin, at, piece))
            else:
                depth += 1 if found[0] == "(" else -1
        text += "…"


def texts(code: str):
    """Each text of the code: where it begins and ends, and what it says."""
    at = 0
    while match := START.search(code, at):
        at = match.end()
        if match[0] == "/*":
            depth = 1
            while depth:
                found = re.compile(r"/\*|\*/").search(code, at)
                at = found.end()
                depth += 1 if found[0] == "/*" else -1
        elif match[2]:
            inner = []
            text, at = text_at(code, match, inner)
            yield match.start(), at, text
            yield from inner


def long_ones(code: str):
    """The line and the length of each SQL text that is too long."""
    chain = None
    found = []
    for begin, end, text in sorted(texts(code)):
        if chain and re.fullmatch(r"\s*\+\s*", code[chain[1]:begin]):
            chain = (chain[0], end, chain[2] + "\n" + text)
            found[-1] = chain
        else:
            chain = (begin, end, text)
            found.append(chain)
    for begin, _, text in found:
        lines = len(text.strip("\n ").split("\n"))
        if lines > MOST and WORDS.search(text):
            yield code.count("\n", 0, begin) + 1, lines


def main() -> int:
    words = [word for word in sys.argv[1:] if word != "--check"]
    root = pathlib.Path(__file__).resolve().parent.parent
    sources = pathlib.Path(words[0]) if words else root / "Sources"
    count = 0
    for file in sorted(sources.rglob("*.swift")):
        if "Generated" in file.parts:
            continue
        for line, lines in long_ones(file.read_text()):
            print(f"{file.relative_to(sources.parent)}:{line}: SQL of {lines} lines")
            count += 1
    print(f"{count} text{'' if count == 1 else 's'} of SQL with more than {MOST} lines in Swift")
    return 1 if count and "--check" in sys.argv else 0


sys.exit(main())
