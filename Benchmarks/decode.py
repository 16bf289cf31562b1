"""Compares `decode` with pickle.load and numpy.array, in turns, on one file in the page cache.

    decode.py DECODE FOLDER

Prints the best and the median of the turns: another load on the machine can only slow a turn
down. Ends with the peak memory of a streamed read of a pickle of 1 GB.
"""

import os
import pickle
import re
import statistics
import subprocess
import sys

TURNS = 5
ROWS, WIDTH = 10_000, 3072

COMPARED = """
import pickle, sys, time
import numpy
busy = time.process_time()
start = time.perf_counter()
with open(sys.argv[1], "rb") as file:
    rows = pickle.load(file)
loaded = time.perf_counter()
matrix = numpy.array(rows, dtype=numpy.float32)
end = time.perf_counter()
print(loaded - start, end - loaded, end - start, time.process_time() - busy)
if len(sys.argv) > 2:
    matrix.tofile(sys.argv[2])
"""


def make(path, rows):
    """A store as CPython writes it: a list of lists of floats, protocol 4."""
    if os.path.exists(path):
        return
    import numpy
    numbers = numpy.random.default_rng(1).standard_normal((rows, WIDTH))
    numbers /= numpy.linalg.norm(numbers, axis=1, keepdims=True)
    with open(path + ".part", "wb") as file:
        pickle.dump(numbers.tolist(), file, protocol=4)
    os.rename(path + ".part", path)


def made_apart(path, rows):
    """Makes the file in a process of its own, whose memory goes with it."""
    if not os.path.exists(path):
        subprocess.run([sys.executable, __file__, "--make", path, str(rows)], check=True)


def decode(binary, mode, path, *more):
    output = subprocess.run(
        [binary, mode, path, *map(str, more)], check=True, capture_output=True, text=True).stdout
    return output.strip()


def field(output, name):
    return float(re.search(name + r" ([0-9.e-]+)", output).group(1))


def report(name, runs, size, slow=None):
    """Best wall and processor time; the latter says more on a machine that has other work."""
    wall, busy = min(run[0] for run in runs), min(run[1] for run in runs)
    median = statistics.median(run[0] for run in runs)
    print("%-28s best %6.3f s  median %6.3f s  processor %6.3f s  %5.2f GB/s"
          % (name, wall, median, busy, size / wall / 1e9))
    if slow:
        print("%-28s %5.1f times as fast (best), %.1f (median), %.1f (processor)"
              % ("", slow[0] / wall, slow[1] / median, slow[2] / busy))
    return wall, median, busy


def main():
    if sys.argv[1] == "--make":
        make(sys.argv[2], int(sys.argv[3]))
        return
    binary, folder = sys.argv[1], sys.argv[2]
    path = os.path.join(folder, "decode-%dx%d.pkl" % (ROWS, WIDTH))
    made_apart(path, ROWS)
    size = os.path.getsize(path)
    ways = {"decode, one pass, mapped": ("mapped",), "decode, one pass, read": ("once",),
            "decode, check then read": ("matrix",), "decode, read by two threads": ("matrix", 2)}
    ours, theirs = {name: [] for name in ways}, []
    for _ in range(TURNS):
        for name, (mode, *more) in ways.items():
            for _ in range(3):
                output = decode(binary, mode, path, *more)
                ours[name].append((field(output, "total"), field(output, "cpu")))
        output = subprocess.run(
            [sys.executable, "-c", COMPARED, path], check=True, capture_output=True, text=True)
        theirs.append(tuple(map(float, output.stdout.split()[2:4])))
    print("%d rows of %d, protocol 4, %.0f MB, Python %s"
          % (ROWS, WIDTH, size / 1e6, sys.version.split()[0]))
    slow = report("pickle.load + numpy.array", theirs, size)
    for name, runs in ours.items():
        report(name, runs, size, slow)
    check_bits(binary, path, folder)
    large = os.path.join(folder, "decode-1GB.pkl")
    made_apart(large, 36_200)
    print("streamed: " + decode(binary, "stream", large))


def check_bits(binary, path, folder):
    """The same numbers, bit for bit: both write the matrix, and the files are compared."""
    mine, other = os.path.join(folder, "ours.f32"), os.path.join(folder, "numpy.f32")
    decode(binary, "write", path, mine)
    subprocess.run([sys.executable, "-c", COMPARED, path, other], check=True,
                   stdout=subprocess.DEVNULL)
    same = subprocess.run(["cmp", mine, other]).returncode == 0
    print("every number bit-equal to NumPy's: %s" % ("yes" if same else "NO"))
    os.remove(mine)
    os.remove(other)
    if not same:
        sys.exit(1)


main()
