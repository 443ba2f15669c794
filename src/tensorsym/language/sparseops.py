"""Operations on sparse matrices: a few ops by SciPy, and expressions of their stored elements.

The gradient by a sparse matrix has its structure: elements that are not stored have none, as in
Theano's structured operations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply, Variable
from tensorsym.language.dtypes import upcast
from tensorsym.language.sparsetype import OPERATORS, SparseType, as_sparse_variable, reference
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorsym.graph.op import Storage

__all__ = [
    "CSM",
    "CSMProperties",
    "DenseFromSparse",
    "SparseFromDense",
    "StructuredDot",
    "TrueDot",
    "as_any_variable",
    "structured",
]

OTHER_FORMAT = {"csr": "csc", "csc": "csr"}


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


def _vector(dtype: str) -> Any:
    return TensorType(dtype, shape=(None,))()


def _disconnected(count: int) -> list[Any]:
    return [FUNCTIONS["disconnected"]() for _ in range(count)]


class CSMProperties(Op):
    """The stored elements of a matrix, their indices, the starts of rows or columns, the shape."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        """Return the application on a sparse matrix."""
        x = as_sparse_variable(x)
        return Apply(self, [x], [_vector(x.type.dtype), *[_vector("int32") for _ in range(3)]])

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
        if format not in OTHER_FORMAT or kmap is not None:
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

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that gradients flow to the elements."""
        return [[True], [False], [False], [False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient where the matrix stores elements."""
        return [Stored()(outputs[0], output_grads[0]), *_disconnected(3)]


class Stored(Op):
    """The elements of a matrix, sparse or dense, where another one stores some."""

    __props__ = ()

    def make_node(self, x: Any, values: Any) -> Apply:
        """Return the application on the pattern and the values, of which lengths of 1 broadcast."""
        x, values = as_sparse_variable(x), as_any_variable(values)
        if not is_sparse(values) and values.type.ndim < 2:
            values = FUNCTIONS["shape_padleft"](values, 2 - values.type.ndim)
        return Apply(self, [x, values], [_vector(values.type.dtype)])

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
            return [*_disconnected(1), masked(values, g)]
        g = DenseFromSparse()(g)
        axes = [axis for axis, b in enumerate(values.type.broadcastable) if b]
        return [*_disconnected(1), FUNCTIONS["sum"](g, axis=axes, keepdims=True) if axes else g]


def masked(x: Any, values: Any) -> Any:
    """Return the sparse matrix of `values` where `x` stores elements."""
    return CSM(x.type.format)(Stored()(x, values), *CSMProperties()(x)[1:])


class DenseFromSparse(Op):
    """A sparse matrix as a tensor.

    Parameters
    ----------
    structured : bool
        Kept for Theano programs: the gradient has the matrix's structure.
    """

    __props__ = ()

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
        lengths = CSMProperties()(node.inputs[0])[3]
        return [(FUNCTIONS["cast"](lengths[0], "int64"), FUNCTIONS["cast"](lengths[1], "int64"))]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient where the matrix stores elements."""
        return [masked(inputs[0], output_grads[0])]


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

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient as a tensor."""
        g = DenseFromSparse()(output_grads[0])
        return [FUNCTIONS["patternbroadcast"](g, inputs[0].type.broadcastable)]


class StructuredDot(Op):
    """The product of a sparse matrix and a dense one, dense."""

    __props__ = ()

    def make_node(self, a: Any, b: Any) -> Apply:
        """Return the application."""
        a, b = as_sparse_variable(a), as_tensor_variable(b)
        if b.type.ndim not in (1, 2):
            raise TypeError(f"a sparse matrix multiplies a vector or matrix, got {b.type}")
        dtype = upcast(a.type.dtype, b.type.dtype)
        return Apply(self, [a, b], [TensorType(dtype, shape=(None, *b.type.shape[1:]))()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Multiply."""
        a, b = inputs
        if a.shape[1] != b.shape[0]:
            raise ValueError(f"shape mismatch in a product: {a.shape} and {b.shape}")
        product = reference().dot(a, b)
        output_storage[0][0] = np.asarray(product, dtype=node.outputs[0].type.dtype)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the product rule's terms, that of the sparse operand in its structure."""
        (a, b), (g,) = inputs, output_grads
        picked = ProductAt()(a, g, b)
        g_a = CSM(a.type.format)(picked, *CSMProperties()(a)[1:])
        g_b = StructuredDot()(transpose(a), g)
        return [g_a, FUNCTIONS["patternbroadcast"](g_b, b.type.broadcastable)]


class ProductAt(Op):
    """The elements of left @ right.T where a sparse matrix stores some."""

    __props__ = ()

    def make_node(self, x: Any, left: Any, right: Any) -> Apply:
        """Return the application; vectors are columns."""
        columns = [v.dimshuffle(0, "x") if v.type.ndim == 1 else v for v in (left, right)]
        dtype = upcast(*[v.type.dtype for v in columns])
        return Apply(self, [x, *columns], [_vector(dtype)])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Multiply the rows that meet."""
        output_storage[0][0] = np.asarray(reference().product_at(*inputs))

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the pattern is not differentiated."""
        return [[False], [True], [True]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return products of the gradients, put in their places, with the other factor."""
        x, left, right = inputs
        g = CSM(x.type.format)(output_grads[0], *CSMProperties()(x)[1:])
        terms = (StructuredDot()(g, right), StructuredDot()(transpose(g), left))
        return [
            *_disconnected(1),
            *[
                FUNCTIONS["patternbroadcast"](t, v.type.broadcastable)
                for t, v in zip(terms, (left, right), strict=True)
            ],
        ]


class TrueDot(Op):
    """The product of two sparse matrices, sparse."""

    __props__ = ()

    def make_node(self, x: Any, y: Any) -> Apply:
        """Return the application; the result has the first operand's format."""
        x, y = as_sparse_variable(x), as_sparse_variable(y)
        out = SparseType(x.type.format, upcast(x.type.dtype, y.type.dtype))()
        return Apply(self, [x, y], [out])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Multiply."""
        x, y = inputs
        if x.shape[1] != y.shape[0]:
            raise ValueError(f"shape mismatch in a product: {x.shape} and {y.shape}")
        out = node.outputs[0].type
        output_storage[0][0] = reference().dot(x, y).asformat(out.format).astype(out.dtype)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the product rule's terms."""
        (x, y), (g,) = inputs, output_grads
        return [masked(x, TrueDot()(g, transpose(y))), masked(y, TrueDot()(transpose(x), g))]


class AddSS(Op):
    """The sum of two sparse matrices, sparse."""

    __props__ = ()

    def make_node(self, x: Any, y: Any) -> Apply:
        """Return the application; the result has the first operand's format."""
        x, y = as_sparse_variable(x), as_sparse_variable(y)
        out = SparseType(x.type.format, upcast(x.type.dtype, y.type.dtype))()
        return Apply(self, [x, y], [out])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Add."""
        x, y = inputs
        if x.shape != y.shape:
            raise ValueError(f"shape mismatch in a sum: {x.shape} and {y.shape}")
        output_storage[0][0] = reference().add(x, y, node.outputs[0].type.format)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient in each operand's structure."""
        return [masked(x, output_grads[0]) for x in inputs]


def structured(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of tensors as one of the stored elements of a sparse matrix."""

    def of_stored(x: Any, *others: Any) -> Any:
        x = as_sparse_variable(x)
        data, *places = CSMProperties()(x)
        return CSM(x.type.format)(function(data, *others), *places)

    return of_stored


def transpose(x: Any) -> Any:
    """Return the transposed matrix: the same parts, read by the other dimension."""
    x = as_sparse_variable(x)
    data, indices, indptr, shape = CSMProperties()(x)
    return CSM(OTHER_FORMAT[x.type.format])(data, indices, indptr, shape[::-1])


def add(x: Any, y: Any) -> Any:
    """Return a sum: sparse if both are, else dense."""
    x, y = as_any_variable(x), as_any_variable(y)
    if is_sparse(x) and is_sparse(y):
        return AddSS()(x, y)
    return dense(x) + dense(y)


def dense(x: Any) -> Any:
    """Return a sparse matrix as a tensor; a tensor is left as it is."""
    x = as_any_variable(x)
    return DenseFromSparse()(x) if is_sparse(x) else x


def sub(x: Any, y: Any) -> Any:
    """Return a difference: sparse if both are, else dense."""
    return add(x, -as_any_variable(y))


def mul(x: Any, y: Any) -> Any:
    """Return a product element by element, with the structure of the first sparse operand."""
    x, y = as_any_variable(x), as_any_variable(y)
    if not is_sparse(x):
        x, y = y, x
    if not is_sparse(y) and y.type.ndim == 0:
        return structured(lambda data: data * y)(x)
    return structured(lambda data: data * Stored()(x, y))(x)


def structured_dot(x: Any, y: Any) -> Any:
    """Return a product of which one operand at least is sparse: dense, unless both are sparse."""
    x, y = as_any_variable(x), as_any_variable(y)
    if is_sparse(x):
        return TrueDot()(x, y) if is_sparse(y) else StructuredDot()(x, y)
    if not is_sparse(y):
        raise TypeError("structured_dot needs a sparse operand; use T.dot")
    return StructuredDot()(transpose(y), x.T).T


def dot(x: Any, y: Any) -> Any:
    """Return a product of which one operand at least is sparse, dense."""
    return dense(structured_dot(x, y))


def sum_over(x: Any, axis: int | None = None, sparse_grad: bool = True) -> Any:
    """Return the sum of elements over an axis, or of all."""
    x = as_sparse_variable(x)
    if axis is None:
        return FUNCTIONS["sum"](CSMProperties()(x)[0])
    if axis not in (0, 1, -1, -2):
        raise ValueError(f"a matrix has no axis {axis}")
    rows = axis in (0, -2)
    matrix = transpose(x) if rows else x
    ones = FUNCTIONS["ones"]((CSMProperties()(matrix)[3][1],), dtype=x.type.dtype)
    return StructuredDot()(matrix, ones)


def zeros_like(x: Any) -> Any:
    """Return the matrix without elements of the shape of another."""
    _, indices, indptr, shape = CSMProperties()(x)
    nothing = FUNCTIONS["zeros"]((0,), dtype=x.type.dtype)
    return CSM(x.type.format)(nothing, indices[:0], FUNCTIONS["zeros_like"](indptr), shape)


OPERATORS.update(
    add=add,
    sub=sub,
    mul=mul,
    neg=structured(lambda data: -data),
    dot=dot,
    dense=dense,
    transpose=transpose,
    sum=sum_over,
    shape=lambda x: FUNCTIONS["cast"](CSMProperties()(x)[3], "int64"),
    cast=lambda x, dtype: structured(lambda data: FUNCTIONS["cast"](data, dtype))(x),
    zeros_like=zeros_like,
)
