"""The memory bandwidth of this machine, measured once when a profile is first shown."""

from __future__ import annotations

import functools
import time

import numpy as np

__all__ = ["bandwidth"]

# Beyond all caches; four copies take 0.1 s, the first of which touches the pages.
ELEMENTS = 1 << 23
COPIES = 4


@functools.cache
def bandwidth() -> float:
    """Return the bytes per second that a copy of 64 MB reads and writes.

    Examples
    --------
    >>> from tensorsym.runtime.bandwidth import bandwidth
    >>> bandwidth() > 1e8
    True
    """
    source, target = np.ones(ELEMENTS), np.empty(ELEMENTS)
    best = float("inf")
    for _ in range(COPIES):
        started = time.perf_counter()
        np.copyto(target, source)
        best = min(best, time.perf_counter() - started)
    return 2 * source.nbytes / best
