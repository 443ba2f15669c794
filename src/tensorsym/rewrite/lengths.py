"""Rewrites about shapes, which are worked out from lengths of inputs, never from tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.language.arithmetic import maximum, minimum
from tensorsym.language.shape import MakeVector, Shape, ShapeOf
from tensorsym.language.sparsetype import SparseType
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.rewrite.context import call, literal
from tensorsym.rewrite.rules import PHASES, algorithm

if TYPE_CHECKING:
    from tensorsym.graph.variable import Apply
    from tensorsym.rewrite.context import Context
    from tensorsym.rewrite.rules import Replacement

__all__ = ["length_comparison", "length_limit", "shape_of_tensor", "shape_vector"]


@algorithm(
    "shape_vector", *PHASES, roots=(Shape,), theano=("local_shape_to_shape_i", "ShapeOpt"),
    why="a shape never needs its tensor",
)  # fmt: skip
def shape_vector(node: Apply, context: Context) -> Replacement:
    """Replace a shape by the vector of its lengths."""
    x: Any = node.inputs[0]
    if not isinstance(x.type, TensorType | SparseType):
        return None
    return call(MakeVector("int64"), *context.shapes.lengths(x))


@algorithm(
    "shape_of_tensor", *PHASES, roots=(ShapeOf,), theano=("local_track_shape_i", "ShapeOpt"),
    why="a length never needs its tensor",
)  # fmt: skip
def shape_of_tensor(node: Apply, context: Context) -> Replacement:
    """Replace one length by what is known of it."""
    x: Any = node.inputs[0]
    if not isinstance(x.type, TensorType | SparseType):
        return None
    length = context.shapes.lengths(x)[node.op.i]  # type: ignore[attr-defined]
    if length.owner is not None and length.owner.op == node.op and length.owner.inputs[0] is x:
        return None
    return length


def _is_length(v: Any) -> bool:
    return v.owner is not None and type(v.owner.op) is ShapeOf


@algorithm(
    "length_comparison", *PHASES, roots=("lt", "ge"), inputs=(ShapeOf,),
    theano=("local_useless_elemwise_comparison",), why="a length is not negative",
)  # fmt: skip
def length_comparison(node: Apply, context: Context) -> Replacement:
    """Decide whether a length is below zero."""
    if not _is_length(node.inputs[0]):
        return None
    value = context.value_of(node.inputs[1])
    if value is None or value > 0:
        return None
    return context.fit(literal(node.op is FUNCTIONS["ge"], "bool"), node.outputs[0])


@algorithm(
    "length_limit", *PHASES, roots=("maximum", "minimum"), inputs=(ShapeOf,),
    theano=("local_useless_elemwise_comparison",), why="a length is not negative",
)  # fmt: skip
def length_limit(node: Apply, context: Context) -> Replacement:
    """Replace max(length, 0) by the length and min(length, 0) by 0."""
    for length, other in (node.inputs, node.inputs[::-1]):
        value = context.value_of(other)
        if (
            not _is_length(length)
            or value is None
            or np.asarray(value).dtype.kind == "f"
            or value > 0
        ):
            continue
        if node.op is maximum:
            return context.fit(length, node.outputs[0])
        if node.op is minimum:
            return context.fit(other, node.outputs[0])
    return None
