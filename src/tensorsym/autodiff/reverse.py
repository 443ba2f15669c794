"""Reverse mode: the gradient of a cost, by one walk from the cost to what it depends on."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tensorsym.autodiff.backward import backward
from tensorsym.errors import (
    BindingError,
    DisconnectedInputError,
    DTypeError,
    NullTypeGradError,
    RankError,
)
from tensorsym.graph.type import DisconnectedType, NullType
from tensorsym.graph.variable import Variable
from tensorsym.language.dtypes import is_discrete, is_float
from tensorsym.language.filling import ones_like, zero_gradient
from tensorsym.language.testvalues import complete_test_values

__all__ = ["Lop", "grad", "subgraph_grad"]

Wrt = Variable | Sequence[Variable]
KINDS_OF_DISCONNECTED = {"zero", "None", "Disconnected"}


def grad(
    cost: Variable | None,
    wrt: Wrt,
    consider_constant: Iterable[Variable] | None = None,
    disconnected_inputs: str = "raise",
    add_names: bool = True,
    known_grads: Mapping[Variable, Variable] | None = None,
    return_disconnected: str = "zero",
    null_gradients: str = "raise",
) -> Any:
    """Return the gradient of a cost with respect to one or several variables.

    Parameters
    ----------
    cost : 0-d tensor, or None
        What is differentiated; None if `known_grads` says where the gradient starts.
    wrt : Variable, or list or tuple of Variable
        With respect to what.
    consider_constant : collection of Variable, optional
        Expressions that no gradient passes through.
    disconnected_inputs : {'raise', 'warn', 'ignore'}
        What happens if the cost does not depend on an element of `wrt`.
    add_names : bool
        Whether gradients are named (d<cost>/d<variable>) where both have names.
    known_grads : mapping of Variable to Variable, optional
        Gradients known already, in place of what would be computed for these variables.
    return_disconnected : {'zero', 'None', 'Disconnected'}
        What stands for the gradient of a disconnected variable: zeros, None, or a DisconnectedType
        variable.
    null_gradients : {'raise', 'return'}
        What happens to a gradient that is undefined or not known: an error, or the NullType
        variable.

    Returns
    -------
    Variable, or list or tuple of Variable
        As `wrt` is given. A gradient has the shape of its variable. Its dtype is a float's: that of
        the variable, or of the wider expression the variable is used in; integer variables have
        gradients too, of the same formulas, which are zero through ops that return integers.

    Raises
    ------
    RankError
        If the cost is no scalar.
    BindingError
        If an argument is no variable, or an option unknown.
    DisconnectedInputError
        If the cost does not depend on a variable, and `disconnected_inputs` is 'raise'.
    NullTypeGradError
        If a gradient is undefined, and `null_gradients` is 'raise'.
    OpGradientError
        If an op breaks the protocol of gradients.

    Notes
    -----
    Linear in the number of nodes, without recursion. Complex variables get dL/dRe + i dL/dIm, the
    direction of steepest ascent of a real cost.

    References
    ----------
    A. Griewank and A. Walther, Evaluating Derivatives, SIAM 2008, doi:10.1137/1.9780898717761.
    Theano 1.0.5.

    Examples
    --------
    >>> from tensorsym.autodiff.reverse import grad
    >>> from tensorsym.graph.evaluate import evaluate_graph
    >>> from tensorsym.language.arithmetic import sqr
    >>> from tensorsym.language.tensortype import TensorType
    >>> x = TensorType("float64", ())("x")
    >>> float(evaluate_graph([grad(sqr(x), x)], {x: 3.0})[0])
    6.0
    """
    _check_options(disconnected_inputs, return_disconnected, null_gradients)
    targets = _targets(wrt)
    constants = _constants(consider_constant)
    starts = _starts(cost, known_grads)
    cost_name = cost.name if add_names and cost is not None else None
    gradients = []
    for target, found in zip(targets, backward(starts, targets, constants, cost_name), strict=True):
        gradient: Variable | None = found
        if isinstance(found.type, NullType):
            if null_gradients == "raise":
                _refuse_null(target, found)
        elif isinstance(found.type, DisconnectedType):
            _report_disconnected(target, disconnected_inputs)
            if return_disconnected != "Disconnected":
                zero = return_disconnected == "zero"
                gradient = zero_gradient(target) if zero else None
        gradients.append(gradient)
    complete_test_values(gradients)
    return in_kind(wrt, gradients)


def Lop(
    f: Wrt,
    wrt: Wrt,
    eval_points: Wrt,
    consider_constant: Iterable[Variable] | None = None,
    disconnected_inputs: str = "raise",
) -> Any:
    """Return the vector-Jacobian product: `eval_points` times the Jacobian of `f` by `wrt`.

    Parameters
    ----------
    f : Variable, or sequence of Variable
        What is differentiated, of any shape.
    wrt : Variable, or list or tuple of Variable
        With respect to what.
    eval_points : Variable, or sequence of Variable
        One per element of `f`, of its shape.
    consider_constant : collection of Variable, optional
        Expressions that no gradient passes through.
    disconnected_inputs : {'raise', 'warn', 'ignore'}
        What happens if `f` does not depend on an element of `wrt`.

    Returns
    -------
    Variable, or list or tuple of Variable
        As `wrt` is given.

    Examples
    --------
    >>> from tensorsym.autodiff.reverse import Lop
    >>> from tensorsym.language.arithmetic import sqr
    >>> from tensorsym.language.tensortype import TensorType
    >>> x = TensorType("float64", (False,))("x")
    >>> Lop(sqr(x), x, x).ndim
    1
    """
    outputs, points = as_list(f), as_list(eval_points)
    if len(outputs) != len(points):
        raise ArgumentError(
            "Lop needs an evaluation point for each output",
            got=f"{len(points)} points, {len(outputs)} outputs",
        )
    # A mapping would drop one of two equal outputs: their points add up, as the Jacobian's rows do.
    known: dict[Variable, Any] = {}
    for output, point in zip(outputs, points, strict=True):
        known[output] = known[output] + point if output in known else point
    return grad(
        None, wrt, consider_constant, known_grads=known, disconnected_inputs=disconnected_inputs
    )


def subgraph_grad(
    wrt: Sequence[Variable],
    end: Sequence[Variable],
    start: Mapping[Variable, Variable] | None = None,
    cost: Variable | None = None,
    details: bool = False,
) -> Any:
    """Return the gradients of a part of the graph: from `start` or `cost` down to `end`.

    Parameters
    ----------
    wrt : list of Variable
        Parameters within the part.
    end : list of Variable
        Where the gradient stops; these are held constant, and their gradients are returned to go on
        with.
    start : mapping of Variable to Variable, optional
        Gradients known where the part begins.
    cost : 0-d tensor, optional
        A cost whose gradient is added.
    details : bool
        Whether the gradients from `start` and from `cost` are returned separately too.

    Returns
    -------
    tuple of list
        Gradients of `wrt` and of `end`; with `details` then those from `start` and from `cost`
        (None if not given) for all of them.

    Examples
    --------
    >>> from tensorsym.autodiff.reverse import subgraph_grad
    >>> from tensorsym.language.arithmetic import sqr
    >>> from tensorsym.language.tensortype import TensorType
    >>> x = TensorType("float64", ())("x")
    >>> y = sqr(x)
    >>> gradients, at_end = subgraph_grad(wrt=[y], end=[x], cost=sqr(y))
    >>> len(gradients), len(at_end)
    (1, 1)
    """
    if cost is None and start is None:
        raise ArgumentError("subgraph_grad needs a cost, start gradients, or both")
    if not isinstance(end, list) or not isinstance(wrt, list):
        raise ArgumentError("subgraph_grad takes wrt and end as lists", got=f"{wrt}, {end}")
    variables = list(dict.fromkeys([*wrt, *end]))
    from_start, from_cost = (
        None
        if beginning is None
        else grad(
            of, variables, consider_constant=end, known_grads=known, disconnected_inputs="ignore"
        )
        for beginning, of, known in ((start, None, start), (cost, cost, None))
    )
    parts = [part for part in (from_start, from_cost) if part is not None]
    totals = parts[0] if len(parts) == 1 else [a + b for a, b in zip(*parts, strict=True)]
    by_variable = dict(zip(variables, totals, strict=True))
    found = ([by_variable[v] for v in wrt], [by_variable[v] for v in end])
    return (*found, from_start, from_cost) if details else found


def as_list(variables: Any) -> list[Any]:
    """Return an argument that is one variable or a sequence of them as a list."""
    return list(variables) if isinstance(variables, list | tuple) else [variables]


def in_kind(argument: Any, results: list[Any]) -> Any:
    """Return results as the argument was given: one, a list, or a tuple."""
    if isinstance(argument, list | tuple):
        return tuple(results) if isinstance(argument, tuple) else results
    return results[0]


def _check_options(disconnected_inputs: str, return_disconnected: str, null_gradients: str) -> None:
    for name, value, accepted in (
        ("disconnected_inputs", disconnected_inputs, {"raise", "warn", "ignore"}),
        ("return_disconnected", return_disconnected, KINDS_OF_DISCONNECTED),
        ("null_gradients", null_gradients, {"raise", "return"}),
    ):
        if value not in accepted:
            raise OptionError(f"{name} can not be {value!r}", expected=", ".join(sorted(accepted)))


class ArgumentError(BindingError, AssertionError):
    """Arguments of a derivative do not fit each other; Theano asserts what this class raises."""


class OptionError(ArgumentError, ValueError):
    """An option of a derivative has none of its values."""


def _targets(wrt: Any) -> list[Variable]:
    if isinstance(wrt, set | frozenset):
        raise BindingError(
            "wrt is a set, which has no order",
            hint="give a list; the gradients come in its order",
        )
    targets = as_list(wrt)
    for target in targets:
        if not isinstance(target, Variable):
            raise BindingError(
                "wrt holds something that is no variable",
                got=f"{target!r} of type {type(target).__name__}",
            )
    return targets


def _constants(consider_constant: Any) -> list[Variable]:
    if consider_constant is None:
        return []
    if isinstance(consider_constant, Variable) or not isinstance(consider_constant, Iterable):
        raise BindingError(
            "consider_constant is a collection of variables", got=repr(consider_constant)
        )
    constants = list(consider_constant)
    for constant in constants:
        if not isinstance(constant, Variable):
            raise BindingError(
                "consider_constant holds something that is no variable",
                got=f"{constant!r} of type {type(constant).__name__}",
            )
    return constants


def _starts(cost: Any, known_grads: Mapping[Variable, Variable] | None) -> dict[Variable, Variable]:
    """Return where the walk begins: variables and their gradients."""
    starts: dict[Variable, Variable] = {}
    if cost is None and known_grads is None:
        raise ArgumentError("cost and known_grads are both None: there is nothing to differentiate")
    if not isinstance(known_grads, Mapping | None):
        raise BindingError("known_grads is no mapping", got=type(known_grads).__name__)
    if cost is not None:
        _check_cost(cost)
        known = (known_grads or {}).get(cost)
        starts[cost] = known if known is not None else _seed(cost)
    for variable, gradient in (known_grads or {}).items():
        _check_known(variable, gradient)
        starts.setdefault(variable, gradient)
    return starts


def _check_cost(cost: Any) -> None:
    if not isinstance(cost, Variable):
        raise BindingError("the cost is no variable", got=f"{cost!r} of {type(cost).__name__}")
    if isinstance(cost.type, NullType):
        raise NullTypeGradError(f"the cost is undefined: {cost.type.why_null}", origin=cost.origin)
    if getattr(cost.type, "ndim", None) != 0:
        raise RankError(
            "the cost must be a scalar",
            got=f"{cost} of type {cost.type}",
            expected="a tensor of 0 dimensions",
            origin=cost.origin,
            hint="reduce it first, cost.sum() or cost.mean(); or use jacobian, or Lop",
        )


def _seed(cost: Any) -> Variable:
    dtype = cost.type.dtype
    if not is_float(dtype) and not is_discrete(dtype):
        raise DTypeError(
            "the cost must be real",
            got=f"{cost} of {dtype}",
            origin=cost.origin,
            hint="differentiate its real or imaginary part, or its modulus",
        )
    seed: Variable = ones_like(cost, dtype=None if is_float(dtype) else "floatX")
    return seed


def _check_known(variable: Any, gradient: Any) -> None:
    if not isinstance(variable, Variable) or not isinstance(gradient, Variable):
        raise BindingError(
            "known_grads maps variables to variables",
            got=f"{type(variable).__name__} to {type(gradient).__name__}",
            hint="turn an array into a variable with T.constant or T.as_tensor_variable",
        )
    if isinstance(gradient.type, NullType | DisconnectedType):
        return
    if is_discrete(getattr(gradient.type, "dtype", "")):
        raise DTypeError(
            f"the known gradient of {variable} is an integer",
            got=f"{gradient} of type {gradient.type}",
            expected="a float; gradients are floats even for integer variables",
        )


def _refuse_null(target: Variable, gradient: Variable) -> None:
    assert isinstance(gradient.type, NullType)
    raise NullTypeGradError(
        f"the gradient with respect to {target} is undefined: {gradient.type.why_null}",
        origin=target.origin,
        hint="cut it off with disconnected_grad, or ask for null_gradients='return'",
    )


def _report_disconnected(target: Variable, disconnected_inputs: str) -> None:
    if disconnected_inputs == "ignore":
        return
    what = f"the cost does not depend on {target}, or only through ops without a derivative"
    if disconnected_inputs == "warn":
        warnings.warn(what, UserWarning, stacklevel=3)
        return
    raise DisconnectedInputError(
        what,
        got=f"{target} of type {target.type}",
        origin=target.origin,
        hint="leave it out of wrt, or ask for disconnected_inputs='ignore' to get zeros",
    )
