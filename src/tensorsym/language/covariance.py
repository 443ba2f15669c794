"""Covariances of several variables, from observations."""

from __future__ import annotations

from typing import Any

from tensorsym.config import config
from tensorsym.errors import RankError
from tensorsym.language.arithmetic import cast
from tensorsym.language.arrangement import shape_padleft
from tensorsym.language.dimshuffle import dimshuffle
from tensorsym.language.dtypes import is_complex, upcast
from tensorsym.language.joining import concatenate
from tensorsym.language.products import dot
from tensorsym.language.shape import ShapeOf
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.variable import as_tensor_variable

__all__ = ["cov"]


@public("cov", numpy=("cov",))
def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
) -> Any:
    """Return the matrix of covariances of variables.

    Parameters
    ----------
    m : vector or matrix
        Observations; each row is a variable, each column an observation.
    y : vector or matrix, optional
        Further variables with as many observations.
    rowvar : bool
        False if the columns are the variables.
    bias : bool
        Whether sums are divided by the number N of observations; otherwise by N - 1.
    ddof : int, optional
        Divide by N - ddof instead.
    fweights : int vector, optional
        How often each observation counts.
    aweights : vector, optional
        The weight of each observation.

    Returns
    -------
    TensorVariable
        A matrix (for one variable as well, as in Theano).

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.cov(T.matrix()).ndim
    2
    """
    x = _observations(m, rowvar)
    if y is not None:
        x = concatenate([x, _observations(y, rowvar)], axis=0)
    x = cast(x, upcast(x.type.dtype, config.floatX))
    lost = ddof if ddof is not None else 0 if bias else 1
    weights = _weights(fweights, aweights, x.type.dtype)
    if weights is None:
        total: Any = cast(ShapeOf(1)(x), "float64")
        mean = FUNCTIONS["sum"](x, axis=1, keepdims=True) / cast(total, x.type.dtype)
        factor = total - lost
    else:
        total = FUNCTIONS["sum"](weights)
        mean = FUNCTIONS["sum"](x * weights, axis=1, keepdims=True) / total
        squares = (
            weights
            if aweights is None
            else weights * cast(as_tensor_variable(aweights), weights.type.dtype)
        )
        factor = total - lost * FUNCTIONS["sum"](squares) / total
        # Without weights of observations, N - ddof counts them as often as they occur.
        factor = total - lost if aweights is None else factor
    centred = x - mean
    other = centred if weights is None else centred * weights
    other = FUNCTIONS["conj"](other) if is_complex(other.type.dtype) else other
    return dot(centred, other.T) / cast(factor, x.type.dtype)


def _observations(m: Any, rowvar: bool) -> Any:
    m = as_tensor_variable(m)
    if m.type.ndim not in (1, 2):
        raise RankError(
            "cov takes vectors and matrices",
            got=f"{m} of {m.type.ndim} dimensions",
            origin=m.origin,
        )
    if m.type.ndim == 1:
        return shape_padleft(m)
    return m if rowvar else dimshuffle(m, 1, 0)


def _weights(fweights: Any, aweights: Any, dtype: str) -> Any:
    given = [cast(as_tensor_variable(w), dtype) for w in (fweights, aweights) if w is not None]
    if not given:
        return None
    return given[0] if len(given) == 1 else given[0] * given[1]
