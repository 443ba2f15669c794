"""`python -m tensorsym.doctor`: what tensorsym finds on this machine, one plain line each.

In: the machine. Out: text. It compiles nothing and changes nothing.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import pathlib
import platform
import shlex
import shutil
import sys
from typing import TYPE_CHECKING

from tensorsym.config import config

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["diagnosis"]

COMPILERS = ("cc", "gcc", "clang")
PACKAGES = ("tensorsym", "numpy", "scipy", "pycuda")


def diagnosis() -> dict[str, str]:
    """Return what is found, by what was looked for.

    Examples
    --------
    >>> from tensorsym.doctor import diagnosis
    >>> diagnosis()["Python"].startswith("3.")
    True
    """
    lines: dict[str, Callable[[], str]] = {
        "Python": lambda: f"{platform.python_version()} at {sys.executable}",
        "machine": lambda: f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        **{name: lambda name=name: _version(name) for name in PACKAGES},  # type: ignore[misc]
        "compiled loops": _loops,
        "CPU level": _level,
        "C compiler": _compiler,
        "BLAS": _blas,
        "cache": _cache,
        "GPU": lambda: importlib.import_module("tensorsym.cuda.report").use(),
        "settings": _settings,
    }
    return {name: look() for name, look in lines.items()}


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        found = importlib.util.find_spec(name) is not None
        return "present, not installed as a package" if found else "not installed"


def _loops() -> str:
    found = importlib.util.find_spec("tensorsym._ops")
    if found is None:
        return "not built: functions run node by node with NumPy; run `pip install .`"
    return str(found.origin)


def _level() -> str:
    """Return the instruction sets that NumPy detects and that our loops have levels for."""
    features: dict[str, bool] = importlib.import_module(
        "numpy._core._multiarray_umath"
    ).__cpu_features__
    if features.get("AVX512F") and features.get("AVX512BW") and features.get("AVX512VL"):
        return "x86-64-v4 (AVX-512)"
    if features.get("AVX2") and features.get("FMA3"):
        return "x86-64-v3 (AVX2, FMA)"
    return "baseline"


def _compiler() -> str:
    if config.get("cxx"):
        # A compiler may come with a launcher before it: `ccache gcc`.
        words = shlex.split(config.get("cxx"))
        return shutil.which(words[-1]) or f"config.cxx is {config.get('cxx')!r}, which is not found"
    if os.environ.get("CC"):
        words = shlex.split(os.environ["CC"])
        return shutil.which(words[-1]) or f"CC is {os.environ['CC']!r}, which is not found"
    found = next((path for name in COMPILERS if (path := shutil.which(name))), None)
    return found or "none: the tile machine runs everything, which needs no compiler"


def _blas() -> str:
    spec = importlib.util.find_spec("scipy")
    if spec is None or spec.origin is None:
        return "none: SciPy is not installed"
    found = sorted((pathlib.Path(spec.origin).parent / "linalg").glob("cython_blas*"))
    if not any(path.suffix in (".so", ".pyd") for path in found):
        return "none: this SciPy has no cython_blas"
    text = f"scipy.linalg.cython_blas of SciPy {_version('scipy')}"
    if importlib.util.find_spec("tensorsym.cpu._machine") is None:
        return text
    core = importlib.import_module("tensorsym.cpu.blas").wanted_core()
    asked = f"kernels for {core} are asked for (config.blas_core)"
    return f"{text}; {asked if core else 'OpenBLAS chooses its kernels'}"


def _cache() -> str:
    default = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    path = pathlib.Path(config.get("cache") or os.path.join(default, "tensorsym"))
    parent = next(folder for folder in (path, *path.parents) if folder.exists())
    state = (
        "writable"
        if os.access(parent, os.W_OK)
        else "not writable: kernels are kept for this process only"
    )
    return f"{path}, {state}{'' if path.exists() else ', not made yet'}"


def _settings() -> str:
    names = ("floatX", "mode", "device", "threads")
    return ", ".join(f"{name} {config.get(name)}" for name in names)


def main() -> int:
    """Print the diagnosis."""
    found = diagnosis()
    width = max(map(len, found)) + 2
    for name, text in found.items():
        print(f"{name + ':':<{width}}{text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
