"""CUDA without a GPU: PyCUDA, unmodified, over a fake driver and a stand-in for nvcc.

`activate()` builds the emulator once, outside the clone, and loads its libcuda.so.1 before PyCUDA
asks for one. From then on this process has a CUDA device, which is its own processor. `checking()`
turns on check mode: races, accesses out of bounds, what nothing wrote, barriers that not all reach.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tests.cuda.emulator.build import LIBRARY, EmulatorError, build
from tests.cuda.emulator.build import unavailable as unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator


class Report(NamedTuple):
    """What the emulator found: `kind` is one word (race, bounds, uninitialised, barrier, ...)."""

    kind: str
    kernel: str
    line: int
    message: str


def environment() -> dict[str, str]:
    """Return the variables with which a new process runs on the emulator, whatever it imports."""
    folder = build()
    lists = {"PATH": folder / "bin", "LD_LIBRARY_PATH": folder / "lib"}
    joined = {
        name: os.pathsep.join([str(first), *filter(None, [os.environ.get(name)])])
        for name, first in lists.items()
    }
    # PyCUDA's cache of cubins would mix those of the emulator, of its modes and of the device.
    return joined | {"PYCUDA_DISABLE_CACHE": "1"}


@cache
def activate() -> ctypes.CDLL:
    """Give this process the emulator's device; PyCUDA must not have been imported before."""
    if "pycuda._driver" in sys.modules:
        raise EmulatorError("pycuda was imported before the emulator's driver was there")
    variables = environment()
    library = ctypes.CDLL(str(build() / "lib" / LIBRARY), ctypes.RTLD_GLOBAL)
    library.emulator_reports.restype = ctypes.c_char_p
    library.emulator_get_memory.restype = ctypes.c_size_t
    library.emulator_memory_used.restype = ctypes.c_size_t
    os.environ |= variables
    return library


def reports() -> list[Report]:
    """Return what was found since the last call, and forget it."""
    library = activate()
    lines = library.emulator_reports().decode(errors="replace").splitlines()
    library.emulator_clear_reports()
    return [
        Report(kind, kernel, int(line), message)
        for kind, kernel, line, message in (text.split("\t", 3) for text in lines)
    ]


@contextmanager
def checking(order: str = "sequential") -> Iterator[None]:
    """Run launches in check mode; `order` of threads: sequential, reverse or random:SEED.

    A launch with a report fails with LaunchError; `reports()` says what it was. Arrays allocated
    inside are guarded page by page and start as uninitialised, so allocate there, past any pool.
    """
    library = activate()
    os.environ["CUDA_EMULATOR_CHECK"] = "1"
    library.emulator_set_checking(1)
    library.emulator_set_order(order.encode())
    try:
        yield
    finally:
        library.emulator_set_order(b"sequential")
        library.emulator_set_checking(0)
        del os.environ["CUDA_EMULATOR_CHECK"]


@contextmanager
def memory(size: int) -> Iterator[None]:
    """Let the device have `size` bytes."""
    library = activate()
    before = library.emulator_get_memory()
    library.emulator_set_memory(ctypes.c_size_t(size))
    try:
        yield
    finally:
        library.emulator_set_memory(ctypes.c_size_t(before))


def memory_used() -> int:
    """Return the bytes of all live allocations, each a multiple of 256."""
    return int(activate().emulator_memory_used())
