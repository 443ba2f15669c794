"""Batch normalization: with given statistics, with a batch's own, and with running ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tensorsym.config import config
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.variable import as_tensor_variable

__all__ = ["batch_normalization", "batch_normalization_test", "batch_normalization_train"]

# Theano's bound: what cuDNN accepts.
SMALLEST_EPSILON = 1e-5


def batch_normalization(
    inputs: Any, gamma: Any, beta: Any, mean: Any, std: Any, mode: str = "low_mem"
) -> Any:
    """Return a batch normalized by a given mean and standard deviation, scaled and shifted.

    Parameters
    ----------
    inputs : tensor
        The batch.
    gamma, beta : tensor
        Scale and shift, broadcast against the batch.
    mean, std : tensor
        The statistics, broadcast likewise.
    mode : {'low_mem', 'high_mem'}
        Kept for Theano programs: here both are one loop over the elements.

    Returns
    -------
    TensorVariable
        (inputs - mean) * (gamma / std) + beta.

    Raises
    ------
    ValueError
        If there is no such mode.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> x = T.constant([1.0, 3.0])
    >>> T.nnet.bn.batch_normalization(x, 1.0, 0.0, 2.0, 1.0).eval()
    array([-1.,  1.])
    """
    if mode not in ("low_mem", "high_mem"):
        raise ValueError(f"mode must be 'low_mem' or 'high_mem', got {mode!r}")
    inputs, gamma, beta, mean, std = map(as_tensor_variable, (inputs, gamma, beta, mean, std))
    return (inputs - mean) * (gamma / std) + beta


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
    """Return a batch normalized by its own statistics, and these.

    Parameters
    ----------
    inputs : tensor
        The batch.
    gamma, beta : tensor
        Scale and shift: of the batch's rank, with length 1 in `axes`, or without these dimensions.
    axes : {'per-activation', 'spatial'} or tuple of int
        Dimensions normalized over: the first, all but the second, or those given.
    epsilon : float
        Added to the variance, at least 1e-5.
    running_average_factor : float or scalar
        Weight of this batch in the running statistics.
    running_mean, running_var : tensor, optional
        Running statistics, of the form of `gamma`.

    Returns
    -------
    tuple of TensorVariable
        The normalized batch, its mean, 1 / sqrt(variance + epsilon); and the new running mean and
        variance if old ones were given.

    Raises
    ------
    ValueError
        If axes, ranks or epsilon do not fit.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> x = T.constant([[1.0], [3.0]])
    >>> out, mean, invstd = T.nnet.bn.batch_normalization_train(x, [1.0], [0.0])
    >>> mean.eval()
    array([2.])
    """
    inputs = as_tensor_variable(inputs)
    form = _Form(inputs, axes, epsilon)
    if (running_mean is None) != (running_var is None):
        raise ValueError("running_mean and running_var are given both or not at all")
    gamma, beta = form.widened(gamma, beta)
    mean = inputs.mean(form.axes, keepdims=True)
    var = inputs.var(form.axes, keepdims=True)
    invstd = FUNCTIONS["inv"](FUNCTIONS["sqrt"](var + form.epsilon))
    out = (inputs - mean) * (gamma * invstd) + beta
    if running_mean is None:
        return (out, *form.narrowed(mean, invstd))
    running_mean, running_var = form.widened(running_mean, running_var)
    count = FUNCTIONS["cast"](inputs.size / mean.size, inputs.type.dtype)
    kept = 1 - as_tensor_variable(running_average_factor)
    new_mean = running_mean * kept + mean * running_average_factor
    new_var = running_var * kept + (count / (count - 1)) * var * running_average_factor
    patterned = (
        FUNCTIONS["patternbroadcast"](new, old.type.broadcastable)
        for new, old in ((new_mean, running_mean), (new_var, running_var))
    )
    return (out, *form.narrowed(mean, invstd, *patterned))


def batch_normalization_test(
    inputs: Any,
    gamma: Any,
    beta: Any,
    mean: Any,
    var: Any,
    axes: Any = "per-activation",
    epsilon: float = 1e-4,
) -> Any:
    """Return a batch normalized by a given mean and variance, scaled and shifted.

    Parameters
    ----------
    inputs : tensor
        The batch.
    gamma, beta, mean, var : tensor
        Scale, shift and statistics: of the batch's rank, with length 1 in `axes`, or without these
        dimensions.
    axes : {'per-activation', 'spatial'} or tuple of int
        Dimensions normalized over.
    epsilon : float
        Added to the variance, at least 1e-5.

    Returns
    -------
    TensorVariable
        (inputs - mean) * gamma / sqrt(var + epsilon) + beta.

    Raises
    ------
    ValueError
        If axes, ranks or epsilon do not fit.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> x = T.constant([[1.0], [3.0]])
    >>> T.nnet.bn.batch_normalization_test(x, [1.0], [0.0], [1.0], [4.0]).eval().round(3)
    array([[0.],
           [1.]])
    """
    inputs = as_tensor_variable(inputs)
    form = _Form(inputs, axes, epsilon)
    gamma, beta, mean, var = form.widened(gamma, beta, mean, var)
    invstd = FUNCTIONS["inv"](FUNCTIONS["sqrt"](var + form.epsilon))
    return (inputs - mean) * (gamma * invstd) + beta


class _Form:
    """Which dimensions are normalized, and how parameters stand to them."""

    def __init__(self, inputs: Any, axes: Any, epsilon: float) -> None:
        self.ndim = inputs.type.ndim
        self.axes = _normalized_axes(axes, self.ndim)
        self.kept = [axis for axis in range(self.ndim) if axis not in self.axes]
        self.epsilon = np.asarray(epsilon, dtype=config.floatX)
        self.narrow = False
        # Compared in the dtype that is used: 1e-5 is less in float32.
        if self.epsilon < SMALLEST_EPSILON and float(epsilon) < SMALLEST_EPSILON:
            raise ValueError(f"epsilon must be at least {SMALLEST_EPSILON}, got {epsilon}")

    def widened(self, *parameters: Any) -> list[Any]:
        """Return parameters as tensors of the batch's rank."""
        variables = [as_tensor_variable(p) for p in parameters]
        ranks = {v.type.ndim for v in variables}
        if len(ranks) != 1 or not ranks <= {self.ndim, len(self.kept)}:
            raise ValueError(
                f"parameters have the batch's rank, {self.ndim}, or that of the dimensions that "
                f"are not normalized, {len(self.kept)}; got {sorted(ranks)}"
            )
        if ranks == {self.ndim}:
            return [FUNCTIONS["addbroadcast"](v, *self.axes) for v in variables]
        self.narrow = True
        places = iter(range(len(self.kept)))
        order = ["x" if axis in self.axes else next(places) for axis in range(self.ndim)]
        return [v.dimshuffle(order) for v in variables]

    def narrowed(self, *statistics: Any) -> list[Any]:
        """Return statistics in the form in which parameters were given."""
        return [v.dimshuffle(self.kept) for v in statistics] if self.narrow else list(statistics)


def _normalized_axes(axes: Any, ndim: int) -> tuple[int, ...]:
    if isinstance(axes, str):
        names = {"per-activation": (0,), "spatial": (0, *range(2, ndim))}
        if axes not in names:
            raise ValueError(f"axes are {', '.join(names)} or a tuple of int, got {axes!r}")
        return names[axes]
    if not isinstance(axes, Iterable):
        raise ValueError(f"axes are names or a tuple of int, got {axes!r}")
    found = tuple(sorted(int(axis) for axis in axes))
    if not found:
        raise ValueError("there must be at least one axis to normalize over")
    if found[0] < 0 or found[-1] >= ndim:
        raise ValueError(f"axes {found} are out of range for a batch of {ndim} dimensions")
    return found
