#!/usr/bin/env python3
"""Writes the bundled sets of SQL migrations into Swift, so that they lie in the binary.

    Scripts/embed-sets.py           write Sources/Schema/Sets/Generated/*.swift
    Scripts/embed-sets.py --check   fail where they are not what the SQL files say
"""
import pathlib
import sys

root = pathlib.Path(__file__).resolve().parent.parent
source = root / "Sources/Schema/Sets/SQL"
target = root / "Sources/Schema/Sets/Generated"


def literal(text: str) -> str:
    """A raw string literal that no text of the file can end or interpolate into."""
    marks = "#"
    while f'"""{marks}' in text or f"\\{marks}" in text:
        marks += "#"
    return f'{marks}"""\n{text}\n"""{marks}'


def swift(folder: pathlib.Path) -> str:
    name = folder.name
    member = name.split("_")[0] + "".join(word.title() for word in name.split("_")[1:])
    entries = []
    for file in sorted(folder.glob("*.sql")):
        # The literal's last line break is not part of the text.
        entries.append(f'    (\n      "{file.name}",\n{literal(file.read_text())}\n    )')
    body = ",\n".join(entries)
    return (
        f"// Written by Scripts/embed-sets.py from Sources/Schema/Sets/SQL/{name}; "
        "do not edit.\n// swift-format-ignore-file\n\n"
        "extension BundledFiles {\n"
        f"  static let {member}: [(name: String, text: String)] = [\n{body}\n  ]\n}}\n"
    )


def main() -> int:
    wanted = {f"{folder.name}.swift": swift(folder) for folder in sorted(source.iterdir()) if folder.is_dir()}
    if sys.argv[1:] == ["--check"]:
        found = {file.name: file.read_text() for file in target.glob("*.swift")}
        if found != wanted:
            print("Sources/Schema/Sets/Generated is stale: run Scripts/embed-sets.py", file=sys.stderr)
            return 1
        return 0
    target.mkdir(exist_ok=True)
    for file in target.glob("*.swift"):
        if file.name not in wanted:
            file.unlink()
    for name, text in wanted.items():
        (target / name).write_text(text)
    return 0


sys.exit(main())
