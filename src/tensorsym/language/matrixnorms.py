"""Norms of vectors and matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorsym.errors import RangeError
from tensorsym.language.decompositions import svd
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.variable import as_tensor_variable

__all__ = ["norm"]


def norm(x: Any, ord: Any = None) -> Any:
    """Return a norm of a vector or matrix.

    Parameters
    ----------
    x : vector or matrix
        Real or complex.
    ord : None, int, float, 'fro', 'inf', '-inf' or 'nuc'
        None is the root of the sum of squares; others as `numpy.linalg.norm` defines them.

    Returns
    -------
    TensorVariable
        A real scalar.

    Raises
    ------
    ValueError
        If there is no such norm.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> float(T.nlinalg.norm(T.constant([3.0, -4.0])).eval())
    5.0
    """
    x = as_tensor_variable(x)
    order = {"inf": np.inf, "-inf": -np.inf}.get(ord, ord) if isinstance(ord, str) else ord
    if x.type.ndim not in (1, 2):
        raise NotImplementedError(f"norm takes a vector or a matrix, got {x.type}")
    if order is None:
        return FUNCTIONS["sqrt"](FUNCTIONS["sum"](FUNCTIONS["sqr"](abs(x))))
    return _vector_norm(x, order) if x.type.ndim == 1 else _matrix_norm(x, order)


def _vector_norm(x: Any, order: Any) -> Any:
    if isinstance(order, str):
        raise RangeError("a vector has no such norm", got=f"ord={order!r}")
    if order in (np.inf, -np.inf):
        return FUNCTIONS["max" if order > 0 else "min"](abs(x))
    if order == 0:
        return FUNCTIONS["sum"](FUNCTIONS["neq"](x, 0))
    if order == 1:
        return FUNCTIONS["sum"](abs(x))
    if order == 2:
        return FUNCTIONS["sqrt"](FUNCTIONS["sum"](FUNCTIONS["sqr"](abs(x))))
    return FUNCTIONS["sum"](abs(x) ** order) ** (1.0 / order)


def _matrix_norm(x: Any, order: Any) -> Any:
    if order == "fro":
        return FUNCTIONS["sqrt"](FUNCTIONS["sum"](FUNCTIONS["sqr"](abs(x))))
    if order in (1, -1, np.inf, -np.inf):
        totals = FUNCTIONS["sum"](abs(x), axis=0 if abs(order) == 1 else 1)
        return FUNCTIONS["max" if order > 0 else "min"](totals)
    if order in (2, -2, "nuc"):
        values = svd(x, compute_uv=False)
        return values.sum() if order == "nuc" else values[0 if order == 2 else -1]
    raise RangeError("a matrix has no such norm", got=f"ord={order!r}")
