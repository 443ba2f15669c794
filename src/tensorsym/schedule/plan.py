"""The Plan: what is computed, in which order and memory; frozen data for every backend.

Slots hold values, each written by one instruction; instructions name slots by number. Nothing here
runs or decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from tensorsym.errors import Origin
    from tensorsym.graph.variable import Apply

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
    """

    kind: str
    dtype: str
    shape: StaticShape
    name: str

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
class Instruction:
    """One thing to do. `sources` are numbers of the plan's origins."""

    sources: tuple[int, ...]

    word: ClassVar[str] = ""

    def reads(self) -> tuple[int, ...]:
        """Return the slots this instruction needs."""
        return ()

    def writes(self) -> tuple[int, ...]:
        """Return the slots this instruction fills."""
        return ()

    def text(self) -> list[str]:
        """Return the instruction, one line and more lines of detail."""
        left = ", ".join(f"%{slot}" for slot in self.writes())
        right = ", ".join([f"%{slot}" for slot in self.reads()] + self.details())
        return [f"{left} = {self.word} {right}" if left else f"{self.word} {right}"]

    def details(self) -> list[str]:
        """Return what else the instruction's line says."""
        return []


@dataclass(frozen=True, slots=True)
class Operand:
    """A slot as a kernel sees it.

    Attributes
    ----------
    slot : int
        The slot.
    role : {'in', 'shape', 'out', 'sum', 'prod', 'max', 'min', 'any', 'all'}
        'shape' lends only its lengths; from 'sum' on the operand is a reduction.
    broadcast : tuple of bool
        Per dimension of the iteration space whether the operand stays in place there: inputs
        because their length is 1, reductions because they reduce it.
    value : int
        What an output stores: the number of an input or step. Inputs: their own number; 'shape':
        -1.
    lenient : bool
        Whether a maximum or minimum over no elements is undefined instead of an error, because
        nobody reads it.
    """

    slot: int
    role: str
    dtype: str
    broadcast: tuple[bool, ...]
    value: int
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One scalar operation, an op record's name or 'cast', over earlier values of `dtypes`.

    Values are numbered: first the kernel's inputs, then its steps. `source` is a number of the
    plan's origins.
    """

    op: str
    arguments: tuple[int, ...]
    dtypes: tuple[str, ...]
    dtype: str
    source: int


@dataclass(frozen=True, slots=True)
class Kernel(Instruction):
    """Elementwise steps over one iteration space, and reductions of what they give.

    Attributes
    ----------
    operands : tuple of Operand
        Inputs first (their order numbers the values), then 'shape' operands, then outputs.
    steps : tuple of Step
        The scalar program.
    rank : int
        Dimensions of the iteration space.
    reuse : tuple of (int, int)
        Pairs (output operand, input operand): the output may take over the input's memory, which
        dies here.
    """

    operands: tuple[Operand, ...]
    steps: tuple[Step, ...]
    rank: int
    reuse: tuple[tuple[int, int], ...] = ()

    word: ClassVar[str] = "kernel"

    def reads(self) -> tuple[int, ...]:
        """Return the slots of inputs."""
        return tuple([o.slot for o in self.operands if o.role in ("in", "shape")])

    def writes(self) -> tuple[int, ...]:
        """Return the slots of outputs."""
        return tuple([o.slot for o in self.operands if o.role not in ("in", "shape")])

    def text(self) -> list[str]:
        """Return a head line, then operands and steps."""
        lines = [f"kernel of rank {self.rank}"]
        n_inputs = 0
        for operand in self.operands:
            fixed = [str(d) for d, b in enumerate(operand.broadcast) if b]
            if operand.role == "in":
                lines.append(f"  v{n_inputs} = %{operand.slot}{_along('broadcast', fixed)}")
                n_inputs += 1
            elif operand.role == "shape":
                lines.append(f"  shape of %{operand.slot}{_along('broadcast', fixed)}")
        for number, step in enumerate(self.steps, n_inputs):
            arguments = ", ".join(f"v{a}" for a in step.arguments)
            lines.append(f"  v{number} = {step.op}({arguments}) {step.dtype}")
        takes_over = dict(self.reuse)
        for index, operand in enumerate(self.operands):
            if operand.role in ("in", "shape"):
                continue
            fixed = [str(d) for d, b in enumerate(operand.broadcast) if b]
            value = (
                f"v{operand.value}"
                if operand.role == "out"
                else f"{operand.role}(v{operand.value})"
            )
            over = f" over %{self.operands[takes_over[index]].slot}" if index in takes_over else ""
            along = "" if operand.role == "out" else _along("reduced", fixed)
            lines.append(f"  %{operand.slot} = {value}{along}{over}")
        return lines


def _slots(numbers: tuple[int, ...]) -> str:
    return ", ".join(f"%{number}" for number in numbers)


def _along(what: str, dims: list[str]) -> str:
    return f" {what} along {', '.join(dims)}" if dims else ""


@dataclass(frozen=True, slots=True)
class LibraryCall(Instruction):
    """A BLAS routine: 'gemm', 'gemv', 'ger' or 'dot'.

    gemm and gemv compute `alpha * x @ y + beta * z`, ger `z + alpha * outer(x, y)`, dot the inner
    product.

    Attributes
    ----------
    x, y : int
        Slots of the factors.
    output : int
        Slot of the result.
    z : int or None
        Slot of what is added.
    alpha, beta : int or None
        Slots of scalars of the same dtype; None stands for 1.
    reuse : bool
        Whether the result may take over z's memory, which dies here.
    """

    routine: str
    dtype: str
    x: int
    y: int
    output: int
    z: int | None = None
    alpha: int | None = None
    beta: int | None = None
    reuse: bool = False

    word: ClassVar[str] = "library"

    def reads(self) -> tuple[int, ...]:
        """Return factors, summand and scalars."""
        return tuple(
            [slot for slot in (self.x, self.y, self.z, self.alpha, self.beta) if slot is not None]
        )

    def writes(self) -> tuple[int, ...]:
        """Return the result's slot."""
        return (self.output,)

    def text(self) -> list[str]:
        """Return the formula."""
        product = (
            f"%{self.x} @ %{self.y}" if self.routine != "ger" else f"outer(%{self.x}, %{self.y})"
        )
        if self.alpha is not None:
            product = f"%{self.alpha} * {product}"
        if self.z is not None:
            product += f" + %{self.z}" if self.beta is None else f" + %{self.beta} * %{self.z}"
        over = f" over %{self.z}" if self.reuse else ""
        return [f"%{self.output} = {self.routine} {product}{over}"]


