"""Ops that are a few simpler ones: taken apart here, where kernels can be made of the parts.

Such an op has a callable `expression(*inputs)`, its meaning in terms of other ops (a list for
several outputs). Rewriting sees the op, kernels its parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.graph.functiongraph import Feature
from tensorsym.graph.origin import from_origin
from tensorsym.schedule.target import CPU

if TYPE_CHECKING:
    from tensorsym.graph.functiongraph import FunctionGraph
    from tensorsym.graph.variable import Apply
    from tensorsym.schedule.target import Target

__all__ = ["expanded"]


class _Newcomers(Feature):
    """The nodes that entered a graph."""

    def __init__(self) -> None:
        self.nodes: set[Apply] = set()

    def on_attach(self, function_graph: FunctionGraph) -> None:
        """Forget what was there before."""

    def on_import(self, function_graph: FunctionGraph, node: Apply, reason: str) -> None:
        """Take down a node, unless it was there when the listener came."""
        if reason != "attached":
            self.nodes.add(node)


def expanded(
    function_graph: FunctionGraph, target: Target = CPU
) -> tuple[FunctionGraph, set[Apply]]:
    """Return a graph without ops that kernels could compute in parts, and its new nodes.

    Parameters
    ----------
    function_graph : FunctionGraph
        It is not changed: where something has to be, a copy is.
    target : Target
        What its backend has a function for stays whole.
    """
    if not any(_has_expression(node, target) for node in function_graph.apply_nodes):
        return function_graph, set()
    copy = function_graph.clone()
    newcomers = _Newcomers()
    copy.attach_feature(newcomers)
    for node in copy.toposort():
        if _has_expression(node, target):
            op: Any = node.op
            with from_origin(node.origin):
                meaning = op.expression(*node.inputs)
            meanings = meaning if isinstance(meaning, list) else [meaning]
            copy.replace_all(zip(node.outputs, meanings, strict=True), reason="expression")
    return copy, newcomers.nodes


def _has_expression(node: Apply, target: Target) -> bool:
    if getattr(node.op, "expression", None) is None or target.has_op(node):
        return False
    return all(
        [
            getattr(v.type, "dtype", None) in target.kernel_dtypes
            for v in (*node.inputs, *node.outputs)
        ]
    )
