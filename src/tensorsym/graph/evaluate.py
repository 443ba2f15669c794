"""Evaluation of whole graphs by the ops' references: for tests of gradients and of rules.

Functions that users call run elsewhere; this walk knows no shared updates, no laziness and no
hooks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.errors import MissingInputError
from tensorsym.graph.op import evaluate
from tensorsym.graph.variable import Constant
from tensorsym.graph.walk import toposort

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tensorsym.graph.variable import Apply, Variable

__all__ = ["evaluate_graph", "undamaged"]


def evaluate_graph(
    outputs: Sequence[Variable], given: Mapping[Variable, Any] | None = None
) -> list[Any]:
    """Return the values of `outputs`, each node computed once by its op's `perform`.

    Parameters
    ----------
    outputs : sequence of Variable
        What is wanted.
    given : mapping of Variable to value
        Values of inputs, or of any variables in between; each is filtered by the variable's type.

    Returns
    -------
    list
        One value per output.

    Raises
    ------
    MissingInputError
        If an output needs a leaf that is neither given, constant nor shared.

    Examples
    --------
    >>> from tensorsym.graph.evaluate import evaluate_graph
    >>> from tensorsym.language.functions import exp
    >>> from tensorsym.language.tensortype import TensorType
    >>> x = TensorType("float64", ())("x")
    >>> float(evaluate_graph([exp(x)], {x: 0.0})[0])
    1.0
    """
    values = {v: v.type.filter(value) for v, value in (given or {}).items()}
    for node in toposort(outputs, values):
        arrays = undamaged(node, [_value(v, values, node) for v in node.inputs])
        for output, value in zip(node.outputs, evaluate(node, arrays), strict=True):
            values.setdefault(output, value)
    return [_value(v, values, None) for v in outputs]


def _value(variable: Variable, values: dict[Variable, Any], user: Apply | None) -> Any:
    if variable in values:
        return values[variable]
    if isinstance(variable, Constant):
        return variable.data
    if hasattr(variable, "get_value"):
        return variable.get_value(borrow=True)
    raise MissingInputError(
        f"the value of {variable} is not given",
        expected=f"a value of type {variable.type}",
        origin=() if user is None else user.origin,
    )


def undamaged(node: Apply, arrays: list[Any]) -> list[Any]:
    """Return the arrays with copies of those that the op overwrites."""
    overwritten = {index for indices in node.op.destroy_map.values() for index in indices}
    return [a.copy() if i in overwritten else a for i, a in enumerate(arrays)]
