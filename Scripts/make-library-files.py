#!/usr/bin/env python3
"""Writes the stores of other libraries that tests read: with the libraries themselves.

    make-library-files.py [--only WORD] [--environments FOLDER] [--out FOLDER]

For each version of a library it makes an environment of Python, has a script in Scripts/foreign
write files, and packs these with what the library itself then returns, as expected.json. Tests
read the packed files, and make them anew in the long form. An environment that is there is used
again. What cannot be installed is named, and the status is then 1.
"""

import argparse
import gzip
import io
import os
import subprocess
import sys
import tarfile
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(os.path.dirname(HERE), "Tests", "LibraryFilesTests", "Fixtures")

# A name, the script that writes, and the packages, each pinned. The oldest ones need a NumPy of
# their time.
MAKERS = [
    ("chroma-0.4.14", "chroma.py", ["chromadb==0.4.14", "numpy<2"]),
    ("chroma-0.4.24", "chroma.py", ["chromadb==0.4.24", "numpy<2"]),
    ("chroma-0.5.0", "chroma.py", ["chromadb==0.5.0", "numpy<2"]),
    ("chroma-0.5.23", "chroma.py", ["chromadb==0.5.23"]),
    ("chroma-0.6.3", "chroma.py", ["chromadb==0.6.3"]),
    ("chroma-1.0.20", "chroma.py", ["chromadb==1.0.20"]),
    ("chroma-1.5.9", "chroma.py", ["chromadb==1.5.9"]),
    ("faiss-0.0.200", "langchain_faiss.py",
     ["langchain==0.0.200", "faiss-cpu==1.7.4", "numpy<2"]),
    ("faiss-0.1.20", "langchain_faiss.py", ["langchain==0.1.20", "faiss-cpu==1.8.0", "numpy<2"]),
    ("faiss-0.2.19", "langchain_faiss.py", ["langchain-community==0.2.19", "faiss-cpu==1.9.0"]),
    ("faiss-0.3.31", "langchain_faiss.py", ["langchain-community==0.3.31", "faiss-cpu==1.12.0"]),
    ("faiss-0.4.2", "langchain_faiss.py", ["langchain-community==0.4.2", "faiss-cpu==1.15.1"]),
    ("qdrant-1.1.7", "qdrant.py", ["qdrant-client==1.1.7", "numpy<2"]),
    ("qdrant-1.7.3", "qdrant.py", ["qdrant-client==1.7.3", "numpy<2"]),
    ("qdrant-1.9.2", "qdrant.py", ["qdrant-client==1.9.2", "numpy<2"]),
    ("qdrant-1.12.2", "qdrant.py", ["qdrant-client==1.12.2"]),
    ("qdrant-1.20.0", "qdrant.py", ["qdrant-client==1.20.0"]),
    ("sqlite-vec-0.1.9", "sqlite_tables.py", ["sqlite-vec==0.1.9", "pysqlite3-binary", "numpy"]),
]


def environment(folder, packages):
    """The Python of an environment with these packages; it is made where it is missing."""
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(os.path.join(folder, "ready")):
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--no-input", "--only-binary", ":all:"]
            + packages, check=True, stdout=subprocess.DEVNULL)
        open(os.path.join(folder, "ready"), "w").close()
    return python


def pack(folder, target):
    """Packs a folder, with no times and no owners."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for root, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(root, name)
                facts = tarfile.TarInfo(os.path.relpath(path, folder))
                facts.size = os.path.getsize(path)
                with open(path, "rb") as file:
                    archive.addfile(facts, file)
    with open(target, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(raw.getvalue())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--environments", default=os.path.join(HERE, "..", ".vector-ferry", "libraries"))
    parser.add_argument("--out", default=OUT)
    given = parser.parse_args()
    os.makedirs(given.out, exist_ok=True)
    failed = []
    for name, script, packages in MAKERS:
        if given.only not in name:
            continue
        try:
            python = environment(os.path.abspath(os.path.join(given.environments, name)), packages)
            with tempfile.TemporaryDirectory() as folder:
                subprocess.run(
                    [python, os.path.join(HERE, "foreign", script), os.path.join(folder, "files"),
                     os.path.join(folder, "expected.json")], check=True)
                pack(folder, os.path.join(given.out, name + ".tar.gz"))
            print(name, file=sys.stderr)
        except subprocess.CalledProcessError as error:
            print("%s: %s" % (name, error), file=sys.stderr)
            failed.append(name)
    sys.exit(1 if failed else 0)


main()
