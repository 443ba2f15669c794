"""What slots hold while a plan runs, with symbolic lengths: memory, who lies in it, how much it is.

In: births, views and ends, as `occupancy` finds them in a plan. Out: the account of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tensorsym.schedule.lives import last_uses
from tensorsym.schedule.sizes import number, symbol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.schedule.plan import Instruction, Plan
    from tensorsym.schedule.sizes import Lengths, Size

__all__ = [
    "DONATED",
    "Block",
    "Holding",
    "Occupancy",
    "Point",
    "Value",
    "c_order",
    "constant_value",
    "is_c_order",
    "lent",
    "product",
    "slot_name",
    "static_shape",
]


# In place of a maker: the memory came from outside, as an argument or from the step before.
DONATED = -1


@dataclass(frozen=True, slots=True)
class Point:
    """What is held at one point, and the instruction that makes it so (None: the results)."""

    size: Size
    plan: Plan
    instruction: Instruction | None


@dataclass(slots=True)
class Block:
    """Memory: its size, how many slots lie in it, and whether it is ours and not Python's.

    `maker` is the slot that it was made for.
    """

    size: Size
    users: int = 1
    ours: bool = True
    maker: int = DONATED


@dataclass(slots=True)
class Value:
    """What a slot holds.

    Attributes
    ----------
    shape : tuple of Size
        Lengths.
    block : Block or None
        Its memory; None where that outlives the call: arguments, constants, and scalars.
    order : tuple of int, or None
        The dimensions in the order in which they lie in memory without gaps, those of length 1 left
        out.
    numbers : tuple of (Size or None), or None
        The value itself, where it is an integer, or a vector of them.
    """

    shape: tuple[Size, ...] = ()
    block: Block | None = None
    order: tuple[int, ...] | None = None
    numbers: tuple[Size | None, ...] | None = None


@dataclass(slots=True)
class Occupancy:
    """The account of a plan's run.

    Attributes
    ----------
    points : list of Point
        What is held at each point where it grows.
    events : list of str
        Births, deaths, takeovers and refusals, in order.
    results : list of Value
        What the plan returns.
    held : Size
        What is held at its end.
    """

    points: list[Point] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    results: list[Value] = field(default_factory=list)
    held: Size = field(default_factory=lambda: number(0))


def slot_name(plan: Plan, slot: int, otherwise: str) -> str:
    """Return the name of a slot's variable, where it has one."""
    name = plan.slots[slot].name
    return otherwise if name.startswith("<") else name


def static_shape(plan: Plan, slot: int, name: str) -> tuple[Size, ...]:
    """Return a slot's lengths; those not known go by a name."""
    return tuple(
        symbol(f"{name}.shape[{d}]") if length is None else number(length)
        for d, length in enumerate(plan.slots[slot].shape)
    )


def c_order(shape: Sequence[Size]) -> tuple[int, ...]:
    """Return the dimensions in C order, those of length 1 left out."""
    return tuple(d for d, length in enumerate(shape) if length.constant != 1)


def is_c_order(order: Sequence[int]) -> bool:
    """Tell whether dimensions lie in C order."""
    return list(order) == sorted(order)


def product(shape: Sequence[Size]) -> Size:
    """Return how many elements there are."""
    total = number(1)
    for length in shape:
        total = total * length
    return total


def constant_value(data: object) -> Value:
    """Return what the slot of a constant holds."""
    if not isinstance(data, np.ndarray):
        return Value()
    shape = tuple(number(n) for n in data.shape)
    numbers = None
    if data.dtype.kind in "iu" and data.ndim < 2 and data.size <= 64:
        numbers = tuple(number(int(n)) for n in data.ravel())
    return Value(shape, order=c_order(shape), numbers=numbers)


def lent(value: Value) -> Value:
    """Return a value as a plan inside sees it: its memory outlives that plan."""
    return Value(value.shape, None, value.order, value.numbers)


class Holding:
    """What a plan's slots hold at one point of its run, and the account so far."""

    def __init__(self, plan: Plan, lengths: Lengths) -> None:
        self.plan = plan
        self.lengths = lengths
        self.account = Occupancy()
        self.values: dict[int, Value] = {}
        self.held = number(0)
        self.last = last_uses(plan)
        self.index = 0

    def note(self, text: str) -> None:
        """Take an event down."""
        self.account.events.append(text)

    def grown(self, instruction: Instruction | None, extra: Size | int = 0) -> None:
        """Take down what is held now, with something that is held for this moment only."""
        self.account.points.append(Point(self.held + extra, self.plan, instruction))

    def inside(self, account: Occupancy) -> None:
        """Take over the points of a plan inside: they come on top of what is held here."""
        for point in account.points:
            self.account.points.append(Point(self.held + point.size, point.plan, point.instruction))
        self.account.events.extend(f"    {event}" for event in account.events)

    def born(self, slot: int, shape: Sequence[Size], *, ours: bool = True) -> Value:
        """Give a slot memory of its own in C order."""
        value = self.values[slot] = Value(tuple(shape))
        info = self.plan.slots[slot]
        if info.kind != "buffer":
            return value
        value.order = c_order(shape)
        value.block = Block(product(shape) * np.dtype(info.dtype).itemsize, 1, ours, slot)
        self.held = self.held + value.block.size
        self.note(f"birth    {self.text(slot)}: {self.lengths.settled(value.block.size)} bytes")
        return value

    def shares(self, source: int, slot: int, shape: Sequence[Size]) -> Value:
        """Let a slot lie in the memory of another."""
        old = self.values[source]
        value = self.values[slot] = Value(tuple(shape), old.block, old.order, old.numbers)
        if self.plan.slots[slot].kind != "buffer":
            value.block = None
        elif value.block is not None:
            value.block.users += 1
        return value

    def leaves(self, slot: int) -> None:
        """End a slot's use of its memory."""
        block = self.values[slot].block
        self.values[slot].block = None
        if block is None:
            return
        block.users -= 1
        if block.users == 0:
            self.held = self.held - block.size
            self.note(f"death    %{slot}")

    def text(self, slot: int) -> str:
        """Return a slot with its dtype and symbolic shape."""
        shape = ", ".join(str(self.lengths.settled(n)) for n in self.values[slot].shape)
        dtype = self.plan.slots[slot].dtype
        return f"%{slot} {dtype}[{shape}]" if shape else f"%{slot} {dtype}"

    def integer(self, slot: int) -> Size:
        """Return the value of a scalar slot; unknown ones go by the slot's name."""
        numbers = self.values[slot].numbers
        known = numbers[0] if numbers else None
        return symbol(slot_name(self.plan, slot, f"%{slot}")) if known is None else known

    def takes_over(self, giver: int, slot: int) -> bool:
        """Let a result lie over an operand that dies, if the machine will."""
        old = self.values[giver]
        reason = ""
        if old.block is None:
            reason = "is not the call's own"
        elif not old.block.ours:
            reason = "belongs to Python"
        elif old.block.users > 1:
            reason = "is in use by a view as well"
        elif old.order is None or not is_c_order(old.order):
            reason = "does not lie in C order"
        if reason:
            self.note(f"refused  %{slot} over %{giver}: its memory {reason}")
            return False
        self.shares(giver, slot, old.shape)
        self.note(f"reuse    {self.text(slot)} lies over %{giver}")
        return True

    def size_of(self, slot: int, value: Value) -> Size:
        """Return how many bytes a slot's elements take; scalars have no memory of their own."""
        info = self.plan.slots[slot]
        if info.kind != "buffer":
            return number(0)
        return product(value.shape) * np.dtype(info.dtype).itemsize
