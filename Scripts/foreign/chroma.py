"""Writes a Chroma folder with the installed chromadb, and beside it what chromadb returns.

    python chroma.py FOLDER EXPECTED.json

The vectors, texts and changes come from a seed, so that two calls with one version of chromadb
write the same documents. EXPECTED.json holds, for every collection, the documents in the form
{id, text, metadata, vector, given}: `vector` is what the library returns, `given` is what the
program that filled the collection had passed last.
"""

import json
import os
import random
import subprocess
import sys

os.environ["ANONYMIZED_TELEMETRY"] = "False"

import chromadb  # noqa: E402
import numpy  # noqa: E402

VERSION = tuple(int(part) for part in chromadb.__version__.split(".")[:3])
DIMENSIONS = 8


def vector(rng, scale=1.0):
    return [float(numpy.float32(rng.gauss(0, 1) * scale)) for _ in range(DIMENSIONS)]


def text(rng, number):
    words = ["Grüße", "naïve", "数据", "plain", "emoji 🙂", 'quote "x"', "tab\tand\nline", "back\\slash"]
    return "%s %d %s" % (rng.choice(words), number, rng.choice(words))


def metadata(rng, number):
    value = {"number": number, "half": number + 0.5, "source": rng.choice(["a.pdf", "b€.md", ""])}
    if VERSION >= (0, 4, 10):
        value["even"] = number % 2 == 0
    if number % 5 == 0:
        value["big"] = -(2 ** 62) + number
    if number % 7 == 0:
        value["tiny"] = 5e-324
    if VERSION >= (1, 5, 0) and number % 4 == 0:
        value["tags"] = ["x", "ü%d" % number]
        value["levels"] = [1, 2, number]
    return value


class Filled:
    """A collection, and what its documents should be."""

    def __init__(self, collection):
        self.collection = collection
        self.model = {}

    def add(self, ids, rng, scale=1.0, documents=True):
        rows = [(name, vector(rng, scale), text(rng, i), metadata(rng, i))
                for i, name in enumerate(ids, len(self.model))]
        self.collection.add(
            ids=[r[0] for r in rows], embeddings=[r[1] for r in rows],
            metadatas=[r[3] for r in rows], documents=[r[2] for r in rows] if documents else None)
        for name, numbers, words, facts in rows:
            self.model[name] = numbers

    def add_one(self, name, numbers, document, facts=None):
        self.collection.add(ids=[name], embeddings=[numbers], documents=[document],
                            metadatas=[facts] if facts else None)
        self.model.setdefault(name, numbers)

    def update(self, name, numbers=None, document=None, facts=None):
        if document is not None and numbers is None:
            numbers = self.model[name]  # without one, the library would embed the text
        self.collection.update(
            ids=[name], embeddings=[numbers] if numbers else None,
            documents=[document] if document is not None else None,
            metadatas=[facts] if facts else None)
        if numbers and name in self.model:
            self.model[name] = numbers

    def upsert(self, name, numbers, document, facts):
        self.collection.upsert(ids=[name], embeddings=[numbers], documents=[document],
                               metadatas=[facts])
        self.model[name] = numbers

    def delete(self, names):
        self.collection.delete(ids=names)
        for name in names:
            self.model.pop(name, None)

    def changes(self, rng, prefix):
        """Updates, upserts and deletions, of documents that are there and that are not."""
        names = list(self.model)
        self.update(names[1], numbers=vector(rng), document="changed ü", facts={"number": -1})
        self.update(names[2], facts={"added": "later"})
        self.update(names[3], document="only the text")
        self.upsert(names[4], vector(rng, 3.0), "upserted", {"up": 1})
        self.upsert(prefix + "new", vector(rng, 0.01), "new by upsert", {"up": 2})
        self.delete([names[0], names[5]])


def make(client, name, space, threshold=None):
    settings = {"hnsw:space": space}
    if threshold:
        settings["hnsw:batch_size"] = threshold // 2
        settings["hnsw:sync_threshold"] = threshold
    return Filled(client.create_collection(name, metadata=settings))


