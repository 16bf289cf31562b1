#!/usr/bin/env bash
# Sets up what a benchmark needs, builds it in release form, and runs it beside what it is compared
# with; --help says which there are.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd -P)
root=$(dirname "$here")
# What cannot be set up ends this script so.
# shellcheck disable=SC2034 # Read in set-up.sh.
failure_status=1
# shellcheck source=Scripts/set-up.sh
source "$root/Scripts/set-up.sh"

# Products of the package in Benchmarks, and scripts that run vector-ferry.
products=(decode metadata gemm fit transform fidelity memory)
scripts=(search readers end-to-end small-stores verify dry-run cold-start)
# What the page shows, with the sizes of a quick try.
paged=(end-to-end small-stores verify dry-run cold-start)
declare -A sizes=([end-to-end]='1000 5000 10000 20000')
declare -A quick_sizes=(
  [end-to-end]='300 600 --rounds 2' [small-stores]='--users 10 --rounds 2'
  [verify]='--rows 300 --rounds 2' [dry-run]='--rows 300 --rounds 2' [cold-start]='--rounds 3'
)

usage() {
  cat <<EOF
Measures VectorFerry, each time beside what it is compared with.

Usage:
  Benchmarks/run.sh                   all benchmarks, one after the other
  Benchmarks/run.sh NAME [ARGUMENTS]  one of them; NAME --help says what it measures and takes
  Benchmarks/run.sh page [--quick]    the whole program's: docs/BENCHMARKS.md, docs/benchmarks.json
                                      and plots; --quick takes small sizes, to try the page itself,
                                      and writes to .vector-ferry/bench/page

Of parts:
  decode        pickles, beside CPython with NumPy
  metadata      JSON of texts, beside json.load
  gemm          products of matrices, beside NumPy
  fit           the fit of a projection, beside scikit-learn
  transform     the projection of many rows, beside NumPy
  fidelity      recall of five reductions
  memory        memory of a fit from disk, beside NumPy

Of the whole program, on an embedded server of its own:
  search        the search functions, beside the same queries by hand
  readers       what is found in a reduced store, and how long the reduction of a query takes
  end-to-end    a migration, beside a careful Python and a bare COPY
  small-stores  many small stores, beside one of the same number of rows
  verify        verify, beside a migration without a fit and a COPY of the rows
  dry-run       a dry run, beside the live run
  cold-start    the shortest runs, from the start of the process to its end

Swift has to be there; libraries, the Python environment and PostgreSQL are set up where they are
missing. VECTOR_FERRY_PYTHON names another interpreter (with NumPy, psycopg and scikit-learn), and
VECTOR_FERRY_BINARY a vector-ferry that is built already.
EOF
}

# describe NAME: what the head of a benchmark's source says of it and its arguments.
describe() {
  # decode is run by a script, which makes its files.
  if [[ $1 != decode ]] && is_one_of "$1" "${products[@]}"; then
    sed '/^\/\//!Q; s/^\/\/ //' "$here/Sources/$1/main.swift"
  else
    awk '/"""/ { quotes++; sub(/"""/, "") } quotes == 2 { exit } quotes { print }' "$here/$1.py"
  fi
}

# refuse SENTENCE: for a command line that is not understood.
refuse() { fail "$1 (Benchmarks/run.sh --help)" 2; }

# is_one_of WORD WORD...: whether the first one is among the others.
is_one_of() {
  local word=$1 other
  shift
  for other in "$@"; do [[ $word == "$other" ]] && return; done
  return 1
}

# Sets VECTOR_FERRY_PYTHON, which the products read as well, to an interpreter that has what is
# compared with.
ensure_interpreter() {
  local remedy='name another one in VECTOR_FERRY_PYTHON'
  if [[ -z ${VECTOR_FERRY_PYTHON:-} ]]; then
    remedy='delete its environment and try again'
    ensure_python oracle ||
      fail 'the packages of Scripts/oracle.txt could not be installed; the messages above say why'
    VECTOR_FERRY_PYTHON=$state/oracle/bin/python
  fi
  export VECTOR_FERRY_PYTHON
  as_owner "$VECTOR_FERRY_PYTHON" -c 'import numpy, psycopg, sklearn' >/dev/null 2>&1 ||
    fail "$VECTOR_FERRY_PYTHON does not run or lacks NumPy, psycopg or scikit-learn: $remedy"
}