@dataclass(frozen=True, slots=True)
class View(Instruction):
    """The same memory with other dimensions.

    Attributes
    ----------
    kind : {'dimshuffle', 'slice', 'reshape', 'specify'}
        dimshuffle: `arguments` are the input's dimension per output dimension, -1 for a new one.
        slice: per dimension of the input a tuple (start, stop, step) or (index,), whose entries are
        an int, None, or a string '%n' that names a scalar slot; dimensions not listed stay whole.
        reshape: `lengths` is the slot of the vector of lengths; what is not contiguous is copied.
        specify: `arguments` are lengths to check, None for any.
    message : str
        What is wrong where a check fails.
    """

    kind: str
    input: int
    output: int
    arguments: tuple[Any, ...] = ()
    lengths: int | None = None
    message: str = ""

    word: ClassVar[str] = "view"

    def scalars(self) -> tuple[int, ...]:
        """Return the scalar slots that a slice's bounds name."""
        if self.kind != "slice":
            return ()
        return tuple(
            [int(b[1:]) for bounds in self.arguments for b in bounds if isinstance(b, str)]
        )

    def reads(self) -> tuple[int, ...]:
        """Return the input, the lengths, and scalars of bounds."""
        return (self.input, *(() if self.lengths is None else (self.lengths,)), *self.scalars())

    def writes(self) -> tuple[int, ...]:
        """Return the view's slot."""
        return (self.output,)

    def text(self) -> list[str]:
        """Return the view as a formula."""
        if self.kind == "slice":
            inside = ", ".join(_bounds_text(bounds) for bounds in self.arguments)
            return [f"%{self.output} = view %{self.input}[{inside}]"]
        if self.kind == "reshape":
            return [f"%{self.output} = view reshape %{self.input} to %{self.lengths}"]
        entries = [
            "x" if a == -1 and self.kind == "dimshuffle" else "?" if a is None else str(a)
            for a in self.arguments
        ]
        return [f"%{self.output} = view {self.kind} %{self.input} ({', '.join(entries)})"]


def _bounds_text(bounds: tuple[Any, ...]) -> str:
    texts = ["" if b is None else str(b) for b in bounds]
    return texts[0] if len(bounds) == 1 else ":".join(texts if bounds[2] is not None else texts[:2])


@dataclass(frozen=True, slots=True)
class Lengths(Instruction):
    """The lengths of a tensor: all of them as a vector, or that of one dimension as a scalar."""

    input: int
    output: int
    dim: int | None = None

    word: ClassVar[str] = "lengths"

    def reads(self) -> tuple[int, ...]:
        """Return the tensor."""
        return (self.input,)

    def writes(self) -> tuple[int, ...]:
        """Return the lengths' slot."""
        return (self.output,)

    def details(self) -> list[str]:
        """Return the dimension."""
        return [] if self.dim is None else [f"dim {self.dim}"]


@dataclass(frozen=True, slots=True)
class Pack(Instruction):
    """A vector of scalars."""

    inputs: tuple[int, ...]
    output: int

    word: ClassVar[str] = "pack"

    def reads(self) -> tuple[int, ...]:
        """Return the scalars."""
        return self.inputs

    def writes(self) -> tuple[int, ...]:
        """Return the vector's slot."""
        return (self.output,)


