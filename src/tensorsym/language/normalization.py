"""Batch normalization: what a layer gives, shifted and scaled to the mean and variance wanted."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.config import config
from tensorsym.errors import RangeError, ShapeError
from tensorsym.language.arithmetic import cast
from tensorsym.language.dimshuffle import dimshuffle
from tensorsym.language.dtypes import upcast
from tensorsym.language.shape import ShapeOf
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.variable import as_tensor_variable, constant

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["batch_normalization", "batch_normalization_test", "batch_normalization_train"]

# cuDNN's bound, which Theano holds programs to.
SMALLEST_EPSILON = 1e-5


@public("batch_normalization")
def batch_normalization(
    inputs: Any, gamma: Any, beta: Any, mean: Any, std: Any, mode: str = "low_mem"
) -> Any:
    """Return (inputs - mean) / std * gamma + beta.

    Parameters
    ----------
    inputs : tensor
        What a layer gives.
    gamma, beta, mean, std : tensor
        Scale, shift, mean and standard deviation; they broadcast against `inputs`.
    mode : {'low_mem', 'high_mem'}
        The order of the operations, which Theano's memory depends on; 'high_mem' divides gamma by
        std first.

    Returns
    -------
    TensorVariable
        Of the shape of `inputs`.

    Raises
    ------
    ValueError
        For another mode.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> x, row = T.fmatrix(), T.frow()
    >>> T.batch_normalization(x, row, row, row, row).dtype
    'float32'
    """
    if mode == "low_mem":
        return (inputs - mean) / std * gamma + beta
    if mode == "high_mem":
        return (inputs - mean) * (gamma / std) + beta
    raise ShapeError('mode must be either "low_mem" or "high_mem"', got=repr(mode))


def _axes(axes: Any, ndim: int) -> tuple[int, ...]:
    """Return the axes over which means are taken."""
    if isinstance(axes, str):
        named = {"per-activation": (0,), "spatial": (0, *range(2, ndim))}
        if axes not in named:
            raise ShapeError("invalid axes", got=repr(axes), expected=" or ".join(named))
        axes = named[axes]
    if not isinstance(axes, tuple | list | np.ndarray):
        raise ShapeError("invalid axes", got=repr(axes))
    found = tuple(sorted([int(a) for a in axes]))
    if not found or found[0] < 0 or found[-1] >= ndim:
        raise ShapeError(
            f"axes should be at least one, and less than ndim (<{ndim})", got=str(axes)
        )
    return found


def _checked_epsilon(epsilon: float, dtype: str) -> Any:
    # In floatX: numpy.float32(1e-5) is below 1e-5.
    rounded = np.dtype(config.floatX).type(epsilon)
    if rounded < SMALLEST_EPSILON:
        raise RangeError(f"epsilon must be at least {SMALLEST_EPSILON}", got=str(rounded))
    return constant(rounded.astype(dtype))


def _aligned(parameters: Sequence[Any], axes: tuple[int, ...], ndim: int) -> tuple[list[Any], bool]:
    """Return parameters with the layer's rank; and whether they had none of `axes`."""
    kept = [axis for axis in range(ndim) if axis not in axes]
    rank = ndim if parameters[0].type.ndim == ndim else len(kept)
    if any(v.type.ndim != rank for v in parameters):
        raise ShapeError(
            "parameters of a normalization have one rank: that of the inputs, or one less for each "
            "axis normalized over",
            got=", ".join(str(v.type) for v in parameters),
        )
    if rank == ndim:
        return [FUNCTIONS["addbroadcast"](v, *axes) for v in parameters], False
    pattern: list[Any] = ["x"] * ndim
    for place, axis in enumerate(kept):
        pattern[axis] = place
    return [dimshuffle(v, *pattern) for v in parameters], True


