#!/usr/bin/env bash
# Installs the Debian package on a Debian that has nothing else, and uses it there:
#
#   Scripts/try-package.sh
#
# Needs root, debootstrap and the network. Makes the package where $VECTOR_FERRY_BINARY or the clone
# has the program, a Debian 12 in a temporary folder, and in it, without Swift and without a server:
# migrates the samples into an embedded server of the clone, verifies, rolls back; shows a manual
# page; completes a word in bash, zsh and fish.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
# shellcheck source=Scripts/set-up.sh
source "$root/Scripts/set-up.sh"

[[ $EUID -eq 0 ]] || fail 'this makes a system in a folder: run it as root'
command -v debootstrap >/dev/null || install_packages required debootstrap
packages=$state/packages
"$root/Scripts/make-deb.sh" "$packages" >&2
deb=$(find "$packages" -name 'vector-ferry_*.deb' -printf '%T@ %p\n' | sort -n | tail -n 1 |
  cut -d ' ' -f 2)

place=$(mktemp -d /var/tmp/try-package-XXXXXX)
program=${VECTOR_FERRY_BINARY:-$root/.build/release/vector-ferry}
server=$place/server
clean_up() {
  (cd "$server" && "$program" server stop >/dev/null 2>&1) || true
  local folder
  for folder in run/server proc; do
    if mountpoint -q "$place/system/$folder"; then umount "$place/system/$folder"; fi
  done
  rm -rf "$place"
}
trap clean_up EXIT
chmod 755 "$place"
mkdir "$server"
debootstrap --variant=minbase bookworm "$place/system" >&2
inside() { chroot "$place/system" /bin/bash -euo pipefail -c "$1"; }

cp "$deb" "$place/system/tmp/vector-ferry.deb"
cp -r "$root/user_data_samples" "$place/system/tmp/"
cp /etc/resolv.conf "$place/system/etc/"
# Shells substitute processes by files of /proc.
mount -t proc proc "$place/system/proc"
ln -sfn /proc/self/fd "$place/system/dev/fd"
inside 'export DEBIAN_FRONTEND=noninteractive; apt-get update -qq
  apt-get install -y -qq --no-install-recommends /tmp/vector-ferry.deb man-db bash-completion zsh fish' >&2

ensure_pgserver
(cd "$server" && "$program" server start >&2)
mkdir -p "$place/system/run/server"
mount --bind "$server/.vector-ferry/run" "$place/system/run/server"

inside '
  cd /tmp
  export VECTOR_FERRY_QUIET_SECONDS=0
  export DATABASE_URL="postgresql://vector_ferry@/vector_ferry?host=/run/server"
  export ENCRYPTION_MASTER_KEY=dmVjdG9yLWZlcnJ5LXNhbXBsZS1rZXktbm90LXJlYWw=
  ! command -v swift
  vector-ferry --version --verbose
  vector-ferry migrate --yes --user-data-dir user_data_samples | grep -x "Total documents migrated: 268"
  vector-ferry verify --user-data-dir user_data_samples | grep "^Verified"
  vector-ferry rollback --yes | tail -n 1
  man vector-ferry-migrate 2>/dev/null | grep -c -- --dry-run
  echo "bash: $(source /usr/share/bash-completion/bash_completion; set +eu
    _completion_loader vector-ferry
    COMP_WORDS=(vector-ferry mig) COMP_CWORD=1 COMP_LINE="vector-ferry mig" COMP_POINT=16
    "$(complete -p vector-ferry | sed "s/.*-F \([^ ]*\).*/\1/")" vector-ferry mig vector-ferry
    echo "${COMPREPLY[0]}")" | grep -x "bash: migrate *"
  echo "fish: $(fish -c "complete -C \"vector-ferry mig\"" | cut -f 1)" | grep -x "fish: migrate"
  zsh -fc "autoload -U compinit; compinit -u; echo \"zsh: \$_comps[vector-ferry]\"" |
    grep -x "zsh: _vector-ferry"
'
say "The package works on a Debian that has nothing else: $deb"
