#!/usr/bin/env bash
# Sets up what is missing, checks the sources' form, and builds and runs every test:
#
#   ./run_tests.sh [--full] [swift test's own flags]
#
# --full runs the long forms and the benchmarks too, with the release binary where tests run the
# program. The last lines are the test runner's own.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd -P)
# shellcheck source=Scripts/set-up.sh
source "$root/Scripts/set-up.sh"

full=
if [[ ${1:-} == --full ]]; then
  full=1
  shift
fi

# What only tests use; without it they are skipped, and say so.
ensure_test_packages() {
  local -a missing=()
  command -v strace >/dev/null || missing+=(strace)
  # Networks of their own, for tests that take one down.
  [[ -x /usr/sbin/ip ]] || missing+=(iproute2)
  # A pooler, for what its sessions must not keep; Debian's service of it has no database.
  [[ -x /usr/sbin/pgbouncer ]] || missing+=(pgbouncer)
  if ! compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; then
    # A PostgreSQL without pgvector, for what happens then. Only its programs are wanted:
    # Debian would also make and start a server.
    if [[ ! -f /etc/postgresql-common/createcluster.conf ]]; then
      install_packages optional postgresql-common
      no_system_server
    fi
    missing+=(postgresql)
  fi
  # A browser that looks at the pages of runs, and a program that reads PDF; the long form alone
  # uses them.
  if [[ -n $full ]]; then
    command -v chromium >/dev/null || missing+=(chromium)
    command -v pdftotext >/dev/null || missing+=(poppler-utils)
  fi
  install_packages optional "${missing[@]}"
}

no_system_server() {
  local file=/etc/postgresql-common/createcluster.conf
  [[ -f $file ]] || return 0
  local -a sudo=()
  if [[ $EUID -ne 0 ]]; then sudo=(sudo -n); fi
  "${sudo[@]}" sed -i 's/^#*create_main_cluster *=.*/create_main_cluster = false/' "$file"
}

# ensure_test_python NAME [PIP FLAGS]: ensure_python; tests are skipped without it, but not in CI.
ensure_test_python() {
  if ensure_python "$@"; then return; fi
  if [[ ${CI:-} == true ]]; then fail 'PyPI did not give the packages that the tests need'; fi
  say "PyPI did not give the packages: tests that need $state/$1 will be skipped"
}

check_form() {
  local -a places=(Package.swift Sources Tests)
  if [[ -d Benchmarks ]]; then places+=(Benchmarks); fi
  swift format lint --strict --recursive "${places[@]}"
  if command -v shellcheck >/dev/null; then
    shellcheck -x run_migration.sh run_tests.sh .ci/run Scripts/*.sh Benchmarks/*.sh
  fi
}

cd "$root"
lock_set_up
ensure_libraries
ensure_swift
ensure_test_packages
# CPython with NumPy, cryptography and scikit-learn: the live reference of the tests.
ensure_test_python oracle
# The clients of docs/CLIENTS.md; their list is complete.
ensure_test_python clients --no-deps
if [[ -n $full ]]; then
  ensure_test_python sklearn-2023
  ensure_test_python minilm --no-deps
fi
ensure_pgserver
unlock_set_up

check_form
# The committed samples are what their script writes, byte for byte.
as_owner python3 Scripts/make-samples.py --check >&2
# So is the Swift that carries the files of SQL.
as_owner python3 Scripts/embed-sets.py --check >&2
# SQL of more than three lines stands in such files.
as_owner python3 Scripts/long-sql.py --check >&2
# No two folders of a target need each other.
as_owner python3 Scripts/folder-pairs.py --check >&2
# A warning fails where a machine watches; a person may be in the middle of something.
strict=()
if [[ ${CI:-} == true ]]; then strict=(-Xswiftc -warnings-as-errors); fi
swift_build --build-tests "${strict[@]}"
# Kernels as operators run them: tests look into their objects.
for kernels in KernelsPortable KernelsV3 KernelsV4; do
  swift_build -c release --target "$kernels" --static-swift-stdlib
done
# The long forms are about the program as operators have it, and slow with one for debugging.
if [[ -n $full ]]; then
  build_release
  VECTOR_FERRY_BINARY=$binary
else
  VECTOR_FERRY_BINARY="$(swift_build --show-bin-path)/vector-ferry"
fi
export VECTOR_FERRY_BINARY
if [[ -x $state/oracle/bin/python ]]; then
  export VECTOR_FERRY_PYTHON="$state/oracle/bin/python"
fi
if [[ -n $full ]]; then
  export VECTOR_FERRY_FULL=1
fi
as_owner rm -f "$state/faults.jsonl"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! as_owner swift test --skip-build "${strict[@]}" --xunit-output "$state/tests.xml" "$@" 2>&1 |
  tee "$log"; then
  # What failed stands far above the last lines: it is repeated here, where a reader looks first.
  printf '\nFailed:\n'
  grep -A 12 -E '^✘ Test .*(recorded an issue|failed)|[^ ]: error:|[Ff]atal error' "$log" |
    head -n 200 || tail -n 50 "$log"
  exit 1
fi
# What the long form has shown about faults becomes a page; it fails where a row has no test.
if [[ -n $full && $# -eq 0 ]]; then
  as_owner python3 Scripts/faults-page.py "$state/tests-swift-testing.xml" \
    "$state/faults.jsonl" >"$state/FAULTS.md"
  as_owner cp "$state/FAULTS.md" docs/FAULTS.md
  Benchmarks/run.sh
fi
