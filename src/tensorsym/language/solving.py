"""Linear systems, least squares and the matrix exponential, by SciPy."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import RangeError, RankError
from tensorsym.graph.op import Op
from tensorsym.graph.type import NullType
from tensorsym.graph.variable import Apply
from tensorsym.language.dtypes import upcast
from tensorsym.language.linalg import as_float_tensor, as_matrix, matrix_type
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = [
    "Expm",
    "ExpmFrechet",
    "LeastSquares",
    "Solve",
    "expm",
    "lstsq",
    "solve",
    "solve_lower_triangular",
    "solve_upper_triangular",
]

# Theano's names of structures, and the structure of the transpose.
STRUCTURES = {
    "general": "general",
    "symmetric": "symmetric",
    "lower_triangular": "upper_triangular",
    "upper_triangular": "lower_triangular",
}


class Solve(Op):
    """The solution x of A x = b.

    Parameters
    ----------
    A_structure : {'general', 'symmetric', 'lower_triangular', 'upper_triangular'}
        What is known of A; of a triangular matrix the other triangle is not read.
    lower, overwrite_A, overwrite_b : bool
        Kept for Theano programs.
    """

    __props__ = ("A_structure",)

    def __init__(
        self,
        A_structure: str = "general",
        lower: bool = False,
        overwrite_A: bool = False,
        overwrite_b: bool = False,
    ) -> None:
        if A_structure not in STRUCTURES:
            raise RangeError(
                "Invalid matrix structure argument",
                got=f"A_structure={A_structure!r}",
                expected=f"one of {list(STRUCTURES)}",
            )
        self.A_structure = A_structure

    def make_node(self, a: Any, b: Any) -> Apply:
        """Return the application on a matrix and one or several right sides."""
        a, b = as_matrix(a, "solve"), as_float_tensor(b)
        if b.type.ndim not in (1, 2):
            raise RankError(
                "the right side of a linear system is a vector or matrix", got=str(b.type)
            )
        dtype = upcast(a.type.dtype, b.type.dtype)
        pattern = (False, *b.type.broadcastable[1:])
        return Apply(self, [a, b], [TensorType(dtype, pattern)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Solve with LAPACK."""
        a, b = inputs
        if self.A_structure in ("general", "symmetric"):
            found = np.linalg.solve(a, b[:, None] if b.ndim == 1 else b)
            found = found[:, 0] if b.ndim == 1 else found
        else:
            linalg = importlib.import_module("scipy.linalg")
            found = linalg.solve_triangular(a, b, lower=self.A_structure == "lower_triangular")
        output_storage[0][0] = found.astype(node.outputs[0].type.dtype)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradients: by b the solution with A.T, by A its product with x."""
        a, x = inputs[0], outputs[0]
        by_b = Solve(STRUCTURES[self.A_structure])(a.T, output_grads[0])
        product = FUNCTIONS["outer"](by_b, x) if x.type.ndim == 1 else FUNCTIONS["dot"](by_b, x.T)
        triangle = {"lower_triangular": "tril", "upper_triangular": "triu"}.get(self.A_structure)
        return [-(FUNCTIONS[triangle](product) if triangle else product), by_b]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the solution for the tangent of b, less that of A times x."""
        a, b = inputs
        moved_a, moved_b = eval_points
        change = FUNCTIONS["zeros_like"](b) if moved_b is None else moved_b
        if moved_a is not None:
            triangle = {"lower_triangular": "tril", "upper_triangular": "triu"}.get(
                self.A_structure
            )
            moved_a = FUNCTIONS[triangle](moved_a) if triangle else moved_a
            change = change - FUNCTIONS["dot"](moved_a, self(a, b))
        return [self(a, change)]

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shape of the right side, with the columns of A for its rows."""
        return [(shapes[0][1], *shapes[1][1:])]


class Expm(Op):
    """The exponential of a square matrix."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        """Return the application on a matrix."""
        x = as_matrix(x, "expm")
        return Apply(self, [x], [matrix_type(x.type.dtype)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with SciPy."""
        output_storage[0][0] = importlib.import_module("scipy.linalg").expm(inputs[0])

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the derivative at the transpose in the direction of the gradient."""
        return [ExpmFrechet()(inputs[0].T, output_grads[0])]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the derivative in the direction of the tangent."""
        return [ExpmFrechet()(inputs[0], eval_points[0])]

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the operand's shape."""
        return [shapes[0]]


