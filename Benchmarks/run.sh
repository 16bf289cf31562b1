#!/bin/sh
# Builds one benchmark in release form and runs it beside what it is compared with, in one run:
#
#   Benchmarks/run.sh NAME [ARGUMENTS]     decode, metadata, gemm, fit, transform,
#                                          fidelity, memory, search, readers, end-to-end
#   Benchmarks/run.sh                      all of them
#
# VECTOR_FERRY_PYTHON names the interpreter to compare with; without it the one that run_tests.sh
# sets up.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
VECTOR_FERRY_PYTHON=${VECTOR_FERRY_PYTHON:-$root/.vector-ferry/oracle/bin/python}
export VECTOR_FERRY_PYTHON

build() {
  swift build --package-path "$here" -c release --product "$1" >&2
  binary="$(swift build --package-path "$here" -c release --show-bin-path)/$1"
}

if [ $# -eq 0 ]; then
  for name in decode metadata gemm fit transform fidelity memory search readers end-to-end; do
    printf '\n== %s\n' "$name"
    "$0" "$name"
  done
  exit
fi
name=$1
shift
case $name in search | readers | end-to-end)
  swift build --package-path "$root" -c release --product vector-ferry >&2
  binary="$(swift build --package-path "$root" -c release --show-bin-path)/vector-ferry"
  exec "$VECTOR_FERRY_PYTHON" "$here/$name.py" "$binary" "$root/.vector-ferry/bench/$name" "$@"
  ;;
esac
build "$name"
if [ "$name" = decode ]; then
  mkdir -p "$root/.vector-ferry/bench"
  exec "$VECTOR_FERRY_PYTHON" "$here/decode.py" "$binary" "$root/.vector-ferry/bench"
fi
exec "$binary" "$@"
