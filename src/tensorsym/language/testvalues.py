"""Test values: what expressions are worth on examples, computed while they are built.

With `config.compute_test_value` at 'raise', 'warn' or 'ignore', each node that the user builds is
run by its op's reference on the test values of its inputs (`x.tag.test_value`, the value of a
shared variable or constant), so that an operand of a wrong shape fails in the line that uses it.

Nodes that rewrites, gradients and loops build by themselves are run only when something the user
builds needs them.
"""

from __future__ import annotations

import contextlib
import warnings
from typing import TYPE_CHECKING, Any

from tensorsym.config import config
from tensorsym.errors import TestTypeError, TestValueError
from tensorsym.graph.blame import blame
from tensorsym.graph.evaluate import undamaged
from tensorsym.graph.op import evaluate, node_hooks
from tensorsym.graph.origin import is_inherited
from tensorsym.graph.variable import Constant, Variable
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.variable import Apply

__all__ = [
    "complete_test_values",
    "debug_assert",
    "debug_error_message",
    "get_debug_values",
    "get_test_value",
    "lend_test_values",
]

LATER = "computed_when_needed"


def compute_test_values(node: Apply) -> None:
    """Give the outputs of a new node their test values, as `config.compute_test_value` says."""
    policy = config.compute_test_value
    if policy == "off":
        return
    if is_inherited():
        setattr(node.tag, LATER, True)
        return
    arrays = []
    for index, variable in enumerate(node.inputs):
        try:
            arrays.append(get_test_value(variable))
        except AttributeError as error:
            _missing(policy, node, index, error)
            return
    _run(node, arrays)


node_hooks.append(compute_test_values)


def get_test_value(variable: Any) -> Any:
    """Return the test value of a variable, the value of a constant, or an array itself.

    Raises
    ------
    AttributeError
        If there is none.
    TypeError
        If it does not fit the variable's type.

    Examples
    --------
    >>> import numpy as np
    >>> import tensorsym
    >>> import tensorsym.tensor as T
    >>> from tensorsym.gof.op import get_test_value
    >>> x = T.dvector("x")
    >>> x.tag.test_value = np.ones(3)
    >>> with tensorsym.config.scope(compute_test_value="raise"):
    ...     total = (2 * x).sum()
    >>> float(get_test_value(total))
    6.0
    """
    if not isinstance(variable, Variable):
        variable = as_tensor_variable(variable)
    _make_up_for(variable)
    return _stored(variable)


def _stored(variable: Variable) -> Any:
    if isinstance(variable, Constant):
        return variable.data
    if hasattr(variable, "get_value"):
        return variable.get_value(borrow=True)
    if not hasattr(variable.tag, "test_value"):
        raise TestValueError(
            f"{variable} has no test value",
            hint=f"set {variable}.tag.test_value to an example",
            origin=variable.origin,
        )
    try:
        return variable.type.filter(variable.tag.test_value)
    except (TypeError, ValueError) as error:
        raise TestTypeError(
            f"the test value of {variable} has not the requested type",
            got=str(error).splitlines()[0],
            expected=f"{variable.type}",
            origin=variable.origin,
        ) from error


def _make_up_for(variable: Variable) -> None:
    """Run the nodes a variable depends on that were passed over when they were built."""
    stack = [variable]
    while stack:
        node = stack[-1].owner
        if node is None or not hasattr(node.tag, LATER):
            stack.pop()
            continue
        waiting = [v for v in node.inputs if v.owner and hasattr(v.owner.tag, LATER)]
        if waiting:
            stack.extend(waiting)
            continue
        arrays = [_stored(v) for v in node.inputs]
        delattr(node.tag, LATER)
        _run(node, arrays)


def _run(node: Apply, arrays: Sequence[Any]) -> None:
    given = undamaged(node, list(arrays))
    try:
        values = evaluate(node, given)
    except Exception as error:
        blame(error, node, given)
        raise
    for output, value in zip(node.outputs, values, strict=True):
        setattr(output.tag, "test_value", value)  # noqa: B010 - tags are free


def _missing(policy: str, node: Apply, index: int, error: AttributeError) -> None:
    """Follow the setting about an input without test value."""
    text = (
        f"Cannot compute test value: input {index} ({node.inputs[index]}) of Op {node} "
        "missing default value"
    )
    if policy == "raise":
        raise TestValueError(
            text, hint="set its tag.test_value to an example", origin=node.origin
        ) from error
    if policy == "warn":
        warnings.warn(f"Warning, {text}", stacklevel=4)
    elif policy == "pdb":
        breakpoint()


def lend_test_values(inner: Sequence[Variable], given: Sequence[Variable]) -> None:
    """Give the variables of a loop's first step the test values of what they stand for."""
    for variable, value in zip(inner, given, strict=True):
        with contextlib.suppress(TestValueError):
            setattr(variable.tag, "test_value", get_test_value(value))  # noqa: B010


def complete_test_values(variables: Sequence[Variable | None]) -> None:
    """Compute the test values of variables that were built by a rule, such as gradients."""
    if config.compute_test_value == "off":
        return
    for variable in variables:
        if variable is not None:
            with contextlib.suppress(TestValueError):
                _make_up_for(variable)


def get_debug_values(*variables: Any) -> list[tuple[Any, ...]]:
    """Return the test values of several variables as a tuple in a list, or an empty list.

    Raises
    ------
    AttributeError
        If one has none and `config.compute_test_value` is 'raise'.
    """
    if config.compute_test_value == "off":
        return []
    values = []
    for index, variable in enumerate(variables):
        try:
            values.append(get_test_value(variable))
        except AttributeError as error:
            text = f"Argument {index + 1}('{variable}') has no test value"
            if config.compute_test_value == "raise":
                raise TestValueError(text) from error
            if config.compute_test_value == "warn":
                warnings.warn(text, stacklevel=2)
            return []
    return [tuple(values)]


def debug_error_message(message: str) -> None:
    """Raise or warn about something that test values brought to light.

    Raises
    ------
    ValueError
        Unless `config.compute_test_value` is 'warn'.
    """
    if config.compute_test_value == "warn":
        warnings.warn(message, stacklevel=2)
        return
    raise ValueError(message)


def debug_assert(condition: Any, message: str = "") -> None:
    """Raise AssertionError, or warn, if a condition on test values does not hold."""
    if condition:
        return
    if config.compute_test_value == "warn":
        warnings.warn(message, stacklevel=2)
    elif config.compute_test_value not in ("off", "ignore"):
        raise AssertionError(message)
