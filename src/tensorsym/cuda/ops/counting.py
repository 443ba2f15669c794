"""Tensors made of their indices: ranges, and matrices of ones on and below a diagonal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.cuda.moves import index_of
from tensorsym.cuda.ops import device_op
from tensorsym.cuda.reference import from_input, host_values
from tensorsym.cuda.scalars import REAL, kernel, scalar_of
from tensorsym.cuda.source import BLOCK
from tensorsym.language.creation import ARange, range_length
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.patterns import Eye, Tri

if TYPE_CHECKING:
    from tensorsym.cuda.array import DeviceArray
    from tensorsym.cuda.context import Context
    from tensorsym.graph.variable import Apply

__all__: list[str] = []


def _countable(node: Apply) -> bool:
    return node.outputs[0].type.dtype in REAL - {"bool"}


@device_op(ARange, supports=_countable, numbers=from_input(0))
def arange(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Count; as in NumPy the step of floats is the difference of the first two when rounded."""
    op: Any = node.op
    start, stop, step = host_values(node, inputs)
    n = range_length(start, stop, step, node)
    out = context.empty((n,), op.dtype)
    wide = np.dtype("float32" if op.dtype == "float16" else op.dtype)
    with np.errstate(all="ignore"):
        first = np.asarray(start).astype(op.dtype)
        if is_discrete(op.dtype):
            difference = np.asarray(step).astype(op.dtype)
        else:
            difference = np.asarray(start + step).astype(op.dtype).astype(wide) - first
    scalar = scalar_of(op.dtype)
    index, count = index_of(n)
    code = kernel(
        "count", index=index, store=scalar.store, wide=scalar.wide, stored=scalar.stored("value")
    )
    if n:
        numbers = [wide.type(first), wide.type(difference)]
        arguments = [count(n), out, *numbers]
        context.launch(code, context.grid_for(n), (BLOCK, 1, 1), arguments)
    return [out]


@device_op(
    Eye,
    Tri,
    supports=lambda node: node.outputs[0].type.dtype in REAL,
    numbers=from_input(0),
)
def diagonals(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Compare column and row."""
    rows, columns, k = (int(value) for value in host_values(node, inputs))
    out = context.empty((max(rows, 0), max(columns, 0)), node.outputs[0].type.dtype)
    if out.size == 0:
        return [out]
    scalar = scalar_of(out.dtype.name)
    index, count = index_of(out.size)
    code = kernel(
        "diagonals", index=index, store=scalar.store, stored=scalar.stored("value"),
        wide=scalar.wide, relation="==" if isinstance(node.op, Eye) else "<=",
    )  # fmt: skip
    arguments = [count(out.size), out, np.int64(columns), np.int64(k)]
    context.launch(code, context.grid_for(out.size), (BLOCK, 1, 1), arguments)
    return [out]