def fill(client):
    """Fills collections; the names say what is special about each."""
    all_ = {}
    rng = random.Random(20)

    # Everything is in the log: below the threshold.
    small = all_["small"] = make(client, "small", "l2")
    small.add(["s%d" % i for i in range(12)], rng)
    small.changes(rng, "s")
    small.add_one("empty text", vector(rng), "")
    small.add_one("ünï/çode", vector(rng), "id with other letters")

    # A part is saved, and the log goes on behind it.
    for name, space in [("saved-l2", "l2"), ("saved-cosine", "cosine"), ("saved-ip", "ip")]:
        one = all_[name] = make(client, name, space, 20)
        for start in range(0, 40, 8):
            one.add(["%s-%d" % (name, i) for i in range(start, start + 8)], rng, scale=2.5)
        one.changes(rng, name)
        one.add(["%s-late-%d" % (name, i) for i in range(5)], rng)
        one.update("%s-late-1" % name, numbers=vector(rng, 7.0))

    # Deleted before the save and added again after it.
    again = all_["again"] = make(client, "again", "cosine", 10)
    for start in range(0, 20, 5):
        again.add(["g%d" % i for i in range(start, start + 5)], rng)
    again.delete(["g1", "g2", "g3"])
    again.add(["g2"], rng, scale=4.0)
    again.add(["h%d" % i for i in range(20)], rng)
    again.add(["g3"], rng, scale=0.5)

    # Texts are missing.
    bare = all_["without-texts"] = make(client, "without-texts", "l2")
    bare.add(["b1", "b2"], rng, documents=False)

    all_["empty"] = make(client, "empty", "l2")

    gone = make(client, "gone", "l2", 10)
    gone.add(["x%d" % i for i in range(30)], rng)
    client.delete_collection("gone")
    return all_


def write(folder):
    """Fills a folder, and returns the vectors that were given, by client and collection."""
    client = chromadb.PersistentClient(path=folder)
    given = {"": {name: one.model for name, one in fill(client).items()}}
    if VERSION >= (0, 4, 24):
        settings = chromadb.config.Settings(is_persistent=True, persist_directory=folder)
        admin = chromadb.AdminClient(settings)
        admin.create_database("second", tenant="default_tenant")
        one = make(chromadb.PersistentClient(path=folder, database="second"), "small", "l2")
        one.add(["o1", "o2"], random.Random(21))
        given["default_tenant second"] = {"small": one.model}
        admin.create_tenant("acme")
        admin.create_database("default_database", tenant="acme")
        one = make(
            chromadb.PersistentClient(path=folder, tenant="acme", database="default_database"),
            "small", "l2")
        one.add(["t1"], random.Random(22))
        given["acme default_database"] = {"small": one.model}
    return given


def documents(collection, given):
    """Returns a collection's documents as the library gives them, sorted by id."""
    found = collection.get(include=["embeddings", "documents", "metadatas"])
    rows = []
    for i, name in enumerate(found["ids"]):
        returned = [float(numpy.float32(x)) for x in found["embeddings"][i]]
        rows.append({"id": name, "text": found["documents"][i], "metadata": found["metadatas"][i],
                     "vector": returned, "given": given.get(name)})
    return sorted(rows, key=lambda row: row["id"])


def read(folder, given):
    """Reads a folder in a process that did not write it."""
    result = {"version": chromadb.__version__, "stores": []}
    for key, collections in given.items():
        tenant, database = key.split() if key else ("default_tenant", "default_database")
        place = {"tenant": tenant, "database": database} if key else {}
        client = chromadb.PersistentClient(path=folder, **place)
        for name, vectors in collections.items():
            try:
                rows = documents(client.get_collection(name), vectors)
            except (IndexError, TypeError) as error:  # 0.4 cannot read some that it wrote
                print("%s: %r" % (name, error), file=sys.stderr)
                rows = None
            result["stores"].append(
                {"tenant": tenant, "database": database, "collection": name, "given": vectors,
                 "documents": rows})
    return result


def main():
    if len(sys.argv) == 4:
        with open(sys.argv[2], encoding="utf-8") as file:
            result = read(sys.argv[1], json.load(file))
    else:
        result = write(sys.argv[1])
    with open(sys.argv[-1], "w", encoding="utf-8") as file:
        json.dump(result, file, ensure_ascii=False)
        file.write("\n")
    if len(sys.argv) == 3:
        subprocess.run([sys.executable] + sys.argv + [sys.argv[2]], check=True)


main()
