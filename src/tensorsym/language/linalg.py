"""Inverse and determinant of square matrices, and what is built from them and from products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import RankError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.dtypes import is_complex, is_discrete
from tensorsym.language.products import dot
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["Det", "MatrixInverse", "det", "matrix_dot", "matrix_inverse", "matrix_power"]


class _OfMatrix(Op):
    """An op on one square matrix, computed in floating point."""

    __props__ = ()

    def _operand(self, x: Any) -> tuple[Any, str]:
        x = as_tensor_variable(x)
        if x.type.ndim != 2:
            raise RankError(f"{self} takes a matrix", got=f"{x} of {x.type}", origin=x.origin)
        return x, "float64" if is_discrete(x.type.dtype) else x.type.dtype


class MatrixInverse(_OfMatrix):
    """The inverse of a square matrix."""

    def make_node(self, x: Any) -> Apply:
        """Return the application on a matrix."""
        x, dtype = self._operand(x)
        return Apply(self, [x], [TensorType(dtype, shape=x.type.shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Invert with NumPy; a singular matrix raises LinAlgError."""
        output_storage[0][0] = np.linalg.inv(inputs[0]).astype(node.outputs[0].type.dtype)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the matrix's shape."""
        return shapes

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return -(X^-1 G^T X^-1)^T."""
        (inverse,), (g,) = outputs, output_grads
        return [-matrix_dot(inverse, g.T, inverse).T]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return -X^-1 T X^-1."""
        (tangent,) = eval_points
        if tangent is None:
            return [None]
        inverse = self(inputs[0])
        return [-matrix_dot(inverse, tangent, inverse)]


class Det(_OfMatrix):
    """The determinant of a square matrix."""

    def make_node(self, x: Any) -> Apply:
        """Return the application on a matrix."""
        x, dtype = self._operand(x)
        return Apply(self, [x], [TensorType(dtype, shape=())()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy; a matrix that is not square raises LinAlgError."""
        output_storage[0][0] = np.asarray(
            np.linalg.det(inputs[0]), dtype=node.outputs[0].type.dtype
        )

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return that it is a scalar."""
        return [()]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return g det(X) X^-T (Jacobi's formula)."""
        (x,), (value,), (g,) = inputs, outputs, output_grads
        transposed = matrix_inverse(x).T
        if is_complex(x.type.dtype):
            transposed, value = transposed.conj(), value.conj()
        return [g * value * transposed]


inverse_op = MatrixInverse()
det_op = Det()


def matrix_inverse(x: Any) -> Any:
    """Return the inverse of a square matrix.

    Parameters
    ----------
    x : matrix
        A square matrix; a singular one raises numpy.linalg.LinAlgError at run time.

    Returns
    -------
    TensorVariable
        A matrix of the same shape; integers give float64.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nlinalg.matrix_inverse(T.matrix()).ndim
    2
    """
    return inverse_op(x)


def det(x: Any) -> Any:
    """Return the determinant of a square matrix.

    Parameters
    ----------
    x : matrix
        A square matrix; others raise numpy.linalg.LinAlgError at run time.

    Returns
    -------
    TensorVariable
        A scalar; integers give float64.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nlinalg.det(T.matrix()).ndim
    0
    """
    return det_op(x)


def matrix_dot(*args: Any) -> Any:
    """Return the product of matrices, multiplied from the left.

    Parameters
    ----------
    *args : matrix
        One or more factors.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nlinalg.matrix_dot(T.matrix(), T.matrix(), T.matrix()).ndim
    2
    """
    product = as_tensor_variable(args[0])
    for factor in args[1:]:
        product = dot(product, factor)
    return product


def matrix_power(M: Any, n: int) -> Any:
    """Return a square matrix multiplied by itself, by repeated squaring.

    Parameters
    ----------
    M : matrix
        A square matrix.
    n : int
        How often it is a factor, at least 1.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nlinalg.matrix_power(T.matrix(), 3).ndim
    2
    """
    if n < 1:
        raise ValueError(f"a matrix is raised to powers of 1 and more, got {n}")
    square, power = as_tensor_variable(M), None
    while n:
        if n & 1:
            power = square if power is None else dot(power, square)
        n >>= 1
        square = dot(square, square) if n else square
    return power
