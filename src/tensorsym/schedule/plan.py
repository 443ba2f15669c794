"""The Plan: what is computed, in which order and memory; frozen data for every backend.

Slots hold values, each written by one instruction; instructions name slots by number. Nothing here
runs or decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from tensorsym.schedule.instructions import (
    Allocate,
    Check,
    Copy,
    Fill,
    Free,
    HostCall,
    Instruction,
    Kernel,
    Lengths,
    LibraryCall,
    Operand,
    Pack,
    Step,
    Transfer,
    View,
)

if TYPE_CHECKING:
    from tensorsym.errors import Origin

__all__ = [
    "Allocate",
    "Branch",
    "Check",
    "Copy",
    "Fill",
    "Free",
    "HostCall",
    "Instruction",
    "Kernel",
    "Lengths",
    "LibraryCall",
    "Loop",
    "LoopState",
    "Operand",
    "Pack",
    "Plan",
    "Slot",
    "Source",
    "Step",
    "Transfer",
    "View",
]

StaticShape = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one value.

    Attributes
    ----------
    kind : {'buffer', 'scalar', 'object'}
        A tensor with dimensions, one without, or any Python object.
    dtype : str
        Name of the dtype; empty for objects.
    shape : tuple of int or None
        Lengths as far as they are known; where they are 1 the value broadcasts.
    name : str
        The variable, as messages show it.
    home : {'cpu', 'cuda'}
        Whose memory it is in.
    """

    kind: str
    dtype: str
    shape: StaticShape
    name: str
    home: str = "cpu"

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    def __str__(self) -> str:
        if self.kind == "object":
            return "object"
        return self.dtype + (
            f"[{', '.join('?' if n is None else str(n) for n in self.shape)}]" if self.shape else ""
        )


@dataclass(frozen=True, slots=True)
class Source:
    """Where an instruction comes from: the text of a node, and where the user built it."""

    node: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Branch(Instruction):
    """One of two plans, chosen by a scalar; the other does not run.

    `inputs` are the slots for each plan's inputs.
    """

    condition: int
    plans: tuple[Plan, Plan]
    inputs: tuple[tuple[int, ...], tuple[int, ...]]
    outputs: tuple[int, ...]

    word: ClassVar[str] = "branch"

    def reads(self) -> tuple[int, ...]:
        """Return the condition and the inputs of both plans."""
        return tuple(dict.fromkeys((self.condition, *self.inputs[0], *self.inputs[1])))

    def writes(self) -> tuple[int, ...]:
        """Return the results."""
        return self.outputs

    def text(self) -> list[str]:
        """Return the condition and both plans, indented."""
        lines = [f"{', '.join(f'%{slot}' for slot in self.outputs)} = branch on %{self.condition}"]
        for word, plan, inputs in zip(("then", "else"), self.plans, self.inputs, strict=True):
            lines.append(f"  {word} ({', '.join(f'%{slot}' for slot in inputs)})")
            lines.extend("    " + line for line in str(plan).splitlines())
        return lines


@dataclass(frozen=True, slots=True)
class LoopState:
    """A value that each step of a loop makes from what earlier steps made.

    Attributes
    ----------
    initial : int or None
        Slot of the first values along dimension 0, the oldest first, as many as the oldest tap
        reaches back. None: the body makes the state from other values only.
    taps : tuple of int
        Which earlier steps the body reads, all negative; empty without first values.
    keep : int
        How many of the last steps' values the result holds, 0 for all.
    output : int
        Slot of the values of the last `keep` steps along a new dimension 0.
    """

    initial: int | None
    taps: tuple[int, ...]
    keep: int
    output: int


def _slots(numbers: tuple[int, ...]) -> str:
    return ", ".join(f"%{number}" for number in numbers)


