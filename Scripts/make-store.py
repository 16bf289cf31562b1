#!/usr/bin/env python3
"""Writes invented stores, for tests and benchmarks.

Rows come in blocks, so memory does not grow with the store. With NumPy 20,000 x 2,000 takes
seconds; without it the same options work, slowly and with other numbers. The vectors are of
unit length, share a mean direction, and have a spectrum that falls as k^-decay over `rank`
directions, with a little noise in all others: embeddings look so. With --users there are as many
stores; their rows differ, the directions are the same, as with one embedding model.

    make-store.py --rows 20000 --dimensions 2000 --out user_data
    make-store.py --rows 50 --users 400 --out user_data
"""

import argparse
import datetime
import json
import math
import os
import random
import struct
import sys

sys.dont_write_bytecode = True
import fernet  # noqa: E402

try:
    import numpy
except ImportError:
    numpy = None

BLOCK = 256  # rows that are made at once
BATCH = 1000  # numbers between MARK and APPENDS, as CPython's pickler has it

WORDS = """amber autumn bridge candle cellar cherry cloud copper corner draft early evening
ferry field garden granite harbour hazel island kettle lantern letter linen market meadow
morning narrow orchard paper pepper quiet railway river saddle silver station stone summer
table tide timber valley violet walnut window winter wooden yellow""".split()


class PlainRows:
    """Rows of unit vectors from the standard library alone."""

    def __init__(self, options):
        self.random = random.Random(options.seed)
        self.dimensions, self.noise = options.dimensions, options.noise
        gauss = self.random.gauss
        # Every direction costs a pass over the row here: few must do.
        rank = min(options.rank, 16)
        self.directions = [[gauss(0, 1) for _ in range(self.dimensions)] for _ in range(rank)]
        self.scales = [0.0] + [(k + 1) ** -options.decay for k in range(rank - 1)]

    def block(self, rows):
        for _ in range(rows):
            gauss = self.random.gauss
            row = [first + self.noise * gauss(0, 1) for first in self.directions[0]]
            for scale, direction in zip(self.scales[1:], self.directions[1:]):
                factor = scale * gauss(0, 1)
                row = [x + factor * d for x, d in zip(row, direction)]
            length = math.sqrt(sum(x * x for x in row))
            yield pickled_floats([x / length for x in row])


class NumpyRows:
    """The same by matrix products."""

    def __init__(self, options):
        self.random = numpy.random.Generator(numpy.random.PCG64(options.seed))
        self.dimensions, self.noise = options.dimensions, options.noise
        shape = (options.rank, self.dimensions)
        self.directions = self.random.standard_normal(shape, dtype=numpy.float32)
        self.scales = numpy.arange(1, options.rank + 1, dtype=numpy.float32) ** -options.decay

    def block(self, rows):
        draw = self.random.standard_normal
        factors = draw((rows, len(self.scales)), dtype=numpy.float32) * self.scales
        factors[:, 0] = 1
        values = (factors @ self.directions).astype(numpy.float64)
        values += self.noise * draw((rows, self.dimensions), dtype=numpy.float32)
        values /= numpy.sqrt((values * values).sum(axis=1, keepdims=True))
        # One byte of opcode and eight of big-endian double, for the whole block at once.
        cells = numpy.empty((rows, self.dimensions, 9), numpy.uint8)
        cells[:, :, 0] = ord("G")
        cells[:, :, 1:] = values.astype(">f8").view(numpy.uint8).reshape(rows, -1, 8)
        for row in cells:
            yield [row[i : i + BATCH].tobytes() for i in range(0, self.dimensions, BATCH)]


def pickled_floats(row):
    """BINFLOAT opcodes of a row, in batches."""
    batches = (row[i : i + BATCH] for i in range(0, len(row), BATCH))
    return [b"".join(b"G" + struct.pack(">d", x) for x in batch) for batch in batches]


