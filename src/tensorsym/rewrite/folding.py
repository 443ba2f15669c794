"""Constant folding: what depends on constants only is computed once, while compiling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.config import config
from tensorsym.graph.op import evaluate
from tensorsym.graph.variable import Constant
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import TensorConstant
from tensorsym.rewrite.rules import PHASES, algorithm

if TYPE_CHECKING:
    from tensorsym.graph.variable import Apply
    from tensorsym.rewrite.context import Context
    from tensorsym.rewrite.rules import Replacement

__all__ = ["constant_folding"]

# A folded result may take this many bytes, or as many as the constants it is made of.
LARGEST_RESULT = 1 << 20


@algorithm(
    "constant_folding", *PHASES, roots=None, theano=("constant_folding", "topo_constant_folding"),
    why="what depends on constants only is computed once, while compiling",
)  # fmt: skip
def constant_folding(node: Apply, context: Context) -> Replacement:
    """Replace a node of constants by its value, unless its op refuses or the value is big."""
    for v in node.inputs:
        if not isinstance(v, Constant):
            return None
    op = node.op
    if not node.inputs or not op.pure or not op.do_constant_folding(node) or _is_big(node):
        return None
    try:
        values = evaluate(node, [v.data for v in node.inputs])  # type: ignore[attr-defined]
    except Exception:
        if not op.may_raise and config.get("on_opt_error") == "raise":
            raise
        return None  # The error belongs to the call, where it can be shown with the user's line.
    return [_as_constant(output, value) for output, value in zip(node.outputs, values, strict=True)]


def _is_big(node: Apply) -> bool:
    """Tell whether the result is known to be larger than it may be."""
    sizes = [getattr(v.data, "nbytes", 0) for v in node.inputs if isinstance(v, Constant)]
    allowed = max(LARGEST_RESULT, sum(sizes))
    for output in node.outputs:
        shape = getattr(output.type, "shape", None)
        if shape is None or None in shape:
            continue
        if int(np.prod(shape, dtype=object)) * np.dtype(output.type.dtype).itemsize > allowed:
            return True
    return False


def _as_constant(output: Any, value: Any) -> Replacement:
    if not isinstance(output.type, TensorType):
        return output.type.make_constant(value)
    if value.nbytes > LARGEST_RESULT and None in output.type.shape:
        return None
    pairs = zip(value.shape, output.type.broadcastable, strict=True)
    lengths = [1 if broadcasts else None if length == 1 else length for length, broadcasts in pairs]
    return TensorConstant(TensorType(output.type.dtype, shape=lengths), np.array(value))
