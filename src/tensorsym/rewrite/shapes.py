"""Shapes without tensors: the length of every dimension as an expression of the lengths of inputs.

Asked for a variable's lengths, the tracker goes down the graph by each op's `infer_shape`, lazily
and once per variable, so that a chain of any length costs linear time and no recursion. What no op
knows is `ShapeOf(i)(v)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.config import config
from tensorsym.graph.origin import from_origin
from tensorsym.graph.variable import Constant, Variable
from tensorsym.language.arithmetic import cast
from tensorsym.language.shape import ShapeOf
from tensorsym.language.sparsetype import SparseType
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import TensorConstant

if TYPE_CHECKING:
    from tensorsym.graph.functiongraph import FunctionGraph
    from tensorsym.graph.variable import Apply

__all__ = ["ShapeTracker"]

Lengths = tuple[Any, ...]

# Two lengths are compared as expressions up to this many nodes; beyond they count as different.
LARGEST_COMPARED = 64


class ShapeTracker:
    """The lengths of a graph's variables, worked out when asked for.

    Parameters
    ----------
    function_graph : FunctionGraph
        The graph. It is not changed: lengths that are new expressions enter it when they are used.
    """

    def __init__(self, function_graph: FunctionGraph) -> None:
        self.function_graph = function_graph
        self._lengths: dict[Variable, Lengths | None] = {}
        self._constants: dict[int, TensorConstant] = {}

    def lengths(self, variable: Any) -> Lengths:
        """Return the length of each dimension of a tensor as scalars of int64."""
        found = self._lengths.get(variable)
        if found is None:
            for node in self._needed(variable):
                self._infer(node)
            found = self._lengths.get(variable)
            if found is None:
                found = self._lengths[variable] = self._opaque(variable)
        return found

    def _needed(self, variable: Variable) -> list[Apply]:
        """Return the nodes of unknown lengths that `variable` needs, in topological order."""
        order: list[Apply] = []
        stack: list[tuple[Variable, bool]] = [(variable, False)]
        seen: set[Apply] = set()
        while stack:
            v, children_done = stack.pop()
            node = v.owner
            if node is None or v in self._lengths:
                continue
            if children_done:
                order.append(node)
            elif node not in seen and not self._static(v):
                seen.add(node)
                stack.append((v, True))
                stack.extend((needed, False) for needed in reversed(node.inputs))
        return order

    @staticmethod
    def _static(v: Any) -> bool:
        shape = getattr(v.type, "shape", None)
        return shape is not None and None not in shape

    def _infer(self, node: Apply) -> None:
        shapes = [self._known(v) for v in node.inputs]
        inferred: Any = [None] * len(node.outputs)
        if all(
            shape is not None or not isinstance(v.type, TensorType | SparseType)
            for shape, v in zip(shapes, node.inputs, strict=True)
        ):
            try:
                with from_origin(node.origin):
                    inferred = node.op.infer_shape(node, shapes)
            except Exception:
                if config.get("on_shape_error") == "raise":
                    raise
        for output, lengths in zip(node.outputs, inferred, strict=True):
            if isinstance(output.type, TensorType | SparseType) and output not in self._lengths:
                self._lengths[output] = self._completed(output, lengths)

    def _known(self, v: Variable) -> Lengths | None:
        if not isinstance(v.type, TensorType | SparseType):
            return None
        found = self._lengths.get(v)
        if found is None:
            found = self._lengths[v] = self._opaque(v)
        return found

    def _completed(self, output: Any, lengths: Any) -> Lengths:
        """Return inferred lengths, with static ones in their place."""
        if lengths is None:
            return self._opaque(output)
        return tuple(
            self.constant(known) if known is not None else self._scalar(length)
            for known, length in zip(output.type.shape, lengths, strict=True)
        )

    def _scalar(self, length: Any) -> Any:
        if isinstance(length, Constant):
            return self.constant(int(length.data))
        if not isinstance(length, Variable):
            return self.constant(int(length))
        return cast(length, "int64")

    def _opaque(self, v: Any) -> Lengths:
        return tuple(
            ShapeOf(axis).make_node(v).outputs[0] if known is None else self.constant(known)
            for axis, known in enumerate(v.type.shape)
        )

    def constant(self, length: int) -> TensorConstant:
        """Return a length as a constant, the same object for the same length."""
        found = self._constants.get(length)
        if found is None:
            found = TensorConstant(TensorType("int64", shape=()), np.array(length, dtype="int64"))
            self._constants[length] = found
        return found

    def same_length(self, a: Variable, b: Variable) -> bool:
        """Tell whether two length expressions are known to be equal."""
        stack = [(a, b)]
        for _ in range(LARGEST_COMPARED):
            if not stack:
                return True
            a, b = stack.pop()
            if a is b:
                continue
            if isinstance(a, Constant) and isinstance(b, Constant):
                if a.signature() != b.signature():
                    return False
                continue
            first, other = a.owner, b.owner
            if (
                first is None
                or other is None
                or first.op != other.op
                or a.index != b.index
                or not first.op.pure
            ):
                return False
            if len(first.inputs) != len(other.inputs):
                return False
            stack.extend(zip(first.inputs, other.inputs, strict=True))
        return not stack

    def same_shape(self, a: Any, b: Any) -> bool:
        """Tell whether two tensors are known to have equal shapes."""
        return bool(a.type.ndim == b.type.ndim) and all(
            self.same_length(m, n) for m, n in zip(self.lengths(a), self.lengths(b), strict=True)
        )
