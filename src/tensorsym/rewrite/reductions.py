"""Algebra of reductions: factors leave sums, nested reductions become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.language.arithmetic import CASTS, mul, neg
from tensorsym.language.arithmetic import true_divide as div
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.reduction import Reduction
from tensorsym.language.reshape import Alloc
from tensorsym.rewrite.context import call, joined
from tensorsym.rewrite.rules import PHASES, algorithm

if TYPE_CHECKING:
    from tensorsym.graph.variable import Apply
    from tensorsym.rewrite.context import Context
    from tensorsym.rewrite.rules import Replacement

__all__ = [
    "factors_leave_sum",
    "nested_reduction",
    "reduction_of_dimshuffle",
    "reduction_of_fill",
    "useless_reduction",
]

SUMS = ("sum",)
ALL = ("sum", "prod", "max", "min", "all", "any")


def _like(op: Any, axes: tuple[int, ...] | None) -> Reduction:
    """Return a reduction with other axes."""
    return Reduction(op.name, axes, op.dtype, op.acc_dtype)


@algorithm(
    "useless_reduction", *PHASES, roots=ALL,
    theano=("local_useless_reduce", "local_reduce_broadcastable", "local_sum_prod_all_to_none"),
    why="dimensions of length 1 need no loop",
)  # fmt: skip
def useless_reduction(node: Apply, context: Context) -> Replacement:
    """Drop dimensions of length 1 from a reduction.

    Without any left it is a cast. All axes are written None.
    """
    x: Any = node.inputs[0]
    op: Any = node.op
    axes = op.axes(x.type.ndim)
    kept = tuple(axis for axis in axes if not x.type.broadcastable[axis])
    if len(kept) == len(axes) and axes:
        whole = len(axes) == x.type.ndim and op.axis is not None
        return call(_like(op, None), x) if whole else None
    order = [axis for axis in range(x.type.ndim) if axis not in axes or axis in kept]
    if order != list(range(x.type.ndim)):
        x = call(DimShuffle(x.type.broadcastable, order), x)
    if kept:
        return call(_like(op, tuple(order.index(axis) for axis in kept)), x)
    dtype = node.outputs[0].type.dtype
    return x if x.type.dtype == dtype else call(CASTS[dtype], x)


@algorithm(
    "nested_reduction", *PHASES, roots=ALL, inputs=ALL, theano=("local_op_of_op",),
    why="one loop in place of two",
)  # fmt: skip
def nested_reduction(node: Apply, context: Context) -> Replacement:
    """Replace a reduction of a reduction by one over the axes of both."""
    inner: Any = node.inputs[0]
    op: Any = node.op
    inner_op = inner.owner.op
    x = inner.owner.inputs[0]
    out: Any = node.outputs[0]
    if inner_op.name != op.name or not context.single_use(inner):
        return None
    remaining = [axis for axis in range(x.type.ndim) if axis not in inner_op.axes(x.type.ndim)]
    axes = sorted(
        (*inner_op.axes(x.type.ndim), *(remaining[axis] for axis in op.axes(inner.type.ndim)))
    )
    accumulators = {
        inner_op.accumulator_dtype(x.type.dtype), inner.type.dtype,
        op.accumulator_dtype(inner.type.dtype), out.type.dtype,
    }  # fmt: skip
    if len(accumulators) > 1:
        return None
    merged = Reduction(
        op.name, None if len(axes) == x.type.ndim else tuple(axes), out.type.dtype, op.acc_dtype
    )
    if not merged.record.widens:
        merged = _like(op, merged.axis)
    return call(merged, x)


@algorithm(
    "reduction_of_dimshuffle", *PHASES, roots=ALL, inputs=(DimShuffle,),
    theano=("local_reduce_dimshuffle", "local_sum_prod_div_dimshuffle"),
    why="the order of summed dimensions does not count",
)  # fmt: skip
def reduction_of_dimshuffle(node: Apply, context: Context) -> Replacement:
    """Reduce the tensor behind a dimshuffle, and reorder what remains."""
    shuffled: Any = node.inputs[0]
    order = shuffled.owner.op.new_order
    x = shuffled.owner.inputs[0]
    op: Any = node.op
    reduced = [order[axis] for axis in op.axes(shuffled.type.ndim)]
    axes = tuple(sorted(axis for axis in reduced if axis != "x"))
    if not axes:
        return None  # Only dimensions of length 1 are reduced: `useless_reduction` does it.
    result = call(_like(op, None if len(axes) == x.type.ndim else axes), x)
    left = [axis for axis in range(x.type.ndim) if axis not in axes]
    outer = [order[k] for k in range(shuffled.type.ndim) if k not in op.axes(shuffled.type.ndim)]
    new_order = ["x" if d == "x" else left.index(d) for d in outer]
    if new_order == list(range(result.type.ndim)):
        return result
    return call(DimShuffle(result.type.broadcastable, new_order), result)


@algorithm(
    "factors_leave_sum", *PHASES, roots=SUMS, inputs=("mul", "true_div", "neg"),
    theano=("local_sum_prod_mul_by_scalar", "local_sum_prod_div_dimshuffle"),
    why="what is the same for all summed elements multiplies once",
    differs="the sum overflows and the product does not, or the reverse",
)  # fmt: skip
def factors_leave_sum(node: Apply, context: Context) -> Replacement:
    """Take factors and divisors that do not vary along the summed axes out of a sum of floats."""
    x: Any = node.inputs[0]
    op: Any = node.op
    out: Any = node.outputs[0]
    if is_discrete(x.type.dtype) or x.type.dtype != out.type.dtype or not context.single_use(x):
        return None
    axes = op.axes(x.type.ndim)
    if x.owner.op is neg:
        return call(neg, call(op, x.owner.inputs[0]))
    above, below = (
        (x.owner.inputs, []) if x.owner.op is mul else (x.owner.inputs[:1], x.owner.inputs[1:])
    )
    outside = [v for v in above if _is_constant_along(v, axes)]
    divisors = [v for v in below if _is_constant_along(v, axes)]
    inside = [v for v in above if v not in outside]
    if not (outside or divisors) or not inside:
        return None
    rest = joined(mul, inside, x.type.dtype, x.type.ndim)
    if len(divisors) < len(below):
        rest = call(div, rest, *below)
    if any(rest.type.broadcastable[axis] and not x.type.broadcastable[axis] for axis in axes):
        return None
    return context.fit(_scaled(call(op, rest), outside, divisors, axes), out)


def _is_constant_along(v: Any, axes: tuple[int, ...]) -> bool:
    return all(v.type.broadcastable[axis] for axis in axes)


def _scaled(total: Any, factors: list[Any], divisors: list[Any], axes: tuple[int, ...]) -> Any:
    """Return a sum times factors over divisors from which the summed dimensions are dropped."""

    def dropped(v: Any) -> Any:
        order = [axis for axis in range(v.type.ndim) if axis not in axes]
        return call(DimShuffle(v.type.broadcastable, order), v)

    if factors:
        total = call(mul, *[dropped(v) for v in factors], total)
    return call(div, total, *[dropped(v) for v in divisors]) if divisors else total


@algorithm(
    "reduction_of_fill", *PHASES, roots=("sum",), inputs=(Alloc, "second"),
    theano=("local_opt_alloc",),
    why="a sum of equal elements is a product",
    differs="more elements than the dtype counts exactly",
)  # fmt: skip
def reduction_of_fill(node: Apply, context: Context) -> Replacement:
    """Replace the sum of a filled tensor by the value times the number of elements."""
    filled: Any = node.inputs[0]
    out: Any = node.outputs[0]
    op: Any = node.op
    axes = op.axes(filled.type.ndim)
    value: Any = filled.owner.inputs[0 if type(filled.owner.op) is Alloc else 1]
    missing = filled.type.ndim - value.type.ndim
    if op.accumulator_dtype(filled.type.dtype) != out.type.dtype:
        return None
    if not all(axis < missing or value.type.broadcastable[axis - missing] for axis in axes):
        return None
    lengths = context.shapes.lengths(filled)
    count = joined(mul, [lengths[axis] for axis in axes], "int64", 0)
    order = [d for d in range(value.type.ndim) if d + missing not in axes]
    if order != list(range(value.type.ndim)):
        value = call(DimShuffle(value.type.broadcastable, order), value)
    if value.type.dtype != out.type.dtype:
        value = call(CASTS[out.type.dtype], value)
    if out.type.dtype != "int64":
        count = call(CASTS[out.type.dtype], count)
    if value.type.ndim:
        count = call(DimShuffle((), ("x",) * value.type.ndim), count)
    return context.fit(call(mul, value, count), out)
