"""Variance, norms, and the logarithm of a sum of exponentials."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.language.arithmetic import abs_, cast, eq, sqr, switch, true_div
from tensorsym.language.dtypes import to_real_float
from tensorsym.language.functions import exp, log, sqrt
from tensorsym.language.reduction import (
    REDUCTIONS,
    ReductionRecord,
    normalize_axes,
    reduce_with,
    restore_axes,
)
from tensorsym.language.shape import ShapeOf
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.totals import mean
from tensorsym.language.variable import as_tensor_variable, constant

if TYPE_CHECKING:
    from tensorsym.language.reduction import (
        Axis,
    )

__all__ = ["logsumexp", "std", "var", "vector_norm"]


@public("var", numpy=("var",))
def var(
    input: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False
) -> Any:
    """Return the variance over the given axes, by two passes.

    Parameters
    ----------
    input : tensor
        Any tensor.
    axis : int or sequence of int, optional
        Dimensions averaged over; all if not given.
    ddof : int
        Subtracted from the count that divides: 0 for the maximum likelihood estimate, 1 for the
        unbiased one.
    keepdims : bool
        Whether the reduced dimensions stay, with length 1 and broadcastable.
    corrected : bool
        Whether the rounding of the mean is corrected for (Chan, Golub and LeVeque, Algorithms for
        computing the sample variance, 1983).

    Returns
    -------
    TensorVariable
        A tensor of floats without the dimensions `axis`, unless `keepdims`.

    Notes
    -----
    With several axes and `ddof` the sum is divided by all (length - ddof), as in Theano.
    The variance of complex numbers is the mean of (x - mean)**2, not of its modulus, as in Theano.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.var(T.fmatrix(), axis=0, ddof=1).ndim
    1
    """
    if isinstance(ddof, bool):
        raise ValueError("ddof is a number; keepdims is the fourth argument of var")
    x = as_tensor_variable(input)
    centered = x - mean(x, axis, keepdims=True)
    variance = _average(sqr(centered), x, axis, ddof, keepdims)
    if corrected and ddof == 0:
        variance = variance - sqr(mean(centered, axis, keepdims=keepdims))
    elif corrected:
        error = sqr(reduce_with("sum", centered, axis, keepdims=keepdims))
        for d in _dimensions(x, axis):
            length = ShapeOf(d)(x)
            error = true_div(error, length * (length - ddof))
        variance = variance - error
    return variance


def _dimensions(x: Any, axis: Axis) -> tuple[int, ...]:
    axes = normalize_axes(axis, x.type.ndim)
    return tuple(range(x.type.ndim)) if axes is None else axes


def _average(squares: Any, x: Any, axis: Axis, ddof: int, keepdims: bool) -> Any:
    if ddof == 0:
        return mean(squares, axis, keepdims=keepdims)
    total = reduce_with("sum", squares, axis, keepdims=keepdims)
    for d in _dimensions(x, axis):
        total = true_div(total, ShapeOf(d)(x) - ddof)
    return total


@public("std", numpy=("std",))
def std(
    input: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False
) -> Any:
    """Return the standard deviation over the given axes, the root of `var`.

    Parameters
    ----------
    input : tensor
        Any tensor.
    axis : int or sequence of int, optional
        Dimensions averaged over; all if not given.
    ddof, keepdims, corrected
        As for `var`.

    Returns
    -------
    TensorVariable
        A tensor of floats without the dimensions `axis`, unless `keepdims`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.std(T.vector()).ndim
    0
    """
    return sqrt(var(input, axis, ddof=ddof, keepdims=keepdims, corrected=corrected))


@public("vector_norm")
def vector_norm(x: Any, L: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return sum(|x|**L)**(1/L) over the given axes.

    Parameters
    ----------
    x : tensor
        Any tensor.
    L : float
        Which norm. For infinity the largest modulus, for minus infinity the smallest, for 0 the
        number of elements that are not 0.
    axis : int or sequence of int, optional
        Dimensions reduced; all if not given.
    keepdims : bool
        Whether the reduced dimensions stay, with length 1 and broadcastable.

    Returns
    -------
    TensorVariable
        A tensor without the dimensions `axis`, unless `keepdims`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.matrix().norm(2, axis=1).ndim
    1
    """
    x = as_tensor_variable(x)
    if L == 0:
        return reduce_with("sum", FUNCTIONS["neq"](x, 0), axis, keepdims=keepdims)
    if math.isinf(L):
        return reduce_with("max" if L > 0 else "min", abs_(x), axis, keepdims=keepdims)
    power = FUNCTIONS["pow"]
    return power(reduce_with("sum", power(abs_(x), L), axis, keepdims=keepdims), 1.0 / L)


def _log_sum_exp(x: Any, axis: tuple[int, ...]) -> Any:
    """Return log(sum(exp(x))), shifted by the largest element where that is finite."""
    largest = x.max(axis=axis, keepdims=True, initial=-np.inf)
    shift = np.where(np.isfinite(largest), largest, 0).astype(x.dtype)
    total = np.exp(x - shift).sum(axis=axis)
    return np.log(total) + shift.reshape(total.shape)


def _shifted_log_sum(x: Any, axes: tuple[int, ...]) -> Any:
    """Return the same of variables; what the maximum of no elements is does not matter."""
    largest = reduce_with("max", x, axes)
    infinity = constant(np.inf, dtype=largest.type.dtype)
    shift = switch(abs_(largest) < infinity, largest, 0)
    total = reduce_with("sum", exp(x - restore_axes(shift, axes, x.type.ndim)), axes)
    return log(total) + shift


def _share(x: Any, out: Any) -> Any:
    """Return each element's share of the sum of exponentials; 0 where the sum is 0."""
    nothing = eq(out, -np.inf)
    return switch(nothing, 0, exp(x - switch(nothing, 0, out)))


REDUCTIONS.add(
    "logsumexp",
    ReductionRecord(
        "logsumexp", _log_sum_exp, "ts_logaddexp(x, y)", -math.inf, False, False,
        lambda x, out, g: g * _share(x, out), lambda x, t, out: t * _share(x, out),
        "Logarithm of the sum of exponentials.", _shifted_log_sum,
    ),
)  # fmt: skip


@public("logsumexp")
def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return log(sum(exp(x))) over the given axes; neither overflows nor loses small terms.

    Parameters
    ----------
    x : tensor
        A real tensor; integers become floats.
    axis : int or sequence of int, optional
        Dimensions reduced; all if not given.
    keepdims : bool
        Whether the reduced dimensions stay, with length 1 and broadcastable.

    Returns
    -------
    TensorVariable
        Of no elements it is minus infinity.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.logsumexp(T.matrix(), axis=1).ndim
    1
    """
    x = as_tensor_variable(x)
    x = cast(x, to_real_float(x.type.dtype)[1])
    return reduce_with("logsumexp", x, axis, keepdims=keepdims)
