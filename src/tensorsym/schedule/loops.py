"""Loops as instructions: which ones the machine runs, and their slots."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tensorsym.language.loop import Loop
from tensorsym.language.tensortype import TensorType
from tensorsym.schedule.lowering import LOWERINGS
from tensorsym.schedule.plan import Loop as LoopInstruction
from tensorsym.schedule.plan import LoopState

if TYPE_CHECKING:
    from tensorsym.graph.variable import Apply
    from tensorsym.schedule.builder import PlanBuilder
    from tensorsym.schedule.plan import Plan

__all__ = ["can_lower", "carried_positions", "with_results_in_order"]


def can_lower(loop: Loop) -> bool:
    """Tell whether the machine can run a loop: it reads conditions that are real scalars."""
    if not loop.layout.until:
        return True
    type_: Any = loop.body.outputs[-1].type
    return isinstance(type_, TensorType) and type_.ndim == 0 and not type_.dtype.startswith("comp")


def carried_positions(loop: Loop) -> list[int]:
    """Return the inputs of a body that are carried tensors: a step may overwrite them."""
    carried = loop.layout.split_inner(range(loop.layout.inner_inputs))[2]
    types = [v.type for v in loop.body.inputs]
    return [i for i in carried if isinstance(types[i], TensorType)]


def with_results_in_order(plan: Plan, loop: Loop) -> Plan:
    """Return a body's plan with the collected values right after the states, as instructions want.

    A collected value is to the machine a state that no step reads.
    """
    states, carried, collected = loop.layout.split_results(plan.outputs)
    condition = plan.outputs[-1:] if loop.layout.until else ()
    return replace(plan, outputs=(*states, *collected, *carried, *condition))


@LOWERINGS.register(Loop)
def _loop(builder: PlanBuilder, node: Apply) -> bool:
    op: Any = node.op
    body = builder.bodies.get(op)
    if body is None:
        return False
    sources = (builder.source(node),)
    inputs = [builder.slot_of(v) for v in node.inputs]
    steps, sequences, initial, carried, others = op.layout.split_outer(inputs)
    outputs = [builder.new_slot(v) for v in node.outputs]
    stacks, finals, collected = op.layout.split_results(outputs)
    states = [
        LoopState(first, taps, 0, output)
        for first, taps, output in zip(initial, op.layout.taps, stacks, strict=True)
    ]
    states += [LoopState(None, (), 0, output) for output in collected]
    builder.emit(
        LoopInstruction(
            sources,
            body,
            steps,
            tuple(sequences),
            tuple(states),
            tuple(others),
            tuple(zip(carried, finals, strict=True)),
            op.layout.until,
            outputs[-1],
        )
    )
    return True