@dataclass(frozen=True, slots=True)
class Loop(Instruction):
    """A plan run `steps` times, or until it says that it was the last time.

    The body's inputs are, in order: an element of each sequence along dimension 0, each state's
    taps, the carried values, the constants of the loop. Its outputs are the next value of each
    state, the next carried values, and with `until` a scalar that ends the loop if it is true.

    Attributes
    ----------
    steps : int
        Scalar slot with the number of steps.
    sequences, invariants : tuple of int
        Slots.
    carried : tuple of (int, int)
        Values of any kind that only the next step reads: slots of the first and the final one.
    until : bool
        Whether the body's last output ends the loop.
    done : int or None
        Scalar slot of int64 that gets the number of steps done.
    """

    body: Plan
    steps: int
    sequences: tuple[int, ...]
    states: tuple[LoopState, ...]
    invariants: tuple[int, ...]
    carried: tuple[tuple[int, int], ...] = ()
    until: bool = False
    done: int | None = None

    word: ClassVar[str] = "loop"

    def reads(self) -> tuple[int, ...]:
        """Return the count, sequences, first values and invariants."""
        first = [state.initial for state in self.states if state.initial is not None]
        first += [initial for initial, _ in self.carried]
        return tuple(dict.fromkeys((self.steps, *self.sequences, *first, *self.invariants)))

    def writes(self) -> tuple[int, ...]:
        """Return the states' results, final carried values, and the number of steps done."""
        results = [state.output for state in self.states] + [final for _, final in self.carried]
        return tuple(results if self.done is None else [*results, self.done])

    def text(self) -> list[str]:
        """Return the head line, the states, and the body, indented."""
        lines = [
            f"loop of %{self.steps} steps over ({_slots(self.sequences)})"
            f" with ({_slots(self.invariants)})"
        ]
        for state in self.states:
            kept = "all" if state.keep == 0 else f"last {state.keep}"
            start = "" if state.initial is None else f" from %{state.initial}, taps {state.taps}"
            lines.append(f"  %{state.output} = {kept} of state{start}")
        lines += [f"  %{final} = carried from %{initial}" for initial, final in self.carried]
        if self.done is not None:
            word = "steps until the last output is true" if self.until else "steps done"
            lines.append(f"  %{self.done} = {word}")
        return lines + ["    " + line for line in str(self.body).splitlines()]


@dataclass(frozen=True, slots=True)
class Plan:
    """A straight line of instructions over slots.

    Attributes
    ----------
    slots : tuple of Slot
        All values.
    inputs, outputs : tuple of int
        Slots of arguments and results. A result may be an input, a constant or a view: who runs the
        plan copies it.
    constants : tuple of (int, object)
        Slots that are filled before the first instruction.
    instructions : tuple of Instruction
        What is done, in order.
    origins : tuple of Source
        The nodes that instructions come from.
    donated : tuple of int
        Inputs whose memory a kernel may overwrite.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.graph.functiongraph import FunctionGraph
    >>> from tensorsym.schedule.build import schedule
    >>> x = T.vector("x")
    >>> print(schedule(FunctionGraph([x], [T.exp(x)])))
    %0: float64[?] = input x
    kernel of rank 1
      v0 = %0
      v1 = exp(v0) float64
      %1 = v1
    return %1
    """

    slots: tuple[Slot, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    constants: tuple[tuple[int, Any], ...]
    instructions: tuple[Instruction, ...]
    origins: tuple[Source, ...]
    donated: tuple[int, ...] = ()

    def __str__(self) -> str:
        lines = [
            f"%{slot}: {self.slots[slot]} = input {self.slots[slot].name}" for slot in self.inputs
        ]
        lines += [
            f"%{slot}: {self.slots[slot]} = {self.slots[slot].name}" for slot, _ in self.constants
        ]
        for instruction in self.instructions:
            lines.extend(instruction.text())
        lines.append(f"return {', '.join(f'%{slot}' for slot in self.outputs)}")
        return "\n".join(lines)

    def with_instructions(self, instructions: tuple[Instruction, ...]) -> Plan:
        """Return the plan with other instructions over the same slots."""
        return replace(self, instructions=instructions)
