"""The softmax family over the last axis, and the losses built on it: each row in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.codegen.cuda_scalar import neutral
from tensorsym.cuda.moves import as_dtype, filled, index_of
from tensorsym.cuda.ops import device_op
from tensorsym.cuda.reference import raise_reference
from tensorsym.cuda.rows import plan_rows, row_reduction
from tensorsym.cuda.scalars import kernel, scalar_of
from tensorsym.cuda.selection import named_places
from tensorsym.cuda.source import BLOCK
from tensorsym.language.crossentropy import (
    CrossentropyCategorical1Hot,
    CrossentropyCategorical1HotGrad,
    CrossentropySoftmax1HotWithBiasDx,
    CrossentropySoftmaxArgmax1HotWithBias,
)
from tensorsym.language.softmax import LogSoftmax, Softmax, SoftmaxGrad

if TYPE_CHECKING:
    from tensorsym.cuda.array import DeviceArray
    from tensorsym.cuda.context import Context
    from tensorsym.graph.variable import Apply

__all__: list[str] = []


def _rows_and_columns(x: DeviceArray) -> tuple[int, int]:
    n = x.shape[-1]
    return (x.size // n if n else 0), n


@device_op(Softmax, LogSoftmax)
def softmax(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Shift by the largest element, sum exponentials, write."""
    x = context.contiguous(inputs[0])
    out = context.empty(x.shape, x.dtype)
    rows, n = _rows_and_columns(x)
    if rows == 0:
        return [out]
    scalar = scalar_of(x.dtype.name)
    plan = plan_rows(n, scalar)
    exponential = scalar.suffix
    loaded = scalar.load("x[column]")
    logarithmic = isinstance(node.op, LogSoftmax)
    result = "value - shift" if logarithmic else f"ts_exp_{exponential}(value) / total"
    code = kernel(
        "softmax",
        op="Logarithms of the softmax" if logarithmic else "Softmax",
        reductions=row_reduction("max", plan, scalar) + row_reduction("sum", plan, scalar),
        keep=plan.keep("kept", scalar.wide, loaded), value=plan.value("kept", loaded),
        prepared=f"const {scalar.wide} shift = ts_log_{exponential}(total);" if logarithmic else "",
        stored=scalar.stored(result), each=plan.each(), warps=plan.warps, kept=plan.kept,
        threads=plan.threads,
        store=scalar.store, wide=scalar.wide, suffix=exponential,
        lowest=neutral("max", scalar.dtype),
    )  # fmt: skip
    lengths = [np.int64(rows), np.int64(n)]
    context.launch(code, plan.grid(rows), plan.block, [*lengths, out, x])
    return [out]


