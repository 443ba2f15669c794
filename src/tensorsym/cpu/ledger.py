"""What the instructions of an executable cost: runs, time and bytes, loops and branches included.

In: an Executable. Out: an `Entry` per instruction. Nothing is booked before `watch` is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tensorsym.cpu.comparison import Comparison
from tensorsym.schedule.plan import Branch, Copy, Fill, HostCall, Kernel, LibraryCall, Loop, Pack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.cpu.build import Executable
    from tensorsym.schedule.plan import Instruction, Plan

__all__ = ["Entry", "entries", "watch"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One instruction's account.

    Attributes
    ----------
    plan, instruction
        What ran.
    runs : int
        How often.
    seconds : float
        Time of its own: that of the instructions inside a loop or branch is theirs.
    bytes : int
        Bytes of the tensors it read and wrote.
    """

    plan: Plan
    instruction: Instruction
    runs: int
    seconds: float
    bytes: int


def watch(executable: Executable, *, compare: bool = False) -> None:
    """Book the instructions of an executable from now on, those of the plans inside too.

    Parameters
    ----------
    executable : Executable
        What is watched.
    compare : bool
        Whether each kernel and product is computed with NumPy as well, and must agree.
    """
    for part in (*executable.parts, executable):
        slots = [moved_slots(instruction) for instruction in part.plan.instructions]
        if compare:
            comparison = Comparison(part.plan)
            part.watch(slots, comparison.observed, comparison)
        else:
            part.watch(slots)


def moved_slots(instruction: Instruction) -> Sequence[int]:
    """Return the slots whose elements an instruction reads or writes."""
    if isinstance(instruction, Kernel):
        return [operand.slot for operand in instruction.operands if operand.role != "shape"]
    if isinstance(instruction, LibraryCall | HostCall | Copy | Pack):
        return [*instruction.reads(), *instruction.writes()]
    return instruction.writes() if isinstance(instruction, Fill) else ()


def entries(executable: Executable) -> list[Entry]:
    """Return the accounts of all instructions that ran, plans inside first."""
    booked = {id(part.plan): part.booked for part in (*executable.parts, executable)}
    inside = {number: sum(row[1] for row in rows) for number, rows in booked.items()}
    around: dict[int, int] = {}
    for part in (*executable.parts, executable):
        for instruction, (_, taken, _) in zip(part.plan.instructions, part.booked, strict=True):
            for plan in _plans_inside(instruction):
                around[id(plan)] = around.get(id(plan), 0) + taken
    found = []
    for part in (*executable.parts, executable):
        for instruction, (runs, taken, moved) in zip(
            part.plan.instructions, part.booked, strict=True
        ):
            # Two loops with one body share its account: each has the part its own time suggests.
            theirs = sum(
                inside[id(plan)] * taken / max(1, around[id(plan)])
                for plan in _plans_inside(instruction)
            )
            if runs:
                seconds = max(0.0, taken - theirs) * 1e-9
                found.append(Entry(part.plan, instruction, runs, seconds, moved))
    return found


def _plans_inside(instruction: Instruction) -> tuple[Plan, ...]:
    if isinstance(instruction, Branch):
        return instruction.plans
    return (instruction.body,) if isinstance(instruction, Loop) else ()
