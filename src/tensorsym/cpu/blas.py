"""The addresses of BLAS routines, from SciPy's `cython_blas`, found when the first plan needs one.

Only that extension file is loaded: importing `scipy.linalg` around it costs 135 ms, this 3 ms.
SciPy's OpenBLAS chooses its kernels while it is loaded, by the processor's model. One with AVX-512
that it does not know gets AVX2 kernels, 1.5 times as slow, unless the environment names others.
"""

from __future__ import annotations

import contextlib
import ctypes
import glob
import importlib
import importlib.machinery
import importlib.util
import os
import sys
import types
from functools import cache
from typing import TYPE_CHECKING

from tensorsym._ops import level
from tensorsym.config import config
from tensorsym.cpu._machine import is_intel, set_routine
from tensorsym.cpu.threads import thread_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

__all__ = ["ROUTINES", "load_routines", "wanted_core"]

# In the order of the machine's numbers: 2 * routine, + 1 for float64.
ROUTINES = ("gemm", "gemv", "ger", "dot")
MODULE = "scipy.linalg.cython_blas"
CORE_VARIABLE = "OPENBLAS_CORETYPE"
# The oldest processor with AVX-512F, DQ, BW, VL and CD that OpenBLAS has kernels for.
AVX512_CORE = "SkylakeX"

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
    config.on_change("threads", lambda: limit_threads(thread_count()))


def limit_threads(count: int) -> None:
    """Let SciPy's own OpenBLAS use `count` threads.

    Another library behind SciPy (MKL, Accelerate, a system's BLAS) keeps its own setting.
    """
    setter = _thread_setter()
    if setter is not None:
        setter(count)


@cache
def _thread_setter() -> Callable[[int], object] | None:
    """Return OpenBLAS's function that sets how many threads it uses, or None without OpenBLAS."""
    package = importlib.util.find_spec("scipy")
    if package is None or not package.submodule_search_locations:
        return None
    libraries = os.path.join(package.submodule_search_locations[0], "..", "scipy.libs")
    for path in glob.glob(os.path.join(libraries, "libscipy_openblas*")):
        library = ctypes.CDLL(os.path.realpath(path))  # loaded already, with the routines
        setter = getattr(library, "scipy_openblas_set_num_threads", None)
        if setter is not None:
            setter.argtypes = [ctypes.c_int]
            return setter  # type: ignore[no-any-return]
    return None


def cython_blas() -> ModuleType:
    """Return SciPy's module of BLAS pointers, loaded from its file alone where that works."""
    if MODULE in sys.modules:
        return sys.modules[MODULE]
    with _asking_for_core(wanted_core()):
        module = _from_file_alone()
        return module if module is not None else importlib.import_module(MODULE)


def wanted_core() -> str:
    """Return the processor whose kernels OpenBLAS is asked for, "" where it chooses by itself.

    It knows Intel's processors, and of the others with AVX-512 some. Those it knows get these very
    kernels anyway.
    """
    if config.blas_core != "auto":
        return config.blas_core
    unknown = level() == "v4" and not is_intel() and CORE_VARIABLE not in os.environ
    return AVX512_CORE if unknown else ""


@contextlib.contextmanager
def _asking_for_core(core: str) -> Iterator[None]:
    """Let the environment name a processor for the block. A library loaded before keeps its own."""
    before = os.environ.get(CORE_VARIABLE)
    if core:
        os.environ[CORE_VARIABLE] = core
    try:
        yield
    finally:
        if core and before is None:
            del os.environ[CORE_VARIABLE]
        elif before is not None:
            os.environ[CORE_VARIABLE] = before


def _from_file_alone() -> ModuleType | None:
    """Return the module without importing the package around it, or None.

    It is not entered into `sys.modules`: a later `import scipy.linalg` finds things as it expects
    them.
    """
    package = importlib.util.find_spec("scipy")
    if package is None or not package.submodule_search_locations:
        return None
    folders = list(package.submodule_search_locations)
    try:
        with _package_stub(folders):
            module = _loaded_file(MODULE, os.path.join(folders[0], "linalg", "cython_blas"))
    except (ImportError, OSError):  # a build that needs what the package's __init__ prepares
        return None
    finally:
        sys.modules.pop(MODULE, None)
    return module if "dgemm" in getattr(module, "__pyx_capi__", {}) else None


@contextlib.contextmanager
def _package_stub(folders: list[str]) -> Iterator[None]:
    """Let an empty module stand for the package `scipy` in this block, unless it is imported.

    Since SciPy 1.16 its extensions import `scipy._cyutility`, and with it the package, whose
    `__init__` takes 11 to 27 ms of `function` and nothing here needs it. Another thread that
    imports SciPy meanwhile finds its modules by the stub's path.
    """
    utility = os.path.join(folders[0], "_cyutility")
    if "scipy" in sys.modules or not glob.glob(f"{utility}.*"):
        yield
        return
    stub = sys.modules["scipy"] = types.ModuleType("scipy")
    stub.__path__ = folders
    try:
        _loaded_file("scipy._cyutility", utility)
        yield
    finally:
        if sys.modules.get("scipy") is stub:
            del sys.modules["scipy"]


def _loaded_file(name: str, path: str) -> ModuleType | None:
    """Return an extension module loaded from its file, whose name begins with `path`."""
    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
        if os.path.exists(path + suffix):
            loader = importlib.machinery.ExtensionFileLoader(name, path + suffix)
            spec = importlib.util.spec_from_file_location(name, path + suffix, loader=loader)
            assert spec is not None
            module = sys.modules[name] = importlib.util.module_from_spec(spec)
            loader.exec_module(module)
            return module
    return None
