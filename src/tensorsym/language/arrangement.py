"""Arrangements of a tensor's dimensions: padded, squeezed, flattened, swapped, broadcast."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorsym.errors import AxisError, RankError
from tensorsym.language.dimshuffle import DimShuffle, dimshuffle, transpose
from tensorsym.language.filling import alloc
from tensorsym.language.rebroadcast import addbroadcast
from tensorsym.language.reshape import known_length, lengths_of, reshape
from tensorsym.language.shape import ShapeOf
from tensorsym.language.table import public
from tensorsym.language.variable import as_tensor_variable

__all__ = ["flatten", "shape_padaxis", "shape_padleft", "shape_padright", "squeeze", "swapaxes"]


def axis_within(axis: Any, ndim: int) -> int:
    """Return an axis counted from the front, or raise AxisError."""
    if not -ndim <= int(axis) < ndim:
        raise AxisError(
            f"axis {axis} is out of range",
            got=f"{ndim} dimensions",
            expected=f"an axis from {-ndim} to {ndim - 1}" if ndim else None,
        )
    return int(axis) % ndim


@public("shape_padleft")
def shape_padleft(t: Any, n_ones: int = 1) -> Any:
    """Return `t` with dimensions of length 1 added on the left.

    Parameters
    ----------
    t : tensor
        Any tensor.
    n_ones : int
        How many.

    Returns
    -------
    TensorVariable
        A view of `t` with `n_ones` dimensions more.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.shape_padleft(T.vector()).broadcastable
    (True, False)
    """
    t = as_tensor_variable(t)
    return DimShuffle(t.type.broadcastable, ["x"] * n_ones + list(range(t.type.ndim)))(t)


@public("shape_padright")
def shape_padright(t: Any, n_ones: int = 1) -> Any:
    """Return `t` with dimensions of length 1 added on the right.

    Parameters
    ----------
    t : tensor
        Any tensor.
    n_ones : int
        How many.

    Returns
    -------
    TensorVariable
        A view of `t` with `n_ones` dimensions more.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.shape_padright(T.vector()).broadcastable
    (False, True)
    """
    t = as_tensor_variable(t)
    return DimShuffle(t.type.broadcastable, [*range(t.type.ndim), *["x"] * n_ones])(t)


@public("shape_padaxis")
def shape_padaxis(t: Any, axis: int) -> Any:
    """Return `t` with a dimension of length 1 added.

    Parameters
    ----------
    t : tensor
        Any tensor.
    axis : int
        Place of the new dimension in the result; negative counts from the end.

    Returns
    -------
    TensorVariable
        A view of `t` with one dimension more.

    Raises
    ------
    IndexError
        If the axis is out of range.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.shape_padaxis(T.matrix(), -1).broadcastable
    (False, False, True)
    """
    t = as_tensor_variable(t)
    order: list[int | str] = list(range(t.type.ndim))
    order.insert(axis_within(axis, t.type.ndim + 1), "x")
    return DimShuffle(t.type.broadcastable, order)(t)


@public("expand_dims", numpy=("expand_dims",))
def expand_dims(a: Any, axis: Any) -> Any:
    """Return `a` with dimensions of length 1 added.

    Parameters
    ----------
    a : tensor
        Any tensor.
    axis : int or sequence of int
        Places of the new dimensions in the result.

    Returns
    -------
    TensorVariable
        A view of `a` with dimensions of length 1 added.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.expand_dims(T.vector(), (0, 2)).broadcastable
    (True, False, True)
    """
    a = as_tensor_variable(a)
    axes = [axis] if isinstance(axis, int | np.integer) else list(axis)
    ndim = a.type.ndim + len(axes)
    places = {axis_within(place, ndim) for place in axes}
    if len(places) != len(axes):
        raise ValueError(f"an axis is given twice in {axis}")
    old = iter(range(a.type.ndim))
    return DimShuffle(
        a.type.broadcastable, ["x" if d in places else next(old) for d in range(ndim)]
    )(a)


@public("squeeze", numpy=("squeeze",))
def squeeze(x: Any, axis: Any = None) -> Any:
    """Return `x` without dimensions of length 1.

    Parameters
    ----------
    x : tensor
        Any tensor.
    axis : int or sequence of int, optional
        The dimensions to drop, checked at run time if their length is not known; all that are known
        to have length 1 if not given.

    Returns
    -------
    TensorVariable
        A view of `x` without those dimensions.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.squeeze(T.row()).ndim
    1
    """
    x = as_tensor_variable(x)
    if axis is None:
        dropped = {d for d, broadcasts in enumerate(x.type.broadcastable) if broadcasts}
    else:
        axes = [axis] if isinstance(axis, int | np.integer) else list(axis)
        dropped = {axis_within(place, x.type.ndim) for place in axes}
        x = addbroadcast(x, *dropped)
    return dimshuffle(x, *[d for d in range(x.type.ndim) if d not in dropped])


@public("flatten")
def flatten(x: Any, ndim: int | None = None, outdim: int | None = None) -> Any:
    """Return `x` with its last dimensions joined to one.

    Parameters
    ----------
    x : tensor
        Any tensor.
    ndim : int
        Number of dimensions of the result, 1 if not given: the first `ndim - 1` stay as they are.
    outdim : int, optional
        Theano's older name of `ndim`.

    Returns
    -------
    TensorVariable
        Of `ndim` dimensions.

    Raises
    ------
    ValueError
        If `ndim` is not between 1 and the number of dimensions.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.flatten(T.tensor3(), 2).ndim
    2
    """
    x = as_tensor_variable(x)
    if ndim is not None and outdim is not None:
        raise ValueError("flatten takes ndim or outdim, not both")
    kept = ndim if ndim is not None else outdim if outdim is not None else 1
    if not 1 <= kept <= max(x.type.ndim, 1):
        raise ValueError(
            f"flatten: ndim={kept} is not between 1 and {x.type.ndim}, the dimensions of {x}"
        )
    if x.type.ndim == kept:
        return x
    return reshape(x, [*[ShapeOf(d)(x) for d in range(kept - 1)], -1])


@public("ravel", numpy=("ravel",))
def ravel(x: Any, order: str = "C") -> Any:
    """Return the elements of `x` as a vector.

    Parameters
    ----------
    x : tensor
        Any tensor.
    order : {'C', 'F'}
        Whether the last or the first dimension varies fastest.

    Returns
    -------
    TensorVariable
        A vector.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.ravel(T.matrix()).ndim
    1
    """
    if order not in ("C", "F"):
        raise ValueError(f"ravel has no order {order!r}; there are C and F")
    return flatten(transpose(x) if order == "F" else x)


@public("is_flat")
def is_flat(var: Any, ndim: int | None = None, outdim: int | None = None) -> bool:
    """Tell whether `var` has the number of dimensions that `flatten` would give.

    Parameters
    ----------
    var : tensor
        Any tensor.
    ndim, outdim : int, optional
        The number asked for, 1 if not given.

    Returns
    -------
    bool
        Whether it has that many dimensions.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.is_flat(T.vector())
    True
    """
    wanted = ndim if ndim is not None else outdim if outdim is not None else 1
    return bool(as_tensor_variable(var).type.ndim == wanted)


@public("swapaxes", numpy=("swapaxes",))
def swapaxes(y: Any, axis1: int, axis2: int) -> Any:
    """Return `y` with two dimensions exchanged.

    Parameters
    ----------
    y : tensor
        Any tensor.
    axis1, axis2 : int
        The dimensions.

    Returns
    -------
    TensorVariable
        A view of `y` with as many dimensions.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.swapaxes(T.col(), 0, 1).broadcastable
    (True, False)
    """
    y = as_tensor_variable(y)
    order = list(range(y.type.ndim))
    first, second = axis_within(axis1, y.type.ndim), axis_within(axis2, y.type.ndim)
    order[first], order[second] = order[second], order[first]
    return dimshuffle(y, *order)


@public("moveaxis", numpy=("moveaxis",))
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """Return `a` with dimensions moved to other places; the others keep their order.

    Parameters
    ----------
    a : tensor
        Any tensor.
    source, destination : int or sequence of int
        Where the dimensions are, and where they go.

    Returns
    -------
    TensorVariable
        A view of `a` with as many dimensions.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.moveaxis(T.row(), 0, 1).broadcastable
    (False, True)
    """
    a = as_tensor_variable(a)
    ndim = a.type.ndim
    sources, targets = (
        [
            axis_within(axis, ndim)
            for axis in ([axes] if isinstance(axes, int | np.integer) else axes)
        ]
        for axes in (source, destination)
    )
    if (
        len(sources) != len(targets)
        or len(set(sources)) != len(sources)
        or len(set(targets)) != len(targets)
    ):
        raise ValueError(
            f"moveaxis: {source} and {destination} do not name equally many different dimensions"
        )
    order = [d for d in range(ndim) if d not in sources]
    for target, place in sorted(zip(targets, sources, strict=True)):
        order.insert(target, place)
    return dimshuffle(a, *order)


@public("broadcast_to", numpy=("broadcast_to",))
def broadcast_to(x: Any, shape: Any) -> Any:
    """Return `x` broadcast to a shape.

    Parameters
    ----------
    x : tensor
        A tensor that broadcasts to the shape.
    shape : sequence of int or scalar, or vector of known length
        The lengths.

    Returns
    -------
    TensorVariable
        Of the given shape.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.broadcast_to(T.row(), (3, 4)).type.shape
    (3, 4)
    """
    return alloc(x, *lengths_of(shape))


def _at_least(arys: tuple[Any, ...], ndim: int) -> Any:
    """Return one tensor, or a list of tensors, padded as NumPy's atleast_1d, _2d and _3d do."""
    results = []
    for item in arys:
        x = as_tensor_variable(item)
        if ndim == 3 and x.type.ndim in (1, 2):
            x = shape_padright(shape_padleft(x) if x.type.ndim == 1 else x)
        results.append(shape_padleft(x, ndim - x.type.ndim) if x.type.ndim < ndim else x)
    return results[0] if len(results) == 1 else results


