"""Pickles that must be refused: hostile, absurd or broken, the same ones for the same seed.

    make-malicious-pickles.py SEED COUNT FOLDER CANARY

Nothing is run here. What a careless reader would run creates the file CANARY.
"""

import os
import pickle
import random
import struct
import sys

import numpy

COMMANDS = [
    ("os", "system"), ("posix", "system"), ("nt", "system"), ("subprocess", "call"),
    ("subprocess", "Popen"), ("subprocess", "check_output"), ("builtins", "eval"),
    ("builtins", "exec"), ("__builtin__", "eval"), ("builtins", "__import__"),
    ("builtins", "getattr"), ("importlib", "import_module"), ("socket", "create_connection"),
    ("urllib.request", "urlopen"), ("shutil", "rmtree"), ("pickle", "loads"), ("marshal", "loads"),
    ("ctypes", "CDLL"), ("webbrowser", "open"), ("numpy", "load"), ("numpy", "fromfile"),
    ("numpy.core.multiarray", "fromfile"), ("numpy.f2py", "crackfortran"),
    ("numpy.testing._private.utils", "runstring"), ("numpy", "memmap"), ("numpy", "ndarray.tofile"),
    ("numpy.ma.core", "_mareconstruct"), ("numpy.core.records", "_reconstruct"),
    ("copyreg", "_reconstructor"), ("functools", "partial"), ("operator", "attrgetter"),
    ("_codecs", "decode"), ("codecs", "encode"), ("numpy.core.multiarray", "array"),
    ("numpy", "dtypes"), ("os", ""), ("", "system"), ("numpy.dtype", ""), ("numpy", "dtype.type"),
]


class Call:
    """Pickles as a call of anything, without having it."""

    def __init__(self, text):
        self.text = text


def text(value, protocol=4):
    raw = value.encode()
    if protocol >= 4 and len(raw) < 256:
        return b"\x8c" + struct.pack("B", len(raw)) + raw
    return b"X" + struct.pack("<I", len(raw)) + raw


def name(rng, module, attribute):
    if rng.random() < 0.5:
        return b"c" + module.encode() + b"\n" + attribute.encode() + b"\n"
    return text(module) + text(attribute) + b"\x93"


def command(rng, canary):
    return rng.choice(["touch %s" % canary, "echo 1 > %s" % canary, "open(%r,'w')" % canary])


def call(rng, canary):
    module, attribute = rng.choice(COMMANDS)
    return name(rng, module, attribute) + text(command(rng, canary)) + b"\x85R"


def header(rng):
    return b"\x80" + struct.pack("B", rng.choice([2, 3, 4, 5])) if rng.random() < 0.8 else b""


def floats(rng, count):
    return b"".join(b"G" + struct.pack(">d", rng.gauss(0, 1)) for _ in range(count))


def row(rng, count=None):
    return b"](" + floats(rng, count or rng.randint(1, 8)) + b"e"


def rows(rng, count=None):
    return b"".join(row(rng, 4) for _ in range(count or rng.randint(1, 5)))


def honest(rng):
    """A store that is correct; what is done to it afterwards is not."""
    kind = rng.randrange(5)
    value = numpy.array([[rng.gauss(0, 1) for _ in range(4)] for _ in range(3)])
    if kind == 0:
        value = value.tolist()
    elif kind == 1:
        value = [r.astype("f4") for r in value]
    elif kind == 2:
        value = [list(r) for r in value]
    elif kind == 3:
        value = tuple(tuple(r) for r in value.tolist())
    return pickle.dumps(value, rng.randint(0, 5))


DTYPE = b"cnumpy\ndtype\n"
RECONSTRUCT = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R"


