"""`schedule`: from a function graph to a Plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.language.loop import Loop
from tensorsym.schedule.branches import needed_from_outside, nested_orders, read_by
from tensorsym.schedule.builder import PlanBuilder
from tensorsym.schedule.expansion import expanded
from tensorsym.schedule.fusion import fuse
from tensorsym.schedule.kernels import emit_kernel
from tensorsym.schedule.lives import with_lives
from tensorsym.schedule.loops import (
    can_lower,
    carried_positions,
    needed_results,
    used_outputs,
)
from tensorsym.schedule.lowering import emit_node
from tensorsym.schedule.placement import placed
from tensorsym.schedule.target import CPU

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tensorsym.graph.variable import Apply
    from tensorsym.schedule.branches import Branches
    from tensorsym.schedule.builder import Bodies
    from tensorsym.schedule.plan import Plan
    from tensorsym.schedule.target import Target

__all__ = ["schedule"]


def schedule(
    function_graph: FunctionGraph,
    donated: Collection[int] = (),
    target: Target = CPU,
    resident: Mapping[int, int | None] | None = None,
    n_outputs: int | None = None,
) -> Plan:
    """Return the plan of a function graph.

    Parameters
    ----------
    function_graph : FunctionGraph
        The graph; it is not changed.
    donated : collection of int
        Positions of inputs whose memory the plan may overwrite. It does so only where nothing that
        may raise follows.
    target : Target
        What it is for. Where that is no CPU, values are placed: see `placement`.
    resident : mapping of int to int or None, optional
        Positions of inputs that may live on the target's device, and the outputs that replace them.
    n_outputs : int, optional
        How many of the first outputs must come back to the host; by default all.

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
    finished: dict[_Wanted, Plan] = {}
    stack = [_Part(None, function_graph, donated, target)]
    while True:
        part = stack[-1]
        missing = [wanted for wanted in part.loops.values() if wanted not in finished]
        if missing:
            stack.extend([_body_of(wanted, target) for wanted in dict.fromkeys(missing)])
            continue
        stack.pop()
        bodies = {node: (finished[wanted], wanted[1]) for node, wanted in part.loops.items()}
        plan = _plan_of(part, bodies)
        if part.wanted is None:
            if target is CPU:
                return plan
            return placed(plan, target, resident, n_outputs)
        finished[part.wanted] = plan


# A loop, and the numbers of the outputs that are in use.
_Wanted = tuple[Loop, frozenset[int]]


class _Part:
    """A graph to schedule: the whole, or the body of a loop.

    Attributes
    ----------
    loops : dict
        Applications of loops that the machine can run, with what is wanted of them.
    """

    def __init__(
        self,
        wanted: _Wanted | None,
        function_graph: FunctionGraph,
        donated: Collection[int],
        target: Target,
    ) -> None:
        self.wanted = wanted
        self.donated = donated
        self.target = target
        self.graph, self.parts = expanded(function_graph, target)
        self.order = self.graph.toposort()
        self.loops: dict[Apply, _Wanted] = {
            node: (node.op, used_outputs(node, self.graph))
            for node in self.order
            if isinstance(node.op, Loop) and can_lower(node.op)
        }


def _body_of(wanted: _Wanted, target: Target) -> _Part:
    loop, used = wanted
    graph = FunctionGraph(loop.body.inputs, needed_results(loop, used))
    return _Part(wanted, graph, carried_positions(loop), target)


def _plan_of(part: _Part, bodies: Bodies) -> Plan:
    """Return the plan of a graph, given the plans of the loops in it."""
    branches: Branches = {}
    # Inner plans come before those that contain them, so that depth costs no recursion.
    for context, nodes, wanted in nested_orders(part.order, part.graph.outputs):
        outermost = context is None
        given = part.graph.inputs if outermost else needed_from_outside(nodes, wanted, branches)
        builder = PlanBuilder(given, branches, part.parts, bodies, part.target)
        for group in fuse(nodes, wanted, read_by(nodes, branches), part.target):
            if group.pattern is not None:
                emit_kernel(builder, group)
            else:
                emit_node(builder, group.nodes[0])
        plan = builder.finish(wanted, part.donated if outermost else ())
        if part.target is CPU:
            # Between two steps the carried values are the loop's own.
            plan = with_lives(plan, private=part.wanted is not None)
        if context is None:
            return plan
        branches[context] = plan, tuple(given)
    raise AssertionError("the outermost order comes last")
