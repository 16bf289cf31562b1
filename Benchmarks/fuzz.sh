#!/bin/sh
# Fuzzes the decoder with libFuzzer for a bounded time: no input may crash it, and both ways of
# reading one input must agree.
#
#   Benchmarks/fuzz.sh [SECONDS] [FOLDER OF SEEDS]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
work="$root/.vector-ferry/fuzz"
mkdir -p "$work/corpus"
swiftc -O -sanitize=fuzzer,address -parse-as-library -o "$work/fuzz-pickle" \
  -swift-version 6 -enable-upcoming-feature InternalImportsByDefault \
  "$root"/Sources/Pickle/*.swift "$here/Fuzz/FuzzPickle.swift"
cd "$work"
exec ./fuzz-pickle -max_total_time="${1:-60}" -rss_limit_mb=1024 -max_len=20000 -timeout=10 \
  -print_final_stats=1 corpus ${2:+"$2"}
