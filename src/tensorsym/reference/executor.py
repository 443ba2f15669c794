"""`ReferenceExecutable`: runs a function graph node by node, lazily where an op asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.graph.blame import blame
from tensorsym.graph.op import evaluate
from tensorsym.graph.variable import Apply, Constant
from tensorsym.schedule.hostcalls import copied

if TYPE_CHECKING:
    from tensorsym.graph.functiongraph import FunctionGraph
    from tensorsym.graph.variable import Variable

__all__ = ["Hook", "ReferenceExecutable"]

Hook = Callable[[Apply, Sequence[Any]], None]


class ReferenceExecutable:
    """Run a function graph with NumPy.

    Parameters
    ----------
    function_graph : FunctionGraph
        What to run; it is not changed, and must not be changed later.
    before, after : callable, optional
        Called for every node with (node, input values) before it runs and (node, output values)
        after.
    """

    def __init__(
        self, function_graph: FunctionGraph, before: Hook | None = None, after: Hook | None = None
    ) -> None:
        self.function_graph = function_graph
        self.before = before
        self.after = after
        self.order = function_graph.toposort()
        self.constants: dict[Variable, Any] = {
            v: v.data for v in function_graph.variables if isinstance(v, Constant)
        }
        self.lazy = any(node.op.lazy_branches(node) is not None for node in self.order)
        self.last_use = self._last_uses()

    def _last_uses(self) -> list[list[Variable]]:
        """Return, per node, the variables that nothing needs after it."""
        kept = {*self.function_graph.outputs, *self.function_graph.inputs, *self.constants}
        seen = set(kept)
        dying: list[list[Variable]] = []
        for node in reversed(self.order):
            mine = [v for v in dict.fromkeys([*node.inputs, *node.outputs]) if v not in seen]
            seen.update(mine)
            dying.append(mine)
        return dying[::-1]

    def __call__(self, arrays: Sequence[Any]) -> list[Any]:
        """Return the values of the outputs for the values of the inputs.

        Parameters
        ----------
        arrays : sequence
            One value per input, valid for its type. They are not changed.

        Returns
        -------
        list
            One value per output; none shares memory with an input, a constant or another output.
        """
        for variable, value in zip(self.function_graph.inputs, arrays, strict=True):
            if value is None and not variable.type.is_valid_value(None):
                raise TypeError(f"expected an array, got NoneType: {variable} has no value")
        values: dict[Variable, Any] = dict(self.constants)
        values.update(zip(self.function_graph.inputs, arrays, strict=True))
        if self.lazy:
            self._run_on_demand(values)
        else:
            for node, dying in zip(self.order, self.last_use, strict=True):
                self._run_node(node, values)
                for variable in dying:
                    del values[variable]
        taken = [*arrays, *self.constants.values()]
        return [self._own(values[output], taken) for output in self.function_graph.outputs]

    def _run_node(self, node: Apply, values: dict[Variable, Any]) -> None:
        inputs = [values.get(v) for v in node.inputs]
        for index in {i for destroyed in node.op.destroy_map.values() for i in destroyed}:
            inputs[index] = copied(inputs[index])
        if self.before is not None:
            self.before(node, inputs)
        try:
            outputs = evaluate(node, inputs)
        except Exception as error:
            blame(error, node, inputs)
            raise
        if self.after is not None:
            self.after(node, outputs)
        values.update(zip(node.outputs, outputs, strict=True))

    def _run_on_demand(self, values: dict[Variable, Any]) -> None:
        """Run what the outputs need, and of a lazy op only the branch its first input selects."""
        stack = [v.owner for v in reversed(self.function_graph.outputs) if v.owner is not None]
        while stack:
            node = stack[-1]
            if node.outputs[0] in values:
                stack.pop()
                continue
            missing = [
                v.owner
                for v in self._needed(node, values)
                if v not in values and v.owner is not None
            ]
            if missing:
                stack.extend(reversed(missing))
                continue
            stack.pop()
            self._run_node(node, values)

    @staticmethod
    def _needed(node: Apply, values: dict[Variable, Any]) -> list[Variable]:
        branches = node.op.lazy_branches(node)
        if branches is None:
            return node.inputs
        condition = node.inputs[0]
        if condition not in values:
            return [condition]
        chosen = branches[0] if values[condition] else branches[1]
        return [node.inputs[i] for i in chosen]

    @staticmethod
    def _own(value: Any, taken: list[Any]) -> Any:
        """Return a value that shares no memory with `taken`, and add it there."""
        if isinstance(value, np.ndarray):
            if not value.flags.owndata or any(
                isinstance(other, np.ndarray) and np.may_share_memory(value, other)
                for other in taken
            ):
                value = value.copy()
        elif any(value is other for other in taken):
            value = copied(value)
        taken.append(value)
        return value
