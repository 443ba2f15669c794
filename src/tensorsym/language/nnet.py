"""Activations: elementwise records, and short compositions of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorsym.language.arithmetic import cast, clip, eq, switch
from tensorsym.language.dtypes import to_float, to_real_float, upcast
from tensorsym.language.elementwise import elementwise
from tensorsym.language.functions import expm1
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.variable import as_tensor_variable, constant

__all__ = ["relu"]

# Klambauer et al., Self-Normalizing Neural Networks (2017), arXiv:1706.02515, equation 14.
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def _logistic(x: Any) -> Any:
    """Return 1/(1 + exp(-x)) without overflow: the exponential is taken of -|x|."""
    if x.dtype.kind == "c":
        return 1 / (1 + np.exp(-x))
    small = np.exp(-np.abs(x))
    return np.where(x < 0, small, 1).astype(x.dtype) / (1 + small)


def _log_1_plus_exp(x: Any) -> Any:
    if x.dtype.kind == "c":
        return np.log1p(np.exp(x))
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _piecewise_logistic(x: Any) -> Any:
    """Return Theano's approximation: a hyperbola to |x| = 3.4, a line to 6, then a constant."""
    half = np.abs(x) / 2
    # The line and the constant are fitted to the logistic function; at most 0.008 off.
    line = 0.935409070603099 + 0.0458812946797165 * (half - 1.7)
    outer = np.where(half < 3, line, 0.99505475368673)
    upper = np.where(half < 1.7, 1.5 * half / (1 + half), outer)
    return (0.5 * (np.copysign(np.where(np.isnan(x), x, upper), x) + 1)).astype(x.dtype)


sigmoid = elementwise(
    "sigmoid", numpy=_logistic, c="ts_sigmoid(x)", rule=to_float, traits="monotone",
    partials=(lambda x, out: out * (1 - out),), points=(-745.0, 745.0),
    doc="Logistic function, 1 / (1 + exp(-x)); does not overflow.",
)  # fmt: skip
softplus = elementwise(
    "softplus", numpy=_log_1_plus_exp, c="ts_softplus(x)", rule=to_float, traits="monotone",
    partials=(lambda x, out: sigmoid(x),), points=(-745.0, 745.0), aliases=("log1pexp",),
    doc="log(1 + exp(x)), a smooth maximum of 0 and x; neither overflows nor loses small values.",
)  # fmt: skip
ultra_fast_sigmoid = elementwise(
    "ultra_fast_sigmoid", numpy=_piecewise_logistic, c="", rule=to_real_float,
    traits="monotone surrogate_gradient", partials=(lambda x, out: out * (1 - out),),
    doc="Sigmoid approximated in pieces by a hyperbola, a line and a constant; error below 0.008. "
    "Its gradient is that of a sigmoid of the same value.",
)  # fmt: skip
softsign = elementwise(
    "softsign", numpy=lambda x: x / (1 + np.abs(x)), c="x / (1 + ts_abs(x))", rule=to_float,
    traits="odd monotone",
    partials=(lambda x, out: 1 / FUNCTIONS["sqr"](1 + FUNCTIONS["abs_"](x)),),
    doc="x / (1 + |x|), between -1 and 1.",
)  # fmt: skip
positive_part = elementwise(
    "positive_part", numpy=lambda x: np.maximum(x, 0), c="ts_max(x, 0)", rule=to_real_float,
    traits="idempotent monotone", domain=((0.2, 3.0),),
    partials=(lambda x, out: switch(eq(x, 0), constant(0.5, dtype=out.type.dtype), x > 0),),
    doc="Larger of x and 0. The gradient at 0 is one half, as of (x + |x|)/2 (Theano's relu).",
)  # fmt: skip


@public("relu")
def relu(x: Any, alpha: Any = 0) -> Any:
    """Return x where it is positive, alpha * x elsewhere (rectified linear unit).

    Parameters
    ----------
    x : tensor
        A real tensor; integers become floats.
    alpha : float or tensor
        Slope for negative x; broadcasts against x.

    Returns
    -------
    TensorVariable
        Of the broadcast shape; float16 becomes float32 unless floatX is float16, as in Theano.

    Notes
    -----
    The gradient at 0 is (1 + alpha) / 2, the mean of both slopes, as in Theano.

    References
    ----------
    Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models (2013).

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.relu(T.fmatrix(), 0.25).dtype
    'float32'
    """
    x = as_tensor_variable(x)
    half = as_tensor_variable(0.5)
    x = cast(x, upcast(to_real_float(x.type.dtype)[1], half.type.dtype))
    if isinstance(alpha, int | float) and alpha == 0:
        return positive_part(x)
    # alpha gets the dtype it would have in (1 + alpha) / 2, the expression Theano builds.
    mean_slope = as_tensor_variable(0.5 * (1 + alpha))
    alpha = cast(as_tensor_variable(alpha), mean_slope.type.dtype)
    return positive_part(x) - alpha * positive_part(-x)


@public("elu")
def elu(x: Any, alpha: Any = 1) -> Any:
    """Return x where it is positive, alpha * (exp(x) - 1) elsewhere (exponential linear unit).

    Parameters
    ----------
    x : tensor
        Any tensor.
    alpha : float or tensor
        Minus the limit at minus infinity.

    Returns
    -------
    TensorVariable
        Of the shape of `x`.

    References
    ----------
    Clevert, Unterthiner and Hochreiter, arXiv:1511.07289.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.elu(T.fvector()).dtype
    'float32'
    """
    x = as_tensor_variable(x)
    # The exponential is taken of what is not positive only: its overflow would poison the gradient.
    below = expm1(switch(x > 0, cast(constant(0), x.type.dtype), x))
    return switch(x > 0, x, alpha * below)


@public("selu")
def selu(x: Any) -> Any:
    """Return the scaled exponential linear unit, which keeps mean 0 and variance 1 through layers.

    Parameters
    ----------
    x : tensor
        Any tensor.

    Returns
    -------
    TensorVariable
        Of float64 unless floatX is smaller: the constants are, as in Theano.

    References
    ----------
    Klambauer, Unterthiner, Mayr and Hochreiter, arXiv:1706.02515.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.selu(T.dvector()).dtype
    'float64'
    """
    return SELU_SCALE * elu(x, SELU_ALPHA)


@public("hard_sigmoid")
def hard_sigmoid(x: Any) -> Any:
    """Return a line of slope 0.2 through (0, 0.5), limited to [0, 1]: a rough sigmoid.

    Parameters
    ----------
    x : tensor
        A real tensor.

    Returns
    -------
    TensorVariable
        Of the shape of `x`, in [0, 1].

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.hard_sigmoid(T.fvector()).dtype
    'float32'
    """
    x = as_tensor_variable(x)
    dtype = to_real_float(x.type.dtype)[1]
    return clip(x * constant(0.2, dtype=dtype) + constant(0.5, dtype=dtype), 0, 1)
