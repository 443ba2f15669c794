"""Fills move outward through elementwise ops and vanish where another operand has the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.language.arithmetic import second
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.elementwise import Elementwise
from tensorsym.language.reshape import Alloc
from tensorsym.rewrite.context import call, padded
from tensorsym.rewrite.rules import PHASES, algorithm

if TYPE_CHECKING:
    from tensorsym.graph.variable import Apply
    from tensorsym.rewrite.context import Context
    from tensorsym.rewrite.rules import Replacement

__all__ = ["alloc_of_alloc", "fill_sink", "fill_to_alloc", "useless_alloc", "useless_fill"]


@algorithm(
    "useless_fill", *PHASES, roots=("second",), theano=("local_useless_fill", "local_fill_cut"),
    why="the value has the shape already",
)  # fmt: skip
def useless_fill(node: Apply, context: Context) -> Replacement:
    """Replace `second(model, value)` by the value where that has the result's pattern."""
    value: Any = node.inputs[1]
    out: Any = node.outputs[0]
    return value if value.type.broadcastable == out.type.broadcastable else None


@algorithm(
    "fill_to_alloc", "specialize", roots=("second",), theano=("local_fill_to_alloc",),
    why="the model is not computed for its shape alone",
)  # fmt: skip
def fill_to_alloc(node: Apply, context: Context) -> Replacement:
    """Replace `second(model, value)` by a fill of the lengths."""
    out: Any = node.outputs[0]
    return context.fit(node.inputs[1], out)


@algorithm(
    "fill_sink", *PHASES, roots=None, inputs=("second", Alloc),
    theano=("local_fill_sink", "local_elemwise_alloc", "local_alloc_unary"),
    why="an elementwise op needs the value, not the filled tensor",
)  # fmt: skip
def fill_sink(node: Apply, context: Context) -> Replacement:
    """Apply an elementwise op to the values of fills.

    Fill the result only if no other operand has its shape.

    A `second` is dropped for any operand of the right pattern, as broadcasting demands equal
    lengths anyway; an `Alloc`, whose lengths the user gave, only for an operand that is known to
    have them.
    """
    if type(node.op) is not Elementwise:
        return None
    out: Any = node.outputs[0]
    operands: list[Any] = list(node.inputs)
    models: list[Any] = []
    allocated: list[Any] = []
    for index, v in enumerate(operands):
        owner = v.owner
        if owner is None:
            continue
        if owner.op is second:
            models.append(owner.inputs[0])
            operands[index] = owner.inputs[1]
        elif type(owner.op) is Alloc:
            value = padded(owner.inputs[0], v.type.ndim)
            if value.type.broadcastable != v.type.broadcastable:
                allocated.append(v)
                operands[index] = value
    if not models and not allocated:
        return None
    return _sunk(node, operands, models, allocated, out, context)


def _sunk(
    node: Apply,
    operands: list[Any],
    models: list[Any],
    allocated: list[Any],
    out: Any,
    context: Context,
) -> Replacement:
    result = call(node.op, *operands)
    covered = result.type.broadcastable == out.type.broadcastable
    for v in allocated:
        if covered and not _implied(v, result, context):
            return None
    if covered:
        return result
    if allocated:
        return context.filled(result, out) if _sole_shape(node, allocated, context) else None
    for model in models:
        if call(second, model, result).type.broadcastable != result.type.broadcastable:
            result = call(second, model, result)
    return result


def _implied(v: Any, other: Any, context: Context) -> bool:
    """Tell whether every dimension of the filled `v` has the length it has in `other`."""
    lengths = zip(
        context.shapes.lengths(v), context.shapes.lengths(other), v.type.broadcastable, strict=True
    )
    return all(
        broadcasts or context.shapes.same_length(mine, theirs)
        for mine, theirs, broadcasts in lengths
    )


def _sole_shape(node: Apply, allocated: list[Any], context: Context) -> bool:
    """Tell whether no operand could contradict the lengths of the filled ones."""
    out: Any = node.outputs[0]
    lengths = context.shapes.lengths(out)
    for v in node.inputs:
        if v.owner is not None and v.owner.op is second:
            continue
        for mine, length, broadcasts in zip(
            context.shapes.lengths(v), lengths, v.type.broadcastable, strict=True
        ):
            if not broadcasts and not context.shapes.same_length(mine, length):
                return False
    return True


@algorithm(
    "useless_alloc", *PHASES, roots=(Alloc,),
    theano=("local_useless_alloc", "local_canonicalize_alloc"),
    why="the value has the lengths already",
)  # fmt: skip
def useless_alloc(node: Apply, context: Context) -> Replacement:
    """Replace a fill by its value where that is known to have the shape."""
    value: Any = node.inputs[0]
    out: Any = node.outputs[0]
    if value.type.broadcastable != out.type.broadcastable:
        return None
    lengths = zip(context.shapes.lengths(value), node.inputs[1:], strict=True)
    return value if all(context.shapes.same_length(a, b) for a, b in lengths) else None


@algorithm(
    "alloc_of_alloc", *PHASES, roots=(Alloc,), inputs=(Alloc, "second"),
    theano=("local_merge_alloc",),
    why="one fill in place of two",
)  # fmt: skip
def alloc_of_alloc(node: Apply, context: Context) -> Replacement:
    """Replace a fill of a filled value by one fill, where the lengths agree."""
    inner: Any = node.inputs[0]
    value: Any = inner.owner.inputs[1 if inner.owner.op is second else 0]
    value = padded(value, inner.type.ndim)
    lengths = node.inputs[len(node.inputs) - inner.type.ndim :]
    for mine, length, broadcasts in zip(
        context.shapes.lengths(inner), lengths, inner.type.broadcastable, strict=True
    ):
        if not broadcasts and not context.shapes.same_length(mine, length):
            return None
    return call(Alloc(), value, *node.inputs[1:])


@algorithm(
    "dimshuffle_of_fill", *PHASES, roots=(DimShuffle,), inputs=("second", Alloc),
    theano=("local_alloc_dimshuffle", "local_dimshuffle_alloc"),
    why="the value is reordered, not the filled tensor",
)  # fmt: skip
def dimshuffle_of_fill(node: Apply, context: Context) -> Replacement:
    """Replace a reordered fill by a fill with reordered lengths."""
    inner: Any = node.inputs[0]
    out: Any = node.outputs[0]
    order = node.op.new_order  # type: ignore[attr-defined]
    value: Any = padded(inner.owner.inputs[1 if inner.owner.op is second else 0], inner.type.ndim)
    if value.type.broadcastable == inner.type.broadcastable:
        return None
    return context.filled(call(DimShuffle(value.type.broadcastable, order), value), out)
