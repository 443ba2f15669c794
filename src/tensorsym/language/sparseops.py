"""Operations on sparse matrices: a few ops by SciPy, and expressions of their stored elements.

The gradients by factors of dot products, and of structured functions, have the matrix's structure:
elements that are not stored have none. The others' are whole (see `language.sparselinear`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.dtypes import upcast
from tensorsym.language.shape import Shape
from tensorsym.language.sparselinear import as_format, cast, fitted, neg, transpose
from tensorsym.language.sparseparts import (
    CSM,
    CSMProperties,
    DenseFromSparse,
    SparseFromDense,
    as_any_variable,
    dense,
    disconnected,
    is_sparse,
    masked,
    stored_vector,
)
from tensorsym.language.sparsetype import OPERATORS, SparseType, as_sparse_variable, reference
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorsym.graph.op import Storage

__all__ = [
    "AddSS",
    "Mul",
    "ProductAt",
    "SpSum",
    "StructuredDot",
    "TrueDot",
    "comparison",
    "structured",
    "structured_dot",
    "sum_over",
]


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

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the rows of the first and the columns of the second."""
        return [(shapes[0][0], *shapes[1][1:])]

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
        return Apply(self, [x, *columns], [stored_vector(dtype)])

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
            *disconnected(1),
            *[
                FUNCTIONS["patternbroadcast"](t, v.type.broadcastable)
                for t, v in zip(terms, (left, right), strict=True)
            ],
        ]


