"""Canonical sums and products: flat, with equal terms counted and constants folded into one.

A sum is `P - Q`, both n-ary; a product is `c * N / D` with integer powers collected. Nothing else
is flattened: an inner sum that others use too stays as it is, and so does one of a smaller shape,
which would cost more if repeated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.language.arithmetic import add, inv, mul, neg, sqr, sub
from tensorsym.language.arithmetic import true_divide as div
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.functions import pow_
from tensorsym.language.variable import TensorConstant
from tensorsym.rewrite.context import call, joined, literal
from tensorsym.rewrite.rules import algorithm

if TYPE_CHECKING:
    from tensorsym.graph.variable import Apply
    from tensorsym.language.elementwise import Elementwise
    from tensorsym.rewrite.context import Context
    from tensorsym.rewrite.rules import Replacement

__all__ = [
    "PRODUCTS",
    "SUMS",
    "Product",
    "Sum",
    "distribute",
    "is_absorbed",
    "product_form",
    "sum_form",
]

SUMS = frozenset((add, sub, neg))
PRODUCTS = frozenset((mul, div, neg, inv))
# Flattened sums and products grow to this many operands and no further: a chain of n costs n, and
# kernels stay small.
WIDEST = 32
# Powers up to this are collected from x**n; larger ones are a factor by themselves.
LARGEST_POWER = 64


def is_absorbed(node: Apply, family: frozenset[Elementwise], context: Context) -> bool:
    """Tell whether the one user of a node is of the same family and will flatten it."""
    out: Any = node.outputs[0]
    user = context.only_user(out)
    if user is None or user.op not in family or len(user.inputs) >= WIDEST:
        return False
    other: Any = user.outputs[0]
    return bool(
        other.type.dtype == out.type.dtype and other.type.broadcastable == out.type.broadcastable
    )


def _flattens(v: Any, out: Any, context: Context) -> bool:
    """Tell whether the computation of `v` may become part of its user's, which computes `out`."""
    if v.type.dtype != out.type.dtype:
        return False
    return v.owner.op is neg or (
        v.type.broadcastable == out.type.broadcastable and context.single_use(v)
    )


class Sum:
    """A flattened sum: how often each term is added, and the constant.

    Parameters
    ----------
    out : variable
        The result that the sum stands for.
    context : Context
        The graph.
    """

    def __init__(self, out: Any, context: Context) -> None:
        self.out = out
        self.counts: dict[Any, int] = {}
        self.constant = np.zeros((), dtype=out.type.dtype)
        self.constants = 0
        self.absorbed = 0
        self._collect(context)

    def _collect(self, context: Context) -> None:
        stack: list[tuple[Any, int]] = [(self.out, 1)]
        room = WIDEST
        while stack:
            v, sign = stack.pop()
            node = v.owner
            if (
                node is not None
                and node.op in SUMS
                and (v is self.out or (room > 0 and _flattens(v, self.out, context)))
            ):
                self.absorbed += v is not self.out
                room -= len(node.inputs) - 1
                signs = (
                    [sign, -sign]
                    if node.op is sub
                    else [-sign]
                    if node.op is neg
                    else [sign] * len(node.inputs)
                )
                stack.extend(reversed(list(zip(node.inputs, signs, strict=True))))
            else:
                self._add(v, sign, context)

    def _add(self, v: Any, sign: int, context: Context) -> None:
        value = context.value_of(v) if isinstance(v, TensorConstant) else None
        if value is None:
            self.counts[v] = self.counts.get(v, 0) + sign
            return
        self.constants += 1
        with np.errstate(all="ignore"):
            term = np.asarray(value).astype(self.out.type.dtype)
            self.constant = self.constant + term if sign > 0 else self.constant - term

    def is_written_so(self, node: Apply) -> bool:
        """Tell whether `node` is this form already."""
        if (
            self.absorbed
            or self.constants > 1
            or any(abs(count) != 1 for count in self.counts.values())
        ):
            return False
        if len(self.counts) + self.constants != len(node.inputs) or (
            self.constants and self.constant == 0
        ):
            return False
        return not (
            node.op is sub and isinstance(node.inputs[1], TensorConstant) and self.constants
        )

    def build(self) -> Any:
        """Return the expression `P - Q`."""
        dtype, ndim = self.out.type.dtype, self.out.type.ndim
        plus = [_times(v, count, dtype) for v, count in self.counts.items() if count > 0]
        minus = [_times(v, -count, dtype) for v, count in self.counts.items() if count < 0]
        if self.constant != 0 or not (plus or minus):
            plus.insert(0, literal(self.constant, dtype, ndim))
        if not minus:
            return joined(add, plus, dtype, ndim)
        subtrahend = joined(add, minus, dtype, ndim)
        if not plus:
            return call(neg, subtrahend)
        return call(sub, joined(add, plus, dtype, ndim), subtrahend)


def _times(v: Any, count: int, dtype: str) -> Any:
    return v if count == 1 else call(mul, literal(count, dtype, v.type.ndim), v)


