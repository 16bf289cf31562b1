#!/usr/bin/env python3
"""Writes BENCHMARKS.md and its plots from results alone.

    page.py DOCS [--collect VECTOR_FERRY FOLDER RESULTS]

With --collect, DOCS/benchmarks.json is made first: the machine, the versions of the program and of
the server that it starts in FOLDER, and what the benchmarks have written to RESULTS/NAME.json.
DOCS/BENCHMARKS.md and DOCS/plots are made from DOCS/benchmarks.json.
"""
import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import re
import subprocess
import sys
import textwrap

import common
import plot

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
V3 = {"avx", "avx2", "fma", "bmi1", "bmi2"}
V4 = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}

OPENING = f"""\
`Benchmarks/run.sh page` has measured these figures and written this page, its plots and
[benchmarks.json](benchmarks.json), which has every single measurement. No figure is typed by hand.
What is compared runs in turns, on the same server. A time is the median of all rounds, with the
fastest and the slowest round in brackets; so is a ratio, of the pairs of each round. Memory is the
highest of a process in all rounds, without the server's. PostgreSQL has its ordinary settings, with
`fsync` on. Vectors are invented: with {common.RANK} directions whose scale falls, and little noise.
Files have lain still, no backup is made, and no index is built."""

SECTIONS = {
    "end-to-end": ("A migration", """\
`migrate` reads a store, fits a model, measures it, loads the rows, reads them back and compares
them. The Python that it is compared with reads the pickle as an array, reduces it by scikit-learn's
fastest solver, and loads it by a binary COPY; it checks nothing. The bare COPY sends the rows that
`migrate` has written, as they lie in memory: what the server alone needs."""),
    "small-stores": ("Many small stores", """\
The same number of rows in one store and in many of them. Each store is a transaction of its own,
and has a model of its own or the one that all share (`--projection shared`), which the run fits
first. With two jobs the run migrates two stores at the same time."""),
    "verify": ("Verify", """\
`verify` compares every row with its files, and searches for some of them. It is compared with the
migration of the same store where a shared model is there already, so that nothing is fitted, and
with a COPY of the rows to the client, in binary, which is thrown away."""),
    "dry-run": ("Dry run", """\
`migrate --dry-run` reads, checks and fits as the live run does, and also measures what each other
reduction would keep. It sends no row."""),
    "cold-start": ("The shortest runs", """\
From the start of the process to its end, on a server that runs. The first run makes the table, the
ledger and the functions. The next one migrates another store of the same size. The last one finds
nothing to do. `psql` with one query shows what a process and a connection take."""),
}
PLOTS = {
    "benchmarks-speed.svg": (
        "Rows per second by size of the store", "rows/s",
        lambda line: (line["rows"] / line["median"], line["rows"] / max(line["seconds"]),
                      line["rows"] / min(line["seconds"]))),
    "benchmarks-memory.svg": (
        "Highest memory of the process by size of the store", "MB",
        lambda line: (line["memory_mb"],) * 3),
}


