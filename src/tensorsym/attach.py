"""The methods of variables that need a higher room than their class, attached in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.graph.variable import Variable
from tensorsym.runtime.function import function

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["attach_methods"]

# Functions compiled by `eval` are kept with the variable they compute, for the next call with the
# same inputs.
CACHE = "_eval_functions"


def evaluate(self: Variable, inputs_to_values: Mapping[Variable, Any] | None = None) -> Any:
    """Return the value of this expression.

    Parameters
    ----------
    inputs_to_values : dict of Variable to array_like, optional
        Values of the symbols the expression depends on.

    Returns
    -------
    numpy.ndarray
        The value. The compiled function is kept for the next call.

    Raises
    ------
    UnusedInputError
        If the expression does not depend on a symbol that is given a value.
    MissingInputError
        If a symbol has no value.
    """
    values = dict(inputs_to_values or {})
    for key in values:
        if not isinstance(key, Variable):
            raise TypeError(f"eval takes a dict of variables, got the key {key!r}")
    inputs = tuple(values)
    cache = self.__dict__.setdefault(CACHE, {})
    if inputs not in cache:
        cache[inputs] = function(list(inputs), self)
    return cache[inputs](*values.values())


METHODS = {Variable: {"eval": evaluate}}


def attach_methods() -> None:
    """Give the classes their methods."""
    for cls, methods in METHODS.items():
        for name, method in methods.items():
            setattr(cls, name, method)
