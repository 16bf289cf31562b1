"""Honest pickles of vectors in every shape this interpreter and this NumPy can write.

    make-benign-pickles.py SEED COUNT > file

For each: a description, the pickle, then rows, columns and the float32 numbers that NumPy makes
of it. Lengths are little-endian uint32. Runs under Python 2.7 as well as 3.
"""

from __future__ import print_function

import pickle
import random
import struct
import sys

import numpy

PYTHON2 = sys.version_info[0] == 2
HIGHEST = pickle.HIGHEST_PROTOCOL
DTYPES = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
SPECIAL = [
    0.0, -0.0, 1.0, -1.0, 5e-324, 1e-45, -1e-45, 1.401298464324817e-45, 7.006492321624085e-46,
    7.006492321624086e-46, 1.1754943508222875e-38, 1.1754942807573643e-38, 3.4028234663852886e38,
    -3.4028235677973362e38, 1.00000005960464477539, 1.000000178813934326171875, 16777217.0, 0.1,
]


def numbers(rng, count):
    if rng.random() < 0.2:
        return [rng.choice(SPECIAL) for _ in range(count)]
    if rng.random() < 0.2:
        return [struct.unpack("<f", struct.pack("<I", rng.getrandbits(31) % 0x7F800000))[0]
                for _ in range(count)]
    return [rng.gauss(0, 1) * 10.0 ** rng.choice([0, 0, 0, -3, 5, -30]) for _ in range(count)]


def some_integer(rng):
    bits = rng.choice([1, 7, 8, 9, 15, 16, 31, 32, 33, 53, 54, 62, 63, 64, 70, 120])
    return rng.getrandbits(bits) * rng.choice([1, -1])


def python_row(rng, width):
    row = numbers(rng, width)
    style = rng.randrange(4)
    if style == 0:
        row = [some_integer(rng) if rng.random() < 0.3 else x for x in row]
    elif style == 1 and rng.random() < 0.5:
        row = [some_integer(rng) for _ in row]
    return row


def array(rng, shape):
    kind = rng.choice(DTYPES)
    order = rng.choice("<>")
    if kind[0] == "f":
        size = int(numpy.prod(shape)) if shape else 1
        values = numpy.array(numbers(rng, size))
        if kind == "f2":
            values = numpy.clip(values, -60000, 60000)
        result = values.reshape(shape).astype(order + kind)
    else:
        info = numpy.iinfo(kind)
        size = int(numpy.prod(shape)) if shape else 1
        values = [rng.randint(int(info.min), int(info.max)) for _ in range(size)]
        result = numpy.array(values, dtype=kind).reshape(shape).astype(order + kind)
    if len(shape) == 2:
        style = rng.randrange(4)
        if style == 0:
            result = numpy.asfortranarray(result)
        elif style == 1:
            result = numpy.ascontiguousarray(result.T).T
        elif style == 2:
            result = numpy.repeat(result, 2, axis=1)[:, ::2]
    elif len(shape) == 1 and rng.random() < 0.2:
        result = numpy.repeat(result, 2)[::2]
    if rng.random() < 0.2:
        result.flags.writeable = False
    return result


def scalar_row(rng, width):
    style = rng.randrange(3)
    if style == 0:
        return list(array(rng, (width,)))
    if style == 1:
        row = numbers(rng, width)
        return [numpy.float64(x) if rng.random() < 0.5 else x for x in row]
    pool = [numpy.float32(x) for x in numbers(rng, 3)] + [array(rng, ())]
    return [rng.choice(pool) for _ in range(width)]


def store(rng):
    rows = rng.choice([0, 1, 2, 3, 5, 12])
    width = rng.choice([1, 2, 3, 4, 5, 8, 9, 10, 16, 17, 100, 999, 1000, 1001, 2500])
    outer = rng.choice([list, tuple])
    kind = rng.choice(["lists", "lists", "tuples", "mixed", "arrays", "matrix", "scalars", "shared"])
    if kind == "matrix":
        return kind, array(rng, (rows, width))
    if kind == "lists":
        value = [python_row(rng, width) for _ in range(rows)]
    elif kind == "tuples":
        value = [tuple(python_row(rng, width)) for _ in range(rows)]
    elif kind == "arrays":
        value = [array(rng, (width,)) for _ in range(rows)]
    elif kind == "scalars":
        width = min(width, 100)
        value = [scalar_row(rng, width) for _ in range(rows)]
    elif kind == "shared":
        pool = [python_row(rng, width), tuple(python_row(rng, width)), array(rng, (width,)),
                scalar_row(rng, width)]
        value = [rng.choice(pool) for _ in range(rows)]
    else:
        value = [rng.choice([python_row, scalar_row])(rng, width) for _ in range(rows)]
        value = [rng.choice([list, tuple])(row) for row in value]
    return kind, outer(value)


def expected(value):
    if isinstance(value, numpy.ndarray):
        return value.astype(numpy.float32)
    if len(value) == 0:
        return numpy.zeros((0, 0), dtype=numpy.float32)
    return numpy.array(value, dtype=numpy.float32)


def write(rng, value):
    protocol = rng.randint(0, HIGHEST)
    if PYTHON2:
        import cPickle
        writer = rng.choice([pickle.dumps, cPickle.dumps])
        name = "cPickle" if writer is cPickle.dumps else "pickle"
    else:
        writer = rng.choice([pickle.dumps, pickle._dumps])
        name = "C" if writer is pickle.dumps else "Python"
    data = writer(value, protocol)
    if rng.random() < 0.15:
        import pickletools
        data, name = pickletools.optimize(data), name + " optimized"
    older = rng.random() < 0.3 and legacy(data)
    if older:
        data, name = older, name + " as NumPy 1"
    return data, "protocol %d by %s" % (protocol, name)


def legacy(data):
    """The same pickle with the module names of NumPy 1, where it has those of NumPy 2."""
    if b"numpy._core" not in data:
        return None
    if data[1:2] >= b"\x04":
        if data[2:3] != b"\x95" or struct.unpack("<Q", data[3:11])[0] != len(data) - 11:
            return None
        data = data[:2] + data[11:]
        for module in (b"numpy._core.multiarray", b"numpy._core.numeric"):
            old = b"\x8c" + struct.pack("B", len(module)) + module
            module = module.replace(b"_core", b"core")
            data = data.replace(old, b"\x8c" + struct.pack("B", len(module)) + module)
        return data
    return data.replace(b"cnumpy._core.", b"cnumpy.core.")


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    sink = sys.stdout if PYTHON2 else sys.stdout.buffer
    made = 0
    attempt = 0
    while made < count:
        rng = random.Random(seed * 1000003 + attempt)
        attempt += 1
        kind, value = store(rng)
        try:
            with numpy.errstate(all="ignore"):
                result = expected(value)
        except (OverflowError, ValueError):
            continue
        if result.ndim != 2 or not numpy.isfinite(result).all():
            continue
        data, how = write(rng, value)
        text = ("case %d: %s, %s" % (attempt - 1, kind, how)).encode()
        result = numpy.ascontiguousarray(result, dtype="<f4")
        sink.write(struct.pack("<I", len(text)) + text + struct.pack("<I", len(data)) + data)
        sink.write(struct.pack("<II", *result.shape) + result.tobytes())
        made += 1


main()
