"""Matrices with a pattern: identities, triangles, windows, one-hot rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tensorsym.config import config
from tensorsym.errors import DTypeError, RankError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.arithmetic import cast, switch
from tensorsym.language.creation import arange
from tensorsym.language.dtypes import canonical_dtype, is_discrete
from tensorsym.language.filling import zeros
from tensorsym.language.indexing_assignment import set_subtensor
from tensorsym.language.shape import ShapeOf, constant_length
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable, constant

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["Eye", "Tri", "bartlett", "eye", "identity_like", "to_one_hot", "tri", "tril", "triu"]


class _Diagonals(Op):
    """Base of matrices of ones and zeros that depend on row and column: inputs are n, m and k."""

    __props__: ClassVar[tuple[str, ...] | None] = ("dtype",)

    def __init__(self, dtype: Any = None) -> None:
        self.dtype = canonical_dtype(config.floatX if dtype is None else dtype)

    def make_node(self, n: Any, m: Any, k: Any) -> Apply:
        """Return the application on numbers of rows and columns and an offset, scalar integers."""
        scalars = [as_tensor_variable(value) for value in (n, m, k)]
        for scalar in scalars:
            if scalar.type.ndim or not is_discrete(scalar.type.dtype):
                raise DTypeError(
                    f"{type(self).__name__} takes scalar integers",
                    got=f"{scalar} of type {scalar.type}",
                )
        shape = [constant_length(scalar) for scalar in scalars[:2]]
        return Apply(self, scalars, [TensorType(self.dtype, shape=shape)()])

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the numbers of rows and columns."""
        return [(cast(node.inputs[0], "int64"), cast(node.inputs[1], "int64"))]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that nothing is differentiable."""
        return [[False], [False], [False]]

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        """Return that the inputs are disconnected."""
        return [FUNCTIONS["disconnected"]() for _ in inputs]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return that the matrix does not change."""
        return [None]

    def __str__(self) -> str:
        return f"{type(self).__name__}{{dtype='{self.dtype}'}}"


class Eye(_Diagonals):
    """Ones on one diagonal, zeros elsewhere; inputs are rows, columns and the diagonal."""

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Build with NumPy."""
        n, m, k = (int(value) for value in inputs)
        output_storage[0][0] = np.eye(n, m, k, dtype=self.dtype)


class Tri(_Diagonals):
    """Ones at and below a diagonal, zeros above; inputs are rows, columns and the diagonal."""

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Build with NumPy."""
        n, m, k = (int(value) for value in inputs)
        output_storage[0][0] = np.tri(n, m, k, dtype=self.dtype)


@public("eye", numpy=("eye",))
def eye(n: Any, m: Any = None, k: Any = 0, dtype: Any = None) -> Any:
    """Return a matrix with ones on a diagonal and zeros elsewhere.

    Parameters
    ----------
    n : int or scalar
        Number of rows.
    m : int or scalar, optional
        Number of columns, `n` if not given.
    k : int or scalar
        The diagonal: 0 is the main one, positive ones lie above it.
    dtype : str, optional
        floatX if not given.

    Returns
    -------
    TensorVariable
        A matrix of shape (n, m).

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.eye(2, 3, dtype="int8").type.shape
    (2, 3)
    """
    return Eye(dtype)(n, n if m is None else m, k)


@public("identity_like")
def identity_like(x: Any) -> Any:
    """Return a matrix of the shape and dtype of `x` with ones on the main diagonal.

    Parameters
    ----------
    x : matrix
        Any matrix.

    Returns
    -------
    TensorVariable
        A matrix of the shape and dtype of `x`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.identity_like(T.fmatrix()).dtype
    'float32'
    """
    x = as_tensor_variable(x)
    return eye(ShapeOf(0)(x), ShapeOf(1)(x), k=0, dtype=x.type.dtype)