@algorithm(
    "sum_form", "canonicalize", "stabilize", roots=("add", "sub", "neg"),
    theano=("local_add_canonizer", "local_neg_neg", "local_elemwise_sub_zeros",
            "local_add_specialize"),
    why="terms that cancel or repeat are found in a flat sum",
    differs="x - x is 0 also for infinities and NaN",
)  # fmt: skip
def sum_form(node: Apply, context: Context) -> Replacement:
    """Replace a sum by `P - Q`: flat, without terms that cancel, with one constant."""
    out: Any = node.outputs[0]
    if out.type.dtype == "bool" or is_absorbed(node, SUMS, context):
        return None
    if node.op is neg and (node.inputs[0].owner is None or node.inputs[0].owner.op not in SUMS):
        return None
    form = Sum(out, context)
    if form.is_written_so(node):
        return None
    return context.fit(form.build(), out)


class Product:
    """A flattened product: the power of each factor, and the constant coefficient.

    Parameters
    ----------
    out : variable
        The result that the product stands for.
    context : Context
        The graph.
    """

    def __init__(self, out: Any, context: Context) -> None:
        self.out = out
        self.powers: dict[Any, int] = {}
        self.coefficient = np.ones((), dtype=out.type.dtype)
        self.divisor = np.ones((), dtype=out.type.dtype)
        self.constants = 0
        self.absorbed = 0
        self._collect(context)

    def _collect(self, context: Context) -> None:
        stack: list[tuple[Any, int]] = [(self.out, 1)]
        room = WIDEST
        while stack:
            v, power = stack.pop()
            node = v.owner
            if (
                node is not None
                and v is not self.out
                and (base := _power(node, self.out, context)) is not None
            ):
                self.absorbed += 1
                self._multiply(base[0], power * base[1], context)
            elif (
                node is not None
                and node.op in PRODUCTS
                and (v is self.out or (room > 0 and _flattens(v, self.out, context)))
            ):
                self.absorbed += v is not self.out
                room -= len(node.inputs) - 1
                if node.op is neg and power % 2:
                    self.coefficient = -self.coefficient
                powers = (
                    [power, -power]
                    if node.op is div
                    else [-power if node.op is inv else power] * len(node.inputs)
                )
                stack.extend(reversed(list(zip(node.inputs, powers, strict=True))))
            else:
                self._multiply(v, power, context)

    def _multiply(self, v: Any, power: int, context: Context) -> None:
        value = context.value_of(v) if isinstance(v, TensorConstant) else None
        if value is None:
            self.powers[v] = self.powers.get(v, 0) + power
            return
        self.constants += 1
        with np.errstate(all="ignore"):
            factor = np.asarray(value).astype(self.out.type.dtype)
            for _ in range(abs(power)):
                if power > 0:
                    self.coefficient = self.coefficient * factor
                else:
                    self.divisor = self.divisor * factor

    def is_written_so(self, node: Apply) -> bool:
        """Tell whether `node` is this form already."""
        if (
            self.absorbed
            or self.constants > 1
            or any(abs(power) != 1 for power in self.powers.values())
        ):
            return False
        factors = len(self.powers) + self.constants
        if node.op is neg:
            return factors == 1 and not self.constants
        if node.op is inv or factors != len(node.inputs):
            return False
        if node.op is mul:
            return not self.constants or self.coefficient not in (0, 1, -1)
        return not self.constants or (
            isinstance(node.inputs[0], TensorConstant) and self.coefficient not in (0, -1)
        )

    def _split_constant(self) -> tuple[Any, list[Any]]:
        """Return the coefficient, and in a list the divisor if its inverse is not safe."""
        with np.errstate(all="ignore"):
            quotient = self.coefficient if self.divisor == 1 else self.coefficient / self.divisor
        dtype = self.out.type.dtype
        if self.divisor == 1 or is_discrete(dtype):
            return self.coefficient, []
        if np.isfinite(quotient) and abs(quotient) >= np.finfo(dtype).tiny:
            return quotient, []
        return self.coefficient, [literal(self.divisor, dtype, self.out.type.ndim)]

    def build(self, context: Context) -> Any:
        """Return the expression `c * N / D`, negated if c is -1."""
        dtype, ndim = self.out.type.dtype, self.out.type.ndim
        coefficient, below = self._split_constant()
        if coefficient == 0:
            return literal(0, dtype, ndim)
        above = [_raised(v, power, dtype) for v, power in self.powers.items() if power > 0]
        below += [_raised(v, -power, dtype) for v, power in self.powers.items() if power < 0]
        negated = bool(coefficient == -1 and (above or below))
        if (coefficient != 1 and not negated) or not above:
            above.insert(0, literal(1 if negated else coefficient, dtype, ndim))
        result = joined(mul, above, dtype, ndim)
        if below:
            result = call(div, result, joined(mul, below, dtype, ndim))
        return call(neg, result) if negated else result


