"""Graphs inside ops: the body of a loop, the inside of a user's op made from expressions.

Closing over outer variables, evaluating by reference, and which output depends on which input.
Derivatives of inner graphs come from a higher room, which enters its functions in `DERIVATIVES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import MissingInputError
from tensorsym.extend import Registry
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.graph.op import evaluate
from tensorsym.graph.variable import Constant
from tensorsym.graph.walk import clone_graph, toposort

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tensorsym.graph.variable import Apply, Variable

__all__ = ["DERIVATIVES", "InnerGraph", "captured", "own", "shared_leaves"]

# "reverse": (outputs, cotangents, wrt) to the gradients by `wrt`, disconnected where none arrives.
# "forward": (outputs, wrt, tangents) to the tangents of `outputs`, None where they do not change.
DERIVATIVES: Registry[str, Callable[..., list[Any]]] = Registry("derivatives of inner graphs")


class InnerGraph:
    """A function graph that an op contains, and its evaluation node by node.

    Parameters
    ----------
    inputs, outputs : sequence of Variable
        The expressions; they are copied, and may use nothing but the inputs and constants.

    Attributes
    ----------
    function_graph : FunctionGraph
        The copy.
    """

    def __init__(self, inputs: Sequence[Variable], outputs: Sequence[Variable]) -> None:
        self.function_graph = FunctionGraph(inputs, outputs)
        self._order: list[Apply] | None = None

    @property
    def inputs(self) -> list[Variable]:
        """The inputs of the copy."""
        return self.function_graph.inputs

    @property
    def outputs(self) -> list[Variable]:
        """The outputs of the copy."""
        return self.function_graph.outputs

    def __getstate__(self) -> dict[str, Any]:
        return {"inputs": self.inputs, "outputs": self.outputs}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.function_graph = FunctionGraph(state["inputs"], state["outputs"], clone=False)
        self._order = None

    def __call__(self, arrays: Sequence[Any]) -> list[Any]:
        """Return the values of the outputs; a lazy op's condition selects what is computed."""
        values: dict[Variable, Any] = dict(zip(self.inputs, arrays, strict=True))
        stack = [v.owner for v in reversed(self.outputs) if v.owner is not None]
        while stack:
            node = stack[-1]
            if node.outputs[0] in values:
                stack.pop()
                continue
            needed = _needed(node, values)
            missing = [v.owner for v in needed if v.owner is not None and v not in values]
            if missing:
                stack.extend(reversed(missing))
                continue
            stack.pop()
            found = evaluate(node, _operands(node, values))
            values.update(zip(node.outputs, found, strict=True))
        return [v.data if isinstance(v, Constant) else values[v] for v in self.outputs]

    def expression(self, inputs: Sequence[Variable]) -> list[Variable]:
        """Return the outputs as expressions of other inputs."""
        replace = dict(zip(self.inputs, inputs, strict=True))
        return clone_graph(self.outputs, replace)[0]

    def dependence(self) -> list[list[bool]]:
        """Return `pattern[i][j]`: whether output j depends differentiably on input i."""
        reached: dict[Variable, set[int]] = {v: {i} for i, v in enumerate(self.inputs)}
        for node in toposort(self.outputs, reached):
            pattern = node.op.connection_pattern(node)
            for j, output in enumerate(node.outputs):
                sources = [
                    reached.get(v, set()) for i, v in enumerate(node.inputs) if pattern[i][j]
                ]
                reached[output] = set().union(*sources)
        return [[i in reached.get(v, ()) for v in self.outputs] for i in range(len(self.inputs))]


def _needed(node: Apply, values: dict[Variable, Any]) -> list[Variable]:
    branches = node.op.lazy_branches(node)
    if branches is None:
        return node.inputs
    condition = node.inputs[0]
    if condition not in values and not isinstance(condition, Constant):
        return [condition]
    value = condition.data if isinstance(condition, Constant) else values[condition]
    return [node.inputs[i] for i in branches[0 if value else 1]]


def _operands(node: Apply, values: dict[Variable, Any]) -> list[Any]:
    """Return the values of a node's inputs, copies of those that its op overwrites."""
    operands = [v.data if isinstance(v, Constant) else values.get(v) for v in node.inputs]
    for index in {i for destroyed in node.op.destroy_map.values() for i in destroyed}:
        operands[index] = own(operands[index], [operands[index]])
    return operands


def own(value: Any, taken: Iterable[Any]) -> Any:
    """Return `value`, or a copy if it shares memory with one of `taken`."""
    for other in taken:
        if isinstance(value, np.ndarray) and isinstance(other, np.ndarray):
            if np.may_share_memory(value, other):
                return value.copy()
        elif value is other and hasattr(value, "copy"):
            return value.copy()
    return value


def captured(outputs: Sequence[Variable], inputs: Sequence[Variable]) -> list[Variable]:
    """Return the variables from outside that `outputs` need besides `inputs`.

    What does not depend on `inputs` is not part of the inside: a loop computes it once. Constants
    are not listed, they may be anywhere.
    """
    inside: set[Variable] = set(inputs)
    order = toposort(outputs, inside)
    for node in order:
        if any(v in inside for v in node.inputs) or not node.op.pure:
            inside.update(node.outputs)
    needed = [v for node in order if node.outputs[0] in inside for v in node.inputs]
    outside = [v for v in [*needed, *outputs] if v not in inside and not isinstance(v, Constant)]
    return list(dict.fromkeys(outside))


def shared_leaves(outputs: Sequence[Variable], inputs: Sequence[Variable]) -> list[Variable]:
    """Return the shared variables that `outputs` use.

    Raises
    ------
    MissingInputError
        If they use another variable that is not among `inputs`.
    """
    given = set(inputs)
    leaves = [v for node in toposort(outputs, given) for v in node.inputs]
    found: dict[Variable, None] = {}
    for leaf in [*leaves, *outputs]:
        if leaf.owner is not None or leaf in given or isinstance(leaf, Constant):
            continue
        if not hasattr(leaf, "get_value"):
            raise MissingInputError(
                f"the inner expression needs {leaf}, which is not an input",
                got=f"a variable of type {leaf.type}",
                hint="list it among the inputs",
            )
        found[leaf] = None
    return list(found)
