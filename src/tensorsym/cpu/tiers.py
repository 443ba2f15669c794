"""Which kernels the system's compiler builds, and when: tier 1, behind the tile machine.

A kernel starts on the tile machine with a budget of time. When it has spent a little, the cache is
asked; when it has spent three times what a build is expected to cost, it is built, in a daemon
thread, and used from its next run on, with the same bits. What fails costs speed: one warning says
so. `config.tier` may forbid all this, or ask for it before the first call.
"""

from __future__ import annotations

import atexit
import importlib
import os
import queue
import re
import threading
from typing import TYPE_CHECKING

from tensorsym._ops import scalar_text
from tensorsym.config import config

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tensorsym._ops import Program
    from tensorsym.codegen.c import CKernel
    from tensorsym.cpu.workshop import Built, Workshop

__all__ = ["TIERS", "Tiers", "is_cheap", "pays", "predicted_cost"]

# Milliseconds; measured with gcc 12 (docs/notes/tier1.md).
LOOKUP_COST = 0.4
BUILD_COST = 25.0
STEP_COST = 0.5
PATIENCE = 3  # a build starts when the tile machine has taken as many times what it costs
BATCH = 20  # kernels of one translation unit: 6 ms each, against 25 alone

# Scalar functions of one or a few instructions. Of all others a compiler makes loops no faster than
# the tile machine's own: their time is arithmetic, not memory.
CHEAP = frozenset(
    {
        *("abs", "cast", "ceil", "clip", "floor", "invert", "isinf", "isnan", "max", "min", "rint"),
        *("round_half_away", "sgn", "shl", "shr", "sqrt", "trunc"),
    }
)


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
        self._workshop: Workshop | None = None
        self._closing = False
        self._waiting: dict[int, tuple[Program, Watched]] = {}
        self._importing = threading.Lock()
        self._reset()

    def before_fork(self) -> None:
        """Wait for an import: a child forked in its midst could never end it."""
        self._importing.acquire()

    def after_fork(self) -> None:
        """Go on in the parent."""
        self._importing.release()

    def begin_child(self) -> None:
        """Begin again in a forked child."""
        self._importing.release()
        self._reset()

    def _reset(self) -> None:
        """Begin without a thread: at first, and in a forked child, which has not the parent's."""
        waiting = self._waiting
        self._requests: queue.SimpleQueue[tuple[Program, Watched]] = queue.SimpleQueue()
        self._waiting = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        if self._workshop is not None:
            self._workshop.reset()
        for program, watched in waiting.values():
            watched.start(program)

    @property
    def workshop(self) -> Workshop:
        """What compiles; the modules it needs take 10 ms to import, and most programs never do."""
        with self._importing:
            if self._workshop is None:
                self._workshop = importlib.import_module("tensorsym.cpu.workshop").Workshop()
        return self._workshop

    @property
    def built(self) -> dict[CKernel, Built]:
        """The kernels that are compiled."""
        return {} if self._workshop is None else self._workshop.built

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
            self.workshop.build(list(fresh))
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
                self.workshop.warn(f"{type(error).__name__}: {error}", "report this")
            for program, _ in batch:
                self._waiting.pop(id(program), None)

    def _serve(self, batch: Sequence[tuple[Program, Watched]]) -> None:
        ready = [watched.kernel for _, watched in batch if watched.looked_up]
        first = [watched.kernel for _, watched in batch if not watched.looked_up]
        self.workshop.build(first, cached_only=True)
        self.workshop.build(ready)
        for program, watched in batch:
            if not self._install(watched.kernel, program) and not watched.looked_up:
                watched.looked_up = True
                watched.start(program)

    def close(self) -> None:
        """Take no more requests; the interpreter ends."""
        self._closing = True
        if self._workshop is not None:
            self._workshop.silent = True


TIERS = Tiers()
"""What the process has compiled: addresses can not be given back, so there is one such table."""

os.register_at_fork(
    before=TIERS.before_fork, after_in_parent=TIERS.after_fork, after_in_child=TIERS.begin_child
)
atexit.register(TIERS.close)
