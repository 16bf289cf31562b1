#!/usr/bin/env python3
"""How long stores take from their files to the database, beside a careful Python.

    end-to-end.py VECTOR_FERRY FOLDER [ROWS …] [--rounds N] [--json FILE]

Makes an embedded server in FOLDER, and for each number of ROWS (10000 and 20000 where none is
given) a store of 3072-dimensional vectors. Then, in turns:

- `migrate`, without a backup, as everything else comes: fit, load, read back and compare;
- Python: the pickle as an array, scikit-learn's fastest solver, binary COPY; nothing is verified
  (of fewer rows than the table has dimensions, the rest of each vector is zeros);
- a COPY of the rows that `migrate` has written, by psycopg, in binary, as it lies in memory.

Prints medians and spread, the highest memory of each, and the ratios; --json FILE writes them.
"""
import subprocess
import sys

import common

OURS, PYTHON, BARE = "VectorFerry migrate", "Python, scikit-learn, COPY", "bare COPY of the rows"

TUNED = f"""
import json, os, pickle, struct, sys, uuid
import numpy, psycopg
from sklearn.decomposition import PCA
url, place = sys.argv[1:]
with open(place + '/vectors.pkl', 'rb') as file:
    rows = numpy.array(pickle.load(file), dtype=numpy.float32)
with open(place + '/metadata.json') as file:
    entries = json.load(file)
# scikit-learn finds no more components than there are rows.
found = min({common.TARGET}, len(rows))
short = numpy.zeros((len(rows), {common.TARGET}), dtype='>f4')
short[:, :found] = PCA(n_components=found, svd_solver='covariance_eigh').fit_transform(rows)
head = struct.pack('>hh', {common.TARGET}, 0)
with psycopg.connect(url) as connection, connection.cursor() as cursor:
    cursor.execute("CREATE TABLE plain_documents (id uuid PRIMARY KEY, user_id text, "
                   "collection_name text, text text, embedding vector({common.TARGET}), "
                   "metadata jsonb)")
    with cursor.copy("COPY plain_documents FROM STDIN (FORMAT binary)") as copy:
        out = [b'PGCOPY\\n\\xff\\r\\n\\0' + bytes(8)]
        for entry, row in zip(entries, short):
            text = entry.pop('text').encode()
            meta = b'\\x01' + json.dumps(entry).encode()
            fields = (uuid.uuid4().bytes, b'ann', b'notes', text, head + row.tobytes(), meta)
            out.append(struct.pack('>h', 6))
            for field in fields:
                out.append(struct.pack('>i', len(field)))
                out.append(field)
            if len(out) > 4000:
                copy.write(b''.join(out))
                out = []
        out.append(b'\\xff\\xff')
        copy.write(b''.join(out))
"""

COPY_BACK = """
import sys, time, psycopg
url, file = sys.argv[1:]
with open(file, 'rb') as source:
    data = source.read()
with psycopg.connect(url) as connection, connection.cursor() as cursor:
    cursor.execute('CREATE TABLE plain_documents (LIKE vector_documents INCLUDING INDEXES)')
    start = time.perf_counter()
    with cursor.copy('COPY plain_documents FROM STDIN (FORMAT binary)') as copy:
        for first in range(0, len(data), 1 << 20):
            copy.write(data[first:first + (1 << 20)])
    connection.commit()
    print(time.perf_counter() - start)
"""


def bare_copy(ferry, url):
    """Copies the rows out and into another table; measures the way in alone."""
    file = f"{ferry.folder}/rows.copy"
    with open(file, "wb") as rows:
        subprocess.run([ferry.program, "server", "psql", "-q", "-c",
                        "COPY vector_documents TO STDOUT (FORMAT binary)"],
                       cwd=ferry.folder, env=ferry.environment, stdout=rows, check=True)
    done = subprocess.run([sys.executable, "-c", COPY_BACK, url, file], cwd=ferry.folder,
                          env=ferry.environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return common.Measurement(float(done.stdout), None)


def compare(ferry, rows, rounds):
    """Measures one number of rows; returns its table."""
    place = f"{ferry.make_stores('user_data', rows, '--user', 'ann')}/ann/vector_store_notes"
    url = ferry.ask("server", "url")
    measured = {name: [] for name in (OURS, PYTHON, BARE)}
    for _ in range(rounds):
        ferry.clean()
        measured[OURS].append(ferry.migrate(rows=rows))
        measured[BARE].append(bare_copy(ferry, url))
        ferry.clean()
        measured[PYTHON].append(ferry.measure([sys.executable, "-c", TUNED, url, place]))
    table = common.Table(f"{rows} × {common.DIMENSIONS} → {common.TARGET}", rows, rounds)
    for name, values in measured.items():
        table.line(name, values, rows, shows_rate=False)
    table.facts["ratio"] = table.ratio(OURS, PYTHON, brief="Python")
    return table


def measure(ferry, options):
    """Measures each number of rows."""
    return [compare(ferry, rows, options.rounds) for rows in options.rows]


parser = common.parser_of(__doc__, rounds=5)
parser.add_argument("rows", type=common.count, nargs="*", default=[10_000, 20_000], metavar="ROWS")
common.run(measure, parser.parse_intermixed_args())
