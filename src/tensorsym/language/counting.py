"""Counts of numbers, and differences of neighbours."""

from __future__ import annotations

from typing import Any

from tensorsym.errors import DTypeError, RangeError, RankError
from tensorsym.language.arithmetic import cast
from tensorsym.language.arrangement import axis_within
from tensorsym.language.assertion import assert_op
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.filling import zeros
from tensorsym.language.indexing_assignment import inc_subtensor
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.variable import as_tensor_variable

__all__ = ["bincount", "diff"]


@public("bincount", numpy=("bincount",))
def bincount(
    x: Any, weights: Any = None, minlength: Any = None, assert_nonneg: bool = False
) -> Any:
    """Return how often each number from 0 to the largest occurs in a vector.

    Parameters
    ----------
    x : int vector
        Numbers that are not negative.
    weights : vector, optional
        What each occurrence counts; 1 if not given.
    minlength : int or scalar, optional
        Least length of the result.
    assert_nonneg : bool
        Whether negative numbers raise at run time.

    Returns
    -------
    TensorVariable
        A vector of the dtype of `x`, or of `weights`.

    Raises
    ------
    TypeError
        If `x` is no vector of integers.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.bincount(T.lvector()).dtype
    'int64'
    """
    x = as_tensor_variable(x)
    if x.type.ndim != 1 or not is_discrete(x.type.dtype):
        raise DTypeError(
            "bincount takes a vector of integers", got=f"{x} of type {x.type}", origin=x.origin
        )
    if assert_nonneg:
        x = assert_op(x, FUNCTIONS["all"](x >= 0), message="bincount: a number is negative")
    length = cast(FUNCTIONS["max"](x), "int64") + 1
    if minlength is not None:
        length = FUNCTIONS["maximum"](length, cast(as_tensor_variable(minlength), "int64"))
    if weights is None:
        return inc_subtensor(zeros((length,), dtype=x.type.dtype)[x], 1)
    weights = as_tensor_variable(weights)
    return inc_subtensor(zeros((length,), dtype=weights.type.dtype)[x], weights)


@public("diff", numpy=("diff",))
def diff(x: Any, n: int = 1, axis: int = -1) -> Any:
    """Return differences of neighbours along a dimension.

    Parameters
    ----------
    x : tensor
        A tensor of at least one dimension.
    n : int
        How often differences are taken.
    axis : int
        The dimension.

    Returns
    -------
    TensorVariable
        Of the dtype of `x`, `n` shorter in dimension `axis`; of bools, whether neighbours differ.

    Raises
    ------
    ValueError
        If `n` is negative.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.diff(T.constant([1, 4, 9, 16]), 2).type.shape
    (2,)
    """
    x = as_tensor_variable(x)
    if x.type.ndim == 0:
        raise RankError("diff needs at least one dimension", got=f"the scalar {x}", origin=x.origin)
    place = axis_within(axis, x.type.ndim)
    if n < 0:
        raise RangeError(f"diff: n={n} is negative")
    whole = (slice(None),) * place
    for _ in range(n):
        later, earlier = x[(*whole, slice(1, None))], x[(*whole, slice(None, -1))]
        later, earlier = (FUNCTIONS["unbroadcast"](part, place) for part in (later, earlier))
        x = FUNCTIONS["neq"](later, earlier) if x.type.dtype == "bool" else later - earlier
    return x
