"""Writes a folder of Qdrant's local mode with the installed qdrant-client, and what it returns.

    python qdrant.py FOLDER EXPECTED.json
"""

import importlib.metadata
import json
import random
import sys

import numpy
from qdrant_client import QdrantClient
from qdrant_client.http import models

DIMENSIONS = 8
VERSION = importlib.metadata.version("qdrant-client")
WORDS = ["Grüße", "naïve", "数据", "plain", "emoji 🙂", 'quote "x"', "tab\tand\nline"]


GIVEN = {}


def vector(rng, collection, number):
    """Numbers for a point, which are noted as what was given last."""
    numbers = [float(numpy.float32(rng.gauss(0, 1))) for _ in range(DIMENSIONS)]
    GIVEN[collection, str(number)] = numbers
    return numbers


def payload(rng, number):
    return {"text": "%s %d" % (rng.choice(WORDS), number), "number": number, "half": number + 0.5,
            "none": None, "flag": number % 2 == 0, "nested": {"a": [1, {"b": "ü"}]},
            "big": 2 ** 60 + number}


def uuid(number):
    return "00000000-0000-4000-8000-%012d" % number


def make(client, name, parameters):
    client.recreate_collection(collection_name=name, vectors_config=parameters)


def main():
    folder, expected = sys.argv[1:3]
    client = QdrantClient(path=folder)
    rng = random.Random(6)
    plain = models.VectorParams(size=DIMENSIONS, distance=models.Distance.EUCLID)

    make(client, "numbers", plain)
    client.upsert("numbers", [
        models.PointStruct(id=i, vector=vector(rng, "numbers", i), payload=payload(rng, i)) for i in range(12)])
    client.upsert("numbers", [
        models.PointStruct(id=3, vector=vector(rng, "numbers", 3), payload=payload(rng, 33))])
    client.delete("numbers", points_selector=models.PointIdsList(points=[5, 7]))
    client.set_payload("numbers", payload={"text": "changed ü", "later": 1}, points=[2])

    make(client, "names", models.VectorParams(
        size=DIMENSIONS, distance=models.Distance.COSINE))
    client.upsert("names", models.Batch(
        ids=[uuid(i) for i in range(6)], vectors=[vector(rng, "names", uuid(i)) for i in range(6)],
        payloads=[{"page_content": "%s %d" % (rng.choice(WORDS), i), "metadata": {"i": i}}
                  for i in range(6)]))

    make(client, "one-named", {"dense": plain})
    client.upsert("one-named", [
        models.PointStruct(id=i, vector={"dense": vector(rng, "one-named", i)}, payload={"content": "c %d" % i})
        for i in range(4)])

    make(client, "several", {"one": plain, "two": plain})
    client.upsert("several", [models.PointStruct(
        id=1, vector={"one": vector(rng, "several", 1), "two": vector(rng, "several", 1)},
        payload={"text": "two vectors"})])

    make(client, "no-payload", plain)
    client.upsert("no-payload", [models.PointStruct(id=1, vector=vector(rng, "no-payload", 1))])

    result = {"version": VERSION, "stores": []}
    for name in ["numbers", "names", "one-named", "several", "no-payload"]:
        points, _ = client.scroll(name, limit=1000, with_payload=True, with_vectors=True)
        result["stores"].append({"collection": name, "documents": [
            {"id": str(p.id), "payload": p.payload, "vector": p.vector,
             "given": GIVEN[name, str(p.id)]} for p in points]})
    with open(expected, "w", encoding="utf-8") as file:
        json.dump(result, file, ensure_ascii=False)
        file.write("\n")
    if hasattr(client, "close"):
        client.close()


main()
