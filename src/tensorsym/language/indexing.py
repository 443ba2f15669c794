"""Indexing as the user writes it, `x[...]`, and functions that take, choose and find elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import DTypeError, RangeError, RankError, ShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.arithmetic import cast, clip, mod
from tensorsym.language.arrangement import axis_within
from tensorsym.language.assertion import assert_op
from tensorsym.language.dimshuffle import DimShuffle, dimshuffle
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.indexing_advanced import AdvancedSubtensor, AdvancedSubtensor1
from tensorsym.language.indexing_basic import Subtensor
from tensorsym.language.indexing_pattern import ALL, parse_index
from tensorsym.language.shape import ShapeOf, shape
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable, constant

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage
    from tensorsym.language.indexing_pattern import ParsedIndex, Pattern

__all__ = [
    "Nonzero",
    "choose",
    "compress",
    "flatnonzero",
    "getitem",
    "nonzero",
    "nonzero_values",
    "sparse_grad",
    "take",
]


@public("getitem")
def getitem(x: Any, index: Any) -> Any:
    """Return `x[index]`, with NumPy's meaning of indices.

    Parameters
    ----------
    x : tensor
        Any tensor.
    index : int, slice, None, Ellipsis, array or list of integers, boolean mask, or a tuple of these
        Integers and bounds of slices may be symbolic; integer arrays and masks too.

    Returns
    -------
    TensorVariable
        A view for integers and slices, a copy where arrays or masks take part.

    Raises
    ------
    IndexError
        If there are too many indices, or one is known to be out of range.
    TypeError
        If an index is a Python bool, a float, or of another type that does not index.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.getitem(T.matrix(), (slice(1, None), None, 0)).ndim
    2
    """
    x = as_tensor_variable(x)
    parsed = parse_index(index, x.type.ndim)
    if parsed.advanced:
        axis = _only_array(parsed)
        if axis is not None:
            return _take_along(x, parsed.inputs[0], axis)
        return AdvancedSubtensor(parsed.pattern)(x, *parsed.inputs)
    basic = tuple(entry for entry in parsed.pattern if entry is not None)
    part = Subtensor(basic)(x, *parsed.inputs) if basic or not parsed.pattern else x
    return _with_new_axes(part, parsed.pattern)


def _only_array(parsed: ParsedIndex) -> int | None:
    """Return the axis of the one array of integers in an index that keeps all other dimensions."""
    entries = [axis for axis, entry in enumerate(parsed.pattern) if entry != ALL]
    if len(entries) != 1 or len(parsed.inputs) != 1 or parsed.inputs[0].type.dtype == "bool":
        return None
    return entries[0]


def _with_new_axes(part: Any, pattern: Pattern) -> Any:
    """Return a basic part with the pattern's new axes put in."""
    if None not in pattern:
        return part
    order: list[int | str] = []
    axis = 0
    for entry in pattern:
        if entry is None:
            order.append("x")
        elif not isinstance(entry, str):
            order.append(axis)
            axis += 1
    return DimShuffle(part.type.broadcastable, [*order, *range(axis, part.type.ndim)])(part)


def _take_along(x: Any, indices: Any, axis: int) -> Any:
    """Return the parts of `x` along `axis` that an integer array names."""
    if indices.type.ndim == 0:
        return getitem(x, (slice(None),) * axis + (indices,))
    if indices.type.ndim > 1:
        lengths = [ShapeOf(d)(x) for d in range(x.type.ndim)]
        lengths[axis : axis + 1] = [ShapeOf(d)(indices) for d in range(indices.type.ndim)]
        flat = _take_along(x, FUNCTIONS["flatten"](indices), axis)
        taken = FUNCTIONS["reshape"](flat, lengths)
        known = [*x.type.shape[:axis], *indices.type.shape, *x.type.shape[axis + 1 :]]
        return FUNCTIONS["patternbroadcast"](taken, [length == 1 for length in known])
    if axis == 0:
        return AdvancedSubtensor1()(x, indices)
    order = [axis, *range(1, axis), 0, *range(axis + 1, x.type.ndim)]
    return dimshuffle(AdvancedSubtensor1()(dimshuffle(x, *order), indices), *order)


def _integers(values: Any, what: str) -> Any:
    values = as_tensor_variable(values)
    if not is_discrete(values.type.dtype):
        if values.type.shape == (0,):
            return cast(values, "int64")
        raise DTypeError(
            f"{what} must be integers", got=f"{values} of {values.type.dtype}", origin=values.origin
        )
    return cast(values, "int8") if values.type.dtype == "bool" else values


