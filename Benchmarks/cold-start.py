#!/usr/bin/env python3
"""How long the shortest runs take: from the start of the process to its end.

    cold-start.py VECTOR_FERRY FOLDER [--rows N] [--rounds N] [--json FILE]

One store of --rows (20) vectors of 3072 dimensions, on a server that runs:

- the first run into a database, which makes all tables and functions;
- a run with one new store, where they are there;
- a run where nothing is left to do;
- psql with one query: what a process and a connection take.

VECTOR_FERRY_QUIET_SECONDS is 0, so no run waits for its files to lie still.
"""
import common

FIRST, NEW, NOTHING, PSQL = "first run", "run with a new store", "run with nothing to do", "psql"


def measure(ferry, options):
    """Measures the runs in turns; each needs the one before."""
    ferry.make_stores("user_data", options.rows, "--user", "ann")
    ferry.add_stores("user_data", options.rows, "--user", "ben")
    measured = {name: [] for name in (FIRST, NEW, NOTHING, PSQL)}
    for _ in range(options.rounds):
        ferry.clean()
        measured[FIRST].append(ferry.migrate("--user", "ann", rows=options.rows))
        measured[NEW].append(ferry.migrate("--user", "ben", rows=2 * options.rows))
        measured[NOTHING].append(ferry.migrate())
        measured[PSQL].append(ferry.measure(
            [ferry.program, "server", "psql", "-c", "SELECT count(*) FROM vector_documents"]))
    table = common.Table(f"one store of {options.rows} rows", options.rows, options.rounds)
    for name, values in measured.items():
        table.line(name, values, options.rows if name in (FIRST, NEW) else None,
                   shows_rate=False, digits=3)
    for name in (NEW, NOTHING, PSQL):
        table.ratio(name, FIRST)
    return [table]


parser = common.parser_of(__doc__, rounds=10)
parser.add_argument("--rows", type=common.count, default=20, metavar="N")
common.run(measure, parser.parse_args())
