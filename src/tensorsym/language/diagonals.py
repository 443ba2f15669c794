"""Diagonals: read, made into matrices, and written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tensorsym.errors import DTypeError, RankError, ShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.arithmetic import cast, eq, maximum, minimum
from tensorsym.language.arrangement import axis_within, moveaxis
from tensorsym.language.assertion import assert_op
from tensorsym.language.creation import arange
from tensorsym.language.dtypes import is_discrete, upcast
from tensorsym.language.indexing_assignment import inc_subtensor, set_subtensor
from tensorsym.language.shape import ShapeOf
from tensorsym.language.table import FUNCTIONS, public, publish
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable, constant

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = [
    "AllocDiag",
    "ExtractDiag",
    "diag",
    "diagonal",
    "fill_diagonal",
    "fill_diagonal_offset",
    "trace",
]


class _Diagonal(Op):
    """What both ops share: the diagonal and the two dimensions it runs through."""

    __props__: ClassVar[tuple[str, ...] | None] = ("offset", "axis1", "axis2")

    def __init__(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> None:
        self.offset, self.axis1, self.axis2 = int(offset), int(axis1), int(axis2)

    def axes(self, ndim: int) -> tuple[int, int]:
        """Return the two dimensions, of a tensor of `ndim`, counted from the front."""
        axes = axis_within(self.axis1, ndim), axis_within(self.axis2, ndim)
        if axes[0] == axes[1]:
            raise ShapeError(
                "a diagonal runs through two different dimensions", got=f"dimension {axes[0]} twice"
            )
        return axes

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}{{offset={self.offset}, axis1={self.axis1}, axis2={self.axis2}}}"
        )


class ExtractDiag(_Diagonal):
    """A diagonal of two dimensions of a tensor, as its last dimension.

    Parameters
    ----------
    offset : int
        The diagonal: 0 is the main one, positive ones lie above it.
    axis1, axis2 : int
        The dimensions of rows and of columns.
    view : bool
        Kept for Theano programs; the result is a copy.
    """

    def __init__(self, offset: int = 0, axis1: int = 0, axis2: int = 1, view: bool = False) -> None:
        super().__init__(offset, axis1, axis2)

    def make_node(self, x: Any) -> Apply:
        """Return the application on a tensor of two or more dimensions."""
        x = as_tensor_variable(x)
        if x.type.ndim < 2:
            raise ShapeError(
                "a diagonal needs two dimensions", got=f"{x} of {x.type.ndim}", origin=x.origin
            )
        axes = self.axes(x.type.ndim)
        rows, columns = (x.type.shape[axis] for axis in axes)
        shape = [n for d, n in enumerate(x.type.shape) if d not in axes]
        known = None
        if rows is not None and columns is not None:
            known = max(0, min(rows + min(self.offset, 0), columns - max(self.offset, 0)))
        return Apply(self, [x], [TensorType(x.type.dtype, shape=[*shape, known])()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Copy NumPy's diagonal."""
        output_storage[0][0] = inputs[0].diagonal(self.offset, self.axis1, self.axis2).copy()

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the other lengths, and the diagonal's."""
        (shape,) = shapes
        rows, columns = self.axes(len(shape))
        length = _diagonal_length(shape[rows], shape[columns], self.offset)
        return [(*[n for d, n in enumerate(shape) if d not in (rows, columns)], length)]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return zeros with the gradient on the diagonal."""
        (x,), (g,) = inputs, output_grads
        if is_discrete(x.type.dtype):
            return [FUNCTIONS["zero_gradient"](x)]
        zeros = FUNCTIONS["zeros_like"](x)
        return [_write_diagonal(zeros, g, self.offset, self.axes(x.type.ndim), sets=False)]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent's diagonal."""
        return [None if eval_points[0] is None else self(eval_points[0])]


