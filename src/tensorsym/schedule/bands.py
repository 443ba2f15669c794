"""Kernels that may run together over slabs of a dimension that all of them keep.

A softmax is three kernels: the largest element of each row, the exponentials and their sum, the
quotient. Each needs the one before, but only of its own rows. Run for a few rows at a time, the
second and the third find in the cache what the first has read and the second has stored. The plan
stays as it is: a band says which of its instructions may be interleaved so, and along which
dimension of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tensorsym.schedule.plan import Free, Kernel, Lengths, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.schedule.plan import Instruction, Operand, Plan

__all__ = ["ALL_AT_ONCE", "Band", "find_bands"]

ALL_AT_ONCE = -1
"""The dimension of an instruction that is the same for all slabs."""

MOST_INSTRUCTIONS = 32
"""Of a band: what is looked at to find it, and how much small memory it keeps, stay bounded."""


@dataclass(frozen=True, slots=True)
class Band:
    """Instructions of a plan whose kernels may run slab by slab.

    Attributes
    ----------
    first, stop : int
        The first instruction, a kernel, and the one behind the last kernel.
    dims : tuple of int
        Per instruction the dimension of its iteration space that is cut, or ALL_AT_ONCE.
    """

    first: int
    stop: int
    dims: tuple[int, ...]


def find_bands(plan: Plan) -> tuple[Band, ...]:
    """Return the bands of a plan, in order; they do not overlap.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.graph.functiongraph import FunctionGraph
    >>> from tensorsym.schedule.build import schedule
    >>> x = T.matrix("x")
    >>> plan = schedule(FunctionGraph([x], [T.nnet.softmax(x)]))
    >>> [band.dims for band in find_bands(plan)]
    [(0, -1, -1, 0, -1, -1, -1, 0)]
    """
    bands: list[Band] = []
    index = 0
    while index < len(plan.instructions):
        band = _band_from(plan.instructions, index)
        if band is not None:
            bands.append(band)
        index = index + 1 if band is None else band.stop
    return tuple(bands)


def _band_from(instructions: Sequence[Instruction], first: int) -> Band | None:
    """Return the longest band that begins at an instruction; of equal ones the outermost cut."""
    kernel = instructions[first]
    if not isinstance(kernel, Kernel):
        return None
    best: _Search | None = None
    for dim in range(kernel.rank):
        search = _Search(kernel, dim)
        for instruction in instructions[first + 1 : first + MOST_INSTRUCTIONS]:
            if not search.take(instruction):
                break
        if search.n_cut > (1 if best is None else best.n_cut):
            best = search
    return None if best is None else Band(first, first + best.stop, tuple(best.dims[: best.stop]))


class _Search:
    """A band under way: which dimension of every slot it has met is the one that is cut."""

    def __init__(self, kernel: Kernel, dim: int) -> None:
        # None: a slab needs all of it.
        self.axis: dict[int, int | None] = {}
        self.large: set[int] = set()
        self.dims: list[int] = []
        self.n_cut = 0
        self.stop = 0
        if _carries(kernel, dim):
            self._cut(kernel, dim)

    def take(self, instruction: Instruction) -> bool:
        """Add the next instruction; return whether the band may go on behind it."""
        if self.n_cut == 0:
            return False
        if isinstance(instruction, Free):
            # What is as large as the whole space is given back before more is asked for.
            self.dims.append(ALL_AT_ONCE)
            return not self.large.intersection(instruction.slots)
        if isinstance(instruction, View):
            return instruction.kind == "dimshuffle" and self._view(instruction)
        if isinstance(instruction, Lengths):
            self._at_once(instruction)
            return True
        return isinstance(instruction, Kernel) and self._kernel(instruction)

    def _view(self, view: View) -> bool:
        axis = self.axis.get(view.input)
        if view.input in self.axis:
            if axis is not None and axis not in view.arguments:
                return False
            self.axis[view.output] = None if axis is None else view.arguments.index(axis)
        self.dims.append(ALL_AT_ONCE)
        return True

    def _at_once(self, instruction: Instruction) -> None:
        self.axis.update(dict.fromkeys(instruction.writes()))
        self.dims.append(ALL_AT_ONCE)

    def _kernel(self, kernel: Kernel) -> bool:
        """Take a kernel that is cut along the dimension of what it reads, or not cut at all."""
        shared = [o for o in _read(kernel) if self.axis.get(o.slot) is not None]
        if not shared:
            givers = {kernel.operands[giver].slot for _, giver in kernel.reuse}
            if givers & self.axis.keys():
                return False
            self._at_once(kernel)
            return True
        dim = self.axis[shared[0].slot]
        assert dim is not None
        return self._fits(kernel, dim) and self._cut(kernel, dim)

    def _fits(self, kernel: Kernel, dim: int) -> bool:
        """Tell whether the kernel may be cut there, and what it reads has been cut like that."""
        if dim >= kernel.rank or not _carries(kernel, dim):
            return False
        for operand in _read(kernel):
            axis = None if operand.broadcast[dim] else dim
            if operand.slot in self.axis and self.axis[operand.slot] != axis:
                return False
        return True

    def _cut(self, kernel: Kernel, dim: int) -> bool:
        is_large = any(
            [not fixed for o in _read(kernel) for d, fixed in enumerate(o.broadcast) if d != dim]
        )
        for operand in kernel.operands:
            if operand.role in ("in", "shape"):
                self.axis[operand.slot] = None if operand.broadcast[dim] else dim
            elif operand.role == "out":
                self.axis[operand.slot] = dim
                if is_large:
                    self.large.add(operand.slot)
            else:
                self.axis[operand.slot] = dim - sum(operand.broadcast[:dim])
        self.dims.append(dim)
        self.n_cut += 1
        self.stop = len(self.dims)
        return True


def _read(kernel: Kernel) -> list[Operand]:
    return [operand for operand in kernel.operands if operand.role in ("in", "shape")]


def _carries(kernel: Kernel, dim: int) -> bool:
    """Tell whether a dimension is one of the iteration space, and all reductions keep it."""
    if all([operand.broadcast[dim] for operand in _read(kernel)]):
        return False
    return not any(
        [o.broadcast[dim] for o in kernel.operands if o.role not in ("in", "shape", "out")]
    )
