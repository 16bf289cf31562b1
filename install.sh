#!/usr/bin/env bash
# Builds vector-ferry and installs it with its completions, manual pages and documents:
#
#   ./install.sh [--prefix DIR] [--uninstall]
#
# DIR is /usr/local for root, and ~/.local otherwise. $DESTDIR is put before it, for packages.
# --uninstall removes what an earlier installation with the same DIR has written, and nothing else.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd -P)
# shellcheck source=Scripts/set-up.sh
source "$root/Scripts/set-up.sh"

usage() { sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

prefix=$HOME/.local
if [[ $EUID -eq 0 ]]; then prefix=/usr/local; fi
uninstall=
while [[ $# -gt 0 ]]; do
  case $1 in
    --prefix)
      [[ $# -gt 1 ]] || fail '--prefix needs a folder' 2
      prefix=$2
      shift
      ;;
    --prefix=*) prefix=${1#*=} ;;
    --uninstall) uninstall=1 ;;
    -h | --help)
      usage
      exit
      ;;
    *) fail "there is no option $1 (./install.sh --help)" 2 ;;
  esac
  shift
done
[[ $prefix == /* ]] || fail "--prefix needs a path that begins with /: $prefix" 2
target=${DESTDIR:-}${prefix%/}
# The list of what is installed, by which it is removed again.
list=$target/share/vector-ferry/installed

remove() {
  [[ -f $list ]] || fail "nothing is installed in $target: $list is missing"
  local file
  while IFS= read -r file; do
    # Only names that this script writes.
    if [[ $file == */vector-ferry* || $file == */_vector-ferry ]]; then rm -f "$target/$file"; fi
  done <"$list"
  rm -f "$list"
  rmdir --ignore-fail-on-non-empty "$target/share/doc/vector-ferry/sources" \
    "$target/share/doc/vector-ferry" "$target/share/vector-ferry" \
    2>/dev/null || true
  say "Removed vector-ferry from $target"
}

# put FILE PLACE MODE: installs a file, and notes it.
put() {
  install -D -m "$3" "$1" "$target/$2"
  printf '%s\n' "$2" >>"$work/installed"
  # Written each time: what is there after a failure can be removed as well.
  sort -u "$work/installed" >"$work/list"
  install -D -m 644 "$work/list" "$list"
}

if [[ -n $uninstall ]]; then
  remove
  exit
fi

binary=${VECTOR_FERRY_BINARY:-}
if [[ -z $binary ]]; then
  lock_set_up
  ensure_libraries
  ensure_swift
  build_release
  unlock_set_up
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/man"
"$binary" manual "$work/man" >/dev/null
for shell in bash zsh fish; do "$binary" completions "$shell" >"$work/$shell"; done

mkdir -p "$target" 2>/dev/null && [[ -w $target ]] ||
  fail "$target cannot be written to: name another folder with --prefix, or run as root"
# What an older version has written is removed with this one.
if [[ -f $list ]]; then cp "$list" "$work/installed"; fi
put "$binary" bin/vector-ferry 755
put "$work/bash" share/bash-completion/completions/vector-ferry 644
put "$work/zsh" share/zsh/site-functions/_vector-ferry 644
put "$work/fish" share/fish/vendor_completions.d/vector-ferry.fish 644
for page in "$work"/man/*.1; do
  put "$page" "share/man/man1/$(basename "$page")" 644
done
for page in "$root"/docs/sources/*.md; do
  put "$page" "share/doc/vector-ferry/sources/$(basename "$page")" 644
done
for page in "$root"/README.md "$root"/CHANGELOG.md "$root"/LICENSE "$root"/docs/*.md; do
  put "$page" "share/doc/vector-ferry/$(basename "$page")" 644
done
say "Installed vector-ferry in $target"
case ":$PATH:" in
  *":$prefix/bin:"*) ;;
  *) say "Add $prefix/bin to PATH to run it as vector-ferry" ;;
esac
