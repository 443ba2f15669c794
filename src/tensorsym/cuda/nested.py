"""Branches and loops: plans inside a plan, run from Python, step by step, on rows of the device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tensorsym.cuda.array import DeviceArray
from tensorsym.cuda.failure import InstructionError
from tensorsym.schedule.failures import LOOP_LENGTH, LOOP_SHAPE, NEGATIVE_LENGTH
from tensorsym.schedule.hostcalls import copied

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorsym.cuda.context import Context
    from tensorsym.schedule.plan import Branch, Loop, LoopState, Plan, Slot

__all__ = ["branch_step", "loop_step"]


class Runner(Protocol):
    """What runs a plan: see `executable.Runner`."""

    plan: Plan

    def frame(self) -> list[Any]:
        """Return room for all values."""

    def run(self, values: list[Any]) -> None:
        """Run all instructions."""


FIRST_ROWS = 64  # of a state's values, where nobody knows how many steps are done


def branch_step(branch: Branch, runners: tuple[Runner, Runner]) -> Callable[[list[Any]], None]:
    """Return what runs one of two plans."""

    def run(values: list[Any]) -> None:
        chosen = 0 if values[branch.condition].item() else 1
        runner = runners[chosen]
        inner = runner.frame()
        for slot, own in zip(branch.inputs[chosen], runner.plan.inputs, strict=True):
            inner[own] = values[slot]
        runner.run(inner)
        for slot, own in zip(branch.outputs, runner.plan.outputs, strict=True):
            values[slot] = inner[own]

    return run


class Ring:
    """The values of a state, one after the other: all of them, or as many as are needed.

    Parameters
    ----------
    context : Context
        The device.
    state : LoopState
        What it holds.
    slot : Slot
        The state's result.
    n_steps : int
        How many steps there may be.
    until : bool
        Whether there may be fewer.
    """

    def __init__(
        self, context: Context, state: LoopState, slot: Slot, n_steps: int, until: bool
    ) -> None:
        self.context = context
        self.state = state
        self.slot = slot
        self.back = max([-tap for tap in state.taps], default=0)
        self.n_steps = n_steps
        if state.keep:
            self.length = max(self.back, state.keep) + 1
        else:
            self.length = self.back + (min(n_steps, FIRST_ROWS) if until else n_steps)
        self.rows: Any = None

    def start(self, initial: Any) -> None:
        """Put the first values in, the oldest first."""
        self.rows = self.empty((self.length, *initial.shape[1:]))
        first = initial.shape[0] - self.back
        for k in range(self.back):
            self.store(k, row_of(initial, first + k))

    def empty(self, shape: tuple[int, ...]) -> Any:
        """Return memory for rows."""
        make = np.empty if self.slot.home == "cpu" else self.context.empty
        return make(shape, np.dtype(self.slot.dtype))

    def tap(self, step: int, tap: int) -> Any:
        """Return the value of an earlier step."""
        return row_of(self.rows, (step + self.back + tap) % self.length)

    def keep(self, step: int, value: Any) -> None:
        """Put a step's value in."""
        if self.rows is None:
            self.rows = self.empty((self.length, *value.shape))
        if value.shape != self.rows.shape[1:]:
            raise InstructionError(LOOP_SHAPE)
        if not self.state.keep and step + self.back == self.length:
            self.lengthen()
        self.store((step + self.back) % self.length, value)

    def lengthen(self) -> None:
        """Make room for twice as many values."""
        old, length = self.rows, self.length
        self.length = min(2 * length, self.back + self.n_steps)
        self.rows = self.empty((self.length, *old.shape[1:]))
        for k in range(length):
            self.store(k, row_of(old, k))

    def store(self, row: int, value: Any) -> None:
        """Copy a value into a row."""
        target = row_of(self.rows, row)
        if isinstance(target, DeviceArray):
            if isinstance(value, np.ndarray):
                value = self.context.from_host(value)
            self.context.copy(target, value)
        else:
            target[...] = value

    def result(self, done: int) -> Any:
        """Return the values of the last steps, oldest first."""
        if self.rows is None:
            return self.empty((0, *[max(0, n or 0) for n in self.slot.shape[1:]]))
        total = self.back + done
        first = max(0, total - self.state.keep) if self.state.keep else self.back
        count = total - first
        if first % self.length + count <= self.length:
            return rows_of(self.rows, first % self.length, count)
        unrolled = Ring(self.context, self.state, self.slot, 0, until=False)
        unrolled.length = count
        unrolled.rows = self.empty((count, *self.rows.shape[1:]))
        for k in range(count):
            unrolled.store(k, row_of(self.rows, (first + k) % self.length))
        return unrolled.rows


def row_of(array: Any, index: int) -> Any:
    """Return a view of one element along the first dimension."""
    if isinstance(array, DeviceArray):
        return array.view(array.shape[1:], array.strides[1:], index * array.strides[0])
    return array[index, ...]


def rows_of(array: Any, first: int, count: int) -> Any:
    """Return a view of adjacent elements along the first dimension."""
    if isinstance(array, DeviceArray):
        return array.view((count, *array.shape[1:]), array.strides, first * array.strides[0])
    return array[first : first + count]


def loop_step(
    context: Context, loop: Loop, runner: Runner, slots: Sequence[Slot]
) -> Callable[[list[Any]], None]:
    """Return what runs a plan again and again."""
    outputs = runner.plan.outputs
    n_states = len(loop.states)

    def run(values: list[Any]) -> None:
        n_steps = int(values[loop.steps])
        check_lengths(loop, n_steps, values)
        rings = [Ring(context, s, slots[s.output], n_steps, loop.until) for s in loop.states]
        for ring, state in zip(rings, loop.states, strict=True):
            if state.initial is not None:
                ring.start(values[state.initial])
        carried = [values[first] for first, _ in loop.carried]
        others = [values[slot] for slot in loop.invariants]
        done = 0
        while done < n_steps:
            arguments = [row_of(values[slot], done) for slot in loop.sequences]
            for ring in rings:
                arguments += [ring.tap(done, tap) for tap in ring.state.taps]
            inner = runner.frame()
            for own, value in zip(runner.plan.inputs, [*arguments, *carried, *others], strict=True):
                inner[own] = value
            runner.run(inner)
            for ring, own in zip(rings, outputs[:n_states], strict=True):
                ring.keep(done, inner[own])
            carried = [inner[own] for own in outputs[n_states : n_states + len(carried)]]
            done += 1
            if loop.until and inner[outputs[-1]].item():
                break
        for ring, state in zip(rings, loop.states, strict=True):
            values[state.output] = ring.result(done)
        for (first, final), value in zip(loop.carried, carried, strict=True):
            is_first = slots[final].kind == "object" and value is values[first]
            values[final] = copied(value) if is_first else value
        if loop.done is not None:
            values[loop.done] = np.array(done, np.int64)

    return run


def check_lengths(loop: Loop, n_steps: int, values: Sequence[Any]) -> None:
    """Refuse a negative count, and sequences and first values that are too short."""
    if n_steps < 0:
        raise InstructionError(NEGATIVE_LENGTH, n_steps)
    for number, slot in enumerate(loop.sequences):
        if values[slot].shape[0] < n_steps:
            raise InstructionError(LOOP_LENGTH, number)
    for number, state in enumerate(loop.states):
        back = max([-tap for tap in state.taps], default=0)
        if state.initial is not None and values[state.initial].shape[0] < back:
            raise InstructionError(LOOP_LENGTH, -1 - number)
