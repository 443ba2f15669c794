"""`schedule`: from a function graph to a Plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorsym.language.loop import Loop
from tensorsym.schedule.branches import needed_from_outside, nested_orders, read_by
from tensorsym.schedule.builder import PlanBuilder
from tensorsym.schedule.expansion import expanded
from tensorsym.schedule.fusion import fuse
from tensorsym.schedule.kernels import emit_kernel
from tensorsym.schedule.lives import with_lives
from tensorsym.schedule.loops import emit_loop
from tensorsym.schedule.lowering import emit_node

if TYPE_CHECKING:
    from collections.abc import Collection

    from tensorsym.graph.functiongraph import FunctionGraph
    from tensorsym.schedule.branches import Branches
    from tensorsym.schedule.plan import Plan

__all__ = ["schedule"]


def schedule(function_graph: FunctionGraph, donated: Collection[int] = ()) -> Plan:
    """Return the plan of a function graph.

    Parameters
    ----------
    function_graph : FunctionGraph
        The graph; it is not changed.
    donated : collection of int
        Positions of inputs whose memory the plan may overwrite. It does so only where nothing that
        may raise follows.

    Returns
    -------
    Plan
        Frozen instructions in the order they run.

    Notes
    -----
    Linear in the size of the graph.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.graph.functiongraph import FunctionGraph
    >>> x, y = T.vectors("x", "y")
    >>> plan = schedule(FunctionGraph([x, y], [T.exp(x) * y]))
    >>> len(plan.instructions)
    1
    """
    graph, parts = expanded(function_graph)
    branches: Branches = {}
    order = graph.toposort()
    bodies = {
        node: schedule(node.op.body.function_graph) for node in order if isinstance(node.op, Loop)
    }
    # Inner plans come before those that contain them, so that depth costs no recursion.
    for context, nodes, wanted in nested_orders(order, graph.outputs):
        given = graph.inputs if context is None else needed_from_outside(nodes, wanted, branches)
        builder = PlanBuilder(given, branches, parts)
        for group in fuse(nodes, wanted, read_by(nodes, branches)):
            if group.pattern is not None:
                emit_kernel(builder, group)
            elif group.nodes[0] in bodies:
                emit_loop(builder, group.nodes[0], bodies[group.nodes[0]])
            else:
                emit_node(builder, group.nodes[0])
        plan = with_lives(builder.finish(wanted, donated if context is None else ()))
        if context is None:
            return plan
        branches[context] = plan, tuple(given)
    raise AssertionError("the outermost order comes last")
