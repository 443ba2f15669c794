"""Jacobians and Hessians, row by row: unrolled where rows are few, else by the loop op."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.autodiff.reverse import Lop, as_list, grad, in_kind
from tensorsym.errors import MethodNotDefined, RankError
from tensorsym.graph.variable import Variable
from tensorsym.language.arithmetic import cast, eq
from tensorsym.language.dtypes import canonical_dtype, is_discrete
from tensorsym.language.filling import alloc, zeros_like
from tensorsym.language.shape import ShapeOf
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.variable import constant

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["hessian", "jacobian"]

# Up to here rows are written out: a loop costs more to build and hides each row from rewriting.
MOST_UNROLLED_ROWS = 16


def jacobian(
    expression: Variable,
    wrt: Any,
    consider_constant: Iterable[Variable] | None = None,
    disconnected_inputs: str = "raise",
) -> Any:
    """Return the Jacobian of a vector: one row of derivatives per element.

    Parameters
    ----------
    expression : tensor of 0 or 1 dimensions
        What is differentiated. A scalar has its gradient as Jacobian.
    wrt : Variable, or list or tuple of Variable
        With respect to what, of any shape.
    consider_constant : collection of Variable, optional
        Expressions that no gradient passes through.
    disconnected_inputs : {'raise', 'warn', 'ignore'}
        What happens if the expression does not depend on an element of `wrt`.

    Returns
    -------
    Variable, or list or tuple of Variable
        As `wrt` is given; of shape (length of `expression`, *shape of the variable).

    Raises
    ------
    RankError
        If the expression has more than one dimension.
    DisconnectedInputError
        As in `grad`.

    Examples
    --------
    >>> from tensorsym.autodiff.jacobian import jacobian
    >>> from tensorsym.language.arithmetic import sqr
    >>> from tensorsym.language.tensortype import TensorType
    >>> x = TensorType("float64", ())("x")
    >>> jacobian(sqr(x), x).ndim
    0
    """
    _check_rank(expression, "jacobian", "expression", (0, 1), "flatten it first")
    if expression.type.ndim == 0:
        return grad(expression, wrt, consider_constant, disconnected_inputs)
    held = None if consider_constant is None else list(consider_constant)
    return in_kind(wrt, _rows(expression, as_list(wrt), held, disconnected_inputs))


def hessian(
    cost: Variable,
    wrt: Any,
    consider_constant: Iterable[Variable] | None = None,
    disconnected_inputs: str = "raise",
) -> Any:
    """Return the matrix of second derivatives of a cost by the elements of a vector.

    Parameters
    ----------
    cost : 0-d tensor
        What is differentiated.
    wrt : vector, or list or tuple of vectors
        With respect to what; each gets a Hessian of its own.
    consider_constant : collection of Variable, optional
        Expressions that no gradient passes through.
    disconnected_inputs : {'raise', 'warn', 'ignore'}
        What happens if the cost does not depend on a vector. A gradient that does not depend on it
        is no error: the Hessian is zero.

    Returns
    -------
    Variable, or list or tuple of Variable
        As `wrt` is given; square matrices.

    Raises
    ------
    RankError
        If the cost is no scalar or `wrt` no vector.

    Examples
    --------
    >>> from tensorsym.autodiff.jacobian import hessian
    >>> from tensorsym.language.arithmetic import sqr
    >>> from tensorsym.language.totals import sum
    >>> from tensorsym.language.tensortype import TensorType
    >>> x = TensorType("float64", shape=(3,))("x")
    >>> hessian(sum(sqr(x)), x).ndim
    2
    """
    _check_rank(cost, "hessian", "cost", (0,), "reduce it first")
    held = None if consider_constant is None else list(consider_constant)
    found = []
    for variable in as_list(wrt):
        _check_rank(variable, "hessian", "wrt", (1,), "flatten it first")
        gradient = grad(cost, variable, held, disconnected_inputs)
        found += _rows(gradient, [variable], held, "ignore")
    return in_kind(wrt, found)


class AssertedRankError(RankError, AssertionError):
    """A rank that Theano asserts; programs may catch that."""


def _check_rank(v: Any, function: str, argument: str, ranks: tuple[int, ...], hint: str) -> None:
    rank = getattr(v.type, "ndim", None) if isinstance(v, Variable) else None
    if rank not in ranks:
        raise AssertedRankError(
            f"{function}: {argument} has the wrong number of dimensions",
            got=f"{v} of type {v.type}" if isinstance(v, Variable) else repr(v),
            expected=" or ".join(map(str, ranks)),
            origin=v.origin if isinstance(v, Variable) else (),
            hint=hint,
        )


def _rows(
    expression: Any, wrt: list[Any], held: list[Variable] | None, disconnected_inputs: str
) -> list[Any]:
    """Return the stacked rows of the Jacobian with respect to each element of `wrt`."""
    dtype = (
        canonical_dtype("floatX") if is_discrete(expression.type.dtype) else expression.type.dtype
    )
    length = expression.type.shape[0]

    def row(selected: Any) -> list[Any]:
        rows: list[Any] = Lop(expression, wrt, selected, held, disconnected_inputs)
        return rows

    if length == 0:
        return [_no_rows(v) for v in row(zeros_like(expression, dtype=dtype))]
    has_loop = "map_index" in FUNCTIONS
    if length is not None and (length <= MOST_UNROLLED_ROWS or not has_loop):
        rows = [row(constant(unit)) for unit in np.eye(length, dtype=dtype)]
        return [FUNCTIONS["stack"](list(column)) for column in zip(*rows, strict=True)]
    if not has_loop:
        raise MethodNotDefined(
            "the Jacobian of a vector of unknown length needs a loop",
            hint="state the length: T.specify_shape(expression, (3,))",
        )
    count = ShapeOf(0)(expression)
    places = FUNCTIONS["arange"](count)
    found: list[Any] = FUNCTIONS["map_index"](
        lambda index: row(cast(eq(places, index), dtype)), count
    )
    return found


def _no_rows(gradient: Any) -> Any:
    lengths = [ShapeOf(axis)(gradient) for axis in range(gradient.type.ndim)]
    return alloc(np.zeros((), gradient.type.dtype), 0, *lengths)
