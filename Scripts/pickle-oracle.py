"""What CPython and NumPy read from a series of pickles, none of which may name code.

Standard input: for each pickle its length (little-endian uint32) and its bytes.
Standard output: for each a byte, 1 where it is a matrix of finite float32; then rows, columns
(uint32) and the numbers (little-endian float32).
"""

import io
import os
import pickle
import resource
import struct
import sys
import warnings

import numpy

TOGETHER = 20

ALLOWED = {
    ("numpy", "dtype"), ("numpy", "ndarray"), ("_codecs", "encode"),
    ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar"),
    ("numpy.core.numeric", "_frombuffer"), ("numpy._core.numeric", "_frombuffer"),
    ("builtins", "bytes"),
}


class Restricted(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError("not allowed: %s.%s" % (module, name))
        return super().find_class(module, name)


def matrix(data):
    value = Restricted(io.BytesIO(data), encoding="latin1").load()
    if not isinstance(value, (list, tuple, numpy.ndarray)):
        return None
    if isinstance(value, (list, tuple)) and not value:
        return numpy.zeros((0, 0), dtype="<f4")
    if isinstance(value, numpy.ndarray):
        if value.dtype.kind not in "fiu":
            return None
        result = value.astype(numpy.float32)
    else:
        result = numpy.array(value, dtype=numpy.float32)
    if result.ndim != 2 or not numpy.isfinite(result).all():
        return None
    return numpy.ascontiguousarray(result, dtype="<f4")


def verdict(data):
    try:
        result = matrix(data)
    except BaseException:
        result = None
    if result is None:
        return b"\0"
    rows, columns = result.shape
    return b"\1" + struct.pack("<II", rows, columns) + result.tobytes()


def apart(pickles):
    """Verdicts from a process of its own: a damaged pickle can leave NumPy itself damaged.

    None where that process did not survive.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with open(writer, "wb") as sink:
            sink.write(b"".join(map(verdict, pickles)))
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as source:
        answer = source.read()
    _, status = os.waitpid(child, 0)
    return answer if status == 0 else None


def main():
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    pickles = []
    while True:
        header = source.read(4)
        if len(header) < 4:
            break
        pickles.append(source.read(struct.unpack("<I", header)[0]))
    for start in range(0, len(pickles), TOGETHER):
        some = pickles[start:start + TOGETHER]
        answer = apart(some)
        if answer is None:
            answer = b"".join(apart([data]) or b"\0" for data in some)
        sink.write(answer)


main()
