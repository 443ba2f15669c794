"""Which nodes only one branch of a lazy choice needs.

Such nodes go into a plan of their own, which runs if the branch is taken. A node that both branches
need, or somebody outside, runs before the choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply, Constant, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tensorsym.schedule.plan import Plan

__all__ = ["Branches", "Context", "needed_from_outside", "nested_orders", "read_by"]

# A lazy node and the number of a branch; None is the plan around all.
Context = tuple[Apply, int] | None
Branches = dict[tuple[Apply, int], tuple["Plan", tuple[Variable, ...]]]


def nested_orders(
    order: Sequence[Apply], outputs: Sequence[Variable]
) -> Iterator[tuple[Context, list[Apply], list[Variable]]]:
    """Yield the nodes and wanted variables of every context, inner ones first."""
    lazy = {node: paths for node in order if (paths := lazy_paths(node)) is not None}
    if not lazy:
        yield None, list(order), list(outputs)
        return
    tree = _ContextTree()
    place: dict[Apply, int] = {}
    used_in: dict[Variable, int] = dict.fromkeys(outputs, 0)
    for node in reversed(order):
        here = place[node] = tree.meet([used_in[v] for v in node.outputs if v in used_in])
        paths = lazy.get(node)
        inside = {} if paths is None else tree.open(here, node, paths)
        for index, variable in enumerate(node.inputs):
            at = inside.get(index, here)
            used_in[variable] = tree.meet([at, used_in[variable]]) if variable in used_in else at
    nodes: list[list[Apply]] = [[] for _ in tree.contexts]
    for node in order:
        nodes[place[node]].append(node)
    for number in range(len(tree.contexts) - 1, -1, -1):
        context = tree.contexts[number]
        if context is None:
            yield None, nodes[number], list(outputs)
        else:
            node, branch = context
            yield context, nodes[number], [node.inputs[index] for index in lazy[node][branch]]


def lazy_paths(node: Apply) -> list[list[int]] | None:
    """Return the input indices of each branch of a lazy node, else None."""
    if type(node.op).lazy_branches is Op.lazy_branches:
        return None
    return node.op.lazy_branches(node)


class _ContextTree:
    """Contexts by number, each with its parent and depth."""

    def __init__(self) -> None:
        self.contexts: list[Context] = [None]
        self.parent = [0]
        self.depth = [0]

    def open(self, here: int, node: Apply, paths: list[list[int]]) -> dict[int, int]:
        """Make the contexts of a lazy node's branches; return that of each input they use."""
        inside: dict[int, int] = {}
        for branch, indices in enumerate(paths):
            self.contexts.append((node, branch))
            self.parent.append(here)
            self.depth.append(self.depth[here] + 1)
            for index in indices:
                inside[index] = here if index in inside else len(self.contexts) - 1
        return inside

    def meet(self, numbers: Sequence[int]) -> int:
        """Return the innermost context around all of `numbers`."""
        first, *others = numbers
        for other in others:
            while first != other:
                if self.depth[first] >= self.depth[other]:
                    first = self.parent[first]
                else:
                    other = self.parent[other]  # noqa: PLW2901 - walks up
        return first


def needed_from_outside(
    nodes: Sequence[Apply], wanted: Sequence[Variable], branches: Branches
) -> list[Variable]:
    """Return what a branch reads of the plan around it."""
    inside = {output for node in nodes for output in node.outputs}
    reads = read_by(nodes, branches)
    read = [v for node in nodes for v in reads.get(node, node.inputs)] + list(wanted)
    return list(dict.fromkeys(v for v in read if v not in inside and not isinstance(v, Constant)))


def read_by(nodes: Sequence[Apply], branches: Branches) -> dict[Apply, list[Variable]]:
    """Return what lazy nodes read: the condition, and what their branches take from outside."""
    if not branches:
        return {}
    return {
        node: [node.inputs[0]] + [v for k in range(2) for v in branches[node, k][1]]
        for node in nodes
        if (node, 0) in branches
    }
