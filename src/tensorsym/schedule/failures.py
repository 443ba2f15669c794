"""What went wrong, in the user's words: from the machine's numbers, or an exception of Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.errors import (
    IndexingError,
    IndexStepError,
    ShapeError,
    SpecifiedShapeError,
    origin_text,
)
from tensorsym.schedule.plan import Check, Fill, HostCall, Kernel, LibraryCall, Loop, View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tensorsym.errors import Origin
    from tensorsym.schedule.plan import Instruction, Plan

__all__ = ["explain_failure"]

Shapes = "Mapping[int, tuple[int, ...]]"

# The machine's Status numbers.
NO_MEMORY, LENGTHS_DIFFER, NO_ELEMENTS, OTHER_LENGTH, WRONG_SIZE, NEGATIVE_LENGTH = range(1, 7)
OUT_OF_RANGE, ZERO_STEP, INNER_LENGTHS, NOT_TRUE, RAISED, TOO_LONG, LOOP_LENGTH, LOOP_SHAPE = range(
    7, 15
)


def explain_failure(
    plan: Plan,
    instruction: Instruction,
    status: int,
    detail: int,
    shapes: Mapping[int, tuple[int, ...]],
    error: BaseException | None,
) -> BaseException:
    """Return the exception to raise for an instruction that failed.

    Parameters
    ----------
    plan : Plan
        The plan that was running.
    instruction : Instruction
        What failed.
    status, detail : int
        The machine's account of it.
    shapes : mapping of int to tuple of int
        Shapes of the tensors that the instruction reads, by slot.
    error : BaseException or None
        What Python code raised; it keeps its class and gains a note.
    """
    if error is not None:
        _add_note(plan, instruction, shapes, error)
        return error
    failure = Failure(plan, instruction, detail, shapes)
    method = {
        LENGTHS_DIFFER: failure.lengths_differ,
        NO_ELEMENTS: failure.no_elements,
        OTHER_LENGTH: failure.other_length,
        WRONG_SIZE: failure.wrong_size,
        NEGATIVE_LENGTH: failure.negative_length,
        OUT_OF_RANGE: failure.out_of_range,
        ZERO_STEP: failure.zero_step,
        INNER_LENGTHS: failure.inner_lengths,
        NOT_TRUE: failure.not_true,
        TOO_LONG: failure.too_long,
        LOOP_LENGTH: failure.loop_length,
        LOOP_SHAPE: failure.loop_shape,
    }.get(status)
    return method() if method is not None else failure.no_memory()


def _add_note(
    plan: Plan,
    instruction: Instruction,
    shapes: Mapping[int, tuple[int, ...]],
    error: BaseException,
) -> None:
    """Tell the node, the operands' shapes and the user's line, once."""
    if getattr(error, "__notes__", None):
        return
    failure = Failure(plan, instruction, 0, shapes)
    lines = [f"  while computing: {failure.node()}"]
    if shapes:
        lines.append(f"  operands:  {failure.operands(instruction.reads())}")
    if failure.origin():
        lines.append(f"  built at:  {origin_text(failure.origin())}")
    error.add_note("\n".join(lines))


class Failure:
    """An instruction that failed, and what is known of its operands."""

    def __init__(
        self,
        plan: Plan,
        instruction: Instruction,
        detail: int,
        shapes: Mapping[int, tuple[int, ...]],
    ) -> None:
        self.plan = plan
        self.instruction = instruction
        self.detail = detail
        self.shapes = shapes

    def node(self) -> str:
        """Return the text of the node, the last one where there are several."""
        sources = self.instruction.sources
        return self.plan.origins[sources[-1]].node if sources else self.instruction.word

    def origin(self) -> Origin:
        """Return the places where the user built the nodes."""
        places = [
            place
            for source in self.instruction.sources
            for place in self.plan.origins[source].origin
        ]
        return tuple(dict.fromkeys(places))

    def operands(self, slots: Any) -> str:
        """Return names with shapes."""
        return ", ".join(
            f"{self.plan.slots[slot].name}: shape {self.shapes[slot]}"
            for slot in slots
            if slot in self.shapes
        )

    def lengths_differ(self) -> BaseException:
        """Return the error of operands that do not broadcast together."""
        if isinstance(self.instruction, Kernel):
            return self._kernel_lengths(self.instruction)
        if isinstance(self.instruction, Fill):
            return ShapeError(
                "the value does not broadcast to the shape",
                got=self.operands((self.instruction.value,)),
                origin=self.origin(),
            )
        return ShapeError(
            f"{self._routine()}: lengths differ in dimension {self.detail}",
            got=self.operands(self.instruction.reads()),
            expected="a summand in the shape of the product",
            origin=self.origin(),
        )

    def _kernel_lengths(self, kernel: Kernel) -> BaseException:
        """Return the error of the first step whose operands disagree: a kernel has many."""
        d = self.detail
        inputs = [o for o in kernel.operands if o.role in ("in", "shape")]
        values: list[tuple[int | None, str]] = [
            (None if o.broadcast[d] else self.shapes[o.slot][d], self._named(o.slot))
            for o in inputs
        ]
        lenders = [v for v, o in zip(values, inputs, strict=True) if o.role == "shape"]
        values = [v for v, o in zip(values, inputs, strict=True) if o.role == "in"]
        for step in kernel.steps:
            lengths = {values[a][0] for a in step.arguments} - {None}
            if len(lengths) > 1:
                text = ", ".join(values[a][1] for a in dict.fromkeys(step.arguments))
                return self._mismatch(step.op, lengths, text, self.plan.origins[step.source].origin)
            values.append(
                (lengths.pop() if lengths else None, f"{step.op} of {values[step.arguments[0]][1]}")
            )
        lengths = {length for length, _ in values + lenders} - {None}
        return self._mismatch("fill", lengths, self.operands(kernel.reads()), self.origin())

    def _named(self, slot: int) -> str:
        return f"{self.plan.slots[slot].name}: shape {self.shapes[slot]}"

    def _mismatch(self, op: str, lengths: set[Any], got: str, origin: Origin) -> BaseException:
        one = (
            " A run-time length of 1 broadcasts only where the type says so."
            if 1 in lengths
            else ""
        )
        return ShapeError(
            f"{op}: input dimension mismatch in dimension {self.detail}",
            got=got,
            expected="equal lengths in every dimension that is not broadcastable." + one,
            origin=origin,
            hint="declare the dimension with T.row, T.col, or T.addbroadcast" if one else None,
        )

    def no_elements(self) -> BaseException:
        """Return the error of a maximum or minimum over nothing."""
        assert isinstance(self.instruction, Kernel)
        operand = self.instruction.operands[self.detail]
        axes = tuple([d for d, reduced in enumerate(operand.broadcast) if reduced])
        return ShapeError(
            f"{operand.role} of no elements",
            got=f"{self.operands(self.instruction.reads())}, axis {axes}",
            origin=self.origin(),
        )

    def other_length(self) -> BaseException:
        """Return the error of a length or broadcast pattern that the array does not have."""
        assert isinstance(self.instruction, View)
        shape = self.shapes[self.instruction.input]
        if self.instruction.message.startswith("a dimension"):
            return ShapeError(
                f"dimension {self.detail} was declared broadcastable",
                got=f"shape {shape}",
                expected="length 1",
                origin=self.origin(),
            )
        lengths = tuple(["any" if n is None else n for n in self.instruction.arguments])
        return SpecifiedShapeError(
            self.instruction.message, got=str(shape), expected=str(lengths), origin=self.origin()
        )

    def wrong_size(self) -> BaseException:
        """Return the error of a reshape that does not fit."""
        return ShapeError(
            "the elements do not fill the new shape",
            got=self.operands(self.instruction.reads()[:1]),
            expected=f"the lengths in {self.plan.slots[self.instruction.reads()[1]].name}",
            origin=self.origin(),
        )

    def negative_length(self) -> BaseException:
        """Return the error of a length or a number of steps below 0."""
        if isinstance(self.instruction, Loop):
            message = f"a loop can not do {self.detail} steps: the number is negative"
            return ShapeError(message, got=self.node(), origin=self.origin())
        return ShapeError("a length can not be negative", got=self.node(), origin=self.origin())

    def out_of_range(self) -> BaseException:
        """Return the error of an index beyond the tensor."""
        shape = self.shapes[self.instruction.reads()[0]]
        return IndexingError(
            f"index out of range in dimension {self.detail}",
            got=f"{self.node()} of shape {shape}",
            expected=f"an index from {-shape[self.detail]} to {shape[self.detail] - 1}",
            origin=self.origin(),
        )

    def zero_step(self) -> BaseException:
        """Return the error of a slice with step 0."""
        return IndexStepError("slice step cannot be zero", got=self.node(), origin=self.origin())

    def inner_lengths(self) -> BaseException:
        """Return the error of a product whose inner lengths differ."""
        assert isinstance(self.instruction, LibraryCall)
        pair = self.instruction.x, self.instruction.y
        return ShapeError(
            f"{self._routine()}: inner lengths differ",
            got=", ".join(f"{self.plan.slots[s].name} of shape {self.shapes[s]}" for s in pair),
            expected="last length of the first equal to the first length of the second",
            origin=self.origin(),
        )

    def _routine(self) -> str:
        return self.node().partition("(")[0]

    def not_true(self) -> BaseException:
        """Return the error that a check asks for."""
        assert isinstance(self.instruction, Check)
        error = self.instruction.error(self.instruction.message)
        _add_note(self.plan, self.instruction, self.shapes, error)
        return error

    def too_long(self) -> BaseException:
        """Return the error of a product with lengths that the library can not count."""
        return OverflowError(
            f"{self.node()}: a length or stride is over 2**31 - 1, the library's limit"
        )

    def loop_length(self) -> BaseException:
        """Return the error of a sequence with fewer elements than steps, or of a short start."""
        assert isinstance(self.instruction, Loop)
        if self.detail >= 0:
            slot = self.instruction.sequences[self.detail]
            message = f"sequence {self.detail} of the loop is too short"
            expected = "at least as many elements as there are steps"
        else:
            state = self.instruction.states[-1 - self.detail]
            assert state.initial is not None
            slot, depth = state.initial, -min(state.taps)
            message = f"state {-1 - self.detail} of the loop has too few initial values"
            expected = f"{depth}, as far as it is read back"
        shape = self.shapes[slot]
        got = f"{shape[0]} elements, shape {shape}"
        return ShapeError(message, got=got, expected=expected, origin=self.origin())

    def loop_shape(self) -> BaseException:
        """Return the error of a state that changes its shape."""
        return ShapeError(
            "a step of a loop returned a value of another shape than the step before",
            origin=self.origin(),
        )

    def no_memory(self) -> BaseException:
        """Return the error of memory that the system refuses."""
        kind = "a call of Python" if isinstance(self.instruction, HostCall) else self.node()
        return MemoryError(f"no memory for the result of {kind}")
