"""What a rewrite may ask about its graph, and how results are fitted to what they replace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.language.arithmetic import CASTS, second
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.elementwise import Elementwise
from tensorsym.language.reduction import Reduction
from tensorsym.language.reshape import Alloc
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import TensorConstant
from tensorsym.rewrite.shapes import ShapeTracker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.functiongraph import FunctionGraph
    from tensorsym.graph.op import Op
    from tensorsym.graph.variable import Apply, Constant, Variable

__all__ = ["NEUTRAL", "Context", "call", "joined", "key_of", "literal", "padded"]

NEUTRAL = {"add": 0, "mul": 1}

# How many fills, casts and dimshuffles a constant is looked for behind; longer towers are folded
# from below anyway.
DEEPEST_CONSTANT = 8
_CASTS = frozenset(CASTS.values())


def key_of(op: Op) -> Any:
    """Return the op's key in tables of rewrites: itself, a reduction's name, or its class."""
    cls = type(op)
    if cls is Elementwise:
        return op
    return op.name if cls is Reduction else cls  # type: ignore[attr-defined]


def call(op: Op, *inputs: Any) -> Any:
    """Return the one output of `op` on `inputs`."""
    return op.make_node(*inputs).outputs[0]


def literal(value: Any, dtype: str, ndim: int = 0) -> TensorConstant:
    """Return one value as a constant of the given dtype and rank."""
    array = np.array(value).astype(dtype).reshape((1,) * ndim)
    return TensorConstant(TensorType(dtype, shape=array.shape), array)


def padded(x: Any, ndim: int) -> Any:
    """Return `x` with dimensions of length 1 added on the left up to `ndim`."""
    missing = ndim - x.type.ndim
    if not missing:
        return x
    order = ("x",) * missing + tuple(range(x.type.ndim))
    return call(DimShuffle(x.type.broadcastable, order), x)


def joined(op: Op, operands: Sequence[Any], dtype: str, ndim: int) -> Any:
    """Return the n-ary sum or product of operands, computed in `dtype`.

    The neutral element if there are none.
    """
    if not operands:
        return literal(NEUTRAL[op.record.name], dtype, ndim)  # type: ignore[attr-defined]
    if all(v.type.dtype != dtype for v in operands):
        operands = [call(CASTS[dtype], operands[0]), *operands[1:]]
    return operands[0] if len(operands) == 1 else call(op, *operands)


class Context:
    """The graph under rewriting, with what is known about it.

    Attributes
    ----------
    function_graph : FunctionGraph
        The graph; rewrites read it, the engine changes it.
    shapes : ShapeTracker
        Lengths of every variable as expressions.
    phase : str
        The phase that runs.
    """

    def __init__(self, function_graph: FunctionGraph) -> None:
        self.function_graph = function_graph
        self.shapes = ShapeTracker(function_graph)
        self.phase = ""
        self._values: dict[Constant, Any] = {}

    def value_of(self, v: Variable) -> Any:
        """Return the one value that all elements of `v` have, or None if it is not known."""
        for _ in range(DEEPEST_CONSTANT):
            if isinstance(v, TensorConstant):
                return self._constant_value(v)
            node = v.owner
            if node is None:
                return None
            op = node.op
            if op is second:
                v = node.inputs[1]
            elif type(op) is Alloc or type(op) is DimShuffle:
                v = node.inputs[0]
            else:
                return None
        return None

    def _constant_value(self, v: TensorConstant) -> Any:
        if v in self._values:
            return self._values[v]
        data = v.data
        value = None
        if data.size == 1:
            value = data.reshape(-1)[0]
        elif data.size:
            unique = v.unique_value
            value = None if unique is None else unique[()]
            if (
                value is not None
                and value == 0
                and np.signbit(data.real).any()
                and not np.signbit(data.real).all()
            ):
                value = None
        self._values[v] = value
        return value

    def single_use(self, v: Variable) -> bool:
        """Tell whether exactly one input of one node uses `v`."""
        users = self.function_graph.clients.get(v)
        return users is not None and len(users) == 1

    def only_user(self, v: Variable) -> Apply | None:
        """Return the node that alone uses `v`.

        None if there are several users or an output of the graph is one.
        """
        users = self.function_graph.clients.get(v)
        if users is None or len(users) != 1:
            return None
        node = next(iter(users))[0]
        return None if node == "output" else node

    def fit(self, new: Any, old: Any) -> Any:
        """Return `new` cast, padded and filled to the dtype, rank and pattern of `old`."""
        if new.type.dtype != old.type.dtype:
            new = call(CASTS[old.type.dtype], new)
        new = padded(new, old.type.ndim)
        if any(
            b and not o for b, o in zip(new.type.broadcastable, old.type.broadcastable, strict=True)
        ):
            new = self.filled(new, old)
        if new.type.broadcastable != old.type.broadcastable:
            new = FUNCTIONS["patternbroadcast"](new, old.type.broadcastable)
        return new

    def filled(self, value: Any, like: Any) -> Any:
        """Return `value` broadcast to the shape of `like`, without computing `like`."""
        lengths = self.shapes.lengths(like)
        pairs = zip(lengths, like.type.broadcastable, strict=True)
        return call(Alloc(), value, *[literal(1, "int64") if b else length for length, b in pairs])
