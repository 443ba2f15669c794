"""Theano's home of parts of tensors."""

from typing import Any

from tensorsym.errors import AdvancedIndexingError
from tensorsym.language.indexing_advanced import (
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor,
    AdvancedSubtensor1,
)
from tensorsym.language.indexing_basic import IncSubtensor, Subtensor
from tensorsym.language.table import FUNCTIONS

inc_subtensor = FUNCTIONS["inc_subtensor"]
set_subtensor = FUNCTIONS["set_subtensor"]
take = FUNCTIONS["take"]
# Masks are indices like others here.
AdvancedBooleanSubtensor = AdvancedSubtensor
AdvancedBooleanIncSubtensor = AdvancedIncSubtensor
advanced_subtensor1 = AdvancedSubtensor1()
advanced_inc_subtensor1 = AdvancedIncSubtensor1()
advanced_set_subtensor1 = AdvancedIncSubtensor1(set_instead_of_inc=True)


def advanced_subtensor(x: Any, *index: Any) -> Any:
    """Return the elements of a tensor at an index given by arrays, masks and slices.

    Parameters
    ----------
    x : tensor
        The tensor.
    *index : tensor, array_like, slice or None
        Arrays, masks and slices, one per dimension.

    Returns
    -------
    TensorVariable
        The elements, of the indices' broadcast shape.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.advanced_subtensor(T.constant([5, 6, 7]), [0, 2]).eval()
    array([5, 7])
    """
    return x[index]


def advanced_inc_subtensor(x: Any, y: Any, *index: Any) -> Any:
    """Return a tensor with a value added at an index given by arrays, masks and slices.

    Parameters
    ----------
    x : tensor
        The tensor.
    y : tensor or array_like
        The value, broadcast to that part.
    *index : tensor, array_like, slice or None
        Arrays, masks and slices, one per dimension.

    Returns
    -------
    TensorVariable
        Of the type of `x`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.advanced_inc_subtensor(T.constant([5, 6, 7]), 1, [0, 2]).eval()
    array([6, 6, 8])
    """
    return inc_subtensor(x[index], y)


def advanced_set_subtensor(x: Any, y: Any, *index: Any) -> Any:
    """Return a tensor with a value put at an index given by arrays, masks and slices.

    Parameters
    ----------
    x : tensor
        The tensor.
    y : tensor or array_like
        The value, broadcast to that part.
    *index : tensor, array_like, slice or None
        Arrays, masks and slices, one per dimension.

    Returns
    -------
    TensorVariable
        Of the type of `x`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.advanced_set_subtensor(T.constant([5, 6, 7]), 1, [0, 2]).eval()
    array([1, 6, 1])
    """
    return set_subtensor(x[index], y)


advanced_boolean_subtensor = advanced_subtensor
advanced_boolean_inc_subtensor = advanced_inc_subtensor
advanced_boolean_set_subtensor = advanced_set_subtensor

__all__ = [
    "AdvancedBooleanIncSubtensor",
    "AdvancedBooleanSubtensor",
    "AdvancedIncSubtensor",
    "AdvancedIncSubtensor1",
    "AdvancedIndexingError",
    "AdvancedSubtensor",
    "AdvancedSubtensor1",
    "IncSubtensor",
    "Subtensor",
    "advanced_boolean_inc_subtensor",
    "advanced_boolean_set_subtensor",
    "advanced_boolean_subtensor",
    "advanced_inc_subtensor",
    "advanced_inc_subtensor1",
    "advanced_set_subtensor",
    "advanced_set_subtensor1",
    "advanced_subtensor",
    "advanced_subtensor1",
    "inc_subtensor",
    "set_subtensor",
    "take",
]
