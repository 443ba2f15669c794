"""Products that are no library call of the Plan: batches of matrices, and integers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tensorsym.codegen.space import collapsed
from tensorsym.cuda.array import dense_strides
from tensorsym.cuda.moves import as_dtype, broadcast, can_move
from tensorsym.cuda.ops import device_op
from tensorsym.cuda.products import batched_product
from tensorsym.cuda.reference import raise_reference
from tensorsym.language.contraction import BatchedDot
from tensorsym.language.products import Dot

if TYPE_CHECKING:
    from tensorsym.cuda.array import DeviceArray
    from tensorsym.cuda.context import Context
    from tensorsym.graph.variable import Apply

__all__: list[str] = []


def _computable(node: Apply) -> bool:
    """Tell whether operands can be cast; the tiles add products, which is not the sum of bools."""
    target = node.outputs[0].type.dtype
    return target != "bool" and all(can_move(v.type.dtype, target) for v in node.inputs)


def _cast(context: Context, array: DeviceArray, dtype: str) -> DeviceArray:
    return array if array.dtype == dtype else as_dtype(context, array, np.dtype(dtype))


@device_op(BatchedDot, supports=_computable)
def batched_dot(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Multiply batches, which broadcast where a length is declared to be 1."""
    x, y = inputs
    declared = [v.type.shape for v in node.inputs]
    pairs = zip(x.shape[:-2], y.shape[:-2], *declared, strict=False)
    differ = any(a != b and 1 not in types for a, b, *types in pairs)
    if x.shape[-1] != y.shape[-2] or differ:
        raise_reference(node, inputs)
    batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    dtype = node.outputs[0].type.dtype
    left, right = (broadcast(_cast(context, v, dtype), (*batch, *v.shape[-2:])) for v in inputs)
    dims, steps = collapsed(batch, [left.strides[:-2], right.strides[:-2]])
    if len(dims) > 1:
        left, right = context.copied(left), context.copied(right)
        steps = [(math.prod(v.shape[-2:]) * v.dtype.itemsize,) for v in (left, right)]
    count = math.prod(batch)
    matrices = [
        v.view((count, *v.shape[-2:]), (step[0] if step else 0, *v.strides[-2:]))
        for v, step in zip((left, right), steps, strict=True)
    ]
    out = batched_product(context, *matrices)
    shape = (*batch, *out.shape[1:])
    return [out.view(shape, dense_strides(shape, out.dtype.itemsize))]


@device_op(Dot, supports=_computable)
def dot(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Multiply vectors and matrices as batches of one matrix."""
    x, y = inputs
    if x.shape[-1] != y.shape[0]:
        raise_reference(node, inputs)
    x, y = (_cast(context, v, node.outputs[0].type.dtype) for v in inputs)
    rows, columns = math.prod(x.shape[:-1]), math.prod(y.shape[1:])
    left = x.view((1, rows, x.shape[-1]), (0, x.strides[0] if x.ndim == 2 else 0, x.strides[-1]))
    right = y.view((1, y.shape[0], columns), (0, y.strides[0], y.strides[1] if y.ndim == 2 else 0))
    out = batched_product(context, left, right)
    shape = (*x.shape[:-1], *y.shape[1:])
    return [out.view(shape, dense_strides(shape, out.dtype.itemsize))]
