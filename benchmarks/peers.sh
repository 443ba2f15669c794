#!/usr/bin/env bash
# Makes the environment of the peers: benchmarks/peers.sh [FOLDER], build/bench-peers by default.
# For another folder set TENSORSYM_BENCH_PEERS=FOLDER when measuring. Needs about 2 GB; none of it
# touches a GPU. Where pip's index serves PyTorch's GPU build by default, set PIP_EXTRA_INDEX_URL
# to PyTorch's index of CPU builds.
set -euo pipefail
cd "$(dirname "$0")/.."
place=${1:-build/bench-peers}
python=$(tools/find-python.sh)
[ -x "$place/bin/python" ] || "$python" -m venv "$place"
for peer in numexpr pytensor "jax jaxlib" torch==2.13.0; do
    # One that can not be installed is a column less, not the end.
    # shellcheck disable=SC2086
    "$place/bin/python" -m pip install --quiet --disable-pip-version-check $peer ||
        echo "$peer could not be installed" >&2
done
"$place/bin/python" -m pip list --disable-pip-version-check | grep -iE '^(numexpr|pytensor|jax|torch|numpy) '
