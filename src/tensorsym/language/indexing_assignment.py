"""`set_subtensor` and `inc_subtensor`: `x[index] = y` and `x[index] += y` as expressions."""

from __future__ import annotations

from typing import Any

from tensorsym.errors import NotASubtensorError, RankError
from tensorsym.graph.variable import Variable
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.indexing_advanced import (
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor,
    AdvancedSubtensor1,
)
from tensorsym.language.indexing_basic import IncSubtensor, Subtensor
from tensorsym.language.reshape import Reshape
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.variable import as_tensor_variable

__all__ = ["inc_subtensor", "set_subtensor"]


@public("set_subtensor")
def set_subtensor(
    x: Any, y: Any, inplace: bool = False, tolerate_inplace_aliasing: bool = False
) -> Any:
    """Return `a` as it would be after `a[index] = y`: `set_subtensor(a[index], y)`.

    Parameters
    ----------
    x : tensor
        The part, as an indexing expression `a[index]`.
    y : tensor or array_like
        The new values; they broadcast to the part and are cast to its dtype.
    inplace : bool
        Whether the memory of `a` is overwritten; rewrites do that by themselves where it is safe.
    tolerate_inplace_aliasing : bool
        Kept for Theano programs.

    Returns
    -------
    TensorVariable
        Of the type of `a`. If a part is set twice by an index array, the last value stays.

    Raises
    ------
    TypeError
        If `x` is no indexing expression, or `y` has more dimensions or a dtype that can not be
        written.
    ShapeError
        If `y` is known not to broadcast to the part.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> a = T.matrix()
    >>> T.set_subtensor(a[0], 1.0).ndim
    2
    """
    return inc_subtensor(x, y, inplace, True, tolerate_inplace_aliasing)


@public("inc_subtensor")
def inc_subtensor(
    x: Any,
    y: Any,
    inplace: bool = False,
    set_instead_of_inc: bool = False,
    tolerate_inplace_aliasing: bool = False,
) -> Any:
    """Return `a` as it would be after `a[index] += y`: `inc_subtensor(a[index], y)`.

    Parameters
    ----------
    x : tensor
        The part, as an indexing expression `a[index]`. A dimshuffle of one gives the result
        dimshuffled; of a reshape of one `y` is reshaped back.
    y : tensor or array_like
        What is added; it broadcasts to the part.
    inplace : bool
        Whether the memory of `a` is overwritten; rewrites do that by themselves where it is safe.
    set_instead_of_inc : bool
        Whether `y` replaces what was there.
    tolerate_inplace_aliasing : bool
        Kept for Theano programs.

    Returns
    -------
    TensorVariable
        Of the type of `a`. Elements named twice by an index array are increased twice, unlike in
        NumPy.

    Raises
    ------
    TypeError
        If `x` is no indexing expression, or `y` has more dimensions or a dtype that can not be
        written.
    ShapeError
        If `y` is known not to broadcast to the part.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> a = T.vector()
    >>> T.inc_subtensor(a[1:], 2.0).ndim
    1
    """
    if not isinstance(x, Variable) or x.owner is None:
        raise _not_a_subtensor(x)
    y = as_tensor_variable(y)
    if y.type.ndim > x.type.ndim:
        raise RankError(
            f"a part of {x.type.ndim} dimensions can not take a value of {y.type.ndim}",
            got=f"part {x} of shape {x.type.shape}, value {y} of shape {y.type.shape}",
            origin=x.origin,
        )
    op = x.owner.op
    if isinstance(op, DimShuffle):
        return _write_shuffled(x, y, inplace, set_instead_of_inc)
    if isinstance(op, Reshape):
        return _write_reshaped(x, y, inplace, set_instead_of_inc)
    source, *index = x.owner.inputs
    if isinstance(op, Subtensor):
        return IncSubtensor(op.idx_list, inplace, set_instead_of_inc)(source, y, *index)
    if isinstance(op, AdvancedSubtensor1):
        return AdvancedIncSubtensor1(inplace, set_instead_of_inc)(source, y, *index)
    if isinstance(op, AdvancedSubtensor):
        return AdvancedIncSubtensor(op.idx_list, inplace, set_instead_of_inc)(source, y, *index)
    raise _not_a_subtensor(x)


def _not_a_subtensor(x: Any) -> NotASubtensorError:
    return NotASubtensorError(
        "the first argument must be a part of a tensor",
        got=f"{x}" if isinstance(x, Variable) else f"{type(x).__name__} {x!r}",
        expected="an indexing expression, a[index]",
        origin=x.origin if isinstance(x, Variable) else (),
        hint="write T.set_subtensor(a[index], y)",
    )


def _write_shuffled(x: Any, y: Any, inplace: bool, sets: bool) -> Any:
    """Write into a dimshuffled part: shuffle the value back, write, and shuffle the result."""
    op = x.owner.op
    part = x.owner.inputs[0]
    missing = x.type.ndim - y.type.ndim
    new = [d for d in op.augment if d >= missing and not y.type.broadcastable[d - missing]]
    if new:
        y = FUNCTIONS["addbroadcast"](y, *[d - missing for d in new])
    y = FUNCTIONS["shape_padleft"](y, missing) if missing else y
    order: list[int | str] = ["x"] * part.type.ndim
    for axis, source in enumerate(op.new_order):
        if source != "x":
            order[int(source)] = axis
    whole = inc_subtensor(part, DimShuffle(y.type.broadcastable, order)(y), inplace, sets)
    return DimShuffle(whole.type.broadcastable, op.new_order)(whole)


def _write_reshaped(x: Any, y: Any, inplace: bool, sets: bool) -> Any:
    """Write into a reshaped part: give the value the shape of the part before it was reshaped."""
    part = x.owner.inputs[0]
    if y.type.ndim:
        filled = FUNCTIONS["alloc"](y, *[x.shape[d] for d in range(x.type.ndim)])
        y = FUNCTIONS["reshape"](filled, part.shape, ndim=part.type.ndim)
    return inc_subtensor(part, y, inplace, sets)