def dtype(code="f8", order="<", rest=b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00"):
    return DTYPE + text(code) + b"\x89\x88\x87R(K\x03" + text(order) + rest + b"tb"


def array(state):
    return RECONSTRUCT + state + b"b"


def blob(data):
    return b"B" + struct.pack("<I", len(data)) + data


# Each maker returns the bytes of one pickle that must be refused.

def plain_call(rng, canary):
    return header(rng) + call(rng, canary) + b"."


def call_beside_rows(rng, canary):
    return header(rng) + b"](" + rows(rng) + call(rng, canary) + rows(rng) + b"e."


def call_inside_row(rng, canary):
    return header(rng) + b"](](" + floats(rng, 3) + call(rng, canary) + b"ee."


def nested_calls(rng, canary):
    inner = call(rng, canary)
    for _ in range(rng.randint(1, 20)):
        inner = name(rng, *rng.choice(COMMANDS)) + inner + b"\x85R"
    return header(rng) + b"](" + inner + b"e."


def call_of_allowed(rng, canary):
    module, attribute = rng.choice([
        ("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode"),
        ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "scalar"),
        ("numpy.core.numeric", "_frombuffer"), ("builtins", "bytes"),
    ])
    arguments = rng.choice([
        text("touch " + canary) + b"\x85", b"K\x05\x85", b"NN\x86", b"N\x85",
        text(canary) + text("w") + b"\x86", b"](K\x01e\x85", b"K\x00K\x00K\x00\x87",
        text("x") + text("unicode_escape") + b"\x86", text("x") + text("rot13") + b"\x86",
        b"cnumpy\nndarray\n\x85", b"J\xff\xff\xff\xff\x85", b"C\x01b\x85",
    ])
    return header(rng) + b"](" + name(rng, module, attribute) + arguments + b"Re."


def build_state(rng, canary):
    target = rng.choice([b"]", b"}", b")", b"K\x01", DTYPE, b"N", text("x"), RECONSTRUCT,
                         dtype(), b"cnumpy\nndarray\n"])
    state = rng.choice([
        b"}" + text("__setstate__") + b"cos\nsystem\ns", b"}" + text("__class__") + text("x") + b"s",
        text("touch " + canary), b"N", b"K\x01\x85", b"(K\x01K\x02\x85" + dtype() + b"\x89Nt",
    ])
    return header(rng) + target + state + b"b."


def old_objects(rng, canary):
    quoted = text("touch " + canary)
    return header(rng) + rng.choice([
        b"(" + quoted + b"ios\nsystem\n.", b"(cos\nsystem\n" + quoted + b"o.",
        b"cos\nsystem\n" + quoted + b"\x85\x81.", b"cos\nsystem\n)}\x92.",
        b"cbuiltins\nobject\n)\x81.", b"(cnumpy\nndarray\nK\x05o.", b"(K\x05inumpy\nndarray\n.",
        b"cnumpy\nndarray\nK\x05\x85\x81.", b"cnumpy\nndarray\nK\x05\x85}\x92.",
    ])


def outside_references(rng, canary):
    return header(rng) + b"](" + rows(rng) + rng.choice([
        b"P" + canary.encode() + b"\n", text(canary) + b"Q", b"\x82\x01", b"\x83\x01\x00",
        b"\x84\x01\x00\x00\x00", b"\x97", b"\x97\x98", b"\x98",
    ]) + b"e."


def stack_games(rng, canary):
    return header(rng) + rng.choice([
        b"](" + rows(rng) + b"0e.", b"](" + rows(rng) + b"2e.", b"](" + rows(rng) + b"(1e.",
        b".", b"e.", b"a.", b"t.", b"l.", b"R.", b"b.", b"\x93.", b"\x85.", b"(.", b"].]",
        b"](" + rows(rng) + b"e](" + rows(rng) + b"e.", b"]" + rows(rng) + b"e.", b"K\x01](e.",
        b"](" + row(rng) + b"a.", b"((((.", b"]((" + rows(rng) + b"e.", b"]K\x01e.",
        b"}(" + rows(rng) + b"u.", b"\x8f(" + rows(rng) + b"\x90.", b"(" + rows(rng) + b"\x91.",
        b"](" + rows(rng) + b"e\x80\x04.", b"\x94.", b"q\x00.", b"h\x00.", b"j\x00\x00\x00\x00.",
        b"g0\n.", b"p0\n.", b"](" + floats(rng, 3) + b"q\x00e.", b"N.", b"\x88.", b"K\x05.", b"(.",
    ])


