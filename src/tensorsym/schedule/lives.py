"""How long slots live: when memory is free, and which results may lie over an operand.

Only candidates for taking over are found here. Whether the memory is an operand's own, and no view
of it is left, is known when the plan runs: who runs it counts the users of each block.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tensorsym.schedule.plan import Free, Kernel, LibraryCall

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.schedule.plan import Instruction, Plan, Slot

__all__ = ["with_lives"]


def with_lives(plan: Plan, *, private: bool = False) -> Plan:
    """Return the plan with `Free` after last uses, and with candidates for taking over memory.

    Parameters
    ----------
    plan : Plan
        The plan.
    private : bool
        Whether nobody sees the donated inputs after a failure: they may be overwritten at any time.
    """
    last = last_uses(plan)
    lasting = set(plan.outputs) | {slot for slot, _ in plan.constants}
    lasting |= set(plan.inputs) - set(plan.donated)
    safe_from = 0 if private else _first_safe_write(plan)
    instructions: list[Instruction] = []
    for index, old in enumerate(plan.instructions):
        read = dict.fromkeys(old.reads())
        dying = {slot for slot in read if last[slot] == index and slot not in lasting}
        takers = dying.difference(plan.donated) if index < safe_from else dying
        instructions.append(_with_reuse(old, takers, plan.slots))
        freed = [
            slot for slot in (*read, *old.writes()) if last[slot] == index and slot not in lasting
        ]
        freed = [
            slot for slot in freed if plan.slots[slot].kind != "scalar" and slot not in plan.donated
        ]
        if freed:
            instructions.append(Free((), tuple(freed)))
    return plan.with_instructions(tuple(instructions))


def last_uses(plan: Plan) -> dict[int, int]:
    """Return, for every slot, the index of the last instruction that reads or writes it."""
    last: dict[int, int] = {}
    for index, instruction in enumerate(plan.instructions):
        for slot in instruction.writes():
            last[slot] = index
        for slot in instruction.reads():
            last[slot] = index
    return last


def _first_safe_write(plan: Plan) -> int:
    """Return the index from which on nothing may raise and donated inputs may be overwritten.

    The checks of an instruction come before it writes, so the last one that may raise is safe
    itself.
    """
    for index in range(len(plan.instructions) - 1, -1, -1):
        if may_raise(plan.instructions[index], plan.slots):
            return (
                index if isinstance(plan.instructions[index], Kernel | LibraryCall) else index + 1
            )
    return 0


def may_raise(instruction: Instruction, slots: Sequence[Slot]) -> bool:
    """Tell whether an instruction can fail on valid operands, given enough memory."""
    if not isinstance(instruction, Kernel):
        return True
    return not all([_lengths_agree(instruction, slots, d) for d in range(instruction.rank)]) or any(
        [operand.role in ("max", "min") and not operand.lenient for operand in instruction.operands]
    )


def _lengths_agree(kernel: Kernel, slots: Sequence[Slot], dim: int) -> bool:
    """Tell whether the operands' lengths along a dimension are known to agree."""
    lengths = {
        slots[operand.slot].shape[dim]
        for operand in kernel.operands
        if operand.role in ("in", "shape") and not operand.broadcast[dim]
    }
    sharing = [o for o in kernel.operands if o.role in ("in", "shape") and not o.broadcast[dim]]
    return len(sharing) <= 1 or (len(lengths) == 1 and None not in lengths)


def _with_reuse(instruction: Instruction, dying: set[int], slots: Sequence[Slot]) -> Instruction:
    if not dying:
        return instruction
    if isinstance(instruction, LibraryCall):
        takes_over = instruction.z in dying and instruction.z not in (instruction.x, instruction.y)
        return replace(instruction, reuse=takes_over)
    if isinstance(instruction, Kernel):
        pairs = _kernel_reuse(instruction, dying)
        return replace(instruction, reuse=pairs) if pairs else instruction
    return instruction


def _kernel_reuse(kernel: Kernel, dying: set[int]) -> tuple[tuple[int, int], ...]:
    """Return pairs (output, input) that have the whole space and elements of one size."""
    givers = [
        index
        for index, operand in enumerate(kernel.operands)
        if operand.role in ("in", "shape")
        and operand.slot in dying
        and _is_whole(kernel, operand.broadcast)
    ]
    pairs = []
    for index, operand in enumerate(kernel.operands):
        if operand.role != "out" or kernel.rank == 0:
            continue
        size = np.dtype(operand.dtype).itemsize
        for giver in givers:
            if np.dtype(kernel.operands[giver].dtype).itemsize == size:
                pairs.append((index, giver))
                givers.remove(giver)
                break
    return tuple(pairs)


def _is_whole(kernel: Kernel, broadcast: tuple[bool, ...]) -> bool:
    """Tell whether an operand is broadcast only where all others are."""
    return all(
        not fixed or all([o.broadcast[d] for o in kernel.operands if o.role in ("in", "shape")])
        for d, fixed in enumerate(broadcast)
    )
