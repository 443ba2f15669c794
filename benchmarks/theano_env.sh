#!/usr/bin/env bash
# Makes the environment of Theano 1.0.5: benchmarks/theano_env.sh [FOLDER], build/bench-theano by
# default. For another folder set TENSORSYM_BENCH_THEANO=FOLDER when measuring. Needs Python 3.8 with
# its headers (PYTHON38=... names it) and a C++ compiler.
set -euo pipefail
cd "$(dirname "$0")/.."
place=${1:-build/bench-theano}
found=""
# pyenv's python3.8 may be a stub that only says where the real one is.
for python in "${PYTHON38:-}" python3.8 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.8.*/bin/python; do
    if [ -n "$python" ] && "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 8))' 2>/dev/null; then
        found=$python
        break
    fi
done
if [ -z "$found" ]; then
    echo "no Python 3.8 found: install one, or name it by PYTHON38=/path/to/python3.8" >&2
    exit 1
fi
[ -x "$place/bin/python" ] || "$found" -m venv "$place"
"$place/bin/python" -m pip install --quiet --disable-pip-version-check \
    numpy==1.19.5 "scipy<1.6" six theano==1.0.5
"$place/bin/python" -c 'import theano; print("Theano", theano.__version__)'
