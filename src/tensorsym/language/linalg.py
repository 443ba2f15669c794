"""Inverses, determinants and powers of matrices, by NumPy's LAPACK."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import RankError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.dtypes import is_complex, is_discrete
from tensorsym.language.shape import ShapeOf
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = [
    "Det",
    "MatrixInverse",
    "MatrixPinv",
    "TensorInv",
    "TensorSolve",
    "as_matrix",
    "det",
    "matrix_dot",
    "matrix_inverse",
    "matrix_power",
    "pinv",
    "tensorinv",
    "tensorsolve",
]


def as_float_tensor(x: Any) -> Any:
    """Return `x` as a tensor of a dtype that LAPACK has; integers become float64."""
    x = as_tensor_variable(x)
    if is_discrete(x.type.dtype):
        return FUNCTIONS["cast"](x, "float64")
    return FUNCTIONS["cast"](x, "float32") if x.type.dtype == "float16" else x


def as_matrix(x: Any, what: str) -> Any:
    """Return `x` as a matrix of a dtype that LAPACK has.

    Parameters
    ----------
    x : array_like or tensor
        Two dimensions; integers become float64.
    what : str
        Name of the operation, for the error.
    """
    x = as_float_tensor(x)
    if x.type.ndim != 2:
        raise RankError(f"{what} takes a matrix", got=f"{x} of {x.type}", origin=x.origin)
    return x


def matrix_type(dtype: str, rank: int = 2) -> TensorType:
    """Return a tensor type without known lengths."""
    return TensorType(dtype, (False,) * rank)


class MatrixInverse(Op):
    """The inverse of a square matrix."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        """Return the application on a matrix."""
        x = as_matrix(x, "matrix_inverse")
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Invert with NumPy; a singular matrix raises LinAlgError."""
        output_storage[0][0] = np.linalg.inv(inputs[0])

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return -X.T G X.T, X the inverse."""
        inverse = outputs[0].T
        if is_complex(inputs[0].type.dtype):
            inverse = FUNCTIONS["conj"](inverse)
        return [-matrix_dot(inverse, output_grads[0], inverse)]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return -X D X, X the inverse."""
        inverse = self(inputs[0])
        return [-matrix_dot(inverse, eval_points[0], inverse)]

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the operand's shape."""
        return [shapes[0]]


class MatrixPinv(Op):
    """The Moore-Penrose inverse of a matrix."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        """Return the application on a matrix."""
        x = as_matrix(x, "pinv")
        return Apply(self, [x], [matrix_type(x.type.dtype)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy."""
        output_storage[0][0] = np.linalg.pinv(inputs[0])

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient where the rank stays.

        References
        ----------
        G. H. Golub and V. Pereyra, SIAM J. Numer. Anal. 10 (1973), 413-432, theorem 4.3.
        """
        x, p, g = inputs[0], outputs[0], output_grads[0]
        eye = FUNCTIONS["eye"]
        left = eye(ShapeOf(0)(x), dtype=x.type.dtype) - FUNCTIONS["dot"](x, p)
        right = eye(ShapeOf(1)(x), dtype=x.type.dtype) - FUNCTIONS["dot"](p, x)
        return [
            matrix_dot(left, g.T, p, p.T) + matrix_dot(p.T, p, g.T, right) - matrix_dot(p.T, g, p.T)
        ]

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the operand's shape, transposed."""
        return [shapes[0][::-1]]


class Det(Op):
    """The determinant of a square matrix."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        """Return the application on a matrix."""
        x = as_matrix(x, "det")
        return Apply(self, [x], [matrix_type(x.type.dtype, 0)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy."""
        output_storage[0][0] = np.asarray(np.linalg.det(inputs[0]), dtype=inputs[0].dtype)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the determinant times the transposed inverse."""
        (x,), (value,), (g,) = inputs, outputs, output_grads
        transposed = matrix_inverse(x).T
        if is_complex(x.type.dtype):
            transposed, value = FUNCTIONS["conj"](transposed), FUNCTIONS["conj"](value)
        return [g * value * transposed]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the determinant times the trace of the inverse times the tangent."""
        moved = FUNCTIONS["dot"](matrix_inverse(inputs[0]), eval_points[0])
        return [self(inputs[0]) * FUNCTIONS["trace"](moved)]

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shape of a scalar."""
        return [()]


class TensorInv(Op):
    """The inverse of a tensor with regard to `tensordot` over the first `ind` dimensions.

    Parameters
    ----------
    ind : int
        How many.
    """

    __props__ = ("ind",)

    def __init__(self, ind: int = 2) -> None:
        self.ind = ind

    def make_node(self, a: Any) -> Apply:
        """Return the application on a tensor."""
        a = as_float_tensor(a)
        return Apply(self, [a], [matrix_type(a.type.dtype, a.type.ndim)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Invert with NumPy."""
        output_storage[0][0] = np.linalg.tensorinv(inputs[0], self.ind)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the operand's shape, its two parts exchanged."""
        return [(*shapes[0][self.ind :], *shapes[0][: self.ind])]


