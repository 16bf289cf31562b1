#!/bin/sh
# Makes virtual environments with other Pythons and NumPys, as extra references for pickles.
# Only the full test run calls it. It uses whatever interpreters it finds on PATH or in
# $PYENV_ROOT/versions, and prints one line for each: the interpreter, or why there is none.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
target="$root/.vector-ferry/oracles"
mkdir -p "$target"

find_python() {
  if command -v "python$1" >/dev/null 2>&1 && "python$1" -c '' 2>/dev/null; then
    command -v "python$1"
    return
  fi
  for candidate in "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
    if [ -x "$candidate" ]; then
      echo "$candidate"
      return
    fi
  done
}

make_oracle() {
  python=$(find_python "$1")
  place="$target/python$1-numpy$2"
  if [ -x "$place/bin/python" ] && "$place/bin/python" -c 'import numpy' 2>/dev/null; then
    echo "$place/bin/python"
    return
  fi
  if [ -z "$python" ]; then
    echo "missing: python$1 is not installed" >&2
    return
  fi
  rm -rf "$place"
  {
    if [ "$1" = 2.7 ]; then
      # The last virtualenv that can make environments for Python 2.7.
      { [ -x "$target/virtualenv/bin/virtualenv" ] || {
        python3 -m venv "$target/virtualenv" &&
          "$target/virtualenv/bin/pip" install --quiet 'virtualenv<20.22'
      }; } && "$target/virtualenv/bin/virtualenv" --quiet -p "$python" "$place"
    else
      "$python" -m venv "$place"
    fi && "$place/bin/python" -m pip install --quiet --only-binary :all: "numpy==$2.*"
  } >"$place.log" 2>&1
  if "$place/bin/python" -c 'import numpy' 2>/dev/null; then
    echo "$place/bin/python"
  else
    echo "missing: NumPy $2 for python$1 could not be installed, see $place.log" >&2
  fi
}

make_oracle 2.7 1.16
make_oracle 3.6 1.16
make_oracle 3.7 1.17
make_oracle 3.8 1.19
make_oracle 3.9 1.22
make_oracle 3.10 1.24
make_oracle 3.11 1.26
make_oracle 3.12 2.0
make_oracle 3.13 2.2
make_oracle 3.14 2.4
