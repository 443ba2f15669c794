"""Bilinear upsampling: linear interpolation along rows and columns, each one matrix product.

Element y of the result lies at (y * q - (p - 1) // 2) / p of the image for a ratio p / q, and the
image's border is continued: what Theano computes by a transposed convolution with a pyramid.
"""

from __future__ import annotations

import math
from typing import Any

from tensorsym.config import config
from tensorsym.errors import ShapeError
from tensorsym.language.arithmetic import cast, clip
from tensorsym.language.creation import arange
from tensorsym.language.dimshuffle import dimshuffle
from tensorsym.language.dtypes import upcast
from tensorsym.language.products import dot
from tensorsym.language.shape import ShapeOf
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.variable import as_tensor_variable

__all__ = [
    "bilinear_kernel_1D",
    "bilinear_kernel_2D",
    "bilinear_upsampling",
    "frac_bilinear_upsampling",
]


@public("bilinear_kernel_1D")
def bilinear_kernel_1D(ratio: Any, normalize: bool = True) -> Any:
    """Return the weights 1, 2, ..., ratio, ..., 2, 1 of linear interpolation.

    Parameters
    ----------
    ratio : int or scalar of integers
        Elements per element of what is interpolated.
    normalize : bool
        Whether weights are divided by `ratio`, so that the largest is 1.

    Returns
    -------
    TensorVariable
        A vector of floatX, of length 2 * ratio - 1.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.bilinear_kernel_1D(2, normalize=False).eval()
    array([1., 2., 1.])
    """
    dtype = config.floatX
    places = cast(arange(1, 2 * ratio), dtype)
    kernel = FUNCTIONS["minimum"](places, cast(as_tensor_variable(2 * ratio), dtype) - places)
    return kernel / cast(as_tensor_variable(ratio), dtype) if normalize else kernel


@public("bilinear_kernel_2D")
def bilinear_kernel_2D(ratio: Any, normalize: bool = True) -> Any:
    """Return the weights of bilinear interpolation: the product of those along both axes.

    Parameters
    ----------
    ratio : int or scalar, or pair
        Elements per element of what is interpolated, of rows and columns.
    normalize : bool
        Whether the largest weight is 1.

    Returns
    -------
    TensorVariable
        A matrix of floatX.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.bilinear_kernel_2D((1, 2)).eval()
    array([[0.5, 1. , 0.5]])
    """
    rows, columns = ratio if isinstance(ratio, tuple) else (ratio, ratio)
    down, along = (bilinear_kernel_1D(n, normalize) for n in (rows, columns))
    return dimshuffle(down, 0, "x") * dimshuffle(along, "x", 0)


def _interpolated(x: Any, ratio: Any, step: Any) -> Any:
    """Return `x` interpolated along its last axis."""
    dtype = upcast(x.type.dtype, config.floatX)
    length = ShapeOf(x.type.ndim - 1)(x)
    places = arange((length * ratio - 1) // step + 1) * step - (ratio - 1) // 2
    at = cast(places, dtype) / cast(as_tensor_variable(ratio), dtype)
    at = clip(at, cast(as_tensor_variable(0), dtype), cast(length - 1, dtype))
    distances = dimshuffle(cast(arange(length), dtype), 0, "x") - dimshuffle(at, "x", 0)
    weights = FUNCTIONS["maximum"](1 - FUNCTIONS["abs_"](distances), 0)
    return dot(x, cast(weights, dtype))


def _upsampled(x: Any, ratios: tuple[Any, Any], steps: tuple[Any, Any]) -> Any:
    """Return images with both axes interpolated."""
    x = as_tensor_variable(x)
    if x.type.ndim != 4:
        raise ShapeError("upsampling takes (batch, channels, rows, columns)", got=str(x.type))
    wide = _interpolated(x, ratios[1], steps[1])
    return dimshuffle(_interpolated(dimshuffle(wide, 0, 1, 3, 2), ratios[0], steps[0]), 0, 1, 3, 2)


@public("frac_bilinear_upsampling")
def frac_bilinear_upsampling(input: Any, frac_ratio: Any) -> Any:
    """Return images enlarged by a fraction, by bilinear interpolation.

    Parameters
    ----------
    input : tensor4
        (batch, channels, rows, columns).
    frac_ratio : pair of int, or pair of pairs
        Numerator and denominator, for both axes or for each.

    Returns
    -------
    TensorVariable
        (batch, channels, rows, columns), of floatX or the dtype of `input` if that is wider.

    Raises
    ------
    ValueError
        If `frac_ratio` is no tuple.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.frac_bilinear_upsampling(T.tensor4(), (3, 2)).ndim
    4
    """
    if not isinstance(frac_ratio, tuple):
        raise ShapeError("frac_ratio must be a tuple", got=repr(frac_ratio))
    pairs = frac_ratio if isinstance(frac_ratio[0], tuple) else (frac_ratio, frac_ratio)
    reduced = [(p // math.gcd(p, q), q // math.gcd(p, q)) for p, q in pairs]
    (p_rows, q_rows), (p_columns, q_columns) = reduced
    return _upsampled(input, (p_rows, p_columns), (q_rows, q_columns))


@public("bilinear_upsampling")
def bilinear_upsampling(
    input: Any,
    ratio: Any = None,
    frac_ratio: Any = None,
    batch_size: int | None = None,
    num_input_channels: int | None = None,
    use_1D_kernel: bool = True,
) -> Any:
    """Return images enlarged by bilinear interpolation.

    Parameters
    ----------
    input : tensor4
        (batch, channels, rows, columns).
    ratio : int or scalar of integers, optional
        How many times larger the result is.
    frac_ratio : pair of int, or pair of pairs, optional
        The same as a fraction.
    batch_size, num_input_channels : int, optional
        Kept for Theano programs.
    use_1D_kernel : bool
        Kept for Theano programs; must be False with `frac_ratio`, as in Theano.

    Returns
    -------
    TensorVariable
        (batch, channels, rows, columns), of floatX or the dtype of `input` if that is wider.

    Raises
    ------
    ValueError
        If neither or both ratios are given.

    Examples
    --------
    >>> import numpy as np
    >>> import tensorsym.tensor as T
    >>> T.bilinear_upsampling(np.array([[[[0.0, 2.0]]]]), ratio=2).eval()[0, 0, 0]
    array([0., 1., 2., 2.])
    """
    if (ratio is None) == (frac_ratio is None):
        raise ShapeError("one of ratio and frac_ratio is needed", got=f"{ratio}, {frac_ratio}")
    if frac_ratio is not None:
        if use_1D_kernel:
            raise ShapeError("with frac_ratio, say use_1D_kernel=False")
        return frac_bilinear_upsampling(input, frac_ratio)
    return _upsampled(input, (ratio, ratio), (1, 1))
