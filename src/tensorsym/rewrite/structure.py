"""Views and conversions: dimshuffles merge and move toward inputs.

Casts, reshapes and patterns that do nothing go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.language.arithmetic import CASTS
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.dtypes import COMPLEX, DISCRETE, FLOAT
from tensorsym.language.elementwise import Elementwise
from tensorsym.language.products import Dot
from tensorsym.language.rebroadcast import Rebroadcast
from tensorsym.language.reshape import Reshape, SpecifyShape
from tensorsym.language.shape import constant_length, shape_entries
from tensorsym.rewrite.context import call
from tensorsym.rewrite.rules import PHASES, algorithm

if TYPE_CHECKING:
    from tensorsym.graph.variable import Apply
    from tensorsym.rewrite.context import Context
    from tensorsym.rewrite.rules import Replacement

__all__ = ["cast_of_cast", "dimshuffle_lift", "useless_cast", "useless_dimshuffle"]

# A dimshuffle moves through this many elementwise ops: enough for programs, and linear for towers
# of transposes.
MOST_LIFTS = 16
ROOM = "rewrite_lifts"


@algorithm(
    "useless_identity", "canonicalize", "stabilize", roots=None,
    theano=("local_grad_clip", "local_grad_scale"),
    why="it told derivatives something, and values nothing",
)  # fmt: skip
def useless_identity(node: Apply, context: Context) -> Replacement:
    """Drop ops that hand on their operand, such as `disconnected_grad`."""
    return node.inputs[0] if node.op.identity else None


@algorithm(
    "useless_dimshuffle", *PHASES, roots=(DimShuffle,),
    theano=("local_dimshuffle_lift", "local_useless_dimshuffle"),
    why="the order of dimensions stays as it is",
)  # fmt: skip
def useless_dimshuffle(node: Apply, context: Context) -> Replacement:
    """Drop dimshuffles that change nothing and merge those of each other."""
    x: Any = node.inputs[0]
    order = node.op.new_order  # type: ignore[attr-defined]
    if order == tuple(range(x.type.ndim)):
        return x
    if x.owner is None or type(x.owner.op) is not DimShuffle:
        return None
    inner, base = x.owner.op.new_order, x.owner.inputs[0]
    merged = tuple("x" if d == "x" else inner[d] for d in order)
    if merged == tuple(range(base.type.ndim)):
        return base
    return call(DimShuffle(base.type.broadcastable, merged), base)


@algorithm(
    "dimshuffle_lift", "canonicalize", "stabilize", roots=(DimShuffle,),
    theano=("local_dimshuffle_lift",),
    why="elementwise ops stand together, and views at the inputs",
)  # fmt: skip
def dimshuffle_lift(node: Apply, context: Context) -> Replacement:
    """Replace a reordered elementwise result by the op on reordered operands."""
    x: Any = node.inputs[0]
    if x.owner is None or type(x.owner.op) is not Elementwise or not context.single_use(x):
        return None
    lifts = node.__dict__.get(ROOM, 0)
    if lifts >= MOST_LIFTS:
        return None
    order = node.op.new_order  # type: ignore[attr-defined]
    operands = []
    for v in x.owner.inputs:
        moved = call(DimShuffle(v.type.broadcastable, order), v)
        moved.owner.__dict__[ROOM] = lifts + 1
        operands.append(moved)
    return call(x.owner.op, *operands)


@algorithm(
    "transposed_dot", "canonicalize", roots=(DimShuffle,), inputs=(Dot,),
    theano=("local_lift_transpose_through_dot",),
    why="transposed operands are views; a transposed product is not",
)  # fmt: skip
def transposed_dot(node: Apply, context: Context) -> Replacement:
    """Replace dot(x, y).T by dot(y.T, x.T)."""
    product: Any = node.inputs[0]
    if node.op.new_order != (1, 0) or not context.single_use(product):  # type: ignore[attr-defined]
        return None
    x, y = product.owner.inputs
    if x.type.ndim != 2 or y.type.ndim != 2:
        return None
    return call(Dot(), y.T, x.T)


_CAST_NAMES = tuple(op.name for op in CASTS.values())


@algorithm(
    "useless_cast", *PHASES, roots=_CAST_NAMES,
    theano=("local_useless_elemwise", "local_cast_cast"),
    why="the tensor has the dtype already",
)  # fmt: skip
def useless_cast(node: Apply, context: Context) -> Replacement:
    """Drop a cast to the dtype at hand."""
    x: Any = node.inputs[0]
    return x if x.type.dtype == node.outputs[0].type.dtype else None


@algorithm(
    "cast_of_cast", *PHASES, roots=_CAST_NAMES, inputs=_CAST_NAMES, theano=("local_cast_cast",),
    why="one cast gives the same bits as two",
)  # fmt: skip
def cast_of_cast(node: Apply, context: Context) -> Replacement:
    """Replace a cast of a cast by one where the inner one loses nothing that is kept."""
    middle: Any = node.inputs[0]
    x = middle.owner.inputs[0]
    start, between, end = x.type.dtype, middle.type.dtype, node.outputs[0].type.dtype
    if not _one_cast_will_do(start, between, end):
        return None
    return x if start == end else call(CASTS[end], x)


def _one_cast_will_do(start: str, between: str, end: str) -> bool:
    if start in COMPLEX and end not in COMPLEX:
        return False
    if end in DISCRETE and start not in DISCRETE:
        return (
            start == between
        )  # What a float beyond the integers becomes depends on the two dtypes.
    if end in DISCRETE and between not in DISCRETE:
        return holds_exactly(start, between) and (end == "bool" or holds_exactly(start, end))
    if holds_exactly(start, between):
        return True
    integers = all(dtype in DISCRETE and dtype != "bool" for dtype in (start, between, end))
    return integers and np.dtype(between).itemsize >= np.dtype(end).itemsize


def holds_exactly(start: str, target: str) -> bool:
    """Tell whether every value of a dtype is a value of another."""
    if start in (target, "bool"):
        return True
    if start in DISCRETE and target in DISCRETE:
        return bool(np.can_cast(start, target, "safe"))
    if start in DISCRETE:
        digits = np.finfo(target).nmant + 1
        limits = np.iinfo(start)
        return bool(max(limits.max, -limits.min) <= 2**digits and target != "float16")
    return (
        target not in DISCRETE
        and bool(np.can_cast(start, target, "safe"))
        and (start in FLOAT or target in COMPLEX)
    )


@algorithm(
    "useless_pattern", *PHASES, roots=(Rebroadcast, SpecifyShape),
    theano=("local_useless_rebroadcast",),
    why="the type says so already",
)  # fmt: skip
def useless_pattern(node: Apply, context: Context) -> Replacement:
    """Drop a declared pattern or shape that the type has already."""
    x: Any = node.inputs[0]
    out: Any = node.outputs[0]
    return x if x.type.shape == out.type.shape else None


@algorithm(
    "reshape_of_reshape", *PHASES, roots=(Reshape,), inputs=(Reshape,),
    theano=("local_reshape_chain",),
    why="only the last shape counts",
)  # fmt: skip
def reshape_of_reshape(node: Apply, context: Context) -> Replacement:
    """Replace a reshape of a reshape by one."""
    x: Any = node.inputs[0]
    merged = call(node.op, x.owner.inputs[0], node.inputs[1])
    return merged if merged.type == node.outputs[0].type else None


@algorithm(
    "useless_reshape", *PHASES, roots=(Reshape,),
    theano=("local_useless_reshape", "local_reshape_to_dimshuffle",
            "local_useless_dimshuffle_in_reshape"),
    why="the shape stays, or only lengths of 1 come and go",
)  # fmt: skip
def useless_reshape(node: Apply, context: Context) -> Replacement:
    """Drop a reshape to the shape at hand.

    Make one that adds or drops lengths of 1 a dimshuffle.
    """
    x: Any = node.inputs[0]
    out: Any = node.outputs[0]
    lengths = context.shapes.lengths(x)
    entries = (
        shape_entries(node.inputs[1], out.type.ndim) if _entries_known(node.inputs[1]) else None
    )
    if entries is None:
        return None
    kept = [axis for axis, b in enumerate(x.type.broadcastable) if not b]
    wanted = [axis for axis, b in enumerate(out.type.broadcastable) if not b]
    if len(kept) != len(wanted):
        return None
    free = 0
    for old, new in zip(kept, wanted, strict=True):
        if constant_length(entries[new]) == -1:
            free += 1
        elif not context.shapes.same_length(lengths[old], entries[new]):
            return None
    if free > 1:
        return None
    pairs = dict(zip(wanted, kept, strict=True))
    order = [pairs.get(axis, "x") for axis in range(out.type.ndim)]
    if order == list(range(x.type.ndim)):
        return x
    return call(DimShuffle(x.type.broadcastable, order), x)


def _entries_known(shape: Any) -> bool:
    return shape.owner is None or type(shape.owner.op).__name__ in ("MakeVector", "Shape")
