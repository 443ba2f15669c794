"""Which kernels the system's compiler builds, and when: tier 1, behind the tile machine.

A kernel starts on the tile machine with a budget of time. When it has spent a little, the cache is
asked; when it has spent three times what a build is expected to cost, it is built, in a daemon
thread, and used from its next run on, with the same bits. What fails costs speed: one warning says
so. `config.tier` may forbid all this, or ask for it before the first call.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import queue
import re
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

    from tensorsym._ops import Program
    from tensorsym.codegen.c import CKernel
    from tensorsym.cpu.compiler import Compiler

__all__ = ["TIERS", "Tiers", "pays"]

# Milliseconds; measured with gcc 12 (docs/notes/tier1.md).
LOOKUP_COST = 0.4
BUILD_COST = 25.0
STEP_COST = 0.5
PATIENCE = 3  # a build starts when the tile machine has taken as many times what it costs
BATCH = 20  # kernels of one translation unit: 6 ms each, against 25 alone
FAILURES = 3  # after as many failed builds no further one is tried

# Scalar functions of one or a few instructions. Of all others a compiler makes loops no faster than
# the tile machine's own: their time is arithmetic, not memory.
CHEAP = frozenset({
    *("abs", "cast", "ceil", "clip", "floor", "invert", "isinf", "isnan", "max", "min", "rint"),
    *("round_half_away", "sgn", "shl", "shr", "sqrt", "trunc"),
})


def is_cheap(text: str) -> bool:
    """Tell whether a scalar text calls cheap functions only, or none.

    Examples
    --------
    >>> is_cheap("ts_max_f64(x, ts_cast_u8_f64(y))")
    True
    >>> is_cheap("1 + ts_exp_f64(x)"), is_cheap("ts_floor_div_f64(x, y)")
    (False, False)
    """
    return all(
        [name in CHEAP for name in re.findall(r"ts_([a-z0-9_]+?)(?:_(?:b|[iuf]\d+))+\(", text)]
    )


def pays(kernel: CKernel) -> bool:
    """Tell whether C may run a kernel faster than the tile machine.

    It does where values stay in registers between cheap steps, or between a step and a reduction,
    and for scalars, where one call replaces a call per step. It does not for transcendental
    functions, and a lone reduction has nothing to fuse.
    """
    steps = kernel.program.steps
    if kernel.rank == 0:
        return bool(steps) and not kernel.reduces
    return bool(steps) and all(
        [is_cheap(scalar_text(step.loop, *step.dtypes)[0]) for step in steps]
    )


def predicted_cost(kernel: CKernel) -> float:
    """Return the milliseconds that building a kernel is expected to take."""
    return BUILD_COST + STEP_COST * len(kernel.program.steps)


class Built:
    """A compiled kernel in this process: addresses, and the library, which is never unloaded."""

    __slots__ = ("columns", "library", "rows")

    def __init__(self, path: Path, key: str, has_columns: bool) -> None:
        self.library = ctypes.CDLL(str(path))
        self.rows = self._address(f"ts_{key}_rows")
        self.columns = self._address(f"ts_{key}_columns") if has_columns else 0

    def _address(self, name: str) -> int:
        return ctypes.cast(getattr(self.library, name), ctypes.c_void_p).value or 0


class Watched:
    """A program on the tile machine: its budget, and what happens when that is spent."""

    __slots__ = ("kernel", "looked_up", "tiers")

    def __init__(self, kernel: CKernel, tiers: Tiers) -> None:
        self.kernel = kernel
        self.tiers = tiers
        self.looked_up = False

    def start(self, program: Program) -> None:
        """Watch the program from now on."""
        cost = predicted_cost(self.kernel) if self.looked_up else LOOKUP_COST
        program.watch(PATIENCE * cost, self.spent)

    def spent(self, program: Program) -> None:
        """Ask the thread for the cached kernel, or for a build."""
        self.tiers.ask(program, self)


class Tiers:
    """The kernels compiled in this process, and the thread that compiles more."""

    def __init__(self) -> None:
        self.built: dict[CKernel, Built] = {}
        self.failures = 0
        self.seconds = 0.0
        self._warned = False
        self._closing = False
        self._reset()

    def _reset(self) -> None:
        """Begin without a thread: at first, and in a forked child, which has not the parent's."""
        waiting = getattr(self, "_waiting", {})
        self._requests: queue.SimpleQueue[tuple[Program, Watched]] = queue.SimpleQueue()
        self._waiting: dict[int, tuple[Program, Watched]] = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._building = threading.Lock()
        for program, watched in waiting.values():
            watched.start(program)

    def adopt(self, programs: Mapping[CKernel, Program]) -> None:
        """Do for new programs what `config.tier` says.

        Parameters
        ----------
        programs : mapping
            Programs of the tile machine by what decides their C text.
        """
        if config.tier == "tile":
            return
        fresh = {}
        for kernel, program in programs.items():
            if pays(kernel) and not self._install(kernel, program):
                fresh[kernel] = program
        if config.tier == "wait" and fresh:
            self.build(list(fresh))
        for kernel, program in fresh.items():
            if not self._install(kernel, program) and config.tier == "auto":
                Watched(kernel, self).start(program)

    def _install(self, kernel: CKernel, program: Program) -> bool:
        built = self.built.get(kernel)
        if built is None:
            return False
        program.install(built.rows, built.columns, kernel.constants, built.library)
        return True

    def ask(self, program: Program, watched: Watched) -> None:
        """Let the thread see to a program; called between two instructions of a function."""
        if self._closing:
            return
        self._waiting[id(program)] = program, watched
        self._requests.put((program, watched))
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="tensorsym-tiers", daemon=True
                )
                self._thread.start()

    def _work(self) -> None:
        while True:
            batch = [self._requests.get()]
            while len(batch) < BATCH and not self._requests.empty():
                batch.append(self._requests.get())
            try:
                self._serve(batch)
            except Exception as error:
                self._warn(f"{type(error).__name__}: {error}", "report this")
            for program, _ in batch:
                self._waiting.pop(id(program), None)

    def _serve(self, batch: Sequence[tuple[Program, Watched]]) -> None:
        ready = [watched.kernel for _, watched in batch if watched.looked_up]
        first = [watched.kernel for _, watched in batch if not watched.looked_up]
        self.build(first, cached_only=True)
        self.build(ready)
        for program, watched in batch:
            if not self._install(watched.kernel, program) and not watched.looked_up:
                watched.looked_up = True
                watched.start(program)

    def build(self, kernels: Sequence[CKernel], cached_only: bool = False) -> None:
        """Take kernels from the cache, and compile those that are not there, unless `cached_only`.

        Notes
        -----
        Nothing is raised: a kernel that can not be had stays with the tile machine.
        """
        with self._building:
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
            for start in range(0, len(missing), BATCH):
                if self.failures < FAILURES:
                    self._compile(missing[start : start + BATCH], names, compiler, store)

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
            self._warn(
                str(error) if config.debug >= 7 else _first_words(error),
                "set config.cxx, or config.tier='tile'",
            )
            return
        except OSError as error:  # no room for the source
            self.failures += 1
            self._warn(str(error), "make room in the temporary directory, or set TMPDIR")
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
        self._warn(f"compiled kernels are not kept in {store.directory}: {reason}", remedy)

    def _warn_of_compiler(self) -> None:
        asked = config.cxx or os.environ.get("CC")
        what = f"the C compiler {asked!r} was not found" if asked else "no C compiler was found"
        self._warn(what, "install gcc or clang, set config.cxx, or set config.tier='tile'")

    def _warn(self, what: str, remedy: str) -> None:
        """Say once, in one line, that functions run slower than they could."""
        if self._warned or self._closing:
            return
        self._warned = True
        warnings.warn(
            f"functions run slower than they could: {what} (remedy: {remedy})",
            RuntimeWarning,
            stacklevel=2,
        )

    def close(self) -> None:
        """Take no more requests; the interpreter ends."""
        self._closing = True


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


TIERS = Tiers()
"""What the process has compiled: addresses can not be given back, so there is one such table."""

os.register_at_fork(after_in_child=TIERS._reset)
atexit.register(TIERS.close)
