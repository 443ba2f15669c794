"""From a group of nodes to a kernel: operands, casts and steps in single assignment form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.graph.variable import Constant
from tensorsym.language.arithmetic import second
from tensorsym.language.dtypes import upcast
from tensorsym.language.elementwise import RECORDS, Elementwise
from tensorsym.language.variable import constant
from tensorsym.schedule.fusion import ROLES
from tensorsym.schedule.plan import Kernel, Operand, Step
from tensorsym.schedule.scalartext import composite_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.variable import Apply, Variable
    from tensorsym.schedule.builder import PlanBuilder
    from tensorsym.schedule.fusion import Group, Work
    from tensorsym.schedule.scalartext import Node

__all__ = ["emit_kernel"]

Value = tuple[str, int]  # ("in", number of an input) or ("step", number of a step)


class KernelWriter:
    """A kernel being written."""

    def __init__(self, builder: PlanBuilder, pattern: tuple[bool, ...]) -> None:
        self.builder = builder
        self.pattern = pattern
        self.inputs: list[Variable] = []
        self.steps: list[tuple[str, tuple[Value, ...], tuple[str, ...], str, int]] = []
        self.results: list[tuple[int, str, str, tuple[bool, ...], Value, bool]] = []
        self.sources: list[int] = []
        self._values: dict[Variable, Value] = {}
        self._casts: dict[tuple[Value, str], Value] = {}
        self._numbers: dict[tuple[float, str], Variable] = {}
        self._cast_constants: dict[tuple[Variable, str], Variable] = {}
        self._source = -1

    def add(self, node: Apply, work: Work) -> Value:
        """Add a node's steps and return its value."""
        self._source = self.builder.source(node)
        self.sources.append(self._source)
        operands = [self._value(v) for v in node.inputs]
        types: list[Any] = [v.type for v in node.inputs]
        dtypes: list[str] = [t.dtype for t in types]
        output: Any = node.outputs[0]
        if node.op is second:
            value = self._cast(operands[1], dtypes[1], work.dtype)
        else:
            arguments = tuple(
                [self._cast(*item) for item in zip(operands, dtypes, work.cast_to, strict=True)]
            )
            value = self._apply(node, arguments, work)
        if not work.reduced:
            declared = output.type.dtype
            value = self._values[node.outputs[0]] = self._cast(value, work.dtype, declared)
        return value

    def _apply(self, node: Apply, arguments: tuple[Value, ...], work: Work) -> Value:
        op = node.op
        if not isinstance(op, Elementwise) or op.record.c == "x":
            return self._cast(arguments[0], work.cast_to[0], work.dtype)
        if op.record.variadic and len(arguments) == 1:
            return arguments[0]
        # Half precision is rounded once per op, not once per step of it.
        tree = None if "float16" in work.cast_to else composite_text(op.record)
        if tree is not None:
            value, dtype = self._expand(
                tree, dict(zip("xyz", zip(arguments, work.cast_to, strict=True), strict=False))
            )
            return self._cast(value, dtype, work.dtype)
        return self._step(op.record.name, arguments, work.cast_to, work.dtype)

    def _expand(self, tree: Node, operands: dict[str, tuple[Value, str]]) -> tuple[Value, str]:
        """Return value and dtype of a scalar text; its numbers have the dtype of what they meet."""
        assert not isinstance(tree, float)
        if isinstance(tree, str):
            return operands[tree]
        name, *parts = tree
        record = RECORDS[str(name)]
        met = [None if isinstance(part, float) else self._expand(part, operands) for part in parts]
        chosen = [value for value in (met[1:] if name == "switch" else met) if value is not None]
        common = upcast(*[dtype for _, dtype in chosen] or ["float64"])
        given: list[tuple[Value, str]] = []
        for part, value in zip(parts, met, strict=True):
            if value is not None:
                given.append(value)
            elif isinstance(part, float):
                given.append((self._number(part, common), common))
        cast_to, dtype = record.rule(*[d for _, d in given])
        arguments = tuple(
            [self._cast(v, d, wanted) for (v, d), wanted in zip(given, cast_to, strict=True)]
        )
        return self._step(record.name, arguments, cast_to, dtype), dtype

    def _number(self, number: float, dtype: str) -> Value:
        """Return a number of a scalar text as a constant operand."""
        found = self._numbers.get((number, dtype))
        if found is None:
            found = self._numbers[number, dtype] = constant(
                np.full((1,) * len(self.pattern), number, dtype), dtype=dtype
            )
        return self._value(found)

    def _step(
        self, op: str, arguments: tuple[Value, ...], dtypes: tuple[str, ...], dtype: str
    ) -> Value:
        self.steps.append((op, arguments, dtypes, dtype, self._source))
        return ("step", len(self.steps) - 1)

    def _value(self, variable: Variable) -> Value:
        value = self._values.get(variable)
        if value is None:
            value = self._values[variable] = ("in", len(self.inputs))
            self.inputs.append(variable)
        return value

    def _cast(self, value: Value, dtype: str, wanted: str) -> Value:
        if dtype == wanted:
            return value
        if value[0] == "in" and isinstance(self.inputs[value[1]], Constant):
            return self._cast_constant(self.inputs[value[1]], wanted)
        found = self._casts.get((value, wanted))
        if found is None:
            found = self._casts[value, wanted] = self._step("cast", (value,), (dtype,), wanted)
        return found

    def _cast_constant(self, number: Any, dtype: str) -> Value:
        """Return a constant in another dtype: cast once, now."""
        found = self._cast_constants.get((number, dtype))
        if found is None:
            data = RECORDS[f"cast_{dtype}"].reference()(number.data)
            found = self._cast_constants[number, dtype] = constant(data, dtype=dtype)
        return self._value(found)

    def store(
        self,
        slot: int,
        role: str,
        dtype: str,
        reduced: Sequence[int],
        value: Value,
        lenient: bool = False,
    ) -> None:
        """Let a slot receive a value, or a reduction of it."""
        flags = tuple([d in reduced for d in range(len(self.pattern))])
        self.results.append((slot, role, dtype, flags, value, lenient))

    def finish(self) -> Kernel:
        """Return the kernel, without steps that nothing needs."""
        needed = self._needed_steps()
        read = {value[1] for k in needed for value in self.steps[k][1] if value[0] == "in"}
        read.update(result[4][1] for result in self.results if result[4][0] == "in")
        number: dict[Value, int] = {}
        operands: list[Operand] = []
        lenders: list[Operand] = []
        for k, variable in enumerate(self.inputs):
            type_: Any = variable.type
            if k in read:
                number["in", k] = len(operands)
                slot = self.builder.slot_of(variable)
                operands.append(
                    Operand(slot, "in", type_.dtype, type_.broadcastable, len(operands))
                )
            elif not all(type_.broadcastable):
                slot = self.builder.slot_of(variable)
                lenders.append(Operand(slot, "shape", type_.dtype, type_.broadcastable, -1))
        steps: list[Step] = []
        for k in needed:
            op, arguments, dtypes, dtype, source = self.steps[k]
            number["step", k] = len(operands) + len(steps)
            steps.append(Step(op, tuple([number[a] for a in arguments]), dtypes, dtype, source))
        results = [
            Operand(slot, role, dtype, flags, number[value], lenient)
            for slot, role, dtype, flags, value, lenient in self.results
        ]
        return Kernel(
            tuple(self.sources),
            tuple(operands + lenders + results),
            tuple(steps),
            len(self.pattern),
        )

    def _needed_steps(self) -> list[int]:
        needed = {result[4][1] for result in self.results if result[4][0] == "step"}
        for k in range(len(self.steps) - 1, -1, -1):
            if k in needed:
                needed.update([value[1] for value in self.steps[k][1] if value[0] == "step"])
        return sorted(needed)


def emit_kernel(builder: PlanBuilder, group: Group) -> None:
    """Add the kernel of a group, and casts of reductions that compute in another dtype."""
    assert group.pattern is not None
    writer = KernelWriter(builder, group.pattern)
    casts = []
    for node, work in zip(reversed(group.nodes), reversed(group.work), strict=True):
        assert work is not None
        op: Any = node.op
        output: Any = node.outputs[0]
        value = writer.add(node, work)
        if work.reduced:
            slot = builder.new_slot(output)
            if work.dtype != output.type.dtype:
                total = builder.temporary(work.dtype, output.type.shape, builder.name(output))
                casts.append((total, slot))
                slot = total
            lenient = node in builder.parts
            writer.store(slot, ROLES[op.record.combine], work.dtype, work.reduced, value, lenient)
        elif output in group.stored:
            writer.store(builder.new_slot(output), "out", output.type.dtype, (), value)
    builder.emit(writer.finish())
    for total, slot in casts:
        builder.emit_cast(total, slot, tuple(writer.sources))
