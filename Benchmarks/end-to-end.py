#!/usr/bin/env python3
"""How long stores take from their files to the database, beside a careful Python.

    end-to-end.py VECTOR_FERRY FOLDER [ROWS …] [--rounds N]

Makes an embedded server in FOLDER, and for each number of ROWS (10000 and 20000 where none is given)
a store of 3072-dimensional vectors. Then, in turns:

- `migrate`, without a backup, as everything else comes: fit, load, read back and compare;
- Python: the pickle as an array, scikit-learn's fastest solver, binary COPY; nothing is verified;
- a COPY of the rows that `migrate` has written, by psycopg, in binary, as it lies in memory.

Prints medians and spread, the highest memory of each, and the ratios; --json FILE writes them.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

words = sys.argv[1:]
options = {}
for name in ("--rounds", "--json"):
    if name in words:
        place = words.index(name)
        options[name] = words[place + 1]
        del words[place:place + 2]
program, folder = os.path.abspath(words[0]), os.path.abspath(words[1])
sizes = [int(word) for word in words[2:]] or [10_000, 20_000]
rounds = int(options.get("--rounds", 5))
DIMENSIONS, TARGET = 3072, 2000
CLEAN = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}


def ferry(*arguments):
    done = subprocess.run([program, *arguments], cwd=folder, env=CLEAN, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return done.stdout.strip()


STORE = f"""
import json, os, pickle, sys
import numpy
place, rows = sys.argv[1], int(sys.argv[2])
os.makedirs(place)
random = numpy.random.default_rng(3)
factors = 500
vectors = random.normal(size=(rows, factors)) / numpy.arange(1, factors + 1)
vectors = vectors @ random.normal(size=(factors, {DIMENSIONS}))
vectors += 0.01 * random.normal(size=vectors.shape)
vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
with open(place + '/vectors.pkl', 'wb') as file:
    pickle.dump(vectors.tolist(), file, protocol=4)
with open(place + '/metadata.json', 'w') as file:
    json.dump([{{"id": f"doc_{{i}}_1700000000", "text": f"The text of document {{i}}. " * 20,
                "timestamp": "2024-05-01T10:00:00", "source": f"file{{i % 90}}.md"}}
               for i in range(rows)], file)
"""


def write_store(rows):
    """Rows of 500 factors and some noise, in the pickle of the application.

    A process of its own makes them: its memory would count for the processes that are measured.
    """
    place = f"{folder}/user_data/ann/vector_store_notes"
    shutil.rmtree(f"{folder}/user_data", ignore_errors=True)
    subprocess.run([sys.executable, "-c", STORE, place, str(rows)], check=True)
    return place


def measure(command):
    """Runs a command; returns its seconds and the highest memory of it in MB."""
    start = time.perf_counter()
    child = subprocess.Popen(command, cwd=folder, env=CLEAN, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        sys.exit(f"{command}: {output}")
    return seconds, usage.ru_maxrss / 1024


def clean():
    ferry("server", "psql", "-q", "-c", "DROP TABLE IF EXISTS vector_documents, plain_documents",
          "-c", "DROP SCHEMA IF EXISTS vector_ferry CASCADE", "-c", "CREATE EXTENSION IF NOT EXISTS vector",
          "-c", "CHECKPOINT")


TUNED = f"""
import json, os, pickle, struct, sys, uuid
import numpy, psycopg
from sklearn.decomposition import PCA
url, place = sys.argv[1:]
with open(place + '/vectors.pkl', 'rb') as file:
    rows = numpy.array(pickle.load(file), dtype=numpy.float32)
with open(place + '/metadata.json') as file:
    entries = json.load(file)
short = PCA(n_components={TARGET}, svd_solver='covariance_eigh').fit_transform(rows)
short = short.astype('>f4')
head = struct.pack('>hh', {TARGET}, 0)
with psycopg.connect(url) as connection, connection.cursor() as cursor:
    cursor.execute("CREATE TABLE plain_documents (id uuid PRIMARY KEY, user_id text, "
                   "collection_name text, text text, embedding vector({TARGET}), metadata jsonb)")
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

BARE = """
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


def bare_copy(url, file):
    done = subprocess.run([sys.executable, "-c", BARE, url, file], cwd=folder, env=CLEAN,
                          capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return float(done.stdout)


os.makedirs(folder, exist_ok=True)
os.chmod(folder, 0o755)
ferry("server", "start")
url = ferry("server", "url")
results = []
for size in sizes:
    place = write_store(size)
    ours, python, bare = [], [], []
    for _ in range(rounds):
        clean()
        ours.append(measure([program, "migrate", "--no-backup", "--yes", "--index", "none"]))
        file = f"{folder}/rows.copy"
        with open(file, "wb") as rows:
            subprocess.run([program, "server", "psql", "-q", "-c",
                            "COPY vector_documents TO STDOUT (FORMAT binary)"],
                           cwd=folder, env=CLEAN, stdout=rows, check=True)
        bare.append(bare_copy(url, file))
        clean()
        python.append(measure([sys.executable, "-c", TUNED, url, place]))

    def line(name, values):
        seconds = [value[0] if isinstance(value, tuple) else value for value in values]
        memory = [value[1] for value in values if isinstance(value, tuple)]
        median = statistics.median(seconds)
        text = f"  {name:<28}{median:8.2f} s  ({min(seconds):.2f} to {max(seconds):.2f})"
        if memory:
            text += f"  {max(memory):7.0f} MB"
        print(text, flush=True)
        return {"name": name, "seconds": seconds, "median": median, "memory_mb": max(memory, default=None)}

    print(f"{size} × {DIMENSIONS} → {TARGET}, medians of {rounds}")
    lines = [line("VectorFerry migrate", ours), line("Python, scikit-learn, COPY", python),
             line("bare COPY of the rows", bare)]
    ratios = [a[1] / a[0] for a in ((o[0], p[0]) for o, p in zip(ours, python))]
    print(f"  {statistics.median(ratios):.2f} × as fast as Python (pairs {min(ratios):.2f} to {max(ratios):.2f})")
    results.append({"rows": size, "lines": lines, "ratio": statistics.median(ratios)})
ferry("server", "stop")
if "--json" in options:
    with open(options["--json"], "w") as file:
        json.dump(results, file, indent=1)
