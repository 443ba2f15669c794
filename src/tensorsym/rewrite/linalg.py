"""Products collected with scale and summand: `beta*Z - lr*dot(A, B)` becomes one BLAS call.

Transposed operands stay dimshuffles: they are views that the library reads as they lie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.language.arithmetic import add, mul, neg, sub
from tensorsym.language.arithmetic import true_divide as div
from tensorsym.language.blas import LIBRARY_DTYPES, Gemm, Gemv, Ger, ScaledDot
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.products import Dot
from tensorsym.rewrite.algebra import PRODUCTS, SUMS, Product, Sum, is_absorbed
from tensorsym.rewrite.context import call, literal
from tensorsym.rewrite.rules import algorithm

if TYPE_CHECKING:
    from tensorsym.graph.variable import Apply
    from tensorsym.rewrite.context import Context
    from tensorsym.rewrite.rules import Replacement

__all__ = ["scaled_product", "sum_with_product"]


class ScaledProduct:
    """alpha * dot(x, y), found in a term: the dot and the scalars that multiply and divide it."""

    def __init__(self, dot: Any, sign: int, form: Product | None) -> None:
        self.x, self.y = dot.owner.inputs
        self.dtype = dot.type.dtype
        self.sign = sign
        self.form = form
        self.dot = dot

    def alpha(self) -> Any:
        """Return the factor as a scalar."""
        return scale(self.form, self.dot, self.sign, self.dtype)


def scale(form: Product | None, kept: Any, sign: int, dtype: str) -> Any:
    """Return sign times all factors of a product but `kept` as a scalar expression."""
    if form is None:
        return literal(sign, dtype)
    coefficient = np.asarray(form.coefficient / form.divisor * sign)
    powers = {v: power for v, power in form.powers.items() if v is not kept and power}
    above = [_scalar(v, dtype) for v, power in powers.items() for _ in range(max(0, power))]
    below = [_scalar(v, dtype) for v, power in powers.items() for _ in range(max(0, -power))]
    if coefficient != 1 or not above:
        above.insert(0, literal(coefficient, dtype))
    result = call(mul, *above) if len(above) > 1 else above[0]
    return call(div, result, call(mul, *below) if len(below) > 1 else below[0]) if below else result


def _scalar(v: Any, dtype: str) -> Any:
    if v.type.ndim:
        v = call(DimShuffle(v.type.broadcastable, ()), v)
    return v if v.type.dtype == dtype else v.astype(dtype)


def _find(term: Any, sign: int, out: Any, context: Context) -> ScaledProduct | None:
    """Return the term as a scaled product of matrices if it is one and nobody else needs it."""
    node = term.owner
    if node is None or not context.single_use(term) or term.type != out.type:
        return None
    if type(node.op) is Dot:
        return ScaledProduct(term, sign, None) if _is_for_library(node) else None
    if node.op not in PRODUCTS:
        return None
    return _in_product(Product(term, context), sign, out, context)


def _in_product(form: Product, sign: int, out: Any, context: Context) -> ScaledProduct | None:
    dots = [
        v
        for v, power in form.powers.items()
        if power == 1 and v.owner is not None and type(v.owner.op) is Dot and v.type == out.type
    ]
    if len(dots) != 1 or not context.single_use(dots[0]) or not _is_for_library(dots[0].owner):
        return None
    others = [v for v in form.powers if v is not dots[0]]
    if not all(all(v.type.broadcastable) for v in others):
        return None
    return ScaledProduct(dots[0], sign, form)


def _is_for_library(node: Apply) -> bool:
    dtypes = {v.type.dtype for v in (*node.inputs, *node.outputs)}
    return len(dtypes) == 1 and dtypes <= set(LIBRARY_DTYPES) and node.outputs[0].type.ndim > 0


@algorithm(
    "sum_with_product", "linear_algebra", roots=("add", "sub"),
    theano=("gemm_optimizer", "GemmOptimizer", "local_gemm_to_gemv", "local_gemm_to_ger",
            "local_dot22_to_ger_or_gemv"),
    tags=("gemm",), why="the library adds while it multiplies",
)  # fmt: skip
def sum_with_product(node: Apply, context: Context) -> Replacement:
    """Replace a sum with a scaled product of matrices among its terms by one BLAS op."""
    out: Any = node.outputs[0]
    if (
        out.type.ndim not in (1, 2)
        or out.type.dtype not in LIBRARY_DTYPES
        or is_absorbed(node, SUMS, context)
    ):
        return None
    if not any(_may_hold_dot(v) for v in node.inputs):
        return None
    form = Sum(out, context)
    for term, count in form.counts.items():
        found = _find(term, count, out, context) if abs(count) == 1 else None
        if found is None:
            continue
        del form.counts[term]
        summand = form.build()
        if summand.type != out.type:
            return None
        return _library_sum(found, summand, context)
    return None


def _may_hold_dot(v: Any) -> bool:
    return v.owner is not None and (
        type(v.owner.op) is Dot or v.owner.op in PRODUCTS or v.owner.op in SUMS
    )


def _library_sum(found: ScaledProduct, summand: Any, context: Context) -> Any:
    z, beta = _scaled_summand(summand, context)
    x, y, alpha = found.x, found.y, found.alpha()
    if x.type.ndim == 2 and y.type.ndim == 2:
        one = x.type.broadcastable[1] and y.type.broadcastable[0]
        if one and context.value_of(beta) == 1:
            columns = (
                call(DimShuffle(x.type.broadcastable, (0,)), x),
                call(DimShuffle(y.type.broadcastable, (1,)), y),
            )
            return call(Ger(), z, alpha, *columns)
        return call(Gemm(), z, alpha, x, y, beta)
    if x.type.ndim == 1:
        x, y = call(DimShuffle(y.type.broadcastable, (1, 0)), y), x
    return call(Gemv(), z, alpha, x, y, beta)


def _scaled_summand(summand: Any, context: Context) -> tuple[Any, Any]:
    """Return z and beta of a summand beta * z; beta is 1 where there is no scalar factor."""
    dtype = summand.type.dtype
    node = summand.owner
    unscaled = summand, literal(1, dtype)
    if node is None or (node.op is not mul and node.op is not neg and node.op is not div):
        return unscaled
    if len(context.function_graph.clients.get(summand, ())) > 1:
        return unscaled
    form = Product(summand, context)
    full = [v for v, power in form.powers.items() if not all(v.type.broadcastable)]
    if (
        len(full) != 1
        or form.powers[full[0]] != 1
        or full[0].type != summand.type
        or form.divisor == 0
    ):
        return unscaled
    return full[0], scale(form, full[0], 1, dtype)


@algorithm(
    "scaled_product", "linear_algebra", roots=("mul", "true_div", "neg"),
    theano=("local_dot22_to_dot22scalar",),
    tags=("gemm",), why="the library scales while it multiplies",
)  # fmt: skip
def scaled_product(node: Apply, context: Context) -> Replacement:
    """Replace alpha * dot(x, y) of matrices by one BLAS op, unless a sum will take it."""
    out: Any = node.outputs[0]
    if (
        out.type.ndim != 2
        or out.type.dtype not in LIBRARY_DTYPES
        or is_absorbed(node, PRODUCTS, context)
    ):
        return None
    if not any(_may_hold_dot(v) for v in node.inputs) or _in_sum(out, context):
        return None
    found = _in_product(Product(out, context), 1, out, context)
    if found is None or not _is_matrix_product(found.dot):
        return None
    return call(ScaledDot(), found.alpha(), found.x, found.y)


def _is_matrix_product(dot: Any) -> bool:
    return all(v.type.ndim == 2 for v in dot.owner.inputs)


def _in_sum(out: Any, context: Context) -> bool:
    user = context.only_user(out)
    return (
        user is not None and (user.op is add or user.op is sub) and user.outputs[0].type == out.type
    )
