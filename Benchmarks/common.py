"""What the benchmarks of the whole program share.

A benchmark makes an embedded server in a folder of its own, measures what it compares in turns, and
prints a table for each comparison; --json FILE writes a list of the same tables:

- title, command, rows, dimensions, rounds;
- lines: name, rows, seconds of each round, their median, memory_mb (the highest; null where it was
  not measured);
- ratios: how many times as fast a line is as the one that it stands beside (name, beside, pairs of
  each round, their median).
"""
import argparse
import collections
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

DIMENSIONS, TARGET = 3072, 2000
# How many directions the invented vectors have, apart from noise.
RANK = 500
# As everything comes, but for a copy of the files and an index, whose times say nothing of a load.
MIGRATE = ("migrate", "--no-backup", "--yes", "--index", "none")
MAKE_STORE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Scripts/make-store.py")

# The variables that name another database: tables are dropped here.
DATABASES = ("DATABASE_URL", "NEON_DATABASE_URL", "POSTGRES_", "SUPABASE_", "PG")

Measurement = collections.namedtuple("Measurement", "seconds memory")


def parser_of(description, rounds):
    """Makes a parser of the arguments that all benchmarks take."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=os.path.abspath, help="the release binary of vector-ferry")
    parser.add_argument("folder", type=os.path.abspath, help="where server and stores are made")
    parser.add_argument("--rounds", type=count, default=rounds, metavar="N")
    parser.add_argument("--json", type=os.path.abspath, metavar="FILE", help="for the results")
    return parser


def count(word):
    """Reads a number of at least one."""
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{word} is less than 1")
    return number


def run(measure_all, options):
    """Runs a benchmark on a server in its folder; writes the tables that it returns as JSON."""
    ferry = Ferry(options.program, options.folder)
    try:
        if options.json:
            # What cannot be written is found before hours of measuring.
            open(options.json, "w").close()
        with ferry.server():
            tables = [table.facts for table in measure_all(ferry, options)]
        if options.json:
            for facts in tables:
                facts["command"] = command_of(options)
            with open(options.json, "w") as file:
                json.dump(tables, file, indent=1)
    except OSError as error:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


def command_of(options):
    """Returns the command that repeats this benchmark."""
    name = os.path.splitext(os.path.basename(sys.argv[0]))[0]
    words = ["Benchmarks/run.sh", name]
    for option, value in vars(options).items():
        if option in ("program", "folder", "json"):
            continue
        words += map(str, value) if isinstance(value, list) else [f"--{option}", str(value)]
    return " ".join(words)


class Ferry:
    """The program in a folder, with a server and stores of its own there."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(DATABASES)}
        # Nothing else writes to these stores, so there is nothing to wait for.
        self.environment["VECTOR_FERRY_QUIET_SECONDS"] = "0"

    @contextlib.contextmanager
    def server(self):
        """Runs the folder's server."""
        os.makedirs(self.folder, exist_ok=True)
        # Under root the server has an account of its own.
        os.chmod(self.folder, 0o755)
        self.ask("server", "start")
        try:
            yield
        finally:
            self.ask("server", "stop")

    def ask(self, *words):
        """Runs the program and returns what it prints."""
        done = subprocess.run([self.program, *words], cwd=self.folder, env=self.environment,
                              capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"vector-ferry {' '.join(words)}:\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    def query(self, statement):
        """Returns the one value of a query."""
        return self.ask("server", "psql", "-q", "-At", "-c", statement)

    def clean(self):
        """Makes the database as it was before the first run, with nothing left to be written."""
        shutil.rmtree(f"{self.folder}/migration_backup", ignore_errors=True)
        self.ask("server", "psql", "-q",
                 "-c", "DROP TABLE IF EXISTS vector_documents, plain_documents",
                 "-c", "DROP SCHEMA IF EXISTS vector_ferry CASCADE",
                 "-c", "CREATE EXTENSION IF NOT EXISTS vector", "-c", "CHECKPOINT")

    def migrate(self, *words, rows=None):
        """Measures one migration; the table has so many rows afterwards, where it is said."""
        measured = self.measure([self.program, *MIGRATE, *words])
        if rows is not None:
            found = self.query("SELECT count(*) FROM vector_documents")
            if found != str(rows):
                sys.exit(f"vector-ferry {' '.join(words)}: {found} rows in the table, not {rows}")
        return measured

    def measure(self, command, output=subprocess.PIPE):
        """Runs a command; returns its seconds and the highest memory of it in MB."""
        start = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdout=output,
            stderr=subprocess.STDOUT if output == subprocess.PIPE else subprocess.PIPE, text=True)
        messages = (child.stdout or child.stderr).read()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if status:
            # Without the text of a script.
            sys.exit(f"{' '.join(word for word in command if chr(10) not in word)}:\n{messages}")
        return Measurement(seconds, usage.ru_maxrss / 1024)

    def make_stores(self, place, rows, *words):
        """Writes stores anew; returns their directory of users, for --user-data-dir."""
        shutil.rmtree(f"{self.folder}/{place}", ignore_errors=True)
        self.add_stores(place, rows, *words)
        return place

    def add_stores(self, place, rows, *words):
        """Writes more stores: directions whose scale falls as 1/k, and texts of half a KB.

        A process of its own makes them: its memory would count for those that are measured.
        """
        made = subprocess.run(
            [sys.executable, MAKE_STORE, "--rows", str(rows), "--dimensions", str(DIMENSIONS),
             "--rank", str(RANK), "--decay", "1", "--noise", "0.01", "--text-bytes", "500",
             "--collection", "notes", "--out", place, *words],
            cwd=self.folder, capture_output=True, text=True)
        if made.returncode:
            sys.exit(made.stderr)
        # The system does not write them to disk in the middle of what is measured.
        os.sync()