@dataclass(frozen=True, slots=True)
class Allocate(Instruction):
    """Memory of a shape given by scalar slots; its contents are undefined."""

    lengths: tuple[int, ...]
    output: int

    word: ClassVar[str] = "allocate"

    def reads(self) -> tuple[int, ...]:
        """Return the lengths."""
        return self.lengths

    def writes(self) -> tuple[int, ...]:
        """Return the new slot."""
        return (self.output,)


@dataclass(frozen=True, slots=True)
class Fill(Instruction):
    """A value broadcast to a shape given by scalar slots, in memory of its own."""

    value: int
    lengths: tuple[int, ...]
    output: int

    word: ClassVar[str] = "fill"

    def reads(self) -> tuple[int, ...]:
        """Return the value and the lengths."""
        return (self.value, *self.lengths)

    def writes(self) -> tuple[int, ...]:
        """Return the new slot."""
        return (self.output,)


@dataclass(frozen=True, slots=True)
class Copy(Instruction):
    """A copy with memory of its own, so that somebody may overwrite it."""

    input: int
    output: int

    word: ClassVar[str] = "copy"

    def reads(self) -> tuple[int, ...]:
        """Return what is copied."""
        return (self.input,)

    def writes(self) -> tuple[int, ...]:
        """Return the copy."""
        return (self.output,)


@dataclass(frozen=True, slots=True)
class Transfer(Instruction):
    """The same tensor in the memory of another device."""

    input: int
    output: int
    device: str

    word: ClassVar[str] = "transfer"

    def reads(self) -> tuple[int, ...]:
        """Return what moves."""
        return (self.input,)

    def writes(self) -> tuple[int, ...]:
        """Return where it arrives."""
        return (self.output,)

    def details(self) -> list[str]:
        """Return the device."""
        return [f"to {self.device}"]


@dataclass(frozen=True, slots=True)
class Free(Instruction):
    """The last use of slots lies behind: their memory may serve again."""

    slots: tuple[int, ...]

    word: ClassVar[str] = "free"

    def text(self) -> list[str]:
        """Return the slots."""
        return [f"free {', '.join(f'%{slot}' for slot in self.slots)}"]


@dataclass(frozen=True, slots=True)
class HostCall(Instruction):
    """A call of the node's `perform` on arrays and objects, under the interpreter lock."""

    node: Apply
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    word: ClassVar[str] = "host"

    def reads(self) -> tuple[int, ...]:
        """Return the arguments."""
        return self.inputs

    def writes(self) -> tuple[int, ...]:
        """Return the results."""
        return self.outputs

    def text(self) -> list[str]:
        """Return the op applied to slots."""
        left = ", ".join(f"%{slot}" for slot in self.outputs)
        return [f"{left} = host {self.node.op}({', '.join(f'%{slot}' for slot in self.inputs)})"]


@dataclass(frozen=True, slots=True)
class Check(Instruction):
    """An error unless all elements of all conditions are true; the result is the input itself."""

    input: int
    conditions: tuple[int, ...]
    output: int
    message: str
    error: type[Exception] = AssertionError

    word: ClassVar[str] = "check"

    def reads(self) -> tuple[int, ...]:
        """Return the value and the conditions."""
        return (self.input, *self.conditions)

    def writes(self) -> tuple[int, ...]:
        """Return the checked value."""
        return (self.output,)

    def details(self) -> list[str]:
        """Return the error."""
        return [f"else {self.error.__name__}({self.message!r})"]


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


@dataclass(frozen=True, slots=True)
class Loop(Instruction):
    """A plan run `steps` times.

    The body's inputs are, in order: an element of each sequence along dimension 0, each state's
    taps, the constants of the loop. Its outputs are the next value of each state.

    Attributes
    ----------
    steps : int
        Scalar slot with the number of steps.
    sequences, invariants : tuple of int
        Slots.
    """

    body: Plan
    steps: int
    sequences: tuple[int, ...]
    states: tuple[LoopState, ...]
    invariants: tuple[int, ...]

    word: ClassVar[str] = "loop"

    def reads(self) -> tuple[int, ...]:
        """Return the count, sequences, first values and invariants."""
        first = [state.initial for state in self.states if state.initial is not None]
        return tuple(dict.fromkeys((self.steps, *self.sequences, *first, *self.invariants)))

    def writes(self) -> tuple[int, ...]:
        """Return the states' results."""
        return tuple([state.output for state in self.states])

    def text(self) -> list[str]:
        """Return the head line, the states, and the body, indented."""
        lines = [
            f"loop of %{self.steps} steps over ({_slots(self.sequences)})"
            f" with ({_slots(self.invariants)})"
        ]
        for state in self.states:
            kept = "all" if state.keep == 0 else f"last {state.keep}"
            lines.append(
                f"  %{state.output} = {kept} of state from %{state.initial}, taps {state.taps}"
            )
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
