"""Grids of coordinates, flat and multiple positions, permutations of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorsym.errors import DTypeError, RangeError, RankError
from tensorsym.language.arithmetic import cast, clip, int_div, mod
from tensorsym.language.arrangement import shape_padleft
from tensorsym.language.assertion import assert_op
from tensorsym.language.creation import arange
from tensorsym.language.dimshuffle import dimshuffle
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.filling import zeros
from tensorsym.language.indexing_assignment import set_subtensor
from tensorsym.language.reshape import known_length
from tensorsym.language.shape import ShapeOf, shape_entries
from tensorsym.language.table import FUNCTIONS, public, publish
from tensorsym.language.variable import as_tensor_variable, constant

__all__ = ["ceil_intdiv", "inverse_permutation", "mgrid", "ogrid", "permute_row_elements"]


class Grid:
    """What `mgrid` and `ogrid` are: indexed by slices, they give coordinates.

    Parameters
    ----------
    sparse : bool
        Whether each coordinate has length 1 in the dimensions of the others.
    """

    def __init__(self, sparse: bool) -> None:
        self.sparse = sparse

    def __getitem__(self, index: Any) -> list[Any]:
        slices = index if isinstance(index, tuple) else (index,)
        ranges = [self._range(item) for item in slices]
        count = len(ranges)
        axes = [
            dimshuffle(r, *["x"] * d, 0, *["x"] * (count - 1 - d)) for d, r in enumerate(ranges)
        ]
        if self.sparse:
            return axes
        lengths = [ShapeOf(0)(r) for r in ranges]
        return [FUNCTIONS["alloc"](axis, *lengths) for axis in axes]

    @staticmethod
    def _range(item: Any) -> Any:
        if not isinstance(item, slice) or item.stop is None:
            raise TypeError(f"a grid is indexed by slices with a stop, got {item!r}")
        start = 0 if item.start is None else item.start
        if isinstance(item.step, complex):
            # As in NumPy an imaginary step counts the points, both ends included.
            return FUNCTIONS["linspace"](start, item.stop, int(abs(item.step)))
        return arange(start, item.stop, 1 if item.step is None else item.step)

    def __call__(self, *slices: slice) -> list[Any]:
        """Return the coordinates for slices given as arguments."""
        return self[slices]


mgrid = Grid(sparse=False)
ogrid = Grid(sparse=True)
publish(mgrid, "mgrid")
publish(ogrid, "ogrid")


def _coordinates(values: Any, what: str) -> Any:
    values = as_tensor_variable(values)
    if not is_discrete(values.type.dtype):
        raise DTypeError(
            f"{what} must be integers", got=f"{values} of {values.type.dtype}", origin=values.origin
        )
    return cast(values, "int64")


def _lengths(dims: Any, ndim: int | None = None) -> list[Any]:
    """Return the lengths of a grid as scalars."""
    if isinstance(dims, Sequence | np.ndarray):
        return [_coordinates(n, "lengths") for n in dims]
    dims = as_tensor_variable(dims)
    count = known_length(dims) if ndim is None else ndim
    if dims.type.ndim != 1 or count is None:
        raise RangeError(
            "the number of dimensions is not known", got=str(dims), hint="give ndim, or a tuple"
        )
    return [_coordinates(n, "lengths") for n in shape_entries(dims, count)]


@public("ravel_multi_index", numpy=("ravel_multi_index",))
def ravel_multi_index(multi_index: Any, dims: Any, mode: str = "raise", order: str = "C") -> Any:
    """Return the positions, in a flattened tensor, of elements with the given coordinates.

    Parameters
    ----------
    multi_index : sequence of int tensor
        One tensor of coordinates per dimension.
    dims : sequence of int or scalar, or int vector
        Lengths of the dimensions.
    mode : {'raise', 'wrap', 'clip'}
        Coordinates out of range raise, wrap around, or are limited to the range.
    order : {'C', 'F'}
        Whether the last or the first dimension varies fastest.

    Returns
    -------
    TensorVariable
        Of int64, of the coordinates' broadcast shape.

    Raises
    ------
    ValueError
        At run time, for coordinates out of range.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.ravel_multi_index((T.ivector(), T.ivector()), (3, 4)).dtype
    'int64'
    """
    parts = (
        list(multi_index)
        if isinstance(multi_index, list | tuple)
        else list(as_tensor_variable(multi_index))
    )
    coordinates = [_coordinates(part, "coordinates") for part in parts]
    lengths = _lengths(dims, len(coordinates))
    if len(lengths) != len(coordinates):
        raise RangeError(f"{len(coordinates)} coordinates are given for {len(lengths)} dimensions")
    pairs = [
        (_within(places, length, mode), length)
        for places, length in zip(coordinates, lengths, strict=True)
    ]
    position: Any = None
    for places, length in pairs if _is_c_order(order) else reversed(pairs):
        position = places if position is None else position * length + places
    return position


def _is_c_order(order: str) -> bool:
    if order not in ("C", "F"):
        raise ValueError(f"there is no order {order!r}; there are C and F")
    return order == "C"


def _within(places: Any, length: Any, mode: str) -> Any:
    if mode == "wrap":
        return mod(places, length)
    if mode == "clip":
        return clip(places, 0, length - 1)
    if mode != "raise":
        raise ValueError(f"there is no mode {mode!r}; there are raise, wrap and clip")
    inside = FUNCTIONS["all"](FUNCTIONS["and_"](places >= 0, places < length))
    return assert_op(places, inside, message="a position is out of range", error=RangeError)


@public("unravel_index", numpy=("unravel_index",))
def unravel_index(
    indices: Any, dims: Any, order: str = "C", ndim: int | None = None
) -> tuple[Any, ...]:
    """Return the coordinates of elements at the given positions of a flattened tensor.

    Parameters
    ----------
    indices : int tensor
        Positions.
    dims : sequence of int or scalar, or int vector
        Lengths of the dimensions.
    order : {'C', 'F'}
        Whether the last or the first dimension varies fastest.
    ndim : int, optional
        Number of dimensions, needed where the length of the vector `dims` is not known.

    Returns
    -------
    tuple of TensorVariable
        One tensor of int64 per dimension, of the shape of `indices`.

    Raises
    ------
    ValueError
        At run time, for positions out of range.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> len(T.unravel_index(T.ivector(), (3, 4)))
    2
    """
    lengths = _lengths(dims, ndim)
    total: Any = constant(np.int64(1))
    for length in lengths:
        total = total * length
    rest = _within(_coordinates(indices, "positions"), total, "raise")
    coordinates = []
    for length in reversed(lengths) if _is_c_order(order) else lengths:
        coordinates.append(mod(rest, length))
        rest = int_div(rest, length)
    return tuple(reversed(coordinates) if order == "C" else coordinates)


@public("ceil_intdiv")
def ceil_intdiv(a: Any, b: Any) -> Any:
    """Return the quotient of integers rounded up.

    Parameters
    ----------
    a, b : int tensor
        Dividend and divisor.

    Returns
    -------
    TensorVariable
        Integers of the dtype of `a // b`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> int(T.get_scalar_constant_value(T.ceil_intdiv(7, 2)))
    4
    """
    return int_div(a, b) + FUNCTIONS["neq"](mod(a, b), 0)


@public("permute_row_elements")
def permute_row_elements(x: Any, y: Any, inverse: Any = 0) -> Any:
    """Return a tensor with the elements of each row (last dimension) in another order.

    Parameters
    ----------
    x : tensor
        Any tensor of at least one dimension.
    y : int tensor
        Permutations, one per row; other dimensions broadcast with those of `x`.
    inverse : bool
        Whether element j goes to place `y[j]` instead of coming from there.

    Returns
    -------
    TensorVariable
        Of the dtype of `x`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.permute_row_elements(T.matrix(), T.ivector()).ndim
    2
    """
    x, y = as_tensor_variable(x), as_tensor_variable(y)
    if not is_discrete(y.type.dtype):
        raise DTypeError(
            "a permutation consists of integers", got=f"{y} of {y.type.dtype}", origin=y.origin
        )
    if x.type.ndim == 0 or y.type.ndim == 0:
        raise RankError("rows to permute have at least one dimension", got=f"{x} and {y}")
    ndim = max(x.type.ndim, y.type.ndim)
    x, y = (shape_padleft(v, ndim - v.type.ndim) if v.type.ndim < ndim else v for v in (x, y))
    if not inverse:
        return x[_row_places(x, y)]
    lengths = [ShapeOf(d)(y if x.type.broadcastable[d] else x) for d in range(ndim)]
    blank = zeros(lengths, dtype=x.type.dtype)
    return set_subtensor(blank[_row_places(blank, y)], x)


def _row_places(x: Any, y: Any) -> tuple[Any, ...]:
    """Return the index of the elements that `y` names in each row of `x`."""
    ndim = x.type.ndim
    places = [
        dimshuffle(arange(ShapeOf(d)(x)), *["x"] * d, 0, *["x"] * (ndim - 1 - d))
        for d in range(ndim - 1)
    ]
    return (*places, y)


@public("inverse_permutation")
def inverse_permutation(perm: Any) -> Any:
    """Return the inverse of a permutation, or of each row of a matrix of permutations.

    Parameters
    ----------
    perm : int tensor
        Permutations along the last dimension.

    Returns
    -------
    TensorVariable
        Of the shape and dtype of `perm`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.inverse_permutation(T.ivector()).dtype
    'int32'
    """
    perm = as_tensor_variable(perm)
    if not is_discrete(perm.type.dtype):
        raise DTypeError(
            "a permutation consists of integers",
            got=f"{perm} of {perm.type.dtype}",
            origin=perm.origin,
        )
    places = arange(ShapeOf(perm.type.ndim - 1)(perm), dtype=perm.type.dtype)
    return permute_row_elements(places, perm, inverse=True)
