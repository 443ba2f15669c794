"""`schedule`: from a function graph to a Plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.graph.variable import Constant
from tensorsym.language.tensortype import TensorType
from tensorsym.schedule.branches import needed_from_outside, nested_orders, read_by
from tensorsym.schedule.expansion import expanded
from tensorsym.schedule.fusion import fuse
from tensorsym.schedule.kernels import cast_kernel, emit_kernel
from tensorsym.schedule.lives import with_lives
from tensorsym.schedule.lowering import emit_node
from tensorsym.schedule.plan import Plan, Slot, Source

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tensorsym.graph.functiongraph import FunctionGraph
    from tensorsym.graph.variable import Apply, Variable
    from tensorsym.schedule.branches import Branches
    from tensorsym.schedule.plan import Instruction, StaticShape

__all__ = ["PlanBuilder", "schedule"]


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
    # Inner plans come before those that contain them, so that depth costs no recursion.
    for context, nodes, wanted in nested_orders(graph.toposort(), graph.outputs):
        given = graph.inputs if context is None else needed_from_outside(nodes, wanted, branches)
        builder = PlanBuilder(given, branches, parts)
        builder.add_nodes(nodes, wanted)
        plan = with_lives(builder.finish(wanted, donated if context is None else ()))
        if context is None:
            return plan
        branches[context] = plan, tuple(given)
    raise AssertionError("the outermost order comes last")


class PlanBuilder:
    """A plan being written: slots by variable, instructions, and the texts of nodes.

    Parameters
    ----------
    inputs : sequence of Variable
        The arguments, in order.
    branches : dict
        Plans of branches that are finished: (node, branch) to the plan and the variables it is
        given.
    parts : collection of Apply
        Nodes that stand for a part of an op of the user's: their maximum over no elements is no
        error by itself.
    """

    def __init__(
        self,
        inputs: Sequence[Variable],
        branches: Branches | None = None,
        parts: Collection[Apply] = (),
    ) -> None:
        self.slots: list[Slot] = []
        self.instructions: list[Instruction] = []
        self.constants: list[tuple[int, Any]] = []
        self.origins: list[Source] = []
        self.branches = branches or {}
        self.parts = parts
        self._slot_of: dict[Variable, int] = {}
        self._names: dict[Variable, str] = {}
        self.inputs = [self.new_slot(v) for v in inputs]

    def add_nodes(self, order: Sequence[Apply], outputs: Sequence[Variable]) -> None:
        """Add the instructions of `order`, of which `outputs` are needed in the end."""
        for group in fuse(order, outputs, read_by(order, self.branches)):
            if group.pattern is not None:
                emit_kernel(self, group)
            else:
                emit_node(self, group.nodes[0])

    def finish(self, outputs: Sequence[Variable], donated: Collection[int] = ()) -> Plan:
        """Return the plan so far."""
        # An output that is a constant gets its slot here, before the slots are counted.
        wanted = tuple([self.slot_of(v) for v in outputs])
        return Plan(
            slots=tuple(self.slots),
            inputs=tuple(self.inputs),
            outputs=wanted,
            constants=tuple(self.constants),
            instructions=tuple(self.instructions),
            origins=tuple(self.origins),
            donated=tuple([self.inputs[index] for index in sorted(donated)]),
        )

    def emit(self, instruction: Instruction) -> None:
        """Add an instruction."""
        self.instructions.append(instruction)

    def name(self, variable: Variable) -> str:
        """Return a variable's text."""
        text = self._names.get(variable)
        if text is None:
            text = self._names[variable] = str(variable)
        return text

    def source(self, node: Apply) -> int:
        """Return the number of a node among the plan's origins."""
        names = self._names
        arguments = ", ".join([names[v] if v in names else self.name(v) for v in node.inputs])
        self.origins.append(Source(f"{node.op}({arguments})", node.origin))
        return len(self.origins) - 1

    def slot_of(self, variable: Variable) -> int:
        """Return the slot of a variable that is computed already, an input, or a constant."""
        slot = self._slot_of.get(variable)
        if slot is None:
            if not isinstance(variable, Constant):
                raise AssertionError(f"{variable} is used before it is computed")
            slot = self.new_slot(variable)
            self.constants.append((slot, variable.data))
        return slot

    def new_slot(self, variable: Variable) -> int:
        """Return a new slot for a variable."""
        type_: Any = variable.type
        if isinstance(type_, TensorType):
            self.slots.append(
                Slot(
                    "buffer" if type_.ndim else "scalar",
                    type_.dtype,
                    type_.shape,
                    self.name(variable),
                )
            )
        else:
            self.slots.append(Slot("object", "", (), self.name(variable)))
        self._slot_of[variable] = len(self.slots) - 1
        return len(self.slots) - 1

    def temporary(self, dtype: str, shape: StaticShape, name: str, kind: str = "") -> int:
        """Return a new slot for a value that no variable of the graph has."""
        self.slots.append(Slot(kind or ("buffer" if shape else "scalar"), dtype, shape, name))
        return len(self.slots) - 1

    def as_dtype(self, variable: Variable, dtype: str, sources: tuple[int, ...]) -> int:
        """Return a slot with a tensor in another dtype: its own slot, or that of a cast."""
        type_: Any = variable.type
        if type_.dtype == dtype:
            return self.slot_of(variable)
        slot = self.temporary(dtype, type_.shape, self.name(variable))
        self.emit(cast_kernel(self, self.slot_of(variable), slot, sources))
        return slot
