#!/usr/bin/env python3
"""The search functions against the same queries written by hand, in one session, alternating.

    search.py VECTOR_FERRY FOLDER [ROWS [DIMENSIONS]]

Makes an embedded server in FOLDER with ROWS documents of one user under an HNSW index (pgvector's
defaults) and an index on words, and prints medians and their ratios. The queries by hand have
iterative scans on and take their vector as a parameter, as the functions do.
"""
import os
import statistics
import struct
import subprocess
import sys
import time

import numpy
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

program, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
rows, dimensions = [int(word) for word in sys.argv[3:5]] + [100_000, 384][len(sys.argv[3:5]):]
K, ROUNDS = 10, 150
WORDS = "harbour sail tide wind garden bread river stone lamp letter music winter engine bridge".split()

SIMILAR = {
    "similarity_search": "SELECT * FROM vector_ferry.similarity_search('one', 'notes', %(q)s::vector, 10)",
    "by hand": """
        SELECT id, text, metadata, 1 - (embedding <=> %(q)s::vector)
        FROM vector_documents WHERE user_id = 'one' AND collection_name = 'notes'
        ORDER BY embedding <=> %(q)s::vector LIMIT 10""",
}
HYBRID = {
    "hybrid_search": "SELECT * FROM vector_ferry.hybrid_search('one', 'notes', %(w)s, %(q)s::vector, 10)",
    "by hand": """
        WITH near AS MATERIALIZED (
          SELECT id, text, metadata, 1 - (embedding <=> %(q)s::vector) AS similarity
          FROM vector_documents WHERE user_id = 'one' AND collection_name = 'notes'
          ORDER BY embedding <=> %(q)s::vector LIMIT 40),
        said AS MATERIALIZED (
          SELECT id, text, metadata, 1 - (embedding <=> %(q)s::vector) AS similarity,
                 ts_rank(to_tsvector('english', text), websearch_to_tsquery('english', %(w)s)) AS rank
          FROM vector_documents WHERE user_id = 'one' AND collection_name = 'notes'
            AND to_tsvector('english', text) @@ websearch_to_tsquery('english', %(w)s)
          ORDER BY rank DESC LIMIT 40)
        SELECT coalesce(n.id, s.id), coalesce(n.text, s.text), coalesce(n.metadata, s.metadata),
               0.7 * coalesce(n.similarity, s.similarity) / (SELECT max(similarity) FROM near)
               + 0.3 * coalesce(s.rank / (SELECT max(rank) FROM said), 0) AS score
        FROM near n FULL JOIN said s USING (id) ORDER BY score DESC LIMIT 10""",
}


class Vector(bytes):
    """pgvector's binary form: int16 dimensions, int16 zero, big-endian floats."""


class VectorDumper(Dumper):
    format = Format.BINARY
    oid = 0  # the cast in the statement says it

    def dump(self, vector):
        return bytes(vector)


def ferry(*words):
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run([program, *words], cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout.strip()


def fill(connection, random):
    centres = random.normal(size=(max(20, rows // 200), dimensions))
    vectors = centres[random.integers(0, len(centres), rows)] + random.normal(size=(rows, dimensions))
    vectors = (vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)).astype(">f4")
    connection.execute(f"""
        CREATE TABLE vector_documents (
          id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id varchar(255) NOT NULL,
          collection_name varchar(255) NOT NULL DEFAULT 'personal_assistant', text text NOT NULL,
          embedding vector({dimensions}) NOT NULL, metadata jsonb DEFAULT '{{}}',
          created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now())""")
    copy = "COPY vector_documents (user_id, collection_name, text, embedding) FROM STDIN (FORMAT binary)"
    with connection.cursor().copy(copy) as rows_out:
        rows_out.set_types(["varchar", "varchar", "text", "bytea"])
        head = struct.pack(">hh", dimensions, 0)
        for number, vector in enumerate(vectors):
            text = " ".join(random.choice(WORDS, 12)) + f" mark{number % 1000}"
            rows_out.write_row(("one", "notes", text, head + vector.tobytes()))
    ferry("schema", "up", "--yes")
    connection.execute("SET maintenance_work_mem = '1GB'")
    connection.execute("CREATE INDEX ON vector_documents USING hnsw (embedding vector_cosine_ops)")
    connection.execute("VACUUM ANALYZE vector_documents")


def compare(connection, statements, queries):
    """Median times of both in milliseconds, and the share of documents that both find.

    One query of each in turn; who comes second finds the query's pages in the processor's caches, so
    they take turns in that, too.
    """
    times = {name: [] for name in statements}
    found = {name: [] for name in statements}
    for number, query in enumerate(queries):
        turns = list(statements.items())
        for name, statement in turns if number % 2 else reversed(turns):
            start = time.perf_counter()
            answer = connection.execute(
                statement, {"q": query, "w": f"mark{number % 1000}"}, prepare=False).fetchall()
            times[name].append(1000 * (time.perf_counter() - start))
            found[name].append({row[0] for row in answer})
    ours, theirs = statements
    same = statistics.mean(len(a & b) / K for a, b in zip(found[ours], found[theirs]))
    return statistics.median(times[ours]), statistics.median(times[theirs]), same


def main():
    os.makedirs(folder, exist_ok=True)
    ferry("server", "start")
    try:
        connection = psycopg.connect(ferry("server", "url"), autocommit=True)
        connection.adapters.register_dumper(Vector, VectorDumper)
        connection.execute("DROP SCHEMA IF EXISTS vector_ferry CASCADE")
        connection.execute("DROP TABLE IF EXISTS vector_documents, schema_migrations CASCADE")
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        random = numpy.random.default_rng(7)
        fill(connection, random)
        stored = connection.execute(
            "SELECT embedding::real[] FROM vector_documents ORDER BY md5(id::text) LIMIT %s", (ROUNDS,)).fetchall()
        head = struct.pack(">hh", dimensions, 0)
        queries = [Vector(head + (numpy.array(row[0]) + random.normal(size=dimensions) * 0.02).astype(">f4").tobytes())
                   for row in stored]
        connection.execute("SELECT '[1]'::vector")
        connection.execute("SET hnsw.iterative_scan = strict_order")
        print(f"search {rows} × {dimensions}, k = {K}, {ROUNDS} queries each, medians")
        for statements in (SIMILAR, HYBRID):
            compare(connection, statements, queries[:10])  # warm
            ours, theirs, same = compare(connection, statements, queries)
            print(f"  {next(iter(statements)):18} {ours:7.2f} ms   by hand {theirs:7.2f} ms   "
                  f"ratio {ours / theirs:.2f}   same documents {100 * same:.1f} %")
        connection.close()
    finally:
        ferry("server", "stop")


main()
