#!/bin/sh
# Builds one benchmark in release form, runs it beside what it is compared with, prints both.
#
#   Benchmarks/run.sh decode
#
# PYTHON names the interpreter to compare with; without it the one that run_tests.sh sets up.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
python=${PYTHON:-$root/.vector-ferry/oracle/bin/python}
bench="$root/.vector-ferry/bench"
mkdir -p "$bench"

build() {
  swift build --package-path "$here" -c release --product "$1" >&2
  binary="$(swift build --package-path "$here" -c release --show-bin-path)/$1"
}

case "${1:-}" in
decode)
  build decode
  "$python" "$here/decode.py" "$binary" "$bench"
  ;;
*)
  echo "usage: $0 decode" >&2
  exit 2
  ;;
esac
