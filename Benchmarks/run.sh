#!/bin/sh
# Runs one benchmark: ./run.sh NAME [ARGUMENTS]. Ours and the rival's alternate in one run.
set -eu
cd "$(dirname "$0")"
name=${1:?"usage: run.sh NAME [ARGUMENTS]"}
shift
swift build -c release --product "$name" >&2
exec ".build/release/$name" "$@"
