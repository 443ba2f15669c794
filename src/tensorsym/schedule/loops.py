"""Loops as instructions: which ones the machine runs, what it needs of their bodies, their slots.

A collected value is to the machine a state that no step reads; one that nobody uses is not made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.language.loop import Loop
from tensorsym.language.tensortype import TensorType
from tensorsym.schedule.lowering import LOWERINGS
from tensorsym.schedule.plan import Loop as LoopInstruction
from tensorsym.schedule.plan import LoopState

if TYPE_CHECKING:
    from collections.abc import Collection

    from tensorsym.graph.functiongraph import FunctionGraph
    from tensorsym.graph.variable import Apply, Variable
    from tensorsym.schedule.builder import PlanBuilder

__all__ = ["can_lower", "carried_positions", "needed_results", "used_outputs"]


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


def used_outputs(node: Apply, graph: FunctionGraph) -> frozenset[int]:
    """Return the numbers of the outputs that somebody reads."""
    return frozenset([i for i, v in enumerate(node.outputs) if graph.clients.get(v)])


def needed_results(loop: Loop, used: Collection[int]) -> list[Variable]:
    """Return the body's outputs as the instruction wants them: collected values after the states.

    Of the collected values there are those with a number in `used`.
    """
    layout = loop.layout
    states, carried, collected = layout.split_results(loop.body.outputs)
    first = len(states) + len(carried)
    made = [v for i, v in enumerate(collected) if first + i in used]
    return [*states, *made, *carried, *(loop.body.outputs[-1:] if layout.until else [])]


@LOWERINGS.register(Loop)
def _loop(builder: PlanBuilder, node: Apply) -> bool:
    op: Any = node.op
    if node not in builder.bodies:
        return False
    body, used = builder.bodies[node]
    sources = (builder.source(node),)
    inputs = [builder.slot_of(v) for v in node.inputs]
    steps, sequences, initial, carried, others = op.layout.split_outer(inputs)
    outputs = [builder.new_slot(v) for v in node.outputs]
    stacks, finals, collected = op.layout.split_results(range(len(outputs)))
    states = [
        LoopState(first, taps, 0 if number in used else 1, outputs[number])
        for first, taps, number in zip(initial, op.layout.taps, stacks, strict=True)
    ]
    states += [LoopState(None, (), 0, outputs[number]) for number in collected if number in used]
    builder.emit(
        LoopInstruction(
            sources,
            body,
            steps,
            tuple(sequences),
            tuple(states),
            tuple(others),
            tuple(zip(carried, outputs[len(stacks) : len(stacks) + len(finals)], strict=True)),
            op.layout.until,
            outputs[-1],
        )
    )
    return True