def in_turns(actions, rounds):
    """Runs each of several actions once a round, in the other order every second round.

    So nothing has the same one before it each time. Returns the measurements by name.
    """
    measured = {name: [] for name in actions}
    for number in range(rounds):
        names = list(actions)
        for name in reversed(names) if number % 2 else names:
            measured[name].append(actions[name]())
    return measured


class Table:
    """The figures of one comparison; printed as they are added."""

    def __init__(self, title, rows, rounds):
        self.facts = {"title": title, "command": None, "rows": rows, "dimensions": DIMENSIONS,
                      "rounds": rounds, "lines": [], "ratios": []}
        print(f"{title}, medians of {rounds}")

    def line(self, name, measured, rows=None, shows_rate=True, digits=2):
        """Adds what was measured of one thing, which has handled so many rows."""
        seconds = [one.seconds for one in measured]
        memory = max((one.memory for one in measured if one.memory is not None), default=None)
        median = statistics.median(seconds)
        text = (f"  {name:<28}{median:8.{digits}f} s  "
                f"({min(seconds):.{digits}f} to {max(seconds):.{digits}f})")
        if memory is not None:
            text += f"  {memory:7.0f} MB"
        if rows and shows_rate:
            text += f"  {rows / median:8.0f} rows/s"
        print(text, flush=True)
        self.facts["lines"].append({"name": name, "rows": rows, "seconds": seconds,
                                    "median": median, "memory_mb": memory})

    def ratio(self, name, beside, brief=None):
        """Adds how many times as fast one line is as another one, by the pairs of each round.

        Where the other one has a brief name, that alone is printed.
        """
        ours, theirs = (next(line["seconds"] for line in self.facts["lines"] if line["name"] == one)
                        for one in (name, beside))
        pairs = [other / own for own, other in zip(ours, theirs)]
        median = statistics.median(pairs)
        self.facts["ratios"].append(
            {"name": name, "beside": beside, "pairs": pairs, "median": median})
        said = f"{median:.2f} × as fast as {brief}" if brief else (
            f"{name}: {median:.2f} × as fast as {beside}")
        print(f"  {said} (pairs {min(pairs):.2f} to {max(pairs):.2f})", flush=True)
        return median