def not_rows(rng, canary):
    return pickle.dumps(rng.choice([
        1.0, None, "text", b"bytes", {}, {"a": [1.0]}, [1.0, 2.0], (1.0, 2.0), [[[1.0]]],
        [[1.0], 2.0], [1.0, [2.0]], [["a", "b"]], [[None]], [[True, False]], [[1.0], "a"],
        [[1.0], None], [[]], [[], []], [{}], {1, 2}, frozenset([1]), [[1 + 2j]], complex(1, 2),
        numpy.zeros(3), numpy.zeros(()), numpy.zeros((2, 2, 2)), numpy.float64(3),
        numpy.zeros((2, 2), dtype=bool), numpy.zeros((2, 2), dtype=complex),
        numpy.array([["a", "b"]]), numpy.array([[1, "a", None]], dtype=object),
        numpy.zeros(2, dtype=[("a", "f4"), ("b", "f4")]), [numpy.zeros((2, 2))],
        numpy.array([["2020-01-01"]], dtype="M8[D]"), numpy.dtype("f8"), [numpy.zeros(0)],
        numpy.zeros((3, 0)), numpy.ma.zeros((2, 2)), numpy.asmatrix(numpy.zeros((2, 2))),
        numpy.zeros((2, 2), dtype=numpy.longdouble), [[numpy.bool_(True)]], [bytearray(b"ab")],
        [range(3)], range(3), [[2 ** 5000]], [[1.0, "2.0"]],
    ]), rng.randint(0, 5))


def not_finite(rng, canary):
    bad = rng.choice([
        float("nan"), float("inf"), float("-inf"), 1e39, -1e39, 1e308, 3.4028235677973366e38,
        -3.4028235677973366e38, 2 ** 128, -2 ** 200, 10 ** 400, numpy.float64("nan"),
        numpy.float32("inf"), numpy.float16("-inf"), numpy.float64(1e40),
    ])
    value = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    value[rng.randrange(2)][rng.randrange(3)] = bad
    shape = rng.randrange(4)
    if shape == 1:
        value = tuple(map(tuple, value))
    elif shape in (2, 3):
        try:
            with numpy.errstate(all="ignore"):
                value = numpy.array(value, dtype=">f8" if rng.random() < 0.5 else "<f4")
            value = value if shape == 2 else list(value)
        except OverflowError:
            pass
    return pickle.dumps(value, rng.randint(0, 5))


def memo_bomb(rng, canary):
    style = rng.randrange(5)
    if style == 0:  # a huge index
        return header(rng) + b"](" + row(rng) + b"r" + struct.pack("<I", rng.choice(
            [0xFFFFFFFF, 0x7FFFFFFF, 10 ** 9])) + b"e."
    if style == 1:
        return header(rng) + b"](" + row(rng) + b"p%d\ne." % rng.choice([10 ** 9, 2 ** 63, 10 ** 30])
    if style == 2:  # lists of lists that double
        level = b"](" + floats(rng, 2) + b"e\x94"
        for depth in range(rng.randint(3, 60)):
            level += b"](" + (b"h" + struct.pack("B", depth)) * 2 + b"e\x94"
        return header(rng) + level + b"."
    if style == 3:  # an index that was never set
        return header(rng) + b"](h" + struct.pack("B", rng.randrange(256)) + b"e."
    return header(rng) + b"](" + row(rng) + b"q\x05" + row(rng) + b"q\x05e."


def length_bomb(rng, canary):
    huge = rng.choice([2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 10 ** 9])
    vast = rng.choice([2 ** 40, 2 ** 62, 2 ** 63 - 1, 2 ** 63, 2 ** 64 - 1])
    return header(rng) + rng.choice([
        b"B" + struct.pack("<I", huge), b"X" + struct.pack("<I", huge), b"T" + struct.pack("<I", huge),
        b"\x8d" + struct.pack("<Q", vast), b"\x8e" + struct.pack("<Q", vast),
        b"\x96" + struct.pack("<Q", vast), b"\x8b" + struct.pack("<I", huge),
        b"\x95" + struct.pack("<Q", vast), b"\x8a\xff", b"C\xff", b"U\xff", b"\x8c\xff",
    ]) + b"abc."


