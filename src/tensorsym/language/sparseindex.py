"""Elements, rows and parts of sparse matrices by their indices, and matrices made of such."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply, Variable
from tensorsym.language.sparselinear import as_format
from tensorsym.language.sparseparts import as_any_variable, disconnected, is_sparse
from tensorsym.language.sparsetype import OPERATORS, SparseType, as_sparse_variable, reference
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = [
    "FromPlaces",
    "GetItem2Lists",
    "GetItem2d",
    "GetItemList",
    "construct_sparse_from_list",
    "diag",
    "get_item",
    "square_diagonal",
]


def _indices(values: Any, ndim: int = 1) -> Any:
    values = as_tensor_variable(values)
    if values.type.ndim != ndim or np.dtype(values.type.dtype).kind not in "iu":
        raise ValueError(f"indices are {ndim}-dimensional and integers, got {values.type}")
    return FUNCTIONS["cast"](values, "int64")


class GetItem2d(Op):
    """The matrix where some rows and columns, given by their indices, meet."""

    __props__ = ()

    def make_node(self, x: Any, rows: Any, columns: Any) -> Apply:
        """Return the application on a matrix and two vectors of integers."""
        x = as_sparse_variable(x)
        return Apply(self, [x, _indices(rows), _indices(columns)], [x.type()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Pick the rows, then the columns."""
        x, rows, columns = inputs
        output_storage[0][0] = x[rows][:, columns].asformat(x.format)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return how many rows and columns are asked for."""
        return [(shapes[1][0], shapes[2][0])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that gradients flow to the matrix."""
        return [[True], [False], [False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient in its places."""
        x, rows, columns = inputs
        g = FromPlaces(x.type.format)(output_grads[0], rows, columns, x.shape)
        return [g, *disconnected(2)]


class GetItemList(GetItem2d):
    """The matrix of some rows, given by their indices."""

    def make_node(self, x: Any, index: Any, columns: Any = None) -> Apply:
        """Return the application on a matrix and a vector of integers; it has all columns."""
        x = as_sparse_variable(x)
        return super().make_node(x, index, FUNCTIONS["arange"](x.shape[1]))


class GetItem2Lists(Op):
    """The vector of the elements at pairs of indices."""

    __props__ = ()

    def make_node(self, x: Any, ind1: Any, ind2: Any) -> Apply:
        """Return the application on a matrix and two vectors of integers, of one length."""
        x = as_sparse_variable(x)
        out = TensorType(x.type.dtype, shape=(None,))()
        return Apply(self, [x, _indices(ind1), _indices(ind2)], [out])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Pick the elements."""
        x, rows, columns = inputs
        if rows.shape != columns.shape:
            raise ValueError(f"shape mismatch of indices: {rows.shape} and {columns.shape}")
        output_storage[0][0] = reference().elements(x, rows, columns)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return how many elements are asked for."""
        return [shapes[1]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that gradients flow to the matrix."""
        return [[True], [False], [False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient in its places."""
        x, rows, columns = inputs
        g = FromPlaces(x.type.format)(output_grads[0], rows, columns, x.shape)
        return [g, *disconnected(2)]


class FromPlaces(Op):
    """The matrix of elements at pairs of indices, or of a matrix's where rows and columns meet.

    Elements of one place are added.

    Parameters
    ----------
    format : {'csr', 'csc'}
        Of the result.
    """

    __props__ = ("format",)

    def __init__(self, format: str) -> None:
        self.format = format

    def make_node(self, values: Any, rows: Any, columns: Any, shape: Any) -> Apply:
        """Return the application on a vector or sparse matrix, its indices and the shape."""
        values = as_any_variable(values)
        if not is_sparse(values) and values.type.ndim != 1:
            raise TypeError(f"elements are a vector or a sparse matrix, got {values.type}")
        places = [_indices(v) for v in (rows, columns, shape)]
        return Apply(self, [values, *places], [SparseType(self.format, values.type.dtype)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Put the matrix together."""
        output_storage[0][0] = reference().from_places(self.format, *inputs)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the lengths given."""
        given: Any = node.inputs[3]
        return [(given[0], given[1])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that gradients flow to the elements."""
        return [[True], [False], [False], [False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient's elements at the places."""
        values, rows, columns, _ = inputs
        if is_sparse(values):
            g = as_format(GetItem2d()(output_grads[0], rows, columns), values.type.format)
        else:
            g = GetItem2Lists()(output_grads[0], rows, columns)
        return [g, *disconnected(3)]


def _selected(length: Any, index: Any) -> Any:
    """Return the indices which a slice or list selects of a dimension."""
    if not isinstance(index, slice):
        return _indices(index)
    for bound in (index.start, index.stop, index.step):
        if bound is not None:
            _indices(bound, 0)
    return FUNCTIONS["arange"](length)[index]


def _is_number(index: Any) -> bool:
    return not isinstance(index, slice) and as_tensor_variable(index).type.ndim == 0


def get_item(x: Any, index: Any) -> Any:
    """Return an element, a part given by slices or a list of rows, or the elements of two lists.

    Parameters
    ----------
    x : SparseVariable
        The matrix.
    index : slice, vector, or pair of integers, slices or vectors
        There are no sparse vectors, so a pair of one integer and a slice is refused.

    Returns
    -------
    TensorVariable or SparseVariable
        A number of two integers, a vector of two lists, else a matrix.
    """
    x = as_sparse_variable(x)
    pair = index if isinstance(index, tuple) else (index, slice(None))
    if len(pair) != 2 or any(part is Ellipsis or part is None for part in pair):
        raise ValueError(f"a sparse matrix has two indices, got {index!r}")
    numbers = [_is_number(part) for part in pair]
    if all(numbers):
        rows, columns = (_indices(part, 0).dimshuffle("x") for part in pair)
        return GetItem2Lists()(x, rows, columns)[0]
    if any(numbers):
        raise NotImplementedError("there are no sparse vectors: use slices of length 1")
    slices = [isinstance(part, slice) for part in pair]
    if not any(slices):
        return GetItem2Lists()(x, *pair)
    if slices == [False, True] and isinstance(index, tuple) and isinstance(pair[0], Variable):
        raise ValueError("a list of rows stands alone, or with one of columns")
    rows, columns = (_selected(x.shape[axis], part) for axis, part in enumerate(pair))
    return GetItem2d()(x, rows, columns)


def diag(z: Any) -> Any:
    """Return the diagonal of a sparse matrix as a vector."""
    z = as_sparse_variable(z)
    places = FUNCTIONS["arange"](FUNCTIONS["minimum"](z.shape[0], z.shape[1]))
    return GetItem2Lists()(z, places, places)


def square_diagonal(diagonal: Any) -> Any:
    """Return the sparse matrix with a vector on its diagonal."""
    diagonal = as_tensor_variable(diagonal)
    n = diagonal.shape[0]
    places = FUNCTIONS["arange"](n)
    return FromPlaces("csc")(diagonal, places, places, FUNCTIONS["stack"]([n, n]))


def construct_sparse_from_list(x: Any, values: Any, ilist: Any) -> Any:
    """Return the sparse matrix of the shape of `x` with some rows; those of one index are added.

    Parameters
    ----------
    x : matrix
        What has the shape.
    values : matrix
        The rows.
    ilist : vector of integers
        Their indices.
    """
    x, values, rows = as_tensor_variable(x), as_tensor_variable(values), _indices(ilist)
    if x.type.ndim != 2 or values.type.ndim != 2:
        raise TypeError(f"the shape and the rows are matrices, got {x.type} and {values.type}")
    zeros = FUNCTIONS["zeros"](values.shape, dtype="int64")
    rows = (rows.dimshuffle(0, "x") + zeros).flatten()
    columns = (FUNCTIONS["arange"](values.shape[1]).dimshuffle("x", 0) + zeros).flatten()
    return FromPlaces("csc")(values.flatten(), rows, columns, x.shape)


OPERATORS.update(getitem=get_item)
