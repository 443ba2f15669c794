"""Theano's names of ops, where they differ from ours: programs and books compare printed graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorsym.extend import Registry
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.reduction import Reduction

if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorsym.graph.op import Op

__all__ = ["OP_NAMES", "op_name"]

# Op class -> function that names an instance.
OP_NAMES: Registry[type[Op], Callable[[Op], str]] = Registry("names of ops in print")


def op_name(op: Op) -> str:
    """Return an op's name as Theano prints it.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.printing.opnames import op_name
    >>> op_name(T.exp)
    'Elemwise{exp,no_inplace}'
    """
    name = OP_NAMES.get(type(op))
    return str(op) if name is None else name(op)


@OP_NAMES.register(DimShuffle)
def _dimshuffle(op: Op) -> str:
    return f"Inplace{op}"


@OP_NAMES.register(Reduction)
def _reduction(op: Op) -> str:
    assert isinstance(op, Reduction)
    parts = [] if op.axis is None else [f"axis={list(op.axis)}"]
    if op.acc_dtype is not None:
        parts.append(f"acc_dtype={op.acc_dtype}")
    return op.name.capitalize() + (f"{{{', '.join(parts)}}}" if parts else "")
