"""Writes FAISS stores with the installed langchain, and beside them what it returns.

    python langchain_faiss.py FOLDER EXPECTED.json
"""

import json
import os
import random
import sys

import faiss
import numpy

try:
    import langchain_community
    from langchain_community.docstore.in_memory import InMemoryDocstore
    from langchain_community.vectorstores import FAISS
    from langchain_core.documents import Document
    VERSION = langchain_community.__version__
except ImportError:
    import langchain
    from langchain.docstore.in_memory import InMemoryDocstore
    from langchain.schema import Document
    from langchain.vectorstores import FAISS
    VERSION = langchain.__version__
try:
    from langchain_core.embeddings import Embeddings
except ImportError:
    from langchain.embeddings.base import Embeddings

DIMENSIONS = 8


class Seeded(Embeddings):
    """Gives every text numbers that follow from the text alone."""

    def embed_query(self, text):
        rng = random.Random(text)
        return [float(numpy.float32(rng.gauss(0, 1))) for _ in range(DIMENSIONS)]

    def embed_documents(self, texts):
        return [self.embed_query(text) for text in texts]


WORDS = ["Grüße", "naïve", "数据", "plain", "emoji 🙂", 'quote "x"', "tab\tand\nline", ""]


def texts(name, count):
    rng = random.Random(name)
    return ["%s %s %d" % (rng.choice(WORDS), name, i) for i in range(count)]


def metadatas(count):
    return [{"number": i, "half": i + 0.5, "none": None, "flag": i % 2 == 0,
             "nested": {"a": [1, {"b": "ü"}], "big": 2 ** 60 + i}} for i in range(count)]


def put(store, name, count):
    store.add_texts(texts(name, count), metadatas=metadatas(count))


def flat(folder):
    store = FAISS.from_texts(texts("flat", 9), Seeded(), metadatas=metadatas(9))
    store.add_texts(["", "same", "same"])
    if hasattr(store, "delete"):
        first = store.index_to_docstore_id[1]
        store.delete([first, store.index_to_docstore_id[4]])
    return store


def with_index(index, name, count=20):
    store = FAISS(
        embedding_function=Seeded() if VERSION >= "0.0.3" else Seeded().embed_query, index=index,
        docstore=InMemoryDocstore({}), index_to_docstore_id={})
    if count:
        put(store, name, count)
    return store


def stores(folder):
    yield "flat", "index", flat(folder)
    yield "named", "other name", with_index(faiss.IndexFlatIP(DIMENSIONS), "named", 5)
    yield "hnsw", "index", with_index(faiss.IndexHNSWFlat(DIMENSIONS, 4), "hnsw")
    quantizer = faiss.IndexFlatL2(DIMENSIONS)
    ivf = faiss.IndexIVFFlat(quantizer, DIMENSIONS, 3)
    ivf.train(numpy.array(Seeded().embed_documents(texts("train", 200)), dtype="float32"))
    yield "ivf", "index", with_index(ivf, "ivf", 30)
    try:
        mapped = faiss.IndexIDMap2(faiss.IndexFlatL2(DIMENSIONS))
        numbers = numpy.array(Seeded().embed_documents(texts("map", 6)), dtype="float32")
        mapped.add_with_ids(numbers, numpy.array([5, 3, 9, 0, 2, 7], dtype="int64"))
        store = with_index(faiss.IndexFlatL2(DIMENSIONS), "map", 0)
        store.index = mapped
        names = ["m%d" % i for i in range(6)]
        for name, text in zip(names, texts("map", 6)):
            store.docstore.add({name: Document(page_content=text, metadata={"name": name})})
        store.index_to_docstore_id = dict(zip([5, 3, 9, 0, 2, 7], names))
        yield "map", "index", store
    except Exception as error:  # an old version cannot do without something
        print("map: %r" % error, file=sys.stderr)


def vectors(index):
    """The vectors of an index by their ids."""
    if isinstance(index, faiss.IndexIDMap2) or isinstance(index, faiss.IndexIDMap):
        ids = faiss.vector_to_array(index.id_map)
        inner = faiss.downcast_index(index.index)
        return {int(ids[i]): inner.reconstruct(i) for i in range(index.ntotal)}
    if isinstance(index, faiss.IndexIVF):
        index.make_direct_map()
    return {i: index.reconstruct(i) for i in range(index.ntotal)}


def main():
    folder, expected = sys.argv[1:3]
    result = {"version": "%s, faiss %s" % (VERSION, faiss.__version__), "stores": []}
    for place, name, store in stores(folder):
        path = os.path.join(folder, place)
        os.makedirs(path)
        store.save_local(path, index_name=name)
        try:
            again = FAISS.load_local(
                path, Seeded(), index_name=name, allow_dangerous_deserialization=True)
        except TypeError:
            again = FAISS.load_local(path, Seeded(), index_name=name)
        found = vectors(again.index)
        documents = []
        for position, key in again.index_to_docstore_id.items():
            document = again.docstore.search(key)
            documents.append({
                "id": key, "text": document.page_content, "metadata": document.metadata,
                "vector": [float(x) for x in found[position]]})
        result["stores"].append(
            {"folder": place, "name": name, "documents": sorted(documents, key=lambda d: d["id"])})
    with open(expected, "w", encoding="utf-8") as file:
        json.dump(result, file, ensure_ascii=False)
        file.write("\n")


main()
