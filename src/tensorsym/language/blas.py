"""Products with scale and summand, as BLAS computes them: alpha * x @ y + beta * z in one call.

Rewriting makes these ops out of `dot`, products and sums; there is no need to write them by hand.
They have no gradient of their own: `grad` sees the expression as it was written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tensorsym.errors import DTypeError, RankError, ShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.table import public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["Gemm", "Gemv", "Ger", "ScaledDot", "gemm", "gemv", "ger", "scaled_dot"]

LIBRARY_DTYPES = ("float32", "float64")


class _LibraryProduct(Op):
    """What the BLAS ops have in common: operands of one dtype and fixed ranks."""

    __props__ = ()
    operands: ClassVar[tuple[str, ...]]
    ranks: ClassVar[tuple[int, ...]]

    def make_node(self, *inputs: Any) -> Apply:
        """Return the application on operands of one dtype, float32 or float64."""
        variables = [as_tensor_variable(value) for value in inputs]
        if len(variables) != len(self.ranks):
            raise TypeError(
                f"{self} takes {', '.join(self.operands)}; {len(variables)} operands given"
            )
        dtypes = {v.type.dtype for v in variables}
        if len(dtypes) > 1 or not dtypes <= set(LIBRARY_DTYPES):
            raise DTypeError(
                f"{self}: operands of other dtypes than one of float32 and float64",
                got=", ".join(sorted(dtypes)),
            )
        for name, v, rank in zip(self.operands, variables, self.ranks, strict=True):
            if v.type.ndim != rank:
                raise RankError(
                    f"{self}: {name} has {v.type.ndim} dimensions",
                    expected=str(rank),
                    origin=v.origin,
                )
        return Apply(self, variables, [TensorType(dtypes.pop(), shape=self._shape(variables))()])

    def _shape(self, variables: list[Any]) -> Any:
        x, y = self._factors(variables)
        return self._product_shape(x.type.shape, y.type.shape)

    def _factors(self, operands: list[Any]) -> tuple[Any, Any]:
        named = dict(zip(self.operands, operands, strict=True))
        return named["x"], named["y"]

    def _product_shape(self, x: Any, y: Any) -> Any:
        return tuple(x[:-1]) + tuple(y[1:])

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the lengths of the product."""
        return [self._product_shape(*self._factors(shapes))]

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy. Where beta is 0, z is not read."""
        named = dict(zip(self.operands, inputs, strict=True))
        dtype = node.outputs[0].type.dtype
        self._check(node, named)
        with np.errstate(all="ignore"):
            result = named.get("alpha", np.ones((), dtype)) * self._product(named["x"], named["y"])
            if "z" in named and named.get("beta", 1) != 0:
                result = result + named.get("beta", np.ones((), dtype)) * named["z"]
        output_storage[0][0] = np.asarray(result, dtype=dtype)

    def _product(self, x: Any, y: Any) -> Any:
        return np.dot(x, y)

    def _check(self, node: Apply, named: dict[str, Any]) -> None:
        x, y = named["x"], named["y"]
        if x.ndim == 2 and x.shape[-1] != y.shape[0]:
            raise ShapeError(
                f"{self}: inner lengths differ", got=f"{x.shape} and {y.shape}", origin=node.origin
            )
        expected = self._product_shape(x.shape, y.shape)
        if "z" in named and named["z"].shape != expected:
            raise ShapeError(
                f"{self}: the summand has another shape than the product",
                got=str(named["z"].shape),
                expected=str(expected), origin=node.origin,
            )  # fmt: skip

    def __str__(self) -> str:
        return type(self).__name__


class ScaledDot(_LibraryProduct):
    """alpha * x @ y of two matrices."""

    operands = ("alpha", "x", "y")
    ranks = (0, 2, 2)


class Gemm(_LibraryProduct):
    """beta * z + alpha * x @ y of matrices."""

    operands = ("z", "alpha", "x", "y", "beta")
    ranks = (2, 0, 2, 2, 0)


class Gemv(_LibraryProduct):
    """beta * z + alpha * x @ y of a matrix x and vectors y and z."""

    operands = ("z", "alpha", "x", "y", "beta")
    ranks = (1, 0, 2, 1, 0)


class Ger(_LibraryProduct):
    """z + alpha * outer(x, y) of a matrix z and vectors x and y."""

    operands = ("z", "alpha", "x", "y")
    ranks = (2, 0, 1, 1)

    def _product_shape(self, x: Any, y: Any) -> Any:
        return (x[0], y[0])

    def _product(self, x: Any, y: Any) -> Any:
        return np.outer(x, y)


@public("scaled_dot")
def scaled_dot(alpha: Any, x: Any, y: Any) -> Any:
    """Return alpha * x @ y of two matrices, computed in one call.

    Parameters
    ----------
    alpha : scalar
        Factor, of the matrices' dtype.
    x, y : matrix
        Factors of float32 or float64.

    Returns
    -------
    TensorVariable
        A matrix.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.scaled_dot(T.dscalar(), T.dmatrix(), T.dmatrix()).ndim
    2
    """
    return ScaledDot()(alpha, x, y)


@public("gemm")
def gemm(z: Any, alpha: Any, x: Any, y: Any, beta: Any) -> Any:
    """Return beta * z + alpha * x @ y of matrices, computed in one call.

    Parameters
    ----------
    z, x, y : matrix
        Summand and factors of one dtype, float32 or float64. Where beta is 0, z is not read.
    alpha, beta : scalar
        Factors of the same dtype.

    Returns
    -------
    TensorVariable
        A matrix of the shape of `z`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.gemm(T.dmatrix(), T.dscalar(), T.dmatrix(), T.dmatrix(), T.dscalar()).dtype
    'float64'
    """
    return Gemm()(z, alpha, x, y, beta)


@public("gemv")
def gemv(z: Any, alpha: Any, x: Any, y: Any, beta: Any) -> Any:
    """Return beta * z + alpha * x @ y of a matrix x and vectors y and z, computed in one call.

    Parameters
    ----------
    z, y : vector
        Summand and second factor. Where beta is 0, z is not read.
    x : matrix
        First factor.
    alpha, beta : scalar
        Factors of the same dtype, float32 or float64.

    Returns
    -------
    TensorVariable
        A vector of the shape of `z`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.gemv(T.dvector(), T.dscalar(), T.dmatrix(), T.dvector(), T.dscalar()).ndim
    1
    """
    return Gemv()(z, alpha, x, y, beta)


@public("ger")
def ger(z: Any, alpha: Any, x: Any, y: Any) -> Any:
    """Return z + alpha * outer(x, y) of a matrix z and vectors x and y, computed in one call.

    Parameters
    ----------
    z : matrix
        Summand.
    alpha : scalar
        Factor.
    x, y : vector
        Factors of the same dtype, float32 or float64.

    Returns
    -------
    TensorVariable
        A matrix of the shape of `z`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.ger(T.dmatrix(), T.dscalar(), T.dvector(), T.dvector()).ndim
    2
    """
    return Ger()(z, alpha, x, y)
