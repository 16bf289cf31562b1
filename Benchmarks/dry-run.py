#!/usr/bin/env python3
"""How long a dry run takes, beside the live run.

    dry-run.py VECTOR_FERRY FOLDER [--rows N] [--rounds N] [--json FILE]

Both see the same store of --rows (20000) vectors of 3072 dimensions, and a database without tables.
A dry run reads, checks and fits as the live run does, and measures what each other reduction would
keep; it sends no row.
"""
import common


def measure(ferry, options):
    """Measures the dry run and the live run in turns."""
    ferry.make_stores("user_data", options.rows, "--user", "ann")

    def migrate(*words, **expected):
        ferry.clean()
        return ferry.migrate(*words, **expected)

    measured = common.in_turns({
        "dry run": lambda: migrate("--dry-run"),
        "live run": lambda: migrate(rows=options.rows),
    }, options.rounds)
    table = common.Table(f"dry run of {options.rows} rows", options.rows, options.rounds)
    for name, values in measured.items():
        table.line(name, values, options.rows)
    table.ratio("dry run", "live run")
    return [table]


parser = common.parser_of(__doc__, rounds=3)
parser.add_argument("--rows", type=common.count, default=20_000, metavar="N")
common.run(measure, parser.parse_args())
