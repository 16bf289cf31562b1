#!/usr/bin/env bash
# 200 stores carried over by one process, by one with two workers, and by two processes with two
# workers each, on the embedded server: Benchmarks/fleet.sh [STORES] [DOCUMENTS]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
stores=${1:-200}
documents=${2:-60}
binary=${VECTOR_FERRY_BINARY:-$root/.build/release/vector-ferry}
if [[ ! -x $binary ]]; then
  swift build --package-path "$root" -c release --product vector-ferry >&2
fi
work=$(mktemp -d)
chmod 755 "$work"
cd "$work"
export NO_COLOR=1
trap '"$binary" server stop >/dev/null 2>&1 || true; rm -rf "$work"' EXIT

python3 - "$stores" "$documents" <<'PYTHON'
import json, os, pickle, random, sys
stores, documents = map(int, sys.argv[1:])
source = random.Random(1)
for store in range(stores):
    folder = f"user_data/user{store:03}/vector_store_notes"
    os.makedirs(folder)
    rows = [[source.gauss(0, 1) for _ in range(3072)] for _ in range(documents)]
    with open(f"{folder}/vectors.pkl", "wb") as file:
        pickle.dump(rows, file, protocol=4)
    with open(f"{folder}/metadata.json", "w") as file:
        json.dump([{"id": f"doc_{i}", "text": f"text {i} of {store}"} for i in range(documents)], file)
PYTHON

# The server, and files that have lain still.
"$binary" server start >/dev/null
sleep 2

fresh() {
  "$binary" server psql -q -c 'DROP TABLE IF EXISTS vector_documents' \
    -c 'DROP SCHEMA IF EXISTS vector_ferry CASCADE' >/dev/null 2>&1
  rm -rf backup_*
}

check() {
  "$binary" server psql -Atc "
    SELECT count(*), count(DISTINCT user_id), count(DISTINCT (user_id, text))
    FROM vector_documents" | while IFS='|' read -r rows users texts; do
    [[ $rows -eq $((stores * documents)) && $users -eq $stores && $texts -eq $rows ]] ||
      { echo "rows $rows, users $users, different texts $texts" >&2; exit 1; }
  done
}

measure() { # processes, workers of each
  fresh
  local start end pids=()
  start=$(date +%s.%N)
  for ((number = 0; number < $1; number++)); do
    "$binary" migrate --index none --jobs "$2" --wait --quiet --backup-dir "backup_$number" \
      >"out_$number" 2>&1 &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || { cat out_*; exit 1; }; done
  end=$(date +%s.%N)
  check
  awk -v s="$start" -v e="$end" 'BEGIN { printf "%.2f", e - s }'
}

echo "$stores stores of $documents × 3072 → 2000, $(nproc) cores"
measure 1 1 >/dev/null # The first one fills caches.
one=$(measure 1 1)
workers=$(measure 1 2)
two=$(measure 2 2)
echo "  one process                       $one s"
echo "  one process, two workers          $workers s"
echo "  two processes, two workers each   $two s"
awk -v one="$one" -v two="$two" 'BEGIN { printf "  ratio                             %.2f ×\n", one / two }'