def shared_rows(rng, canary):
    width = rng.choice([1000, 3072, 16000])
    times = rng.choice([100_000, 150_000])
    if rng.random() < 0.7:
        times, width = 20_000, 3072  # small enough to make many of
    shared = b"](" + floats(rng, 1) * width + b"e\x94"
    return header(rng) + b"](" + shared + b"h\x00" * times + b"e."


def deep(rng, canary):
    depth = rng.choice([70, 100, 1000, 10_000, 100_000])
    return header(rng) + rng.choice([
        b"]" * depth + b"a" * (depth - 1) + b".", b"(" * depth + b"t" * depth + b".",
        b")" + b"\x85" * depth + b".", b"(" * depth + b"l" * depth + b".",
        b"](" * depth + floats(rng, 1) + b"e" * depth + b".", b"]" * depth + b".",
        b"(" * depth + b".", b"}" * depth + b".", b"N" * depth + b".",
    ])


def cycle(rng, canary):
    return header(rng) + rng.choice([
        b"]q\x00h\x00a.", b"]q\x00(h\x00h\x00e.", b"]q\x00](h\x00eq\x01a.",
        b"]q\x00]q\x01h\x00ah\x01\x85a.", b"](" + row(rng) + b"q\x00h\x00" + floats(rng, 1) + b"ae.",
        b"]q\x00(" + rows(rng) + b"h\x00e.", b"}q\x00K\x01h\x00s.",
    ])


def truncated(rng, canary):
    data = honest(rng)
    return data[:rng.randrange(len(data))]


def trailing(rng, canary):
    return honest(rng) + rng.choice([
        b"\0", b"\n", b".", honest(rng), plain_call(rng, canary), bytes(rng.randrange(1, 99)),
    ])


def wrong_arguments(rng, canary):
    good = [b"cnumpy\nndarray\n", b"K\x00\x85", b"C\x01b"]
    style = rng.randrange(6)
    if style == 0:
        rng.shuffle(good)
        items = good[:rng.randint(0, 2)] + rng.choice([[], [b"N"], [b"K\x01"]])
        call_ = b"cnumpy.core.multiarray\n_reconstruct\n(" + b"".join(items) + b"tR"
    elif style == 1:
        call_ = b"cnumpy.core.multiarray\nscalar\n(" + rng.choice([
            b"", dtype(), dtype() + b"C\x04abcd", dtype() + b"C\x09abcdefghi", dtype() + b"N",
            dtype() + text("abcdefgh"), b"C\x08abcdefgh" + dtype(), b"NN", dtype() + b"C\x08abcdefghN",
        ]) + b"tR"
        return header(rng) + b"](](" + call_ + b"ee."
    elif style == 2:
        call_ = b"cnumpy.core.numeric\n_frombuffer\n(" + rng.choice([
            blob(bytes(8)) + dtype() + b"K\x02\x85" + text("C"),
            blob(bytes(8)) + dtype() + b"K\x01\x85" + text("K"),
            blob(bytes(8)) + dtype() + b"J\xff\xff\xff\xff\x85" + text("C"),
            blob(bytes(8)) + dtype() + b"K\x01" + text("C"), blob(bytes(8)) + dtype() + b"K\x01\x85",
            blob(bytes(7)) + dtype() + b"K\x01\x85" + text("C"), text("abcdefgh") + dtype(),
            blob(bytes(8)) + text("f8") + b"K\x01\x85" + text("C"),
        ]) + b"tR"
    elif style == 3:
        state = rng.choice([
            b"(K\x01K\x02\x85" + dtype() + b"\x89" + blob(bytes(8)) + b"t",
            b"(K\x01J\xff\xff\xff\xff\x85" + dtype() + b"\x89" + blob(bytes(8)) + b"t",
            b"(K\x01\x8a\x08\0\0\0\0\0\0\0\x20\x8a\x08\0\0\0\0\0\0\0\x20\x86" + dtype() + b"\x89" + blob(b"")
            + b"t", b"(K\x02K\x01\x85" + dtype() + b"\x89" + blob(bytes(8)) + b"t",
            b"(K\x01K\x01\x85" + dtype() + b"N" + blob(bytes(8)) + b"t",
            b"(K\x01K\x01\x85" + dtype() + b"\x89" + text("abcdefgh") + b"t",
            b"(K\x01K\x01\x85" + text("f8") + b"\x89" + blob(bytes(8)) + b"t",
            b"(K\x01K\x01\x85" + dtype() + b"\x89](Ne" + b"t", b"(t", b"N", b"}",
            b"(K\x01G\x3f\xf0\0\0\0\0\0\0\x85" + dtype() + b"\x89" + blob(bytes(8)) + b"t",
        ])
        call_ = array(state)
    elif style == 4:
        call_ = array(b"(K\x01K\x01\x85" + dtype("f8", rng.choice(["?", "", "<<", "\u00fc", "x"]))
                      + b"\x89" + blob(bytes(8)) + b"t")
    else:
        call_ = array(b"(K\x01K\x01\x85" + dtype("f8", "<", rng.choice([
            b"N" + text("a") + b"\x85}" + b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00",
            b"NNNK\x08J\xff\xff\xff\xffK\x00", b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x3f", b"NNN",
            dtype() + b"NNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00",
        ])) + b"\x89" + blob(bytes(8)) + b"t")
    return header(rng) + b"](" + call_ + b"e."


