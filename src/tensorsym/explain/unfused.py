"""What the schedule did not fuse, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tensorsym.graph.text import type_text
from tensorsym.graph.walk import follow
from tensorsym.language.elementwise import Elementwise
from tensorsym.language.reduction import Reduction
from tensorsym.printing.notation import formula
from tensorsym.schedule.branches import read_by
from tensorsym.schedule.fusion import (
    MOST_OPERANDS,
    MOST_STEPS,
    fuse,
    kernel_work,
)
from tensorsym.schedule.target import CPU

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tensorsym.graph.functiongraph import FunctionGraph
    from tensorsym.graph.variable import Apply, Variable
    from tensorsym.schedule.fusion import (
        Group,
        Work,
    )

__all__ = ["Unfused", "unfused"]


@dataclass(frozen=True, slots=True)
class Unfused:
    """A value that goes through memory.

    Attributes
    ----------
    what : str
        The expression, or the op.
    user : str
        The op that reads it from there; empty where the node itself is in no kernel.
    why : str
        The reason, in one sentence.
    """

    what: str
    user: str
    why: str

    def __str__(self) -> str:
        return (
            f"{self.what} -> {self.user}: {self.why}" if self.user else f"{self.what}: {self.why}"
        )


def unfused(function_graph: FunctionGraph) -> tuple[Unfused, ...]:
    """Return what is computed outside kernels, and where one kernel ends and another begins.

    Parameters
    ----------
    function_graph : FunctionGraph
        What is scheduled.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.explain.unfused import unfused
    >>> from tensorsym.graph.functiongraph import FunctionGraph
    >>> x = T.dvector("x")
    >>> for border in unfused(FunctionGraph([x], [T.exp(x - T.exp(x).sum())])):
    ...     print(border)
    DimShuffle{x}: a view, which moves no data
    sum(exp(x)) -> sub: sum needs all elements before the first result
    """
    order = function_graph.toposort()
    groups = fuse(order, function_graph.outputs, read_by(order, {}))
    homes: dict[Apply, list[Group]] = {}
    for group in groups:
        for node in group.nodes:
            homes.setdefault(node, []).append(group)
    found: dict[Unfused, None] = {}
    for node in order:
        work = kernel_work(node)
        if work is None:
            found[Unfused(str(node.op), "", reason_for_no_kernel(node))] = None
            continue
        found.update(dict.fromkeys(_borders(node, work, homes)))
    return tuple(found)


def reason_for_no_kernel(node: Apply) -> str:
    """Return why no kernel computes a node."""
    op = node.op
    if not isinstance(op, Elementwise | Reduction):
        if op.view_map:
            return "a view, which moves no data"
        return "neither elementwise nor a reduction: an instruction of its own"
    for variable in (*node.inputs, *node.outputs):
        dtype = getattr(variable.type, "dtype", None)
        if dtype not in CPU.kernel_dtypes:
            return f"kernels do not compute in {dtype}"
    if isinstance(op, Elementwise) and not op.record.c:
        return "its record has no scalar text, so NumPy computes it"
    return "it is computed in a dtype that kernels do not have"


def _borders(node: Apply, work: Work, homes: dict[Apply, list[Group]]) -> Iterator[Unfused]:
    """Yield the operands that a node's kernels read from memory although a kernel computed them."""
    for operand in node.inputs:
        variable = follow(operand, _seen_through)
        maker = variable.owner
        if maker is None:
            continue
        made_by = kernel_work(maker)
        if made_by is None or set(map(id, homes[maker])) & set(map(id, homes[node])):
            continue
        why = _reason_for_border(maker, made_by, work, homes[node])
        yield Unfused(formula(variable).splitlines()[-1], _short(node), why)


def _seen_through(node: Apply) -> Variable | None:
    """Return what a node is a view of, if it is one."""
    return node.inputs[0] if node.op.view_map and kernel_work(node) is None else None


def _reason_for_border(maker: Apply, made_by: Work, work: Work, users: Sequence[Group]) -> str:
    if made_by.reduced:
        return f"{_short(maker)} needs all elements before the first result"
    if made_by.pattern != work.pattern:
        return (
            f"computed over {type_text(maker.outputs[0].type)}, used over another iteration space"
        )
    if all(not group.has_room(maker, made_by) for group in users):
        return f"the kernel is full: {MOST_STEPS} steps or {MOST_OPERANDS} operands"
    return "another kernel needs it earlier, and stores it for both"


def _short(node: Apply) -> str:
    name = getattr(node.op, "name", None)
    return name if isinstance(name, str) else str(node.op)
