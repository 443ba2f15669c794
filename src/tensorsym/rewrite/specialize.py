"""Rules of specialize: the cheapest op for what canonicalize wrote in one form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.language.arithmetic import inv, mul, sqr
from tensorsym.language.dtypes import COMPLEX, FLOAT, INT, is_complex, is_discrete
from tensorsym.language.functions import sqrt
from tensorsym.rewrite.context import call
from tensorsym.rewrite.pattern import inv as inv_
from tensorsym.rewrite.rules import Rule, algorithm, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tensorsym.graph.variable import Apply
    from tensorsym.rewrite.context import Context
    from tensorsym.rewrite.pattern import Pattern
    from tensorsym.rewrite.rules import Replacement

__all__ = ["cheap_forms", "power_form"]

# x**n by squaring up to this n: Theano's local_pow_specialize_device goes to 512, but each step
# rounds once more.
LARGEST_POWER = 16


@rules("specialize", domain=(0.3, 3.0))
def cheap_forms(x: Pattern, y: Pattern) -> Iterator[Rule]:
    """Signs and inverses that need no constant."""
    yield Rule("one_over", 1 / x, inv_(x), theano=("local_div_to_inv",), why="the 1 is not loaded")
    yield Rule(
        "inv_inv",
        inv_(inv_(x)),
        x,
        exactness="reassociating",
        theano=("local_func_inv",),
        why="two inverses cancel",
        differs="1 / x overflows or underflows",
    )
    yield Rule(
        "add_neg",
        x + -y,
        x - y,
        dtypes=INT + FLOAT + COMPLEX,
        theano=("local_add_specialize",),
        why="one op in place of two",
    )
    yield Rule(
        "sub_neg",
        x - -y,
        x + y,
        dtypes=INT + FLOAT + COMPLEX,
        theano=("local_add_specialize",),
        why="one op in place of two",
    )
    yield Rule(
        "times_inv",
        x * inv_(y),
        x / y,
        exactness="reassociating",
        theano=("local_mul_specialize",),
        why="one op in place of two",
    )
    yield Rule(
        "over_inv",
        x / inv_(y),
        x * y,
        exactness="reassociating",
        why="one op in place of two",
        differs="1 / y overflows or underflows",
    )


@algorithm(
    "power_form", "specialize", roots=("pow",), inputs=(),
    theano=("local_pow_specialize", "local_pow_specialize_device"),
    why="products and roots cost less than a power",
)  # fmt: skip
def power_form(node: Apply, context: Context) -> Replacement:
    """Replace a power with a small whole or half exponent by squares, products and a root."""
    base: Any = node.inputs[0]
    out: Any = node.outputs[0]
    exponent = context.value_of(node.inputs[1])
    if exponent is None or is_complex(out.type.dtype) or np.iscomplexobj(exponent):
        return None
    if (
        base.type.dtype != out.type.dtype
        or not np.isfinite(exponent)
        or abs(exponent) > LARGEST_POWER
    ):
        return None
    doubled = 2 * float(exponent)
    if doubled != round(doubled) or (is_discrete(out.type.dtype) and exponent < 0):
        return None
    whole, half = divmod(int(abs(doubled)), 2)
    if half and whole:
        return None  # x**2.5 as sqr(x)*sqrt(x) would be NaN for x = -inf.
    result = call(sqrt, base) if half else _power(base, whole)
    if result is None:
        return None
    return context.fit(call(inv, result) if exponent < 0 else result, out)


def _power(base: Any, n: int) -> Any:
    """Return base**n by repeated squaring; None for n = 0."""
    result, square = None, base
    while n:
        if n & 1:
            result = square if result is None else call(mul, result, square)
        n >>= 1
        square = call(sqr, square) if n else square
    return result