class ExpmFrechet(Op):
    """The derivative of the matrix exponential at a matrix in the direction of another."""

    __props__ = ()

    def make_node(self, x: Any, direction: Any) -> Apply:
        """Return the application on two matrices."""
        x, direction = as_matrix(x, "expm"), as_matrix(direction, "expm")
        return Apply(self, [x, direction], [matrix_type(x.type.dtype)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with SciPy.

        References
        ----------
        A. H. Al-Mohy and N. J. Higham, SIAM J. Matrix Anal. Appl. 30 (2009), 1639-1657.
        """
        linalg = importlib.import_module("scipy.linalg")
        found = linalg.expm_frechet(*inputs, compute_expm=False)
        output_storage[0][0] = found.astype(node.outputs[0].type.dtype)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient by the direction, in which the derivative is linear."""
        why = "the second derivative of the matrix exponential is not known"
        return [NullType(why)(), ExpmFrechet()(inputs[0].T, output_grads[0])]

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shape of the first operand."""
        return [shapes[0]]


class LeastSquares(Op):
    """Solution, residuals, rank and singular values of a least-squares problem."""

    __props__ = ()

    def make_node(self, x: Any, y: Any, rcond: Any = -1.0) -> Apply:
        """Return the application on a matrix, right sides and a bound of singular values."""
        x, y, rcond = as_matrix(x, "lstsq"), as_float_tensor(y), as_float_tensor(rcond)
        dtype = upcast(x.type.dtype, y.type.dtype)
        solution = matrix_type(dtype, y.type.ndim)
        outputs = [solution, matrix_type(dtype, 1), matrix_type("int64", 0), matrix_type(dtype, 1)]
        return Apply(self, [x, y, rcond], [t() for t in outputs])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy."""
        found = np.linalg.lstsq(inputs[0], inputs[1], rcond=float(inputs[2]))
        for cell, value, output in zip(output_storage, found, node.outputs, strict=True):
            cell[0] = np.asarray(value, dtype=output.type.dtype)


def solve(a: Any, b: Any) -> Any:
    """Return the solution x of a x = b.

    Parameters
    ----------
    a : matrix
        Square.
    b : vector or matrix
        One or several right sides.

    Returns
    -------
    TensorVariable
        Of the shape of `b`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> a = T.constant([[2.0, 0.0], [0.0, 4.0]])
    >>> T.slinalg.solve(a, T.constant([2.0, 2.0])).eval().tolist()
    [1.0, 0.5]
    """
    return Solve()(a, b)


def solve_lower_triangular(a: Any, b: Any) -> Any:
    """Return the solution of a system of which only the lower triangle of the matrix counts.

    Parameters
    ----------
    a : matrix
        Square; what is above the diagonal is not read.
    b : vector or matrix
        One or several right sides.

    Returns
    -------
    TensorVariable
        Of the shape of `b`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> a, b = T.constant([[2.0, 9.0], [1.0, 1.0]]), T.constant([2.0, 3.0])
    >>> T.slinalg.solve_lower_triangular(a, b).eval().tolist()
    [1.0, 2.0]
    """
    return Solve("lower_triangular")(a, b)


def solve_upper_triangular(a: Any, b: Any) -> Any:
    """Return the solution of a system of which only the upper triangle of the matrix counts.

    Parameters
    ----------
    a : matrix
        Square; what is below the diagonal is not read.
    b : vector or matrix
        One or several right sides.

    Returns
    -------
    TensorVariable
        Of the shape of `b`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> a, b = T.constant([[1.0, 1.0], [9.0, 2.0]]), T.constant([3.0, 4.0])
    >>> T.slinalg.solve_upper_triangular(a, b).eval().tolist()
    [1.0, 2.0]
    """
    return Solve("upper_triangular")(a, b)


def expm(x: Any) -> Any:
    """Return the exponential of a square matrix.

    Parameters
    ----------
    x : matrix
        A square matrix.

    Returns
    -------
    TensorVariable
        A matrix of the same shape.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.slinalg.expm(T.constant([[0.0, 2.0], [0.0, 0.0]])).eval().tolist()
    [[1.0, 2.0], [0.0, 1.0]]
    """
    return Expm()(x)


def lstsq(x: Any, y: Any, rcond: Any = -1.0) -> list[Any]:
    """Return solution, residuals, rank and singular values of the least-squares problem x s = y.

    Parameters
    ----------
    x : matrix
        The coefficients.
    y : vector or matrix
        One or several right sides.
    rcond : float or scalar
        Singular values below this share of the largest count as 0; -1 is machine precision.

    Returns
    -------
    list of TensorVariable
        Solution, residuals, rank, singular values.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> s, *_ = T.nlinalg.LeastSquares()(T.constant([[1.0], [1.0]]), T.constant([1.0, 3.0]))
    >>> s.eval().round(6).tolist()
    [2.0]
    """
    found: list[Any] = LeastSquares()(x, y, rcond)
    return found
