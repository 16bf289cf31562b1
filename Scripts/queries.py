"""Reads files of SQL queries, and writes each of them as a function of Swift.

A query begins with a comment that says what it does, and a line that names it:

    -- Finds the unique indexes of a table that have a column in their key.
    -- query uniqueIndexes(table: Int, column: String)
    SELECT … WHERE i.indrelid = :'table'::oid AND a.attname = :'column';

`query` is one statement, `script` several, and `part` a piece that other queries contain. Values
stand in the text as psql's variables:

    :'name'   a value, which is sent beside the text; of the type Literal, a constant in the text
    :"name"   an Identifier
    :name     a piece of SQL, a QualifiedName, or a whole number that must be in the text

SQLite knows no such variables: there values are numbered (?1), and :name is a piece of text.
"""
import pathlib
import re

HEADER = re.compile(r"^(query|script|part) (\w+)(?:\((.*)\))?$")
# What psql does not look into, and its variables. A body between dollar signs is no such place
# here: psql puts nothing into it, but the program does.
TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|::|:'(\w+)'|:\"(\w+)\"|:([A-Za-z_]\w*)", re.DOTALL)
# Types that the module Postgres does not have, and theirs.
IMPORTS = {"UUIDValue": "Digests"}
PIECES = {"SQL", "QualifiedName"}


class Query:
    """One query of a file, with its comment, kind, name, parameters and text."""

    def __init__(self, comment: list[str], signature: str, text: str, place: str):
        match = HEADER.match(signature)
        if not match or not comment:
            raise SystemExit(f"{place}: a query needs a comment and a line `-- query name(…)`")
        self.comment, self.place = comment, place
        self.kind, self.name = match[1], match[2]
        given = [piece.split(":") for piece in (match[3] or "").split(",") if piece.strip()]
        self.parameters = {name.strip(): kind.strip() for name, kind in given}
        # The end of a statement is psql's, not the server's.
        if self.kind == "query":
            if not text.endswith(";"):
                raise SystemExit(f"{place}: {self.name} does not end with a semicolon")
            text = text[:-1]
        self.text = text

    def literal(self, dialect: str) -> str:
        """The text as a raw string literal of Swift, with its values put in."""
        marks = "#"
        while f'"""{marks}' in self.text or f"\\{marks}" in self.text:
            marks += "#"
        used = set()

        def put(match: re.Match) -> str:
            name = match[1] or match[2] or match[3]
            if name is None:
                return match[0]
            if name not in self.parameters:
                raise SystemExit(f"{self.place}: {self.name} has no parameter for {match[0]}")
            kind = self.parameters[name]
            form = "value" if match[1] else "name" if match[2] else "text"
            if form != self.form(kind, form, dialect):
                raise SystemExit(
                    f"{self.place}: {self.name} writes a value of the type {kind} as {match[0]}")
            used.add(name)
            number = "number: " if form == "text" and kind == "Int" else ""
            return f"\\{marks}({number}{name})"

        text = TOKEN.sub(put, self.text)
        unused = set(self.parameters) - used
        if unused:
            raise SystemExit(f"{self.place}: {self.name} does not use {', '.join(sorted(unused))}")
        return f'{marks}"""\n{text}\n"""{marks}'

    @staticmethod
    def form(kind: str, form: str, dialect: str) -> str:
        """How a value of this type is written; an Int both ways."""
        if dialect == "SQLite" or kind in PIECES:
            return "text"
        if kind == "Identifier":
            return "name"
        return form if kind == "Int" and form == "text" else "value"

    def swift(self, dialect: str) -> str:
        kind = "SQL" if dialect == "PostgreSQL" else "String"
        comment = "".join(f"  ///{' ' if line else ''}{line}\n" for line in self.comment)
        if not self.parameters:
            return f"{comment}  static let {self.name}: {kind} = {self.literal(dialect)}\n"
        pieces = [f"{name}: {kind}" for name, kind in self.parameters.items()]
        line = f"  static func {self.name}({', '.join(pieces)}) -> {kind} {{"
        if len(line) > 100:
            line = (f"  static func {self.name}(\n    " + ",\n    ".join(pieces)
                    + f"\n  ) -> {kind} {{")
        return f"{comment}{line}\n{self.literal(dialect)}\n  }}\n"


def read(file: pathlib.Path) -> list[Query]:
    """The queries of a file."""
    lines = file.read_text().split("\n")
    # A header begins after an empty line, and ends with the last line of its signature.
    found, number = [], 0
    while number < len(lines):
        begin = number
        while number < len(lines) and lines[number].startswith("--"):
            number += 1
        block = [line[2:].strip() for line in lines[begin:number]]
        starts = [place for place, line in enumerate(block) if HEADER.match(line.split("(")[0])]
        at_start = begin == 0 or lines[begin - 1] == ""
        if at_start and starts:
            found.append((begin, number, block[:starts[0]], " ".join(block[starts[0]:])))
        number = max(number, begin + 1)
    if not found or "".join(lines[:found[0][0]]).strip():
        raise SystemExit(f"{file}: a file of queries begins with a query's comment")
    queries = []
    for place, (_, begin, comment, signature) in enumerate(found):
        end = found[place + 1][0] if place + 1 < len(found) else len(lines)
        text = "\n".join(lines[begin:end]).strip("\n")
        queries.append(Query(comment, signature, text, f"{file}:{begin}"))
    names = [query.name for query in queries]
    if len(set(names)) < len(names):
        raise SystemExit(f"{file}: two queries have one name")
    return queries


def type_name(file: pathlib.Path) -> str:
    """The type of a file's queries: that of index_catalogue.sql is IndexCatalogueQueries."""
    return "".join(word[:1].upper() + word[1:] for word in file.stem.split("_")) + "Queries"


def swift(file: pathlib.Path, root: pathlib.Path, module: str, dialect: str) -> str:
    """A file of Swift with a function for each query."""
    queries = read(file)
    kinds = {kind.rstrip("?") for query in queries for kind in query.parameters.values()}
    imports = {IMPORTS[kind] for kind in kinds if kind in IMPORTS}
    if dialect == "PostgreSQL":
        imports.add("Postgres")
    lines = "".join(f"internal import {name}\n" for name in sorted(imports - {module}))
    return (
        f"// Written by Scripts/embed-sets.py from {file.relative_to(root)}; do not edit.\n"
        f"// swift-format-ignore-file\n\n{lines}{chr(10) if lines else ''}"
        f"/// The SQL of {file.name}.\nenum {type_name(file)} {{\n"
        + "\n".join(query.swift(dialect) for query in queries) + "}\n")
