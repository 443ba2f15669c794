"""Softmax, its logarithm and gradient, and the logarithm of a sum of exponentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.language.arithmetic import add, isinf, mul, sub, switch
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.dtypes import FLOAT
from tensorsym.language.functions import exp, log
from tensorsym.language.indexing_advanced import (
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor,
    AdvancedSubtensor1,
)
from tensorsym.language.indexing_basic import IncSubtensor, Subtensor
from tensorsym.language.reduction import Reduction, restore_axes
from tensorsym.language.softmax import LogSoftmax, Softmax, SoftmaxGrad
from tensorsym.rewrite.algebra import PRODUCTS, Product, Sum, is_absorbed
from tensorsym.rewrite.context import call, literal
from tensorsym.rewrite.rules import algorithm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tensorsym.graph.variable import Apply
    from tensorsym.rewrite.context import Context
    from tensorsym.rewrite.rules import Replacement

__all__ = ["log_of_picked_softmax", "log_sum_exp", "softmax_gradient", "softmax_quotient"]


@algorithm(
    "softmax_quotient", "stabilize", roots=("true_div", "mul", "neg"),
    theano=("softmax_simplifier",),
    why="a softmax shifts its operand and does not overflow", differs="|x| > 709.8",
)  # fmt: skip
def softmax_quotient(node: Apply, context: Context) -> Replacement:
    """Replace exp(x) / sum(exp(x)) over the last axis by softmax(x)."""
    out: Any = node.outputs[0]
    if out.type.dtype not in FLOAT or out.type.ndim == 0 or is_absorbed(node, PRODUCTS, context):
        return None
    if not any(v.owner is not None and v.owner.op in (exp, *PRODUCTS) for v in node.inputs):
        return None
    form = Product(out, context)
    for weights, power in form.powers.items():
        total = None if power < 1 else _total_of(weights, form)
        if total is not None:
            x = weights.owner.inputs[0]
            form.powers[weights] -= 1
            form.powers[total] += 1
            factor = call(Softmax(), x)
            form.powers[factor] = form.powers.get(factor, 0) + 1
            return context.fit(form.build(context), out)
    return None


def _total_of(weights: Any, form: Product) -> Any:
    """Return the divisor that is the sum of `weights` = exp(x) over the last axis, or None."""
    if weights.owner is None or weights.owner.op is not exp or weights.type.ndim == 0:
        return None
    last = weights.type.ndim - 1
    if weights.owner.inputs[0].type.dtype != weights.type.dtype or weights.type.broadcastable[last]:
        return None
    for v, power in form.powers.items():
        if power > -1 or v.owner is None or type(v.owner.op) is not DimShuffle:
            continue
        total = v.owner.inputs[0]
        if v.owner.op.new_order != (*range(last), "x") or total.owner is None:
            continue
        op = total.owner.op
        is_sum = type(op) is Reduction and op.name == "sum" and total.owner.inputs[0] is weights
        if is_sum and op.axes(last + 1) == (last,) and total.type.dtype == weights.type.dtype:
            return v
    return None


@algorithm(
    "softmax_gradient", "canonicalize", "stabilize", roots=(SoftmaxGrad,),
    theano=("local_softmax_grad_to_crossentropy_with_softmax_grad", "local_logsoftmax_grad"),
    why="the gradient of log(softmax) divides by what it is multiplied with",
    differs="the softmax underflows",
)  # fmt: skip
def softmax_gradient(node: Apply, context: Context) -> Replacement:
    """Replace the gradient of a softmax p by g / p by g - p * sum(g)."""
    dy: Any = node.inputs[0]
    p: Any = node.inputs[1]
    out: Any = node.outputs[0]
    if dy.owner is None or dy.type != out.type or p.type != out.type:
        return None
    if isinstance(dy.owner.op, AdvancedIncSubtensor | AdvancedIncSubtensor1 | IncSubtensor):
        g = _written_quotient(dy, p, context)
    else:
        g = _without_divisor(dy, p, context)
    if g is None:
        return None
    last = dy.type.ndim - 1
    total = restore_axes(call(Reduction("sum", (last,)), g), (last,), last + 1)
    return call(sub, g, call(mul, p, total))


def _without_divisor(quotient: Any, divisor: Any, context: Context) -> Any:
    """Return g for g / divisor, or None for anything else."""
    if quotient.owner is None or quotient.owner.op not in PRODUCTS:
        return None
    form = Product(quotient, context)
    if form.powers.get(divisor, 0) != -1:
        return None
    form.powers[divisor] = 0
    return context.fit(form.build(context), quotient)


def _written_quotient(dy: Any, p: Any, context: Context) -> Any:
    """Return zeros with g added at an index, for zeros with g / p[index] added there."""
    zeros, quotient, *index = dy.owner.inputs
    op = dy.owner.op
    if op.set_instead_of_inc or context.value_of(zeros) != 0:
        return None
    picked = call(op.reader(), p, *index)
    same = [q for q in _factors(quotient, context) if q.owner is not None and _equal(q, picked)]
    g = _without_divisor(quotient, same[0], context) if same else None
    return None if g is None else call(op, zeros, g, *index)


def _factors(v: Any, context: Context) -> Iterable[Any]:
    return Product(v, context).powers if v.owner is not None and v.owner.op in PRODUCTS else ()


def _equal(one: Any, other: Any) -> bool:
    """Tell whether two results come from the same op on the same inputs."""
    return bool(one.owner.op == other.owner.op and one.owner.inputs == other.owner.inputs)


@algorithm(
    "log_of_picked_softmax", "canonicalize", "stabilize", roots=("log",),
    inputs=(AdvancedSubtensor, AdvancedSubtensor1, Subtensor),
    theano=("local_advanced_indexing_crossentropy_onehot",),
    why="softmax underflows where its logarithm is an ordinary number",
    differs="softmax(x) < 1e-300",
)  # fmt: skip
def log_of_picked_softmax(node: Apply, context: Context) -> Replacement:
    """Replace log(softmax(x)[index]) by logsoftmax(x)[index]."""
    picked: Any = node.inputs[0]
    softmax, *index = picked.owner.inputs
    if softmax.owner is None or type(softmax.owner.op) is not Softmax:
        return None
    logarithm = call(LogSoftmax(), softmax.owner.inputs[0])
    return context.fit(call(picked.owner.op, logarithm, *index), node.outputs[0])


@algorithm(
    "log_sum_exp", "stabilize", roots=("log",), inputs=("sum",), theano=("local_log_sum_exp",),
    why="exponentials of what the largest element is subtracted from do not overflow",
    differs="max(x) > 709.8 or max(x) < -745.1; a sum over no elements raises",
)  # fmt: skip
def log_sum_exp(node: Apply, context: Context) -> Replacement:
    """Replace log(sum(exp(x))) by m + log(sum(exp(x - m))), m the largest finite element."""
    total: Any = node.inputs[0]
    weights: Any = total.owner.inputs[0]
    if weights.owner is None or weights.owner.op is not exp:
        return None
    x: Any = weights.owner.inputs[0]
    op = total.owner.op
    dtypes = {v.type.dtype for v in (x, weights, total, node.outputs[0])}
    if len(dtypes) > 1 or not dtypes <= set(FLOAT) or _is_shifted(x, context):
        return None
    axes = op.axes(x.type.ndim)
    if not _is_nonempty(x, axes):
        return None
    largest = call(Reduction("max", op.axis), x)
    zero = literal(0, largest.type.dtype, largest.type.ndim)
    shift = call(switch, call(isinf, largest), zero, largest)
    shifted = call(exp, call(sub, x, restore_axes(shift, axes, x.type.ndim)))
    return call(add, shift, call(log, call(op, shifted)))


def _is_nonempty(x: Any, axes: tuple[int, ...]) -> bool:
    """Tell whether the largest element exists; a sum over no elements is 0, its logarithm -inf."""
    return all(x.type.shape[axis] != 0 for axis in axes)


def _is_shifted(x: Any, context: Context) -> bool:
    """Tell whether an extreme is subtracted from `x` already."""
    if x.owner is None or x.owner.op not in (sub, add):
        return False
    for v, count in Sum(x, context).counts.items():
        source = v
        while source.owner is not None and type(source.owner.op) is DimShuffle:
            source = source.owner.inputs[0]
        if count < 0 and source.owner is not None and _is_extreme(source.owner):
            return True
    return False


def _is_extreme(node: Apply) -> bool:
    """Tell whether a node is a maximum over axes, or a choice that may yield one."""
    if node.op is switch:
        return any(v.owner is not None and type(v.owner.op) is Reduction for v in node.inputs)
    return type(node.op) is Reduction and node.op.name == "max"