@device_op(SoftmaxGrad)
def softmax_gradient(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Sum the product, subtract its share."""
    dtype = node.outputs[0].type.dtype
    if inputs[0].shape != inputs[1].shape:
        raise_reference(node, inputs)
    dy, sm = (as_dtype(context, v, np.dtype(dtype)) for v in inputs)
    out = context.empty(sm.shape, dtype)
    rows, n = _rows_and_columns(sm)
    if rows == 0:
        return [out]
    scalar = scalar_of(dtype)
    plan = plan_rows(n, scalar)
    element, weight = scalar.load("x[column]"), scalar.load("g[column]")
    keep = [
        plan.keep("kept", scalar.wide, element),
        plan.keep("weighted", scalar.wide, f"{weight} * {element}"),
    ]
    code = kernel(
        "softmax_gradient",
        reductions=row_reduction("sum", plan, scalar), keep="\n  ".join(keep), each=plan.each(),
        threads=plan.threads, value=plan.value("kept", element),
        weighted=plan.value("weighted", f"{weight} * {element}"),
        stored=scalar.stored("value"), store=scalar.store, wide=scalar.wide,
    )  # fmt: skip
    lengths = [np.int64(rows), np.int64(n)]
    context.launch(code, plan.grid(rows), plan.block, [*lengths, out, dy, sm])
    return [out]


def _checked_labels(
    context: Context, node: Apply, inputs: list[DeviceArray], labels: DeviceArray, columns: int
) -> DeviceArray:
    """Return the class numbers as int64, or raise what the reference raises for them."""
    numbers, bad, _ = named_places(context, [(labels, columns, 1)], wraps=False)
    if context.to_host(bad).any():
        raise_reference(node, inputs)
    return numbers


@device_op(CrossentropySoftmaxArgmax1HotWithBias)
def crossentropy(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Compute the three results of a row in one pass over it."""
    scores, biases, labels = inputs
    rows, n = scores.shape
    if biases.shape != (n,) or labels.shape != (rows,):
        raise_reference(node, inputs)
    numbers = _checked_labels(context, node, inputs, labels, n)
    x = context.contiguous(scores)
    b = as_dtype(context, biases, x.dtype)
    loss, largest = context.empty((rows,), x.dtype), context.empty((rows,), labels.dtype)
    out = context.empty(x.shape, x.dtype)
    if rows == 0:
        return [loss, out, largest]
    scalar = scalar_of(x.dtype.name)
    plan = plan_rows(n, scalar)
    loaded = f"{scalar.load('x[column]')} + {scalar.load('biases[column]')}"
    code = kernel(
        "crossentropy",
        reductions=row_reduction("sum", plan, scalar), keep=plan.keep("kept", scalar.wide, loaded),
        value=plan.value("kept", loaded), each=plan.each(), warps=plan.warps,
        threads=plan.threads, stored=scalar.stored("value"), store=scalar.store,
        label=scalar_of(labels.dtype.name).store, wide=scalar.wide, suffix=scalar.suffix,
        lowest=neutral("max", scalar.dtype),
    )  # fmt: skip
    arguments: list[Any] = [np.int64(rows), np.int64(n), loss, out, largest, x, b, numbers]
    context.launch(code, plan.grid(rows), plan.block, arguments)
    return [loss, out, largest]


@device_op(CrossentropySoftmax1HotWithBiasDx, CrossentropyCategorical1HotGrad)
def labelled(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Write a matrix in which one column of each row differs."""
    dy, x, labels = inputs
    rows, columns = x.shape
    if labels.shape != (rows,) or dy.shape != (rows,):
        raise_reference(node, inputs)
    numbers = _checked_labels(context, node, inputs, labels, columns)
    dtype = np.dtype(node.outputs[0].type.dtype)
    out = filled(context, x.shape, dtype) if x.size == 0 else context.empty(x.shape, dtype)
    scalar = scalar_of(dtype.name)
    of_softmax = isinstance(node.op, CrossentropySoftmax1HotWithBiasDx)
    index, count = index_of(out.size)
    code = kernel(
        "labelled", index=index, store=scalar.store, wide=scalar.wide, g=scalar.load("dy[row]"),
        element=scalar.load("x[i]"), stored=scalar.stored("value"),
        value="g * (element - chosen)" if of_softmax else "chosen ? -g / element : 0",
    )  # fmt: skip
    g, values = (as_dtype(context, v, dtype) for v in (dy, x))
    arguments = [count(out.size), np.int64(columns), out, g, values, numbers]
    if out.size:
        context.launch(code, context.grid_for(out.size), (BLOCK, 1, 1), arguments)
    return [out]


@device_op(CrossentropyCategorical1Hot)
def picked(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Take the logarithm of one element of each row."""
    x, labels = inputs
    rows, columns = x.shape
    if labels.shape != (rows,):
        raise_reference(node, inputs)
    numbers = _checked_labels(context, node, inputs, labels, columns)
    x = context.contiguous(x)
    out = context.empty((rows,), x.dtype)
    scalar = scalar_of(x.dtype.name)
    code = kernel(
        "picked", store=scalar.store, wide=scalar.wide, element=scalar.load("*place"),
        suffix=scalar.suffix, stored=scalar.stored("value"),
    )  # fmt: skip
    if rows:
        arguments: list[Any] = [np.int64(rows), np.int64(columns), out, x, numbers]
        context.launch(code, context.grid_for(rows), (BLOCK, 1, 1), arguments)
    return [out]
