#!/usr/bin/env python3
"""How fast many small stores are migrated, beside one store of the same number of rows.

    small-stores.py VECTOR_FERRY FOLDER [--users N] [--rows N] [--rounds N] [--json FILE]

--users stores (400) of --rows vectors (50) each, of 3072 dimensions. One run migrates them all,
with one job and with two; each store gets a model of its own, or all share one (`--projection
shared`), which the run fits first.
"""
import common

ONE = "one store"
WAYS = {
    "own models, 1 job": (),
    "own models, 2 jobs": ("--jobs", "2"),
    "shared model, 1 job": ("--projection", "shared"),
    "shared model, 2 jobs": ("--projection", "shared", "--jobs", "2"),
}


def measure(ferry, options):
    """Measures one store and all ways of migrating many, in turns."""
    rows = options.users * options.rows
    one = ferry.make_stores("one", rows, "--user", "ann")
    many = ferry.make_stores("many", options.rows, "--user", "ann", "--users", str(options.users))

    def migrate(place, *words):
        ferry.clean()
        return ferry.migrate("--user-data-dir", place, *words, rows=rows)

    actions = {ONE: lambda: migrate(one)}
    for name, words in WAYS.items():
        actions[name] = lambda words=words: migrate(many, *words)
    measured = common.in_turns(actions, options.rounds)
    table = common.Table(
        f"{rows} rows in one store and in {options.users} stores", rows, options.rounds)
    for name, values in measured.items():
        table.line(name, values, rows)
    for name in WAYS:
        table.ratio(name, ONE)
    return [table]


parser = common.parser_of(__doc__, rounds=3)
parser.add_argument("--users", type=common.count, default=400, metavar="N")
parser.add_argument("--rows", type=common.count, default=50, metavar="N", help="of each store")
common.run(measure, parser.parse_args())
