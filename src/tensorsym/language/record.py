"""`Record`: everything there is to know about an elementwise op, and its docstring."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tensorsym.language.dtypes import DTypeRule

__all__ = ["Partial", "Partials", "Record", "docstring"]

Partial = Callable[..., Any]
# One per operand; a single one serves all operands of a variadic op; a function makes that of
# operand k.
Partials = tuple[Partial | int | None, ...] | Callable[[int], Partial] | None
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Record:
    """Everything there is to know about an elementwise op.

    Attributes
    ----------
    name : str
        Public name; `aliases` are further ones.
    arity : int
        Number of operands. A `variadic` op takes `arity` or more, folded from the left.
    numpy : str or callable
        The reference: "exp" is numpy.exp, "scipy.special:erf" is imported at first use.
    c : str
        Scalar text over x, y, z; identifiers that start with ts_ are bound per dtype. Empty: no
        kernel.
    rule : callable
        From input dtypes to (dtypes computed in, output dtype).
    partials : tuple of callable, function of the operand's number, or None
        For each operand the partial derivative as a function of (operands..., out). The value is
        an expression, `only_where(mask)`, or `Linear` where the derivative is no product. In place
        of a function 0 means no dependence, None that no closed form is known (the gradient is
        then null). None for all: the op has no gradient (grad raises).
    domain : tuple of intervals
        Where tests draw each operand.
    points : tuple
        Special operands worth testing, beyond the corners of the dtypes.
    traits : frozenset of str
        commutative, associative, idempotent, odd, even, monotone, involution, predicate,
        surrogate_gradient (the partials are not the derivative, on purpose), shape_of_first (the
        first operand counts by its shape only: no gradient is connected to it), ...
    symbol : str
        Infix or prefix symbol for printing.
    tolerance : float
        Relative error allowed against the reference in units of the dtype's epsilon.
    """

    name: str
    arity: int
    numpy: str | Callable[..., Any]
    c: str
    rule: DTypeRule
    partials: Partials
    doc: str
    domain: tuple[Interval, ...]
    points: tuple[Any, ...] = ()
    traits: frozenset[str] = frozenset()
    symbol: str = ""
    tolerance: float = 4.0
    variadic: bool = False
    aliases: tuple[str, ...] = ()
    methods: tuple[str, ...] = field(default=())

    def reference(self) -> Callable[..., Any]:
        """Return the NumPy function."""
        if callable(self.numpy):
            return self.numpy
        module, _, name = self.numpy.rpartition(":")
        function: Callable[..., Any] = getattr(importlib.import_module(module or "numpy"), name)
        return function


def docstring(record: Record) -> str:
    """Return the NumPy-style docstring of a record's public function."""
    operands = "xyz"[: record.arity]
    names = ", ".join(operands)
    midpoints = [np.float64(round((low + high) / 2 + 0.25, 2)) for low, high in record.domain]
    example = f"T.{record.name}({', '.join(map(str, midpoints))})"
    return "\n".join(
        [
            record.doc.partition(". ")[0].rstrip(".") + ".",
            "",
            "Parameters",
            "----------",
            f"{names} : tensor or array_like",
            "    Operands; dimensions declared broadcastable are broadcast.",
            "",
            "Returns",
            "-------",
            "TensorVariable",
            "    A tensor of the operands' broadcast shape.",
            "",
            "Raises",
            "------",
            "DTypeError",
            "    If the op is not defined for the operands' dtypes.",
            "ShapeError",
            "    If lengths are known to differ.",
            "",
            "Notes",
            "-----",
            record.doc,
            "",
            "Examples",
            "--------",
            ">>> import tensorsym.tensor as T",
            f">>> {example}.ndim",
            "0",
        ]
    )
