"""Tensors stacked along new dimensions, or side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import AxisError, RankError, ShapeError
from tensorsym.graph.variable import Variable
from tensorsym.language.arithmetic import cast
from tensorsym.language.arrangement import atleast_1d, atleast_2d, shape_padaxis
from tensorsym.language.dtypes import upcast
from tensorsym.language.joining import join
from tensorsym.language.shape import MakeVector
from tensorsym.language.table import public
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["horizontal_stack", "hstack", "stack", "stacklists", "vertical_stack", "vstack"]


@public("stack", numpy=("stack",))
def stack(*tensors: Any, **kwargs: Any) -> Any:
    """Return tensors of equal shape stacked along a new dimension.

    Parameters
    ----------
    tensors : list or tuple of tensor
        The tensors; `stack(a, b, c)`, Theano's older form, is understood too.
    axis : int
        Place of the new dimension in the result; negative counts from the end.

    Returns
    -------
    TensorVariable
        One dimension more than the tensors have.

    Raises
    ------
    IndexError
        If the axis is out of range.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.stack([T.matrix(), T.matrix()], axis=1).ndim
    3
    """
    items, axis = _stack_arguments(tensors, kwargs)
    if not items:
        raise ShapeError("there is nothing to stack")
    variables = [as_tensor_variable(item) for item in items]
    ndim = variables[0].type.ndim + 1
    if not -ndim <= axis < ndim:
        raise AxisError(
            f"axis {axis} is out of range", expected=f"an axis from {-ndim} to {ndim - 1}"
        )
    if ndim == 1 and all(v.type.ndim == 0 for v in variables):
        dtype = upcast(*[v.type.dtype for v in variables])
        return MakeVector(dtype)(*[cast(v, dtype) for v in variables])
    return join(axis % ndim, *[shape_padaxis(v, axis) for v in variables])


def _stack_arguments(tensors: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Any], int]:
    """Return the tensors and the axis from either signature of `stack`."""
    named = dict(kwargs)
    if "tensors" in named:
        tensors = (named.pop("tensors"), *tensors)
    axis = named.pop("axis", 0)
    if named:
        raise TypeError(f"stack has no parameter {next(iter(named))!r}")
    if not tensors:
        raise ShapeError("there is nothing to stack")
    if isinstance(tensors[0], list | tuple):
        if len(tensors) > 1:
            axis = tensors[1]
        return list(tensors[0]), int(axis)
    if kwargs and len(tensors) == 1 and isinstance(tensors[0], Variable | np.ndarray):
        raise TypeError(
            f"stack takes a list or tuple of tensors, got {tensors[0]}; are brackets missing?"
        )
    return list(tensors), int(axis)


@public("stacklists")
def stacklists(arg: Any) -> Any:
    """Return nested lists of tensors stacked, each level a dimension.

    Parameters
    ----------
    arg : tensor, or nested lists of tensors
        What to stack.

    Returns
    -------
    TensorVariable
        With one dimension more per depth of the lists.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> a, b = T.scalar(), T.scalar()
    >>> T.stacklists([[a, b], [b, a]]).type.shape
    (2, 2)
    """
    if isinstance(arg, list | tuple):
        return stack([stacklists(item) for item in arg])
    return as_tensor_variable(arg)


@public("horizontal_stack")
def horizontal_stack(*args: Any) -> Any:
    """Return matrices side by side.

    Parameters
    ----------
    *args : matrix
        Two or more matrices with equal numbers of rows.

    Returns
    -------
    TensorVariable
        A matrix with the columns of all.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.horizontal_stack(T.matrix(), T.col()).ndim
    2
    """
    return _stack_matrices("horizontal_stack", args, 1)


@public("vertical_stack")
def vertical_stack(*args: Any) -> Any:
    """Return matrices one below the other.

    Parameters
    ----------
    *args : matrix
        Two or more matrices with equal numbers of columns.

    Returns
    -------
    TensorVariable
        A matrix with the rows of all.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.vertical_stack(T.matrix(), T.row()).ndim
    2
    """
    return _stack_matrices("vertical_stack", args, 0)


def _stack_matrices(name: str, matrices: Sequence[Any], axis: int) -> Any:
    variables = [as_tensor_variable(matrix) for matrix in matrices]
    if len(variables) < 2 or any(v.type.ndim != 2 for v in variables):
        raise RankError(
            f"{name} takes two or more matrices", got=", ".join(str(v.type) for v in variables)
        )
    return join(axis, *variables)


@public("hstack", numpy=("hstack",))
def hstack(tup: Any) -> Any:
    """Return tensors joined along their second dimension, vectors and scalars along the first.

    Parameters
    ----------
    tup : sequence of tensor
        Tensors of one rank.

    Returns
    -------
    TensorVariable
        Of the operands' number of dimensions, at least one.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.hstack([T.vector(), T.vector()]).ndim
    1
    """
    variables = [atleast_1d(item) for item in tup]
    return join(0 if variables[0].type.ndim == 1 else 1, *variables)


@public("vstack", numpy=("vstack",))
def vstack(tup: Any) -> Any:
    """Return tensors joined along their first dimension; vectors are rows.

    Parameters
    ----------
    tup : sequence of tensor
        Tensors of one rank.

    Returns
    -------
    TensorVariable
        Of at least two dimensions.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.vstack([T.vector(), T.matrix()]).ndim
    2
    """
    return join(0, *[atleast_2d(item) for item in tup])
