"""Decompositions of matrices: eigenvalues, singular values, QR and Cholesky factors."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import RangeError
from tensorsym.graph.op import Op
from tensorsym.graph.type import DisconnectedType, NullType
from tensorsym.graph.variable import Apply
from tensorsym.language.linalg import as_matrix, matrix_dot, matrix_type
from tensorsym.language.solving import solve_upper_triangular
from tensorsym.language.table import FUNCTIONS

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = [
    "QR",
    "SVD",
    "Cholesky",
    "Eig",
    "Eigh",
    "Eigvalsh",
    "cholesky",
    "eig",
    "eigh",
    "eigvalsh",
    "qr",
    "svd",
]


def _store(output_storage: Storage, node: Apply, values: Any) -> None:
    for cell, output, value in zip(output_storage, node.outputs, values, strict=True):
        dtype = output.type.dtype
        real = value.real if np.iscomplexobj(value) and not dtype.startswith("complex") else value
        cell[0] = np.asarray(real, dtype=dtype)


def _real(dtype: str) -> str:
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


def _missing(gradient: Any) -> bool:
    return isinstance(gradient.type, DisconnectedType)


class Eig(Op):
    """Eigenvalues and right eigenvectors of a square matrix, in its dtype: imaginary parts go."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        """Return the application on a matrix."""
        x = as_matrix(x, "eig")
        dtype = x.type.dtype
        return Apply(self, [x], [matrix_type(dtype, 1)(), matrix_type(dtype)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy."""
        _store(output_storage, node, np.linalg.eig(inputs[0]))

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the lengths of the operand."""
        return [(shapes[0][0],), shapes[0]]


class Eigh(Op):
    """Eigenvalues, in ascending order, and eigenvectors of a symmetric or Hermitian matrix.

    Parameters
    ----------
    UPLO : {'L', 'U'}
        The triangle of the matrix that is read.
    """

    __props__ = ("UPLO",)

    def __init__(self, UPLO: str = "L") -> None:
        if UPLO not in ("L", "U"):
            raise RangeError("eigh reads the triangle L or U", got=f"UPLO={UPLO!r}")
        self.UPLO = UPLO

    def make_node(self, x: Any) -> Apply:
        """Return the application on a matrix."""
        x = as_matrix(x, "eigh")
        dtype = x.type.dtype
        return Apply(self, [x], [matrix_type(_real(dtype), 1)(), matrix_type(dtype)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy."""
        found = np.linalg.eigh(inputs[0], "L" if self.UPLO == "L" else "U")
        _store(output_storage, node, found)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return V (diag(gw) + F * (V.T gV)) V.T by the triangle read; F has 1 / (w_j - w_i)."""
        w, v = outputs
        by_values, by_vectors = output_grads
        inner = None if _missing(by_values) else FUNCTIONS["diag"](by_values)
        if not _missing(by_vectors):
            eye = FUNCTIONS["identity_like"](v)
            gaps = w.dimshuffle("x", 0) - w.dimshuffle(0, "x") + eye
            part = (1 - eye) / gaps * FUNCTIONS["dot"](v.T, by_vectors)
            inner = part if inner is None else inner + part
        if inner is None:
            return [FUNCTIONS["zeros_like"](inputs[0])]
        return [_of_triangle(matrix_dot(v, inner, v.T), lower=self.UPLO == "L")]

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the lengths of the operand."""
        return [(shapes[0][0],), shapes[0]]


def _of_triangle(gradient: Any, *, lower: bool) -> Any:
    """Return the gradient by the triangle that is read, for both elements it stands for."""
    near, far = ("tril", "triu") if lower else ("triu", "tril")
    return FUNCTIONS[near](gradient) + FUNCTIONS[far](gradient, 1 if lower else -1).T


