"""A plan being written: slots by variable, instructions in order, and where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.graph.variable import Constant
from tensorsym.language.tensortype import TensorType
from tensorsym.schedule.plan import Kernel, Operand, Plan, Slot, Source, Step
from tensorsym.schedule.target import CPU

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tensorsym.graph.variable import Apply, Variable
    from tensorsym.schedule.branches import Branches
    from tensorsym.schedule.plan import Instruction, StaticShape
    from tensorsym.schedule.target import Target

__all__ = ["Bodies", "PlanBuilder"]

Bodies = dict["Apply", tuple[Plan, frozenset[int]]]


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
    bodies : dict
        Plans of the bodies of loops that are finished, with the numbers of the loop's outputs in
        use.
    target : Target
        What its backend can do.
    """

    def __init__(
        self,
        inputs: Sequence[Variable],
        branches: Branches | None = None,
        parts: Collection[Apply] = (),
        bodies: Bodies | None = None,
        target: Target = CPU,
    ) -> None:
        self.target = target
        self.slots: list[Slot] = []
        self.instructions: list[Instruction] = []
        self.constants: list[tuple[int, Any]] = []
        self.origins: list[Source] = []
        self.branches = branches or {}
        self.parts = parts
        self.bodies = bodies or {}
        self._slot_of: dict[Variable, int] = {}
        self._names: dict[Variable, str] = {}
        self.inputs = [self.new_slot(v) for v in inputs]

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
        self.emit_cast(self.slot_of(variable), slot, sources)
        return slot

    def emit_cast(self, source: int, target: int, sources: tuple[int, ...]) -> None:
        """Add a kernel that casts one slot into another."""
        old, new = self.slots[source], self.slots[target]
        pattern = tuple([length == 1 for length in old.shape])
        step = Step("cast", (0,), (old.dtype,), new.dtype, sources[-1])
        operands = (
            Operand(source, "in", old.dtype, pattern, 0),
            Operand(target, "out", new.dtype, (False,) * new.ndim, 1),
        )
        self.emit(Kernel(sources, operands, (step,), new.ndim))