class TrueDot(Op):
    """The product of two sparse matrices, sparse.

    Parameters
    ----------
    structured : bool
        Whether the gradients have the operands' structures; else they are whole.
    """

    __props__ = ("structured",)

    def __init__(self, structured: bool = False) -> None:
        self.structured = structured

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

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the rows of the first and the columns of the second."""
        return [(shapes[0][0], shapes[1][1])]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the product rule's terms."""
        (x, y), (g,) = inputs, output_grads
        terms = TrueDot()(g, transpose(y)), TrueDot()(transpose(x), g)
        cut = masked if self.structured else lambda v, term: fitted(term, v)
        return [cut(v, term) for v, term in zip((x, y), terms, strict=True)]


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

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the first operand's lengths."""
        return [shapes[0]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient, in each operand's format."""
        return [fitted(output_grads[0], x) for x in inputs]


class Mul(Op):
    """The product of a sparse matrix and a number, array or sparse matrix, element by element.

    Only the first operand's elements are computed: 0 times infinity is 0 elsewhere.
    """

    __props__ = ()

    def make_node(self, x: Any, y: Any) -> Apply:
        """Return the application; a vector is a row, and lengths of 1 broadcast."""
        x, y = as_sparse_variable(x), as_any_variable(y)
        x = as_format(x, "csr") if x.type.format == "bsr" else x  # blocks store 0s too
        if not is_sparse(y) and y.type.ndim == 1:
            y = y.dimshuffle("x", 0)
        if not is_sparse(y) and y.type.ndim > 2:
            raise TypeError(f"a sparse matrix is multiplied by a matrix, got {y.type}")
        out = SparseType(x.type.format, upcast(x.type.dtype, y.type.dtype))()
        return Apply(self, [x, y], [out])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Multiply the stored elements."""
        x, y = inputs
        if any(n not in (1, m) for m, n in zip(x.shape, y.shape, strict=False)):
            raise ValueError(f"shape mismatch in a product: {x.shape} and {y.shape}")
        output_storage[0][0] = reference().scaled(x, y, node.outputs[0].type.dtype)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the first operand's lengths."""
        return [shapes[0]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient times the other operand."""
        (x, y), (g,) = inputs, output_grads
        g_x = fitted(Mul()(g, y), x)
        g_y = Mul()(g, x)
        if is_sparse(y):
            return [g_x, fitted(g_y, y)]
        axes = [axis for axis, one in enumerate(y.type.broadcastable) if one]
        if y.type.ndim == 0:
            return [g_x, FUNCTIONS["sum"](CSMProperties()(g_y)[0])]
        g_y = DenseFromSparse()(g_y)
        return [g_x, FUNCTIONS["sum"](g_y, axis=axes, keepdims=True) if axes else g_y]


class SpSum(Op):
    """The sum of elements over an axis, or of all.

    Parameters
    ----------
    axis : {None, 0, 1}
        Which.
    sparse_grad : bool
        Whether the gradient has the matrix's structure; else it is stored whole.
    """

    __props__ = ("axis", "sparse_grad")

    def __init__(self, axis: int | None = None, sparse_grad: bool = True) -> None:
        if axis not in (None, 0, 1, -1, -2):
            raise ValueError(f"a matrix has no axis {axis}")
        self.axis = axis if axis is None else axis % 2
        self.sparse_grad = sparse_grad

    def make_node(self, x: Any) -> Apply:
        """Return the application on a sparse matrix."""
        x = as_sparse_variable(x)
        shape = () if self.axis is None else (None,)
        return Apply(self, [x], [TensorType(x.type.dtype, shape=shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Add."""
        output_storage[0][0] = reference().total(inputs[0], self.axis)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the length left."""
        return [() if self.axis is None else (shapes[0][1 - self.axis],)]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient repeated over the axis."""
        (x,), (g,) = inputs, output_grads
        if self.axis is not None:
            g = g.dimshuffle("x", 0) if self.axis == 0 else g.dimshuffle(0, "x")
        if self.sparse_grad:
            return [masked(x, g)]
        whole = g + FUNCTIONS["zeros"](x.shape, dtype=g.type.dtype)
        return [SparseFromDense(x.type.format)(whole)]


def structured(function: Callable[..., Any], name: str = "of_stored") -> Callable[..., Any]:
    """Return a function of tensors as one, of a name, of a sparse matrix's stored elements."""

    def of_stored(x: Any, *others: Any) -> Any:
        x = as_sparse_variable(x)
        data, *places = CSMProperties()(x)
        return CSM(x.type.format)(function(data, *others), *places)

    of_stored.__name__ = of_stored.__qualname__ = name
    return of_stored


def add(x: Any, y: Any) -> Any:
    """Return a sum: sparse if both are, else dense."""
    x, y = as_any_variable(x), as_any_variable(y)
    if is_sparse(x) and is_sparse(y):
        return AddSS()(x, y)
    return dense(x) + dense(y)


def sub(x: Any, y: Any) -> Any:
    """Return a difference: sparse if both are, else dense."""
    return add(x, -as_any_variable(y))


def mul(x: Any, y: Any) -> Any:
    """Return a product element by element, with the structure of the first sparse operand."""
    x, y = as_any_variable(x), as_any_variable(y)
    if not is_sparse(x):
        x, y = y, x
    return Mul()(x, y)


def structured_dot(x: Any, y: Any) -> Any:
    """Return a product of which one operand at least is sparse: dense, unless both are sparse."""
    x, y = as_any_variable(x), as_any_variable(y)
    if is_sparse(x):
        return TrueDot(structured=True)(x, y) if is_sparse(y) else StructuredDot()(x, y)
    if not is_sparse(y):
        raise TypeError("structured_dot needs a sparse operand; use T.dot")
    return StructuredDot()(transpose(y), x.T).T


def dot(x: Any, y: Any) -> Any:
    """Return a product of which one operand at least is sparse, dense."""
    return dense(structured_dot(x, y))


def sum_over(x: Any, axis: int | None = None, sparse_grad: bool = False) -> Any:
    """Return the sum of elements over an axis, or of all."""
    return SpSum(axis, sparse_grad)(x)


def zeros_like(x: Any) -> Any:
    """Return the matrix without elements of the shape of another."""
    _, indices, indptr, shape = CSMProperties()(x)
    nothing = FUNCTIONS["zeros"]((0,), dtype=x.type.dtype)
    return CSM(x.type.format)(nothing, indices[:0], FUNCTIONS["zeros_like"](indptr), shape)


def comparison(name: str) -> Callable[..., Any]:
    """Return a comparison of matrices, in uint8: sparse if both are, else dense."""

    def compared(x: Any, y: Any) -> Any:
        x, y = as_any_variable(x), as_any_variable(y)
        out = FUNCTIONS["cast"](FUNCTIONS[name](dense(x), dense(y)), "uint8")
        return SparseFromDense(x.type.format)(out) if is_sparse(x) and is_sparse(y) else out

    return compared


OPERATORS.update(
    {name: comparison(name) for name in ("eq", "neq", "lt", "le", "gt", "ge")},
    size=lambda x: CSMProperties()(x)[0].size,
    add=add,
    sub=sub,
    mul=mul,
    neg=neg,
    dot=dot,
    dense=dense,
    transpose=transpose,
    sum=sum_over,
    shape=Shape(),
    cast=cast,
    as_format=as_format,
    zeros_like=zeros_like,
)
