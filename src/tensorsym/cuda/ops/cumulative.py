"""Running sums and products."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.cuda.ops import device_op
from tensorsym.cuda.scalars import REAL, kernel, scalar_of
from tensorsym.cuda.source import BLOCK
from tensorsym.language.cumulative import CumOp

if TYPE_CHECKING:
    from tensorsym.cuda.array import DeviceArray
    from tensorsym.cuda.context import Context
    from tensorsym.graph.variable import Apply

__all__: list[str] = []

# A thread walks a column where there are columns enough to fill the device, or the way is short.
ENOUGH_COLUMNS = 4096
SHORT = 64


@device_op(CumOp, supports=lambda node: node.inputs[0].type.dtype in REAL)
def cumulate(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Run along the axis; float16 is rounded at the end only."""
    op: Any = node.op
    x = context.contiguous(inputs[0])
    out = context.empty(x.shape, x.dtype)
    if x.size == 0:
        return [out]
    length, inner = x.shape[op.axis], math.prod(x.shape[op.axis + 1 :])
    columns = x.size // length
    by_rows = inner == 1 and length > SHORT and columns < ENOUGH_COLUMNS
    scalar = scalar_of(x.dtype.name)
    text = {"add": "one + other", "mul": "one * other"}[op.mode]
    if x.dtype == bool:
        text = {"add": "one | other", "mul": "one & other"}[op.mode]
    code = kernel(
        "cumulate", function="cumulate_rows" if by_rows else "cumulate_columns",
        what={"add": "sums", "mul": "products"}[op.mode],
        step=f"static __device__ __forceinline__ {scalar.wide} combined({scalar.wide} one, "
        f"{scalar.wide} other)\n{{\n  return ({scalar.wide})({text});\n}}",
        neutral={"add": 0, "mul": 1}[op.mode], store=scalar.store, wide=scalar.wide,
        value=scalar.load("x[i]"), stored=scalar.stored("running"),
    )  # fmt: skip
    if by_rows:
        numbers: list[Any] = [np.int64(columns), np.int64(length)]
        grid = columns, 1, 1
    else:
        numbers = [np.int64(columns), np.int64(length), np.int64(inner)]
        grid = context.grid_for(columns)
    context.launch(code, grid, (BLOCK, 1, 1), [*numbers, np.int32(op.reverse), out, x])
    return [out]