@public("take", numpy=("take",))
def take(a: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Any:
    """Return the elements, or the parts along an axis, that an array of integers names.

    Parameters
    ----------
    a : tensor
        Any tensor.
    indices : int tensor or array_like
        Positions, of any shape; negative ones count from the end.
    axis : int, optional
        The dimension taken from; the flattened tensor if not given.
    mode : {'raise', 'wrap', 'clip'}
        Positions out of range raise, wrap around, or are limited to the range (then negative ones
        are 0).

    Returns
    -------
    TensorVariable
        The shape of `a` with dimension `axis` replaced by the dimensions of `indices`.

    Raises
    ------
    IndexError
        At run time, for a position out of range.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.take(T.matrix(), T.imatrix(), axis=1).ndim
    3
    """
    a, indices = as_tensor_variable(a), _integers(indices, "positions")
    if axis is None:
        a, axis = FUNCTIONS["flatten"](a), 0
    axis = axis_within(axis, a.type.ndim)
    if mode == "clip":
        indices = clip(indices, 0, ShapeOf(axis)(a) - 1)
    elif mode == "wrap":
        indices = mod(indices, ShapeOf(axis)(a))
    elif mode != "raise":
        raise ValueError(f"take has no mode {mode!r}; there are raise, wrap and clip")
    return _take_along(a, indices, axis)


@public("choose", numpy=("choose",))
def choose(a: Any, choices: Any, out: None = None, mode: str = "raise") -> Any:
    """Return, for each element of `a`, the element at its place of the choice that `a` numbers.

    Parameters
    ----------
    a : int tensor
        Numbers of choices.
    choices : sequence of tensor, or tensor
        The choices, along the first dimension of a tensor; they broadcast with `a`.
    out : None
        Kept for Theano programs.
    mode : {'raise', 'wrap', 'clip'}
        Numbers out of range raise, wrap around, or are limited to the range.

    Returns
    -------
    TensorVariable
        Of the broadcast shape of `a` and a choice, and of the dtype of the choices.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.choose(T.ivector(), [T.vector(), T.vector()]).ndim
    1
    """
    if out is not None:
        raise TypeError("choose has no out: symbolic tensors do not change")
    a = _integers(a, "numbers of choices")
    choices = (
        FUNCTIONS["stack"](list(choices))
        if isinstance(choices, list | tuple)
        else as_tensor_variable(choices)
    )
    if choices.type.ndim == 0:
        raise RankError(
            "choices need a dimension that numbers them", got=str(choices), origin=choices.origin
        )
    count = ShapeOf(0)(choices)
    if mode == "clip":
        a = clip(a, 0, count - 1)
    elif mode == "wrap":
        a = mod(a, count)
    elif mode == "raise":
        inside = FUNCTIONS["all"](FUNCTIONS["and_"](a >= 0, a < count))
        a = assert_op(
            a, inside, message="choose: there is no choice of this number", error=RangeError
        )
    else:
        raise ValueError(f"choose has no mode {mode!r}; there are raise, wrap and clip")
    places = []
    for d in range(1, choices.type.ndim):
        # The place in a dimension varies along the same dimension, from the right, of the result.
        length = choices.type.shape[d]
        place = (
            constant(np.zeros(1, "int64"))
            if length == 1
            else FUNCTIONS["arange"](ShapeOf(d)(choices))
        )
        places.append(dimshuffle(place, 0, *["x"] * (choices.type.ndim - 1 - d)))
    return getitem(choices, (a, *places))


class Nonzero(Op):
    """The positions of elements that are not 0: one vector of int64 per dimension."""

    __props__ = ()

    def make_node(self, a: Any) -> Apply:
        """Return the application on a tensor of at least one dimension."""
        a = as_tensor_variable(a)
        if a.type.ndim == 0:
            raise ShapeError(
                "nonzero needs at least one dimension", got=f"the scalar {a}", origin=a.origin
            )
        return Apply(self, [a], [TensorType("int64", (False,))() for _ in range(a.type.ndim)])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Find with NumPy."""
        for cell, positions in zip(output_storage, np.nonzero(inputs[0]), strict=True):
            cell[0] = positions.astype("int64")

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the count of elements that are not 0."""
        count = FUNCTIONS["sum"](FUNCTIONS["neq"](node.inputs[0], 0), dtype="int64")
        return [(count,)] * len(node.outputs)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that positions do not depend differentiably on values."""
        return [[False] * len(node.outputs)]

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        """Return that the input is disconnected."""
        return [FUNCTIONS["disconnected"]()]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return that positions do not change."""
        return [None] * inputs[0].type.ndim


@public("nonzero", numpy=("nonzero",))
def nonzero(a: Any, return_matrix: bool = False) -> Any:
    """Return the positions of the elements that are not 0.

    Parameters
    ----------
    a : tensor
        A tensor of at least one dimension.
    return_matrix : bool
        Whether the vectors are stacked to a matrix.

    Returns
    -------
    tuple of TensorVariable, or TensorVariable
        One vector of int64 per dimension; `a[nonzero(a)]` are the elements.

    Raises
    ------
    ValueError
        If `a` is a scalar.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> len(T.nonzero(T.matrix()))
    2
    """
    vectors = Nonzero()(a, return_list=True)
    return FUNCTIONS["stack"](vectors) if return_matrix else tuple(vectors)


@public("flatnonzero", numpy=("flatnonzero",))
def flatnonzero(a: Any) -> Any:
    """Return the positions, in the flattened tensor, of the elements that are not 0.

    Parameters
    ----------
    a : tensor
        A tensor of at least one dimension.

    Returns
    -------
    TensorVariable
        A vector of int64.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.flatnonzero(T.matrix()).dtype
    'int64'
    """
    a = as_tensor_variable(a)
    if a.type.ndim == 0:
        raise ShapeError("flatnonzero needs at least one dimension", got=f"the scalar {a}")
    return nonzero(FUNCTIONS["flatten"](a))[0]


@public("nonzero_values")
def nonzero_values(a: Any) -> Any:
    """Return the elements that are not 0, in order.

    Parameters
    ----------
    a : tensor
        A tensor of at least one dimension.

    Returns
    -------
    TensorVariable
        A vector of the dtype of `a`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nonzero_values(T.matrix()).ndim
    1
    """
    a = as_tensor_variable(a)
    return take(FUNCTIONS["flatten"](a), flatnonzero(a), axis=0)


@public("compress", numpy=("compress",))
def compress(condition: Any, x: Any, axis: int | None = None) -> Any:
    """Return the parts of `x` along an axis at which a condition holds.

    Parameters
    ----------
    condition : tensor
        A vector; parts beyond its length are left out.
    x : tensor
        Any tensor.
    axis : int, optional
        The dimension; the flattened tensor if not given.

    Returns
    -------
    TensorVariable
        Of the rank of `x`, or a vector.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.compress([1, 0, 1], T.matrix(), axis=0).ndim
    2
    """
    return take(x, flatnonzero(condition), axis=axis)


@public("take_along_axis", numpy=("take_along_axis",))
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """Return one element per position of `indices`, taken along an axis of `arr`.

    Parameters
    ----------
    arr : tensor
        Any tensor.
    indices : int tensor
        Positions along `axis`, of the rank of `arr`; such as `argsort` or `argmax` give.
    axis : int, optional
        The dimension taken from; None means the flattened tensor.

    Returns
    -------
    TensorVariable
        Of the shape of `indices` (broadcast against the other dimensions of `arr`).

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.take_along_axis(T.matrix(), T.lmatrix(), axis=1).ndim
    2
    """
    arr, indices = as_tensor_variable(arr), _integers(indices, "positions")
    if axis is None:
        arr, axis = FUNCTIONS["flatten"](arr), 0
    ndim = arr.type.ndim
    if indices.type.ndim != ndim:
        raise RankError(
            f"indices need {ndim} dimensions, as the tensor", got=f"{indices.type.ndim} dimensions"
        )
    axis = axis_within(axis, ndim)
    places = [
        indices
        if d == axis
        else dimshuffle(FUNCTIONS["arange"](shape(arr)[d]), *["x"] * d, 0, *["x"] * (ndim - 1 - d))
        for d in range(ndim)
    ]
    return getitem(arr, tuple(places))


def sparse_grad(var: Any) -> Any:
    """Return rows of a tensor as they are.

    Theano keeps the gradient of such rows as a sparse matrix; here it is dense, with the same
    values.

    Parameters
    ----------
    var : tensor
        Rows that a vector of integers names, `x[rows]`.

    Returns
    -------
    tensor
        `var` itself.

    Raises
    ------
    TypeError
        If it is anything else.

    References
    ----------
    theano.sparse_grad.

    Examples
    --------
    >>> import numpy as np
    >>> import tensorsym
    >>> import tensorsym.tensor as T
    >>> x, rows = T.dmatrix("x"), T.lvector("rows")
    >>> loss = tensorsym.sparse_grad(x[rows]).sum()
    >>> tensorsym.grad(loss, x).eval({x: np.ones((3, 2)), rows: [2, 2]})
    array([[0., 0.],
           [0., 0.],
           [2., 2.]])
    """
    if var.owner is None or not isinstance(var.owner.op, AdvancedSubtensor1):
        raise DTypeError("only rows that a vector names have a sparse gradient", got=str(var))
    return var
