"""Ops that only arrange elements: joins, parts, copies, fills, diagonals, writes to slices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.cuda.moves import broadcast, can_move, filled, move
from tensorsym.cuda.ops import device_op
from tensorsym.cuda.reference import from_input, host_value, host_values, raise_reference
from tensorsym.cuda.slicing import sliced
from tensorsym.language.creation import AllocEmpty
from tensorsym.language.diagonals import AllocDiag, ExtractDiag
from tensorsym.language.hostops import DeepCopyOp
from tensorsym.language.indexing_basic import IncSubtensor, Subtensor
from tensorsym.language.indexing_pattern import numpy_index
from tensorsym.language.joining import Join, Split
from tensorsym.language.reshape import Alloc

if TYPE_CHECKING:
    from tensorsym.cuda.array import DeviceArray
    from tensorsym.cuda.context import Context
    from tensorsym.graph.variable import Apply

__all__: list[str] = []


def movable(node: Apply) -> bool:
    """Tell whether all tensors can be put into the first output."""
    target = node.outputs[0].type.dtype
    return all(can_move(v.type.dtype, target) for v in node.inputs)


def _movable_first(node: Apply) -> bool:
    return can_move(node.inputs[0].type.dtype, node.outputs[0].type.dtype)


def _joinable(node: Apply) -> bool:
    target = node.outputs[0].type.dtype
    return all(can_move(v.type.dtype, target) for v in node.inputs[1:])


@device_op(Join, supports=_joinable, numbers=lambda node: (0,))
def join(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Move every part to its place."""
    arrays = inputs[1:]
    axis = int(host_value(node, inputs, 0))
    ndim = arrays[0].ndim
    if not -ndim <= axis < ndim:
        raise_reference(node, inputs)
    axis %= ndim
    kept = {(*a.shape[:axis], *a.shape[axis + 1 :]) for a in arrays}
    if len(kept) != 1:
        raise_reference(node, inputs)
    shape = list(arrays[0].shape)
    shape[axis] = sum(a.shape[axis] for a in arrays)
    out = context.empty(tuple(shape), node.outputs[0].type.dtype)
    first = 0
    for array in arrays:
        move(context, out.view(array.shape, out.strides, first * out.strides[axis]), array)
        first += array.shape[axis]
    return [out]


@device_op(Split, numbers=from_input(1))
def split(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Return views, as the op promises."""
    x = inputs[0]
    axis, lengths = (np.asarray(v) for v in host_values(node, inputs, first=1))
    place = int(axis)
    fits = (
        -x.ndim <= place < x.ndim
        and len(lengths) == len(node.outputs)
        and (lengths >= 0).all()
        and lengths.sum() == x.shape[place]
    )
    if not fits:
        raise_reference(node, inputs)
    place %= x.ndim
    views, first = [], 0
    for length in [int(n) for n in lengths]:
        shape = (*x.shape[:place], length, *x.shape[place + 1 :])
        views.append(x.view(shape, x.strides, first * x.strides[place] if length else 0))
        first += length
    return views


@device_op(Alloc, supports=_movable_first, numbers=from_input(1))
def alloc(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Broadcast a value to the lengths."""
    shape = tuple([int(n) for n in host_values(node, inputs, first=1)])
    try:
        value = broadcast(inputs[0], shape)
    except ValueError:
        raise_reference(node, inputs)
    out = context.empty(shape, inputs[0].dtype)
    move(context, out, value)
    return [out]


@device_op(AllocEmpty, numbers=from_input(0))
def alloc_empty(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Return zeros, as the reference does: what is read too early is the same each time."""
    shape = tuple([int(n) for n in host_values(node, inputs)])
    return [filled(context, shape, node.outputs[0].type.dtype)]


@device_op(DeepCopyOp, supports=movable)
def deep_copy(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Copy."""
    return [context.copied(inputs[0])]


@device_op(ExtractDiag)
def extract_diagonal(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Copy the view whose last dimension steps along two at once."""
    (x,) = inputs
    op: Any = node.op
    return [context.copied(diagonal_view(x, op.offset, op.axes(x.ndim)))]


def diagonal_view(x: DeviceArray, offset: int, axes: tuple[int, int]) -> DeviceArray:
    """Return a view of a diagonal of two dimensions, which is its last dimension."""
    rows, columns = axes
    others = [d for d in range(x.ndim) if d not in axes]
    first = max(-offset, 0), max(offset, 0)
    length = max(0, min(x.shape[rows] - first[0], x.shape[columns] - first[1]))
    start = first[0] * x.strides[rows] + first[1] * x.strides[columns] if length else 0
    return x.view(
        (*[x.shape[d] for d in others], length),
        (*[x.strides[d] for d in others], x.strides[rows] + x.strides[columns]),
        start,
    )


@device_op(AllocDiag)
def allocate_diagonal(
    context: Context, node: Apply, inputs: list[DeviceArray]
) -> list[DeviceArray]:
    """Move the values to a diagonal of zeros."""
    (values,) = inputs
    op: Any = node.op
    side = values.shape[-1] + abs(op.offset)
    axes = op.axes(values.ndim + 1)
    shape = list(values.shape[:-1])
    for axis in sorted(axes):
        shape.insert(axis, side)
    out = filled(context, tuple(shape), values.dtype)
    move(context, diagonal_view(out, op.offset, axes), values)
    return [out]


@device_op(Subtensor, numbers=from_input(1))
def subtensor(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Return the view."""
    op: Any = node.op
    index = numpy_index(op.idx_list, host_values(node, inputs, first=1))
    try:
        return [sliced(inputs[0], index)]
    except (IndexError, ValueError):
        raise_reference(node, inputs)


@device_op(IncSubtensor, numbers=from_input(2))
def increment_slice(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Add, or move, a value to a view of the tensor, or of a copy of it."""
    x, y = inputs[:2]
    op: Any = node.op
    index = numpy_index(op.idx_list, host_values(node, inputs, first=2))
    try:
        target = sliced(x, index)
        value = broadcast(y, target.shape)
    except (IndexError, ValueError):
        raise_reference(node, inputs)
    if not op.inplace:
        out = context.copied(x)
        target = sliced(out, index)
    else:
        out = x
        value = context.copied(value) if y.owner is x.owner else value
    move(context, target, value, adds=not op.set_instead_of_inc)
    return [out]
