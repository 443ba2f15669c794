"""Tensors made of repetitions and rotations of another: tile, repeat, roll."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import DTypeError, RangeError, RankError, ShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply, Variable
from tensorsym.language.arithmetic import cast, eq, mod, switch
from tensorsym.language.arrangement import axis_within, flatten, shape_padleft
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.filling import alloc
from tensorsym.language.indexing import take
from tensorsym.language.joining import join
from tensorsym.language.rebroadcast import patternbroadcast
from tensorsym.language.reshape import known_length, reshape
from tensorsym.language.shape import ShapeOf, shape_entries
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable, constant

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["RepeatedPositions", "repeat", "roll", "tile"]


class RepeatedPositions(Op):
    """The vector that names position i of a dimension as often as the i-th count says.

    Inputs are the length of the dimension and a vector of counts; a single count serves all
    positions.
    """

    __props__ = ()

    def make_node(self, length: Any, counts: Any) -> Apply:
        """Return the application on a scalar length and a vector of integers."""
        length, counts = as_tensor_variable(length), as_tensor_variable(counts)
        if counts.type.ndim != 1 or not is_discrete(counts.type.dtype):
            raise DTypeError("counts of repetitions are a vector of integers", got=str(counts.type))
        return Apply(self, [length, counts], [TensorType("int64", (False,))()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Repeat with NumPy."""
        length, counts = inputs
        if len(counts) not in (1, int(length)) or (counts < 0).any():
            raise ShapeError(
                "repeat: the counts do not fit",
                got=f"{len(counts)} counts from {counts.min(initial=0)} for length {int(length)}",
                expected=f"{int(length)} counts, none negative",
                origin=node.origin,
            )
        positions = np.arange(int(length), dtype="int64")
        output_storage[0][0] = np.repeat(positions, counts.astype("int64"))

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the sum of counts."""
        length, counts = node.inputs
        total = FUNCTIONS["sum"](counts, dtype="int64")
        known = counts.type.shape[0]
        if known is not None and known != 1:
            return [(total,)]
        shared = eq(shapes[1][0], 1)
        return [(switch(shared, total * cast(length, "int64"), total),)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that positions are not differentiable."""
        return [[False], [False]]

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        """Return that the inputs are disconnected."""
        return [FUNCTIONS["disconnected"](), FUNCTIONS["disconnected"]()]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return that positions do not change."""
        return [None]


@public("repeat", numpy=("repeat",))
def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    """Return a tensor with each element, or each part along an axis, repeated.

    Parameters
    ----------
    x : tensor
        Any tensor.
    repeats : int, scalar or vector of int
        How often; a vector has one count per part.
    axis : int, optional
        The dimension; the flattened tensor if not given.

    Returns
    -------
    TensorVariable
        Of the rank of `x`, or a vector.

    Raises
    ------
    ShapeError
        At run time, if the number of counts is wrong, or one is negative.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.repeat(T.constant([1, 2, 3]), 2).type.shape
    (6,)
    """
    x, repeats = as_tensor_variable(x), as_tensor_variable(repeats)
    if not is_discrete(repeats.type.dtype):
        raise DTypeError(
            "counts of repetitions must be integers", got=f"{repeats} of {repeats.type.dtype}"
        )
    if repeats.type.ndim > 1:
        raise RangeError("counts of repetitions are a scalar or a vector", got=str(repeats.type))
    if axis is None:
        x, axis = flatten(x), 0
    place = axis_within(axis, x.type.ndim)
    if repeats.type.ndim == 1 and repeats.type.shape != (1,):
        return take(x, RepeatedPositions()(ShapeOf(place)(x), repeats), axis=place)
    count = cast(repeats[0] if repeats.type.ndim else repeats, "int64")
    # Each part gets a neighbour dimension, along which it is copied.
    order: list[int | str] = list(range(x.type.ndim))
    order.insert(place + 1, "x")
    lengths = [ShapeOf(d)(x) for d in range(x.type.ndim)]
    copies = alloc(
        DimShuffle(x.type.broadcastable, order)(x),
        *lengths[: place + 1],
        count,
        *lengths[place + 1 :],
    )
    return _merged(
        copies,
        [[d] if d < place else [d, d + 1] if d == place else [d + 1] for d in range(x.type.ndim)],
    )


def _merged(x: Any, groups: Sequence[Sequence[int]]) -> Any:
    """Return `x` with neighbouring dimensions merged to one per group."""
    lengths = []
    pattern = []
    for group in groups:
        static = [x.type.shape[d] for d in group]
        known = None if None in static else int(np.prod(static, dtype="int64"))
        product = ShapeOf(group[0])(x)
        for d in group[1:]:
            product = product * ShapeOf(d)(x)
        lengths.append(product if known is None else constant(np.int64(known)))
        pattern.append(known == 1)
    return patternbroadcast(reshape(x, lengths), pattern)


@public("tile", numpy=("tile",))
def tile(x: Any, reps: Any, ndim: int | None = None) -> Any:
    """Return a tensor repeated as a whole along each dimension.

    Parameters
    ----------
    x : tensor
        Any tensor.
    reps : int, scalar, sequence of these, or int vector
        How often, for the last dimensions; a scalar counts for the last one.
    ndim : int, optional
        Number of dimensions of the result, needed where the length of a vector `reps` is not known.

    Returns
    -------
    TensorVariable
        Of `max(x.ndim, len(reps))` dimensions, or `ndim`.

    Raises
    ------
    ValueError
        If the number of repetitions is not known, exceeds `ndim`, or one is no integer.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.tile(T.constant([1, 2, 3]), (2, 2)).type.shape
    (2, 6)
    """
    x = as_tensor_variable(x)
    counts = _tile_counts(reps, ndim)
    rank = max(len(counts), x.type.ndim) if ndim is None else ndim
    if rank < max(len(counts), x.type.ndim):
        raise RangeError(
            f"tile: ndim={ndim} is too small",
            expected=f"at least {max(len(counts), x.type.ndim)}",
        )
    counts = [constant(np.int64(1))] * (rank - len(counts)) + counts
    x = shape_padleft(x, rank - x.type.ndim) if x.type.ndim < rank else x
    order = [item for d in range(rank) for item in ("x", d)]
    lengths = [item for d in range(rank) for item in (counts[d], ShapeOf(d)(x))]
    copies = alloc(DimShuffle(x.type.broadcastable, order)(x), *lengths)
    return _merged(copies, [[2 * d, 2 * d + 1] for d in range(rank)])


def _tile_counts(reps: Any, ndim: int | None) -> list[Any]:
    """Return the repetitions as scalar int64 tensors."""
    if isinstance(reps, Variable) and reps.type.ndim == 1:
        length = known_length(reps)
        if length is None and ndim is None:
            raise RangeError("tile: the number of repetitions is not known", hint="give ndim")
        counts = shape_entries(reps, ndim if length is None else length)  # type: ignore[arg-type]
    else:
        counts = [
            as_tensor_variable(n)
            for n in (reps if isinstance(reps, Sequence | np.ndarray) else [reps])
        ]
    for count in counts:
        if count.type.ndim or not is_discrete(count.type.dtype):
            raise RangeError(
                "tile: repetitions are scalar integers", got=f"{count} of type {count.type}"
            )
    return [cast(count, "int64") for count in counts]


@public("roll", numpy=("roll",))
def roll(x: Any, shift: Any, axis: Any = None) -> Any:
    """Return a tensor with elements moved along a dimension, round the ends.

    Parameters
    ----------
    x : tensor
        Any tensor.
    shift : int or scalar, or sequence of them
        By how many places; negative moves to the front.
    axis : int or sequence of int, optional
        The dimensions; the flattened tensor, brought back to shape, if not given.

    Returns
    -------
    TensorVariable
        Of the shape of `x`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.roll(T.matrix(), 1, axis=0).ndim
    2
    """
    x = as_tensor_variable(x)
    if axis is None:
        if x.type.ndim == 1:
            return _rolled(x, shift, 0)
        lengths = [ShapeOf(d)(x) for d in range(x.type.ndim)]
        rolled = reshape(_rolled(flatten(x), shift, 0), lengths, ndim=x.type.ndim)
        return patternbroadcast(rolled, x.type.broadcastable)
    axes = list(axis) if isinstance(axis, list | tuple) else [axis]
    shifts = list(shift) if isinstance(shift, list | tuple) else [shift] * len(axes)
    if len(shifts) != len(axes):
        raise RangeError(f"roll: {len(shifts)} shifts are given for {len(axes)} axes")
    for place, by in zip(axes, shifts, strict=True):
        x = _rolled(x, by, axis_within(place, x.type.ndim))
    return x


def _rolled(x: Any, shift: Any, axis: int) -> Any:
    shift = as_tensor_variable(shift)
    if shift.type.ndim or not is_discrete(shift.type.dtype):
        raise RankError("roll: a shift is a scalar integer", got=f"{shift} of type {shift.type}")
    if x.type.shape[axis] == 1:
        return x
    length = ShapeOf(axis)(x)
    # The last `shift` places come first; an empty dimension has nothing to move.
    border = length - mod(cast(shift, "int64"), FUNCTIONS["maximum"](length, 1))
    whole = (slice(None),) * axis
    return join(axis, x[(*whole, slice(border, None))], x[(*whole, slice(None, border))])
