#!/usr/bin/env python3
"""How long `verify` takes, beside a migration without a fit and a COPY of the rows to the client.

    verify.py VECTOR_FERRY FOLDER [--rows N] [--rounds N] [--json FILE]

A migration with no fit is one with `--projection shared` whose model is there already. A store of a
few rows is migrated first in each round: this run fits the model to a sample of all stores and
commits it, and is not measured. The run that is measured finds the model; it reads the store of
--rows (20000) vectors of 3072 dimensions, measures the model on it, and loads, reads back and
compares all rows. `--force` would not do: it fits a store's own model again, and changes rows
instead of adding them.

`verify` compares all these rows with the files, and searches for 20 of them. The COPY is psql's, in
binary, into /dev/null.
"""
import subprocess

import common

FEW = 10
ROWS = "SELECT * FROM vector_documents WHERE user_id = 'ann'"
MIGRATE, VERIFY, COPY = "migrate, no fit", "verify", "COPY to the client"


def measure(ferry, options):
    """Measures the three one after the other; each needs the one before."""
    ferry.make_stores("user_data", options.rows, "--user", "ann")
    ferry.add_stores("user_data", FEW, "--user", "ben")
    measured = {name: [] for name in (MIGRATE, VERIFY, COPY)}
    for _ in range(options.rounds):
        ferry.clean()
        ferry.migrate("--projection", "shared", "--user", "ben")
        measured[MIGRATE].append(ferry.migrate(
            "--projection", "shared", "--user", "ann", rows=FEW + options.rows))
        measured[VERIFY].append(ferry.measure([ferry.program, "verify", "--user", "ann"]))
        measured[COPY].append(ferry.measure(
            [ferry.program, "server", "psql", "-q", "-c",
             f"COPY ({ROWS}) TO STDOUT (FORMAT binary)"],
            output=subprocess.DEVNULL))
    table = common.Table(f"verify of {options.rows} rows", options.rows, options.rounds)
    for name, values in measured.items():
        table.line(name, values, options.rows)
    for beside in (MIGRATE, COPY):
        table.ratio(VERIFY, beside)
    return [table]


parser = common.parser_of(__doc__, rounds=3)
parser.add_argument("--rows", type=common.count, default=20_000, metavar="N")
common.run(measure, parser.parse_args())
