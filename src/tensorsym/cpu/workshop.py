"""Kernels compiled in this process: text to the compiler, libraries to the cache and into memory.

In: kernels. Out: addresses, by kernel. Nothing is raised: what can not be compiled stays with the
tile machine, and one warning tells why. When to build is decided in `tiers`.
"""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
import threading
import time
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tensorsym._ops import level, scalar_text
from tensorsym.codegen.c import c_text, c_unit
from tensorsym.config import config
from tensorsym.cpu.cache import Cache, cache_directory, key_of
from tensorsym.cpu.compiler import FLAGS, GCC_FLAGS, HEADERS, LEVEL_FLAGS, find_compiler
from tensorsym.errors import CompileError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tensorsym.codegen.c import CKernel
    from tensorsym.cpu.compiler import Compiler

__all__ = ["Built", "Workshop", "kernel_key"]

UNIT = 20  # kernels of one translation unit: 6 ms each, against 25 alone
FAILURES = 3  # after as many failed builds no further one is tried


class Built:
    """A compiled kernel in this process: addresses, and the library, which is never unloaded."""

    __slots__ = ("columns", "library", "rows")

    def __init__(self, path: Path, key: str, has_columns: bool) -> None:
        self.library = ctypes.CDLL(str(path))
        self.rows = self._address(f"ts_{key}_rows")
        self.columns = self._address(f"ts_{key}_columns") if has_columns else 0

    def _address(self, name: str) -> int:
        return ctypes.cast(getattr(self.library, name), ctypes.c_void_p).value or 0


class Workshop:
    """The kernels compiled in this process.

    Attributes
    ----------
    built : dict
        What is in memory, by kernel.
    failures : int
        How many builds failed.
    seconds : float
        How long the compiler ran.
    silent : bool
        Whether warnings are of no use any more.
    """

    def __init__(self) -> None:
        self.built: dict[CKernel, Built] = {}
        self.failures = 0
        self.seconds = 0.0
        self.silent = False
        self._warned = False
        self._lock = threading.Lock()

    def reset(self) -> None:
        """Forget who was building: in a forked child nobody is."""
        self._lock = threading.Lock()

    def build(self, kernels: Sequence[CKernel], cached_only: bool = False) -> None:
        """Take kernels from the cache, and compile those that are not there, unless `cached_only`.

        Notes
        -----
        Nothing is raised: a kernel that can not be had stays with the tile machine.
        """
        with self._lock:
            wanted = [kernel for kernel in dict.fromkeys(kernels) if kernel not in self.built]
            compiler = find_compiler() if wanted else None
            if compiler is None:
                if wanted and not cached_only:
                    self._warn_of_compiler()
                return
            store = Cache(cache_directory())
            names = {kernel: kernel_key(kernel, compiler) for kernel in wanted}
            missing = [k for k in wanted if not self._load(k, store.find(names[k]), names[k])]
            if cached_only:
                return
            for start in range(0, len(missing), UNIT):
                if self.failures < FAILURES:
                    self._compile(missing[start : start + UNIT], names, compiler, store)

    def _load(self, kernel: CKernel, path: Path | None, key: str) -> bool:
        """Load a kernel; False without a file, or if the system refuses it, as on noexec disks."""
        if path is None:
            return False
        try:
            self.built[kernel] = Built(path, key, kernel.keeps)
        except (OSError, AttributeError):
            return False
        return True

    def _compile(
        self, kernels: list[CKernel], names: Mapping[CKernel, str], compiler: Compiler, store: Cache
    ) -> None:
        source = c_unit([c_text(k, f"ts_{names[k]}", scalar_text) for k in kernels])
        if config.debug >= 4:
            print(source, file=sys.stderr)
        started = time.perf_counter()
        try:
            library = compiler.build(source, level())
        except CompileError as error:
            self.failures += 1
            self.warn(
                str(error) if config.debug >= 7 else _first_words(error),
                "set config.cxx, or config.tier='tile'",
            )
            return
        except OSError as error:  # no room for the source
            self.failures += 1
            self.warn(str(error), "make room in the temporary directory, or set TMPDIR")
            return
        self.seconds += time.perf_counter() - started
        path = store.store([names[k] for k in kernels], library)
        if not all([self._load(k, path, names[k]) for k in kernels]):
            self._load_unstored(kernels, names, library, store)

    def _load_unstored(
        self, kernels: list[CKernel], names: Mapping[CKernel, str], library: bytes, store: Cache
    ) -> None:
        """Load a library that the cache can not keep, from a file that is gone at once."""
        reason = store.fault() or "nothing can be stored there or loaded from there"
        remedy = "set TENSORSYM_CACHE to a directory of your own that is writable and executable"
        try:
            with tempfile.TemporaryDirectory(prefix="tensorsym-") as folder:
                path = Path(folder) / "kernels.so"
                path.write_bytes(library)
                loaded = [self._load(k, path, names[k]) for k in kernels]
        except OSError as error:
            loaded, reason = [], f"{reason}; {error}"
        if not loaded or not all(loaded):
            self.failures += 1
        self.warn(f"compiled kernels are not kept in {store.directory}: {reason}", remedy)

    def _warn_of_compiler(self) -> None:
        asked = config.cxx or os.environ.get("CC")
        what = f"the C compiler {asked!r} was not found" if asked else "no C compiler was found"
        self.warn(what, "install gcc or clang, set config.cxx, or set config.tier='tile'")

    def warn(self, what: str, remedy: str) -> None:
        """Say once, in one line, that functions run slower than they could."""
        if self._warned or self.silent:
            return
        self._warned = True
        warnings.warn(
            f"functions run slower than they could: {what} (remedy: {remedy})",
            RuntimeWarning,
            stacklevel=2,
        )


def _first_words(error: CompileError) -> str:
    """Return the first line of the compiler's answer, with where the source lies."""
    lines = str(error).splitlines()
    return "; ".join(
        [lines[0], *[line.strip() for line in lines[1:] if "got:" in line or "kept:" in line]]
    )


def kernel_key(kernel: CKernel, compiler: Compiler) -> str:
    """Return the name in the cache: all that the machine code depends on."""
    return key_of(c_text(kernel, "kernel", scalar_text), level(), compiler.identity, _build_key())


@cache
def _build_key() -> str:
    """Return the hash of flags and headers, which are the same for every kernel."""
    headers = [path.read_text() for path in sorted(HEADERS.glob("*.h"))]
    return key_of(sys.platform, *FLAGS, *GCC_FLAGS, *LEVEL_FLAGS[level()], *headers)
