"""Sums, products, extremes and truth over axes, and the mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.config import config
from tensorsym.language.arithmetic import cast
from tensorsym.language.dtypes import DISCRETE, is_discrete
from tensorsym.language.reduction import normalize_axes, reduce_with
from tensorsym.language.shape import ShapeOf
from tensorsym.language.table import public
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.language.reduction import Axis

__all__ = ["all_if_empty"]


@public("sum", numpy=("sum",))
def sum(
    input: Any, axis: Axis = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None
) -> Any:
    """Return the sum of elements over the given axes.

    Parameters
    ----------
    input : tensor
        Any tensor.
    axis : int or sequence of int, optional
        Dimensions summed over; all if not given.
    dtype : str, optional
        dtype of the result; integers default to int64 or uint64.
    keepdims : bool
        Whether the summed dimensions stay, with length 1 and broadcastable.
    acc_dtype : str, optional
        dtype to accumulate in; float16 accumulates in float32.

    Returns
    -------
    TensorVariable
        Empty sums are 0.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.sum(T.matrix(), axis=0).ndim
    1
    """
    return reduce_with("sum", input, axis, keepdims=keepdims, dtype=dtype, acc_dtype=acc_dtype)


@public("prod", numpy=("prod",))
def prod(
    input: Any,
    axis: Axis = None,
    dtype: Any = None,
    keepdims: bool = False,
    acc_dtype: Any = None,
    no_zeros_in_input: bool = False,
) -> Any:
    """Return the product of elements over the given axes.

    Parameters
    ----------
    input : tensor
        Any tensor.
    axis : int or sequence of int, optional
        Dimensions multiplied over; all if not given.
    dtype : str, optional
        dtype of the result; integers default to int64 or uint64.
    keepdims : bool
        Whether the reduced dimensions stay, with length 1 and broadcastable.
    acc_dtype : str, optional
        dtype to accumulate in; float16 accumulates in float32.
    no_zeros_in_input : bool
        Promises that no element is 0: the gradient is then simpler.

    Returns
    -------
    TensorVariable
        A tensor without the dimensions `axis`, unless `keepdims`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.prod(T.imatrix(), axis=1).dtype
    'int64'
    """
    name = "prod_of_nonzeros" if no_zeros_in_input else "prod"
    return reduce_with(name, input, axis, keepdims=keepdims, dtype=dtype, acc_dtype=acc_dtype)


@public("max", numpy=("max", "amax"))
def max_(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return the largest element over the given axes; NaN if there is one.

    Parameters
    ----------
    x : tensor
        A real tensor.
    axis : int or sequence of int, optional
        Dimensions reduced; all if not given or empty.
    keepdims : bool
        Whether the reduced dimensions stay, with length 1 and broadcastable.

    Returns
    -------
    TensorVariable
        A tensor without the dimensions `axis`, unless `keepdims`; the dtype of `x`.

    Raises
    ------
    ComplexError
        If the elements are complex.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.max(T.matrix(), axis=0).ndim
    1
    """
    return reduce_with("max", x, all_if_empty(axis), keepdims=keepdims)


@public("min", numpy=("min", "amin"))
def min_(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return the smallest element over the given axes; NaN if there is one.

    Parameters
    ----------
    x : tensor
        A real tensor.
    axis : int or sequence of int, optional
        Dimensions reduced; all if not given or empty.
    keepdims : bool
        Whether the reduced dimensions stay, with length 1 and broadcastable.

    Returns
    -------
    TensorVariable
        A tensor without the dimensions `axis`, unless `keepdims`; the dtype of `x`.

    Raises
    ------
    ComplexError
        If the elements are complex.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.min(T.matrix(), keepdims=True).broadcastable
    (True, True)
    """
    return reduce_with("min", x, all_if_empty(axis), keepdims=keepdims)


def all_if_empty(axis: Any) -> Any:
    """Return None for an empty list: Theano's max and argmax reduce all then, its sum none."""
    return None if isinstance(axis, list | tuple) and not axis else axis


@public("all", numpy=("all",))
def all_(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return whether all elements over the given axes are true (not 0).

    Parameters
    ----------
    x : tensor
        Any tensor.
    axis : int or sequence of int, optional
        Dimensions reduced; all if not given.
    keepdims : bool
        Whether the reduced dimensions stay, with length 1 and broadcastable.

    Returns
    -------
    TensorVariable
        A tensor of bool without the dimensions `axis`, unless `keepdims`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.all(T.vector()).dtype
    'bool'
    """
    return reduce_with("all", x, axis, keepdims=keepdims)


@public("any", numpy=("any",))
def any_(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return whether any element over the given axes is true (not 0).

    Parameters
    ----------
    x : tensor
        Any tensor.
    axis : int or sequence of int, optional
        Dimensions reduced; all if not given.
    keepdims : bool
        Whether the reduced dimensions stay, with length 1 and broadcastable.

    Returns
    -------
    TensorVariable
        A tensor of bool without the dimensions `axis`, unless `keepdims`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.any(T.vector()).dtype
    'bool'
    """
    return reduce_with("any", x, axis, keepdims=keepdims)


@public("mean", numpy=("mean",))
def mean(
    input: Any,
    axis: Axis = None,
    dtype: Any = None,
    op: bool = False,
    keepdims: bool = False,
    acc_dtype: Any = None,
) -> Any:
    """Return the arithmetic mean over the given axes.

    Parameters
    ----------
    input : tensor
        Any tensor; integers are averaged in float64.
    axis : int or sequence of int, optional
        Dimensions averaged over; all if not given.
    dtype : str, optional
        dtype of the sum that is divided.
    op : bool
        Kept for Theano programs.
    keepdims : bool
        Whether the averaged dimensions stay, with length 1 and broadcastable.
    acc_dtype : str, optional
        dtype to accumulate in.

    Returns
    -------
    TensorVariable
        A tensor without the dimensions `axis`, unless `keepdims`; floats unless complex.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.mean(T.ivector()).dtype
    'float64'
    """
    x = as_tensor_variable(input)
    # A sum of float16 may overflow where the mean does not: it is divided before it is rounded.
    wider = {"float16": "float32"} | dict.fromkeys(DISCRETE, "float64")
    sum_dtype = wider.get(x.type.dtype) if dtype is None else dtype
    total = reduce_with("sum", x, axis, keepdims=keepdims, dtype=sum_dtype, acc_dtype=acc_dtype)
    axes = normalize_axes(axis, x.type.ndim)
    count: Any = as_tensor_variable(np.int64(1))
    for dimension in range(x.type.ndim) if axes is None else axes:
        count = count * ShapeOf(dimension)(x)
    divided = config.floatX if is_discrete(total.type.dtype) else total.type.dtype
    mean_ = total / cast(count, "float32" if divided == "float16" else divided)
    is_half = divided == "float16" or (dtype is None and x.type.dtype == "float16")
    return cast(mean_, "float16") if is_half and mean_.type.dtype != "float16" else mean_
