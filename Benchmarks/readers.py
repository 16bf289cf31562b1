#!/usr/bin/env python3
"""What the readers of a reduced store find, and how long the database takes to reduce a query.

    readers.py VECTOR_FERRY FOLDER

Makes an embedded server in FOLDER. For stores of 23, 48 and 500 rows of 3072 dimensions, of which
the first 2000 have about 63 % of the energy, as many more are added with upsert_document; then a
reader with full queries, and one that cuts them to 2000 numbers, are compared with an exact search
in NumPy. A store of 10,000 rows whose spectrum falls slowly, and along no coordinate, is migrated as
it comes, and without originals. Afterwards the time of one reduction is measured, beside the
arrangement of earlier versions: whole components, each stored apart from its row.
"""
import json
import os
import pickle
import statistics
import subprocess
import sys
import time

import numpy
import psycopg

program, folder = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
DIMENSIONS, TARGET, QUERIES = 3072, 2000, 200
FORMER = """
    DROP SCHEMA IF EXISTS former CASCADE;
    CREATE SCHEMA former;
    CREATE TABLE former.components AS
      SELECT projection_id, number,
             (string_to_array(string_agg(trim('[]' FROM component::text), ',' ORDER BY piece), ','))::real[]::vector
               AS component
      FROM vector_ferry.projection_components c JOIN vector_ferry.projections p ON p.id = projection_id
      WHERE piece * piece_size < source_dimensions GROUP BY 1, 2;
    ALTER TABLE former.components ADD PRIMARY KEY (projection_id, number);
    ANALYZE former.components;
    CREATE FUNCTION former.reduce(p_projection vector_ferry.projections, p_vector vector, p_slot int)
    RETURNS vector LANGUAGE plpgsql STABLE AS $$
    DECLARE
      coordinates float8[];
      squares float8;
      reduced real[] := array_fill(0::real, ARRAY[p_projection.dimensions]);
    BEGIN
      SELECT array_agg(p.value ORDER BY p.number), sum(p.value ^ 2) INTO coordinates, squares
      FROM (SELECT c.number, -(c.component <#> p_vector) AS value FROM former.components c
            WHERE c.projection_id = p_projection.id OFFSET 0) p;
      reduced := coordinates::real[]
        || array_fill(0::real, ARRAY[p_projection.dimensions - p_projection.rank]);
      IF p_slot IS NOT NULL THEN
        reduced[p_slot + 1] := sqrt(greatest(0, -(p_vector <#> p_vector) - squares))::real;
      END IF;
      RETURN reduced::vector;
    END $$;
    CREATE FUNCTION former.reduce_query(p_user text, p_collection text, p_vector vector)
    RETURNS vector LANGUAGE plpgsql STABLE AS $$
    DECLARE
      store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
      projection vector_ferry.projections;
    BEGIN
      SELECT p.* INTO projection FROM vector_ferry.projections p WHERE p.id = store.projection_id;
      RETURN former.reduce(projection, p_vector, projection.query_slot);
    END $$;
"""


