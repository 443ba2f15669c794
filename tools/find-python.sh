#!/bin/sh
# Print the first Python >= 3.11 that can make a virtual environment and build extensions.
# What is missing on this machine goes to standard error, one line each, and the exit status is 1.

probe='
import shutil, sys, sysconfig, os
missing = []
try:
    import ensurepip, venv
except ImportError:
    missing.append(f"missing: the venv module of {sys.executable} (Debian: apt install python3-venv)")
if not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
    missing.append(f"missing: the C headers of {sys.executable} (Debian: apt install python3-dev)")
compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
if not shutil.which(compiler):
    missing.append(f"missing: the C compiler {compiler} (Debian: apt install gcc libc6-dev; or set CC)")
print(*missing, sep="\n", end="")
'

problems=""
for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue
    found=$("$python" -c "$probe") || continue
    if [ -z "$found" ]; then
        command -v "$python"
        exit 0
    fi
    [ -n "$problems" ] || problems=$found
done
echo "${problems:-missing: Python >= 3.11 (or set PYTHON to its command)}" >&2
exit 1
