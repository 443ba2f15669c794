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
from tensorsym.schedule.loops import can_lower, carried_positions, with_results_in_order
from tensorsym.schedule.lowering import emit_node

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tensorsym.graph.functiongraph import FunctionGraph
    from tensorsym.graph.op import Op
    from tensorsym.schedule.branches import Branches
    from tensorsym.schedule.plan import Plan

__all__ = ["schedule"]


def schedule(
    function_graph: FunctionGraph,
    donated: Collection[int] = (),
    prepare: Callable[[FunctionGraph], FunctionGraph] | None = None,
) -> Plan:
    """Return the plan of a function graph.

    Parameters
    ----------
    function_graph : FunctionGraph
        The graph; it is not changed.
    donated : collection of int
        Positions of inputs whose memory the plan may overwrite. It does so only where nothing that
        may raise follows.
    prepare : callable, optional
        Gives for the body of a loop the graph to schedule in its place, with the same inputs and
        outputs: the rewritten one. It must not change what it is given.

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
    bodies: dict[Op, Plan] = {}
    outermost = _Part(None, function_graph, donated)
    stack = [outermost]
    while True:
        part = stack[-1]
        inner = [loop for loop in part.loops if loop not in bodies]
        if inner:
            stack.extend([_body_of(loop, prepare) for loop in inner])
            continue
        stack.pop()
        plan = _plan_of(part, bodies)
        if part.loop is None:
            return plan
        bodies[part.loop] = with_results_in_order(plan, part.loop)


class _Part:
    """A graph to schedule: the whole, or the body of a loop."""

    def __init__(
        self, loop: Loop | None, function_graph: FunctionGraph, donated: Collection[int]
    ) -> None:
        self.loop = loop
        self.donated = donated
        self.graph, self.parts = expanded(function_graph)
        self.order = self.graph.toposort()
        loops = [node.op for node in self.order if isinstance(node.op, Loop)]
        self.loops = [loop for loop in dict.fromkeys(loops) if can_lower(loop)]


def _body_of(loop: Loop, prepare: Callable[[FunctionGraph], FunctionGraph] | None) -> _Part:
    graph = loop.body.function_graph
    return _Part(loop, graph if prepare is None else prepare(graph), carried_positions(loop))


def _plan_of(part: _Part, bodies: dict[Op, Plan]) -> Plan:
    """Return the plan of a graph, given the plans of the loops in it."""
    branches: Branches = {}
    # Inner plans come before those that contain them, so that depth costs no recursion.
    for context, nodes, wanted in nested_orders(part.order, part.graph.outputs):
        outermost = context is None
        given = part.graph.inputs if outermost else needed_from_outside(nodes, wanted, branches)
        builder = PlanBuilder(given, branches, part.parts, bodies)
        for group in fuse(nodes, wanted, read_by(nodes, branches)):
            if group.pattern is not None:
                emit_kernel(builder, group)
            else:
                emit_node(builder, group.nodes[0])
        plan = with_lives(builder.finish(wanted, part.donated if outermost else ()))
        if context is None:
            return plan
        branches[context] = plan, tuple(given)
    raise AssertionError("the outermost order comes last")
