#!/usr/bin/env bash
# Builds the Debian package and the tarball of vector-ferry:
#
#   Scripts/make-deb.sh [FOLDER]
#
# FOLDER (.vector-ferry/packages where none is given) gets vector-ferry_VERSION_ARCHITECTURE.deb, for
# Debian and Ubuntu, and vector-ferry-VERSION-ARCHITECTURE.tar.gz, which is unpacked anywhere. Swift's
# runtime is inside of the program; the C libraries are those of the system: the package depends on
# them, and README in the tarball names them.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
# shellcheck source=Scripts/set-up.sh
source "$root/Scripts/set-up.sh"

folder=${1:-$state/packages}
binary=${VECTOR_FERRY_BINARY:-}
if [[ -z $binary ]]; then
  lock_set_up
  ensure_libraries
  ensure_swift
  build_release
  unlock_set_up
fi
command -v dpkg-deb >/dev/null || install_packages required dpkg
version=$("$binary" --version | cut -d ' ' -f 2)
architecture=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/deb
chmod 755 "$work"
mkdir -p "$folder" "$tree/DEBIAN"

# Only what it links with: the packages that own its libraries.
libraries() {
  local name path
  readelf -d "$binary" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | while read -r name; do
    path=$(ldd "$binary" | awk -v name="$name" '$1 == name { print $3 }')
    [[ -n $path ]] || continue
    # /lib is a link to /usr/lib; dpkg knows one of both.
    dpkg -S "$(readlink -f "$path")" 2>/dev/null ||
      dpkg -S "/lib/${path##*/lib/}" 2>/dev/null || true
  done | cut -d : -f 1 | sort -u
}

# depends PACKAGE...: the list for the control file, with the oldest version that has all that is
# used where that is known. Newer releases have renamed some packages for 64-bit times.
depends() {
  local package all=()
  for package in "$@"; do
    case $package in
      libc6) all+=("libc6 (>= $(oldest_libc))") ;;
      libcurl4 | libcurl4t64) all+=('libcurl4 (>= 7.87) | libcurl4t64') ;;
      libssl3 | libssl3t64) all+=('libssl3 | libssl3t64') ;;
      libpq5) all+=('libpq5 (>= 14)') ;;
      *) all+=("$package") ;;
    esac
  done
  local IFS=,
  echo "${all[*]}" | sed 's/,/, /g'
}

# The newest version of glibc whose symbols the program uses.
oldest_libc() {
  readelf -V "$binary" | grep -o 'GLIBC_2\.[0-9]*' | sort -uV | tail -n 1 | cut -d _ -f 2
}

DESTDIR=$tree VECTOR_FERRY_BINARY=$binary "$root/install.sh" --prefix /usr >&2
# dpkg has a list of its own, and Debian's place for the licence.
rm -f "$tree/usr/share/vector-ferry/installed"
rmdir "$tree/usr/share/vector-ferry"
mv "$tree/usr/share/doc/vector-ferry/LICENSE" "$tree/usr/share/doc/vector-ferry/copyright"
mkdir -p "$tree/usr/share/zsh/vendor-completions"
mv "$tree/usr/share/zsh/site-functions/_vector-ferry" "$tree/usr/share/zsh/vendor-completions/"
rmdir "$tree/usr/share/zsh/site-functions"
gzip -9n "$tree"/usr/share/man/man1/*.1
strip --strip-unneeded "$tree/usr/bin/vector-ferry"
mapfile -t needed < <(libraries)
cat >"$tree/DEBIAN/control" <<EOF
Package: vector-ferry
Version: $version
Architecture: $architecture
Maintainer: VectorFerry maintainers <maintainers@vector-ferry.invalid>
Installed-Size: $(du -sk "$tree/usr" | cut -f 1)
Depends: $(depends "${needed[@]}")
Recommends: postgresql-client
Suggests: postgresql
Section: database
Priority: optional
Description: migrates file-based vector stores into PostgreSQL with pgvector
 Scans, previews, backs up, decodes, reduces, loads, verifies and takes back
 vector stores; looks after schema, indexes, searches and embeddings.
EOF
deb=$folder/vector-ferry_${version}_$architecture.deb
dpkg-deb --root-owner-group --build "$tree" "$deb" >&2

name=vector-ferry-$version-$architecture
mkdir -p "$work/$name"
cp -a "$tree/usr/." "$work/$name/"
cat >"$work/$name/README" <<EOF
vector-ferry $version for $architecture

bin/vector-ferry runs where it lies. It needs these packages of the system: ${needed[*]}
  apt-get install --no-install-recommends ${needed[*]}
Debian 13 and Ubuntu 24.04 call libcurl4 libcurl4t64 and libssl3 libssl3t64.
EOF
tar -C "$work" --owner 0 --group 0 -czf "$folder/$name.tar.gz" "$name"
printf '%s\n' "$deb" "$folder/$name.tar.gz"