@public("atleast_1d", numpy=("atleast_1d",))
def atleast_1d(*arys: Any) -> Any:
    """Return tensors with at least one dimension.

    Parameters
    ----------
    *arys : tensor
        One or more tensors.

    Returns
    -------
    TensorVariable or list of TensorVariable
        One per operand, of at least 1 dimension.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.atleast_1d(T.scalar()).ndim
    1
    """
    return _at_least(arys, 1)


@public("atleast_2d", numpy=("atleast_2d",))
def atleast_2d(*arys: Any) -> Any:
    """Return tensors with at least two dimensions; vectors become rows.

    Parameters
    ----------
    *arys : tensor
        One or more tensors.

    Returns
    -------
    TensorVariable or list of TensorVariable
        One per operand, of at least 2 dimensions.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.atleast_2d(T.vector()).broadcastable
    (True, False)
    """
    return _at_least(arys, 2)


@public("atleast_3d", numpy=("atleast_3d",))
def atleast_3d(*arys: Any) -> Any:
    """Return tensors with at least three dimensions; vectors get one on each side.

    Parameters
    ----------
    *arys : tensor
        One or more tensors.

    Returns
    -------
    TensorVariable or list of TensorVariable
        One per operand, of at least 3 dimensions.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.atleast_3d(T.vector()).broadcastable
    (True, False, True)
    """
    return _at_least(arys, 3)


@public("get_vector_length")
def get_vector_length(v: Any) -> int:
    """Return the length of a vector expression that is known while the graph is built.

    Parameters
    ----------
    v : vector
        A vector, or a list of scalars.

    Returns
    -------
    int
        The number of elements.

    Raises
    ------
    TypeError
        If `v` is no vector.
    ValueError
        If the length is not known.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.get_vector_length(T.tensor3().shape)
    3
    """
    v = as_tensor_variable(v)
    if v.type.ndim != 1:
        raise RankError(
            "a vector is needed", got=f"{v} of {v.type.ndim} dimensions", origin=v.origin
        )
    length = known_length(v)
    if length is None:
        raise ValueError(f"the length of {v} is not known")
    return length