def output_of(*words):
    """Returns what a command prints; nothing where it does not run."""
    try:
        return subprocess.run(words, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def field(path, name):
    """Returns a value of a file of lines `name: value`; nothing where it has none."""
    with open(path) as file:
        found = re.search(rf"^{name}\s*: (.*)$", file.read(), re.MULTILINE)
    return found[1] if found else ""


def arithmetic():
    """Names the level of kernels that the program takes on this processor."""
    flags = set(field("/proc/cpuinfo", "flags").split())
    level = "v4" if V3 | V4 <= flags else "v3" if V3 <= flags else "portable"
    level = os.environ.get("VECTOR_FERRY_CPU", level)
    return {"v4": "AVX-512 (v4)", "v3": "AVX2 (v3)"}.get(level, level)


def commit(program):
    """Names the commit that the program was built from, as far as that can be known."""
    if not os.path.realpath(program).startswith(f"{ROOT}/.build/"):
        return "unknown: the program was not built here"
    changed = output_of("git", "status", "--porcelain", "--untracked-files=no", "--",
                        "Package.swift", "Sources", "Benchmarks")
    return (output_of("git", "rev-parse", "--short=12", "HEAD") or "unknown") + (
        ", with changes that are not committed" if changed else "")


def machine(program, folder):
    """Describes the machine and the versions."""
    ferry = common.Ferry(program, folder)
    with ferry.server():
        server = ferry.query("SHOW server_version")
        vector = ferry.query("SELECT default_version FROM pg_available_extensions "
                             "WHERE name = 'vector'")
    packages = ", ".join(f"{name} {importlib.metadata.version(package)}" for name, package in (
        ("NumPy", "numpy"), ("scikit-learn", "scikit-learn"), ("psycopg", "psycopg")))
    return {
        "processor": field("/proc/cpuinfo", "model name") or platform.machine(),
        "cores": str(len(os.sched_getaffinity(0))),
        "arithmetic": arithmetic(),
        "memory": f"{int(field('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.1f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "server": f"PostgreSQL {server}, pgvector {vector}",
        "compared with": f"Python {platform.python_version()}, {packages}",
        "program": ferry.ask("--version"),
        "commit": commit(program),
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
    }


def collect(program, folder, results):
    """Returns everything that the page shows."""
    measured = {}
    for name in SECTIONS:
        with open(f"{results}/{name}.json") as file:
            measured[name] = json.load(file)
    return {"machine": machine(program, folder), "benchmarks": measured}


def seconds(line):
    """Returns the time of a line with its spread."""
    digits = 2 if line["median"] >= 1 else 3
    values = (line["median"], min(line["seconds"]), max(line["seconds"]))
    return "{} s ({} to {})".format(*(f"{value:.{digits}f}" for value in values))


def times(ratio):
    """Returns a ratio with its spread."""
    return "{:.2f} × ({:.2f} to {:.2f})".format(
        ratio["median"], min(ratio["pairs"]), max(ratio["pairs"]))


def table(tables):
    """Returns the rows of one benchmark's table, a list of cells each."""
    besides = list(dict.fromkeys(ratio["beside"] for one in tables for ratio in one["ratios"]))
    yield ["rows", "what", "time", "rows/s", "memory", *(f"as fast as {name}" for name in besides)]
    for one in tables:
        for line in one["lines"]:
            cells = [f"{one['rows']:,}", line["name"], seconds(line),
                     f"{line['rows'] / line['median']:,.0f}" if line["rows"] else "",
                     f"{line['memory_mb']:,.0f} MB" if line["memory_mb"] is not None else ""]
            yield cells + [" ".join(
                times(ratio) for ratio in one["ratios"]
                if (ratio["name"], ratio["beside"]) == (line["name"], name)) for name in besides]


def markdown(rows):
    """Returns a table as Markdown; the first row is its head."""
    head, *others = rows
    def line(cells):
        return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"

    return "\n".join([line(head), "|" + "---|" * len(head), *map(line, others)])


def paragraph(words):
    """Returns a paragraph in lines of at most 100 columns."""
    return textwrap.fill(" ".join(words.split()), 100, break_on_hyphens=False,
                         break_long_words=False)


def section(name, tables):
    """Returns one benchmark's part of the page."""
    heading, prose = SECTIONS[name]
    rounds = ", ".join(dict.fromkeys(str(one["rounds"]) for one in tables))
    commands = dict.fromkeys(one["command"] for one in tables)
    parts = [f"## {heading}", paragraph(prose),
             "\n".join(f"    {command}" for command in commands),
             f"Vectors of {tables[0]['dimensions']:,} dimensions, medians of {rounds} rounds:",
             markdown(table(tables))]
    if name == "end-to-end":
        parts += [f"![{title}](plots/{file})" for file, (title, _, _) in PLOTS.items()]
    return "\n\n".join(parts)


def page(facts):
    """Returns the whole page."""
    described = [["", "measured on"], *([name, value] for name, value in facts["machine"].items())]
    return "\n\n".join([
        "# Benchmarks", paragraph(OPENING), markdown(described),
        *(section(name, tables) for name, tables in facts["benchmarks"].items())]) + "\n"


def drawing(title, unit, value, tables):
    """Returns a plot of a value by number of rows, for lines that were whole processes."""
    series = {}
    for one in tables:
        for line in one["lines"]:
            if line["memory_mb"] is not None:
                series.setdefault(line["name"], []).append((one["rows"], *value(line)))
    return plot.lines(title, "rows", unit, {
        name: sorted(points) for name, points in series.items()})


def write(place, facts):
    """Writes the page and its plots."""
    os.makedirs(f"{place}/plots", exist_ok=True)
    with open(f"{place}/BENCHMARKS.md", "w") as file:
        file.write(page(facts))
    for name, (title, unit, value) in PLOTS.items():
        with open(f"{place}/plots/{name}", "w") as file:
            file.write(drawing(title, unit, value, facts["benchmarks"]["end-to-end"]))
    print(f"{place}/BENCHMARKS.md")


def main():
    parser = argparse.ArgumentParser(description="Writes BENCHMARKS.md and its plots from results.")
    parser.add_argument("docs", type=os.path.abspath)
    parser.add_argument("--collect", nargs=3, type=os.path.abspath,
                        metavar=("VECTOR_FERRY", "FOLDER", "RESULTS"))
    options = parser.parse_args()
    try:
        if options.collect:
            facts = collect(*options.collect)
            os.makedirs(options.docs, exist_ok=True)
            with open(f"{options.docs}/benchmarks.json", "w") as file:
                json.dump(facts, file, indent=1)
        with open(f"{options.docs}/benchmarks.json") as file:
            write(options.docs, json.load(file))
    except OSError as error:
        sys.exit(f"page.py: {error}")


main()
