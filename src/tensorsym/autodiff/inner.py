"""Derivatives of the graphs inside ops, entered where the ops of lower rooms look for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.autodiff.backward import backward
from tensorsym.autodiff.forward import Rop
from tensorsym.graph.type import DisconnectedType
from tensorsym.language.hostops import view
from tensorsym.language.innergraph import DERIVATIVES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.variable import Variable

__all__ = ["forward_inner", "reverse_inner"]


@DERIVATIVES.register("reverse")
def reverse_inner(
    outputs: Sequence[Variable], cotangents: Sequence[Variable], wrt: Sequence[Variable]
) -> list[Variable]:
    """Return the gradients of the outputs, weighted by their cotangents, with respect to `wrt`.

    Parameters
    ----------
    outputs, cotangents : sequence of Variable
        Pairs; a cotangent of DisconnectedType stands for an output that nothing needs.
    wrt : sequence of Variable
        What the outputs depend on.

    Returns
    -------
    list of Variable
        Of DisconnectedType or NullType where there is no gradient.
    """
    pairs = zip(outputs, cotangents, strict=True)
    # An output may be computed from another one, or be an input: each gets a view of its own to
    # start from, so that what flows back through it adds up.
    starts = {view(v): g for v, g in pairs if not isinstance(g.type, DisconnectedType)}
    return backward(starts, wrt)


@DERIVATIVES.register("forward")
def forward_inner(
    outputs: Sequence[Variable], wrt: Sequence[Variable], tangents: Sequence[Variable]
) -> list[Variable | None]:
    """Return the tangents of the outputs; None where an output does not change.

    Parameters
    ----------
    outputs : sequence of Variable
        What changes.
    wrt, tangents : sequence of Variable
        Pairs: what varies, and in which direction.
    """
    views = [view(v) for v in outputs]
    found: list[Any] = Rop(
        views, list(wrt), list(tangents), disconnected_outputs="ignore",
        return_disconnected="none",
    )  # fmt: skip
    return [None if t is None or isinstance(t.type, DisconnectedType) else t for t in found]
