"""Sparse matrices taken to pieces and put together, and made of tensors and into them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply, Variable
from tensorsym.language.sparsetype import SparseType, as_sparse_variable, reference
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = [
    "CSM",
    "CSMProperties",
    "DenseFromSparse",
    "SparseFromDense",
    "Stored",
    "as_any_variable",
    "dense",
    "disconnected",
    "is_sparse",
    "masked",
    "stored_vector",
]


def as_any_variable(x: Any) -> Any:
    """Return `x` as a sparse variable if it is sparse, else as a tensor."""
    if isinstance(x, Variable):
        return x
    try:
        return as_sparse_variable(x)
    except TypeError:
        return as_tensor_variable(x)


def is_sparse(x: Any) -> bool:
    """Tell whether a variable is a sparse matrix."""
    return isinstance(x.type, SparseType)


def stored_vector(dtype: str) -> Any:
    """Return a variable of stored elements."""
    return TensorType(dtype, shape=(None,))()


def disconnected(count: int) -> list[Any]:
    """Return gradients by operands of which nothing is differentiated."""
    return [FUNCTIONS["disconnected"]() for _ in range(count)]


class CSMProperties(Op):
    """The stored elements of a matrix, their indices, the starts of rows or columns, the shape."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        """Return the application on a sparse matrix."""
        x = as_sparse_variable(x)
        return Apply(
            self, [x], [stored_vector(x.type.dtype), *[stored_vector("int32") for _ in range(3)]]
        )

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Take the matrix to pieces."""
        for cell, part in zip(output_storage, reference().parts(inputs[0]), strict=True):
            cell[0] = np.array(part)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that gradients flow to the elements."""
        return [[True, False, False, False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradients of the elements in their places."""
        (x,) = inputs
        return [CSM(x.type.format)(output_grads[0], *outputs[1:])]


class CSM(Op):
    """A sparse matrix made of its parts, as `CSMProperties` gives them.

    Parameters
    ----------
    format : {'csr', 'csc'}
        Whether indices are those of columns in rows, or of rows in columns.
    kmap : None
        Kept for Theano programs.
    """

    __props__ = ("format",)

    def __init__(self, format: str, kmap: None = None) -> None:
        if format not in ("csr", "csc") or kmap is not None:
            raise ValueError(f"the format is 'csr' or 'csc', without a map; got {format!r}, {kmap}")
        self.format = format

    def make_node(self, data: Any, indices: Any, indptr: Any, shape: Any) -> Apply:
        """Return the application on the parts."""
        parts = [as_tensor_variable(part) for part in (data, indices, indptr, shape)]
        if any(part.type.ndim != 1 for part in parts):
            raise TypeError(f"the parts are vectors, got {[str(part.type) for part in parts]}")
        places = [FUNCTIONS["cast"](part, "int32") for part in parts[1:]]
        out = SparseType(self.format, parts[0].type.dtype)()
        return Apply(self, [parts[0], *places], [out])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Put the matrix together."""
        if len(inputs[3]) != 2 or len(inputs[0]) != len(inputs[1]):
            raise ValueError("a matrix has two lengths, and as many indices as elements")
        copied = [np.array(part) for part in inputs]
        output_storage[0][0] = reference().matrix(self.format, *copied)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the lengths given."""
        given: Any = node.inputs[3]
        return [(given[0], given[1])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that gradients flow to the elements."""
        return [[True], [False], [False], [False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient where the matrix stores elements."""
        return [Stored()(outputs[0], output_grads[0]), *disconnected(3)]


class Stored(Op):
    """The elements of a matrix, sparse or dense, where another one stores some."""

    __props__ = ()

    def make_node(self, x: Any, values: Any) -> Apply:
        """Return the application on the pattern and the values, of which lengths of 1 broadcast."""
        x, values = as_sparse_variable(x), as_any_variable(values)
        if not is_sparse(values) and values.type.ndim < 2:
            values = FUNCTIONS["shape_padleft"](values, 2 - values.type.ndim)
        return Apply(self, [x, values], [stored_vector(values.type.dtype)])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Pick the elements."""
        found = reference().stored(*inputs)
        output_storage[0][0] = np.array(found, dtype=node.outputs[0].type.dtype)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that gradients flow to the values."""
        return [[False], [True]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradients put back, summed over broadcast dimensions."""
        x, values = inputs
        g = CSM(x.type.format)(output_grads[0], *CSMProperties()(x)[1:])
        if is_sparse(values):
            return [*disconnected(1), masked(values, g)]
        g = DenseFromSparse()(g)
        axes = [axis for axis, b in enumerate(values.type.broadcastable) if b]
        return [*disconnected(1), FUNCTIONS["sum"](g, axis=axes, keepdims=True) if axes else g]


def masked(x: Any, values: Any) -> Any:
    """Return the sparse matrix of `values` where `x` stores elements."""
    return CSM(x.type.format)(Stored()(x, values), *CSMProperties()(x)[1:])


class DenseFromSparse(Op):
    """A sparse matrix as a tensor.

    Parameters
    ----------
    structured : bool
        Whether the gradient has the matrix's structure; else it is stored whole.
    """

    __props__ = ("structured",)

    def __init__(self, structured: bool = True) -> None:
        self.structured = structured

    def make_node(self, x: Any) -> Apply:
        """Return the application; a tensor is left as it is."""
        x = as_sparse_variable(x)
        return Apply(self, [x], [TensorType(x.type.dtype, shape=(None, None))()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Fill the array."""
        output_storage[0][0] = reference().dense(inputs[0])

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the matrix's lengths."""
        return [shapes[0]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient, where the matrix stores elements if it is structured."""
        (x,), (g,) = inputs, output_grads
        return [masked(x, g) if self.structured else SparseFromDense(x.type.format)(g)]


class SparseFromDense(Op):
    """The elements of a matrix other than 0.

    Parameters
    ----------
    format : {'csr', 'csc'}
        Of the result.
    """

    __props__ = ("format",)

    def __init__(self, format: str) -> None:
        self.format = format

    def make_node(self, x: Any) -> Apply:
        """Return the application on a matrix, or a vector as its only row."""
        x = as_tensor_variable(x)
        if x.type.ndim > 2:
            raise TypeError(f"there are sparse matrices only, got {x.type}")
        if x.type.ndim < 2:
            x = FUNCTIONS["shape_padleft"](x, 2 - x.type.ndim)
        return Apply(self, [x], [SparseType(self.format, x.type.dtype)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Convert."""
        output_storage[0][0] = reference().from_dense(self.format, inputs[0])

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the tensor's lengths."""
        return [shapes[0]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient as a tensor."""
        g = DenseFromSparse()(output_grads[0])
        return [FUNCTIONS["patternbroadcast"](g, inputs[0].type.broadcastable)]


def dense(x: Any) -> Any:
    """Return a sparse matrix as a tensor; a tensor is left as it is."""
    x = as_any_variable(x)
    return DenseFromSparse()(x) if is_sparse(x) else x