class AllocDiag(_Diagonal):
    """A tensor that is zero but on a diagonal, which is the last dimension of the input.

    Parameters
    ----------
    offset : int
        The diagonal: 0 is the main one, positive ones lie above it.
    axis1, axis2 : int
        The dimensions of rows and of columns in the result.
    """

    def make_node(self, diag: Any) -> Apply:
        """Return the application on a tensor of one or more dimensions."""
        diag = as_tensor_variable(diag)
        if diag.type.ndim < 1:
            raise ShapeError(
                "a diagonal needs a dimension", got=f"the scalar {diag}", origin=diag.origin
            )
        *others, length = diag.type.shape
        side = None if length is None else length + abs(self.offset)
        return Apply(
            self, [diag], [TensorType(diag.type.dtype, shape=self._placed(others, side))()]
        )

    def _placed(self, others: list[Any], side: Any) -> list[Any]:
        """Return the other lengths with two sides put in at the axes."""
        shape = list(others)
        for axis in sorted(self.axes(len(others) + 2)):
            shape.insert(axis, side)
        return shape

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Write into zeros."""
        (values,) = inputs
        side = values.shape[-1] + abs(self.offset)
        out = np.zeros(self._placed(list(values.shape[:-1]), side), dtype=values.dtype)
        rows = np.arange(values.shape[-1]) + max(-self.offset, 0)
        columns = np.arange(values.shape[-1]) + max(self.offset, 0)
        np.moveaxis(out, self.axes(out.ndim), (-2, -1))[..., rows, columns] = values
        output_storage[0][0] = out

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the other lengths, and the sides."""
        *others, length = shapes[0]
        return [tuple(self._placed(others, length + constant(np.int64(abs(self.offset)))))]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient's diagonal."""
        (x,), (g,) = inputs, output_grads
        if is_discrete(x.type.dtype):
            return [FUNCTIONS["zero_gradient"](x)]
        gradient = ExtractDiag(self.offset, self.axis1, self.axis2)(g)
        return [FUNCTIONS["patternbroadcast"](gradient, x.type.broadcastable)]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return a tensor with the tangent on the diagonal."""
        return [None if eval_points[0] is None else self(eval_points[0])]


def _diagonal_length(rows: Any, columns: Any, offset: Any) -> Any:
    """Return the length of a diagonal; all arguments may be symbolic."""
    if isinstance(offset, int):
        below, above = constant(np.int64(max(-offset, 0))), constant(np.int64(max(offset, 0)))
    else:
        below, above = (
            maximum(-offset, constant(np.int64(0))),
            maximum(offset, constant(np.int64(0))),
        )
    return maximum(minimum(rows - below, columns - above), constant(np.int64(0)))


def _write_diagonal(x: Any, values: Any, offset: Any, axes: tuple[int, int], *, sets: bool) -> Any:
    """Return `x` with a diagonal set or increased; the values' last dimension runs along it."""
    front = moveaxis(x, axes, (0, 1))
    length = _diagonal_length(ShapeOf(0)(front), ShapeOf(1)(front), offset)
    places = arange(length)
    zero = constant(np.int64(0))
    if isinstance(offset, int):
        rows, columns = places + max(-offset, 0), places + max(offset, 0)
    else:
        rows, columns = places + maximum(-offset, zero), places + maximum(offset, zero)
    if values.type.ndim > 1:
        values = moveaxis(values, -1, 0)
    write = set_subtensor if sets else inc_subtensor
    return moveaxis(write(front[rows, columns], values), (0, 1), axes)


@public("diag", numpy=("diag",))
def diag(v: Any, k: int = 0) -> Any:
    """Return a diagonal of a matrix, or a matrix with a vector on a diagonal.

    Parameters
    ----------
    v : tensor
        A vector, or a tensor of two or more dimensions.
    k : int
        The diagonal: 0 is the main one, positive ones lie above it.

    Returns
    -------
    TensorVariable
        A vector of a matrix, a matrix of a vector.

    Raises
    ------
    ValueError
        If `v` is a scalar.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.diag(T.vector()).ndim, T.diag(T.matrix(), 1).ndim
    (2, 1)
    """
    v = as_tensor_variable(v)
    if v.type.ndim == 0:
        raise ShapeError(
            "diag needs at least one dimension", got=f"the scalar {v}", origin=v.origin
        )
    return AllocDiag(k)(v) if v.type.ndim == 1 else ExtractDiag(k)(v)


