"""Walks over expression graphs, all iterative: 100,000 nodes in a row meet no recursion limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorsym.graph.variable import Constant

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from tensorsym.graph.variable import Apply, Variable

__all__ = [
    "ancestors",
    "clone_graph",
    "graph_inputs",
    "replace_in_graph",
    "same_computations",
    "toposort",
]


def toposort(outputs: Iterable[Variable], blockers: Collection[Variable] = ()) -> list[Apply]:
    """Return the nodes that `outputs` need, each after the nodes it depends on.

    Parameters
    ----------
    outputs : iterable of Variable
        What is wanted.
    blockers : collection of Variable
        Variables taken as given: the walk stops there.

    Notes
    -----
    Linear in nodes and edges. The order is that of a depth-first walk from the first output, hence
    deterministic.
    """
    order: list[Apply] = []
    done: set[Apply] = set()
    blocked = blockers if isinstance(blockers, set | frozenset | dict) else set(blockers)
    stack: list[tuple[Apply, int]] = []
    for output in outputs:
        if output.owner is None or output in blocked or output.owner in done:
            continue
        stack.append((output.owner, 0))
        while stack:
            node, position = stack.pop()
            if node in done:
                continue
            inputs = node.inputs
            while position < len(inputs):
                variable = inputs[position]
                position += 1
                owner = variable.owner
                if owner is not None and owner not in done and variable not in blocked:
                    stack.append((node, position))
                    stack.append((owner, 0))
                    break
            else:
                done.add(node)
                order.append(node)
    return order


def ancestors(variables: Iterable[Variable], blockers: Collection[Variable] = ()) -> list[Variable]:
    """Return the variables that `variables` depend on, themselves included, nearest first."""
    blocked = set(blockers)
    seen: dict[Variable, None] = {}
    stack = list(variables)[::-1]
    while stack:
        variable = stack.pop()
        if variable in seen:
            continue
        seen[variable] = None
        if variable.owner is not None and variable not in blocked:
            stack.extend(reversed(variable.owner.inputs))
    return list(seen)


def graph_inputs(
    variables: Iterable[Variable], blockers: Collection[Variable] = ()
) -> list[Variable]:
    """Return the leaves (no owner, constants included) that `variables` depend on."""
    blocked = set(blockers)
    return [v for v in ancestors(variables, blockers) if v.owner is None or v in blocked]


def clone_graph(
    outputs: Sequence[Variable],
    replace: Mapping[Variable, Variable] | None = None,
    *,
    copy_constants: bool = False,
    inputs: Sequence[Variable] = (),
) -> tuple[list[Variable], dict[Variable, Variable]]:
    """Return copies of `outputs` on new nodes, and the map from every old variable to its copy.

    Parameters
    ----------
    outputs : sequence of Variable
        What to copy.
    replace : mapping, optional
        Variables put in place of others; they are not copied themselves.
    copy_constants : bool
        Whether constants are copied too (they are shared otherwise, like all leaves not in
        `inputs`).
    inputs : sequence of Variable
        Leaves to be copied.
    """
    memo: dict[Variable, Variable] = dict(replace or {})
    for variable in inputs:
        if variable not in memo:
            memo[variable] = variable.clone()
    for node in toposort(outputs, memo):
        twins = [memo[v] if v in memo else _copy_leaf(v, memo, copy_constants) for v in node.inputs]
        twin = node.with_inputs(twins, strict=False)
        for old, new in zip(node.outputs, twin.outputs, strict=True):
            memo.setdefault(old, new)
    return [memo[v] if v in memo else _copy_leaf(v, memo, copy_constants) for v in outputs], memo


def _copy_leaf(
    variable: Variable, memo: dict[Variable, Variable], copy_constants: bool
) -> Variable:
    leaf = variable.clone() if copy_constants and isinstance(variable, Constant) else variable
    memo[variable] = leaf
    return leaf


def replace_in_graph(
    outputs: Sequence[Variable], replace: Mapping[Variable, Variable], *, strict: bool = True
) -> list[Variable]:
    """Return `outputs` with variables replaced; nodes that depend on none of them are shared.

    Parameters
    ----------
    outputs : sequence of Variable
        Expressions to rebuild.
    replace : mapping
        What to put in place of what; values are used as they are.
    strict : bool
        Whether a replacement must have the type of what it replaces.
    """
    memo: dict[Variable, Variable] = dict(replace)
    if strict:
        memo = {old: old.type.filter_variable(new) for old, new in replace.items()}
    for node in toposort(outputs, memo):
        twins = [memo.get(v, v) for v in node.inputs]
        if any(new is not old for new, old in zip(twins, node.inputs, strict=True)):
            twin = node.with_inputs(twins, strict=False)
            for old, new in zip(node.outputs, twin.outputs, strict=True):
                memo.setdefault(old, new)
    return [memo.get(v, v) for v in outputs]


def same_computations(
    left: Sequence[Variable],
    right: Sequence[Variable],
    givens: Mapping[Variable, Variable] | None = None,
) -> bool:
    """Tell whether two lists of expressions apply equal ops to the same leaves.

    Parameters
    ----------
    left, right : sequence of Variable
        Expressions compared pair by pair.
    givens : mapping, optional
        Pairs of leaves (left to right) that count as the same.
    """
    equal: dict[Variable, Variable] = dict(givens or {})
    if len(left) != len(right):
        return False
    stack = list(zip(left, right, strict=True))
    while stack:
        a, b = stack.pop()
        if equal.get(a, a) is b:
            continue
        if not _alike(a, b) or (a in equal and equal[a] is not b):
            return False
        equal[a] = b
        if a.owner is not None and b.owner is not None:
            stack.extend(zip(a.owner.inputs, b.owner.inputs, strict=True))
    return True


def _alike(a: Variable, b: Variable) -> bool:
    if isinstance(a, Constant) and isinstance(b, Constant):
        return bool(a.signature() == b.signature())
    if a.owner is None or b.owner is None or a.index != b.index or a.type != b.type:
        return False
    return a.owner.op == b.owner.op and len(a.owner.inputs) == len(b.owner.inputs)


def follow(variable: Variable, step: Callable[[Apply], Variable | None]) -> Variable:
    """Return the end of the chain from `variable` on, while `step(owner)` gives a variable."""
    while variable.owner is not None:
        following = step(variable.owner)
        if following is None:
            break
        variable = following
    return variable