class Eigvalsh(Op):
    """Generalised eigenvalues w of a x = w b x, for symmetric a and positive definite b.

    The second output are the eigenvectors, with x.T b x = 1; they have no gradient.

    Parameters
    ----------
    lower : bool
        Whether the lower triangles are read.
    """

    __props__ = ("lower",)
    default_output = 0

    def __init__(self, lower: bool = True) -> None:
        self.lower = lower

    def make_node(self, a: Any, b: Any = None) -> Apply:
        """Return the application on two matrices; without the second it is the identity."""
        a = as_matrix(a, "eigvalsh")
        b = FUNCTIONS["identity_like"](a) if b is None else as_matrix(b, "eigvalsh")
        dtype = (a + b).type.dtype
        a, b = FUNCTIONS["cast"](a, dtype), FUNCTIONS["cast"](b, dtype)
        return Apply(self, [a, b], [matrix_type(_real(dtype), 1)(), matrix_type(dtype)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with SciPy."""
        linalg = importlib.import_module("scipy.linalg")
        _store(output_storage, node, linalg.eigh(*inputs, lower=self.lower))

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return V diag(gw) V.T by a, and -V diag(gw w) V.T by b, by the triangles read."""
        w, v = outputs
        by_values, by_vectors = output_grads
        if not _missing(by_vectors):
            why = "generalised eigenvectors have no gradient"
            return [NullType(why)() for _ in inputs]
        by_a = matrix_dot(v, FUNCTIONS["diag"](by_values), v.T)
        by_b = -matrix_dot(v, FUNCTIONS["diag"](by_values * w), v.T)
        return [_of_triangle(g, lower=self.lower) for g in (by_a, by_b)]

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the lengths of the first operand."""
        return [(shapes[0][0],), shapes[0]]


class SVD(Op):
    """Singular values, in descending order, and both bases.

    Parameters
    ----------
    full_matrices : bool
        Whether the bases are square.
    compute_uv : bool
        Whether there are bases, or the singular values only.
    """

    __props__ = ("full_matrices", "compute_uv")

    def __init__(self, full_matrices: bool = True, compute_uv: bool = True) -> None:
        self.full_matrices = bool(full_matrices)
        self.compute_uv = bool(compute_uv)

    def make_node(self, x: Any) -> Apply:
        """Return the application on a matrix."""
        x = as_matrix(x, "svd")
        matrix, values = matrix_type(x.type.dtype), matrix_type(_real(x.type.dtype), 1)
        outputs = [matrix(), values(), matrix()] if self.compute_uv else [values()]
        return Apply(self, [x], outputs)

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy."""
        if self.compute_uv:
            _store(output_storage, node, np.linalg.svd(inputs[0], self.full_matrices))
        else:
            _store(output_storage, node, [np.linalg.svd(inputs[0], compute_uv=False)])

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return U diag(gs) V.T for singular values; the bases have no gradient."""
        by_values = output_grads[1 if self.compute_uv else 0]
        if self.compute_uv and not (_missing(output_grads[0]) and _missing(output_grads[2])):
            return [NullType("the bases of a singular value decomposition have no gradient")()]
        left, _, right = SVD(full_matrices=False)(inputs[0])
        return [FUNCTIONS["dot"](left * by_values, right)]

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the lengths, from those of the operand."""
        rows, columns = shapes[0]
        both = FUNCTIONS["minimum"](rows, columns)
        if not self.compute_uv:
            return [(both,)]
        if self.full_matrices:
            return [(rows, rows), (both,), (columns, columns)]
        return [(rows, both), (both,), (both, columns)]


class QR(Op):
    """A matrix as a product of one with orthonormal columns and a triangular one.

    Parameters
    ----------
    mode : {'reduced', 'complete', 'r'}
        Sizes of the factors, as NumPy has them; 'r' gives the triangular one alone.
    """

    __props__ = ("mode",)

    def __init__(self, mode: str = "reduced") -> None:
        modes = {"full": "reduced", "economic": "reduced"}
        self.mode = modes.get(mode, mode)
        if self.mode not in ("reduced", "complete", "r"):
            raise RangeError("qr has no such mode", got=f"mode={mode!r}")

    def make_node(self, x: Any) -> Apply:
        """Return the application on a matrix."""
        x = as_matrix(x, "qr")
        matrix = matrix_type(x.type.dtype)
        return Apply(self, [x], [matrix() for _ in range(1 if self.mode == "r" else 2)])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy."""
        found = np.linalg.qr(inputs[0], self.mode)  # type: ignore[call-overload]
        _store(output_storage, node, [found] if self.mode == "r" else found)


class Cholesky(Op):
    """The triangular factor L of a positive definite matrix L L.T.

    Parameters
    ----------
    lower : bool
        Whether L is returned, or its transpose.
    destructive : bool
        Kept for Theano programs.
    on_error : {'raise', 'nan'}
        What to do about a matrix that is not positive definite.
    """

    __props__ = ("lower", "on_error")

    def __init__(
        self, lower: bool = True, destructive: bool = False, on_error: str = "raise"
    ) -> None:
        if on_error not in ("raise", "nan"):
            raise RangeError("on_error is 'raise' or 'nan'", got=f"{on_error!r}")
        self.lower = lower
        self.destructive = destructive
        self.on_error = on_error

    def make_node(self, x: Any) -> Apply:
        """Return the application on a matrix."""
        x = as_matrix(x, "cholesky")
        return Apply(self, [x], [matrix_type(x.type.dtype)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy, from the triangle that is wanted."""
        x = inputs[0] if self.lower else inputs[0].T
        try:
            factor = np.linalg.cholesky(x)
        except np.linalg.LinAlgError:
            if self.on_error == "raise":
                raise
            factor = np.full(x.shape, np.nan, dtype=x.dtype)
        output_storage[0][0] = factor if self.lower else np.ascontiguousarray(factor.T)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient by the triangle that is read.

        References
        ----------
        I. Murray, "Differentiation of the Cholesky decomposition", arXiv:1602.07527, equation 10.
        """
        factor, g = outputs[0], output_grads[0]
        if not self.lower:
            factor, g = factor.T, g.T
        product = FUNCTIONS["dot"](factor.T, g)
        halved = FUNCTIONS["tril"](product) - FUNCTIONS["diag"](FUNCTIONS["diag"](product) / 2)
        solve = solve_upper_triangular
        inner = solve(factor.T, solve(factor.T, halved.T).T)
        near = FUNCTIONS["tril" if self.lower else "triu"]
        return [near(inner + inner.T) - FUNCTIONS["diag"](FUNCTIONS["diag"](inner))]

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the operand's shape."""
        return [shapes[0]]


def eig(a: Any) -> list[Any]:
    """Return eigenvalues and right eigenvectors of a square matrix, in the dtype of the matrix.

    Parameters
    ----------
    a : matrix
        Of real dtype only if its eigenvalues are real: imaginary parts are dropped.

    Returns
    -------
    list of TensorVariable
        A vector of eigenvalues, and a matrix with the eigenvectors as columns.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> values, vectors = T.nlinalg.eig(T.constant([[2.0, 0.0], [0.0, 3.0]]))
    >>> values.eval().tolist()
    [2.0, 3.0]
    """
    found: list[Any] = Eig()(a)
    return found


def eigh(a: Any, UPLO: str = "L") -> list[Any]:
    """Return eigenvalues and eigenvectors of a symmetric or Hermitian matrix.

    Parameters
    ----------
    a : matrix
        Of which one triangle is read.
    UPLO : {'L', 'U'}
        Which.

    Returns
    -------
    list of TensorVariable
        A vector of eigenvalues in ascending order, and the eigenvectors as columns.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> values, vectors = T.nlinalg.eigh(T.constant([[0.0, 2.0], [2.0, 0.0]]))
    >>> values.eval().tolist()
    [-2.0, 2.0]
    """
    found: list[Any] = Eigh(UPLO)(a)
    return found


def eigvalsh(a: Any, b: Any = None, lower: bool = True) -> Any:
    """Return the eigenvalues w of a x = w b x, in ascending order.

    Parameters
    ----------
    a : matrix
        Symmetric or Hermitian.
    b : matrix, optional
        Positive definite; the identity if not given.
    lower : bool
        Whether the lower triangles are read.

    Returns
    -------
    TensorVariable
        A vector.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> two = T.constant([[2.0, 0.0], [0.0, 2.0]])
    >>> T.slinalg.eigvalsh(2 * two[::-1], two).eval().round(6).tolist()
    [-2.0, 2.0]
    """
    return Eigvalsh(lower)(a, b)


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Return U, s and V.T with U diag(s) V.T = a, or s alone.

    Parameters
    ----------
    a : matrix
        Real or complex.
    full_matrices : bool
        Whether U and V are square.
    compute_uv : bool
        Whether they are computed.

    Returns
    -------
    list of TensorVariable, or TensorVariable
        U, s and V.T; s alone if `compute_uv` is False.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nlinalg.svd(T.constant([[3.0, 0.0], [0.0, -4.0]]), compute_uv=False).eval().tolist()
    [4.0, 3.0]
    """
    return SVD(full_matrices, compute_uv)(a)


def qr(a: Any, mode: str = "reduced") -> Any:
    """Return Q and R with Q R = a, the columns of Q orthonormal and R triangular.

    Parameters
    ----------
    a : matrix
        Real or complex.
    mode : {'reduced', 'complete', 'r'}
        As `numpy.linalg.qr` has it.

    Returns
    -------
    list of TensorVariable, or TensorVariable
        Q and R; R alone in mode 'r'.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> r = T.nlinalg.qr(T.constant([[3.0], [4.0]]), mode="r")
    >>> abs(r.eval()).round(6).tolist()
    [[5.0]]
    """
    return QR(mode)(a)


def cholesky(x: Any) -> Any:
    """Return the lower triangular L with L L.T = x.

    Parameters
    ----------
    x : matrix
        Symmetric and positive definite; its lower triangle is read.

    Returns
    -------
    TensorVariable
        A lower triangular matrix of the same shape.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.slinalg.cholesky(T.constant([[4.0, 2.0], [2.0, 10.0]])).eval().tolist()
    [[2.0, 0.0], [1.0, 3.0]]
    """
    return Cholesky()(x)