@public("diagonal", numpy=("diagonal",))
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Return a diagonal of two dimensions of a tensor.

    Parameters
    ----------
    a : tensor
        A tensor of two or more dimensions.
    offset : int
        The diagonal: 0 is the main one, positive ones lie above it.
    axis1, axis2 : int
        The dimensions of rows and of columns.

    Returns
    -------
    TensorVariable
        A copy; the diagonal is its last dimension.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.diagonal(T.tensor3(), axis1=0, axis2=2).ndim
    2
    """
    return ExtractDiag(offset, axis1, axis2)(a)


@public("trace")
def trace(X: Any) -> Any:
    """Return the sum of the main diagonal.

    Parameters
    ----------
    X : tensor
        A matrix; of a tensor of more dimensions the diagonal of the first two, summed over all
        others.

    Returns
    -------
    TensorVariable
        A scalar.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.trace(T.matrix()).ndim
    0
    """
    return FUNCTIONS["sum"](diagonal(X))


def numpy_trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Return the sum of a diagonal, with the other dimensions kept: `numpy.trace` of a symbol."""
    return FUNCTIONS["sum"](diagonal(a, offset, axis1, axis2), axis=-1)


publish(numpy_trace, numpy=("trace",))


def _value_for(name: str, a: Any, val: Any) -> tuple[Any, Any]:
    """Return tensor and scalar of one dtype, or raise what both functions below raise."""
    a, val = as_tensor_variable(a), as_tensor_variable(val)
    if a.type.ndim < 2:
        raise RankError(
            f"{name}: at least two dimensions are needed",
            got=f"{a} of {a.type.ndim}",
            origin=a.origin,
        )
    if val.type.ndim:
        raise RankError(
            f"{name}: the value must be a scalar", got=f"{val} of {val.type.ndim} dimensions"
        )
    if upcast(a.type.dtype, val.type.dtype) != a.type.dtype:
        raise DTypeError(
            f"{name}: the value does not fit the tensor's dtype",
            got=f"{val} of {val.type.dtype}",
            expected=a.type.dtype,
            hint="cast the value",
        )
    return a, cast(val, a.type.dtype)


@public("fill_diagonal")
def fill_diagonal(a: Any, val: Any) -> Any:
    """Return a tensor with its main diagonal set to a value.

    Parameters
    ----------
    a : tensor
        A matrix, or a tensor of more dimensions, all of one length.
    val : scalar
        The value; its dtype must fit that of `a`.

    Returns
    -------
    TensorVariable
        Of the shape and dtype of `a`.

    Raises
    ------
    TypeError
        If `a` has less than two dimensions, or `val` is no scalar or of a wider dtype.
    ValueError
        At run time, if `a` has more than two dimensions and they differ in length.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.fill_diagonal(T.matrix(), 1.0).ndim
    2
    """
    a, val = _value_for("fill_diagonal", a, val)
    lengths = [ShapeOf(d)(a) for d in range(a.type.ndim)]
    side = lengths[0]
    if a.type.ndim == 2:
        side = minimum(*lengths)
    else:
        conditions = [eq(n, side) for n in lengths[1:]]
        side = assert_op(
            side,
            *conditions,
            message="fill_diagonal: all dimensions must be of one length",
            error=ShapeError,
        )
    places = arange(side)
    return set_subtensor(a[(places,) * a.type.ndim], val)


@public("fill_diagonal_offset")
def fill_diagonal_offset(a: Any, val: Any, offset: Any) -> Any:
    """Return a matrix with one of its diagonals set to a value.

    Parameters
    ----------
    a : matrix
        The matrix.
    val : scalar
        The value; its dtype must fit that of `a`.
    offset : int or scalar
        The diagonal: 0 is the main one, positive ones lie above it.

    Returns
    -------
    TensorVariable
        Of the shape and dtype of `a`.

    Raises
    ------
    TypeError
        If `a` is no matrix, `val` no scalar or of a wider dtype, or `offset` no integer.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.fill_diagonal_offset(T.matrix(), 1.0, -1).ndim
    2
    """
    a, val = _value_for("fill_diagonal_offset", a, val)
    if a.type.ndim != 2:
        raise RankError(
            "fill_diagonal_offset: a matrix is needed", got=f"{a} of {a.type.ndim} dimensions"
        )
    offset = as_tensor_variable(offset)
    if offset.type.ndim or not is_discrete(offset.type.dtype):
        raise DTypeError(
            "fill_diagonal_offset: the offset is a scalar integer", got=f"{offset} of {offset.type}"
        )
    return _write_diagonal(a, val, cast(offset, "int64"), (0, 1), sets=True)
