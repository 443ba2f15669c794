"""Python's cyclic garbage collector, kept away while a graph grows."""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["uncollected"]


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Run a block that builds many nodes without collections, which would find nothing to free.

    Every node is alive and in a cycle (it knows its outputs, they know it), so each collection
    walks the whole graph in vain: two thirds of the time of a gradient of 80,000 nodes, 40 of 55 us
    per node.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
