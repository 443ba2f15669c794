"""`config.threads` as a number, told to the machine: kernels over large arrays use so many cores.

BLAS is told by `blas`, once it is loaded. What the threads do is in `_threads.pxi`.
"""

from __future__ import annotations

import os

from tensorsym.config import config
from tensorsym.cpu._machine import set_threads

__all__ = ["thread_count"]


def thread_count() -> int:
    """Return how many threads `config.threads` asks for.

    Examples
    --------
    >>> with config.scope(threads=3):
    ...     thread_count()
    3
    """
    return max(1, config.threads or available_cores())


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


config.on_change("threads", lambda: set_threads(thread_count()))
