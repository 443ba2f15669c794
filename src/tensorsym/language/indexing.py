"""Indexing as the user writes it: `x[...]`, and the functions that take, choose and find elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.indexing_basic import Subtensor
from tensorsym.language.indexing_pattern import parse_index
from tensorsym.language.table import public
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.language.indexing_pattern import Pattern

__all__ = ["getitem"]


@public("getitem")
def getitem(x: Any, index: Any) -> Any:
    """Return `x[index]`, with NumPy's meaning of indices.

    Parameters
    ----------
    x : tensor
        Any tensor.
    index : int, slice, None, Ellipsis, array or list of integers, boolean mask, or a tuple of these
        Integers and bounds of slices may be symbolic; integer arrays and masks too.

    Returns
    -------
    TensorVariable
        A view for integers and slices, a copy where arrays or masks take part.

    Raises
    ------
    IndexError
        If there are too many indices, or one is known to be out of range.
    TypeError
        If an index is a Python bool, a float, or of another type that does not index.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.getitem(T.matrix(), (slice(1, None), None, 0)).ndim
    2
    """
    x = as_tensor_variable(x)
    parsed = parse_index(index, x.type.ndim)
    basic = tuple(entry for entry in parsed.pattern if entry is not None)
    part = Subtensor(basic)(x, *parsed.inputs) if basic or not parsed.pattern else x
    return _with_new_axes(part, parsed.pattern)


def _with_new_axes(part: Any, pattern: Pattern) -> Any:
    """Return a basic part with the pattern's new axes put in."""
    if None not in pattern:
        return part
    order: list[int | str] = []
    axis = 0
    for entry in pattern:
        if entry is None:
            order.append("x")
        elif not isinstance(entry, str):
            order.append(axis)
            axis += 1
    return DimShuffle(part.type.broadcastable, [*order, *range(axis, part.type.ndim)])(part)
