"""The addresses of BLAS routines, from SciPy's `cython_blas`, found when the first plan needs one.

Only that extension file is loaded: importing `scipy.linalg` around it costs 135 ms, this 18 ms.
"""

from __future__ import annotations

import ctypes
import glob
import importlib
import importlib.machinery
import importlib.util
import os
import sys
from typing import TYPE_CHECKING

from tensorsym.config import config
from tensorsym.cpu._machine import set_routine

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["ROUTINES", "load_routines"]

# In the order of the machine's numbers: 2 * routine, + 1 for float64.
ROUTINES = ("gemm", "gemv", "ger", "dot")
MODULE = "scipy.linalg.cython_blas"

_loaded: list[bool] = []


def load_routines() -> None:
    """Give the machine the addresses of the routines, once per process."""
    if _loaded:
        return
    table = cython_blas().__pyx_capi__
    for number, name in enumerate(ROUTINES):
        set_routine(2 * number, table["s" + name])
        set_routine(2 * number + 1, table["d" + name])
    _loaded.append(True)
    limit_threads(config.get("threads"))


def limit_threads(count: int) -> bool:
    """Let SciPy's own OpenBLAS use `count` threads; return whether it could be told.

    Another library behind SciPy (MKL, Accelerate, a system's BLAS) keeps its own setting.
    """
    package = importlib.util.find_spec("scipy")
    if package is None or not package.submodule_search_locations:
        return False
    libraries = os.path.join(package.submodule_search_locations[0], "..", "scipy.libs")
    for path in glob.glob(os.path.join(libraries, "libscipy_openblas*")):
        library = ctypes.CDLL(os.path.realpath(path))  # loaded already, with the routines
        setter = getattr(library, "scipy_openblas_set_num_threads", None)
        if setter is not None:
            setter(ctypes.c_int(count))
            return True
    return False


def cython_blas() -> ModuleType:
    """Return SciPy's module of BLAS pointers, loaded from its file alone where that works."""
    if MODULE in sys.modules:
        return sys.modules[MODULE]
    module = _from_file_alone()
    return module if module is not None else importlib.import_module(MODULE)


def _from_file_alone() -> ModuleType | None:
    """Return the module without importing the package around it, or None.

    It is not entered into `sys.modules`: a later `import scipy.linalg` finds things as it expects
    them.
    """
    package = importlib.util.find_spec("scipy")
    if package is None or not package.submodule_search_locations:
        return None
    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
        path = os.path.join(package.submodule_search_locations[0], "linalg", f"cython_blas{suffix}")
        if os.path.exists(path):
            loader = importlib.machinery.ExtensionFileLoader(MODULE, path)
            spec = importlib.util.spec_from_file_location(MODULE, path, loader=loader)
            try:
                assert spec is not None
                module = importlib.util.module_from_spec(spec)
                loader.exec_module(module)
            except (
                ImportError,
                OSError,
            ):  # a build that needs what the package's __init__ prepares
                return None
            finally:
                sys.modules.pop(MODULE, None)
            return module if "dgemm" in getattr(module, "__pyx_capi__", {}) else None
    return None