def wrong_types(rng, canary):
    code = rng.choice(["O8", "O", "V8", "S8", "U2", "c8", "c16", "b1", "?", "M8", "m8", "f16", "g",
                       "f1", "i3", "i0", "u16", "f9", "", "f", "f8,f8", "<f8", "object", "i-1", "f80"])
    return header(rng) + b"](" + array(
        b"(K\x01K\x01\x85" + dtype(code) + b"\x89" + rng.choice(
            [blob(bytes(8)), b"](Ne", b"](" + call(rng, canary) + b"e"]) + b"t") + b"e."


def random_bytes(rng, canary):
    start = rng.choice([b"", b"\x80\x04", b"\x80\x04\x95\x10\0\0\0\0\0\0\0", b"](", b"\x80\x04]\x94("])
    return start + bytes(rng.randrange(256) for _ in range(rng.randrange(200)))


def random_opcodes(rng, canary):
    codes = b"(.0126789FGIJKLMNPQRSTUVX]abcdeghijlopqrstu})\x80\x81\x82\x85\x86\x87\x88\x89\x8a\x8c\x8f\x90\x93\x94"
    return header(rng) + b"](" + bytes(rng.choice(codes) for _ in range(rng.randrange(1, 300)))


def unterminated(rng, canary):
    return header(rng) + rng.choice([b"I", b"F", b"L", b"S'", b"V", b"c", b"cos\n", b"p", b"g", b"P"]) + (
        rng.choice([b"1", b"a", b"\\"]) * rng.choice([1, 100, 5000, 100_000]))


def wrong_text(rng, canary):
    return header(rng) + b"](](" + rng.choice([
        b"F1.0x\n", b"F\n", b"F0x1p3\n", b"F1_0\n", b"F 1\n", b"F1e999\n", b"Fnan\n", b"Finf\n", b"F--1\n",
        b"I1.0\n", b"I\n", b"I0x10\n", b"I1_0\n", b"I 1\n", b"I01\n", b"I00\n", b"I+\n", b"Labc\n", b"L\n",
        b"LL\n", b"L1LL\n", b"F1\0\n", b"I\xff\n", b"S'abc'\n", b"Sabc\n", b"S'\n", b"V\\u00\n",
        b"X\x02\0\0\0\xff\xff", b"\x8c\x01\x80", b"F" + b"1" * 5000 + b"\n", b"I" + b"9" * 5000 + b"\n",
        b"L" + b"9" * 400 + b"L\n", b"\x8a\xff" + b"\x7f" * 255,
    ]) + b"ee."


