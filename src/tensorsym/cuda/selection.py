"""Advanced indices on a device: which places they name, and the shape they give.

An index is taken apart into dimensions that are stepped through, and those that arrays name places
in. The arrays become one list of places, in bytes; masks become positions first.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.cuda.moves import broadcast, index_of
from tensorsym.cuda.scalars import kernel, scalar_of
from tensorsym.cuda.slicing import slice_steps
from tensorsym.cuda.source import BLOCK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.cuda.array import DeviceArray, Shape
    from tensorsym.cuda.context import Context

__all__ = ["Selection", "named_places", "nonzero_positions", "select"]

# Each block reads the counts of all before it.
MOST_BLOCKS = 1024


@dataclass(frozen=True, slots=True)
class Selection:
    """The places of an index in a tensor.

    Attributes
    ----------
    places : DeviceArray
        int64, in bytes, one per position of `common`.
    bad : DeviceArray
        Not all 0 if an index was out of range.
    common : tuple of int
        The indices' broadcast shape.
    before, after : tuple of (length, stride)
        Dimensions of the result around those of the indices, with strides in the tensor, in bytes.
    offset : int
        Bytes to the first place.
    unit : int
        What divides all places.
    """

    places: DeviceArray
    bad: DeviceArray
    common: Shape
    before: tuple[tuple[int, int], ...]
    after: tuple[tuple[int, int], ...]
    offset: int
    unit: int

    @property
    def shape(self) -> Shape:
        """Shape of what the index gives."""
        before, after = ([n for n, _ in dims] for dims in (self.before, self.after))
        return (*before, *self.common, *after)

    def failed(self, context: Context) -> bool:
        """Tell, after waiting for it, whether an index was out of range."""
        return bool(context.to_host(self.bad).any())


def select(context: Context, x: DeviceArray, items: Sequence[Any]) -> Selection:
    """Return the places of an index of slices, None, and arrays of integers or bools.

    The dimensions that masks select from must be contiguous.

    Raises
    ------
    IndexError, ValueError
        If a mask has other lengths than its dimensions, indices do not broadcast, or a step is 0.
    """
    before: list[tuple[int, int]] = []
    after: list[tuple[int, int]] = []
    named: list[tuple[DeviceArray, int, int]] = []
    axis = offset = 0
    separated = False
    for item in items:
        if item is None or isinstance(item, slice):
            dim = 1, 0
            if item is not None:
                count, step, first = slice_steps(item, x.shape[axis], x.strides[axis])
                dim = count, step
                offset += first
                axis += 1
            (after if named else before).append(dim)
            continue
        separated = separated or bool(named and after)
        taken = item.ndim if item.dtype == bool else 1
        lengths = x.shape[axis : axis + taken]
        if item.dtype == bool and item.shape != lengths:
            raise IndexError(f"a mask of shape {item.shape} for dimensions of {lengths}")
        array = nonzero_positions(context, item) if item.dtype == bool else item
        step = x.strides[axis + taken - 1] if taken else 0
        named.append((array, math.prod(lengths), step))
        axis += taken
    after += zip(x.shape[axis:], x.strides[axis:], strict=True)
    if separated:
        before, after = [], before + after
    places, bad, common = named_places(context, named)
    unit = math.gcd(*[step for _, _, step in named])
    return Selection(places, bad, common, tuple(before), tuple(after), offset, unit)


def named_places(
    context: Context, named: Sequence[tuple[DeviceArray, int, int]], *, wraps: bool = True
) -> tuple[DeviceArray, DeviceArray, Shape]:
    """Return the places that arrays name together, what was out of range, and the common shape.

    Parameters
    ----------
    named : sequence of (array, length, step)
        Arrays of integers, the length of the dimension they index, and its step.
    wraps : bool
        Whether negative numbers count from the end.
    """
    common = tuple(np.broadcast_shapes(*[array.shape for array, _, _ in named]))
    views = [broadcast(array, common) for array, _, _ in named]
    n, dims = math.prod(common), common or (1,)
    strides = [stride for view in views for stride in view.strides or (0,)]
    grid = context.grid_for(n)
    places, bad = context.empty((n,), np.int64), context.empty((grid[0],), np.int32)
    index, count = index_of(n)
    arrays = [f"const char *__restrict__ index{k}" for k in range(len(views))]
    code = kernel(
        "indices", index=index, rank=len(dims), count=len(views), wraps=int(wraps),
        arrays=", ".join(arrays),
        values=", ".join(_value_text(k, view.dtype.name) for k, view in enumerate(views)),
    )  # fmt: skip
    numbers = [*dims, *strides, *[length for _, length, _ in named], *[s for _, _, s in named]]
    space = struct.pack(f"{len(numbers)}q", *numbers)
    context.launch(code, grid, (BLOCK, 1, 1), [count(n), places, bad, space, *views])
    return places, bad, common


def _value_text(k: int, dtype: str) -> str:
    """Return the text of an index as int64; what is too large for that is out of any range."""
    value = f"*(const {scalar_of(dtype).store} *)(index{k} + at[{k}])"
    if dtype == "uint64":
        return f"{value} >> 63 ? 0x7fffffffffffffffLL : (long long){value}"
    return f"(long long){value}"


def nonzero_positions(context: Context, x: DeviceArray) -> DeviceArray:
    """Return the positions of the elements that are not 0, in C order; waits for their count."""
    x = context.contiguous(x)
    n = x.size
    if n == 0:
        return context.empty((0,), np.int64)
    scalar = scalar_of(x.dtype.name)
    text = {"type": scalar.store, "holds": f"{scalar.load('x[mine]')} != 0"}
    blocks = min(MOST_BLOCKS, -(-n // BLOCK))
    chunk = -(-n // blocks)
    counts = context.empty((blocks,), np.int64)
    lengths = [np.int64(n), np.int64(chunk)]
    grid, block = (blocks, 1, 1), (BLOCK, 1, 1)
    counting = kernel("nonzero", function="nonzero_count", **text)
    context.launch(counting, grid, block, [*lengths, x, counts])
    positions = context.empty((int(context.to_host(counts).sum()),), np.int64)
    writing = kernel("nonzero", function="nonzero_write", **text)
    context.launch(writing, grid, block, [*lengths, x, counts, positions])
    return positions
