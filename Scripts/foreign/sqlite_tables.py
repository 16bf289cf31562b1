"""Writes SQLite files with vectors, with and without the installed sqlite-vec, and their rows.

    python sqlite_tables.py FOLDER EXPECTED.json
"""

import json
import os
import random
import sys

import numpy
import pysqlite3 as sqlite3  # Python's own module may be built without extensions
import sqlite_vec

DIMENSIONS = 8


def vector(rng):
    return numpy.array([rng.gauss(0, 1) for _ in range(DIMENSIONS)], dtype="float32")


def row(id_, text, metadata, numbers):
    return {"id": str(id_), "text": text, "metadata": metadata,
            "vector": [float(x) for x in numbers]}


def plain(path, rng):
    """A table with bytes, and one with JSON text."""
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE notes (id TEXT PRIMARY KEY, content TEXT, embedding BLOB,"
                     " metadata TEXT, pages INTEGER, score REAL)")
    database.execute("CREATE TABLE \"odd \"\"name\" (text TEXT, vector TEXT)")
    database.execute("CREATE TABLE settings (key TEXT, value TEXT)")
    notes, odd = [], []
    for i in range(20):
        numbers = vector(rng)
        facts = {"source": "b€.md", "nested": {"a": [1, {"b": i}]}}
        database.execute("INSERT INTO notes VALUES (?, ?, ?, ?, ?, ?)", (
            "n%d" % i, "Grüße %d" % i, numbers.tobytes(), json.dumps(facts), i, i + 0.5))
        notes.append(row("n%d" % i, "Grüße %d" % i, dict(facts, pages=i, score=i + 0.5), numbers))
    database.execute("DELETE FROM notes WHERE id = 'n3'")
    del notes[3]
    for i in range(5):
        numbers = vector(rng)
        database.execute("INSERT INTO \"odd \"\"name\" VALUES (?, ?)", (
            "数据 %d" % i, json.dumps([float(x) for x in numbers])))
        odd.append(row(i + 1, "数据 %d" % i, {}, numbers))
    database.commit()
    database.close()
    return {"notes": notes, "odd \"name": odd}


def extended(path):
    database = sqlite3.connect(path)
    database.enable_load_extension(True)
    sqlite_vec.load(database)
    return database


def vec0(path, rng):
    """A vec0 table of several chunks, with every kind of column."""
    database = extended(path)
    database.execute("CREATE VIRTUAL TABLE items USING vec0(item_id text primary key,"
                     " user text partition key, embedding float[%d] distance_metric=cosine,"
                     " year integer, price float, sold boolean, title text, +content text,"
                     " +note integer, chunk_size=8)" % DIMENSIONS)
    rows = []
    for i in range(30):
        numbers = vector(rng)
        title = "ü%d" % i if i % 2 else "a title that is longer than twelve bytes %d" % i
        values = ("i%d" % i, "alice" if i % 3 else "bob", numbers.tobytes(), 2000 + i, i + 0.25,
                  i % 4 == 0, title, "text %d" % i, i * 7 if i % 5 else None)
        database.execute("INSERT INTO items(item_id, user, embedding, year, price, sold, title,"
                         " content, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    database.execute("DELETE FROM items WHERE item_id IN ('i4', 'i9')")
    database.execute("UPDATE items SET embedding = ? WHERE item_id = 'i6'", (
        vector(rng).tobytes(),))
    database.commit()
    for id_, user, numbers, year, price, sold, title, content, note in database.execute(
            "SELECT item_id, user, embedding, year, price, sold, title, content, note FROM items"):
        rows.append(row(id_, content, {"user": user, "year": year, "price": price,
                                       "sold": bool(sold), "title": title, "note": note},
                        numpy.frombuffer(numbers, dtype="float32")))
    database.close()
    return {"items": rows}


def langchain(path, rng):
    """The tables of LangChain's SQLiteVec: the vectors are in both."""
    database = extended(path)
    database.execute("CREATE TABLE docs (rowid INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT,"
                     " metadata BLOB, text_embedding BLOB)")
    database.execute("CREATE VIRTUAL TABLE docs_vec USING vec0(rowid INTEGER PRIMARY KEY,"
                     " text_embedding float[%d])" % DIMENSIONS)
    rows = []
    for i in range(6):
        numbers = vector(rng)
        database.execute("INSERT INTO docs(text, metadata, text_embedding) VALUES (?, ?, ?)", (
            "doc %d" % i, json.dumps({"i": i}), numbers.tobytes()))
        database.execute("INSERT INTO docs_vec VALUES (?, ?)", (i + 1, numbers.tobytes()))
        rows.append(row(i + 1, "doc %d" % i, {"i": i}, numbers))
    database.commit()
    database.close()
    return {"docs": rows}


def main():
    folder, expected = sys.argv[1:3]
    os.makedirs(folder)
    rng = random.Random(7)
    files = {}
    for name, make in [("plain.db", plain), ("vec0.sqlite", vec0), ("langchain.sqlite3", langchain)]:
        tables = make(os.path.join(folder, name), rng)
        files[name] = {
            table: sorted(rows, key=lambda r: r["id"]) for table, rows in tables.items()}
    with open(expected, "w", encoding="utf-8") as file:
        json.dump({"files": files}, file, ensure_ascii=False)
        file.write("\n")


main()
