"""Loops of the language as loops of the plan: stacks and carried values become rings of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.schedule.plan import Loop, LoopState, View

if TYPE_CHECKING:
    from tensorsym.graph.variable import Apply, Variable
    from tensorsym.schedule.builder import PlanBuilder
    from tensorsym.schedule.plan import Plan

__all__ = ["emit_loop"]


def emit_loop(builder: PlanBuilder, node: Apply, body: Plan) -> None:
    """Add the instruction of a loop, and the views around it.

    Parameters
    ----------
    builder : PlanBuilder
        The plan being written.
    node : Apply
        A node whose op is the language's `Loop`.
    body : Plan
        The plan of a step.
    """
    op: Any = node.op
    sources = (builder.source(node),)
    steps, sequences, initial, carried, others = op.layout.split_outer(
        [builder.slot_of(v) for v in node.inputs]
    )
    stacks, finals, collected = op.layout.split_results(node.outputs)
    states = [
        LoopState(slot, taps, 0, builder.new_slot(stack))
        for slot, taps, stack in zip(initial, op.layout.taps, stacks, strict=True)
    ]
    rings = [_Carried(builder, sources, slot, v) for slot, v in zip(carried, finals, strict=True)]
    states += [ring.state for ring in rings]
    states += [LoopState(None, (), 0, builder.new_slot(v)) for v in collected]
    builder.emit(
        Loop(
            sources,
            body,
            steps,
            tuple(sequences),
            tuple(states),
            tuple(others),
            op.layout.until,
            builder.new_slot(node.outputs[-1]),
        )
    )
    for ring in rings:
        ring.emit_result()


class _Carried:
    """A state of which only the last value is wanted: a stack of one value before and after."""

    def __init__(
        self, builder: PlanBuilder, sources: tuple[int, ...], slot: int, final: Variable
    ) -> None:
        self.builder = builder
        self.sources = sources
        self.final = final
        info = builder.slots[slot]
        self.is_object = info.kind == "object"
        if self.is_object:
            self.state = LoopState(slot, (-1,), 1, builder.new_slot(final))
            return
        stack = builder.temporary(info.dtype, (1, *info.shape), info.name)
        builder.emit(View(sources, "dimshuffle", slot, stack, (-1, *range(len(info.shape)))))
        last = builder.temporary(info.dtype, (1, *info.shape), info.name)
        self.state = LoopState(stack, (-1,), 1, last)

    def emit_result(self) -> None:
        """Add the view of the last value, after the loop."""
        if not self.is_object:
            output = self.builder.new_slot(self.final)
            self.builder.emit(View(self.sources, "slice", self.state.output, output, ((0,),)))
