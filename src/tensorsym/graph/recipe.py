"""Pickling and deep copies of graphs without recursion.

A variable with an owner reduces to (a flat recipe of its graph, a node number, an output index).
The recipe lists nodes in topological order; an input is a pair (node number, output index), or a
variable that pickles by itself.
"""

from __future__ import annotations

import copy
import weakref
from typing import TYPE_CHECKING, Any

from tensorsym.graph import variable as nodes
from tensorsym.graph.variable import Apply, Constant, Variable
from tensorsym.graph.walk import toposort

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

LeafParts = tuple[type[Variable], Any, Any, str | None, dict[str, Any], Any]


class GraphRecipe:
    """The flat form of a graph: one row (op, inputs, outputs, origin, attributes) per node."""

    def __init__(self, order: list[Apply]) -> None:
        self.numbers = {node: number for number, node in enumerate(order)}
        self.built: list[Apply] = order

    def __getstate__(self) -> list[Any]:
        rows = []
        for node in self.built:
            inputs = [
                (self.numbers[v.owner], v.index) if v.owner in self.numbers else v
                for v in node.inputs
            ]
            rows.append(
                (
                    node.op,
                    inputs,
                    [_leaf_parts(v) for v in node.outputs],
                    node.origin,
                    node.__dict__,
                )
            )
        return rows

    def __setstate__(self, rows: list[Any]) -> None:
        self.built = []
        for op, inputs, outputs, origin, attributes in rows:
            resolved = [self.built[i[0]].outputs[i[1]] if type(i) is tuple else i for i in inputs]
            node = Apply(op, resolved, [_build_leaf(*parts) for parts in outputs])
            node.origin = origin
            node.__dict__.update(attributes)
            self.built.append(node)
        self.numbers = {node: number for number, node in enumerate(self.built)}


# While a pickler is at work its memo keeps the recipes it has met alive; variables of one graph
# find theirs here, so that a graph pickled through several of its variables stays one graph.
_recipes: weakref.WeakValueDictionary[Apply, GraphRecipe] = weakref.WeakValueDictionary()


def _reduce_variable(variable: Variable) -> tuple[Callable[..., Variable], tuple[Any, ...]]:
    if variable.owner is None:
        return _build_leaf, _leaf_parts(variable)
    recipe = _recipes.get(variable.owner)
    if recipe is None:
        recipe = GraphRecipe([node for node in toposort([variable]) if node not in _recipes])
        for node in recipe.built:
            _recipes[node] = recipe
    return _build_output, (recipe, recipe.numbers[variable.owner], variable.index)


def _build_output(recipe: GraphRecipe, number: int, index: int) -> Variable:
    return recipe.built[number].outputs[index]


def _leaf_parts(variable: Variable) -> LeafParts:
    data = variable.data if isinstance(variable, Constant) else None
    return type(variable), variable.type, data, variable.name, variable.__dict__, variable._tag


def _build_leaf(
    cls: type[Variable],
    type_: Any,
    data: Any,
    name: str | None,
    attributes: dict[str, Any],
    tag: Any,
) -> Variable:
    leaf = cls.__new__(cls)
    leaf.type, leaf.owner, leaf.index, leaf.name, leaf._tag = type_, None, None, name, tag
    if isinstance(leaf, Constant):
        leaf.data, leaf._signature = data, None
    leaf.__dict__.update(attributes)
    return leaf


def _deepcopy_variable(variable: Variable, memo: dict[int, Any]) -> Variable:
    for node in toposort([variable]):
        if id(node) in memo:
            continue
        # Inputs with an owner are in the memo; others copy themselves, as shared variables do.
        inputs = [copy.deepcopy(v, memo) for v in node.inputs]
        outputs = [_deepcopy_leaf(v, memo) for v in node.outputs]
        twin = Apply(copy.deepcopy(node.op, memo), inputs, outputs)
        twin.origin = node.origin
        twin.__dict__.update(copy.deepcopy(node.__dict__, memo))
        memo[id(node)] = twin
    return memo[id(variable)] if id(variable) in memo else _deepcopy_leaf(variable, memo)


def _deepcopy_leaf(variable: Variable, memo: dict[int, Any]) -> Variable:
    cls, *rest = _leaf_parts(variable)
    leaf = _build_leaf(cls, *copy.deepcopy(rest, memo))
    memo[id(variable)] = leaf
    return leaf


nodes._pickling[:] = [_reduce_variable, _deepcopy_variable]
