"""The rivals' side of the fidelity benchmark: a corpus, four other reductions, and the measure.

Arguments: folder, rows, queries, dimensions, corpus. The rows have a common direction and a spectrum
that decays: along the coordinates, as for models that are trained to be cut ("ordered"), or turned
at random so that no coordinate is better than another ("turned"). Recall is measured for every
method and reader alike: cosines in NumPy, against those of the unreduced rows.
"""
import functools
import sys

import numpy

folder, rows, asked, dimensions = sys.argv[1], *map(int, sys.argv[2:5])
corpus = sys.argv[5]
random = numpy.random.default_rng(7)
targets = [500, 1000, 1500, 2000, 2500]


def unit(x):
    return x / numpy.maximum(numpy.linalg.norm(x, axis=1, keepdims=True), 1e-30)


turn = numpy.eye(dimensions, dtype=numpy.float32)
if corpus == "turned":
    turn = numpy.linalg.qr(random.standard_normal((dimensions, dimensions)))[0].astype(numpy.float32)
spread = 1 / (1 + numpy.arange(dimensions, dtype=numpy.float32) * 8 / dimensions)
mean = random.standard_normal(dimensions).astype(numpy.float32) * 0.5
both = random.standard_normal((rows + asked, dimensions), dtype=numpy.float32) * spread + mean
both = unit(both @ turn)
x, q = both[:rows], both[rows:]
x.tofile(f"{folder}/rows.f32")
q.tofile(f"{folder}/queries.f32")
truth_scores = unit(q.astype(float)) @ unit(x.astype(float)).T
truth = numpy.argsort(-truth_scores, axis=1)[:, :10]


def measure(short_rows, short_queries):
    scores = unit(short_queries.astype(float)) @ unit(short_rows.astype(float)).T
    found = numpy.argsort(-scores, axis=1)[:, :10]
    hits = sum(len(set(a) & set(b)) for a, b in zip(truth, found))
    return f"{hits / truth.size} {numpy.abs(scores - truth_scores).max()}"


@functools.cache
def leading(centred):
    wide = x.astype(float) - (x.astype(float).mean(axis=0) if centred else 0)
    # Without a copy in order, NumPy would not hand the products to BLAS.
    return numpy.ascontiguousarray(numpy.linalg.eigh(wide.T @ wide)[1][:, ::-1])


def exact(k):
    w = leading(False)[:, :k]
    return measure(x @ w, q @ w)


def centred(k):
    w, middle = leading(True)[:, :k], x.astype(float).mean(axis=0)
    return measure((x - middle) @ w, (q - middle) @ w)


def truncated(k):
    return measure(x[:, :k], q[:, :k])


def projected(k):
    w = numpy.random.default_rng(k).standard_normal((dimensions, k)) / numpy.sqrt(k)
    return measure(x @ w, q @ w)


def load(name, k):
    return numpy.fromfile(f"{folder}/{name}.f32", dtype=numpy.float32).reshape(-1, k)


def ours(k):
    return measure(load("aligned-rows", k), load("aligned-queries", k))


def plain(k):
    return measure(load("plain-rows", k), load("plain-queries", k))


def added(k):
    return measure(load("added-rows", k), load("added-queries", k))


def cut(k):
    return measure(load("aligned-rows", k), q[:, :k])


def plaincut(k):
    return measure(load("plain-rows", k), q[:, :k])


for method in (exact, centred, truncated, projected, ours, plain, added, cut, plaincut):
    for target in targets:
        globals()[f"{method.__name__}_{target}"] = functools.partial(method, target)
