#!/bin/sh
# Makes .venv if there is none and installs one lock file into it: scripts/install.sh requirements[-test].lock
# Plain sh, venv and pip: it has to work on a machine that has nothing but Python. Done once for each state of the
# lock files and pyproject.toml, which a stamp in .venv remembers.
set -eu
cd "$(dirname "$0")/.."
lock=$1

fail() {
    echo "cordon: $*" >&2
    exit 1
}

is_new_enough() { # python
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

can_make_venv() { # python
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

find_python() {
    seen=none without_venv=
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else set -- python3.14 python3.13 python3.12 python3.11 python3 python; fi
    for python; do
        version=$("$python" -c 'import platform; print(platform.python_version())' 2>/dev/null) || continue
        seen="$version ($python)"
        is_new_enough "$python" || continue
        can_make_venv "$python" && return
        without_venv="$python"
    done
    [ -z "$without_venv" ] || fail "$without_venv has no venv: apt install python3-venv, and try again."
    fail "needs Python 3.11 or newer, found $seen. If there is another one: make ... PYTHON=/path/to/python3.11"
}

stamp=$(cat requirements.lock requirements-test.lock pyproject.toml scripts/install.sh | cksum | tr -d ' ')
[ ! -e ".venv/.installed-$lock-$stamp" ] || exit 0

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    find_python
    echo "cordon: making .venv with Python $version"
    "$python" -m venv --clear .venv
elif ! is_new_enough .venv/bin/python; then
    fail ".venv was made with a Python older than 3.11: make clean, and try again."
fi

echo "cordon: installing $lock into .venv (once)"
pip() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input "$@"
}
rm -f .venv/.installed-*
pip --require-hashes --requirement "$lock"
# The project itself goes in as a link, from here: nothing is fetched for it.
pip --no-deps --no-build-isolation --no-index --editable .
[ "$lock" = requirements.lock ] || : >".venv/.installed-requirements.lock-$stamp" # tests need all that a demo needs
: >".venv/.installed-$lock-$stamp"