def ferry(*words, status=(0,)):
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run([program, *words], cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode not in status:
        sys.exit(done.stdout + done.stderr)
    return done.stdout.strip()


def corpus(random, count):
    """Rows with the spectrum of embeddings whose models are trained to be cut."""
    latent = 500
    falling = 1 / numpy.arange(1, latent + 1)
    scale = numpy.where(numpy.arange(DIMENSIONS) < TARGET, 1, 1.047)
    mixing = random.normal(size=(latent, DIMENSIONS)) * scale

    def rows(number):
        x = (random.normal(size=(number, latent)) * falling ** 0.5) @ mixing
        x += 0.3 * numpy.linalg.norm(falling ** 0.5) * random.normal(size=x.shape) * scale
        return (x / numpy.linalg.norm(x, axis=1, keepdims=True)).astype(numpy.float32)

    return [rows(number) for number in count]


def write(user, rows):
    path = f"{folder}/user_data/{user}/vector_store_notes"
    os.makedirs(path, exist_ok=True)
    with open(f"{path}/vectors.pkl", "wb") as file:
        pickle.dump(rows.astype(float).tolist(), file, protocol=4)
    with open(f"{path}/metadata.json", "w") as file:
        json.dump([{"id": f"doc_{i}", "text": f"old {i}"} for i in range(len(rows))], file)


def text(vector):
    return "[" + ",".join(map(repr, vector.tolist())) + "]"


def nearest(scores, k=10):
    return numpy.argsort(-scores, axis=1, kind="stable")[:, :k]


def recall(truth, found):
    return statistics.mean(len(set(a) & set(b)) / len(a) for a, b in zip(truth.tolist(), found.tolist()))


def unit(x):
    return x / numpy.linalg.norm(x, axis=1, keepdims=True)


def readers(connection, random, old_count, new_count):
    user = f"user{old_count}"
    old, new, queries = corpus(random, (old_count, new_count, QUERIES))
    share = (old[:, :TARGET] ** 2).sum() / (old ** 2).sum()
    write(user, old)
    ferry("migrate", "--index", "none", "--user", user)
    for number, vector in enumerate(new):
        connection.execute(
            "SELECT vector_ferry.upsert_document(%s, 'notes', %s, %s::vector)",
            (user, f"new {number}", text(vector)))
    every = numpy.vstack([old, new]).astype(float)
    names = [f"old {i}" for i in range(old_count)] + [f"new {i}" for i in range(new_count)]
    place = {name: index for index, name in enumerate(names)}

    def ask(query, k=len(names)):
        return connection.execute(
            "SELECT text, similarity FROM vector_ferry.similarity_search(%s, 'notes', %s::vector, %s)",
            (user, text(query), k)).fetchall()

    scores = numpy.zeros((QUERIES, len(names)))
    for number, query in enumerate(queries):
        for name, score in ask(query):
            scores[number, place[name]] = score
    truth = queries.astype(float) @ every.T
    change = numpy.abs(scores - truth)[:, :old_count].max()
    # Equal but for pairs whose scores differ by less than rounding.
    order = nearest(truth[:, :old_count], old_count)
    ours = numpy.take_along_axis(scores[:, :old_count], order, axis=1)
    ranked = bool((numpy.diff(ours, axis=1) <= 2e-6).all())
    first = sum(ask(vector, 1)[0][0] == f"new {i}" for i, vector in enumerate(new))
    stored = dict(connection.execute(
        "SELECT text, embedding::real[] FROM vector_documents WHERE user_id = %s", (user,)).fetchall())
    table = unit(numpy.array([stored[name] for name in names], dtype=float))
    short = unit(queries[:, :TARGET].astype(float))
    cut = recall(nearest(truth), nearest(short @ table.T))
    both = recall(nearest(truth), nearest(short @ unit(every[:, :TARGET]).T))
    print(f"  {old_count:3} + {new_count:3} rows, {share:.0%} in the first {TARGET}: stored scores within "
          f"{change:.1e}, ranked {'alike' if ranked else 'OTHERWISE'}; recall@10 of all {recall(truth=nearest(truth), found=nearest(scores)):.3f}; "
          f"first for their own vector {first} of {new_count}; cut {cut:.3f}, both cut {both:.3f}")


def large(connection, random, count=10_000):
    """A store that loses too much without originals."""
    turn = numpy.linalg.qr(random.standard_normal((DIMENSIONS, DIMENSIONS)))[0].astype(numpy.float32)
    spread = 1 / (1 + numpy.arange(DIMENSIONS, dtype=numpy.float32) * 8 / DIMENSIONS)
    mean = random.standard_normal(DIMENSIONS).astype(numpy.float32) * 0.5
    both = (random.standard_normal((count + QUERIES, DIMENSIONS), dtype=numpy.float32) * spread + mean) @ turn
    rows, queries = both[:count], both[count:]
    path = f"{folder}/user_data/slow/vector_store_notes"
    os.makedirs(path, exist_ok=True)
    with open(f"{path}/vectors.pkl", "wb") as file:
        pickle.dump(rows, file, protocol=4)
    with open(f"{path}/metadata.json", "w") as file:
        json.dump([{"id": f"doc_{i}", "text": str(i)} for i in range(count)], file)
    words = ("migrate", "--index", "none", "--user", "slow")
    refused = ferry(*words, "--keep-original", "never", status=(0, 1))
    reason = next((line for line in refused.split("\n") if "Reason:" in line), "  no reason: NOT REFUSED")
    print(f"  {count:,} rows without originals:{reason.replace('  Reason', '')}")
    report = ferry(*words)
    for line in report.split("\n"):
        if "ecall@10" in line:
            print(f"    {line.strip()}")
    truth = nearest(unit(queries.astype(float)) @ unit(rows.astype(float)).T)
    found = [
        [int(row[0]) for row in connection.execute(
            "SELECT text FROM vector_ferry.similarity_search('slow', 'notes', %s::vector, 10)", (text(query),))]
        for query in queries]
    print(f"    through similarity_search: recall@10 {recall(truth, numpy.array(found)):.4f}")


def times(connection, random):
    for user, count in (("small", 50), ("large", 2100)):
        rows, queries = corpus(random, (count, 40))
        write(user, rows)
        ferry("migrate", "--index", "none", "--user", user, "--min-recall", "0", "--keep-original", "never")
    connection.execute("VACUUM ANALYZE")
    connection.execute(FORMER)
    print("  one reduction, medians in milliseconds")
    for user in ("small", "large"):
        spent = {"vector_ferry": [], "former": []}
        for turn in range(60):
            query = text(queries[turn % len(queries)])
            for schema in spent:
                connection.execute(f"PREPARE ask AS SELECT {schema}.reduce_query('{user}', 'notes', q) FROM "
                                   f"(SELECT '{query}'::vector AS q OFFSET 0) x")
                connection.execute("EXECUTE ask")
                start = time.perf_counter()
                connection.execute("EXECUTE ask")
                spent[schema].append(1000 * (time.perf_counter() - start))
                connection.execute("DEALLOCATE ask")
        ours, before = (statistics.median(spent[schema]) for schema in ("vector_ferry", "former"))
        rank = connection.execute(
            "SELECT rank, aligned_dimensions FROM vector_ferry.projections p JOIN vector_ferry.stores s "
            "ON s.projection_id = p.id WHERE s.user_id = %s", (user,)).fetchone()
        print(f"    {user}: {rank[0]} components {ours:7.2f}, before {before:7.2f}, {before / ours:.2f} ×")


def main():
    os.makedirs(folder, exist_ok=True)
    subprocess.run(["rm", "-rf", f"{folder}/user_data"], check=True)
    ferry("server", "start")
    try:
        connection = psycopg.connect(ferry("server", "url"), autocommit=True)
        connection.execute("DROP SCHEMA IF EXISTS vector_ferry CASCADE")
        connection.execute("DROP TABLE IF EXISTS vector_documents CASCADE")
        random = numpy.random.default_rng(11)
        print(f"readers of {DIMENSIONS} → {TARGET} dimensions, {QUERIES} queries")
        for old_count, new_count in ((23, 23), (48, 60), (500, 500)):
            readers(connection, random, old_count, new_count)
        large(connection, random)
        times(connection, random)
    finally:
        ferry("server", "stop")


main()
