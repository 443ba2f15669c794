"""The logistic function recognised among the factors of a product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.language.arithmetic import add, neg, sub
from tensorsym.language.dtypes import FLOAT
from tensorsym.language.functions import exp
from tensorsym.language.nnet import sigmoid
from tensorsym.rewrite.algebra import PRODUCTS, Product, is_absorbed
from tensorsym.rewrite.context import call
from tensorsym.rewrite.rules import algorithm

if TYPE_CHECKING:
    from tensorsym.graph.variable import Apply
    from tensorsym.rewrite.context import Context
    from tensorsym.rewrite.rules import Replacement

__all__ = ["logistic_factors"]


@algorithm(
    "logistic_factors", "stabilize", roots=("mul", "true_div", "inv", "neg"),
    theano=("local_inv_1_plus_exp", "local_exp_over_1_plus_exp", "local_sigm_times_exp"),
    why="1 / (1 + exp(-x)) is the logistic function, which does not overflow",
    differs="|x| > 709.8",
)  # fmt: skip
def logistic_factors(node: Apply, context: Context) -> Replacement:
    """Replace 1/(1 + exp(u)) by sigmoid(-u), and exp(u)*sigmoid(-u) by sigmoid(u)."""
    out: Any = node.outputs[0]
    if out.type.dtype not in FLOAT or is_absorbed(node, PRODUCTS, context):
        return None
    if not any(_is_candidate(v) for v in node.inputs):
        return None
    form = Product(out, context)
    before = dict(form.powers)
    for base in before:
        exponent = _exponent(base, context)
        if exponent is not None and form.powers[base] < 0:
            _replace_quotient(form, base, exponent)
    for base in list(form.powers):
        if base.owner is not None and base.owner.op is sigmoid and form.powers[base] > 0:
            _absorb_exponential(form, base)
    if form.powers == before:
        return None
    return context.fit(form.build(context), out)


def _is_candidate(v: Any) -> bool:
    """Tell whether a product with this operand may have a logistic factor."""
    return v.owner is not None and (v.owner.op in (add, exp, sigmoid) or v.owner.op in PRODUCTS)


def _exponent(base: Any, context: Context) -> Any:
    """Return u where `base` is 1 + exp(u), else None."""
    node = base.owner
    if node is None or node.op is not add or len(node.inputs) != 2:
        return None
    for one, power in (node.inputs, node.inputs[::-1]):
        if power.owner is not None and power.owner.op is exp and context.value_of(one) == 1:
            return power
    return None


def _replace_quotient(form: Product, base: Any, power: Any) -> None:
    """Replace (1 + exp(u))**-k by powers of sigmoid(-u), and of sigmoid(u) with each exp(u)."""
    count = -form.powers.pop(base)
    u = power.owner.inputs[0]
    both = min(count, max(0, form.powers.get(power, 0)))
    if both:
        _add_power(form, power, -both)
        _add_power(form, call(sigmoid, u), both)
    if count > both:
        _add_power(form, call(sigmoid, negative(u)), count - both)


def _absorb_exponential(form: Product, base: Any) -> None:
    """Replace sigmoid(x)*exp(-x) and sigmoid(x)/exp(x) by sigmoid(-x)."""
    x = base.owner.inputs[0]
    for factor, power in list(form.powers.items()):
        if factor.owner is None or factor.owner.op is not exp:
            continue
        u = factor.owner.inputs[0]
        opposite = (u is x and power < 0) or (power > 0 and _are_opposite(u, x))
        if opposite:
            count = min(abs(power), form.powers.get(base, 0))
            _add_power(form, factor, -count if power > 0 else count)
            _add_power(form, base, -count)
            _add_power(form, call(sigmoid, negative(x)), count)


def _are_opposite(u: Any, x: Any) -> bool:
    for a, b in ((u, x), (x, u)):
        if a.owner is not None and a.owner.op is neg and a.owner.inputs[0] is b:
            return True
    return (
        all(v.owner is not None and v.owner.op is sub for v in (u, x))
        and u.owner.inputs == x.owner.inputs[::-1]
    )


def negative(u: Any) -> Any:
    """Return -u in the form canonicalize gives it."""
    node = u.owner
    if node is not None and node.op is neg:
        return node.inputs[0]
    if node is not None and node.op is sub:
        return call(sub, node.inputs[1], node.inputs[0])
    return call(neg, u)


def _add_power(form: Product, factor: Any, count: int) -> None:
    """Multiply the product by factor**count; equal new sigmoids are one factor."""
    for known in form.powers:
        if known is factor or (
            known.owner is not None and factor.owner is not None and known.owner.op is
            factor.owner.op is sigmoid and _same_operand(known.owner.inputs[0],
            factor.owner.inputs[0])
        ):  # fmt: skip
            factor = known
            break
    form.powers[factor] = form.powers.get(factor, 0) + count


def _same_operand(a: Any, b: Any) -> bool:
    if a is b:
        return True
    if (
        a.owner is None
        or b.owner is None
        or a.owner.op is not b.owner.op
        or a.owner.op not in (neg, sub)
    ):
        return False
    return all(x is y for x, y in zip(a.owner.inputs, b.owner.inputs, strict=True))
