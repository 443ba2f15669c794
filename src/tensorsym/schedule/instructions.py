"""The instructions of a Plan that hold no plan themselves: frozen data that prints itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from tensorsym.graph.variable import Apply

__all__ = [
    "Allocate",
    "Check",
    "Copy",
    "Fill",
    "Free",
    "HostCall",
    "Instruction",
    "Kernel",
    "Lengths",
    "LibraryCall",
    "Operand",
    "Pack",
    "Step",
    "Transfer",
    "View",
]


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