@public("batch_normalization_train")
def batch_normalization_train(
    inputs: Any,
    gamma: Any,
    beta: Any,
    axes: Any = "per-activation",
    epsilon: float = 1e-4,
    running_average_factor: Any = 0.1,
    running_mean: Any = None,
    running_var: Any = None,
) -> tuple[Any, ...]:
    """Return inputs normalized by their own mean and variance, and the statistics.

    Parameters
    ----------
    inputs : tensor
        What a layer gives.
    gamma, beta : tensor
        Scale and shift; of the shape of `inputs` with length 1 along `axes`, or without these axes.
    axes : {'per-activation', 'spatial'} or sequence of int
        Axes over which means are taken: the first; all but the second; or those given.
    epsilon : float
        Added to the variance; at least 1e-5.
    running_average_factor : float
        Weight of this batch in the running averages.
    running_mean, running_var : tensor, optional
        Running averages so far; both or none.

    Returns
    -------
    tuple of TensorVariable
        The normalized inputs, means, inverse standard deviations, and if they were given the new
        running averages (the variance without bias).

    Raises
    ------
    ValueError
        For axes, ranks or an epsilon that do not fit.

    References
    ----------
    Ioffe and Szegedy, Batch Normalization, arXiv:1502.03167.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> out, mean, invstd = T.batch_normalization_train(T.matrix(), T.vector(), T.vector())
    >>> out.ndim, mean.ndim
    (2, 1)
    """
    inputs, gamma, beta = (as_tensor_variable(v) for v in (inputs, gamma, beta))
    if (running_mean is None) != (running_var is None):
        raise ShapeError("running_mean and running_var must either both be given or both be None")
    ndim = inputs.type.ndim
    axes = _axes(axes, ndim)
    running = [] if running_mean is None else [running_mean, running_var]
    parameters = [gamma, beta, *map(as_tensor_variable, running)]
    (gamma, beta, *running), dropped = _aligned(parameters, axes, ndim)
    dtype = functools.reduce(upcast, [v.type.dtype for v in (inputs, *parameters)])
    mean_of = FUNCTIONS["mean"]
    wide = cast(inputs, dtype)
    mean = mean_of(wide, axis=axes, keepdims=True)
    centered = wide - mean
    variance = mean_of(FUNCTIONS["sqr"](centered), axis=axes, keepdims=True)
    invstd = FUNCTIONS["inv"](FUNCTIONS["sqrt"](variance + _checked_epsilon(epsilon, dtype)))
    results = [mean, invstd]
    if running:
        factor = cast(as_tensor_variable(running_average_factor), dtype)
        lengths = [cast(ShapeOf(axis)(inputs), dtype) for axis in axes]
        count = functools.reduce(lambda a, b: a * b, lengths)
        unbiased = variance * (count / (count - 1))
        for old, new in zip(running, (mean, unbiased), strict=True):
            average = old * (1 - factor) + new * factor
            results.append(FUNCTIONS["patternbroadcast"](average, old.type.broadcastable))
    if dropped:
        kept = [axis for axis in range(ndim) if axis not in axes]
        results = [dimshuffle(v, *kept) for v in results]
    return (centered * (gamma * invstd) + beta, *results)


@public("batch_normalization_test")
def batch_normalization_test(
    inputs: Any,
    gamma: Any,
    beta: Any,
    mean: Any,
    var: Any,
    axes: Any = "per-activation",
    epsilon: float = 1e-4,
) -> Any:
    """Return inputs normalized by given means and variances.

    Parameters
    ----------
    inputs : tensor
        What a layer gives.
    gamma, beta, mean, var : tensor
        Scale, shift, means and variances, in one of the forms `batch_normalization_train` takes.
    axes, epsilon
        As for `batch_normalization_train`.

    Returns
    -------
    TensorVariable
        Of the shape of `inputs`.

    Raises
    ------
    ValueError
        For axes, ranks or an epsilon that do not fit.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> v = T.vector()
    >>> T.batch_normalization_test(T.matrix(), v, v, v, v).ndim
    2
    """
    inputs, *parameters = (as_tensor_variable(v) for v in (inputs, gamma, beta, mean, var))
    ndim = inputs.type.ndim
    (gamma, beta, mean, var), _ = _aligned(parameters, _axes(axes, ndim), ndim)
    dtype = functools.reduce(upcast, [v.type.dtype for v in (inputs, *parameters)])
    std = FUNCTIONS["sqrt"](var + _checked_epsilon(epsilon, dtype))
    return (inputs - mean) * (gamma / std) + beta
