#!/usr/bin/env bash
# Sets up what is missing, builds vector-ferry, and runs it:
#
#   ./run_migration.sh [FLAGS]           vector-ferry migrate FLAGS
#   ./run_migration.sh COMMAND [FLAGS]   vector-ferry COMMAND FLAGS
#
# A second call installs and builds nothing and needs no network. The exit code is the tool's.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd -P)
# shellcheck source=Scripts/set-up.sh
source "$root/Scripts/set-up.sh"

# True if the tool will surely not want the embedded server. The tool itself decides; to fetch the
# server in vain costs a minute, once.
needs_no_server() {
  [[ ${1:-} == server ]] && return 1
  local word
  for word in "$@"; do
    case $word in
      --database-url | --database-url=* | --help | -h | --version | help | completions) return 0 ;;
    esac
  done
  local name
  for name in DATABASE_URL NEON_DATABASE_URL POSTGRES_{HOST,PORT,USER,PASSWORD,DB} \
    PG{HOST,HOSTADDR,PORT,USER,DATABASE,SERVICE}; do
    [[ -n ${!name:-} ]] && return 0
  done
  [[ -n ${SUPABASE_URL:-} && -n ${SUPABASE_DB_PASSWORD:-} ]]
}

lock_set_up
ensure_libraries
build_release
needs_no_server "$@" || ensure_pgserver
# At hand for what comes after: ./vector-ferry status
[[ -e $root/vector-ferry ]] || as_owner ln -s .build/release/vector-ferry "$root/vector-ferry"
unlock_set_up

case ${1:-} in
  --help | -h | --version) ;;
  '' | -*) set -- migrate "$@" ;;
esac
exec "$binary" "$@"
