"""Reading and writing at arrays of integers and masks, and the positions of what is not 0.

Increments of places named twice are added in the order of the indices, so that every run gives the
same bits. An index out of range reads the first element and raises afterwards.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.codegen.space import collapsed
from tensorsym.cuda.array import dense_strides
from tensorsym.cuda.moves import broadcast, index_of, take
from tensorsym.cuda.ops import device_op
from tensorsym.cuda.reference import host_value, raise_reference
from tensorsym.cuda.scalars import REAL, kernel, scalar_of, sum_text
from tensorsym.cuda.selection import nonzero_positions, select
from tensorsym.cuda.source import BLOCK
from tensorsym.language.indexing import Nonzero
from tensorsym.language.indexing_advanced import (
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor,
    AdvancedSubtensor1,
)
from tensorsym.language.indexing_pattern import SliceEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tensorsym.cuda.array import DeviceArray
    from tensorsym.cuda.context import Context
    from tensorsym.cuda.selection import Selection
    from tensorsym.graph.variable import Apply

__all__: list[str] = []

# Groups that share the places to be written: enough threads to fill a large device.
WANTED_THREADS = 2**16


def _writable(node: Apply) -> bool:
    x, y = node.inputs[:2]
    return bool(x.type.dtype == y.type.dtype)


def _bounds(node: Apply, first: int) -> list[int]:
    """Return the positions of the inputs that are bounds of slices."""
    op: Any = node.op
    positions: list[int] = []
    for entry in getattr(op, "idx_list", ()):
        is_slice = isinstance(entry, SliceEntry)
        count = sum(bound is not None for bound in entry) if is_slice else entry is not None
        positions += range(first, first + count) if is_slice else ()
        first += count
    return positions


def _index_items(node: Apply, inputs: list[DeviceArray], first: int) -> list[Any]:
    """Return the items of a node's index: slices of numbers, None, and arrays on the device."""
    op: Any = node.op
    if isinstance(op, AdvancedSubtensor1 | AdvancedIncSubtensor1):
        return inputs[first:]
    given: Iterator[int] = iter(range(first, len(inputs)))
    items: list[Any] = []
    for entry in op.idx_list:
        if isinstance(entry, SliceEntry):
            bounds = [
                None if bound is None else int(host_value(node, inputs, next(given)))
                for bound in entry
            ]
            items.append(slice(*bounds))
        else:
            items.append(None if entry is None else inputs[next(given)])
    return items


@device_op(AdvancedSubtensor, AdvancedSubtensor1, numbers=lambda node: _bounds(node, 1))
def gather(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Read what the places name."""
    items = _index_items(node, inputs, 1)
    masked = any(getattr(item, "dtype", "") == np.bool_ for item in items)
    # A mask is positions in several dimensions at once, which must be one in memory.
    x = context.contiguous(inputs[0]) if masked else inputs[0]
    try:
        chosen = select(context, x, items)
    except (IndexError, ValueError):
        raise_reference(node, inputs)
    dims = [*chosen.before, (math.prod(chosen.common), 0), *chosen.after]
    out = context.empty(tuple([n for n, _ in dims]), x.dtype)
    # A tensor without elements is not read: whatever indexes it is out of range.
    if out.size and x.size:
        source = x.view(out.shape, tuple([stride for _, stride in dims]), chosen.offset)
        take(context, out, source, chosen.places, len(chosen.before), chosen.unit)
    if chosen.failed(context):
        raise_reference(node, inputs)
    return [out.view(chosen.shape, dense_strides(chosen.shape, x.dtype.itemsize))]


@device_op(
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    supports=_writable,
    numbers=lambda node: _bounds(node, 2),
)
def scatter(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Write to a copy of the tensor, or to itself, at the places, in their order."""
    x, y = inputs[:2]
    op: Any = node.op
    keeps = op.inplace and x.is_contiguous and y.owner is not x.owner
    out = x if keeps else context.copied(x)
    try:
        chosen = select(context, out, _index_items(node, inputs, 2))
        value = broadcast(y, chosen.shape)
    except (IndexError, ValueError):
        raise_reference(node, inputs)
    if chosen.failed(context):
        raise_reference(node, inputs)
    if value.size:
        _write(context, out, value, chosen, adds=not op.set_instead_of_inc)
    return [out]


def _write(
    context: Context, out: DeviceArray, value: DeviceArray, chosen: Selection, *, adds: bool
) -> None:
    count = math.prod(chosen.common)
    first, last = len(chosen.before), len(chosen.before) + len(chosen.common)
    named, steps = collapsed(value.shape[first:last], [value.strides[first:last]])
    if len(named) > 1:  # rows that no single step leads through
        value = context.copied(value)
        named, steps = (count,), [(value.strides[last - 1],)]
    row = steps[0][0] if named else 0
    shape = (*value.shape[:first], *value.shape[last:])
    kept = [stride for _, stride in (*chosen.before, *chosen.after)]
    read = [*value.strides[:first], *value.strides[last:]]
    dims, (to, from_) = collapsed(shape, [kept, read])
    dims, to, from_ = dims or (1,), to or (0,), from_ or (0,)
    columns = math.prod(dims)
    across = min(BLOCK, 1 << (columns - 1).bit_length())
    down = BLOCK // across
    wanted = max(1, min(WANTED_THREADS // columns, count))
    groups = max(down, 1 << (wanted - 1).bit_length())
    scalar = scalar_of(out.dtype.name)
    index, number = index_of(count)
    there = f"const {scalar.wide} y = {scalar.load('*target')};" if adds else ""
    code = kernel(
        "scatter", index=index, rank=len(dims), type=scalar.store, wide=scalar.wide,
        loaded=scalar.load("*source"), there=there,
        stored=sum_text(scalar.dtype) if adds else scalar.stored("x"),
        effect="they are added" if adds else "they replace what was there",
    )  # fmt: skip
    space = struct.pack(f"{3 + 3 * len(dims)}q", columns, groups, row, *dims, *to, *from_)
    target = out.view((), (), chosen.offset)
    context.launch(
        code,
        (-(-columns // across), groups // down, 1),
        (across, down, 1),
        [number(count), target, value, chosen.places, space],
    )


@device_op(Nonzero, supports=lambda node: node.inputs[0].type.dtype in REAL)
def nonzero(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Find the positions in the flat tensor, and take them apart."""
    (x,) = inputs
    positions = nonzero_positions(context, x)
    if x.ndim == 1:
        return [positions]
    outputs = []
    for d in range(x.ndim):
        out = context.empty(positions.shape, np.int64)
        step = math.prod(x.shape[d + 1 :])
        if out.size:
            numbers: list[Any] = [
                np.int64(out.size),
                positions,
                out,
                np.int64(step),
                np.int64(x.shape[d]),
            ]
            context.launch(kernel("unravel"), context.grid_for(out.size), (BLOCK, 1, 1), numbers)
        outputs.append(out)
    return outputs
