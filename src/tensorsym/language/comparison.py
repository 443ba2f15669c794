"""Closeness, and the largest and smallest of several tensors."""

from __future__ import annotations

from typing import Any

from tensorsym.language.arithmetic import abs_, cast, eq, isinf, isnan, switch
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.variable import as_tensor_variable

__all__ = ["allclose", "iround", "isclose", "largest", "smallest"]


@public("isclose", numpy=("isclose",))
def isclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    """Return where two tensors are equal within a tolerance.

    Parameters
    ----------
    a, b : tensor
        The operands; equal infinities are close.
    rtol, atol : float or scalar
        `a` and `b` are close where `abs(a - b) <= atol + rtol * abs(b)`.
    equal_nan : bool
        Whether two NaNs are close.

    Returns
    -------
    TensorVariable
        Of bool.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.isclose(T.vector(), T.vector()).dtype
    'bool'
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    if a.type.dtype == b.type.dtype == "bool":
        return eq(a, b)
    within = FUNCTIONS["le"](abs_(a - b), atol + rtol * abs_(b))
    if is_discrete(a.type.dtype) and is_discrete(b.type.dtype):
        return within
    close = switch(FUNCTIONS["or_"](_infinite(a), _infinite(b)), eq(a, b), within)
    if equal_nan and not (is_discrete(a.type.dtype) or is_discrete(b.type.dtype)):
        return FUNCTIONS["or_"](close, FUNCTIONS["and_"](isnan(a), isnan(b)))
    return close


def _infinite(x: Any) -> Any:
    """Return where `x` is infinite; an integer never is."""
    return FUNCTIONS["neq"](x, x) if is_discrete(x.type.dtype) else isinf(x)


@public("allclose", numpy=("allclose",))
def allclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    """Return whether two tensors are equal within a tolerance everywhere.

    Parameters
    ----------
    a, b : tensor
        The operands.
    rtol, atol : float or scalar
        `a` and `b` are close where `abs(a - b) <= atol + rtol * abs(b)`.
    equal_nan : bool
        Whether two NaNs are close.

    Returns
    -------
    TensorVariable
        A scalar of bool.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.allclose(T.vector(), T.vector()).ndim
    0
    """
    return FUNCTIONS["all"](isclose(a, b, rtol, atol, equal_nan))


@public("iround")
def iround(a: Any, mode: str | None = None) -> Any:
    """Return a tensor rounded to integers, as int64.

    Parameters
    ----------
    a : tensor
        A real tensor.
    mode : {'half_to_even', 'half_away_from_zero'}
        Where halves go; to the even neighbour if not given.

    Returns
    -------
    TensorVariable
        Of dtype int64 and the shape of `a`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.iround(T.vector()).dtype
    'int64'
    """
    return cast(FUNCTIONS["round"](a, mode), "int64")


@public("smallest")
def smallest(*args: Any) -> Any:
    """Return the elementwise smallest of several tensors.

    Parameters
    ----------
    *args : tensor
        One or more tensors.

    Returns
    -------
    TensorVariable
        Of the shape of the operands broadcast together.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.smallest(T.vector(), T.vector(), T.vector()).ndim
    1
    """
    return _extreme("smallest", "lt", "min", args)


@public("largest")
def largest(*args: Any) -> Any:
    """Return the elementwise largest of several tensors.

    Parameters
    ----------
    *args : tensor
        One or more tensors.

    Returns
    -------
    TensorVariable
        Of the shape of the operands broadcast together.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.largest(T.vector(), T.vector(), T.vector()).ndim
    1
    """
    return _extreme("largest", "gt", "max", args)


def _extreme(name: str, comparison: str, reduction: str, args: tuple[Any, ...]) -> Any:
    if not args:
        raise TypeError(f"{name} takes at least one tensor")
    if len(args) == 2:
        a, b = (as_tensor_variable(arg) for arg in args)
        return switch(FUNCTIONS[comparison](a, b), a, b)
    return FUNCTIONS[reduction](FUNCTIONS["stack"](list(args)), axis=0)
