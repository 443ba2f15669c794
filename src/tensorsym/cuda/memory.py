"""Memory of a device: PyCUDA's pool, and an account of who holds what for when it runs out."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from tensorsym.errors import DeviceMemoryError, origin_text

if TYPE_CHECKING:
    from tensorsym.errors import Origin

__all__ = ["Block", "Pool"]

MOST_NAMED = 5  # of the live buffers that an error lists


class Block:
    """Memory of a pool, given back when nobody refers to it any more.

    Attributes
    ----------
    pointer : int
        Its address.
    nbytes : int
        Its size.
    label : tuple of (str, Origin)
        What it was made for, and where the user built that.
    """

    __slots__ = ("_allocation", "_live", "label", "nbytes", "pointer")

    def __init__(
        self, allocation: Any, nbytes: int, label: tuple[str, Origin], live: dict[int, Any]
    ) -> None:
        self._allocation = allocation
        self._live = live
        self.pointer = int(allocation)
        self.nbytes = nbytes
        self.label = label
        live[id(self)] = nbytes, label

    def __del__(self) -> None:
        self._live.pop(id(self), None)


class Pool:
    """Blocks of a device's memory, kept for the next ones of their size.

    Parameters
    ----------
    pool : pycuda.tools.DeviceMemoryPool
        Where they come from.
    refusal : type of Exception
        What that raises when there is no memory.
    """

    def __init__(self, pool: Any, refusal: type[Exception]) -> None:
        self._pool = pool
        self._refusal = refusal
        self.live: dict[int, tuple[int, tuple[str, Origin]]] = {}
        # What is being computed, by thread: the label of the next blocks.
        self.labels = threading.local()

    def allocate(self, nbytes: int) -> Block:
        """Return a block of at least one byte.

        Raises
        ------
        DeviceMemoryError
            If the device has no more, after the pool gave back all that it keeps.
        """
        size = max(1, nbytes)
        try:
            allocation = self._pool.allocate(size)
        except self._refusal:
            self._pool.free_held()
            try:
                allocation = self._pool.allocate(size)
            except self._refusal:
                raise self._exhausted(nbytes) from None
        return Block(allocation, nbytes, getattr(self.labels, "now", ("an array", ())), self.live)

    def release(self) -> None:
        """Give back to the device what no block uses."""
        self._pool.free_held()

    def close(self) -> None:
        """Keep no blocks any more; the interpreter ends."""
        self._pool.stop_holding()

    def _exhausted(self, nbytes: int) -> DeviceMemoryError:
        live = sorted(self.live.values(), key=lambda entry: -entry[0])
        lines = [
            f"{size} bytes: {name}{f', built at {origin_text(origin)}' if origin else ''}"
            for size, (name, origin) in live[:MOST_NAMED]
        ]
        held = sum(size for size, _ in live)
        return DeviceMemoryError(
            "the device has no memory left",
            got=f"a request for {nbytes} bytes, with {held} bytes in {len(live)} live buffers",
            expected="less than what is free; the largest live buffers are\n            "
            + "\n            ".join(lines or ["none of ours: other programs use the device"]),
            origin=getattr(self.labels, "now", ("", ()))[1],
            hint="use smaller batches, or delete arrays that are no longer needed",
        )