@public("tri", numpy=("tri",))
def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> Any:
    """Return a matrix with ones at and below a diagonal and zeros above it.

    Parameters
    ----------
    N : int or scalar
        Number of rows.
    M : int or scalar, optional
        Number of columns, `N` if not given.
    k : int or scalar
        The diagonal: 0 is the main one, positive ones lie above it.
    dtype : str, optional
        floatX if not given.

    Returns
    -------
    TensorVariable
        A matrix of shape (N, M).

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.tri(3).ndim
    2
    """
    return Tri(dtype)(N, N if M is None else M, k)


def _below(m: Any, k: Any) -> Any:
    """Return a mask of what lies at or below a diagonal of the last two dimensions."""
    rows = arange(ShapeOf(max(m.type.ndim - 2, 0))(m)).dimshuffle(0, "x")
    columns = arange(ShapeOf(m.type.ndim - 1)(m)).dimshuffle("x", 0)
    return FUNCTIONS["le"](columns, rows + cast(as_tensor_variable(k), "int64"))


@public("tril", numpy=("tril",))
def tril(m: Any, k: Any = 0) -> Any:
    """Return a tensor with zeros above a diagonal of its last two dimensions.

    Parameters
    ----------
    m : tensor
        A tensor of at least two dimensions; a vector gives a matrix with equal rows.
    k : int or scalar
        The diagonal up to which elements are kept.

    Returns
    -------
    TensorVariable
        Of the shape and dtype of `m`; NaN and infinities above the diagonal become 0 too.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.tril(T.matrix(), -1).ndim
    2
    """
    m = _with_rows(m)
    return switch(_below(m, k), m, constant(np.zeros((), m.type.dtype)))


@public("triu", numpy=("triu",))
def triu(m: Any, k: Any = 0) -> Any:
    """Return a tensor with zeros below a diagonal of its last two dimensions.

    Parameters
    ----------
    m : tensor
        A tensor of at least two dimensions; a vector gives a matrix with equal rows.
    k : int or scalar
        The diagonal from which elements are kept.

    Returns
    -------
    TensorVariable
        Of the shape and dtype of `m`; NaN and infinities below the diagonal become 0 too.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.triu(T.matrix(), 1).ndim
    2
    """
    m = _with_rows(m)
    return switch(_below(m, as_tensor_variable(k) - 1), constant(np.zeros((), m.type.dtype)), m)


def _with_rows(m: Any) -> Any:
    m = as_tensor_variable(m)
    if m.type.ndim == 0:
        raise RankError("at least one dimension is needed", got=f"the scalar {m}", origin=m.origin)
    return m


@public("bartlett", numpy=("bartlett",))
def bartlett(M: Any) -> Any:
    """Return the Bartlett window: a triangle from 0 over 1 to 0.

    Parameters
    ----------
    M : int or scalar
        Number of points; for 1 the window is 1.

    Returns
    -------
    TensorVariable
        A vector of float64.

    Raises
    ------
    TypeError
        If `M` is no scalar integer.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.bartlett(4).dtype
    'float64'
    """
    M = as_tensor_variable(M)
    if M.type.ndim or not is_discrete(M.type.dtype):
        raise DTypeError("bartlett takes a scalar integer", got=f"{M} of type {M.type}")
    points = cast(M, "int64")
    places = cast(arange(1 - points, points, 2), "float64")
    half = cast(FUNCTIONS["maximum"](points - 1, 1), "float64")
    return 1 - FUNCTIONS["abs_"](places) / half


@public("to_one_hot")
def to_one_hot(y: Any, nb_class: Any, dtype: Any = None) -> Any:
    """Return a matrix with a 1 per row, in the column that `y` names.

    Parameters
    ----------
    y : int vector
        Numbers of columns, from 0 to `nb_class - 1`.
    nb_class : int or scalar
        Number of columns.
    dtype : str, optional
        floatX if not given.

    Returns
    -------
    TensorVariable
        A matrix of shape (length of `y`, `nb_class`).

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.to_one_hot(T.ivector(), 10).type.shape
    (None, 10)
    """
    y = as_tensor_variable(y)
    rows = ShapeOf(0)(y)
    blank = zeros((rows, nb_class), dtype=dtype)
    return set_subtensor(blank[arange(rows), y], 1)