class PickleWriter:
    """Writes a list of lists of floats as CPython pickles it, a row at a time.

    Protocols 4 and 5 put each row into a frame of its own; CPython's frames are larger.
    """

    def __init__(self, file, protocol):
        self.file, self.protocol, self.memoised, self.rows = file, protocol, 0, 0
        file.write(b"\x80" + bytes([protocol]))
        self.emit(b"]" + self.memoise())

    def emit(self, opcodes):
        if self.protocol >= 4:
            self.file.write(b"\x95" + struct.pack("<Q", len(opcodes)))
        self.file.write(opcodes)

    def memoise(self):
        index = self.memoised
        self.memoised += 1
        if self.protocol >= 4:
            return b"\x94"
        return b"q" + bytes([index]) if index < 256 else b"r" + struct.pack("<I", index)

    def append(self, batches):
        if self.rows % BATCH == 0:
            self.emit(b"e(" if self.rows else b"(")
        self.rows += 1
        opcodes = b"]" + self.memoise()
        for batch in batches:
            # A batch of one has no MARK: APPEND takes it.
            opcodes += batch + b"a" if len(batch) == 9 else b"(" + batch + b"e"
        self.emit(opcodes)

    def finish(self):
        self.emit(b"e." if self.rows else b".")


def write_vectors(path, source, options):
    with open(path, "wb", buffering=1 << 20) as file:
        pickle_writer = PickleWriter(file, options.protocol)
        for start in range(0, options.rows, BLOCK):
            for batches in source.block(min(BLOCK, options.rows - start)):
                pickle_writer.append(batches)
        pickle_writer.finish()


def documents(options):
    """Entries of metadata.json, with texts of about `text_bytes` bytes."""
    chance = random.Random(options.seed + 1)
    moment = datetime.datetime(2024, 1, 1, 6, 0, 0, 250000)
    for number in range(options.rows):
        text = f"Document {number}:"
        while len(text) < options.text_bytes:
            text += " " + chance.choice(WORDS)
        moment += datetime.timedelta(seconds=chance.randrange(20, 900))
        unix_time = int(moment.replace(tzinfo=datetime.timezone.utc).timestamp())
        yield {
            "id": f"doc_{number}_{unix_time}",
            "text": text + ".",
            "timestamp": moment.isoformat(timespec="microseconds"),
            "record_type": chance.choice(["note", "question", "application"]),
            "data": {"number": number, "weight": round(chance.random(), 6)},
        }


def metadata(options):
    """The JSON array, in pieces, as json.dump(indent=2) writes it."""
    yield "["
    for number, document in enumerate(documents(options)):
        lines = json.dumps(document, ensure_ascii=False, indent=2).replace("\n", "\n  ")
        yield (",\n  " if number else "\n  ") + lines
    yield "\n]" if options.rows else "]"


def write_metadata(path, options):
    with open(path, "wb", buffering=1 << 20) as file:
        if not options.encrypted:
            for piece in metadata(options):
                file.write(piece.encode())
            return
        # A token is one piece: here the texts, not the vectors, are held in memory.
        key = fernet.user_key(options.user, options.master_key)
        iv = random.Random(options.seed + 2).getrandbits(128).to_bytes(16, "big")
        file.write(fernet.seal(key, "".join(metadata(options)).encode(), 1_735_689_600, iv))


def write_store(source, options):
    folder = os.path.join(options.out, options.user, "vector_store_" + options.collection)
    os.makedirs(folder, exist_ok=True)
    write_vectors(os.path.join(folder, "vectors.pkl"), source, options)
    write_metadata(os.path.join(folder, "metadata.json"), options)
    print(f"{folder}: {options.rows} x {options.dimensions}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--dimensions", type=int, default=3072)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rank", type=int, default=256, help="directions with a spectrum")
    parser.add_argument("--decay", type=float, default=0.5, help="scale of direction k: k^-decay")
    parser.add_argument("--noise", type=float, default=0.02, help="in every direction")
    parser.add_argument("--text-bytes", type=int, default=120)
    parser.add_argument("--protocol", type=int, choices=[2, 3, 4, 5], default=4)
    parser.add_argument("--encrypted", action="store_true", help="seal metadata.json")
    parser.add_argument("--master-key", help="else the key is the user's default one")
    parser.add_argument("--user", default="bulk")
    parser.add_argument("--users", type=int, help="as many, USER-1 and so on, with a store each")
    parser.add_argument("--collection", default="personal_assistant")
    parser.add_argument("--out", default="user_data", help="the directory of users")
    options = parser.parse_args()
    if options.rows < 0 or options.dimensions < 1 or options.rank < 1:
        parser.error("rows, dimensions and rank are counts")

    source = (NumpyRows if numpy else PlainRows)(options)
    if options.users is None:
        write_store(source, options)
    else:
        for number in range(1, options.users + 1):
            own = {"user": f"{options.user}-{number}", "seed": options.seed + number}
            write_store(source, argparse.Namespace(**{**vars(options), **own}))


if __name__ == "__main__":
    main()
