"""Theano's names of graphs and of walks over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.graph.variable import Apply, Constant, Variable
from tensorsym.graph.walk import ancestors, clone_graph, graph_inputs, same_computations, toposort

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

__all__ = [
    "Apply",
    "Constant",
    "Variable",
    "ancestors",
    "clone",
    "clone_get_equiv",
    "inputs",
    "io_toposort",
    "is_same_graph",
    "list_of_nodes",
    "ops",
    "orphans",
    "variables",
]

inputs = graph_inputs


def clone(
    i: Sequence[Variable], o: Sequence[Variable], copy_inputs: bool = True
) -> tuple[list[Variable], list[Variable]]:
    """Return copies of inputs and outputs."""
    outputs, memo = clone_graph(o, inputs=i if copy_inputs else ())
    return [memo.get(v, v) for v in i], outputs


def clone_get_equiv(
    inputs: Sequence[Variable], outputs: Sequence[Variable], copy_inputs: bool = True
) -> dict[Variable, Variable]:
    """Return the copy of each variable between inputs and outputs."""
    return clone_graph(outputs, inputs=inputs if copy_inputs else ())[1]


def io_toposort(inputs: Collection[Variable], outputs: Sequence[Variable]) -> list[Apply]:
    """Return the nodes between inputs and outputs, each after those it depends on."""
    return toposort(outputs, inputs)


def list_of_nodes(inputs: Collection[Variable], outputs: Sequence[Variable]) -> list[Apply]:
    """Return the nodes between inputs and outputs."""
    return toposort(outputs, inputs)


def ops(i: Collection[Variable], o: Sequence[Variable]) -> set[Apply]:
    """Return the set of nodes between inputs and outputs."""
    return set(toposort(o, i))


def variables(i: Collection[Variable], o: Sequence[Variable]) -> set[Variable]:
    """Return the set of variables between inputs and outputs, both included."""
    nodes = toposort(o, i)
    return {*i, *o, *[v for node in nodes for v in (*node.inputs, *node.outputs)]}


def orphans(i: Collection[Variable], o: Sequence[Variable]) -> set[Variable]:
    """Return what the outputs depend on that has no owner and is no input."""
    given = set(i)
    return {v for v in variables(i, o) if v.owner is None and v not in given}


def is_same_graph(var1: Variable, var2: Variable, givens: Mapping[Any, Any] | None = None) -> bool:
    """Tell whether two variables are the same computation of the same inputs."""
    return same_computations([var1], [var2], givens)
