#!/usr/bin/env python3
"""Writes the SQL files that the program brings into Swift, so that they lie in the binary.

    Scripts/embed-sets.py           write the Swift files in their folders Generated
    Scripts/embed-sets.py --check   fail where they are not what the SQL files say

Each folder of SQL files becomes a file of Swift: the bundled sets of migrations, and what the
program makes its own objects by. A file that lies in Sources/MODULE/SQL itself holds queries, of
which each becomes a function (Scripts/queries.py).
"""
import pathlib
import sys

import queries

root = pathlib.Path(__file__).resolve().parent.parent
# Where folders of SQL files are, the type that takes them, and who may name them.
places = [
    ("Sources/MigrationFiles/Sets", "BundledFiles", ""),
    ("Sources/OwnSchema", "FerryFiles", "package "),
    ("Sources/Journal", "JournalFiles", ""),
    ("Sources/Embedding", "CacheFiles", ""),
]

# Modules whose queries are SQLite's.
sqlite = {"Journal", "Embedding", "LibraryFiles"}


def literal(text: str) -> str:
    """A raw string literal that no text of the file can end or interpolate into."""
    marks = "#"
    while f'"""{marks}' in text or f"\\{marks}" in text:
        marks += "#"
    return f'{marks}"""\n{text}\n"""{marks}'


def swift(folder: pathlib.Path, owner: str, access: str) -> str:
    name = folder.name
    member = name.split("_")[0] + "".join(word.title() for word in name.split("_")[1:])
    entries = []
    for file in sorted(folder.glob("*.sql")):
        # The literal's last line break is not part of the text.
        entries.append(f'    (\n      "{file.name}",\n{literal(file.read_text())}\n    )')
    body = ",\n".join(entries)
    return (
        f"// Written by Scripts/embed-sets.py from {folder.relative_to(root)}; "
        "do not edit.\n// swift-format-ignore-file\n\n"
        f"extension {owner} {{\n"
        f"  {access}static let {member}: [(name: String, text: String)] = [\n{body}\n  ]\n}}\n"
    )


def declaration(place: str, owner: str, access: str) -> str:
    return (
        "// Written by Scripts/embed-sets.py; do not edit.\n\n"
        f"/// The files of SQL below {place}/SQL, folder by folder.\n{access}enum {owner} {{}}\n"
    )


def wanted_files() -> dict[pathlib.Path, str]:
    wanted = {}
    for place, owner, access in places:
        wanted[root / place / "Generated" / f"{owner}.swift"] = declaration(place, owner, access)
        for folder in sorted((root / place / "SQL").iterdir()):
            if folder.is_dir():
                wanted[root / place / "Generated" / f"{folder.name}.swift"] = swift(
                    folder, owner, access)
    for file in sorted(root.glob("Sources/*/SQL/*.sql")):
        module = file.parent.parent
        dialect = "SQLite" if module.name in sqlite else "PostgreSQL"
        wanted[module / "Generated" / f"{queries.type_name(file)}.swift"] = queries.swift(
            file, root, module.name, dialect)
    return wanted


def found_files() -> list[pathlib.Path]:
    return list(root.glob("Sources/*/Generated/*.swift")) + list(
        root.glob("Sources/*/*/Generated/*.swift"))


def main() -> int:
    wanted = wanted_files()
    if sys.argv[1:] == ["--check"]:
        if {file: file.read_text() for file in found_files()} != wanted:
            print("SQL in Swift is stale: run Scripts/embed-sets.py", file=sys.stderr)
            return 1
        return 0
    for file in found_files():
        if file not in wanted:
            file.unlink()
    for file, text in wanted.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return 0


sys.exit(main())