def _power(node: Apply, out: Any, context: Context) -> tuple[Any, int] | None:
    """Return base and exponent of a square or an integer power."""
    if node.op is not sqr and node.op is not pow_:
        return None
    v: Any = node.outputs[0]
    if v.type.dtype != out.type.dtype or node.inputs[0].type.dtype != v.type.dtype:
        return None
    if node.op is sqr:
        return node.inputs[0], 2
    base: Any = node.inputs[0]
    exponent = context.value_of(node.inputs[1])
    if (
        exponent is None
        or base.type.broadcastable != v.type.broadcastable
        or np.iscomplexobj(exponent)
    ):
        return None
    if exponent != np.round(exponent) or not 1 <= abs(exponent) <= LARGEST_POWER:
        return None
    if is_discrete(v.type.dtype) and exponent < 0:
        return None
    return base, int(exponent)


def _raised(v: Any, power: int, dtype: str) -> Any:
    if power == 1:
        return v
    return call(sqr, v) if power == 2 else call(pow_, v, literal(power, dtype, v.type.ndim))


@algorithm(
    "product_form", "canonicalize", "stabilize", roots=("mul", "true_div", "neg", "inv"),
    theano=("local_mul_canonizer", "local_neg_to_mul", "local_inv_canon", "local_mul_zero",
            "local_mul_specialize",
            "local_mul_to_sqr", "local_zero_div", "local_neg_div_neg"),
    why="factors that cancel or repeat are found in a flat product",
    differs="x / x is 1 also for 0, infinities and NaN; x * 0 is 0 also for infinities and NaN",
)  # fmt: skip
def product_form(node: Apply, context: Context) -> Replacement:
    """Replace a product by `c * N / D`: flat, without factors that cancel, with one constant."""
    out: Any = node.outputs[0]
    if out.type.dtype == "bool" or is_absorbed(node, PRODUCTS, context):
        return None
    form = Product(out, context)
    if form.is_written_so(node):
        return None
    return context.fit(form.build(context), out)


@algorithm(
    "distribute", "stabilize", roots=("mul", "true_div", "neg"),
    theano=("local_greedy_distributor",),
    why="a factor meets the same divisor inside a sum", differs="the divisor is 0 or infinite",
)  # fmt: skip
def distribute(node: Apply, context: Context) -> Replacement:
    """Replace (a/b + c)*b by a + c*b where that saves a division."""
    out: Any = node.outputs[0]
    if is_discrete(out.type.dtype) or is_absorbed(node, PRODUCTS, context):
        return None
    if not any(
        v.owner is not None and (v.owner.op in PRODUCTS or v.owner.op in SUMS) for v in node.inputs
    ):
        return None
    form = Product(out, context)
    if len(form.powers) < 2:
        return None
    for v in form.powers:
        if (
            v.owner is None
            or (v.owner.op is not add and v.owner.op is not sub)
            or not _flattens(v, out, context)
        ):
            continue
        result = _distributed(form, v, context)
        if result is not None:
            return context.fit(result, out)
    return None


def _distributed(form: Product, total: Any, context: Context) -> Any:
    """Return the product with a factor moved into the sum `total`, None if that saves nothing."""
    if form.powers.get(total) != 1:
        return None
    if not any(v.owner is not None and v.owner.op in PRODUCTS for v in total.owner.inputs):
        return None
    terms = Sum(total, context)
    products = [_product_of(term, context) for term in terms.counts]
    if not any(
        power < 0
        for product in products
        if product is not None
        for power in product.powers.values()
    ):
        return None
    for factor, power in form.powers.items():
        if factor is total or power < 1 or factor.type.broadcastable != form.out.type.broadcastable:
            continue
        saved = sum(p is not None and p.powers.get(factor, 0) < 0 for p in products)
        missing = len(products) + (terms.constant != 0) - saved
        if saved and saved + 1 >= missing:
            form.powers[factor] -= 1
            del form.powers[total]
            form.powers[_multiplied(terms, products, factor, context)] = 1
            return form.build(context)
    return None


def _product_of(term: Any, context: Context) -> Product | None:
    if term.owner is None or term.owner.op not in PRODUCTS or not context.single_use(term):
        return None
    return Product(term, context)


def _multiplied(terms: Sum, products: list[Product | None], factor: Any, context: Context) -> Any:
    """Return a sum with every term multiplied by `factor`."""
    counts: dict[Any, int] = {}
    for (term, count), product in zip(terms.counts.items(), products, strict=True):
        if product is None:
            multiplied = call(mul, term, factor)
        else:
            product.powers[factor] = product.powers.get(factor, 0) + 1
            multiplied = context.fit(product.build(context), term)
        counts[multiplied] = counts.get(multiplied, 0) + count
    if terms.constant != 0:
        dtype, ndim = terms.out.type.dtype, terms.out.type.ndim
        counts[call(mul, literal(terms.constant, dtype, ndim), factor)] = 1
    terms.counts, terms.constant = counts, np.zeros_like(terms.constant)
    return context.fit(terms.build(), terms.out)