def member(key, value):
    """A pair of a dict, which is between a mark and SETITEMS."""
    return text(key) + value


def instance(rng, module, attribute, *members):
    """An object as pickle writes it: NEWOBJ without arguments, and BUILD with its attributes."""
    return (name(rng, module, attribute) + b")\x81}(" + b"".join(members) + b"ub")


def hidden(rng, canary):
    """A hostile part, in a place where a value of metadata may be."""
    return rng.choice([
        lambda: call(rng, canary),
        lambda: b"](" + call(rng, canary) + b"e",
        lambda: b"\x8f(" + call(rng, canary) + b"\x90",
        lambda: instance(rng, "datetime", "datetime", member("x", b"N")),
        lambda: instance(rng, "os", "system", member("x", text(command(rng, canary)))),
        lambda: name(rng, "pathlib", "PosixPath") + text("/etc/passwd") + b"\x85R",
        lambda: instance(rng, "a", "B", member("x", call(rng, canary))),
    ])()


def chroma_segment(rng, canary):
    """The pickle of a saved segment of Chroma."""
    labels = member("id_to_label", b"}(" + text("a") + hidden(rng, canary) + b"u")
    members = [member("dimensionality", b"K\x08"), labels]
    rng.shuffle(members)
    return header(rng) + rng.choice([
        instance(rng, "chromadb.segment.impl.vector.local_persistent_hnsw", "PersistentData",
                 *members),
        b"}(" + b"".join(members) + b"u",
    ]) + b"."


def langchain_docstore(rng, canary):
    """The pickle beside a FAISS index of LangChain."""
    document = instance(
        rng, *rng.choice([("langchain.schema", "Document"),
                          ("langchain_core.documents.base", "Document")]),
        member("__dict__", b"}(" + member("page_content", text("t")) + member(
            "metadata", b"}(" + text("k") + hidden(rng, canary) + b"u") + b"u"),
        member("__fields_set__", b"\x8f(" + text("metadata") + b"\x90"))
    store = instance(
        rng, rng.choice(["langchain.docstore.in_memory", "langchain_community.docstore.in_memory"]),
        "InMemoryDocstore", member("_dict", b"}(" + text("id") + document + b"u"))
    return header(rng) + store + b"}(K\x00" + text("id") + b"u\x86."


def qdrant_point(rng, canary):
    """The pickle of a point of Qdrant."""
    payload = b"}(" + text("text") + text("t") + text("k") + hidden(rng, canary) + b"u"
    return header(rng) + instance(
        rng, "qdrant_client.http.models.models", "PointStruct",
        member("__dict__", b"}(" + member("id", b"K\x01") + member("vector", row(rng)) + member(
            "payload", payload) + b"u")) + b"."


MAKERS = [
    chroma_segment, langchain_docstore, qdrant_point, plain_call, call_beside_rows, call_inside_row, nested_calls, call_of_allowed, build_state,
    old_objects, outside_references, stack_games, not_rows, not_finite, memo_bomb, length_bomb,
    shared_rows, deep, cycle, truncated, trailing, wrong_arguments, wrong_types, random_bytes,
    random_opcodes, unterminated, wrong_text,
]
RARE = {shared_rows: 8, deep: 3}


def main():
    seed, count, folder, canary = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    os.makedirs(folder, exist_ok=True)
    made = 0
    turn = 0
    while made < count:
        for maker in MAKERS:
            if turn % RARE.get(maker, 1) or made == count:
                continue
            rng = random.Random("%d %s %d" % (seed, maker.__name__, turn))
            path = os.path.join(folder, "%05d-%s.pkl" % (made, maker.__name__))
            with open(path, "wb") as file:
                file.write(maker(rng, canary))
            made += 1
        turn += 1


main()