class TensorSolve(Op):
    """The solution x of tensordot(a, x) = b.

    Parameters
    ----------
    axes : sequence of int, optional
        Dimensions of `a` that are moved to the right first.
    """

    __props__ = ("axes",)

    def __init__(self, axes: Any = None) -> None:
        self.axes = None if axes is None else tuple(axes)

    def make_node(self, a: Any, b: Any) -> Apply:
        """Return the application on two tensors."""
        a, b = as_float_tensor(a), as_float_tensor(b)
        dtype = (a.flatten()[:1] * b.flatten()[:1]).type.dtype
        return Apply(self, [a, b], [matrix_type(dtype, a.type.ndim - b.type.ndim)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Solve with NumPy."""
        found = np.linalg.tensorsolve(inputs[0], inputs[1], axes=self.axes)
        output_storage[0][0] = found.astype(node.outputs[0].type.dtype)


def matrix_inverse(x: Any) -> Any:
    """Return the inverse of a square matrix.

    Parameters
    ----------
    x : matrix
        Float or complex; integers become float64.

    Returns
    -------
    TensorVariable
        A matrix of the same shape.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nlinalg.matrix_inverse(T.constant([[2.0, 0.0], [0.0, 4.0]])).eval().tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    """
    return MatrixInverse()(x)


def pinv(x: Any) -> Any:
    """Return the Moore-Penrose inverse of a matrix; its gradient holds where the rank stays.

    Parameters
    ----------
    x : matrix
        Real or complex.

    Returns
    -------
    TensorVariable
        A matrix of the transposed shape.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nlinalg.pinv(T.constant([[2.0], [0.0]])).eval().tolist()
    [[0.5, 0.0]]
    """
    return MatrixPinv()(x)


def det(x: Any) -> Any:
    """Return the determinant of a square matrix.

    Parameters
    ----------
    x : matrix
        A square matrix.

    Returns
    -------
    TensorVariable
        A scalar.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> round(float(T.nlinalg.det(T.constant([[2.0, 1.0], [1.0, 3.0]])).eval()), 6)
    5.0
    """
    return Det()(x)


def matrix_dot(*args: Any) -> Any:
    """Return the product of any number of matrices, from left to right.

    Parameters
    ----------
    *args : matrix
        The factors, one or more.

    Returns
    -------
    TensorVariable
        Their product.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> x = T.constant([[0.0, 2.0], [1.0, 0.0]])
    >>> T.nlinalg.matrix_dot(x, x, x).eval().tolist()
    [[0.0, 4.0], [2.0, 0.0]]
    """
    return reduce(FUNCTIONS["dot"], args)


def matrix_power(M: Any, n: int) -> Any:
    """Return an integer power of a square matrix, negative ones of its inverse.

    Parameters
    ----------
    M : matrix
        A square matrix.
    n : int
        The exponent.

    Returns
    -------
    TensorVariable
        A matrix of the same shape.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> x = T.constant([[1.0, 1.0], [0.0, 1.0]])
    >>> T.nlinalg.matrix_power(x, 5).eval().tolist()
    [[1.0, 5.0], [0.0, 1.0]]
    """
    x = as_tensor_variable(M)
    if n < 0:
        x, n = matrix_inverse(x), -n
    if n == 0:
        return FUNCTIONS["identity_like"](x)
    result = None
    while True:
        if n % 2:
            result = x if result is None else FUNCTIONS["dot"](result, x)
        n //= 2
        if not n:
            return result
        x = FUNCTIONS["dot"](x, x)


def tensorinv(a: Any, ind: int = 2) -> Any:
    """Return the inverse of a tensor with regard to `tensordot` over the first `ind` dimensions.

    Parameters
    ----------
    a : tensor
        A tensor that is a square matrix when its first `ind` dimensions are joined.
    ind : int
        Number of dimensions that come first.

    Returns
    -------
    TensorVariable
        The inverse, with the two groups of dimensions exchanged.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nlinalg.tensorinv(T.constant([[2.0]]), ind=1).eval().tolist()
    [[0.5]]
    """
    return TensorInv(ind)(a)


def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """Return the solution x of tensordot(a, x) = b, over all dimensions of x.

    Parameters
    ----------
    a : tensor
        The coefficients.
    b : tensor
        The right side.
    axes : tuple of int, optional
        Dimensions of `a` moved to the end first.

    Returns
    -------
    TensorVariable
        The solution.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nlinalg.tensorsolve(T.constant([[2.0]]), T.constant([6.0])).eval().tolist()
    [3.0]
    """
    return TensorSolve(axes)(a, b)
