"""Which nodes make up a kernel.

Nodes are visited from the outputs back. A node joins the kernel, among those that use it, that runs
first, if it has that kernel's iteration space; what other kernels need of it is stored as well. All
other users run later, so groups in the order of their making, reversed, are a valid order: no
search for cycles, linear in nodes and edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tensorsym.language.elementwise import Elementwise
from tensorsym.language.reduction import REDUCTIONS, Reduction
from tensorsym.language.tensortype import TensorType
from tensorsym.schedule.target import CPU

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tensorsym.graph.variable import Apply, Variable
    from tensorsym.schedule.target import Target

__all__ = ["MOST_OPERANDS", "MOST_STEPS", "ROLES", "Group", "Work", "fuse", "kernel_work"]

# Larger kernels gain nothing (their tiles no longer fit the first-level cache: 4 KB each, 48 KB in
# all) and compile slower than in proportion.
MOST_STEPS = 32
MOST_OPERANDS = 24
# A node copied into several kernels instead of being stored: reading its inputs must cost no more
# than reading it.
MOST_COPIES = 3

# The roles of kernels' results, by the scalar text that combines two elements.
ROLES = {REDUCTIONS[name].combine: name for name in ("sum", "prod", "max", "min", "all", "any")}
Pattern = tuple[bool, ...]


class Group:
    """Nodes that become one instruction, or one node that a kernel can not compute.

    Attributes
    ----------
    nodes, work : list of Apply, list of Work or None
        Last first, as they are found, and what a kernel does for each.
    pattern : tuple of bool, or None
        Broadcast pattern of the iteration space; None for a node that is no kernel's.
    number : int
        Groups with higher numbers run earlier.
    reads, stored : set of Variable
        What it takes from outside, and what of its own others need.
    """

    __slots__ = ("n_steps", "nodes", "number", "pattern", "reads", "stored", "work")

    def __init__(self, number: int, pattern: Pattern | None) -> None:
        self.number = number
        self.pattern = pattern
        self.nodes: list[Apply] = []
        self.work: list[Work | None] = []
        self.n_steps = 0
        self.stored: set[Variable] = set()
        self.reads: set[Variable] = set()

    def add(self, node: Apply, work: Work | None, stored: bool) -> None:
        """Take a node in; `stored` tells whether its output is needed elsewhere."""
        self.nodes.append(node)
        self.work.append(work)
        if work is not None:
            self.n_steps += work.n_steps
            if stored:
                self.stored.update(node.outputs)
            self.reads.difference_update(node.outputs)
            self.reads.update(node.inputs)

    def has_room(self, node: Apply, work: Work) -> bool:
        """Tell whether the group stays within bounds with `node` in it."""
        if self.n_steps + work.n_steps > MOST_STEPS:
            return False
        more = sum([v not in self.reads for v in node.inputs])
        return len(self.reads) + more + len(self.stored) <= MOST_OPERANDS


@dataclass(frozen=True, slots=True)
class Work:
    """What a kernel has to do for one node.

    Attributes
    ----------
    cast_to : tuple of str
        The dtypes its inputs are cast to first.
    dtype : str
        The dtype that comes out of that.
    pattern : tuple of bool
        Broadcast pattern of the iteration space.
    reduced : tuple of int
        The dimensions it reduces.
    n_steps : int
        About how many steps that takes.
    """

    cast_to: tuple[str, ...]
    dtype: str
    pattern: Pattern
    reduced: tuple[int, ...]
    n_steps: int


def kernel_work(node: Apply, target: Target = CPU) -> Work | None:
    """Return what a kernel does for a node, or None where no kernel can.

    Kernels compute ops with scalar text and reductions, on the dtypes of the target.
    """
    op, known = node.op, target.kernel_dtypes
    if not isinstance(op, Elementwise) and (
        not isinstance(op, Reduction) or op.record.combine not in ROLES
    ):
        return None
    types: list[Any] = [v.type for v in node.inputs]
    for type_ in (*types, node.outputs[0].type):
        if not isinstance(type_, TensorType) or type_.dtype not in known:
            return None
    dtypes: list[str] = [t.dtype for t in types]
    reduced: tuple[int, ...] = ()
    if isinstance(op, Elementwise):
        cast_to, dtype = op.record.rule(*dtypes)
        if not target.computes(op.record, cast_to):
            return None
        space: Any = node.outputs[0].type
    else:
        dtype = op.accumulator_dtype(dtypes[0])
        cast_to, space = (dtype,), types[0]
        reduced = op.axes(space.ndim)
    if not all([name in known for name in (*cast_to, dtype)]):
        return None
    casts = sum([mine != wanted for mine, wanted in zip(dtypes, cast_to, strict=True)])
    return Work(cast_to, dtype, space.broadcastable, reduced, max(1, len(dtypes) - 1) + casts)


def fuse(
    order: Sequence[Apply],
    outputs: Sequence[Variable],
    reads: Mapping[Apply, Sequence[Variable]],
    target: Target = CPU,
) -> list[Group]:
    """Return the groups of `order`, each after those it needs.

    Parameters
    ----------
    order : sequence of Apply
        Nodes, each after those it depends on.
    outputs : sequence of Variable
        What is needed in the end.
    reads : mapping
        What nodes with lazy inputs need before they start; other nodes need their inputs.
    target : Target
        What kernels can do.
    """
    wanted = set(outputs)
    groups: list[Group] = []
    users: dict[Variable, list[Group]] = {}
    for node in reversed(order):
        work = kernel_work(node, target)
        homes = [] if work is None else _homes(node, work, users, wanted)
        if not homes:
            homes = [Group(len(groups), None if work is None else work.pattern)]
            groups.append(homes[0])
        stored = work is not None and _is_stored(node, homes, users, wanted)
        for group in homes:
            group.add(node, work, stored)
        for variable in reads.get(node, node.inputs):
            if variable.owner is not None:
                users.setdefault(variable, []).extend(homes)
    return groups[::-1]


def _homes(
    node: Apply, work: Work, users: dict[Variable, list[Group]], wanted: set[Variable]
) -> list[Group]:
    """Return the existing groups that take a kernel node in: usually one or none."""
    using = users.get(node.outputs[0])
    if not using or work.reduced:
        return []
    first = max(using, key=_number)
    if first.pattern != work.pattern or not first.has_room(node, work):
        return []
    kernels = {group.number: group for group in using}
    if 1 < len(kernels) <= MOST_COPIES and node.outputs[0] not in wanted and _is_cheap(node):
        everywhere = list(kernels.values())
        if all([g.pattern == work.pattern and g.has_room(node, work) for g in everywhere]):
            return everywhere
    return [first]


def _number(group: Group) -> int:
    return group.number


def _is_stored(
    node: Apply, homes: list[Group], users: dict[Variable, list[Group]], wanted: set[Variable]
) -> bool:
    """Tell whether somebody outside of a node's own kernels needs it."""
    output = node.outputs[0]
    return output in wanted or any([group not in homes for group in users.get(output, ())])


def _is_cheap(node: Apply) -> bool:
    """Tell whether computing a node again is cheaper than storing it: an operator on leaves."""
    return (
        isinstance(node.op, Elementwise)
        and "ts_" not in node.op.record.c
        and len(node.inputs) <= 2
        and all([v.owner is None for v in node.inputs])
    )