# Sets $binary to a vector-ferry, and sets up the server that it starts.
ensure_program() {
  binary=${VECTOR_FERRY_BINARY:-}
  if [[ -z $binary ]]; then
    ensure_libraries
    build_release
  elif [[ ! -x $binary ]]; then
    fail "VECTOR_FERRY_BINARY names no program: $binary"
  fi
  binary=$(realpath "$binary")
  ensure_pgserver
}

# set_up NAME: what this benchmark needs, or all of them where it is empty.
set_up() {
  lock_set_up
  ensure_interpreter
  if [[ -z $1 ]] || is_one_of "$1" "${products[@]}"; then
    ensure_libraries
    ensure_swift
  fi
  if ! is_one_of "$1" "${products[@]}"; then ensure_program; fi
  unlock_set_up
}

# run_script NAME [ARGUMENTS]: one benchmark of the whole program.
run_script() {
  local name=$1
  shift
  as_owner "$VECTOR_FERRY_PYTHON" "$here/$name.py" "$binary" "$state/bench/$name" "$@"
}

# run_product NAME [ARGUMENTS]: one benchmark of a part, built in release form.
run_product() {
  local name=$1 product
  shift
  package=$here swift_build -c release --product "$name" >&2 ||
    fail 'the build failed; its messages are above'
  product=$(package=$here swift_build -c release --show-bin-path)/$name
  if [[ $name == decode ]]; then
    as_owner mkdir -p "$state/bench"
    as_owner "$VECTOR_FERRY_PYTHON" "$here/decode.py" "$product" "$state/bench"
  else
    as_owner "$product" "$@"
  fi
}

# run_one NAME [ARGUMENTS]: one benchmark of either kind.
run_one() { if is_one_of "$1" "${products[@]}"; then run_product "$@"; else run_script "$@"; fi; }

# write_page [--quick]: measures what the page shows, and writes it.
write_page() {
  local quick=${1:-} place="$state/bench/page" out="$root/docs" name
  local -a words
  if [[ -n $quick ]]; then out=$place; fi
  as_owner mkdir -p "$place/results"
  for name in "${paged[@]}"; do
    if [[ -n $quick ]]; then
      read -ra words <<<"${quick_sizes[$name]}"
    else
      read -ra words <<<"${sizes[$name]:-}"
    fi
    printf '\n== %s\n' "$name"
    run_script "$name" "${words[@]}" --json "$place/results/$name.json"
  done
  as_owner "$VECTOR_FERRY_PYTHON" "$here/page.py" "$out" \
    --collect "$binary" "$place" "$place/results"
}

# Bash has read all of this before anything runs: a change of the file in the meantime does no harm.
main() {
  local name=${1:-}
  shift $(($# > 0))
  case $name in
    -h | --help)
      usage
      return
      ;;
    page)
      if [[ $# -gt 1 || ${1:---quick} != --quick ]]; then refuse 'page takes --quick, or nothing'; fi
      ;;
    ?*)
      is_one_of "$name" "${products[@]}" "${scripts[@]}" ||
        refuse "there is no benchmark '$name'; there are ${products[*]} ${scripts[*]} page"
      if is_one_of "${1:-}" -h --help; then
        describe "$name"
        return
      fi
      ;;
  esac
  set_up "$name"
  if [[ $name == page ]]; then
    write_page "$@"
  elif [[ -n $name ]]; then
    run_one "$name" "$@"
  else
    for name in "${products[@]}" "${scripts[@]}"; do
      printf '\n== %s\n' "$name"
      run_one "$name"
    done
  fi
}

main "$@"
exit
